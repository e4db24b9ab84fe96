"""The meaning of rules: strong Kleene logic, and the compiled statement equal to the reference evaluation."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangfu.rules.check import Program, check_program
from bangfu.rules.compile import bind, compile_households
from bangfu.rules.evaluate import evaluate, kleene_all, kleene_any, last_date, months_between, person_lookup, years_between
from bangfu.rules.schema import BOOLEAN, DUCKDB_TYPES, HOUSEHOLD, INTEGER, ITEM, LAND, PERSON, RELATIONS, Type, schema_of
from bangfu.rules.source import Place

FIELDS: dict[str, dict[str, Any]] = {
    "flag": {"level": "household", "at": "h.x", "type": "boolean"},
    "sure": {"level": "household", "at": "h.x", "type": "boolean"},
    "rooms": {"level": "household", "at": "h.x", "type": "integer"},
    "mu": {"level": "household", "at": "h.x", "type": "decimal"},
    "wage": {"level": "household", "at": "h.x", "type": "money"},
    "kind": {"level": "household", "at": "h.x", "type": "code", "codes": "kind"},
    "since": {"level": "household", "at": "h.x", "type": "date"},
    "sick": {"level": "person", "at": "p.x", "type": "boolean"},
    "works": {"level": "person", "at": "p.x", "type": "boolean"},
    "months": {"level": "person", "at": "p.x", "type": "integer"},
    "pay": {"level": "person", "at": "p.x", "type": "money"},
    "birth": {"level": "person", "at": "p.x", "type": "date"},
    "state": {"level": "person", "at": "p.x", "type": "code", "codes": "state"},
    "health": {"level": "person", "at": "p.x", "type": "codes", "codes": "health"},
    "item": {"level": "item", "at": "i.x", "type": "code", "codes": "item"},
    "amount": {"level": "item", "at": "i.x", "type": "money"},
    "plot": {"level": "land", "at": "l.x", "type": "code", "codes": "plot"},
    "plot_mu": {"level": "land", "at": "l.x", "type": "decimal"},
}
CODES = {
    "kind": {"poor": {}, "other": {}},
    "state": {"in": {}, "out": {}, "gone": {}},
    "health": {"well": {}, "ill": {}, "weak": {}},
    "item": {"wage": {}, "rent": {}, "cost": {}},
    "plot": {"field": {}, "wood": {}},
}
AS_OF = dt.date(2020, 4, 28)
CONSTANTS = {"as_of": AS_OF, "limit_": 3, "strict": True, "earned": ["wage", "rent"], "weakly": ["ill", "weak"]}
PERSON_FACTS = {
    "ill_or_idle": "sick or not works",
    "age": "years_between(birth, as_of)",
    "grown": "age >= 16 and age <= 59",
    "busy": "grown and works and months > limit_",
}
ITEM_FACTS = {"counted": "item in earned", "cost_": "item = 'cost'"}
LAND_FACTS = {"tilled": "plot = 'field' and plot_mu > 0.4"}
HOUSEHOLD_FACTS = {
    "net": "sum(amount) filter (where counted) - sum(amount) filter (where cost_)",
    "fields": "sum(plot_mu) filter (where tilled)",
    "members": "count_members()",
    "anybody_busy": "any(busy)",
    "per_head": "wage / members",
    "settled": "if_unknown(flag, false) or anybody_busy",
}


def _program() -> Program:
    def placed(facts: dict[str, str]) -> dict[str, tuple[str, Place]]:
        return {name: (text, Place("f", 1, name)) for name, text in facts.items()}

    parameters = {"limit_": INTEGER, "strict": BOOLEAN, "earned": Type("codes", "item"), "weakly": Type("codes", "health")}
    facts = map(placed, (PERSON_FACTS, HOUSEHOLD_FACTS, ITEM_FACTS, LAND_FACTS))
    return check_program(schema_of(FIELDS, CODES), parameters, *facts)


PROGRAM = _program()
DATES = st.sampled_from(
    [dt.date(2020, 4, 28), dt.date(2019, 4, 29), dt.date(2004, 2, 29), dt.date(1960, 12, 31), dt.date(2021, 1, 1)]
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-3, 8),
    "decimal": st.sampled_from([0.0, 0.5, 2.25, -1.0, 7.0]),
    "money": st.sampled_from([0, 1, 99, 300, 400000, -250]),
    "date": DATES,
    "codes": st.lists(st.sampled_from(["well", "ill", "weak"]), max_size=2),
}


def value_of(name: str) -> st.SearchStrategy[Any]:
    field = FIELDS[name]
    strategy = st.sampled_from(sorted(CODES[field["codes"]])) if field["type"] == "code" else VALUES[field["type"]]
    return st.none() | strategy


def rows(level: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: value_of(name) for name, field in FIELDS.items() if field["level"] == level})


def joined(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda chosen: pattern.format(*chosen))


PERSON_NUMBER = st.sampled_from(
    ["months", "2", "limit_", "months + 1", "-months", "age", "days_between(birth, as_of)", "year_of(birth)"]
)
PERSON_PLAIN = st.one_of(
    st.sampled_from(
        [
            "sick",
            "works",
            "busy",
            "ill_or_idle",
            "state = 'in'",
            "state <> 'out'",
            "state in ('in', 'gone')",
            "has(health, 'ill')",
            "has_any(health, weakly)",
            "true",
        ]
    ),
    st.sampled_from(
        [
            "known(sick)",
            "if_unknown(works, false)",
            "pay > 2.5",
            "birth < date '2004-03-01'",
            "months_between(birth, as_of) > 190",
        ]
    ),
    joined("{} {} {}", PERSON_NUMBER, st.sampled_from(["<", "<=", "=", "<>", ">"]), PERSON_NUMBER),
    joined("months between {} and {}", PERSON_NUMBER, PERSON_NUMBER),
    joined("least(months, {}) > {}", PERSON_NUMBER, PERSON_NUMBER),
)


def logic(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        joined("({} and {})", inner, inner),
        joined("({} or {})", inner, inner),
        joined("not ({})", inner),
        joined("case when {} then {} else {} end", inner, inner, inner),
        joined("if_unknown({}, {})", inner, inner),
        joined("known({})", inner),
    )


PERSON_BOOLEAN = st.recursive(PERSON_PLAIN, logic, max_leaves=4)
FOLDED_NUMBER = st.one_of(
    joined("count({})", PERSON_BOOLEAN),
    joined("sum(months) filter (where {})", PERSON_BOOLEAN),
    joined("max(months) filter (where {})", PERSON_BOOLEAN),
    st.sampled_from(
        ["sum(months)", "max(months)", "min(months)", "count_members()", "members", "rooms", "rooms - 2", "greatest(rooms, 3)"]
    ),
    st.sampled_from(["count(counted)", "count(tilled or plot = 'wood')", "fields", "max(plot_mu) filter (where plot = 'wood')"]),
)
HOUSEHOLD_PLAIN = st.one_of(
    joined("any({})", PERSON_BOOLEAN),
    joined("all({})", PERSON_BOOLEAN),
    joined("{} {} {}", FOLDED_NUMBER, st.sampled_from(["<", "=", ">="]), FOLDED_NUMBER),
    st.sampled_from(
        [
            "flag",
            "sure",
            "strict",
            "settled",
            "anybody_busy",
            "kind = 'poor'",
            "wage >= 4000",
            "per_head >= 1",
            "wage / rooms > 1",
            "sum(pay) > 3",
            "mu * 2 > rooms",
            "since > last_date(8, 31, as_of)",
            "max(birth) > since",
            "since + rooms <= as_of",
            "case when flag then unknown else sure end",
            "net > 2.5",
            "net / members < fields",
            "any(amount < 0 or cost_)",
            "all(tilled)",
        ]
    ),
)
HOUSEHOLD_BOOLEAN = st.recursive(HOUSEHOLD_PLAIN, logic, max_leaves=5)


KEYS = {
    HOUSEHOLD: "household BIGINT, path VARCHAR",
    PERSON: "household BIGINT, person BIGINT",
    ITEM: "household BIGINT",
    LAND: "household BIGINT",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect(":memory:", config={"threads": 2})
    for level, relation in {HOUSEHOLD: "households", **RELATIONS}.items():
        columns = ", ".join(f"{name} {DUCKDB_TYPES[field['type']]}" for name, field in FIELDS.items() if field["level"] == level)
        made.execute(f"CREATE TABLE {relation} ({KEYS[level]}, {columns})")
    yield made
    made.close()


def fill(connection: duckdb.DuckDBPyConnection, county: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    """Put a county in: households, each with its `items` and `land` among its own values, and its members."""
    connection.execute("; ".join(f"DELETE FROM {relation}" for relation in ("households", *RELATIONS.values())))
    for number, (home, people) in enumerate(county):
        own = {key: value for key, value in home.items() if key not in ("items", "land")}
        put(connection, "households", {"household": number, "path": "cn/", **own})
        for relation in ("items", "land"):
            for row in home.get(relation, ()):
                put(connection, relation, {"household": number, **row})
        for at, person in enumerate(people):
            put(connection, "persons", {"household": number, "person": 100 - at, **person})


def put(connection: duckdb.DuckDBPyConnection, relation: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {relation} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def reference(node: Any, home: dict[str, Any], people: list[dict[str, Any]]) -> Any:
    """The evaluation of an expression for a household, facts included, straight from the definitions."""

    def shared(name: str) -> Any:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in HOUSEHOLD_FACTS:
            return evaluate(PROGRAM.definitions[name].node, shared, rows_)
        return home[name]

    def lookup(level: str, facts: dict[str, str], values: dict[str, Any]) -> Any:
        plain = person_lookup(values, shared, frozenset([*PROGRAM.schema.level(level), *facts]))
        return lambda name: (
            evaluate(PROGRAM.definitions[name].node, lookup(level, facts, values)) if name in facts else plain(name)
        )

    rows_ = {
        PERSON: [(100 - at, lookup(PERSON, PERSON_FACTS, person)) for at, person in enumerate(people)],
        ITEM: [(at, lookup(ITEM, ITEM_FACTS, row)) for at, row in enumerate(home.get("items", ()))],
        LAND: [(at, lookup(LAND, LAND_FACTS, row)) for at, row in enumerate(home.get("land", ()))],
    }
    return evaluate(node, shared, rows_)


def homes() -> st.SearchStrategy[dict[str, Any]]:
    """Households with income items and land of their own."""
    more = {"items": st.lists(rows(ITEM), max_size=3), "land": st.lists(rows(LAND), max_size=3)}
    return st.tuples(rows(HOUSEHOLD), st.fixed_dictionaries(more)).map(lambda parts: {**parts[0], **parts[1]})


COUNTY = st.lists(st.tuples(homes(), st.lists(rows("person"), max_size=4)), min_size=1, max_size=4)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(texts=st.lists(HOUSEHOLD_BOOLEAN, min_size=1, max_size=4), listed=PERSON_BOOLEAN, county=COUNTY)
def test_the_statement_means_what_the_evaluation_means(
    connection: duckdb.DuckDBPyConnection,
    texts: list[str],
    listed: str,
    county: list[tuple[dict[str, Any], list[dict[str, Any]]]],
) -> None:
    place = Place("f", 1, "x")
    wanted = {f"o{at}": PROGRAM.expression(text, "household", place, BOOLEAN) for at, text in enumerate(texts)}
    wanted["who"] = PROGRAM.expression(f"names({listed})", "household", place)
    fill(connection, county)
    compiled = compile_households(PROGRAM, wanted, CONSTANTS)
    answer = connection.execute(compiled.sql).fetchall()
    assert len(answer) == len(county)
    for row in answer:
        home, people = county[row[0]]
        assert list(row[2:]) == [reference(node, home, people) for node in wanted.values()]


@settings(max_examples=150, deadline=None)
@given(text=HOUSEHOLD_BOOLEAN, home=homes(), people=st.lists(rows("person"), max_size=3))
def test_folding_constants_changes_no_value(text: str, home: dict[str, Any], people: list[dict[str, Any]]) -> None:
    node = PROGRAM.expression(text, "household", Place("f", 1, "x"), BOOLEAN)
    assert reference(bind(node, CONSTANTS), home, people) == reference(node, home, people)


@settings(max_examples=100, deadline=None)
@given(text=PERSON_BOOLEAN, people=st.lists(rows("person"), max_size=4), home=homes())
def test_any_and_all_are_dual(text: str, people: list[dict[str, Any]], home: dict[str, Any]) -> None:
    place = Place("f", 1, "x")
    one = reference(PROGRAM.expression(f"any({text})", "household", place), home, people)
    other = reference(PROGRAM.expression(f"not all(not ({text}))", "household", place), home, people)
    assert one is other


@pytest.mark.parametrize("values", list(itertools.product([True, False, None], repeat=3)))
def test_strong_kleene(values: tuple[bool | None, ...]) -> None:
    """A fold is decided exactly when every way to fill the blanks gives the same answer."""
    filled = list(itertools.product(*([True, False] if value is None else [value] for value in values)))
    for fold, plain in ((kleene_any, any), (kleene_all, all)):
        answers = {plain(way) for way in filled}
        assert fold(values) is (answers.pop() if len(answers) == 1 else None)


@settings(max_examples=200, deadline=None)
@given(start=st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1)), end=st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1)))
def test_ages(start: dt.date, end: dt.date) -> None:
    years = years_between(start, end)
    birthday = (start.month, start.day)
    assert (end.year - years, end.month, end.day) >= (start.year, *birthday)
    assert (end.year - years - 1, end.month, end.day) < (start.year, *birthday)
    assert months_between(start, end) // 12 == years


def test_a_birthday_on_29_february_is_kept_on_1_march() -> None:
    assert years_between(dt.date(2004, 2, 29), dt.date(2010, 2, 28)) == 5
    assert years_between(dt.date(2004, 2, 29), dt.date(2010, 3, 1)) == 6


def test_the_last_date_lies_before_the_day() -> None:
    assert last_date(8, 31, dt.date(2020, 9, 1)) == dt.date(2020, 8, 31)
    assert last_date(8, 31, dt.date(2020, 8, 31)) == dt.date(2019, 8, 31)


def test_money_is_compared_in_whole_fen(connection: duckdb.DuckDBPyConnection) -> None:
    """4,000 yuan a head exactly is on the line; one fen of the household's less is below, whatever the number of heads."""
    county = []
    for heads in range(1, 10):
        for short in (0, 1):
            home = dict.fromkeys((name for name, field in FIELDS.items() if field["level"] == "household"), None)
            people: list[dict[str, Any]] = [dict.fromkeys((n for n, f in FIELDS.items() if f["level"] == "person"), None)] * heads
            county.append(({**home, "wage": 400000 * heads - short}, people))
    fill(connection, county)
    compiled = compile_households(PROGRAM, {"met": PROGRAM.expression("per_head >= 4000", "household", Place("f", 1))}, CONSTANTS)
    answer = sorted(connection.execute(compiled.sql).fetchall())
    assert [row[2] for row in answer] == [True, False] * 9


