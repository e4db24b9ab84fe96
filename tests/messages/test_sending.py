"""Telling, and the worker that carries it out: real rows, real receivers; who may read what; what happens when the other side fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from tests.messages.conftest import DUE, acts
from tests.messages.receivers import Receiver, says
from tests.register.asking import ask, one

from bangfu.accounts.models import User
from bangfu.areas.models import Area
from bangfu.backup.actions import county_restored
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.messages.actions import (
    NewMessage,
    allow,
    copy_text,
    drop_own_rhythm,
    mark_read,
    report,
    require_own,
    send,
    set_address,
    set_channel,
    set_rhythm,
    switch,
    try_out,
)
from bangfu.messages.digest import Hours
from bangfu.messages.group import GroupText, Place, group_texts, template
from bangfu.messages.jobs import send_messages
from bangfu.messages.models import Address, Channel, Message, Receipt, Rhythm
from bangfu.messages.rhythm import county_hours
from bangfu.messages.sending import PAUSES, end_after_restore, send_due, tell_groups

pytestmark = pytest.mark.django_db
Person = Callable[..., User]
TITLE = template("test.title", zh="{place} {day}通报", en="{place}, {day}")
COUNT = template("test.count", zh="{place}：逾期 {n} 件", en="{place}: {n} overdue")


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    day = date(2020, 4, 28) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.zone())


def message(key: str, path: str, *to: User, **more: object) -> NewMessage:
    given = {"subject": Text("任务到期", "A task is due"), "body": Text("修路一事", "The road"), "personal": False} | more
    return NewMessage(key, DUE, path, to=[u.pk for u in to], **given)  # type: ignore[arg-type]


def text(path: str, n: int = 3) -> GroupText:
    return GroupText("test.day", TITLE.say(place=Place(path), day=date(2020, 4, 28)), [COUNT.say(place=Place(path), n=n)])


def sms(county: County, receiver: Receiver, path: str = "", **more: str) -> Channel:
    settings = {"url": f"{receiver.address}/send", "password": "geheim"} | more
    channel = set_channel(county.operator(), "sms_gateway", path or county.path, "短信", settings)
    receiver.answer = lambda _: (200, json.dumps({"code": 0, "msgid": f"m-{len(receiver.got)}"}).encode())
    return channel


def robot(county: County, receiver: Receiver, path: str, kind: str = "wecom_robot") -> Channel:
    url = f"{receiver.address}/send?key=k-123456&access_token=t"
    return set_channel(county.operator(), kind, path, "工作群", {"url": url})


def states(channel: str) -> list[str]:
    return list(Receipt.objects.filter(channel=channel).order_by("pk").values_list("state", flat=True))


# --- telling


def test_an_event_is_told_once_however_often_the_job_runs(county: County, township: Area, person: Person) -> None:
    user, other = person("a1", "township_station", township.path), person("a2", "township_station", township.path)
    new = [message("event/1", township.path, user), message("event/2", township.path, user, other)]
    assert send(county.operator(), new) == 3
    assert send(county.operator(), new) == 0
    assert send(county.operator(), message("event/1", township.path, user, other)) == 1, "a reader who came later is told"
    assert Message.objects.count() == 2
    assert Receipt.objects.count() == 4
    assert one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bangfu.messages.send' AND status = 'todo'") == 1


def test_a_closed_account_is_not_told(county: County, township: Area, person: Person) -> None:
    user = person("a1", "township_station", township.path)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert send(county.operator(), message("event/1", township.path, user)) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"link": "https://elsewhere.example/"}, {"link": "//elsewhere.example/"}, {"link": "/\\elsewhere"}, {"link": "javascript:alert(1)"},
     {"subject": Text("", "x")}, {"subject": Text("长" * 201, "x")}, {"kind": "nobody.declared"}, {"to": []}, {"key": ""}, {"body": Text("\0", "x")}],
)  # fmt: skip
def test_what_will_not_do_is_refused(wrong: dict[str, object], county: County, township: Area, person: Person) -> None:
    given = {
        "key": "k",
        "kind": DUE,
        "path": township.path,
        "subject": Text("一", "a"),
        "to": [person("a1", "helper", township.path).pk],
    }
    with pytest.raises(Problem, match="BF-2305"):
        send(county.operator(), NewMessage(**given | wrong))  # type: ignore[arg-type]
    assert Message.objects.count() == 0


def test_one_tells_of_one_s_own_area_only(county: County, township: Area, person: Person) -> None:
    village = Area.objects.children_of(township)[0]
    elsewhere = Area.objects.under(county.path).level("township").order_by("path")[1]
    reader = person("reader", "township_station", township.path)
    actor = acts(person("secretary", "village_secretary", village.path))
    assert send(actor, message("report/1", village.path, reader)) == 1, "upwards, to whoever answers for it"
    assert Message.objects.get().sender_name == "名secretary"
    with pytest.raises(Problem, match="BF-2306"):
        send(actor, message("report/2", elsewhere.path, reader))
    with (
        acting(actor),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT message_send(%s, now())", [json.dumps([{"key": "x", "path": elsewhere.path, "users": []}])])


def test_the_database_holds_no_word_of_it_in_clear(county: County, township: Area, person: Person) -> None:
    send(
        county.operator(),
        message("event/1", township.path, person("a1", "helper", township.path), subject=Text("李四的病", "The illness")),
    )
    assert "李四".encode() not in bytes(one("SELECT content FROM messages_message"))
    assert Message.objects.get().said[0].zh == "李四的病"


# --- who reads what


def test_a_receipt_is_seen_by_its_reader_and_by_whoever_manages_there(county: County, township: Area, person: Person) -> None:
    elsewhere = Area.objects.under(county.path).level("township").order_by("path")[1]
    first, second = person("a1", "township_station", township.path), person("a2", "township_station", township.path)
    office, admin = person("hq", "county_headquarters", county.path), person("root", "system_administrator", county.path)
    send(county.operator(), [message("e/1", township.path, first), message("e/2", elsewhere.path, second)])
    seen = {}
    for user in (first, second, office, admin):
        with acting(acts(user)):
            by_rule = set(Receipt.objects.visible_to(acts(user)).values_list("message__key", flat=True))
            seen[user.username] = set(Receipt.objects.values_list("message__key", flat=True))
            assert by_rule == seen[user.username], user.username
            assert set(Message.objects.values_list("key", flat=True)) == seen[user.username]
    assert seen == {"a1": {"e/1"}, "a2": {"e/2"}, "hq": {"e/1", "e/2"}, "root": {"e/1", "e/2"}}
    with acting(acts(first)), pytest.raises(Problem, match="BF-2307"):
        require_own(acts(first), Receipt.objects.model.objects.order_by("-pk").first().pk + 1)


def test_nobody_marks_or_writes_for_another(county: County, township: Area, person: Person) -> None:
    first, second = person("a1", "township_station", township.path), person("a2", "county_headquarters", county.path)
    send(county.operator(), message("e/1", township.path, first))
    receipt = Receipt.objects.get()
    assert mark_read(acts(second)) == 0
    with acting(acts(second)):
        assert Receipt.objects.filter(pk=receipt.pk).update(state="read", read_at=clock.now()) == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Receipt.objects.create(
                message=receipt.message, channel="group_text", user=first, path=county.path, state="copied", queued_at=clock.now()
            )
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Message.objects.update(urgent=True)
    with acting(acts(first)), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Receipt.objects.filter(pk=receipt.pk).update(path=county.path)
    with clock.standing_at(at(13)):
        assert mark_read(acts(first), [receipt.pk]) == 1
        assert mark_read(acts(first)) == 0
    receipt.refresh_from_db()
    assert (receipt.state, receipt.read_at) == ("read", at(13))
    assert [h["state"] for h in ask("SELECT state FROM messages_receipt_history")] == ["sent"]


# --- channels


def test_a_channel_is_used_when_the_administrator_has_allowed_its_host(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    office, admin = (
        acts(person("hq", "county_headquarters", county.path)),
        acts(person("root", "system_administrator", county.path)),
    )
    channel = set_channel(office, "wecom_robot", county.path, "工作群", {"url": f"{receiver.address}/?key=k-123456"})
    assert channel.allowed_host == ""
    with pytest.raises(Problem, match="BF-2312"):
        try_out(office, channel)
    with pytest.raises(Problem, match="BF-1001"):
        allow(office, channel)
    assert receiver.got == []
    assert allow(admin, channel) == receiver.host
    assert try_out(office, channel).state == "sent"
    assert "渠道测试" in receiver.got[0].document["markdown"]["content"]
    set_channel(office, "", county.path, "工作群", {"url": "https://elsewhere.example/?key=1"}, channel=channel)
    assert channel.allowed_host == "", "another host is to be allowed anew"
    for actor in (acts(person("t", "township_station", township.path)), acts(person("v", "helper", county.path))):
        with pytest.raises(Problem, match="BF-1001"):
            set_channel(actor, "wecom_robot", township.path, "x", {"url": "https://h/?key=1"})
        with acting(actor):
            assert Channel.objects.count() == 0


def test_a_channel_whose_address_was_changed_beneath_is_not_called(county: County, receiver: Receiver) -> None:
    """Whatever wrote the settings: what is called is the host that was allowed."""
    channel = robot(county, receiver, county.path)
    channel.seal(channel.opened() | {"url": f"http://localhost:{receiver.host.rpartition(':')[2]}/?key=1"})
    channel.save()
    send(county.operator(), NewMessage("g/1", DUE, county.path, group=text(county.path), urgent=True))
    with clock.standing_at(at(10)):
        send_due(county.operator())
    assert receiver.got == []
    row = Receipt.objects.get(channel="wecom_robot")
    assert (row.state, row.retry_at) == ("failed", None)
    assert "BF-2312" in row.reason


def test_secrets_are_encrypted_and_a_blank_one_stays(county: County, receiver: Receiver) -> None:
    channel = sms(county, receiver)
    assert b"geheim" not in bytes(channel.settings)
    assert channel.opened()["password"] == "geheim"
    with clock.standing_at(at(13)):
        set_channel(county.operator(), "", county.path, "短信", {"url": receiver.address, "password": ""}, channel=channel)
    assert channel.opened()["password"] == "geheim"
    assert b"geheim" not in bytes(one("SELECT string_agg(settings, '') FROM messages_channel_history"))


# --- what is due


def test_sms_waits_for_the_digest_and_then_comes_as_one(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    sms(county, receiver)
    user, without = person("a1", "township_station", township.path), person("a2", "township_station", township.path)
    set_address(acts(user), "phone", "138 0000-1111")
    with clock.standing_at(at(10)):
        send(
            county.operator(),
            [message("e/1", township.path, user, without), message("e/2", township.path, user, deadline=date(2020, 5, 9))],
        )
        send(county.operator(), message("e/3", township.path, user, personal=True, subject=Text("李四", "Li")))
        done = send_due(county.operator())
        assert (done.sent, done.held) == (0, 3)
        assert receiver.got == []
        assert {r.due_at for r in Receipt.objects.filter(channel="sms_gateway")} == {at(8, 30, 1)}
    with clock.standing_at(at(8, 30, 1)):
        assert send_due(county.operator()).sent == 1
        assert send_due(county.operator()).sent == 0
    (got,) = receiver.got
    assert got.form["mobile"] == "13800001111"
    assert got.form["content"].startswith("3 条待看消息：· 任务到期（2020-05-09 到期） · 任务到期 · 另有 1 条")
    assert "李四" not in got.form["content"]
    rows = Receipt.objects.filter(channel="sms_gateway")
    assert {(r.state, r.digest, r.provider_key) for r in rows} == {("sent", True, "m-1")}
    assert len({r.letter for r in rows}) == 1
    with clock.standing_at(at(9, 0, 1)):  # told in the morning, after the digest of the day: the next day's
        send(county.operator(), message("e/4", township.path, user))
        assert send_due(county.operator()).held == 1


def test_a_deadline_of_today_goes_at_once_but_not_in_quiet_hours(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    sms(county, receiver)
    user = person("a1", "township_station", township.path, language="en")
    set_address(acts(user), "phone", "+8613800001111")
    with clock.standing_at(at(22)):
        send(county.operator(), message("e/1", township.path, user, deadline=date(2020, 4, 29), urgent=True))
        send_due(county.operator())
        assert states("sms_gateway") == ["held"]
        assert states("in_app") == ["sent"], "the inbox has it at once"
        assert Receipt.objects.get(channel="sms_gateway").due_at == at(8, 0, 1)
    with clock.standing_at(at(8, 0, 1)):
        assert send_due(county.operator()).sent == 1
    assert receiver.got[0].form["content"] == "A task is due：The road", "in the reader's language"


def test_a_user_s_own_quiet_hours_hold(county: County, township: Area, person: Person, receiver: Receiver) -> None:
    sms(county, receiver)
    user = person("a1", "township_station", township.path)
    set_address(acts(user), "phone", "13800001111")
    with clock.standing_at(at(12, 30)):
        set_rhythm(acts(user), Hours(time(12), time(14), time(15)), source="本人", own=True)
        send(county.operator(), message("e/1", township.path, user, urgent=True))
        send_due(county.operator())
        assert states("sms_gateway") == ["held"]
        assert Receipt.objects.get(channel="sms_gateway").due_at == at(14)
        drop_own_rhythm(acts(user))
        Receipt.objects.filter(channel="sms_gateway").update(due_at=None)
        assert send_due(county.operator()).sent == 1


def test_the_county_sets_its_rhythm_from_a_day_on_and_the_days_before_keep_theirs(county: County, person: Person) -> None:
    office, other = acts(person("hq", "county_headquarters", county.path)), acts(person("t", "helper", county.path))
    assert county_hours(clock.today()) == Hours(time(21), time(8), time(8, 30))
    set_rhythm(office, Hours(time(20), time(9), time(9)), source="办公室通知")
    with clock.standing_at(at(12, 0, 3)):
        set_rhythm(office, Hours(time(22), time(7), time(7)), source="办公室通知")
        assert county_hours(clock.today()) == Hours(time(22), time(7), time(7))
        assert county_hours(clock.today() - timedelta(1)) == Hours(time(20), time(9), time(9))
        with pytest.raises(Problem, match="BF-1001"):
            set_rhythm(other, Hours(time(1), time(2), time(3)), source="x")
        with acting(other):
            assert Rhythm.objects.count() == 2, "everybody may know the county's"
            assert Rhythm.objects.update(quiet_from=time(1)) == 0


def test_the_nearest_channel_carries_and_one_that_is_off_does_not(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    far, near = sms(county, receiver), sms(county, receiver, township.path)
    user = person("a1", "township_station", township.path)
    set_address(acts(user), "phone", "13800001111")
    send(county.operator(), message("e/1", township.path, user))
    send_due(county.operator())
    assert Receipt.objects.get(channel="sms_gateway").route_id == near.pk
    switch(county.operator(), near, on=False)
    send(county.operator(), message("e/2", township.path, user))
    send_due(county.operator())
    assert Receipt.objects.get(channel="sms_gateway", message__key="e/2").route_id == far.pk


# --- failing, and trying again


def test_a_failure_that_may_pass_is_tried_again_after_growing_pauses(
    county: County, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot(county, receiver, county.path)
    receiver.answer = says(0, status=500)
    send(county.operator(), NewMessage("g/1", DUE, county.path, group=text(county.path), urgent=True))
    machine = clock.machine_now()
    with clock.standing_at(at(10)):
        for attempt in range(1, len(PAUSES) + 2):
            monkeypatch.setattr(clock, "machine_now", lambda now=machine: now)
            done = send_due(county.operator())
            assert done.failed == 1
            row = Receipt.objects.get(channel="wecom_robot")
            assert (row.state, row.attempts) == ("failed", attempt)
            assert row.reason.startswith("HTTP 500")
            assert send_due(county.operator()).failed == 0, "not before its pause is over"
            if attempt <= len(PAUSES):
                assert row.retry_at == machine + PAUSES[attempt - 1]
                assert done.again_in is not None
                assert done.again_in >= PAUSES[attempt - 1].total_seconds()
                machine = row.retry_at
        assert row.retry_at is None, "in the end it stays failed"
        monkeypatch.setattr(clock, "machine_now", lambda: machine + timedelta(days=9))
        assert send_due(county.operator()).failed == 0
    assert len(receiver.got) == len(PAUSES) + 1


def test_it_comes_through_when_the_other_side_is_back(
    county: County, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot(county, receiver, county.path)
    receiver.answer = says(130101, "send too fast")
    send(county.operator(), NewMessage("g/1", DUE, county.path, group=text(county.path), urgent=True))
    machine = clock.machine_now()
    with clock.standing_at(at(10)):
        send_due(county.operator())
        receiver.answer = says(0)
        monkeypatch.setattr(clock, "machine_now", lambda: machine + timedelta(minutes=2))
        assert send_due(county.operator()).sent == 1
    row = Receipt.objects.get(channel="wecom_robot")
    assert (row.state, row.attempts, row.reason, row.sent_at) == ("sent", 2, "", at(10))


def test_a_robot_gets_twenty_letters_a_minute_and_no_more(
    county: County, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot(county, receiver, county.path)
    machine = clock.machine_now()
    monkeypatch.setattr(clock, "machine_now", lambda: machine)
    with clock.standing_at(at(10)):
        send_due(county.operator())
        for n in range(25):
            send(county.operator(), NewMessage(f"g/{n}", DUE, county.path, group=text(county.path, n), urgent=True))
            send_due(county.operator())
        assert len(receiver.got) == 20
        assert states("wecom_robot").count("queued") == 5
        monkeypatch.setattr(clock, "machine_now", lambda: machine + timedelta(seconds=61))
        send_due(county.operator())
        assert len(receiver.got) == 21, "what waits for one group goes as one"
        assert states("wecom_robot") == ["sent"] * 25


def test_an_attempt_that_was_cut_off_is_made_again(county: County, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    robot(county, receiver, county.path)
    send(county.operator(), NewMessage("g/1", DUE, county.path, group=text(county.path), urgent=True))
    machine = clock.machine_now()
    with clock.standing_at(at(10)):
        send_due(county.operator())
        Receipt.objects.filter(channel="wecom_robot").update(
            state="sending", sent_at=None, attempts=0
        )  # as a worker that died leaves it
        assert send_due(county.operator()).sent == 0, "somebody may be at it"
        monkeypatch.setattr(clock, "machine_now", lambda: machine + timedelta(minutes=11))
        assert send_due(county.operator()).sent == 1


# --- gateways report


def test_a_gateway_reports_by_the_secret_of_its_address(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    channel = sms(county, receiver)
    secret = channel.opened()["door"]
    first, second = person("a1", "township_station", township.path), person("a2", "township_station", township.path)
    for user in (first, second):
        set_address(acts(user), "phone", "13800001111")
    with clock.standing_at(at(10)):
        send(county.operator(), message("e/1", township.path, first, second, urgent=True))
        send_due(county.operator())
        assert report("wrong", "m-1", arrived=True, words="") == 0
        assert report(secret, "", arrived=True, words="") == 0
        assert report(secret, "m-1", arrived=True, words="") == 1
        assert report(secret, "m-1", arrived=False, words="too late") == 0, "what has arrived has arrived"
        assert report(secret, "m-2", arrived=False, words="UNDELIV") == 1
    rows = Receipt.objects.filter(channel="sms_gateway").order_by("pk")
    assert [(r.state, r.reason) for r in rows] == [("delivered", ""), ("failed", "UNDELIV")]
    assert rows[0].delivered_at == at(10)


# --- groups


def test_a_group_is_told_numbers_and_areas_and_nothing_of_a_person(county: County, township: Area) -> None:
    for value in ("李四", Text("李四", "Li"), None, True, 1.5, ["李四"]):
        with pytest.raises(Problem, match="BF-2301"):
            COUNT.say(place=Place(township.path), n=value)  # type: ignore[arg-type]
    for number in (13800001111, -13800001111, Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(Problem, match="BF-2302"):
            COUNT.say(place=Place(township.path), n=number)
    with pytest.raises(Problem, match="BF-2303"):
        COUNT.say(n=1)
    send_it = lambda given: send(county.operator(), NewMessage("g", DUE, county.path, group=given))  # noqa: E731
    with pytest.raises(Problem, match="BF-2304"):
        send_it(GroupText("x", COUNT.say(place=Place("cn/nowhere/"), n=1), []))
    forged = type(COUNT)("test.count", Text("李四 {n}", "Li {n}")).say(n=1)
    with pytest.raises(Problem, match="BF-2301"):
        send_it(GroupText("x", forged, []))
    with pytest.raises(Problem, match="BF-2301"):
        send_it(GroupText("x", TITLE.say(place=Place(county.path), day=date(2020, 4, 28)), ["李四"]))  # type: ignore[list-item]
    for words in ({"zh": "{a}", "en": "{b}"}, {"zh": "13800001111", "en": "x"}):
        with pytest.raises(ValueError, match="template"):
            template("test.bad", **words)
    assert Message.objects.count() == 0


def test_the_texts_of_the_day_reach_the_group_s_robot_once(county: County, township: Area, receiver: Receiver) -> None:
    robot(county, receiver, township.path, "dingtalk_robot")
    asked = []

    @group_texts.provider("test")
    def told(actor: object, path: str, day: date) -> list[GroupText]:
        asked.append((path, day))
        return [text(path)]

    try:
        with clock.standing_at(at(8, 29)):
            assert tell_groups(county.operator()) == 0
        with clock.standing_at(at(8, 30)):
            assert tell_groups(county.operator()) == 1
            assert tell_groups(county.operator()) == 0
            send_due(county.operator())
        assert set(asked) == {(township.path, date(2020, 4, 28))}
    finally:
        group_texts.withdraw("test")
    (got,) = receiver.got
    name = township.name
    assert got.document["markdown"]["text"] == f"### {name} 4月28日通报\n\n{name}：逾期 3 件"


def test_who_copied_a_text_into_a_group_and_when_is_kept(
    county: County, township: Area, person: Person, receiver: Receiver
) -> None:
    robot(county, receiver, township.path)
    first, second = person("a1", "township_station", township.path), person("a2", "county_headquarters", county.path)
    outside = acts(person("a3", "township_station", Area.objects.under(county.path).level("township").order_by("path")[1].path))
    with clock.standing_at(at(9)):
        made = copy_text(acts(first), township.path, text(township.path))
        assert copy_text(acts(first), township.path, text(township.path)).pk == made.pk
    with clock.standing_at(at(10)):
        copy_text(acts(second), township.path, text(township.path))
        copy_text(acts(first), township.path, text(township.path, 4))
        send_due(county.operator())
        with pytest.raises(Problem, match="BF-2306"):
            copy_text(outside, township.path, text(township.path))
        with pytest.raises(Problem, match="BF-1001"):
            copy_text(acts(person("h", "helper", township.path)), township.path, text(township.path))
    with acting(acts(second)):
        rows = Receipt.objects.filter(channel="group_text", path=township.path).order_by("pk")
        assert [(r.user.username, r.state, r.sent_at) for r in rows] == [
            ("a1", "copied", at(9)),
            ("a2", "copied", at(10)),
            ("a1", "copied", at(10)),
        ]
        assert rows[0].message.said[1].zh == f"{township.name}：逾期 3 件"
    with acting(outside):
        assert Receipt.objects.count() == 0
    assert receiver.got == [], "what was copied by hand is not sent by a robot as well"
    assert one("SELECT count(*) FROM audit_entry WHERE act = 'message.copy'") == 3


def test_the_job_does_all_of_it(county: County, township: Area, person: Person, receiver: Receiver) -> None:
    sms(county, receiver)
    user = person("a1", "township_station", township.path)
    set_address(acts(user), "phone", "13800001111")
    send(county.operator(), message("e/1", township.path, user, urgent=True))
    send_messages()
    assert len(receiver.got) == 1
    receiver.answer = lambda _: (500, b"")
    send(county.operator(), message("e/2", township.path, user, urgent=True))
    send_messages()
    assert (
        one("SELECT count(*) FROM procrastinate_jobs WHERE queueing_lock = 'bangfu.messages.send again' AND status = 'todo'") == 1
    )


def test_an_address_is_kept_encrypted_and_seen_by_its_user_alone(county: County, person: Person) -> None:
    first, office = person("a1", "helper", county.path), person("hq", "county_headquarters", county.path)
    set_address(acts(first), "phone", "13800001111")
    set_address(acts(first), "email", "li.si@example.org")
    assert b"1380000" not in bytes(one("SELECT value FROM messages_address WHERE kind = 'phone'"))
    assert [str(a) for a in Address.objects.order_by("kind")] == ["l****@example.org", "138****1111"]
    with acting(acts(office)):
        assert Address.objects.count() == 0
    for kind, bad in (("phone", "abc"), ("phone", "12"), ("email", "x"), ("email", "a@b,c@d.org")):
        with pytest.raises(Problem, match="BF-2314"):
            set_address(acts(first), kind, bad)
    set_address(acts(first), "phone", "")
    assert Address.objects.count() == 1


def test_what_waited_in_a_backup_is_not_sent_from_the_restored_county(county: County, receiver: Receiver) -> None:
    robot(county, receiver, county.path)
    send(county.operator(), NewMessage("g/1", DUE, county.path, group=text(county.path)))
    with clock.standing_at(at(10)):
        send_due(county.operator())
        assert end_after_restore(county.operator()) == 1
    with clock.standing_at(at(9, 0, 1)):
        assert send_due(county.operator()).sent == 0
    assert states("wecom_robot") == ["failed"]
    assert receiver.got == []
    assert "messages" in county_restored.providers()
