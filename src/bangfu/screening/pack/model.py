"""A checked policy pack: dated numbers, what is judged and why, whom to look at, what is proposed to people, and how it is decided."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from bangfu.foundation.say import Text
from bangfu.rules.check import Program
from bangfu.rules.expressions import AS_OF, Node
from bangfu.rules.problems import NO_VALUE, UNKNOWN_CODE
from bangfu.rules.schema import HOUSEHOLD, RELATIONS, Type, internal
from bangfu.rules.source import Place, Source
from bangfu.screening.problems import BAD_PARAMETER, NO_PARAMETER, NOT_VALID_ON

RESULTS = ("met", "unmet", "unknown", "not_assessed")
STATES = ("proposed", "clue", "none", "unknown", "not_assessed")  # of a proposal
BOUNDS = ("poor", "not_poor", "unknown")  # of a score with a limit
SEVERITIES = ("ordinary", "serious", "urgent")  # of a case
FROM_PROPOSAL = "from_proposal"  # what a decision sets: the code that its proposal names


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated value of the policy, with its source. `values` are (from, value) in order of date, money in fen.

    `question` is asked of the county where the pack leaves the value open, from the first day on or from that of a blank value: until
    it is entered, the value is unknown.
    """

    name: str
    type: Type
    title: Text
    unit: Text | None
    values: tuple[tuple[dt.date, Any], ...]
    source: Text
    verified: bool | Mapping[dt.date, bool]
    place: Place
    question: Text | None = None

    def begun(self, day: dt.date) -> tuple[dt.date, Any] | None:
        """The value in force on a day with the day it began, None before the first."""
        found = [(start, value) for start, value in self.values if start <= day]
        return found[-1] if found else None

    def value_on(self, day: dt.date) -> Any:
        """The value in force on a day; None (unknown) before the first of an open one. Raises BF-1409 before that of another."""
        found = self.begun(day)
        if found is None:
            if self.question is not None:
                return None
            raise NO_VALUE(name=self.name, day=day)
        return found[1]

    def verified_on(self, day: dt.date) -> bool:
        """Whether the value in force on a day has been checked against its source."""
        found = self.begun(day)
        if found is None or found[1] is None:
            return False
        return self.verified if isinstance(self.verified, bool) else self.verified.get(found[0], False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A value that the county has entered for a parameter, from a day on, with the document it stands in (internal form)."""

    parameter: str
    since: dt.date
    value: Any
    source: Text
    verified: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a guarantee came to its result, or a ground of a proposal.

    `values` are the keys that the text needs: a household's name, or a person's fact whose members are listed.
    `do` (unmet only) says what to do about it. `fact` and `supplied_by` (missing only) name the missing fact and who supplies it:
    village, education, insurance, health, housing, water. `about` (grounds only) is income, spending, difficulty or means.
    """

    code: str
    when: Node
    text: Text
    values: tuple[str, ...]
    fact: str = ""
    supplied_by: str = ""
    do: Text | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What is judged of a household: who is assessed, what meets it, and the reasons of each result."""

    name: str
    title: Text
    short: Text  # a word for narrow heads; the title where the pack gives none
    assessed: Node
    met: Node
    met_by: tuple[Reason, ...]
    unmet: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    not_assessed: tuple[Reason, ...]  # empty where everybody is assessed
    place: Place

    def reasons_of(self, result: str) -> tuple[Reason, ...]:
        """The reasons that a result may have."""
        return {"met": self.met_by, "unmet": self.unmet, "unknown": self.missing, "not_assessed": self.not_assessed}[result]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.assessed, self.met, *(reason.when for reason in (*self.unmet, *self.missing)))


@dataclass(frozen=True, slots=True)
class Flag:
    """A condition that puts a household before people: a hint to review (`hints`), or a group that must be visited (`groups`)."""

    name: str
    title: Text
    when: Node
    place: Place


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules propose to those who decide: nothing is decided by it.

    A household of whom `assessed` is true is *proposed* where `when` is; where only `clue` is, somebody has to look; where either
    is unknown, `missing` says what to find out. `grounds` are told of both, `risks` (code → condition) of the proposal; `risk_list` is
    the code list of the risks. `sets` names the fields and codes that a decision would set, `decision` the steps it takes. `of` says which households a decision
    may put into it (field → codes, or true and false): who decides may think otherwise than the rules, but not of somebody else.
    """

    name: str
    title: Text
    short: Text
    assessed: Node
    when: Node
    clue: Node
    grounds: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    risk_list: str
    risks: Mapping[str, Node]
    sets: Mapping[str, str]
    decision: str
    place: Place
    of: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.assessed, self.when, self.clue, *(r.when for r in (*self.grounds, *self.missing)), *self.risks.values())


