"""Cases follow the verdicts: what is unmet opens, keeps and re-opens; what is met asks for closing; what is unknown waits as the pack says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from bangfu.cases.actions import Claim, claim, follow, refuse_claim, tick, verify
from bangfu.cases.models import Case, CaseEvent
from bangfu.cases.policy import kinds_on
from bangfu.foundation.county import County
from bangfu.register.models import Kind, Membership
from bangfu.screening.models import Verdict
from tests.cases.ground import TODAY, Ground, on


def test_every_unmet_verdict_of_the_demo_has_its_case_and_nothing_else_has(county: County) -> None:
    unmet = set(Verdict.objects.filter(result="unmet").values_list("household", "guarantee"))
    assert unmet
    standing = Case.objects.standing().filter(source__in=("verdict", "unknown")).exclude(claim_result="met")
    held = set(standing.values_list("household", "kind"))
    assert unmet <= held
    doubtful = set(Verdict.objects.filter(result="unknown").values_list("household", "guarantee"))
    assert held - unmet <= doubtful  # dealt with in part: what is left is not known, and nobody closes that
    assert follow(county.operator()).nothing


def test_what_nobody_knows_of_ordinary_households_opens_no_case(county: County) -> None:
    ordinary = Kind.objects.on(TODAY).filter(kind="ordinary").values("household")
    unknown = Verdict.objects.filter(result__in=("unknown", "not_assessed"), household__in=ordinary)
    assert unknown.filter(guarantee="housing").exists()  # no appraisal
    assert unknown.filter(guarantee="income").exists()  # no income sheet
    with on(date(2020, 12, 1)):
        follow(county.operator())
    assert not Case.objects.filter(source="unknown", household__in=ordinary).exists()


def test_what_is_unknown_of_a_registered_household_becomes_a_case_after_the_days_of_the_pack(ground: Ground) -> None:
    Kind.objects.filter(household=ground.home).update(kind="registered")
    days = kinds_on().work["schooling"].unknown["registered"]
    assert days
    ground.judge("schooling", "unknown", "status_unknown")
    rows = Case.objects.filter(household=ground.home, kind="schooling")
    with on(TODAY + timedelta(days - 1)):
        follow(ground.county.operator(), [ground.home.pk])
        assert not rows.exists()
    with on(TODAY + timedelta(days)):
        follow(ground.county.operator(), [ground.home.pk])
        assert rows.get().source == "unknown"


def test_what_only_the_county_can_supply_becomes_no_case_of_a_household(ground: Ground) -> None:
    Kind.objects.filter(household=ground.home).update(kind="registered")
    work = kinds_on().work["schooling"]
    days = work.unknown["registered"]
    assert days
    assert "range_open" not in work.unknown_reasons
    ground.judge("schooling", "unknown", "range_open")
    with on(TODAY + timedelta(days + 100)):
        follow(ground.county.operator(), [ground.home.pk])
        assert not Case.objects.filter(household=ground.home, kind="schooling").exists()


def test_a_gap_opens_one_case_with_its_reasons_severity_and_owner(ground: Ground) -> None:
    ground.judge("schooling", "unmet", "dropped_out")
    assert follow(ground.county.operator(), [ground.home.pk]).opened == 1
    assert follow(ground.county.operator(), [ground.home.pk]).nothing
    case = Case.objects.get(household=ground.home, kind="schooling")
    assert (case.severity, case.reasons, case.step, case.state) == ("urgent", ["dropped_out"], "helper", "open")
    assert case.due == TODAY + timedelta(kinds_on().work["schooling"].days["urgent"] or 0)
    assert [e.kind for e in case.events.order_by("pk")] == ["opened"]


def test_other_reasons_are_kept_and_told(ground: Ground) -> None:
    ground.judge("housing", "unmet", "repair_under_way")
    follow(ground.county.operator(), [ground.home.pk])
    ground.judge("housing", "unmet", "repair_not_accepted")
    assert follow(ground.county.operator(), [ground.home.pk]).changed == 1
    case = Case.objects.get(household=ground.home, kind="housing")
    assert case.reasons == ["repair_not_accepted"]
    assert case.events.filter(kind="changed").count() == 1


def test_what_is_met_asks_for_closing_and_a_person_closes_it(ground: Ground) -> None:
    ground.judge("water", "unmet", "bad_quality")
    follow(ground.county.operator(), [ground.home.pk])
    ground.judge("water", "met")
    assert follow(ground.county.operator(), [ground.home.pk]).claimed == 1
    case = Case.objects.get(household=ground.home, kind="water")
    assert (case.state, case.claim_result, case.claimed_by) == ("to_verify", "met", None)
    verify(ground.secretary, [case.pk])
    case.refresh_from_db()
    assert (case.state, case.result, case.verified_by) == ("closed", "met", ground.secretary.user_id)


def test_a_claim_falls_where_the_gap_comes_back_before_anybody_verified_it(ground: Ground) -> None:
    ground.judge("water", "unmet", "bad_quality")
    follow(ground.county.operator(), [ground.home.pk])
    ground.judge("water", "met")
    follow(ground.county.operator(), [ground.home.pk])
    ground.judge("water", "unmet", "bad_quality")
    assert follow(ground.county.operator(), [ground.home.pk]).withdrawn == 1
    assert Case.objects.get(household=ground.home, kind="water").state == "open"


@pytest.mark.parametrize(("days", "cases"), [(89, 1), (90, 2)])
def test_a_gap_that_comes_back_soon_reopens_its_case_and_later_begins_another(ground: Ground, days: int, cases: int) -> None:
    ground.judge("water", "unmet", "bad_quality")
    follow(ground.county.operator(), [ground.home.pk])
    ground.judge("water", "met")
    follow(ground.county.operator(), [ground.home.pk])
    verify(ground.secretary, [Case.objects.get(household=ground.home, kind="water").pk])
    ground.judge("water", "unmet", "too_little")
    with on(TODAY + timedelta(days)):
        follow(ground.county.operator(), [ground.home.pk])
    rows = Case.objects.filter(household=ground.home, kind="water")
    assert rows.count() == cases
    assert rows.standing().get().reasons == ["too_little"]
    assert rows.standing().get().reopened == 2 - cases


def test_a_gap_that_was_there_all_the_time_goes_on_with_its_clock_and_one_that_was_gone_begins_anew(ground: Ground) -> None:
    """A late case that somebody closed by word comes back late, at the step to which it had gone; nobody wins a new deadline by closing."""
    operator = ground.county.operator()
    ground.judge("water", "unmet", "bad_quality")
    follow(operator, [ground.home.pk])
    case = Case.objects.get(household=ground.home, kind="water")
    late, closed = case.due, TODAY + timedelta(60)
    Case.objects.filter(pk=case.pk).update(step="township", escalated=2)
    with on(closed):
        claim(ground.helper, [case.pk], Claim("taken_over", "转", closed, "饮水工程"))
        verify(ground.secretary, [case.pk])
    with on(closed + timedelta(1)):
        follow(operator, [ground.home.pk])
        case.refresh_from_db()
        assert (case.state, case.due, case.step, case.escalated) == ("open", late, "township", 2)
        assert case.escalate_on == closed + timedelta(2)
        claim(ground.helper, [case.pk], Claim("taken_over", "转", closed, "饮水工程"))
        verify(ground.secretary, [case.pk])
    for days, result in ((2, "met"), (3, "unmet")):
        with on(closed + timedelta(days)):
            ground.judge("water", result, *(["bad_quality"] if result == "unmet" else []))
            follow(operator, [ground.home.pk])
    case.refresh_from_db()
    assert (case.state, case.step, case.escalated) == ("open", "helper", 0)
    assert case.due > closed


def test_a_household_that_is_no_more_asks_for_closing(ground: Ground) -> None:
    ground.judge("water", "unmet", "bad_quality")
    follow(ground.county.operator(), [ground.home.pk])
    Membership.objects.filter(household=ground.home).delete()
    Verdict.objects.filter(household=ground.home).delete()
    assert follow(ground.county.operator(), [ground.home.pk]).claimed == 1
    case = Case.objects.get(household=ground.home, kind="water")
    assert case.claim_result == "household_ended"
    verify(ground.secretary, [case.pk])


def test_two_cases_for_the_same_thing_are_refused_by_the_database(ground: Ground) -> None:
    case = ground.case()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.create(
            path=case.path, household=ground.home, kind=case.kind, severity="ordinary", source="visit", opened_on=TODAY,
            opened_name="x", step="village", due=TODAY,
        )  # fmt: skip


def test_a_passed_deadline_goes_up_one_step_at_a_time_each_recorded(ground: Ground) -> None:
    case = ground.case()
    assert case.step == "helper"
    steps = []
    day = case.due
    for _ in range(20):
        day += timedelta(1)
        with on(day):
            tick(ground.county.operator())
            before = case.step
            case.refresh_from_db()
            if case.step != before:
                steps.append((case.step, (day - case.due).days))
            assert tick(ground.county.operator()).escalated == 0  # twice a day changes nothing
    assert [step for step, _ in steps] == ["village", "township", "county"]
    assert [late for _, late in steps] == [1, 6, 11]
    told = list(case.events.filter(kind="escalated").order_by("pk").values_list("detail__from", "detail__to"))
    assert told == [("helper", "village"), ("village", "township"), ("township", "county")]
    assert case.escalated == 3


def test_a_claim_that_was_sent_back_goes_on_with_its_old_deadline(ground: Ground) -> None:
    ground.judge("water", "unmet", "bad_quality")
    follow(ground.county.operator(), [ground.home.pk])
    case = Case.objects.get(household=ground.home, kind="water")
    due = case.due
    ground.judge("water", "met")
    follow(ground.county.operator(), [ground.home.pk])
    refuse_claim(ground.secretary, [case.pk], "水还是浑的")
    case.refresh_from_db()
    assert (case.state, case.due, case.claim_result) == ("open", due, "")


def test_the_story_is_append_only(ground: Ground) -> None:
    case = ground.case()
    event = CaseEvent.objects.get(case=case)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_caseevent SET kind = 'closed' WHERE id = %s", [event.pk])
