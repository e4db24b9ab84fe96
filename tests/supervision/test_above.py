"""Files of inspections from above: read by whatever headings the body uses."""

from __future__ import annotations

from pathlib import Path

from bangfu.supervision.above import columns, read_findings


def test_no_heading_names_two_columns() -> None:
    names = [n for c in columns().values() for n in c.names]
    assert len(names) == len(set(names))


def test_a_file_is_read_by_other_headings_below_a_title(tmp_path: Path) -> None:
    file = tmp_path / "feedback.csv"
    file.write_text("反馈问题\n编号,检查组,检查日期,村,问题类型,存在问题\n7,省检查组,2020-05-01,上村,other,无\n", "utf-8")
    table = read_findings(file)
    assert not table.lacking
    number, row = table.rows[0]
    assert number == 3
    assert row == {
        "reference": "7",
        "body": "省检查组",
        "found_on": "2020-05-01",
        "place": "上村",
        "kind": "other",
        "words": "无",
    }


def test_what_lacks_is_told(tmp_path: Path) -> None:
    file = tmp_path / "feedback.csv"
    file.write_text("编号,检查组,检查日期\n7,省检查组,2020-05-01\n", "utf-8")
    assert [c.title.en for c in read_findings(file).lacking] == ["Place", "Kind", "What was found"]
