"""Why a verdict fell as it did: each criterion down to the facts it used, with their values.

Computed by the reference evaluation of the rule language (`bangfu.rules.evaluate`), which the tests hold equal to the
compiled statement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bangfu.rules.check import Definition
from bangfu.rules.evaluate import Lookup, evaluate, person_lookup
from bangfu.rules.expressions import AS_OF, FOLDS, Node
from bangfu.rules.schema import PERSON, RELATIONS, Type
from bangfu.screening.engine import Finding, Verdict
from bangfu.screening.pack import Guarantee, Pack, Proposal, Reason, Score
from bangfu.screening.reasons import NameOf, say_value

_DEEP = ("and", "or", "not", "case", "if_unknown")


@dataclass(frozen=True, slots=True)
class Step:
    """One expression with its value (None: unknown) and the steps below it.

    `kind` is criterion, fact, field, parameter, member, item, land or expression; `person` the member's id where there is one.
    """

    kind: str
    text: str
    value: Any
    type: Type
    below: tuple[Step, ...] = ()
    name: str = ""
    person: Any = None

    def as_json(self) -> dict[str, Any]:
        """The step as plain data; money in yuan, dates as texts."""
        value = self.value
        if self.type.kind == "money" and value is not None:
            value = value / 100
        elif isinstance(value, dt.date):
            value = value.isoformat()
        made: dict[str, Any] = {"kind": self.kind, "text": self.text, "value": value, "type": str(self.type)}
        if self.name:
            made["name"] = self.name
        if self.person is not None:
            made["person"] = self.person
        if self.below:
            made["below"] = [step.as_json() for step in self.below]
        return made


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict of one guarantee with the steps of who is assessed, what meets it, and each reason that holds."""

    guarantee: str
    result: str
    assessed: Step
    met: Step
    reasons: Mapping[str, Step]

    def as_json(self) -> dict[str, Any]:
        return {
            "guarantee": self.guarantee,
            "result": self.result,
            "assessed": self.assessed.as_json(),
            "met": self.met.as_json(),
            "reasons": {code: step.as_json() for code, step in self.reasons.items()},
        }


