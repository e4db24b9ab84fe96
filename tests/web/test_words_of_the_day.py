"""What pages, lists and heads say on a day of 2020 and on a day of 2026: the same rows, the words of the day."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from bangfu.accounts.models import User
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register.models import Registration
from tests.foundation.test_terms import GONE, IN_2020, IN_2026

pytestmark = pytest.mark.django_db


def pages(county: County) -> list[str]:
    """The county table, whole and of one guarantee, the list of households, a registered household, the log-in."""
    table = reverse("web:county", kwargs={"path": county.path})
    number = Registration.objects.filter(attribute__isnull=False).values_list("household__number", flat=True).order_by("id")[0]
    household = reverse("register:household", kwargs={"number": number})
    return [
        table,
        f"{table}?guarantee=housing",
        reverse("register:households", kwargs={"path": county.path}),
        household,
        "/account/",
    ]


def read(county: County, day: date, user: str = "county") -> str:
    client = Client()
    client.force_login(User.objects.get(username=user))
    addresses = pages(county)
    with clock.standing_at(day):
        answers = [client.get(address) for address in addresses]
        answers.append(Client().get("/login/"))
    assert [a.status_code for a in answers] == [200] * len(answers)
    return "\n".join(a.content.decode() for a in answers)


def test_no_page_of_2026_says_what_nobody_says_any_more(county: County) -> None:
    said = read(county, IN_2026)
    assert [word for word in GONE if word in said] == []
    assert "脱贫户" in said
    assert "建档立卡户" not in said


def test_pages_of_2020_say_the_words_of_2020(county: County) -> None:
    said = read(county, IN_2020)
    for word in ("建档立卡户", "建档立卡人口", "贫困户属性", "乡镇扶贫工作站", "卡内人"):
        assert word in said, word
    assert "脱贫户" not in said
