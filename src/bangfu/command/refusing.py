"""What refuses a pairing: the helper's own standing, kinship, a second principal, the ceiling. Asked for many pairs at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from bangfu.command.models import Helper, Officer, Pairing
from bangfu.command.problems import BEYOND_CEILING, HELPER_IS_POOR, OWN_HOUSEHOLD, RELATIVES, TWO_PRINCIPALS
from bangfu.command.settings import PairingSettings
from bangfu.foundation import clock
from bangfu.foundation.hiding import Known
from bangfu.foundation.say import Text

WHY = {
    "unit": Text("同在一个户口簿或低保户内", "they share a registration book or an allowance family"),
    "former": Text("曾是同一户的成员", "they were once of one household"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pairing to be written: keys of the household and of the helper."""

    household: int
    number: str
    path: str
    helper: int
    since: date
    principal: bool = True
    reason: str = "assigned"
    row: int | None = None


# Households of which an officer is a member, was one, or with whose members they share a unit of another sort. `officers` is a list of keys.
KIN = """
    WITH o AS (SELECT id AS officer, person_id AS person FROM command_officer WHERE id = ANY(%(officers)s) AND person_id IS NOT NULL),
    own AS (SELECT o.officer, m.household_id AS household FROM o JOIN register_membership m ON m.person_id = o.person
            WHERE m.sort = 'farming' AND m.valid @> %(day)s::date),
    once AS (SELECT DISTINCT o.officer, m.household_id AS household FROM o JOIN register_membership m ON m.person_id = o.person
             WHERE m.sort = 'farming' AND NOT m.valid @> %(day)s::date),
    unit AS (SELECT DISTINCT o.officer, m.household_id AS unit FROM o JOIN register_membership m ON m.person_id = o.person
             WHERE m.sort <> 'farming' AND m.valid @> %(day)s::date),
    shared AS (SELECT DISTINCT u.officer, h.household_id AS household FROM unit u
               JOIN register_membership m ON m.household_id = u.unit AND m.valid @> %(day)s::date
               JOIN register_membership h ON h.person_id = m.person_id AND h.sort = 'farming' AND h.valid @> %(day)s::date)
    SELECT officer, household, 'own' AS why FROM own
    UNION ALL SELECT officer, household, 'unit' FROM shared EXCEPT SELECT officer, household, 'unit' FROM own
    UNION ALL SELECT officer, household, 'former' FROM once EXCEPT SELECT officer, household, 'former' FROM own
"""
POOR = "SELECT officer FROM bangfu_poor_officers(%(officers)s::bigint[], %(day)s::date)"  # wherever they live


def kin_of(officers: Iterable[int], day: date) -> dict[tuple[int, int], str]:
    """Households that officers must stand back from by the register: (officer, household) → `own`, `unit` or `former`."""
    with connection.cursor() as cursor:
        cursor.execute(KIN, {"officers": sorted(set(officers)), "day": day})
        found: dict[tuple[int, int], str] = {}
        for officer, household, why in cursor.fetchall():
            if found.get((officer, household)) != "own":
                found[officer, household] = why
        return found


def poor_among(officers: Iterable[int], day: date) -> set[int]:
    """Officers who belong to a registered or monitored household on a day."""
    with connection.cursor() as cursor:
        cursor.execute(POOR, {"officers": sorted(set(officers)), "day": day})
        return {row[0] for row in cursor.fetchall()}


def refuse(wanted: Sequence[Wanted], settings: PairingSettings | None) -> None:
    """Raise the problem of the first pair that is refused: BF-2220 to BF-2224, with its row. Without settings there is no ceiling but a
    helper's own."""
    if not wanted:
        return
    today = clock.today()
    helpers = {h.pk: h for h in Helper.objects.filter(pk__in={w.helper for w in wanted}).select_related("officer")}
    officers = {h.officer_id for h in helpers.values()}
    poor, kin = poor_among(officers, today), kin_of(officers, today)
    declared = {
        (officer, household): reason
        for officer, household, reason in Officer.objects.filter(pk__in=officers, avoidances__isnull=False).values_list(
            "pk", "avoidances__household", "avoidances__reason"
        )
    }
    holders = _holders(w for w in wanted if w.principal)
    loads = _loads(helpers)
    for w in wanted:
        helper = helpers[w.helper]
        key = (helper.officer_id, w.household)
        if helper.officer_id in poor:
            raise HELPER_IS_POOR(row=w.row, helper=helper.officer.name)
        if kin.get(key) == "own":
            raise OWN_HOUSEHOLD(row=w.row, helper=helper.officer.name, household=Known(w.number))
        if key in declared or key in kin:
            raise RELATIVES(
                row=w.row, helper=helper.officer.name, household=Known(w.number), why=declared.get(key) or WHY[kin[key]]
            )
        if not w.principal:
            continue
        for name, upper in holders.get(w.household, []):
            if upper is None or upper > w.since:
                raise TWO_PRINCIPALS(row=w.row, household=Known(w.number), holder=name)
        holders.setdefault(w.household, []).append((helper.officer.name, None))
        loads[w.helper] = loads.get(w.helper, 0) + 1
        ceiling = helper.ceiling if helper.ceiling is not None else settings.ceiling if settings else None
        if ceiling is not None and loads[w.helper] > ceiling:
            raise BEYOND_CEILING(row=w.row, helper=helper.officer.name, count=loads[w.helper], ceiling=ceiling)


def _holders(wanted: Iterable[Wanted]) -> dict[int, list[tuple[str, date | None]]]:
    """Principals of households, standing and to come: names with the day they end."""
    rows = Pairing.objects.principals().filter(household__in={w.household for w in wanted})
    found: dict[int, list[tuple[str, date | None]]] = {}
    for household, name, valid in rows.values_list("household", "helper__officer__name", "valid"):
        found.setdefault(household, []).append((name, valid.upper))
    return found


def _loads(helpers: Iterable[int]) -> dict[int, int]:
    """How many households each helper is the principal of, those to come and those of other townships as well."""
    return {helper: principal for helper, (principal, _) in whole_loads(helpers).items()}


def whole_loads(helpers: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Households of which helpers are the principal, and all for whom they answer, whether the one who asks sees these or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT helper, principal, held FROM bangfu_helper_loads(%s::bigint[])", [sorted(set(helpers))])
        return {helper: (principal, held) for helper, principal, held in cursor.fetchall()}
