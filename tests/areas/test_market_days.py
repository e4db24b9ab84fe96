"""Market days in the database and on their page: who reads, who writes, which rule holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from django.db.utils import Error
from tests.areas.test_market_rules import GOOD

from bangfu.areas.market_days import add_markets, end_market, is_market_day, markets_between, read_market, read_markets
from bangfu.areas.models import Area, MarketDay
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem

DAY = date(2020, 4, 28)  # 四月初六
ROW = GOOD | {"days": "1、6"}


@pytest.fixture
def town(county: County) -> Area:
    MarketDay.objects.all().delete()
    return Area.objects.under(county.path).level("township").get(name="郑场镇")


@pytest.fixture
def village(town: Area) -> Area:
    found = Area.objects.under(town.path).level("village").first()
    assert found is not None
    return found


def keeper(path: str) -> Actor:
    return Actor(7, "x", "township_station", path, frozenset({"area.read", "market.manage"}))


@pytest.mark.django_db
def test_the_nearest_areas_rule_holds_until_it_ends(county: County, town: Area, village: Area) -> None:
    add_markets(county.operator(), county.path, [read_market(ROW | {"kind": "solar_tens", "days": "7"})])
    assert [is_market_day(village.path, date(2020, 4, day)) for day in (27, 28)] == [True, False]
    assert add_markets(keeper(town.path), town.path, [read_market(ROW)]) == 1
    assert [is_market_day(village.path, date(2020, 4, day)) for day in (27, 28)] == [False, True]
    market = MarketDay.objects.get(path=town.path)
    end_market(keeper(town.path), market.pk, DAY)
    assert not is_market_day(village.path, DAY)
    assert is_market_day(village.path, date(2020, 4, 23))  # before the end the rule still held
    with pytest.raises(Problem) as refused:
        end_market(keeper(town.path), market.pk, DAY)
    assert refused.value.number == "BF-1120"
    found = markets_between([village.path, county.path], date(2020, 4, 20), date(2020, 4, 30))
    assert found == {village.path: frozenset({date(2020, 4, 23)}), county.path: frozenset({date(2020, 4, 27)})}


@pytest.mark.django_db
def test_the_same_again_changes_nothing_and_another_rule_of_the_same_days_is_refused(county: County, town: Area) -> None:
    actor = keeper(town.path)
    assert add_markets(actor, town.path, [read_market(ROW)]) == 1
    assert add_markets(actor, town.path, [read_market(ROW)]) == 0
    with pytest.raises(Problem) as refused:
        add_markets(actor, town.path, [read_market(ROW | {"name": "新场"}), read_market(ROW | {"days": "2、7"}, row=3)])
    assert (refused.value.number, refused.value.values["row"]) == ("BF-1119", 3)
    assert not MarketDay.objects.filter(name="新场").exists()  # all or none
    market = MarketDay.objects.get(path=town.path)
    with pytest.raises(Problem) as early:
        end_market(actor, market.pk, date(2019, 1, 1))
    assert early.value.number == "BF-1118"


@pytest.mark.django_db
def test_a_township_reads_the_countys_market_days_and_writes_its_own_only(county: County, town: Area) -> None:
    add_markets(county.operator(), county.path, [read_market(ROW)])
    market = MarketDay.objects.get()
    actor = keeper(town.path)
    for act in (
        lambda: add_markets(actor, county.path, [read_market(ROW | {"name": "x"})]),
        lambda: end_market(actor, market.pk, DAY),
        lambda: add_markets(Actor(7, "x", "helper", town.path, frozenset({"area.read"})), town.path, []),
    ):
        with pytest.raises(Problem):
            act()
    with acting(actor):
        assert MarketDay.objects.visible_to(actor).holding_at(town.path).exists()
        # The database holds it too, whatever the code asks.
        assert MarketDay.objects.filter(pk=market.pk).update(verified=False) == 0
        assert MarketDay.objects.filter(pk=market.pk).delete()[0] == 0
        with pytest.raises(Error), transaction.atomic():
            MarketDay.objects.create(
                path=county.path, name="y", name_en="y", kind="weekday", days=[1], valid=market.valid, source="x"
            )


@pytest.mark.django_db
def test_a_file_for_the_whole_county_names_the_area_of_each_row(county: County, town: Area, tmp_path: Path) -> None:
    file = tmp_path / "markets.csv"
    head = "区划（空：本页区划）,集市,规则,日子,起,来源\n"
    file.write_text(head + "郑场镇,郑场,农历逢几,1、6,2020-01-01,镇政府\n,县城场,每周几,周日,2020-01-01,县政府\n", "gb18030")
    assert add_markets(county.operator(), county.path, read_markets(file)) == 2
    assert set(MarketDay.objects.values_list("path", "name")) == {(town.path, "郑场"), (county.path, "县城场")}
    file.write_text(head + "无此镇,场,每周几,周日,2020-01-01,x\n", "utf-8")
    with pytest.raises(Problem) as refused:
        add_markets(county.operator(), county.path, read_markets(file))
    assert (refused.value.number, refused.value.values["row"]) == ("BF-1118", 2)
    file.write_text("集市,日子\n场,1\n", "utf-8")
    with pytest.raises(Problem) as lacks:
        read_markets(file)
    assert lacks.value.number == "BF-1118"


@pytest.mark.django_db
def test_a_row_names_no_area_outside_of_the_page(county: County, town: Area) -> None:
    other = Area.objects.under(county.path).level("township").exclude(pk=town.pk).first()
    assert other is not None
    with pytest.raises(Problem) as refused:
        add_markets(county.operator(), town.path, [read_market(ROW | {"area": other.path})])
    assert refused.value.number == "BF-1118"
