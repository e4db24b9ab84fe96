"""Addresses of screening: what evidence is missing, why a verdict fell as it did, income sheets and norms."""

from django.urls import path

from bangfu.screening.pages import missing, norms, sheets, why

app_name = "screening"
urlpatterns = [
    path("areas/<area:path>/missing/", missing.missing, name="missing"),
    path("missing/", missing.my_missing, name="my-missing"),
    path("verdicts/<slug:guarantee>/<path:number>/", why.why, name="why"),
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
