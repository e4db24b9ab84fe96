"""Addresses of the kit: the living page of components, and pages filled with invented samples."""

from django.urls import path

from bangfu.kit.pages import views

urlpatterns = [
    path("kit/", views.components, name="kit"),
    path("kit/preview/<slug:page>/", views.preview, name="kit-preview"),
    path("kit/preview/geo/<slug:name>.json", views.geo, name="kit-preview-geo"),
]
