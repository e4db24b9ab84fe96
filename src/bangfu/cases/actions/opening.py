"""Cases are opened: by hand, from a visit, a feed, a warning, a self-report, the hotline, a spot check or an order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.cases import acts
from bangfu.cases.actions.writing import (
    BATCH,
    FOLLOWING,
    RANKS,
    already_open,
    changed,
    code,
    one_at_a_time,
    rank_of,
    require_lived_in,
    sealed,
    text,
    told,
)
from bangfu.cases.chain import Chain, helped
from bangfu.cases.models import Case
from bangfu.cases.models.cases import SEVERITIES, SOURCES, STATES, TOWNSHIP, WORDS
from bangfu.cases.policy import Kinds, require_kinds
from bangfu.cases.problems import BAD_ROW, UNKNOWN_HOUSEHOLD
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household

BY_HAND = tuple(key for key in SOURCES if key not in ("verdict", "unknown"))
SEVERITY, SOURCE, DUE = Text("严重程度", "severity"), Text("来源", "source"), Text("期限", "deadline")
SUBJECT, REFERENCE, PLACE = Text("事由编号", "subject"), Text("来源编号", "reference"), Text("地点", "place")
DUE_WHY = Text("另定期限的理由", "reason of the deadline")
BETWEEN = Text("须在 {a} 至 {b} 之间", "from {a} to {b}")
BY_THE_PACK = Text(
    "须在 {a} 至 {b} 之间（规则包对该类别和程度的期限）；需要更晚的，由乡镇或县级指挥部立项并写明理由",
    "from {a} to {b}, the policy pack’s deadline for the kind and the severity; a later one is set by a township or the county, with a reason",
)
LONGEST_DUE = 365  # days until a deadline that a post above sets, with a reason
HOUSEHOLD = Text("户编号", "household")
BY_ORDER = "order"
NO_WORDS = re.compile(r"[\W_]+")  # what makes no difference between two accounts of the same thing
ONE_VERDICT = Text("保障类事项每户每类只有一件，不填", "a household has one case of a guarantee: leave it blank")
ITS_ORDER = Text("来源是指令的，须写明文号", "of what an order asks, the number of the order")
OF_A_HOUSEHOLD = Text("“{kind}”是保障类事项，须填户编号", "“{kind}” is a guarantee of a household: give its number")
ONE_OF_BOTH = Text("填户编号，或填一个区划", "give a household, or a place")


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to open: of a household (its number), or of a place (its path). `due` stands in for the deadline that the pack sets: a
    nearer one, or, by a township or the county with a reason (`due_why`), a later one."""

    kind: str
    words: str
    household: str = ""
    place: str = ""
    severity: str = "ordinary"
    source: str = "visit"
    reference: str = ""
    subject: str = ""
    due: date | None = None
    due_why: str = ""
    row: int | None = None


def open_cases(actor: Actor, rows: NewCase | Sequence[NewCase]) -> list[Case]:
    """Open cases; all of them or none. Each begins with the household's helper, else with the nearest post.

    Raises BF-2402 for a value that will not do, BF-2403 for a kind that the pack does not have, BF-2404 where the same thing stands open,
    BF-2417 and BF-1108 for households and places outside, BF-2487 for a household without members, BF-2405 without a pack, BF-1001 without `case.open`.
    """
    actor.require("case.open")
    listed = [rows] if isinstance(rows, NewCase) else list(rows)
    kinds = require_kinds()
    for row in listed:
        _require_good(row, kinds)
        _require_due(actor, row, kinds)
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
        require_lived_in((homes[r.household], r.row) for r in listed if r.household)
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
        later = [
            (c, r) for c, r in zip(cases, listed, strict=True) if r.due and r.due > kinds.clock(c.kind).due(today, c.severity)
        ]
        told(
            actor,
            "deadline",
            [c for c, _ in later],
            words=[r.due_why.strip() for _, r in later],
            details=[{"due": str(c.due)} for c, _ in later],
        )
        note(actor, acts.CASE_OPEN, detail={"rows": len(cases)})
        changed()
    return cases


