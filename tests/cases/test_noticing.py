"""Notices: what their desk may say, what ends one, who reads what about objections, which day a photograph is of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from bangfu.cases.actions import (
    NewObjection,
    Step,
    answer_objection,
    close_notice,
    do_step,
    hold_meeting,
    photograph,
    put_up,
    raise_objection,
    refuse,
    send_back,
)
from bangfu.cases.actions.deciding import notice_of
from bangfu.cases.actions.hanging import desk_of, standing_lines
from bangfu.cases.actions.noticing import loudspeaker
from bangfu.cases.models import Decision, Meeting, Notice, Noticed
from bangfu.cases.paper_forms.notices import notice_page
from bangfu.register.models import Household
from tests.cases.ground import TODAY, Ground, on
from tests.cases.playing import Played, begun, crew, hung
from tests.cases.test_pages import client_of
from tests.command.standing import refused

__all__ = ["crew"]

IDENTITY = "520381198001011234"
FIRST, LAST = b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe0last"


def waiting(crew: Ground) -> Played:
    """A decision that waits for a notice."""
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    played.meet()
    played.do("village_appraisal")
    return played


def page_of(crew: Ground, notice: Notice) -> str:
    """The page of a notice as the secretary reads it."""
    url = reverse("cases:notice", kwargs={"notice": notice.number})
    return client_of(crew.secretary).get(url).content.decode()


def test_the_desk_of_a_notice_is_an_office_with_a_telephone(crew: Ground) -> None:
    played = waiting(crew)
    key = [played.decision.pk]
    for number in (
        IDENTITY,
        "5203 8119 8001 0112 34",
        "520381800101123",
        "6228480402564890018",
        "12345",
        "a@b.cn",
        "0851<b>1",
        "1" * 21,
    ):
        with refused("BF-2402", "电话"):
            put_up(crew.secretary, key, starts_on=TODAY, office="村委会", telephone=number)
    for office in (
        f"张三 {IDENTITY}",
        "张三 5203 8119 8001 0112 34",
        "<b>张三</b>",
        "村" * 41,
        "村委会 13800138000",
        "张三\n李四",
    ):
        with refused("BF-2402", "受理单位"):
            put_up(crew.secretary, key, starts_on=TODAY, office=office)
    for number, printed in (
        ("０８５１－１２３４５６７８", "0851-12345678"),
        ("+86 851 12345678", "+86 851 12345678"),
        ("0851-12345678-801", "0851-12345678-801"),
    ):
        notice = put_up(crew.secretary, key, starts_on=TODAY, office="茶坪村村委会", telephone=number)
        assert (notice.office, notice.telephone) == ("茶坪村村委会", printed)
        assert printed in page_of(crew, notice)
        send_back(crew.secretary, played.decision.pk, "village_appraisal", "重来")
        played.meet()
        played.do("village_appraisal")


def test_what_an_old_notice_says_is_not_printed_with_a_number(crew: Ground) -> None:
    _, notice = hung(crew)
    Notice.objects.filter(pk=notice.pk).update(office=f"张三{IDENTITY}", telephone=IDENTITY)
    notice.refresh_from_db()
    assert desk_of(notice)[1] == ""
    assert IDENTITY not in page_of(crew, notice)
    assert IDENTITY not in str(notice_page(notice))
    assert IDENTITY not in loudspeaker(notice).zh + loudspeaker(notice).en


def test_a_notice_is_taken_down_when_its_decision_is_sent_back(crew: Ground) -> None:
    played, notice = hung(crew)
    one = raise_objection(crew.second, notice.pk, NewObjection(played.decision.pk, "他家有车"))
    answer_objection(crew.second, one.pk, upheld=True, answer="属实")
    page = client_of(crew.secretary).get(reverse("cases:decision", kwargs={"decision": played.decision.number})).content.decode()
    assert "有异议成立" in page
    send_back(crew.secretary, played.decision.pk, "home_survey", f"重新核实车辆 {IDENTITY}")
    notice.refresh_from_db()
    line = Noticed.objects.get(notice=notice)
    assert (notice.closed_on, line.withdrawn_on) == (TODAY, TODAY)
    page = page_of(crew, notice)
    assert "已撤下" in page
    assert "重新核实车辆" in page
    assert IDENTITY not in page
    with refused("BF-2443"):
        raise_objection(crew.second, notice.pk, NewObjection(played.decision.pk, "再说"))
    played.do("home_survey")
    played.meet()
    played.do("village_appraisal")
    played.decision.refresh_from_db()
    assert (
        notice_of(played.decision, played.decision.present or {}) is None
    )  # the old one serves no more, on the same day as well
    anew = put_up(crew.secretary, [played.decision.pk], starts_on=TODAY, office="村委会")
    assert list(Notice.objects.open().filter(decisions=played.decision)) == [anew]
    photograph(crew.secretary, anew.pk, "first", "a.jpg", FIRST)
    with on(anew.ends_on + timedelta(1)):
        photograph(crew.secretary, anew.pk, "last", "a.jpg", LAST)
        do_step(crew.secretary, played.decision.pk, "notice", Step("x", anew.ends_on))
        anew.refresh_from_db()
        assert anew.closed_on == anew.ends_on + timedelta(1)


def test_a_notice_of_several_keeps_the_others_when_one_is_sent_back(crew: Ground) -> None:
    played, notice = hung(crew)
    other = Household.objects.filter(path=crew.home.path).exclude(pk=crew.home.pk).order_by("pk").first()
    assert other is not None
    d = Decision.objects.get(pk=played.decision.pk)
    second = Decision.objects.create(
        path=d.path, household=other, kind=d.kind, origin=d.origin, pack=d.pack, steps=d.steps, place=d.place, step_entered=TODAY,
        opened_on=TODAY, opened_name="x", notice_days=d.notice_days,
    )  # fmt: skip
    Noticed.objects.create(path=d.path, notice=notice, decision=second, household=other)
    Notice.objects.filter(pk=notice.pk).update(lines=[*notice.lines, {**notice.lines[0], "decision": second.pk, "head": "李四"}])
    notice.refresh_from_db()
    one = raise_objection(crew.second, notice.pk, NewObjection(d.pk, "他家有车"))
    send_back(crew.secretary, d.pk, "home_survey", "重新核实")
    notice.refresh_from_db()
    assert notice.closed_on is None
    assert [x["decision"] for x in standing_lines(notice)] == [second.pk]
    assert notice.lines[0]["head"] not in str(notice_page(notice))
    assert "撤下" in page_of(crew, notice)
    with refused("BF-2430"):
        raise_objection(crew.second, notice.pk, NewObjection(d.pk, "再说"))
    photograph(crew.secretary, notice.pk, "first", "a.jpg", FIRST)
    with on(notice.ends_on + timedelta(1)):
        photograph(crew.secretary, notice.pk, "last", "a.jpg", LAST)
        close_notice(crew.secretary, notice.pk)  # what was said against the other one does not hold it up
        answer_objection(crew.second, one.pk, upheld=False, answer="已核")  # and is answered all the same


def test_a_refusal_takes_the_notice_down(crew: Ground) -> None:
    played, notice = hung(crew)
    refuse(crew.secretary, played.decision.pk, "收入高于监测范围")
    notice.refresh_from_db()
    assert notice.closed_on == TODAY


@pytest.mark.parametrize(
    ("role", "named"), [("analyst", False), ("auditor", False), ("county_headquarters", True), ("supervisor", True)]
)
def test_who_objects_is_read_by_those_who_deal_with_it(crew: Ground, role: str, named: bool) -> None:
    played, notice = hung(crew)
    raise_objection(
        crew.second, notice.pk, NewObjection(played.decision.pk, f"他家有车，电话13800138000，证{IDENTITY}", "王五 13900139000")
    )
    raise_objection(crew.second, notice.pk, NewObjection(played.decision.pk, "不公"))
    reader = crew.user("reads", role, crew.county.path)
    page = client_of(reader).get(reverse("cases:notice", kwargs={"notice": notice.number})).content.decode()
    assert "他家有车" in page
    for number in (IDENTITY, "13800138000", "13900139000"):
        assert number not in page
    assert ("王五" in page) == named
    assert ("匿名" in page.split("objections-title")[2].split("</section>")[0].split("<details")[0]) == named


def test_a_photograph_of_another_day_says_when_it_was_handed_in(crew: Ground) -> None:
    played, notice = hung(crew)
    photograph(crew.secretary, notice.pk, "first", "a.jpg", FIRST)
    assert "上传于" not in page_of(crew, notice)
    late = notice.ends_on + timedelta(3)
    url = reverse("cases:decision", kwargs={"decision": played.decision.number})
    page = client_of(crew.secretary).get(url).content.decode()
    assert f"公示到 {notice.ends_on}" in page
    assert "公示期满无异议，进入下一步" not in page
    with on(late):
        photograph(crew.secretary, notice.pk, "last", "a.jpg", LAST)
        assert f"上传于 {late}" in page_of(crew, notice)
        assert "公示期满无异议，进入下一步" in client_of(crew.secretary).get(url).content.decode()


def test_a_notice_without_a_telephone_prints_no_empty_brackets(crew: Ground) -> None:
    _, notice = hung(crew)
    text = str(notice_page(notice))
    assert "向村委会反映" in text
    assert "（　" not in text
    notice.telephone = "0851-1234567"
    assert "向村委会（0851-1234567）反映" in str(notice_page(notice))


def test_the_lines_of_a_notice_are_told_in_lines_on_a_phone(crew: Ground) -> None:
    """Five narrow columns would leave a place one character to a line."""
    _, notice = hung(crew)
    table = page_of(crew, notice).split('aria-labelledby="lines-title"')[2].split("</table>")[0]
    assert '<table class="data two-lines">' in table
    assert 'class="p-title">' in table


def test_what_was_not_chosen_is_said_and_no_key_stands_for_a_number(crew: Ground) -> None:
    with refused("BF-2402", "勾选"):
        put_up(crew.secretary, [], starts_on=TODAY, office="村委会")
    played, notice = hung(crew)
    with refused("BF-2402", "请选择"):
        raise_objection(crew.secretary, notice.pk, NewObjection(0, "不符合"))
    other = Decision.objects.exclude(pk=played.decision.pk).filter(path__startswith=crew.village.path).first()
    if other is not None:
        with refused("BF-2430", other.number):
            raise_objection(crew.secretary, notice.pk, NewObjection(other.pk, "不符合"))
    with refused("BF-2418", "没有选择文件"):
        photograph(crew.secretary, notice.pk, "first", "", b"")
    with refused("BF-2418", "a.jpg", "是空的"):
        photograph(crew.secretary, notice.pk, "first", "a.jpg", b"")
    Notice.objects.filter(pk=notice.pk).update(closed_on=TODAY)
    with refused("BF-2443", notice.number):
        photograph(crew.secretary, notice.pk, "first", "a.jpg", FIRST)
    meeting = Meeting.objects.filter(path=crew.village.path, state="held").latest("pk")
    with refused("BF-2445", meeting.number):
        hold_meeting(crew.secretary, meeting.pk, [])
