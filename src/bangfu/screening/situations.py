"""Situations: the tests of a pack that people without programming can read and write.

A situation is a household on a day and the results it must have. Values are written as people write them: money in
yuan, dates as dates, codes as codes; what is not written is not known. `like` starts from an example household.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.problems import UNKNOWN_NAME
from bangfu.rules.schema import HOUSEHOLD, PERSON, internal
from bangfu.rules.source import Place, Source
from bangfu.screening.engine import HouseholdJudge, Verdict
from bangfu.screening.explain import HouseholdFacts
from bangfu.screening.pack import RESULTS, Pack
from bangfu.screening.problems import BAD_SITUATION

_KEYS = {"name", "as_of", "household", "expect", "set"}


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


@dataclass(frozen=True, slots=True)
class Failure:
    """A situation that did not come out: what was expected of a guarantee and what was judged."""

    situation: Situation
    guarantee: str
    expected: Expected
    verdict: Verdict

    def __str__(self) -> str:
        wanted = self.expected.result + (f" {list(self.expected.reasons)}" if self.expected.reasons is not None else "")
        judged = f"{self.verdict.result} {list(self.verdict.reasons)}"
        place = self.situation.place
        return f"{place.file}:{place.line} {self.situation.name}: {self.guarantee}: {wanted} ≠ {judged}"


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
            judged = judge.judge_many([(situation.household, situation.members) for situation in group])
        finally:
            judge.close()
        for situation, verdicts in zip(group, judged, strict=True):
            facts = HouseholdFacts(pack, as_of, situation.household, situation.members, dict(overrides))
            for guarantee, expected in situation.expect.items():
                verdict = verdicts[guarantee]
                if not verdict.reasons:  # the statement has none of what is met or not assessed
                    verdict = replace(verdict, reasons=facts.verdict(pack.guarantees[guarantee]).reasons)
                wrong = expected.reasons is not None and sorted(expected.reasons) != sorted(verdict.reasons)
                if verdict.result != expected.result or wrong:
                    failures.append(Failure(situation, guarantee, expected, verdict))
    return failures


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
                made.append(self.situation(source.place("situations", index), raw))
        return made

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
        members = home.pop("members", [])
        if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
            raise self.bad(place, text, "members must be a list of persons")
        return Situation(
            name=text,
            as_of=raw["as_of"],
            household=self.values(place, home, HOUSEHOLD),
            members=tuple({**self.values(place, member, PERSON), "person": at} for at, member in enumerate(members, 1)),
            expect=self.expected(place, text, raw["expect"]),
            place=place,
            overrides=raw.get("set") or {},
        )

    def household(self, place: Place, name: Text, raw: Any, path: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise self.bad(place, name, "household must be a mapping")
        like = raw.get("like")
        if like is None:
            return dict(raw)
        if like not in self.examples or like in path:
            raise self.bad(place, name, f"no example {like}")
        base = self.household(place, name, self.examples[like][0], (*path, like))
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
        if not isinstance(raw, dict) or not raw:
            raise self.bad(place, name, "expect must be a mapping")
        made = {}
        for guarantee, wanted in raw.items():
            entry = wanted if isinstance(wanted, dict) else {"result": wanted}
            result, reasons = entry.get("result"), entry.get("reasons")
            if guarantee not in self.pack.guarantees or result not in RESULTS or set(entry) - {"result", "reasons"}:
                raise self.bad(place, name, f"{guarantee}: {wanted}")
            made[guarantee] = Expected(result, None if reasons is None else tuple(reasons))
            found = self.pack.guarantees[guarantee]
            known = {reason.code for reason in found.reasons_of(result)}
            if unknown := sorted(set(reasons or ()) - known):
                raise self.bad(place, name, f"{guarantee}: {unknown[0]}")
        return made
