"""Another country: three levels, other codes, English names, no groups, no outline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from bangfu.areas.actions import draw_cells, load_areas
from bangfu.areas.files import read_areas
from bangfu.areas.loading import Loaded
from bangfu.areas.market_days import add_markets, is_market_day, read_market
from bangfu.areas.models import Area, AreaCell
from bangfu.areas.profile import Profile, profile
from bangfu.areas.resolving import Resolver
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.problems import Problem

pytestmark = pytest.mark.django_db
SECOND = Path(str(files("bangfu.demo"))) / "second"
SPRINT, BEGIN = date(2020, 4, 28), date(2014, 1, 1)


@pytest.fixture
def xa() -> Profile:
    return profile("xa")


@pytest.fixture
def ruler() -> Actor:
    return system("xa/")


@pytest.fixture
def alder(no_areas: None, ruler: Actor, sprint_day: date) -> Iterator[Loaded]:
    with acting(ruler):
        yield load_areas(ruler, read_areas(SECOND / "areas.csv"), edition="1", valid_from=BEGIN, country="xa")


def test_its_areas_hang_together(alder: Loaded) -> None:
    assert alder.paths["XA7"] == "xa/007/"
    assert Area.objects.under("xa/007/").level("ward").count() == 6
    assert Area.objects.under("xa/007/").level("hamlet").count() == 30
    borough = Area.objects.get(path=alder.paths["XA7-01"])
    assert (borough.name, borough.name_en, borough.kind) == ("Alder Borough", "Alder Borough", "borough")


def test_it_lies_beside_china_without_touching_it(alder: Loaded, suiyang: Loaded) -> None:
    assert Area.objects.filter(depth=0).count() == 2
    assert not Area.objects.under("cn/").filter(path__startswith="xa").exists()
    assert alder.absent == []
    assert suiyang.absent == []


def test_its_hamlets_are_resolved_by_code_and_by_names(alder: Loaded, xa: Profile) -> None:
    resolver = Resolver(Area.objects.lookup_table(SPRINT, xa), xa)
    rows = read_areas(SECOND / "areas.csv")
    names = {row.code: row.name for row in rows}
    for row in rows:
        if row.level != "hamlet":
            continue
        for found in (resolver.one(code=row.code), resolver.one(township=names[row.parent].upper(), village=row.name.lower())):
            assert found.status == "found"
            assert found.area is not None
            assert found.area["path"] == alder.paths[row.code]
    short = names["XA7-02"].removesuffix(" Ward")
    hamlet = next(row for row in rows if row.parent == "XA7-02")
    assert resolver.one(township=short, village=hamlet.name).status == "found"
    assert resolver.one(code=hamlet.code, group="1").status == "group_unknown"


def test_its_cells_are_drawn_without_an_outline(alder: Loaded, ruler: Actor) -> None:
    draw_cells(ruler, Area.objects.get(path="xa/007/"))
    assert AreaCell.objects.count() == 37
    assert not AreaCell.objects.filter(schematic=False).exists()


def test_search_in_english(alder: Loaded) -> None:
    assert Area.objects.search("alder b")[0].name == "Alder Borough"
    assert Area.objects.search("borough")[0].name == "Alder Borough"
    assert Area.objects.search("XA7-02")[0].name == "Brook Ward"


def test_its_markets_are_held_by_days_of_the_week_and_never_by_the_moon(alder: Loaded, ruler: Actor) -> None:
    row = {"name": "Alder Market", "kind": "weekday", "days": "Wednesday", "since": "2020-01-01", "source": "x"}
    keeper = Actor(7, "x", "county_headquarters", "xa/007/", frozenset({"area.read", "market.manage"}))
    assert add_markets(keeper, "xa/007/", [read_market(row)]) == 1
    assert is_market_day(alder.paths["XA7-02"], date(2020, 4, 29))
    for kind, days in (("lunar_tens", "1"), ("branch", "Rat")):
        with pytest.raises(Problem) as refused:
            add_markets(keeper, "xa/007/", [read_market(row | {"kind": kind, "days": days}, row=4)])
        assert (refused.value.number, refused.value.values["row"]) == ("BF-1121", 4)
