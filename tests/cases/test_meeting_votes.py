"""Meetings: who may vote and chair, what stands on one at a time, and what a vote against means for the step."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bangfu.areas.models import Area
from bangfu.cases.actions import (
    Attendee,
    Claim,
    NewCase,
    NewMeeting,
    Step,
    Vote,
    attend_meeting,
    cancel_meeting,
    claim,
    do_step,
    hold_meeting,
    open_cases,
    plan_meeting,
    reopen,
    send_back,
    verify,
)
from bangfu.cases.actions.agenda import clues_for, due_for
from bangfu.cases.models import Case, Decision, Item, Meeting, Present
from bangfu.command.models import Officer
from bangfu.register.models import Household
from tests.cases.ground import TODAY, Ground
from tests.cases.playing import PDF, Played, begun, crew
from tests.cases.test_pages import client_of
from tests.command.standing import refused

__all__ = ["crew"]


def to_appraise(crew: Ground) -> Played:
    """A decision that waits for its meeting."""
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    played.decision.refresh_from_db()
    return played


def planned(played: Played, chair: str = "主持", entitled: int = 12, clerk: str = "") -> Meeting:
    """A meeting about it."""
    new = NewMeeting("appraisal", TODAY, "村委会", chair, entitled, clerk=clerk, decisions=(played.decision.pk,))
    return plan_meeting(played.ground.secretary, new)


def test_not_more_vote_than_are_entitled(crew: Ground) -> None:
    played = to_appraise(crew)
    meeting = planned(played, entitled=10)
    people = [Attendee("主持"), *(Attendee(f"村民{n}") for n in range(10))]
    with refused("BF-2458", "10", "11"):
        attend_meeting(crew.secretary, meeting.pk, people)
    attend_meeting(crew.secretary, meeting.pk, [*people[:10], Attendee("旁听", votes=False)])
    item = Item.objects.get(meeting=meeting)
    Present.objects.filter(meeting=meeting, name="旁听").update(votes=True)
    with refused("BF-2458", "10", "11"):
        hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 11, 0, 0)])


def test_what_was_voted_down_is_not_voted_on_again_until_it_was_sent_back(crew: Ground) -> None:
    played = to_appraise(crew)
    against = played.meet(in_favour=2, against=8)
    with refused("BF-2440", against.number, played.decision.number):
        planned(played)
    assert played.decision not in due_for(crew.secretary, crew.village.path)
    client = client_of(crew.secretary)
    page = client.get(reverse("cases:decision", kwargs={"decision": played.decision.number})).content.decode()
    assert f"会议 {against.number}（{TODAY}）表决未通过：赞成 2，反对 8，弃权 0" in page
    assert "可以退回补充，或不予认定" in page
    assert "进入下一步" not in page
    assert "</i>未通过</span>" in page
    assert (
        played.decision.number not in client.get(reverse("cases:meetings", kwargs={"path": crew.village.path})).content.decode()
    )
    send_back(crew.secretary, played.decision.pk, "home_survey", "补充核实")
    played.do("home_survey")
    assert played.decision in due_for(crew.secretary, crew.village.path)
    played.papers()
    with refused("BF-2439"):  # the vote of before is not one about the step as it is done now
        do_step(crew.secretary, played.decision.pk, "village_appraisal", Step("x", TODAY))
    again = played.meet(in_favour=9, against=1)
    page = client.get(reverse("cases:decision", kwargs={"decision": played.decision.number})).content.decode()
    assert "会议已表决通过，进入下一步" in page
    assert "</i>未通过（其后退回，不再有效）</span>" in page  # the steps tell of both
    assert "</i>通过</span>" in page
    played.do("village_appraisal")
    played.decision.refresh_from_db()
    assert played.decision.facts["village_appraisal"]["meeting"] == again.number


def test_a_vote_on_what_was_sent_back_meanwhile_does_not_count(crew: Ground) -> None:
    played = to_appraise(crew)
    meeting = planned(played)
    send_back(crew.secretary, played.decision.pk, "home_survey", "补充核实")
    attend_meeting(crew.secretary, meeting.pk, [Attendee("主持"), *(Attendee(f"村民{n}") for n in range(9))])
    hold_meeting(crew.secretary, meeting.pk, [Vote(Item.objects.get(meeting=meeting).pk, 10, 0, 0)])
    played.do("home_survey")
    played.papers()
    with refused("BF-2439"):
        do_step(crew.secretary, played.decision.pk, "village_appraisal", Step("x", TODAY))
    played.meet()
    played.do("village_appraisal")


def test_a_matter_is_on_one_meeting_at_a_time_and_no_meeting_is_without_matters(crew: Ground) -> None:
    played = to_appraise(crew)
    meeting = planned(played)
    with refused("BF-2459", played.decision.number, meeting.number):
        planned(played)
    cancel_meeting(crew.secretary, meeting.pk, "下雨")
    planned(played)
    clue = crew.case("grievance")
    triage = plan_meeting(crew.secretary, NewMeeting("triage", TODAY, "村委会", "主持", 9, cases=(clue.pk,)))
    with refused("BF-2459", clue.number, triage.number):
        plan_meeting(crew.secretary, NewMeeting("triage", TODAY, "村委会", "主持", 9, cases=(clue.pk,)))
    for kind in ("appraisal", "triage", "review"):
        with refused("BF-2402", "议题"):
            plan_meeting(crew.secretary, NewMeeting(kind, TODAY, "村委会", "主持", 9))


@pytest.mark.parametrize("typed", ["T1", "#T1", "# T1", "＃T1"])
def test_chair_and_clerk_are_named_by_number_as_well(crew: Ground, typed: str) -> None:
    played = to_appraise(crew)
    meeting = planned(played, typed, clerk="#T2")
    assert (meeting.chair, meeting.clerk) == ("同行T1", "同行T2")
    attend_meeting(crew.secretary, meeting.pk, [Attendee(typed), *(Attendee(f"村民{n}") for n in range(8))])
    assert Present.objects.get(meeting=meeting, name="同行T1").officer == Officer.objects.get(number="T1")
    item = Item.objects.get(meeting=meeting)
    hold_meeting(crew.secretary, meeting.pk, [Vote(item.pk, 9, 0, 0)])


def test_a_number_that_nobody_has_is_refused_when_the_meeting_is_planned(crew: Ground) -> None:
    played = to_appraise(crew)
    for chair in ("#SY99999", "SY99999", "# SY99999", "#"):
        with refused("BF-2202"):
            planned(played, chair)
    with refused("BF-2202"):
        planned(played, clerk="SY99999")
    meeting = planned(played, "主持")
    Meeting.objects.filter(pk=meeting.pk).update(chair="#T1")  # as it was planned before
    attend_meeting(crew.secretary, meeting.pk, [Attendee(officer="T1"), *(Attendee(f"村民{n}") for n in range(8))])
    hold_meeting(crew.secretary, meeting.pk, [Vote(Item.objects.get(meeting=meeting).pk, 9, 0, 0)])


def test_votes_are_typed_and_not_given(crew: Ground) -> None:
    played = to_appraise(crew)
    meeting = planned(played, "#T1")
    client = client_of(crew.secretary)
    url = reverse("cases:meeting", kwargs={"meeting": meeting.number})
    people = "# T1, 主持\n" + "\n".join(f"村民{n}" for n in range(8))
    assert client.post(url, {"do": "attend", "people": people}).status_code == 302
    item = Item.objects.get(meeting=meeting)
    page = client.get(url).content.decode()
    for part in ("for", "against", "abstained"):
        assert f'name="{part}-{item.pk}" inputmode="numeric" maxlength="3" required value=""' in page
    answer = client.post(url, {"do": "hold", f"for-{item.pk}": "9"}).content.decode()
    assert "BF-2402" in answer
    assert f'name="for-{item.pk}" inputmode="numeric" maxlength="3" required value="9"' in answer  # what was typed stays
    voted = {f"for-{item.pk}": "9", f"against-{item.pk}": "0", f"abstained-{item.pk}": "0"}
    assert client.post(url, {"do": "hold", **voted}).status_code == 302


def test_a_vote_that_was_sent_back_is_not_shown_as_one_that_holds(crew: Ground) -> None:
    """A vote stands beside its step as passed until the step is sent back; then it says that it holds no more, and that of an earlier step still does."""
    played = to_appraise(crew)
    played.meet()
    played.do("village_appraisal")
    url = reverse("cases:decision", kwargs={"decision": played.decision.number})
    client = client_of(crew.secretary)
    assert "</i>通过</span>" in client.get(url).content.decode()
    send_back(crew.secretary, played.decision.pk, "village_appraisal", "重新评议")
    page = client.get(url).content.decode()
    assert ("</i>通过（其后退回，不再有效）</span>" in page, "</i>通过</span>" in page) == (True, False)
    played.meet()
    played.do("village_appraisal")
    item = Item.objects.filter(decision=played.decision).order_by("-pk")[0]
    steps = played.decision.steps
    Item.objects.filter(pk=item.pk).update(step=steps[0]["step"])  # a vote on a step before the one to which it is sent back
    send_back(crew.secretary, played.decision.pk, "home_survey", "补充核实")
    assert "</i>通过</span>" in client.get(url).content.decode()


def neighbour_of(crew: Ground) -> Household:
    """Another household of the village, without cases and decisions."""
    home: Household = Household.objects.farming().under(crew.village.path).exclude(pk=crew.home.pk).order_by("pk")[0]
    Case.objects.filter(household=home).delete()
    Decision.objects.filter(household=home).delete()
    return home


def clue_of(crew: Ground) -> Case:
    """A clue about it that waits for triage."""
    return open_cases(crew.secretary, NewCase("identification", "住院花费大", neighbour_of(crew).number))[0]


def test_a_meeting_is_of_the_level_and_place_of_its_step(crew: Ground) -> None:
    played = to_appraise(crew)
    clue = clue_of(crew)
    elsewhere = Area.objects.under(crew.township.path).level("village").exclude(path=crew.village.path).order_by("path")[0]
    other = crew.user("elsewhere", "village_secretary", elsewhere.path)
    for actor in (crew.headquarters, crew.station):
        with refused("BF-2434", "村级民主评议"):
            plan_meeting(actor, NewMeeting("appraisal", TODAY, "县", "主持", 12, decisions=(played.decision.pk,)))
        with refused("BF-2434", "线索研判", crew.village.name):
            plan_meeting(actor, NewMeeting("triage", TODAY, "县", "主持", 12, cases=(clue.pk,)))
    with refused("BF-2430"):
        plan_meeting(other, NewMeeting("appraisal", TODAY, "村", "主持", 12, decisions=(played.decision.pk,)))
    page = client_of(crew.headquarters).get(reverse("cases:meetings", kwargs={"path": crew.county.path})).content.decode()
    assert played.decision.number in page  # it is told where it waits, and is no box to tick
    assert 'name="decision"' not in page
    assert 'name="case"' not in page
    page = client_of(crew.secretary).get(reverse("cases:meetings", kwargs={"path": crew.village.path})).content.decode()
    assert f'name="decision" value="{played.decision.pk}" checked' in page
    assert f'name="case" value="{clue.pk}" checked' in page


def test_matters_of_two_villages_two_steps_or_two_kinds_meet_apart(crew: Ground) -> None:
    played = to_appraise(crew)
    clue = clue_of(crew)
    away = Decision.objects.get(pk=played.decision.pk)
    home = Household.objects.farming().under(crew.township.path).exclude(path__startswith=crew.village.path).order_by("pk")[0]
    away.pk, away.household, away.path = None, home, home.path
    away.save()
    group = Decision.objects.get(pk=played.decision.pk)
    neighbour = clue.household
    group.pk, group.household, group.path = None, neighbour, neighbour.path
    group.steps = [s | {"step": "group_appraisal"} if s["step"] == "village_appraisal" else s for s in group.steps]
    group.save()
    top, mine = crew.county.operator(), played.decision.pk
    for decisions, cases in (((mine, away.pk), ()), ((mine, group.pk), ()), ((mine,), (clue.pk,))):
        with refused("BF-2402", "分别开会"):
            plan_meeting(top, NewMeeting("appraisal", TODAY, "村", "主持", 12, decisions=decisions, cases=cases))
    for kind, decisions, cases in (("triage", (mine,), ()), ("review", (mine,), ()), ("appraisal", (), (clue.pk,))):
        with refused("BF-2402", "类别"):
            plan_meeting(crew.secretary, NewMeeting(kind, TODAY, "村", "主持", 12, decisions=decisions, cases=cases))
    with refused("BF-2402", "记录人"):
        planned(played, "同行T1", clerk="#T1")
    assert planned(played).path == crew.village.path


def test_what_was_passed_leaves_the_agenda(crew: Ground) -> None:
    played = to_appraise(crew)
    held_ = played.meet()
    assert played.decision not in due_for(crew.secretary, crew.village.path)
    with refused("BF-2484", held_.number, played.decision.number):
        planned(played)
    clue = clue_of(crew)
    assert clue in clues_for(crew.secretary, crew.village.path)
    triage = plan_meeting(crew.secretary, NewMeeting("triage", TODAY, "村", "甲", 3, cases=(clue.pk,)))
    attend_meeting(crew.secretary, triage.pk, [Attendee("甲"), Attendee("乙")])
    hold_meeting(crew.secretary, triage.pk, [Vote(Item.objects.get(meeting=triage).pk, 2, 0, 0)])
    assert clue not in clues_for(crew.secretary, crew.village.path)
    claim(crew.secretary, [clue.pk], Claim("not_true", "不实", TODAY, file_name="a.pdf", content=PDF))
    verify(crew.second, [clue.pk])
    reopen(crew.secretary, [clue.pk], "又有反映")
    assert clue in clues_for(crew.secretary, crew.village.path)
