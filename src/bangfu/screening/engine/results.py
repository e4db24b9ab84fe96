"""What a screening gives: verdicts and findings of a household, a county in numbers, and the result relation read in both ways."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bangfu.rules.compile import text_literal
from bangfu.rules.dialects import DUCKDB, Dialect
from bangfu.screening.pack import BOUNDS, RESULTS, STATES, Pack, Score

Ask = Callable[[str], list[tuple[Any, ...]]]  # a question in SQL, answered by all its rows


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was judged of one guarantee of one household; `values` as in the result relation."""

    result: str
    reasons: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a household beside its verdicts: a hint or group that holds, a proposal or clue, a score.

    `sort` is hint, group, proposal or score; `reasons` are grounds (proposals) or deprivations (scores); `values` those that the
    words need, for a proposal with `risks`, for a score with `low`, `high` and `open`.
    """

    sort: str
    name: str
    state: str
    reasons: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """A screened county in numbers: `counts` is result → households, by guarantee; `provisional` as `Pack.provisional`.

    `findings` is sort → name → state → households; `limits` the limit that a score's quota came to.
    """

    pack: str
    version: str
    as_of: dt.date
    households: int
    persons: int
    seconds: float
    counts: Mapping[str, Mapping[str, int]]
    provisional: Mapping[str, Sequence[str]]
    findings: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    engine: str = "duckdb"

    def as_json(self) -> dict[str, Any]:
        """The document that `bangfu screen --json` prints."""
        return {
            "pack": self.pack,
            "version": self.version,
            "as_of": self.as_of.isoformat(),
            "engine": self.engine,
            "households": self.households,
            "persons": self.persons,
            "seconds": self.seconds,
            "guarantees": {name: dict(counts) for name, counts in self.counts.items()},
            "findings": {sort: {n: dict(states) for n, states in named.items()} for sort, named in self.findings.items()},
            "limits": dict(self.limits),
            "provisional": {name: list(parameters) for name, parameters in self.provisional.items()},
        }


def quota_limits(ask: Ask, relation: str, pack: Pack, constants: Mapping[str, Any]) -> dict[str, float]:
    """The limit of each score that selects by quota: the score of the last household within the share, lowest first.

    Households whose score is not known are neither counted nor selected; who has the same score as the last is selected with it.
    """
    limits = {}
    for score in pack.scores.values():
        share = constants[score.quota] if score.quota else None
        if share is None:
            continue
        column = f"score_{score.name}_low"
        rows = ask(
            f"SELECT {column} FROM (SELECT {column}, row_number() OVER (ORDER BY {column}) AS place, count(*) OVER () AS homes "
            f"FROM {relation} WHERE {column} IS NOT NULL) WHERE place <= floor(homes * {float(share)} + 1e-9) ORDER BY place DESC LIMIT 1"
        )
        if rows:
            limits[score.name] = float(rows[0][0])
    return limits


def _score_state(score: Score, limits: Mapping[str, float], dialect: Dialect = DUCKDB) -> str:
    """The state of a score as SQL: as the statement has it, or by the limit that the quota came to."""
    column = f"score_{score.name}"
    if not score.quota:
        return dialect.cast(column, "text")
    if score.name not in limits:
        return "'unknown'"
    return f"CASE WHEN {column}_low IS NULL THEN 'unknown' WHEN {column}_low <= {limits[score.name]!r} THEN 'poor' ELSE 'not_poor' END"


def count_findings(
    ask: Ask, relation: str, pack: Pack, limits: Mapping[str, float], dialect: Dialect = DUCKDB
) -> dict[str, dict[str, dict[str, int]]]:
    """Households by sort, name and state of what was found beside the verdicts; a name that holds of nobody is told with 0."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    if pack.proposals:
        found["proposal"] = {name: dict.fromkeys(STATES, 0) for name in pack.proposals}
    if pack.scores:
        found["score"] = {name: dict.fromkeys(BOUNDS, 0) for name in pack.scores}
    for sort, flags in (("hint", pack.hints), ("group", pack.groups)):
        if flags:
            found[sort] = {name: {"raised": 0} for name in flags}
    counted = [
        (
            f"SELECT 'proposal' AS sort, {text_literal(n)} AS name, {dialect.cast(f'proposal_{n}', 'text')} AS state FROM {relation}"
        )
        for n in pack.proposals
    ]
    counted += [
        f"SELECT 'score', {text_literal(score.name)}, {_score_state(score, limits, dialect)} FROM {relation}"
        for score in pack.scores.values()
    ]
    counted += [f"SELECT '{sort[:-1]}', {dialect.each(sort)}, 'raised' FROM {relation}" for sort in _flagged(pack)]
    if counted:
        rows = ask(f"SELECT sort, name, state, count(*) FROM ({' UNION ALL '.join(counted)}) GROUP BY sort, name, state")
        for sort, name, state, households in rows:
            found[sort][name][state] = households
    return found


