"""Addresses of the register."""

from django.urls import path

from bangfu.register.pages import export, importing, personal, views

app_name = "register"
urlpatterns = [
    path("areas/<area:path>/households/", views.households, name="households"),
    path("areas/<area:path>/households/export/", export.households, name="export"),
    path("register/import/", importing.imports, name="imports"),
    path("register/import/template/", importing.template, name="import-template"),
    path("register/import/<uuid:key>/", importing.handed, name="handed"),
    path("register/import/<uuid:key>/do/", importing.do, name="handed-do"),
    path("register/import/<uuid:key>/refused/", importing.refused, name="handed-refused"),
    path("households/", views.my_households, name="my-households"),
    path("households/by-number/", personal.by_number, name="by-number"),
    path("households/<path:number>/reveal/", personal.show, name="reveal"),
    path("households/<path:number>/", views.household, name="household"),
]
