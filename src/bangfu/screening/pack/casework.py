"""How a pack deals with gaps: by whom, by when, how they escalate, how long a measure takes to take effect, when unknown becomes a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bangfu.rules.expressions import NAME
from bangfu.rules.schema import INTEGER, Type
from bangfu.rules.source import Source
from bangfu.screening.pack import keys
from bangfu.screening.pack.model import SEVERITIES, CaseRule, Pack, require_codes
from bangfu.screening.pack.work import codes_named

if TYPE_CHECKING:
    from bangfu.screening.pack.loading import Loader

FAMILIES, HOUSEHOLD_KINDS = "measure_family", "household_kind"  # code lists of the register
_ONE = ("escalate", "effect", "review", "reopen")
_LIMITS = {"escalate": (1, 365), "effect": (0, 730), "review": (1, 60), "reopen": (0, 730)}
_DAYS = (1, 730)


def case_rule(loader: Loader, name: str, source: Source, guarantees: Mapping[str, Any]) -> CaseRule:
    """An entry of the section `cases`. Raises BF-1502 for its structure and for what cannot be meant, BF-1406 for an unknown code."""
    path = ("cases", name)
    raw = loader.entry(source, path, keys.CASE)
    title = loader.text(source, (*path, "title"), raw["title"])
    guarantee = raw.get("guarantee", "")
    if guarantee and guarantee not in guarantees:
        raise loader.bad(source, (*path, "guarantee"), f"没有保障项 {guarantee}", f"there is no guarantee {guarantee}")
    department = raw.get("department", "")
    if department and (not isinstance(department, str) or not NAME.match(department)):
        raise loader.bad(source, (*path, "department"), "不是合规的名称", "is no proper name")
    days = codes_named(loader, source, (*path, "days"), "", _DAYS)
    _only(loader, source, (*path, "days"), days, SEVERITIES)
    if "ordinary" not in days:
        raise loader.bad(source, (*path, "days"), "缺少 ordinary", "ordinary is missing")
    one = {key: _number(loader, source, (*path, key), raw[key], _LIMITS[key]) for key in _ONE if key in raw}
    unknown = codes_named(loader, source, (*path, "unknown"), HOUSEHOLD_KINDS, _DAYS) if raw.get("unknown") else {}
    if unknown and not guarantee:
        raise loader.bad(source, (*path, "unknown"), "没有 guarantee 就没有待核实", "nothing is unknown without a guarantee")
    measures = _listed(loader, source, (*path, "measures"), raw.get("measures"))
    for code in measures:
        require_codes(loader.schema.codes, code, Type("code", FAMILIES), source.place(*path, "measures"))
    return CaseRule(
        name=name,
        title=title,
        short=loader.text(source, (*path, "short"), raw["short"]) if "short" in raw else title,
        guarantee=guarantee,
        department=department,
        days=days,
        severity=_severity(loader, source, (*path, "severity"), raw.get("severity"), guarantees.get(guarantee)),
        escalate=one["escalate"],
        effect=one.get("effect", ""),
        unknown=unknown,
        review=one["review"],
        reopen=one["reopen"],
        measures=measures,
        place=source.place(*path),
    )


def _number(loader: Loader, source: Source, path: tuple[Any, ...], name: Any, limits: tuple[int, int]) -> str:
    made = loader.named_parameter(source, path, name, (INTEGER,))
    low, high = limits
    for day, value in loader.parameters[made].values:
        if value is not None and not low <= value <= high:
            zh, en = (
                f"{made} 自 {day} 起的值 {value} 不在 {low} 到 {high} 之间",
                f"{made} from {day} on, {value}, is not between {low} and {high}",
            )
            raise loader.bad(source, path, zh, en)
    return made


def _only(loader: Loader, source: Source, path: tuple[Any, ...], found: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in found:
        if key not in known:
            listed = ", ".join(known)
            raise loader.bad(source, (*path, key), f"只能是 {listed} 之一", f"is not one of {listed}")


def _listed(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any) -> tuple[str, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw) or len(set(raw)) != len(raw):
        raise loader.bad(source, path, "应为不重复的代码列表", "must be a list of codes, each once")
    return tuple(raw)


def _severity(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any, guarantee: Any) -> dict[str, tuple[str, ...]]:
    """The reasons that make a gap heavier: those of the guarantee's unmet ones."""
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise loader.bad(source, path, "应为 程度: 理由 的映射", "must be a mapping of severities to reasons")
    _only(loader, source, path, raw, SEVERITIES[1:])
    known = {r.code for r in guarantee.unmet} if guarantee is not None else set()
    found = {}
    for severity, codes in raw.items():
        found[severity] = _listed(loader, source, (*path, severity), codes)
        for code in found[severity]:
            if code not in known:
                raise loader.bad(source, (*path, severity), f"该保障项没有理由 {code}", f"the guarantee has no reason {code}")
    return found


# --- on a day


@dataclass(frozen=True, slots=True)
class CaseWork:
    """The numbers of a kind of case on a day; None where the pack leaves one open for the county to enter.

    `days` until the deadline by severity, `escalate` days at each step after it, `effect` days until a measure takes effect, `unknown` days by
    kind of household, `review` months, `reopen` days.
    """

    rule: CaseRule
    days: Mapping[str, int | None]
    escalate: int | None
    effect: int | None
    unknown: Mapping[str, int | None]
    review: int | None
    reopen: int | None


def cases_on(pack: Pack, day: dt.date) -> dict[str, CaseWork]:
    """How a pack deals with each kind of gap on a day, by name, in the pack's order."""

    def number(name: str) -> int | None:
        begun = pack.parameters[name].begun(day) if name else None
        return None if begun is None else begun[1]

    return {
        name: CaseWork(
            rule,
            {severity: number(at) for severity, at in rule.days.items()},
            number(rule.escalate),
            number(rule.effect),
            {kind: number(at) for kind, at in rule.unknown.items()},
            number(rule.review),
            number(rule.reopen),
        )
        for name, rule in pack.cases.items()
    }
