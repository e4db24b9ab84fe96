"""A household is re-visited blind: what is told there is kept first, and only then held against the first visit and the register. Each difference that matters is a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from bangfu.accounts.audit import note
from bangfu.command.models import Officer
from bangfu.fieldwork.actions.applying import blind
from bangfu.fieldwork.facts import ANSWERED, JUDGEMENTS, MODES, SATISFIED
from bangfu.fieldwork.models import Submission, Visit
from bangfu.fieldwork.modes import never_proven
from bangfu.fieldwork.shown import fact_title
from bangfu.fieldwork.telling import Told
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.foundation.secrecy import encrypt_many
from bangfu.register.fields import fields
from bangfu.register.models import Household
from bangfu.register.stated_values import Unfit, value_of
from bangfu.register.stating import plain_evidence_of
from bangfu.supervision import acts
from bangfu.supervision.actions.drawing import BATCH, the_drawn
from bangfu.supervision.actions.drawing import PERMISSION as MANAGES
from bangfu.supervision.actions.examining import require_no_ties, the_examiner
from bangfu.supervision.comparing import Compared, Outcome, Weight, compare
from bangfu.supervision.knowing import Known, first_visits, known_on
from bangfu.supervision.models import FactCompared, InspectionFinding, Revisit, Sampled
from bangfu.supervision.models.findings import FINDING_WORDS, JUDGEMENT, REVISIT
from bangfu.supervision.models.samples import (
    ANSWERS,
    EXAMINED,
    EXITED,
    HOME_KINDS,
    ORDINARY,
    UNCLEAR,
    UNMET,
    WAITING,
)
from bangfu.supervision.problems import BAD_ENTRY, NOT_ITS_EXAMINER, NOT_SAMPLED, UNKNOWN_DRAWN
from bangfu.supervision.settings import WEIGHTS, facts, raw
from bangfu.supervision.values import compared, sealed, words_of

SPOT_CHECK = "spot_check"
MOST_PERSONS = 40
SOURCE = Text("督导复核", "blind re-visit")
DIFFERS = Text("{fact}：原登记“{first}”，复核为“{again}”", "{fact}: “{first}” as it was registered, “{again}” at the re-visit")
OTHERWISE = Text(
    "登记为{kind}，复核认为有没达标的：{words}", "registered as {kind}; at the re-visit something is not met: {words}"
)
EXAMINER = Text("检查人员", "examiner")
DAY, MODE, WHO, PERSONS, JUDGED, WORDS = (
    Text("复核日期", "day of the re-visit"), Text("方式", "way of the visit"), Text("答话人", "who answered"), Text("几口人", "how many are at home"), Text("总的判断", "judgement"),
    Text("记录", "words"),
)  # fmt: skip
NOT_MET = Text("请写明哪一项没达标、怎么看出来的", "say what is not met, and how it was seen")


@dataclass(frozen=True, slots=True)
class Again:
    """What was told at a re-visit. `answers`: facts of the household in the register's internal form; what was not asked is left out."""

    day: date
    mode: str
    answered: str
    judgement: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    persons: int | None = None
    satisfied: str = ""
    exit_known: bool | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A re-visit as somebody enters it for an examiner, from paper: the drawn household by key, the examiner by number."""

    drawn: int
    examiner: str
    again: Again


def revisit(actor: Actor, key: int, again: Again) -> Revisit:
    """Keep what an examiner was told at a drawn household, compare it, and write down what was found.

    Raises BF-2919 for a household that was not drawn, BF-2909 for one that does not wait, BF-2912 where somebody else examines it, BF-2910 and BF-2911 for whoever may not, BF-2906 for a value that will not do, BF-1001.
    """
    with acting(actor):
        officer = the_examiner(actor, clock.today())
        drawn = the_drawn(actor, key, for_update=True)
        kept = _keep([_Told(drawn, officer, again, actor.user_id, actor.name)])[0]
        _prove(actor, [drawn], again.day)
        note(actor, acts.REVISIT, subject=drawn.household.number, path=drawn.path)
    return kept


def enter_revisits(actor: Actor, rows: Sequence[Entered]) -> list[Revisit]:
    """Enter re-visits of a day that came in on paper, each in the name of its examiner: all or none. Raises as `revisit`, BF-1001 without `supervision.manage`."""
    actor.require(MANAGES)
    with acting(actor):
        people = {o.number: o for o in Officer.objects.on(clock.today()).filter(number__in={r.examiner for r in rows})}
        held = {
            d.pk: d
            for d in Sampled.objects.visible_to(actor)
            .filter(pk__in=[r.drawn for r in rows])
            .select_related("sample__campaign__campaign", "household", "examiner")
            .select_for_update(of=("self",))
        }
        told = []
        for r in rows:
            if r.examiner not in people:
                raise BAD_ENTRY(
                    column=EXAMINER,
                    value=quoted(r.examiner),
                    wanted=Text("须是在任干部的编号", "the number of an officer who serves"),
                )
            if r.drawn not in held:
                raise UNKNOWN_DRAWN()
            told.append(_Told(held[r.drawn], people[r.examiner], r.again, None, people[r.examiner].name))
        kept = _keep(told)
        for day in sorted({r.again.day for r in rows}):
            _prove(actor, [t.drawn for t in told if t.again.day == day], day)
        note(actor, acts.REVISIT, path=actor.scope, detail={"drawn": len(rows)})
    return kept


def _prove(actor: Actor, drawn: Sequence[Sampled], day: date) -> None:
    """Keep the re-visits of a day as evidence that changes no fact."""
    source = f"{SOURCE} {drawn[0].sample.key}"
    plain_evidence_of(system(actor.scope, actor.name), [d.household_id for d in drawn], kind=SPOT_CHECK, source=source, day=day)


@blind.provider("supervision")
def handed_in(row: Submission, told: Told, home: Household, day: date, mode: str) -> bool:
    """Take a spot check that an examiner's phone handed in of a household that waits for them: its answers go to the re-visit and not to the register."""
    if row.user_id is None:
        return False
    waiting = (
        Sampled.objects.waiting_for(row.user_id)
        .filter(household=home)
        .select_related("sample__campaign__campaign", "household", "examiner")
    )
    drawn = waiting.order_by("pk").select_for_update(of=("self",)).first()
    if drawn is None or drawn.examiner is None:
        return False
    visit = told.visit
    again = Again(
        day, mode, str(visit.get("answered", "")), str(visit.get("judgement") or UNCLEAR), told.facts, visit.get("people"), str(visit.get("satisfied") or ""),
        visit.get("exit_known"), str(visit.get("words") or "")[:1_000],
    )  # fmt: skip
    _keep([_Told(drawn, drawn.examiner, again, row.user_id, row.worker, row)])
    return True


