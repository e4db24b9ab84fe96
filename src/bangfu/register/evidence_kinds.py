"""The kinds of evidence, as people read them. A package that gives evidence of its own names it here."""

from __future__ import annotations

from bangfu.foundation.say import Text
from bangfu.foundation.terms import term

KIND_LENGTH = 24
_kinds: dict[str, Text] = {}


def name_kind(key: str, *, zh: str, en: str) -> str:
    """Make the name of a kind known and give its key. It may be said again, in the same words; ValueError for others or for a long key."""
    if not 1 <= len(key) <= KIND_LENGTH:
        raise ValueError(f"a kind of evidence has 1 to {KIND_LENGTH} characters: {key}")
    if _kinds.setdefault(key, Text(zh, en)) != Text(zh, en):
        raise ValueError(f"evidence {key} has another name already")
    return key


def kind_title(key: str) -> Text:
    """What people read for a kind; the word for evidence where nobody named it."""
    return _kinds.get(key) or term("evidence").as_heading()


name_kind("import", zh="导入", en="Import")
name_kind("income_sheet", zh="收入测算表", en="Income sheet")
