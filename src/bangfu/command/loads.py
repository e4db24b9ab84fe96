"""What every post of the chain carries: its officers, its areas, its households and helpers, its tasks. A few statements for a whole county."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bangfu.areas.models import Area, ancestors
from bangfu.command.models import Appointment, Post, PostArea, Report, Task
from bangfu.command.models.chain import CHIEF, POST_ROLES
from bangfu.foundation.actor import Actor
from bangfu.foundation.reading import read

PAIRED_KINDS = ("registered", "monitored")  # the households of whom each has a principal helper
COUNTS = ("households", "wanted", "unpaired", "helpers")
TASKS = ("open", "unacknowledged", "overdue", "waiting")


@dataclass(slots=True)
class Load:
    """A post with what it carries. `own` counts the tasks of the post itself and the escalations that wait for its answer, `below` those of the
    posts under it; `counts` are of the areas that it covers, None for who does not see their households."""

    post: Post
    depth: int = 0
    chief: str = ""
    deputies: list[str] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    counts: Mapping[str, int] | None = None
    own: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TASKS, 0))
    below: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TASKS, 0))
    children: list[Load] = field(default_factory=list)

    def number(self, key: str) -> int:
        """What a column sorts by: a count of the areas, or tasks of the post and of those below it."""
        if key in TASKS:
            return self.own[key] + self.below[key]
        return (self.counts or {}).get(key, 0)


HOUSEHOLDS = """
    SELECT left(h.path, %(length)s) AS place, count(*) AS households, count(k.id) AS wanted, count(k.id) FILTER (WHERE p.id IS NULL) AS unpaired
    FROM register_household h
    LEFT JOIN register_kind k ON k.household_id = h.id AND k.kind = ANY(%(kinds)s) AND (k.valid @> %(day)s::date)::int <> 0
    LEFT JOIN command_pairing p ON k.id IS NOT NULL AND p.household_id = h.id AND p.principal AND (p.valid @> %(day)s::date)::int <> 0
    WHERE h.sort = 'farming' AND h.path >= %(path)s AND h.path < %(path)s || '~' GROUP BY 1
"""
HELPERS = """
    SELECT DISTINCT left(path, %(length)s), helper_id FROM command_pairing
    WHERE principal AND (valid @> %(day)s::date)::int <> 0 AND path >= %(path)s AND path < %(path)s || '~'
