"""Addresses of the register."""

from django.urls import path

from bangfu.register.pages import export, personal, views

app_name = "register"
urlpatterns = [
    path("areas/<area:path>/households/", views.households, name="households"),
    path("areas/<area:path>/households/export/", export.households, name="export"),
    path("households/", views.my_households, name="my-households"),
    path("households/by-number/", personal.by_number, name="by-number"),
    path("households/<path:number>/reveal/", personal.show, name="reveal"),
    path("households/<path:number>/", views.household, name="household"),
]
