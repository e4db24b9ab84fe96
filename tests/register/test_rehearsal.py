"""What an import would do, row by row; that applying does exactly that; refused rows handed back; places that only people can tell."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.register.asking import counts, one
from tests.register.workbooks import identity, member, xlsx

from bangfu.areas.models import Area
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.register.actions import Outcome, import_files, read_places
from bangfu.register.importing.opening import read_raw
from bangfu.register.importing.reading import RETURNED

Put = Callable[..., Outcome]
pytestmark = pytest.mark.django_db
D1, D2, D3 = date(2020, 1, 31), date(2020, 3, 31), date(2020, 4, 20)
NUMBERS = {name: identity(sequence=340 + n) for n, name in enumerate(("甲一", "甲二", "乙一", "乙二", "丙一"))}


def row(name: str, household: str = "T1", relation: str = "户主", **more: Any) -> dict[str, Any]:
    return member(household, relation, 姓名=name, 证件号码=NUMBERS[name], **more)


def sheet(path: str | None) -> list[dict[str, str]]:
    assert path is not None
    assert Path(path).stat().st_mode & 0o777 == 0o600
    heading, *rows = [[c or "" for c in r.values()] for r in read_raw(Path(path)).to_pylist()]
    return [dict(zip(heading, r, strict=True)) for r in rows]


def by_row(outcome: Outcome) -> list[tuple[str, str, str, str, str]]:
    """Row, outcome, field, old and new of every line."""
    return [
        (r["行 row"], r["结果 outcome"].split()[1], r["field"], r["原值 old"], r["新值 new"]) for r in sheet(outcome.rows_report)
    ]


def test_a_rehearsal_tells_every_row_and_changes_nothing(put: Put) -> None:
    put([row("甲一", 危房级别="C级"), row("甲二", relation="配偶"), row("乙一", "T2", 文化程度="小学")], D2)
    before = counts()
    outcome = put(
        [
            row("甲一", 危房级别="B级", 人均用水量=40),
            row("甲二", relation="配偶"),
            row("乙一", "T2", 文化程度="小学"),
            row("乙二", "T2", "配偶"),
            row("丙一", "T3", 文化程度="不知道"),
        ],
        D3,
        name="later.xlsx",
        dry_run=True,
    )
    assert counts() == before
    assert not outcome.applied
    assert outcome.rows_counts == {"created": 1, "changed": 1, "unchanged": 2, "refused": 1}
    said = by_row(outcome)
    assert ("4", "changed", "Grade of the house", "C", "B") in [
        (a, b, "Grade of the house", d[0], e[0]) for a, b, c, d, e in said if d
    ]
    assert [line[:2] for line in said if line[1] == "created"] == [("7", "created")]
    (wrong,) = [r for r in sheet(outcome.rows_report) if r["结果 outcome"].endswith("refused")]
    assert (wrong["行 row"], wrong["编号 number"]) == ("8", "BF-1206")
    assert all(number not in str(sheet(outcome.rows_report)) for number in NUMBERS.values())


def test_an_older_row_is_told_as_older(put: Put) -> None:
    put([row("甲一", 危房级别="B级")], D2)
    outcome = put([row("甲一", 危房级别="C级")], D1, name="older.xlsx", dry_run=True)
    assert outcome.rows_counts == {"older": 1}


def test_applying_does_exactly_what_was_shown(put: Put) -> None:
    put([row("甲一", 危房级别="C级")], D1)
    later = [row("甲一", 危房级别="D级"), row("甲二", relation="配偶", 文化程度="小学")]
    shown = put(later, D2, name="later.xlsx", dry_run=True)
    assert shown.digest == put(later, D2, name="later.xlsx", dry_run=True).digest
    done = put(later, D2, name="later.xlsx", expected=shown.digest)
    assert done.applied
    assert (done.digest, done.rows_counts) == (shown.digest, shown.rows_counts)
    assert one("SELECT count(*) FROM register_house t JOIN register_household h ON h.id = t.household_id "
               "WHERE h.number = 'T1' AND upper_inf(valid) AND grade = 'D'") == 1  # fmt: skip
    again = put([*later, row("乙一", "T2")], D2, name="again.xlsx", dry_run=True)
    assert again.rows_counts == {"created": 1, "unchanged": 2}


def test_where_the_register_has_changed_since_nothing_is_done(put: Put) -> None:
    put([row("甲一", 危房级别="C级")], D1)
    later = [row("甲一", 危房级别="D级")]
    shown = put(later, D3, name="later.xlsx", dry_run=True)
    put([row("甲一", 危房级别="B级")], D2, name="between.xlsx")
    before = counts()
    with pytest.raises(Problem, match="BF-1242"):
        put(later, D3, name="later.xlsx", expected=shown.digest)
    assert counts() == before


# --- refused rows handed back


def test_refused_rows_come_back_with_the_cell_marked_and_can_be_imported_again(put: Put, county: County, tmp_path: Path) -> None:
    rows = [
        row("甲一", 备注自填="甲"),
        row("甲二", relation="配偶", 文化程度="不知道", 备注自填="乙"),
        row("乙一", "T2", 备注自填="丙"),
    ]
    outcome = put(rows, D1)
    assert outcome.applied
    assert outcome.returned is not None
    back = read_raw(Path(outcome.returned))
    table = [[c or "" for c in r.values()] for r in back.to_pylist()]
    heading = next(n for n, r in enumerate(table) if "户编号" in r)
    assert table[heading] == [*dict.fromkeys(k for r in rows for k in r), *RETURNED]
    body = [dict(zip(table[heading], r, strict=True)) for r in table[heading + 1 :]]
    assert [r["姓名"] for r in body] == ["甲一", "甲二"]
    assert [r["备注自填"] for r in body] == ["甲", "乙"]
    assert body[1]["证件号码"] == NUMBERS["甲二"]
    assert [r[RETURNED[0]] for r in body] == ["BF-1218", "BF-1206"]
    assert "小学" in body[1][RETURNED[1]]
    assert "primary school" in body[1][RETURNED[2]]
    with zipfile.ZipFile(outcome.returned) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
    assert len(re.findall(r's="6"', xml)) == 1, "one cell stands out"
    mended = [r | {"文化程度": "小学" if r["文化程度"] else None} for r in body]
    done = import_files(county.operator(), xlsx(tmp_path / "mended.xlsx", mended), data_date=D1)
    assert (done.refused_rows, done.applied) == (0, True)
    assert all(title not in str(done.unknown_headings) for title in RETURNED)


def test_a_file_that_is_whole_has_nothing_to_hand_back(put: Put) -> None:
    outcome = put([row("甲一")], D1)
    assert (outcome.returned, outcome.places, outcome.rows_report) == (None, None, None)


# --- places


def test_unknown_and_ambiguous_villages_are_asked_once_and_never_guessed(put: Put, county: County, tmp_path: Path) -> None:
    rows = [
        row("甲一", 行政村="凤凰寸"),
        row("甲二", relation="配偶", 行政村="凤凰寸"),
        row("乙一", "T2", 乡镇=None, 行政村="凤凰村"),
        row("丙一", "T3"),
    ]
    outcome = put(rows, D1, dry_run=True)
    assert [(q.asked[1], q.problem, q.rows) for q in outcome.questions] == [("凤凰寸", "BF-1215", 2), ("凤凰村", "BF-1216", 1)]
    assert len(outcome.questions[1].candidates) == 2
    assert outcome.questions[0].candidates
    assert outcome.refused_rows == 3
    assert outcome.places is not None
    with Path(outcome.places).open(encoding="utf-8-sig") as handle:
        asked = list(csv.DictReader(handle))
    assert "凤凰村" in asked[0]["candidates"]
    asked[0]["code"] = "520323101205"
    answered = tmp_path / "answered.csv"
    with answered.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, asked[0].keys())
        writer.writeheader()
        writer.writerows(asked)
    answers = read_places(county.operator(), answered, data_date=D1)
    done = put(rows, D1, answers=answers)
    assert done.refused_rows == 1, "what was not answered stays refused"
    village = Area.objects.get(path=next(iter(answers.values())))
    assert village.name == "凤凰村"
    assert one("SELECT path FROM register_household WHERE number = 'T1'").startswith(village.path)


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("township,village,village_code,group,code\n郑场镇,凤凰寸,,,999\n", "BF-1247"),
        ("township,village,village_code,group,code\n郑场镇,凤凰寸,,,520323110203\n", "BF-1247"),
        ("township,village,answer\n郑场镇,凤凰寸,520323101205\n", "BF-1248"),
    ],
)
def test_answers_that_are_none_are_refused(county: County, tmp_path: Path, content: str, number: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(content, "utf-8")
    town = Area.objects.get(path=Area.objects.meant_by("520323101000", county.path).path)
    with pytest.raises(Problem, match=number):
        read_places(county.operator().__class__(None, "郑场镇", "", town.path, county.operator().permissions), path)
