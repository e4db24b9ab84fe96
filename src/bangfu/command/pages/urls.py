"""Addresses of command: my day, the chain, orders, appointments, field visits, pairing and its plans, the calendar."""

from django.urls import path

from bangfu.command.pages import day, helpers, household, pairing, plan

app_name = "command"
urlpatterns = [
    path("today/", day.today, name="today"),
    path("areas/<area:path>/pairing/", pairing.pairing, name="pairing"),
    path("areas/<area:path>/helpers/", helpers.helpers, name="helpers"),
    path("helpers/<int:helper>/", helpers.helper, name="helper"),
    path("households/<path:number>/helper/", household.household, name="household-helper"),
    path("pairing/plans/<int:plan>/", plan.plan, name="plan"),
]
