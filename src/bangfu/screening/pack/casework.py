"""How gaps are dealt with and how it is decided: read from a pack's files, and said for a day with where every number comes from.

The sections `cases` (kinds of gaps: owner, deadlines, escalation, effect), `steps` (who does a step of a decision, with which papers) and
`decisions` name dated parameters. A pack may lack any of it: then there is no case, or no decision can be carried out.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bangfu.foundation.say import Text
from bangfu.rules.expressions import NAME
from bangfu.rules.schema import BOOLEAN, DECIMAL, HOUSEHOLD, INTEGER, MONEY, Type
from bangfu.rules.source import Source
from bangfu.screening.pack import keys
from bangfu.screening.pack.model import (
    FROM_PROPOSAL,
    SEVERITIES,
    CaseRule,
    Decision,
    Guarantee,
    Pack,
    Proposal,
    StepRule,
    require_codes,
)
from bangfu.screening.pack.work import Setting, codes_named, number_named, require_order, setting_on

if TYPE_CHECKING:
    from bangfu.screening.pack.loading import Loader

STEP_LIST, DOCUMENTS, UNITS, MARKS = "decision_step", "decision_document", "county_unit", "area_mark"  # code lists of packs
KINDS, FAMILIES = "household_kind", "measure_family"  # code lists of the register
# The least and the most that a number may be: days, months, people, shares.
_DAYS, _DAYS_OR_NONE, _MONTHS, _PEOPLE, _SHARE = (1, 3650), (0, 3650), (1, 120), (1, 100), (0, 1)
_BOUND = (INTEGER, DECIMAL, MONEY)


# --- cases


def case_rule(loader: Loader, name: str, source: Source, guarantees: Mapping[str, Guarantee]) -> CaseRule:
    """An entry of the section `cases`. Raises BF-1502 and BF-1406 for what it names and for a number that cannot be meant."""
    path = ("cases", name)
    raw = loader.entry(source, path, keys.CASE)
    guarantee = raw.get("guarantee", "")
    if "guarantee" in raw and guarantee not in guarantees:
        raise loader.bad(source, (*path, "guarantee"), f"没有保障 {guarantee}", f"there is no guarantee {guarantee}")
    for key in ("severity", "unknown"):
        if key in raw and not guarantee:
            raise loader.bad(source, (*path, key), "只与 guarantee 同用", "goes with a guarantee only")
    title = loader.text(source, (*path, "title"), raw["title"])
    days = codes_named(loader, source, (*path, "days"), "", _DAYS)
    _require_known(loader, source, (*path, "days"), days, SEVERITIES)
    severity = _severity(loader, source, path, raw.get("severity", {}), guarantees.get(guarantee))
    for needed in (SEVERITIES[0], *severity):
        if needed not in days:
            raise loader.bad(source, (*path, "days"), f"缺少 {needed}", f"{needed} is missing")
    present = [each for each in reversed(SEVERITIES) if each in days]
    for graver, lighter in itertools.pairwise(present):
        low, high = loader.parameters[days[graver]], loader.parameters[days[lighter]]
        require_order(loader, source, (*path, "days", graver), low, high)
    return CaseRule(
        name=name,
        title=title,
        short=loader.text(source, (*path, "short"), raw["short"]) if "short" in raw else title,
        guarantee=guarantee,
        department=_department(loader, source, path, raw["department"]) if "department" in raw else "",
        days=days,
        severity=severity,
        escalate=number_named(loader, source, (*path, "escalate"), raw["escalate"], _DAYS),
        effect=number_named(loader, source, (*path, "effect"), raw["effect"], _DAYS_OR_NONE) if "effect" in raw else "",
        unknown=codes_named(loader, source, (*path, "unknown"), KINDS, _DAYS) if "unknown" in raw else {},
        review=number_named(loader, source, (*path, "review"), raw["review"], _MONTHS),
        reopen=number_named(loader, source, (*path, "reopen"), raw["reopen"], _DAYS_OR_NONE),
        measures=_codes(loader, source, (*path, "measures"), raw.get("measures", []), FAMILIES),
        place=source.place(*path),
    )


def _severity(
    loader: Loader, source: Source, path: tuple[Any, ...], raw: Any, guarantee: Guarantee | None
) -> dict[str, tuple[str, ...]]:
    at = (*path, "severity")
    if not isinstance(raw, dict):
        raise loader.bad(source, at, "应为 严重程度: [理由] 的映射", "must be a mapping of severities to reasons")
    _require_known(loader, source, at, raw, SEVERITIES[1:])
    made: dict[str, tuple[str, ...]] = {}
    known = [reason.code for reason in guarantee.unmet] if guarantee else []
    for grave, listed in raw.items():
        made[grave] = _listed(loader, source, (*at, grave), listed)
        for code in made[grave]:
            if code not in known:
                own = ", ".join(known)
                zh, en = f"{code} 不是未达标的理由：{own}", f"{code} is no reason of what is unmet: {own}"
                raise loader.bad(source, (*at, grave), zh, en)
    if twice := sorted(set(made.get("serious", ())) & set(made.get("urgent", ()))):
        raise loader.bad(source, at, f"{twice[0]} 写了两次", f"{twice[0]} is named twice")
    return made


def _department(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any) -> str:
    at = (*path, "department")
    if UNITS not in loader.lists:
        raise loader.bad(source, at, f"没有代码表 {UNITS}", f"there is no code list {UNITS}")
    require_codes(loader.schema.codes, raw, Type("code", UNITS), source.place(*at))
    return str(raw)


# --- steps


def step_rule(loader: Loader, name: str, source: Source) -> StepRule:
    """An entry of the section `steps`. Raises BF-1502 and BF-1406 for what it names and for a number that cannot be meant."""
    path = ("steps", name)
    raw = loader.entry(source, path, keys.STEP)
    if STEP_LIST not in loader.lists:
        raise loader.bad(source, path, f"没有代码表 {STEP_LIST}", f"there is no code list {STEP_LIST}")
    require_codes(loader.schema.codes, name, Type("code", STEP_LIST), source.place(*path))
    _require_known(loader, source, (*path, "by"), [raw["by"]], keys.BY)
    _require_known(loader, source, (*path, "act"), [raw["act"]], keys.ACTS)
    for key in ("quorum", "majority", "attend"):
        if key in raw and raw["act"] != "meeting":
            raise loader.bad(source, (*path, key), "只与 act: meeting 同用", "goes with act: meeting only")
    if raw["act"] == "meeting" and "majority" not in raw:
        raise loader.bad(source, path, "缺少 majority", "majority is missing")
    other_than, after = (_codes(loader, source, (*path, key), raw.get(key, []), STEP_LIST) for key in ("other_than", "after"))
    for key, listed in (("other_than", other_than), ("after", after)):
        if name in listed:
            raise loader.bad(source, (*path, key), f"不能写 {name} 自己", f"cannot name {name} itself")
    return StepRule(
        name=name,
        by=raw["by"],
        act=raw["act"],
        documents=_codes(loader, source, (*path, "documents"), raw.get("documents", []), DOCUMENTS),
        people=number_named(loader, source, (*path, "people"), raw["people"], _PEOPLE) if "people" in raw else "",
        other_than=other_than,
        after=after,
        quorum=number_named(loader, source, (*path, "quorum"), raw["quorum"], _SHARE) if "quorum" in raw else "",
        majority=number_named(loader, source, (*path, "majority"), raw["majority"], _SHARE) if "majority" in raw else "",
        attend=number_named(loader, source, (*path, "attend"), raw["attend"], _PEOPLE) if "attend" in raw else "",
        finds=_yes_no(loader, source, (*path, "finds"), raw.get("finds", False)),
        place=source.place(*path),
    )


# --- decisions


def decision_rule(loader: Loader, name: str, source: Source) -> Decision:
    """An entry of the section `decisions`. Raises BF-1502 and BF-1406."""
    path = ("decisions", name)
    raw = loader.entry(source, path, keys.DECISION)
    steps = loader.parameters.get(raw["steps"]) if isinstance(raw["steps"], str) else None
    if steps is None or steps.type.kind != "codes":
        zh, en = f"{raw['steps']} 不是 codes 类型的参数", f"{raw['steps']} is not a parameter of type codes"
        raise loader.bad(source, (*path, "steps"), zh, en)
    limits = raw.get("limits") or {}
    if not isinstance(limits, dict):
        raise loader.bad(source, (*path, "limits"), "应为 步骤: 时限 的映射", "must be a mapping of steps")
    for step in limits:
        require_codes(loader.schema.codes, step, Type("code", steps.type.codes), source.place(*path, "limits", step))
    days = {step: number_named(loader, source, (*path, "limits", step), at, _DAYS_OR_NONE) for step, at in limits.items()}
    whole, notice, wait, objections = (
        number_named(loader, source, (*path, key), raw[key], _DAYS_OR_NONE) if key in raw else ""
        for key in ("whole", "notice", "wait", "objections")
    )
    if whole and notice:
        require_order(loader, source, (*path, "notice"), loader.parameters[notice], loader.parameters[whole])
    subject = raw.get("subject", "household")
    _require_known(loader, source, (*path, "subject"), [subject], keys.SUBJECTS)
    for key, wanted in (("sets", "household"), ("of", "household"), ("mark", "village")):
        if key in raw and subject != wanted:
            word = keys.SUBJECTS[wanted]
            raise loader.bad(source, (*path, key), f"只用于 subject: {wanted}（{word.zh}）", f"goes with subject: {wanted} only")
    ends_after = _ends_after(loader, source, (*path, "ends_after"), raw["ends_after"], steps.name) if "ends_after" in raw else ""
    criteria, below, at_least, figures = _criteria(loader, source, path, raw)
    return Decision(
        name=name,
        title=loader.text(source, (*path, "title"), raw["title"]),
        steps=steps.name,
        limits=days,
        whole=whole,
        notice=notice,
        wait=wait,
        place=source.place(*path),
        subject=subject,
        sets=_sets(loader, source, (*path, "sets"), raw["sets"]) if "sets" in raw else {},
        refuse=_yes_no(loader, source, (*path, "refuse"), raw.get("refuse", True)),
        ends_after=ends_after,
        objections=objections,
        criteria=criteria,
        below=below,
        at_least=at_least,
        figures=figures,
        of=whom(loader, source, (*path, "of"), raw["of"]) if "of" in raw else {},
        mark=_mark(loader, source, (*path, "mark"), raw["mark"]) if "mark" in raw else "",
    )


def _ends_after(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any, steps: str) -> str:
    parameter = loader.parameters[steps]
    require_codes(loader.schema.codes, raw, Type("code", parameter.type.codes), source.place(*path))
    for day, listed in parameter.values:
        if listed is not None and raw not in listed:
            raise loader.bad(source, path, f"{steps} 自 {day} 起没有 {raw}", f"{steps} has no {raw} from {day} on")
    return str(raw)


def _criteria(
    loader: Loader, source: Source, path: tuple[Any, ...], raw: Mapping[str, Any]
) -> tuple[str, dict[str, str], dict[str, str], dict[str, str]]:
    """The criteria of a decision, and by code what each is held against and which figure gives it."""
    keyed = ("below", "at_least", "figures")
    if "criteria" not in raw:
        for key in keyed:
            if key in raw:
                raise loader.bad(source, (*path, key), "只与 criteria 同用", "goes with criteria only")
        return "", {}, {}, {}
    criteria = loader.parameters.get(raw["criteria"]) if isinstance(raw["criteria"], str) else None
    if criteria is None or criteria.type.kind != "codes":
        zh, en = f"{raw['criteria']} 不是 codes 类型的参数", f"{raw['criteria']} is not a parameter of type codes"
        raise loader.bad(source, (*path, "criteria"), zh, en)
    listed = [raw.get(key, {}) for key in keyed]
    for key, found in zip(keyed, listed, strict=True):
        if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
            raise loader.bad(source, (*path, key), "应为 代码: 名称 的映射", "must be a mapping of codes to names")
        for code in found:
            require_codes(loader.schema.codes, code, Type("code", criteria.type.codes), source.place(*path, key, code))
    below, at_least, figures = listed
    if both := sorted(set(below) & set(at_least)):
        raise loader.bad(source, (*path, "at_least"), f"{both[0]} 写了两次", f"{both[0]} is named twice")
    for code in figures:
        if (code in below) == (code in at_least):
            raise loader.bad(
                source, (*path, "figures", code), f"{code} 要么 below 要么 at_least", f"{code} needs one of below and at_least"
            )

    def named(key: str, found: Mapping[str, str]) -> dict[str, str]:
        return {code: loader.named_parameter(source, (*path, key, code), name, _BOUND) for code, name in found.items()}

    return criteria.name, named("below", below), named("at_least", at_least), dict(figures)


def whom(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any) -> dict[str, tuple[str | bool, ...]]:
    """Which households a decision, or one of its categories, is about: fields of a household that are codes, or yes or no, with the values that will do."""
    if not isinstance(raw, dict) or not raw:
        raise loader.bad(source, path, "应为 字段: [值] 的映射", "must be a mapping of fields to lists")
    made: dict[str, tuple[str | bool, ...]] = {}
    for key, listed in raw.items():
        column, at = loader.schema.columns.get(key), (*path, key)
        if column is None or column.level != HOUSEHOLD:
            raise loader.bad(source, at, f"{key} 不是农户的字段", f"{key} is no field of a household")
        fits = bool if column.type == BOOLEAN else str if column.type.kind == "code" else None
        if not isinstance(listed, list) or not listed or fits is None or not all(isinstance(one, fits) for one in listed):
            raise loader.bad(source, at, f"{key} 应为代码或是否的列表", f"{key} must be a list of codes, or of yes and no")
        if fits is str:
            require_codes(loader.schema.codes, list(listed), Type("codes", column.type.codes), source.place(*at))
        made[key] = tuple(listed)
    return made


def _mark(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any) -> str:
    if MARKS not in loader.schema.codes:
        raise loader.bad(source, path, f"没有代码表 {MARKS}", f"there is no code list {MARKS}")
    require_codes(loader.schema.codes, raw, Type("code", MARKS), source.place(*path))
    return str(raw)


def _yes_no(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise loader.bad(source, path, "须为 true 或 false", "must be true or false")
    return raw


def _sets(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any) -> dict[str, str | bool]:
    """What the register is told: every field is one of a household, every value one that it may have."""
    if not isinstance(raw, dict) or not raw:
        raise loader.bad(source, path, "应为 字段: 代码 的映射", "must be a mapping of fields to codes")
    for key, value in raw.items():
        column, at = loader.schema.columns.get(key), (*path, key)
        if column is None or column.level != HOUSEHOLD:
            raise loader.bad(source, at, f"{key} 不是农户的字段", f"{key} is no field of a household")
        if column.type == BOOLEAN and isinstance(value, bool):
            continue
        if column.type.kind != "code":
            zh, en = f"{key} 不能登记 {value}：只登记代码和是否", f"{key} cannot be told {value}: only codes and yes or no can"
            raise loader.bad(source, at, zh, en)
        if value != FROM_PROPOSAL:
            require_codes(loader.schema.codes, value, column.type, source.place(*at))
    return dict(raw)


def require_proposed(loader: Loader, decisions: Mapping[str, Decision], proposals: Mapping[str, Proposal]) -> None:
    """Raise BF-1502 where a decision takes what its proposals say, and one of them says nothing of it."""
    for name, source in loader.section("decisions"):
        taken = taken_from_proposal(decisions[name])
        for proposal in proposals.values():
            if taken and proposal.decision == name and not set(taken) & set(proposal.sets):
                zh = f"{proposal.name} 没有写 {name} 要登记的 {', '.join(taken)}"
                en = f"{proposal.name} does not say {', '.join(taken)}, which {name} takes from it"
                raise loader.bad(source, ("decisions", name, "sets"), zh, en)


def taken_from_proposal(decision: Decision) -> list[str]:
    """The fields that a decision tells the register as its proposal says them."""
    return [key for key, value in decision.sets.items() if value == FROM_PROPOSAL]


def require_steps(loader: Loader, decisions: Mapping[str, Decision], steps: Mapping[str, StepRule]) -> None:
    """Raise BF-1502 where a decision has a step that nobody says how to do, or that waits for one which it has not.

    A pack without any `steps` says nothing of how decisions are carried out. A county may enter any code of the list: all need a rule.
    """
    if not steps:
        return
    for name, source in loader.section("steps"):
        if name in _before(name, steps):
            raise loader.bad(
                source, ("steps", name, "after"), f"{name} 绕一圈又在自己之后", f"{name} comes after itself in a circle"
            )
    for name, source in loader.section("decisions"):
        path = ("decisions", name, "steps")
        parameter = loader.parameters[decisions[name].steps]
        written = [code for _, listed in parameter.values for code in listed or ()]
        known = dict.fromkeys([*written, *sorted(loader.schema.codes[parameter.type.codes])])
        if missing := ", ".join(code for code in known if code not in steps):
            raise loader.bad(source, path, f"steps 没有写 {missing}", f"the section steps does not say {missing}")
        for day, listed in parameter.values:
            for code in listed or ():
                if lacking := [before for before in steps[code].after if before not in listed]:
                    zh = f"{parameter.name} 自 {day} 起有 {code} 而没有 {lacking[0]}"
                    en = f"{parameter.name} has {code} without {lacking[0]} from {day} on"
                    raise loader.bad(source, path, zh, en)


def _before(name: str, rules: Mapping[str, StepRule]) -> set[str]:
    """Every step that must have been done before one, however far."""
    made: set[str] = set()
    ahead = list(rules[name].after)
    while ahead:
        step = ahead.pop()
        if step not in made:
            made.add(step)
            ahead += rules[step].after if step in rules else ()
    return made


# --- lists and words


def _listed(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any) -> tuple[str, ...]:
    """A list of names, each once."""
    if not isinstance(raw, list) or not all(isinstance(one, str) and NAME.match(one) for one in raw):
        raise loader.bad(source, path, "应为名称的列表", "must be a list of names")
    if len(set(raw)) != len(raw):
        raise loader.bad(source, path, "有重复", "names something twice")
    return tuple(raw)


def _codes(loader: Loader, source: Source, path: tuple[Any, ...], raw: Any, codes: str) -> tuple[str, ...]:
    """A list of codes of a code list of the pack or of the register."""
    made = _listed(loader, source, path, raw)
    if made and codes not in loader.schema.codes:
        raise loader.bad(source, path, f"没有代码表 {codes}", f"there is no code list {codes}")
    require_codes(loader.schema.codes, list(made), Type("codes", codes), source.place(*path))
    return made


def _require_known(loader: Loader, source: Source, path: tuple[Any, ...], found: Iterable[Any], known: Iterable[str]) -> None:
    listed = ", ".join(known)
    for one in found:
        if one not in listed.split(", "):
            at = (*path, one) if (*path, one) in source.lines else path
            raise loader.bad(source, at, f"{one}：只能是 {listed} 之一", f"{one} is not one of {listed}")


# --- on a day


@dataclass(frozen=True, slots=True)
class CaseWork:
    """A kind of case on a day: its rule, its numbers (None while left open), and in `settings` where each comes from.

    Keys of `settings` are `days.ordinary`, `escalate`, `effect`, `unknown.registered`, `review` and `reopen`.
    """

    rule: CaseRule
    days: Mapping[str, int | None]
    escalate: int | None
    effect: int | None  # 0 where a measure takes effect at once
    unknown: Mapping[str, int | None]
    review: int | None
    reopen: int | None
    unknown_reasons: tuple[str, ...]  # what is missing and others than the county supply: only such an unknown becomes a case
    settings: Mapping[str, Setting]

    def days_of(self, severity: str) -> int | None:
        """The days until the deadline of a severity: the ordinary ones where the pack says no others."""
        return self.days[severity if severity in self.days else SEVERITIES[0]]

    def days_unknown(self, kind: str | None, reasons: Iterable[str]) -> int | None:
        """The days after which an unknown verdict with these reasons becomes a case for a kind of household; None: it never does."""
        return self.unknown.get(kind or "") if set(reasons) & set(self.unknown_reasons) else None

    @property
    def provisional(self) -> tuple[str, ...]:
        """The parameters whose value on the day was not checked against a source."""
        return _provisional(self.settings)


@dataclass(frozen=True, slots=True)
class StepWork:
    """A step of a decision on a day."""

    rule: StepRule
    title: Text
    limit: int | None  # days; None where the pack says none or leaves it open
    people: int
    quorum: float | None
    majority: float | None
    attend: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """What has to be found on a day: yes or no, or a `number` that has to lie `below` one or be `at_least` one (money in fen; None: left open).

    `figure` is the key of the figure that gives the number; "" where people say it. `money`: whether the number is one of money.
    """

    title: Text
    number: bool
    below: float | None
    at_least: float | None
    figure: str
    money: bool


@dataclass(frozen=True, slots=True)
class DecisionWork:
    """A decision on a day: its steps in order, its days (None: not said, or left open).

    Keys of `settings` are those of the decision (`steps`, `whole`, `notice`, `wait`, `objections`, `criteria`), `limits.CODE`,
    `bounds.CODE`, and `STEP.people`, `STEP.quorum`, `STEP.majority`, `STEP.attend` of its steps.
    """

    decision: Decision
    steps: tuple[StepWork, ...]
    whole: int | None
    notice: int | None
    wait: int | None
    objections: int | None
    criteria: Mapping[str, Criterion]
    settings: Mapping[str, Setting]

    def step(self, name: str) -> StepWork | None:
        """A step by its name; None where the decision has it not."""
        return next((step for step in self.steps if step.rule.name == name), None)

    @property
    def decided_with(self) -> str:
        """The step with which it is decided: the one that the pack names, else the last that decides, else the last."""
        names = [step.rule.name for step in self.steps]
        if self.decision.ends_after in names:
            return self.decision.ends_after
        deciding = [step.rule.name for step in self.steps if step.rule.act == "decide"]
        return (deciding or names)[-1]

    @property
    def provisional(self) -> tuple[str, ...]:
        """The parameters whose value on the day was not checked against a source."""
        return _provisional(self.settings)


def cases_on(pack: Pack, day: dt.date) -> dict[str, CaseWork]:
    """How each kind of gap is dealt with on a day, by name, in the pack's order; empty where the pack says nothing of cases."""
    return {name: _case_on(pack, rule, day) for name, rule in pack.cases.items()}


