"""Addresses of fieldwork: its place in the rail, forms and their versions, how a form of one's own is written."""

from django.urls import path

from bangfu.fieldwork.pages import contradictions, devices, forms, inbox, taking, versions, visits, writing
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
    path("fieldwork/devices/", devices.devices, name="devices"),
    path("fieldwork/forms/", forms.forms, name="forms"),
    path("fieldwork/forms/facts/", writing.facts, name="facts"),
    path("fieldwork/forms/shipped/<slug:shipped>/", taking.shipped_workbook, name="shipped"),
    path("fieldwork/forms/<int:form>/", versions.form, name="form"),
    path("fieldwork/versions/<int:version>/", versions.version, name="version"),
    path("fieldwork/versions/<int:version>/differences/", versions.differences, name="differences"),
    path("fieldwork/versions/<int:version>/xform/", taking.xform, name="xform"),
    path("fieldwork/versions/<int:version>/workbook/", taking.workbook, name="workbook"),
]
