"""What waits for a meeting, as the agendas of single meetings: matters of one place and one step, with the sort of meeting that deals with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.cases.actions.deciding import levels_of, require_level
from bangfu.cases.actions.voting import counting_votes
from bangfu.cases.models import Case, CaseEvent, Decision, Item
from bangfu.cases.models.cases import COUNTY, OPEN, TOWNSHIP, VILLAGE
from bangfu.cases.models.meetings import MEETING_KINDS, PLANNED
from bangfu.cases.problems import BAD_ROW, NOT_AT_LEVEL
from bangfu.cases.procedures import step_title, today_procedures
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text, listed

APPRAISAL, TRIAGE, REVIEW = "appraisal", "triage", "review"
ITEMS, KIND = Text("议题", "items"), Text("类别", "kind")
ONE_AGENDA = Text(
    "一次会议只议同一地方、同一步骤的事；“{a}”和“{b}”须分别开会",
    "a meeting deals with one place and one step: “{a}” and “{b}” meet apart",
)
OF_KIND = Text("“{step}”须由{kinds}来议", "“{step}” is dealt with by: {kinds}")
CLUES = Text("线索研判", "triage of clues")


@dataclass(slots=True)
class Agenda:
    """Matters for one meeting: the place that holds it, the step of its decisions (blank: clues to be triaged), who holds it, what waits."""

    place: str
    step: str
    by: str
    title: Text
    decisions: list[Decision] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The sorts of meeting that deal with it, the usual one first."""
        return kinds_of(self.step, self.by)


def kinds_of(step: str, by: str) -> tuple[str, ...]:
    """The sorts of meeting for a step of decisions that a level does; for clues, where there is no step."""
    if not step:
        return (TRIAGE,)
    return (APPRAISAL,) if by == VILLAGE else (APPRAISAL, REVIEW)


def due_for(actor: Actor, path: str) -> list[Decision]:
    """The decisions of a place that wait for a meeting, the longest first: an agenda made from what is due. One that was voted on at its step does
    not: passed, it goes on; voted down, it is sent back or refused."""
    planned = Item.objects.filter(meeting__state=PLANNED, decision__isnull=False).values("decision")
    rows = Decision.objects.visible_to(actor).under(path).at("act", ("meeting",)).exclude(pk__in=planned)
    waiting = list(rows.select_related("household").order_by("step_due", "pk"))
    voted = counting_votes(waiting)
    return [d for d in waiting if d.pk not in voted]


def clues_for(actor: Actor, path: str) -> list[Case]:
    """The clues of a place that wait for triage, those with the nearest deadline first: open cases whose kind is also one of a decision, none of which runs
    about the household, and on which no meeting has voted since they were opened."""
    known = today_procedures().known
    planned = Item.objects.filter(meeting__state=PLANNED, case__isnull=False).values("case")
    rows = Case.objects.visible_to(actor).under(path).filter(state=OPEN, kind__in=list(known)).exclude(pk__in=planned)
    begun = Decision.objects.running().filter(household=OuterRef("household"), kind=OuterRef("kind"))
    again = CaseEvent.objects.filter(case=OuterRef("case"), kind="reopened", recorded_at__gte=OuterRef("recorded_from"))
    voted = Item.objects.filter(case=OuterRef("pk"), passed__isnull=False).exclude(Exists(again))
    waiting = rows.exclude(Exists(begun)).exclude(Exists(voted))
    return list(waiting.select_related("household").order_by("due", "pk"))


def agendas(decisions: Iterable[Decision], cases: Iterable[Case]) -> list[Agenda]:
    """Matters by the meetings that deal with them, in the order in which they come."""
    found: dict[tuple[str, str], Agenda] = {}
    for d in decisions:
        step = d.present or {}
        by = level_of(str(step.get("by", "")))
        place, name = place_of(d.path, by), str(step.get("step", ""))
        found.setdefault((place, name), Agenda(place, name, by, step_title(d, d.present))).decisions.append(d)
    for c in cases:
        place = place_of(c.path, VILLAGE)
        found.setdefault((place, ""), Agenda(place, "", VILLAGE, CLUES)).cases.append(c)
    return list(found.values())


def holds(actor: Actor, agenda: Agenda) -> bool:
    """Whether a meeting of it is the actor's to hold: of their level, at their place."""
    stands = actor.stands or actor.scope
    return actor.is_system or (agenda.by in levels_of(actor) and agenda.place == stands)


def level_of(by: str) -> str:
    """The level of meetings about what a level does: what households and helpers hand in, the village talks about."""
    return by if by in (TOWNSHIP, COUNTY) else VILLAGE


def place_of(path: str, level: str) -> str:
    """The area of a level in which a path lies; the path itself where there is none."""
    plays = profile_of(path).plays
    wanted = {VILLAGE: plays.village, TOWNSHIP: plays.township, COUNTY: plays.county}[level]
    return next((a.path for a in areas().line(path) if a.level == wanted), path)


def require_one(actor: Actor, kind: str, decisions: Sequence[Decision], cases: Sequence[Case]) -> Agenda:
    """The agenda of a meeting of a kind: one place, one step, and the actor's to hold.

    Raises BF-2402 for matters that do not meet together and for a kind that does not deal with them, BF-2434 for one of another level or place.
    """
    found = agendas(decisions, cases)
    if len(found) > 1:
        one, other = (Text("{p} {t}", "{p} {t}").format(p=place_name(a.place), t=a.title) for a in found[:2])
        raise BAD_ROW(column=ITEMS, value=len(decisions) + len(cases), wanted=ONE_AGENDA.format(a=one, b=other))
    (agenda,) = found
    if not holds(actor, agenda):
        if agenda.decisions:
            require_level(actor, agenda.decisions[0], agenda.decisions[0].present or {})
        raise NOT_AT_LEVEL(step=agenda.title, level=place_name(agenda.place), place=place_name(actor.stands or actor.scope))
    if kind not in agenda.kinds:
        wanted = OF_KIND.format(step=agenda.title, kinds=listed(MEETING_KINDS[k] for k in agenda.kinds))
        raise BAD_ROW(column=KIND, value=MEETING_KINDS[kind], wanted=wanted)
    return agenda


def place_name(path: str) -> Text:
    """The name of the area of a path."""
    line = areas().line(path)
    return Text(line[-1].name, line[-1].name_en or line[-1].name) if line else Text(path, path)
