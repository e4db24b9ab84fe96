"""What command adds to a household's page: the line of those who answer, and the panel of its helper."""

from __future__ import annotations

from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse

from bangfu.command.answering import chain_line, who_answers
from bangfu.command.gathering import TARGET_KINDS
from bangfu.foundation import clock
from bangfu.foundation.acting import reading_as
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Line, record_actions, record_lines
from bangfu.register.models import Kind


@record_lines.provider("command", order=20)
def answering(actor: Actor, household: int, path: str, day: date) -> list[Line]:
    """Who answers for the household on the day, up the chain."""
    if not actor.may("command.read"):
        return []
    with reading_as(actor):
        answers = who_answers(household, path, day)
    if not answers:
        return []  # a county that has no chain says nothing about it
    steps = chain_line(answers)
    helped = any(a.step == "helper" for a in steps)
    # Ordinary households need no helper: of them the chain begins with the post.
    lacking = not helped and Kind.objects.on(day).filter(household=household, kind__in=TARGET_KINDS).exists()
    context = {"steps": steps, "lacking": lacking, "past": day < clock.today()}
    return [Line(Text("责任链", "Who answers"), render_to_string("command/parts/answering.html", context))]


@record_actions.provider("command", order=30)
def helper_page(actor: Actor, number: str) -> list[tuple[Text, str, bool]]:
    """The page of the household's helper: history, confirmation, a request for change, handing over."""
    if not actor.may("command.read"):
        return []
    return [(Text("帮扶责任人", "Helper"), reverse("command:household-helper", kwargs={"number": number}), False)]
