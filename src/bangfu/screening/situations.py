"""Situations: the tests of a pack that people without programming can read and write.

A situation is a household on a day and the results it must have. Values are written as people write them: money in
yuan, dates as dates, codes as codes; what is not written is not known. `like` starts from an example household. Members, the items
of the income sheet and land are lists (`members`, `items`, `land`). Beside guarantees, `expect` may say what is proposed
(`proposals`), scored (`scores`), which `hints` and `groups` hold, and by which rule the household is visited (`visit`).

Situations of a shared part serve every pack that includes it: the file says for which day they were written (`written_for`), and
every date in them moves with the pack by whole years, from the year of that day to the year of the pack's `sample_day`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.problems import UNKNOWN_NAME
from bangfu.rules.schema import HOUSEHOLD, ITEM, LAND, PERSON, RELATIONS, internal
from bangfu.rules.source import Place, Source
from bangfu.screening.engine import Finding, HouseholdJudge, findings_of, verdicts_of
from bangfu.screening.explain import HouseholdFacts
from bangfu.screening.pack import BOUNDS, RESULTS, STATES, Pack
from bangfu.screening.problems import BAD_SITUATION

_KEYS = {"name", "as_of", "household", "expect", "set"}
_LISTED = {"hints": "hint", "groups": "group"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a guarantee must come to; `reasons` None: any."""

    result: str
    reasons: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A household with its members (internal form) on a day, and what must be judged of it."""

    name: Text
    as_of: dt.date
    household: Mapping[str, Any]
    members: tuple[Mapping[str, Any], ...]
    expect: Mapping[str, Expected]
    place: Place
    overrides: Mapping[str, Any] = field(default_factory=dict)
    proposals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # state, and where asked reasons and risks
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # state, low, high as far as asked
    flags: Mapping[str, frozenset[str]] = field(default_factory=dict)  # hint and group: exactly those that hold
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A situation that did not come out: what was expected of a guarantee (or a proposal, …) and what was judged."""

    situation: Situation
    subject: str
    wanted: str
    found: str

    def __str__(self) -> str:
        place = self.situation.place
        return f"{place.file}:{place.line} {self.situation.name}: {self.subject}: {self.wanted} ≠ {self.found}"


def situations_of(pack: Pack) -> list[Situation]:
    """The situations of a pack. Raises BF-1510 for one that is badly written, BF-1402 for a name that is no field."""
    return _Reader(pack).read()


def run_situations(pack: Pack, situations: Iterable[Situation] | None = None) -> list[Failure]:
    """Judge every situation by the compiled statement; the failures, none when the pack does what its authors say."""
    listed = list(situations_of(pack) if situations is None else situations)
    groups: dict[tuple[dt.date, tuple[tuple[str, Any], ...]], list[Situation]] = {}
    for situation in listed:
        groups.setdefault((situation.as_of, tuple(sorted(situation.overrides.items()))), []).append(situation)
    failures = []
    for (as_of, overrides), group in groups.items():
        judge = HouseholdJudge(pack, as_of, dict(overrides))
        try:
            judged = judge.rows([(situation.household, situation.members) for situation in group])
        finally:
            judge.close()
        for situation, row in zip(group, judged, strict=True):
            facts = HouseholdFacts(pack, as_of, situation.household, situation.members, dict(overrides))
            for subject, wanted, found in _compared(pack, situation, row, facts):
                if wanted != found:
                    failures.append(Failure(situation, subject, wanted, found))
    return failures


