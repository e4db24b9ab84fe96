"""Addresses of command: my day, the chain, orders, appointments, field visits, pairing and its plans, the calendar."""

from django.urls import path

from bangfu.command.pages import (
    appointments,
    calendar,
    campaigns,
    chain,
    day,
    deployment,
    helpers,
    household,
    order,
    orders,
    pairing,
    plan,
    roster,
    visits,
)

app_name = "command"
urlpatterns = [
    path("today/", day.today, name="today"),
    path("areas/<area:path>/calendar/", calendar.calendar, name="calendar"),
    path("chain/", chain.my_chain, name="my-chain"),
    path("areas/<area:path>/chain/", chain.chain, name="chain"),
    path("areas/<area:path>/campaigns/", campaigns.campaigns, name="campaigns"),
    path("areas/<area:path>/campaigns/do/", campaigns.do, name="campaigns-do"),
    path("areas/<area:path>/orders/", orders.orders, name="orders"),
    path("areas/<area:path>/orders/new/", orders.new, name="order-new"),
    path("orders/<int:order>/", order.order, name="order"),
    path("orders/<int:order>/do/", order.do, name="order-do"),
    path("orders/<int:order>/answer/", order.answer_report, name="order-answer"),
    path("areas/<area:path>/appointments/", appointments.appointments, name="appointments"),
    path("areas/<area:path>/appointments/do/", appointments.do, name="appointments-do"),
    path("areas/<area:path>/deployment/", deployment.deployment, name="deployment"),
    path("areas/<area:path>/deployment/do/", deployment.do, name="deployment-do"),
    path("areas/<area:path>/roster/", roster.roster, name="roster"),
    path("areas/<area:path>/roster/do/", roster.do, name="roster-do"),
    path("areas/<area:path>/field-visits/", visits.visits, name="field-visits"),
    path("areas/<area:path>/field-visits/do/", visits.do, name="field-visits-do"),
    path("areas/<area:path>/pairing/", pairing.pairing, name="pairing"),
    path("areas/<area:path>/helpers/", helpers.helpers, name="helpers"),
    path("helpers/<int:helper>/", helpers.helper, name="helper"),
    path("households/<path:number>/helper/", household.household, name="household-helper"),
    path("pairing/plans/<int:plan>/", plan.plan, name="plan"),
]