class HouseholdFacts:
    """Every name of a pack with its value for one household; rows as `HouseholdJudge.judge` takes them."""

    def __init__(
        self,
        pack: Pack,
        as_of: dt.date,
        household: Mapping[str, Any],
        persons: Sequence[Mapping[str, Any]],
        overrides: Mapping[str, Any] | None = None,
    ) -> None:
        self.pack = pack
        program = pack.program
        self.constants = pack.constants(as_of, overrides)
        self.household = household
        self._known: dict[str, Any] = {}
        self.rows: dict[str, list[tuple[Any, Lookup]]] = {}
        for level, relation in RELATIONS.items():
            names = frozenset([*program.schema.level(level), *(d.name for d in program.definitions.values() if d.level == level)])
            given = persons if level == PERSON else household.get(relation) or ()
            self.rows[level] = [
                (row["person"] if level == PERSON else at, self._row(row, names)) for at, row in enumerate(given, 1)
            ]

    def _row(self, values: Mapping[str, Any], names: frozenset[str]) -> Lookup:
        made: dict[str, Any] = {}

        def lookup(name: str) -> Any:
            definition = self.pack.program.definitions.get(name)
            if definition is None:
                return plain(name)
            if name not in made:
                made[name] = evaluate(definition.node, lookup)
            return made[name]

        plain = person_lookup(values, self.lookup, names)
        return lookup

    def lookup(self, name: str) -> Any:
        """The value of a household's name, a parameter or `as_of`."""
        if name in self.constants:
            return self.constants[name]
        definition = self.pack.program.definitions.get(name)
        if definition is None:
            return self.household.get(name)
        if name not in self._known:
            self._known[name] = self.value(definition.node)
        return self._known[name]

    def value(self, node: Node) -> Any:
        """The value of a household-level expression."""
        return evaluate(node, self.lookup, self.rows)

    def result(self, guarantee: Guarantee) -> str:
        """The result of a guarantee: met, unmet, unknown or not_assessed."""
        if self.value(guarantee.assessed) is not True:
            return "not_assessed"
        met = self.value(guarantee.met)
        return "unknown" if met is None else "met" if met else "unmet"

    def verdict(self, guarantee: Guarantee) -> Verdict:
        """The verdict of a guarantee with the reasons of whatever result it has, and the values that their words need.

        The compiled statement gives reasons of what is unmet or unknown only: of what is met a county would keep a million.
        """
        result = self.result(guarantee)
        return Verdict(result, *self._told(guarantee.reasons_of(result)))

    def _told(self, reasons: Sequence[Reason]) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The codes of those reasons that hold, and the values that their words need."""
        held = [reason for reason in reasons if self.value(reason.when) is True]
        keys = dict.fromkeys(key for reason in held for key in reason.values)
        return tuple(reason.code for reason in held), {key: self.value(self.pack.value_nodes[key]) for key in keys}

    def proposal(self, proposal: Proposal) -> Finding:
        """The state of a proposal: with its grounds and risks where it is proposed or a clue, with what is missing where unknown."""
        state = self._state(proposal)
        if state in ("none", "not_assessed"):
            return Finding("proposal", proposal.name, state)
        codes, values = self._told(proposal.missing if state == "unknown" else proposal.grounds)
        risks = [code for code, node in proposal.risks.items() if self.value(node) is True]
        return Finding("proposal", proposal.name, state, codes, values | {"risks": risks})

    def _state(self, proposal: Proposal) -> str:
        if self.value(proposal.assessed) is not True:
            return "not_assessed"
        when, clue = self.value(proposal.when), self.value(proposal.clue)
        if when is True:
            return "proposed"
        if clue is True:
            return "clue"
        return "unknown" if when is None or clue is None else "none"

    def score(self, score: Score, limit: float | None = None) -> Finding:
        """A score with its bounds and deprivations; `limit` is what a quota came to in the county, None where that is not known."""
        low, high = self.value(score.low), self.value(score.high)
        parts = {part.name: self.value(part.when) for part in score.parts}
        at = self.constants[score.limit] if score.limit else limit
        state = "unknown"
        if at is not None and low is not None:
            poor, safe = (low >= at, high < at) if score.parts else (low <= at, low > at)
            state = "poor" if poor else "not_poor" if safe else "unknown"
        still_open = [name for name, held in parts.items() if held is None]
        if low is None:
            still_open = [reason.code for reason in score.missing if self.value(reason.when) is True]
        values = {"low": low, "high": high, "open": still_open}
        return Finding("score", score.name, state, tuple(name for name, held in parts.items() if held is True), values)

    def findings(self, limits: Mapping[str, float] | None = None) -> list[Finding]:
        """What is found beside the verdicts, as the statement has it: proposals and clues, scores, hints and groups."""
        found = [made for p in self.pack.proposals.values() if (made := self.proposal(p)).state in ("proposed", "clue")]
        found += [self.score(score, (limits or {}).get(score.name)) for score in self.pack.scores.values()]
        for sort, flags in (("hint", self.pack.hints), ("group", self.pack.groups)):
            found += [Finding(sort, flag.name, "raised") for flag in flags.values() if self.value(flag.when) is True]
        return found

    def visit(self) -> str:
        """The name of the visit rule that counts for the household: the first that holds; none where none does."""
        return next((visit.name for visit in self.pack.visits.values() if self.value(visit.when) is True), "")

    # --- steps

    def step(self, node: Node, kind: str = "expression") -> Step:
        """A household-level expression with everything below it."""
        return self._step(node, self.lookup, None, kind)

    def _step(self, node: Node, lookup: Lookup, person: Any, kind: str = "expression") -> Step:
        value = evaluate(node, lookup, self.rows if person is None else {})
        if node.op == "name":
            return self._named(node, value, lookup, person)
        below = self._members(node) if node.op in FOLDS else self._below(node, lookup, person)
        return Step(kind, node.text, value, node.type, below, person=person)

    def _below(self, node: Node, lookup: Lookup, person: Any) -> tuple[Step, ...]:
        made: list[Step] = []
        for arg in node.args:
            if arg.op == "const":
                continue
            if node.op == arg.op and node.op in ("and", "or"):
                made += self._below(arg, lookup, person)
            elif arg.op == "name" or arg.op in _DEEP or arg.op in FOLDS or node.op in _DEEP:
                made.append(self._step(arg, lookup, person))
            else:
                made += self._below(arg, lookup, person)
        unique = {(step.text, step.person): step for step in made}
        return tuple(unique.values())

    def _named(self, node: Node, value: Any, lookup: Lookup, person: Any) -> Step:
        name = str(node.value)
        definition: Definition | None = self.pack.program.definitions.get(name)
        if definition is None:
            kind = "parameter" if name in self.constants and name != AS_OF else "field"
            return Step(kind, name, value, node.type, name=name, person=person)
        inner = self._step(definition.node, lookup, person)
        below = inner.below if definition.node.op != "name" else (inner,)
        return Step("fact", definition.node.text, value, node.type, below, name=name, person=person)

    def _members(self, fold: Node) -> tuple[Step, ...]:
        """Of a yes-or-no fold the rows that decide it or leave it open, else all: members by their id, other rows by their place."""
        if not fold.args:
            return ()
        level = fold.value or PERSON
        steps = [self._step(fold.args[0], lookup, at) for at, lookup in self.rows[level]]
        quiet = {"any": False, "names": False, "count": False, "all": True}.get(fold.op)
        chosen = [step for step in steps if quiet is None or step.value is not quiet]
        kind = "member" if level == PERSON else level
        return tuple(Step(kind, step.text, step.value, step.type, step.below, step.name, step.person) for step in chosen)


def explain(
    pack: Pack,
    as_of: dt.date,
    household: Mapping[str, Any],
    persons: Sequence[Mapping[str, Any]],
    overrides: Mapping[str, Any] | None = None,
) -> list[Explanation]:
    """Explain every guarantee of one household, in the pack's order."""
    return explain_facts(HouseholdFacts(pack, as_of, household, persons, overrides))


