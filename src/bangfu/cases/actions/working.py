"""Work at cases: measures planned, done and dropped; pausing; hand-over and referral; severity, notes, merging, re-opening, review."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.writing import (
    BATCH,
    MEASURE,
    already_open,
    changed,
    code,
    held,
    kept_proof,
    require_directing,
    require_lived_in,
    require_state,
    require_working,
    shown,
    text,
    told,
)
from bangfu.cases.chain import LADDER, Chain, helped
from bangfu.cases.deadlines import after_pause
from bangfu.cases.models import Case, CaseEvent, Measure
from bangfu.cases.models.cases import (
    CLOSED,
    COUNTY,
    DEPARTMENT,
    DONE,
    DROPPED,
    HELPER,
    IN_EFFECT,
    OPEN,
    PAUSED,
    PAUSES,
    PENDING,
    PLANNED,
    SEVERITIES,
    STATES,
    STEPS,
    SUPPORTED,
    TAKEN_OVER,
    TO_VERIFY,
)
from bangfu.cases.policy import kinds_on
from bangfu.cases.problems import (
    BAD_ROW,
    CASE_STATE,
    NO_DEPARTMENT,
    NO_STEP,
    NOT_TWINS,
    PLANNED_ALREADY,
    THERE_ALREADY,
    UNKNOWN_MEASURE,
)
from bangfu.cases.telling import tell_owners, tell_referred
from bangfu.command.models import Unit
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.foundation.updating import update_rows
from bangfu.register.fields import code_lists

FAMILY, TITLE, COST = Text("措施类别", "family"), Text("措施", "measure"), Text("资金", "cost")
DONE_ON, REASON, UNTIL = Text("落实日期", "done on"), Text("事由", "reason"), Text("预计恢复", "expected until")
SEVERITY, OTHER_SEVERITY = Text("严重程度", "severity"), Text("须与现在的程度不同", "another than it has now")
FAMILIES = "measure_family"
LONGEST_PAUSE = 180
MOST_FEN = 100_000_000_00
LONGEST_MEASURE = 3 * 365  # days until a measure is due
MEASURE_DUE = Text("计划完成日期", "to be done by")
BETWEEN = Text("{a} 至 {b}", "from {a} to {b}")
SINCE_OPENED = Text(
    "须在立项之日 {a} 至今天 {b} 之间；此前已经落实的，写立项之日，并在说明中写明",
    "from {a}, when the case was opened, to {b}, today; what was done before is told with the first day, and in words when it was",
)
WITHIN = Text("须在今天之后、{n} 天之内", "a day after today, within {n} day(s)").format(n=LONGEST_PAUSE)


# --- measures


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure to plan: of a family of the national form, with its cost in fen and the programme that brings it."""

    family: str
    title: str
    cost_fen: int | None = None
    programme: str = ""
    due: date | None = None
    row: int | None = None


def plan_measures(actor: Actor, keys: Sequence[int], row: MeasureRow) -> list[Measure]:
    """Plan a measure for one case or for many alike.

    Raises BF-2401, BF-2406 for a case that is closed, BF-2407 for one that lies with somebody else, BF-2402 for a value that will not do, BF-2480 where the same
    one is planned already, BF-1001 without `case.work`.
    """
    actor.require("case.work")
    families = measure_families()
    code(row.family, FAMILY, families, row.row)
    title = text(row.title, TITLE, 120, row.row)
    _require_cost(row)
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (*PENDING, SUPPORTED), Text("安排措施", "given a measure"))
        require_working(actor, cases)
        today = clock.today()
        if row.due is not None and not today <= row.due <= today + timedelta(LONGEST_MEASURE):
            wanted = BETWEEN.format(a=today, b=today + timedelta(LONGEST_MEASURE))
            raise BAD_ROW(row=row.row, column=MEASURE_DUE, value=row.due, wanted=wanted)
        _require_new_measure(cases, row, title)
        made = Measure.objects.bulk_create(
            [
                Measure(
                    path=c.path, case=c, household_id=c.household_id, family=row.family, title=title, programme=row.programme.strip()[:60], cost_fen=row.cost_fen,
                    planned_on=today, planned_by=actor.name[:60], due=row.due,
                )
                for c in cases
            ],
            batch_size=BATCH,
        )  # fmt: skip
        told(actor, "planned", cases, details={"family": row.family, "title": title, "due": str(row.due or "")})
        note(actor, acts.CASE_MEASURE, detail={"cases": len(cases), "state": PLANNED})
        changed()
    return made


