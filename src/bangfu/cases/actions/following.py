"""Cases follow the verdicts: what is unmet opens, keeps or re-opens a case; what is met again asks for its closing; what is unknown too long
becomes a case where the pack says so. And the clock: pauses that end, periods that are over, deadlines that passed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.closing import back
from bangfu.cases.actions.working import begin_again, run_again
from bangfu.cases.actions.writing import BATCH, FOLLOWING, changed, one_at_a_time, told
from bangfu.cases.chain import Chain, helped
from bangfu.cases.deadlines import severity_of
from bangfu.cases.models import Case, CaseEvent, Measure
from bangfu.cases.models.cases import DEPARTMENT, ENDED, IN_EFFECT, MET, OPEN, PAUSED, TO_VERIFY
from bangfu.cases.policy import Kinds, kinds_on
from bangfu.cases.telling import tell_owners
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.updating import update_rows

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of following verdicts: cases opened, re-opened, changed, closing asked for, claims withdrawn."""

    opened: int = 0
    reopened: int = 0
    changed: int = 0
    claimed: int = 0
    withdrawn: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nothing changed."""
        return not (self.opened or self.reopened or self.changed or self.claimed or self.withdrawn)


class _Gap(NamedTuple):
    """A verdict that is a gap today, the case that stands of it, and the last one that was closed."""

    household: int
    path: str
    kind: str
    result: str
    reasons: list[str]
    values: Any
    case: int | None
    state: str | None
    case_path: str | None
    case_reasons: list[str] | None
    case_values: Any
    claim_result: str | None
    closed: int | None


# Verdicts that are gaps today: unmet ones, and unknown ones that have stood for longer than the pack allows of their kind of household, where what
# is missing is for others than the county to supply (`CaseWork.days_unknown`).
_GAPS = """
    SELECT v.household_id, v.path, r.kind, v.result, coalesce(v.reasons, '{{}}'::varchar[]) AS reasons, v.values
    FROM screening_verdict v JOIN ruled r ON r.guarantee = v.guarantee
    WHERE v.result = 'unmet' {only}
    UNION ALL
    SELECT v.household_id, v.path, r.kind, v.result, coalesce(v.reasons, '{{}}'::varchar[]), v.values
    FROM screening_verdict v JOIN ruled r ON r.guarantee = v.guarantee JOIN waits w ON w.kind = r.kind
    JOIN register_kind k ON k.household_id = v.household_id AND k.kind = w.household_kind AND k.valid @> %(day)s::date
    WHERE v.result = 'unknown' AND (v.recorded_from AT TIME ZONE 'UTC')::date + w.days <= %(day)s::date
      AND v.reasons && string_to_array(w.reasons, ',')::varchar[] {only}
"""
_NEW = """
    WITH ruled AS (SELECT * FROM unnest(%(guarantees)s::text[], %(kinds)s::text[]) AS r(guarantee, kind)),
    waits AS (SELECT * FROM unnest(%(wait_kinds)s::text[], %(wait_households)s::text[], %(wait_days)s::int[], %(wait_reasons)s::text[])
      AS w(kind, household_kind, days, reasons)),
    gaps AS ({gaps})
    SELECT g.household_id, g.path, g.kind, g.result, g.reasons, g.values, c.id, c.state, c.path, c.reasons, c.values, c.claim_result,
           (SELECT p.id FROM cases_case p WHERE p.household_id = g.household_id AND p.kind = g.kind AND p.subject = '' AND p.state = 'closed'
            AND p.merged_into_id IS NULL ORDER BY p.closed_on DESC, p.id DESC LIMIT 1)
    FROM gaps g LEFT JOIN cases_case c ON c.household_id = g.household_id AND c.kind = g.kind AND c.subject = '' AND c.state <> 'closed'
    ORDER BY g.path, g.household_id, g.kind
"""
# Cases that verdicts opened and that none of them is a gap for any more.
_OVER = """
    WITH ruled AS (SELECT * FROM unnest(%(guarantees)s::text[], %(kinds)s::text[]) AS r(guarantee, kind))
    SELECT c.id, v.result FROM cases_case c JOIN ruled r ON r.kind = c.kind
    LEFT JOIN screening_verdict v ON v.household_id = c.household_id AND v.guarantee = r.guarantee
    WHERE c.state IN ('open', 'paused', 'in_effect', 'supported') AND c.household_id IS NOT NULL
      AND (v.result = 'met' OR v.id IS NULL OR (c.source = 'unknown' AND v.result = 'not_assessed')) {only}
      AND (v.id IS NOT NULL OR NOT EXISTS (
        SELECT FROM register_membership m WHERE m.household_id = c.household_id AND m.sort = 'farming' AND m.valid @> %(day)s::date))
