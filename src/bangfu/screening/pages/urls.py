"""Addresses of screening: what evidence is missing, why a verdict fell as it did, how something found was reached."""

from django.urls import path

from bangfu.screening.pages import missing, reached, why

app_name = "screening"
urlpatterns = [
    path("areas/<area:path>/missing/", missing.missing, name="missing"),
    path("missing/", missing.my_missing, name="my-missing"),
    path("found/<slug:sort>/<slug:name>/<path:number>/", reached.found, name="found"),
    path("verdicts/<slug:guarantee>/<path:number>/", why.why, name="why"),
]