def decisions_on(pack: Pack, day: dt.date) -> dict[str, DecisionWork]:
    """How it is decided on a day, by the name of the decision. One whose steps are left open, or of which the pack does not say who does
    every step, is not there."""
    made = {}
    for name, decision in pack.decisions.items():
        begun = pack.parameters[decision.steps].begun(day)
        codes = begun[1] if begun else None
        if codes and all(code in pack.steps for code in codes):
            made[name] = _decision_on(pack, decision, day)
    return made


def step_title(pack: Pack, decision: Decision | None, step: str) -> Text:
    """What a step is called."""
    codes = pack.parameters[decision.steps].type.codes if decision else STEP_LIST
    return pack.lists.get(codes, {}).get(step, Text(step, step))


def _case_on(pack: Pack, rule: CaseRule, day: dt.date) -> CaseWork:
    named = {f"days.{grave}": name for grave, name in rule.days.items()}
    named |= {f"unknown.{kind}": name for kind, name in rule.unknown.items()}
    named |= {key: name for key in ("escalate", "effect", "review", "reopen") if (name := getattr(rule, key))}
    settings = {key: setting_on(pack, name, day) for key, name in named.items()}
    missing = pack.guarantees[rule.guarantee].missing if rule.guarantee else ()
    return CaseWork(
        rule=rule,
        days={grave: settings[f"days.{grave}"].value for grave in rule.days},
        escalate=settings["escalate"].value,
        effect=settings["effect"].value if rule.effect else 0,
        unknown={kind: settings[f"unknown.{kind}"].value for kind in rule.unknown},
        review=settings["review"].value,
        reopen=settings["reopen"].value,
        unknown_reasons=tuple(reason.code for reason in missing if reason.supplied_by != "county"),
        settings=settings,
    )


