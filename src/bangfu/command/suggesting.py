"""Who could answer for a household: helpers in an order that an office can follow, and why others are refused. Nothing here decides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from bangfu.areas.models import ancestors
from bangfu.areas.remembered import areas
from bangfu.command.gathering import HOMES, METRES, PROFESSIONS
from bangfu.command.refusing import WHY, kin_of, poor_among, whole_loads
from bangfu.foundation.say import Text
from bangfu.register.models import Household

FIT = 3_000  # metres that a fitting profession is worth
NO_WAY = 10_000  # metres, where a place is not known
ASKED = 60  # of the best, of whom the register is asked
REFUSED = {
    "poor": Text("本人是建档立卡或监测户成员", "belongs to a registered or monitored household"),
    "own": Text("是自己的家庭", "their own household"),
    "ceiling": Text("已满上限", "the ceiling is reached"),
    "standing": Text("正由其负责", "answers for it already"),
    "declared": Text("须回避", "must stand back"),
    **WHY,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A helper (key, officer's key and number) as a household sees them. `metres`: the way, None where a place is not known; `most`: the ceiling, None without one;
    `attached`: their unit stands by the household's village; `fits`: a member has need of their profession."""

    key: int
    officer: int
    number: str
    name: str
    unit: Text
    rank: str
    profession: str
    load: int
    target: int | None
    most: int | None
    metres: float | None
    attached: bool
    fits: bool

    @property
    def full(self) -> bool:
        """Whether one household more would be beyond the ceiling."""
        return self.most is not None and self.load >= self.most

    @property
    def km(self) -> float | None:
        """The way in kilometres."""
        return None if self.metres is None else self.metres / 1000


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The best first, and the nearest of those who are refused with the reason."""

    best: Sequence[Candidate]
    refused: Sequence[tuple[Candidate, Text]]


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Below the target of their rank first, among these the department that stands by the village, then by the way; a fitting profession is worth three kilometres."""

    def key(c: Candidate) -> tuple[bool, bool, float, int, int]:
        way = NO_WAY if c.metres is None else c.metres
        return (c.target is not None and c.load >= c.target, not c.attached, way - FIT * c.fits, c.load, c.key)

    return sorted(candidates, key=key)


def suggest(candidates: Iterable[Candidate], refused: Mapping[int, Text], best: int = 10) -> Suggestions:
    """The first of those whom nothing refuses; `refused` tells why by key, and who is full is refused as well."""
    found: list[Candidate] = []
    left_out: list[tuple[Candidate, Text]] = []
    for c in in_order(candidates):
        why = refused.get(c.key) or (REFUSED["ceiling"] if c.full else None)
        if why is not None:
            left_out.append((c, why))
        elif len(found) < best:
            found.append(c)
    near = sorted(left_out, key=lambda pair: NO_WAY if pair[0].metres is None else pair[0].metres)
    return Suggestions(found, near[:best])


_HELPERS = """
    SELECT h.id, o.id, o.number, o.name, u.zh, u.en, h.rank, h.profession, h.path, h.ceiling,
      EXISTS (SELECT FROM command_attachment a WHERE a.unit_id = o.unit_id AND a.path = ANY(%(places)s) AND a.valid @> %(day)s::date)
    FROM command_helper h JOIN command_officer o ON o.id = h.officer_id JOIN command_unit u ON u.id = o.unit_id
    WHERE h.valid @> %(day)s::date AND h.path >= %(scope)s AND h.path < %(scope)s || '~' AND NOT o.number = ANY(%(without)s)
"""


def suggestions(
    household: Household, scope: str, day: date, targets: Mapping[str, int], ceiling: int | None, *,
    standing: int | None = None, loads: Mapping[int, int] | None = None, without: Sequence[str] = (), best: int = 10,
) -> Suggestions:  # fmt: skip
    """Helpers of an area who could answer for a household from a day on. `standing` is the key of the one who does; `loads` takes the place of the
    loads of today (a plan has its own), `without` are numbers of officers who are left out."""
    village = household.path[:-4]
    told: dict[str, Any] = {"day": day, "scope": scope, "places": [household.path, village], "without": list(without)}
    with connection.cursor() as cursor:
        cursor.execute(_HELPERS, told)
        rows = cursor.fetchall()
        kinds = ["ordinary", "registered", "monitored"]
        cursor.execute(HOMES, {"path": household.path, "day": day, "known": day, "kinds": kinds})
        wants = next(
            (PROFESSIONS["teacher"] * r[2] | PROFESSIONS["medic"] * r[3] for r in cursor.fetchall() if r[0] == household.pk), 0
        )
    held = {helper: n for helper, (n, _) in whole_loads(r[0] for r in rows).items()} if loads is None else loads
    way = Ways([household.path, *(r[8] for r in rows)])
    found = [
        Candidate(
            key=r[0], officer=r[1], number=r[2], name=r[3], unit=Text(r[4], r[5]), rank=r[6], profession=r[7],
            load=held.get(r[0], 0), target=targets.get(r[6]),
            most=r[9] if r[9] is not None else ceiling, metres=way.metres(household.path, r[8]), attached=r[10],
            fits=bool(PROFESSIONS.get(r[7], 0) & wants),
        )
        for r in rows
    ]  # fmt: skip
    near = in_order(c for c in found if not c.full)[:ASKED]
    nearest = sorted(found, key=lambda c: NO_WAY if c.metres is None else c.metres)[:ASKED]
    asked = {c.key: c for c in (*near, *nearest)}.values()  # nobody is offered of whom the register was not asked
    return suggest(asked, _refused(household, asked, day, standing), best)


def _refused(household: Household, candidates: Iterable[Candidate], day: date, standing: int | None) -> dict[int, Text]:
    """Why the register, or a declaration, refuses helpers, by key."""
    by_officer = {c.officer: c.key for c in candidates}
    found: dict[int, Text] = {by_officer[o]: REFUSED["poor"] for o in poor_among(by_officer, day)}
    for (officer, home), why in kin_of(by_officer, day).items():
        if home == household.pk:
            found[by_officer[officer]] = REFUSED[why]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT officer_id, reason FROM command_avoidance WHERE household_id = %s AND officer_id = ANY(%s)",
            [household.pk, list(by_officer)],
        )
        for officer, reason in cursor.fetchall():
            found[by_officer[officer]] = Text(f"须回避：{reason}", f"must stand back: {reason}")
    if standing is not None:
        found[standing] = REFUSED["standing"]
    return found


class Ways:
    """Ways between places in metres, as the crow flies between the centres of the nearest areas that have one: schematic, no roads."""

    def __init__(self, paths: Iterable[str]) -> None:
        lines = {path: [*ancestors(path), path] for path in set(paths)}
        known = areas().by_path({one for line in lines.values() for one in line})
        self._at: dict[str, tuple[float, float] | None] = {}
        for path, line in lines.items():
            area = next(
                (known[p] for p in reversed(line) if p in known and known[p].lat is not None and known[p].lon is not None), None
            )
            self._at[path] = None if area is None else (float(area.lon), float(area.lat))  # type: ignore[arg-type]

    def metres(self, one: str, other: str) -> float | None:
        """The way between two of the places; None where one is not known."""
        a, b = self._at.get(one), self._at.get(other)
        if a is None or b is None:
            return None
        east = (a[0] - b[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
        return math.hypot(east, a[1] - b[1]) * METRES
