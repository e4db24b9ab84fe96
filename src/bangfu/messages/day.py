"""What waits to be read, at the end of everybody's day."""

from __future__ import annotations

from django.urls import reverse

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day
from bangfu.messages.kinds import kind_title
from bangfu.messages.models import Receipt

SHOWN = 5  # the inbox has all


@my_day.provider("messages", order=90)
def of_messages(actor: Actor) -> list[DaySection]:
    """One's unread messages, those with the nearest deadline first."""
    today = clock.today()
    unread = Receipt.objects.of(actor.user_id).inbox().unread()
    rows = list(unread.select_related("message").order_by("message__deadline", "-pk")[:SHOWN])
    places = areas().by_path(r.path for r in rows)
    read = Text("阅读", "Read")
    items = [
        DayItem(
            r.message.said[0],
            reverse("messages:message", kwargs={"receipt": r.pk}),
            name_of(places[r.path]) if r.path in places else "",
            r.message.deadline,
            max(0, (today - r.message.deadline).days) if r.message.deadline else 0,
            kind_title(r.message.kind),
            read,
        )
        for r in rows
    ]
    title = Text("未读消息", "Unread messages")
    return [DaySection("unread", title, items, unread.count() if rows else 0, reverse("messages:inbox") + "?state=unread")]
