"""What reports put into somebody's day: how many wait for the village post and the posts above it, which are late."""

from __future__ import annotations

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork.models import Report
from bangfu.fieldwork.models.reports import CHANNELS
from bangfu.fieldwork.pages.links import report_url, reports_url
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day

SHOWN = 8


@my_day.provider("reports", order=14)
def reports_of_the_day(actor: Actor) -> list[DaySection]:
    """The reports that wait in the actor's area, the longest first; for those who deal with them, not for whoever sees the households of a duty."""
    if not actor.may("case.open") or actor.duty is not None or not actor.scope:
        return []
    today = clock.today()
    waiting = Report.objects.visible_to(actor).waiting()
    count = waiting.count()
    if not count:
        return []
    items = [
        DayItem(
            Text("{c} · {r}", "{c} · {r}").format(c=CHANNELS[r.channel], r=r.receipt), report_url(r.receipt),
            " ".join(str(name_of(a)) for a in areas().line(r.path)[-2:]), r.answer_by, r.late(today), r.state_title, Text("核对", "Look into it"),
        )
        for r in waiting.order_by("answer_by", "pk")[:SHOWN]
    ]  # fmt: skip
    late = Report.objects.visible_to(actor).late(today).count()
    return [
        DaySection(
            "reports",
            Text("自主申报和热线待核对", "Reports to look into"),
            items,
            count,
            reports_url(actor.scope) + "?view=waiting",
            late=late,
        )
    ]
