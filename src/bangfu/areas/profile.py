"""The country as a profile: levels and codes of areas, names, identity schemes, money, calendar, legal ground.

A profile is a YAML file, checked against the dataclasses below when it is read: a key that is unknown, missing or of the wrong
kind is Problem BF-1101 with its place. Profiles are found in every package (`profiles/*.yaml`, `*/profile.yaml`) and in the
folder `$BANGFU_PROFILES`.
"""

from __future__ import annotations

import dataclasses
import os
import re
import types
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

import yaml

from bangfu.areas.problems import BAD_PROFILE, UNKNOWN_PROFILE
from bangfu.foundation.packages import packages
from bangfu.foundation.say import Text, text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of area within a level (街道, 镇, 乡), told by the end of its name, then by a pattern of its code."""

    key: str
    title: Text
    ends: tuple[str, ...] = ()
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the tree. `under`: levels that may be the parent; `label`: `count` or `code` (how its path is labelled)."""

    key: str
    title: Text
    kinds: tuple[Kind, ...]
    under: tuple[str, ...] = ()
    label: str = "count"

    def kind(self, key: str) -> Kind:
        """The kind of that key. Raises KeyError for an unknown one."""
        for kind in self.kinds:
            if kind.key == key:
                return kind
        raise KeyError(f"{self.key}: no kind {key}")

    def kind_of(self, name: str, code: str = "") -> Kind:
        """The kind that a name or else a code tells; the first kind of the level where neither does."""
        ends = [(len(end), kind) for kind in self.kinds for end in kind.ends if name.endswith(end)]
        if ends:
            return max(ends, key=lambda pair: pair[0])[1]
        return next((kind for kind in self.kinds if kind.code and code and re.match(kind.code, code)), self.kinds[0])


@dataclass(frozen=True, slots=True)
class CodeScheme:
    """A scheme of statistical codes: the pattern of all, and the patterns that tell a code's level (the first that fits)."""

    key: str
    title: Text
    pattern: str
    levels: dict[str, str] = field(default_factory=dict)

    def level_of(self, code: str) -> str | None:
        """The level that a code tells, None where it is no code of the scheme or the scheme does not tell levels."""
        if not re.fullmatch(self.pattern, code):
            return None
        return next((level for level, pattern in self.levels.items() if re.match(pattern, code)), None)

    def fits(self, code: str, level: str) -> bool:
        """Whether a code may belong to an area of a level. A scheme that tells no levels fits all."""
        told = self.level_of(code)
        return bool(re.fullmatch(self.pattern, code)) and (told == level or level not in self.levels)

    def label(self, code: str, level: str) -> str | None:
        """The part of the code that may label the path, filled to three characters; None where the level gives none."""
        match = re.match(self.levels[level], code) if level in self.levels else None
        given = match.groupdict().get("label") if match else None
        return given.lower().rjust(3, "0") if given else None


@dataclass(frozen=True, slots=True)
class OfficialForm:
    """An ending of official names, what is shown in its place, and the endings before it that need nothing in its place."""

    ends: str
    shown: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """How names of areas are shown and compared, by level."""

    official: dict[str, tuple[OfficialForm, ...]] = field(default_factory=dict)
    endings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plays:
    """The levels that play the parts which the product speaks of; a country may lack groups or grids."""

    county: str
    township: str
    village: str
    group: str | None = None
    grid: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityScheme:
    """A kind of identity number: its pattern and the name of its check (implemented in the register; `none` has none).

    The first of a profile is the one by which persons are told apart.
    """

    key: str
    title: Text
    pattern: str
    check: str = "none"
    standard: str = ""


@dataclass(frozen=True, slots=True)
class Currency:
    """Money: ISO 4217 code, decimal digits of the minor unit, words for both units, and how readers group large numbers."""

    code: str
    symbol: str
    digits: int
    title: Text
    minor: Text
    grouping: int = 1000


@dataclass(frozen=True, slots=True)
class Calendar:
    """Features of the calendar that engines know by name: `lunar`, `solar_terms`, `market_days`; and the list of holidays."""

    features: tuple[str, ...] = ()
    holidays: str = ""
    week_starts: str = "monday"


@dataclass(frozen=True, slots=True)
class LegalGround:
    """A law that allows a state organ to process personal data, from a day on."""

    key: str
    title: Text
    since: date


@dataclass(frozen=True, slots=True)
class Profile:
    """A country."""

    key: str
    name: Text
    languages: tuple[str, ...]
    time_zone: str
    currency: Currency
    levels: tuple[Level, ...]
    plays: Plays
    code: CodeScheme
    names: Names = field(default_factory=Names)
    identity: tuple[IdentityScheme, ...] = ()
    kinship: str = "relation"
    ethnic_groups: str | None = None
    calendar: Calendar = field(default_factory=Calendar)
    legal_grounds: tuple[LegalGround, ...] = ()

    @property
    def root_path(self) -> str:
        """The path of the country: `cn/`."""
        return f"{self.key}/"

    def level(self, key: str) -> Level:
        """The level of that key. Raises KeyError for an unknown one."""
        for level in self.levels:
            if level.key == key:
                return level
        raise KeyError(f"{self.key}: no level {key}")

    def has_level(self, key: str) -> bool:
        """Whether the country has such a level."""
        return any(level.key == key for level in self.levels)

    def levels_from(self, key: str) -> list[str]:
        """The level and those below it, from the top."""
        keys = [level.key for level in self.levels]
        return keys[keys.index(key) :]

    def grounds_on(self, day: date) -> list[LegalGround]:
        """Legal grounds in force on a day."""
        return [ground for ground in self.legal_grounds if ground.since <= day]