@dataclass(frozen=True, slots=True)
class Part:
    """One deprivation of a score: what it weighs where it holds."""

    name: str
    title: Text
    when: Node
    weight: str  # a parameter: whole points


@dataclass(frozen=True, slots=True)
class Score:
    """A number of a household, and whom it selects.

    Made of `parts` (whole points each, out of `total`), it has a bound below and above where a part is not known: poor is who has
    `limit` points for certain, not poor who cannot reach them. Made by one expression (`value`), it selects who is at or below
    `limit`, or, with `quota` (a share of the households), the lowest of the county; `missing` says which facts it lacks where it is
    unknown.
    """

    name: str
    title: Text
    parts: tuple[Part, ...]
    low: Node
    high: Node
    limit: str
    total: str
    quota: str
    source: Text
    place: Place
    missing: tuple[Reason, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.low, self.high, *(reason.when for reason in self.missing))


@dataclass(frozen=True, slots=True)
class Decision:
    """How something is decided about a household or a village: its steps in order, the days each may take and all may take, the notice.

    All numbers are names of parameters, which are dated and have sources: `steps` of codes of the list `decision_step`, the others of days.
    `sets` is what the register is told when it is decided: field → code, true or false, or `FROM_PROPOSAL`. `ends_after` is the
    step with which it is decided (blank: the last that decides). `criteria` (a parameter of codes) are what has to be found by the steps
    that `finds`: yes or no, or a number that has to lie `below` a parameter or be `at_least` one. `figures` names the figure of the
    catalogue that gives the number of a criterion. `of` says which households it is about (field → codes, or true and false; one whose field is
    another is not), `mark` which mark a village has to have.
    """

    name: str
    title: Text
    steps: str
    limits: Mapping[str, str]
    whole: str
    notice: str
    wait: str
    place: Place
    subject: str = "household"
    sets: Mapping[str, str | bool] = field(default_factory=dict)
    refuse: bool = True  # whether it may end with a refusal that is told
    ends_after: str = ""
    objections: str = ""
    criteria: str = ""
    below: Mapping[str, str] = field(default_factory=dict)
    at_least: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    mark: str = ""

    @property
    def bounds(self) -> dict[str, str]:
        """The parameter that a criterion is held against, by its code."""
        return {**self.below, **self.at_least}

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every parameter that it names."""
        named = (self.steps, *self.limits.values(), self.whole, self.notice, self.wait, self.objections, self.criteria)
        return tuple(name for name in (*named, *self.bounds.values()) if name)


@dataclass(frozen=True, slots=True)
class CaseRule:
    """How gaps of one kind are dealt with: by whom in the end, by when, when they escalate, how long a measure takes to take effect.

    `guarantee` is the one whose unmet verdict opens it, "" for a need. All numbers are names of parameters. `days` until the deadline are by
    severity, `severity` names the reasons of the unmet verdict that make it serious or urgent; `unknown` are the days by
    kind of household after which an unknown verdict becomes a case, of other kinds never. `measures` are codes of `measure_family`.
    """

    name: str
    title: Text
    short: Text
    guarantee: str
    department: str  # key of the kind of county unit that owns it when it is referred or reaches the county; "" the county's post
    days: Mapping[str, str]
    severity: Mapping[str, tuple[str, ...]]
    escalate: str  # days at each step after a passed deadline until it goes one step further up
    effect: str  # days that a delivered measure needs to take effect; "" none
    unknown: Mapping[str, str]
    review: str  # months between reviews of long-term support
    reopen: str  # days after closing within which the same gap re-opens the case
    measures: tuple[str, ...]
    place: Place

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every parameter that it names."""
        named = (*self.days.values(), self.escalate, self.effect, *self.unknown.values(), self.review, self.reopen)
        return tuple(name for name in named if name)

    def severity_of(self, reasons: Iterable[str]) -> str:
        """The severity that reasons of an unmet verdict make: the gravest of them, ordinary where none is named."""
        held = set(reasons)
        return next((grave for grave in reversed(SEVERITIES) if held & set(self.severity.get(grave, ()))), SEVERITIES[0])


