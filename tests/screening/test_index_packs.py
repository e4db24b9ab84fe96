"""The index and the proxy-means test: situations reach every state, every part from three sides, and every slip of the pen."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest
from tests.screening.test_pack import THIRDS

from bangfu.foundation.problems import Problem
from bangfu.rules.schema import DUCKDB_TYPES, HOUSEHOLD, RELATIONS
from bangfu.screening.engine import HouseholdJudge, findings_of, screen
from bangfu.screening.explain import HouseholdFacts
from bangfu.screening.pack import BOUNDS, PACKS, Pack, find_pack, load_pack
from bangfu.screening.situations import run_situations, situations_of

DAY = dt.date(2020, 4, 28)
NAMES = ("global-mpi", "proxy-means")


@pytest.fixture(scope="module", params=NAMES)
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(request.param)


def test_every_state_of_everything_found_has_a_situation(pack: Pack) -> None:
    """A score by quota has no state for one household alone: the county's screening gives it."""
    situations = situations_of(pack)
    assert len(situations) >= 40
    for score in pack.scores.values():
        seen = {s.scores[score.name]["state"] for s in situations if score.name in s.scores}
        assert seen >= set(BOUNDS if score.limit else {"unknown"}), score.name
    for proposal in pack.proposals.values():
        seen = {s.proposals[proposal.name]["state"] for s in situations if proposal.name in s.proposals}
        assert seen == {"proposed", "clue", "none", "unknown", "not_assessed"}
        codes = {code for s in situations if proposal.name in s.proposals for code in s.proposals[proposal.name]["reasons"]}
        assert codes == {r.code for r in (*proposal.grounds, *proposal.missing)}
    for sort, flags in (("hint", pack.hints), ("group", pack.groups)):
        told = [s.flags[sort] for s in situations if sort in s.flags]
        for name in flags:
            assert any(name in held for held in told), name
            assert any(name not in held for held in told), name


def test_every_part_is_held_not_held_and_unknown(pack: Pack) -> None:
    situations = situations_of(pack)
    for score in pack.scores.values():
        told = [s.scores[score.name] for s in situations if "parts" in s.scores.get(score.name, {})]
        for part in score.parts if told else ():
            assert any(part.name in one["parts"] for one in told), part.name
            assert any(part.name in one["open"] for one in told), part.name
            assert any(part.name not in one["parts"] and part.name not in one["open"] for one in told), part.name
        for reason in score.missing if score.limit else ():
            assert any(reason.code in s.scores.get(score.name, {}).get("open", ()) for s in situations), reason.code


def test_the_statement_and_the_reference_evaluation_agree(pack: Pack) -> None:
    """What is found of every situation's household, by the compiled statement and as it is explained."""
    cases = [s for s in situations_of(pack) if not s.overrides and s.as_of == DAY]
    judge = HouseholdJudge(pack, DAY)
    rows = judge.rows([(s.household, s.members) for s in cases])
    judge.close()
    for situation, row in zip(cases, rows, strict=True):
        facts = HouseholdFacts(pack, DAY, situation.household, situation.members)
        for one, other in zip(findings_of(row, pack, {}), facts.findings(), strict=True):
            assert (one.sort, one.name, one.state, one.reasons) == (other.sort, other.name, other.state, other.reasons)
            if one.sort == "score":
                assert one.values["open"] == other.values["open"]
                assert one.values["low"] == pytest.approx(other.values["low"])


def test_numbers_have_sources_and_honest_flags() -> None:
    index = load_pack("global-mpi")
    published = ("health_points", "education_points", "living_points", "poor_points", "severe_points", "vulnerable_points")
    assert all(index.parameters[name].verified_on(DAY) for name in published)
    assert all("Note" in index.parameters[name].source.en for name in published)
    assert "rudimentary_houses" in index.provisional(DAY)["mpi"]  # one structure stands for floor, roof and walls
    assert {p.name for p in load_pack("proxy-means").parameters.values() if p.verified_on(DAY)} == {"mu_per_acre"}


def test_the_index_is_no_standard_of_a_day_and_the_proxy_means_test_is() -> None:
    assert find_pack(DAY, "world") is None
    found = find_pack(DAY, "xa")
    assert found is not None
    assert found.name == "proxy-means"
    assert find_pack(dt.date(2022, 1, 1), "xa") is None


