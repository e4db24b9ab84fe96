"""Addresses of fieldwork: its place in the rail, the inbox, forms and their versions; reports, on the side of those who report and of those who deal with them."""

from django.urls import path

from bangfu.fieldwork.pages import (
    contradictions,
    devices,
    forms,
    hotline,
    inbox,
    reporting,
    reports,
    sign,
    taking,
    versions,
    visit,
    visits,
    writing,
)
from bangfu.fieldwork.pages.tabs import first

app_name = "fieldwork"
urlpatterns = [
    path("fieldwork/", first, name="fieldwork"),
    path("fieldwork/submissions/", inbox.submissions, name="submissions"),
    path("fieldwork/submissions/<int:submission>/", inbox.submission, name="submission"),
    path("fieldwork/submissions/<int:submission>/files/<int:attachment>/", inbox.file, name="file"),
    path("fieldwork/forms/<int:form>/data/", inbox.data, name="data"),
    path("fieldwork/contradictions/", contradictions.contradictions, name="contradictions"),
    path("fieldwork/visits/", visits.visits, name="visits"),
    path("fieldwork/visits/<int:visit>/", visit.visit, name="visit"),
    path("fieldwork/visits/<int:visit>/signature/", visit.signature, name="signature"),
    path("areas/<area:path>/visits/away/export/", visits.away_export, name="away-export"),
    path("sign/done/", sign.signed, name="signed"),
    path("sign/<slug:key>/", sign.sign, name="sign"),
    path("fieldwork/devices/", devices.devices, name="devices"),
    path("fieldwork/forms/", forms.forms, name="forms"),
    path("fieldwork/forms/facts/", writing.facts, name="facts"),
    path("fieldwork/forms/shipped/<slug:shipped>/", taking.shipped_workbook, name="shipped"),
    path("fieldwork/forms/<int:form>/", versions.form, name="form"),
    path("fieldwork/versions/<int:version>/", versions.version, name="version"),
    path("fieldwork/versions/<int:version>/differences/", versions.differences, name="differences"),
    path("fieldwork/versions/<int:version>/xform/", taking.xform, name="xform"),
    path("fieldwork/versions/<int:version>/workbook/", taking.workbook, name="workbook"),
    path("report/", reporting.choose, name="report_public"),
    path("report/thanks/", reporting.thanks, name="report_thanks"),
    path("report/where/", reporting.where, name="report_where"),
    path("report/<slug:village>/", reporting.report, name="report_village"),
    path("fieldwork/reports/", reports.my_reports, name="report_mine"),
    path("fieldwork/reports/log/", hotline.log, name="report_log"),
    path("areas/<area:path>/reports/", reports.reports, name="report_list"),
    path("areas/<area:path>/reports/posters/", reports.posters, name="report_posters"),
    path("fieldwork/reports/<slug:report>/", reports.report, name="report_one"),
    path("fieldwork/reports/<slug:report>/phone/", reports.phone, name="report_phone"),
    path("fieldwork/reports/<slug:report>/files/<slug:file>/", reports.file, name="report_opened"),
]
