"""Bulk equals one by one: a folder at once, file by file, into an empty register and into one that has rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from django.db import connection, transaction
from tests.environment import HOME
from tests.register.asking import content, counts, one
from tests.register.workbooks import member, xlsx

from bangfu.foundation import changes
from bangfu.foundation.county import County, the_county
from bangfu.kit.sheets import Column, write_sheet
from bangfu.register.actions import import_files
from bangfu.register.importing import bulk
from bangfu.register.importing.opening import read_raw
from bangfu.register.importing.reading import match_headings

Rows = dict[str, list[tuple[object, ...]]]
DAY = date(2019, 12, 31)


def empty_the_register() -> None:
    """Take away everything that an import writes; the areas stay."""
    with connection.cursor() as cursor:
        tables = ", ".join(f"register_{t}" for t in bulk.TABLES)
        history = ", ".join(f"register_{t}_history" for t in bulk.TABLES if t != "evidence")
        cursor.execute(f"TRUNCATE {tables}, {history}, register_source, change CASCADE")


def constraints() -> list[tuple[str, ...]]:
    """Every constraint and index of the register's tables, by definition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text LIKE 'register%' "
            "UNION ALL SELECT indrelid::regclass::text, '', pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text LIKE 'register%'"
        )
        return sorted(cursor.fetchall())


@pytest.fixture
def four_files(county_template: str, tmp_path: Path) -> Iterator[Path]:
    """The four smallest workbooks of the demo county."""
    folder = tmp_path / "given"
    folder.mkdir()
    for path in sorted((HOME / "demo" / "workbooks").glob("*.xlsx"), key=lambda p: p.stat().st_size)[:4]:
        shutil.copy(path, folder)
    return folder


@pytest.mark.usefixtures("own_database")
def test_a_folder_at_once_file_by_file_and_into_a_register_with_rows_give_equal_rows(
    four_files: Path, tmp_path: Path, temporary_home: Path
) -> None:
    county: County = the_county()
    operator, files = county.operator(), sorted(four_files.iterdir())
    before = constraints()

    empty_the_register()
    assert bulk.is_empty()
    at_once = import_files(operator, four_files, data_date=DAY)
    assert (at_once.files, at_once.refused_rows) == (4, 0)
    whole = content()
    assert constraints() == before
    assert one("SELECT bool_and(pristine) FROM register_insurance")

    empty_the_register()
    for path in files:  # the first into the empty register, the others beside what is there
        import_files(operator, path, data_date=DAY)
    one_by_one = content()
    assert one("SELECT bool_or(NOT pristine) FROM register_insurance")

    empty_the_register()
    seed = xlsx(tmp_path / "seed.xlsx", [member("T1")])
    import_files(operator, seed, data_date=DAY)
    assert not bulk.is_empty()
    import_files(operator, four_files, data_date=DAY)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_evidence DISABLE TRIGGER stays")
        for table in ("membership", "kind", "person", "household", "evidence", "source"):
            ours = (
                "(SELECT e.id FROM register_evidence e JOIN register_source s ON s.id = e.source_id WHERE s.name = 'seed.xlsx')"
            )
            where = {"evidence": f"id IN {ours}", "source": "name = 'seed.xlsx'"}.get(table, f"evidence_id IN {ours}")
            cursor.execute(f"DELETE FROM register_{table} WHERE {where}")
    incremental = content()

    for table, rows in whole.items():
        assert rows or table == "register_incomeagreement", table  # what is agreed on a page comes in by no file
        assert one_by_one[table] == rows, table
        assert incremental[table] == rows, table


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_first_load_adds_the_groups_that_it_names(temporary_home: Path, tmp_path: Path, dry_run: bool) -> None:
    """An office begins with villages alone: the areas that the file adds are checked before constraints are set aside."""
    empty_the_register()
    before = constraints()
    file = xlsx(tmp_path / "first.xlsx", [member("T1", 村民小组="新塘组"), member("T2", 村民小组="上坝组")])
    outcome = import_files(the_county().operator(), file, data_date=DAY, dry_run=dry_run)
    assert (outcome.new_groups, outcome.households, outcome.refused_rows) == (2, 2, 0)
    assert one("SELECT count(*) FROM register_household") == (0 if dry_run else 2)
    assert constraints() == before


@pytest.mark.usefixtures("own_database")
def test_a_first_load_that_fails_leaves_the_empty_register_with_all_its_constraints(
    four_files: Path, temporary_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_the_register()
    before, rows = constraints(), counts()
    operator = the_county().operator()

    class Broken(Exception):
        pass

    def breaks(*_: object) -> int:
        raise Broken

    monkeypatch.setattr(changes, "record_selected", breaks)
    with pytest.raises(Broken):
        import_files(operator, four_files, data_date=DAY)
    assert (constraints(), counts()) == (before, rows)
    monkeypatch.undo()
    with transaction.atomic():
        assert import_files(operator, four_files, data_date=DAY, dry_run=True).rows > 0
    assert (constraints(), counts()) == (before, rows)


@pytest.mark.usefixtures("own_database")
def test_the_county_once_more_changes_nothing(temporary_home: Path, county_template: str, tmp_path: Path) -> None:
    """Every workbook of the county, its rows in another order, as the same county would export them a month later."""
    again = tmp_path / "again"
    again.mkdir()
    for path in sorted((HOME / "demo" / "workbooks").glob("*.xlsx"))[-5:]:
        raw = read_raw(path)
        heading, _, _ = match_headings(raw, path.name)
        body = raw.slice(heading + 1)
        names = [c[0].as_py() for c in raw.slice(heading, 1).itercolumns()]
        order = pa.array(range(body.num_rows - 1, -1, -1))
        write_sheet(again / path.name, [Column(n) for n in names], [c.combine_chunks() for c in body.take(order).itercolumns()])
    before = counts()
    outcome = import_files(the_county().operator(), again)
    assert outcome.rows > 500
    # A household that has since parted in two is not put together again by an older file.
    assert {r["number"] for r in outcome.refusals} == {"BF-1218", "BF-1219"}
    assert outcome.refused_rows == 6
    assert (outcome.unchanged_rows, outcome.created, outcome.changed) == (outcome.rows - 6, {}, {})
    assert counts() | {"register_source": 0} == before | {"register_source": 0}
