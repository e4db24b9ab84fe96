"""Spark gives what DuckDB gives: the language at random, the county of the bench, the situations of every pack, row by row."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rules import test_meaning as meaning

from bangfu.rules.compile import compile_households
from bangfu.rules.dialects import DUCKDB, SPARK, Dialect
from bangfu.rules.expressions import Node
from bangfu.rules.schema import HOUSEHOLD, RELATIONS
from bangfu.rules.source import Place
from bangfu.screening.bench import AS_OF, make_county
from bangfu.screening.engine import HouseholdJudge, compile_pack
from bangfu.screening.foreign import judge_files, plain_mapping
from bangfu.screening.pack import load_pack, pack_names
from bangfu.screening.situations import Situation, situations_of

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("spark")]
pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'bangfu[spark]'")

Row = dict[str, Any]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from bangfu.screening.engine.spark import session

    with session("local[2]") as made:
        made.conf.set("spark.sql.shuffle.partitions", "2")
        yield made


def by_household(rows: list[Row]) -> dict[int, Row]:
    return {row["household"]: row for row in rows}


def of_duckdb(con: duckdb.DuckDBPyConnection, sql: str) -> dict[int, Row]:
    answer = con.execute(sql)
    names = [column[0] for column in answer.description or ()]
    return by_household([dict(zip(names, row, strict=True)) for row in answer.fetchall()])


def of_spark(spark: Any, sql: str) -> dict[int, Row]:
    return by_household([row.asDict() for row in spark.sql(sql).collect()])


def plain(name: str, value: Any) -> Any:
    """A value as both engines have it: JSON once it is read, numbers with a point as far as adding up in another order leaves them."""
    if name.endswith("_values"):
        return value and json.loads(value)
    return list(value) if isinstance(value, list | tuple) else value


def assert_equal(one: dict[int, Row], other: dict[int, Row]) -> None:
    assert one.keys() == other.keys()
    for household, row in one.items():
        assert row.keys() == other[household].keys()
        for name, value in row.items():
            here, there = plain(name, value), plain(name, other[household][name])
            if isinstance(here, float) and isinstance(there, float):
                assert math.isclose(here, there, rel_tol=1e-12, abs_tol=1e-12), (household, name)
            else:
                assert here == there, (household, name)


def laid_down(con: duckdb.DuckDBPyConnection, relations: list[str], folder: Path) -> dict[str, str]:
    """Tables of DuckDB as Parquet, as Spark reads them."""
    for relation in relations:
        con.execute(f"COPY (FROM {relation}) TO '{folder}/{relation}.parquet' (FORMAT parquet)")
    return {relation: SPARK.parquet(f"{folder}/{relation}.parquet") for relation in relations}


HOMES = st.lists(st.tuples(meaning.homes(), st.lists(meaning.rows("person"), max_size=4)), min_size=8, max_size=12)
EXPRESSION = st.one_of(meaning.HOUSEHOLD_BOOLEAN, meaning.FOLDED_NUMBER, meaning.PERSON_BOOLEAN.map("names({})".format))


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(homes=HOMES, texts=st.lists(EXPRESSION, min_size=20, max_size=40, unique=True))
def test_the_language_means_the_same(
    spark: Any, tmp_path_factory: pytest.TempPathFactory, homes: list[Any], texts: list[str]
) -> None:
    wanted: dict[str, Node] = {
        f"x{n}": meaning.PROGRAM.expression(text, HOUSEHOLD, Place("f", 1, "x")) for n, text in enumerate(texts)
    }
    relations = ["households", *RELATIONS.values()]
    with duckdb.connect() as con:
        for level, relation in {HOUSEHOLD: "households", **RELATIONS}.items():
            fields = [(name, field["type"]) for name, field in meaning.FIELDS.items() if field["level"] == level]
            columns = ", ".join(f"{name} {DUCKDB.types[kind]}" for name, kind in fields)
            con.execute(f"CREATE TABLE {relation} ({meaning.KEYS[level]}, {columns})")
        meaning.fill(con, homes)

        def compiled(dialect: Dialect, **named: str) -> str:
            return compile_households(meaning.PROGRAM, wanted, meaning.CONSTANTS, dialect=dialect, **named).sql

        files = laid_down(con, relations, tmp_path_factory.mktemp("language"))
        assert_equal(of_duckdb(con, compiled(DUCKDB)), of_spark(spark, compiled(SPARK, **files)))


def test_the_county_comes_out_the_same(spark: Any, tmp_path: Path) -> None:
    pack = load_pack("cn-county-2020")
    with duckdb.connect() as con:
        households, persons = make_county(con, tmp_path, 0.02)
        ours = of_duckdb(con, compile_pack(pack, AS_OF, households=households, persons=persons).sql)
        files = {name: SPARK.parquet(str(tmp_path / f"{name}.parquet")) for name in ("households", "persons")}
        files |= laid_down(con, ["items"], tmp_path)
        assert_equal(ours, of_spark(spark, compile_pack(pack, AS_OF, dialect=SPARK, **files).sql))


@pytest.mark.parametrize("name", pack_names())
def test_the_situations_of_every_pack_come_out_the_same(spark: Any, tmp_path: Path, name: str) -> None:
    pack = load_pack(name)
    groups: dict[Any, list[Situation]] = {}
    for situation in situations_of(pack):
        # By their text: the value of a code set is a list.
        groups.setdefault(repr((situation.as_of, sorted(situation.overrides.items()))), []).append(situation)
    assert groups
    for number, group in enumerate(groups.values()):
        as_of, overrides = group[0].as_of, group[0].overrides
        judge = HouseholdJudge(pack, as_of, dict(overrides))
        try:
            judge.rows([(situation.household, situation.members) for situation in group])
            ours = of_duckdb(judge.connection, "EXECUTE judge")
            folder = tmp_path / str(number)
            folder.mkdir()
            relations = ["households", *(RELATIONS[level] for level in judge.statement.reads if level != HOUSEHOLD)]
            files = laid_down(judge.connection, relations, folder)
        finally:
            judge.close()
        statement = compile_pack(pack, as_of, dict(overrides), dialect=SPARK, **files)
        assert_equal(ours, of_spark(spark, statement.sql))


EVERYTHING = """
pack: everything
title: {zh: 全部, en: everything}
country: cn
valid: {from: 2020-01-01, to: 2020-12-31}
sequence: []
parameters:
  points: {title: {zh: 分, en: points}, type: integer, values: {2020-01-01: 4}, source: x, verified: true}
  line: {title: {zh: 线, en: line}, type: integer, values: {2020-01-01: 4}, source: x, verified: true}
  all_: {title: {zh: 总, en: total}, type: integer, values: {2020-01-01: 8}, source: x, verified: true}
  share: {title: {zh: 比例, en: share}, type: decimal, values: {2020-01-01: 0.2}, source: x, verified: true}
  most: {title: {zh: 线, en: line}, type: decimal, values: {2020-01-01: 35}, source: x, verified: true}
