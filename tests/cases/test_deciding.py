"""Decisions: step by step as the pack says, with papers, people, meetings and notices; and every way in which a step is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from bangfu.cases.actions import (
    Attendee,
    KinshipRow,
    NewDecision,
    NewMeeting,
    NewObjection,
    Step,
    Vote,
    answer_objection,
    attend_meeting,
    begin_decisions,
    cancel_meeting,
    close_notice,
    declare_kinship,
    do_step,
    file_minutes,
    hand_in,
    hold_meeting,
    photograph,
    plan_meeting,
    put_up,
    raise_objection,
    refuse,
    send_back,
    tell_refusal,
    withdraw,
)
from bangfu.cases.actions.agenda import due_for
from bangfu.cases.actions.noticing import loudspeaker
from bangfu.cases.models import Decision, Item, StepDone
from bangfu.cases.procedures import procedures_on
from bangfu.command.models import Officer
from bangfu.register.models import Kind, Membership
from tests.cases.ground import TODAY, Ground, on
from tests.cases.playing import PDF, begun, crew, hung
from tests.command.standing import refused

__all__ = ["crew"]


def test_the_steps_are_those_of_the_pack_and_stay_as_they_were_frozen(crew: Ground) -> None:
    played = begun(crew)
    steps = [s["step"] for s in played.decision.steps]
    assert steps == ["clue", "home_survey", "village_appraisal", "notice", "township_review", "county_decision", "system_entry"]
    assert played.decision.notice_days == 7
    assert played.step == "clue"


def test_every_decision_of_the_pack_says_who_does_every_step(ground: Ground) -> None:
    known = procedures_on(TODAY).known
    assert set(known) == {
        "registration",
        "exit",
        "identification",
        "elimination",
        "reversal",
        "return_to_poverty",
        "village_exit",
    }
    for procedure in known.values():
        assert procedure.steps


def test_identification_goes_through_and_the_register_knows_it(crew: Ground) -> None:
    played = begun(crew, proposal="edge")
    played.do("clue")
    played.do("home_survey")
    played.meet()
    played.do("village_appraisal")
    assert played.step == "notice"
    notice = played.hang(TODAY)
    with on(notice.ends_on + timedelta(1)):
        close_notice(crew.secretary, notice.pk)
        played.do("notice", notice.ends_on)
        played.do("township_review", notice.ends_on)
        played.do("county_decision", notice.ends_on)
        played.decision.refresh_from_db()
        assert played.decision.decided_on == notice.ends_on + timedelta(1)
        kind = Kind.objects.get(household=crew.home, valid__upper_inf=True)
        assert (kind.kind, kind.monitoring_kind) == ("monitored", "edge")
        assert kind.evidence.kind == "decision"
        assert played.step == "system_entry"
        played.do("system_entry", notice.ends_on)
    played.decision.refresh_from_db()
    assert (played.decision.state, played.decision.present) == ("decided", None)
    assert [s.step for s in StepDone.objects.filter(decision=played.decision).order_by("pk")] == [
        s["step"] for s in played.decision.steps
    ]


def test_a_step_is_done_in_its_turn_only_and_never_twice(crew: Ground) -> None:
    played = begun(crew)
    with refused("BF-2433"):
        do_step(crew.secretary, played.decision.pk, "home_survey", Step("x", TODAY))
    played.do("clue")
    with refused("BF-2433"):
        do_step(crew.helper, played.decision.pk, "clue", Step("x", TODAY))


def test_a_step_is_done_at_its_level_with_its_people_and_papers(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    with refused("BF-2434"):
        do_step(crew.station, played.decision.pk, "home_survey", Step("x", TODAY, ("T1",)))
    with refused("BF-2436"):
        do_step(crew.secretary, played.decision.pk, "home_survey", Step("x", TODAY))
    with refused("BF-2437", "入户核实表"):
        do_step(crew.secretary, played.decision.pk, "home_survey", Step("x", TODAY, ("T1",)))
    with refused("BF-2448"):
        hand_in(crew.secretary, played.decision.pk, "nothing", "a.pdf", PDF)
    with refused("BF-2418"):
        hand_in(crew.secretary, played.decision.pk, "survey_sheet", "a.exe", b"MZ")
    hand_in(crew.secretary, played.decision.pk, "survey_sheet", "a.pdf", PDF, pages=2, missing=[2])
    with refused("BF-2437"):  # a page of it is missing
        do_step(crew.secretary, played.decision.pk, "home_survey", Step("x", TODAY, ("T1",)))
    with refused("BF-2402"):
        do_step(crew.secretary, played.decision.pk, "home_survey", Step("x", TODAY + timedelta(1), ("T1",)))
    played.do("home_survey")
    assert played.step == "village_appraisal"


def test_nobody_reviews_what_they_surveyed(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.papers()
    station = crew.station
    StepDone.objects.create(
        path=played.decision.path, decision=played.decision, household=crew.home, step="home_survey", place=1, entered_on=TODAY, day=TODAY,
        outcome="passed", user=station.user_id, actor=station.name, stands=station.scope,
    )  # fmt: skip
    Decision.objects.filter(pk=played.decision.pk).update(place=4)
    played.decision.refresh_from_db()
    played.papers()
    with refused("BF-2435"):
        do_step(station, played.decision.pk, "township_review", Step("x", TODAY))


def test_an_appraisal_needs_a_meeting_that_was_held_and_voted_for_it(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    played.papers()
    with refused("BF-2439"):
        do_step(crew.secretary, played.decision.pk, "village_appraisal", Step("x", TODAY))
    played.meet(in_favour=5, against=5)  # half is not more than half
    with refused("BF-2440"):
        do_step(crew.secretary, played.decision.pk, "village_appraisal", Step("x", TODAY))
    send_back(crew.secretary, played.decision.pk, "home_survey", "补充收入核实")
    played.do("home_survey")
    played.meet(in_favour=6, against=4)
    played.do("village_appraisal")


def test_a_meeting_needs_its_quorum_and_votes_that_add_up(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    for entitled, day in ((6, TODAY), (12, TODAY - timedelta(1)), (12, TODAY + timedelta(200))):
        with refused("BF-2402"):  # too few, before it came to the meeting, too far away
            plan_meeting(
                crew.secretary, NewMeeting("appraisal", day, "村委会", "主持", entitled, decisions=(played.decision.pk,))
            )
    meeting = plan_meeting(crew.secretary, NewMeeting("appraisal", TODAY, "村委会", "主持", 12, decisions=(played.decision.pk,)))
    assert meeting.quorum == 8
    item = Item.objects.get(meeting=meeting)
    attend_meeting(crew.secretary, meeting.pk, [Attendee(f"村民{n}") for n in range(9)])
    with refused("BF-2454", "主持"):
        hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 9, 0, 0)])
    attend_meeting(crew.secretary, meeting.pk, [Attendee("主持"), *[Attendee(f"村民{n}") for n in range(6)]])
    with refused("BF-2446"):
        hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 7, 0, 0)])
    came = [Attendee("主持"), *[Attendee(f"村民{n}") for n in range(7)], Attendee("列席", votes=False)]
    attend_meeting(crew.secretary, meeting.pk, came)
    with refused("BF-2447"):
        hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 9, 0, 0)])
    with refused("BF-2447"):
        hold_meeting(crew.secretary, meeting.pk, [])
    with refused("BF-2402"):
        attend_meeting(crew.secretary, meeting.pk, [Attendee("村民1"), Attendee("村民1", row=2)])
    hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 8, 0, 0)])
    with refused("BF-2445"):
        hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 8, 0, 0)])


def test_a_meeting_is_cancelled_with_its_reason_and_its_matters_wait_for_another(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    meeting = plan_meeting(crew.secretary, NewMeeting("appraisal", TODAY, "村委会", "主持", 12, decisions=(played.decision.pk,)))
    assert played.decision not in due_for(crew.secretary, crew.village.path)
    with refused("BF-2402", "取消原因"):
        cancel_meeting(crew.secretary, meeting.pk, " ")
    cancelled = cancel_meeting(crew.secretary, meeting.pk, "暴雨，改期")
    assert (cancelled.state, cancelled.cancelled_why) == ("cancelled", "暴雨，改期")
    assert played.decision in due_for(crew.secretary, crew.village.path)
    with refused("BF-2445"):
        cancel_meeting(crew.secretary, meeting.pk, "再次")
    played.meet()


def test_members_of_the_household_and_declared_relatives_keep_away(crew: Ground) -> None:
    head = Membership.objects.filter(household=crew.home, relation="head").on(TODAY).select_related("person").get().person
    Officer.objects.filter(number="T1").update(person=head)
    declare_kinship(crew.headquarters, [KinshipRow("T2", "T1", "兄弟")])
    played = begun(crew)
    played.do("clue")
    played.do("home_survey", together=("T2",))
    meeting = plan_meeting(crew.secretary, NewMeeting("appraisal", TODAY, "村委会", "主持", 12, decisions=(played.decision.pk,)))
    people = [Attendee(officer="T1"), Attendee(officer="T2"), Attendee("主持"), *[Attendee(f"村民{n}") for n in range(7)]]
    attend_meeting(crew.secretary, meeting.pk, people)
    item = Item.objects.get(meeting=meeting)
    assert len(item.recused) == 2
    with refused("BF-2447"):
        hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 10, 0, 0)])
    hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 8, 0, 0)])


def test_a_notice_hangs_for_its_days_with_photographs_of_the_first_and_the_last(crew: Ground) -> None:
    played, notice = hung(crew)
    assert notice.days() == 7
    with refused("BF-2452", notice.number):
        put_up(crew.secretary, [played.decision.pk], starts_on=TODAY, office="村委会")
    with refused("BF-2441", "公示到"):
        close_notice(crew.secretary, notice.pk)
    with refused("BF-2441"):
        photograph(crew.secretary, notice.pk, "last", "a.jpg", b"\xff\xd8\xff\xe0")
    with on(notice.ends_on + timedelta(1)), refused("BF-2441", "照片"):
        do_step(crew.secretary, played.decision.pk, "notice", Step("x", TODAY))


def test_an_objection_is_answered_by_another_and_one_that_holds_stops_the_decision(crew: Ground) -> None:
    played, notice = hung(crew)
    photograph(crew.secretary, notice.pk, "first", "a.jpg", b"\xff\xd8\xff\xe0")
    one = raise_objection(crew.second, notice.pk, NewObjection(played.decision.pk, "他家有车"))
    assert one.anonymous
    with on(notice.ends_on + timedelta(1)):
        with refused("BF-2441", "同一张"):
            photograph(crew.secretary, notice.pk, "last", "a.jpg", b"\xff\xd8\xff\xe0")
        photograph(crew.secretary, notice.pk, "last", "a.jpg", b"\xff\xd8\xff\xe0last")
        with refused("BF-2453"):
            raise_objection(crew.second, notice.pk, NewObjection(played.decision.pk, "太晚"))
        with refused("BF-2441", "异议"):
            do_step(crew.secretary, played.decision.pk, "notice", Step("x", TODAY))
        with refused("BF-2435"):  # who surveyed the household does not judge what is said against it
            answer_objection(crew.secretary, one.pk, upheld=False, answer="已核")
        answer_objection(crew.second, one.pk, upheld=True, answer="属实")
        with refused("BF-2444"):
            answer_objection(crew.second, one.pk, upheld=False, answer="再答")
        with refused("BF-2442"):
            do_step(crew.secretary, played.decision.pk, "notice", Step("x", TODAY))
        send_back(crew.secretary, played.decision.pk, "home_survey", "重新核实车辆")
    assert played.step == "home_survey"


def test_a_notice_and_the_loudspeaker_say_only_what_may_be_published(crew: Ground) -> None:
    _, notice = hung(crew)
    assert set(notice.lines[0]) == {"decision", "place", "head", "members"}
    said = loudspeaker(notice)
    assert notice.lines[0]["head"] in said.zh
    head = Membership.objects.filter(household=crew.home, relation="head").on(TODAY).select_related("person").get().person
    assert crew.home.number not in said.zh
    assert str(head.birth_date) not in said.zh


def test_a_refusal_needs_a_reason_and_is_told_to_the_household(crew: Ground) -> None:
    played = begun(crew)
    with refused("BF-2455"):  # nobody has looked at anything yet
        refuse(crew.helper, played.decision.pk, "不符合")
    played.do("clue")
    with refused("BF-2455", "入户核实"):  # the survey stands next, and nobody has surveyed
        refuse(crew.secretary, played.decision.pk, "不符合")
    played.do("home_survey")
    send_back(crew.secretary, played.decision.pk, "home_survey", "没有入户")
    with refused("BF-2455"):  # a survey that was sent back is none
        refuse(crew.secretary, played.decision.pk, "不符合")
    played.do("home_survey")
    with refused("BF-2402"):
        refuse(crew.secretary, played.decision.pk, " ")
    with refused("BF-2433"):
        tell_refusal(crew.secretary, played.decision.pk, "上门", TODAY)
    refuse(crew.secretary, played.decision.pk, "收入核实高于监测范围")
    with refused("BF-2402"):
        tell_refusal(crew.secretary, played.decision.pk, "上门", TODAY - timedelta(1))
    tell_refusal(crew.secretary, played.decision.pk, "上门", TODAY)
    played.decision.refresh_from_db()
    assert (played.decision.state, played.decision.told_on) == ("refused", TODAY)
    assert begun(crew).decision.pk != played.decision.pk  # it may be asked for again


def test_an_exit_is_refused_once_its_meeting_has_voted_on_it(crew: Ground) -> None:
    played = begun(crew, "exit")
    with refused("BF-2455", "评议"):
        refuse(crew.secretary, played.decision.pk, "不符合")
    played.meet(2, 7)
    refuse(crew.secretary, played.decision.pk, "评议未通过")
    played.decision.refresh_from_db()
    assert played.decision.state == "refused"


def test_one_of_a_kind_runs_at_a_time_and_it_can_be_withdrawn(crew: Ground) -> None:
    played = begun(crew)
    with refused("BF-2432"):
        begun(crew)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            path=crew.home.path, household=crew.home, kind="identification", origin="visit", pack="", steps=[], step_entered=TODAY,
            opened_on=TODAY, opened_name="x",
        )  # fmt: skip
    with refused("BF-2418"):
        withdraw(crew.helper, played.decision.pk, "不申请了", "", b"")
    withdraw(crew.helper, played.decision.pk, "不申请了", "a.pdf", PDF)
    assert StepDone.objects.filter(decision=played.decision).latest("pk").outcome == "withdrawn"
    begun(crew)


def test_sent_back_steps_are_done_anew_and_by_whom_it_may_be(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    with refused("BF-2402"):
        send_back(crew.secretary, played.decision.pk, "notice", "还没到")
    send_back(crew.secretary, played.decision.pk, "clue", "线索不清")
    assert played.step == "clue"
    played.do("clue")
    with refused("BF-2437"):  # the papers of before do not serve again
        do_step(crew.secretary, played.decision.pk, "home_survey", Step("x", TODAY, ("T1",)))
    played.do("home_survey")
    assert StepDone.objects.filter(decision=played.decision).count() == 5


def test_what_will_not_do_is_refused_by_number(crew: Ground) -> None:
    with refused("BF-2431"):
        begin_decisions(crew.helper, NewDecision("nothing", "visit", "x", crew.home.number))
    with refused("BF-2417"):
        begin_decisions(crew.helper, NewDecision("identification", "visit", "x", "no such"))
    with refused("BF-2402"):
        begin_decisions(crew.helper, NewDecision("identification", "rumour", "x", crew.home.number))
    with refused("BF-2402", "认定类别", "边缘易致贫户"):  # which category it is about has to be said
        begin_decisions(crew.helper, NewDecision("identification", "visit", "x", crew.home.number))
    with refused("BF-1108"):  # a township is no village
        begin_decisions(crew.headquarters, NewDecision("village_exit", "visit", "x", village=crew.township.path))
    with refused("BF-1001"):
        begin_decisions(
            crew.user("reads", "auditor", crew.county.path), NewDecision("identification", "visit", "x", crew.home.number)
        )


def test_steps_are_done_on_days_in_their_order(crew: Ground) -> None:
    with on(TODAY - timedelta(3)):
        played = begun(crew)
    with refused("BF-2402"):
        do_step(crew.helper, played.decision.pk, "clue", Step("x", TODAY - timedelta(4)))
    played.do("clue", TODAY - timedelta(1))
    played.papers()
    with refused("BF-2402", str(TODAY - timedelta(1))):
        do_step(crew.secretary, played.decision.pk, "home_survey", Step("x", TODAY - timedelta(2), ("T1",)))
    played.do("home_survey", TODAY - timedelta(1))


def test_a_paper_is_of_its_step_and_of_its_level(crew: Ground) -> None:
    played = begun(crew, "registration")
    key = played.decision.pk
    first = hand_in(crew.secretary, key, "minutes", "a.pdf", PDF, step="group_appraisal")
    second = hand_in(crew.secretary, key, "minutes", "a.pdf", PDF, step="village_appraisal")
    first.refresh_from_db()
    assert (first.replaced, first.step, second.step) == (False, "group_appraisal", "village_appraisal")
    with refused("BF-2448"):
        hand_in(crew.secretary, key, "minutes", "a.pdf", PDF, step="notice")
    with refused("BF-2434", "乡镇"):
        hand_in(crew.secretary, key, "review_sheet", "a.pdf", PDF)
    with refused("BF-2434", "县级"):
        hand_in(crew.station, key, "decision_sheet", "a.pdf", PDF)
    hand_in(crew.headquarters, key, "decision_sheet", "a.pdf", PDF)


def test_minutes_of_a_meeting_are_the_paper_of_its_step(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    meeting = played.meet()
    file_minutes(crew.secretary, meeting.pk, "a.pdf", PDF)
    do_step(crew.secretary, played.decision.pk, "village_appraisal", Step("x", TODAY))
    assert played.step == "notice"


def test_a_notice_is_taken_down_with_the_last_of_its_decisions(crew: Ground) -> None:
    played, notice = hung(crew)
    photograph(crew.secretary, notice.pk, "first", "a.jpg", b"\xff\xd8\xff\xe0")
    with on(notice.ends_on + timedelta(1)):
        photograph(crew.secretary, notice.pk, "last", "a.jpg", b"\xff\xd8\xff\xe0last")
        played.do("notice", notice.ends_on)
        notice.refresh_from_db()
        assert notice.closed_on == notice.ends_on + timedelta(1)


def test_what_the_pack_lets_nobody_refuse_is_not_refused(crew: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    played = begun(crew)
    known = procedures_on(TODAY)
    strict = replace(known, known={k: replace(p, refuse=False) for k, p in known.known.items()})
    monkeypatch.setattr("bangfu.cases.actions.ending.procedures_on", lambda day: strict)
    with refused("BF-2450", "监测对象识别"):
        refuse(crew.helper, played.decision.pk, "不符合")


def test_what_was_done_is_append_only(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    done = StepDone.objects.get(decision=played.decision)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_stepdone SET outcome = 'refused' WHERE id = %s", [done.pk])


def test_in_2021_the_comparison_comes_after_the_signature_and_all_within_fifteen_days(crew: Ground) -> None:
    with on(date(2021, 6, 1)):
        procedure = procedures_on(date(2021, 6, 1)).require("identification")
    by_step = {s["step"]: s for s in procedure.steps}
    assert procedure.whole == 15
    assert procedure.notice == 5
    assert by_step["home_survey"]["limit"] == 3
    assert by_step["department_comparison"]["limit"] == 5
    assert by_step["department_comparison"]["after"] == ["authorisation"]
    assert "authorisation_form" in by_step["authorisation"]["documents"]
