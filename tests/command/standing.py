"""Who stands where in the tests of command: the county, a township and a village of it, and another township."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from django.test import Client

from bangfu.accounts.models import Assignment, User
from bangfu.areas.models import Area
from bangfu.command.actions import OfficerRow, OrderDraft, TaskRow, UnitRow, add_officers, add_units, issue_order
from bangfu.command.models import Order, Post
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

TODAY = date(2020, 4, 28)
A_DAY = date(2020, 4, 1)
DO = Text("核对台账", "Check the ledger")


def actor_of(username: str) -> Actor:
    """The actor of a user of the demo county."""
    return Assignment.objects.of(User.objects.get(username=username)).on(clock.today()).get().actor()


@contextmanager
def refused(number: str, *words: str) -> Iterator[None]:
    """Within it a problem of a number is raised whose cause has some words in it."""
    with pytest.raises(Problem) as raised:
        yield
    assert raised.value.number == number, raised.value
    for word in words:
        assert word in raised.value.cause.zh, raised.value.cause.zh


@dataclass(frozen=True)
class Standing:
    """Areas by what they are, and a unit of the county with people who hold no office yet."""

    county: County
    top: Actor
    township: Area
    village: Area
    other: Area  # another township
    other_village: Area
    people: tuple[str, ...]

    def post(self, area: Area) -> Post:
        """The post at an area."""
        return Post.objects.get(path=area.path)


def stand(county: County) -> Standing:
    """The demo county with six new people of a new unit: `T1` to `T6`, who hold no office."""
    inside = Area.objects.under(county.path)
    township = inside.level("township").get(name="郑场镇")
    other = inside.level("township").get(name="宽阔镇")
    village = Area.objects.under(township.path).level("village").get(name="凤凰村")
    other_village = Area.objects.under(other.path).level("village").order_by("path").first()
    assert other_village is not None
    top = county.operator()
    add_units(top, [UnitRow("new_unit", Text("新单位", "New unit"), "department", "county", county.path, date(2019, 1, 1))])
    people = tuple(f"T{n}" for n in range(1, 7))
    rows = [
        OfficerRow(n, f"新人{n}", "new_unit", "general", "cadre", township.path, date(2019, 1, 1), party_member=True)
        for n in people
    ]
    assert add_officers(top, rows) == 6
    return Standing(county, top, township, village, other, other_village, people)


def client_of(username: str, language: str = "zh-hans") -> Client:
    """A browser in which a user of the demo county is logged in."""
    client = Client(headers={"Accept-Language": language})
    client.force_login(User.objects.get(username=username))
    return client


def an_order(s: Standing, *tasks: TaskRow, number: str = "试〔2020〕1号", **more: object) -> Order:
    """An order of the county with tasks; one of the township's post where none are given."""
    given_ = tasks or (TaskRow(DO, TODAY + timedelta(9), post=s.post(s.township).key),)
    draft = OrderDraft(number, Text("试指令", "A trial order"), "order", A_DAY, "县指挥部", "文件", given_, post="county")
    return issue_order(s.top, replace(draft, **more))  # type: ignore[arg-type]
