"""Addresses of screening: policy packs and what the county enters for them, missing evidence, reasons, findings, income sheets, norms."""

from django.urls import path

from bangfu.screening.pages import entering, missing, norms, packs, reached, sheets, why

app_name = "screening"
urlpatterns = [
    path("policy/", packs.listed, name="packs"),
    path("policy/entries/<int:entry>/", entering.entry, name="entry"),
    path("policy/entries/<int:entry>/decide/", entering.decide, name="entry-decide"),
    path("policy/entries/<int:entry>/scan/", entering.scan, name="entry-scan"),
    path("policy/<slug:pack>/", packs.pack, name="pack"),
    path("policy/<slug:pack>/parameters/", packs.parameters, name="parameters"),
    path("policy/<slug:pack>/parameters/<slug:parameter>/", packs.parameter, name="parameter"),
    path("policy/<slug:pack>/parameters/<slug:parameter>/enter/", entering.enter, name="enter"),
    path("policy/<slug:pack>/situations/", packs.situations, name="situations"),
    path("policy/<slug:pack>/differences/", packs.differences, name="differences"),
    path("areas/<area:path>/missing/", missing.missing, name="missing"),
    path("missing/", missing.my_missing, name="my-missing"),
    path("found/<slug:sort>/<slug:name>/<path:number>/", reached.found, name="found"),
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
