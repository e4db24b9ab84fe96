"""Policy packs: a folder of YAML that says what is judged, from which facts, with which dated numbers, in which words.

Every `*.yaml` below the folder belongs to the pack; a name is defined once over all of them. The version is a digest of
the content, kept with every verdict.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.check import Program, check_program
from bangfu.rules.expressions import AS_OF, NAME, Node
from bangfu.rules.problems import BAD_VALUE, NO_VALUE, UNKNOWN_NAME
from bangfu.rules.schema import (
    ANYWHERE,
    BOOLEAN,
    DATE,
    DECIMAL,
    HOUSEHOLD,
    INTEGER,
    MONEY,
    PERSON,
    Schema,
    Type,
    internal,
    schema_of,
)
from bangfu.rules.source import Place, Source, read_file, read_yaml
from bangfu.screening.problems import (
    BAD_PACK,
    BAD_PARAMETER,
    BAD_PLACEHOLDER,
    NO_PACK,
    NO_PACK_ON,
    NO_PARAMETER,
    NOT_VALID_ON,
    TWO_PACKS,
)

PACKS = Path(__file__).parent / "packs"
RESULTS = ("met", "unmet", "unknown", "not_assessed")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MEMBER_PLACEHOLDER = re.compile(r"(names|number)\(([a-z][a-z0-9_]*)\)\Z")
_TOP = {"pack", "title", "valid", "country", "sequence", "note"}
_SECTIONS = {"parameters", "persons", "households", "guarantees", "examples", "situations"}
_PARAMETER_KEYS = {"title", "unit", "type", "values", "source", "verified", "note"}
_WORDS = {"when", "zh", "en"}
_REASONS = {
    "met_by": _WORDS,
    "unmet": _WORDS | {"do"},
    "missing": _WORDS | {"fact", "supplied_by"},
    "not_assessed": _WORDS,
}
_TYPES = {"integer": INTEGER, "decimal": DECIMAL, "money": MONEY, "boolean": BOOLEAN, "date": DATE}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated number of the policy, with its source. `values` are (from, value) in order of date, money in fen."""

    name: str
    type: Type
    title: Text
    unit: str
    values: tuple[tuple[dt.date, Any], ...]
    source: str
    verified: bool | Mapping[dt.date, bool]

    def value_on(self, day: dt.date) -> Any:
        """The value in force on a day. Raises BF-1409 before the first."""
        begun = [value for start, value in self.values if start <= day]
        if not begun:
            raise NO_VALUE(name=self.name, day=day)
        return begun[-1]

    def verified_on(self, day: dt.date) -> bool:
        """Whether the value in force on a day has been checked against its source."""
        if isinstance(self.verified, bool):
            return self.verified
        begun = [start for start, _ in self.values if start <= day]
        return bool(begun) and self.verified.get(begun[-1], False)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a guarantee came to its result: what meets it, why it is unmet, what is missing, why it is not assessed.

    `values` are the keys that the text needs: a household's name, or a person's fact whose members are listed.
    `do` (unmet only) says what to do about it. `fact` and `supplied_by` (missing only) name the missing fact and who supplies it:
    village, education, insurance, health, housing, water.
    """

    code: str
    when: Node
    text: Text
    values: tuple[str, ...]
    fact: str = ""
    supplied_by: str = ""
    do: Text | None = None


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What is judged of a household: who is assessed, what meets it, and the reasons of each result."""

    name: str
    title: Text
    short: Text  # a word for narrow heads; the title where the pack gives none
    assessed: Node
    met: Node
    met_by: tuple[Reason, ...]
    unmet: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    not_assessed: tuple[Reason, ...]  # empty where everybody is assessed
    place: Place

    def reasons_of(self, result: str) -> tuple[Reason, ...]:
        """The reasons that a result may have."""
        return {"met": self.met_by, "unmet": self.unmet, "unknown": self.missing, "not_assessed": self.not_assessed}[result]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.assessed, self.met, *(reason.when for reason in (*self.unmet, *self.missing)))


