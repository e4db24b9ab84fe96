"""Addresses of the register."""

from django.urls import path

from bangfu.register.pages import views

app_name = "register"
urlpatterns = [
    path("areas/<area:path>/households/", views.households, name="households"),
    path("households/", views.my_households, name="my-households"),
    path("households/<path:number>/", views.household, name="household"),
]
