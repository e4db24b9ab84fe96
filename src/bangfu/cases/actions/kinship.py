"""Relatives are declared: of officers, and of officers and households. Who is one neither verifies nor votes on what the other is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.writing import text
from bangfu.cases.models import Kinship
from bangfu.cases.problems import BAD_ROW, NOT_ONES_OWN, UNKNOWN_HOUSEHOLD, UNKNOWN_KINSHIP
from bangfu.command.actions import avoid, end_avoidance
from bangfu.command.actions.places import officers_by_number
from bangfu.command.models import Avoidance, Officer
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text
from bangfu.register.models import Household

OFFICER, RELATIVE = Text("工号", "number"), Text("亲属工号", "number of the relative")
HOUSEHOLD, RELATION = Text("户编号", "household"), Text("关系", "relation")
ANOTHER = Text("须是另一人", "somebody else")
ONE_OF_BOTH = Text("亲属工号和户编号，填其中一个", "give the number of a relative, or of a household")
OF_THE_AREA = Text("两人中须有一人在本区划任职", "one of the two has to serve in your area")
WHY = Text("原因", "reason")


@dataclass(frozen=True, slots=True)
class KinshipRow:
    """An officer (by number), whose relative they are (another officer by number, or a household by number), and how."""

    officer: str
    relative: str
    relation: str
    row: int | None = None
    household: str = ""


def declare_kinship(actor: Actor, rows: Sequence[KinshipRow]) -> int:
    """Declare that officers are relatives of each other, or of households; all of the rows or none. What is known stays. Returns how many are new.

    An officer declares their own; whoever holds `case.kinship` those of their area. Raises BF-2202 for an officer who is not there, BF-2417 for a household
    outside, BF-2402, BF-1001 for others' relatives without `case.kinship`.
    """
    with acting(actor):
        numbers = {r.officer: r.row for r in rows} | {r.relative: r.row for r in rows if r.relative}
        found = officers_by_number(numbers, clock.today())
        own = own_officer(actor)
        homes = {
            h.number: h for h in Household.objects.visible_to(actor).farming().filter(number__in={r.household for r in rows})
        }
        new, pairs = 0, []
        for row in rows:
            one, other = found[row.officer], found.get(row.relative)
            mine = own is not None and own.pk in {one.pk, other.pk if other is not None else 0}
            if not mine:
                actor.require("case.kinship")
            relation = hide(text(row.relation, RELATION, 40, row.row))
            if bool(row.relative) == bool(row.household):
                raise BAD_ROW(row=row.row, column=RELATIVE, value=row.relative[:40] or "–", wanted=ONE_OF_BOTH)
            if other is not None:
                pairs.append(_pair(actor, row, one, other, relation, mine=mine))
            elif row.household not in homes:
                raise UNKNOWN_HOUSEHOLD(row=row.row, household=row.household[:40])
            elif not Avoidance.objects.filter(officer=one, household=homes[row.household]).exists():
                avoid(system(actor.scope, actor.name), one.number, row.household, relation)
                new += 1
        before = Kinship.objects.count()
        Kinship.objects.bulk_create(pairs, ignore_conflicts=True)
        new += Kinship.objects.count() - before
        note(actor, acts.KINSHIP, detail={"rows": new})
    return new


def _pair(actor: Actor, row: KinshipRow, one: Officer, other: Officer, relation: str, *, mine: bool) -> Kinship:
    """Two officers in the order in which they are kept, one of whom serves where the actor stands. Raises BF-2402."""
    if one.pk == other.pk:
        raise BAD_ROW(row=row.row, column=RELATIVE, value=row.relative, wanted=ANOTHER)
    if not mine and not actor.covers(one.path) and not actor.covers(other.path):
        raise BAD_ROW(row=row.row, column=OFFICER, value=row.officer, wanted=OF_THE_AREA)
    first, second = sorted((one, other), key=lambda o: o.pk)
    return Kinship(path=actor.scope, officer=first, relative=second, relation=relation, actor=actor.name[:60])


def end_kinship(actor: Actor, why: str, *, pair: int = 0, household: int = 0) -> None:
    """End what was declared wrongly, or holds no longer: of two officers (`pair`, a key), or of an officer and a household (`household`, the key of the
    avoidance); the reason goes into the audit, what was declared stays in the history.

    By nobody whom it is about. Raises BF-2485 for what is not there or lies outside, BF-2486, BF-2402 without a reason, BF-1001 without `case.kinship`.
    """
    actor.require("case.kinship")
    reason = hide(text(why, WHY, 200))
    with acting(actor):
        rows = Kinship.objects.filter(pk=pair) if pair else Avoidance.objects.visible_to(actor).filter(pk=household)
        found = rows.select_related("officer").select_for_update(of=("self",)).first()
        if found is None or not actor.covers(found.path):
            raise UNKNOWN_KINSHIP()
        own = own_officer(actor)
        if own is not None and own.pk in {found.officer_id, getattr(found, "relative_id", 0)}:
            raise NOT_ONES_OWN(officer=own.name)
        if pair:
            found.delete()
        else:
            end_avoidance(system(actor.scope, actor.name), found.pk, reason)
        note(actor, acts.KINSHIP_END, path=found.path, reason=reason, detail={"rows": 1})


def own_officer(actor: Actor) -> Officer | None:
    """The officer who the actor is; None where they are none."""
    return Officer.objects.filter(user=actor.user_id).first() if actor.user_id is not None else None
