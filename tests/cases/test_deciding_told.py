"""Whom decisions are about, and what the register is told once they are taken: households of every kind, villages that leave."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bangfu.areas.models import AreaMark
from bangfu.cases.actions import (
    NewDecision,
    Step,
    begin_decisions,
    close_notice,
    do_step,
)
from bangfu.cases.models import Decision
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.register.models import Kind, Membership, Monitoring, Registration
from bangfu.screening.models import Finding, Run
from tests.cases.ground import TODAY, Ground, on
from tests.cases.playing import GOOD, Played, begun, crew, poor, to_the_last
from tests.command.standing import refused

__all__ = ["crew"]


def test_nobody_is_marked_as_eliminated_whom_the_rules_do_not_propose(crew: Ground) -> None:
    with on(date(2021, 6, 1)):  # the rules of 2020 propose no elimination
        played = begun(crew, "elimination")
        Decision.objects.filter(pk=played.decision.pk).update(place=4)
        played.decision.refresh_from_db()
        assert played.step == "county_decision"
        played.papers()
        with refused("BF-2449"):
            do_step(crew.headquarters, played.decision.pk, "county_decision", Step("x", clock.today()))
        run = Run.objects.order_by("-pk")[0]
        with acting(crew.county.operator()):
            Finding.objects.update_or_create(
                household=crew.home, sort="proposal", subject="elimination",
                defaults={"path": crew.home.path, "state": "proposed", "run": run},
            )  # fmt: skip
        do_step(crew.headquarters, played.decision.pk, "county_decision", Step("x", clock.today()))
    assert Monitoring.objects.get(household=crew.home, valid__upper_inf=True).eliminated


def test_in_2020_an_elimination_is_decided_without_a_proposal(crew: Ground) -> None:
    taken = to_the_last(begun(crew, "elimination"), "county_decision")
    now = Monitoring.objects.get(household=crew.home, valid__upper_inf=True)
    assert (now.eliminated, now.eliminated_on, now.way) == (True, taken.replace(day=1), None)


def test_an_exit_needs_the_households_own_signature(crew: Ground) -> None:
    crew.become("registered", "not_exited")
    played = Played(crew, begin_decisions(crew.secretary, NewDecision("exit", "visit", "达标", crew.home.number))[0])
    assert played.step == "village_appraisal"
    played.meet()
    played.do("village_appraisal")
    with refused("BF-2435"):  # who led the appraisal does not verify it
        played.do("verification")
    played.do("verification", actor=crew.second)
    assert played.step == "household_agrees"
    with refused("BF-2437", "农户认可"):
        do_step(crew.helper, played.decision.pk, "household_agrees", Step("x", TODAY))
    played.do("household_agrees")
    assert played.step == "notice"


def test_a_village_leaves_by_its_own_steps(crew: Ground) -> None:
    with refused("BF-1108"):
        begin_decisions(crew.secretary, NewDecision("village_exit", "visit", "达标", crew.home.number))
    AreaMark.objects.filter(path=crew.village.path).delete()
    with refused("BF-2451", "贫困村"):
        begin_decisions(crew.secretary, NewDecision("village_exit", "visit", "达标", village=crew.village.path))
    poor(crew)
    decision = begin_decisions(crew.secretary, NewDecision("village_exit", "visit", "达标", village=crew.village.path))[0]
    played = Played(crew, decision)
    assert decision.household is None
    assert played.step == "village_application"
    played.papers()
    with refused("BF-2402", "基础设施"):  # what has to be found is said, each of it
        do_step(crew.secretary, decision.pk, "village_application", Step("x", TODAY))
    with refused("BF-2402", "集体经济收入"):
        do_step(crew.secretary, decision.pk, "village_application", Step("x", TODAY, facts=GOOD | {"collective_income": True}))
    played.do("village_application", facts=GOOD)
    played.do("township_check", facts=GOOD | {"services": False, "collective_income": 4_999_999.0})
    played.decision.refresh_from_db()
    rate = played.decision.facts["township_check"]["poverty_rate"]  # computed from the register, whatever somebody says
    assert rate == pytest.approx(_rate(crew.village.path))
    played.hang(TODAY)
    with on(TODAY + timedelta(8)):
        played.do("township_notice")
        played.papers()
        with refused("BF-2449", "公共服务", "集体经济收入"):
            do_step(crew.headquarters, decision.pk, "county_decision", Step("x", TODAY))


def test_a_village_whose_conditions_are_found_leaves(crew: Ground) -> None:
    poor(crew)
    decision = begin_decisions(crew.secretary, NewDecision("village_exit", "visit", "达标", village=crew.village.path))[0]
    played = Played(crew, decision)
    played.do("village_application", facts=GOOD)
    with refused("BF-2434"):  # the village does not check itself
        played.do("township_check", actor=crew.secretary, facts=GOOD)
    played.do("township_check", facts=GOOD)
    notice = played.hang(TODAY)
    with on(notice.ends_on + timedelta(1)):
        close_notice(played.actor(), notice.pk)
        played.do("township_notice")
        if _rate(crew.village.path) >= 0.03:
            with refused("BF-2449", "贫困发生率"):
                played.do("county_decision")
            played.decision.refresh_from_db()
            played.decision.facts["township_check"]["poverty_rate"] = 0.0299
            played.decision.save(update_fields=["facts"])
        played.do("county_decision")
        played.do("announcement")
        played.do("struck_off")
    played.decision.refresh_from_db()
    assert played.decision.state == "decided"


def _rate(village: str) -> float:
    """Persons of registered households that have not left, per member of a farming household, counted by hand."""
    members = Membership.objects.on(TODAY).under(village).filter(sort="farming")
    left = Registration.objects.on(TODAY).filter(exited_on__lte=TODAY).values("household")
    poor = members.filter(household__in=Registration.objects.on(TODAY).values("household")).exclude(household__in=left)
    return poor.count() / members.count()


def test_a_decision_is_about_whom_the_pack_says_when_it_begins_and_when_it_is_taken(crew: Ground) -> None:
    crew.become("registered", "earlier_exited")
    for kind, what in (("registration", "户类型"), ("exit", "脱贫属性"), ("elimination", "户类型"), ("reversal", "户类型")):
        with refused("BF-2451", what):
            begin_decisions(crew.helper, NewDecision(kind, "visit", "x", crew.home.number))
    crew.become("registered", "not_exited")
    with refused("BF-2451", "历史已脱贫"):
        begin_decisions(crew.helper, NewDecision("return_to_poverty", "visit", "x", crew.home.number))
    played = begun(crew, "registration")
    crew.become("monitored")
    with refused("BF-2451"):
        to_the_last(played, "county_decision")


def test_an_exit_holds_from_its_day_with_its_year(crew: Ground) -> None:
    crew.become("registered", "not_exited")
    Registration.objects.filter(household=crew.home).update(exit_year=None, exited_on=None)
    played = Played(crew, begin_decisions(crew.secretary, NewDecision("exit", "visit", "达标", crew.home.number))[0])
    taken = to_the_last(played, "announcement")
    now = Registration.objects.get(household=crew.home, valid__upper_inf=True)
    assert (now.exit_state, now.exit_year, now.exited_on) == ("newly_exited", 2020, taken)


def test_a_return_has_its_year_and_keeps_the_first_registration(crew: Ground) -> None:
    first = date(2014, 3, 1)
    Registration.objects.filter(household=crew.home).update(first_identified=first)
    to_the_last(begun(crew, "return_to_poverty"), "county_decision")
    now = Registration.objects.get(household=crew.home, valid__upper_inf=True)
    assert (now.exit_state, now.return_year, now.first_identified, now.exited_on) == ("returned", 2020, first, None)


def test_a_registration_has_its_month(crew: Ground) -> None:
    Registration.objects.filter(household=crew.home).update(first_identified=None)
    taken = to_the_last(begun(crew, "registration"), "county_decision")
    now = Registration.objects.get(household=crew.home, valid__upper_inf=True)
    assert (now.exit_state, now.first_identified) == ("not_exited", taken.replace(day=1))


def test_who_is_monitored_again_is_so_from_that_month(crew: Ground) -> None:
    taken = to_the_last(begun(crew, "reversal"), "county_decision")
    now = Monitoring.objects.get(household=crew.home, valid__upper_inf=True)
    assert (now.eliminated, now.identified) == (False, taken.replace(day=1))


def test_the_county_decides_for_another_category(crew: Ground) -> None:
    played = begun(crew, proposal="edge")
    with refused("BF-2402", "认定类别"):
        to_the_last(played, "county_decision", category="poor")
    with on(TODAY + timedelta(8)):
        with refused("BF-2451", "户类型"):  # it was never registered
            played.do("county_decision", TODAY + timedelta(8), category="unstable_exit")
        crew.become("registered")
        with refused("BF-2451", "户类型"):  # nor is one that is on the edge of poverty
            played.do("county_decision", TODAY + timedelta(8), category="edge")
        played.do("county_decision", TODAY + timedelta(8), category="unstable_exit")
    played.decision.refresh_from_db()
    assert played.decision.proposal == "unstable_exit"
    assert Kind.objects.get(household=crew.home, valid__upper_inf=True).monitoring_kind == "unstable_exit"
