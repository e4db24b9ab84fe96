"""How a pack orders the work: read from its files, and said for a day with where every number comes from.

The sections `visits` (who is visited how often) and `work` (targets of pairing, first secretaries, time limits of measures, full checks,
the year-end window, ceilings of the burden) name dated parameters. A pack may lack any of it: what it does not say is None or empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bangfu.foundation.say import Text
from bangfu.rules.expressions import NAME
from bangfu.rules.schema import DECIMAL, INTEGER, Type
from bangfu.rules.source import Source
from bangfu.screening.pack import keys
from bangfu.screening.pack.model import Pack, Parameter, Visit, WorkRule, require_codes
from bangfu.screening.problems import BAD_PACK

if TYPE_CHECKING:
    from bangfu.screening.pack.loading import Loader

HELPER_KINDS, HELPER_RANKS, AREA_MARKS = "helper_kind", "helper_rank", "area_mark"  # code lists of packs
_CODES = {("pairing", "quota"): HELPER_RANKS, ("attendance", "days"): HELPER_RANKS, ("first_secretaries", "marks"): AREA_MARKS}
# The least and the most that a number may be, by what it is of.
_LIMITS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("pairing", "quota"): (0, 1000),
    ("pairing", "ceiling"): (1, 1000),
    ("first_secretaries", "marks"): (0, 100),
    ("first_secretaries", "kinds"): (0, 100),
    ("deployment", "share"): (0, 1),
    ("attendance", "days"): (0, 31),
    ("full_check", "first"): (1, 12),
    ("full_check", "every"): (1, 12),
    ("full_check", "length"): (1, 12),
    ("year_end", "first"): (1, 12),
    ("year_end", "last"): (1, 12),
}
_FROM_ONE = (1, 1_000_000)  # days, minutes and fields
# Of two numbers of one thing the first may not be above the second, on any day.
_NOT_ABOVE = {"measures": ("first", "all"), "full_check": ("length", "every")}


def work_rule(loader: Loader, name: str, source: Source) -> WorkRule:
    """An entry of the section `work`. Raises BF-1502 for its structure and for a number that cannot be meant."""
    path = ("work", name)
    if name not in keys.WORK:
        listed = ", ".join(keys.WORK)
        raise loader.bad(source, path, f"只能是 {listed} 之一", f"is not one of {listed}")
    known = keys.WORK[name]
    raw = loader.entry(source, path, known)
    one: dict[str, str] = {}
    by_code: dict[str, Mapping[str, str]] = {}
    for key in (key for key in known if key in raw and key not in ("title", "note")):
        limits = _LIMITS.get((name, key), _FROM_ONE)
        if known[key].shape == "names_by_code":
            by_code[key] = codes_named(loader, source, (*path, key), _CODES.get((name, key), ""), limits)
        else:
            one[key] = _number(loader, source, (*path, key), raw[key], limits)
    if not one and not any(by_code.values()):
        raise loader.bad(source, path, "至少写一项", "needs at least one number")
    for low, high in [_NOT_ABOVE[name]] if name in _NOT_ABOVE else []:
        _require_order(loader, source, (*path, low), loader.parameters[one[low]], loader.parameters[one[high]])
    for rank, quota in by_code.get("quota", {}).items():
        _require_order(loader, source, (*path, "quota", rank), loader.parameters[quota], loader.parameters[one["ceiling"]])
    return WorkRule(name, loader.text(source, (*path, "title"), raw["title"]), one, by_code, source.place(*path))


def codes_named(
    loader: Loader, source: Source, path: tuple[Any, ...], codes: str, limits: tuple[int, int] = _FROM_ONE
) -> dict[str, str]:
    """A mapping of codes of a list of the pack (`""`: any name) to parameters. Raises BF-1502 and BF-1406."""
    raw: Any = source.data
    for key in path:
        raw = raw[key]
    if not isinstance(raw, dict):
        raise loader.bad(source, path, "应为 代码: 参数 的映射", "must be a mapping of codes to parameters")
    if codes and codes not in loader.schema.codes:
        raise loader.bad(source, path, f"没有代码表 {codes}", f"there is no code list {codes}")
    for code in raw:
        if codes:
            require_codes(loader.schema.codes, code, Type("code", codes), source.place(*path, code))
        elif not isinstance(code, str) or not NAME.match(code):
            raise loader.bad(source, (*path, code), "不是合规的名称", "is no proper name")
    return {code: _number(loader, source, (*path, code), name, limits) for code, name in raw.items()}


def _number(loader: Loader, source: Source, path: tuple[Any, ...], name: Any, limits: tuple[int, int]) -> str:
    """The name of a parameter all of whose values lie within limits."""
    low, high = limits
    made = loader.named_parameter(source, path, name, (INTEGER, DECIMAL) if high == 1 else (INTEGER,))
    for day, value in loader.parameters[made].values:
        if value is not None and not low <= value <= high:
            place = next(s for s in loader.sources if s.file == loader.parameters[made].place.file).place(
                "parameters", made, "values", day
            )
            detail = Text(
                f"{made} 的值 {value} 不在 {low} 到 {high} 之间", f"the value {value} of {made} is not between {low} and {high}"
            )
            raise BAD_PACK(file=place.file, line=place.line, name=made, detail=detail)
    return made


def _require_order(loader: Loader, source: Source, path: tuple[Any, ...], low: Parameter, high: Parameter) -> None:
    for day in sorted({day for parameter in (low, high) for day, _ in parameter.values}):
        held = [parameter.begun(day) for parameter in (low, high)]
        if all(begun is not None and begun[1] is not None for begun in held) and held[0][1] > held[1][1]:  # type: ignore[index]
            zh, en = f"{low.name} 自 {day} 起大于 {high.name}", f"{low.name} is above {high.name} from {day} on"
            raise loader.bad(source, path, zh, en)


# --- on a day


@dataclass(frozen=True, slots=True)
class Setting:
    """A number of the pack on a day, and where it comes from. `value` is None while it is left open for the county to enter."""

    parameter: str
    value: Any
    title: Text
    unit: Text | None
    source: Text
    verified: bool


@dataclass(frozen=True, slots=True)
class VisitEvery:
    """How often the households of one kind are visited: days between visits of whoever answers, and of other kinds of helper."""

    name: str
    title: Text
    every: Setting
    by_helper: Mapping[str, Setting]

    def of(self, helper: str = "") -> Setting | None:
        """The days between the visits of a kind of helper (`""`: whoever answers); None where the pack asks none of that kind."""
        return self.every if not helper else self.by_helper.get(helper)


@dataclass(frozen=True, slots=True)
class Work:
    """What a pack says of the work on a day; a thing that it does not say is not there.

    Keys of `one` are `thing.key` (`pairing.ceiling`, `measures.first`), of `by_code` the same with a mapping of codes (`pairing.quota` by
    rank, `first_secretaries.marks` by mark of an area). `titles` are of the things.
    """

    titles: Mapping[str, Text]
    one: Mapping[str, Setting]
    by_code: Mapping[str, Mapping[str, Setting]]

    def says(self, thing: str) -> bool:
        """Whether the pack orders a thing."""
        return thing in self.titles

    def setting(self, key: str) -> Setting | None:
        """A number with its source; None where the pack does not say it."""
        return self.one.get(key)

    def number(self, key: str) -> Any:
        """A number; None where the pack does not say it or leaves it open."""
        found = self.one.get(key)
        return None if found is None else found.value

    def by(self, key: str) -> Mapping[str, Setting]:
        """Numbers by code; empty where the pack does not say them."""
        return self.by_code.get(key, {})


def work_on(pack: Pack, day: dt.date) -> Work:
    """What a pack says of the work on a day."""
    one = {f"{rule.name}.{key}": setting_on(pack, name, day) for rule in pack.work.values() for key, name in rule.one.items()}
    by_code = {
        f"{rule.name}.{key}": {code: setting_on(pack, name, day) for code, name in codes.items()}
        for rule in pack.work.values()
        for key, codes in rule.by_code.items()
    }
    return Work({rule.name: rule.title for rule in pack.work.values()}, one, by_code)


def visits_on(pack: Pack, day: dt.date) -> dict[str, VisitEvery]:
    """How often each kind of household is visited on a day, by the name of the rule, in the pack's order."""
    return {name: _visit(pack, visit, day) for name, visit in pack.visits.items()}


def _visit(pack: Pack, visit: Visit, day: dt.date) -> VisitEvery:
    others = {code: setting_on(pack, name, day) for code, name in visit.by_helper.items()}
    return VisitEvery(visit.name, visit.title, setting_on(pack, visit.every, day), others)


def setting_on(pack: Pack, name: str, day: dt.date) -> Setting:
    """A parameter on a day with its source. A day before its first value leaves it open."""
    parameter = pack.parameters[name]
    begun = parameter.begun(day)
    value = None if begun is None else begun[1]
    return Setting(name, value, parameter.title, parameter.unit, parameter.source, parameter.verified_on(day))
