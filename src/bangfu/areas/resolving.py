"""Which area a row of a workbook means: by its code, or by township, village and group as people write them. Pure.

Nothing is guessed: a name that fits several areas (凤凰村 lies in two townships) is `ambiguous` and names them all; a name that was
matched without its township says so in `how`; a code and a name that point to different villages are a `contradiction`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import pyarrow as pa

from bangfu.areas import naming
from bangfu.areas.profile import Profile

KEYS = ("code", "township", "village", "group")
RESOLVED_SCHEMA = pa.schema(
    [
        *((key, pa.string()) for key in KEYS),
        ("status", pa.string()),
        ("how", pa.string()),
        ("area_id", pa.int64()),
        ("path", pa.string()),
        ("village_id", pa.int64()),
        ("village_path", pa.string()),
        ("candidates", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a row means.

    `status`: `found`; `ambiguous` (several: `candidates`); `unknown`; `contradiction` (code and names disagree: `candidates`);
    `group_unknown` (the village is found, the group within it is not). `how`: `code`, `township_village`, `village_alone` or empty.
    `area` is the deepest area found (the group where there is one), `village` its village; None unless one is certain.
    """

    status: str
    how: str = ""
    area: dict[str, Any] | None = None
    village: dict[str, Any] | None = None
    candidates: tuple[str, ...] = ()


class Resolver:
    """Answers over a lookup table (`AreaQuerySet.lookup_table`) of one day."""

    def __init__(self, table: pa.Table, profile: Profile) -> None:
        self._profile = profile
        rows = table.to_pylist()
        self._villages = [row for row in rows if row["level"] == profile.plays.village]
        self._below: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            if row["level"] != profile.plays.village and row["village_path"]:
                self._below.setdefault(row["village_path"], []).append(row)
        self._townships = {row["township_path"]: row for row in self._villages if row["township_path"]}
        self._by_code: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            for code in row["codes"]:
                self._by_code.setdefault(code, []).append(row)

    def one(
        self, code: str | None = None, township: str | None = None, village: str | None = None, group: str | None = None
    ) -> Found:
        """The area that the given words mean. Blank words count as not given."""
        code, township, village, group = (naming.plain(text) if text else "" for text in (code, township, village, group))
        named, how, where_fault = self._by_name(township, village)
        if code:
            coded = self._by_its_code(code)
            if not coded:
                return Found("unknown", "code")
            if len(coded) > 1:
                return Found("ambiguous", "code", candidates=_paths(coded))
            own = coded[0]
            if where_fault or (named and own["village_path"] not in {row["path"] for row in named}):
                return Found("contradiction", "code", candidates=_paths([own, *named]))
            if own["level"] != self._profile.plays.village:
                home = next(row for row in self._villages if row["path"] == own["village_path"])
                return Found("found", "code", own, home)
            return self._group(own, group, "code")
        if not village or where_fault or not named:
            return Found("unknown", how)
        if len(named) > 1:
            return Found("ambiguous", how, candidates=_paths(named))
        return self._group(named[0], group, how)

    def within(self, path: str, group: str | None = None) -> Found:
        """What a group means in a village that is known by its path; `unknown` where the path is no village. A path of what lies
        below a village is that area."""
        for village in self._villages:
            if path.startswith(village["path"]):
                below = next((row for row in self._below.get(village["path"], []) if row["path"] == path), None)
                return (
                    Found("found", "chosen", below, village)
                    if below
                    else self._group(village, naming.plain(group or ""), "chosen")
                )
        return Found("unknown", "chosen")

    def near(self, township: str | None = None, village: str | None = None, *, limit: int = 6) -> tuple[str, ...]:
        """Villages whose names look like what was written, the likeliest first: for a person to choose from, never to be taken."""
        wanted = naming.stem(naming.plain(village or township or ""), self._profile.plays.village, self._profile)
        inside = {row["path"] for row in self._in_township(naming.plain(township))} if township else set()
        rated = []
        for row in self._villages:
            likeness = max((SequenceMatcher(None, wanted, stem).ratio() for stem in row["stems"]), default=0.0)
            rated.append((likeness + (0.3 if row["path"] in inside else 0.0), row["path"]))
        return tuple(path for likeness, path in sorted(rated, key=lambda r: (-r[0], r[1]))[:limit] if likeness >= 0.4)

    def table(self, wanted: Iterable[tuple[str | None, str | None, str | None, str | None]]) -> pa.Table:
        """The answers for distinct (code, township, village, group) as a table to be joined on these four columns."""
        rows = []
        for words in dict.fromkeys(wanted):
            found = self.one(*words)
            row: dict[str, Any] = dict(zip(KEYS, words, strict=True))
            row |= {"status": found.status, "how": found.how, "candidates": list(found.candidates)}
            if found.area:
                row |= {"area_id": found.area["area_id"], "path": found.area["path"]}
            if found.village:
                row |= {"village_id": found.village["area_id"], "village_path": found.village["path"]}
            rows.append(row)
        return pa.Table.from_pylist(rows, schema=RESOLVED_SCHEMA)

    def _by_its_code(self, code: str) -> list[dict[str, Any]]:
        """Areas that bear the code on the day; where none does, those that ever bore it."""
        ever = self._by_code.get(code, [])
        return [row for row in ever if row["code"] == code] or ever

    def _by_name(self, township: str, village: str) -> tuple[list[dict[str, Any]], str, bool]:
        """Villages that the names fit, how they were matched, and whether a township was named that does not exist (or fits none)."""
        how = "township_village" if township else "village_alone"
        if not village:
            inside = self._in_township(township) if township else []
            return inside, "", bool(township) and not inside
        among = self._in_township(township) if township else self._villages
        found = self._fitting(among, village, self._profile.plays.village, "names", "stems")
        return found, how, bool(township) and not found

    def _in_township(self, township: str) -> list[dict[str, Any]]:
        fitting = self._fitting(
            list(self._townships.values()), township, self._profile.plays.township, "township_names", "township_stems"
        )
        paths = {row["township_path"] for row in fitting}
        paths |= {path for path, row in self._townships.items() if township in row["township_codes"]}
        return [row for row in self._villages if row["township_path"] in paths]

    def _fitting(self, rows: list[dict[str, Any]], word: str, level: str, names: str, stems: str) -> list[dict[str, Any]]:
        """Rows that a word fits: a whole name goes before a name without its ending, that before a word cut the same way."""
        lower = word.lower()
        cut = naming.stem(word, level, self._profile)
        return (
            [row for row in rows if word in row[names] or lower in (name.lower() for name in row[names])]
            or [row for row in rows if lower in row[stems]]
            or [row for row in rows if cut in row[stems]]
        )

    def _group(self, village: dict[str, Any], group: str, how: str) -> Found:
        """The group of a village, or the village itself where no group was named."""
        if not group:
            return Found("found", how, village, village)
        plays = self._profile.plays
        grid = plays.grid is not None and group.endswith(self._profile.names.endings.get(plays.grid, ("\0",)))
        level = plays.grid if grid else plays.group
        rows = [row for row in self._below.get(village["path"], []) if row["level"] == level]
        fitting = self._fitting(rows, group, level, "names", "stems") if level else []
        if not fitting:
            return Found("group_unknown", how, village, village)
        if len(fitting) > 1:
            return Found("ambiguous", how, None, village, _paths(fitting))
        return Found("found", how, fitting[0], village)


def _paths(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({row["path"] for row in rows}))
