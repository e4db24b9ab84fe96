"""Addresses of cases: the list, a case, decisions, meetings, notices, and what is printed."""

from django.urls import path

from bangfu.cases.pages import board, case, decisions, files, forecast, kinship, meetings, notices, opening, pile, printing

app_name = "cases"
urlpatterns = [
    path("cases/", board.my_cases, name="my-cases"),
    path("areas/<area:path>/cases/", board.cases, name="cases"),
    path("areas/<area:path>/cases/new/", opening.new, name="new"),
    path("areas/<area:path>/cases/export/", board.export, name="export"),
    path("cases/<slug:case>/", case.case, name="case"),
    path("cases/<slug:case>/files/<slug:file>/", case.file, name="file"),
    path("cases/<slug:case>/print/", printing.case, name="case-print"),
    path("areas/<area:path>/papers/", pile.pile, name="papers"),
    path("areas/<area:path>/forecast/", forecast.forecast, name="forecast"),
    path("decisions/", decisions.my_decisions, name="my-decisions"),
    path("areas/<area:path>/decisions/", decisions.decisions, name="decisions"),
    path("areas/<area:path>/decisions/new/", decisions.new, name="decision-new"),
    path("decisions/<slug:decision>/", decisions.decision, name="decision"),
    path("decisions/<slug:decision>/papers/<slug:file>/", decisions.paper, name="paper"),
    path("decisions/<slug:decision>/print/", printing.decision, name="decision-print"),
    path("areas/<area:path>/meetings/", meetings.meetings, name="meetings"),
    path("meetings/<slug:meeting>/", meetings.meeting, name="meeting"),
    path("meetings/<slug:meeting>/minutes/", meetings.minutes, name="minutes"),
    path("meetings/<slug:meeting>/print/", printing.meeting, name="meeting-print"),
    path("areas/<area:path>/kinship/", kinship.kinship, name="kinship"),
    path("areas/<area:path>/kinship/template/", kinship.template, name="kinship-template"),
    path("areas/<area:path>/notices/", notices.notices, name="notices"),
    path("notices/<slug:notice>/", notices.notice, name="notice"),
    path("notices/<slug:notice>/photos/<slug:file>/", notices.photo, name="notice-photo"),
    path("notices/<slug:notice>/print/", printing.notice, name="notice-print"),
    path("areas/<area:path>/households/files/", files.household_files, name="household-files"),
    path("household-files/<uuid:key>/", files.files_print, name="files-print"),
    path("household-files/<uuid:key>/pdf/", files.files_pdf, name="files-pdf"),
    path("households/<path:number>/file/", printing.household, name="household-file"),
]