def _flagged(pack: Pack) -> list[str]:
    return [sort for sort, flags in (("hints", pack.hints), ("groups", pack.groups)) if flags]


def finding_rows(relation: str, pack: Pack, limits: Mapping[str, float]) -> str:
    """A SELECT that gives what was found beside the verdicts as long rows: household, path, sort, subject, state, reasons, values.

    Of proposals what is proposed or a clue, of scores every household, of hints and groups those that hold.
    """
    parts = []
    for name in pack.proposals:
        column = f"proposal_{name}"
        values = (
            f"json_merge_patch(coalesce({column}_values, '{{}}'), json_object('risks', coalesce({column}_risks, [])))::VARCHAR"
        )
        parts.append(
            f"SELECT household, path, 'proposal' AS sort, {text_literal(name)} AS subject, {column}::VARCHAR AS state, "
            f"{column}_reasons AS reasons, {values} AS values FROM {relation} WHERE {column} IN ('proposed', 'clue')"
        )
    for score in pack.scores.values():
        column = f"score_{score.name}"
        values = f"json_object('low', {column}_low, 'high', {column}_high, 'open', coalesce({column}_open, []))::VARCHAR"
        parts.append(
            f"SELECT household, path, 'score' AS sort, {text_literal(score.name)} AS subject, {_score_state(score, limits)} AS state, "
            f"{column}_parts AS reasons, {values} AS values FROM {relation}"
        )
    parts += [
        f"SELECT household, path, '{sort[:-1]}' AS sort, unnest({sort}) AS subject, 'raised' AS state, NULL::VARCHAR[] AS reasons, "
        f"NULL::VARCHAR AS values FROM {relation}"
        for sort in _flagged(pack)
    ]
    return " UNION ALL ".join(parts)


def count_results(ask: Ask, relation: str, guarantees: Sequence[str]) -> dict[str, dict[str, int]]:
    """Households by result for each guarantee of a result relation."""
    if not guarantees:
        return {}
    parts = ", ".join(f"count(*) FILTER (WHERE {name} = '{result}')" for name in guarantees for result in RESULTS)
    row = ask(f"SELECT {parts} FROM {relation}")[0]
    numbers = iter(row)
    return {name: {result: next(numbers) for result in RESULTS} for name in guarantees}


def long_rows(relation: str, guarantees: Sequence[str]) -> str:
    """A SELECT that gives a result relation as long rows: household, path, guarantee, result, reasons, values."""
    return " UNION ALL ".join(
        f"SELECT household, path, {text_literal(name)} AS guarantee, {name}::VARCHAR AS result, "
        f"{name}_reasons AS reasons, {name}_values AS values FROM {relation}"
        for name in guarantees
    )


def verdicts_of(row: Mapping[str, Any], guarantees: Sequence[str]) -> dict[str, Verdict]:
    """The verdicts of one row of a result relation, by guarantee."""
    return {
        name: Verdict(
            result=str(row[name]),
            reasons=tuple(row[f"{name}_reasons"] or ()),
            values=json.loads(row[f"{name}_values"]) if row[f"{name}_values"] else {},
        )
        for name in guarantees
    }


def findings_of(row: Mapping[str, Any], pack: Pack, limits: Mapping[str, float]) -> list[Finding]:
    """What was found beside the verdicts in one row of a result relation, in the pack's order, as `finding_rows` has it of a county."""
    found = []
    for name in pack.proposals:
        column = f"proposal_{name}"
        state = str(row[column])
        if state in ("proposed", "clue"):
            values = json.loads(row[f"{column}_values"]) if row[f"{column}_values"] else {}
            risks = list(row[f"{column}_risks"] or ())
            found.append(Finding("proposal", name, state, tuple(row[f"{column}_reasons"] or ()), values | {"risks": risks}))
    for score in pack.scores.values():
        column = f"score_{score.name}"
        low, high = row[f"{column}_low"], row[f"{column}_high"]
        state = row[column]
        if score.quota:
            limit = limits.get(score.name)
            state = "unknown" if low is None or limit is None else "poor" if low <= limit else "not_poor"
        values = {"low": low, "high": high, "open": list(row[f"{column}_open"] or ())}
        found.append(Finding("score", score.name, str(state), tuple(row[f"{column}_parts"] or ()), values))
    found += [Finding(sort[:-1], name, "raised") for sort in _flagged(pack) for name in row[sort]]
    return found
