"""What fieldwork adds to a household's page: its visits and submissions."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.urls import reverse

from bangfu.fieldwork.models import Conflict, Submission, Visit
from bangfu.fieldwork.models.inbox import STATES
from bangfu.fieldwork.pages.inbox import SHAPES
from bangfu.fieldwork.pages.visits import lines_of
from bangfu.foundation.acting import reading_as
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Panel, record_panels

SHOWN = 8


@record_panels.provider("fieldwork", order=20)
def visits_of(actor: Actor, household: int) -> list[Panel]:
    """The household's last visits, and what of its submissions has no visit."""
    if not actor.may("household.read"):
        return []
    with reading_as(actor):
        visits = list(
            Visit.objects.visible_to(actor)
            .filter(household=household)
            .select_related("household")
            .order_by("-day", "-pk")[: SHOWN + 1]
        )
        other = Submission.objects.visible_to(actor).filter(household=household, visit=None).order_by("-id")[:SHOWN]
        others = [
            {
                "s": s, "state": STATES[s.state], "shape": SHAPES.get(s.state, "unknown"), "url": reverse("fieldwork:submission", kwargs={"submission": s.pk}),
            }
            for s in (other if actor.may("submission.read") else ())
        ]  # fmt: skip
        open_ = (
            Conflict.objects.visible_to(actor).filter(household=household, chosen="").count()
            if actor.may("submission.read")
            else 0
        )
        if not visits and not others:
            return []
        lines = lines_of(actor, visits[:SHOWN])
    html = render_to_string(
        "fieldwork/parts/panel.html",
        {
            "lines": lines,
            "more": len(visits) > SHOWN,
            "others": others,
            "open": open_,
            "contradictions_url": reverse("fieldwork:contradictions"),
        },
    )
    return [Panel("visits", Text("走访", "Visits"), html)]