def test_only_the_columns_used_are_read() -> None:
    compiled = compile_households(PROGRAM, {"x": PROGRAM.expression("any(busy) and flag", "household", Place("f", 1))}, CONSTANTS)
    assert set(compiled.person_columns) == {"birth", "works", "months"}
    assert compiled.household_columns == ("flag",)


def test_many_folds_need_more_than_one_word(connection: duckdb.DuckDBPyConnection) -> None:
    """Seventy conditions do not fit one word of flags; each keeps its own answer."""
    person = dict.fromkeys((name for name, field in FIELDS.items() if field["level"] == "person"), None)
    home = dict.fromkeys((name for name, field in FIELDS.items() if field["level"] == "household"), None)
    fill(connection, [(home, [{**person, "months": 35}, {**person, "months": 50}])])
    wanted = {f"o{at}": PROGRAM.expression(f"any(months = {at})", "household", Place("f", 1)) for at in range(70)}
    wanted["who"] = PROGRAM.expression("names(months = 50)", "household", Place("f", 1))
    row = connection.execute(compile_households(PROGRAM, wanted, CONSTANTS).sql).fetchone()
    assert row is not None
    assert [at for at in range(70) if row[2 + at]] == [35, 50]
    assert row[-1] == [99]


def test_persons_of_no_household_are_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    person = dict.fromkeys((name for name, field in FIELDS.items() if field["level"] == "person"), None)
    home = dict.fromkeys((name for name, field in FIELDS.items() if field["level"] == "household"), None)
    fill(connection, [(home, [person])])
    connection.execute(f"INSERT INTO persons VALUES (77, 1{', NULL' * len(person)})")
    compiled = compile_households(PROGRAM, {"n": PROGRAM.expression("members", "household", Place("f", 1))}, CONSTANTS)
    assert connection.execute(compiled.sql).fetchall() == [(0, "cn/", 1)]