def _require_good(row: NewCase, kinds: Kinds) -> None:
    """Hold that what a row says will do. Raises BF-2402, BF-2403."""
    judged = bool(kinds.require(row.kind, row.row).rule.guarantee)
    code(row.severity, SEVERITY, SEVERITIES, row.row)
    code(row.source, SOURCE, {key: SOURCES[key] for key in BY_HAND}, row.row)
    text(row.words, row=row.row)
    text(row.reference, REFERENCE, 60, row.row, blank=True)
    text(row.subject, SUBJECT, 60, row.row, blank=True)
    subject = row.subject.strip()
    if subject and judged:
        raise BAD_ROW(row=row.row, column=SUBJECT, value=subject[:40], wanted=ONE_VERDICT)
    if row.source == BY_ORDER and not row.reference.strip():
        raise BAD_ROW(row=row.row, column=REFERENCE, value="–", wanted=ITS_ORDER)
    if judged and not row.household:
        raise BAD_ROW(row=row.row, column=HOUSEHOLD, value="–", wanted=OF_A_HOUSEHOLD.format(kind=kinds.title(row.kind)))
    if bool(row.household) == bool(row.place):
        raise BAD_ROW(row=row.row, column=PLACE, value=(row.household or row.place)[:40] or "–", wanted=ONE_OF_BOTH)


def may_extend(actor: Actor) -> bool:
    """Whether an actor may set a later deadline than the pack's, with a reason: a post above the villages that directs."""
    return actor.may("case.direct") and rank_of(actor) >= RANKS[TOWNSHIP]


def _require_due(actor: Actor, row: NewCase, kinds: Kinds) -> None:
    """Hold that a deadline that somebody sets is neither over nor later than the pack's, but by those who may extend it, with a reason. Raises BF-2402."""
    if row.due is None:
        return
    today = clock.today()
    latest = kinds.clock(row.kind).due(today, row.severity)
    if not may_extend(actor):
        if not today <= row.due <= latest:
            raise BAD_ROW(row=row.row, column=DUE, value=row.due, wanted=BY_THE_PACK.format(a=today, b=latest))
        return
    most = max(latest, today + timedelta(LONGEST_DUE))
    if not today <= row.due <= most:
        raise BAD_ROW(row=row.row, column=DUE, value=row.due, wanted=BETWEEN.format(a=today, b=most))
    if row.due > latest:
        text(row.due_why, DUE_WHY, 400, row.row)


def _require_new(rows: Sequence[NewCase], homes: dict[str, Household]) -> None:
    """Hold that none of the matters stands open already, nor comes twice in the list. The same words are the same matter, whatever its subject.
    Raises BF-2404."""
    keys = {h.pk for h in homes.values()}
    places = {r.place for r in rows if r.place}
    standing = [
        *Case.objects.standing().filter(household__in=keys),
        *Case.objects.standing().filter(household=None, path__in=places),
    ]
    open_ = {((c.household_id or c.path), c.kind, c.subject): c for c in standing}
    asked = {(homes[r.household].pk if r.household else r.place, r.kind) for r in rows if r.subject.strip()}
    like = [c for c in standing if ((c.household_id or c.path), c.kind) in asked]
    worded = {((c.household_id or c.path), c.kind, _gist(decrypt(c.words, WORDS) or "")): c for c in like}
    seen: dict[tuple[int | str, str, str], int] = {}
    for n, row in enumerate(rows, 1):
        whose = homes[row.household].pk if row.household else row.place
        key = (whose, row.kind, row.subject.strip())
        if (found := open_.get(key) or worded.get((whose, row.kind, _gist(row.words)))) is not None:
            raise already_open(homes.get(row.household), row.place, found.number, STATES[found.state], row.row)
        if key in seen:
            same = Text("第{n}行", "row {n}").format(n=seen[key])
            raise already_open(homes.get(row.household), row.place, same, STATES["open"], row.row)
        seen[key] = row.row or n


def _gist(words: str) -> str:
    """Words without blanks and punctuation, by which two accounts are told to be one."""
    return NO_WORDS.sub("", words).casefold()
