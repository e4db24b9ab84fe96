"""What the rule language accepts and refuses, each refusal with its number, place and remedy."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bangfu.foundation.problems import Problem
from bangfu.rules.check import Program, check_program
from bangfu.rules.expressions import FUNCTIONS, LONGEST, parse
from bangfu.rules.schema import BOOLEAN, DECIMAL, INTEGER, MONEY, Type, internal, schema_of
from bangfu.rules.source import Place, read_yaml

FIELDS: dict[str, dict[str, Any]] = {
    "kind": {"level": "household", "at": "a.kind", "type": "code", "codes": "kind"},
    "wage": {"level": "household", "at": "a.wage", "type": "money"},
    "mu": {"level": "household", "at": "a.mu", "type": "decimal"},
    "rooms": {"level": "household", "at": "a.rooms", "type": "integer"},
    "piped": {"level": "household", "at": "a.piped", "type": "boolean"},
    "since": {"level": "household", "at": "a.since", "type": "month"},
    "village": {"level": "household", "type": "text"},
    "birth": {"level": "person", "at": "p.birth", "type": "date"},
    "sick": {"level": "person", "at": "p.sick", "type": "boolean"},
    "months": {"level": "person", "at": "p.months", "type": "integer"},
    "health": {"level": "person", "at": "p.health", "type": "codes", "codes": "health"},
    "identity": {"level": "person", "at": "p.identity", "type": "identity", "personal": "identity"},
    "name": {"level": "person", "at": "p.name", "type": "text", "personal": "name"},
}
CODES = {"kind": {"poor": {}, "other": {}}, "health": {"well": {}, "ill": {}}}
PLACE = Place("facts.yaml", 7, "fact")


def program(persons: dict[str, str] | None = None, households: dict[str, str] | None = None, **parameters: Type) -> Program:
    def placed(facts: dict[str, str] | None) -> dict[str, tuple[str, Place]]:
        return {name: (text, Place("facts.yaml", line, name)) for line, (name, text) in enumerate((facts or {}).items(), 1)}

    return check_program(schema_of(FIELDS, CODES), parameters, placed(persons), placed(households))


def refusal(text: str, level: str = "household", **parameters: Type) -> Problem:
    with pytest.raises(Problem) as caught:
        program(**parameters).expression(text, level, PLACE)
    problem = caught.value
    assert problem.values["file"] == "facts.yaml"
    assert problem.values["line"] == 7
    for text_ in (problem.cause, problem.remedy):
        assert text_.zh
        assert text_.en
    return problem


@pytest.mark.parametrize(
    "text",
    [
        "(select 1)",
        "exists (select 1)",
        "rooms in (select 1)",
        "read_csv('x')",
        "wage::integer",
        "try_cast(wage as integer)",
        "piped is null",
        "piped is not null",
        "null",
        "coalesce(rooms, 1)",
        "sum(months) over ()",
        "count(*)",
        "count(distinct sick)",
        "kind || 'x'",
        "kind like 'p%'",
        "a.rooms",
        '"rooms"',
        "rooms[1]",
        "current_date",
        "case kind when 'poor' then 1 else 2 end",
        "case when piped then 1 end",
        "rooms % 2",
        "{'a': 1}",
        "lambda x: x",
        "?",
        "$1",
        "1e400",
        "date '2020-13-01'",
        "interval 1 day",
        "Rooms",
        "last_date(2, 30, as_of)",
        "last_date(rooms, 1, as_of)",
        "count(all sick)",
        "rooms = any (select 1)",
        "rooms -- more",
        "rooms /* more */ > 1",
        "$$x$$ = kind",
        "last_date(8, 31, since)",
    ],
)
def test_what_does_more_than_judge_is_forbidden(text: str) -> None:
    assert refusal(text).number in ("BF-1401", "BF-1407", "BF-1408")


@pytest.mark.parametrize("text", ["", "1 2", "piped and", "piped; drop table persons", "(" * 3000, "1 +" * LONGEST])
def test_what_is_no_expression(text: str) -> None:
    assert refusal(text).number == "BF-1401"


@pytest.mark.parametrize("text", ["getenv('x')", "least(rooms)", "known()", "upper(kind)", "age(birth)"])
def test_unknown_functions(text: str) -> None:
    problem = refusal(text)
    assert problem.number in ("BF-1407", "BF-1408")
    if problem.number == "BF-1408":
        assert all(name in problem.remedy.en for name in FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "level", "number"),
    [
        ("room > 2", "household", "BF-1402"),
        ("village = 'x'", "household", "BF-1402"),
        ("identity = 'x'", "person", "BF-1410"),
        ("name = 'x'", "person", "BF-1410"),
        ("kind = 'rich'", "household", "BF-1406"),
        ("kind in ('poor', 'rich')", "household", "BF-1406"),
        ("has(health, 'dead')", "person", "BF-1406"),
        ("sick", "household", "BF-1404"),
        ("piped and sick", "household", "BF-1404"),
        ("piped", "person", "BF-1404"),
        ("any(piped)", "household", "BF-1404"),
        ("any(sick)", "person", "BF-1404"),
        ("any(count(sick) > 1)", "household", "BF-1404"),
        ("rooms and piped", "household", "BF-1403"),
        ("not rooms", "household", "BF-1403"),
        ("piped > 1", "household", "BF-1403"),
        ("kind = 1", "household", "BF-1403"),
        ("kind < 'poor'", "household", "BF-1403"),
        ("piped + 1", "household", "BF-1403"),
        ("wage * wage", "household", "BF-1403"),
        ("rooms / wage", "household", "BF-1403"),
        ("wage = since", "household", "BF-1403"),
        ("since + 1.5", "household", "BF-1403"),
        ("health = 'ill'", "person", "BF-1403"),
        ("has(sick, 'ill')", "person", "BF-1403"),
        ("years_between(months, as_of)", "person", "BF-1403"),
        ("any(months)", "household", "BF-1403"),
        ("sum(sick)", "household", "BF-1403"),
        ("sum(birth)", "household", "BF-1403"),
        ("max(months) filter (where months)", "household", "BF-1403"),
        ("if_unknown(rooms, true)", "household", "BF-1403"),
        ("case when piped then 1 else true end", "household", "BF-1403"),
        ("known(unknown)", "household", "BF-1403"),
        ("unknown = unknown", "household", "BF-1403"),
        ("names(sick) = 1", "household", "BF-1403"),
    ],
)
def test_names_levels_and_types(text: str, level: str, number: str) -> None:
    assert refusal(text, level).number == number


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_listed_function_is_read_as_itself(name: str) -> None:
    """sqlglot knows some names as its own functions; they must come through as ours, with their arguments in order."""
    count = FUNCTIONS[name][0]
    arguments = [f"a{at}" for at in range(count)]
    node = parse(f"{name}({', '.join(arguments)})", PLACE)
    assert (node.op, [arg.value for arg in node.args]) == (name, arguments)


@pytest.mark.parametrize("text", ["coalesce(rooms, 1)", "rooms is null", "null"])
def test_who_writes_a_blank_is_shown_the_way(text: str) -> None:
    assert "if_unknown" in refusal(text).remedy.en


def test_a_near_name_is_offered() -> None:
    assert "rooms" in refusal("room > 2").remedy.en


@pytest.mark.parametrize(
    ("text", "level", "kind"),
    [
        ("wage / rooms", "household", MONEY),
        ("wage * 2", "household", MONEY),
        ("wage / wage", "household", DECIMAL),
        ("wage + 3", "household", MONEY),
        ("rooms + 1", "household", INTEGER),
        ("rooms + mu", "household", DECIMAL),
        ("rooms / 2", "household", DECIMAL),
        ("count(sick)", "household", INTEGER),
        ("max(birth)", "household", Type("date")),
        ("since + 30", "household", Type("date")),
        ("case when piped then kind else 'other' end", "household", Type("code", "kind")),
        ("case when piped then unknown else true end", "household", BOOLEAN),
        ("years_between(birth, as_of)", "person", INTEGER),
        ("all(not sick or months > 3)", "household", BOOLEAN),
    ],
)
def test_types_of_what_is_right(text: str, level: str, kind: Type) -> None:
    assert program().expression(text, level, PLACE).type == kind


def test_a_circle_is_named() -> None:
    with pytest.raises(Problem) as caught:
        program(households={"a1": "b1 > 1", "b1": "case when c1 then 1 else 2 end", "c1": "not a1"})
    assert caught.value.number == "BF-1405"
    assert "→" in caught.value.values["path"]


def test_facts_may_be_written_in_any_order() -> None:
    made = program(households={"late": "early > 2", "early": "rooms + 1"})
    assert made.definitions["late"].node.type == BOOLEAN


@pytest.mark.parametrize("name", ["rooms", "identity", "as_of", "any", "line", "Big", "x-y", "household", "unknown"])
def test_taken_and_improper_names(name: str) -> None:
    with pytest.raises(Problem) as caught:
        program(households={name: "rooms > 1"}, line=MONEY)
    assert caught.value.number == "BF-1411"


def test_a_fact_of_a_person_and_of_a_household_differ_in_name() -> None:
    with pytest.raises(Problem) as caught:
        program(persons={"both": "sick"}, households={"both": "piped"})
    assert caught.value.number == "BF-1411"


def test_parameters_used_are_found_through_facts() -> None:
    made = program(
        persons={"old": "months > least_months"}, households={"some_old": "any(old)"}, least_months=INTEGER, spare=INTEGER
    )
    assert made.parameters_used([made.expression("some_old and piped", "household", PLACE)]) == {"least_months"}


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        (12.34, "money", 1234),
        (0.1, "money", 10),
        (4000, "money", 400000),
        ("2020-04-10", "date", dt.date(2020, 4, 10)),
        (3, "decimal", 3.0),
        (None, "money", None),
        (["ill"], "codes", ["ill"]),
    ],
)
def test_values_as_people_write_them(value: Any, kind: str, wanted: Any) -> None:
    assert internal(value, Type(kind)) == wanted


@pytest.mark.parametrize(
    ("value", "kind"), [(True, "integer"), (1, "boolean"), ("x", "money"), (0.001, "money"), ("ja", "date"), (3, "code")]
)
def test_values_of_the_wrong_type(value: Any, kind: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        internal(value, Type(kind))


def test_a_field_with_an_unknown_code_list_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        schema_of({"x": {"level": "person", "at": "p.x", "type": "code", "codes": "nothing"}}, {})


@pytest.mark.parametrize(
    ("content", "line"),
    [("a: 1\nb: 2\na: 3\n", 3), ("a: [1\n", 2), ("a: !!python/object:os.system x\n", 1), ("a: {b: 2020-01-01 10:00:00}\n", 1)],
)
def test_bad_yaml_says_where(content: str, line: int) -> None:
    with pytest.raises(Problem) as caught:
        read_yaml(content, "p.yaml")
    assert (caught.value.number, caught.value.values["line"]) == ("BF-1412", line)


def test_lines_of_keys() -> None:
    source = read_yaml("persons:\n  a: x\n\n  b: >\n    y\n    z\nlist:\n  - one\n  - two\n", "p.yaml")
    assert source.place("persons", "b") == Place("p.yaml", 4, "b")
    assert source.place("list", 1).line == 9
    assert source.place("persons", "b", "deeper").line == 4


@pytest.mark.parametrize(
    "text", ["if_unknown(piped, all(sick))", "known(all(sick))", "case when all(sick) then all(sick) else any(sick) end"]
)
def test_a_fold_within_a_call_stays_a_fold(text: str) -> None:
    """sqlglot drops a quantifier within a call; here a fold must never be lost."""
    node = program().expression(text, "household", PLACE)
    assert sum(part.op in ("all", "any") for part in node.walk()) == text.count("all(") + text.count("any(")


def test_text_of_a_node_is_what_was_written() -> None:
    node = parse("not all(months >= 3) and kind IN ('poor', 'other')", PLACE)
    assert node.text == "not all(months >= 3) and kind in ('poor', 'other')"
