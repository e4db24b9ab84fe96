"""Screening: laws that every verdict obeys, bulk equal to one by one, the statement equal to the explanation."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangfu.foundation.problems import Problem
from bangfu.rules.schema import HOUSEHOLD, PERSON, Column
from bangfu.screening.bench import AS_OF, bench, make_county
from bangfu.screening.engine import HouseholdJudge, Verdict, compile_pack, findings_of, long_rows, screen, verdicts_of
from bangfu.screening.explain import HouseholdFacts, explain, outline
from bangfu.screening.pack import RESULTS, Pack, load_pack, register_schema
from bangfu.screening.reasons import say_reasons, say_value
from bangfu.screening.situations import situations_of


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("cn-county-2020")


@pytest.fixture(scope="module")
def judge(pack: Pack) -> Iterator[HouseholdJudge]:
    made = HouseholdJudge(pack, AS_OF)
    yield made
    made.close()


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[duckdb.DuckDBPyConnection, str, str]]:
    connection = duckdb.connect(":memory:", config={"threads": 2})
    households, persons = make_county(connection, tmp_path_factory.mktemp("county"), 0.02)
    yield connection, households, persons
    connection.close()


def records(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    answer = connection.execute(sql)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


# --- households at random, near the limits of the rules


def value_of(column: Column) -> st.SearchStrategy[Any]:
    schema = register_schema()
    match column.type.kind:
        case "boolean":
            made: st.SearchStrategy[Any] = st.booleans()
        case "code":
            made = st.sampled_from(sorted(schema.codes[column.type.codes]))
        case "codes":
            made = st.lists(st.sampled_from(sorted(schema.codes[column.type.codes])), max_size=2, unique=True)
        case "date":
            made = st.sampled_from(
                [
                    dt.date(2003, 8, 31),
                    dt.date(2003, 9, 1),
                    dt.date(2013, 8, 31),
                    dt.date(2013, 9, 1),
                    dt.date(2020, 1, 29),
                    dt.date(2008, 5, 5),
                ]
            )
        case "money":
            made = st.sampled_from([0, 1, 399999, 400000, 800000, 1200000])
        case "decimal":
            made = st.sampled_from([0.0, 34.9, 35.0, 90.0])
        case _:
            made = st.sampled_from([0, 30, 31, 36, 37, 100, 101, 1000, 1001])
    return st.none() | made


def rows(level: str, used: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    columns = register_schema().level(level)
    return st.fixed_dictionaries({name: value_of(columns[name]) for name in used})


_STATEMENT = compile_pack(load_pack("cn-county-2020"), AS_OF)
HOMES = rows(HOUSEHOLD, _STATEMENT.household_columns)
PEOPLE = st.lists(rows(PERSON, _STATEMENT.person_columns), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(homes=st.lists(st.tuples(HOMES, PEOPLE), min_size=1, max_size=8))
def test_laws_of_verdicts(pack: Pack, judge: HouseholdJudge, homes: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    cases = [(home, [{**person, "person": at} for at, person in enumerate(people, 1)]) for home, people in homes]
    for (home, people), verdicts in zip(cases, judge.judge_many(cases), strict=True):
        facts = HouseholdFacts(pack, AS_OF, home, people)
        for guarantee in pack.guarantees.values():
            verdict = verdicts[guarantee.name]
            # The explanation and the statement agree, and so do the reasons.
            assert verdict.result == facts.result(guarantee)
            listed = {"unmet": guarantee.unmet, "unknown": guarantee.missing}.get(verdict.result, ())
            assert list(verdict.reasons) == [reason.code for reason in listed if facts.value(reason.when) is True]
            # An unmet guarantee has a reason, an unknown one says what is missing, others say nothing.
            assert bool(verdict.reasons) == (verdict.result in ("unmet", "unknown"))
            if verdict.result in ("met", "not_assessed"):
                assert verdict.values == {}
            # Read as people do, every verdict says why, and with the values of the statement where that has them.
            told = facts.verdict(guarantee)
            assert told.result == verdict.result
            assert told.reasons
            assert not verdict.reasons or told.reasons == verdict.reasons
            said = say_reasons(pack, guarantee.name, told)
            assert not verdict.reasons or said == say_reasons(pack, guarantee.name, verdict)
            for reason in said:
                for lang in ("zh", "en"):
                    assert "{" not in reason.text.in_language(lang)
                    assert "不详" not in reason.text.zh
                assert (reason.do is not None) == (verdict.result == "unmet")
                assert bool(reason.fact and reason.supplied_by) == (verdict.result == "unknown")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(homes=st.lists(st.tuples(HOMES, PEOPLE), min_size=1, max_size=8))
def test_findings_are_what_the_explanation_says(
    pack: Pack, judge: HouseholdJudge, homes: list[tuple[dict[str, Any], list[dict[str, Any]]]]
) -> None:
    """Hints, groups and proposals of the statement are those of the reference evaluation, with grounds, risks and values."""
    cases = [(home, [{**person, "person": at} for at, person in enumerate(people, 1)]) for home, people in homes]
    for (home, people), row in zip(cases, judge.rows(cases), strict=True):
        facts = HouseholdFacts(pack, AS_OF, home, people)
        said, told = findings_of(row, pack, {}), facts.findings()
        assert [(f.sort, f.name, f.state, f.reasons, f.values.get("risks")) for f in said] == [
            (f.sort, f.name, f.state, f.reasons, f.values.get("risks")) for f in told
        ]
        for proposal in pack.proposals.values():
            assert str(row[f"proposal_{proposal.name}"]) == facts.proposal(proposal).state


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(home=HOMES, people=PEOPLE, data=st.data())
def test_learning_a_fact_never_turns_a_decided_verdict(
    pack: Pack, judge: HouseholdJudge, home: dict[str, Any], people: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Where a verdict does not hang on a blank by rule, filling a blank may decide it but not turn it (water, food, clothing)."""
    before = judge.judge(home, [{**person, "person": at} for at, person in enumerate(people)])
    blanks = [name for name, value in home.items() if value is None and name.startswith(("water", "food", "clothing", "bedding"))]
    if not blanks:
        return
    name = data.draw(st.sampled_from(blanks))
    value = data.draw(value_of(register_schema().columns[name]))
    after = judge.judge({**home, name: value}, [{**person, "person": at} for at, person in enumerate(people)])
    for guarantee in ("water", "food", "clothing"):
        assert before[guarantee].result in ("unknown", after[guarantee].result)


