"""Names: how they are shown, compared and searched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.areas import naming
from bangfu.areas.profile import Profile, profile


@pytest.mark.parametrize(
    ("official", "level", "shown"),
    [
        ("桑木村村民委员会", "village", "桑木村"),
        ("桑木村委会", "village", "桑木村"),
        ("冯村村村民委员会", "village", "冯村村"),
        ("冯村村委会", "village", "冯村村"),
        ("回龙村民委员会", "village", "回龙村"),
        ("东街社区居民委员会", "village", "东街社区"),
        ("蒲场居委会", "village", "蒲场居委会"),
        ("洋川街道办事处", "township", "洋川街道"),
        ("郑场镇", "township", "郑场镇"),
    ],
)
def test_official_names_are_shown_as_people_write_them(official: str, level: str, shown: str, cn: Profile) -> None:
    assert naming.shown(official, level, cn) == shown


@pytest.mark.parametrize("written", ["桑木村村民委员会", "桑木村委会", "桑木村", "桑木", " 桑木 村 ", "桑木行政村"])
def test_all_ways_to_write_a_village_have_one_stem(written: str, cn: Profile) -> None:
    assert naming.stem(written, "village", cn) == "桑木"


@pytest.mark.parametrize(
    ("written", "stem"),
    [
        ("第一村民小组", "1"),
        ("1组", "1"),
        ("０1 组", "1"),
        ("十组", "10"),
        ("十二组", "12"),
        ("二十组", "20"),
        ("一百零三组", "103"),
        ("大坪组", "大坪"),
        ("组", "组"),
    ],
)
def test_numbered_groups_are_compared_as_numbers(written: str, stem: str, cn: Profile) -> None:
    assert naming.stem(written, "group", cn) == stem


def test_a_village_named_by_a_number_stays_a_name(cn: Profile) -> None:
    assert naming.stem("七九村", "village", cn) == "七九"
    assert naming.stem("红五社区", "village", cn) == "红五"


@given(st.text(alphabet="村社区委会民居小组东大坪一二十", min_size=1, max_size=9))
def test_a_stem_is_never_empty(name: str) -> None:
    for level in ("township", "village", "group"):
        assert naming.stem(name, level, profile("cn"))


@pytest.mark.parametrize(
    ("name", "kind", "level", "english"),
    [
        ("桑木村", "village", "village", "Sangmu Village"),
        ("洋川街道", "subdistrict", "township", "Yangchuan Subdistrict"),
        ("十二组", "group", "group", "Group 12"),
        ("０３组", "group", "group", "Group 3"),
        ("North Ward", "community", "village", "North Ward"),
    ],
)
def test_english_readers_get_a_name_in_latin_letters(name: str, kind: str, level: str, english: str, cn: Profile) -> None:
    assert naming.english(name, kind, level, cn) == english


def test_the_kind_is_told_by_the_name_before_the_code(cn: Profile) -> None:
    assert cn.level("township").kind_of("大路槽乡", "520323101000").key == "township"
    assert cn.level("township").kind_of("洋川街道办事处").key == "subdistrict"
    assert cn.level("village").kind_of("某林场", "520323101501"[:9] + "001").key == "community"
    assert cn.level("village").kind_of("某林场", "520323101203").key == "village"


def test_search_keys_begin_at_syllables_and_initials_only() -> None:
    key = naming.search_key(["桑木村"], ["520323001201"])
    for text in ("sangmu", "mucun", "smc", "mc", "5203230012"):
        assert f" {text}" in key
    assert " angmu" not in key
    assert "桑木" in key
