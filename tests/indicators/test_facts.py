"""Figures: one definition each, equal to what plain SQL counts in PostgreSQL, compared with what a file expects."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from tests.committed import run_bangfu
from tests.register.asking import ask, one

from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.indicators import engine
from bangfu.indicators.actions import refresh_figures
from bangfu.indicators.catalogue import catalogue, read
from bangfu.indicators.engine import Expected, compute, open_lake, read_expected
from bangfu.indicators.models import Figure
from bangfu.lake.actions import refresh
from bangfu.screening.actions import screen_county
from bangfu.screening.present import require_pack

TODAY = date(2020, 4, 28)
MEMBERS = "register_membership m WHERE m.sort = 'farming' AND m.valid @> %s::date"
PLAIN = {
    "households": f"SELECT count(DISTINCT m.household_id) FROM {MEMBERS}",
    "persons": f"SELECT count(*) FROM {MEMBERS}",
    "registered_households": "SELECT count(*) FROM register_registration WHERE valid @> %s::date",
    "registered_persons": f"SELECT count(*) FROM {MEMBERS} AND EXISTS (SELECT 1 FROM register_registration r WHERE r.household_id = m.household_id AND r.valid @> %s::date)",
    "monitored_households": "SELECT count(*) FROM register_kind WHERE kind = 'monitored' AND valid @> %s::date",
    "registered_poor_persons_exited": f"SELECT count(*) FROM {MEMBERS} AND EXISTS (SELECT 1 FROM register_registration r "
    "WHERE r.household_id = m.household_id AND r.valid @> %s::date AND r.exited_on <= %s::date)",
    "registered_poor_persons_remaining": f"SELECT count(*) FROM {MEMBERS} AND EXISTS (SELECT 1 FROM register_registration r "
    "WHERE r.household_id = m.household_id AND r.valid @> %s::date AND (r.exited_on IS NULL OR r.exited_on > %s::date))",
    "households_of_kind.ordinary": "SELECT count(*) FROM register_kind WHERE kind = 'ordinary' AND valid @> %s::date",
    "persons_of_kind.registered": f"SELECT count(*) FROM {MEMBERS} AND EXISTS (SELECT 1 FROM register_kind k "
    "WHERE k.household_id = m.household_id AND k.valid @> %s::date AND k.kind = 'registered')",
    "poor_villages": "SELECT count(*) FROM areas_areamark WHERE mark = 'poor_village' AND valid @> %s::date",
    "verdict.housing.unmet": "SELECT count(*) FROM screening_verdict WHERE guarantee = 'housing' AND result = 'unmet'",
    "verdict_of_kind.monitored.income.met": "SELECT count(*) FROM screening_verdict v JOIN register_kind k ON k.household_id = v.household_id AND k.valid @> %s::date "
    "WHERE k.kind = 'monitored' AND guarantee = 'income' AND result = 'met'",
    "households_unmet": "SELECT count(DISTINCT household_id) FROM screening_verdict WHERE result = 'unmet'",
    "households_unknown": "SELECT count(DISTINCT household_id) FROM screening_verdict WHERE result = 'unknown'",
}


# --- the catalogue


def test_every_figure_says_what_it_is_in_both_languages() -> None:
    assert len(catalogue()) >= 10
    for key, indicator in catalogue().items():
        assert indicator.key == key
        assert indicator.name.zh
        assert indicator.name.en
        assert indicator.unit
        assert indicator.says
        assert (indicator.sql is None) != (indicator.ratio is None)
        for part in indicator.ratio or ():
            assert part.split(".")[0] in catalogue()


def test_a_figure_has_one_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "other"):
        (tmp_path / f"{name}.yaml").write_text("twice: {name: {zh: 甲, en: a}, unit: x, says: s, sql: SELECT 1}\n")
    catalogue.cache_clear()
    monkeypatch.setattr("bangfu.indicators.catalogue.files", lambda _: [(n, tmp_path / f"{n}.yaml") for n in ("one", "other")])
    with pytest.raises(Problem) as caught:
        catalogue()
    assert caught.value.number == "BF-1702"
    assert "twice" in str(caught.value)
    monkeypatch.undo()
    catalogue.cache_clear()


@pytest.mark.parametrize(
    "definition",
    [
        "{name: a, unit: x, says: s}",
        "{name: a, unit: x, sql: SELECT 1}",
        "{name: a, unit: x, says: s, sql: SELECT 1, ratio: [a, b]}",
    ],
)
def test_a_definition_that_is_not_whole_is_refused(tmp_path: Path, definition: str) -> None:
    path = tmp_path / "indicators.yaml"
    path.write_text(f"key: {definition}\n")
    with pytest.raises(Problem) as caught:
        read("package", path)
    assert caught.value.number == "BF-1703"


# --- computing


def test_figures_equal_what_plain_sql_counts(own_county: County) -> None:
    refresh(full=True)
    for day in (date(2019, 6, 30), date(2019, 12, 31), TODAY):
        with closing(open_lake(day)) as lake:
            computed = compute(lake, list(PLAIN))
        for key, sql in PLAIN.items():
            if day != TODAY and key.startswith(("verdict", "households_un")):
                continue  # what is kept are the verdicts of today
            expected = one(sql, *[day] * sql.count("%s"))
            assert computed[key].value == expected, (key, day)
            assert sum(computed[key].parts.values()) == expected
    with closing(open_lake(TODAY)) as lake:
        everything = compute(lake)
    nothing = [key for key in PLAIN if not everything[key].value and key != "registered_poor_persons_remaining"]
    assert not nothing, "a figure that is zero in the demo county proves nothing"


def test_every_figure_of_the_catalogue_computes_and_members_add_up(own_county: County) -> None:
    refresh(full=True)
    with closing(open_lake(TODAY)) as lake:
        computed = compute(lake)
    for key, indicator in catalogue().items():
        assert any(k == key or k.startswith(f"{key}.") for k in computed), key
        if not indicator.ratio and not indicator.by:
            assert all(path.endswith("/") for path in computed[key].parts)
    kinds = [c.value or 0 for k, c in computed.items() if k.startswith("households_of_kind.")]
    assert sum(kinds) == computed["households"].value
    for guarantee in {k.split(".")[1] for k in computed if k.startswith("verdict.")}:
        results = [c.value or 0 for k, c in computed.items() if k.startswith(f"verdict.{guarantee}.")]
        assert sum(results) == computed["households"].value


def test_a_member_of_a_family_is_asked_for_by_its_own_key(own_county: County) -> None:
    refresh(full=True)
    with closing(open_lake(TODAY)) as lake:
        assert set(compute(lake, ["households_of_kind.monitored"])) >= {"households_of_kind.monitored"}
        nobody = compute(lake, ["verdict.housing.never"])["verdict.housing.never"]
        assert (nobody.value, nobody.parts) == (0.0, {})
        with pytest.raises(Problem) as caught:
            compute(lake, ["no_such_figure"])
        assert caught.value.number == "BF-1701"


def test_the_verdicts_of_a_day_gone_by_are_judged_by_that_day(own_county: County) -> None:
    """Two houses are found dangerous in April: in March nobody could have counted them."""
    refresh(full=True)

    def counted(day: date) -> tuple[float | None, float | None]:
        with closing(open_lake(day)) as lake:
            computed = compute(lake, ["verdict.housing.unmet", "households_unmet"])
        return computed["verdict.housing.unmet"].value, computed["households_unmet"].value

    march = date(2020, 3, 31)
    before, then = counted(TODAY), counted(march)
    assert then[0] == before[0]  # judged here, by the same rules from the same rows
    assert (then[1] or 0) > (before[1] or 0)  # some were insured in April
    homes = [
        row["household_id"]
        for row in ask(
            "SELECT household_id FROM register_house h WHERE grade = 'A' AND valid @> %s::date AND NOT EXISTS (SELECT FROM "
            "screening_verdict v WHERE v.household_id = h.household_id AND v.result = 'unmet') ORDER BY household_id LIMIT 2",
            TODAY,
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE found AS SELECT * FROM register_house WHERE household_id = ANY(%s) AND valid @> %s::date",
            [homes, TODAY],
        )
        cursor.execute(
            "UPDATE register_house h SET valid = daterange(lower(h.valid), '2020-04-10') FROM found WHERE found.id = h.id"
        )
        cursor.execute(
            "INSERT INTO register_house (household_id, tenure, grade, repair, appraised_on, valid, evidence_id, path) "
            "SELECT household_id, 'own', 'D', 'none', DATE '2020-04-10', daterange('2020-04-10', NULL), evidence_id, path FROM found"
        )
        assert cursor.rowcount == 2
    refresh(full=True)
    screen_county(own_county.operator(), require_pack(TODAY, "cn"))
    assert counted(march) == then
    assert counted(TODAY) == tuple((value or 0) + 2 for value in before)


def test_a_day_of_which_nothing_can_be_counted_says_why(own_county: County) -> None:
    refresh(full=True)
    with closing(open_lake(date(2019, 12, 31))) as lake:
        computed = compute(lake)
    assert computed["households"].value
    for key in ("households_unmet", "insured_registered", "insured_share_registered", "verdict"):
        assert (computed[key].value, computed[key].why and computed[key].why.number) == (None, "BF-1503"), key
    with closing(open_lake(date(1990, 1, 1))) as lake:
        computed = compute(lake, ["households", "households_unmet", "verdict.housing.unmet", "poor_villages"])
    assert {key: c.why and c.why.number for key, c in computed.items() if key != "verdict"} == {
        "households": "BF-1253",
        "households_unmet": "BF-1253",
        "verdict.housing.unmet": "BF-1253",
        "poor_villages": None,
    }
    with pytest.raises(Problem, match="BF-1707"):
        open_lake(TODAY + timedelta(days=1))


def test_kept_figures_are_parts_of_villages_that_add_up(own_county: County) -> None:
    refresh(full=True)
    kept = refresh_figures(as_of=TODAY)
    assert kept == Figure.objects.count() > 500
    level = {
        r["path"]: r["level"] for r in ask("SELECT path, level FROM areas_area WHERE level IN ('county', 'township', 'village')")
    }
    assert {level[path] for path in Figure.objects.values_list("path", flat=True)} == {"county", "township", "village"}
    # What belongs to a township or the county itself (a post, an officer) stands there; households are in villages.
    assert {level[p] for p in Figure.objects.filter(key__startswith="households").values_list("path", flat=True)} == {"village"}
    assert {level[p] for p in Figure.objects.filter(key="command_nodes_township").values_list("path", flat=True)} == {"township"}
    for key in ("households", "persons", "verdict.housing.unmet"):
        total = sum(Figure.objects.filter(key=key).values_list("value", flat=True))
        assert total == one(PLAIN[key], *[TODAY] * PLAIN[key].count("%s"))
    assert refresh_figures(as_of=TODAY) == kept
    assert Figure.objects.count() == kept


# --- expected figures


def expected(op: str, value: str, precision: str | None = None) -> Expected:
    return Expected("households", op, Decimal(value), Decimal(precision) if precision else None, TODAY)


@pytest.mark.parametrize(
    ("row", "value", "met"),
    [
        (expected("=", "100"), 100.0, True), (expected("=", "100"), 100.4, False), (expected("~", "100", "1"), 100.4, True),
        (expected("=", "1.26", "0.01"), 1.2551, True), (expected("=", "1.26", "0.01"), 1.2549, False), (expected("=", "12000", "1000"), 12499.9, True),
        (expected("=", "12000", "1000"), 12500.0, False), (expected(">=", "5"), 5.0, True), (expected(">=", "5"), 4.999, False),
        (expected("<=", "5"), 5.0, True), (expected("<=", "5"), 5.001, False), (expected("=", "0.1"), 0.1, True), (expected("=", "1"), None, False),
        (expected(">=", "0"), None, False),
    ],
)  # fmt: skip
def test_a_value_meets_what_is_expected(row: Expected, value: float | None, met: bool) -> None:
    assert row.met_by(value) is met


@given(st.integers(-(10**9), 10**9), st.sampled_from(["1", "10", "0.1", "0.01", "1000"]), st.floats(-0.49, 0.49))
def test_rounding_to_the_printed_precision_forgives_less_than_half_of_it(steps: int, precision: str, off: float) -> None:
    """Whatever lies nearer to a printed value than to its neighbours is that value."""
    unit = Decimal(precision)
    value = steps * unit
    row = expected("=", str(value), precision)
    assert row.met_by(float(value + unit * Decimal(repr(off))))
    assert not row.met_by(float(value + unit))
    assert not row.met_by(float(value - unit))


@given(st.decimals(-(10**6), 10**6, places=3), st.sampled_from(["1", "0.1", "10"]))
def test_halves_are_rounded_away_from_zero(value: Decimal, precision: str) -> None:
    unit = Decimal(precision)
    assert engine._rounded(value, unit) == (value / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("households,!=,5,,2020-04-28", "op “!=”"), ("households,=,five,,2020-04-28", "value “five”"), ("households,=,NaN,,2020-04-28", "value"),
        ("households,=,1e99,,2020-04-28", "value"), ("households,=,5,,28.4.2020", "as_of “28.4.2020”"), ("households,=,5,x,2020-04-28", "precision “x”"),
        ("households,=,5,0,2020-04-28", "precision “0”"), ("households,=", "value “”"),
    ],
)  # fmt: skip
def test_a_facts_file_that_cannot_be_read_is_refused_with_its_row_and_column(tmp_path: Path, line: str, wrong: str) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(f"key,op,value,precision,as_of\nhouseholds,=,5,,2020-04-28\n{line}\n")
    with pytest.raises(Problem) as caught:
        read_expected(path)
    assert (caught.value.number, caught.value.values["line"]) == ("BF-1704", 3)
    assert "households" in caught.value.cause.en
    assert wrong in caught.value.cause.en


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"", "BF-1009"),
        (bytes(range(256)), "BF-1009"),
        (b"key,op,value,precision,as_of\n", "BF-1706"),
        (b"key,op,value\nhouseholds,=,5\n", "BF-1704"),
        (b"key,op,value,precision,as_of\n,=,5,,2020-04-28\n", "BF-1704"),
    ],
)
def test_a_file_that_expects_nothing_is_refused(tmp_path: Path, content: bytes, number: str) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(content)
    with pytest.raises(Problem, match=number):
        read_expected(path)


# --- the command


def facts(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON document of `bangfu facts`."""
    done = run_bangfu("facts", "--json", *arguments)
    return done.returncode, json.loads(done.stdout)


def test_the_command_says_with_its_exit_code_whether_the_figures_hold(own_county: County, tmp_path: Path) -> None:
    households = one(PLAIN["households"], TODAY)
    path = tmp_path / "facts.csv"
    head = "key,op,value,precision,as_of\n"
    path.write_text(
        f"{head}households,=,{households},,2020-04-28\nhouseholds,>=,1,,2019-12-31\nnot_yet_in_the_catalogue,=,5,,2020-04-28\n"
    )
    code, document = facts("--check", str(path))
    assert code == 0
    assert (document["passed"], document["failed"]) == (2, 0)
    assert [f["ok"] for f in document["facts"] if f["key"] == "not_yet_in_the_catalogue"] == [None]
    path.write_text(f"{head}households,=,{households},,2020-04-28\npersons,<=,1,,2020-04-28\n")
    code, document = facts("--check", str(path))
    assert code == 1
    assert (document["passed"], document["failed"]) == (1, 1)
    code, document = facts()
    assert code == 0
    assert {f["key"] for f in document["facts"]} >= {k for k, i in catalogue().items() if not i.by}
    assert {f["value"] for f in document["facts"] if f["key"] == "households"} == {households}