def test_bulk_equals_one_by_one(pack: Pack, judge: HouseholdJudge, county: tuple[duckdb.DuckDBPyConnection, str, str]) -> None:
    connection, households, persons = county
    screen(connection, pack, AS_OF, persons=persons, households=households, into="bulk")
    bulk = {row["household"]: row for row in records(connection, "SELECT * FROM bulk WHERE household < 120")}
    homes = records(connection, f"SELECT * FROM {households} WHERE household < 120")
    people = records(connection, f"SELECT * FROM {persons} WHERE household < 120")
    assert len(homes) == 120
    for home in homes:
        members = [person for person in people if person["household"] == home["household"]]
        assert judge.judge(home, members) == verdicts_of(bulk[home["household"]], tuple(pack.guarantees))


def test_the_order_of_rows_does_not_matter(pack: Pack, county: tuple[duckdb.DuckDBPyConnection, str, str]) -> None:
    connection, households, persons = county
    for into, order in (("one", "hash(person)"), ("two", "hash(person, 1)")):
        screen(connection, pack, AS_OF, persons=f"(SELECT * FROM {persons} ORDER BY {order})", households=households, into=into)
    assert connection.execute("SELECT count(*) FROM (SELECT * FROM one EXCEPT ALL SELECT * FROM two)").fetchone() == (0,)


def test_to_parquet_with_counts(pack: Pack, county: tuple[duckdb.DuckDBPyConnection, str, str], tmp_path: Path) -> None:
    connection, households, persons = county
    target = tmp_path / "it's verdicts.parquet"
    result = screen(connection, pack, AS_OF, persons=persons, households=households, into=target)
    document = json.loads(json.dumps(result.as_json()))
    assert set(document) == {
        "pack",
        "version",
        "as_of",
        "engine",
        "households",
        "persons",
        "seconds",
        "guarantees",
        "findings",
        "limits",
        "provisional",
    }
    assert document["households"] == 2524
    for counts in document["guarantees"].values():
        assert list(counts) == list(RESULTS)
        assert sum(counts.values()) == 2524
    assert document["guarantees"]["income"]["not_assessed"] > 1000
    schema = {
        row[0]: row[1]
        for row in connection.execute(
            f"DESCRIBE SELECT * FROM read_parquet('{str(target).replace(chr(39), chr(39) * 2)}')"
        ).fetchall()
    }
    assert list(schema)[:5] == ["household", "path", "income", "income_reasons", "income_values"]
    assert schema["income_reasons"] == "VARCHAR[]"


def test_long_rows(pack: Pack, county: tuple[duckdb.DuckDBPyConnection, str, str]) -> None:
    connection, households, persons = county
    result = screen(connection, pack, AS_OF, persons=persons, households=households, into="wide")
    sql = long_rows("wide", tuple(pack.guarantees))
    counted = connection.execute(f"SELECT guarantee, result, count(*) FROM ({sql}) GROUP BY ALL").fetchall()
    assert {(g, r): n for g, r, n in counted} == {(g, r): n for g, c in result.counts.items() for r, n in c.items() if n}


