"""What a sample says: how far it is, the decision for each stratum, the yardsticks with their intervals, each fact and how well its question works. Read from its rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.supervision.agreement import Agreement, Level, assess
from bangfu.supervision.comparing import COMPARED, Kind, Outcome, Weight
from bangfu.supervision.intervals import Judgement, Rate, Stratum, against_limit, judge, proportion, stratified
from bangfu.supervision.models import FactCompared, InspectionFinding, Revisit, Sample, Sampled
from bangfu.supervision.models.findings import DISMISSED, JUDGEMENT, REVISIT
from bangfu.supervision.models.samples import EXAMINED, EXITED, ORDINARY, SPARE, UNFOUND, WAITING
from bangfu.supervision.settings import facts, limits
from bangfu.supervision.sizes import AcceptancePlan
from bangfu.supervision.values import compared, opened
from bangfu.supervision.yardsticks import NO, NO_ANSWER, YES, approval, mis_exit

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class StratumResult:
    """A stratum of a sample: how many were drawn, examined, not found and wait; how many examined households are bad (something serious that nobody dismissed), and the decision of its plan."""

    stratum: str
    drawn: int
    examined: int
    unfound: int
    waiting: int
    bad: int
    open_findings: int
    rate: Rate
    plan: AcceptancePlan | None
    judgement: Judgement | None


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A yardstick with its limit. `households`: the rate counted by households with an exact interval, where households were drawn singly (None: in clusters, for which there is none).
    `note` tells of those who did not answer."""

    key: str
    title: Text
    limit: float
    at_least: bool
    rate: Rate
    judgement: Judgement
    households: Rate | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class FactResult:
    """A fact over all re-visits: how often each outcome, and how the two answers agree."""

    key: str
    title: Text
    outcomes: Mapping[Outcome, int]
    differing: Rate
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that a sample says, as far as the reader's area reaches."""

    strata: list[StratumResult]
    yardsticks: list[Yardstick]
    facts: list[FactResult]
    unruled: int
    counts: Mapping[str, int] = field(default_factory=dict)


def results(actor: Actor, sample: Sample) -> Results:
    """Read what a sample says. Findings that wait for a ruling count as found; those that were dismissed do not."""
    drawn = list(
        Sampled.objects.visible_to(actor)
        .filter(sample=sample)
        .exclude(state=SPARE)
        .values_list("pk", "household", "kind", "persons", "stratum", "cluster", "stage1", "weight", "state")
    )
    revisits = {r.sampled_id: r for r in Revisit.objects.visible_to(actor).filter(sampled__sample=sample)}
    found = list(
        InspectionFinding.objects.visible_to(actor)
        .filter(revisit__sampled__sample=sample, origin=REVISIT)
        .values_list("revisit__sampled", "about", "weight", "ruling")
    )
    standing = [f for f in found if f[3] != DISMISSED]
    serious = {f[0] for f in standing if f[2] == Weight.SERIOUS}
    unruled = Counter(f[0] for f in found if not f[3])
    return Results(
        _strata(sample, drawn, serious, unruled), _yardsticks(sample, drawn, revisits, standing), _facts(actor, sample), sum(unruled.values()),
        Counter(row[8] for row in drawn),
    )  # fmt: skip


Row = tuple[int, int, str, int, str, str, float, float, str]


def _strata(sample: Sample, drawn: Sequence[Row], serious: set[int], unruled: Mapping[int, int]) -> list[StratumResult]:
    by: dict[str, list[Row]] = {}
    for row in drawn:
        by.setdefault(row[4], []).append(row)
    said = []
    for stratum, rows in sorted(by.items()):
        state = Counter(r[8] for r in rows)
        bad = sum(r[0] in serious for r in rows)
        raw = sample.plans.get(stratum)
        plan = AcceptancePlan(**raw) if raw else None
        rate = proportion(bad, state[EXAMINED], CONFIDENCE, population=plan.lot if plan is not None else None)
        said.append(
            StratumResult(
                stratum, len(rows) - state[UNFOUND], state[EXAMINED], state[UNFOUND], state[WAITING], bad, sum(unruled.get(r[0], 0) for r in rows), rate, plan,
                judge(bad, state[EXAMINED], plan) if plan is not None else None,
            )
        )  # fmt: skip
    return said


@dataclass(frozen=True, slots=True)
class _Units:
    """Examined households as units of chance."""

    weights: npt.NDArray[np.float64]
    strata: list[str]
    clusters: list[str] | None

    @classmethod
    def of(cls, sample: Sample, rows: Sequence[Row]) -> _Units:
        """A cluster drawn by chance is one unit; one taken for certain is a stratum, and its households are the units."""
        clustered = sample.design.get("clusters") is not None
        certain = [clustered and r[6] >= 1 for r in rows]
        strata = [f"{r[4]}|{r[5]}" if sure else r[4] for r, sure in zip(rows, certain, strict=True)]
        clusters = (
            [f"u{r[0]}" if sure else f"{r[4]}|{r[5]}" for r, sure in zip(rows, certain, strict=True)] if clustered else None
        )
        return cls(np.array([r[7] for r in rows], np.float64), strata, clusters)


