"""Closing: each result has its own proof, and a second person who is neither claimant, nor below the claimant, nor a relative."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from bangfu.cases.actions import (
    Claim,
    KinshipRow,
    MeasureRow,
    Proof,
    claim,
    declare_kinship,
    finish_measures,
    follow,
    plan_measures,
    refuse_claim,
    reopen,
    review_support,
    verify,
)
from bangfu.cases.models import Case, CaseEvent
from bangfu.cases.shown import words_of
from bangfu.command.actions import OfficerRow, add_officers, avoid
from bangfu.command.actions.chain import give_account
from bangfu.foundation.actor import Actor
from bangfu.register.models import Evidence, Membership
from bangfu.register.stating import ends_from
from tests.cases.ground import SINCE, TODAY, Ground, client_of, on
from tests.command.standing import refused

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def officer(ground: Ground, actor: Actor, number: str, username: str) -> None:
    """Make a user an officer of the chain."""
    row = OfficerRow(number, actor.name, "government_office", "general", "cadre", ground.county.path, SINCE)
    add_officers(ground.county.operator(), [row])
    give_account(ground.county.operator(), number, username)


def done(ground: Ground, case: Case) -> None:
    """A measure of the case, done with evidence."""
    measure = plan_measures(ground.helper, [case.pk], MeasureRow("infrastructure", "清沟"))[0]
    finish_measures(ground.helper, [measure.pk], Proof("已清", TODAY))


def claimed(ground: Ground, by: Actor, **more: object) -> Case:
    """A grievance with a measure, whose closing somebody asks for in words."""
    case = ground.case()
    done(ground, case)
    claim(by, [case.pk], Claim("met", "沟已通，户主认可", TODAY, **more))  # type: ignore[arg-type]
    case.refresh_from_db()
    return case


def test_a_need_is_met_by_a_measure_with_evidence_and_closed_by_somebody_else(ground: Ground) -> None:
    case = ground.case()
    with refused("BF-2408", "措施"):
        claim(ground.helper, [case.pk], Claim("met", "好了", TODAY))
    done(ground, case)
    claim(ground.helper, [case.pk], Claim("met", "沟已通", TODAY, file_name="a.png", content=PNG))
    case.refresh_from_db()
    assert case.state == "to_verify"
    assert Evidence.objects.get(pk=case.claim_evidence_id).household == ground.home.pk
    verify(ground.secretary, [case.pk], "看过，通了")
    case.refresh_from_db()
    assert (case.state, case.result, case.closed_on) == ("closed", "met", TODAY)
    assert words_of(case.claim_words) == "沟已通"


def test_words_alone_close_no_need_and_what_the_verifier_saw_is_kept(ground: Ground) -> None:
    case = claimed(ground, ground.helper)
    with refused("BF-2408", "只有文字"):
        verify(ground.secretary, [case.pk], "看过，通了")
    verify(ground.secretary, [case.pk], "看过，通了", "a.png", PNG)
    case.refresh_from_db()
    assert (case.state, bool(case.claim_file)) == ("closed", True)
    event = CaseEvent.objects.filter(case=case, kind="closed").get()
    assert Evidence.objects.get(pk=event.evidence_id).household == ground.home.pk


def test_the_photograph_of_its_measure_shows_that_a_need_is_met(ground: Ground) -> None:
    case = ground.case()
    measure = plan_measures(ground.helper, [case.pk], MeasureRow("infrastructure", "清沟"))[0]
    finish_measures(ground.helper, [measure.pk], Proof("已清", TODAY, "a.png", PNG))
    claim(ground.helper, [case.pk], Claim("met", "沟已通", TODAY))
    verify(ground.secretary, [case.pk], "看过")
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_guarantee_is_met_only_where_the_verdict_is(ground: Ground) -> None:
    ground.judge("water", "unmet", "bad_quality")
    follow(ground.county.operator(), [ground.home.pk])
    case = Case.objects.get(household=ground.home, kind="water")
    with refused("BF-2408", "评定"):
        claim(ground.helper, [case.pk], Claim("met", "水清了", TODAY))
    ground.judge("water", "met")
    claim(ground.helper, [case.pk], Claim("met", "水清了", TODAY))
    ground.judge("water", "unmet", "bad_quality")
    with refused("BF-2408"):
        verify(ground.secretary, [case.pk])


@pytest.mark.parametrize("result", ["not_true", "long_term_support"])
def test_some_results_need_a_page(ground: Ground, result: str) -> None:
    case = ground.case()
    with refused("BF-2408"):
        claim(ground.helper, [case.pk], Claim(result, "说明", TODAY))
    claim(ground.helper, [case.pk], Claim(result, "说明", TODAY, file_name="a.png", content=PNG))
    verify(ground.secretary, [case.pk])


def test_a_clue_is_not_untrue_while_the_verdict_has_the_gap(ground: Ground) -> None:
    ground.judge("water", "unmet", "bad_quality")
    follow(ground.county.operator(), [ground.home.pk])
    case = Case.objects.get(household=ground.home, kind="water")
    untrue = Claim("not_true", "水质合格，登记有误", TODAY, file_name="a.png", content=PNG)
    with refused("BF-2408", "更正登记"):
        claim(ground.helper, [case.pk], untrue)
    ground.judge("water", "met")
    claim(ground.helper, [case.pk], untrue)
    ground.judge("water", "unmet", "bad_quality")
    with refused("BF-2408", "更正登记"):
        verify(ground.secretary, [case.pk])
    ground.judge("water", "unknown", "quality_unknown")  # the gap that it was opened for is none any more
    verify(ground.secretary, [case.pk])


def test_what_was_opened_as_not_known_is_not_untrue_until_it_is_known(ground: Ground) -> None:
    ground.judge("schooling", "unknown", "status_unknown")
    case = ground.case("schooling")
    Case.objects.filter(pk=case.pk).update(source="unknown")
    untrue = Claim("not_true", "已核", TODAY, file_name="a.png", content=PNG)
    with refused("BF-2408", "更正登记"):
        claim(ground.helper, [case.pk], untrue)
    ground.judge("schooling", "met")
    claim(ground.helper, [case.pk], untrue)


def test_a_household_that_still_has_members_has_not_ended(ground: Ground) -> None:
    case = ground.case()
    with refused("BF-2408", "成员"):
        claim(ground.helper, [case.pk], Claim("household_ended", "已迁走", TODAY))
    Membership.objects.filter(household=ground.home).delete()
    claim(ground.helper, [case.pk], Claim("household_ended", "已迁走", TODAY))


def test_who_verifies_that_a_household_ended_makes_the_change(ground: Ground) -> None:
    case, other = ground.case(), ground.case("policy")
    with refused("BF-2408", "证明"):  # the change needs a page that shows it
        claim(ground.helper, [case.pk], Claim("household_ended", "全家迁走", TODAY, left="moved_out", left_on=TODAY))
    for left, left_on in (("birth", TODAY), ("moved_out", None), ("moved_out", TODAY + timedelta(1))):
        with refused("BF-2402"):
            claim(ground.helper, [case.pk], Claim("household_ended", "x", TODAY, "", "a.png", PNG, left, left_on))
    both = [case.pk, other.pk]
    claim(ground.helper, both, Claim("household_ended", "全家迁走", TODAY, "", "a.png", PNG, "moved_out", TODAY))
    assert Membership.objects.on(TODAY).filter(household=ground.home).exists()  # a claim alone changes nothing
    refuse_claim(ground.secretary, [other.pk], "另行核实")
    other.refresh_from_db()
    assert other.claim_change == {}
    verify(ground.secretary, [case.pk])
    case.refresh_from_db()
    assert (case.state, case.result) == ("closed", "household_ended")
    assert not Membership.objects.on(TODAY).filter(household=ground.home).exists()
    assert set(Membership.objects.filter(household=ground.home, valid__endswith=TODAY).values_list("end_reason", flat=True)) == {
        "moved_out"
    }


def test_a_household_cannot_have_ended_before_its_members_were_known(ground: Ground) -> None:
    case = ground.case()
    first = ends_from(ground.county.operator(), ground.home.pk)
    assert first is not None
    assert first <= TODAY

    def gone(day: date) -> None:
        claim(ground.helper, [case.pk], Claim("household_ended", "全家迁走", TODAY, "", "a.png", PNG, "moved_out", day))

    for day in (first - timedelta(1), date(1990, 1, 1)):
        with refused("BF-2465", str(first)):
            gone(day)
    gone(first)
    verify(ground.secretary, [case.pk])
    assert not Membership.objects.on(TODAY).filter(household=ground.home).exists()


def ended(ground: Ground, case: Case, left: str = "moved_out", day: date = TODAY) -> None:
    """What is claimed of a case: everybody is gone."""
    claim(ground.helper, [case.pk], Claim("household_ended", "全家迁走", TODAY, "", "a.png", PNG, left, day))


def test_what_else_stands_of_a_household_that_ended_asks_for_the_same_closing(ground: Ground) -> None:
    case, other, waits = ground.case(), ground.case("policy"), ground.case("care")
    claim(ground.helper, [waits.pk], Claim("not_true", "不实", TODAY, file_name="a.png", content=PNG))
    ended(ground, case)
    verify(ground.secretary, [case.pk])
    other.refresh_from_db()
    waits.refresh_from_db()
    assert (other.state, other.claim_result, other.claim_change) == (
        "to_verify",
        "household_ended",
        {"reason": "moved_out", "day": str(TODAY)},
    )
    assert (waits.state, waits.claim_result) == ("to_verify", "not_true")  # what somebody claimed stays
    assert CaseEvent.objects.filter(case=other, kind="claimed").latest("pk").detail["reference"] == case.number
    head = Membership.objects.get(household=ground.home, sort="farming", relation="head").person.name
    for url in (
        reverse("cases:case", kwargs={"case": other.number}),
        reverse("cases:cases", kwargs={"path": ground.village.path}) + "?view=to_verify",
        reverse("command:today"),
    ):
        assert f"{head}（已无成员）" in client_of(ground.secretary).get(url).content.decode()
    page = client_of(ground.secretary).get(reverse("register:household", kwargs={"number": ground.home.number})).content.decode()
    assert "该户在登记中已没有成员，不再评定" in page
    verify(ground.secretary, [other.pk])
    other.refresh_from_db()
    assert (other.state, other.result) == ("closed", "household_ended")


def test_two_claims_that_a_household_ended_close_with_the_change_that_was_made(ground: Ground) -> None:
    first = ends_from(ground.county.operator(), ground.home.pk)
    assert first is not None
    case, other = ground.case(), ground.case("policy")
    ended(ground, case, "moved_out", first)
    ended(ground, other, "death", TODAY)
    verify(ground.secretary, [case.pk])
    verify(ground.secretary, [other.pk])
    for one in (case, other):
        one.refresh_from_db()
        assert (one.state, one.claim_change) == ("closed", {"reason": "moved_out", "day": str(first)})


def test_a_household_without_members_gets_no_case_and_is_not_re_opened(ground: Ground) -> None:
    case = ground.case()
    ended(ground, case)
    verify(ground.secretary, [case.pk])
    for again in (lambda: ground.case("conflict"), lambda: reopen(ground.secretary, [case.pk], "查有人住")):
        with refused("BF-2487", ground.home.number):
            again()
    case.refresh_from_db()
    assert case.state == "closed"


def test_the_case_that_takes_another_over_tells_of_it(ground: Ground) -> None:
    case, other = ground.case(), ground.case("policy")
    claim(ground.helper, [case.pk], Claim("taken_over", "一并办理", TODAY, other.number))
    assert not CaseEvent.objects.filter(case=other, kind="took_over").exists()  # not before it is verified
    verify(ground.secretary, [case.pk])
    event = CaseEvent.objects.get(case=other, kind="took_over")
    assert event.detail == {"from": case.number}
    page = client_of(ground.secretary).get(reverse("cases:case", kwargs={"case": other.number})).content.decode()
    assert "承接另一事项" in page
    assert case.number in page


def test_what_takes_over_is_a_case_of_the_same_household_or_a_scheme(ground: Ground) -> None:
    case, other = ground.case(), ground.case("policy")
    for reference in ("", case.number, "2020-999999"):
        with refused("BF-2408"):
            claim(ground.helper, [case.pk], Claim("taken_over", "转", TODAY, reference))
    claim(ground.helper, [case.pk], Claim("taken_over", "转", TODAY, other.number))
    claim(ground.helper, [other.pk], Claim("taken_over", "转", TODAY, "高标准农田项目"))


def test_nobody_verifies_their_own_claim(ground: Ground) -> None:
    case = claimed(ground, ground.secretary)
    with refused("BF-2409"):
        verify(ground.secretary, [case.pk])
    verify(ground.second, [case.pk], "看过", "a.png", PNG)


def test_the_database_refuses_one_person_for_both(ground: Ground) -> None:
    case = claimed(ground, ground.secretary)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(verified_by=ground.secretary.user_id)


def test_nobody_below_the_claimant_verifies(ground: Ground) -> None:
    case = claimed(ground, ground.station)
    with refused("BF-2410"):
        verify(ground.secretary, [case.pk])
    verify(ground.headquarters, [case.pk], "看过", "a.png", PNG)


def test_helpers_and_departments_do_not_verify(ground: Ground) -> None:
    case = claimed(ground, ground.secretary)
    with refused("BF-1001"):
        verify(ground.helper, [case.pk])
    with refused("BF-1001"):
        verify(ground.user("liaison", "department_liaison", ground.county.path), [case.pk])


def test_relatives_of_the_claimant_and_of_the_household_keep_away(ground: Ground) -> None:
    case = claimed(ground, ground.secretary)
    officer(ground, ground.secretary, "K1", "secretary")
    officer(ground, ground.second, "K2", "first")
    officer(ground, ground.station, "K3", "station")
    declare_kinship(ground.headquarters, [KinshipRow("K2", "K1", "夫妻")])
    with refused("BF-2411", "夫妻"):
        verify(ground.second, [case.pk])
    avoid(ground.headquarters, "K3", ground.home.number, "堂兄弟")
    with refused("BF-2411", "堂兄弟"):
        verify(ground.station, [case.pk])
    verify(ground.headquarters, [case.pk], "看过", "a.png", PNG)


def test_long_term_support_is_off_the_deadlines_reviewed_and_never_counted_as_solved(ground: Ground) -> None:
    case = ground.case("care")
    claim(ground.helper, [case.pk], Claim("long_term_support", "孤老，长期照料", TODAY, file_name="a.png", content=PNG))
    verify(ground.secretary, [case.pk])
    case.refresh_from_db()
    assert (case.state, case.result, case.closed_on) == ("supported", "", None)
    assert case.review_on == TODAY.replace(month=10)
    rows = Case.objects.filter(pk=case.pk)
    assert not rows.overdue(TODAY + timedelta(900)).exists()
    assert rows.reviews_due(case.review_on).exists()
    with refused("BF-2404"):
        ground.case("care")
    with on(case.review_on):
        review_support(ground.secretary, [case.pk], "仍需照料")
    case.refresh_from_db()
    assert case.review_on.year == 2021


def test_a_refused_claim_of_supported_households_leaves_them_on_support(ground: Ground) -> None:
    case = ground.case("care")
    claim(ground.helper, [case.pk], Claim("long_term_support", "孤老", TODAY, file_name="a.png", content=PNG))
    verify(ground.secretary, [case.pk])
    done(ground, case)
    claim(ground.helper, [case.pk], Claim("met", "有人照料了", TODAY))
    refuse_claim(ground.secretary, [case.pk], "并没有")
    case.refresh_from_db()
    assert (case.state, case.claim_result) == ("supported", "")


def test_many_are_verified_at_once_or_none(ground: Ground) -> None:
    one, two = claimed(ground, ground.helper), ground.case("policy")
    with refused("BF-2406"):
        verify(ground.secretary, [one.pk, two.pk])
    one.refresh_from_db()
    assert one.state == "to_verify"