"""


def follow(actor: Actor, households: Iterable[int] | None = None) -> Followed:
    """Let the cases of some households, or of all, follow the present verdicts. One at a time: whoever comes second finds it done.

    Works as the system: what verdicts open needs no permission of whoever caused them.
    """
    kinds = kinds_on()
    judged = kinds.judged()
    if not judged:
        return Followed()
    only = sorted(set(households)) if households is not None else None
    if only == []:
        return Followed()
    with acting(system(actor.scope, actor.name)):
        one_at_a_time(FOLLOWING)
        asked = _asked(kinds, judged, only)
        narrowed = "AND {alias}.household_id = ANY(%(only)s::bigint[])" if only is not None else ""
        gaps = _GAPS.format(only=narrowed.format(alias="v"))
        with connection.cursor() as cursor:
            cursor.execute(_NEW.format(gaps=gaps), asked)
            rows = [_Gap(*r)._replace(values=_parsed(r[5]), case_values=_parsed(r[10])) for r in cursor.fetchall()]
            cursor.execute(_OVER.format(only=narrowed.format(alias="c")), asked)
            over = dict(cursor.fetchall())
        by = system(actor.scope, actor.name)
        opened, again = _begin(by, kinds, [r for r in rows if r.case is None])
        differing, withdrawn = _keep(by, [r for r in rows if r.case is not None])
        claimed = _ask_closing(by, over)
        found = Followed(opened, again, differing, claimed, withdrawn)
        if not found.nothing:
            detail = {"opened": opened, "reopened": again, "claimed": claimed}
            note(by, acts.CASE_FOLLOW, detail=detail)
    return found


def _asked(kinds: Kinds, judged: dict[str, str], only: list[int] | None) -> dict[str, Any]:
    waits = [
        (name, household, days, ",".join(work.unknown_reasons))
        for name, work in kinds.work.items()
        if work.rule.guarantee
        for household, days in work.unknown.items()
        if days is not None
    ]
    return {
        "day": kinds.day,
        "only": only,
        "guarantees": list(judged),
        "kinds": list(judged.values()),
        "wait_kinds": [w[0] for w in waits],
        "wait_households": [w[1] for w in waits],
        "wait_days": [w[2] for w in waits],
        "wait_reasons": [w[3] for w in waits],
    }


def _parsed(raw: Any) -> Any:
    """A JSON value of a statement of our own, which comes as its text."""
    return json.loads(raw) if isinstance(raw, str) else raw


def _begin(actor: Actor, kinds: Kinds, rows: Sequence[_Gap]) -> tuple[int, int]:
    """Open cases for gaps that have none, or re-open the one that was closed lately."""
    today = kinds.day
    before = {c.pk: c for c in Case.objects.filter(pk__in=[r.closed for r in rows if r.closed is not None])}
    again: list[Case] = []
    fresh: list[_Gap] = []
    for row in rows:
        last = before.get(row.closed) if row.closed is not None else None
        if last is not None and last.closed_on is not None and last.closed_on + timedelta(kinds.reopen_days(row.kind)) > today:
            last.reasons, last.values, last.severity = row.reasons or None, row.values, severity(kinds, row.kind, row.reasons)
            last.path = row.path
            again.append(last)
        else:
            fresh.append(row)
    if again:
        begin_again(actor, again, going_on=_going_on(kinds, again))
    chain, with_helper = Chain.on(today), helped((r.household for r in fresh), today)
    made = []
    for row in fresh:
        weight = severity(kinds, row.kind, row.reasons)
        timer = kinds.clock(row.kind)
        due = timer.due(today, weight)
        made.append(
            Case(
                path=row.path,
                household_id=row.household,
                kind=row.kind,
                severity=weight,
                source="verdict" if row.result == "unmet" else UNKNOWN,
                reasons=row.reasons or None,
                values=row.values,
                opened_on=today,
                opened_name=actor.name[:60],
                due=due,
                step=chain.first_step(row.path, row.household in with_helper),
                escalate_on=timer.first_escalation(due),
            )
        )
    Case.objects.bulk_create(made, batch_size=BATCH)
    told(actor, "opened", made, details=[{"source": c.source, "due": str(c.due), "reasons": c.reasons} for c in made])
    changed()
    return len(made), len(again)


def _going_on(kinds: Kinds, cases: Sequence[Case]) -> set[int]:
    """Which of some closed cases are about a gap that was there all the time since: closed otherwise than as met, while no verdict was anything but a gap."""
    some = {c.pk: (c.household_id, kinds.guarantee(c.kind), c.closed_on) for c in cases if c.result != MET}
    if not some:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.pk FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::date[]) AS a(pk, household, guarantee, day)
            WHERE EXISTS (SELECT FROM screening_verdict_history v WHERE v.household_id = a.household AND v.guarantee = a.guarantee
              AND v.result NOT IN ('unmet', 'unknown') AND (v.recorded_until AT TIME ZONE 'UTC')::date >= a.day)
            """,
            [list(some), *(list(column) for column in zip(*some.values(), strict=True))],
        )
        over = {pk for (pk,) in cursor.fetchall()}
    return set(some) - over


