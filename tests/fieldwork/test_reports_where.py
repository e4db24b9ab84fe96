"""Where a report stands: only the phone on file opens it, nothing tells whether a receipt exists, codes are few, short-lived and used once."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from bangfu.backup.actions import county_restored
from bangfu.fieldwork.actions.report_work import send_codes, send_told
from bangfu.fieldwork.actions.reporting import NOBODY, Answer, ask_where, can_text, code_hash, where_it_stands
from bangfu.fieldwork.actions.reports import dismiss, make_case, tell
from bangfu.fieldwork.models import ReportCode, ReportMessage
from bangfu.fieldwork.pages.reporting import standing_lines
from bangfu.fieldwork.receipts import new_receipt
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.county import County
from tests.cases.ground import TODAY
from tests.command.standing import refused
from tests.fieldwork.reporting_ground import WORDS, Reporting, gateway
from tests.messages.receivers import Receiver

PHONE = "13900001234"


def code_in(receiver: Receiver) -> str:
    found = re.search(r"(\d{6})", receiver.got[-1].form["content"].replace(PHONE, ""))
    assert found is not None
    return found[1]


def asked(ground: Reporting, receipt: str) -> uuid.UUID:
    ticket = ask_where(receipt)
    send_codes(ground.county.operator())
    return ticket


def at(hour: int) -> object:
    return clock.standing_at(clock.moment(TODAY).replace(hour=hour))


def test_the_phone_on_file_is_sent_a_code_and_the_right_one_tells_states_and_days_alone(
    ground: Reporting, receiver: Receiver
) -> None:
    gateway(ground.county, receiver)
    report = ground.file(phone=PHONE, name="王某")
    ticket = asked(ground, report.receipt)
    (got,) = receiver.got
    assert got.form["mobile"] == PHONE
    code = code_in(receiver)
    assert code not in str(ReportCode.objects.values()), "it is kept as a hash"
    answer = where_it_stands(ticket, f" {code} ")
    assert answer.said == "right"
    assert answer.standing is not None
    assert (answer.standing.state, answer.standing.day, answer.standing.answer_by) == ("new", TODAY, TODAY + timedelta(3))
    assert where_it_stands(ticket, code).said == "over", "a code serves once"
    said = " ".join(f"{line.zh} {line.en}" for line in standing_lines(answer.standing))
    assert not {w for w in (WORDS, "王某", PHONE, ground.village.name) if w in said}


def test_it_says_what_became_of_it(ground: Reporting, receiver: Receiver) -> None:
    gateway(ground.county, receiver)
    report, other = ground.file(phone=PHONE), ground.file(phone=PHONE)
    case = make_case(ground.secretary, report.receipt, "grievance")
    dismiss(ground.secretary, other.receipt, "other_office", "已电话说明，属教育局受理")
    standing = where_it_stands(asked(ground, report.receipt), code_in(receiver)).standing
    assert standing is not None
    assert (standing.state, standing.case_state, standing.case_due) == ("case", "open", case.due)
    told = where_it_stands(asked(ground, other.receipt), code_in(receiver)).standing
    assert told is not None
    lines = standing_lines(told)
    assert "其他部门" in lines[-1].zh
    assert "教育局" not in " ".join(x.zh for x in lines), "the post's own words stay within"


def test_without_a_number_of_its_own_the_household_s_phone_confirms(ground: Reporting, receiver: Receiver) -> None:
    gateway(ground.county, receiver)
    report = ground.file()
    asked(ground, report.receipt)
    assert receiver.got == [], "no phone is on file"
    report.household, report.state = ground.home, "matched"
    report.save()
    ticket = asked(ground, report.receipt)
    assert receiver.got[0].form["mobile"] == ground.phone
    assert where_it_stands(ticket, code_in(receiver)).said == "right"


def test_a_receipt_that_is_there_and_one_that_is_not_are_answered_alike(ground: Reporting, receiver: Receiver) -> None:
    gateway(ground.county, receiver)
    report = ground.file(phone=PHONE)
    seen = []
    for receipt in (report.receipt, new_receipt()):
        client = Client()
        first = client.post("/report/where/", {"receipt": receipt})
        assert first.status_code == 302
        send_codes(ground.county.operator())
        address = first.headers["Location"]
        pages = [client.get(address)] + [client.post(address, {"code": "000000"}) for _ in range(7)]
        seen.append(
            [(p.status_code, re.sub(r'csrfmiddlewaretoken" value="\w+"|ticket=[\w-]+', "", p.content.decode())) for p in pages]
        )
    assert seen[0] == seen[1]
    assert [status for status, _ in seen[0]] == [200, 400, 400, 400, 400, 410, 410, 410]
    assert len(receiver.got) == 1


def test_five_wrong_codes_end_a_question_even_for_the_right_one(ground: Reporting, receiver: Receiver) -> None:
    gateway(ground.county, receiver)
    ticket = asked(ground, ground.file(phone=PHONE).receipt)
    code = code_in(receiver)
    wrong = "000001" if code != "000001" else "000002"
    assert [where_it_stands(ticket, wrong) for _ in range(5)] == [Answer("wrong", left) for left in (4, 3, 2, 1, 0)]
    assert where_it_stands(ticket, code).said == "over"


def test_a_code_is_over_after_ten_minutes_and_is_of_its_own_question(ground: Reporting, receiver: Receiver) -> None:
    gateway(ground.county, receiver)
    report = ground.file(phone=PHONE)
    ticket, code = asked(ground, report.receipt), code_in(receiver)
    other = asked(ground, report.receipt)
    if code != code_in(receiver):
        assert where_it_stands(other, code).said == "wrong"
    assert code_hash(ticket, code) != code_hash(other, code)
    kept = ReportCode.objects.get(ticket=ticket)
    ReportCode.objects.filter(pk=kept.pk).update(asked_at=kept.asked_at - timedelta(minutes=10, seconds=1))
    assert where_it_stands(ticket, code).said == "over"
    assert where_it_stands(uuid.uuid4(), code).said == "over"


def test_three_codes_an_hour_go_to_a_phone_and_an_address_asks_so_often(
    ground: Reporting, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway(ground.county, receiver)
    report = ground.file(phone=PHONE)
    for _ in range(5):
        asked(ground, report.receipt)
    assert len(receiver.got) == 3
    monkeypatch.setenv("BANGFU_REPORT_ASKS_PER_ADDRESS", "2")
    ask_where(new_receipt(), address="10.0.0.1")
    ask_where(report.receipt, address="10.0.0.1")
    for receipt in (new_receipt(), report.receipt):
        with refused("BF-2669"):
            ask_where(receipt, address="10.0.0.1")
    with refused("BF-2670"):
        ask_where("7K3M-9QTR-2XWW")


def test_without_a_channel_the_page_says_to_ask_the_village_post(ground: Reporting) -> None:
    assert not can_text()
    page = Client().get("/report/where/").content.decode()
    assert "村指挥所" in page
    assert "<input id" not in page
    report = ground.file(phone=PHONE)
    assert Client().post("/report/where/", {"receipt": report.receipt}).status_code == 200
    assert ReportCode.objects.count() == 0


def test_the_page_shows_where_it_stands(ground: Reporting, receiver: Receiver) -> None:
    gateway(ground.county, receiver)
    report = ground.own(kind="grievance")
    client = Client()
    address = client.post("/report/where/", {"receipt": report.receipt.lower()}).headers["Location"]
    send_codes(ground.county.operator())
    page = client.post(address, {"code": code_in(receiver)}).content.decode()
    assert "列为帮扶事项" in page
    assert not {w for w in (WORDS, ground.home.number, ground.phone) if w in page}


# --- what posts tell


def test_what_a_post_tells_goes_out_by_day_and_waits_in_the_night(ground: Reporting, receiver: Receiver, county: County) -> None:
    gateway(county, receiver)
    report = ground.file(phone=PHONE)
    tell(ground.secretary, report.receipt, "明天上午村里上门看房")
    with at(23):  # type: ignore[attr-defined]
        assert send_told(county.operator()) == 0
    with at(10):  # type: ignore[attr-defined]
        assert send_told(county.operator()) == 1
        assert send_told(county.operator()) == 0
    (got,) = receiver.got
    assert "明天上午村里上门看房" in got.form["content"]
    assert report.receipt in got.form["content"]
    assert ReportMessage.objects.get().state == "sent"


def test_what_could_not_be_sent_says_so(ground: Reporting, county: County, receiver: Receiver) -> None:
    report = ground.file(phone=PHONE)
    tell(ground.secretary, report.receipt, "请来村委会")
    with at(10):  # type: ignore[attr-defined]
        send_told(county.operator())
    row = ReportMessage.objects.get()
    assert (row.state, "短信渠道" in row.failure) == ("failed", True)
    with refused("BF-2677"):
        tell(ground.secretary, ground.file().receipt, "请来村委会")
    with refused("BF-2661"):
        tell(ground.secretary, report.receipt, "长" * 141)


def test_what_waited_in_a_backup_is_not_sent_from_the_restored_county(
    ground: Reporting, county: County, receiver: Receiver
) -> None:
    gateway(county, receiver)
    report = ground.file(phone=PHONE)
    tell(ground.secretary, report.receipt, "请来村委会")
    ask_where(report.receipt)
    assert "fieldwork" in {name for name, _ in county_restored.ask(county.operator())}
    with at(10):  # type: ignore[attr-defined]
        assert (send_codes(county.operator()), send_told(county.operator())) == (0, 0)
    assert receiver.got == []


def test_nobody_may_ask_for_more_attempts_or_time_than_there_are(ground: Reporting, receiver: Receiver) -> None:
    gateway(ground.county, receiver)
    ticket = asked(ground, ground.file(phone=PHONE).receipt)
    with acting(NOBODY), connection.cursor() as cursor:
        for left in (4, 3, 2, 1, 0):
            cursor.execute("SELECT said, tries_left FROM report_where(%s, %s, 1000, 1000)", [ticket, b"x"])
            assert cursor.fetchone() == ("wrong", left)
        cursor.execute("SELECT said FROM report_where(%s, %s, 1000, 1000)", [ticket, code_hash(ticket, code_in(receiver))])
        assert cursor.fetchone() == ("over",)
