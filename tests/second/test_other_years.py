"""The test county in years with packs of their own: pages open, nothing of 2020 is claimed for them, and judging leaves open what is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.committed import own_county, settle  # noqa: F401

from bangfu.accounts.models import User
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register.models import Household
from bangfu.screening import actions
from bangfu.screening.actions import screen_county
from bangfu.screening.models import Verdict
from bangfu.screening.pack import load_pack
from bangfu.screening.pages.additions import present_pack

YEARS = [
    (date(2021, 6, 1), "cn-monitoring-2021"),
    pytest.param(date(2022, 6, 1), "cn-monitoring-2021", marks=pytest.mark.full),
    (date(2026, 6, 1), "cn-regular-2026"),
]


@pytest.fixture
def county(own_county: County) -> Iterator[County]:  # noqa: F811
    yield own_county
    for judge in actions._judges.__dict__.pop("kept", {}).values():
        judge.close()


def pages(county: County) -> dict[str, str]:
    """The pages of the headquarters, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="county"))
    household = Household.objects.farming().filter(verdicts__result="unmet").order_by("number").first()
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


@pytest.mark.parametrize(("day", "name"), YEARS)
def test_a_year_with_a_pack_of_its_own(county: County, day: date, name: str) -> None:
    with clock.standing_at(day):
        pack = present_pack()
        assert pack is not None
        assert pack.name == name
        before = pages(county)
        assert "Nothing has been judged" in before["county"]
        result = screen_county(county.operator(), load_pack(name))
        counts = result.counts["income"]
        if pack.open_on(day):  # the range of the year: nobody is above or below what is not known
            assert counts["met"] == counts["unmet"] == 0
            assert counts["unknown"] > 0
        else:
            assert counts["met"] > 0
        states = [counted for named in result.findings["proposal"].values() for counted in named.items()]
        assert sum(n for state, n in states if state == "unknown") > 0  # sheets of 2019 are too old for the last twelve months
        assert sum(n for state, n in states if state == "proposed") == 0
        assert Verdict.objects.filter(run__pack=name).exists()
        after = pages(county)
        assert "Nothing has been judged" not in after["county"]
        assert day.isoformat() in after["county"]
