"""Addresses of the first page, of the county table, and of what phones meet before any log-in."""

from django.urls import path

from bangfu.web.pages import phones, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("areas/<area:path>/", views.county, name="county"),
    path("phone/", phones.phone, name="phone"),
    path("phone/bangfu.crt", phones.certificate, name="certificate"),
    path("phone/bangfu.mobileconfig", phones.profile, name="profile"),
    path("phone/collect.apk", phones.collect, name="collect"),
    path("phone/stay/", phones.stay, name="stay"),
]
