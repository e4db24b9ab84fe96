"""Where rows say that they are: the answers of `bangfu.areas.resolving` as an import needs them, and groups that are new."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from bangfu.areas import naming
from bangfu.areas.profile import Profile
from bangfu.areas.resolving import Resolver
from bangfu.register.importing.planning import Place

PROBLEMS = {"unknown": "BF-1215", "ambiguous": "BF-1216", "contradiction": "BF-1225"}


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group that the files name below a known village and that the area tree does not have yet."""

    village_path: str
    name: str


class PlaceBook:
    """The villages and groups of a day, and what rows call them."""

    def __init__(self, lookup: pa.Table, profile: Profile, scope: str) -> None:
        """`lookup` is `Area.objects.lookup_table(day, profile)`; rows outside `scope` are refused."""
        self.group_level = profile.plays.group or profile.plays.village
        self.resolver = Resolver(lookup, profile)
        self.profile, self.scope = profile, scope
        self.new_groups: dict[tuple[str, str], NewGroup] = {}

    def resolve(self, township: str | None, village: str | None, code: str | None, group: str | None) -> Place:
        """The place of a row, or the number of the problem: BF-1215 unknown, BF-1216 ambiguous, BF-1225 code and names disagree,
        BF-1217 outside the scope. A group that is not there yet is noted in `new_groups`; the village stands for it until it is."""
        found = self.resolver.one(code.removesuffix(".0") if code else None, township, village, group)
        if found.status in PROBLEMS or found.village is None:
            return Place(None, None, PROBLEMS.get(found.status, "BF-1215"))
        if not found.village["path"].startswith(self.scope):
            return Place(None, None, "BF-1217")
        if found.status == "group_unknown" and group is not None:
            key = (found.village["path"], naming.stem(group, self.group_level, self.profile))
            self.new_groups.setdefault(key, NewGroup(found.village["path"], naming.plain(group)))
        area = found.area or found.village
        return Place(area["path"], area["area_id"])
