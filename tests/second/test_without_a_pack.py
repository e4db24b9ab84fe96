"""A Chinese county in a year for which no pack is valid: what was judged stays to be read, what was not is not claimed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bangfu.accounts.models import User
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register.models import Household
from bangfu.screening.models import Finding, Run, Verdict
from bangfu.screening.pack import find_pack
from bangfu.screening.pages.additions import policy, present_pack

pytestmark = pytest.mark.django_db
LATER = date(2031, 3, 1)


@pytest.fixture
def later(county: County) -> Iterator[County]:
    with clock.standing_at(LATER):
        assert find_pack(LATER, "cn") is None
        yield county


def pages(county: County) -> dict[str, str]:
    """The pages of the headquarters, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="county"))
    household = Household.objects.farming().filter(verdicts__result="unmet").order_by("number").first()
    household = household or Household.objects.farming().order_by("number").first()
    assert household is not None
    read: dict[str, str] = {}
    for name, address in {
        "county": reverse("web:county", kwargs={"path": county.path}),
        "households": reverse("register:households", kwargs={"path": county.path}),
        "household": reverse("register:household", kwargs={"number": household.number}),
    }.items():
        response: Any = client.get(address)
        assert response.status_code == 200, address
        read[name] = response.content.decode()
    return read


def test_the_last_run_speaks_on(later: County) -> None:
    run = Run.objects.order_by("-id").first()
    pack = present_pack()
    assert run is not None
    assert pack is not None
    assert pack.name == run.pack
    said = policy(pack)
    assert said is not None
    assert said["as_of"] == date(2020, 4, 28)
    read = pages(later)
    assert "Nothing has been judged" not in read["county"]
    assert "2020-04-28" in read["county"]
    assert "Households unmet" in read["county"]
    assert "Guarantee" in read["households"]
    assert "Nothing has been judged" not in read["household"]


def test_where_nothing_was_judged_nothing_is_claimed(later: County) -> None:
    Finding.objects.all().delete()
    Verdict.objects.all().delete()
    Run.objects.all().delete()
    assert present_pack() is None
    read = pages(later)
    assert "Nothing has been judged" in read["county"]
    assert "Households unmet" not in read["county"]
    assert "Guarantee</label>" not in read["households"]
    assert "Nothing has been judged of this household yet" in read["household"]


def test_a_pack_that_has_not_been_run_claims_nothing(county: County) -> None:
    Finding.objects.all().delete()
    Verdict.objects.all().delete()
    Run.objects.all().delete()
    assert present_pack() is not None
    read = pages(county)
    assert "Nothing has been judged" in read["county"]
    assert "Guarantee</label>" not in read["households"]


def test_a_run_of_a_pack_that_is_gone_is_no_reason_to_fail(later: County) -> None:
    Run.objects.update(pack="gone")
    assert present_pack() is None
    assert "Nothing has been judged" in pages(later)["county"]


def test_on_the_day_itself_nothing_has_changed(county: County) -> None:
    read = pages(county)
    assert "Households unmet" in read["county"]
    assert "Village, group" in read["households"]
    assert "yuan" in read["household"] or "No income sheet" in read["household"]
