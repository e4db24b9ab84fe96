"""What decisions put into somebody's day, and who is told that one is late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from bangfu.cases.actions import (
    NewMeeting,
    NewObjection,
    Step,
    do_step,
    plan_meeting,
    raise_objection,
    refuse,
    remind,
    tell_refusal,
)
from bangfu.cases.day_decisions import decisions_of_the_day
from bangfu.cases.differences import Difference, national_differences
from bangfu.cases.models import Decision
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day
from bangfu.messages.models import Message
from bangfu.screening.models import Finding, Run
from tests.cases.ground import TODAY, Ground, on
from tests.cases.playing import begun, crew
from tests.cases.test_pages import client_of

__all__ = ["crew"]


def day(actor: Actor) -> dict[str, Any]:
    """The sections of somebody's day by key."""
    with acting(actor):
        return {s.key: s for s in decisions_of_the_day(actor)}


def numbers(actor: Actor, key: str = "decisions") -> set[str]:
    """The numbers to which the items of a section lead."""
    section = day(actor).get(key)
    return {item.url.rstrip("/").rsplit("/", 1)[1] for item in section.items} if section else set()


def test_a_step_is_in_the_day_of_whoever_does_it(crew: Ground) -> None:
    played = begun(crew)
    number = played.decision.number
    assert number in numbers(crew.helper)
    played.do("clue")
    assert number not in numbers(crew.helper)
    assert number in numbers(crew.secretary)
    assert number not in numbers(crew.station)
    Decision.objects.filter(pk=played.decision.pk).update(place=4, step_due=TODAY - timedelta(3))
    assert number not in numbers(crew.secretary)
    section = day(crew.station)["decisions"]
    item = next(i for i in section.items if number in i.url)
    assert (item.late, item.due) == (3, TODAY - timedelta(3))
    assert section.late >= 1


