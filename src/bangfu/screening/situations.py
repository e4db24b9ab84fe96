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
from bangfu.screening.pack.keys import PROPOSAL_KEYS, RESULT_KEYS, SCORE_KEYS, SITUATION, needed
from bangfu.screening.problems import BAD_SITUATION

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
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # state, low, high, parts, open as far as asked
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


def faults_of(pack: Pack) -> list[Problem]:
    """What is badly written in the situations of a pack, one fault for each that cannot be read."""
    reader, faults = _Reader(pack), []
    for place, raw in reader.written():
        try:
            reader.situation(place, raw)
        except Problem as problem:
            faults.append(problem)
    return faults


def run_situations(pack: Pack, situations: Iterable[Situation] | None = None) -> list[Failure]:
    """Judge every situation by the compiled statement; the failures, none when the pack does what its authors say."""
    listed = list(situations_of(pack) if situations is None else situations)
    groups: dict[str, list[Situation]] = {}
    for situation in listed:  # by their text: the value of a code set is a list
        groups.setdefault(repr((situation.as_of, sorted(situation.overrides.items()))), []).append(situation)
    failures = []
    for group in groups.values():
        as_of, overrides = group[0].as_of, dict(group[0].overrides)
        judge = HouseholdJudge(pack, as_of, overrides)
        try:
            judged = judge.rows([(situation.household, situation.members) for situation in group])
        finally:
            judge.close()
        for situation, row in zip(group, judged, strict=True):
            facts = HouseholdFacts(pack, as_of, situation.household, situation.members, overrides)
            for subject, wanted, found in _compared(pack, situation, row, facts):
                if wanted != found:
                    failures.append(Failure(situation, subject, wanted, found))
    return failures


def _called(name: Any) -> Text | str:
    """A situation's name, in both languages where it has them."""
    return Text(**name) if isinstance(name, dict) and set(name) == {"zh", "en"} else str(name or "?")


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
        if not verdict.reasons and verdict.result in ("unmet", "unknown"):
            yield f"{guarantee}.reasons", "1+", "0"  # every verdict says why
    for name, want in situation.proposals.items():
        # What is not proposed is in no finding; its state and what is missing come from the row itself.
        state, reasons = str(row[f"proposal_{name}"]), tuple(row[f"proposal_{name}_reasons"] or ())
        have = {"state": state, "reasons": sorted(reasons), "risks": sorted(row[f"proposal_{name}_risks"] or ())}
        yield f"proposals.{name}", str(dict(want)), str({key: have[key] for key in want})
    found: dict[tuple[str, str], Finding] = {(f.sort, f.name): f for f in findings_of(row, pack, {})}
    for name, want in situation.scores.items():
        score = found["score", name]
        scored: dict[str, Any] = {key: _number(score.values[key]) for key in ("low", "high")} | {"state": score.state}
        scored |= {"parts": sorted(score.reasons), "open": sorted(score.values["open"])}
        yield f"scores.{name}", str(dict(want)), str({key: scored[key] for key in want})
    for sort, names in situation.flags.items():
        yield f"{sort}s", str(sorted(names)), str(sorted(name for kind, name in found if kind == sort))
    if situation.visit is not None:
        yield "visit", situation.visit, facts.visit()


def _words(result: str, reasons: Iterable[str] | None) -> str:
    return result + (f" {sorted(reasons)}" if reasons is not None else "")


