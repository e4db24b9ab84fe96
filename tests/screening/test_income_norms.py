"""Norms of yield, price and cost: read, added, ended, and what is proposed for a sheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.utils import Error

from bangfu.areas.models import Area
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.register.income_sources import Asked, ProposedLine
from bangfu.register.models import Condition, Household, IncomeItem, Insurance, Membership, Work
from bangfu.screening.income_sheet.periods import yearly
from bangfu.screening.models import Norm
from bangfu.screening.norms import SHIPPED, add_norms, add_planning_ranges, end_norm, norms_at, read_norm, read_norms
from bangfu.screening.proposing import best, known_money, last_year, posts, proposals

DAY = date(2020, 4, 28)
GOOD = {
    "code": "maize", "zh": "玉米", "sort": "crop", "unit_zh": "千克", "yield_low": "300", "yield_high": "400", "price_low": "1.8", "cost_low": "250",
    "since": "2020-01-01", "source": "county price list", "verified": "是",
}  # fmt: skip


@pytest.fixture
def township(county: County) -> Area:
    return Area.objects.under(county.path).level("township").get(name="郑场镇")


def manager(path: str) -> Actor:
    return Actor(7, "x", "township_station", path, frozenset({"household.read", "area.read", "norm.manage"}))


def test_the_shipped_ranges_can_be_read_and_none_is_verified() -> None:
    rows = read_norms(SHIPPED)
    assert len(rows) >= 6
    assert not any(row.verified for row in rows)
    assert all(row.source and row.price[0] <= row.price[1] for row in rows)


def test_a_norm_from_texts() -> None:
    row = read_norm(GOOD)
    assert (row.price, row.cost, row.verified, row.until, row.en) == ((180, 180), (25_000, 25_000), True, None, "玉米")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("code", "Maize 1"),
        ("zh", ""),
        ("sort", "stone"),
        ("yield_low", "0"),
        ("yield_low", "500"),
        ("yield_low", ""),
        ("price_low", "1.234"),
        ("price_high", "1"),
        ("cost_high", "x"),
        ("since", "today"),
        ("until", "2019-12-31"),
        ("source", ""),
        ("source", "x" * 201),
        ("verified", "perhaps"),
    ],
)
def test_a_norm_that_will_not_do_says_which_column(column: str, value: str) -> None:
    with pytest.raises(Problem) as refused:
        read_norm(GOOD | {column: value}, 3)
    assert refused.value.number == "BF-1558"
    assert refused.value.values["row"] == 3
    assert "{" not in refused.value.cause.zh + refused.value.remedy.en


def test_a_file_in_either_language_is_read(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text(
        "代码,名称,类别,计价单位,单价低,起,来源\npig,猪,养殖,头,1800,2020/1/1,x\n".replace("2020/1/1", "2020-01-01"), "gb18030"
    )
    (row,) = read_norms(path)
    assert (row.code, row.sort, row.price, row.yields) == ("pig", "animal", (180_000, 180_000), None)
    path.write_text("代码,名称\nx,y\n", "utf-8")
    with pytest.raises(Problem) as refused:
        read_norms(path)
    assert refused.value.number == "BF-1558"


@pytest.mark.django_db
def test_the_nearest_norm_of_the_day_holds(county: County, township: Area) -> None:
    add_norms(county.operator(), county.path, [read_norm(GOOD), read_norm(GOOD | {"code": "rye", "until": "2020-03-01"})])
    add_norms(manager(township.path), township.path, [read_norm(GOOD | {"price_low": "2", "since": "2020-02-01"})])
    village = Area.objects.under(township.path).level("village").first()
    other = Area.objects.under(county.path).level("township").exclude(pk=township.pk).first()
    assert village is not None
    assert other is not None

    def price(path: str, day: date) -> int | None:
        return next((n.price[0] for n in norms_at(path, day) if n.code == "maize"), None)

    assert price(village.path, DAY) == 200
    assert price(village.path, date(2020, 1, 31)) == 180
    assert price(other.path, DAY) == 180
    assert price(village.path, date(2019, 12, 31)) is None
    assert "rye" not in {n.code for n in norms_at(village.path, DAY)}


@pytest.mark.django_db
def test_two_of_a_code_never_hold_at_once_and_ending_makes_way(county: County) -> None:
    operator = county.operator()
    assert add_norms(operator, county.path, [read_norm(GOOD)]) == 1
    assert add_norms(operator, county.path, [read_norm(GOOD)]) == 0
    later = read_norm(GOOD | {"price_low": "2", "since": "2020-04-01"})
    with pytest.raises(Problem) as refused:
        add_norms(operator, county.path, [read_norm(GOOD | {"code": "oats"}), later])
    assert refused.value.number == "BF-1559"
    assert not Norm.objects.filter(code="oats").exists()  # all or none
    norm = Norm.objects.get(code="maize")
    with pytest.raises(Problem):
        end_norm(operator, norm.pk, date(2020, 1, 1))
    end_norm(operator, norm.pk, date(2020, 4, 1))
    assert add_norms(operator, county.path, [later]) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM screening_norm_history WHERE code = 'maize'")
        assert cursor.fetchone()[0] <= 1
    with pytest.raises(Problem) as refused:
        end_norm(operator, norm.pk, date(2020, 4, 28))
    assert refused.value.number == "BF-1557"


@pytest.mark.django_db
def test_a_township_reads_the_countys_norms_and_writes_its_own_only(county: County, township: Area) -> None:
    add_norms(county.operator(), county.path, [read_norm(GOOD)])
    norm = Norm.objects.get(code="maize", path=county.path)
    actor = manager(township.path)
    for act in (
        lambda: add_norms(actor, county.path, [read_norm(GOOD | {"code": "x"})]),
        lambda: end_norm(actor, norm.pk, DAY),
        lambda: add_norms(Actor(7, "x", "helper", township.path, frozenset()), township.path, []),
    ):
        with pytest.raises(Problem):
            act()
    with acting(actor):
        assert Norm.objects.filter(pk=norm.pk).exists()
        # The database holds it too, whatever the code asks.
        assert Norm.objects.filter(pk=norm.pk).update(verified=False) == 0
        assert Norm.objects.filter(pk=norm.pk).delete()[0] == 0
        with pytest.raises(Error), transaction.atomic():
            Norm.objects.create(path=county.path, code="y", valid=norm.valid, price_low=1, price_high=1, sort="crop", source="x")


@pytest.mark.django_db
def test_planning_ranges_are_added_once(county: County) -> None:
    Norm.objects.all().delete()
    assert add_planning_ranges(county.operator(), county.path) == len(read_norms(SHIPPED))
    assert add_planning_ranges(county.operator(), county.path) == 0


# --- proposals


@pytest.fixture
def asked(county: County) -> Asked:
    """A household of the demo county with a sheet, asked for the year after that sheet."""
    item = IncomeItem.objects.filter(item="wage", fen__gt=0).order_by("path", "id").first()
    assert item is not None
    return Asked(county.operator(), item.household_id, date(2019, 10, 1), date(2020, 4, 1))


@pytest.mark.django_db
def test_last_years_sheet_is_proposed_item_by_item(asked: Asked) -> None:
    held = {i.item: i.fen for i in IncomeItem.objects.filter(household=asked.household) if i.fen}
    assert {p.item: p.fen for p in last_year(asked)} == held
    assert all(p.evidence for p in last_year(asked))
    assert last_year(Asked(asked.actor, asked.household, date(2000, 1, 1), date(2000, 12, 31))) == []


@pytest.mark.django_db
def test_posts_are_proposed_by_their_months(asked: Asked) -> None:
    members = list(Membership.objects.filter(household=asked.household, sort="farming").values_list("person", flat=True))
    Work.objects.filter(person__in=members).delete()
    assert posts(asked) == []
    person = members[0]
    home = Household.objects.get(pk=asked.household)
    Work.objects.create(
        person_id=person,
        path=home.path,
        valid=(date(2019, 1, 1), None),
        post_type="forest_ranger",
        post_months=6,
        evidence_id=home.evidence_id,
    )
    (line,) = posts(asked)
    assert (line.item, line.fen, line.verified, line.evidence) == ("a2_department_post", 6 * 80_000, False, (home.evidence_id,))
    assert "护林员" in line.words.zh


@pytest.mark.django_db
def test_pensions_by_age_and_allowances_without_an_amount(asked: Asked) -> None:
    members = Membership.objects.filter(household=asked.household, sort="farming")
    person = members.values_list("person", flat=True)[0]
    home = Household.objects.get(pk=asked.household)
    for model, more in ((Condition, {"minimum_allowance": True}), (Insurance, {"resident_pension": True})):
        model.objects.filter(person=person).delete()
        model.objects.create(
            person_id=person, path=home.path, valid=(date(2019, 1, 1), None), evidence_id=home.evidence_id, **more
        )
    others = members.exclude(person=person).values_list("person", flat=True)
    Insurance.objects.filter(person__in=list(others)).delete()
    Condition.objects.filter(person__in=list(others)).delete()

    def pension(born: date) -> list[ProposedLine]:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE register_person SET birth_date = %s WHERE id = %s", [born, person])
        period = yearly(date(2020, 4, 28))
        found = known_money(Asked(asked.actor, asked.household, period.first, period.last))
        assert [p.fen for p in found if p.item == "allowance"] == [None]
        return [p for p in found if p.item == "pension"]

    assert pension(date(1980, 1, 1)) == []
    assert [p.fen for p in pension(date(1940, 1, 1))] == [12 * 8_800]
    assert [p.fen for p in pension(date(1959, 6, 30))] == [3 * 8_800]  # 60 in June 2019: July to September
    assert pension(date(1959, 9, 30)) == []
    all_of_them = proposals(asked)
    assert best(all_of_them["allowance"]) is None or best(all_of_them["allowance"]).fen is not None  # type: ignore[union-attr]
