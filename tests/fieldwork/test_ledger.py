"""Ledgers of visits: read by their headings, taken whole or not at all, each visit once; they count like those that phones hand in."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from openpyxl import Workbook

from bangfu.accounts.models import User
from bangfu.command.models import Officer
from bangfu.fieldwork.actions.ledgers import SCHEMA, import_ledger, record_visits
from bangfu.fieldwork.ledger import columns, read_ledger, template
from bangfu.fieldwork.models import Visit, VisitLedger
from bangfu.fieldwork.visited import visited
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.register.models import Evidence, Household
from tests.cases.ground import client_of, someone

DAY = date(2020, 3, 20)
pytestmark = pytest.mark.django_db


@pytest.fixture
def homes(county: County) -> list[Household]:
    """Four households of one village that were not visited on the day."""
    rows = (
        Household.objects.farming().exclude(pk__in=Visit.objects.filter(day=DAY).values("household")).order_by("path", "number")
    )
    first = rows.first()
    assert first is not None
    return list(rows.filter(path__startswith=first.path[: len(county.path) + 8])[:4])


@pytest.fixture
def officers(county: County) -> list[Officer]:
    return list(Officer.objects.on(DAY).order_by("number")[:3])


def line(home: Household, leader: str = "", companions: str = "", **more: str) -> dict[str, str]:
    return {
        "household": home.number, "day": "2020-03-20", "began": "9:30", "minutes": "25", "mode": "入户", "answered": "户主", "away": "否",
        "leader": leader, "companions": companions, "words": "",
    } | more  # fmt: skip


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    heads = [c.title.zh for c in columns().values()]
    cells = [[row[key] for key in columns()] for row in rows]
    if path.suffix == ".csv":
        out = io.StringIO()
        csv.writer(out).writerows([heads, *cells])
        path.write_bytes(out.getvalue().encode("gb18030"))
        return path
    book = Workbook()
    book.active.append(["某镇走访台账"])
    for row in [heads, *cells]:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["visits.xlsx", "visits.csv"])
def test_a_ledger_becomes_visits(
    county: County, homes: list[Household], officers: list[Officer], tmp_path: Path, name: str
) -> None:
    leader, one, two = officers
    path = write(
        tmp_path / name,
        [
            line(homes[0], leader.number, f"{one.number}、{two.number}", words="讲解医保政策"),
            line(homes[1], "", one.number, answered="无人在家", began="", minutes=""),
            line(homes[2], "", one.number, away="是", answered=""),
        ],
    )
    taken = import_ledger(county.operator(), path)
    assert (taken.lines, taken.new, taken.known, list(taken.problems)) == (3, 3, 0, [])
    first = Visit.objects.get(household=homes[0], day=DAY)
    assert first.present == [leader.pk, one.pk, two.pk]
    assert (first.leader, first.worker, first.minutes, first.mode, first.answered) == (True, leader.name, 25, "home", "head")
    assert first.told == {"words": "讲解医保政策"}
    assert first.began_at is not None
    assert first.began_at.astimezone().utctimetuple().tm_min == 30
    assert (first.submission, first.ledger) == (None, VisitLedger.objects.get(name=name))
    assert Evidence.objects.filter(household=homes[0].pk, kind="visit", happened_on=DAY, source__name=name).count() == 1
    second = Visit.objects.get(household=homes[1], day=DAY)
    assert (second.leader, second.answered, second.present, second.began_at) == (False, "nobody", [one.pk], None)
    third = Visit.objects.get(household=homes[2], day=DAY)
    assert third.away
    # Nobody at home is no visit to the calendar's eye either.
    known = visited([h.pk for h in homes], DAY)
    assert known.get(homes[0].pk) == DAY
    assert known.get(homes[2].pk) != DAY


def test_a_visit_comes_once(county: County, homes: list[Household], officers: list[Officer], tmp_path: Path) -> None:
    row = line(homes[0], officers[0].number)
    import_ledger(county.operator(), write(tmp_path / "a.csv", [row, row]))
    assert Visit.objects.filter(household=homes[0], day=DAY).count() == 1
    again = import_ledger(county.operator(), write(tmp_path / "b.csv", [row, line(homes[1], officers[0].number)]))
    assert (again.new, again.known) == (1, 1)
    none = import_ledger(county.operator(), write(tmp_path / "c.csv", [row]))
    assert (none.new, none.known) == (0, 1)
    assert not VisitLedger.objects.filter(name="c.csv").exists()


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"household": ""}, "户编号"), ({"household": "520000000000000"}, "户编号"), ({"day": "2020-05-01"}, "走访日期"), ({"day": "昨天"}, "走访日期"),
        ({"day": "2012-01-01"}, "走访日期"), ({"began": "25:10"}, "开始时间"), ({"minutes": "0"}, "用时（分钟）"), ({"minutes": "２５"}, "用时（分钟）"),
        ({"mode": "飞鸽"}, "走访方式"), ({"answered": "某人"}, "答话人"), ({"away": "也许"}, "全家外出"), ({"leader": "", "companions": ""}, "带队领导工号"),
        ({"leader": "NOBODY"}, "带队领导工号"), ({"companions": "NOBODY"}, "同行人员工号"),
    ],
)  # fmt: skip
def test_one_wrong_cell_keeps_the_whole_ledger_out_and_is_named(
    county: County, homes: list[Household], officers: list[Officer], tmp_path: Path, more: dict[str, str], column: str
) -> None:
    before = Visit.objects.count()
    good, bad = line(homes[0], officers[0].number), line(homes[1], officers[0].number) | more
    taken = import_ledger(county.operator(), write(tmp_path / "visits.csv", [good, bad]))
    assert [(p.number, p.values["row"], str(p.values["column"])) for p in taken.problems] == [("BF-2644", 3, column)]
    assert Visit.objects.count() == before


def test_a_household_outside_ones_area_is_refused(
    county: County, homes: list[Household], officers: list[Officer], tmp_path: Path
) -> None:
    elsewhere = Household.objects.farming().exclude(path__startswith=homes[0].path[: len(county.path) + 4]).first()
    assert elsewhere is not None
    township = someone(county, "station", "township_station", homes[0].path[: len(county.path) + 4])
    taken = import_ledger(township, write(tmp_path / "v.csv", [line(elsewhere, officers[0].number)]))
    assert [p.number for p in taken.problems] == ["BF-2644"]


def test_a_ledger_without_a_needed_column_says_which(county: County, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("户编号,备注\n1,x\n", "utf-8")
    assert [p.number for p in read_ledger(tmp_path / "v.csv", DAY).problems] == ["BF-2645"]
    assert "走访日期" in template()


def test_the_set_form_takes_a_table(county: County, homes: list[Household], officers: list[Officer]) -> None:
    rows = [
        {"row": n, "number": h.number, "day": DAY, "mode": "home", "answered": "head", "away": False, "leader": officers[0].number, "present": officers[1].number, "words": None}
        for n, h in enumerate(homes, 1)
    ]  # fmt: skip
    taken = record_visits(county.operator(), pa.Table.from_pylist(rows, schema=SCHEMA), name="一个月的台账")
    assert taken.new == len(homes)
    assert {tuple(v.present) for v in Visit.objects.filter(day=DAY, household__in=homes)} == {(officers[0].pk, officers[1].pk)}


def test_the_page_takes_a_ledger_and_tells_what_is_wrong(
    county: County, homes: list[Household], officers: list[Officer], tmp_path: Path
) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="county"))
    address = "/fieldwork/visits/ledgers/"
    assert client.get(address).status_code == 200
    with write(tmp_path / "good.xlsx", [line(homes[0], officers[0].number)]).open("rb") as file:
        answer = client.post(address, {"file": file}, follow=True)
    assert "1 visit recorded" in answer.content.decode()
    assert "good.xlsx" in answer.content.decode()
    with write(tmp_path / "bad.xlsx", [line(homes[1], "NOBODY")]).open("rb") as file:
        answer = client.post(address, {"file": file})
    assert answer.status_code == 400
    assert "BF-2644" in answer.content.decode()
    assert client.post(address).status_code == 400
    assert client.get(f"{address}template/").content.decode("utf-8-sig").startswith("household,")


def test_a_visit_of_a_ledger_has_a_page(county: County, homes: list[Household], officers: list[Officer], tmp_path: Path) -> None:
    import_ledger(county.operator(), write(tmp_path / "v.csv", [line(homes[0], officers[0].number)]))
    made = Visit.objects.get(household=homes[0], day=DAY)
    answer = client_of(someone(county, "headquarters2", "county_headquarters", county.path)).get(f"/fieldwork/visits/{made.pk}/")
    assert answer.status_code == 200


def test_who_may_not_record_is_refused(county: County, homes: list[Household], tmp_path: Path) -> None:
    helper: Actor = someone(county, "analyst2", "analyst", county.path)
    assert client_of(helper).get("/fieldwork/visits/ledgers/").status_code == 403


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")
def test_the_command(
    county: County, homes: list[Household], officers: list[Officer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("visit", "import", str(write(tmp_path / "v.csv", [line(homes[0], officers[0].number)])), "--json")
    assert json.loads(capsys.readouterr().out) == {"lines": 1, "new": 1, "known": 0, "wrong": []}
    with pytest.raises((SystemExit, CommandError)):
        call_command("visit", "import", str(write(tmp_path / "w.csv", [line(homes[0], "NOBODY")])), "--json")
    assert json.loads(capsys.readouterr().out)["wrong"][0]["number"] == "BF-2644"
    with acting(county.operator()):
        assert Visit.objects.filter(household=homes[0], day=DAY).count() == 1
