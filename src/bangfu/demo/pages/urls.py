"""Addresses of the tour."""

from django.urls import path

from bangfu.demo.pages import views

app_name = "demo"
urlpatterns = [
    path("tour/", views.tour, name="tour"),
    path("tour/<slug:story>/", views.story, name="story"),
]