@dataclass(frozen=True, slots=True)
class StepRule:
    """A step of decisions: who does it, what sort of act it is, which papers it needs, how many people."""

    name: str  # code of the list decision_step
    by: str  # keys.BY
    act: str  # keys.ACTS
    documents: tuple[str, ...]  # codes of the list decision_document that must be there before the step is done
    people: str  # parameter: the fewest people who do it together; "" one
    other_than: tuple[str, ...]  # steps that must have been done by somebody else
    after: tuple[str, ...]  # steps that must have been done before it, whatever the order says
    quorum: str  # meeting: parameter, the share of those entitled who must attend; "" none
    majority: str  # meeting: parameter, more than this share of the votes must be for it
    attend: str  # meeting: parameter, the fewest people who vote, however few are entitled; "" one
    finds: bool  # whether it says of each criterion of the decision what was found
    place: Place

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every parameter that it names."""
        return tuple(name for name in (self.people, self.quorum, self.majority, self.attend) if name)


@dataclass(frozen=True, slots=True)
class Visit:
    """How often a household is visited: who it is of (the first that holds counts) and the parameter of days between visits.

    `every` is of whoever answers for the household; `by_helper` of other kinds of helper (codes of `helper_kind`) that visit it too.
    """

    name: str
    title: Text
    when: Node
    every: str
    place: Place
    by_helper: Mapping[str, str] = field(default_factory=dict)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The parameters of days."""
        return (self.every, *self.by_helper.values())


@dataclass(frozen=True, slots=True)
class ModeRule:
    """What a visit made in one way (`keys.MODES`) may not prove (`keys.PROVEN`), how it may be signed (`keys.SIGNATURES`), by when."""

    name: str
    title: Text
    never: frozenset[str]
    signature: tuple[str, ...]
    sign_within: str  # parameter of days; "" none
    verified: bool
    source: Text | None
    place: Place

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every parameter that it names."""
        return (self.sign_within,) if self.sign_within else ()


@dataclass(frozen=True, slots=True)
class WorkRule:
    """One thing that a pack orders of the work (`keys.WORK`): parameters by key, and by key and code where it differs by rank or mark."""

    name: str
    title: Text
    one: Mapping[str, str]
    by_code: Mapping[str, Mapping[str, str]]
    place: Place

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every parameter that it names."""
        return (*self.one.values(), *(name for codes in self.by_code.values() for name in codes.values()))


@dataclass(frozen=True, slots=True)
class NationalCodes:
    """The codes that the national form uses for those of a list."""

    table: str
    codes: Mapping[str, str]
    source: Text
    verified: bool