@pytest.mark.parametrize("third", THIRDS)
@pytest.mark.parametrize(
    ("name", "slips"),
    [
        (
            "global-mpi",
            [
                ("indicators.yaml", "age < nutrition_age_below", "age <= nutrition_age_below"),
                ("indicators.yaml", "age >= schooled_by_age", "age > schooled_by_age"),
                ("indicators.yaml", "years_schooled >= years_needed", "years_schooled > years_needed"),
                ("indicators.yaml", "between school_entry_age and", "between school_entry_age + 1 and"),
                ("indicators.yaml", "and class_eight_age", "and class_eight_age - 1"),
                ("indicators.yaml", "water_minutes >= minutes_to_water", "water_minutes > minutes_to_water"),
                ("indicators.yaml", "2 * water_distance_m >=", "2 * water_distance_m >"),
                ("indicators.yaml", "small_assets <= small_assets_needed", "small_assets < small_assets_needed"),
                ("indicators.yaml", "not sanitary_toilet or toilet_shared", "not sanitary_toilet"),
                ("indicators.yaml", "any(eligible) and not any", "not any"),
                ("scores.yaml", "certain_points >= severe_points", "certain_points > severe_points"),
                ("scores.yaml", "possible_points < poor_points", "possible_points <= poor_points"),
                ("parameters.yaml", "values: {2018-09-01: 3.6}", "values: {2018-09-01: 4.5}"),
                ("parameters.yaml", "values: {2018-09-01: 6}", "values: {2018-09-01: 7}"),
                ("parameters.yaml", "2020-07-01: 12", "2020-07-02: 12"),
            ],
        ),
        (
            "proxy-means",
            [
                ("facts.yaml", "age < child_until", "age <= child_until"),
                ("facts.yaml", "age >= old_from", "age > old_from"),
                ("facts.yaml", "least(square_metres_a_head, room_counted)", "square_metres_a_head"),
                ("facts.yaml", "least(acres, acres_counted)", "acres"),
                ("scores.yaml", "when: dependants_share >= many_dependants\n        zh", "when: dependants_share > many_dependants\n        zh"),
                ("scores.yaml", "proxy_points <= poor_line + near_margin\n    grounds", "proxy_points < poor_line + near_margin\n    grounds"),
                ("scores.yaml", "all(age >= alone_from)", "all(age > alone_from)"),
                ("guarantees/water.yaml", "water_distance_m <= far_m", "water_distance_m < far_m"),
                ("guarantees/school.yaml", "between school_from and", "between school_from + 1 and"),
            ],
        ),
    ],
)  # fmt: skip
def test_situations_catch_slips_of_the_pen(name: str, slips: list[tuple[str, str, str]], third: int, tmp_path: Path) -> None:
    shutil.copytree(PACKS / name, tmp_path / name)
    for file, old, new in slips[third::3]:
        path = tmp_path / name / file
        before = path.read_text(encoding="utf-8")
        assert old in before, (file, old)
        path.write_text(before.replace(old, new, 1), encoding="utf-8")
        caught = run_situations(load_pack(tmp_path / name))
        path.write_text(before, encoding="utf-8")
        assert caught, (file, old)


def test_a_quota_selects_the_lowest_share_of_those_who_are_known() -> None:
    """Ten households from 81 points down by one, one unknown: a fifth of ten is selected, whoever has the same points with them."""
    pack = load_pack("proxy-means")
    plain = next(s for s in situations_of(pack) if s.name.en == "eighty-one points")
    with duckdb.connect(":memory:") as con:
        for level, names in pack.columns.items():
            relation = "households" if level == HOUSEHOLD else RELATIONS[level]
            key = "path VARCHAR" if level == HOUSEHOLD else "person BIGINT"
            columns = ", ".join(f"{n} {DUCKDB_TYPES[pack.program.schema.columns[n].type.kind]}" for n in names)
            con.execute(f"CREATE TABLE {relation} (household BIGINT, {key}, {columns})")
        for number in range(11):
            row = dict(plain.household) | {"house_area_m2": None if number == 10 else 80 - 8 * min(number, 8)}
            for level, rows in ((HOUSEHOLD, [row | {"path": "xa/"}]), ("person", list(plain.members))):
                relation = "households" if level == HOUSEHOLD else RELATIONS[level]
                names = ["household", "path" if level == HOUSEHOLD else "person", *pack.columns[level]]
                for one in rows:
                    marks = ", ".join("?" * len(names))
                    con.execute(f"INSERT INTO {relation} VALUES ({marks})", [(one | {"household": number}).get(n) for n in names])
        result = screen(con, pack, DAY)
        assert result.findings["score"]["proxy_means"] == {"poor": 2, "not_poor": 8, "unknown": 1}
        assert result.limits["proxy_means"] == pytest.approx(73)
        assert result.indices == {}  # a score by value is no index of deprivations
        open_of = con.execute("SELECT score_proxy_means_open FROM verdicts WHERE household = 10").fetchall()[0][0]
        assert open_of == ["area_unknown"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    quota: share_selected\n", "    quota: share_selected\n    limit: poor_line\n"),
        ("zh: 住房面积, en: floor area}", "zh: '{house_area_m2}', en: floor area}"),
        ("fact: house_area_m2,", "fact: house_area,"),
        ("    value: proxy_points\n    missing: &facts", "    parts: {a: {title: {zh: 甲, en: a}, when: true, weight: base_points}}\n    missing: &facts"),
    ],
)  # fmt: skip
def test_a_badly_written_score_is_refused(old: str, new: str, tmp_path: Path) -> None:
    shutil.copytree(PACKS / "proxy-means", tmp_path / "proxy-means")
    path = tmp_path / "proxy-means" / "scores.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load_pack(tmp_path / "proxy-means")
    assert caught.value.number in ("BF-1502", "BF-1402")
    assert caught.value.values["file"] == "proxy-means/scores.yaml"
