"""Files of others: what a mapping says is what is judged; what it does not say is not known; what cannot be read is told."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bangfu.foundation.problems import Problem
from bangfu.screening.bench import AS_OF, make_county
from bangfu.screening.engine import Verdict, screen, verdicts_of
from bangfu.screening.engine.ranges import Group, Span, parts_by_range, spans
from bangfu.screening.engine.running import screen_parts
from bangfu.screening.foreign import Judged, judge_files, plain_mapping, read_mapping
from bangfu.screening.foreign.mapping import Mapping
from bangfu.screening.foreign.reading import open_file
from bangfu.screening.foreign.translating import translate
from bangfu.screening.pack import Pack, load_pack, register_schema

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "files-of-others"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("cn-county-2020")


def mapped(text: str, folder: Path) -> Mapping:
    (folder / "mapping.yaml").write_text(text, "utf-8")
    return read_mapping(folder / "mapping.yaml", register_schema())


def verdicts(path: Path, pack: Pack) -> dict[Any, dict[str, Verdict]]:
    source = f"{path}/*.parquet" if path.is_dir() else str(path)
    with duckdb.connect() as con:
        answer = con.execute(f"SELECT * FROM read_parquet('{source}')")
        names = [column[0] for column in answer.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {row["household"]: verdicts_of(row, list(pack.guarantees)) for row in rows}


def judge(folder: Path, pack: Pack, mapping: Mapping, **more: Any) -> Judged:
    files = {name: folder / f"{name}.csv" for name in ("households", "persons")}
    return judge_files(files, mapping, pack, AS_OF, into=folder / "verdicts.parquet", **more)


# --- the example that the docs show


def test_the_example_is_judged_without_a_database(pack: Pack, tmp_path: Path) -> None:
    home = tmp_path / "var"
    environment = os.environ | {"BANGFU_HOME": str(home), "BANGFU_KEYS": str(tmp_path / "keys")}
    environment.pop("DATABASE_URL", None)
    words = [
        "screen",
        "--households",
        EXAMPLE / "households.csv",
        "--persons",
        EXAMPLE / "persons.csv",
        "--mapping",
        EXAMPLE / "mapping.yaml",
    ]
    words += ["--as-of", "2020-04-28", "--into", tmp_path / "verdicts.parquet", "--json"]
    answer = subprocess.run(
        [sys.executable, "-c", "from bangfu.web.command import main; main()", *map(str, words)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    assert (said["households"], said["persons"], said["engine"]) == (4, 7, "duckdb")
    assert said["guarantees"]["income"] == {"met": 3, "unmet": 0, "unknown": 0, "not_assessed": 1}
    assert not (
        json.loads((home / "pg.location").read_text())["folder"]
        and (Path(json.loads((home / "pg.location").read_text())["folder"]) / "data").exists()
    )
    found = verdicts(tmp_path / "verdicts.parquet", pack)
    assert set(found) == {"0001", "0002", "0003", "0004"}  # the file's own keys, zeros in front too
    assert {v.result for v in found["0001"].values()} == {"met"}
    assert found["0002"]["schooling"] == Verdict("unmet", ("dropped_out",), {"left_school": ["2"], "never_at_school": []})
    assert found["0004"]["food"].reasons == ("nutrition_unknown",)  # -9 is not a no


def test_what_is_not_mapped_is_not_known(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "households.csv").write_text("h\n1\n2\n", "utf-8")
    (tmp_path / "persons.csv").write_text("h,p\n1,1\n", "utf-8")
    mapping = mapped(
        "households: {key: h, fields: {household_kind: {value: registered}}}\npersons: {key: h, person: p}", tmp_path
    )
    done = judge(tmp_path, pack, mapping)
    assert done.problems == ()
    found = verdicts(tmp_path / "verdicts.parquet", pack)
    assert {v.result for h in found.values() for v in h.values()} == {"unknown"}


def test_a_file_that_is_not_given_is_not_an_empty_one(tmp_path: Path) -> None:
    """Rules that fold over items of nobody find 0; where no file of items is given they must find that nobody knows."""
    from bangfu.screening.foreign.translating import unknown_rows

    with duckdb.connect() as con:
        con.execute("CREATE TABLE homes AS SELECT 1 AS household UNION ALL SELECT 2")
        rows = con.execute(f"SELECT * FROM {unknown_rows('homes', ('item', 'item_amount'))} ORDER BY 1").fetchall()
    assert rows == [(1, None, None), (2, None, None)]


# --- a county written as others write it


ODD = """
households:
  key: [place, number]
  path: place
  blank: [NA]
  fields:
    household_kind: {column: kind, codes: {1: registered, 2: monitored, 3: ordinary, 9: null}}
    income_to: {column: income_to, format: ['%d.%m.%Y']}
    income_wage: {column: wage, unit: yuan}
    income_production: {column: income_production, unit: fen}
    income_property: {column: income_property, unit: fen}
    income_family_planning: {column: income_family_planning, unit: fen}
    income_allowance: {column: income_allowance, unit: fen}
    income_extreme_poverty: {column: income_extreme_poverty, unit: fen}
    income_pension: {column: income_pension, unit: fen}
    income_ecology: {column: income_ecology, unit: fen}
    income_other_transfer: {column: income_other_transfer, unit: fen}
    production_cost: {column: production_cost, unit: fen}
    food_staple: {column: food_staple, true: [yes], false: [no]}
    food_nutrition: {column: food_nutrition, true: [J], false: [N]}
    clothing_seasons: clothing_seasons
    bedding: bedding
    house_tenure: house_tenure
    house_grade: house_grade
    house_repair: house_repair
    water_litres: water_litres
    water_quality: water_quality
    water_piped: water_piped
    water_distance_m: water_distance_m
    water_climb_m: water_climb_m
    water_supply: water_supply
    water_outage_days: water_outage_days
    water_dry_spell_days: water_dry_spell_days
