"""Addresses of cases."""

from django.urls import path

from bangfu.cases.pages import board, case, opening

app_name = "cases"
urlpatterns = [
    path("cases/", board.my_cases, name="my-cases"),
    path("areas/<area:path>/cases/", board.cases, name="cases"),
    path("areas/<area:path>/cases/new/", opening.new, name="new"),
    path("areas/<area:path>/cases/export/", board.export, name="export"),
    path("cases/<slug:case>/", case.case, name="case"),
    path("cases/<slug:case>/files/<slug:file>/", case.file, name="file"),
]