@dataclass(frozen=True)
class Pack:
    """A checked policy pack."""

    name: str
    title: Text
    country: str
    valid_from: dt.date
    valid_to: dt.date
    version: str
    parameters: Mapping[str, Parameter]
    program: Program
    guarantees: Mapping[str, Guarantee]
    value_nodes: Mapping[str, Node] = field(repr=False)
    sources: tuple[Source, ...] = field(repr=False, default=())

    def constants(self, as_of: dt.date, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """`as_of` and every parameter's value on that day, internal form; `overrides` (as people write them) win.

        Raises BF-1507 and BF-1508 for a bad override, BF-1409 for a parameter without a value that day.
        """
        changed = {name: self.override(name, value) for name, value in (overrides or {}).items()}
        made: dict[str, Any] = {AS_OF: as_of}
        for name, parameter in self.parameters.items():
            made[name] = changed[name] if name in changed else parameter.value_on(as_of)
        return made

    def override(self, name: str, value: Any) -> Any:
        """A parameter's value as a person writes it (a text such as `4200` or a plain value), in internal form."""
        parameter = self.parameters.get(name)
        if parameter is None:
            raise NO_PARAMETER(name=self.name, parameter=name, known=", ".join(self.parameters))
        try:
            plain = yaml.safe_load(value) if isinstance(value, str) else value
            if plain is None:
                raise ValueError(value)
            return internal(plain, parameter.type)
        except (ValueError, ArithmeticError, yaml.YAMLError):
            raise BAD_PARAMETER(parameter=name, value=value, wanted=parameter.type) from None

    def provisional(self, as_of: dt.date, overrides: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
        """The guarantees that rest on a value not verified for the day (or overridden), each with those parameters."""
        made: dict[str, list[str]] = {}
        for guarantee in self.guarantees.values():
            doubtful = sorted(
                name
                for name in self.program.parameters_used(guarantee.nodes)
                if name in (overrides or {}) or not self.parameters[name].verified_on(as_of)
            )
            if doubtful:
                made[guarantee.name] = doubtful
        return made

    @functools.cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The fields of the register that verdicts and their words rest on, by level."""
        nodes = [n for g in self.guarantees.values() for n in (*g.nodes, *(r.when for r in (*g.met_by, *g.not_assessed)))]
        used = self.program.names_used([*nodes, *self.value_nodes.values()])
        schema = self.program.schema
        return {level: tuple(sorted(used & set(schema.level(level)))) for level in (PERSON, HOUSEHOLD)}

    def require_valid_on(self, day: dt.date) -> None:
        """Raise BF-1505 where the pack is not valid on a day."""
        if not self.valid_from <= day <= self.valid_to:
            raise NOT_VALID_ON(name=self.name, day=day, start=self.valid_from, end=self.valid_to)


@functools.cache
def register_schema() -> Schema:
    """The schema of the register: its field list and code lists."""
    room = resources.files("bangfu.register")
    fields, codes = (read_yaml((room / name).read_text(encoding="utf-8"), name).data for name in ("fields.yaml", "codes.yaml"))
    return schema_of(fields, codes)


def pack_names(room: Path = PACKS) -> list[str]:
    """The packs in a folder of packs."""
    return sorted(path.name for path in room.iterdir() if (path / "pack.yaml").is_file()) if room.is_dir() else []


def load_pack(name_or_folder: str | Path, schema: Schema | None = None) -> Pack:
    """Read and check a pack by name (one of ours) or folder.

    Raises BF-1501 where there is none, BF-1502 and BF-1509 for its structure, BF-1401 to BF-1413 for its content.
    """
    folder = Path(name_or_folder)
    if not (folder / "pack.yaml").is_file():
        folder = PACKS / str(name_or_folder)
    if str(name_or_folder) in ("", ".", "..") or not (folder / "pack.yaml").is_file():
        raise NO_PACK(name=name_or_folder, known=", ".join(pack_names()) or "—")
    return _Loader(folder, schema or register_schema()).load()


def find_pack(day: dt.date, country: str = "cn", room: Path = PACKS, load: Callable[[Path], Pack] | None = None) -> Pack | None:
    """The one pack of a country that is valid on a day, None where there is none. Raises BF-1504 for several.

    `load` takes the place of `load_pack`, for those who keep what they have loaded.
    """
    packs = [(load or load_pack)(room / name) for name in pack_names(room)]
    valid = [pack for pack in packs if pack.country == country and pack.valid_from <= day <= pack.valid_to]
    if len(valid) > 1:
        raise TWO_PACKS(day=day, names=", ".join(pack.name for pack in valid))
    return valid[0] if valid else None


def pack_on(day: dt.date, country: str = "cn", room: Path = PACKS) -> Pack:
    """The one pack of a country that is valid on a day. Raises BF-1503 for none, BF-1504 for several."""
    pack = find_pack(day, country, room)
    if pack is None:
        raise NO_PACK_ON(day=day, country=country)
    return pack


class _Loader:
    def __init__(self, folder: Path, schema: Schema) -> None:
        self.schema = schema
        paths = sorted(path for path in folder.rglob("*.yaml") if path.is_file())
        digest = hashlib.sha256()
        for path in paths:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
        self.version = digest.hexdigest()[:16]
        self.sources = tuple(read_file(path, f"{folder.name}/{path.relative_to(folder).as_posix()}") for path in paths)
        self.top = next(source for source in self.sources if source.file == f"{folder.name}/pack.yaml")

    def load(self) -> Pack:
        for source in self.sources:
            if source.data is None:
                continue
            if not isinstance(source.data, dict):
                raise self.bad(source, (), "not a mapping")
            for key in source.data:
                if key not in _SECTIONS and not (key in _TOP and source is self.top):
                    raise self.bad(source, (key,), f"not one of {', '.join(sorted(_SECTIONS | _TOP))}")
        parameters = {name: self.parameter(name, source) for name, source in self.section("parameters")}
        facts = {level: dict(self.facts(level)) for level in ("persons", "households")}
        types = {name: parameter.type for name, parameter in parameters.items()}
        self.program = check_program(self.schema, types, facts["persons"], facts["households"])
        self.values: dict[str, Node] = {}
        guarantees = {name: self.guarantee(name, source) for name, source in self.section("guarantees")}
        data = self.top.data
        sequence = data.get("sequence") or list(guarantees)
        if sorted(sequence) != sorted(guarantees):
            raise self.bad(self.top, ("sequence",), f"must name each of {', '.join(guarantees)} once")
        valid = data.get("valid")
        if not isinstance(valid, dict) or not all(isinstance(valid.get(key), dt.date) for key in ("from", "to")):
            raise self.bad(self.top, ("valid",), "from and to must be dates")
        return Pack(
            name=self.plain(self.top, ("pack",)),
            title=self.text(self.top, ("title",), data.get("title")),
            country=self.plain(self.top, ("country",)),
            valid_from=valid["from"],
            valid_to=valid["to"],
            version=self.version,
            parameters=parameters,
            program=self.program,
            guarantees={name: guarantees[name] for name in sequence},
            value_nodes=self.values,
            sources=self.sources,
        )

    # --- pieces

    def bad(self, source: Source, path: tuple[Any, ...], detail: str) -> Problem:
        return BAD_PACK(**source.place(*path).values(), detail=detail)

    def plain(self, source: Source, path: tuple[Any, ...]) -> str:
        value = source.data.get(path[-1]) if len(path) == 1 else None
        if not isinstance(value, str) or not value:
            raise self.bad(source, path, "must be a text")
        return value

    def section(self, name: str) -> Iterator[tuple[str, Source]]:
        seen: dict[str, str] = {}
        for source in self.sources:
            entries = (source.data or {}).get(name)
            if entries is None:
                continue
            if not isinstance(entries, dict):
                raise self.bad(source, (name,), "must be a mapping of names")
            for key in entries:
                if key in seen:
                    raise self.bad(source, (name, key), f"already in {seen[key]}")
                if not isinstance(key, str) or not NAME.match(key):
                    raise self.bad(source, (name, key), "not a proper name")
                seen[key] = source.file
                yield key, source

    def facts(self, level: str) -> Iterator[tuple[str, tuple[str, Place]]]:
        for name, source in self.section(level):
            yield name, (self.expression(source, (level, name), source.data[level][name]), source.place(level, name))

    def expression(self, source: Source, path: tuple[Any, ...], raw: Any) -> str:
        if isinstance(raw, bool):
            return "true" if raw else "false"
        if isinstance(raw, int | float):
            return str(raw)
        if not isinstance(raw, str):
            raise self.bad(source, path, "must be an expression")
        return raw

    def text(self, source: Source, path: tuple[Any, ...], raw: Any) -> Text:
        if not isinstance(raw, dict) or not all(isinstance(raw.get(lang), str) and raw[lang] for lang in ("zh", "en")):
            raise self.bad(source, path, "needs zh and en")
        return Text(raw["zh"], raw["en"])

    def entry(self, source: Source, path: tuple[Any, ...], allowed: set[str], needed: set[str]) -> dict[str, Any]:
        raw: Any = source.data
        for key in path:
            raw = raw[key]
        if not isinstance(raw, dict):
            raise self.bad(source, path, "must be a mapping")
        for key in raw:
            if key not in allowed:
                raise self.bad(source, (*path, key), f"not one of {', '.join(sorted(allowed))}")
        for key in sorted(needed - set(raw)):
            raise self.bad(source, path, f"{key} is missing")
        return raw

    def parameter(self, name: str, source: Source) -> Parameter:
        path = ("parameters", name)
        raw = self.entry(source, path, _PARAMETER_KEYS, {"title", "values", "source", "verified"})
        values = raw["values"]
        if not isinstance(values, dict) or not values or not all(isinstance(day, dt.date) for day in values):
            raise self.bad(source, (*path, "values"), "must give values by date")
        kind = _TYPES.get(str(raw["type"])) if "type" in raw else _guess(list(values.values()))
        if kind is None:
            raise self.bad(source, path, f"type must be one of {', '.join(_TYPES)}")
        made = []
        for day, value in sorted(values.items()):
            try:
                if value is None:
                    raise ValueError(value)
                made.append((day, internal(value, kind)))
            except (ValueError, ArithmeticError):
                raise BAD_VALUE(**source.place(*path, "values", day).values(), value=value, wanted=kind) from None
        verified = raw["verified"]
        by_date = isinstance(verified, dict) and all(day in values and isinstance(held, bool) for day, held in verified.items())
        if not (isinstance(verified, bool) or by_date):
            raise self.bad(source, (*path, "verified"), "must be true, false, or that by date")
        title = self.text(source, (*path, "title"), raw["title"])
        return Parameter(name, kind, title, str(raw.get("unit", "")), tuple(made), str(raw["source"]), verified)

    def guarantee(self, name: str, source: Source) -> Guarantee:
        path = ("guarantees", name)
        raw = self.entry(
            source,
            path,
            {"title", "short", "assessed", "met", *_REASONS, "note"},
            {"title", "assessed", "met", "met_by", "unmet", "missing"},
        )
        assessed = self.condition(source, (*path, "assessed"), raw["assessed"])
        if not (assessed.op == "const" and assessed.value is True) and "not_assessed" not in raw:
            raise self.bad(source, path, "not_assessed is missing: say why a household is not assessed")
        met_by, unmet, missing, not_assessed = (
            self.reasons(source, (*path, section), raw[section], keys) if section in raw else ()
            for section, keys in _REASONS.items()
        )
        return Guarantee(
            name=name,
            title=self.text(source, (*path, "title"), raw["title"]),
            short=self.text(source, (*path, "short"), raw.get("short", raw["title"])),
            assessed=assessed,
            met=self.condition(source, (*path, "met"), raw["met"]),
            met_by=met_by,
            unmet=unmet,
            missing=missing,
            not_assessed=not_assessed,
            place=source.place(*path),
        )

    def condition(self, source: Source, path: tuple[Any, ...], raw: Any) -> Node:
        return self.program.expression(self.expression(source, path, raw), HOUSEHOLD, source.place(*path), BOOLEAN)

    def reasons(self, source: Source, path: tuple[Any, ...], raw: Any, keys: set[str]) -> tuple[Reason, ...]:
        if not isinstance(raw, dict) or not raw:
            raise self.bad(source, path, "must be a mapping of codes")
        made = []
        for code in raw:
            at = (*path, code)
            if not isinstance(code, str) or not NAME.match(code):
                raise self.bad(source, at, "not a proper code")
            entry = self.entry(source, at, keys, keys)
            text = self.text(source, at, entry)
            values = tuple(dict.fromkeys(self.placeholder(source, at, found) for found in PLACEHOLDER.findall(text.zh + text.en)))
            fact, supplied_by = entry.get("fact", ""), entry.get("supplied_by", "")
            if "fact" in keys:
                self.known_fact(source, (*at, "fact"), fact)
                if not isinstance(supplied_by, str) or not NAME.match(supplied_by):
                    raise self.bad(source, (*at, "supplied_by"), "must be a name")
            do = self.text(source, (*at, "do"), entry["do"]) if "do" in keys else None
            when = self.condition(source, (*at, "when"), entry["when"])
            made.append(Reason(code, when, text, values, fact, supplied_by, do))
        return tuple(made)

    def known_fact(self, source: Source, path: tuple[Any, ...], fact: Any) -> None:
        try:
            self.program.level_of(fact)
        except KeyError:
            raise UNKNOWN_NAME(**source.place(*path).values(), unknown=fact, near="—") from None

    def placeholder(self, source: Source, path: tuple[Any, ...], found: str) -> str:
        """Check a placeholder and remember how its value is computed; gives the value's key."""
        place = source.place(*path)
        problem = BAD_PLACEHOLDER(**place.values(), placeholder="{" + found + "}")
        member = _MEMBER_PLACEHOLDER.match(found)
        key = member.group(2) if member else found
        try:
            level = self.program.level_of(key)
        except KeyError:
            raise problem from None
        if member is not None and level == PERSON and self.program.type_of(key) == BOOLEAN:
            self.values[key] = self.program.expression(f"names({key})", HOUSEHOLD, place)
        elif member is None and level in (HOUSEHOLD, ANYWHERE):
            self.values[key] = self.program.expression(key, HOUSEHOLD, place)
        else:
            raise problem
        return key


def _guess(values: list[Any]) -> Type | None:
    if all(isinstance(value, bool) for value in values):
        return BOOLEAN
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return INTEGER
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return DECIMAL
    return DATE if all(isinstance(value, dt.date) for value in values) else None
