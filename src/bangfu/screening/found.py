"""What was found of a household beside its verdicts, in words: scores, proposals, hints and groups.

A finding decides nothing. It says what the rules saw: the state in a word, grounds or deprivations, the numbers, and on which
unverified values it rests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from bangfu.rules.expressions import Node
from bangfu.rules.schema import DECIMAL
from bangfu.screening.engine import Finding as Found
from bangfu.screening.explain import HouseholdFacts, Step
from bangfu.screening.models import Finding
from bangfu.screening.pack import Flag, Pack, Proposal, Reason, Score
from bangfu.screening.pack.model import limits_of
from bangfu.screening.reasons import CodeText, NameOf, SaidReason, say_listed, say_value
from bangfu.screening.withholding import WITHHELD, Withheld

SORTS = {  # in the order in which people read them
    "score": Text("得分", "Score"),
    "proposal": Text("建议", "Proposal"),
    "group": Text("重点人群", "Group"),
    "hint": Text("提示", "Hint"),
}
STATES = {
    "proposal": {
        "proposed": Text("建议", "Proposed"),
        "clue": Text("线索", "Clue"),
        "none": Text("不建议", "Not proposed"),
        "unknown": Text("待核实", "Not known"),
        "not_assessed": Text("不评定", "Not assessed"),
    },
    "score": {
        "poor": Text("入选", "Selected"),
        "not_poor": Text("未入选", "Not selected"),
        "unknown": Text("待核实", "Not known"),
    },
    "hint": {"raised": Text("请核对", "To review")},
    "group": {"raised": Text("列入", "Included")},
}
POOR = {"poor": Text("贫困", "Poor"), "not_poor": Text("不贫困", "Not poor"), "unknown": Text("待核实", "Not known")}


@dataclass(frozen=True, slots=True)
class SaidFinding:
    """A finding in words: `values` tells the numbers of a score, `reasons` what it rests on or lacks, `provisional` the titles of the
    parameters that are not verified (or were tried); `since` is the day it was first found so."""

    sort: str
    name: str
    state: str
    title: Text
    word: Text
    since: date
    values: Text | None = None
    reasons: Sequence[SaidReason] = ()
    missing: Sequence[SaidReason] = ()
    risks: Sequence[Text] = ()
    provisional: Sequence[Text] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "sort": self.sort,
            "name": self.name,
            "state": self.state,
            "said": [{"code": r.code, "zh": r.text.zh, "en": r.text.en} for r in self.reasons],
            "missing": [{"code": r.code, "zh": r.text.zh, "en": r.text.en} for r in self.missing],
            "values": None if self.values is None else {"zh": self.values.zh, "en": self.values.en},
            "provisional": bool(self.provisional),
        }


def state_words(pack: Pack, sort: str, name: str) -> Mapping[str, Text]:
    """The words of the states of a finding: who has a certain number of deprivations is poor, who is chosen by a number is selected."""
    score = pack.scores.get(name) if sort == "score" else None
    return POOR if score is not None and score.parts else STATES[sort]


def titled(pack: Pack, sort: str) -> Mapping[str, Flag | Proposal | Score]:
    """What a pack can find of a sort, by name."""
    found: dict[str, Mapping[str, Flag | Proposal | Score]] = {
        "score": pack.scores,
        "proposal": pack.proposals,
        "group": pack.groups,
        "hint": pack.hints,
    }
    return found[sort]


class Words:
    """Findings of a pack on a day in words. `limits` is what the quotas of scores came to, `overrides` parameters that were tried,
    `withheld` what the reader may not learn (without it, nothing that concerns health)."""

    def __init__(
        self,
        pack: Pack,
        day: date,
        name_of: NameOf,
        code_text: CodeText,
        limits: Mapping[str, float] | None = None,
        overrides: Mapping[str, Any] | None = None,
        withheld: Withheld | None = None,
    ) -> None:
        self.pack = pack
        self.withheld = withheld or Withheld(None, pack)
        self.day = day
        self.name_of = name_of
        self.code_text = code_text
        self.limits = limits or {}
        self.overrides = overrides
        self.constants = pack.constants(day, overrides)

    def say(self, found: Found, since: date | None = None) -> SaidFinding | None:
        """A finding in words; None for one that the pack does not know, left by another version, or that is withheld."""
        subject = titled(self.pack, found.sort).get(found.name) if found.sort in SORTS else None
        if subject is None or self.withheld.subject(subject):
            return None
        if isinstance(subject, Flag):
            doubtful = self.pack.doubtful([subject.when], self.day, self.overrides)
        else:
            doubtful = self.pack.doubtful(subject.nodes, self.day, self.overrides, more=limits_of(subject))
        word = state_words(self.pack, found.sort, found.name).get(found.state, Text(found.state, found.state))
        said = SaidFinding(
            sort=found.sort,
            name=found.name,
            state=found.state,
            title=subject.title,
            word=word,
            since=since or self.day,
            provisional=[self.pack.parameters[name].title for name in doubtful],
        )
        if isinstance(subject, Proposal):
            return self._proposal(said, subject, found)
        return self._score(said, subject, found) if isinstance(subject, Score) else said

    def _proposal(self, said: SaidFinding, proposal: Proposal, found: Found) -> SaidFinding:
        listed = self._reasons(proposal.missing if found.state == "unknown" else proposal.grounds, found.reasons, found.values)
        hidden = self.withheld.codes(proposal.risks.items())
        risks = [self.code_text(proposal.risk_list, code) for code in found.values.get("risks") or () if code not in hidden]
        if found.state == "unknown":
            return replace(said, missing=listed, risks=risks)
        return replace(said, reasons=listed, risks=risks)

    def _score(self, said: SaidFinding, score: Score, found: Found) -> SaidFinding:
        still_open = found.values.get("open") or ()
        if score.parts:
            hidden = self.withheld.codes((part.name, part.when) for part in score.parts)
            titles = {part.name: part.title for part in score.parts}
            held, lacking = (
                [SaidReason(code, WITHHELD if code in hidden else titles.get(code, Text(code, code))) for code in codes]
                for codes in (found.reasons, still_open)
            )
            return replace(said, reasons=held, missing=lacking, values=self._points(score, found.values))
        return replace(said, missing=self._reasons(score.missing, still_open, {}), values=self._number(score, found.values))

    def _reasons(self, reasons: Sequence[Reason], codes: Sequence[str], values: Mapping[str, Any]) -> list[SaidReason]:
        hidden = self.withheld.codes((r.code, r.when) for r in reasons)
        told = say_listed(self.pack, {r.code: r for r in reasons}, codes, values, self.name_of, self.code_text)
        return [SaidReason(r.code, WITHHELD) if r.code in hidden else r for r in told]

    def _points(self, score: Score, values: Mapping[str, Any]) -> Text | None:
        low, high = _plain(values.get("low")), _plain(values.get("high"))
        total, limit = (_plain(self.constants[name]) for name in (score.total, score.limit))
        if low is None or high is None:
            return None
        points = Text(low, low) if low == high else Text(f"{low}至{high}", f"{low} to {high}")
        return Text(
            f"{points.zh} 分，满分 {total} 分（{limit or '？'} 分起）",
            f"{points.en} of {total} points (from {limit or '?'})",
        )

    def _number(self, score: Score, values: Mapping[str, Any]) -> Text | None:
        value = _plain(values.get("low"))
        limit = _plain(self.constants[score.limit] if score.limit else self.limits.get(score.name))
        if value is None:
            return None
        if limit is None:
            return Text(f"{value} 分", f"{value} points")
        return Text(f"{value} 分（不高于 {limit} 分入选）", f"{value} points ({limit} or fewer are selected)")


def _plain(value: Any) -> str | None:
    return None if value is None else say_value(float(value), DECIMAL, "en")


def present_findings(actor: Actor, household: Household, words: Words) -> list[SaidFinding]:
    """What is found of a household now, as the actor may see it: scores, proposals, groups, hints, each in the pack's order."""
    kept = Finding.objects.visible_to(actor).filter(household=household).select_related("run")
    found = [words.say(Found(f.sort, f.subject, f.state, tuple(f.reasons or ()), f.values or {}), f.run.as_of) for f in kept]
    return in_order(words.pack, found)


