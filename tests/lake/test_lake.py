"""The lake: what a delta gives is what writing everything anew would give, readers see versions whole, nothing personal lies in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.committed import settle
from tests.register.asking import ask, household_id, one
from tests.register.workbooks import Row, identity, member, xlsx

from bangfu.areas.actions import mark_areas
from bangfu.areas.models import Area
from bangfu.foundation import changes, clock
from bangfu.foundation.actor import system
from bangfu.foundation.county import County
from bangfu.foundation.home import home
from bangfu.foundation.secrecy import decrypt
from bangfu.lake import actions, store
from bangfu.lake.store import Manifest
from bangfu.lake.tables import tables
from bangfu.register.actions import import_files

D1, D2 = date(2020, 3, 31), date(2020, 4, 20)


@pytest.fixture
def lake(own_county: County) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(store.connect()) as con:
        yield con


@pytest.fixture
def county(own_county: County) -> County:
    return own_county


def put(county: County, tmp_path: Path, name: str, rows: list[Row], day: date) -> None:
    import_files(county.operator(), xlsx(tmp_path / f"{name}.xlsx", rows), data_date=day)


def content(con: duckdb.DuckDBPyConnection, manifest: Manifest) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a version."""
    found = {}
    for table in tables().values():
        columns = ", ".join(f'"{c}"::VARCHAR' for c in table.columns)
        found[table.name] = con.execute(f"SELECT {columns} FROM {store.relation(table, manifest)} ORDER BY ALL").fetchall()
    return found


def parts(manifest: Manifest) -> dict[str, int]:
    return {table: len(p) for table, p in manifest.parts.items()}


def neighbours(county: County) -> list[Row]:
    """Rows of a demo household that changes a great deal: people come, one leaves for a new household, relations turn, books change."""
    household = one(
        "SELECT h.number FROM register_household h JOIN register_membership m ON m.household_id = h.id AND m.sort = 'farming' "
        "WHERE starts_with(h.path, %s) AND h.sort = 'farming' GROUP BY 1 HAVING count(*) = 4 ORDER BY 1 LIMIT 1",
        Area.objects.get(name="凤凰村", parent__name="郑场镇").path,
    )
    people = ask(
        "SELECT p.name, p.identity, m.relation FROM register_membership m JOIN register_person p ON p.id = m.person_id "
        "JOIN register_household h ON h.id = m.household_id WHERE h.number = %s AND m.sort = 'farming' ORDER BY m.relation = 'head' DESC, p.id",
        household,
    )
    group = one("SELECT a.name FROM areas_area a JOIN register_household h ON h.area_id = a.id WHERE h.number = %s", household)
    rows: list[Row] = [
        member(household, p["relation"], 姓名=p["name"], 证件号码=decrypt(p["identity"], "person.identity"), 村民小组=group, 户口簿编号="NEW1", 文化程度="大专")
        for p in people[:3]
    ]  # fmt: skip
    left = decrypt(people[3]["identity"], "person.identity")
    return [
        *rows,
        member("T1", 姓名="甲一", 村民小组="新塘组"),
        member(
            "T1", "配偶", 姓名=people[3]["name"], 证件号码=left, 村民小组="新塘组", 人员变化原因="其他转入", 户口簿编号="NEW2"
        ),
    ]


