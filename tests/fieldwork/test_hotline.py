"""The hotline's log: taken whole or not at all, each call once, by its content and its headings, into the same path as self-reports."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from openpyxl import Workbook

from bangfu.accounts.models import AuditEntry, User
from bangfu.areas.models import Area
from bangfu.fieldwork.actions.hotline import clear_logs, import_log, look, put_aside, put_by
from bangfu.fieldwork.actions.report_work import take_new
from bangfu.fieldwork.addresses import Villages
from bangfu.fieldwork.models import Report
from bangfu.fieldwork.models.reports import REPORT_PHONE, REPORT_WORDS
from bangfu.fieldwork.sheets import day_of
from bangfu.foundation import clock
from bangfu.foundation.secrecy import decrypt
from tests.cases.ground import someone
from tests.command.standing import refused
from tests.fieldwork.reporting_ground import Reporting

HEADS = ["来电时间", "来电号码", "姓名", "地址", "户编号", "反映内容", "类别"]


def place(ground: Reporting) -> str:
    township = ground.village.parent
    assert township is not None
    return f"{township.name}{ground.village.name}三组"


def call(ground: Reporting, **more: str) -> list[str]:
    row = {
        "time": "2020-04-12 09:30",
        "phone": "13900001234",
        "name": "王某",
        "area": place(ground),
        "household": "",
        "words": "路灯坏了",
        "kind": "",
    } | more
    return list(row.values())


def write(path: Path, rows: list[list[str]], heads: list[str] = HEADS) -> Path:
    if path.suffix == ".csv":
        out = io.StringIO()
        csv.writer(out).writerows([heads, *rows])
        path.write_bytes(out.getvalue().encode("gb18030"))
        return path
    book = Workbook()
    book.active.append(["某县热线记录"])  # a title above the heading
    for row in [heads, *rows]:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["log.csv", "log.xlsx"])
def test_a_log_is_taken_sealed_and_each_call_once(ground: Reporting, tmp_path: Path, name: str) -> None:
    actor = ground.headquarters
    log = write(
        tmp_path / name, [call(ground), call(ground, time="2020年4月13日", words="低保停发", kind="群众诉求"), call(ground)]
    )
    looked = look(actor, log)
    assert (len(looked.placed), len(looked.new), list(looked.problems)) == (3, 2, []), [str(p) for p in looked.problems]
    assert Report.objects.count() == 0
    import_log(actor, log)
    import_log(actor, log)
    rows = list(Report.objects.order_by("day"))
    assert [(r.channel, r.path, str(r.day), r.kind) for r in rows] == [
        ("hotline", ground.village.path, "2020-04-12", ""),
        ("hotline", ground.village.path, "2020-04-13", rows[1].kind),
    ]
    assert (decrypt(rows[0].words, REPORT_WORDS), decrypt(rows[0].phone, REPORT_PHONE)) == ("路灯坏了", "13900001234")
    more = write(tmp_path / f"more-{name}", [call(ground), call(ground, words="又一件")])
    assert len(import_log(actor, more).new) == 1
    assert AuditEntry.objects.filter(act="report.log", user_id=actor.user_id).count() == 3


def test_what_a_file_is_is_told_by_its_content(ground: Reporting, tmp_path: Path) -> None:
    write(tmp_path / "log.xlsx", [call(ground)])
    wrong = (tmp_path / "log.xlsx").rename(tmp_path / "log.csv")
    assert len(import_log(ground.headquarters, wrong).new) == 1


def test_other_headings_in_another_order(ground: Reporting, tmp_path: Path) -> None:
    log = write(
        tmp_path / "log.csv", [["路灯坏了", "2020/4/12", place(ground), "x"]], ["诉求内容", "受理时间", "事发地址", "坐席"]
    )
    looked = import_log(ground.headquarters, log)
    assert (len(looked.new), list(looked.unknown)) == (1, ["坐席"])


def test_a_call_with_number_and_own_phone_becomes_a_case_from_the_hotline(ground: Reporting, tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", [call(ground, phone=ground.phone, household=ground.home.number, area="", kind="grievance")])
    import_log(ground.headquarters, log)
    assert take_new(ground.county.operator()) == 1
    report = Report.objects.get()
    assert report.case is not None
    assert (report.case.source, report.case.source_reference) == ("hotline", report.receipt)


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"time": "昨天"}, "来电时间"), ({"time": "2020-05-09"}, "来电时间"), ({"phone": "12"}, "来电号码"), ({"words": ""}, "反映内容"),
        ({"kind": "天气"}, "类别"), ({"area": "某处"}, "地址"), ({"area": ""}, "地址"), ({"name": "名" * 61}, "姓名"),
    ],
)  # fmt: skip
def test_one_wrong_cell_keeps_the_whole_log_out_and_is_named(
    ground: Reporting, tmp_path: Path, more: dict[str, str], column: str
) -> None:
    log = write(tmp_path / "log.csv", [call(ground), call(ground, **{"words": "第二件"} | more)])
    with refused("BF-2681", "第3行", column):
        import_log(ground.headquarters, log)
    assert Report.objects.count() == 0
    assert [p.values["row"] for p in look(ground.headquarters, log).problems] == [3]


def test_all_that_is_wrong_with_a_row_is_told_at_once(ground: Reporting, tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", [call(ground, phone="12", area="某处", kind="天气")])
    told = {str(p.values["column"]) for p in look(ground.headquarters, log).problems}
    assert len(told) == 3


def test_a_log_without_a_needed_column_says_which(ground: Reporting, tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", [["13900001234", "路灯坏了"]], ["来电号码", "反映内容"])
    with refused("BF-2682", "来电时间"):
        import_log(ground.headquarters, log)


def test_a_village_that_two_townships_have_is_not_guessed(ground: Reporting, tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", [call(ground, area="凤凰村")])
    with refused("BF-2681", "地址"):
        import_log(ground.headquarters, log)
    named = write(tmp_path / "named.csv", [call(ground, area="绥阳县郑场镇凤凰村二组")])
    import_log(ground.headquarters, named)
    assert Report.objects.count() == 1


def test_every_village_is_found_by_its_own_address(ground: Reporting) -> None:
    """Also where the township has a village of its own name, or a village bears a name today that another bore once."""
    villages = Villages.on(clock.today())
    for area in Area.objects.under(ground.county.path).on(clock.today()).level("village").select_related("parent"):
        assert area.parent is not None
        assert villages.named(f"{area.parent.name}{area.name}三组") == area.path, area.name


def test_a_township_takes_calls_of_its_own_villages_only(ground: Reporting, tmp_path: Path) -> None:
    station = someone(ground.county, "hotline1", "township_station", ground.county.path + "001/")
    outside = ground.village if not ground.village.path.startswith(station.scope) else None
    log = write(tmp_path / "log.csv", [call(ground)])
    if outside is None:
        station = someone(ground.county, "hotline2", "township_station", ground.county.path + "002/")
    with refused("BF-2681"):
        import_log(station, log)
    with refused("BF-1001"):
        import_log(ground.secretary, log)


def test_the_page_shows_first_and_takes_then(ground: Reporting, tmp_path: Path) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=ground.headquarters.user_id))
    log = write(tmp_path / "log.xlsx", [call(ground)])
    with log.open("rb") as file:
        page = client.post("/fieldwork/reports/log/", {"file": file}).content.decode()
    assert "路灯坏了" in page
    assert "139****1234" in page
    assert "13900001234" not in page
    assert Report.objects.count() == 0
    assert client.post("/fieldwork/reports/log/", {"do": "take"}).status_code == 302
    assert Report.objects.count() == 1
    assert client.post("/fieldwork/reports/log/", {"do": "take"}).status_code == 410, "it was taken already"
    with write(tmp_path / "bad.csv", [call(ground, time="x")]).open("rb") as file:
        page = client.post("/fieldwork/reports/log/", {"file": file}).content.decode()
    assert "BF-2681" in page
    assert client.post("/fieldwork/reports/log/", {"do": "take"}).status_code == 410
    assert client.post("/fieldwork/reports/log/").status_code == 415


def test_a_log_that_waits_is_encrypted_and_goes(ground: Reporting, temporary_home: Path) -> None:
    key = put_by("路灯坏了 13900001234".encode())
    (kept,) = (temporary_home / "imports").glob("hotline-*")
    assert b"13900001234" not in kept.read_bytes()
    assert clear_logs() == 0
    assert put_aside(key).decode().startswith("路灯")
    with refused("BF-2684"):
        put_aside(key)


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")
def test_the_command(ground: Reporting, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = write(tmp_path / "log.csv", [call(ground, phone=ground.phone, household=ground.home.number), call(ground)])
    call_command("report", "import", str(log), "--preview", "--json")
    assert json.loads(capsys.readouterr().out)["taken"] == 0
    call_command("report", "import", str(log), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["taken"], told["matched"], told["known"]) == (2, 1, 0)
    call_command("report", "import", str(log))
    assert "2" in capsys.readouterr().out
    bad = write(tmp_path / "bad.csv", [call(ground, time="x")])
    with pytest.raises(CommandError):
        call_command("report", "import", str(bad))
    assert "BF-2681" in capsys.readouterr().err


def test_times_as_logs_write_them() -> None:
    said = [
        "2020-04-12 09:30",
        "2020/4/12",
        "2020年4月12日 9时",
        "2020-04-12T09:30:00",
        "2020.4.12",
        "2020-04-31",
        "12.4.2020",
        "",
        "2020-04-12 25:00",
    ]
    assert [str(day_of(one)) for one in said] == ["2020-04-12"] * 5 + ["None"] * 4
