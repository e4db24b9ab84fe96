"""An examiner's phone: a spot check of a drawn household is a blind re-visit, any other goes to the register as before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from bangfu.fieldwork.lists import list_of
from bangfu.fieldwork.models import FormVersion, Submission
from bangfu.foundation.acting import acting
from bangfu.foundation.county import the_county
from bangfu.register.models import Household, Water
from bangfu.supervision.models import FactCompared, Revisit, Sampled
from bangfu.supervision.models.samples import EXAMINED, WAITING
from tests.fieldwork.ground import Sending, applied, assignment_of, closing_door, device_of, submission


@pytest.fixture
def sending(own_database: str) -> Iterator[Sending]:
    """The phone of the demo's supervisor, in a county of the test's own."""
    the_county()
    with closing_door():
        yield Sending.of(device_of("supervisor"))


def drawn(state: str) -> Sampled:
    """A drawn household whose water the register knows; of those that wait one of the supervisor's."""
    rows = Sampled.objects.filter(state=state, household__in=Water.objects.filter(valid__upper_inf=True).values("household"))
    if state == WAITING:
        rows = rows.filter(examiner__user__username="supervisor")
    found = rows.select_related("household").order_by("pk").first()
    assert found is not None
    return found


def litres(home: Household) -> Decimal | None:
    found: Decimal | None = Water.objects.filter(household=home, valid__upper_inf=True).values_list("litres", flat=True).first()
    return found


def xml(number: str, inside: str) -> bytes:
    """A spot check: its questions stand beside each other, without a group of the visit."""
    version = FormVersion.objects.published().get(form__key="spot_check").version
    told = submission(number, form=("spot_check", version), inside=inside).decode()
    return (
        re.sub(r"</?visit>", "", told)
        .replace("<away>no</away>", "<judgement>met</judgement><source>spot_check</source>")
        .encode()
    )


def test_an_examiners_phone_hands_in_a_blind_revisit(sending: Sending) -> None:
    operator = the_county().operator()
    with acting(operator):
        one = drawn(WAITING)
        before = litres(one.household)
        sent = xml(
            one.household.number,
            "<four><people>4</people></four><house><water_litres>333</water_litres></house><satisfied>not</satisfied>",
        )
        examiner = assignment_of("supervisor").actor()
    with acting(examiner):
        assert one.household.number in [row[0] for row in list_of(examiner, "households.csv")[1]]
    sending.send(sent)
    done = applied()
    assert (done.applied, done.stuck) == (1, 0)
    with acting(operator):
        kept = Revisit.objects.get(sampled=one)
        assert (kept.persons, kept.satisfied, kept.judgement) == (4, "not", "met")
        assert kept.submission_id == Submission.objects.get().pk
        assert litres(one.household) == before
        assert FactCompared.objects.filter(revisit=kept, fact="water_litres").exists()
        one.refresh_from_db()
        assert one.state == EXAMINED


def test_any_other_spot_check_goes_to_the_register(sending: Sending) -> None:
    operator = the_county().operator()
    with acting(operator):
        one = drawn(EXAMINED)
        sent = xml(one.household.number, "<house><water_litres>77</water_litres></house>")
    sending.send(sent)
    assert applied().applied == 1
    with acting(operator):
        assert not Revisit.objects.filter(submission__isnull=False).exists()
        assert litres(one.household) == Decimal(77)
