"""Country profiles are read strictly."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bangfu.areas import profile as profiles
from bangfu.areas.profile import Profile, profile, profile_files, read_profile
from bangfu.foundation.problems import Problem

CN = profile_files()["cn"]

OTHER: dict[str, Any] = {
    "key": "xb",
    "name": {"zh": "某国", "en": "Otherland"},
    "languages": ["en"],
    "time_zone": "Africa/Nairobi",
    "currency": {"code": "XTS", "symbol": "¤", "digits": 2, "title": {"en": "crown"}, "minor": {"en": "cent"}},
    "levels": [
        {"key": "country", "title": {"en": "country"}, "kinds": [{"key": "country", "title": {"en": "Country"}}]},
        {
            "key": "county",
            "title": {"en": "county"},
            "under": ["country"],
            "kinds": [{"key": "county", "title": {"en": "County"}}],
        },
        {"key": "ward", "title": {"en": "ward"}, "under": ["county"], "kinds": [{"key": "ward", "title": {"en": "Ward"}}]},
        {"key": "hamlet", "title": {"en": "hamlet"}, "under": ["ward"], "kinds": [{"key": "hamlet", "title": {"en": "Hamlet"}}]},
    ],
    "plays": {"county": "county", "township": "ward", "village": "hamlet"},
    "code": {"key": "xb", "title": {"en": "code"}, "pattern": r"^[A-Z]\d*$"},
}


def written(tmp_path: Path, raw: Any) -> Path:
    path = tmp_path / "one.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("520000000000", "province"),
        ("520300000000", "city"),
        ("520323000000", "county"),
        ("520323001000", "township"),
        ("520323001201", "village"),
        ("52032300120", None),
    ],
)
def test_the_level_is_told_by_the_code(code: str, level: str | None, cn: Profile) -> None:
    assert cn.code.level_of(code) == level


def test_the_label_of_a_county_comes_from_its_code_and_of_a_village_not(cn: Profile) -> None:
    assert cn.code.label("520323000000", "county") == "023"
    assert cn.code.label("520323001201", "village") is None


def test_legal_grounds_begin_with_their_law(cn: Profile) -> None:
    assert [ground.key for ground in cn.grounds_on(date(2020, 4, 28))] == ["cybersecurity_law"]
    assert [ground.key for ground in cn.grounds_on(date(2021, 11, 1))] == ["pipl", "cybersecurity_law"]


def test_a_country_without_groups_and_with_other_levels_is_read(tmp_path: Path) -> None:
    other = read_profile(written(tmp_path, OTHER))
    assert other.levels_from("ward") == ["ward", "hamlet"]
    assert other.plays.group is None
    assert other.code.fits("H12", "hamlet")
    assert str(other.currency.title.en) == "crown"


def test_a_profile_in_the_offices_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, OTHER)
    monkeypatch.setenv("BANGFU_PROFILES", str(tmp_path))
    profiles.profile.cache_clear()
    try:
        assert profile("xb").name.en == "Otherland"
    finally:
        profiles.profile.cache_clear()


def test_an_unknown_country_is_a_problem() -> None:
    with pytest.raises(Problem, match="BF-1102"):
        profile("zz")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda raw: raw.pop("currency"), "currency is missing"),
        (lambda raw: raw.update(colour="red"), "colour"),
        (lambda raw: raw["currency"].update(digits="two"), "currency.digits"),
        (lambda raw: raw["levels"][2].update(under=["village"]), "levels[2]"),
        (lambda raw: raw["levels"][1].update(under=[]), "levels[1]"),
        (lambda raw: raw["levels"][1].update(label="guess"), "levels[1]"),
        (lambda raw: raw["plays"].update(village="parish"), "parish"),
        (lambda raw: raw["code"].update(pattern="("), "pattern"),
        (lambda raw: raw.update(time_zone="Asia/Suiyang"), "time_zone"),
        (lambda raw: raw.update(key="China"), "key"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_place(tmp_path: Path, change: Any, where: str) -> None:
    raw = yaml.safe_load(CN.read_text("utf-8"))
    change(raw)
    with pytest.raises(Problem) as caught:
        read_profile(written(tmp_path, raw))
    assert caught.value.number == "BF-1101"
    assert where in str(caught.value)
