"""Lists as offices write them: headings by key or title, days in the ways that people write them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bangfu.command.problems import BAD_ROW
from bangfu.foundation.csv_files import day_said, read_columns
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

COLUMNS = {"key": Text("代码", "key"), "name": Text("名称", "name"), "note": Text("备注", "note")}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-03-12", date(2020, 3, 12)),
        (" 2020/3/2 ", date(2020, 3, 2)),
        ("20200312", date(2020, 3, 12)),
        ("20-3-12", None),
        ("2020-13-01", None),
        ("2020-02-30", None),
        ("三月", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date | None) -> None:
    assert day_said(text) == day


def test_columns_are_found_by_key_or_title_and_blank_rows_left_out(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("代码,name,别的\na, 甲 ,x\n,,\nb,乙,y\n", "utf-8")
    assert read_columns(path, COLUMNS, ("key",), BAD_ROW) == [(2, {"key": "a", "name": "甲"}), (4, {"key": "b", "name": "乙"})]


def test_a_column_that_is_needed_and_lacks_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("代码\na\n", "gb18030")
    with pytest.raises(Problem) as raised:
        read_columns(path, COLUMNS, ("key", "name"), BAD_ROW)
    assert "第1行：「名称」" in str(raised.value)
