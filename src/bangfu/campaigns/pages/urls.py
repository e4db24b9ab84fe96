"""Addresses of campaigns of visits."""

from django.urls import path

from bangfu.campaigns.pages import campaign, left, places, teams

app_name = "campaigns"
urlpatterns = [
    path("fieldwork/campaigns/", places.campaigns, name="campaigns"),
    path("areas/<area:path>/great-visits/<slug:campaign>/", campaign.campaign, name="campaign"),
    path("areas/<area:path>/great-visits/<slug:campaign>/left/", left.left, name="left"),
    path("areas/<area:path>/great-visits/<slug:campaign>/left/export/", left.export, name="left-export"),
    path("areas/<area:path>/great-visits/<slug:campaign>/teams/", teams.teams, name="teams"),
    path("areas/<area:path>/great-visits/<slug:campaign>/teams/<int:team>/", teams.team, name="team"),
]
