"""What two policy packs say differently, and which situations come out differently under the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.expressions import Node
from bangfu.screening.engine import HouseholdJudge, verdicts_of
from bangfu.screening.explain import HouseholdFacts
from bangfu.screening.pack.model import (
    CaseRule,
    Decision,
    Flag,
    Guarantee,
    ModeRule,
    Pack,
    Parameter,
    Proposal,
    Reason,
    Score,
    StepRule,
    WorkRule,
)
from bangfu.screening.situations import Situation, situations_of

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
KINDS = {
    "parameter": Text("参数", "parameter"),
    "fact": Text("事实", "fact"),
    "guarantee": Text("保障", "guarantee"),
    "proposal": Text("提议", "proposal"),
    "score": Text("得分", "score"),
    "hint": Text("提示", "hint"),
    "group": Text("必访对象", "group"),
    "decision": Text("决定程序", "decision"),
    "visit": Text("走访规则", "visit"),
    "mode": Text("走访方式", "way of visiting"),
    "work": Text("工作安排", "order of the work"),
    "case": Text("事项", "kind of case"),
    "step": Text("程序步骤", "step of decisions"),
    "term": Text("用语", "term"),
    "list": Text("代码表", "code list"),
    "pack": Text("规则包", "pack"),
}
HOW = {ADDED: Text("新增", "added"), REMOVED: Text("删去", "removed"), CHANGED: Text("改动", "changed")}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: what kind it is, its name, how it differs, what of it (`met`, a day, `unmet.below_line`), before and after."""

    kind: str
    name: str
    how: str
    what: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A situation of which one pack judges otherwise than the other."""

    situation: Text
    of: str  # the pack whose situation it is
    guarantee: str
    before: str
    after: str


@dataclass
class Difference:
    """Two packs, held against each other: `before` and `after` are their names."""

    before: str
    after: str
    changes: list[Change] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    not_judged: list[tuple[Text, Problem]] = field(default_factory=list)  # situations that the other pack cannot judge, and why

    def __bool__(self) -> bool:
        return bool(self.changes or self.turns)

    def as_json(self) -> dict[str, Any]:
        """The document of `bangfu policy diff --json`."""
        return {
            "before": self.before,
            "after": self.after,
            "changes": [
                {"kind": c.kind, "name": c.name, "how": c.how, "what": c.what, "before": c.before, "after": c.after}
                for c in self.changes
            ],
            "situations": [
                {
                    "name": {"zh": t.situation.zh, "en": t.situation.en},
                    "of": t.of,
                    "guarantee": t.guarantee,
                    "before": t.before,
                    "after": t.after,
                }
                for t in self.turns
            ],
            "not_judged": [{"name": {"zh": n.zh, "en": n.en}, "problem": p.as_json()} for n, p in self.not_judged],
        }


def compare(before: Pack, after: Pack, *, situations: bool = True) -> Difference:
    """Hold two packs against each other; without `situations` nothing is judged."""
    made = Difference(before.name, after.name)
    for kind, section, parts in _SECTIONS:
        made.changes += _changes(kind, section(before), section(after), parts)
    if situations:
        _turns(before, after, made)
    return made


# --- what is written


def value_shown(value: Any, parameter: Parameter) -> str:
    """A parameter's value as people write it: money in yuan."""
    if value is None:
        return "—"
    if parameter.type.kind == "money":
        return f"{value / 100:.2f}".removesuffix(".00")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _parameter(parameter: Parameter) -> dict[str, str]:
    made = {str(day): value_shown(value, parameter) for day, value in parameter.values}
    verified = {f"{day} verified": str(parameter.verified_on(day)).lower() for day, _ in parameter.values}
    question = {"question": str(parameter.question.in_language("en"))} if parameter.question else {}
    return (
        {"type": str(parameter.type), "title": _both(parameter.title), "unit": _both(parameter.unit) if parameter.unit else ""}
        | made
        | verified
        | question
        | {"source": _both(parameter.source)}
    )


def _both(text: Text) -> str:
    return " / ".join(dict.fromkeys((text.zh, text.en)))


