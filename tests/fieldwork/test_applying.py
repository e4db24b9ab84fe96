"""From a submission to the register: facts, conflicts, needs, visits; what cannot be applied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from bangfu.cases.models import Case, CaseEvent
from bangfu.fieldwork.actions.settling import choose, mend, set_aside, try_again
from bangfu.fieldwork.actions.signing import sign_on_paper
from bangfu.fieldwork.models import Conflict, Signature, Submission, Visit
from bangfu.fieldwork.visited import asked, visited
from bangfu.foundation import changes
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.register.models import Evidence, Household
from bangfu.register.models.living import House, Water
from bangfu.register.stating import Statement, state
from tests.fieldwork.ground import (
    TODAY,
    Sending,
    applied,
    assignment_of,
    base_of,
    closing_door,
    device_of,
    homes_of,
    only,
    submission,
)

IDENTITY = "520323198001019010"  # of nobody: its check digit fits
GRADE = "<house><house_grade>{}</house_grade></house>"


@pytest.fixture
def village(own_database: str) -> Iterator[Sending]:
    """A village secretary's phone, in a county of the test's own."""
    the_county()
    with closing_door():
        yield Sending.of(device_of("village"))


@pytest.fixture
def home(village: Sending) -> Household:
    """A registered household of the village whose house is known."""
    with acting(the_county().operator()):
        known = House.objects.filter(path__startswith=village.worker.path, valid__upper_inf=True, grade__isnull=False).values(
            "household"
        )
        return Household.objects.farming().filter(pk__in=known).order_by("number").first() or pytest.fail("no house is known")


def post() -> Actor:
    return assignment_of("village").actor()


def grade_of(home: Household) -> str | None:
    with acting(the_county().operator()):
        return House.objects.get(household=home, valid__upper_inf=True).grade


def other_than(grade: str | None) -> str:
    return "C" if grade != "C" else "D"


def test_one_visit_fills_every_ledger(village: Sending, home: Household) -> None:
    told = other_than(grade_of(home))
    need = "<needs><kind>care</kind><severity>serious</severity><words>老人无人照料</words></needs>"
    proof = "<proof><record>讲解医保政策</record><position>27.95 107.19 870 5</position></proof>"
    village.send(submission(home.number, base=base_of(home), inside=GRADE.format(told) + need + proof))
    done = applied()
    assert (done.applied, done.stuck, done.conflicts) == (1, 0, 0)
    one = only()
    assert (one.state, one.household_id, one.day, one.path) == ("applied", home.pk, TODAY, home.path)
    assert grade_of(home) == told
    with acting(the_county().operator()):
        evidence = Evidence.objects.get(pk=one.evidence)
        assert (evidence.kind, evidence.actor, evidence.happened_on, evidence.latitude) == (
            "visit",
            village.worker.worker,
            TODAY,
            27.95,
        )
        assert bytes(evidence.source.digest) == bytes(one.digest)
        visit = Visit.objects.get(household=home)
        assert (visit.mode, visit.worker, visit.answered, visit.told["words"]) == (
            "home",
            village.worker.worker,
            "head",
            "讲解医保政策",
        )
        assert visited([home.pk], TODAY) == {home.pk: TODAY}
        assert visited([home.pk], TODAY - timedelta(1)) == {}
        asking = asked(TODAY, TODAY)
        assert [(a.household, a.worker, a.day) for a in asking] == [(home.pk, village.worker.worker, TODAY)]
        assert "house_grade" in {q.key for q in asking[0].questions}
        case = Case.objects.get(household=home, kind="care")
        assert (case.source, case.severity, case.source_reference) == ("visit", "serious", one.instance[-60:])
        assert home.pk in changes.news("test").households


def test_a_second_need_of_the_same_kind_is_written_to_the_case(village: Sending, home: Household) -> None:
    for words in ("老人无人照料", "老人摔倒一次"):
        village.send(submission(home.number, inside=f"<needs><kind>care</kind><words>{words}</words></needs>"))
    assert applied().stuck == 0
    with acting(the_county().operator()):
        case = Case.objects.get(household=home, kind="care")
        assert list(CaseEvent.objects.filter(case=case).order_by("pk").values_list("kind", flat=True)) == ["opened", "note"]


@pytest.mark.parametrize("mode", ["phone", "video", "workplace", "relative"])
def test_a_house_is_never_proven_by_anything_but_a_visit(village: Sending, home: Household, mode: str) -> None:
    before = grade_of(home)
    village.send(
        submission(
            home.number,
            mode=mode,
            base=base_of(home),
            inside=GRADE.format(other_than(before)) + "<living><bedding>no</bedding></living>",
        )
    )
    assert applied().applied == 1
    assert grade_of(home) == before
    assert "house_grade" in [left["fact"] for left in (only().problem or {})["left"]]


def test_two_phones_that_contradict_each_other_go_to_the_inbox_and_one_is_chosen(village: Sending, home: Household) -> None:
    """Both left with the same list; the one that comes second overwrites nothing."""
    base, before = base_of(home), grade_of(home)
    first, second = [g for g in "ABCD" if g != before][:2]
    village.send(
        submission(
            home.number,
            base=base,
            day=TODAY - timedelta(1),
            inside=GRADE.format(first) + "<living><bedding>no</bedding></living>",
        )
    )
    village.send(
        submission(
            home.number, base=base, inside=GRADE.format(second) + "<living><clothing_seasons>no</clothing_seasons></living>"
        )
    )
    done = applied()
    assert (done.applied, done.conflicts) == (2, 1)
    assert grade_of(home) == first
    with acting(post()):
        one = Conflict.objects.visible_to(post()).get()
    assert (one.fact, one.value("told"), one.value("held"), one.day, one.held_on) == (
        "house_grade",
        second,
        first,
        TODAY,
        TODAY - timedelta(1),
    )
    with pytest.raises(Problem, match="BF-2635"):
        choose(post(), one.pk, "told")
    choose(post(), one.pk, "told", "复核过房屋")
    assert grade_of(home) == second
    with pytest.raises(Problem, match="BF-2637"):
        choose(post(), one.pk, "held")


def test_what_a_late_phone_left_unchanged_does_not_undo_what_came_meanwhile(village: Sending, home: Household) -> None:
    base, before = base_of(home), grade_of(home)
    with acting(the_county().operator()):
        state(
            the_county().operator(), Statement(home.pk, {"house_grade": other_than(before)}, TODAY), kind="feed", source="住建局"
        )
    village.send(submission(home.number, base=base, inside=GRADE.format(before)))
    assert applied().conflicts == 0
    assert grade_of(home) == other_than(before)


def test_a_late_submission_of_an_earlier_day_is_not_lost_and_writes_nothing_over(village: Sending, home: Household) -> None:
    newer, told = [g for g in "ABCD" if g != grade_of(home)][:2]
    with acting(the_county().operator()):
        state(the_county().operator(), Statement(home.pk, {"house_grade": newer}, TODAY), kind="feed", source="住建局")
    village.send(submission(home.number, base=base_of(home), day=TODAY - timedelta(9), inside=GRADE.format(told)))
    assert applied().conflicts == 1
    assert grade_of(home) == newer


def test_in_whatever_order_they_come_the_register_ends_the_same(village: Sending, home: Household) -> None:
    """Facts of their own from two phones: no order makes one of them disappear."""
    base = base_of(home)
    village.send(submission(home.number, base=base, inside="<living><bedding>no</bedding></living>"))
    village.send(
        submission(home.number, base=base, day=TODAY - timedelta(3), inside="<house><water_litres>7</water_litres></house>")
    )
    assert applied().conflicts == 0
    with acting(the_county().operator()):
        assert float(Water.objects.get(household=home, valid__upper_inf=True).litres or 0) == 7


def test_a_correction_takes_the_place_of_what_it_corrects_whichever_comes_first(village: Sending, home: Household) -> None:
    base, before = base_of(home), grade_of(home)
    wrong, right = [g for g in "ABCD" if g != before][:2]
    village.send(submission(home.number, base=base, inside=GRADE.format(wrong), instance="uuid:a"))
    applied()
    village.send(submission(home.number, base=base, inside=GRADE.format(right), instance="uuid:b", deprecates="uuid:a"))
    done = applied()
    assert (done.applied, done.replaced, done.conflicts) == (1, 1, 0)
    assert grade_of(home) == right
    village.send(submission(home.number, base=base, inside=GRADE.format(before), instance="uuid:d", deprecates="uuid:c"))
    applied()
    village.send(submission(home.number, base=base, inside=GRADE.format(wrong), instance="uuid:c"))
    assert applied().replaced == 1
    assert grade_of(home) == right
    with acting(the_county().operator()):
        assert Visit.objects.filter(household=home).count() == 2
        states = dict(Submission.objects.values_list("instance", "state"))
    assert states == {"uuid:a": "replaced", "uuid:b": "applied", "uuid:c": "replaced", "uuid:d": "applied"}


@pytest.mark.parametrize(
    ("number", "day", "inside", "problem"),
    [
        ("nothing", TODAY, "", "BF-2622"),
        (None, TODAY + timedelta(1), "", "BF-2628"),
        (None, date(2010, 1, 1), "", "BF-2628"),
        (None, TODAY, GRADE.format("Q"), "BF-1292"),
        (None, TODAY, "<living><bedding>perhaps</bedding></living>", "BF-2620"),
        (None, TODAY, "<house><water_litres>many</water_litres></house>", "BF-2620"),
        (None, TODAY, "<members><person>999999999</person><residence>here</residence></members>", "BF-1296"),
    ],
)
def test_what_cannot_be_applied_waits_with_its_reason_and_changes_nothing(
    village: Sending, home: Household, number: str | None, day: date, inside: str, problem: str
) -> None:
    need = "<needs><kind>care</kind><words>老人无人照料</words></needs>"
    village.send(submission(number or home.number, base=base_of(home), day=day, inside=inside + need))
    with acting(the_county().operator()):
        evidence = Evidence.objects.count()
    done = applied()
    assert (only().problem or {}).get("number") == problem
    assert (done.stuck, done.applied) == (1, 0)
    with acting(the_county().operator()):
        assert Evidence.objects.count() == evidence
        assert not Visit.objects.exists()
        assert not Case.objects.filter(household=home, kind="care").exists()


def test_a_household_of_somebody_else_waits_until_a_post_releases_it(village: Sending, home: Household) -> None:
    helper = Sending.of(device_of("helper"))
    path = helper.worker.path
    with acting(the_county().operator()):
        mine = assignment_of("helper").actor().duty
        assert mine is not None
        other = next(h for h in homes_of(path) if h.pk not in mine.households)
    helper.send(submission(other.number))
    assert applied().stuck == 1
    assert (only().problem or {})["number"] == "BF-2623"
    county = assignment_of("county").actor()
    try_again(county, [only().pk])
    applied()
    assert only().state == "stuck"
    try_again(county, [only().pk], release=True)
    applied()
    assert only().state == "applied"
    with pytest.raises(Problem, match="BF-2634"):
        try_again(county, [only().pk])


def test_a_stuck_one_is_mended_by_a_corrected_copy(village: Sending, home: Household) -> None:
    village.send(submission("52032310", base=base_of(home), inside=GRADE.format("B")))
    applied()
    row = only()
    with pytest.raises(Problem, match="BF-2638"):
        mend(post(), row.pk, {"/data/house/house_grade": "Q"})
    with pytest.raises(Problem, match="BF-2638"):
        mend(post(), row.pk, {"/data/nothing": "1"})
    made = mend(post(), row.pk, {"/data/household": home.number})
    assert applied().applied == 1
    with acting(the_county().operator()):
        before, after = Submission.objects.get(pk=row.pk), Submission.objects.get(pk=made.pk)
        assert (before.state, before.xml, after.state, after.worker) == ("replaced", row.xml, "applied", row.worker)
        assert Visit.objects.get(household=home).worker == row.worker


def test_setting_aside_wants_a_reason_and_is_for_the_area_alone(village: Sending, home: Household) -> None:
    village.send(submission("nothing"))
    applied()
    key = only().pk
    with pytest.raises(Problem, match="BF-2635"):
        set_aside(post(), [key], " ")
    with pytest.raises(Problem, match="BF-1001"):
        set_aside(assignment_of("helper").actor(), [key], "重复")
    set_aside(post(), [key], "重复提交")
    assert only().state == "dropped"


def test_a_first_survey_registers_a_household_and_its_members(village: Sending, home: Household) -> None:
    person = (
        "<members><name>{}</name><sex>{}</sex><birth_date>{}</birth_date><relation>{}</relation><identity>{}</identity></members>"
    )
    inside = (
        f"<place>{home.path}</place><day>{TODAY}</day><source>survey</source><household_kind>ordinary</household_kind>"
        + person.format("测试甲", "male", "1980-01-01", "head", IDENTITY)
    )
    xml = f'<data id="first_survey" version="2020-03-11">{inside}<meta><instanceID>uuid:survey</instanceID></meta></data>'
    village.send(xml.encode())
    done = applied()
    one = only()
    assert one.problem is None
    assert done.applied == 1
    with acting(the_county().operator()):
        made = Household.objects.get(pk=one.household_id)
        assert made.path == home.path
        assert made.memberships.get().person.name == "测试甲"


def test_facilities_of_a_village_are_kept_as_data(village: Sending) -> None:
    place = village.worker.path
    xml = f'<data id="village_facilities" version="2020-03-11"><place>{place}</place><meta><instanceID>uuid:f</instanceID></meta></data>'
    village.send(xml.encode())
    assert applied().kept == 1
    assert (only().state, only().path) == ("kept", place)


@pytest.mark.parametrize(("mode", "signed"), [("home", "on_phone"), ("phone", "")])
def test_a_signature_on_the_phone_counts_where_the_pack_lets_it(
    village: Sending, home: Household, mode: str, signed: str
) -> None:
    drawn = {"s.png": b"\x89PNG\r\n\x1a\n drawn"}
    told = "<proof><signature>s.png</signature></proof>"
    village.send(submission(home.number, mode=mode, instance="uuid:signed", inside=told), drawn)
    assert applied().applied == 1
    with acting(the_county().operator()):
        visit = Visit.objects.get(submission__instance="uuid:signed")
        assert visit.signed == signed
        assert list(Signature.objects.filter(visit=visit).values_list("way", flat=True)) == ([signed] if signed else [])
    left = [one["fact"] for one in (only(instance="uuid:signed").problem or {}).get("left", ())]
    assert ("visit.signature" in left) is (mode == "phone")


def test_a_corrected_visit_is_signed_anew(village: Sending, home: Household) -> None:
    village.send(submission(home.number, instance="uuid:first"))
    applied()
    with acting(the_county().operator()):
        visit = Visit.objects.get(submission__instance="uuid:first")
    kept = sign_on_paper(post(), visit.pk, "王大娘", ("page.pdf", b"%PDF-1.7"))
    village.send(submission(home.number, mode="phone", instance="uuid:second", deprecates="uuid:first"))
    assert applied().replaced == 1
    with acting(the_county().operator()):
        assert not Visit.objects.filter(submission__instance="uuid:first").exists()
        assert Visit.objects.get(submission__instance="uuid:second").signed == ""
        assert not Signature.objects.filter(pk=kept.pk).exists()
