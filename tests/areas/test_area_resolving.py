"""Which area a row of a workbook means."""

from __future__ import annotations

from datetime import date

import pytest

from bangfu.areas.files import AreaRow
from bangfu.areas.loading import Loaded
from bangfu.areas.models import LOOKUP_SCHEMA, Area
from bangfu.areas.profile import Profile
from bangfu.areas.resolving import RESOLVED_SCHEMA, Resolver

pytestmark = pytest.mark.django_db
SPRINT = date(2020, 4, 28)


@pytest.fixture
def resolver(with_groups: Loaded, cn: Profile) -> Resolver:
    return Resolver(Area.objects.lookup_table(SPRINT, cn), cn)


def test_the_lookup_table_has_every_village_with_all_its_names_and_codes(with_groups: Loaded, cn: Profile) -> None:
    table = Area.objects.lookup_table(SPRINT, cn)
    assert table.schema == LOOKUP_SCHEMA
    assert table.num_rows == 119 + 6
    row = next(row for row in table.to_pylist() if row["path"] == with_groups.paths["520323103209"])
    assert row["code"] == "520323103002"
    assert row["name"] == "宜安社区"
    assert row["codes"] == ["520323103002", "520323103209"]
    assert set(row["names"]) == {"宜安社区", "宜安社区居委会", "宜安村", "宜安村村民委员会"}
    assert row["stems"] == ["宜安"]
    assert (row["township_name"], row["township_stems"], row["township_code"]) == ("蒲场镇", ["蒲场"], "520323103000")
    group = next(row for row in table.to_pylist() if row["name"] == "十二组")
    assert group["stems"] == ["12"]
    assert group["village_path"] == with_groups.paths["520323001201"]
    assert group["township_name"] == "洋川街道"


def test_the_lookup_table_takes_few_statements(with_groups: Loaded, cn: Profile, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(4):  # type: ignore[operator]
        Area.objects.lookup_table(SPRINT, cn)


def test_a_former_and_a_later_code_find_the_village(resolver: Resolver, with_groups: Loaded) -> None:
    for code in ("520323103002", "520323103209"):
        found = resolver.one(code=code)
        assert (found.status, found.how) == ("found", "code")
        assert found.area is not None
        assert found.area["path"] == with_groups.paths["520323103209"]


def test_a_repeated_name_is_told_by_its_township(resolver: Resolver, with_groups: Loaded) -> None:
    for township, village in (
        ("郑场镇", "凤凰村"),
        ("郑场", "凤凰"),
        ("郑场乡", "凤凰村委会"),
        ("郑场镇", "凤凰村村民委员会"),
        (" 郑场镇 ", "凤凰 村"),
        ("520323101000", "凤凰村"),
    ):
        found = resolver.one(township=township, village=village)
        assert (found.status, found.how) == ("found", "township_village"), township
        assert found.area is not None
        assert found.area["path"] == with_groups.paths["520323101205"]


def test_a_repeated_name_alone_is_ambiguous_and_names_all(resolver: Resolver, with_groups: Loaded) -> None:
    found = resolver.one(village="凤凰村")
    assert (found.status, found.area) == ("ambiguous", None)
    assert set(found.candidates) == {with_groups.paths["520323101205"], with_groups.paths["520323110203"]}


def test_a_single_name_alone_is_found_and_says_so(resolver: Resolver) -> None:
    found = resolver.one(village="桑木村")
    assert (found.status, found.how) == ("found", "village_alone")


def test_a_name_that_two_villages_bore_is_ambiguous(resolver: Resolver, with_groups: Loaded) -> None:
    """蒲场社区 was 520323103003 until 2022 and is 520323103001 since: only the code can tell."""
    found = resolver.one(township="蒲场镇", village="蒲场社区")
    assert found.status == "ambiguous"
    assert set(found.candidates) == {with_groups.paths["520323103001"], with_groups.paths["520323103003"]}
    assert resolver.one(code="520323103001", township="蒲场镇", village="蒲场社区").status == "found"
    assert resolver.one(township="蒲场镇", village="洛江社区").status == "found"
    assert resolver.one(township="蒲场镇", village="蒲场居委会").status == "found"


def test_a_whole_name_goes_before_a_shortened_one(resolver: Resolver, with_groups: Loaded) -> None:
    """冯村 is the short form of 冯村村, not a village called 冯."""
    found = resolver.one(township="枧坝镇", village="冯村")
    assert found.area is not None
    assert found.area["path"] == with_groups.paths["520323106203"]


def test_a_code_and_a_name_that_disagree_are_a_contradiction(resolver: Resolver, with_groups: Loaded) -> None:
    found = resolver.one(code="520323001201", township="洋川街道", village="兴隆村")
    assert found.status == "contradiction"
    assert set(found.candidates) == {with_groups.paths["520323001201"], with_groups.paths["520323001202"]}
    assert resolver.one(code="520323001201", township="郑场镇").status == "contradiction"
    assert resolver.one(code="520323001201", township="郑场镇", village="桑木村").status == "contradiction"
    assert resolver.one(code="520323001201", township="洋川", village="桑木").status == "found"


def test_what_is_not_known_is_not_guessed(resolver: Resolver) -> None:
    for words in (
        {"code": "520323999999"},
        {"township": "郑场镇", "village": "桑木村"},
        {"township": "无镇", "village": "桑木村"},
        {"village": "不存在村"},
        {"township": "郑场镇"},
        {},
    ):
        found = resolver.one(**words)
        assert (found.status, found.area) == ("unknown", None), words


def test_groups_are_found_within_their_village(resolver: Resolver, with_groups: Loaded) -> None:
    for group, name in (
        ("1组", "第一村民小组"),
        ("第一组", "第一村民小组"),
        ("12", "十二组"),
        ("02组", "二组"),
        ("第1网格", "第一网格"),
    ):
        found = resolver.one(township="洋川街道", village="桑木村", group=group)
        assert found.status == "found"
        assert found.area is not None
        assert found.area["name"] == name
        assert found.area["path"].startswith(with_groups.paths["520323001201"])
        assert found.village is not None
        assert found.village["path"] == with_groups.paths["520323001201"]


def test_an_unknown_group_leaves_the_village(resolver: Resolver, with_groups: Loaded) -> None:
    found = resolver.one(code="520323001201", group="大坪组")
    assert found.status == "group_unknown"
    assert found.area is not None
    assert found.area["path"] == with_groups.paths["520323001201"]


def test_distinct_words_become_a_table_to_join(resolver: Resolver, rows: list[AreaRow]) -> None:
    words = [(None, "郑场镇", "凤凰村", None)] * 3 + [(None, None, "凤凰村", None), ("520323001201", None, None, "1组")]
    table = resolver.table(words)
    assert table.schema == RESOLVED_SCHEMA
    assert table["status"].to_pylist() == ["found", "ambiguous", "found"]
    assert len(table["candidates"][1]) == 2
    assert table["path"][2].as_py() != table["village_path"][2].as_py()


def test_every_village_of_the_list_resolves_by_code_and_by_names(
    resolver: Resolver, with_groups: Loaded, rows: list[AreaRow]
) -> None:
    names = {row.code: row.name for row in rows}
    for row in rows:
        if row.level != "village":
            continue
        by_code = resolver.one(code=row.code)
        assert by_code.area is not None
        assert by_code.area["path"] == with_groups.paths[row.code]
        by_name = resolver.one(township=names[row.parent], village=row.name)
        if row.name == "蒲场社区居民委员会":
            assert by_name.status == "ambiguous"
        else:
            assert by_name.area is not None
            assert by_name.area["path"] == with_groups.paths[row.code]