def test_a_refusal_waits_until_the_household_was_told(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    refuse(crew.secretary, played.decision.pk, "收入高于监测范围")
    assert played.decision.number in numbers(crew.secretary, "untold")
    assert "untold" not in day(crew.headquarters)
    tell_refusal(crew.secretary, played.decision.pk, "上门", TODAY)
    assert played.decision.number not in numbers(crew.secretary, "untold")


def test_meetings_notices_and_objections_wait_with_the_village(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    clue = crew.case("identification")
    meeting = plan_meeting(crew.secretary, NewMeeting("triage", TODAY - timedelta(1), "村委会", "支书", 9, cases=(clue.pk,)))
    section = day(crew.secretary)["meetings"]
    assert next(i for i in section.items if meeting.number in i.url).late == 1
    assert meeting.number not in numbers(crew.station, "meetings")
    played.meet()
    played.do("village_appraisal")
    notice = played.hang(TODAY)
    with on(notice.ends_on):
        raise_objection(crew.secretary, notice.pk, NewObjection(played.decision.pk, "不符合"))
    with on(notice.ends_on + timedelta(1)):
        assert notice.number in numbers(crew.second, "objections")
        item = next(i for i in day(crew.second)["notices"].items if notice.number in i.url)
        assert "期满" in str(item.why)


def test_an_elimination_that_is_due_is_there_until_it_is_begun(crew: Ground) -> None:
    run = Run.objects.order_by("-pk")[0]
    with acting(crew.county.operator()):
        Finding.objects.filter(household=crew.home).delete()
        Finding.objects.create(
            household=crew.home, path=crew.home.path, sort="proposal", subject="elimination", state="proposed", run=run
        )
    with on(date(2021, 6, 1)):  # the rules of 2020 propose none
        section = day(crew.helper)["proposed-elimination"]
        (item,) = (i for i in section.items if crew.home.number in i.url)
        assert "kind=elimination" in item.url
        assert "风险消除" in str(section.title)
        assert crew.home.number in str([i.url for i in day(crew.headquarters)["proposed-elimination"].items])
        assert crew.home.number in str([i.url for i in day(crew.secretary)["proposed-elimination"].items])
        begun(crew, "elimination")
        assert crew.home.number not in str([i.url for i in getattr(day(crew.helper).get("proposed-elimination"), "items", ())])


def test_who_does_a_late_step_is_told_with_the_level_above_and_once_a_day(crew: Ground) -> None:
    operator = crew.county.operator()
    played = begun(crew)
    played.do("clue")
    Decision.objects.running().exclude(pk=played.decision.pk).delete()
    assert remind(operator) == 0
    Decision.objects.filter(pk=played.decision.pk).update(step_due=TODAY - timedelta(1))
    assert remind(operator) > 0
    told = {m.path for m in Message.objects.filter(kind="cases.late")}
    assert told == {crew.village.path, crew.township.path}
    assert remind(operator) == 0
    with on(TODAY + timedelta(1)):
        assert remind(operator) > 0


def test_the_clock_of_a_step_runs_from_the_day_it_came_to_it(crew: Ground) -> None:
    played = begun(crew)
    do_step(crew.helper, played.decision.pk, "clue", Step("x", TODAY))
    with on(date(2020, 12, 31)):
        item = next(i for i in day(crew.secretary)["decisions"].items if played.decision.number in i.url)
        assert (item.late, item.due) == ((date(2020, 12, 31) - TODAY).days - 5, TODAY + timedelta(5))


def test_what_another_package_knows_is_in_the_day_of_the_chief(crew: Ground) -> None:
    def balance(actor: Actor) -> list[DaySection]:
        item = DayItem("与台账不一致：户人数", "/cases/", "凤凰村", None, 0, "3 / 4")
        return [DaySection("balance", Text("与财政台账的差异", "Differences to the ledger"), [item], 1)]

    client = client_of(crew.headquarters)
    my_day.provider("of a test", order=99)(balance)
    try:
        assert "与财政台账的差异" in client.get("/today/").content.decode()
    finally:
        my_day.withdraw("of a test")
    assert "与财政台账的差异" not in client.get("/today/").content.decode()


def test_what_is_decided_and_not_entered_differs_from_the_national_system(crew: Ground) -> None:
    def told(actor: Actor) -> tuple[int, int]:
        section = day(actor).get("national")
        return (section.count, section.late) if section else (0, 0)

    before = {actor: told(actor) for actor in (crew.headquarters, crew.station)}
    played = begun(crew)
    decision = played.decision
    place = next(n for n, s in enumerate(decision.steps) if s["act"] == "enter")
    Decision.objects.filter(pk=decision.pk).update(place=place, step_due=TODAY - timedelta(2))
    for actor, (count, late) in before.items():
        assert told(actor) == (count + 1, late + 1)
        item = next(i for i in day(actor)["national"].items if "kind=identification" in i.url)
        assert "已决定未录入" in str(item.title)
        assert item.late >= 2
        assert decision.number in client_of(actor).get(item.url).content.decode()
    assert "national" not in day(crew.secretary)  # it is the chief's


def test_what_a_later_list_of_the_national_system_tells_stands_beside_it(crew: Ground) -> None:
    Decision.objects.all().delete()
    assert "national" not in day(crew.headquarters)

    @national_differences.provider("list", order=20)
    def compared(actor: Actor) -> list[Difference]:
        return [Difference(Text("人口数不一致", "another number of people"), 7, "/x/"), Difference(Text("无", "none"), 0)]

    try:
        section = day(crew.headquarters)["national"]
        assert [(str(i.title), i.url, str(i.why)) for i in section.items] == [("人口数不一致", "/x/", "7 件")]
        page = client_of(crew.headquarters).get(reverse("command:today")).content.decode()
        assert "与全国系统的差异" in page
        assert "人口数不一致" in page
    finally:
        national_differences.withdraw("list")
    assert "national" not in day(crew.headquarters)
