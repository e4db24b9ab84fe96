"""Cases and decisions of the second county: its own kinds, units, steps and papers, posts in the wards and none below, everything in English."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.urls import reverse
from tests.command.standing import refused
from tests.second.test_second_county import DAY, alder, brought_in, read_page, user_at

from bangfu.cases.actions import (
    Attendee,
    Claim,
    MeasureRow,
    NewCase,
    NewDecision,
    NewMeeting,
    Proof,
    Step,
    Vote,
    attend_meeting,
    begin_decisions,
    claim,
    close_notice,
    do_step,
    finish_measures,
    follow,
    hand_in,
    hold_meeting,
    open_cases,
    photograph,
    plan_measures,
    plan_meeting,
    put_up,
    tick,
    verify,
)
from bangfu.cases.models import Case, Decision, Item
from bangfu.command.models import Officer
from bangfu.demo.second.command import build_chain
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.county import County
from bangfu.register.models import Household, Kind
from bangfu.screening.actions import screen_county
from bangfu.screening.models import Verdict
from bangfu.screening.pack import find_pack

__all__ = ["alder"]
PDF = b"%PDF-1.7 " + b"0" * 40
PICTURE = b"\xff\xd8\xff\xe0" + b"0" * 20


def judged(county: County, folder: Path) -> None:
    """The district with its people and its chain, judged."""
    brought_in(county, folder)
    build_chain(county)
    pack = find_pack(DAY, "xa")
    assert pack is not None
    screen_county(county.operator(), pack)


def test_every_gap_has_an_owner_and_goes_up_its_own_chain(alder: County, tmp_path: Path) -> None:
    judged(alder, tmp_path)
    follow(alder.operator())
    unmet = Verdict.objects.filter(result="unmet", guarantee__in=("drinking_water", "school"))
    assert unmet.exists()
    assert set(Case.objects.values_list("household", "kind")) == set(unmet.values_list("household", "guarantee"))
    follow(alder.operator())
    assert Case.objects.count() == unmet.count()
    case = Case.objects.filter(kind="drinking_water").order_by("pk")[0]
    assert case.due == DAY + timedelta(14 if case.severity == "serious" else 30)
    steps = {case.step}
    for _ in range(3):
        with clock.standing_at(case.due + timedelta(8 * len(steps))):
            tick(alder.operator())
        case.refresh_from_db()
        steps.add(case.step)
    assert case.step == "county"
    assert "village" not in steps  # no post stands there
    station = user_at(alder, case.path[: len("xa/007/001/")], "township_station")
    html = read_page(station, reverse("cases:case", kwargs={"case": case.number}))
    assert "Drinking water" in html
    assert "water office" in html or "District office" in html
    for name in ("cases", "decisions", "meetings", "notices", "forecast"):
        read_page(station, reverse(f"cases:{name}", kwargs={"path": case.path[: len("xa/007/001/")]}))


def test_a_need_is_closed_by_a_second_person(alder: County, tmp_path: Path) -> None:
    judged(alder, tmp_path)
    home = Household.objects.farming().order_by("path", "number")[0]
    (case,) = open_cases(alder.operator(), NewCase("illness", "long treatment", home.number))
    with refused("BF-2408", "措施"):
        claim(system(alder.path, "helper"), [case.pk], Claim("met", "treated", DAY))
    (measure,) = plan_measures(alder.operator(), [case.pk], MeasureRow("health", "treatment paid", due=DAY))
    finish_measures(alder.operator(), [measure.pk], Proof("paid", DAY))
    claim(system(alder.path, "helper"), [case.pk], Claim("met", "treated", DAY, "", "bill.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40))
    verify(system(alder.path, "ward"), [case.pk], "seen")
    case.refresh_from_db()
    assert (case.state, case.result) == ("closed", "met")


def test_a_household_is_enrolled_by_the_steps_of_this_county(alder: County, tmp_path: Path) -> None:
    judged(alder, tmp_path)
    home = Household.objects.filter(pk__in=Kind.objects.on(DAY).filter(kind="ordinary").values("household")).order_by("pk")[0]
    (decision,) = begin_decisions(alder.operator(), NewDecision("enrolment", "self_report", "asks to be enrolled", home.number))
    assert decision.due == DAY + timedelta(45)
    assert [s["step"] for s in decision.steps] == [
        "application",
        "home_visit",
        "validation",
        "posted",
        "district_decision",
        "entry",
    ]
    along = tuple(Officer.objects.order_by("pk").values_list("number", flat=True)[:2])
    _papers(alder.operator(), decision)
    do_step(alder.operator(), decision.pk, "application", Step("", DAY))
    _papers(alder.operator(), decision)
    do_step(alder.operator(), decision.pk, "home_visit", Step("", DAY, along))
    ward = system(home.path[: len("xa/007/001/")], "ward")
    meeting = plan_meeting(ward, NewMeeting("appraisal", DAY, "school", "chair", 6, decisions=(decision.pk,)))
    attend_meeting(ward, meeting.pk, [Attendee("chair"), *(Attendee(f"Neighbour {n}") for n in range(4))])
    hold_meeting(ward, meeting.pk, [Vote(Item.objects.get(meeting=meeting).pk, 5, 0, 0)])
    _papers(alder.operator(), decision)
    do_step(ward, decision.pk, "validation", Step("", DAY))
    notice = put_up(ward, [decision.pk], starts_on=DAY, office="Ward office", telephone="555 0100-1")
    photograph(ward, notice.pk, "first", "a.jpg", PICTURE)
    assert notice.days() == 10
    with clock.standing_at(notice.ends_on):
        photograph(ward, notice.pk, "last", "b.jpg", PICTURE + b"last")
    with clock.standing_at(notice.ends_on + timedelta(1)):
        close_notice(ward, notice.pk)
        do_step(ward, decision.pk, "posted", Step("", notice.ends_on))
        _papers(alder.operator(), decision)
        do_step(alder.operator(), decision.pk, "district_decision", Step("", notice.ends_on))
        do_step(alder.operator(), decision.pk, "entry", Step("", notice.ends_on))
    decision.refresh_from_db()
    assert decision.state == "decided"
    assert Kind.objects.get(household=home, valid__upper_inf=True).kind == "registered"
    reader = user_at(alder, alder.path, "county_headquarters")
    html = read_page(reader, reverse("cases:decision", kwargs={"decision": decision.number}))
    assert "community validation" in html


def _papers(actor: Actor, decision: Decision) -> None:
    """Hand in the papers of the present step."""
    decision.refresh_from_db()
    for document in (decision.present or {})["documents"]:
        hand_in(actor, decision.pk, document, "a.pdf", PDF)
