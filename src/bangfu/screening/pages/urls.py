"""Addresses of screening: what evidence is missing, and why a verdict fell as it did."""

from django.urls import path

from bangfu.screening.pages import missing, why

app_name = "screening"
urlpatterns = [
    path("areas/<area:path>/missing/", missing.missing, name="missing"),
    path("missing/", missing.my_missing, name="my-missing"),
    path("verdicts/<slug:guarantee>/<path:number>/", why.why, name="why"),
]
