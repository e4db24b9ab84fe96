"""Writes to plans of pairings: proposed by the solver, adjusted by hand, adopted as one act, undone as one act."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, timedelta

from django.db import connection

from bangfu.accounts.audit import note
from bangfu.command import acts
from bangfu.command.actions.pairings import AHEAD, NOT_SO_FAR, _begin, _end
from bangfu.command.actions.places import BATCH, PAIRINGS, areas_by_path, officers_by_number, one_at_a_time, told
from bangfu.command.duties import project_duties
from bangfu.command.gathering import Gathered, gather
from bangfu.command.models import Helper, Pairing, PairingPlan, PlannedPairing
from bangfu.command.pairing import Proposal, Remedies, Weights, explain, propose
from bangfu.command.problems import A_SCENARIO, BAD_ROW, BEYOND_CEILING, NOT_A_HELPER, PLAN_STALE, PLAN_STATE, UNKNOWN_PLAN
from bangfu.command.refusing import Wanted, refuse, whole_loads
from bangfu.command.settings import found_pairing_settings, pairing_settings
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

STATES = {
    "proposed": Text("待定", "proposed"),
    "adopted": Text("已采用", "adopted"),
    "undone": Text("已撤销", "undone"),
    "dropped": Text("已放弃", "dropped"),
}
CANDIDATES = 20
SUPPOSED = Text("情景测算", "Scenario")
ADOPT, UNDO, MOVE = Text("采用", "adopted"), Text("撤销", "undone"), Text("调整", "adjusted")


def propose_pairing(
    actor: Actor,
    path: str,
    *,
    day: date | None = None,
    title: Text | None = None,
    without: Collection[str] = (),
    ceiling: int | None = None,
    keep_first: bool = True,
    candidates: int = CANDIDATES,
) -> PairingPlan:
    """Compute who should answer for whom in an area on a day, and keep it as a proposal: nothing changes until it is adopted.

    `without` are numbers of officers who are left out (BF-2202 for one who does not serve); `ceiling` takes the place of the pack's, which makes a scenario; `title` names it; with
    `keep_first=False` a standing pairing is given up where that saves enough of the way. Raises BF-1108 for an area outside the actor's,
    BF-2232 and BF-1503 where the pack does not say how households are shared out, BF-2233 without households or helpers, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    when = day or clock.today()
    settings = pairing_settings(when)
    if title is None and ceiling is not None:
        title = SUPPOSED  # a ceiling that is not the pack's is a scenario
    with acting(actor):
        officers_by_number(without, when)
        areas_by_path(actor, [path])
        most = settings.ceiling if ceiling is None else ceiling
        inputs = gather(path, when, settings, without=without, ceiling=ceiling)
        weights = Weights(keep_first=keep_first)
        found = propose(
            inputs.homes,
            inputs.helpers,
            standing=inputs.standing,
            forbidden=inputs.forbidden,
            weights=weights,
            candidates=candidates,
            ranks=inputs.ranks,
            remedies=Remedies(carries=tuple(min(settings.targets[rank], most) for rank in inputs.ranks)),
        )
        plan = PairingPlan.objects.create(
            path=path,
            zh=title.zh if title else "",
            en=title.en if title else "",
            as_of=when,
            settings={
                "targets": dict(settings.targets),
                "ceiling": most,
                "verified": settings.verified,
                "without": sorted(without),
                "weights": asdict(weights),
                "candidates": candidates,
                "households": len(inputs.homes.keys),
                "helpers": len(inputs.helpers.keys),
            },
            digest=found.digest,
            objective=found.objective,
            bound=found.bound,
            optimal=found.optimal,
            seconds=found.seconds,
            result=_result(found, inputs),
            made_at=clock.now(),
            made_by=actor.name,
        )
        PlannedPairing.objects.bulk_create(_planned(plan, found, inputs), batch_size=BATCH)
        note(
            actor, acts.PLAN_MAKE, path=path, detail={"households": len(inputs.homes.keys), "kept": found.kept, "new": found.new}
        )
    return plan


def _planned(plan: PairingPlan, found: Proposal, inputs: Gathered) -> list[PlannedPairing]:
    helpers = inputs.helpers.keys
    return [
        PlannedPairing(
            plan=plan,
            path=inputs.paths[int(home)],
            household_id=int(home),
            before_id=inputs.before.get(int(home)),
            after_id=int(helpers[at]) if at >= 0 else None,
        )
        for home, at in zip(inputs.homes.keys, found.helper_of, strict=True)
    ]


