"""Screening: one statement judges a county, the same statement, prepared, judges one household.

The result has one row per household, in this order of columns:

    household BIGINT, path VARCHAR, and for each guarantee g of the pack
    g          ENUM('met', 'unmet', 'unknown', 'not_assessed')
    g_reasons  VARCHAR[]  codes of the reasons (unmet) or of the missing lines (unknown); NULL where met or not assessed
    g_values   VARCHAR    JSON object of the values that the texts need, with the ids of persons, never their names;
                          money in whole fen, rounded down; NULL where met, not assessed, or no text needs a value

then, where the pack has them, of each proposal p and score s, and of its hints and groups:

    proposal_p         ENUM('proposed', 'clue', 'none', 'unknown', 'not_assessed')
    proposal_p_reasons VARCHAR[]  the grounds of what is proposed or a clue, what is missing of the unknown
    proposal_p_risks   VARCHAR[]  the risks that hold
    proposal_p_values  VARCHAR    as above
    score_s            ENUM('poor', 'not_poor', 'unknown')  NULL where the score selects by quota: that is known of a county only
    score_s_low, score_s_high  DOUBLE  the bounds of the score; equal where every part is known
    score_s_parts, score_s_open  VARCHAR[]  the deprivations that hold, and those that are not known (scores made of parts); of a score
                                 made by an expression, open has what is missing where it is unknown
    hints, groups      VARCHAR[]  the names of those that hold

Texts are rendered when read (`bangfu.screening.reasons`).
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from bangfu.rules.compile import Compiled, compile_households, text_literal
from bangfu.rules.expressions import Node
from bangfu.rules.schema import DUCKDB_TYPES, HOUSEHOLD, MONEY, PERSON, RELATIONS
from bangfu.screening.indices import Index, indices_of
from bangfu.screening.pack import BOUNDS, RESULTS, STATES, Guarantee, Pack, Proposal, Reason, Score
from bangfu.screening.problems import COLUMNS_MISSING


def _enum(words: Sequence[str]) -> str:
    return "ENUM(" + ", ".join(map(text_literal, words)) + ")"


RESULT_TYPE, STATE_TYPE, BOUND_TYPE = _enum(RESULTS), _enum(STATES), _enum(BOUNDS)


@dataclass(frozen=True, slots=True)
class Statement:
    """The compiled screening of a pack on a day: the SELECT and the fields it reads of each level."""

    sql: str
    reads: Mapping[str, tuple[str, ...]]
    guarantees: tuple[str, ...]

    @property
    def person_columns(self) -> tuple[str, ...]:
        return self.reads.get(PERSON, ())

    @property
    def household_columns(self) -> tuple[str, ...]:
        return self.reads[HOUSEHOLD]


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

    `findings` is sort → name → state → households; `limits` the limit that a score's quota came to; `indices` as `indices_of` has it.
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
    indices: Mapping[str, Index] = field(default_factory=dict)
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
            "indices": {name: index.as_json() for name, index in self.indices.items()},
            "provisional": {name: list(parameters) for name, parameters in self.provisional.items()},
        }


def compile_pack(
    pack: Pack,
    as_of: dt.date,
    overrides: Mapping[str, Any] | None = None,
    *,
    households: str = "households",
    **rows: str,
) -> Statement:
    """The one statement that judges every household of a relation on a day.

    `households` and each of `rows` (`persons=…`, `items=…`, `land=…`) are SQL that may stand after FROM (a table, a view,
    `read_parquet('…')`), with the columns described in `bangfu.rules.compile`. Raises BF-1409, BF-1507, BF-1508 for parameters.
    """
    constants = pack.constants(as_of, overrides)
    wanted: dict[str, Node] = {}
    for guarantee in pack.guarantees.values():
        wanted[f"{guarantee.name}__assessed"] = guarantee.assessed
        wanted[f"{guarantee.name}__met"] = guarantee.met
        wanted |= _reasons(guarantee.name, unmet=guarantee.unmet, missing=guarantee.missing)
    for proposal in pack.proposals.values():
        name = f"proposal_{proposal.name}"
        wanted |= {f"{name}__assessed": proposal.assessed, f"{name}__when": proposal.when, f"{name}__clue": proposal.clue}
        wanted |= _reasons(name, grounds=proposal.grounds, missing=proposal.missing)
        wanted |= {f"{name}__risk__{code}": node for code, node in proposal.risks.items()}
    for score in pack.scores.values():
        wanted |= {f"score_{score.name}__low": score.low, f"score_{score.name}__high": score.high}
        wanted |= {f"score_{score.name}__part__{part.name}": part.when for part in score.parts}
        wanted |= _reasons(f"score_{score.name}", missing=score.missing)
    for sort, flags in (("hints", pack.hints), ("groups", pack.groups)):
        wanted |= {f"{sort}__{flag.name}": flag.when for flag in flags.values()}
    told: tuple[Guarantee | Proposal, ...] = (*pack.guarantees.values(), *pack.proposals.values())
    for judged in told:
        wanted |= {f"v__{key}": pack.value_nodes[key] for key in _keys(*_told(judged))}
    inner: Compiled = compile_households(pack.program, wanted, constants, households=households, **rows)
    columns = [_columns(pack, guarantee) for guarantee in pack.guarantees.values()]
    columns += [_proposal_columns(pack, proposal) for proposal in pack.proposals.values()]
    columns += [_score_columns(score, constants) for score in pack.scores.values()]
    columns += [
        f"{_held(list(flags), [f'{sort}__{name}' for name in flags])} AS {sort}"
        for sort, flags in (("hints", pack.hints), ("groups", pack.groups))
        if flags
    ]
    listed = "".join(f", {column}" for column in columns)
    return Statement(
        sql=f"SELECT household, path{listed} FROM ({inner.sql})", reads=inner.reads, guarantees=tuple(pack.guarantees)
    )


def _reasons(prefix: str, **sections: Sequence[Reason]) -> dict[str, Node]:
    return {f"{prefix}__{kind}__{reason.code}": reason.when for kind, reasons in sections.items() for reason in reasons}


def _told(judged: Guarantee | Proposal) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """The reasons of what is so (unmet, proposed) and of what is missing: those that the statement gives."""
    return (judged.unmet if isinstance(judged, Guarantee) else judged.grounds), judged.missing


def _keys(*sections: Sequence[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for reasons in sections for reason in reasons for key in reason.values))


def _columns(pack: Pack, guarantee: Guarantee) -> str:
    name = guarantee.name
    assessed, met = f"{name}__assessed", f"{name}__met"
    result = (
        f"CASE WHEN {assessed} IS NOT TRUE THEN 'not_assessed'::{RESULT_TYPE} WHEN {met} THEN 'met'::{RESULT_TYPE} "
        f"WHEN {met} IS NULL THEN 'unknown'::{RESULT_TYPE} ELSE 'unmet'::{RESULT_TYPE} END AS {name}"
    )
    silent, blank = f"{assessed} IS NOT TRUE OR {met}", f"{met} IS NULL"
    return f"{result}, {_said(pack, name, silent, blank, 'unmet', guarantee)}"


def _said(pack: Pack, name: str, silent: str, blank: str, kind: str, judged: Guarantee | Proposal) -> str:
    """The columns of reasons and values: none where `silent`, what is missing where `blank`, else the reasons of what is so."""
    so, lacking = _told(judged)
    codes = [
        _held([r.code for r in reasons], [f"{name}__{part}__{r.code}" for r in reasons])
        for part, reasons in ((kind, so), ("missing", lacking))
    ]
    made = f"CASE WHEN {silent} THEN NULL WHEN {blank} THEN {codes[1]} ELSE {codes[0]} END AS {name}_reasons"
    if not _keys(so, lacking):
        return f"{made}, NULL::VARCHAR AS {name}_values"
    # Only what the texts of the case at hand need: an unknown household seldom needs the values of an unmet one.
    values = [_object(pack, _keys(lacking)), _object(pack, _keys(so))]
    return f"{made}, CASE WHEN {silent} THEN NULL WHEN {blank} THEN {values[0]} ELSE {values[1]} END AS {name}_values"


def _object(pack: Pack, keys: Sequence[str]) -> str:
    pairs = ", ".join(f"{text_literal(key)}, {_value(pack.value_nodes[key], key)}" for key in keys)
    return f"json_object({pairs})::VARCHAR" if keys else "NULL"


def _held(codes: Sequence[str], columns: Sequence[str]) -> str:
    """The list of those codes whose columns are true."""
    listed = ", ".join(map(text_literal, codes))
    return f"list_where([{listed}], [{', '.join(f'coalesce({column}, FALSE)' for column in columns)}])"


def _proposal_columns(pack: Pack, proposal: Proposal) -> str:
    name = f"proposal_{proposal.name}"
    assessed, when, clue = f"{name}__assessed", f"{name}__when", f"{name}__clue"
    silent = f"{assessed} IS NOT TRUE OR ({when} IS FALSE AND {clue} IS FALSE)"
    blank = f"({when} IS NULL AND {clue} IS NOT TRUE) OR ({when} IS FALSE AND {clue} IS NULL)"
    state = (
        f"CASE WHEN {assessed} IS NOT TRUE THEN 'not_assessed'::{STATE_TYPE} WHEN {when} THEN 'proposed'::{STATE_TYPE} "
        f"WHEN {clue} THEN 'clue'::{STATE_TYPE} WHEN {blank} THEN 'unknown'::{STATE_TYPE} ELSE 'none'::{STATE_TYPE} END AS {name}"
    )
    risks = "NULL::VARCHAR[]"
    if proposal.risks:
        held = _held(list(proposal.risks), [f"{name}__risk__{code}" for code in proposal.risks])
        risks = f"CASE WHEN {silent} THEN NULL ELSE {held} END"
    return f"{state}, {_said(pack, name, silent, blank, 'grounds', proposal)}, {risks} AS {name}_risks"


def _score_columns(score: Score, constants: Mapping[str, Any]) -> str:
    name = f"score_{score.name}"
    low, high = f"{name}__low", f"{name}__high"
    state = f"NULL::{BOUND_TYPE}"
    if score.limit and (limit := constants[score.limit]) is not None:
        poor, safe = (f"{low} >= {limit}", f"{high} < {limit}") if score.parts else (f"{low} <= {limit}", f"{low} > {limit}")
        state = f"CASE WHEN {poor} THEN 'poor'::{BOUND_TYPE} WHEN {safe} THEN 'not_poor'::{BOUND_TYPE} ELSE 'unknown'::{BOUND_TYPE} END"
    elif score.limit:
        state = f"'unknown'::{BOUND_TYPE}"
    columns = [f"{name}__part__{part.name}" for part in score.parts]
    codes = [part.name for part in score.parts]
    parts, still_open = "NULL::VARCHAR[]", "NULL::VARCHAR[]"
    if codes:
        parts = _held(codes, columns)
        listed = ", ".join(map(text_literal, codes))
        still_open = f"list_where([{listed}], [{', '.join(f'{column} IS NULL' for column in columns)}])"
    elif score.missing:
        lacking = _held([r.code for r in score.missing], [f"{name}__missing__{r.code}" for r in score.missing])
        still_open = f"CASE WHEN {low} IS NULL THEN {lacking} END"
    return (
        f"{state} AS {name}, {low}::DOUBLE AS {name}_low, {high}::DOUBLE AS {name}_high, {parts} AS {name}_parts, "
        f"{still_open} AS {name}_open"
    )


def _value(node: Node, key: str) -> str:
    if node.type == MONEY:
        return f"floor(v__{key})::BIGINT"
    return f"v__{key}"


KEYS = {HOUSEHOLD: ("household", "path"), PERSON: ("household", "person")}


def require_columns(connection: duckdb.DuckDBPyConnection, statement: Statement, relations: Mapping[str, str]) -> None:
    """Raise BF-1506 where the relation of a level lacks a column that the statement reads."""
    for level in (level for level in (*RELATIONS, HOUSEHOLD) if level in statement.reads):
        names, relation = statement.reads[level], relations[level]
        have = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
        lacking = [column for column in (*KEYS.get(level, ("household",)), *names) if column not in have]
        if lacking:
            raise COLUMNS_MISSING(relation=relation, columns=", ".join(lacking))


def screen(
    connection: duckdb.DuckDBPyConnection,
    pack: Pack,
    as_of: dt.date,
    *,
    households: str = "households",
    overrides: Mapping[str, Any] | None = None,
    into: str | Path = "verdicts",
    **rows: str,
) -> ScreenResult:
    """Judge every household of a relation; write the result to a Parquet file (a path ending in .parquet) or a temp table.

    `rows` as in `compile_pack`. The caller answers for the register being as of `as_of`. Raises BF-1506 for missing columns and
    what `compile_pack` raises. The seconds are those of the statement alone, reading and writing included.
    """
    statement = compile_pack(pack, as_of, overrides, households=households, **rows)
    relations = {HOUSEHOLD: households} | {level: rows.get(name, name) for level, name in RELATIONS.items()}
    require_columns(connection, statement, relations)
    target = str(into)
    started = time.perf_counter()
    if target.endswith(".parquet"):
        connection.execute(f"COPY ({statement.sql}) TO {text_literal(target)} (FORMAT parquet)")
        relation = f"read_parquet({text_literal(target)})"
    else:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS {statement.sql}")
        relation = target
    seconds = time.perf_counter() - started
    counts = count_results(connection, relation, statement.guarantees)
    people = connection.execute(f"SELECT count(*) FROM {relations[PERSON]}").fetchall()[0]
    homes = connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0]
    constants = pack.constants(as_of, overrides)
    limits = quota_limits(connection, relation, pack, constants)
    return ScreenResult(
        pack=pack.name,
        version=pack.version,
        as_of=as_of,
        households=homes[0],
        persons=people[0],
        seconds=seconds,
        counts=counts,
        provisional=pack.provisional(as_of, overrides),
        findings=count_findings(connection, relation, pack, limits),
        limits=limits,
        indices=indices_of(connection, relation, pack, constants, persons=relations[PERSON]),
    )


def quota_limits(
    connection: duckdb.DuckDBPyConnection, relation: str, pack: Pack, constants: Mapping[str, Any]
) -> dict[str, float]:
    """The limit of each score that selects by quota: the score of the last household within the share, lowest first.

    Households whose score is not known are neither counted nor selected; who has the same score as the last is selected with it.
    """
    limits = {}
    for score in pack.scores.values():
        share = constants[score.quota] if score.quota else None
        if share is None:
            continue
        column = f"score_{score.name}_low"
        row = connection.execute(
            f"SELECT {column} FROM (SELECT {column}, row_number() OVER (ORDER BY {column}) AS place, count(*) OVER () AS homes "
            f"FROM {relation} WHERE {column} IS NOT NULL) WHERE place <= floor(homes * {float(share)} + 1e-9) ORDER BY place DESC LIMIT 1"
        ).fetchone()
        if row is not None:
            limits[score.name] = float(row[0])
    return limits


def _score_state(score: Score, limits: Mapping[str, float]) -> str:
    """The state of a score as SQL: as the statement has it, or by the limit that the quota came to."""
    column = f"score_{score.name}"
    if not score.quota:
        return f"{column}::VARCHAR"
    if score.name not in limits:
        return "'unknown'"
    return f"CASE WHEN {column}_low IS NULL THEN 'unknown' WHEN {column}_low <= {limits[score.name]!r} THEN 'poor' ELSE 'not_poor' END"


def count_findings(
    connection: duckdb.DuckDBPyConnection, relation: str, pack: Pack, limits: Mapping[str, float]
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
        (f"SELECT 'proposal' AS sort, {text_literal(n)} AS name, proposal_{n}::VARCHAR AS state FROM {relation}")
        for n in pack.proposals
    ]
    counted += [
        f"SELECT 'score', {text_literal(score.name)}, {_score_state(score, limits)} FROM {relation}"
        for score in pack.scores.values()
    ]
    counted += [f"SELECT '{sort[:-1]}', unnest({sort}), 'raised' FROM {relation}" for sort in _flagged(pack)]
    if counted:
        rows = connection.execute(
            f"SELECT sort, name, state, count(*) FROM ({' UNION ALL '.join(counted)}) AS f(sort, name, state) GROUP BY ALL"
        ).fetchall()
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


def count_results(connection: duckdb.DuckDBPyConnection, relation: str, guarantees: Sequence[str]) -> dict[str, dict[str, int]]:
    """Households by result for each guarantee of a result relation."""
    if not guarantees:
        return {}
    parts = ", ".join(f"count(*) FILTER (WHERE {name} = '{result}')" for name in guarantees for result in RESULTS)
    row = connection.execute(f"SELECT {parts} FROM {relation}").fetchall()[0]
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


class HouseholdJudge:
    """The screening of a pack on a day, prepared for one household at a time. Not for several threads at once.

    Rows are mappings by field name in the columns' form (money in fen, dates as dates); absent names are blank. The items of a
    household's income sheet and its land are lists of such rows under `items` and `land` of the household's own.
    """

    def __init__(self, pack: Pack, as_of: dt.date, overrides: Mapping[str, Any] | None = None) -> None:
        self.pack = pack
        self.as_of = as_of
        self.statement = compile_pack(pack, as_of, overrides)
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        schema = pack.program.schema
        self.connection.execute("SET enable_progress_bar = false")
        self._columns: dict[str, tuple[str, ...]] = {
            ("households" if level == HOUSEHOLD else RELATIONS[level]): (*KEYS.get(level, ("household",)), *names)
            for level, names in self.statement.reads.items()
        }
        for relation, names in self._columns.items():
            types = {"household": "BIGINT", "person": "BIGINT", "path": "VARCHAR"}
            made = ", ".join(f"{name} {types.get(name) or DUCKDB_TYPES[schema.columns[name].type.kind]}" for name in names)
            self.connection.execute(f"CREATE TABLE {relation} ({made})")
        # For a handful of rows the optimiser's hash joins cost more than they save (48 ms against 8 ms a household).
        self.connection.execute("PRAGMA disable_optimizer")
        self.connection.execute(f"PREPARE judge AS {self.statement.sql}")

    def judge(self, household: Mapping[str, Any], persons: Sequence[Mapping[str, Any]]) -> dict[str, Verdict]:
        """Judge one household with its persons; each person needs an id under `person`."""
        return self.judge_many([(household, persons)])[0]

    def judge_many(self, cases: Sequence[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]) -> list[dict[str, Verdict]]:
        """Judge several households in one run, in their order; their own ids are not looked at."""
        return [verdicts_of(row, self.statement.guarantees) for row in self.rows(cases)]

    def rows(self, cases: Sequence[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]) -> list[dict[str, Any]]:
        """The rows of the result relation for several households, in their order: `verdicts_of` and `findings_of` read them."""
        for relation in self._columns:
            self.connection.execute(f"DELETE FROM {relation}")
        for relation in self._columns:
            if relation == "households":
                listed = [{**household, "household": index, "path": ""} for index, (household, _) in enumerate(cases)]
            else:
                listed = [
                    {**row, "household": index}
                    for index, (household, people) in enumerate(cases)
                    for row in (people if relation == "persons" else household.get(relation, ()))
                ]
            self._fill(relation, listed)
        answer = self.connection.execute("EXECUTE judge")
        names = [column[0] for column in answer.description or ()]
        return sorted((dict(zip(names, row, strict=True)) for row in answer.fetchall()), key=lambda row: row["household"])

    def _fill(self, relation: str, rows: Sequence[Mapping[str, Any]]) -> None:
        names = self._columns[relation]
        marks = "(" + ", ".join("?" * len(names)) + ")"
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            values = [row.get(name) for row in part for name in names]
            self.connection.execute(f"INSERT INTO {relation} VALUES {', '.join([marks] * len(part))}", values)

    def close(self) -> None:
        """Give back the memory of the judge."""
        self.connection.close()


__all__ = [
    "Finding",
    "HouseholdJudge",
    "ScreenResult",
    "Statement",
    "Verdict",
    "compile_pack",
    "finding_rows",
    "findings_of",
    "long_rows",
    "screen",
]
