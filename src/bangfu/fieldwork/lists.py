"""The lists that a worker's forms choose from: the households and members of their scope and duty, villages, groups. One definition for phones and packets.
Where the register does not have a household that a station above has given in a list, the row is that station's (`received.py`).

A household's `__version` is its newest piece of evidence: what a form was filled in with tells what its worker knew (`merging.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Max, Q

from bangfu.areas.models import Area
from bangfu.areas.remembered import areas
from bangfu.command.pairings_shown import heads_of
from bangfu.fieldwork import received
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint
from bangfu.register.fields import title_of
from bangfu.register.models import Evidence, Household, Kind, Membership
from bangfu.register.sorts import FARMING

MOST = 20_000  # households on one phone; where there are more, those that are registered or monitored
List = tuple[Sequence[str], Sequence[Sequence[str]]]

# Households that somebody is to go to beside those of their scope and duty, by key: they are on the list whatever their kind.
to_go_to: ExtensionPoint[[Actor], list[int]] = ExtensionPoint("to_go_to")


def list_of(actor: Actor, name: str) -> List:
    """A list by the name of its file: headings and rows, in the order of places. Raises KeyError for another name."""
    return _LISTS[name](actor)


def _homes(actor: Actor) -> list[tuple[int, str, str]]:
    """Key, number and path of the households that the actor sees."""
    rows = Household.objects.visible_to(actor).farming()
    if rows.count() > MOST:
        asked = [key for _, some in to_go_to.ask(actor) for key in some]
        known = Kind.objects.filter(kind__in=("registered", "monitored"), valid__upper_inf=True).values("household")
        rows = rows.filter(Q(pk__in=known) | Q(pk__in=asked))
    there = rows.filter(pk__in=Membership.objects.filter(sort=FARMING).on(clock.today()).values("household"))
    return list(there.order_by("path", "number").values_list("pk", "number", "path")[:MOST])


def versions_of(households: Sequence[int]) -> dict[int, int]:
    """The newest evidence about each of some households."""
    rows = Evidence.objects.filter(household__in=households).values_list("household").annotate(newest=Max("id"))
    return dict(rows.order_by())


def _households(actor: Actor) -> List:
    homes = _homes(actor)
    keys = [key for key, *_ in homes]
    heads, versions = heads_of(actor, keys, clock.today()), versions_of(keys)
    kinds = dict(Kind.objects.filter(household__in=keys, valid__upper_inf=True).values_list("household", "kind"))
    names = _names({path for *_, path in homes})
    rows = []
    for key, number, path in homes:
        village, group = names[path]
        kind = title_of("household_kind", kinds.get(key, "ordinary"))
        label = " ".join(filter(None, (heads.get(key, ""), group or village, number)))
        rows.append(
            (number, label, str(versions.get(key, 0)), village, group, kinds.get(key, "ordinary"), kind.zh if kind else "")
        )
    return ("name", "label", "__version", "village", "group", "kind", "kind_title"), [
        *rows,
        *received.rows(actor, received.HOUSEHOLDS),
    ]


def _members(actor: Actor) -> List:
    homes = {key: number for key, number, _ in _homes(actor)}
    rows = (
        Membership.objects.filter(household__in=list(homes), sort=FARMING)
        .on(clock.today())
        .order_by("household__path", "household__number", "person")
        .values_list("person", "person__name", "household", "relation", "evidence")
    )
    said = []
    for person, name, household, relation, evidence in rows:
        title = title_of("relation", relation)
        said.append((str(person), f"{name}（{title.zh}）" if title else name, str(evidence), homes[household]))
    return ("name", "label", "__version", "household"), [*said, *received.rows(actor, received.MEMBERS)]


def places_of(actor: Actor, numbers: Sequence[str]) -> dict[str, str]:
    """The path of each of some households by its number, as far as the actor sees them."""
    own = Household.objects.visible_to(actor).farming().filter(number__in=list(numbers)).values_list("number", "path")
    return received.places(actor) | dict(own)


def _names(paths: set[str]) -> dict[str, tuple[str, str]]:
    """The village and the group of some paths, by what they are called."""
    found: dict[str, tuple[str, str]] = {}
    for path in paths:
        line = [a for a in areas().line(path) if a.path != "/"]
        group = line[-1].name if line and line[-1].level == "group" else ""
        village = line[-2] if group and len(line) > 1 else line[-1]
        found[path] = village.name, group
    return found


def _places(level: str, actor: Actor) -> List:
    rows = (
        Area.objects.filter(level=level, path__gte=actor.scope, path__lt=actor.scope + "~").on(clock.today())
        if actor.scope
        else Area.objects.none()
    )
    said = []
    for area in rows.order_by("path"):
        above = areas().line(area.path)
        said.append((area.path, f"{above[-2].name} {area.name}" if len(above) > 1 else area.name))
    return ("name", "label"), said


_LISTS: dict[str, Callable[[Actor], List]] = {
    "households.csv": _households,
    "members.csv": _members,
    "villages.csv": lambda actor: _places("village", actor),
    "groups.csv": lambda actor: _places("group", actor),
}
