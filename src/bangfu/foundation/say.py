"""Text in both languages, chosen when it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

LANGUAGES = ("zh", "en")
_NUMBERED = re.compile(r"(?<![\w.,])(1(?:</[a-z]+>)* [a-z ]*?)?(\w+)\(s\)")


def language() -> str:
    """The reader's language: `zh` or `en`."""
    try:
        said = translation.get_language()
    except ImproperlyConfigured:  # a plain script: no reader is known
        return "zh"
    return "en" if said is not None and said.startswith("en") else "zh"


def in_number(en: str) -> str:
    """English with `(s)` after words made singular after a 1 and plural after any other number: `1 day`, `2 days`."""
    return _NUMBERED.sub(lambda found: f"{found[1]}{found[2]}" if found[1] else f"{found[2]}s", en) if "(s)" in en else en


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; `str()` gives the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if language() == "en" else self.zh

    def in_language(self, lang: str) -> str:
        """The text in `zh` or `en`."""
        return self.en if lang == "en" else self.zh

    def format(self, **values: Any) -> Text:
        """The text with `{name}` filled in both languages; a value that is a Text or a mapping fills its own language. English words with `(s)` follow their
        number (`in_number`)."""
        return Text(
            zh=self.zh.format(**{k: _side(v, "zh") for k, v in values.items()}),
            en=in_number(self.en.format(**{k: _side(v, "en") for k, v in values.items()})),
        )

    def as_heading(self) -> Text:
        """The text as it stands alone, above a column or beside a figure: English begins with a capital."""
        return Text(self.zh, self.en[:1].upper() + self.en[1:])


def listed(said: Iterable[Text | str]) -> Text:
    """Some texts one after the other as each language lists them: 甲、乙 / A, B."""
    each = [one if isinstance(one, Text) else Text(one, one) for one in said]
    return Text("、".join(t.zh for t in each), ", ".join(t.en for t in each))


def _side(value: Any, lang: str) -> Any:
    return value.in_language(lang) if isinstance(value, Text) else value


def text(raw: Mapping[str, Any] | str, on: date | None = None) -> Text:
    """Read a text from YAML: `{zh: …, en: …}`, where a language may be dated `{2014-01-01: …, 2021-01-01: …}`.

    `on` picks among dated wordings: the last that began on or before the day (the first where none had begun).
    """
    if isinstance(raw, str):
        return Text(raw, raw)
    return Text(zh=_dated(raw.get("zh", raw.get("en", "")), on), en=_dated(raw.get("en", raw.get("zh", "")), on))


def _dated(raw: Any, on: date | None) -> str:
    if not isinstance(raw, Mapping):
        return str(raw)
    begun = sorted((day, words) for day, words in raw.items() if on is None or day <= on)
    return str(begun[-1][1] if begun else raw[min(raw)])


def why_no_text(said: str, longest: int, *, blank: bool = False) -> Text | None:
    """Why somebody's words will not do: blank (unless they may be), too long with the limit and the length, or none that can be kept. None where they do."""
    if not said and not blank:
        return Text("不能为空", "it may not be blank")
    if len(said) > longest:
        return Text("太长，最多 {n} 字，现有 {m} 字", "too long: at most {n} character(s), there are {m}").format(
            n=longest, m=len(said)
        )
    return None if "\0" not in said else Text("含有不能保存的字符", "it holds a character that cannot be kept")


def quoted(said: str, longest: int = 20) -> str:
    """Words as a problem quotes them: the beginning of long ones, a dash for none."""
    return (said if len(said) <= longest else said[:longest] + "…") or "–"


def is_text(said: str) -> bool:
    """Whether PostgreSQL can hold it as text: no NUL, no half of a surrogate pair."""
    return "\0" not in said and not any("\ud800" <= character <= "\udfff" for character in said)
