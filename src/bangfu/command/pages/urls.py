"""Addresses of command: my day, the chain, orders, appointments, field visits, pairing and its plans, the calendar."""

from django.urls import path

from bangfu.command.pages import day

app_name = "command"
urlpatterns = [
    path("today/", day.today, name="today"),
]
