"""Addresses of messages: one's own, texts for groups, channels, receipts, and where a gateway reports."""

from django.urls import path

from bangfu.messages.pages import channels, group, inbox, receipts, report

app_name = "messages"
urlpatterns = [
    path("messages/", inbox.inbox, name="inbox"),
    path("messages/read/", inbox.read_all, name="read-all"),
    path("messages/settings/", inbox.settings, name="settings"),
    path("messages/<int:receipt>/", inbox.message, name="message"),
    path("messages/group/", group.my_group, name="my-group"),
    path("areas/<area:path>/messages/", group.group, name="group"),
    path("areas/<area:path>/messages/copied/", group.copied, name="copied"),
    path("areas/<area:path>/messages/picture.png", group.picture, name="picture"),
    path("messages/channels/", channels.channels, name="channels"),
    path("messages/channels/do/", channels.do, name="channels-do"),
    path("messages/receipts/", receipts.receipts, name="receipts"),
    path("messages/report/<str:secret>/", report.report, name="report"),
]
