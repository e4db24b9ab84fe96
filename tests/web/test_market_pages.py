"""The page of market days, without a script: a month looked at, a rule added, a file read, a rule ended."""

from __future__ import annotations

import csv
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bangfu.accounts.models import AuditEntry, User
from bangfu.areas.models import Area, MarketDay
from bangfu.foundation.county import County

pytestmark = pytest.mark.django_db
RULE = {
    "do": "add",
    "name": "旺草场",
    "kind": "weekday",
    "days": "周日",
    "since": "2020-01-01",
    "source": "x",
    "verified": "true",
}


@pytest.fixture
def client(county: County) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="county"))
    return client


@pytest.fixture
def here(county: County) -> str:
    MarketDay.objects.all().delete()
    return reverse("areas:markets", kwargs={"path": county.path})


def marked(page: str) -> list[int]:
    """The days of the month that bear the mark of a market."""
    return [int(day) for day in re.findall(r"<td[^>]*>(?:<b>)?(\d+)(?:(?!</td>).)*?class=\"tag\" title", page)]


def test_every_township_of_the_demo_holds_a_market(client: Client, county: County) -> None:
    township = Area.objects.under(county.path).level("township").first()
    assert township is not None
    page = client.get(reverse("areas:markets", kwargs={"path": township.path}) + "?month=2020-04").content.decode()
    assert "未核实" in page
    assert 5 <= len(marked(page)) <= 7
    assert "初六" in page  # the day of the demo
    assert "清明" in page


def test_a_rule_is_added_looked_at_and_ended(client: Client, county: County, here: str) -> None:
    do = reverse("areas:markets-do", kwargs={"path": county.path})
    refused = client.post(do, RULE | {"days": "八"})
    assert (refused.status_code, "BF-1118" in refused.content.decode(), "旺草场" in refused.content.decode()) == (400, True, True)
    assert client.post(do, RULE).status_code == 302
    assert AuditEntry.objects.filter(act="market.add").exists()
    page = client.get(here + "?month=2020-04").content.decode()
    assert marked(page) == [5, 12, 19, 26]
    market = MarketDay.objects.get()
    refused = client.post(do, {"do": "end", "market": market.pk, "on": "明天"})
    assert refused.status_code == 400
    assert "BF-1118" in refused.content.decode()
    assert client.post(do, {"do": "end", "market": market.pk, "on": "2020-04-20"}).status_code == 302
    page = client.get(here + "?month=2020-04").content.decode()
    assert (marked(page), "旺草场" in page) == ([5, 12, 19], False)
    assert "旺草场" in client.get(here + "?ended=1").content.decode()
    assert client.post(do, {"do": "end", "market": market.pk, "on": "2020-04-20"}).status_code == 404
    assert client.post(do, {"do": "dance"}).status_code == 400


def test_the_template_can_be_filled_and_read_again(client: Client, county: County, here: str) -> None:
    do = reverse("areas:markets-do", kwargs={"path": county.path})
    template = client.get(reverse("areas:markets-template", kwargs={"path": county.path})).content
    rows = list(csv.reader(template.decode("utf-8-sig").splitlines()))
    assert client.post(do, {"do": "import", "file": SimpleUploadedFile("m.csv", template)}).status_code == 302
    assert MarketDay.objects.count() == len(rows) - 1
    assert client.post(do, {"do": "import"}).status_code == 400


@pytest.mark.parametrize("month", ["2020-13", "x", "0001-01", "9999-12", "2020-4"])
def test_a_month_that_is_none_or_too_far_shows_one_that_is(client: Client, here: str, month: str) -> None:
    assert client.get(f"{here}?month={month}").status_code == 200


def test_who_only_reads_sees_no_form(county: County, here: str) -> None:
    village = Client()
    village.force_login(User.objects.get(username="village"))
    actor_place = (
        Area.objects.under(county.path).level("village").get(name__startswith="凤凰", path__startswith=_township(county))
    )
    page = village.get(reverse("areas:markets", kwargs={"path": actor_place.path}))
    assert page.status_code == 200
    assert 'name="do"' not in page.content.decode()


def _township(county: County) -> str:
    return Area.objects.under(county.path).level("township").get(name="郑场镇").path
