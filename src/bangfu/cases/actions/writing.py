"""What every write to cases has in common: sealed words, the story, cases held while they change, and who may change them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.cases.chain import owners
from bangfu.cases.models import Case, CaseEvent
from bangfu.cases.models.cases import COUNTY, DEPARTMENT, HELPER, STATES, TOWNSHIP, VILLAGE, WORDS
from bangfu.cases.problems import ALREADY_OPEN, BAD_FILE, BAD_ROW, CASE_STATE, NOBODY_LIVES, NOT_THEIRS, UNKNOWN_CASE
from bangfu.command.models import Officer
from bangfu.foundation import changes, clock
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.county import the_county
from bangfu.foundation.files import keep
from bangfu.foundation.hiding import Known
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, listed, quoted, why_no_text
from bangfu.foundation.secrecy import encrypt_many
from bangfu.register.evidence_kinds import name_kind
from bangfu.register.models import Household, Membership
from bangfu.register.stating import plain_evidence, plain_evidence_of

CAUSE = "cases"
BATCH = 2_000
FOLLOWING = 2401  # advisory lock: cases are opened after verdicts by one at a time
LONGEST_WORDS = 2_000
FILE_BYTES = 8_000_000
_SORTS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
WORDS_TITLE = Text("说明", "words")
Words = str | None
RANKS = {HELPER: 0, VILLAGE: 1, TOWNSHIP: 2, COUNTY: 3, DEPARTMENT: 3}


def one_at_a_time(lock: int) -> None:
    """Let nobody else do the same until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def sealed(words: Sequence[Words]) -> list[bytes | None]:
    """Words about households as they are kept."""
    return encrypt_many([w or None for w in words], WORDS)


def text(
    value: str, title: Text = WORDS_TITLE, longest: int = LONGEST_WORDS, row: int | None = None, *, blank: bool = False
) -> str:
    """A text that is not too long, and not blank unless it may be. Raises BF-2402."""
    told = value.strip()
    if (why := why_no_text(told, longest, blank=blank)) is not None:
        raise BAD_ROW(row=row, column=title, value=quoted(told), wanted=why)
    return told


def code(value: str, title: Text, known: Mapping[str, Text], row: int | None = None) -> str:
    """One of a few codes. Raises BF-2402, which lists what they mean; of a row of a list, with the codes, for there they are written."""
    if value not in known:
        coded = Text("{t}（{c}）", "{t} ({c})")
        some = listed(t if row is None else coded.format(t=t, c=key) for key, t in known.items())
        wanted = Text("须是{some}之一", "one of {some}").format(some=some)
        raise BAD_ROW(row=row, column=title, value=value[:40] or "–", wanted=wanted)
    return value


def kept_file(name: str, content: bytes) -> str:
    """Keep a proof (PDF, JPEG, PNG); gives the name by which it is found. Raises BF-2418."""
    if not content:
        why = Text("是空的", "it is empty") if name else Text("没有选择文件", "no file was chosen")
        raise BAD_FILE(name=name[:60] or "–", why=why)
    if len(content) > FILE_BYTES:
        raise BAD_FILE(name=name[:60], why=Text("太大", "it is too large"))
    if not any(content.startswith(mark) for mark in _SORTS):
        raise BAD_FILE(name=name[:60], why=Text("不是 PDF、JPEG 或 PNG", "it is no PDF, JPEG or PNG"))
    return keep(content)


def kept_proof(name: str, content: bytes) -> str:
    """Keep a proof where one was handed in, else blank. Raises BF-2418, also for a file that is empty."""
    require_not_empty(name, content)
    return kept_file(name, content) if content else ""


def require_not_empty(name: str, content: bytes) -> None:
    """Hold that a file that was handed in has something in it: it is not taken for none. Raises BF-2418."""
    if name and not content:
        raise BAD_FILE(name=name[:60], why=Text("是空文件", "it is empty"))


PAPER, MEASURE, STEP, DECISION = (
    name_kind("paper", zh="程序材料", en="Paper of a decision"),
    name_kind("measure", zh="措施落实", en="Measure done"),
    name_kind("step", zh="程序步骤", en="Step of a decision"),
    name_kind("decision", zh="认定决定", en="Decision"),
)
OF_CASE = name_kind("case", zh="事项证明", en="Proof of a case")


def shown(
    actor: Actor,
    households: Iterable[int],
    *,
    kind: str,
    source: str,
    day: date,
    content: bytes = b"",
    place: tuple[float, float] | None = None,
) -> dict[int, int]:
    """Keep one piece of evidence of each of some households whose case or decision the actor may deal with; gives their keys. The page that was
    handed in (`content`) tells which pieces are of one paper; `place` is where it was shown, latitude and longitude."""
    by, digest = system(actor.scope, actor.name), hashlib.sha256(content).digest() if content else None
    homes = sorted(set(households))
    if not homes:
        return {}
    if place is not None and len(homes) == 1:
        one = plain_evidence(
            by, homes[0], kind=kind, source=source, day=day, digest=digest, latitude=place[0], longitude=place[1]
        )
        return {homes[0]: one.pk}
    return {h: e.pk for h, e in plain_evidence_of(by, homes, kind=kind, source=source, day=day, digest=digest).items()}


Detail = Mapping[str, Any] | None


