"""The pages of documentation that are made from the code: up to date, complete, and made without a database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bangfu.foundation.problems import registry
from bangfu.web import documents

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCE = sorted((ROOT / "src" / "bangfu").rglob("*.py"))


def test_made_pages_are_up_to_date() -> None:
    found = documents.compare(DOCS)
    assert not found, f"run `make docs`: {found}"


def test_the_same_code_gives_the_same_text() -> None:
    assert documents.documents() == documents.documents()


def test_every_problem_is_documented_in_both_languages() -> None:
    text = documents.problems()
    kinds = documents.problem_kinds()
    assert len(kinds) > 50
    for number, kind in kinds.items():
        assert f'<a id="{number.lower()}"></a>{number} ' in text, number
        for said in (kind.cause, kind.remedy):
            assert said.zh.strip(), number
            assert said.en.strip(), number
        assert re.search(r"[\u4e00-\u9fff]", kind.cause.zh + kind.remedy.zh), number


def test_every_problem_lies_in_a_block_that_has_a_title() -> None:
    assert {number[3:5] for number in documents.problem_kinds()} <= documents.BLOCKS.keys()


def test_every_number_that_the_code_names_is_declared() -> None:
    declared = documents.problem_kinds()
    for path in SOURCE:
        named = set(re.findall(r"""["'](BF-\d{4})["']""", path.read_text("utf-8")))
        assert named <= declared.keys(), path


def test_every_module_that_declares_problems_is_found() -> None:
    found = set(documents.declared_numbers().values())
    for path in SOURCE:
        if "import declare" in path.read_text("utf-8") and "foundation.problems import" in path.read_text("utf-8"):
            assert ".".join(path.relative_to(ROOT / "src").with_suffix("").parts) in found
    assert documents.problem_kinds().keys() <= registry().keys()


def test_every_field_code_list_and_table_is_in_the_dictionary() -> None:
    from django.apps import apps

    from bangfu.register.fields import code_lists, fields

    text = documents.dictionary()
    for f in fields().values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{f.key}` | "))
        assert f.title.zh in row
        assert f"| {f.title.en} |" in row
    for name in code_lists():
        assert f'<a id="{name}"></a>{name}' in text
    for model in apps.get_models():
        if model.__module__.startswith("bangfu."):
            assert f"#### {model._meta.db_table}\n" in text
            assert (model.__doc__ or "").strip(), model


def test_every_table_of_the_product_has_a_rule_for_the_pages_role() -> None:
    from django.apps import apps

    known = documents.ground()
    for model in apps.get_models():
        if model.__module__.startswith("bangfu."):
            assert known[model._meta.db_table].reach, model


def test_the_command_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert documents.main([str(tmp_path), "--check"]) == 1
    assert not list(tmp_path.iterdir())
    assert documents.main([str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == documents.documents().keys()
    assert documents.main([str(tmp_path), "--check"]) == 0
    (tmp_path / "roles.md").write_text("something else", "utf-8")
    capsys.readouterr()
    assert documents.main([str(tmp_path), "--check"]) == 1
    assert "roles.md" in capsys.readouterr().err


def test_a_bar_in_a_text_does_not_break_a_table() -> None:
    assert documents.table(("a",), [("x | y\nz",)]) == ["| a |", "|---|", "| x \\| y<br>z |"]