def test_a_higher_line_leaves_more_below(pack: Pack, county: tuple[duckdb.DuckDBPyConnection, str, str]) -> None:
    connection, households, persons = county
    below = [
        screen(connection, pack, AS_OF, persons=persons, households=households, overrides={"income_line": line}).counts["income"][
            "unmet"
        ]
        for line in (3000, 4000, "5000")
    ]
    assert below[0] < below[1] < below[2]


def test_missing_columns_are_named(pack: Pack) -> None:
    connection = duckdb.connect(":memory:")
    connection.execute(
        "CREATE TABLE persons (household BIGINT, person BIGINT); CREATE TABLE households (household BIGINT, path VARCHAR)"
    )
    with pytest.raises(Problem) as caught:
        screen(connection, pack, AS_OF)
    connection.close()
    assert caught.value.number == "BF-1506"
    assert "birth_date" in caught.value.values["columns"]


def test_the_bench_agrees_with_the_hand_written_form() -> None:
    document = bench(scale=0.01)
    assert set(document) == {"name", "scale", "seconds", "baseline", "ratio", "peak_mb", "detail"}
    assert document["detail"]["households"] == 1262
    counts = document["detail"]["guarantees"]
    assert all(counts[name]["met"] and counts[name]["unmet"] and counts[name]["unknown"] for name in counts)


# --- words


def test_reasons_in_words(pack: Pack) -> None:
    verdict = Verdict("unmet", ("below_line",), {"income_per_head": 399999, "income_line": 400000})
    (reason,) = say_reasons(pack, "income", verdict)
    assert reason.text.zh == "人均纯收入 3,999.99 元，低于 4,000 元"
    assert reason.text.en == "net income per head 3,999.99 yuan, below 4,000"


def test_names_come_from_the_caller(pack: Pack, judge: HouseholdJudge) -> None:
    child = {"birth_date": dt.date(2008, 1, 1), "finished_grade_nine": False, "school_status": "dropped_out"}
    verdict = judge.judge({}, [{**child, "person": 12}, {**child, "person": 5}])["schooling"]
    assert verdict.values["left_school"] == [5, 12]
    (reason,) = say_reasons(pack, "schooling", verdict, {5: "小红", 12: "小明"}.__getitem__)
    assert reason.text.zh == "2 名适龄儿童辍学：小红、小明"
    assert reason.text.en == "2 of school age left school: 小红, 小明"


def test_a_code_of_another_version_is_shown_as_it_is(pack: Pack) -> None:
    (reason,) = say_reasons(pack, "income", Verdict("unmet", ("of_old",), {}))
    assert reason.text.zh == "of_old"


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("income_wage", 123456789, "1,234,567.89", "1,234,567.89"),
        ("income_wage", -50, "-0.50", "-0.50"),
        ("income_to", dt.date(2019, 9, 30), "2019年9月30日", "2019-09-30"),
        ("water_piped", True, "是", "yes"),
        ("water_litres", 34.9, "34.9", "34.9"),
        ("water_litres", 35.0, "35", "35"),
        ("house_grade", "C", "C", "C"),
        ("water_piped", None, "不详", "not known"),
    ],
)
def test_values_in_words(name: str, value: Any, zh: str, en: str) -> None:
    kind = register_schema().columns[name].type
    assert (say_value(value, kind, "zh"), say_value(value, kind, "en")) == (zh, en)


def test_income_is_rounded_down_so_that_it_never_reaches_the_line(judge: HouseholdJudge) -> None:
    home = {"household_kind": "registered", "income_to": dt.date(2019, 9, 30), "income_wage": 1199999}
    verdict = judge.judge(home, [{"person": at} for at in range(3)])["income"]
    assert (verdict.result, verdict.values["income_per_head"]) == ("unmet", 399999)


# --- explanations


def test_an_explanation_leads_to_the_facts(pack: Pack) -> None:
    situation = next(s for s in situations_of(pack) if s.name.en == "a twelve-year-old who left school")
    found = {e.guarantee: e for e in explain(pack, situation.as_of, situation.household, situation.members)}
    schooling = found["schooling"]
    assert schooling.result == "unmet"
    assert set(schooling.reasons) == {"dropped_out"}
    lines = "\n".join(outline(schooling, "en", {1: "Xiaoming"}.__getitem__))
    assert "birth_date = 2007-09-01" in lines
    assert "school_status = dropped_out" in lines
    assert "school_age_to = 15" in lines
    assert "[Xiaoming]" in lines
    json.dumps([e.as_json() for e in found.values()])


def test_an_explanation_shows_only_the_members_who_matter(pack: Pack) -> None:
    people = [
        {"person": 1, "birth_date": dt.date(1980, 1, 1), "resident_medical": True},
        {"person": 2, "birth_date": dt.date(1981, 1, 1), "resident_medical": False, "employee_medical": False},
    ]
    medical = next(e for e in explain(pack, AS_OF, {}, people) if e.guarantee == "medical")
    lines = "\n".join(outline(medical))
    assert "[2]" in lines
    assert "[1]" not in lines
