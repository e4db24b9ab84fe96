"""Nothing that was told is lost in silence: facts of an older day, ways of visiting that nobody knows, answers that lack, corrections in a circle; and nobody lets their own pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bangfu.areas.models import Area
from bangfu.cases.models import Case
from bangfu.fieldwork.actions import publish, upload
from bangfu.fieldwork.actions.settling import mend, set_aside, try_again
from bangfu.fieldwork.models import Conflict, Form, FormVersion, Submission, Visit
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.register.models import House, Household, Water
from bangfu.register.stating import Statement, state
from tests.cases.ground import client_of
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

GRADE = "<house><house_grade>{}</house_grade></house>"
LITRES = "<house><water_litres>{}</water_litres></house>"


@pytest.fixture
def village(own_database: str) -> Iterator[Sending]:
    """A village secretary's phone, in a county of the test's own."""
    the_county()
    with closing_door():
        yield Sending.of(device_of("village"))


@pytest.fixture
def home(village: Sending) -> Household:
    return homes_of(village.worker.path)[0]


def post() -> Actor:
    return assignment_of("village").actor()


def number_of(row: Submission) -> str:
    return str((row.problem or {}).get("number"))


def test_a_fact_of_an_older_day_fills_in_what_a_later_record_does_not_know(village: Sending, home: Household) -> None:
    """Two visits with one list come out of order; the later knows the quality of the water alone."""
    operator, base = the_county().operator(), base_of(home)
    with acting(operator):
        Water.objects.filter(household=home, valid__upper_inf=True).update(litres=None)
        state(operator, Statement(home.pk, {"water_outage_days": 3}, TODAY), kind="feed", source="水务局")
    village.send(submission(home.number, base=base, day=TODAY - timedelta(6), inside=LITRES.format(41)))
    done = applied()
    with acting(operator):
        row = Water.objects.get(household=home, valid__upper_inf=True)
        assert (done.applied, done.conflicts, float(row.litres or 0), row.outage_days) == (1, 0, 41.0, 3)
        assert Visit.objects.get(household=home).day == TODAY - timedelta(6)


def test_or_it_contradicts_what_the_later_record_knows(village: Sending, home: Household) -> None:
    operator, base = the_county().operator(), base_of(home)
    with acting(operator):
        state(operator, Statement(home.pk, {"water_litres": 90}, TODAY), kind="feed", source="水务局")
    village.send(submission(home.number, base=base, day=TODAY - timedelta(6), inside=LITRES.format(41)))
    assert applied().conflicts == 1
    with acting(operator):
        assert Conflict.objects.get(household=home).value("told") in ("41", 41)


@pytest.mark.parametrize(("mode", "outcome"), [("telepathy", "BF-2648"), ("", "left")])
def test_a_way_of_visiting_that_nobody_knows_proves_nothing(village: Sending, home: Household, mode: str, outcome: str) -> None:
    with acting(the_county().operator()):
        before = House.objects.filter(household=home, valid__upper_inf=True).values_list("grade", flat=True).first()
    village.send(submission(home.number, base=base_of(home), mode=mode, inside=GRADE.format("D" if before != "D" else "C")))
    applied()
    row = only()
    if outcome == "left":
        assert row.state == "applied"
        assert {"visit.mode", "house_grade"} <= {one["fact"] for one in (row.problem or {})["left"]}
    else:
        assert (row.state, number_of(row)) == ("stuck", outcome)
    with acting(the_county().operator()):
        assert House.objects.filter(household=home, valid__upper_inf=True).values_list("grade", flat=True).first() == before


def test_a_visit_without_a_household_waits_and_is_mended(village: Sending, home: Household) -> None:
    village.send(submission("", inside=LITRES.format(41)))
    applied()
    assert (only().state, number_of(only())) == ("stuck", "BF-2650")
    mend(post(), only().pk, {"/data/household": home.number})
    assert applied().applied == 1


def test_a_survey_without_members_waits(village: Sending, home: Household) -> None:
    inside = f"<place>{home.path}</place><day>{TODAY}</day><source>survey</source><household_kind>ordinary</household_kind>"
    xml = f'<data id="first_survey" version="2020-03-11">{inside}<meta><instanceID>uuid:survey</instanceID></meta></data>'
    village.send(xml.encode())
    applied()
    assert (only().state, number_of(only())) == ("stuck", "BF-2651")
    page = client_of(post()).get(f"/fieldwork/submissions/{only().pk}/").content.decode()
    assert 'name="a:/data/members[1]/name"' in page
    told = {"name": "测试甲", "sex": "male", "birth_date": "1980-01-01", "relation": "head", "identity": "520323198001019010"}
    mend(post(), only().pk, {f"/data/members[1]/{key}": value for key, value in told.items()})
    assert applied().applied == 1


def test_answers_within_repeats_are_mended_each_by_its_time(village: Sending, home: Household) -> None:
    needs = "".join(
        f"<needs><kind>{kind}</kind><words>{words}</words></needs>"
        for kind, words in (("care", "老人无人照料"), ("employment", "想在县内务工"))
    )
    village.send(submission("52032310", inside=needs))
    applied()
    key = only().pk
    page = client_of(post()).get(f"/fieldwork/submissions/{key}/").content.decode()
    assert 'name="a:/data/needs[2]/words"' in page
    with pytest.raises(Problem, match="BF-2638"):
        mend(post(), key, {"/data/needs[9]/words": "x"})
    mend(post(), key, {"/data/household": home.number, "/data/needs[2]/kind": "illness", "/data/needs[2]/words": "慢性病药费"})
    assert applied().applied == 1
    with acting(the_county().operator()):
        kinds = set(Case.objects.filter(household=home, source="visit", opened_on=TODAY).values_list("kind", flat=True))
    assert kinds >= {"care", "illness"}
    assert "employment" not in kinds


class TestReleasing:
    @pytest.fixture
    def elsewhere(self, village: Sending) -> Household:
        """A household of another village of the township."""
        with acting(the_county().operator()):
            own = village.worker.path
            other = Area.objects.level("village").filter(path__startswith=own[: own[:-1].rfind("/") + 1]).exclude(path=own)
            for area in other.order_by("path"):
                if homes := homes_of(area.path):
                    return homes[0]
        pytest.fail("the township has one village with registered households alone")

    def test_nobody_lets_their_own_pass_or_writes_where_they_do_not_stand(
        self, village: Sending, home: Household, elsewhere: Household
    ) -> None:
        village.send(submission(elsewhere.number, inside=LITRES.format(41)))
        applied()
        key = only().pk
        assert number_of(only()) == "BF-2623"
        with pytest.raises(Problem, match="BF-2649"):
            try_again(post(), [key], release=True)
        made = mend(post(), key, {"/data/visit/answered": "member"})
        applied()
        with acting(the_county().operator()):
            assert Submission.objects.get(pk=made.pk).state == "stuck"
            assert not Visit.objects.filter(household=elsewhere).exists()
        try_again(assignment_of("township").actor(), [made.pk], release=True)
        applied()
        with acting(the_county().operator()):
            assert Submission.objects.get(pk=made.pk).state == "applied"
            assert Visit.objects.get(household=elsewhere).worker == village.worker.worker

    def test_what_was_released_for_one_household_is_not_for_another(
        self, village: Sending, home: Household, elsewhere: Household
    ) -> None:
        """A post above releases it, it is stuck for another reason, and its sender mends the household to one that is not theirs."""
        village.send(submission(home.number, inside=LITRES.format("many")))
        applied()
        try_again(assignment_of("township").actor(), [only().pk], release=True)
        applied()
        made = mend(post(), only().pk, {"/data/household": elsewhere.number, "/data/house/water_litres": "41"})
        applied()
        with acting(the_county().operator()):
            assert Submission.objects.get(pk=made.pk).state == "stuck"
            assert not Visit.objects.filter(household=elsewhere).exists()


class TestCorrections:
    def test_two_that_name_each_other_both_wait(self, village: Sending, home: Household) -> None:
        base = base_of(home)
        for one, other in (("uuid:a", "uuid:b"), ("uuid:b", "uuid:a")):
            village.send(submission(home.number, base=base, inside=LITRES.format(41), instance=one, deprecates=other))
        applied()
        with acting(the_county().operator()):
            rows = list(Submission.objects.order_by("instance"))
            assert [(r.state, number_of(r)) for r in rows] == [("stuck", "BF-2652")] * 2
        set_aside(post(), [rows[0].pk], "重复")
        try_again(post(), [rows[1].pk])
        applied()
        with acting(the_county().operator()):
            assert Submission.objects.get(pk=rows[1].pk).state == "applied"

    def test_a_second_correction_does_not_undo_the_first_in_silence(self, village: Sending, home: Household) -> None:
        base = base_of(home)
        village.send(submission(home.number, base=base, inside=LITRES.format(41), instance="uuid:a"))
        village.send(submission(home.number, base=base, inside=LITRES.format(42), instance="uuid:b", deprecates="uuid:a"))
        village.send(submission(home.number, base=base, inside=LITRES.format(43), instance="uuid:c", deprecates="uuid:a"))
        applied()
        with acting(the_county().operator()):
            third = Submission.objects.get(instance="uuid:c")
            assert (third.state, number_of(third)) == ("stuck", "BF-2653")
            assert float(Water.objects.get(household=home, valid__upper_inf=True).litres or 0) == 42
        try_again(assignment_of("township").actor(), [third.pk], release=True)
        applied()
        with acting(the_county().operator()):
            states = dict(Submission.objects.values_list("instance", "state"))
            assert states == {"uuid:a": "replaced", "uuid:b": "replaced", "uuid:c": "applied"}
            assert float(Water.objects.get(household=home, valid__upper_inf=True).litres or 0) == 43
            assert Visit.objects.filter(household=home).count() == 1


def test_a_draft_does_not_rename_what_is_published(own_database: str) -> None:
    operator = the_county().operator()
    with acting(operator):
        published = FormVersion.objects.published().select_related("form").get(form__key="spot_check")
        before, old = published.form.title, published.version
        xml = published.content.decode().replace(f'version="{old}"', 'version="9"')
        title = published.read.title
    made = upload(operator, "draft.xml", xml.replace(f"<h:title>{title}</h:title>", "<h:title>试用稿</h:title>").encode())
    with acting(operator):
        assert Form.objects.get(key="spot_check").title == before
        assert made.read.title == "试用稿"
    publish(operator, made.pk)
    with acting(operator):
        assert Form.objects.get(key="spot_check").title == "试用稿"
    publish(operator, published.pk)
    with acting(operator):
        assert Form.objects.get(key="spot_check").title == before


def test_a_version_that_the_household_never_had_is_no_base(village: Sending, home: Household) -> None:
    """Whatever differs from the register is to be chosen, for nobody knows what the worker saw."""
    operator = the_county().operator()
    with acting(operator):
        Water.objects.filter(household=home, valid__upper_inf=True).update(litres=50)
    village.send(submission(home.number, base=987654321, inside=LITRES.format(41)))
    assert applied().conflicts == 1


def test_a_phone_on_the_real_day_is_taken_for_today_in_a_synthetic_county(village: Sending, home: Household) -> None:
    real = clock.machine_now().astimezone(clock.zone()).date()
    village.send(submission(home.number, base=base_of(home), day=real))
    assert applied().applied == 1
    row = only()
    assert row.day == TODAY
    assert "visit.day" in [one["fact"] for one in (row.problem or {})["left"]]
