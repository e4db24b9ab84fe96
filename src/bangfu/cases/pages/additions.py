"""What cases add to other pages: the panel and the button of a household's page, and a filter of the list of households."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse

from bangfu.areas.remembered import areas
from bangfu.cases.models import Case, Decision
from bangfu.cases.models.cases import CLOSED, PENDING, RESULTS, RUNNING, STATES, SUPPORTED
from bangfu.cases.models.decisions import DECISION_STATES
from bangfu.cases.pages.decisions import DECISION_SHAPES
from bangfu.cases.pages.links import case_url, decision_url, new_url
from bangfu.cases.policy import kinds_on
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.cases.shown import SHAPES, gaps, owners_of
from bangfu.foundation import clock
from bangfu.foundation.acting import reading_as
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Addition, Panel, list_additions, record_actions, record_panels
from bangfu.kit.listing import Choice, Option
from bangfu.register.models import Household

CLOSED_SHOWN = 5
DECISIONS_SHOWN = 8
FILTERS = {
    "pending": Text("有在办事项", "has cases under way"),
    "late": Text("有逾期事项", "has overdue cases"),
    "supported": Text("长期帮扶", "on long-term support"),
    "closed": Text("有已销号事项", "has closed cases"),
    "none": Text("没有在办事项", "has none under way"),
}


@record_panels.provider("cases", order=10)
def cases_of(actor: Actor, household: int) -> list[Panel]:
    """The household's cases: those that stand, then the last that were closed."""
    if not actor.may("case.read"):
        return []
    today = clock.today()
    with reading_as(actor):
        rows = list(Case.objects.visible_to(actor).filter(household=household).select_related("household").order_by("-pk"))
        if not rows:
            return []
        standing = sorted((c for c in rows if c.state != CLOSED), key=lambda c: c.due)
        shown = [*standing, *[c for c in rows if c.state == CLOSED][:CLOSED_SHOWN]]
        kinds = kinds_on()
        said, owner = gaps(actor, kinds, shown), owners_of(shown, today)
    lines = [
        {
            "case": c, "url": case_url(c.number), "kind": kinds.title(c.kind), "gap": said[c.pk], "owner": owner[c.pk].title,
            "shape": SHAPES[c.state], "state": STATES[c.state], "due": c.due_on(today), "late": c.late(today), "result": RESULTS.get(c.result, ""),
        }
        for c in shown
    ]  # fmt: skip
    html = render_to_string("cases/parts/panel.html", {"lines": lines, "today": today})
    return [Panel("cases", Text("事项", "Cases"), html)]


@record_panels.provider("decisions", order=12)
def decisions_of(actor: Actor, household: int) -> list[Panel]:
    """The household's decisions, the last begun first: how far each is, or how it ended."""
    if not actor.may("case.read"):
        return []
    with reading_as(actor):
        rows = list(Decision.objects.visible_to(actor).filter(household=household).order_by("-pk")[:DECISIONS_SHOWN])
    if not rows:
        return []
    today = clock.today()
    lines = [
        {
            "d": d, "url": decision_url(d.number), "kind": procedures_on(d.opened_on).title(d.kind), "state": DECISION_STATES[d.state],
            "shape": DECISION_SHAPES[d.state], "step": step_title(d, d.present) if d.present else None,
            "late": max(0, (today - d.step_due).days) if d.step_due else 0,
        }
        for d in rows
    ]  # fmt: skip
    html = render_to_string("cases/parts/decisions_panel.html", {"lines": lines})
    return [Panel("decisions", Text("认定程序", "Decisions"), html)]


@record_actions.provider("decisions", order=26)
def begin_one(actor: Actor, number: str) -> list[tuple[Text, str, bool]]:
    """The form that begins a decision about the household."""
    if not actor.may("decision.begin"):
        return []
    url = reverse("cases:decision-new", kwargs={"path": actor.scope}) + f"?household={number}"
    return [(Text("启动程序", "Begin a decision"), url, False)]


@record_actions.provider("cases", order=25)
def open_one(actor: Actor, number: str) -> list[tuple[Text, str, bool]]:
    """The form that opens a case of the household."""
    if not actor.may("case.open"):
        return []
    home = Household.objects.visible_to(actor).farming().filter(number=number).only("path").first()
    place = areas().line(home.path)[-1].path if home is not None and areas().line(home.path) else actor.scope
    return [(Text("提出事项", "Open a case"), new_url(place, number), False)]


@record_actions.provider("cases-file", order=60)
def print_file(actor: Actor, number: str) -> list[tuple[Text, str, bool]]:
    """The household's file on paper."""
    if not actor.may("case.read"):
        return []
    return [(Text("打印户档", "Print the file"), reverse("cases:household-file", kwargs={"number": number}), False)]


def _with_cases(rows: object, value: str) -> object:
    mine = Case.objects.filter(household=OuterRef("pk"))
    match value:
        case "late":
            return rows.filter(Exists(mine.filter(state__in=RUNNING, due__lt=clock.today())))  # type: ignore[attr-defined]
        case "supported":
            return rows.filter(Exists(mine.filter(state=SUPPORTED)))  # type: ignore[attr-defined]
        case "closed":
            return rows.filter(Exists(mine.filter(state=CLOSED)))  # type: ignore[attr-defined]
        case "none":
            return rows.exclude(Exists(mine.filter(state__in=PENDING)))  # type: ignore[attr-defined]
    return rows.filter(Exists(mine.filter(state__in=PENDING)))  # type: ignore[attr-defined]


@list_additions.provider("cases", order=35)
def filtered(name: str) -> Addition | None:
    """A filter of households by their cases."""
    if name != "households":
        return None
    choice = Choice("cases", Text("事项", "Cases"), _with_cases, [Option(k, t) for k, t in FILTERS.items()])  # type: ignore[arg-type]
    return Addition(columns=[], filters=[choice], load=lambda actor, rows: None)
