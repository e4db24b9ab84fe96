"""What a plan of pairings is made from: the target households and the helpers of an area on a day, as arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from bangfu.areas.models import Area, ancestors
from bangfu.command.pairing import Helpers, Homes
from bangfu.command.problems import NOBODY_TO_HELP
from bangfu.command.refusing import kin_of, poor_among, whole_loads
from bangfu.command.settings import PairingSettings
from bangfu.foundation.say import Text

TARGET_KINDS = ("registered", "monitored")  # the households of whom each has a principal helper
PROFESSIONS = {"teacher": 1, "medic": 2}  # of whom a member may have need
METRES = 111_320  # of a degree of latitude

HOMES = """
    SELECT h.id, h.path,
      EXISTS (SELECT FROM register_membership m JOIN register_person p ON p.id = m.person_id
              JOIN register_schooling s ON s.person_id = m.person_id AND s.valid @> %(day)s::date
              WHERE m.household_id = h.id AND m.valid @> %(day)s::date AND s.stage IS NOT NULL
                AND p.birth_date BETWEEN %(day)s::date - interval '16 years' AND %(day)s::date - interval '6 years') AS pupil,
      EXISTS (SELECT FROM register_membership m JOIN register_condition c ON c.person_id = m.person_id AND c.valid @> %(day)s::date
              WHERE m.household_id = h.id AND m.valid @> %(day)s::date AND c.health && ARRAY['chronic', 'serious']::varchar[]) AS ill
    FROM register_household h JOIN register_kind k ON k.household_id = h.id AND k.valid @> %(known)s::date AND k.kind = ANY(%(kinds)s)
    WHERE h.sort = 'farming' AND h.path >= %(path)s AND h.path < %(path)s || '~' ORDER BY h.id
"""
HELPERS = """
    SELECT h.id, h.rank, h.profession, h.path, h.ceiling, o.id, o.unit_id FROM command_helper h JOIN command_officer o ON o.id = h.officer_id
    WHERE h.valid @> %(day)s::date AND NOT o.number = ANY(%(without)s) AND (
      h.path >= %(path)s AND h.path < %(path)s || '~'
      OR EXISTS (SELECT FROM command_pairing p WHERE p.helper_id = h.id AND p.principal AND p.valid @> %(day)s::date
                 AND p.path >= %(path)s AND p.path < %(path)s || '~')) ORDER BY h.id
"""
STANDING = """
    SELECT p.household_id, p.helper_id FROM command_pairing p
    WHERE p.principal AND p.valid @> %(day)s::date AND p.path >= %(path)s AND p.path < %(path)s || '~'