def _compared(pack: Pack, situation: Situation, row: Mapping[str, Any], facts: HouseholdFacts) -> Iterator[tuple[str, str, str]]:
    """What was expected and what was found, subject by subject, as words that can be compared and read."""
    verdicts = verdicts_of(row, list(pack.guarantees))
    for guarantee, expected in situation.expect.items():
        verdict = verdicts[guarantee]
        if not verdict.reasons:  # the statement has none of what is met or not assessed
            verdict = replace(verdict, reasons=facts.verdict(pack.guarantees[guarantee]).reasons)
        asked = expected.reasons is not None
        wanted = _words(expected.result, expected.reasons if asked else None)
        yield guarantee, wanted, _words(verdict.result, verdict.reasons if asked else None)
    for name, want in situation.proposals.items():
        # What is not proposed is in no finding; its state and what is missing come from the row itself.
        state, reasons = str(row[f"proposal_{name}"]), tuple(row[f"proposal_{name}_reasons"] or ())
        have = {"state": state, "reasons": sorted(reasons), "risks": sorted(row[f"proposal_{name}_risks"] or ())}
        yield f"proposals.{name}", str(dict(want)), str({key: have[key] for key in want})
    found: dict[tuple[str, str], Finding] = {(f.sort, f.name): f for f in findings_of(row, pack, {})}
    for name, want in situation.scores.items():
        score = found["score", name]
        have = {"state": score.state, "low": score.values["low"], "high": score.values["high"], "parts": sorted(score.reasons)}
        yield f"scores.{name}", str(dict(want)), str({key: have[key] for key in want})
    for sort, names in situation.flags.items():
        yield f"{sort}s", str(sorted(names)), str(sorted(name for kind, name in found if kind == sort))
    if situation.visit is not None:
        yield "visit", situation.visit, facts.visit()


def _words(result: str, reasons: Iterable[str] | None) -> str:
    return result + (f" {sorted(reasons)}" if reasons is not None else "")


def _moved(raw: Any, years: int) -> Any:
    if isinstance(raw, dict):
        return {key: _moved(value, years) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_moved(value, years) for value in raw]
    if isinstance(raw, dt.date):
        month, day = (3, 1) if (raw.month, raw.day) == (2, 29) and years % 4 else (raw.month, raw.day)
        return dt.date(raw.year + years, month, day)
    return raw


