"""Empty workbooks to fill in, in both layouts, with a sheet that says what may stand where a field is coded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bangfu.foundation.say import Text
from bangfu.kit.sheets import Column, Workbook
from bangfu.register.columns import Heading, headings
from bangfu.register.importing.report import EXPECTED

PERSONS = Text("农户信息", "Households")
HOMES = Text("户", "Households")
MEMBERS = Text("人", "Persons")
HELP = Text("填写说明", "What may stand")
LINKS = ("household_no",)
COLUMNS = (Text("字段", "Field"), Text("填什么", "What stands there"), Text("可选项", "Choices"))


def write_template(path: Path, *, apart: bool, lang: str, day: date) -> Path:
    """Write an empty workbook: a row per person with its household's columns, or the households on a sheet of their own (`apart`)."""
    shown = headings(lang, day)
    with Workbook(path) as book:
        if apart:
            _sheet(book, HOMES, [h for h in shown if h.field.level == "household"], lang)
            _sheet(book, MEMBERS, [h for h in shown if h.field.level == "person" or h.field.key in LINKS], lang)
        else:
            _sheet(book, PERSONS, shown, lang)
        texts = [[h.text, EXPECTED[h.field.type].in_language(lang), "、".join(h.words.values()) or None] for h in shown]
        with book.sheet(
            HELP.in_language(lang), [Column(c.in_language(lang), width=w) for c, w in zip(COLUMNS, (28, 24, 100), strict=True)]
        ) as sheet:
            sheet.write_marked(texts, ())
    return path


def _sheet(book: Workbook, name: Text, shown: list[Heading] | tuple[Heading, ...], lang: str) -> None:
    with book.sheet(name.in_language(lang), [h.column() for h in shown]):
        pass
