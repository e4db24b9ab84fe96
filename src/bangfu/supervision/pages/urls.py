"""Addresses of supervision."""

from django.urls import path

from bangfu.supervision.pages import watch

app_name = "supervision"
urlpatterns = [
    path("fieldwork/watch/", watch.watch, name="watch"),
    path("fieldwork/watch/<int:hint>/", watch.hint, name="hint"),
]
