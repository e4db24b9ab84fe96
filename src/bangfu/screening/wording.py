"""A pack's expressions as people read them: names become titles, codes their words, and / or / not words of the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bangfu.foundation.say import Text
from bangfu.screening.pack import Pack

Titles = Callable[[str], Text | None]  # the title of a field of the register
CodeTitles = Callable[[str, str], Text | None]  # the word of a code, by list and code

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([a-z][a-z0-9_]*)|(<>|<=|>=)")
_OPERATORS = {"<>": Text("≠", "≠"), "<=": Text("≤", "≤"), ">=": Text("≥", "≥")}
_GRAMMAR: Mapping[str, Text] = {
    "and": Text("且", "and"),
    "or": Text("或", "or"),
    "not": Text("非", "not"),
    "in": Text("属于", "is one of"),
    "true": Text("是", "yes"),
    "false": Text("否", "no"),
    "unknown": Text("不详", "not known"),
    "as_of": Text("评定日", "the day"),
    "any": Text("有成员", "any member"),
    "all": Text("全部成员", "all members"),
    "count": Text("人数", "number of"),
    "count_members": Text("家庭人口", "members"),
    "sum": Text("合计", "sum of"),
    "max": Text("最大", "largest"),
    "min": Text("最小", "smallest"),
    "known": Text("已知", "known"),
    "if_unknown": Text("不详时取", "if not known"),
    "instead_of_unknown": Text("不详按", "where not known:"),
    "has": Text("含", "has"),
    "has_any": Text("含其一", "has one of"),
    "years_between": Text("相隔周年数", "whole years between"),
    "months_between": Text("相隔月数", "months between"),
    "days_between": Text("相隔天数", "days between"),
    "last_date": Text("最近的日期", "the last date"),
    "year_of": Text("年份", "year of"),
    "month_of": Text("月份", "month of"),
    "least": Text("较小者", "the least of"),
    "greatest": Text("较大者", "the greatest of"),
    "case": Text("", ""),
    "when": Text("若", "if"),
    "then": Text("则", "then"),
    "else": Text("否则", "else"),
    "end": Text("", ""),
    "filter": Text("其中", "of those"),
    "where": Text("", "where"),
    "date": Text("", ""),
    "between": Text("介于", "between"),
}


# What stands in for an unknown value is said behind it.
_INSTEAD = re.compile(r"if_unknown\(((?:[^(),]|\((?:[^()]|\([^()]*\))*\))+),\s*([^(),]+)\)")


def name_title(pack: Pack, name: str, field_title: Titles) -> Text:
    """What people call a name of a pack: the field's title, the parameter's, the label of a fact; else the name in words."""
    if name in pack.parameters:
        return pack.parameters[name].title
    if name in pack.labels:
        return pack.labels[name]
    found = field_title(name)
    return found if found is not None else Text(name.replace("_", " "), name.replace("_", " "))


def expression_in_words(pack: Pack, text: str, field_title: Titles, code_title: CodeTitles) -> Text:
    """An expression in both languages. A code is said in the word of the list that the name before it has."""

    plain = text
    while (turned := _INSTEAD.sub(r"\1 (instead_of_unknown \2)", plain)) != plain:  # the inner one first
        plain = turned

    def say(lang: str) -> str:
        codes = ""

        def word(found: re.Match[str]) -> str:
            nonlocal codes
            quoted, name, operator = found.groups()
            if operator:
                return _OPERATORS[operator].in_language(lang)
            if quoted is not None:
                title = code_title(codes, quoted) if codes else None
                return title.in_language(lang) if title is not None else quoted
            if name in _GRAMMAR:
                return _GRAMMAR[name].in_language(lang)
            try:
                codes = pack.program.type_of(name).codes or codes
            except KeyError:
                return str(name)
            return name_title(pack, name, field_title).in_language(lang)

        return re.sub(r"\s{2,}", " ", _TOKEN.sub(word, plain)).strip()

    return Text(say("zh"), say("en"))
