"""How a pack deals with gaps (the section `cases`) and who does what at the steps of decisions (the section `steps`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bangfu.foundation.say import Text
from bangfu.rules.expressions import NAME
from bangfu.rules.schema import DECIMAL, HOUSEHOLD, INTEGER, Type
from bangfu.rules.source import Source
from bangfu.screening.pack import keys
from bangfu.screening.pack.model import SEVERITIES, STEP_ACTS, STEP_BY, CaseRule, Decision, Pack, StepRule, require_codes
from bangfu.screening.pack.work import codes_named

if TYPE_CHECKING:
    from bangfu.screening.pack.loading import Loader

FAMILIES, HOUSEHOLD_KINDS = "measure_family", "household_kind"  # code lists of the register
STEPS, DOCUMENTS, FROM_PROPOSAL = "decision_step", "decision_document", "from_proposal"
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


def step_rule(loader: Loader, name: str, source: Source) -> StepRule:
    """An entry of the section `steps`. Raises BF-1502 for its structure, BF-1406 for an unknown step or paper."""
    path = ("steps", name)
    raw = loader.entry(source, path, keys.STEP)
    place = source.place(*path)
    require_codes(loader.schema.codes, name, Type("code", STEPS), place)
    for key, known in (("by", STEP_BY), ("act", STEP_ACTS)):
        if raw[key] not in known:
            listed = ", ".join(known)
            raise loader.bad(source, (*path, key), f"只能是 {listed} 之一", f"is not one of {listed}")
    documents, other_than, after = (
        _listed(loader, source, (*path, key), raw.get(key)) for key in ("documents", "other_than", "after")
    )
    for code in documents:
        require_codes(loader.schema.codes, code, Type("code", DOCUMENTS), source.place(*path, "documents"))
    for key, codes in (("other_than", other_than), ("after", after)):
        for code in codes:
            require_codes(loader.schema.codes, code, Type("code", STEPS), source.place(*path, key))
    if raw["act"] != "meeting" and ("quorum" in raw or "majority" in raw):
        raise loader.bad(source, path, "只有会议才有到会和通过比例", "only a meeting has a quorum and a majority")
    people = _number(loader, source, (*path, "people"), raw["people"], (1, 20)) if "people" in raw else ""
    quorum, majority = (_share(loader, source, (*path, key), raw[key]) if key in raw else "" for key in ("quorum", "majority"))
    return StepRule(name, raw["by"], raw["act"], documents, people, other_than, after, quorum, majority, place)


def _share(loader: Loader, source: Source, path: tuple[Any, ...], name: Any) -> str:
    made = loader.named_parameter(source, path, name, (DECIMAL,))
    for _, value in loader.parameters[made].values:
        if value is not None and not 0 < value <= 1:
            raise loader.bad(
                source, path, f"{made} 的值 {value} 不在 0 到 1 之间", f"the value {value} of {made} is not between 0 and 1"
            )
    return made


def decision_more(loader: Loader, source: Source, path: tuple[Any, ...], raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a decision says beside its steps and days: whom it is about, what the register is told, the days of an answer to an objection."""
    subject = raw.get("subject", "household")
    if subject not in ("household", "village"):
        raise loader.bad(source, (*path, "subject"), "只能是 household 或 village", "is neither household nor village")
    sets = raw.get("sets") or {}
    if not isinstance(sets, dict) or not all(isinstance(value, str | bool) for value in sets.values()):
        raise loader.bad(source, (*path, "sets"), "应为 字段: 代码 的映射", "must be a mapping of fields to codes")
    columns = loader.schema.level(HOUSEHOLD)
    for field, value in sets.items():
        if field not in columns:
            raise loader.bad(source, (*path, "sets", field), f"登记簿没有字段 {field}", f"the register has no field {field}")
        kind = columns[field].type
        if kind.kind == "code" and value != FROM_PROPOSAL:
            require_codes(loader.schema.codes, value, kind, source.place(*path, "sets", field))
    objections = _number(loader, source, (*path, "objections"), raw["objections"], (1, 60)) if "objections" in raw else ""
    return {"subject": subject, "sets": dict(sets), "objections": objections}


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


@dataclass(frozen=True, slots=True)
class StepWork:
    """A step of a decision on a day: its rule, what it is called, the days it may take, how many do it, a meeting's shares."""

    rule: StepRule
    title: Text
    limit: int | None
    people: int
    quorum: Any
    majority: Any


@dataclass(frozen=True, slots=True)
class DecisionWork:
    """How a decision is taken on a day: its steps in order, and the days of the notice, the whole, the wait, an answer to an objection."""

    decision: Decision
    steps: tuple[StepWork, ...]
    whole: int | None
    notice: int | None
    wait: int | None
    objections: int | None


def decisions_on(pack: Pack, day: dt.date) -> dict[str, DecisionWork]:
    """How each decision is taken on a day, by name. A decision of which the pack does not say who does every step is left out."""

    def number(name: str) -> Any:
        begun = pack.parameters[name].begun(day) if name else None
        return None if begun is None else begun[1]

    titles = pack.lists.get(STEPS, {})
    found = {}
    for name, decision in pack.decisions.items():
        codes = number(decision.steps) or ()
        if not codes or not all(code in pack.steps for code in codes):
            continue
        steps = tuple(
            StepWork(
                rule,
                titles.get(code, Text(code, code)),
                number(decision.limits.get(code, "")),
                number(rule.people) or 1,
                number(rule.quorum),
                number(rule.majority),
            )
            for code in codes
            for rule in [pack.steps[code]]
        )
        found[name] = DecisionWork(
            decision, steps, number(decision.whole), number(decision.notice), number(decision.wait), number(decision.objections)
        )
    return found