"""


def loads(actor: Actor, path: str, day: date) -> list[Load]:
    """The posts at, below and above an area as a forest in the order of their places: roots first, each with its children.

    Numbers of households are those that the actor sees: none at all where a duty limits them or the role sees no household.
    """
    posts = list(Post.objects.visible_to(actor).on(day).order_by("path", "key"))
    posts = [p for p in posts if p.path.startswith(path) or p.path in ancestors(path)]
    found = {p.pk: Load(p) for p in posts}
    _officers(actor, found, day)
    _areas(actor, found, day)
    if actor.may("household.read") and actor.duty is None and actor.covers(path):
        _households(found, path, day)
    _tasks(actor, found, day)
    return _grow(found)


def _officers(actor: Actor, found: Mapping[int, Load], day: date) -> None:
    rows = Appointment.objects.visible_to(actor).on(day).filter(post__in=list(found), role__in=POST_ROLES[:2])
    for post, role, name in rows.order_by("pk").values_list("post", "role", "officer__name"):
        if role == CHIEF:
            found[post].chief = name
        else:
            found[post].deputies.append(name)


def _areas(actor: Actor, found: Mapping[int, Load], day: date) -> None:
    rows = PostArea.objects.visible_to(actor).on(day).filter(post__in=list(found)).select_related("area").order_by("path")
    for row in rows:
        found[row.post_id].areas.append(row.area)


def _households(found: Mapping[int, Load], path: str, day: date) -> None:
    """Counts of each post that covers areas inside a path, added up from the smallest areas that any post covers."""
    inside = [load for load in found.values() if any(a.path.startswith(path) for a in load.areas)]
    if not inside:
        return
    told = {
        "length": max(len(a.path) for load in inside for a in load.areas),
        "kinds": list(PAIRED_KINDS),
        "day": day,
        "path": path,
    }
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, *numbers in read(HOUSEHOLDS, told):
        for above in {*ancestors(place), place}:
            sums[above] = [a + b for a, b in zip(sums[above], numbers, strict=True)]
    helpers: dict[str, set[int]] = defaultdict(set)
    for place, helper in read(HELPERS, {k: v for k, v in told.items() if k != "kinds"}):
        for above in {*ancestors(place), place}:
            helpers[above].add(helper)
    for load in inside:
        if not all(a.path.startswith(path) for a in load.areas):
            continue  # it covers more than is counted here
        numbers = [sum(column) for column in zip(*(sums[a.path] for a in load.areas), strict=True)]
        load.counts = dict(zip(COUNTS, [*numbers, len(set().union(*(helpers[a.path] for a in load.areas)))], strict=True))


def _tasks(actor: Actor, found: Mapping[int, Load], day: date) -> None:
    """Open tasks of each post; escalations by the post to which they went."""
    rows = Task.objects.visible_to(actor).open().filter(post__in=list(found))
    for post, signed, deadline in rows.values_list("post", "acknowledged_at", "deadline"):
        own = found[post].own
        own["open"] += 1
        own["unacknowledged"] += signed is None
        own["overdue"] += deadline < day
    for post in Report.objects.visible_to(actor).waiting().filter(to__in=list(found)).values_list("to", flat=True):
        found[post].own["waiting"] += 1


def _grow(found: Mapping[int, Load]) -> list[Load]:
    """Put each post under its parent where that is shown; posts come in the order of their places, so no parent comes after a child of
    its own place. Returns the roots."""
    roots: list[Load] = []
    for load in found.values():
        above = found.get(load.post.parent_id or 0)
        (above.children if above else roots).append(load)
    for root in roots:
        _add_up(root, 0)
    return roots


def _add_up(load: Load, depth: int) -> None:
    load.depth = depth
    for child in load.children:
        _add_up(child, depth + 1)
        for key in TASKS:
            load.below[key] += child.number(key)


def ordered(roots: Sequence[Load], sort: str) -> None:
    """Sort the children of every post by a key of `COUNTS` or `TASKS` (`-key` falling); the order of places where it is blank or equal."""
    for root in roots:
        if sort:
            root.children.sort(key=lambda load: load.number(sort.lstrip("-")), reverse=sort.startswith("-"))
        ordered(root.children, sort)


def with_children(roots: Iterable[Load]) -> set[str]:
    """The keys of the posts that have others below them."""
    return {key for load in roots if load.children for key in {load.post.key} | with_children(load.children)}


def lines(roots: Iterable[Load], opened: set[str], here: str) -> list[tuple[Load, bool]]:
    """The rows of the tree, each with whether its children are shown: those of a post that is opened, and of the posts at and above the
    area where one stands."""
    found: list[tuple[Load, bool]] = []
    for load in roots:
        shown = bool(load.children) and (load.post.key in opened or here.startswith(load.post.path))
        found.append((load, shown))
        if shown:
            found += lines(load.children, opened, here)
    return found


def areas_without_post(actor: Actor, path: str, day: date) -> list[Area]:
    """Areas of the level at which the smallest posts stand for which no post of that level answers, inside an area: their households are
    answered for by the post above."""
    levels = dict(
        PostArea.objects.visible_to(actor)
        .on(day)
        .filter(path__startswith=path)
        .values_list("area__level", "area__depth")
        .distinct()
    )
    if not levels:
        return []
    smallest = max(levels, key=lambda level: levels[level])
    covered = PostArea.objects.visible_to(actor).on(day).filter(area__level=smallest).values("area")
    return list(Area.objects.under(path).on(day).level(smallest).exclude(pk__in=covered).order_by("path"))
