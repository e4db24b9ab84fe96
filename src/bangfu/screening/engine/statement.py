"""A pack as one statement: what every household's row of the result is computed by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from bangfu.rules.compile import Compiled, compile_households
from bangfu.rules.dialects import DUCKDB, Dialect
from bangfu.rules.expressions import Node
from bangfu.rules.schema import HOUSEHOLD, MONEY, PERSON, RELATIONS
from bangfu.screening.pack import BOUNDS, RESULTS, STATES, Guarantee, Pack, Proposal, Reason, Score
from bangfu.screening.problems import COLUMNS_MISSING

SECTIONS = ("guarantees", "proposals", "scores", "hints", "groups")


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


def compile_pack(
    pack: Pack,
    as_of: dt.date,
    overrides: Mapping[str, Any] | None = None,
    *,
    households: str = "households",
    dialect: Dialect = DUCKDB,
    parts: Collection[str] = SECTIONS,
    **rows: str,
) -> Statement:
    """The one statement that judges every household of a relation on a day.

    `households` and each of `rows` (`persons=…`, `items=…`, `land=…`) are SQL that may stand after FROM (a table, a view,
    `read_parquet('…')`), with the columns described in `bangfu.rules.compile`. `dialect` is the engine that shall read the statement;
    `parts` names the sections to judge, all of them unless said otherwise. Raises BF-1409, BF-1507, BF-1508 for parameters.
    """
    constants = pack.constants(as_of, overrides)
    guarantees = list(pack.guarantees.values()) if "guarantees" in parts else []
    proposals = list(pack.proposals.values()) if "proposals" in parts else []
    scores = list(pack.scores.values()) if "scores" in parts else []
    flagged = {sort: flags for sort, flags in (("hints", pack.hints), ("groups", pack.groups)) if flags and sort in parts}
    wanted: dict[str, Node] = {}
    for guarantee in guarantees:
        wanted[f"{guarantee.name}__assessed"] = guarantee.assessed
        wanted[f"{guarantee.name}__met"] = guarantee.met
        wanted |= _reasons(guarantee.name, unmet=guarantee.unmet, missing=guarantee.missing)
    for proposal in proposals:
        name = f"proposal_{proposal.name}"
        wanted |= {f"{name}__assessed": proposal.assessed, f"{name}__when": proposal.when, f"{name}__clue": proposal.clue}
        wanted |= _reasons(name, grounds=proposal.grounds, missing=proposal.missing)
        wanted |= {f"{name}__risk__{code}": node for code, node in proposal.risks.items()}
    for score in scores:
        wanted |= {f"score_{score.name}__low": score.low, f"score_{score.name}__high": score.high}
        wanted |= {f"score_{score.name}__part__{part.name}": part.when for part in score.parts}
    for sort, flags in flagged.items():
        wanted |= {f"{sort}__{flag.name}": flag.when for flag in flags.values()}
    told: tuple[Guarantee | Proposal, ...] = (*guarantees, *proposals)
    for judged in told:
        wanted |= {f"v__{key}": pack.value_nodes[key] for key in _keys(*_told(judged))}
    inner: Compiled = compile_households(pack.program, wanted, constants, households=households, dialect=dialect, **rows)
    made = _Columns(pack, dialect)
    columns = [made.guarantee(guarantee) for guarantee in guarantees]
    columns += [made.proposal(proposal) for proposal in proposals]
    columns += [made.score(score, constants) for score in scores]
    columns += [f"{made.held(list(flags), [f'{sort}__{name}' for name in flags])} AS {sort}" for sort, flags in flagged.items()]
    listed = "".join(f", {column}" for column in columns)
    return Statement(
        sql=f"SELECT household, path{listed} FROM ({inner.sql})",
        reads=inner.reads,
        guarantees=tuple(guarantee.name for guarantee in guarantees),
    )


def _reasons(prefix: str, **sections: Sequence[Reason]) -> dict[str, Node]:
    return {f"{prefix}__{kind}__{reason.code}": reason.when for kind, reasons in sections.items() for reason in reasons}


def _told(judged: Guarantee | Proposal) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """The reasons of what is so (unmet, proposed) and of what is missing: those that the statement gives."""
    return (judged.unmet if isinstance(judged, Guarantee) else judged.grounds), judged.missing


def _keys(*sections: Sequence[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for reasons in sections for reason in reasons for key in reason.values))


class _Columns:
    """The columns of the result from those that the compiler gives, in the words of an engine."""

    def __init__(self, pack: Pack, dialect: Dialect) -> None:
        self.pack = pack
        self.dialect = dialect
        self.no_list = dialect.cast("NULL", "codes")

    def guarantee(self, guarantee: Guarantee) -> str:
        name = guarantee.name
        assessed, met = f"{name}__assessed", f"{name}__met"
        met_, unmet, unknown, not_assessed = (self.dialect.word(f"'{word}'", RESULTS) for word in RESULTS)
        result = (
            f"CASE WHEN {assessed} IS NOT TRUE THEN {not_assessed} WHEN {met} THEN {met_} "
            f"WHEN {met} IS NULL THEN {unknown} ELSE {unmet} END AS {name}"
        )
        silent, blank = f"{assessed} IS NOT TRUE OR {met}", f"{met} IS NULL"
        return f"{result}, {self.said(name, silent, blank, 'unmet', guarantee)}"

    def said(self, name: str, silent: str, blank: str, kind: str, judged: Guarantee | Proposal) -> str:
        """The columns of reasons and values: none where `silent`, what is missing where `blank`, else the reasons of what is so."""
        so, lacking = _told(judged)
        codes = [
            self.held([r.code for r in reasons], [f"{name}__{part}__{r.code}" for r in reasons])
            for part, reasons in ((kind, so), ("missing", lacking))
        ]
        made = f"CASE WHEN {silent} THEN NULL WHEN {blank} THEN {codes[1]} ELSE {codes[0]} END AS {name}_reasons"
        if not _keys(so, lacking):
            return f"{made}, {self.dialect.cast('NULL', 'text')} AS {name}_values"
        # Only what the texts of the case at hand need: an unknown household seldom needs the values of an unmet one.
        values = [self.object(_keys(lacking)), self.object(_keys(so))]
        return f"{made}, CASE WHEN {silent} THEN NULL WHEN {blank} THEN {values[0]} ELSE {values[1]} END AS {name}_values"

    def object(self, keys: Sequence[str]) -> str:
        return self.dialect.json([(key, self.value(key)) for key in keys]) if keys else "NULL"

    def value(self, key: str) -> str:
        return self.dialect.cast(f"floor(v__{key})", "money") if self.pack.value_nodes[key].type == MONEY else f"v__{key}"

    def held(self, codes: Sequence[str], columns: Sequence[str]) -> str:
        """The list of those codes whose columns are true."""
        return self.dialect.chosen(codes, columns) if codes else self.dialect.cast(self.dialect.array([]), "codes")

    def proposal(self, proposal: Proposal) -> str:
        name = f"proposal_{proposal.name}"
        assessed, when, clue = f"{name}__assessed", f"{name}__when", f"{name}__clue"
        silent = f"{assessed} IS NOT TRUE OR ({when} IS FALSE AND {clue} IS FALSE)"
        blank = f"({when} IS NULL AND {clue} IS NOT TRUE) OR ({when} IS FALSE AND {clue} IS NULL)"
        proposed, clue_, none, unknown, not_assessed = (self.dialect.word(f"'{word}'", STATES) for word in STATES)
        state = (
            f"CASE WHEN {assessed} IS NOT TRUE THEN {not_assessed} WHEN {when} THEN {proposed} "
            f"WHEN {clue} THEN {clue_} WHEN {blank} THEN {unknown} ELSE {none} END AS {name}"
        )
        risks = self.no_list
        if proposal.risks:
            held = self.held(list(proposal.risks), [f"{name}__risk__{code}" for code in proposal.risks])
            risks = f"CASE WHEN {silent} THEN NULL ELSE {held} END"
        return f"{state}, {self.said(name, silent, blank, 'grounds', proposal)}, {risks} AS {name}_risks"

    def score(self, score: Score, constants: Mapping[str, Any]) -> str:
        name = f"score_{score.name}"
        low, high = f"{name}__low", f"{name}__high"
        poor_, not_poor, unknown = (self.dialect.word(f"'{word}'", BOUNDS) for word in BOUNDS)
        state = self.dialect.word("NULL", BOUNDS)
        if score.limit and (limit := constants[score.limit]) is not None:
            poor, safe = (f"{low} >= {limit}", f"{high} < {limit}") if score.parts else (f"{low} <= {limit}", f"{low} > {limit}")
            state = f"CASE WHEN {poor} THEN {poor_} WHEN {safe} THEN {not_poor} ELSE {unknown} END"
        elif score.limit:
            state = unknown
        columns = [f"{name}__part__{part.name}" for part in score.parts]
        codes = [part.name for part in score.parts]
        parts = still_open = self.no_list
        if codes:
            parts = self.held(codes, columns)
            still_open = self.held(codes, [f"({column} IS NULL)" for column in columns])
        return (
            f"{state} AS {name}, {self.dialect.cast(low, 'decimal')} AS {name}_low, {self.dialect.cast(high, 'decimal')} AS {name}_high, "
            f"{parts} AS {name}_parts, {still_open} AS {name}_open"
        )


KEYS = {HOUSEHOLD: ("household", "path"), PERSON: ("household", "person")}


def require_columns(connection: duckdb.DuckDBPyConnection, statement: Statement, relations: Mapping[str, str]) -> None:
    """Raise BF-1506 where the relation of a level lacks a column that the statement reads."""
    for level in (level for level in (*RELATIONS, HOUSEHOLD) if level in statement.reads):
        names, relation = statement.reads[level], relations[level]
        have = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
        lacking = [column for column in (*KEYS.get(level, ("household",)), *names) if column not in have]
        if lacking:
            raise COLUMNS_MISSING(relation=relation, columns=", ".join(lacking))