class _Reader:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.examples: dict[str, tuple[Any, Source]] = {}
        for source in pack.sources:
            for name, example in ((source.data or {}).get("examples") or {}).items():
                self.examples[name] = (example, source)

    def bad(self, place: Place, name: Any, detail: str) -> Problem:
        return BAD_SITUATION(file=place.file, line=place.line, name=name, detail=detail)

    def read(self) -> list[Situation]:
        made = []
        for source in self.pack.sources:
            for index, raw in enumerate((source.data or {}).get("situations") or []):
                made.append(self.situation(source.place("situations", index), self.moved(source, raw)))
        return made

    def moved(self, source: Source, raw: Any) -> Any:
        """A value of a file with its dates moved to the pack's year, where the file was written for another."""
        written_for = (source.data or {}).get("written_for")
        if written_for is None:
            return raw
        if not isinstance(written_for, dt.date):
            raise self.bad(source.place("written_for"), "written_for", "must be a date")
        return _moved(raw, self.pack.sample_day.year - written_for.year)

    def situation(self, place: Place, raw: Any) -> Situation:
        if not isinstance(raw, dict) or set(raw) - _KEYS or not {"name", "as_of", "household", "expect"} <= set(raw):
            raise self.bad(place, raw.get("name", "?") if isinstance(raw, dict) else "?", f"keys: {', '.join(sorted(_KEYS))}")
        name = raw["name"]
        if not isinstance(name, dict) or not {"zh", "en"} <= set(name):
            raise self.bad(place, name, "name needs zh and en")
        text = Text(str(name["zh"]), str(name["en"]))
        if not isinstance(raw["as_of"], dt.date):
            raise self.bad(place, text, "as_of must be a date")
        home = self.household(place, text, raw["household"], ())
        rows: dict[str, list[dict[str, Any]]] = {}
        for key, level in (("members", PERSON), *((RELATIONS[level], level) for level in (ITEM, LAND))):
            listed = home.pop(key, [])
            if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
                raise self.bad(place, text, f"{key} must be a list")
            rows[level] = [self.values(place, row, level) for row in listed]
        expect = raw["expect"]
        if not isinstance(expect, dict) or not expect:
            raise self.bad(place, text, "expect must be a mapping")
        judged = {name: wanted for name, wanted in expect.items() if name in self.pack.guarantees}
        others = {name: wanted for name, wanted in expect.items() if name not in judged}
        return Situation(
            name=text,
            as_of=raw["as_of"],
            household=self.values(place, home, HOUSEHOLD) | {RELATIONS[level]: rows[level] for level in (ITEM, LAND)},
            members=tuple({**member, "person": at} for at, member in enumerate(rows[PERSON], 1)),
            expect=self.expected(place, text, judged),
            place=place,
            overrides=raw.get("set") or {},
            **self.others(place, text, others),
        )

    def others(self, place: Place, name: Text, raw: Mapping[str, Any]) -> dict[str, Any]:
        """What is expected beside guarantees: proposals, scores, hints, groups, the visit rule."""
        made: dict[str, Any] = {}
        flags: dict[str, frozenset[str]] = {}
        for key, wanted in raw.items():
            if key in ("proposals", "scores"):
                states, more = (
                    (STATES, {"state", "reasons", "risks"}) if key == "proposals" else (BOUNDS, {"state", "low", "high", "parts"})
                )
                made[key] = {
                    subject: self.finding(place, name, key, subject, entry, states, more)
                    for subject, entry in (wanted.items() if isinstance(wanted, dict) else [(str(wanted), None)])
                }
            elif key in _LISTED and isinstance(wanted, list) and set(wanted) <= set(getattr(self.pack, key)):
                flags[_LISTED[key]] = frozenset(wanted)
            elif key == "visit" and (wanted == "" or wanted in self.pack.visits):
                made["visit"] = wanted
            else:
                raise self.bad(place, name, f"{key}: {wanted}")
        return made | {"flags": flags}

    def finding(
        self, place: Place, name: Text, section: str, subject: str, raw: Any, states: tuple[str, ...], keys: set[str]
    ) -> dict[str, Any]:
        entry = dict(raw) if isinstance(raw, dict) else {"state": raw}
        if subject not in getattr(self.pack, section) or set(entry) - keys or entry.get("state") not in states:
            raise self.bad(place, name, f"{section}.{subject}: {raw}")
        return {
            key: sorted(value) if isinstance(value, list) else float(value) if key in ("low", "high") else value
            for key, value in entry.items()
        }

    def household(self, place: Place, name: Text, raw: Any, path: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise self.bad(place, name, "household must be a mapping")
        like = raw.get("like")
        if like is None:
            return dict(raw)
        if like not in self.examples or like in path:
            raise self.bad(place, name, f"no example {like}")
        example, source = self.examples[like]
        base = self.household(place, name, self.moved(source, example), (*path, like))
        return {**base, **{key: value for key, value in raw.items() if key != "like"}}

    def values(self, place: Place, raw: Mapping[str, Any], level: str) -> dict[str, Any]:
        columns = self.pack.program.schema.level(level)
        made = {}
        for key, value in raw.items():
            column = columns.get(key)
            if column is None:
                raise UNKNOWN_NAME(file=place.file, line=place.line, name="situations", unknown=key, near="—")
            try:
                made[key] = internal(value, column.type)
            except (ValueError, ArithmeticError):
                raise self.bad(place, key, f"{value!r} is not a {column.type}") from None
            codes = [value] if column.type.kind == "code" else (value or []) if column.type.kind == "codes" else []
            if unknown := [
                code for code in codes if code is not None and code not in self.pack.program.schema.codes[column.type.codes]
            ]:
                raise self.bad(place, key, f"{unknown[0]!r} is not in {column.type.codes}")
        return made

    def expected(self, place: Place, name: Text, raw: Any) -> dict[str, Expected]:
        made = {}
        for guarantee, wanted in raw.items():
            entry = wanted if isinstance(wanted, dict) else {"result": wanted}
            result, reasons = entry.get("result"), entry.get("reasons")
            if result not in RESULTS or set(entry) - {"result", "reasons"}:
                raise self.bad(place, name, f"{guarantee}: {wanted}")
            made[guarantee] = Expected(result, None if reasons is None else tuple(reasons))
            found = self.pack.guarantees[guarantee]
            known = {reason.code for reason in found.reasons_of(result)}
            if unknown := sorted(set(reasons or ()) - known):
                raise self.bad(place, name, f"{guarantee}: {unknown[0]}")
        return made