@dataclass(frozen=True, slots=True)
class _Told:
    """A re-visit while it is kept."""

    drawn: Sampled
    officer: Officer
    again: Again
    user: int | None
    worker: str
    row: Submission | None = None


def _keep(told: Sequence[_Told]) -> list[Revisit]:
    """Keep re-visits with their comparison and their findings."""
    answers = [_checked(one.drawn, one.again) for one in told]
    _require_fit(told)
    first: dict[int, Visit] = {}
    for sample, some in groupby(sorted(told, key=lambda t: t.drawn.sample_id), key=lambda t: t.drawn.sample):
        first |= first_visits([t.drawn.household_id for t in some], sample.drawn_on, sample.campaign)
    days = {
        t.drawn.household_id: first[t.drawn.household_id].day if t.drawn.household_id in first else t.drawn.sample.drawn_on
        for t in told
    }
    words = encrypt_many([hide(t.again.words.strip()) or None for t in told], ANSWERS)
    kept = Revisit.objects.bulk_create(
        Revisit(
            path=t.drawn.path, sampled=t.drawn, household=t.drawn.household, first=first.get(t.drawn.household_id), first_on=days[t.drawn.household_id], submission=t.row,
            day=t.again.day, mode=t.again.mode, answered=t.again.answered, persons=t.again.persons, satisfied=t.again.satisfied, exit_known=t.again.exit_known,
            judgement=t.again.judgement, answers=sealed(a), words=w, examiner=t.officer, user_id=t.user, worker=t.worker[:60],
        )
        for t, a, w in zip(told, answers, words, strict=True)
    )  # fmt: skip
    known = known_on(days, {key for t in told for key in t.drawn.sample.facts}, first)
    compared_: list[FactCompared] = []
    findings: list[tuple[Revisit, str, Weight, Text]] = []
    for t, a, made in zip(told, answers, kept, strict=True):
        done = _compare(t, a, known[t.drawn.household_id], days[t.drawn.household_id])
        compared_ += _rows(made, done)
        findings += [(made, *found) for found in _found(t, done)]
    FactCompared.objects.bulk_create(compared_, batch_size=BATCH)
    _write_findings(findings)
    for t in told:
        t.drawn.state, t.drawn.examiner = EXAMINED, t.officer
    Sampled.objects.bulk_update([t.drawn for t in told], ["state", "examiner"], batch_size=BATCH)
    return kept


def _require_fit(told: Sequence[_Told]) -> None:
    """Hold that each household waits, and for whoever examined it, who has no tie there. Raises BF-2909, BF-2912, BF-2911."""
    for t in told:
        if t.drawn.state != WAITING or t.drawn.sample.closed_on is not None:
            raise NOT_SAMPLED(why=Text("不是待复核的户", "it does not wait to be examined"))
        if t.drawn.examiner is not None and t.drawn.examiner_id != t.officer.pk:
            raise NOT_ITS_EXAMINER(officer=t.drawn.examiner.name)
    require_no_ties([(t.officer, t.drawn.household_id, t.drawn.path) for t in told], max(t.again.day for t in told))


def _compare(t: _Told, answers: Mapping[str, Any], known: Mapping[str, Known], first_on: date) -> list[Compared]:
    return [
        compare(
            t.drawn.household_id, facts()[key], known[key].value, compared(key, answers.get(key)), first_day=first_on, again_day=t.again.day, changes=known[key].changes
        )
        for key in t.drawn.sample.facts
        if key in known and key in answers
    ]  # fmt: skip


