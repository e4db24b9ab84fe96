"""Verdicts in the database: what the engine judges is what is kept, once; a change is judged again; a trial keeps nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.committed import own_county, settle  # noqa: F401
from tests.register.asking import ask, household_id, one
from tests.register.workbooks import Row, member, xlsx

from bangfu.foundation import changes, clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.secrecy import decrypt
from bangfu.lake import store
from bangfu.lake.actions import refresh
from bangfu.register import frame
from bangfu.register.actions import import_files
from bangfu.screening import actions
from bangfu.screening.actions import follow, rejudge, screen_county
from bangfu.screening.engine import ScreenResult, compile_pack, long_rows, screen
from bangfu.screening.models import Verdict
from bangfu.screening.pack import Pack, load_pack, pack_on
from bangfu.screening.reading import explain_household

TODAY = date(2020, 4, 28)
KEPT = ("screening_verdict", "screening_verdict_history", "screening_run")


@pytest.fixture
def county(own_county: County) -> Iterator[County]:  # noqa: F811
    yield own_county
    for judge in actions._judges.__dict__.pop("kept", {}).values():
        judge.close()


@pytest.fixture
def pack(county: County) -> Pack:
    return pack_on(TODAY, county.country)


def verdicts(where: str = "true") -> dict[tuple[int, str], tuple[Any, ...]]:
    """What is kept, by household and guarantee."""
    rows = ask(
        f"SELECT household_id, guarantee, result, reasons, values, path, run_id, recorded_from FROM screening_verdict v WHERE {where}"
    )
    for r in rows:
        r["values"] = r["values"] and json.loads(r["values"])
    return {(r["household_id"], r["guarantee"]): tuple(r.values())[2:] for r in rows}


def kept() -> dict[str, int]:
    return {table: one(f"SELECT count(*) FROM {table}") for table in KEPT}


def later() -> Any:
    """An hour after the county was built: what is written now has a history."""
    return clock.standing_at(clock.now() + timedelta(hours=1))


def test_what_is_kept_is_what_the_engine_judges(county: County, pack: Pack) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM screening_verdict")
    result = screen_county(county.operator(), pack)
    statement = compile_pack(pack, TODAY)
    with closing(store.connect()) as con:
        store.attach(con, as_of=TODAY)
        views = frame.views(statement.reads, TODAY)
        for name, select in views.items():
            con.execute(f"CREATE VIEW framed_{name} AS {select}")
        screen(con, pack, TODAY, **{name: f"framed_{name}" for name in views})
        rows = con.execute(
            f"SELECT household, guarantee, result, reasons, values, path FROM ({long_rows('verdicts', statement.guarantees)})"
        ).fetchall()
    judged = {(h, g): (r, reasons, json.loads(values) if values else None, path) for h, g, r, reasons, values, path in rows}
    found = verdicts()
    assert set(found) == set(judged)
    assert len(found) == result.households * len(pack.guarantees)
    assert {key: v[:4] for key, v in found.items()} == judged
    assert result.households == one(
        "SELECT count(DISTINCT household_id) FROM register_membership WHERE sort = 'farming' AND valid @> DATE '2020-04-28'"
    )
    for guarantee, counts in result.counts.items():
        for outcome, count in counts.items():
            assert sum(1 for (_, g), v in found.items() if g == guarantee and v[0] == outcome) == count
    assert {v[0] for v in found.values()} >= {"met", "unmet", "unknown"}
    run = ask("SELECT pack, version, as_of, households, persons, counts, actor FROM screening_run ORDER BY id DESC LIMIT 1")[0]
    assert (run["pack"], run["version"], run["as_of"], run["households"], run["persons"], run["actor"]) == (
        pack.name, pack.version, TODAY, result.households, result.persons, "command line",
    )  # fmt: skip


def test_a_second_run_changes_nothing(county: County, pack: Pack) -> None:
    before, rows = kept(), verdicts()
    with later():
        screen_county(county.operator(), pack)
    assert verdicts() == rows
    assert kept() == before | {"screening_run": before["screening_run"] + 1}


def test_an_index_gives_its_figures_and_keeps_nothing(county: County) -> None:
    before, rows = kept(), verdicts()
    index = load_pack("global-mpi")
    result = screen_county(county.operator(), index)
    assert (verdicts(), kept()) == (rows, before)
    assert result.counts == {}
    figures = result.indices["mpi"]
    assert (
        figures.persons
        == result.persons
        == one("SELECT count(*) FROM register_membership WHERE sort = 'farming' AND valid @> DATE '2020-04-28'")
    )
    low, high = figures.headcount
    assert low is not None
    assert high is not None
    assert 0 <= low < high <= 1  # what nobody recorded leaves bounds
    number = one("SELECT min(number) FROM register_household WHERE sort = 'farming'")
    said = explain_household(county.operator(), number, index, TODAY)
    assert {(f.said.sort, f.said.name) for f in said.found} >= {("score", "mpi"), ("score", "severe_mpi")}
    assert "多维贫困 Multidimensional poverty" in said.outline("zh")
    assert [r.code for f in said.found if f.said.name == "mpi" for r in f.said.missing]


def test_a_set_gives_what_the_county_run_gave(county: County, pack: Pack) -> None:
    rows, before = verdicts(), kept()
    households = [r["id"] for r in ask("SELECT id FROM register_household WHERE sort = 'farming' ORDER BY id")][::20]
    assert len(households) > 50
    with later():
        judged = rejudge(county.operator(), households, pack, as_of=TODAY)
    assert {(h, g): r for h, found in judged.items() for g, r in found.items()} == {
        k: v[0] for k, v in rows.items() if k[0] in set(households)
    }
    assert verdicts() == rows
    assert kept() == before


def test_a_set_and_one_by_one_write_the_same(county: County, pack: Pack) -> None:
    """Houses change, people leave, a verdict is lost: whichever way the households are judged, the same rows come out."""
    households = [r["id"] for r in ask("SELECT id FROM register_household WHERE sort = 'farming' ORDER BY id")][::17][:40]
    settle()
    follow(county.operator(), pack)

    def disturb() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM screening_verdict WHERE household_id = ANY(%s) AND guarantee = 'water'", [households[::3]]
            )
            cursor.execute(
                "UPDATE screening_verdict SET result = 'met', reasons = NULL, values = NULL WHERE household_id = ANY(%s)",
                [households],
            )

    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_house SET grade = 'D', repair = 'none' WHERE household_id = ANY(%s)", [households[::2]])
        cursor.execute(
            "UPDATE register_membership SET valid = daterange(lower(valid), '2020-04-01') WHERE household_id = ANY(%s)",
            [households[5:7]],
        )

    def without_run(rows: dict[tuple[int, str], tuple[Any, ...]]) -> dict[tuple[int, str], tuple[Any, ...]]:
        return {key: row[:4] for key, row in rows.items()}

    with later():
        disturb()
        as_a_set = rejudge(county.operator(), households, pack, as_of=TODAY)
        after_the_set = without_run(verdicts())
        runs = one("SELECT count(*) FROM screening_run")
        assert rejudge(county.operator(), households, pack, as_of=TODAY) == as_a_set  # again: nothing to write
        assert one("SELECT count(*) FROM screening_run") == runs
        disturb()
        alone = {}
        for household in households:
            alone |= rejudge(county.operator(), [household], pack, as_of=TODAY)
    assert as_a_set == alone
    assert len(as_a_set) == len(households) - 2
    assert after_the_set == without_run(verdicts())
    assert not {h for h, _ in after_the_set} & set(households[5:7])


def test_a_set_is_judged_in_pieces(county: County, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    households = [r["id"] for r in ask("SELECT id FROM register_household WHERE sort = 'farming' ORDER BY id")][:25]
    whole = rejudge(county.operator(), households, pack, as_of=TODAY)
    monkeypatch.setattr(actions, "_SET", 7)
    assert rejudge(county.operator(), households, pack, as_of=TODAY) == whole


def test_a_household_that_is_not_there_is_not_judged(county: County, pack: Pack) -> None:
    unit = one("SELECT min(id) FROM register_household WHERE sort = 'hukou'")
    assert rejudge(county.operator(), [0, unit], pack) == {}


def rows_of(household: int, **more: Any) -> list[Row]:
    """A household as its next workbook gives it, with something changed."""
    number = one("SELECT number FROM register_household WHERE id = %s", household)
    place = ask(
        "SELECT t.name AS township, v.name AS village FROM register_household h JOIN areas_area v ON v.level = 'village' AND starts_with(h.path, v.path) "
        "JOIN areas_area t ON t.id = v.parent_id WHERE h.id = %s",
        household,
    )[0]
    people = ask(
        "SELECT p.name, p.identity, m.relation FROM register_membership m JOIN register_person p ON p.id = m.person_id "
        "WHERE m.household_id = %s AND upper_inf(m.valid)",
        household,
    )
    return [
        member(number, p["relation"], 姓名=p["name"], 证件号码=decrypt(p["identity"], "person.identity"), 乡镇=place["township"], 行政村=place["village"])
        | more
        for p in people
    ]  # fmt: skip


def put(county: County, folder: Path, rows: list[Row]) -> None:
    outcome = import_files(county.operator(), xlsx(folder / "change.xlsx", rows), data_date=date(2020, 4, 20))
    assert outcome.refused_rows == 0


def test_a_changed_value_is_judged_again_and_the_old_verdict_kept(county: County, pack: Pack, tmp_path: Path) -> None:
    household = one("SELECT min(household_id) FROM screening_verdict WHERE guarantee = 'housing' AND result = 'met'")
    others = verdicts(f"household_id <> {household}")
    own = verdicts(f"household_id = {household}")
    settle()
    follow(county.operator(), pack)
    with later():
        put(county, tmp_path, rows_of(household, 危房级别="D级", 改造情况="未改造", 住房来源="自有住房"))
        settle()
        assert follow(county.operator(), pack) == 1
        moment = clock.now()
    now = verdicts(f"household_id = {household}")
    assert now[household, "housing"][:3] == ("unmet", ["dangerous_house"], {"house_grade": "D"})
    assert {g for (_, g), v in now.items() if v[:3] != own[household, g][:3]} == {"housing"}
    assert verdicts(f"household_id <> {household}") == others
    (was,) = ask("SELECT * FROM screening_verdict_history WHERE household_id = %s", household)
    assert (was["guarantee"], was["result"], was["recorded_until"], was["operation"]) == ("housing", "met", moment, "UPDATE")
    assert now[household, "housing"][5] == moment
    # The county's run agrees with what was judged alone, and finds nothing else to write.
    before = kept()
    with clock.standing_at(clock.now() + timedelta(hours=2)):
        screen_county(county.operator(), pack)
    assert verdicts(f"household_id = {household}") == now
    assert kept() == before | {"screening_run": before["screening_run"] + 1}


def test_a_verdict_goes_with_its_household_to_another_village(county: County, pack: Pack, tmp_path: Path) -> None:
    put(county, tmp_path, [member("T1", 户类型="普通农户")])
    settle()
    follow(county.operator(), pack)
    household = household_id("T1")
    path = one("SELECT path FROM register_household WHERE id = %s", household)
    assert {v[3] for v in verdicts(f"household_id = {household}").values()} == {path}
    with later():
        head = rows_of(household)
        (tmp_path / "change.xlsx").unlink()
        put(county, tmp_path, [{**r, "村民小组": "新塘组"} for r in head])
        settle()
        follow(county.operator(), pack)
    moved = one("SELECT path FROM register_household WHERE id = %s", household)
    assert moved.startswith(path)
    assert moved != path
    assert {v[3] for v in verdicts(f"household_id = {household}").values()} == {moved}


def test_whoever_is_no_longer_judged_has_no_verdict(county: County, pack: Pack) -> None:
    household = one("SELECT min(household_id) FROM screening_verdict")
    total = one("SELECT count(*) FROM screening_verdict")
    with later(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE register_membership SET valid = daterange(lower(valid), '2020-04-01') WHERE household_id = %s", [household]
        )
        changes.record([household], "test")
        settle()
        screen_county(county.operator(), pack)
    assert verdicts(f"household_id = {household}") == {}
    assert one("SELECT count(*) FROM screening_verdict") == total - len(pack.guarantees)
    assert one(
        "SELECT count(*) FROM screening_verdict_history WHERE household_id = %s AND operation = 'DELETE'", household
    ) == len(pack.guarantees)


@pytest.mark.parametrize(
    "trial",
    [
        {"overrides": {"income_line": 1}},
        pytest.param({"overrides": {"income_line": 10**9}}, marks=pytest.mark.full),
        pytest.param({"as_of": date(2020, 4, 1)}, marks=pytest.mark.full),
        {"known_on": date(2020, 4, 28)},
    ],
    ids=["a low line", "a high line", "another day", "as it was known"],
)
def test_a_trial_gives_its_counts_and_keeps_nothing(county: County, pack: Pack, trial: dict[str, Any]) -> None:
    before, rows = kept(), verdicts()
    real = {g: sum(1 for (_, guarantee), v in rows.items() if guarantee == g and v[0] == "met") for g in pack.guarantees}
    result: ScreenResult = screen_county(county.operator(), pack, **trial)
    assert (kept(), verdicts()) == (before, rows)
    assert result.households > 1000
    if "overrides" in trial:
        income = result.counts["income"]["met"]
        assert (income > real["income"]) if trial["overrides"]["income_line"] == 1 else (income < real["income"])
        assert {g: c["met"] for g, c in result.counts.items() if g != "income"} == {
            g: n for g, n in real.items() if g != "income"
        }


def test_only_who_may_screens(county: County, pack: Pack) -> None:
    with pytest.raises(Problem) as caught:
        screen_county(Actor(7, "李四", "analyst", county.path, frozenset({"screening.read"})), pack)
    assert caught.value.number == "BF-1001"
    with pytest.raises(Problem) as caught:
        screen_county(county.operator(), pack, overrides={"no_such_parameter": 1})
    assert caught.value.number == "BF-1507"


def test_the_lake_has_the_verdicts_that_are_kept(county: County, pack: Pack) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM screening_verdict WHERE guarantee = 'housing'")
    screen_county(county.operator(), pack)
    refresh()
    with closing(store.connect()) as con:
        store.attach(con)
        found = con.execute("SELECT household, guarantee, result FROM verdict").fetchall()
    assert sorted(found) == sorted((h, g, v[0]) for (h, g), v in verdicts().items())


def test_an_explanation_says_its_reasons_in_both_languages(county: County) -> None:
    number = Verdict.objects.filter(result="unmet").order_by("id").values_list("household__number", flat=True)[0]
    said = explain_household(county.operator(), number, pack_on(clock.today()), clock.today())
    unmet = [reason for reasons in said.said.values() for reason in reasons]
    assert unmet
    outline = said.outline("zh")
    for reason in unmet:
        assert reason.text.zh in outline
        assert reason.text.en in outline
    assert {r["en"] for e in said.as_json()["guarantees"].values() for r in e["said"]} == {r.text.en for r in unmet}