def _reasons(section: str, reasons: tuple[Reason, ...]) -> dict[str, str]:
    made = {}
    for r in reasons:
        made[f"{section}.{r.code}"] = _shown(r.when)
        made[f"{section}.{r.code} text"] = _both(r.text)
        if r.do:
            made[f"{section}.{r.code} do"] = _both(r.do)
    return made


def _shown(node: Node) -> str:
    """An expression as it was written; of a constant its value."""
    return node.text or str(node.value).lower()


def _guarantee(g: Guarantee) -> dict[str, str]:
    made = {"title": _both(g.title), "assessed": _shown(g.assessed), "met": _shown(g.met)}
    for section, listed in (("met_by", g.met_by), ("unmet", g.unmet), ("missing", g.missing), ("not_assessed", g.not_assessed)):
        made |= _reasons(section, listed)
    return made


def _proposal(p: Proposal) -> dict[str, str]:
    made = {
        "title": _both(p.title),
        "assessed": _shown(p.assessed),
        "when": _shown(p.when),
        "clue": _shown(p.clue),
        "decision": p.decision,
    }
    made |= {f"sets.{key}": code for key, code in p.sets.items()}
    made |= _reasons("grounds", p.grounds) | _reasons("missing", p.missing)
    return made | {f"risks.{code}": _shown(node) for code, node in p.risks.items()}


def _score(s: Score) -> dict[str, str]:
    made = {"title": _both(s.title), "limit": s.limit, "total": s.total, "quota": s.quota, "source": _both(s.source)}
    made |= {f"parts.{p.name}": f"{_shown(p.when)} × {p.weight}" for p in s.parts}
    return made if s.parts else made | {"value": _shown(s.low)}


def _flag(flag: Flag) -> dict[str, str]:
    return {"title": _both(flag.title), "when": _shown(flag.when)}


def _work(rule: WorkRule) -> dict[str, str]:
    by_code = {f"{key}.{code}": name for key, codes in rule.by_code.items() for code, name in codes.items()}
    return {"title": _both(rule.title), **rule.one, **by_code}


def _mode(rule: ModeRule) -> dict[str, str]:
    made = {"title": _both(rule.title), "never": ", ".join(sorted(rule.never)), "signature": ", ".join(rule.signature)}
    made |= {"sign_within": rule.sign_within, "source": _both(rule.source) if rule.source else ""}
    return made | {"verified": str(rule.verified).lower()}


def _decision(d: Decision) -> dict[str, str]:
    made = {"title": _both(d.title), "subject": d.subject, "steps": d.steps, "whole": d.whole, "notice": d.notice, "wait": d.wait}
    made |= {"objections": d.objections, "ends_after": d.ends_after, "criteria": d.criteria, "refuse": str(d.refuse).lower()}
    made |= {f"limits.{step}": name for step, name in d.limits.items()} | {
        f"bounds.{code}": name for code, name in d.bounds.items()
    }
    return made | {f"sets.{key}": str(value).lower() if isinstance(value, bool) else value for key, value in d.sets.items()}


def _case(rule: CaseRule) -> dict[str, str]:
    made = {"title": _both(rule.title), "short": _both(rule.short), "guarantee": rule.guarantee, "department": rule.department}
    made |= {f"days.{severity}": name for severity, name in rule.days.items()}
    made |= {f"severity.{severity}": ", ".join(codes) for severity, codes in rule.severity.items()}
    made |= {f"unknown.{kind}": name for kind, name in rule.unknown.items()}
    made |= {"escalate": rule.escalate, "effect": rule.effect, "review": rule.review, "reopen": rule.reopen}
    return made | {"measures": ", ".join(rule.measures)}


def _step(rule: StepRule) -> dict[str, str]:
    made = {"by": rule.by, "act": rule.act, "people": rule.people, "quorum": rule.quorum, "majority": rule.majority}
    return made | {key: ", ".join(getattr(rule, key)) for key in ("documents", "other_than", "after")}


