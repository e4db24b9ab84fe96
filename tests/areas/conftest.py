"""A county of real areas: the national list of 2023 with the changes of 2022, as a county of 2020 would hold it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import pytest
from django.db import connection

from bangfu.areas.actions import GroupRow, add_groups, load_areas
from bangfu.areas.files import AreaRow, read_areas, read_changes
from bangfu.areas.loading import Loaded
from bangfu.areas.profile import Profile, profile
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system

SPRINT = date(2020, 4, 28)
BEGIN = date(2014, 1, 1)
AREAS = Path(str(files("bangfu.areas")))
LIST_2023 = Path(str(files("bangfu.demo"))) / "data" / "areas.csv"
CHANGES = AREAS / "data" / "cn-520323-changes.csv"


class People(Protocol):
    """Makes users who act in some role at an area."""

    def __call__(self, scope: str, *permissions: str) -> Actor: ...


@pytest.fixture
def person() -> People:
    """A user who acts at an area; may read areas unless other permissions are named."""

    def make(scope: str, *permissions: str) -> Actor:
        return Actor(user_id=1, name="张三", role="tester", scope=scope, permissions=frozenset(permissions or ("area.read",)))

    return make


@pytest.fixture
def cn() -> Profile:
    return profile("cn")


@pytest.fixture
def rows() -> list[AreaRow]:
    return read_areas(LIST_2023)


@pytest.fixture
def sprint_day() -> Iterator[date]:
    with clock.standing_at(SPRINT):
        yield SPRINT


@pytest.fixture
def owner() -> Actor:
    return system("cn/")


@pytest.fixture
def no_areas(db: None) -> None:
    """The database without the areas that the tests' county brought along; they are back when the test is over."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE areas_area CASCADE")


@pytest.fixture
def suiyang(no_areas: None, owner: Actor, rows: list[AreaRow], sprint_day: date) -> Iterator[Loaded]:
    """The county on 2020-04-28, within one transaction of the system."""
    with acting(owner):
        loaded = load_areas(owner, rows, edition="2023", valid_from=BEGIN, changes=read_changes(CHANGES), source="NBS")
        yield loaded


@pytest.fixture
def with_groups(suiyang: Loaded, owner: Actor) -> Loaded:
    """The county with groups in two villages, one named by numbers, one by hamlets."""
    add_groups(
        owner,
        [GroupRow(suiyang.paths["520323001201"], name) for name in ("第一村民小组", "二组", "十二组")]
        + [GroupRow(suiyang.paths["520323001202"], name) for name in ("大坪组", "二组")]
        + [GroupRow(suiyang.paths["520323001201"], "第一网格", "grid")],
        valid_from=BEGIN,
    )
    return suiyang