def test_a_delta_is_what_writing_everything_anew_gives(county: County, lake: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first = actions.refresh(full=True)
    assert set(parts(first).values()) == {1}
    before = content(lake, first)
    rows = neighbours(county)
    with clock.standing_at(date(2020, 4, 25)):
        put(county, tmp_path, "1", rows, D1)
    settle()
    second = actions.refresh()
    assert second.version > first.version
    assert {t for t, n in parts(second).items() if n == 2} == {t.name for t in tables().values() if t.subject != "whole"}
    with clock.standing_at(date(2020, 4, 26)):
        moved = [r | {"村民小组": "老塘组"} if r["户编号"] == "T1" else r for r in rows]
        put(county, tmp_path, "2", [{**r, "文化程度": "初中"} for r in moved], D2)
        mark_areas(system(county.path), [Area.objects.get(name="新塘组").path], "poor_village", since=D1, source="test")
    settle()
    third = actions.refresh()
    by_delta = content(lake, third)
    anew = content(lake, actions.refresh(full=True))
    for table, expected in anew.items():
        assert by_delta[table] == expected, table
    changed = {t for t in anew if before[t] != anew[t]}
    assert {"household", "membership", "person", "schooling", "area_mark"} <= changed
    for table in tables().values():
        assert len(anew[table.name]) == one(f"SELECT count(*) FROM {table.source}") + (
            one(f"SELECT count(*) FROM {table.source}_history") if table.has_history else 0
        )


def test_nothing_new_writes_nothing(county: County) -> None:
    first = actions.refresh()
    files = sorted(p.name for p in home().lake.iterdir())
    assert actions.refresh() == first
    assert sorted(p.name for p in home().lake.iterdir()) == files


def test_readers_keep_the_version_that_they_began_with(county: County, lake: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first = actions.refresh(full=True)
    before = content(lake, first)
    put(county, tmp_path, "1", [member("T1")], D1)
    settle()
    second = actions.refresh()
    assert content(lake, first) == before
    assert store.read_manifest() == second
    # A writer that dies before the rename leaves the last version in its place.
    beside = home().lake / f".{store.MANIFEST}.1"
    beside.write_text("{ half a manif")
    assert store.read_manifest() == second
    assert json.loads((home().lake / store.MANIFEST).read_text())["version"] == second.version


def test_a_refresh_that_dies_is_done_again(
    county: County, lake: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = actions.refresh(full=True)
    put(county, tmp_path, "1", [member("T1")], D1)
    settle()

    def dies(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_manifest", dies)
        with pytest.raises(OSError, match="no space"):
            actions.refresh()
    assert store.read_manifest() == first
    again = actions.refresh()
    household = household_id("T1")
    found = lake.execute(f"SELECT count(*) FROM {store.relation(tables()['household'], again)} WHERE id = {household}").fetchone()
    assert found == (1,)
    assert changes.news(actions.FOLLOWER).households == []


@pytest.mark.full
def test_a_compacted_lake_says_the_same_in_one_part(county: County, lake: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    actions.refresh(full=True)
    for n in range(3):
        put(county, tmp_path, str(n), [member(f"T{n}"), member(f"T{n}", "配偶")], D1)
        settle()
        spread = actions.refresh()
    assert max(parts(spread).values()) == 4
    before = content(lake, spread)
    compact = actions.compact()
    assert set(parts(compact).values()) == {1}
    assert compact.watermark == spread.watermark
    assert content(lake, compact) == before


@pytest.mark.full
def test_many_small_refreshes_are_compacted_and_old_files_swept(county: County, tmp_path: Path) -> None:
    actions.refresh(full=True)
    for _n in range(actions.MOST_PARTS + 2):
        changes.record([one("SELECT min(id) FROM register_household")], "test")
        settle()
        manifest = actions.refresh()
    assert max(parts(manifest).values()) <= actions.MOST_PARTS
    named = {p.file for ps in manifest.parts.values() for p in ps}
    on_disk = {p.name for p in home().lake.glob("*.parquet") if "subjects" not in p.name}
    assert named <= on_disk
    assert len(on_disk) <= len(named) + len(tables()) * (actions.MOST_PARTS + 2)
    assert actions.refresh(full=True).version > manifest.version
    actions.refresh(full=True)
    assert len(list(home().lake.glob("*.parquet"))) <= 3 * len(tables()) + 4


def test_as_it_was_true_and_as_it_was_known(county: County, lake: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """The three days of a change: when it became true, when we learnt it, and when it was corrected, late in the evening."""
    zone = clock.zone()
    number = identity()
    with clock.standing_at(datetime(2020, 4, 10, 12, tzinfo=zone)):
        put(county, tmp_path, "1", [member("T1", 证件号码=number, 危房级别="C级", 鉴定时间="2019-01-01")], D1)
    with clock.standing_at(datetime(2020, 4, 21, 5, tzinfo=zone)):  # still the day before in UTC
        put(county, tmp_path, "2", [member("T1", 证件号码=number, 危房级别="B级", 鉴定时间="2019-01-01")], D2)
    with clock.standing_at(datetime(2020, 4, 24, 23, tzinfo=zone)):
        put(county, tmp_path, "3", [member("T1", 证件号码=number, 危房级别="A级", 鉴定时间="2019-01-01")], D2)
    actions.refresh(full=True)
    household = household_id("T1")

    def grades(as_of: date | None = None, known_on: date | None = None) -> list[str]:
        store.attach(lake, as_of=as_of, known_on=known_on)
        return [
            g for (g,) in lake.execute(f"SELECT grade FROM house WHERE household = {household} ORDER BY valid_from").fetchall()
        ]

    assert grades(date(2020, 3, 30)) == []
    assert grades(D1) == ["C"]
    assert grades(date(2020, 4, 19)) == ["C"]
    assert grades(D2) == ["A"]
    assert grades() == ["C", "A"]
    today = date(2020, 4, 28)
    assert grades(today, date(2020, 4, 9)) == []
    assert grades(today, date(2020, 4, 10)) == ["C"]
    assert grades(today, date(2020, 4, 20)) == ["C"]
    assert grades(today, date(2020, 4, 21)) == ["B"]
    assert grades(today, date(2020, 4, 23)) == ["B"]
    assert grades(today, date(2020, 4, 24)) == ["A"]
    assert grades(D1, date(2020, 4, 24)) == ["C"]


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2020, 4, 28)])
def test_the_views_of_a_day_are_the_rows_of_postgresql_on_that_day(
    county: County, lake: duckdb.DuckDBPyConnection, day: date
) -> None:
    actions.refresh(full=True)
    store.attach(lake, as_of=day)
    for table in tables().values():
        when = f" WHERE valid @> DATE '{day}'" if table.temporal else ""
        found = lake.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()
        assert found == (one(f"SELECT count(*) FROM {table.source}{when}"),), table.name


PERSONAL = {
    "name",
    "given",
    "pinyin",
    "initials",
    "phone",
    "identity",
    "account",
    "address",
    "bank",
    "number",
    "disability_certificate",
    "values",
}


def test_no_name_and_no_number_of_a_person_lies_in_the_lake(county: County) -> None:
    actions.refresh(full=True)
    names = {r["name"] for r in ask("SELECT name FROM register_person")}
    identities = {
        decrypt(r["identity"], "person.identity") for r in ask("SELECT identity FROM register_person ORDER BY id LIMIT 500")
    }
    files = [p for p in home().lake.glob("*.parquet") if "subjects" not in p.name]
    assert len(files) == len(tables())
    for path in files:
        schema = pq.read_schema(path)
        allowed = {"number"} if path.name.startswith("household.") else set()  # the number of a household is its key
        assert not (PERSONAL - allowed) & set(schema.names), path.name
        assert not any("hash" in n or "last4" in n or "binary" in str(schema.field(n).type) for n in schema.names), path.name
        for column in schema.names:
            if "string" in str(schema.field(column).type):
                values = {str(v) for v in pq.read_table(path, columns=[column])[column].to_pylist()}
                assert not values & (names | identities), (path.name, column)


def test_a_lake_whose_table_is_missing_gets_it_whole(county: County, lake: duckdb.DuckDBPyConnection) -> None:
    manifest = actions.refresh(full=True)
    del manifest.parts["house"]
    store.write_manifest(manifest)
    assert content(lake, manifest)["house"] == []
    again = actions.refresh()
    assert len(content(lake, again)["house"]) == one("SELECT count(*) FROM register_house")
