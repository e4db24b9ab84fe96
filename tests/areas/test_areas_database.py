"""Areas in the database: the tree, dated names and codes, scope, search, loads that are read twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.areas.actions import (
    Centre,
    GroupRow,
    add_groups,
    draw_cells,
    end_areas,
    load_areas,
    recode_area,
    recode_areas,
    refresh_names,
    rename_area,
    set_centres,
)
from bangfu.areas.files import DATA, AreaRow, read_areas, read_changes, read_seats
from bangfu.areas.loading import Loaded, base36
from bangfu.areas.models import Area, AreaCell, AreaCode, AreaName, ancestors
from bangfu.areas.timeline import AreaChange
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.problems import Problem

pytestmark = pytest.mark.django_db

SPRINT, EDITION_2023, BEGIN = date(2020, 4, 28), date(2023, 6, 30), date(2014, 1, 1)
CHANGED = date(2022, 10, 31)
People = Callable[..., Actor]


def code_on(loaded: Loaded, code_2023: str, day: date) -> str | None:
    return Area.objects.with_code(day, "nbs12").values_list("code_on", flat=True).get(path=loaded.paths[code_2023])


def name_on(loaded: Loaded, code_2023: str, day: date) -> str | None:
    return Area.objects.with_name(day).values_list("name_on", flat=True).get(path=loaded.paths[code_2023])


def test_the_county_is_loaded_as_one_tree(suiyang: Loaded) -> None:
    assert len(suiyang.added) == 137
    county = Area.objects.get(path=suiyang.paths["520323000000"])
    assert county.path == "cn/052/003/023/"
    assert [area.name for area in Area.objects.breadcrumb(county.path)] == ["中国", "贵州省", "遵义市", "绥阳县"]
    assert Area.objects.children_of(county).count() == 15
    assert Area.objects.under(county.path).level("village").count() == 119
    for area in Area.objects.exclude(parent=None).select_related("parent"):
        assert area.parent is not None
        assert area.path[:-4] == area.parent.path
    kinds = Area.objects.under(county.path).level("township").values_list("kind", flat=True)
    assert sorted(kinds) == ["subdistrict", *["town"] * 12, *["township"] * 2]


def test_codes_of_the_sprint_and_of_2023_differ(suiyang: Loaded) -> None:
    changed = {
        code: (code_on(suiyang, code, SPRINT), code_on(suiyang, code, EDITION_2023))
        for code in suiyang.paths
        if code_on(suiyang, code, SPRINT) != code_on(suiyang, code, EDITION_2023)
    }
    assert changed == {
        "520323103209": ("520323103002", "520323103209"),
        "520323104210": ("520323104005", "520323104210"),
        "520323106208": ("520323106001", "520323106208"),
        "520323110207": ("520323110001", "520323110207"),
    }
    assert code_on(suiyang, "520323103209", CHANGED - timedelta(days=1)) == "520323103002"
    assert code_on(suiyang, "520323103209", CHANGED) == "520323103209"


def test_names_of_the_sprint_and_of_2023_differ(suiyang: Loaded) -> None:
    assert (name_on(suiyang, "520323103003", SPRINT), name_on(suiyang, "520323103003", EDITION_2023)) == ("蒲场社区", "洛江社区")
    assert (name_on(suiyang, "520323200204", SPRINT), name_on(suiyang, "520323200204", EDITION_2023)) == ("长杨村", "长阳村")
    assert Area.objects.get(path=suiyang.paths["520323103003"]).name == "蒲场社区"
    yian = Area.objects.get(path=suiyang.paths["520323103209"])
    assert (yian.name, yian.kind) == ("宜安社区", "community")


def test_communities_of_2020_are_26_and_of_2023_are_22(suiyang: Loaded) -> None:
    for day, communities in ((SPRINT, 26), (EDITION_2023, 22)):
        names = AreaName.objects.on(day).filter(area__level="village")
        assert names.count() == 119
        assert names.filter(kind="community").count() == communities


def test_the_source_of_a_former_code_is_told(suiyang: Loaded) -> None:
    assert AreaCode.objects.get(code="520323103002").edition == "changes"
    assert "2022" in AreaCode.objects.get(code="520323103002").source
    assert AreaCode.objects.get(code="520323103209").edition == "2023"


def test_reading_the_same_list_again_changes_nothing(suiyang: Loaded, owner: Actor, rows: list[AreaRow]) -> None:
    def everything() -> list[object]:
        return [list(model.objects.order_by("pk").values_list()) for model in (Area, AreaName, AreaCode)]

    before = everything()
    changes = read_changes(DATA / "cn-520323-changes.csv")
    for again in (changes, []):
        result = load_areas(owner, rows, edition="2023", valid_from=BEGIN, changes=again)
        assert (result.added, result.renamed, result.recoded, result.unchanged) == ([], [], [], 137)
    assert everything() == before


def test_an_edition_that_follows_another_dates_what_changed(
    no_areas: None, owner: Actor, rows: list[AreaRow], sprint_day: date
) -> None:
    changes = read_changes(DATA / "cn-520323-changes.csv")
    former = {change.new_code: change for change in changes}
    old = [
        AreaRow(former[row.code].old_code, former[row.code].old_name, row.level, row.parent, line=row.line)
        if row.code in former
        else row
        for row in rows
    ]
    first = load_areas(owner, old, edition="2020", valid_from=BEGIN)
    second = load_areas(owner, rows, edition="2023", valid_from=CHANGED, changes=changes)
    assert second.added == []
    assert len(second.recoded) == 4
    assert len(second.renamed) == 9
    assert second.paths["520323103209"] == first.paths["520323103002"]
    assert code_on(second, "520323103209", SPRINT) == "520323103002"
    assert code_on(second, "520323103209", EDITION_2023) == "520323103209"
    # The older list, read again by mistake, does not turn the clock back.
    third = load_areas(owner, old, edition="2020", valid_from=BEGIN)
    assert third.recoded == third.renamed == third.added == []


def test_a_list_of_one_township_leaves_the_others_alone_and_names_them(
    suiyang: Loaded, owner: Actor, rows: list[AreaRow]
) -> None:
    some = [row for row in rows if row.code.startswith("520323001") or row.level in ("province", "city", "county")]
    result = load_areas(owner, some, edition="2023", valid_from=date(2023, 7, 1))
    assert result.unchanged == len(some)
    assert len(result.absent) == 137 - len(some)
    assert Area.objects.on(date(2023, 7, 2)).level("village").count() == 119


def test_labels_are_never_used_again(suiyang: Loaded, owner: Actor, rows: list[AreaRow]) -> None:
    path = suiyang.paths["520323201206"]
    end_areas(owner, [path], on=date(2021, 1, 1))
    row = AreaRow("520323201207", "新大寨村村民委员会", "village", "520323201000", line=2)
    result = load_areas(owner, [row], edition="x", valid_from=date(2021, 1, 1))
    assert result.added == [path[:-4] + "007/"]


def test_a_wrong_row_is_refused_with_its_number_and_nothing_is_written(suiyang: Loaded, owner: Actor) -> None:
    good = AreaRow("520323001298", "乙村", "village", "520323001000", line=6)
    wrong = [
        (AreaRow("520323001299", "甲村", "village", "520323009000", line=7), "BF-1106"),
        (AreaRow("520323001299", "甲村", "village", "520323000000", line=7), "BF-1106"),
        (AreaRow("520323001299", "甲村", "township", "520323000000", line=7), "BF-1104"),
        (AreaRow("52032300129", "甲村", "village", "520323001000", line=7), "BF-1104"),
        (AreaRow("520323001299", "甲村", "hamlet", "520323001000", line=7), "BF-1112"),
        (AreaRow("520323001201", "桑木村", "village", "520323101000", line=7), "BF-1107"),
    ]
    for row, number in wrong:
        with pytest.raises(Problem) as caught:
            load_areas(owner, [good, row], edition="x", valid_from=BEGIN)
        assert caught.value.number == number
        assert "7" in str(caught.value)
        assert not Area.objects.filter(name="乙村").exists()


def test_a_code_twice_in_a_list_is_refused(suiyang: Loaded, owner: Actor, rows: list[AreaRow]) -> None:
    with pytest.raises(Problem, match="BF-1105"):
        load_areas(owner, [*rows, rows[-1]], edition="x", valid_from=BEGIN)


def test_a_code_that_was_another_areas_is_refused_for_that_time(suiyang: Loaded, owner: Actor) -> None:
    # 宜安 bore 520323103002 until the change: in 2020 the code meant it, which lies in another township.
    row = AreaRow("520323103002", "新社区居民委员会", "village", "520323104000", line=2)
    with pytest.raises(Problem, match="BF-1107"):
        load_areas(owner, [row], edition="x", valid_from=BEGIN)
    row = AreaRow("520323103002", "新社区居民委员会", "village", "520323103000", line=2)
    later = load_areas(owner, [row], edition="x", valid_from=date(2024, 1, 1))
    assert len(later.added) == 1
    assert Area.objects.by_code("520323103002", SPRINT, "nbs12").get().path == suiyang.paths["520323103209"]
    assert Area.objects.by_code("520323103002", date(2024, 1, 1), "nbs12").get().path == later.added[0]


def test_two_areas_that_would_bear_one_code_on_a_day_are_refused(suiyang: Loaded, owner: Actor) -> None:
    rows = [
        AreaRow("520323001298", "乙村", "village", "520323001000", line=2),
        AreaRow("520323001299", "丙村", "village", "520323001000", line=3),
    ]
    change = AreaChange("520323001298", "520323001299", "丙社区", "丙村", date(2020, 1, 1))
    with pytest.raises(Problem, match="BF-1105"):
        load_areas(owner, rows, edition="x", valid_from=BEGIN, changes=[change])
    # From the day of the change on the code is free for another.
    later = load_areas(owner, rows, edition="x", valid_from=date(2020, 1, 1), changes=[change])
    assert len(later.added) == 2
    assert {row.code: Area.objects.by_code(row.code, SPRINT, "nbs12").get().name for row in rows} == {
        row.code: row.name for row in rows
    }


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_text("code,name,parent\n", "utf-8")
    with pytest.raises(Problem, match="level"):
        read_areas(path)


def test_siblings_with_a_common_beginning_stay_apart(suiyang: Loaded, owner: Actor, person: People) -> None:
    """`cn/1` must not show `cn/10`: labels have one width, and every path ends with its separator."""
    top = Area.objects.get(path="cn/")
    for label in ("001", "0010"):
        row = Area(
            path=f"cn/{label}/", parent=top, level="province", depth=1, kind="province", name=label, official_name=label, name_en=label,
            pinyin=label, initials="0", search_key=label, valid=DateRange(BEGIN, None),
        )  # fmt: skip
        if label == "001":
            row.save()
        else:
            with pytest.raises(IntegrityError, match="area_path_closed"), transaction.atomic():
                row.save()
    Area.objects.create(
        path="cn/001/00z/", parent=Area.objects.get(path="cn/001/"), level="city", depth=2, kind="city", name="z", official_name="z", name_en="z",
        pinyin="z", initials="z", search_key="z", valid=DateRange(BEGIN, None),
    )  # fmt: skip
    assert set(Area.objects.under("cn/001/").values_list("path", flat=True)) == {"cn/001/", "cn/001/00z/"}
    with pytest.raises(ValueError, match="separator"):
        Area.objects.under("cn/001")
    seen = set(Area.objects.visible_to(person("cn/001/")).values_list("path", flat=True))
    assert seen == {"cn/", "cn/001/", "cn/001/00z/"}


def test_a_path_that_is_not_closed_is_refused_by_the_database(suiyang: Loaded) -> None:
    for path in ("cn", "cn/052", "cn/52/", "cn/05A/", "CN/", "cn//", "cn/052/03/"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Area.objects.filter(path=suiyang.paths["520323201206"]).update(path=path)


def test_ancestors_are_the_prefixes_of_a_path() -> None:
    assert ancestors("cn/052/003/") == ["cn/", "cn/052/"]
    assert ancestors("cn/") == []


def test_base36_labels_sort_as_they_count() -> None:
    labels = [base36(number) for number in (0, 1, 9, 10, 35, 36, 1295, 1296, 46655)]
    assert labels == sorted(labels)
    assert {len(label) for label in labels} == {3}
    with pytest.raises(ValueError, match="siblings"):
        base36(46656)


def test_a_scope_shows_what_lies_within_and_the_way_up(suiyang: Loaded, person: People) -> None:
    township = suiyang.paths["520323103000"]
    seen = Area.objects.visible_to(person(township))
    assert seen.level("village").count() == 9
    assert [area.name for area in seen.exclude(level="village").order_by("path")] == [
        "中国",
        "贵州省",
        "遵义市",
        "绥阳县",
        "蒲场镇",
    ]
    assert not Area.objects.visible_to(person("")).exists()


def test_row_level_security_shows_areas_to_whoever_has_a_scope_and_to_nobody_else(suiyang: Loaded, person: People) -> None:
    for model in (Area, AreaName, AreaCode, AreaCell):
        model.objects.count()
    with acting(person(suiyang.paths["520323103000"])):
        assert Area.objects.count() == 138
        assert AreaCode.objects.exists()
    with acting(person("")):
        assert not Area.objects.exists()
        assert not AreaName.objects.exists()
        assert not AreaCode.objects.exists()
    # The same connection has now served somebody: without a scope it still shows nothing, history included.
    with acting(person("")), connection.cursor() as cursor:
        for table in (
            "areas_area",
            "areas_areaname",
            "areas_areacode",
            "areas_areacell",
            "areas_area_history",
            "areas_areacode_history",
        ):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table


def test_a_person_cannot_write_areas(suiyang: Loaded, person: People, rows: list[AreaRow]) -> None:
    user = person("cn/", "area.read", "area.manage")
    with pytest.raises(Problem, match="BF-1001"):
        load_areas(user, rows, edition="x", valid_from=BEGIN)
    with pytest.raises(Problem, match="BF-1001"):
        draw_cells(user, Area.objects.get(path="cn/052/003/023/"))
    with pytest.raises((ProgrammingError, InternalError), match="permission denied"), acting(user):
        Area.objects.filter(path="cn/").update(name="x")


def test_groups_are_added_once_however_they_are_written(with_groups: Loaded, owner: Actor) -> None:
    village = with_groups.paths["520323001201"]
    assert [a.name for a in Area.objects.under(village).level("group").order_by("path")] == ["第一村民小组", "二组", "十二组"]
    again = add_groups(
        owner,
        [GroupRow(village, "1组"), GroupRow(village, "13组"), GroupRow(village, "第十三组"), GroupRow(village, "１２组")],
        valid_from=BEGIN,
    )
    assert [area.name for area in again] == ["第一村民小组", "13组", "13组", "十二组"]
    assert again[1].pk == again[2].pk
    assert Area.objects.under(village).level("group").count() == 4
    grid = Area.objects.under(village).level("grid").get()
    nested = add_groups(owner, [GroupRow(grid.path, "一组")], valid_from=BEGIN)[0]
    assert nested.path.startswith(grid.path)
    assert nested.pk != again[0].pk
    assert add_groups(owner, [], valid_from=BEGIN) == []


def test_a_group_has_a_village_above_it(suiyang: Loaded, owner: Actor) -> None:
    for parent, level in (("cn/052/", "group"), ("cn/zzz/", "group"), ("cn/052/003/023/", "village")):
        with pytest.raises(Problem, match="BF-1106"):
            add_groups(owner, [GroupRow(parent, "一组", level)], valid_from=BEGIN)


def test_two_thousand_groups_take_a_handful_of_statements(
    suiyang: Loaded, owner: Actor, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    villages = Area.objects.level("village").values_list("path", flat=True)
    rows = [GroupRow(path, f"{number}组") for path in villages for number in range(1, 17)]
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        made = add_groups(owner, rows, valid_from=BEGIN)
    assert len({area.path for area in made}) == 119 * 16


def test_a_renamed_area_keeps_its_former_name_and_path(suiyang: Loaded, owner: Actor) -> None:
    area = Area.objects.get(path=suiyang.paths["520323001202"])
    day = date(2021, 5, 1)
    rename_area(owner, area, "新兴村村民委员会", on=day)
    assert name_on(suiyang, "520323001202", day - timedelta(days=1)) == "兴隆村"
    assert name_on(suiyang, "520323001202", day) == "新兴村"
    assert Area.objects.get(pk=area.pk).name == "兴隆村"  # today is 2020
    with clock.standing_at(day):
        assert refresh_names(owner) == 1
        assert Area.objects.get(pk=area.pk).name == "新兴村"
        assert refresh_names(owner) == 0
    assert [hit.pk for hit in Area.objects.search("兴隆村")] == [area.pk]
    with pytest.raises(Problem, match="BF-1111"):
        rename_area(owner, area, "更早村", on=BEGIN)
    with pytest.raises(Problem, match="BF-1108"):
        rename_area(owner, Area(path="cn/zzz/"), "无村", on=day)


def test_a_change_leaves_its_trace_in_recorded_time(suiyang: Loaded, owner: Actor) -> None:
    area = Area.objects.get(path=suiyang.paths["520323001202"])
    with clock.standing_at(date(2020, 5, 2)), acting(system("cn/", "registrar")):
        rename_area(system("cn/", "registrar"), area, "新兴村", on=date(2020, 5, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, recorded_until::date FROM areas_areaname_history WHERE area_id = %s", [area.pk])
        assert cursor.fetchall() == [("兴隆村", date(2020, 5, 2))]
        cursor.execute("SELECT name FROM areas_area_history WHERE id = %s", [area.pk])
        assert cursor.fetchall() == [("兴隆村",)]


def test_codes_can_be_swapped_and_never_shared(suiyang: Loaded, owner: Actor) -> None:
    one, other = suiyang.paths["520323001201"], suiyang.paths["520323001202"]
    day = date(2021, 1, 1)
    recode_areas(owner, {one: "520323001202", other: "520323001201"}, on=day, edition="x")
    assert Area.objects.by_code("520323001201", day, "nbs12").get().path == other
    assert Area.objects.by_code("520323001201", SPRINT, "nbs12").get().path == one
    area = Area.objects.get(path=one)
    with pytest.raises(Problem, match="BF-1105"):
        recode_area(owner, area, "520323001203", on=date(2022, 1, 1), edition="x")
    with pytest.raises(Problem, match="BF-1104"):
        recode_area(owner, area, "520323001000", on=date(2022, 1, 1), edition="x")


def test_the_database_itself_refuses_a_second_code_or_bearer_at_a_time(suiyang: Loaded) -> None:
    one, other = (Area.objects.get(path=suiyang.paths[code]) for code in ("520323001201", "520323001202"))
    for area, code, name in (
        (one, "520323001299", "area_one_code_at_a_time"),
        (other, "520323001201", "area_code_means_one_area"),
    ):
        scheme = "nbs12"
        if name == "area_code_means_one_area":
            other.codes.all().delete()  # type: ignore[attr-defined]
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            AreaCode.objects.create(area=area, scheme=scheme, code=code, valid=DateRange(SPRINT, None), edition="x", source="")
    with pytest.raises(IntegrityError, match="area_one_name_at_a_time"), transaction.atomic():
        AreaName.objects.create(
            area=one, name="x", official_name="x", name_en="x", kind="village", valid=DateRange(SPRINT, None), source=""
        )


def test_an_ended_village_ends_with_its_groups_names_and_codes(with_groups: Loaded, owner: Actor) -> None:
    path, day = with_groups.paths["520323001201"], date(2021, 1, 1)
    ended = end_areas(owner, [path], on=day)
    assert len(ended) == 5
    assert Area.objects.on(day - timedelta(days=1)).under(path).count() == 5
    assert not Area.objects.on(day).under(path).exists()
    assert not AreaName.objects.on(day).filter(area__path__startswith=path).exists()
    assert not AreaCode.objects.on(day).filter(area__path__startswith=path).exists()
    assert AreaCode.objects.on(SPRINT).get(area__path=path).edition == "2023"


def test_a_place_is_found_by_name_pinyin_initials_and_code(suiyang: Loaded) -> None:
    expected = {
        "桑木村": "桑木村",
        "桑木": "桑木村",
        "sangmu": "桑木村",
        "Sang Mu": "桑木村",
        "smc": "桑木村",
        "520323001201": "桑木村",
        "洛江": "蒲场社区",  # a later name finds the area too
        "蒲场": "蒲场镇",  # the higher area first
        "郑场镇": "郑场镇",
        "zhengchang": "郑场镇",
    }
    assert {text: Area.objects.search(text)[0].name for text in expected} == expected


def test_what_is_no_place_finds_nothing(suiyang: Loaded) -> None:
    for text in ("", "  ", "angmu", "%", "_", "不存在村", "'; DROP TABLE areas_area; --"):
        assert not Area.objects.search(text).exists(), text


def test_search_finds_both_villages_of_one_name_and_keeps_to_the_scope(suiyang: Loaded, person: People) -> None:
    assert {hit.path for hit in Area.objects.search("凤凰村")} == {suiyang.paths["520323101205"], suiyang.paths["520323110203"]}
    inside = Area.objects.visible_to(person(suiyang.paths["520323110000"])).search("凤凰村")
    assert [hit.path for hit in inside] == [suiyang.paths["520323110203"]]


def test_centres_are_set_in_bulk(suiyang: Loaded, owner: Actor) -> None:
    path = suiyang.paths["520323001000"]
    assert set_centres(owner, [Centre(path, 107.1877, 27.95786, schematic=False, altitude_m=860)]) == 1
    area = Area.objects.get(path=path)
    assert (area.lon, area.lat, area.schematic, area.altitude_m) == (107.1877, 27.95786, False, 860)
    with pytest.raises(Problem, match="BF-1108"):
        set_centres(owner, [Centre("cn/zzz/", 0, 0, schematic=True)])


def test_cells_are_drawn_and_kept_for_all_but_groups(with_groups: Loaded, owner: Actor) -> None:
    county = Area.objects.get(path=with_groups.paths["520323000000"])
    seats = read_seats(DATA / "cn-520323-seats.csv")
    drawn = draw_cells(owner, county, None, seats=seats)
    assert len(drawn) == AreaCell.objects.count() == 1 + 15 + 119
    assert all(cell.schematic for cell in drawn)
    town = Area.objects.get(path=with_groups.paths["520323001000"])
    assert (town.lon, town.lat, town.schematic) == (107.1877, 27.95786, False)
    assert Area.objects.level("village").filter(schematic=True, lon__isnull=False).count() == 119
    digests = set(AreaCell.objects.values_list("digest", flat=True))
    draw_cells(owner, county, None, seats=seats)
    assert set(AreaCell.objects.values_list("digest", flat=True)) == digests
    assert not AreaCell.objects.filter(area__level="group").exists()