def _require_new_measure(cases: Sequence[Case], row: MeasureRow, title: str) -> None:
    """Hold that the same measure is not planned already and still to be done: a form that is sent twice plans one. The cases are held. Raises BF-2480."""
    same = Measure.objects.filter(
        case__in=cases, state=PLANNED, family=row.family, title=title, cost_fen=row.cost_fen, programme=row.programme.strip()[:60], due=row.due
    )  # fmt: skip
    if (found := same.select_related("case").order_by("pk").first()) is not None:
        raise PLANNED_ALREADY(case=found.case.number, measure=hide(title[:40]), day=found.planned_on)


def measure_families() -> dict[str, Text]:
    """The families of measures of the national form, as they are called today."""
    today = clock.today()
    return {key: one.title(today) for key, one in code_lists()[FAMILIES].items()}


def _require_cost(row: MeasureRow) -> None:
    if row.cost_fen is not None and not 0 <= row.cost_fen <= MOST_FEN:
        raise BAD_ROW(row=row.row, column=COST, value=row.cost_fen, wanted=Text("0 到 1 亿元", "0 to 100 million yuan"))


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that something was done: words, the day, a file (its name and content), where it was."""

    words: str
    day: date
    file_name: str = ""
    content: bytes = b""
    latitude: float | None = None
    longitude: float | None = None


def finish_measures(actor: Actor, measures: Sequence[int], proof: Proof) -> list[Measure]:
    """Note that planned measures were done on a day, with evidence. Where the pack says that the kind needs time to take effect, the case waits for
    it: it is in place, and does not escalate.

    Raises BF-2416 for a measure that is not planned, BF-2406, BF-2407, BF-2402, BF-2418, BF-1001 without `case.work`.
    """
    actor.require("case.work")
    words = text(proof.words)
    today = clock.today()
    with acting(actor):
        rows = _planned(actor, measures)
        cases = held(actor, [m.case_id for m in rows])
        require_state(cases, (*PENDING, SUPPORTED), Text("落实措施", "given a measure"))
        require_working(actor, cases)
        of = {c.pk: c for c in cases}
        for m in rows:
            first = of[m.case_id].opened_on
            if not first <= proof.day <= today:
                raise BAD_ROW(column=DONE_ON, value=proof.day, wanted=SINCE_OPENED.format(a=first, b=today))
        file = kept_proof(proof.file_name, proof.content)
        homes = [h for m in rows if (h := of[m.case_id].household_id) is not None]
        place = (proof.latitude, proof.longitude) if proof.latitude is not None and proof.longitude is not None else None
        evidence = shown(actor, homes, kind=MEASURE, source=rows[0].title, day=proof.day, content=proof.content, place=place)
        for m in rows:
            m.state, m.done_on, m.done_by, m.file = DONE, proof.day, actor.name[:60], file
            m.evidence_id = evidence.get(of[m.case_id].household_id or 0)
        update_rows(rows, ["state", "done_on", "done_by", "file", "evidence"])
        story = [of[m.case_id] for m in rows]
        told(
            actor, "done", story, words=words, evidence=[m.evidence_id for m in rows],
            details=[{"family": m.family, "title": m.title, "on": str(proof.day), "file": bool(file)} for m in rows],
        )  # fmt: skip
        _take_effect(actor, [c for c in cases if c.state in (OPEN, PAUSED)], proof.day)
        note(actor, acts.CASE_MEASURE, detail={"cases": len(cases), "state": DONE})
        changed()
    return rows


def _take_effect(actor: Actor, cases: Sequence[Case], day: date) -> None:
    """Let cases wait for the period that the pack demands, where all that was planned is done."""
    kinds = kinds_on()
    unfinished = set(Measure.objects.filter(case__in=cases, state=PLANNED).values_list("case", flat=True))
    waiting = []
    for case in cases:
        until = day + timedelta(kinds.effect_days(case.kind))
        if case.pk not in unfinished and until > clock.today():
            case.state, case.effect_until, case.paused_on, case.paused_until, case.pause_reason = IN_EFFECT, until, None, None, ""
            waiting.append(case)
    update_rows(waiting, ["state", "effect_until", "paused_on", "paused_until", "pause_reason"])
    told(actor, "in_effect", waiting, details=[{"until": str(c.effect_until)} for c in waiting])


def drop_measures(actor: Actor, measures: Sequence[int], reason: str) -> list[Measure]:
    """Drop planned measures with a reason. Raises BF-2416, BF-2407, BF-2402, BF-1001 without `case.work`."""
    actor.require("case.work")
    why = text(reason, REASON, 120)
    with acting(actor):
        rows = _planned(actor, measures)
        cases = held(actor, [m.case_id for m in rows])
        require_working(actor, cases)
        for m in rows:
            m.state, m.dropped_because = DROPPED, why
        update_rows(rows, ["state", "dropped_because"])
        of = {c.pk: c for c in cases}
        story = [of[m.case_id] for m in rows]
        told(actor, "dropped", story, words=why, details=[{"family": m.family, "title": m.title} for m in rows])
        note(actor, acts.CASE_MEASURE, detail={"cases": len(cases), "state": DROPPED})
        changed()
    return rows


def _planned(actor: Actor, measures: Sequence[int]) -> list[Measure]:
    found = list(Measure.objects.visible_to(actor).filter(pk__in=measures, state=PLANNED).select_for_update(of=("self",)))
    if not measures or len(found) != len(set(measures)):
        raise UNKNOWN_MEASURE()
    return found


# --- the clock


def pause(actor: Actor, keys: Sequence[int], reason: str, words: str, until: date) -> list[Case]:
    """Stop the clock of cases for a reason, until a day by which it is expected to run again: the job resumes it then.

    Raises BF-2401, BF-2406, BF-2407, BF-2402, BF-1001 without `case.direct`.
    """
    actor.require("case.direct")
    code(reason, REASON, PAUSES)
    why = text(words)
    today = clock.today()
    if not today < until <= today + timedelta(LONGEST_PAUSE):
        raise BAD_ROW(column=UNTIL, value=until, wanted=WITHIN)
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (OPEN,), Text("暂停", "paused"))
        require_directing(actor, cases)
        for case in cases:
            case.state, case.paused_on, case.paused_until, case.pause_reason = PAUSED, today, until, reason
        update_rows(cases, ["state", "paused_on", "paused_until", "pause_reason"])
        told(actor, "paused", cases, words=why, details={"reason": reason, "until": str(until)})
        note(actor, acts.CASE_PAUSE, detail={"cases": len(cases), "state": PAUSED, "until": until})
        changed()
    return cases


def resume(actor: Actor, keys: Sequence[int], words: str = "") -> list[Case]:
    """Let the clock of paused cases run again: the deadline moves by the days for which it stood still.

    Raises BF-2401, BF-2406, BF-2407, BF-1001 without `case.direct`.
    """
    actor.require("case.direct")
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (PAUSED,), Text("恢复", "resumed"))
        require_directing(actor, cases)
        run_again(actor, cases, words)
        note(actor, acts.CASE_PAUSE, detail={"cases": len(cases), "state": OPEN})
    return cases


def run_again(actor: Actor, cases: Sequence[Case], words: str = "") -> None:
    """Resume paused cases in the acting transaction."""
    today = clock.today()
    for case in cases:
        since = case.paused_on or today
        case.due = after_pause(case.due, since, today)
        case.escalate_on = after_pause(case.escalate_on, since, today) if case.escalate_on else None
        case.state, case.paused_on, case.paused_until, case.pause_reason = OPEN, None, None, ""
    update_rows(cases, ["state", "due", "escalate_on", "paused_on", "paused_until", "pause_reason"])
    told(actor, "resumed", cases, words=words or None, details=[{"due": str(c.due)} for c in cases])
    changed()


def set_severity(actor: Actor, keys: Sequence[int], severity: str, words: str) -> list[Case]:
    """Weigh cases anew: the deadline is counted from the day they were opened, but does not move into the past (`Clock.weighed`). Raises BF-2401, BF-2406, BF-2407, BF-2402 (the same severity, too), BF-1001 without `case.direct`."""
    actor.require("case.direct")
    code(severity, SEVERITY, SEVERITIES)
    why = text(words)
    kinds, today = kinds_on(), clock.today()
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, PENDING, Text("调整", "weighed anew"))
        require_directing(actor, cases)
        if any(c.severity == severity for c in cases):
            raise BAD_ROW(column=SEVERITY, value=SEVERITIES[severity], wanted=OTHER_SEVERITY)
        before = [c.severity for c in cases]
        for case in cases:
            timer = kinds.clock(case.kind)
            case.severity, case.due = severity, timer.weighed(case.opened_on, case.due, severity, today)
            if case.escalate_on is not None:
                case.escalate_on = max(timer.first_escalation(case.due), today + timedelta(1))
        update_rows(cases, ["severity", "due", "escalate_on"])
        details = [{"from": b, "to": severity, "due": str(c.due)} for b, c in zip(before, cases, strict=True)]
        told(actor, "severity", cases, words=why, details=details)
        note(actor, acts.CASE_SEVERITY, detail={"cases": len(cases)})
        changed()
    return cases


# --- the owner


def hand_over(actor: Actor, keys: Sequence[int], step: str, words: str) -> list[Case]:
    """Hand cases to another step of their chain: down to the helper or a post, or up. Raises BF-2414 where there is nobody, BF-2401, BF-2406,
    BF-2407, BF-2402, BF-1001 without `case.direct`."""
    actor.require("case.direct")
    code(step, Text("环节", "step"), {key: STEPS[key] for key in LADDER})
    why = text(words)
    today = clock.today()
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (OPEN, PAUSED, IN_EFFECT), Text("移交", "handed over"))
        require_directing(actor, cases)
        chain, with_helper = Chain.on(today), helped((c.household_id for c in cases if c.household_id), today)
        for case in cases:
            there = case.household_id in with_helper if step == HELPER else step in chain.above(case.path)
            if not there or step == case.step:
                why_not = Text("已在这一级", "it lies there already") if there else Text("这一级没有人", "there is nobody")
                raise NO_STEP(case=case.number, step=STEPS[step], why=why_not)
        _move(actor, "handed_over", cases, step, None, why)
        tell_owners(actor, cases, chain)
        note(actor, acts.CASE_OWNER, detail={"cases": len(cases), "step": step})
    return cases


def refer(actor: Actor, keys: Sequence[int], words: str, unit: str = "") -> list[Case]:
    """Refer cases to a county department: the one that the pack names for the kind, or another by key.

    Raises BF-2413 where there is none, BF-2466 where it holds the case already, BF-2401, BF-2406, BF-2407, BF-2402, BF-1001 without `case.direct`.
    """
    actor.require("case.direct")
    why = text(words)
    kinds = kinds_on()
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (OPEN, PAUSED, IN_EFFECT), Text("转交", "referred"))
        require_directing(actor, cases)
        wanted = {c.pk: unit or (kinds.work[c.kind].rule.department if c.kind in kinds.work else "") for c in cases}
        units = {u.key: u for u in Unit.objects.on(clock.today()).filter(key__in=set(wanted.values()), kind="department")}
        for case in cases:
            if wanted[case.pk] not in units:
                raise NO_DEPARTMENT(kind=kinds.title(case.kind), unit=wanted[case.pk] or "–")
            if case.step == DEPARTMENT and case.unit_id == units[wanted[case.pk]].pk:
                raise THERE_ALREADY(case=case.number, unit=units[wanted[case.pk]].title)
        for key in sorted(set(wanted.values())):
            _move(actor, "referred", [c for c in cases if wanted[c.pk] == key], DEPARTMENT, units[key], why)
        tell_referred(actor, cases)
        note(actor, acts.CASE_OWNER, detail={"cases": len(cases), "step": DEPARTMENT})
    return cases


def give_back(actor: Actor, keys: Sequence[int], words: str) -> list[Case]:
    """Give referred cases back to the post that they came from; where a helper had them, to the post that answers for the village. Raises BF-2401, BF-2406, BF-2407, BF-2402, BF-1001 without `case.work`."""
    actor.require("case.work")
    why = text(words)
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (OPEN, PAUSED, IN_EFFECT), Text("退回", "given back"))
        for case in cases:
            if case.step != DEPARTMENT:
                raise CASE_STATE(case=case.number, state=STEPS[case.step], doing=Text("退回", "given back"))
        require_working(actor, cases)
        chain = Chain.on(clock.today())
        referred = CaseEvent.objects.filter(case__in=cases, kind="referred").order_by("pk")
        came = {c: detail["from"] for c, detail in referred.values_list("case", "detail") if detail["from"] != DEPARTMENT}
        for case in cases:
            above = list(chain.above(case.path))
            step = came.get(case.pk, HELPER)
            _move(actor, "returned", [case], step if step in above else next(iter(above), COUNTY), None, why)
        tell_owners(actor, cases, chain)
        note(actor, acts.CASE_OWNER, detail={"cases": len(cases)})
    return cases


def _move(actor: Actor, kind: str, cases: Sequence[Case], step: str, unit: Unit | None, words: str) -> None:
    before = [c.step for c in cases]
    today = clock.today()
    for case in cases:
        case.step, case.unit = step, unit
        if case.escalate_on is None or case.escalate_on <= today:  # the new owner has a day at least
            case.escalate_on = max(today + timedelta(1), case.due + timedelta(1))
    update_rows(cases, ["step", "unit", "escalate_on"])
    details = [{"from": b, "to": step, "unit": unit.key if unit else ""} for b in before]
    told(actor, kind, cases, words=words, details=details)
    changed()


# --- notes, merging, re-opening, review


def write_note(actor: Actor, keys: Sequence[int], words: str) -> list[Case]:
    """Write a note into the story of cases; whoever sees one may. Raises BF-2401, BF-2402, BF-1001 without `case.note`."""
    actor.require("case.note")
    said = text(words)
    with acting(actor):
        cases = held(actor, keys)
        told(actor, "note", cases, words=said)
        note(actor, acts.CASE_NOTE, detail={"cases": len(cases)})
    return cases


def merge(actor: Actor, key: int, into: int, words: str) -> Case:
    """Merge a case into its twin, which is of the same kind and the same household (or place): it is closed as taken over, its measures go along, and nobody counts it as
    solved. The twin keeps the graver severity and the nearer deadline. One matter that takes over another is claimed as such and verified by a second person.

    Raises BF-2401, BF-2415 for what is no twin, is closed, waits to be verified or is on long-term support, BF-2407, BF-2402, BF-1001 without `case.direct`.
    """
    actor.require("case.direct")
    why = text(words)
    with acting(actor):
        case, other = held(actor, [key, into]) if key != into else (held(actor, [key])[0],) * 2
        if key == into:
            raise NOT_TWINS(case=case.number, other=other.number, why=Text("是同一事项", "they are one and the same"))
        if (case.household_id, case.path) != (other.household_id, other.path):
            raise NOT_TWINS(case=case.number, other=other.number, why=Text("不是同一户", "they are of different households"))
        for one in (case, other):
            if one.state in (CLOSED, TO_VERIFY, SUPPORTED):
                why_not = Text("{n} {s}", "{n} is {s}").format(n=one.number, s=STATES[one.state])
                raise NOT_TWINS(case=case.number, other=other.number, why=why_not)
        if case.kind != other.kind:
            why_not = Text(
                "不是同一类；一事承接另一事请申请销号，结果选“由其他事项或政策承接”，由第二人核验",
                "they are of different kinds: where one takes over the other, claim it as taken over, to be verified by a second person",
            )
            raise NOT_TWINS(case=case.number, other=other.number, why=why_not)
        require_directing(actor, [case, other])
        other.due = min(case.due, other.due)
        other.severity = max(case.severity, other.severity, key=list(SEVERITIES).index)
        other.save(update_fields=["due", "severity"])
        Measure.objects.filter(case=case).update(case=other)
        case.state, case.result, case.closed_on, case.merged_into = CLOSED, TAKEN_OVER, clock.today(), other
        case.escalate_on = None
        case.save()
        told(actor, "merged", [case], words=why, details={"into": other.number})
        told(actor, "merged", [other], words=why, details={"from": case.number})
        note(actor, acts.CASE_MERGE, subject=case.number)
        changed()
    return other


def reopen(actor: Actor, keys: Sequence[int], words: str) -> list[Case]:
    """Open closed cases again, and take cases out of long-term support: the deadline is counted from today.

    Raises BF-2404 where the same thing stands open meanwhile, BF-2487 where the household has no members any more (they are not brought back by it), BF-2401, BF-2406, BF-2402, BF-1001 without `case.open`.
    """
    actor.require("case.open")
    why = text(words)
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (CLOSED, SUPPORTED), Text("重新立项", "re-opened"))
        require_lived_in((c.household, None) for c in cases if c.household is not None)
        for case in cases:
            twin = Case.objects.standing().filter(
                household=case.household_id, kind=case.kind, subject=case.subject, **({} if case.household_id else {"path": case.path})
            )  # fmt: skip
            if (found := twin.exclude(pk=case.pk).first()) is not None:
                raise already_open(case.household, case.path, found.number, STATES[found.state])
        begin_again(actor, cases, why)
        note(actor, acts.CASE_REOPEN, detail={"cases": len(cases)})
    return cases


def begin_again(actor: Actor, cases: Sequence[Case], words: str | None = None, going_on: Collection[int] = ()) -> None:
    """Re-open cases in the acting transaction: with the helper or the nearest post, deadline from today. Those that only go on (their keys) keep the deadline, the
    step and how far they were escalated: closing them was no way to a new clock."""
    today = clock.today()
    kinds, chain = kinds_on(), Chain.on(today)
    with_helper = helped((c.household_id for c in cases if c.household_id), today)
    for case in cases:
        timer = kinds.clock(case.kind)
        clear_claim(case)
        case.state, case.result, case.closed_on, case.review_on, case.merged_into = OPEN, "", None, None, None
        case.verified_by, case.verified_name, case.effect_until = None, "", None
        if case.pk in going_on:
            case.escalate_on = max(today + timedelta(1), timer.first_escalation(case.due))
        else:
            case.due = timer.due(today, case.severity)
            case.escalate_on, case.escalated, case.unit = timer.first_escalation(case.due), 0, None
            case.step = chain.first_step(case.path, case.household_id in with_helper)
        case.reopened += 1
        case.save()
    told(actor, "reopened", cases, words=words, details=[{"due": str(c.due)} for c in cases])
    changed()


def clear_claim(case: Case) -> None:
    """Forget what was claimed; the story keeps it."""
    case.claim_result, case.claim_words, case.claim_reference, case.claim_evidence_id, case.claim_file = "", None, "", None, ""
    case.claim_change = {}
    case.claimed_on, case.claimed_by, case.claimed_name, case.claimed_at = None, None, "", ""


def review_support(actor: Actor, keys: Sequence[int], words: str) -> list[Case]:
    """Note that households on long-term support were looked at again: the next review is set by the pack. Raises BF-2401, BF-2406, BF-2402, BF-1001
    without `case.verify`."""
    actor.require("case.verify")
    said = text(words)
    kinds = kinds_on()
    with acting(actor):
        cases = held(actor, keys)
        require_state(cases, (SUPPORTED,), Text("复核", "reviewed"))
        for case in cases:
            case.review_on = months_after(clock.today(), kinds.review_months(case.kind))
        update_rows(cases, ["review_on"])
        told(actor, "reviewed", cases, words=said, details=[{"next": str(c.review_on)} for c in cases])
        note(actor, acts.CASE_REVIEW, detail={"cases": len(cases)})
        changed()
    return cases


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later; the last of a shorter month."""
    from bangfu.command.actions.orders import end_of

    return end_of(day, months, "month")


__all__ = [
    "MeasureRow",
    "Proof",
    "begin_again",
    "clear_claim",
    "drop_measures",
    "finish_measures",
    "give_back",
    "hand_over",
    "measure_families",
    "merge",
    "months_after",
    "pause",
    "plan_measures",
    "refer",
    "reopen",
    "resume",
    "review_support",
    "run_again",
    "set_severity",
    "write_note",
]  # fmt: skip
