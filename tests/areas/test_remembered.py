"""What pages remember of areas: for one revision of the county, and never for whoever acts nowhere."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction

from bangfu.areas.frame import areas_below, standing_area
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.areas.remembered import areas
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County, present_revision, reading_county
from bangfu.foundation.problems import Problem

pytestmark = pytest.mark.django_db
DAY = date(2020, 4, 28)


def reader(scope: str) -> Actor:
    return Actor(user_id=1, name="读者", role="analyst", scope=scope, permissions=frozenset({"area.read"}))


def asked(path: str) -> tuple[str, int]:
    """The name that a request is told, and how many statements Django made for it."""
    with reading_county(), acting(reader(path)):
        before = len(connection.queries_log)
        connection.force_debug_cursor = True
        try:
            return areas().by_path([path])[path].name, len(connection.queries_log) - before
        finally:
            connection.force_debug_cursor = False


def test_an_area_is_read_once_for_a_revision(county: County) -> None:
    asked(county.path)
    assert asked(county.path) == (Area.objects.get(path=county.path).name, 0)


def test_a_change_of_areas_is_seen_by_the_next_request(county: County) -> None:
    before, _ = asked(county.path)
    Area.objects.filter(path=county.path).update(name="改名县")
    assert asked(county.path)[0] == "改名县"
    with transaction.atomic():
        Area.objects.filter(path=county.path).update(name="未改名县")
        assert asked(county.path)[0] == "未改名县"
        transaction.set_rollback(True)
    assert asked(county.path)[0] == "改名县"
    Area.objects.filter(path=county.path).update(name=before)
    assert asked(county.path)[0] == before


def test_every_change_makes_a_new_revision(county: County) -> None:
    seen = set()
    for name in ("甲", "乙", "甲"):
        Area.objects.filter(path=county.path).update(name=name)
        with reading_county():
            seen.add(present_revision())
    assert len(seen) == 3


def test_outside_of_a_request_nothing_is_remembered(county: County) -> None:
    assert present_revision() == ""
    assert areas() is not areas()


def test_whoever_acts_nowhere_is_answered_by_the_database(county: County) -> None:
    asked(county.path)
    with reading_county(), acting(reader("")):
        assert areas().by_path([county.path]) == {}


def test_areas_below_are_those_of_the_day(county: County) -> None:
    area = Area.objects.get(path=county.path)
    below = list(Area.objects.children_of(area).on(DAY))
    with reading_county(), acting(reader(county.path)):
        assert areas_below(area) == below
        assert areas().below(area, date(1900, 1, 1)) == list(Area.objects.children_of(area).on(date(1900, 1, 1)))
        assert areas().line(below[0].path) == list(Area.objects.breadcrumb(below[0].path))


def test_a_remembered_area_outside_the_scope_is_unknown(county: County) -> None:
    towns = list(Area.objects.under(county.path).level("township").order_by("path")[:2])
    with reading_county(), acting(reader(county.path)):
        assert standing_area(reader(county.path), towns[1].path) == towns[1]
    with reading_county(), acting(reader(towns[0].path)), pytest.raises(Problem) as refused:
        standing_area(reader(towns[0].path), towns[1].path)
    assert refused.value.kind is UNKNOWN_AREA