persons:
  key: [place, number]
  person: person
  blank: [NA]
  fields:
    birth_date: birth_date
    finished_grade_nine: finished_grade_nine
    school_status: school_status
    resident_medical: resident_medical
    employee_medical: employee_medical
    soldier: soldier
    insured_elsewhere: insured_elsewhere
    critical_illness: critical_illness
    treatment_available: treatment_available
"""


def written_otherwise(con: duckdb.DuckDBPyConnection, households: str, persons: str, folder: Path, encoding: str) -> None:
    con.execute(
        f"""COPY (SELECT household % 7 AS place, household AS number,
          CASE household_kind WHEN 'registered' THEN '1' WHEN 'monitored' THEN '2' WHEN 'ordinary' THEN '3' ELSE '9' END AS kind,
          strftime(income_to, '%d.%m.%Y') AS income_to, (income_wage / 100)::DECIMAL(14, 2) AS wage,
          coalesce(CASE WHEN food_staple THEN 'Yes' WHEN NOT food_staple THEN 'no' END, 'NA') AS food_staple,
          CASE WHEN food_nutrition THEN ' J ' WHEN NOT food_nutrition THEN 'N' END AS food_nutrition,
          * EXCLUDE (household, path, household_kind, income_to, income_wage, food_staple, food_nutrition), '备注' AS 说明 FROM {households})
        TO '{folder}/households.csv' (DELIMITER ';')"""
    )
    con.execute(
        f"COPY (SELECT household % 7 AS place, household AS number, * EXCLUDE (household) FROM {persons}) TO '{folder}/persons.csv'"
    )
    if encoding != "utf-8":
        for name in ("households", "persons"):
            file = folder / f"{name}.csv"
            file.write_text(file.read_text("utf-8"), encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_county_written_otherwise_has_the_same_verdicts(pack: Pack, tmp_path: Path, encoding: str) -> None:
    with duckdb.connect() as con:
        households, persons = make_county(con, tmp_path, 0.004)
        written_otherwise(con, households, persons, tmp_path, encoding)
        screen(con, pack, AS_OF, households=households, persons=persons, into=tmp_path / "ours.parquet")
    done = judge(tmp_path, pack, mapped(ODD, tmp_path))
    assert done.problems == ()
    ours, theirs = verdicts(tmp_path / "ours.parquet", pack), verdicts(tmp_path / "verdicts.parquet", pack)
    assert {key: {g: (v.result, v.reasons) for g, v in found.items()} for key, found in theirs.items()} == {
        f"{key % 7}/{key}": {g: (v.result, v.reasons) for g, v in found.items()} for key, found in ours.items()
    }


def test_files_named_as_ours_need_no_mapping(pack: Pack, tmp_path: Path) -> None:
    with duckdb.connect() as con:
        households, persons = make_county(con, tmp_path, 0.004)
        whole = screen(con, pack, AS_OF, households=households, persons=persons, into=tmp_path / "ours.parquet")
    files = {name: tmp_path / f"{name}.parquet" for name in ("households", "persons")}
    done = judge_files(files, plain_mapping(), pack, AS_OF, into=tmp_path / "theirs.parquet")
    assert done.result is not None
    assert done.result.counts == whole.counts
    assert verdicts(tmp_path / "theirs.parquet", pack) == verdicts(tmp_path / "ours.parquet", pack)


# --- what does not fit is told


HEAD = "households: {{key: h, fields: {{{fields}}}}}\npersons: {{key: h, person: p}}"


def refused(tmp_path: Path, pack: Pack, fields: str, households: str, persons: str = "h,p\n1,1\n") -> tuple[Problem, ...]:
    (tmp_path / "households.csv").write_text(households, "utf-8")
    (tmp_path / "persons.csv").write_text(persons, "utf-8")
    done = judge(tmp_path, pack, mapped(HEAD.format(fields=fields), tmp_path))
    assert done.result is None or not done.problems
    assert not (tmp_path / "verdicts.parquet").exists() or not done.problems
    for problem in done.problems:
        assert problem.cause.zh
        assert "{" not in problem.cause.en + problem.remedy.en
    return done.problems


@pytest.mark.parametrize(
    ("fields", "households", "told"),
    [
        ("house_grade: grade", "h,g\n1,A\n", [("BF-1514", "grade", None)]),
        ("house_grade: g", "h,g\n1,A\n2,E\n3,E\n", [("BF-1515", "g", 2)]),
        ("house_grade: {column: g, codes: {1: A}}", "h,g\n1,1\n2,A\n", [("BF-1515", "g", 1)]),
        ("water_litres: w", "h,w\n1,viel\n2,5\n", [("BF-1516", "w", 1)]),
        ("water_litres: w", "h,w\n1,-3\n", [("BF-1516", "w", 1)]),  # out of the field's bounds
        ("water_distance_m: w", "h,w\n1,2.5\n", [("BF-1516", "w", 1)]),
        ("income_wage: {column: w, unit: yuan}", "h,w\n1,1.005\n", [("BF-1516", "w", 1)]),
        ("income_to: {column: d, format: '%Y%m%d'}", "h,d\n1,20190230\n", [("BF-1516", "d", 1)]),
        ("bedding: {column: b, true: [1], false: [2]}", "h,b\n1,1\n2,3\n", [("BF-1516", "b", 1)]),
        ("house_grade: g", "h,g\n1,A\n,A\n,B\n", [("BF-1517", "h", 2)]),
        ("house_grade: g", "h,g\n1,A\n1,B\n", [("BF-1518", "h", 2)]),
        (
            "house_grade: g",
            "h,g\n" + "".join(f"{n},x{n % 8}\n" for n in range(16)),
            [("BF-1515", "g", 2)] * 5 + [("BF-1519", "g", 6)],
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_column_value_and_rows(
    pack: Pack, tmp_path: Path, fields: str, households: str, told: list[tuple[str, str, int | None]]
) -> None:
    found = refused(tmp_path, pack, fields, households)
    assert [(p.number, p.values["column"], p.values.get("rows")) for p in found] == told


def test_everything_that_does_not_fit_is_told_at_once(pack: Pack, tmp_path: Path) -> None:
    found = refused(tmp_path, pack, "house_grade: g, water_litres: w", "h,g,w\n1,E,viel\n")
    assert [p.number for p in found] == ["BF-1515", "BF-1516"]


@pytest.mark.parametrize(
    "text",
    [
        "households: {key: h}",
        "households: {fields: {}}\npersons: {key: h}",
        "households: {key: h, fields: {no_such_field: x}}\npersons: {key: h}",
        "households: {key: h, fields: {income_wage: x}}\npersons: {key: h}",  # no unit
        "households: {key: h, fields: {house_grade: {column: g, codes: {1: Z}}}}\npersons: {key: h}",
        "households: {key: h, fields: {bedding: {column: b, true: [1]}}}\npersons: {key: h}",
        "households: {key: h, fields: {bedding: {column: b, unit: yuan}}}\npersons: {key: h}",
        "households: {key: h, fields: {house_grade: {value: Z}}}\npersons: {key: h}",
        "households: {key: h, fields: {household_phone: t}}\npersons: {key: h}",
    ],
)
def test_a_bad_mapping_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problem) as caught:
        mapped(text, tmp_path)
    assert caught.value.number == "BF-1512"
    assert "docs/mechanisms" in caught.value.remedy.en


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04....", b"h\n\xff\xfe\xfd\x80\x80", b"PAR1 not really"])
def test_a_file_that_is_no_table_is_told(pack: Pack, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "households.csv").write_bytes(content)
    (tmp_path / "persons.csv").write_text("h,p\n1,1\n")
    with pytest.raises(Problem) as caught:
        judge(tmp_path, pack, mapped(HEAD.format(fields=""), tmp_path))
    assert caught.value.number == "BF-1513"


def test_persons_of_no_household_are_counted(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "households.csv").write_text("h\n1\n", "utf-8")
    (tmp_path / "persons.csv").write_text("h,p\n1,1\n2,1\n2,2\n", "utf-8")
    done = judge(tmp_path, pack, mapped(HEAD.format(fields=""), tmp_path))
    assert dict(done.apart) == {"persons": 2}


# --- the law of reading: what we write in a form is what is read in that form


@settings(max_examples=60, deadline=None)
@given(fen=st.integers(0, 10**8), day=st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), yes=st.none() | st.booleans())
def test_what_is_written_in_a_form_is_read_in_it(fen: int, day: dt.date, yes: bool | None) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        mapping = mapped(
            "households: {key: h, fields: {income_wage: {column: w, unit: yuan}, house_appraised_on: {column: d, format: '%d/%m/%Y'},"
            " bedding: {column: b, true: [1], false: [0]}}}\npersons: {key: h}",
            Path(folder),
        )
    table = mapping.tables["households"].fields
    types = dict.fromkeys("wdb", "VARCHAR")
    made = [translate(table[name], types) for name in ("income_wage", "house_appraised_on", "bedding")]
    written = [f"{fen // 100}.{fen % 100:02}", day.strftime("%d/%m/%Y"), None if yes is None else str(int(yes))]
    with duckdb.connect() as con:
        selected = ", ".join(f"{one.value}, {one.bad}" for one in made)
        row = con.execute(
            f"SELECT {selected} FROM (SELECT $1::VARCHAR AS w, $2::VARCHAR AS d, $3::VARCHAR AS b)", written
        ).fetchall()[0]
    assert row == (fen, False, day, False, yes, False)


# --- parts by ranges of the key


@settings(max_examples=200, deadline=None)
@given(
    keys=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12),
    others=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=12),
    size=st.integers(1, 30),
)
def test_every_key_lies_in_exactly_one_part(keys: list[tuple[int, int]], others: list[tuple[int, int]], size: int) -> None:
    def groups(pairs: list[tuple[int, int]]) -> list[Group]:
        return [Group(f"{n}", 10, min(p), max(p)) for n, p in enumerate(pairs)]

    made = spans(groups(keys), [groups(others)], size)
    for key in range(-1, 52):
        assert sum((s.low is None or key >= s.low) and (s.high is None or key < s.high) for s in made) == 1
    assert made[0].low is None
    assert made[-1].high is None


def test_parts_give_what_the_whole_gives(pack: Pack, tmp_path: Path) -> None:
    with duckdb.connect() as con:
        make_county(con, tmp_path, 0.02)
        for name in ("households", "persons"):  # small row groups, so that there is something to cut
            con.execute(
                f"COPY (SELECT * FROM '{tmp_path}/{name}.parquet' ORDER BY household) TO '{tmp_path}/{name}-cut.parquet' (ROW_GROUP_SIZE 2048)"
            )
        files = {name: [tmp_path / f"{name}-cut.parquet"] for name in ("households", "persons")}
        parts = [part | {"items": "items"} for part in parts_by_range(con, files, dict.fromkeys(files, "household"), 600)]
        assert len(parts) > 1
        into = tmp_path / "parts.parquet"
        in_parts = screen_parts(con, pack, AS_OF, parts, into=into)
        whole = screen(
            con,
            pack,
            AS_OF,
            households=f"'{files['households'][0]}'",
            persons=f"'{files['persons'][0]}'",
            into=tmp_path / "whole.parquet",
        )
        assert (in_parts.counts, in_parts.households, in_parts.persons) == (whole.counts, whole.households, whole.persons)
        assert len(list(into.iterdir())) == len(parts)
        differing = f"SELECT * FROM '{into}/*.parquet' EXCEPT ALL SELECT * FROM '{tmp_path}/whole.parquet'"
        assert con.execute(differing).fetchall() == []
        # Written again over its own result; never over what is somebody else's.
        screen_parts(con, pack, AS_OF, parts, into=into)
        (into / "notes.txt").write_text("mine")
        with pytest.raises(Problem) as caught:
            screen_parts(con, pack, AS_OF, parts, into=into)
        assert caught.value.number == "BF-1520"
        assert (into / "notes.txt").read_text() == "mine"


def test_files_in_no_order_stay_whole(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT (i * 7919) % 10000 AS household FROM range(10000) t(i)) TO '{tmp_path}/a.parquet' (ROW_GROUP_SIZE 2048)"
        )
        files = {"households": [tmp_path / "a.parquet"], "persons": [tmp_path / "a.parquet"]}
        assert len(parts_by_range(con, files, dict.fromkeys(files, "household"), 100)) == 1


def test_a_span_has_its_low_end_and_not_its_high_end() -> None:
    group = Group("a", 1, 5, 9)
    assert group.meets(Span(9, 12))
    assert not group.meets(Span(10, 12))
    assert not group.meets(Span(1, 5))
    assert group.within(Span(5, 10))
    assert not group.within(Span(5, 9))


@pytest.mark.parametrize("victim", ["households.csv", "persons.csv", "mapping.yaml", "notes.txt"])
def test_the_result_takes_the_place_of_nothing_that_is_read_or_somebody_s(pack: Pack, tmp_path: Path, victim: str) -> None:
    for file in EXAMPLE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "notes.txt").write_text("somebody's notes")
    before = (tmp_path / victim).read_bytes()
    files = {name: tmp_path / f"{name}.csv" for name in ("households", "persons")}
    mapping = read_mapping(tmp_path / "mapping.yaml", register_schema())
    with pytest.raises(Problem, match="BF-1520"):
        judge_files(files, mapping, pack, dt.date(2020, 4, 28), into=tmp_path / victim, kept=[tmp_path / "mapping.yaml"])
    assert (tmp_path / victim).read_bytes() == before


@pytest.mark.parametrize("cut", [1, 3])
def test_a_row_with_fewer_cells_than_the_heading_is_named(tmp_path: Path, cut: int) -> None:
    lines = (EXAMPLE / "households.csv").read_text("utf-8").splitlines()
    lines[cut] = lines[cut].rpartition(",")[0]
    (tmp_path / "short.csv").write_text("\n".join(lines) + "\n", "utf-8")
    with duckdb.connect(":memory:") as con, pytest.raises(Problem, match="BF-1513") as caught:
        open_file(con, tmp_path / "short.csv", tmp_path)
    assert f"row {cut + 1} has 17 cells, the heading 18" in caught.value.cause.en