def _result(found: Proposal, inputs: Gathered) -> dict[str, object]:
    """What the plan keeps of the solver's words, as plain values; texts in both languages."""
    villages = [Text(v.name, v.name_en or v.name) for v in inputs.villages]
    ranks = [RANKS.get(r, Text(r, r)) for r in inputs.ranks]
    lacking = found.remedy.shortages if found.remedy else ()
    return {
        "costs": asdict(found.costs),
        "kept": found.kept,
        "new": found.new,
        "ended": found.ended,
        "unserved": found.unserved,
        "above_target": int(found.above_target.sum()),
        "complete": found.complete,
        "shortages": [
            {
                "path": inputs.villages[s.village].path,
                "lacking": s.lacking,
                "recruits": {inputs.ranks[rank]: number for rank, number in enumerate(s.recruits) if number},
                "shared": s.shared,
                "exceptions": s.exceptions,
            }
            for s in lacking
        ],
        "raised": [[int(inputs.helpers.keys[helper]), more] for helper, more in (found.remedy.raised if found.remedy else ())],
        "leaves_out": [[t.zh, t.en] for t in found.leaves_out],
        "words": [[t.zh, t.en] for t in explain(found, villages, ranks, by_village=False)],
    }


RANKS = {
    "county": Text("县级干部", "county rank"),
    "section": Text("科级干部", "section rank"),
    "general": Text("一般干部", "general rank"),
}


def _plan(actor: Actor, key: int, *states: str, doing: Text) -> PairingPlan:
    """A plan of the actor's area in one of some states, held against others. Raises BF-2231, BF-2230."""
    plan = PairingPlan.objects.visible_to(actor).filter(pk=key).select_for_update().first()
    if plan is None:
        raise UNKNOWN_PLAN()
    if plan.state not in states:
        raise PLAN_STATE(state=STATES[plan.state], doing=doing)
    found: PairingPlan = plan
    return found


_CHANGED = """
    SELECT h.number FROM command_plannedpairing x JOIN register_household h ON h.id = x.household_id
    LEFT JOIN command_pairing p ON p.household_id = x.household_id AND p.principal AND p.valid @> %(day)s::date
    WHERE x.plan_id = %(plan)s AND p.helper_id IS DISTINCT FROM x.{column} ORDER BY h.number
"""


def _require_fresh(plan: PairingPlan, day: date, column: str) -> None:
    """Hold that the pairings of a day are those that the plan believes. Raises BF-2229 with how many are not."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED.format(column=column), {"plan": plan.pk, "day": day})
        changed = [row[0] for row in cursor.fetchall()]
    if changed:
        raise PLAN_STALE(count=len(changed), household=changed[0])


def adopt_plan(actor: Actor, key: int, *, on: date | None = None, scenario: bool = False) -> int:
    """Put a plan into effect from a day on, as one act: what it changes ends and begins, the rest stays. Returns how many households changed.

    `scenario` says that a labelled scenario is really meant. Raises BF-2241 for one without it, BF-2231, BF-2230, BF-2229 where pairings changed since it was made, and what `pair` refuses (adjustments by hand are held to it as
    well), BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    day = on or clock.today()
    if day > clock.today() + timedelta(AHEAD):
        raise BAD_ROW(column=Text("日期", "day"), value=day, wanted=NOT_SO_FAR)
    with acting(actor):
        one_at_a_time(PAIRINGS)
        plan = _plan(actor, key, "proposed", doing=ADOPT)
        if plan.zh and not scenario:
            raise A_SCENARIO(plan=plan.title)
        _require_fresh(plan, day, "before_id")
        rows = list(plan.pairs.changing().select_related("household"))
        ending = [r.household_id for r in rows if r.before_id is not None]
        if ending:
            _end(Pairing.objects.principals().open().filter(household__in=ending), day, "plan", "")
        wanted = [
            Wanted(r.household_id, r.household.number, r.path, r.after_id, day, reason="plan")
            for r in rows
            if r.after_id is not None
        ]
        _begin(actor, wanted, found_pairing_settings(day), plan=plan.pk)
        _decide(actor, plan, "adopted")
        note(actor, acts.PLAN_ADOPT, path=plan.path, detail={"new": len(wanted), "ended": len(ending), "since": day})
        told()
    return len(rows)