def _yardsticks(
    sample: Sample, drawn: Sequence[Row], revisits: Mapping[int, Revisit], standing: Sequence[tuple[int, str, int, str]]
) -> list[Yardstick]:
    examined = [r for r in drawn if r[8] == EXAMINED and r[0] in revisits]
    judged = {f[0] for f in standing if f[1] == JUDGEMENT}
    said = []
    for key, kind in (("mis_exit", EXITED), ("missed", ORDINARY)):
        rows = [r for r in examined if r[2] == kind]
        if not rows:
            continue
        units, persons = _Units.of(sample, rows), np.array([r[3] for r in rows], np.int64)
        bad = np.where([r[0] in judged for r in rows], persons, 0).astype(np.int64)
        rate = mis_exit(bad, persons, CONFIDENCE, weights=units.weights, strata=units.strata, clusters=units.clusters)
        exact = _exact(sample, [(r[4], bool(b)) for r, b in zip(rows, bad, strict=True)], [kind])
        said.append(_yardstick(key, rate, exact))
    answers = np.array(
        [YES if (s := revisits[r[0]].satisfied) in ("satisfied", "so_so") else NO if s else NO_ANSWER for r in examined], np.int64
    )
    if len(answers):
        units = _Units.of(sample, examined)
        one = approval(answers, CONFIDENCE, weights=units.weights, strata=units.strata, clusters=units.clusters)
        told = [(r[4], bool(a == YES)) for r, a in zip(examined, answers, strict=True) if a != NO_ANSWER]
        exact = _exact(sample, told, sample.kinds)
        said.append(_yardstick("approval", exact or one.rate, None, one.said))
    return said


def _exact(sample: Sample, rows: Sequence[tuple[str, bool]], kinds: Sequence[str]) -> Rate | None:
    """The exact interval of a rate of households that were drawn singly: (stratum, whether it counts) of each, of the kinds; None where they were drawn in clusters."""
    if sample.design.get("clusters") is not None:
        return None
    strata = []
    for stratum, counts in sorted(sample.counts.items()):
        some = [bad for of, bad in rows if of == stratum]
        population = sum(counts.get(k, 0) for k in kinds)
        if population and some:  # nothing is said of strata that the reader does not see, or where nobody was examined yet
            strata.append(Stratum(sum(some), len(some), max(population, len(some))))
    return stratified(strata, CONFIDENCE) if strata else None


def _yardstick(key: str, rate: Rate, households: Rate | None = None, note: Text | None = None) -> Yardstick:
    limit = limits()[key]
    bound = limit.most if limit.most is not None else limit.least or 0.0
    at_least = limit.least is not None
    return Yardstick(key, limit.title, bound, at_least, rate, against_limit(rate, bound, at_least=at_least), households, note)


def _facts(actor: Actor, sample: Sample) -> list[FactResult]:
    rows: dict[str, list[FactCompared]] = {}
    for one in FactCompared.objects.visible_to(actor).filter(revisit__sampled__sample=sample).order_by("fact", "pk"):
        rows.setdefault(one.fact, []).append(one)
    said = []
    for key in facts():
        some = rows.get(key, [])
        if not some:
            continue
        outcomes: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        for one in some:
            outcomes[Outcome(one.outcome)] += 1
        seen = sum(outcomes[o] for o in COMPARED)
        said.append(
            FactResult(
                key, facts()[key].title, outcomes, proportion(outcomes[Outcome.DIFFERS], seen, CONFIDENCE), _agreement(key, some)
            )
        )
    return said


def _agreement(key: str, rows: Sequence[FactCompared]) -> Agreement:
    """How the first answer and that of the re-visit agree; what changed in between with evidence is no disagreement and is left out."""
    pairs = []
    for one in rows:
        if Outcome(one.outcome) not in COMPARED or one.first is None or one.again is None:
            continue
        pairs.append(tuple(compared(key, opened(side).get(key)) for side in (one.first, one.again)))
    if facts()[key].kind is Kind.NUMBER:
        numbers = np.array([[float(str(v)) for v in pair] for pair in pairs], np.float64).reshape(-1, 2)
        return assess(numbers, Level.INTERVAL, confidence=CONFIDENCE)
    known = sorted({_label(v) for pair in pairs for v in pair})
    code = {label: n for n, label in enumerate(known)}
    coded = np.array([[code[_label(v)] for v in pair] for pair in pairs], np.float64).reshape(-1, 2)
    return assess(coded, Level.NOMINAL, confidence=CONFIDENCE)


def _label(value: object) -> str:
    return json.dumps(sorted(value) if isinstance(value, frozenset) else value, default=str, ensure_ascii=False)