def read_profile(path: Path) -> Profile:
    """Read and check one profile. Raises BF-1101 with the place of the first fault."""
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise BAD_PROFILE(file=path.name, where="yaml", why=str(error)) from error
    try:
        profile = _build(Profile, raw, "")
        _check(profile)
    except _FaultError as fault:
        raise BAD_PROFILE(file=path.name, where=fault.where or ".", why=fault.why) from fault
    return profile


def profile_files() -> dict[str, Path]:
    """Every profile that can be found, by key. A file in `$BANGFU_PROFILES` goes before one of the product."""
    folders = []
    for package in packages():
        spec = find_spec(package)
        folders += [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    paths = [path for folder in folders for path in sorted([*folder.glob("profiles/*.yaml"), *folder.glob("*/profile.yaml")])]
    if own := os.environ.get("BANGFU_PROFILES"):
        paths += sorted(Path(own).glob("**/*.yaml"))
    found: dict[str, Path] = {}
    for path in paths:
        raw = yaml.safe_load(path.read_text("utf-8"))
        if isinstance(raw, dict) and isinstance(raw.get("key"), str) and "levels" in raw:
            found[raw["key"]] = path
    return found


@lru_cache(maxsize=16)
def profile(key: str = "cn") -> Profile:
    """The profile of a country. Raises BF-1102 where there is none."""
    files = profile_files()
    if key not in files:
        raise UNKNOWN_PROFILE(country=key)
    return read_profile(files[key])


def profile_of(path: str) -> Profile:
    """The profile of the country that a path lies in: its first label is the profile's key."""
    return profile(path.split("/", 1)[0])


class _FaultError(Exception):
    """Where a profile is wrong, and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where, self.why = where, why


def _build(cls: type[T], raw: Any, where: str) -> T:
    """A dataclass from a mapping, strictly: unknown, missing and wrong keys are faults with their place."""
    if not isinstance(raw, dict):
        raise _FaultError(where, f"a mapping is needed, not {raw!r}")
    hints = get_type_hints(cls)
    fields = {one.name: one for one in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - set(fields)):
        raise _FaultError(where, f"unknown: {', '.join(map(str, unknown))}")
    values = {}
    for name, one in fields.items():
        if name in raw:
            values[name] = _value(hints[name], raw[name], f"{where}.{name}".lstrip("."))
        elif one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING:
            raise _FaultError(where, f"{name} is missing")
    return cls(**values)


def _value(hint: Any, raw: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if raw is None else _value(next(arg for arg in args if arg is not type(None)), raw, where)
    if origin is tuple:
        if not isinstance(raw, list):
            raise _FaultError(where, f"a list is needed, not {raw!r}")
        return tuple(_value(args[0], item, f"{where}[{number}]") for number, item in enumerate(raw))
    if origin is dict:
        if not isinstance(raw, dict):
            raise _FaultError(where, f"a mapping is needed, not {raw!r}")
        return {str(key): _value(args[1], item, f"{where}.{key}") for key, item in raw.items()}
    if hint is Text:
        if not isinstance(raw, (str, dict)):
            raise _FaultError(where, f"a text is needed, not {raw!r}")
        return text(raw)
    if dataclasses.is_dataclass(hint):
        return _build(hint, raw, where)  # type: ignore[arg-type]
    if not isinstance(raw, hint) or (hint is int and isinstance(raw, bool)):
        raise _FaultError(where, f"{hint.__name__} is needed, not {raw!r}")
    return raw


def _check(profile: Profile) -> None:
    """What the types do not say: the levels hang together, patterns compile, the time zone exists."""
    if not re.fullmatch(r"[a-z]{2}", profile.key):
        raise _FaultError("key", "two small letters are needed")
    if profile.time_zone not in available_timezones():
        raise _FaultError("time_zone", f"unknown: {profile.time_zone}")
    seen: list[str] = []
    for number, level in enumerate(profile.levels):
        where = f"levels[{number}]"
        if level.key in seen:
            raise _FaultError(where, f"{level.key} comes twice")
        if not level.kinds:
            raise _FaultError(where, "at least one kind is needed")
        if bool(level.under) != bool(number):
            raise _FaultError(where, "the first level has no parent, every other one names it in `under`")
        if missing := [key for key in level.under if key not in seen]:
            raise _FaultError(where, f"`under` names {', '.join(missing)}, which does not stand above")
        if level.label not in ("count", "code"):
            raise _FaultError(where, "`label` is count or code")
        seen.append(level.key)
    named = [profile.plays.county, profile.plays.township, profile.plays.village, profile.plays.group, profile.plays.grid]
    keys = [*profile.code.levels, *profile.names.official, *profile.names.endings, *profile.names.numbered]
    for key in [*(key for key in named if key is not None), *keys]:
        if key not in seen:
            raise _FaultError("levels", f"{key} is used but is no level")
    patterns = [profile.code.pattern, *profile.code.levels.values(), *(scheme.pattern for scheme in profile.identity)]
    patterns += [kind.code for level in profile.levels for kind in level.kinds if kind.code]
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise _FaultError("pattern", f"{pattern}: {error}") from error