@dataclass(frozen=True)
class Pack:
    """A checked policy pack."""

    name: str
    title: Text
    note: Text | None
    country: str
    valid_from: dt.date
    valid_to: dt.date
    sample_day: dt.date  # the year in which situations of shared parts take place
    chosen_by_day: bool  # False: an index that is asked for by name, not the standard of a day
    version: str
    parameters: Mapping[str, Parameter]
    program: Program
    guarantees: Mapping[str, Guarantee]
    value_nodes: Mapping[str, Node] = field(repr=False)
    hints: Mapping[str, Flag] = field(default_factory=dict)
    groups: Mapping[str, Flag] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    visits: Mapping[str, Visit] = field(default_factory=dict)
    modes: Mapping[str, ModeRule] = field(default_factory=dict)
    work: Mapping[str, WorkRule] = field(default_factory=dict)
    cases: Mapping[str, CaseRule] = field(default_factory=dict)
    steps: Mapping[str, StepRule] = field(default_factory=dict)
    terms: Mapping[str, Text] = field(default_factory=dict)
    national: Mapping[str, NationalCodes] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    labels: Mapping[str, Text] = field(default_factory=dict)  # what people call the pack's facts
    questions: Mapping[str, Text] = field(default_factory=dict)  # what the pack leaves open beside its parameters
    sources: tuple[Source, ...] = field(repr=False, default=())

    def constants(self, as_of: dt.date, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """`as_of` and every parameter's value on that day, internal form; `overrides` (as people write them) win.

        Raises BF-1507 and BF-1508 for a bad override, BF-1409 for a parameter without a value that day.
        """
        changed = {name: self.override(name, value) for name, value in (overrides or {}).items()}
        made: dict[str, Any] = {AS_OF: as_of}
        for name, parameter in self.parameters.items():
            made[name] = changed[name] if name in changed else parameter.value_on(as_of)
        return made

    def override(self, name: str, value: Any) -> Any:
        """A parameter's value as a person writes it (a text such as `4200` or a plain value), in internal form."""
        parameter = self.parameters.get(name)
        if parameter is None:
            raise NO_PARAMETER(name=self.name, parameter=name, known=", ".join(self.parameters))
        try:
            plain = yaml.safe_load(value) if isinstance(value, str) else value
            if plain is None:
                raise ValueError(value)
            made = internal(plain, parameter.type)
            require_codes(self.program.schema.codes, made, parameter.type, parameter.place)
            return made
        except (ValueError, ArithmeticError, yaml.YAMLError):
            raise BAD_PARAMETER(parameter=name, value=value, wanted=parameter.type) from None

    def provisional(self, as_of: dt.date, overrides: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
        """The guarantees, proposals and scores that rest on a value not verified for the day (or overridden), with those parameters."""
        made: dict[str, list[str]] = {}
        for judged in self.judged:
            if doubtful := self.doubtful(judged.nodes, as_of, overrides, more=limits_of(judged)):
                made[judged.name] = doubtful
        return made

    def doubtful(
        self, nodes: Iterable[Node], as_of: dt.date, overrides: Mapping[str, Any] | None = None, more: Iterable[str] = ()
    ) -> list[str]:
        """The parameters below expressions (and `more`) whose value on a day is not verified, or was overridden."""
        used = self.program.parameters_used(nodes) | {name for name in more if name}
        return sorted(name for name in used if name in (overrides or {}) or not self.parameters[name].verified_on(as_of))

    def day_near(self, day: dt.date) -> dt.date:
        """A day, or the day nearest to it on which the pack is valid: by it a pack that is not valid today shows its values."""
        return min(max(day, self.valid_from), self.valid_to)

    def open_on(self, day: dt.date) -> list[Parameter]:
        """The parameters that the county has still to enter for a day, in the order of the pack."""
        return [p for p in self.parameters.values() if p.question is not None and p.value_on(day) is None]

    def completed(self, entries: Iterable[Entry]) -> Pack:
        """The pack with what the county has entered: a value takes the place of one that begins on the same day.

        The version changes with the entries, so that every verdict tells by which values it was reached. Raises BF-1507 for an
        entry of a parameter that the pack does not have.
        """
        changed = dict(self.parameters)
        digest = hashlib.sha256(self.version.encode())
        some = False
        for entry in sorted(entries, key=lambda e: (e.parameter, e.since)):
            before = changed.get(entry.parameter)
            if before is None:
                raise NO_PARAMETER(name=self.name, parameter=entry.parameter, known=", ".join(self.parameters))
            values = dict(before.values) | {entry.since: entry.value}
            held = {day: before.verified_on(day) for day, _ in before.values} | {entry.since: entry.verified}
            changed[entry.parameter] = replace(before, values=tuple(sorted(values.items())), verified=held, source=entry.source)
            digest.update(f"\0{entry.parameter}\0{entry.since}\0{entry.value!r}\0{entry.verified}".encode())
            some = True
        return replace(self, parameters=changed, version=digest.hexdigest()[:16]) if some else self

    @property
    def judged(self) -> tuple[Guarantee | Proposal | Score, ...]:
        """Everything that comes to a result or state of its own."""
        return (*self.guarantees.values(), *self.proposals.values(), *self.scores.values())

    @functools.cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The fields of the register that verdicts, findings and their words rest on, by level; levels that nothing reads are left out."""
        nodes = [r.when for g in self.guarantees.values() for r in (*g.met_by, *g.not_assessed)]
        nodes += [flag.when for flag in (*self.hints.values(), *self.groups.values())]
        nodes += [visit.when for visit in self.visits.values()]
        nodes += [n for judged in self.judged for n in judged.nodes]
        used = self.program.names_used([*nodes, *self.value_nodes.values()])
        schema = self.program.schema
        made = {level: tuple(sorted(used & set(schema.level(level)))) for level in (HOUSEHOLD, *RELATIONS)}
        return {level: names for level, names in made.items() if names or level == HOUSEHOLD}

    def judging_only(self) -> Pack:
        """The pack with its guarantees alone: what is found beside them (hints, groups, proposals, scores) and visits are left out."""
        return replace(self, hints={}, groups={}, proposals={}, scores={}, visits={})

    def require_valid_on(self, day: dt.date) -> None:
        """Raise BF-1505 where the pack is not valid on a day."""
        if not self.valid_from <= day <= self.valid_to:
            raise NOT_VALID_ON(name=self.name, day=day, start=self.valid_from, end=self.valid_to)


def limits_of(judged: Guarantee | Proposal | Score) -> tuple[str, ...]:
    """The parameters that something judged rests on beside its expressions: of a score its limit, quota and weights."""
    if isinstance(judged, Score):
        return (judged.limit, judged.quota, *(part.weight for part in judged.parts))
    return ()


def require_codes(lists: Mapping[str, Iterable[str]], value: Any, kind: Type, place: Place) -> None:
    """Raise BF-1406 where a value of a code type is not in its list."""
    if kind.kind not in ("code", "codes") or value is None:
        return
    known = set(lists.get(kind.codes, ()))
    for code in value if kind.kind == "codes" else [value]:
        if code not in known:
            raise UNKNOWN_CODE(**place.values(), code=code, codes=kind.codes, known=", ".join(sorted(known)))