def explain_facts(facts: HouseholdFacts) -> list[Explanation]:
    """Explain every guarantee of a household whose facts are at hand, in the pack's order."""
    made = []
    for guarantee in facts.pack.guarantees.values():
        result = facts.result(guarantee)
        reasons = guarantee.unmet if result == "unmet" else guarantee.missing if result == "unknown" else ()
        made.append(
            Explanation(
                guarantee=guarantee.name,
                result=result,
                assessed=facts.step(guarantee.assessed, "criterion"),
                met=facts.step(guarantee.met, "criterion"),
                reasons={
                    reason.code: facts.step(reason.when, "criterion") for reason in reasons if facts.value(reason.when) is True
                },
            )
        )
    return made


def outline(explanation: Explanation, lang: str = "zh", name_of: NameOf | None = None) -> list[str]:
    """An explanation as indented lines for the command line."""
    lines = [f"{explanation.guarantee}: {explanation.result}", *outline_step(explanation.met, lang, name_of, 1)]
    for code, step in explanation.reasons.items():
        lines += [f"  → {code}", *outline_step(step, lang, name_of, 2)]
    return lines


def outline_step(step: Step, lang: str, name_of: NameOf | None, depth: int) -> list[str]:
    """A step and those below it as lines, indented from a depth on."""
    lines: list[str] = []

    def put(step: Step, depth: int) -> None:
        who = ""
        if step.kind in ("member", "item", "land"):
            who = f"[{name_of(step.person) if name_of and step.kind == 'member' else step.person}] "
        label = f"{step.name} := {step.text}" if step.kind == "fact" else step.name or step.text
        value = step.value
        if isinstance(value, list) and name_of and step.type.kind == "members":
            value = [name_of(person) for person in value]
        lines.append("  " * depth + f"{who}{label} = {say_value(value, step.type, lang)}")
        for below in step.below:
            put(below, depth + 1)

    put(step, depth)
    return lines