def _decision_on(pack: Pack, decision: Decision, day: dt.date) -> DecisionWork:
    settings = {"steps": setting_on(pack, decision.steps, day)}
    for key in ("whole", "notice", "wait", "objections", "criteria"):
        if name := getattr(decision, key):
            settings[key] = setting_on(pack, name, day)
    settings |= {f"limits.{step}": setting_on(pack, name, day) for step, name in decision.limits.items()}
    settings |= {f"bounds.{code}": setting_on(pack, name, day) for code, name in decision.bounds.items()}
    steps = []
    for code in settings["steps"].value or ():
        rule = pack.steps[code]
        for key in ("people", "quorum", "majority", "attend"):
            if name := getattr(rule, key):
                settings[f"{code}.{key}"] = setting_on(pack, name, day)
        people, quorum, majority, attend = (
            _value(settings, f"{code}.{key}") for key in ("people", "quorum", "majority", "attend")
        )
        title, limit = step_title(pack, decision, code), _value(settings, f"limits.{code}")
        steps.append(StepWork(rule, title, limit, people or 1, quorum, majority, attend or 1))
    codes = pack.parameters[decision.criteria].type.codes if decision.criteria else ""
    return DecisionWork(
        decision=decision,
        steps=tuple(steps),
        whole=_value(settings, "whole"),
        notice=_value(settings, "notice"),
        wait=_value(settings, "wait"),
        objections=_value(settings, "objections"),
        criteria={code: _criterion_on(pack, decision, codes, code, settings) for code in _value(settings, "criteria") or ()},
        settings=settings,
    )


def _criterion_on(pack: Pack, decision: Decision, codes: str, code: str, settings: Mapping[str, Setting]) -> Criterion:
    bound = _value(settings, f"bounds.{code}")
    number = float(bound) if bound is not None else None
    return Criterion(
        title=pack.lists.get(codes, {}).get(code, Text(code, code)),
        number=code in decision.bounds,
        below=number if code in decision.below else None,
        at_least=number if code in decision.at_least else None,
        figure=decision.figures.get(code, ""),
        money=code in decision.bounds and pack.parameters[decision.bounds[code]].type == MONEY,
    )


def _value(settings: Mapping[str, Setting], key: str) -> Any:
    return settings[key].value if key in settings else None


def _provisional(settings: Mapping[str, Setting]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(setting.parameter for setting in settings.values() if not setting.verified))