def _number(value: float | None) -> float | None:
    """A score as situations compare it: what people can write, not the last bit of a binary fraction."""
    return None if value is None else round(float(value), 6)


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

    def bad(self, place: Place, name: Any, zh: str, en: str) -> Problem:
        return BAD_SITUATION(file=place.file, line=place.line, name=name, detail=Text(zh, en))

    def other(self, place: Place, name: Any, wanted: str) -> Problem:
        """What is expected cannot come out of this pack."""
        return self.bad(place, name, f"规则包里没有这样的结果：{wanted}", f"nothing of the pack comes out so: {wanted}")

    def read(self) -> list[Situation]:
        return [self.situation(place, raw) for place, raw in self.written()]

    def written(self) -> Iterator[tuple[Place, Any]]:
        """Every situation as it stands in the files."""
        for source in self.pack.sources:
            for index, raw in enumerate((source.data or {}).get("situations") or []):
                yield source.place("situations", index), self.moved(source, raw)

    def moved(self, source: Source, raw: Any) -> Any:
        """A value of a file with its dates moved to the pack's year, where the file was written for another."""
        written_for = (source.data or {}).get("written_for")
        if written_for is None:
            return raw
        if not isinstance(written_for, dt.date):
            raise self.bad(source.place("written_for"), "written_for", "须为日期", "must be a date")
        return _moved(raw, self.pack.sample_day.year - written_for.year)

    def situation(self, place: Place, raw: Any) -> Situation:
        if isinstance(raw, dict) and (lacking := sorted(needed(SITUATION) - set(raw))):
            listed = ", ".join(lacking)
            raise self.bad(place, _called(raw.get("name")), f"缺少 {listed}", f"{listed} is missing")
        if not isinstance(raw, dict) or set(raw) - set(SITUATION):
            raise self.bad(
                place,
                raw.get("name", "?") if isinstance(raw, dict) else "?",
                f"可写的键：{', '.join(sorted(SITUATION))}",
                f"its keys are {', '.join(sorted(SITUATION))}",
            )
        name = raw["name"]
        if not isinstance(name, dict) or not {"zh", "en"} <= set(name):
            raise self.bad(place, name, "name 须有 zh 和 en", "name needs zh and en")
        text = Text(str(name["zh"]), str(name["en"]))
        if not isinstance(raw["as_of"], dt.date):
            raise self.bad(place, text, "as_of 须为日期", "as_of must be a date")
        home = self.household(place, text, raw["household"], ())
        rows: dict[str, list[dict[str, Any]]] = {}
        for key, level in (("members", PERSON), *((RELATIONS[level], level) for level in (ITEM, LAND))):
            listed = home.pop(key, [])
            if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
                raise self.bad(place, text, f"{key} 应为清单", f"{key} must be a list")
            rows[level] = [self.values(place, row, level) for row in listed]
        expect = raw["expect"]
        if not isinstance(expect, dict) or not expect:
            raise self.bad(place, text, "expect 应为 保障: 结果 的映射", "expect must be a mapping")
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
                states, more = (STATES, PROPOSAL_KEYS) if key == "proposals" else (BOUNDS, SCORE_KEYS)
                made[key] = {
                    subject: self.finding(place, name, key, subject, entry, states, more)
                    for subject, entry in (wanted.items() if isinstance(wanted, dict) else [(str(wanted), None)])
                }
            elif key in _LISTED and isinstance(wanted, list) and set(wanted) <= set(getattr(self.pack, key)):
                flags[_LISTED[key]] = frozenset(wanted)
            elif key == "visit" and (wanted == "" or wanted in self.pack.visits):
                made["visit"] = wanted
            else:
                raise self.other(place, name, f"{key}: {wanted}")
        return made | {"flags": flags}

    def finding(
        self, place: Place, name: Text, section: str, subject: str, raw: Any, states: tuple[str, ...], keys: set[str]
    ) -> dict[str, Any]:
        entry = dict(raw) if isinstance(raw, dict) else {"state": raw}
        if subject not in getattr(self.pack, section) or set(entry) - keys or entry.get("state") not in states:
            raise self.other(place, name, f"{section}.{subject}: {raw}")
        return {
            key: sorted(value) if isinstance(value, list) else _number(value) if key in ("low", "high") else value
            for key, value in entry.items()
        }

    def household(self, place: Place, name: Text, raw: Any, path: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise self.bad(place, name, "household 应为 字段: 值 的映射", "household must be a mapping")
        like = raw.get("like")
        if like is None:
            return dict(raw)
        if like not in self.examples or like in path:
            raise self.bad(place, name, f"没有例户 {like}", f"there is no example {like}")
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
                raise self.bad(place, key, f"{value!r} 不是 {column.type}", f"{value!r} is not a {column.type}") from None
            codes = [value] if column.type.kind == "code" else (value or []) if column.type.kind == "codes" else []
            if unknown := [
                code for code in codes if code is not None and code not in self.pack.program.schema.codes[column.type.codes]
            ]:
                raise self.bad(
                    place,
                    key,
                    f"{unknown[0]!r} 不在代码表 {column.type.codes} 中",
                    f"{unknown[0]!r} is not in {column.type.codes}",
                )
        return made

    def expected(self, place: Place, name: Text, raw: Any) -> dict[str, Expected]:
        made = {}
        for guarantee, wanted in raw.items():
            entry = wanted if isinstance(wanted, dict) else {"result": wanted}
            result, reasons = entry.get("result"), entry.get("reasons")
            if result not in RESULTS or set(entry) - RESULT_KEYS:
                raise self.other(place, name, f"{guarantee}: {wanted}")
            made[guarantee] = Expected(result, None if reasons is None else tuple(reasons))
            found = self.pack.guarantees[guarantee]
            known = {reason.code for reason in found.reasons_of(result)}
            if unknown := sorted(set(reasons or ()) - known):
                raise self.other(place, name, f"{guarantee}: {unknown[0]}")
        return made
