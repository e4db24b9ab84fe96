"""What fieldwork puts into somebody's day: what is stuck and what contradicts the register."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork.models import Conflict, Submission
from bangfu.fieldwork.models.inbox import STUCK
from bangfu.fieldwork.shown import fact_title
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day

SHOWN, LATE = 8, 3  # days after which what came in should be settled
Rows = QuerySet[Any, Any]


@my_day.provider("fieldwork", order=25)
def inbox_of_the_day(actor: Actor) -> list[DaySection]:
    """Submissions that are stuck and values that contradict each other, the oldest first."""
    if not actor.may("submission.settle") or not actor.scope:
        return []
    today = clock.today()
    stuck = Submission.objects.visible_to(actor).filter(state=STUCK).order_by("id")
    open_ = Conflict.objects.visible_to(actor).filter(chosen="").select_related("household").order_by("id")
    sections = []
    if count := stuck.count():
        items = [
            DayItem(
                Text(f"提交 {s.form}", f"submission {s.form}"), reverse("fieldwork:submission", kwargs={"submission": s.pk}), _place(s.path),
                late=_late(s.received_at.astimezone(clock.zone()).date(), today), why=_why(s), do=Text("处理", "Settle"),
            )
            for s in stuck[:SHOWN]
        ]  # fmt: skip
        sections.append(
            _section(
                "stuck", Text("没能入登记的提交", "Submissions that are stuck"), items, count, stuck, "received_at", "submissions"
            )
        )
    if count := open_.count():
        url = reverse("fieldwork:contradictions")
        items = [
            DayItem(
                Text(f"{c.household.number} · {fact_title(c.fact).zh}", f"{c.household.number} · {fact_title(c.fact).en}"), url, _place(c.path),
                late=_late(c.day, today), why=Text("提交与登记不一致", "submission and register contradict each other"), do=Text("裁定", "Choose"),
            )
            for c in open_[:SHOWN]
        ]  # fmt: skip
        sections.append(
            _section(
                "contradictions",
                Text("待裁定的不一致", "Contradictions to be settled"),
                items,
                count,
                open_,
                "day",
                "contradictions",
            )
        )
    return sections


def _section(key: str, title: Text, items: list[DayItem], count: int, rows: Rows, since: str, page: str) -> DaySection:
    before = clock.today().toordinal() - LATE
    limit = clock.moment(type(clock.today()).fromordinal(before))
    late = rows.filter(**{f"{since}__lt": limit if since == "received_at" else limit.date()}).count()
    return DaySection(key, title, items, count, reverse(f"fieldwork:{page}"), late=late)


def _late(since: date, today: date) -> int:
    return max(0, (today - since).days - LATE)


def _place(path: str) -> Text:
    line = areas().line(path)
    return Text(line[-1].name, str(name_of(line[-1]))) if line else Text("", "")


def _why(row: Submission) -> Text:
    told = row.problem or {}
    return Text(f"{told.get('number', '')} {told.get('zh', '')}", f"{told.get('number', '')} {told.get('en', '')}")
