"""Who may examine what: examiners and villages with the ties that the register of command has of them (`conflicts.py` decides)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.cases.models import Kinship
from bangfu.command.models import Appointment, Attachment, Avoidance, Deployment, Officer, Pairing
from bangfu.foundation.say import Text
from bangfu.supervision.conflicts import TIES, Examined, Examiner, tie


def examiner_of(officer: Officer, most: int | None = None) -> Examiner:
    """An officer as an examiner: the unit, and where they are stationed."""
    return Examiner(str(officer.pk), frozenset({str(officer.unit_id)}), frozenset({officer.path}), most)


def examined_places(homes: Mapping[int, str], day: date) -> tuple[dict[str, Examined], dict[str, list[int]]]:
    """The villages (or what plays them) of some households, by path, with whoever helps there and stands by them on a day; and the households of each.

    `homes` are paths by household.
    """
    of: dict[str, list[int]] = {}
    for household, path in homes.items():
        of.setdefault(village_of(path), []).append(household)
    helpers: dict[int, list[tuple[int, int]]] = {}
    for household, officer, unit in (
        Pairing.objects.on(day)
        .filter(household__in=list(homes))
        .values_list("household", "helper__officer", "helper__officer__unit")
    ):
        helpers.setdefault(household, []).append((officer, unit))
    attached, present = _attached(of, day), _present(of, day)
    found = {}
    for village, households in of.items():
        some = {pair for h in households for pair in helpers.get(h, ())} | present.get(village, set())
        found[village] = Examined(
            village, township_of(village), frozenset(str(u) for u in attached[village]), frozenset(str(o) for o, _ in some),
            frozenset(str(u) for _, u in some), frozenset(f"h{h}" for h in households),
        )  # fmt: skip
    return found, of


def kin_pairs(officers: Iterable[int]) -> frozenset[tuple[str, str]]:
    """Pairs of officers who are relatives, either way round, as far as one of them is named, and the households that an officer avoids (`h` and the key)."""
    some = set(officers)
    pairs = [(a, b) for a, b in Kinship.objects.values_list("officer", "relative") if a in some or b in some]
    declared = Avoidance.objects.filter(officer__in=some).values_list("officer", "household")
    return frozenset((str(x), str(y)) for a, b in pairs for x, y in ((a, b), (b, a))) | {(str(o), f"h{h}") for o, h in declared}


def ties_of(rows: Sequence[tuple[Officer, int | None, str]], day: date) -> list[Text | None]:
    """Why each officer may not examine their household, or what is at a place (path); None where nothing stands against it."""
    homes = {household or -n: path for n, (_, household, path) in enumerate(rows, 1)}
    places, _ = examined_places(homes, day)
    kin = kin_pairs({officer.pk for officer, *_ in rows})
    found = [tie(examiner_of(officer), places[village_of(path)], kin) for officer, _, path in rows]
    return [TIES[one] if one is not None else None for one in found]


def village_of(path: str) -> str:
    """The village that a path lies in: the area of that level on its line, the place itself where there is none."""
    return _on_line(path, profile_of(path).plays.village)


def township_of(path: str) -> str:
    """The township that a path lies in, the place itself where there is none."""
    return _on_line(path, profile_of(path).plays.township)


def _on_line(path: str, level: str) -> str:
    return next((a.path for a in areas().line(path) if a.level == level), path)


def _attached(villages: Iterable[str], day: date) -> dict[str, set[int]]:
    rows = list(Attachment.objects.on(day).values_list("path", "unit", "officer__unit"))
    return {v: {u for path, unit, of in rows if path == v for u in (unit, of) if u} for v in villages}


def _present(villages: Iterable[str], day: date) -> dict[str, set[tuple[int, int]]]:
    """Those who serve in a village: appointed at it, or sent there."""
    listed = list(villages)
    found: dict[str, set[tuple[int, int]]] = {}
    for model in (Appointment, Deployment):
        rows = model.objects.on(day).filter(area__path__in=listed).values_list("area__path", "officer", "officer__unit")
        for path, officer, unit in rows:
            found.setdefault(path, set()).add((officer, unit))
    return found
