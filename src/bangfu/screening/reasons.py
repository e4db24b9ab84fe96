"""Reasons in words, made when they are read: code and values from the verdict, text from the pack, names from the caller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bangfu.foundation.say import Text
from bangfu.rules.check import MEMBERS
from bangfu.rules.schema import MONEY, Type
from bangfu.screening.engine import Verdict
from bangfu.screening.pack import PLACEHOLDER, Pack, Reason

NameOf = Callable[[int], str]
CodeText = Callable[[str, str], Text]

_UNKNOWN = Text("不详", "not known")


@dataclass(frozen=True, slots=True)
class SaidReason:
    """One reason in words; `fact` and `supplied_by` say what is missing and who has it (unknown verdicts only), `do` what to do
    about it (unmet verdicts only)."""

    code: str
    text: Text
    fact: str = ""
    supplied_by: str = ""
    do: Text | None = None


def say_reasons(
    pack: Pack,
    guarantee: str,
    verdict: Verdict,
    name_of: NameOf | None = None,
    code_text: CodeText | None = None,
) -> list[SaidReason]:
    """The reasons of a verdict in both languages.

    `name_of` gives a person's name by id (without it, the id is shown); `code_text` gives the words of a code by list and
    code (without it, the code is shown). A code that the pack does not know, left by another version, is shown as it is.
    """
    found = pack.guarantees.get(guarantee)
    listed = {reason.code: reason for reason in found.reasons_of(verdict.result)} if found else {}
    return say_listed(pack, listed, verdict.reasons, verdict.values, name_of, code_text)


def say_listed(
    pack: Pack,
    listed: Mapping[str, Reason],
    codes: Iterable[str],
    values: Mapping[str, Any],
    name_of: NameOf | None = None,
    code_text: CodeText | None = None,
) -> list[SaidReason]:
    """Codes in the words of the reasons that they are of, with the values they were kept with; as in `say_reasons`."""
    said = []
    for code in codes:
        reason = listed.get(code)
        if reason is None:
            said.append(SaidReason(code, Text(code, code)))
            continue
        text = Text(*(_fill(pack, reason.text.in_language(lang), values, lang, name_of, code_text) for lang in ("zh", "en")))
        said.append(SaidReason(code, text, reason.fact, reason.supplied_by, reason.do))
    return said


def _fill(pack: Pack, text: str, values: Mapping[str, Any], lang: str, name_of: NameOf | None, code_text: CodeText | None) -> str:
    def word(found: str) -> str:
        key = found.partition("(")[2].rstrip(")") or found
        value = values.get(key)
        if value is None:
            return _UNKNOWN.in_language(lang)
        kind = pack.value_nodes[key].type
        if kind == MEMBERS:
            if found.startswith("number("):
                return str(len(value))
            return ("、" if lang == "zh" else ", ").join(name_of(person) if name_of else str(person) for person in value)
        return say_value(value, kind, lang, code_text)

    return PLACEHOLDER.sub(lambda match: word(match.group(1)), text)


def say_value(value: Any, kind: Type, lang: str, code_text: CodeText | None = None) -> str:
    """A value in words: money from fen to yuan with two places where needed, dates in the manner of the language."""
    if value is None:
        return _UNKNOWN.in_language(lang)
    if kind == MONEY:
        fen = int(value // 1)
        sign, fen = ("-" if fen < 0 else ""), abs(fen)
        return f"{sign}{fen // 100:,}" + (f".{fen % 100:02d}" if fen % 100 else "")
    if isinstance(value, bool):
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
    if kind.kind == "date":
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
        return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else day.isoformat()
    if kind.kind == "code" and code_text is not None:
        return code_text(kind.codes, value).in_language(lang)
    if kind.kind == "codes":
        return ("、" if lang == "zh" else ", ").join(
            code_text(kind.codes, code).in_language(lang) if code_text else code for code in value
        )
    if isinstance(value, float | Decimal):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)
