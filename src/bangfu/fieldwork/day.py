"""What fieldwork puts into somebody's day: what is stuck, what contradicts the register, and which visits of one's own have to be signed soon."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork.facts import MODES
from bangfu.fieldwork.models import Conflict, Submission, Visit
from bangfu.fieldwork.models.inbox import STUCK
from bangfu.fieldwork.modes import ModesOfDays, sign_by
from bangfu.fieldwork.shown import fact_title
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day

SHOWN, LATE = 8, 3  # days after which what came in should be settled
SOON = 7  # days before the last day of a signature
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


@my_day.provider("signatures", order=26)
def signatures_of_the_day(actor: Actor) -> list[DaySection]:
    """Visits of one's own that nobody has signed and whose time runs out, or has."""
    if not actor.may("form.fill") or not actor.scope or actor.user_id is None:
        return []
    today, modes = clock.today(), ModesOfDays()
    rows = Visit.objects.visible_to(actor).filter(user=actor.user_id, signed="", away=False).select_related("household")
    dues = [(due, v) for v in rows.order_by("day", "pk") if (due := sign_by(v, modes.of(v))) is not None]
    due_soon = sorted(((d, v) for d, v in dues if d <= today + timedelta(SOON)), key=lambda one: (one[0], one[1].pk))
    if not due_soon:
        return []
    items = [
        DayItem(
            Text(f"{v.household.number} · {v.day}", f"{v.household.number} · {v.day}"), reverse("fieldwork:visit", kwargs={"visit": v.pk}), _place(v.path),
            due=due, late=max(0, (today - due).days), why=Text("走访还没有签字（{mode}）", "the visit is not signed yet ({mode})").format(mode=MODES.get(v.mode, v.mode)),
            do=Text("补签", "Have it signed"),
        )
        for due, v in due_soon[:SHOWN]
    ]  # fmt: skip
    late = sum(due < today for due, _ in due_soon)
    url = f"{reverse('fieldwork:visits')}?view=unsigned"
    return [DaySection("signatures", Text("快到期限的补签", "Visits to be signed soon"), items, len(due_soon), url, late=late)]


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
