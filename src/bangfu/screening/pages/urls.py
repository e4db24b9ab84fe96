"""Addresses of the policy packs: what they say, and what the county enters for them."""

from django.urls import path

from bangfu.screening.pages import entering, packs

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
]
