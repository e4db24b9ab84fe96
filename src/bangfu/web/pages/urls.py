"""Addresses of the first page and of the county table."""

from django.urls import path

from bangfu.web.pages import views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("areas/<area:path>/", views.county, name="county"),
]
