"""What reports add to other pages: on a household's page the reports that were matched to it."""

from __future__ import annotations

from django.template.loader import render_to_string

from bangfu.fieldwork.models import Report
from bangfu.fieldwork.models.reports import CHANNELS
from bangfu.fieldwork.pages.links import report_url
from bangfu.fieldwork.pages.reports import SHAPES
from bangfu.foundation.acting import reading_as
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Panel, record_panels

SHOWN = 6


@record_panels.provider("reports", order=14)
def reports_of(actor: Actor, household: int) -> list[Panel]:
    """The household's reports, the last first; nothing where there is none."""
    if not actor.may("case.read"):
        return []
    with reading_as(actor):
        rows = list(Report.objects.visible_to(actor).filter(household=household).order_by("-day", "-pk")[:SHOWN])
    if not rows:
        return []
    lines = [{"url": report_url(r.receipt), "receipt": r.receipt, "day": r.day, "channel": CHANNELS[r.channel], "state": r.state_title, "shape": SHAPES[r.state]} for r in rows]  # fmt: skip
    return [
        Panel("reports", Text("申报和来电", "Reports"), render_to_string("fieldwork/parts/report_panel.html", {"lines": lines}))
    ]