def findings_of_facts(facts: HouseholdFacts, words: Words) -> list[SaidFinding]:
    """What a pack finds of a household whose facts are at hand."""
    return in_order(words.pack, [words.say(found) for found in facts.findings(words.limits)])


def in_order(pack: Pack, found: Sequence[SaidFinding | None]) -> list[SaidFinding]:
    """Findings as people read them: by sort, and within a sort as the pack has them."""
    places = {(sort, name): (n, at) for n, sort in enumerate(SORTS) for at, name in enumerate(titled(pack, sort))}
    return sorted((one for one in found if one is not None), key=lambda one: places[one.sort, one.name])


@dataclass(frozen=True, slots=True)
class ExplainedFinding:
    """A finding with the steps that it was reached by: of each deprivation, ground or condition, or of the value."""

    said: SaidFinding
    steps: Mapping[str, Step] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return self.said.as_json() | {"steps": {name: step.as_json() for name, step in self.steps.items()}}


def explain_findings(facts: HouseholdFacts, words: Words) -> list[ExplainedFinding]:
    """Everything that a pack finds of a household, each with its steps."""
    made = []
    for said in findings_of_facts(facts, words):
        subject = titled(words.pack, said.sort)[said.name]
        made.append(ExplainedFinding(said, {name: facts.step(node, "criterion") for name, node in steps_of(subject).items()}))
    return made


# The steps that a finding as a whole came to: its state is told, so they are. Those of a score's parts stand each for one deprivation.
WHOLE = ("when", "clue", "value")


def steps_of(subject: Flag | Proposal | Score) -> dict[str, Node]:
    """The expressions that something found rests on: the parts of a score or its value, when it is proposed or a clue, when it holds."""
    if isinstance(subject, Flag):
        return {"when": subject.when}
    if isinstance(subject, Score):
        return {part.name: part.when for part in subject.parts} or {"value": subject.low}
    always_no = subject.clue.op == "const"
    return {"when": subject.when} | ({} if always_no else {"clue": subject.clue})
