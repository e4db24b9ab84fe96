"""Cases are opened: by hand, from a visit, a feed, a warning, a self-report, the hotline, a spot check or an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.cases import acts
from bangfu.cases.actions.writing import BATCH, FOLLOWING, already_open, changed, code, one_at_a_time, sealed, text, told
from bangfu.cases.chain import Chain, helped
from bangfu.cases.models import Case
from bangfu.cases.models.cases import SEVERITIES, SOURCES, STATES
from bangfu.cases.policy import Kinds, require_kinds
from bangfu.cases.problems import BAD_ROW, UNKNOWN_HOUSEHOLD
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import Household

BY_HAND = tuple(key for key in SOURCES if key not in ("verdict", "unknown"))
SEVERITY, SOURCE, DUE = Text("严重程度", "severity"), Text("来源", "source"), Text("期限", "deadline")
SUBJECT, REFERENCE, PLACE = Text("事由编号", "subject"), Text("来源编号", "reference"), Text("地点", "place")
NOT_GONE = Text("不能早于今天", "no day that is over")
ONE_OF_BOTH = Text("填户编号，或填一个区划", "give a household, or a place")


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to open: of a household (its number), or of a place (its path). `due` stands in for the deadline that the pack sets."""

    kind: str
    words: str
    household: str = ""
    place: str = ""
    severity: str = "ordinary"
    source: str = "visit"
    reference: str = ""
    subject: str = ""
    due: date | None = None
    row: int | None = None


def open_cases(actor: Actor, rows: NewCase | Sequence[NewCase]) -> list[Case]:
    """Open cases; all of them or none. Each begins with the household's helper, else with the nearest post.

    Raises BF-2402 for a value that will not do, BF-2403 for a kind that the pack does not have, BF-2404 where the same thing stands open,
    BF-2417 and BF-1108 for households and places outside, BF-2405 without a pack, BF-1001 without `case.open`.
    """
    actor.require("case.open")
    listed = [rows] if isinstance(rows, NewCase) else list(rows)
    kinds = require_kinds()
    for row in listed:
        _require_good(row, kinds)
    with acting(actor):
        one_at_a_time(FOLLOWING)
        homes = {
            h.number: h
            for h in Household.objects.visible_to(actor).farming().filter(number__in={r.household for r in listed if r.household})
        }
        places = {
            p for p in Area.objects.filter(path__in={r.place for r in listed}).values_list("path", flat=True) if actor.covers(p)
        }
        for row in listed:
            if row.household and row.household not in homes:
                raise UNKNOWN_HOUSEHOLD(row=row.row, household=row.household[:40])
            if row.place and row.place not in places:
                raise UNKNOWN_AREA(area=row.place[:80])
        _require_new(listed, homes)
        today = clock.today()
        chain, with_helper = Chain.on(today), helped((h.pk for h in homes.values()), today)
        cases = []
        for row, words in zip(listed, sealed([r.words for r in listed]), strict=True):
            home = homes.get(row.household)
            path = home.path if home else row.place
            timer = kinds.clock(row.kind)
            due = row.due or timer.due(today, row.severity)
            cases.append(
                Case(
                    path=path, household=home, kind=row.kind, subject=row.subject.strip(), severity=row.severity, source=row.source,
                    source_reference=row.reference.strip(), words=words, opened_on=today, opened_by=actor.user_id,
                    opened_name=actor.name[:60], step=chain.first_step(path, home is not None and home.pk in with_helper), due=due,
                    escalate_on=timer.first_escalation(due),
                )
            )  # fmt: skip
        Case.objects.bulk_create(cases, batch_size=BATCH)
        told(
            actor,
            "opened",
            cases,
            words=[r.words for r in listed],
            details=[{"source": c.source, "due": str(c.due)} for c in cases],
        )
        note(actor, acts.CASE_OPEN, detail={"rows": len(cases)})
        changed()
    return cases


def _require_good(row: NewCase, kinds: Kinds) -> None:
    kinds.require(row.kind, row.row)
    code(row.severity, SEVERITY, SEVERITIES, row.row)
    code(row.source, SOURCE, {key: SOURCES[key] for key in BY_HAND}, row.row)
    text(row.words, row=row.row)
    text(row.reference, REFERENCE, 60, row.row, blank=True)
    text(row.subject, SUBJECT, 60, row.row, blank=True)
    if bool(row.household) == bool(row.place):
        raise BAD_ROW(row=row.row, column=PLACE, value=(row.household or row.place)[:40] or "–", wanted=ONE_OF_BOTH)
    if row.due is not None and row.due < clock.today():
        raise BAD_ROW(row=row.row, column=DUE, value=row.due, wanted=NOT_GONE)


def _require_new(rows: Sequence[NewCase], homes: dict[str, Household]) -> None:
    """Hold that none of the matters stands open already, nor comes twice in the list. Raises BF-2404."""
    keys = {h.pk for h in homes.values()}
    places = {r.place for r in rows if r.place}
    open_ = {
        ((c.household_id or c.path), c.kind, c.subject): c
        for c in [
            *Case.objects.standing().filter(household__in=keys),
            *Case.objects.standing().filter(household=None, path__in=places),
        ]
    }
    seen: dict[tuple[int | str, str, str], int] = {}
    for n, row in enumerate(rows, 1):
        key = (homes[row.household].pk if row.household else row.place, row.kind, row.subject.strip())
        if (found := open_.get(key)) is not None:
            raise already_open(homes.get(row.household), row.place, found.number, STATES[found.state], row.row)
        if key in seen:
            same = Text("第{n}行", "row {n}").format(n=seen[key])
            raise already_open(homes.get(row.household), row.place, same, STATES["open"], row.row)
        seen[key] = row.row or n
