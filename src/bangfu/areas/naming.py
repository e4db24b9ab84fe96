"""Names of areas: how they are shown, compared, searched and put into Latin letters. Pure functions.

People write `桑木村`, `桑木村委会`, `桑木`; lists give `桑木村村民委员会`. The endings are data of the country profile.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from bangfu.areas.profile import Profile

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = re.compile(r"^第?(\d+|[零〇一二两三四五六七八九十百]+)$")


def plain(text: str) -> str:
    """A text as it is compared: full-width letters and digits made narrow, blanks at the ends and between Chinese removed."""
    narrow = unicodedata.normalize("NFKC", text).strip()
    return re.sub(r"\s+", " " if narrow.isascii() else "", narrow)


def shown(official: str, level: str, profile: Profile) -> str:
    """The name that people read: `桑木村村民委员会` → `桑木村`, `东街社区居民委员会` → `东街社区`, `冯村村村民委员会` → `冯村村`."""
    for form in profile.names.official.get(level, ()):
        if official.endswith(form.ends) and len(official) > len(form.ends):
            body = official[: -len(form.ends)]
            return body if body.endswith(tuple(form.unless)) else body + form.shown
    return official


def stem(name: str, level: str, profile: Profile) -> str:
    """A name without the ending that tells its kind: 桑木村委会, 桑木村, 桑木 → 桑木; 郑场镇 → 郑场; 第一村民小组, 1组 → 1.

    Never empty; a name is cut once by an official ending and once by a common one (`桑木村村民委员会` → `桑木村` → `桑木`).
    """
    rest = plain(name).lower()
    whole = shown(rest, level, profile)
    for ending in profile.names.endings.get(level, ()):  # longest first
        if whole.endswith(ending) and len(whole) > len(ending):
            whole = whole[: -len(ending)].rstrip()
            break
    number = _NUMBER.match(whole)
    return str(_number(number.group(1))) if number and level in profile.names.numbered else whole


def _number(numeral: str) -> int:
    """A Chinese or Arabic numeral below a thousand: 十二 → 12, 二十 → 20, 08 → 8."""
    if numeral.isdigit() and numeral.isascii():
        return int(numeral)
    total, digit = 0, 0
    for character in numeral:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit


@lru_cache(maxsize=8192)
def syllables(name: str) -> tuple[str, ...]:
    """The name in Latin letters, one part per character or word: 桑木村 → sang mu cun; `North Ward` → north ward."""
    # What is not Chinese comes back as a list of words; the stubs of the library know of strings only.
    words = cast(Callable[[str], str], lambda rest: re.findall(r"[0-9A-Za-z]+", rest))
    from pypinyin import Style, lazy_pinyin  # its dictionaries are a third of a second, and few commands spell

    parts = lazy_pinyin(plain(name), style=Style.NORMAL, errors=words)
    return tuple(part.lower().replace("ü", "v") for part in parts if part)


def pinyin(name: str) -> str:
    """The name in Latin letters without blanks: the key of sorting and of search."""
    return "".join(syllables(name))


def initials(name: str) -> str:
    """The first letters: 桑木村 → smc."""
    return "".join(part[0] for part in syllables(name))


SHORTEST = 2  # of the two names that a Chinese text is split into
# How long the database lets them be.
NAME_LENGTH, OFFICIAL_LENGTH, ENGLISH_LENGTH, PINYIN_LENGTH, CODE_LENGTH = 80, 120, 120, 200, 24


def english(name: str, kind: str, level: str, profile: Profile) -> str:
    """A name for English readers: 桑木村 → Sangmu Village, 洋川街道 → Yangchuan Subdistrict; a Latin name stays as it is."""
    if name.isascii():
        return name
    title = profile.level(level).kind(kind).title.en
    body = plain(name)
    for ending in profile.names.endings.get(level, ()):
        if body.endswith(ending) and len(body) > len(ending):
            body = body[: -len(ending)]
            break
    number = _NUMBER.match(body)
    if number:
        return f"{title} {_number(number.group(1))}"
    return f"{pinyin(body).capitalize()} {title}"


def splits(text: str) -> list[tuple[str, str]]:
    """How a text may name an area together with one above it, as (above, name): Chinese names the higher one first and without a
    blank between them; Latin words go both ways, and a comma tells where."""
    if not text.isascii():
        return [(text[:n], text[n:]) for n in range(SHORTEST, len(text) - SHORTEST + 1)]
    if "," in text:
        name, _, above = (part.strip() for part in text.partition(","))
        return [(above, name)] if above and name else []
    words = text.split()
    pairs = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return [*pairs, *((later, earlier) for earlier, later in pairs)]


def search_key(names: list[str], codes: list[str]) -> str:
    """What search runs over: the names, and after a blank each point at which a Latin text may begin.

    `桑木村 sangmucun mucun cun smc mc c 520323001201`: a search for `muc` or `smc` finds it, one for `angm` does not.
    """
    found: dict[str, None] = {}
    for name in names:
        found[plain(name).lower().replace(" ", "")] = None
    for name in names:
        parts = syllables(name)
        for start in range(len(parts)):
            found["".join(parts[start:])] = None
            found["".join(part[0] for part in parts[start:])] = None
    for code in codes:
        found[code.lower()] = None
    return " " + " ".join(found)