def undo_plan(actor: Actor, key: int, *, on: date | None = None) -> int:
    """Take an adopted plan back, as one act: who answered before answers again. Returns how many households changed.

    On the day of adoption nothing of it remains but the record; later the plan's pairings end and those of before begin anew. Raises BF-2231,
    BF-2230, BF-2229 where pairings changed since, BF-2225 where somebody of before is no helper any more, BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    day = on or clock.today()
    with acting(actor):
        one_at_a_time(PAIRINGS)
        plan = _plan(actor, key, "adopted", doing=UNDO)
        _require_fresh(plan, day, "after_id")
        rows = list(plan.pairs.changing().select_related("household"))
        homes = [r.household_id for r in rows]
        gone = (
            Helper.objects.filter(pk__in={r.before_id for r in rows if r.before_id})
            .exclude(valid__contains=day)
            .select_related("officer")
            .first()
        )
        if gone is not None:
            raise NOT_A_HELPER(helper=gone.officer.name, day=day)
        _end(Pairing.objects.principals().open().filter(household__in=homes, plan=plan), day, "undone", "")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE command_pairing p SET valid = daterange(lower(p.valid), NULL), end_reason = '' FROM command_plannedpairing x "
                "WHERE x.plan_id = %s AND x.household_id = p.household_id AND x.before_id = p.helper_id AND x.before_id IS DISTINCT FROM x.after_id "
                "AND p.principal AND upper(p.valid) = %s RETURNING p.household_id",
                [plan.pk, day],
            )
            opened = {row[0] for row in cursor.fetchall()}
        project_duties(opened)
        wanted = [
            Wanted(r.household_id, r.household.number, r.path, r.before_id, day, reason="handover")
            for r in rows
            if r.before_id is not None and r.household_id not in opened
        ]
        _begin(actor, wanted, None)
        _decide(actor, plan, "undone")
        note(actor, acts.PLAN_UNDO, path=plan.path, detail={"rows": len(rows), "since": day})
        told()
    return len(rows)


def drop_plan(actor: Actor, key: int) -> None:
    """Give up a proposal. Raises BF-2231, BF-2230, BF-1001 without `pairing.manage`."""
    actor.require("pairing.manage")
    with acting(actor):
        _decide(actor, _plan(actor, key, "proposed", doing=Text("放弃", "dropped")), "dropped")


def _decide(actor: Actor, plan: PairingPlan, state: str) -> None:
    plan.state, plan.decided_at, plan.decided_by = state, clock.now(), actor.name
    plan.save(update_fields=["state", "decided_at", "decided_by"])


def move_planned(actor: Actor, key: int, household: str, helper: str) -> PlannedPairing:
    """Let another helper (by number; blank: nobody) answer for a household in a proposal. What refuses a pairing refuses this as well.

    Raises BF-2231, BF-2230, BF-1222 for a household that the plan does not have, BF-2225, BF-2220 to BF-2222, BF-2224 with the loads of the plan,
    BF-1001 without `pairing.manage`.
    """
    actor.require("pairing.manage")
    with acting(actor):
        plan = _plan(actor, key, "proposed", doing=MOVE)
        home = Household.objects.visible_to(actor).farming().filter(number=household).first()
        row = plan.pairs.filter(household=home).first() if home is not None else None
        if home is None or row is None:
            raise UNKNOWN_HOUSEHOLD(household=household)
        chosen = (
            Helper.objects.on(plan.as_of).filter(officer__number=helper).select_related("officer").first() if helper else None
        )
        if helper and chosen is None:
            raise NOT_A_HELPER(helper=helper, day=plan.as_of)
        if chosen is not None:
            refuse([Wanted(home.pk, home.number, home.path, chosen.pk, plan.as_of, principal=False)], None)
            # In the plan, and beyond its households.
            beyond = whole_loads([chosen.pk]).get(chosen.pk, (0, 0))[0] - plan.pairs.filter(before=chosen).count()
            load = plan.pairs.filter(after=chosen).exclude(pk=row.pk).count() + 1 + max(0, beyond)
            ceiling = chosen.ceiling if chosen.ceiling is not None else plan.settings["ceiling"]
            if load > ceiling:
                raise BEYOND_CEILING(helper=chosen.officer.name, count=load, ceiling=ceiling)
        row.after, row.by_hand = chosen, True
        row.save(update_fields=["after", "by_hand"])
        note(actor, acts.PLAN_MOVE, subject=household, path=home.path)
    moved: PlannedPairing = row
    return moved