def severity(kinds: Kinds, kind: str, reasons: Sequence[str]) -> str:
    """How heavy the reasons of a gap are."""
    found = kinds.work.get(kind)
    return severity_of(reasons or (), found.rule.severity if found else {})


def _keep(actor: Actor, rows: Sequence[_Gap]) -> tuple[int, int]:
    """Bring the reasons and the place of standing cases up to the verdict; a claim that it was met falls where it is a gap again."""
    differing = {
        r.case: r
        for r in rows
        if r.case is not None
        and (sorted(r.reasons) != sorted(r.case_reasons or []) or r.values != r.case_values or r.path != r.case_path)
    }
    cases = list(Case.objects.filter(pk__in=differing))
    other, moved = [], []
    for case in cases:
        row = differing[case.pk]
        if sorted(row.reasons) != sorted(case.reasons or []):
            other.append(case)
        if row.path != case.path:
            moved.append(case)
        case.reasons, case.values, case.path = row.reasons or None, row.values, row.path
    update_rows(cases, ["reasons", "values", "path"])
    for case in moved:  # what belongs to a case lies where its household lies
        Measure.objects.filter(case=case).update(path=case.path)
        CaseEvent.objects.filter(case=case).update(path=case.path)
    told(actor, "changed", other, details=[{"reasons": c.reasons} for c in other])
    claims = list(Case.objects.filter(pk__in=[r.case for r in rows if r.state == TO_VERIFY and r.claim_result == MET]))
    back(claims)
    told(actor, "withdrawn", claims, details={"result": MET})
    changed()
    return len(other), len(claims)


def _ask_closing(actor: Actor, over: dict[int, str | None]) -> int:
    """Ask for the closing of cases whose verdict is met, or whose household is no more: somebody verifies it."""
    today = clock.today()
    cases = list(Case.objects.filter(pk__in=over))
    for case in cases:
        case.claim_result = MET if over[case.pk] is not None else ENDED
        case.state, case.claimed_on, case.claimed_name, case.claimed_by, case.claimed_at = (
            TO_VERIFY,
            today,
            actor.name[:60],
            None,
            "",
        )
        case.paused_on, case.paused_until, case.pause_reason, case.effect_until = None, None, "", None
    fields = ["claim_result", "state", "claimed_on", "claimed_name", "claimed_by", "claimed_at", "paused_on", "paused_until"]
    update_rows(cases, [*fields, "pause_reason", "effect_until"])
    told(actor, "claimed", cases, details=[{"result": c.claim_result} for c in cases])
    changed()
    return len(cases)


# --- the clock


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick of the clock did: pauses ended, periods of taking effect over, cases escalated."""

    resumed: int
    over: int
    escalated: int


def tick(actor: Actor, day: date | None = None) -> Ticked:
    """End the pauses that were to end, and the periods in which measures take effect; send what is overdue one step further up the chain, each step
    recorded, and tell who now answers. A case at the county stays there. Doing it twice a day changes nothing."""
    today = day or clock.today()
    kinds = kinds_on(today)
    by = system(actor.scope, actor.name)
    with acting(by):
        one_at_a_time(FOLLOWING)
        paused = list(Case.objects.filter(state=PAUSED, paused_until__lte=today).select_for_update())
        run_again(by, paused)
        waited = list(Case.objects.filter(state=IN_EFFECT, effect_until__lte=today).select_for_update())
        for case in waited:  # the days of waiting are not the owner's
            case.state, case.effect_until = OPEN, None
            case.due = max(case.due, today + timedelta(kinds.clock(case.kind).escalate))
            case.escalate_on = case.due + timedelta(1)
        update_rows(waited, ["state", "effect_until", "due", "escalate_on"])
        told(by, "effect_over", waited, details=[{"due": str(c.due)} for c in waited])
        escalated = _escalate(by, kinds, today)
        changed()
        if paused or waited or escalated:
            note(by, acts.CASE_ESCALATE, detail={"cases": escalated})
    return Ticked(len(paused), len(waited), escalated)


def _escalate(actor: Actor, kinds: Kinds, today: date) -> int:
    chain = Chain.on(today)
    rows = list(Case.objects.to_escalate(today).select_for_update().order_by("path", "pk"))
    moved, details = [], []
    for case in rows:
        step = chain.next_step(case.step, case.path)
        if step is None:
            case.escalate_on = None  # nobody is above: it stays overdue where it is
            continue
        details.append({"from": case.step, "to": step, "due": str(case.due), "late": (today - case.due).days})
        if case.step == DEPARTMENT:
            case.unit = None
        case.step, case.escalated = step, case.escalated + 1
        further = chain.next_step(step, case.path)
        case.escalate_on = kinds.clock(case.kind).next_escalation(today) if further is not None else None
        moved.append(case)
    update_rows(rows, ["step", "unit", "escalated", "escalate_on"])
    told(actor, "escalated", moved, details=details)
    tell_owners(actor, moved, chain, escalated=True)
    changed()
    return len(moved)