"""
ATTACHED = """
    SELECT unit_id, path FROM command_attachment WHERE unit_id IS NOT NULL AND valid @> %(day)s::date AND path >= %(path)s AND path < %(path)s || '~'
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The inputs of a plan. `standing` and `forbidden` are pairs (home, helper) of indexes; `villages` and `ranks` name the indexes."""

    homes: Homes
    helpers: Helpers
    standing: NDArray[np.int32]
    forbidden: NDArray[np.int32]
    villages: tuple[Area, ...]
    ranks: tuple[str, ...]
    before: Mapping[int, int]  # household -> helper who stands today, of the target households
    paths: Mapping[int, str]  # household -> path


def gather(
    path: str, day: date, settings: PairingSettings, *, without: Collection[str] = (), ceiling: int | None = None
) -> Gathered:
    """Read what a plan needs: those who are stationed in the area may help, and those from elsewhere who do already. `without` are numbers of officers who are left out; `ceiling` takes the place of the settings' own, exceptions too.

    Raises BF-2233 where there is no target household, or no helper.
    """
    told: dict[str, Any] = {"path": path, "day": day, "known": day, "kinds": list(TARGET_KINDS), "without": sorted(without)}
    first = _first_known(path)
    if first is not None and first > day:
        told["known"] = first  # the register begins later: whom it has is judged as it first knew them
    where = Area.objects.get(path=path)
    home_rows = _rows(HOMES, told | {"day": told["known"]})
    helper_rows = _rows(HELPERS, told)
    poor = poor_among([r[5] for r in helper_rows], told["known"])
    helper_rows = [r for r in helper_rows if r[5] not in poor]
    for rows, what in ((home_rows, Text("需要结对的户", "household to be paired")), (helper_rows, Text("帮扶责任人", "helper"))):
        if not rows:
            raise NOBODY_TO_HELP(area=where, what=what)
    areas = _areas(path)
    villages = tuple(a for a in areas.values() if a.level == _village_level(path))
    village_at = {v.path: n for n, v in enumerate(villages)}
    length = {len(v.path) for v in villages}.pop() if villages else 0
    home_at = {r[0]: n for n, r in enumerate(home_rows)}
    helper_at = {r[0]: n for n, r in enumerate(helper_rows)}
    pairs = _rows(STANDING, told)
    # What a helper carries beyond these households, here or elsewhere, takes from what they can carry.
    elsewhere = {helper: principal for helper, (principal, _) in whole_loads(helper_at).items()}
    for household, helper in pairs:
        if household in home_at and helper in helper_at:
            elsewhere[helper] = max(0, elsewhere.get(helper, 0) - 1)
    ranks = tuple(settings.targets)
    centre = _centre(areas.values())
    homes = Homes(
        keys=np.array([r[0] for r in home_rows], np.int64),
        village=np.array([village_at.get(r[1][:length], 0) for r in home_rows], np.int32),
        xy=_places([r[1] for r in home_rows], areas, centre),
        wants=np.array([PROFESSIONS["teacher"] * r[2] | PROFESSIONS["medic"] * r[3] for r in home_rows], np.int32),
    )
    free = np.array([elsewhere.get(r[0], 0) for r in helper_rows], np.int32)
    most = [ceiling if ceiling is not None else r[4] if r[4] is not None else settings.ceiling for r in helper_rows]
    by_unit: dict[int, list[int]] = {}
    for n, r in enumerate(helper_rows):
        by_unit.setdefault(r[6], []).append(n)
    attached = {
        (n, village_at[place]) for unit, place in _rows(ATTACHED, told) if place in village_at for n in by_unit.get(unit, ())
    }
    helpers = Helpers(
        keys=np.array([r[0] for r in helper_rows], np.int64),
        rank=np.array([ranks.index(r[1]) if r[1] in ranks else len(ranks) - 1 for r in helper_rows], np.int32),
        profession=np.array([PROFESSIONS.get(r[2], 0) for r in helper_rows], np.int32),
        xy=_places([r[3] for r in helper_rows], areas, centre),
        target=np.maximum(np.array([settings.targets.get(r[1], 0) for r in helper_rows], np.int32) - free, 0),
        ceiling=np.maximum(np.array(most, np.int32) - free, 0),
        attached=_pairs(sorted(attached)),
    )
    before = {household: helper for household, helper in pairs if household in home_at}
    standing = [(home_at[h], helper_at[g]) for h, g in before.items() if g in helper_at]
    by_officer = {r[5]: n for n, r in enumerate(helper_rows)}
    kin = [(home_at[h], by_officer[o]) for o, h in _kin(by_officer, told["known"]) if h in home_at]
    return Gathered(
        homes,
        helpers,
        _pairs(sorted(standing)),
        _pairs(sorted(set(kin))),
        villages,
        ranks,
        before,
        {r[0]: r[1] for r in home_rows},
    )


def _kin(officers: Mapping[int, int], day: date) -> Iterable[tuple[int, int]]:
    """(officer, household) that must stand apart, by the register and as declared."""
    yield from kin_of(officers, day)
    yield from _rows(
        "SELECT officer_id, household_id FROM command_avoidance WHERE officer_id = ANY(%(officers)s)",
        {"officers": list(officers)},
    )


def _first_known(path: str) -> date | None:
    rows = _rows("SELECT min(lower(valid)) FROM register_kind WHERE path >= %(path)s AND path < %(path)s || '~'", {"path": path})
    found: date | None = rows[0][0]
    return found


def _rows(sql: str, told: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, told)
        return list(cursor.fetchall())


def _pairs(rows: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
    return np.array(rows, np.int32).reshape(-1, 2)


def _areas(path: str) -> dict[str, Area]:
    """Every area at and below a path, and above it."""
    rows = Area.objects.filter(path__in=ancestors(path)) | Area.objects.under(path)
    return {a.path: a for a in rows.order_by("path")}


def _village_level(path: str) -> str:
    from bangfu.areas.profile import profile_of

    return profile_of(path).plays.village


def _centre(areas: Iterable[Area]) -> float:
    lats = [a.lat for a in areas if a.lat is not None]
    return float(np.radians(np.mean(lats))) if lats else 0.0


def _places(paths: Sequence[str], areas: Mapping[str, Area], centre: float) -> NDArray[np.float64]:
    """Metres east and north of paths, each at the centre of the nearest area that has one; NaN where none has. Shape (n, 2)."""
    known: dict[str, tuple[float, float]] = {}
    for path in set(paths):
        line = [areas[p] for p in (*ancestors(path), path) if p in areas]
        area = next((a for a in reversed(line) if a.lon is not None and a.lat is not None), None)
        known[path] = (
            (float(area.lon) * METRES * float(np.cos(centre)), float(area.lat) * METRES)  # type: ignore[arg-type]
            if area is not None
            else (np.nan, np.nan)
        )
    return np.array([known[p] for p in paths], np.float64).reshape(-1, 2)
