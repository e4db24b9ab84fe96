"""Addresses of screening: the policy packs and what the county enters for them, what evidence is missing, why a verdict fell as it did."""

from django.urls import path

from bangfu.screening.pages import entering, missing, packs, why

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
    path("verdicts/<slug:guarantee>/<path:number>/", why.why, name="why"),
]
