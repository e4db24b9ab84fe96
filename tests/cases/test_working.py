"""Work at cases: opening by hand, measures, pauses, owners, merging, re-opening; who may, and what is refused."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from bangfu.accounts.models import User
from bangfu.cases.actions import (
    Claim,
    MeasureRow,
    NewCase,
    Proof,
    claim,
    drop_measures,
    finish_measures,
    give_back,
    hand_over,
    merge,
    open_cases,
    pause,
    plan_measures,
    refer,
    reopen,
    resume,
    set_severity,
    tick,
    write_note,
)
from bangfu.cases.day import cases_of_the_day
from bangfu.cases.models import Case, CaseEvent, Measure
from bangfu.cases.paper_forms import case_sheet
from bangfu.cases.policy import kinds_on
from bangfu.cases.shown import owners_of, words_of
from bangfu.command.actions import UnitRow, add_units
from bangfu.command.models import Officer, Pairing, Unit
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from tests.cases.ground import TODAY, Ground, actor_of, client_of, on
from tests.cases.test_pages import page
from tests.command.standing import refused

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_a_case_begins_with_the_helper_and_its_words_are_sealed(ground: Ground) -> None:
    case = ground.case(severity="serious", source="hotline", reference="12345-77")
    assert (case.step, case.source, case.source_reference) == ("helper", "hotline", "12345-77")
    assert "排水沟".encode() not in bytes(case.words)
    assert words_of(case.words) == "屋后排水沟堵塞"
    assert owners_of([case], TODAY)[case.pk].step == "helper"


def test_a_household_without_a_helper_begins_with_the_nearest_post(ground: Ground) -> None:
    paired = Pairing.objects.principals().on(TODAY).values("household")
    home = Household.objects.farming().under(ground.village.path).exclude(pk__in=paired).order_by("-pk")[0]
    Case.objects.filter(household=home).delete()
    case = open_cases(ground.secretary, NewCase("grievance", "灯不亮", home.number))[0]
    owner = owners_of([case], TODAY)[case.pk]
    assert case.step == owner.step != "helper"
    assert owner.office.zh


def test_the_same_thing_is_not_opened_twice_but_another_matter_is(ground: Ground) -> None:
    case = ground.case()
    with refused("BF-2404", case.number):
        ground.case()
    assert ground.case(subject="工单2").pk != case.pk
    row = NewCase("conflict", "地界", ground.home.number)
    with refused("BF-2404", "第2行"):
        open_cases(ground.secretary, [row, NewCase("conflict", "地界", ground.home.number, row=2)])
    assert not Case.objects.filter(household=ground.home, kind="conflict").exists()


def test_a_deadline_is_the_packs_or_nearer_and_later_only_by_a_post_above_with_a_reason(ground: Ground) -> None:
    latest = kinds_on().clock("grievance").due(TODAY, "ordinary")
    for actor in (ground.helper, ground.secretary):
        for due in (TODAY - timedelta(1), latest + timedelta(1), date(2099, 1, 1), date.max):
            with refused("BF-2402", "期限", str(TODAY), str(latest)):
                open_cases(actor, NewCase("grievance", "灯不亮", ground.home.number, due=due, due_why="农忙"))
    assert ground.case(due=latest - timedelta(1)).due == latest - timedelta(1)
    assert ground.case(subject="2", due=latest).due == latest

    def later(due: date, why: str) -> Case:
        row = NewCase("grievance", "灯不亮", ground.home.number, subject="3", due=due, due_why=why)
        return open_cases(ground.station, row)[0]

    with refused("BF-2402", "理由"):
        later(latest + timedelta(30), " ")
    for due in (TODAY - timedelta(1), TODAY + timedelta(366), date.max):
        with refused("BF-2402", str(TODAY + timedelta(365))):
            later(due, "汛期后施工")
    case = later(latest + timedelta(30), "汛期后施工")
    assert (case.due, case.escalate_on) == (latest + timedelta(30), latest + timedelta(31))
    assert words_of(CaseEvent.objects.get(case=case, kind="deadline").words) == "汛期后施工"
    supervisor = ground.user("eye", "supervisor", ground.township.path)
    with refused("BF-2402", str(latest)):
        open_cases(supervisor, NewCase("grievance", "x", ground.home.number, due=latest + timedelta(1), due_why="y"))


def test_the_same_words_are_the_same_thing_whatever_the_subject_says(ground: Ground) -> None:
    case = ground.case("policy", subject="雨露计划")
    with refused("BF-2404", case.number):
        open_cases(ground.secretary, NewCase("policy", "屋后排水沟堵塞，雨露计划。", ground.home.number, subject="另一件"))
    assert ground.case("policy", subject="助学金").pk != case.pk
    page = client_of(ground.secretary).get(reverse("cases:case", kwargs={"case": case.number})).content.decode()
    assert "雨露计划" in page
    ground.judge("water", "unmet", "bad_quality")
    with refused("BF-2402", "事由编号"):  # a guarantee of a household is one
        open_cases(ground.secretary, NewCase("water", "水浑", ground.home.number, subject="2"))


def test_a_guarantee_is_of_a_household_and_what_an_order_asks_names_it(ground: Ground) -> None:
    with refused("BF-2402", "户编号", "保障类"):
        open_cases(ground.secretary, NewCase("medical", "全村", place=ground.village.path))
    assert open_cases(ground.secretary, NewCase("facility", "桥断了", place=ground.village.path))[0].household is None
    with refused("BF-2402", "来源编号"):
        ground.case("policy", source="order")
    assert ground.case("policy", source="order", reference="绥指〔2020〕1号").source == "order"


def test_the_department_that_answers_for_the_kind_stands_first_and_is_chosen(ground: Ground) -> None:
    case = ground.case("illness")
    page = client_of(ground.secretary).get(reverse("cases:case", kwargs={"case": case.number})).content.decode()
    offered = page.partition('id="h-unit"')[2].partition("</select>")[0]
    assert offered.partition("<option")[2].startswith(' value="health" selected>县卫生健康局（对口）')
    assert offered.count(" selected") == 1


@pytest.mark.parametrize(
    ("row", "number"),
    [
        (NewCase("nothing", "x", "52032300100100001"), "BF-2403"),
        (NewCase("grievance", " ", "52032300100100001"), "BF-2402"),
        (NewCase("grievance", "x" * 2001, "52032300100100001"), "BF-2402"),
        (NewCase("grievance", "x", "52032300100100001", severity="huge"), "BF-2402"),
        (NewCase("grievance", "x", "52032300100100001", source="verdict"), "BF-2402"),
        (NewCase("grievance", "x", "52032300100100001", due=TODAY - timedelta(1)), "BF-2402"),
        (NewCase("grievance", "x"), "BF-2402"),
        (NewCase("grievance", "x", "no such"), "BF-2417"),
        (NewCase("grievance", "x", "", "cn/001/"), "BF-1108"),
    ],
)
def test_what_will_not_do_is_refused_by_number(ground: Ground, row: NewCase, number: str) -> None:
    before = Case.objects.count()
    with refused(number):
        open_cases(ground.headquarters, row)
    assert Case.objects.count() == before


def test_nobody_opens_or_sees_a_case_of_another_village(ground: Ground) -> None:
    other = Household.objects.farming().exclude(path__startswith=ground.township.path).order_by("pk")[0]
    with refused("BF-2417"):
        open_cases(ground.secretary, NewCase("grievance", "x", other.number))
    case = open_cases(ground.headquarters, NewCase("grievance", "x", other.number))[0]
    with refused("BF-2401"):
        write_note(ground.station, [case.pk], "看不到")


def test_a_measure_is_planned_done_with_a_proof_and_waits_for_its_effect(ground: Ground) -> None:
    ground.judge("water", "unmet", "bad_quality")
    from bangfu.cases.actions import follow

    follow(ground.county.operator(), [ground.home.pk])
    case = Case.objects.get(household=ground.home, kind="water")
    measure = plan_measures(
        ground.helper, [case.pk], MeasureRow("water", "换净水器", 80_000, "农村饮水安全", TODAY + timedelta(5))
    )[0]
    finish_measures(ground.helper, [measure.pk], Proof("已换", TODAY, "a.png", PNG))
    measure.refresh_from_db()
    case.refresh_from_db()
    assert (measure.state, measure.done_on, bool(measure.file), bool(measure.evidence_id)) == ("done", TODAY, True, True)
    assert case.state == "in_effect"
    assert case.effect_until == TODAY + timedelta(kinds_on().effect_days("water"))


def test_what_is_taking_effect_does_not_escalate_until_its_period_is_over(ground: Ground) -> None:
    case = ground.case()
    Case.objects.filter(pk=case.pk).update(state="in_effect", effect_until=case.due + timedelta(20))
    with on(case.due + timedelta(10)):
        tick(ground.county.operator())
    assert not case.events.filter(kind="escalated").exists()
    with on(case.due + timedelta(20)):
        assert tick(ground.county.operator()).over >= 1
    case.refresh_from_db()
    assert case.state == "open"
    assert case.due > TODAY + timedelta(20)
    assert case.events.filter(kind="effect_over").exists()


def test_measures_that_are_not_planned_are_refused_and_dropping_gives_a_reason(ground: Ground) -> None:
    case = ground.case()
    measure = plan_measures(ground.helper, [case.pk], MeasureRow("infrastructure", "清沟"))[0]
    with refused("BF-2402"):
        drop_measures(ground.helper, [measure.pk], "")
    drop_measures(ground.helper, [measure.pk], "村里已清")
    with refused("BF-2416"):
        finish_measures(ground.helper, [measure.pk], Proof("x", TODAY))
    with refused("BF-2402"):
        plan_measures(ground.helper, [case.pk], MeasureRow("nothing", "x"))
    with refused("BF-2402"):
        plan_measures(ground.helper, [case.pk], MeasureRow("industry", "x", -1))
    again = plan_measures(ground.helper, [case.pk], MeasureRow("infrastructure", "再清"))[0]
    with refused("BF-2418"):
        finish_measures(ground.helper, [again.pk], Proof("x", TODAY, "a.exe", b"MZ1234"))
    with refused("BF-2402"):
        finish_measures(ground.helper, [again.pk], Proof("x", TODAY + timedelta(1)))
    assert Measure.objects.get(pk=again.pk).state == "planned"


def test_a_pause_stops_the_clock_and_the_job_lets_it_run_again(ground: Ground) -> None:
    case = ground.case()
    due = case.due
    with refused("BF-1001"):
        pause(ground.helper, [case.pk], "season", "等天晴", TODAY + timedelta(10))
    with refused("BF-2402"):
        pause(ground.secretary, [case.pk], "season", "等天晴", TODAY)
    pause(ground.secretary, [case.pk], "season", "等天晴", TODAY + timedelta(10))
    with on(TODAY + timedelta(10)):
        assert tick(ground.county.operator()).resumed == 1
    case.refresh_from_db()
    assert (case.state, case.due) == ("open", due + timedelta(10))
    with refused("BF-2406"):
        resume(ground.secretary, [case.pk])


def test_a_case_goes_to_a_department_and_back_and_only_the_department_works_at_it(ground: Ground) -> None:
    case = ground.case("schooling_need" if "schooling_need" in kinds_on().work else "illness")
    liaison = ground.user("liaison", "department_liaison", ground.county.path)
    with refused("BF-2407"):
        plan_measures(liaison, [case.pk], MeasureRow("health", "义诊"))
    refer(ground.secretary, [case.pk], "请卫健局")
    case.refresh_from_db()
    assert (case.step, case.unit) == ("department", Unit.objects.get(key="health"))
    assert owners_of([case], TODAY)[case.pk].office.zh == "县卫生健康局"
    with refused("BF-2407"):
        plan_measures(ground.secretary, [case.pk], MeasureRow("health", "义诊"))
    plan_measures(liaison, [case.pk], MeasureRow("health", "义诊"))
    give_back(liaison, [case.pk], "已义诊，请村里跟进")
    case.refresh_from_db()
    assert case.step != "department"
    assert case.unit is None
    assert [e.kind for e in case.events.order_by("pk")] == ["opened", "referred", "planned", "returned"]


def test_the_day_of_a_department_has_what_was_referred_to_it_however_far_its_deadline(ground: Ground) -> None:
    liaison = actor_of(User.objects.get(username="department"))
    unit = Officer.objects.get(user=liaison.user_id).unit
    case, elsewhere = ground.case("care"), ground.case("illness")
    refer(ground.secretary, [case.pk], "请协助", unit.key)
    refer(ground.secretary, [elsewhere.pk], "请卫健局")
    Case.objects.filter(pk=case.pk).update(due=TODAY + timedelta(60))
    page = client_of(liaison).get(reverse("command:today")).content.decode()
    assert "转交本部门的事项" in page
    listed = {s.key: s for s in cases_of_the_day(liaison)}["referred"]
    assert listed.count >= 1
    assert case.number in str([i.url for i in listed.items]) or listed.count > len(listed.items)
    assert elsewhere.number not in str([i.url for i in listed.items])


def test_a_department_gives_back_to_the_post_that_had_the_case(ground: Ground) -> None:
    """What had risen to the county does not sink to the village by way of a department."""
    case = ground.case("illness")
    hand_over(ground.station, [case.pk], "county", "请县里协调")
    refer(ground.headquarters, [case.pk], "请卫健局")
    give_back(ground.user("liaison", "department_liaison", ground.county.path), [case.pk], "已义诊")
    case.refresh_from_db()
    assert (case.step, case.unit) == ("county", None)


def test_a_department_that_is_not_there_is_refused(ground: Ground) -> None:
    case = ground.case("other")
    with refused("BF-2413"):
        refer(ground.secretary, [case.pk], "谁来办")
    add_units(
        ground.county.operator(),
        [UnitRow("flood", Text("防汛办", "Flood office"), "department", "county", ground.county.path, TODAY)],
    )
    refer(ground.secretary, [case.pk], "请防汛办", "flood")
    case.refresh_from_db()
    assert case.unit is not None
    assert case.unit.key == "flood"


def test_whoever_stands_below_the_owner_cannot_move_a_case_and_nobody_to_where_nobody_is(ground: Ground) -> None:
    case = ground.case()
    hand_over(ground.station, [case.pk], "township", "镇里办")
    case.refresh_from_db()
    assert case.step == "township"
    with refused("BF-2407"):
        hand_over(ground.secretary, [case.pk], "village", "村里办")
    with refused("BF-2414"):
        hand_over(ground.station, [case.pk], "township", "再来")


def test_weighing_anew_counts_the_deadline_from_the_opening(ground: Ground) -> None:
    case = ground.case()
    set_severity(ground.secretary, [case.pk], "urgent", "漏进屋里了")
    case.refresh_from_db()
    assert (case.severity, case.due) == ("urgent", kinds_on().clock("grievance").due(TODAY, "urgent"))


def test_a_case_that_is_weighed_graver_late_in_its_time_has_a_day_more(ground: Ground) -> None:
    case = ground.case()
    with on(case.due - timedelta(2)):
        set_severity(ground.secretary, [case.pk], "urgent", "漏进屋里了")
    was = case.due
    case.refresh_from_db()
    assert (case.due, case.escalate_on) == (was - timedelta(1), was)


def test_a_measure_is_done_after_the_case_was_opened(ground: Ground) -> None:
    case = ground.case()
    measure = plan_measures(ground.helper, [case.pk], MeasureRow("infrastructure", "清沟"))[0]
    with on(TODAY + timedelta(3)):
        with refused("BF-2402", str(TODAY), str(TODAY + timedelta(3))):
            finish_measures(ground.helper, [measure.pk], Proof("早已清过", TODAY - timedelta(1)))
        finish_measures(ground.helper, [measure.pk], Proof("立项前已清过", TODAY))
    measure.refresh_from_db()
    assert measure.done_on == TODAY


def test_a_case_is_not_referred_to_the_department_that_holds_it(ground: Ground) -> None:
    case = ground.case("illness")
    refer(ground.station, [case.pk], "请卫健局")
    held = CaseEvent.objects.filter(case=case).count()
    with refused("BF-2466", case.number):
        refer(ground.headquarters, [case.pk], "再转一次")
    assert CaseEvent.objects.filter(case=case).count() == held


def test_a_matter_of_a_place_names_the_place_and_no_path(ground: Ground) -> None:
    row = NewCase("facility", "桥断了", place=ground.village.path)
    (case,) = open_cases(ground.secretary, row)
    with pytest.raises(Problem) as found:
        open_cases(ground.secretary, row)
    problem = found.value
    assert problem.number == "BF-2404"
    assert ground.village.name in problem.cause.zh
    assert case.number in problem.cause.zh
    for words in (problem.cause.zh, problem.cause.en):
        assert ground.village.path not in words
        assert "household" not in words
        assert "户" not in words


def test_words_that_are_too_long_are_told_their_limit_and_quoted_briefly(ground: Ground) -> None:
    case = ground.case()
    with pytest.raises(Problem) as found:
        write_note(ground.secretary, [case.pk], "长" * 2100)
    assert "最多 2000 字，现有 2100 字" in found.value.cause.zh
    assert "长" * 20 + "…" in found.value.cause.zh
    assert "长" * 21 not in found.value.cause.zh
    assert "at most 2000 characters" in found.value.cause.en
    with refused("BF-2402", "不能为空"):
        write_note(ground.secretary, [case.pk], " ")


def test_twins_are_merged_their_measures_go_along_and_nothing_counts_as_solved(ground: Ground) -> None:
    one, two, other = ground.case("policy", subject="雨露计划"), ground.case("policy", subject="助学金"), ground.case()
    with refused("BF-2415", "同一类"):
        merge(ground.secretary, one.pk, other.pk, "同一件事")
    measure = plan_measures(ground.helper, [one.pk], MeasureRow("infrastructure", "清沟"))[0]
    with refused("BF-2415"):
        merge(ground.secretary, one.pk, one.pk, "同一件事")
    merge(ground.secretary, one.pk, two.pk, "同一件事")
    one.refresh_from_db()
    measure.refresh_from_db()
    assert (one.state, one.result, one.merged_into_id, measure.case_id) == ("closed", "taken_over", two.pk, two.pk)
    with refused("BF-2415"):
        merge(ground.secretary, one.pk, two.pk, "再并")


def test_a_closed_case_opens_again_unless_the_same_thing_stands(ground: Ground) -> None:
    one, two = ground.case(), ground.case(subject="二")
    merge(ground.secretary, one.pk, two.pk, "同一件事")
    again = ground.case()
    with refused("BF-2404", again.number):
        reopen(ground.secretary, [one.pk], "又堵了")
    merge(ground.secretary, again.pk, two.pk, "同一件事")
    reopen(ground.secretary, [one.pk], "又堵了")
    one.refresh_from_db()
    assert (one.state, one.reopened, one.due) == ("open", 1, kinds_on().clock("grievance").due(TODAY, "ordinary"))
    assert one.merged_into_id is None


def test_whoever_only_reads_writes_nothing(ground: Ground) -> None:
    case = ground.case()
    auditor = ground.user("reads", "auditor", ground.county.path)
    for act in (
        lambda: write_note(auditor, [case.pk], "x"),
        lambda: plan_measures(auditor, [case.pk], MeasureRow("industry", "x")),
        lambda: open_cases(auditor, NewCase("policy", "x", ground.home.number)),
        lambda: hand_over(auditor, [case.pk], "village", "x"),
    ):
        with refused("BF-1001"):
            act()


def test_a_severity_that_it_has_already_is_no_change(ground: Ground) -> None:
    case, other = ground.case(), ground.case("policy", severity="serious")
    for keys in ([case.pk], [other.pk, case.pk]):
        with refused("BF-2402", "一般", "不同"):
            set_severity(ground.secretary, keys, "ordinary", "照旧")
    assert not CaseEvent.objects.filter(case__in=(case, other), kind="severity").exists()


def test_what_will_not_do_is_told_in_words_and_of_a_list_with_its_codes(ground: Ground) -> None:
    case = ground.case()
    for act in (
        lambda: claim(ground.helper, [case.pk], Claim("gone", "x", TODAY)),
        lambda: claim(ground.helper, [case.pk], Claim("household_ended", "x", TODAY, left="birth", left_on=TODAY)),
        lambda: hand_over(ground.secretary, [case.pk], "province", "x"),
        lambda: set_severity(ground.secretary, [case.pk], "mild", "x"),
        lambda: open_cases(ground.secretary, NewCase("policy", "x", ground.home.number, source="verdict")),
    ):
        with pytest.raises(Problem) as raised:
            act()
        wanted = raised.value.cause.zh.split("不能用：")[1]
        assert (raised.value.number, re.search("[a-z]", wanted)) == ("BF-2402", None)
    with refused("BF-2402", "紧急（urgent）"):
        open_cases(ground.secretary, NewCase("policy", "x", ground.home.number, severity="mild", row=3))


def test_the_deadline_of_a_paused_case_moves_with_the_pause(ground: Ground) -> None:
    case = ground.case()
    pause(ground.secretary, [case.pk], "season", "雨季", TODAY + timedelta(40))
    case.refresh_from_db()
    moved = case.due + timedelta(9)
    with on(TODAY + timedelta(9)):
        client = client_of(ground.secretary)
        for text in (
            page(client, "case", case=case.number).split('id="story-title"')[0],  # the story keeps the day that it had
            client.get(reverse("cases:cases", kwargs={"path": ground.village.path}), {"view": "paused"}).content.decode(),
            client.get(reverse("register:household", kwargs={"number": ground.home.number})).content.decode(),
            str(case_sheet(ground.secretary, case).parts[0]),
        ):
            assert (str(moved) in text, str(case.due) in text) == (True, False)
        resume(ground.secretary, [case.pk])
        case.refresh_from_db()
    assert (case.due, case.due_on(TODAY + timedelta(90))) == (moved, moved)


def test_a_dropped_measure_is_told_as_dropped_on_paper(ground: Ground) -> None:
    case = ground.case()
    stays, goes = (plan_measures(ground.helper, [case.pk], MeasureRow("infrastructure", t))[0] for t in ("清沟", "改道"))
    drop_measures(ground.helper, [goes.pk], "占地未谈妥")
    table = next(p["rows"] for p in case_sheet(ground.secretary, case).parts if p["sort"] == "table")
    assert [(row[0], row[2]) for row in table] == [("清沟", ""), ("改道", "取消：占地未谈妥")]
    assert stays.state == "planned"
