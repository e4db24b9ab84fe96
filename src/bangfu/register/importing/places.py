"""Where rows say that they are, against the area tree: by code, or by village and township together; never by a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bangfu.areas import naming
from bangfu.areas.profile import Profile
from bangfu.register.importing.planning import Place


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group that the files name below a known village and that the area tree does not have yet."""

    village_path: str
    name: str


class PlaceBook:
    """The villages and groups of a day, and what rows call them."""

    def __init__(self, lookup: pa.Table, profile: Profile, scope: str) -> None:
        """`lookup` is `Area.objects.lookup_table(day, profile)`; rows outside `scope` are refused."""
        self.profile, self.scope = profile, scope
        self.group_level = profile.plays.group or profile.plays.village
        self.by_code: dict[str, dict[str, Any]] = {}
        self.by_stem: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.groups: dict[tuple[str, str], dict[str, Any]] = {}
        for row in lookup.to_pylist():
            if row["level"] == profile.plays.village:
                for code in row["codes"]:
                    self.by_code[code] = row
                for stem in row["stems"]:
                    self.by_stem[stem].append(row)
            elif row["level"] == self.group_level:
                for stem in row["stems"]:
                    self.groups[row["village_path"], stem] = row
        self.new_groups: dict[tuple[str, str], NewGroup] = {}

    def resolver(self) -> Callable[[str | None, str | None, str | None, str | None], Place]:
        """`resolve(township, village, village_code, group)`; a group that is not there yet is noted in `new_groups` and left without a path."""
        return self.resolve

    def resolve(self, township: str | None, village: str | None, code: str | None, group: str | None) -> Place:
        """The place of a row, or the number of the problem: BF-1215 unknown, BF-1216 ambiguous, BF-1217 outside the scope."""
        found = self._village(township, village, code)
        if isinstance(found, str):
            return Place(None, None, found)
        if not found["path"].startswith(self.scope):
            return Place(None, None, "BF-1217")
        if group is None:
            return Place(found["path"], found["area_id"])
        stem = naming.stem(group, self.group_level, self.profile)
        known = self.groups.get((found["path"], stem))
        if known is None:
            self.new_groups.setdefault((found["path"], stem), NewGroup(found["path"], naming.plain(group)))
            return Place(found["path"], found["area_id"])
        return Place(known["path"], known["area_id"])

    def _village(self, township: str | None, village: str | None, code: str | None) -> dict[str, Any] | str:
        if code is not None:
            return self.by_code.get(code.removesuffix(".0"), "BF-1215")
        if village is None:
            return "BF-1215"
        candidates = self.by_stem.get(naming.stem(village, self.profile.plays.village, self.profile), [])
        if township is not None:
            stem = naming.stem(township, self.profile.plays.township, self.profile)
            candidates = [c for c in candidates if stem in c["township_stems"]]
        if len(candidates) > 1:
            exact = [c for c in candidates if naming.plain(village) in c["names"]]
            candidates = exact or candidates
        if not candidates:
            return "BF-1215"
        return candidates[0] if len({c["area_id"] for c in candidates}) == 1 else "BF-1216"
