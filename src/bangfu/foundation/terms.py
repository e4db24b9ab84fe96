"""Words that people read, in both languages, as they are said on a day.

Every package brings its words in `terms.yaml`:

    registered_households: {zh: {2014-01-01: 建档立卡户, 2021-01-01: 脱贫户}, en: registered households}

A word without dates holds always; of dated ones the last that had begun on the day. The key stays, whatever the word becomes: pages, lists
and figures name the key. `term("registered_households")` gives today's word. Inside a longer text it stands as
`{term.registered_households}`, which `worded` fills, and the template tag `t` and the names of figures by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.foundation import clock
from bangfu.foundation.packages import files
from bangfu.foundation.problems import declare
from bangfu.foundation.say import LANGUAGES, Text

FILE = "terms.yaml"
BEGINNING = date(2014, 1, 1)  # households were first registered in 2014: from that day on every term has a word
Words = tuple[tuple[date, str], ...]

TERM_FAULT = declare(
    "BF-1042",
    zh="用语文件 {file} 的「{key}」有误：{why}。",
    en="The term “{key}” in {file} is wrong: {why}.",
    remedy_zh="请按 docs/mechanisms/terms.md 的写法改正。",
    remedy_en="Mend it as docs/mechanisms/terms.md says.",
    status=500,
)
TERM_TWICE = declare(
    "BF-1043",
    zh="用语「{key}」在 {first} 和 {second} 中都有定义。",
    en="The term “{key}” is defined by {first} and by {second}.",
    remedy_zh="请只保留一处，或改用另一个名称。",
    remedy_en="Keep one of them, or give it another key.",
    status=500,
)
UNKNOWN_TERM = declare(
    "BF-1044",
    zh="没有用语「{key}」。",
    en="There is no term “{key}”.",
    remedy_zh="请在相应软件包的 terms.yaml 中加上这一用语，或改正引用处的写法。",
    remedy_en="Add it to the terms.yaml of its package, or correct the place that names it.",
    status=500,
)

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_NAMED = re.compile(r"\{term\.([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its key, the package that brings it, and its words in each language from their days on, the earliest first."""

    key: str
    package: str
    zh: Words
    en: Words

    def on(self, day: date) -> Text:
        """The word of a day; before the first had begun, the first."""
        return Text(_on(self.zh, day), _on(self.en, day))


def term(key: str, on: date | None = None) -> Text:
    """The word of a term on a day, today where none is given. Raises BF-1044 for an unknown key, and what `terms` raises."""
    found = terms().get(key)
    if found is None:
        raise UNKNOWN_TERM(key=key)
    return found.on(on or clock.today())


def worded(text: Text, on: date | None = None) -> Text:
    """A text in which `{term.key}` stands for a term, with the words of a day, today where none is given; other places stay as they are.

    Raises BF-1044 for an unknown key.
    """
    return Text(*(worded_in(text.in_language(language), language, on) for language in LANGUAGES))


def worded_in(words: str, language: str, on: date | None = None) -> str:
    """One language of `worded`."""
    return _NAMED.sub(lambda named: term(named[1], on).in_language(language), words)


@lru_cache(maxsize=1)
def terms() -> dict[str, Term]:
    """Every term by key. Raises BF-1042 for a file that is wrong, BF-1043 for a key that two packages define."""
    return gather(files(FILE))


def gather(found: Iterable[tuple[str, Path]]) -> dict[str, Term]:
    """The terms of several files (package, path) by key. Raises as `terms` does."""
    known: dict[str, Term] = {}
    for package, path in found:
        for key, one in read(package, path).items():
            if key in known:
                raise TERM_TWICE(key=key, first=known[key].package, second=package)
            known[key] = one
    return known


def read(package: str, path: Path) -> dict[str, Term]:
    """The terms of one file. Raises BF-1042 for what is no term, and for a term that has no word on some day."""
    file = f"{package}/{path.name}"

    def refuse(key: Any, why: Text) -> None:
        raise TERM_FAULT(file=file, key=key, why=why)

    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TERM_FAULT(file=file, key="–", why=Text(f"不是 YAML：{error}", f"no YAML: {error}")) from error
    if raw is not None and not isinstance(raw, dict):
        refuse("–", Text("文件应是「名称: 用语」的对照", "the file maps keys to words"))
    made: dict[str, Term] = {}
    for key, said in (raw or {}).items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            refuse(key, Text("名称只用小写字母、数字和下划线", "a key has small letters, digits and underscores"))
        if not isinstance(said, dict) or set(said) != set(LANGUAGES):
            refuse(key, Text("须有 zh 和 en 两项，且只有这两项", "it has zh and en, and nothing else"))
        words = {}
        for language in LANGUAGES:
            taken = _words(said[language])
            if isinstance(taken, Text):
                refuse(key, Text(f"{language}：{taken.zh}", f"{language}: {taken.en}"))
            words[language] = taken
        made[key] = Term(key, package, words["zh"], words["en"])  # type: ignore[arg-type]
    return made


def _words(raw: Any) -> Words | Text:
    """The words of one language with the days from which they hold, or what is wrong with them."""
    dated = raw if isinstance(raw, Mapping) else {date.min: raw}
    if not dated or not all(type(day) is date for day in dated):
        return Text("日期须写成 2021-01-01", "a date is written 2021-01-01")
    if not all(isinstance(word, str) and word.strip() for word in dated.values()):
        return Text("有一段时间没有用语", "there are days on which it has no word")
    if min(dated) > BEGINNING:
        return Text(f"{min(dated)} 之前没有用语", f"it has no word before {min(dated)}")
    return tuple(sorted((day, word) for day, word in dated.items()))


def _on(words: Words, day: date) -> str:
    return next((word for begun, word in reversed(words) if begun <= day), words[0][1])
