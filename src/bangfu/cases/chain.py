"""Where cases lie on the chain of a day: the posts above a place, the first step of a case, the next one up, and who that is.

A case keeps its step; who answers at that step follows from the chain and the pairings of the day, so that a case is never left with
somebody who has gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bangfu.areas.models import ancestors
from bangfu.cases.models.cases import COUNTY, DEPARTMENT, HELPER, STEPS, TOWNSHIP, VILLAGE
from bangfu.command.models import Appointment, Pairing, Post, PostArea, Unit
from bangfu.foundation.say import Text

LADDER = (HELPER, VILLAGE, TOWNSHIP, COUNTY)
NOBODY = Text("（未设）", "(none)")


@dataclass(frozen=True, slots=True)
class PostOf:
    """A post of the chain: its level, title and place."""

    key: int
    level: str
    title: Text
    path: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The posts of a day, by key and by the area that they cover."""

    posts: Mapping[int, PostOf]
    covering: Mapping[str, int]

    @classmethod
    def on(cls, day: date) -> Chain:
        """The chain of a day; the caller holds the scope."""
        posts = {
            p.pk: PostOf(p.pk, p.level, p.title, p.path, p.parent_id)
            for p in Post.objects.on(day).only("pk", "level", "zh", "en", "path", "parent")
        }
        covering = {path: post for path, post in PostArea.objects.on(day).values_list("path", "post") if post in posts}
        return cls(posts, covering)

    def above(self, path: str) -> dict[str, PostOf]:
        """The posts that answer for a place, by level, the nearest first; empty where no chain stands."""
        first = next((self.covering[p] for p in (path, *reversed(ancestors(path))) if p in self.covering), None)
        found: dict[str, PostOf] = {}
        while first is not None and len(found) < len(LADDER):
            post = self.posts.get(first)
            if post is None:
                break
            found.setdefault(post.level, post)
            first = post.parent
        return found

    def first_step(self, path: str, helped: bool) -> str:
        """Where a new case of a place begins: with the helper, else with the nearest post. The county answers where there is no chain."""
        return HELPER if helped else next(iter(self.above(path)), COUNTY)

    def next_step(self, step: str, path: str) -> str | None:
        """The step above one; None at the top. From a department a case goes to the county's post."""
        if step == DEPARTMENT:
            return COUNTY
        held = self.above(path)
        at = LADDER.index(step)
        return next((one for one in LADDER[at + 1 :] if one in held), COUNTY if step != COUNTY else None)

    def post_at(self, step: str, path: str) -> PostOf | None:
        """The post that answers at a step; of a helper's step, the nearest one."""
        held = self.above(path)
        return held.get(step) or next(iter(held.values()), None)


def helped(households: Iterable[int], day: date) -> set[int]:
    """Which of some households have a principal helper on a day."""
    rows = Pairing.objects.principals().on(day).filter(household__in=list(households))
    return set(rows.values_list("household", flat=True))


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for a case today: the step, the office, and a person's name where one is known."""

    step: str
    office: Text
    name: str = ""

    @property
    def title(self) -> Text:
        """The office and the name in one."""
        return Text(f"{self.office.zh} {self.name}".strip(), f"{self.office.en} {self.name}".strip())


def owners(cases: Iterable[tuple[int | None, str, str, int | None]], day: date, chain: Chain | None = None) -> list[Owner]:
    """Who answers for each of some cases, given as (household, path, step, unit): never nobody. Three queries, however many there are."""
    listed = list(cases)
    posts = chain or Chain.on(day)
    helpers = {
        household: (name, Text(zh, en))
        for household, name, zh, en in Pairing.objects.principals()
        .on(day)
        .filter(household__in={h for h, _, step, _ in listed if step == HELPER and h is not None})
        .values_list("household", "helper__officer__name", "helper__officer__unit__zh", "helper__officer__unit__en")
    }
    units = {u.pk: u.title for u in Unit.objects.filter(pk__in={u for _, _, _, u in listed if u is not None})}
    chiefs: dict[int, str] = {}
    for post, name in (
        Appointment.objects.on(day)
        .filter(post__isnull=False, role__in=("chief", "deputy"))
        .order_by("post", "-role", "pk")  # deputies first, so that a chief takes their place
        .values_list("post", "officer__name")
    ):
        chiefs[post] = name
    found = []
    for household, path, step, unit in listed:
        if step == HELPER and household in helpers:
            name, office = helpers[household]
            found.append(Owner(HELPER, office, name))
        elif step == DEPARTMENT and unit in units:
            found.append(Owner(DEPARTMENT, units[unit]))
        else:
            post = posts.post_at(COUNTY if step == DEPARTMENT else step, path)
            found.append(Owner(post.level, post.title, chiefs.get(post.key, "")) if post else Owner(COUNTY, STEPS[COUNTY]))
    return found
