"""Who goes where: leaders are shared out over townships by the work that waits there, companions over their teams. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ALONE, TOGETHER = 1, 2  # companions of the party that has the leader, and of every other


@dataclass(frozen=True, slots=True)
class Place:
    """A township: its path and the minutes of visits that wait in it."""

    path: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody who can lead: the township where they serve (blank: the county seat), and the townships that they or their unit are attached to."""

    key: int
    at: str = ""
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Formed:
    """A team: who leads, in which township, and the companions of each party (the leader's first)."""

    leader: int
    place: str
    parties: tuple[tuple[int, ...], ...]


def shares(places: Sequence[Place], seats: int) -> dict[str, int]:
    """Seats shared out by minutes, by largest remainders; every place with work has one while there are enough. Where no work waits anywhere, all places are alike."""
    whole = sum(p.minutes for p in places)
    exact = {p.path: seats * (p.minutes / whole if whole else 1 / len(places)) for p in places}
    given = {path: int(x) for path, x in exact.items()}
    for path in sorted(exact, key=lambda q: (given[q] - exact[q], q))[: seats - sum(given.values())]:
        given[path] += 1
    for p in places:
        if p.minutes and not given[p.path] and (rich := max(given, key=lambda q: (given[q], q))) and given[rich] > 1:
            given[rich], given[p.path] = given[rich] - 1, 1
    return given


def places_of(leaders: Sequence[Leader], places: Sequence[Place]) -> dict[int, str]:
    """The township of each leader: who serves in one stays; the others go to one that they are attached to where it still needs somebody, else to where most lack."""
    wanted = shares(places, len(leaders))
    found: dict[int, str] = {}
    for leader in leaders:
        if leader.at in wanted:
            found[leader.key] = leader.at
            wanted[leader.at] -= 1
    free = [leader for leader in leaders if leader.key not in found]
    for leader in free:
        near = [p for p in leader.attached if wanted.get(p, 0) > 0]
        if near:
            found[leader.key] = max(near, key=lambda p: (wanted[p], p))
            wanted[found[leader.key]] -= 1
    for leader in free:
        if leader.key not in found and wanted:
            found[leader.key] = max(wanted, key=lambda p: (wanted[p], p))
            wanted[found[leader.key]] -= 1
    return found


def form(leaders: Sequence[Leader], places: Sequence[Place], cadres: Sequence[tuple[int, str]], parties: int) -> list[Formed]:
    """Teams for all leaders. `cadres` are who can go along, with the path of the place where they serve, in the order in which neighbours lie side by side.

    A party that has the leader needs one companion, every other two; a team has as many parties as its share of the township's cadres fills, at most `parties`. A
    township without cadres has teams of the leader alone.
    """
    led: dict[str, list[int]] = {}
    for key, path in sorted(places_of(leaders, places).items()):
        led.setdefault(path, []).append(key)
    made = []
    for path, keys in sorted(led.items()):
        there = [officer for officer, at in cadres if at.startswith(path) and officer not in set(keys)]
        most = ALONE + TOGETHER * (parties - 1)
        at = 0
        for n, leader in enumerate(keys):
            size = min(most, round(len(there) * (n + 1) / len(keys)) - round(len(there) * n / len(keys)))
            own = there[at : at + size]
            at = round(len(there) * (n + 1) / len(keys))
            made.append(Formed(leader, path, _parties(own, parties)))
    return made


def _parties(own: Sequence[int], parties: int) -> tuple[tuple[int, ...], ...]:
    """The companions by party; who fills no party of their own goes with the leader's."""
    full = min(parties - 1, max(0, len(own) - ALONE) // TOGETHER)
    rest = len(own) - full * TOGETHER
    first = tuple(own[:rest])
    return (first, *(tuple(own[rest + n * TOGETHER : rest + (n + 1) * TOGETHER]) for n in range(full)))