def told(
    actor: Actor,
    kind: str,
    cases: Sequence[Case],
    *,
    words: Sequence[Words] | str | None = None,
    details: Sequence[Detail] | Detail = None,
    evidence: Sequence[int | None] | None = None,
) -> None:
    """Write one event into the story of each case; words and details are of each case, or of all."""
    many: Sequence[Words] = [words] * len(cases) if words is None or isinstance(words, str) else words
    particulars: Sequence[Detail] = [details] * len(cases) if details is None or isinstance(details, Mapping) else details
    today = clock.today()
    CaseEvent.objects.bulk_create(
        [
            CaseEvent(
                path=case.path,
                case=case,
                household_id=case.household_id,
                kind=kind,
                day=today,
                user=actor.user_id,
                actor=actor.name[:60],
                words=said,
                detail=dict(detail) if detail else None,
                evidence_id=shown,
            )
            for case, said, detail, shown in zip(cases, sealed(many), particulars, evidence or [None] * len(cases), strict=True)
        ],
        batch_size=BATCH,
    )


def changed() -> None:
    """Tell the followers (lake, figures) that something of cases changed: verdicts do not, so no household is judged again for it."""
    changes.nudge(CAUSE)


def held(actor: Actor, keys: Sequence[int]) -> list[Case]:
    """Cases that the actor sees, held until the transaction ends, in the order asked. Raises BF-2401 for one that is not there."""
    found = {c.pk: c for c in Case.objects.visible_to(actor).filter(pk__in=keys).select_for_update(of=("self",))}
    for key in keys:
        if key not in found:
            raise UNKNOWN_CASE(case=key)
    return [found[key] for key in dict.fromkeys(keys)]


def already_open(household: Household | None, path: str, case: str | Text, state: Text, row: int | None = None) -> Problem:
    """BF-2404 about a household by its number, or about a place by its name."""
    if household is not None:
        number = Known(household.number)
        return ALREADY_OPEN(
            row=row, whom=Text("户 {n} ", "household {n}").format(n=number), household=number, case=case, state=state
        )
    line = areas().line(path)
    zh, en = (line[-1].name, line[-1].name_en or line[-1].name) if line else (path, path)
    return ALREADY_OPEN(row=row, whom=Text(zh, en), case=case, state=state)


def lived_in(households: Iterable[int | None]) -> set[int]:
    """Which of some households have members in the register today."""
    rows = Membership.objects.on(clock.today()).filter(household__in={h for h in households if h is not None}, sort="farming")
    return set(rows.values_list("household", flat=True))


def require_lived_in(homes: Iterable[tuple[Household, int | None]]) -> None:
    """Hold that somebody lives in each of some households, given with the row that names them. Raises BF-2487."""
    listed = list(homes)
    lived = lived_in(h.pk for h, _ in listed)
    for home, row in listed:
        if home.pk not in lived:
            raise NOBODY_LIVES(row=row, household=Known(home.number))


def require_state(cases: Iterable[Case], states: Iterable[str], doing: Text) -> None:
    """Hold that cases are in one of some states. Raises BF-2406 with the first that is not."""
    allowed = set(states)
    for case in cases:
        if case.state not in allowed:
            raise CASE_STATE(case=case.number, state=STATES[case.state], doing=doing)


def require_working(actor: Actor, cases: Sequence[Case]) -> None:
    """Hold that the actor may work at cases that they see: everybody of the chain, but at one that was referred to a department only its unit
    and the county. Raises BF-2407."""
    _require(actor, cases, lambda case, unit: _works(actor, case, unit))


def require_directing(actor: Actor, cases: Sequence[Case]) -> None:
    """Hold that the actor answers for cases or stands above those who do: they pause, hand over, refer, weigh. Raises BF-2407."""
    rank = rank_of(actor)
    _require(actor, cases, lambda case, unit: _works(actor, case, unit) and (case.step == DEPARTMENT or rank >= RANKS[case.step]))


def _require(actor: Actor, cases: Sequence[Case], may: Callable[[Case, int | None], bool]) -> None:
    if actor.is_system:
        return
    unit = own_unit(actor)
    for case in cases:
        if not may(case, unit):
            owner = owners([(case.household_id, case.path, case.step, case.unit_id)], clock.today())[0]
            raise NOT_THEIRS(case=case.number, owner=owner.title, place=actor.title or actor.role)


def _works(actor: Actor, case: Case, unit: int | None) -> bool:
    if case.step == DEPARTMENT:
        return rank_of(actor) == RANKS[COUNTY] if not actor.may("case.department") else unit is None or case.unit_id == unit
    return not actor.may("case.department")


def own_unit(actor: Actor) -> int | None:
    """The unit of the officer who is the actor; None where they are none."""
    if actor.user_id is None:
        return None
    found: int | None = Officer.objects.filter(user=actor.user_id).values_list("unit", flat=True).first()
    return found


def rank_of(actor: Actor) -> int:
    """How high on the chain an actor stands: helpers and group leaders 0, a village 1, a township 2, the county 3."""
    if actor.is_system:
        return RANKS[COUNTY]
    if actor.duty is not None:
        return RANKS[HELPER]
    stands = actor.stands or actor.scope
    line = areas().line(stands)
    plays = profile_of(stands).plays
    ranks = {plays.village: VILLAGE, plays.township: TOWNSHIP}
    level = line[-1].level if line else ""
    county = the_county().path
    return RANKS[COUNTY] if county.startswith(stands) else RANKS[ranks.get(level, HELPER)]