def _checked(drawn: Sampled, again: Again) -> dict[str, Any]:
    """The answers that count: those of the sample's facts that the way of visiting may prove. Raises BF-2906."""
    today = clock.today()
    if not drawn.sample.drawn_on <= again.day <= today:
        raise BAD_ENTRY(
            column=DAY,
            value=str(again.day),
            wanted=Text(f"须在 {drawn.sample.drawn_on} 至 {today} 之间", f"from {drawn.sample.drawn_on} to {today}"),
        )
    for column, value, known in (
        (MODE, again.mode, MODES),
        (WHO, again.answered, ANSWERED),
        (JUDGED, again.judgement, JUDGEMENTS),
    ):
        _one_of(column, value, known)
    if again.satisfied:
        _one_of(Text("是否满意", "satisfied"), again.satisfied, SATISFIED)
    if again.answered == "nobody":
        raise BAD_ENTRY(
            column=WHO,
            value=str(ANSWERED["nobody"]),
            wanted=Text(
                "无人在家不算复核；找不到人的，请报“没有找到”，由备用户替换",
                "with nobody there it is no re-visit; say that the household was not found, and a reserve takes its place",
            ),
        )
    if again.persons is not None and not 0 < again.persons <= MOST_PERSONS:
        raise BAD_ENTRY(
            column=PERSONS, value=str(again.persons), wanted=Text(f"1 至 {MOST_PERSONS}", f"from 1 to {MOST_PERSONS}")
        )
    if (why := why_no_text(again.words, 1_000, blank=again.judgement != UNMET)) is not None:
        raise BAD_ENTRY(column=WORDS, value=quoted(again.words), wanted=NOT_MET if not again.words.strip() else why)
    never = never_proven(again.mode, again.day)
    return {
        k: v for k, v in again.answers.items() if k in drawn.sample.facts and v is not None and fields()[k].table not in never
    }


def _one_of(column: Text, value: str, known: Mapping[str, Text]) -> None:
    if value not in known:
        wanted = Text("、".join(t.zh for t in known.values()), " / ".join(t.en for t in known.values()))
        raise BAD_ENTRY(column=column, value=quoted(value), wanted=wanted)


def read_answer(fact: str, told: str) -> Any:
    """An answer as somebody typed it, in the internal form of its field; None where it is blank. Raises BF-2906."""
    said, known = told.strip(), fields()[fact]
    if not said:
        return None
    try:
        given = _READ.get(known.type, str)(said)
        return value_of(known, given, clock.today())
    except (ValueError, ArithmeticError) as wrong:
        wanted = wrong.expected if isinstance(wrong, Unfit) else Text("数", "a number")
        raise BAD_ENTRY(column=known.title, value=quoted(told), wanted=wanted) from wrong


_READ: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda said: {"yes": True, "no": False}.get(said, said), "integer": int, "year": int, "decimal": Decimal, "date": date.fromisoformat, "codes": str.split,
}  # fmt: skip


def _rows(kept: Revisit, done: Sequence[Compared]) -> list[FactCompared]:
    return [
        FactCompared(
            path=kept.path, revisit=kept, household=kept.household, fact=c.fact.key, outcome=c.outcome.value, weight=int(c.weight), first=sealed({c.fact.key: _plain(c.first)}),
            again=sealed({c.fact.key: _plain(c.again)}), evidence=int(c.evidence) if c.evidence else None,
        )
        for c in done
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _found(t: _Told, done: Sequence[Compared]) -> list[tuple[str, Weight, Text]]:
    """What is a finding: each difference that matters, and a household that is judged otherwise than it is registered."""
    found: list[tuple[str, Weight, Text]] = [
        (
            c.fact.key,
            c.weight,
            DIFFERS.format(fact=fact_title(c.fact.key), first=words_of(c.fact.key, c.first), again=words_of(c.fact.key, c.again)),
        )
        for c in done
        if c.outcome in (Outcome.DIFFERS, Outcome.ONE_MISSING) and c.weight is not Weight.NOTE
    ]
    if t.again.judgement == UNMET and t.drawn.kind in (EXITED, ORDINARY):
        weight = WEIGHTS[raw()["judgement"]["weight"]]
        found.append((JUDGEMENT, weight, OTHERWISE.format(kind=HOME_KINDS[t.drawn.kind], words=t.again.words.strip())))
    return found


def _write_findings(found: Sequence[tuple[Revisit, str, Weight, Text]]) -> None:
    words = encrypt_many([hide(str(said)) for *_, said in found], FINDING_WORDS)
    InspectionFinding.objects.bulk_create(
        [
            InspectionFinding(
                path=kept.path, origin=REVISIT, household=kept.household, revisit=kept, about=about, weight=int(weight), words=w, found_on=kept.day, found_by=kept.worker
            )
            for (kept, about, weight, _), w in zip(found, words, strict=True)
        ],
        batch_size=BATCH,
    )  # fmt: skip