households:
  children: count(years_between(birth_date, as_of) < 16)
hints:
  "big": {title: {zh: 大户, en: big}, when: count_members() > 5}
groups:
  "dry": {title: {zh: 缺水, en: dry}, when: "water_litres < 40 or not water_piped"}
proposals:
  aid:
    title: {zh: 建议, en: aid}
    assessed: "household_kind <> 'ordinary'"
    when: any(school_status = 'dropped_out')
    clue: "income_wage < 20000"
    grounds:
      left: {when: "any(school_status = 'dropped_out')", about: difficulty, zh: '{children} 名“孩子”', en: "{children} children's"}
      poor: {when: income_wage < 20000, about: income, zh: '收入 {income_wage}', en: 'income {income_wage}'}
    missing:
      wages: {when: not known(income_wage), fact: income_wage, supplied_by: village, zh: 缺收入, en: no wages}
scores:
  parts_of:
    title: {zh: 分, en: score}
    source: x
    total: all_
    limit: line
    parts:
      water: {title: {zh: 水, en: water}, when: not water_piped, weight: points}
      house: {title: {zh: 房, en: house}, when: "house_grade in ('C', 'D')", weight: points}
  of_value: {title: {zh: 值, en: value}, source: x, value: water_litres * 1.5, limit: most}
  of_quota: {title: {zh: 值, en: value}, source: x, value: water_litres, quota: share}
"""


def test_proposals_scores_hints_and_groups_come_out_the_same(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(EVERYTHING, "utf-8")
    pack = load_pack(tmp_path)
    with duckdb.connect() as con:
        households, persons = make_county(con, tmp_path, 0.01)
        ours = of_duckdb(con, compile_pack(pack, AS_OF, households=households, persons=persons).sql)
        files = {name: SPARK.parquet(str(tmp_path / f"{name}.parquet")) for name in ("households", "persons")}
        files |= laid_down(con, ["items"], tmp_path)
        theirs = of_spark(spark, compile_pack(pack, AS_OF, dialect=SPARK, **files).sql)
        assert {row["proposal_aid"] for row in ours.values()} == {"proposed", "clue", "none", "unknown", "not_assessed"}
        assert {row["score_parts_of"] for row in ours.values()} == {"poor", "not_poor", "unknown"}
        assert_equal(ours, theirs)


def test_files_are_judged_by_either_engine(tmp_path: Path) -> None:
    """Last, for it ends the session of this process."""
    (tmp_path / "pack.yaml").write_text(EVERYTHING, "utf-8")
    with duckdb.connect() as con:
        make_county(con, tmp_path, 0.005)
    files = {name: tmp_path / f"{name}.parquet" for name in ("households", "persons")}
    for pack in (load_pack("cn-county-2020"), load_pack(tmp_path)):
        ours, theirs = (
            judge_files(files, plain_mapping(), pack, AS_OF, into=tmp_path / engine, engine=engine, master="local[2]").result
            for engine in ("duckdb", "spark")
        )
        assert ours is not None
        assert theirs is not None
        assert theirs.engine == "spark"
        assert theirs.as_json() | {"engine": "", "seconds": 0} == ours.as_json() | {"engine": "", "seconds": 0}
        assert (tmp_path / "spark").exists()
