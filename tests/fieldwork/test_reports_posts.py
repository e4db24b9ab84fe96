"""What becomes of reports: matched by themselves or by a post, made cases, dismissed; who sees what; files; the day; figures; the printed code."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.core.management import call_command
from django.db import models
from django.test import Client

from bangfu.accounts.models import AuditEntry, User
from bangfu.cases.models import Case
from bangfu.fieldwork.actions.report_work import take_new
from bangfu.fieldwork.actions.reporting import places
from bangfu.fieldwork.actions.reports import dismiss, make_case, match, open_file, reveal_phone, tell, the_report
from bangfu.fieldwork.models import Report, ReportFile
from bangfu.fieldwork.providers import encrypted
from bangfu.fieldwork.report_day import reports_of_the_day
from bangfu.fieldwork.report_poster import posters
from bangfu.fieldwork.reported_files import Handed
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from tests.cases.ground import TODAY, someone
from tests.command.standing import refused
from tests.fieldwork.reporting_ground import WORDS, Reporting
from tests.fieldwork.test_reports_public import VOICE, photo


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


# --- matched by itself


def test_number_and_own_phone_make_it_the_household_s_and_a_case_at_once(ground: Reporting) -> None:
    report = ground.own(kind="grievance")
    assert (report.state, report.household, report.path) == ("case", ground.home, ground.home.path)
    case = report.case
    assert case is not None
    assert (case.source, case.source_reference, case.household, case.kind) == (
        "self_report",
        report.receipt,
        ground.home,
        "grievance",
    )
    assert (report.settled_on, report.answer_by) == (TODAY, TODAY + timedelta(3))
    assert take_new(ground.county.operator()) == 0


def test_without_a_kind_it_is_matched_and_waits_and_so_does_the_same_matter_again(ground: Reporting) -> None:
    assert ground.own().state == "matched"
    assert ground.own(kind="grievance").state == "case"
    again = ground.own(kind="grievance")
    assert (again.state, again.case) == ("matched", None), "the same thing stands open: the post decides"
    with refused("BF-2404"):  # another subject makes no other matter of the same words
        make_case(ground.secretary, again.receipt, "grievance", subject="second")


@pytest.mark.parametrize("wrong", ["phone", "number", "nothing"])
def test_anything_less_waits_for_the_post(ground: Reporting, wrong: str) -> None:
    number = "52039999999999999" if wrong == "number" else ground.home.number
    phone = {"phone": "13900001234", "number": ground.phone, "nothing": ""}[wrong]
    report = ground.file(kind="grievance", household=number, phone=phone)
    take_new(ground.county.operator())
    report.refresh_from_db()
    assert (report.state, report.household, report.taken) == ("new", None, True)
    assert not Case.objects.filter(source_reference=report.receipt).exists()


# --- by the post


def test_a_post_matches_and_opens_the_case_with_the_words_told(ground: Reporting) -> None:
    report = ground.file()
    match(ground.secretary, report.receipt, ground.home.number)
    case = make_case(ground.secretary, report.receipt, "illness", severity="serious")
    report.refresh_from_db()
    assert (report.state, report.case, report.settled_by) == ("case", case, "reports1（测试）")
    assert (case.household, case.severity, case.source) == (ground.home, "serious", "self_report")
    with refused("BF-2674", "已立项"):
        dismiss(ground.secretary, report.receipt, "answered", "又一次")
    with refused("BF-2674"):
        match(ground.secretary, report.receipt, ground.home.number)
    with refused("BF-2674"):
        make_case(ground.secretary, report.receipt, "illness", subject="2")
    acts = list(AuditEntry.objects.filter(subject=report.receipt).order_by("pk").values_list("act", flat=True))
    assert acts == ["report.match", "report.case"]


def test_a_report_without_a_household_becomes_a_case_of_its_village(ground: Reporting) -> None:
    report = ground.file(words="", files=[Handed("voice", "a.ogg", VOICE)])
    case = make_case(ground.secretary, report.receipt, "grievance")
    assert (case.household, case.path) == (None, ground.village.path)


def test_a_household_out_of_reach_is_none(ground: Reporting) -> None:
    report = ground.file()
    with refused("BF-1222"):
        match(ground.secretary, report.receipt, "52039999999999999")
    township = someone(ground.county, "reports4", "township_station", ground.village.path[:-4])
    elsewhere = next(h for h in _homes(ground) if not h.path.startswith(township.scope))
    with refused("BF-1222"):
        match(township, report.receipt, elsewhere.number)
    match(ground.headquarters, report.receipt, elsewhere.number)
    report.refresh_from_db()
    assert report.path == elsewhere.path
    with refused("BF-2673"):
        the_report(ground.secretary, report.receipt)


def _homes(ground: Reporting) -> list[object]:
    from bangfu.register.models import Household

    return list(Household.objects.farming().order_by("-path")[:5])


def test_dismissing_needs_a_reason_and_words(ground: Reporting) -> None:
    report = ground.file()
    with refused("BF-2661", "原因"):
        dismiss(ground.secretary, report.receipt, "because", "电话核对过")
    with refused("BF-2661", "说明"):
        dismiss(ground.secretary, report.receipt, "answered", " ")
    done = dismiss(ground.secretary, report.receipt, "answered", "电话核对过")
    assert (done.state, done.reason, done.settled_on) == ("dismissed", "answered", TODAY)


# --- who sees what


def test_a_village_does_not_see_another_s_reports(ground: Reporting) -> None:
    report = ground.file(phone="13900001234", files=[Handed("photo", "b.jpg", photo())])
    file = ReportFile.objects.get(report=report).file
    with acting(ground.neighbour):
        assert Report.objects.count() == ReportFile.objects.count() == 0  # the database's own wall, nothing is filtered here
        assert Report.objects.filter(pk=report.pk).update(reason="x") == 0
    with acting(ground.secretary):
        assert (Report.objects.count(), ReportFile.objects.count()) == (1, 1)
    for act in (
        lambda: the_report(ground.neighbour, report.receipt), lambda: match(ground.neighbour, report.receipt, ground.home.number),
        lambda: dismiss(ground.neighbour, report.receipt, "answered", "说明"), lambda: make_case(ground.neighbour, report.receipt, "grievance"),
        lambda: tell(ground.neighbour, report.receipt, "说明"), lambda: open_file(ground.neighbour, report.receipt, file),
        lambda: reveal_phone(ground.neighbour, report.receipt, reason="contact", words="回访本人"),
    ):  # fmt: skip
        with refused("BF-2673"):
            act()
    client = client_of(ground.neighbour)
    for address in ("", "phone/", f"files/{file}/"):
        assert client.get(f"/fieldwork/reports/{report.receipt}/{address}").status_code == 404
    assert report.receipt not in client.get("/fieldwork/reports/?view=all", follow=True).content.decode()


def test_a_helper_sees_the_reports_of_the_households_of_the_duty_alone(ground: Reporting) -> None:
    from bangfu.accounts.actions import DutyRow, give_duties

    actor = someone(ground.county, "reports5", "helper", ground.village.path)
    give_duties(
        ground.county.operator(),
        [DutyRow(User.objects.get(pk=actor.user_id), ground.home.path, clock.today(), None, ground.home.pk)],
        source="hand",
    )
    from tests.cases.ground import actor_of

    helper = actor_of(User.objects.get(pk=actor.user_id))
    own, loose = ground.own(files=[Handed("photo", "b.jpg", photo())]), ground.file(files=[Handed("photo", "c.jpg", photo(41))])
    with acting(helper):
        assert list(Report.objects.values_list("receipt", flat=True)) == [own.receipt]
        assert ReportFile.objects.count() == 1
    with refused("BF-2673"):
        the_report(helper, loose.receipt)


def test_who_only_reads_cases_sees_neither_words_nor_files(ground: Reporting) -> None:
    report = ground.file(name="王某", phone="13900001234", files=[Handed("voice", "a.ogg", VOICE)])
    file = ReportFile.objects.get(report=report).file
    analyst = someone(ground.county, "reports6", "analyst", ground.county.path)
    page = client_of(ground.secretary).get(f"/fieldwork/reports/{report.receipt}/").content.decode()
    assert WORDS in page
    assert "王某" in page
    assert "139****1234" in page
    assert "13900001234" not in page
    with refused("BF-1001"):
        open_file(analyst, report.receipt, file)
    with refused("BF-1001"):
        dismiss(analyst, report.receipt, "answered", "说明")
    with refused("BF-1001"):
        reveal_phone(analyst, report.receipt, reason="contact", words="回访本人")


def test_the_whole_number_is_shown_for_a_reason_and_leaves_a_trace(ground: Reporting) -> None:
    report = ground.file(phone="13900001234")
    client = client_of(ground.secretary)
    url = f"/fieldwork/reports/{report.receipt}/phone/"
    assert "13900001234" not in client.get(url).content.decode()
    assert client.post(url, {"reason": "contact", "words": "x"}).status_code == 400
    answer = client.post(url, {"reason": "contact", "words": "回访申报人"})
    assert "13900001234" in answer.content.decode()
    entry = AuditEntry.objects.get(subject=report.receipt)
    assert (entry.act, entry.reason, entry.detail["reason"]) == ("person.reveal", "回访申报人", "contact")


def test_voices_and_photographs_are_shown_as_what_they_are_and_leave_a_trace(ground: Reporting) -> None:
    report = ground.file(files=[Handed("voice", "a.ogg", VOICE), Handed("photo", "b.jpg", photo())])
    client = client_of(ground.secretary)
    told = [
        client.get(f"/fieldwork/reports/{report.receipt}/files/{f.file}/")
        for f in ReportFile.objects.filter(report=report).order_by("pk")
    ]
    assert [(a.headers["Content-Type"], a.content) for a in told] == [("audio/ogg", VOICE), ("image/jpeg", photo())]
    assert all(a.headers["X-Content-Type-Options"] == "nosniff" for a in told)
    assert AuditEntry.objects.filter(subject=report.receipt, act="report.file").count() == 2
    assert client.get(f"/fieldwork/reports/{report.receipt}/files/0123456789abcdef/").status_code == 404


# --- pages


def test_the_page_of_a_report_does_what_its_buttons_say(ground: Reporting) -> None:
    report = ground.file()
    client = client_of(ground.secretary)
    url = f"/fieldwork/reports/{report.receipt}/"
    found = client.post(url, {"do": "find", "q": ground.home.number}).content.decode()
    assert f'value="{ground.home.number}"' in found
    assert client.post(url, {"do": "match", "number": ground.home.number}).status_code == 302
    assert client.post(url, {"do": "nothing"}).status_code == 400
    assert client.post(url, {"do": "case", "kind": "no-such", "severity": "ordinary"}).status_code == 400
    assert client.post(url, {"do": "case", "kind": "grievance", "severity": "ordinary"}).status_code == 302
    page = client.get(url).content.decode()
    case = Case.objects.get(source_reference=report.receipt)
    assert case.number in page
    assert report.receipt in client.get(f"/cases/{case.number}/").content.decode()


def test_the_list_has_the_new_ones_first_and_says_what_is_late(ground: Reporting) -> None:
    old, new = ground.file(words="先到的"), ground.file(words="后到的")
    Report.objects.filter(pk=old.pk).update(day=TODAY - timedelta(6), answer_by=TODAY - timedelta(3))
    page = client_of(ground.secretary).get("/fieldwork/reports/", follow=True).content.decode()
    assert page.index(new.receipt) < page.index(old.receipt)
    assert "超期3天" in page
    late = client_of(ground.secretary).get(f"/areas/{ground.village.path}reports/?view=late").content.decode()
    assert old.receipt in late
    assert new.receipt not in late


def test_the_day_tells_what_waits_and_what_is_late(ground: Reporting) -> None:
    old = ground.file()
    ground.file()
    Report.objects.filter(pk=old.pk).update(answer_by=TODAY - timedelta(1))
    with acting(ground.secretary):
        (section,) = reports_of_the_day(ground.secretary)
        assert (section.count, section.late, section.items[0].late) == (2, 1, 1)
    with acting(ground.neighbour):
        assert reports_of_the_day(ground.neighbour) == []


# --- what else hangs on it


def test_every_sealed_column_is_known_to_the_change_of_keys() -> None:
    from django.apps import apps

    # Digests, and the public keys of partners.
    hashes = {"phone_hash", "source", "digest", "code_hash", "key", "address", "sealing", "signing"}
    sealed = {
        (m._meta.db_table, f.column)
        for m in apps.get_app_config("fieldwork").get_models()
        for f in m._meta.fields
        if isinstance(f, models.BinaryField) and f.name not in hashes
    }
    assert sealed == {(c.table, c.column) for c in encrypted()}


def test_a_report_goes_where_its_household_goes(ground: Reporting) -> None:
    from bangfu.register.models import Household

    report = ground.own()
    Household.objects.filter(pk=ground.home.pk).update(path=ground.other.path)
    take_new(ground.county.operator())
    report.refresh_from_db()
    assert report.path == ground.other.path


def test_figures_count_what_came_in_and_what_was_answered_in_time(ground: Reporting) -> None:
    import duckdb

    from bangfu.indicators.catalogue import catalogue

    for n, (day, by, settled) in enumerate([(1, 4, 3), (1, 4, 6), (2, 5, None), (27, 30, None)]):
        report = ground.file(words=f"第{n}件")
        Report.objects.filter(pk=report.pk).update(
            day=f"2020-04-{day:02d}",
            answer_by=f"2020-04-{by:02d}",
            settled_on=None if settled is None else f"2020-04-{settled:02d}",
        )
    con = duckdb.connect()
    con.execute(
        "CREATE MACRO as_of() AS DATE '2020-04-28'; CREATE TABLE self_report (path VARCHAR, day DATE, answer_by DATE, settled_on DATE)"
    )
    con.executemany(
        "INSERT INTO self_report VALUES (?, ?, ?, ?)", list(Report.objects.values_list("path", "day", "answer_by", "settled_on"))
    )
    told = {
        key: con.execute(catalogue()[key].sql or "").fetchall()[0][1]
        for key in ("reports_received", "reports_waiting", "reports_due", "reports_answered_in_time")
    }
    assert told == {"reports_received": 4, "reports_waiting": 2, "reports_due": 3, "reports_answered_in_time": 1}


# --- the printed code


def read_codes(pdf: bytes) -> list[str]:
    found = []
    for page in pdfium.PdfDocument(pdf):
        look = np.asarray(page.render(scale=2).to_pil().convert("L"))
        found += [b.text for b in zxingcpp.read_barcodes(look, formats=zxingcpp.BarcodeFormat.QRCode)]
    return found


def test_the_code_leads_to_the_page_of_the_village(ground: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANGFU_REPORT_ADDRESS", "https://help.example.cn")
    monkeypatch.setenv("BANGFU_HOTLINE", "0851-12345")
    answer = client_of(ground.secretary).get(f"/areas/{ground.village.path}reports/posters/")
    key = next(p.key for p in places() if p.path == ground.village.path)
    assert read_codes(answer.content) == [f"https://help.example.cn/report/{key}/"]
    text = pdfium.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert "0851-12345" in text
    assert ground.village.name in text
    assert Client().get(f"/report/{key}/").status_code == 200
    assert client_of(ground.neighbour).get(f"/areas/{ground.village.path}reports/posters/").status_code == 404


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")
def test_codes_are_printed_by_command(ground: Reporting, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "codes.pdf"
    with refused("BF-2676"):
        call_command("report", "poster", str(out))
    key = next(p.key for p in places() if p.path == ground.village.path)
    call_command("report", "poster", str(out), "--village", key, "--address", "https://help.example.cn/")
    assert read_codes(out.read_bytes()) == [f"https://help.example.cn/report/{key}/"]
    call_command("report", "status", "--json")
    assert '"new": 0' in capsys.readouterr().out


def test_a_county_of_posters_has_a_page_for_each_village(county: County) -> None:
    listed = [(p, None) for p in places() if p.level == "village"][:5]
    assert len(pdfium.PdfDocument(io.BytesIO(posters(listed, "https://help.example.cn")))) == 5