_SECTIONS: tuple[tuple[str, Any, Any], ...] = (
    (
        "pack",
        lambda p: {"": p},
        lambda p: {"title": _both(p.title), "valid": f"{p.valid_from}–{p.valid_to}", "country": p.country},
    ),
    ("parameter", lambda p: p.parameters, _parameter),
    ("list", lambda p: p.lists, lambda codes: {code: _both(text) for code, text in codes.items()}),
    ("fact", lambda p: p.program.definitions, lambda d: {"level": d.level, "": _shown(d.node)}),
    ("guarantee", lambda p: p.guarantees, _guarantee),
    ("proposal", lambda p: p.proposals, _proposal),
    ("score", lambda p: p.scores, _score),
    ("hint", lambda p: p.hints, _flag),
    ("group", lambda p: p.groups, _flag),
    ("decision", lambda p: p.decisions, _decision),
    (
        "visit",
        lambda p: p.visits,
        lambda v: (
            {"title": _both(v.title), "when": _shown(v.when), "every": v.every}
            | {f"by_helper.{code}": name for code, name in v.by_helper.items()}
        ),
    ),
    ("mode", lambda p: p.modes, _mode),
    ("work", lambda p: p.work, _work),
    ("case", lambda p: p.cases, _case),
    ("step", lambda p: p.steps, _step),
    ("term", lambda p: p.terms, lambda t: {"": _both(t)}),
)


def _changes(kind: str, before: Mapping[str, Any], after: Mapping[str, Any], parts: Any) -> Iterator[Change]:
    for name in dict.fromkeys([*before, *after]):
        if name not in before:
            yield Change(kind, name, ADDED, after=_called(parts(after[name])))
        elif name not in after:
            yield Change(kind, name, REMOVED, before=_called(parts(before[name])))
        else:
            was, now = parts(before[name]), parts(after[name])
            for what in dict.fromkeys([*was, *now]):
                if was.get(what) != now.get(what):
                    how = ADDED if what not in was else REMOVED if what not in now else CHANGED
                    yield Change(kind, name, how, what, was.get(what, ""), now.get(what, ""))


def _called(parts: Mapping[str, str]) -> str:
    """What is shown of something that only one pack has."""
    return parts.get("") or parts.get("title") or ", ".join(parts.values())


# --- what comes out


def _turns(before: Pack, after: Pack, made: Difference) -> None:
    shared = [name for name in before.guarantees if name in after.guarantees]
    told: dict[str, tuple[Pack, Situation]] = {}
    for pack in (before, after):
        for situation in situations_of(pack):  # what both tell of is judged once
            told.setdefault(
                repr((situation.as_of, situation.household, situation.members, situation.overrides)), (pack, situation)
            )
    # A prepared statement serves every situation of a day with the same settings.
    groups: dict[str, list[tuple[Pack, Situation]]] = {}
    for pack, situation in told.values():
        groups.setdefault(repr((situation.as_of, sorted(situation.overrides.items()))), []).append((pack, situation))
    for group in groups.values():
        situations = [situation for _, situation in group]
        try:
            was, now = _judged(before, situations), _judged(after, situations)
        except Problem as problem:
            made.not_judged += [(situation.name, problem) for situation in situations]
            continue
        for (pack, situation), one, other in zip(group, was, now, strict=True):
            made.turns += [
                Turn(situation.name, pack.name, name, one[name], other[name]) for name in shared if one[name] != other[name]
            ]


def _judged(pack: Pack, situations: list[Situation]) -> list[dict[str, str]]:
    """Every guarantee's result with its reasons for each situation of one day, as words that can be compared and read."""
    as_of, overrides = situations[0].as_of, dict(situations[0].overrides)
    judge = HouseholdJudge(pack, as_of, overrides)
    try:
        rows = judge.rows([(situation.household, situation.members) for situation in situations])
    finally:
        judge.close()
    made = []
    for situation, row in zip(situations, rows, strict=True):
        facts = HouseholdFacts(pack, as_of, situation.household, situation.members, overrides)
        verdicts = verdicts_of(row, list(pack.guarantees))
        for name, verdict in verdicts.items():
            if not verdict.reasons:  # the statement has none of what is met or not assessed
                verdicts[name] = replace(verdict, reasons=facts.verdict(pack.guarantees[name]).reasons)
        made.append(
            {name: v.result + (f" ({', '.join(sorted(v.reasons))})" if v.reasons else "") for name, v in verdicts.items()}
        )
    return made
