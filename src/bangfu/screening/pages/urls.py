"""Addresses of screening."""

from django.urls import path

from bangfu.screening.pages import norms, sheets

app_name = "screening"
urlpatterns = [
    path("income-sheets/<path:number>/fill/", sheets.fill, name="sheet-fill"),
    path("income-sheets/<path:number>/reckon/", sheets.reckon, name="sheet-reckon"),
    path("income-sheets/<path:number>/paper/", sheets.paper, name="sheet-paper"),
    path("income-sheets/<path:number>/agree/", sheets.agree, name="sheet-agree"),
    path("income-sheets/<path:number>/scan/", sheets.scan, name="sheet-scan"),
    path("income-sheets/<path:number>/", sheets.sheet, name="sheet"),
    path("areas/<area:path>/norms/", norms.norms, name="norms"),
    path("areas/<area:path>/norms/do/", norms.do, name="norms-do"),
    path("areas/<area:path>/norms/template/", norms.template, name="norms-template"),
]
