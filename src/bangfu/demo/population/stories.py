"""Families written by hand: read from the county's `stories.yaml`, given to the generator, and then told over its draws."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from bangfu.demo.population.setting import Setting

# What a household that parts from another keeps of it: where it is, and what kind of household it is.
KEPT = frozenset(
    (
        "county",
        "township",
        "village",
        "village_code",
        "group",
        "natural_village",
        "address",
        "data_date",
        "household_no",
        "household_kind",
    )
)


@dataclass(frozen=True, slots=True)
class Record:
    """One household record of a story. `members` are the fields of each person, defaults already laid beneath them."""

    number: str
    village: str
    group: int
    household: Mapping[str, Any]
    members: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Later:
    """What a later file says of a family: its day, and its records, which name people that the first records have."""

    day: date
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A family: its key, its title in both languages, its kind, its records (two for a duplicate), and what a later file says."""

    key: str
    title: Mapping[str, str]
    kind: str
    relocated: bool
    records: tuple[Record, ...]
    later: Later | None = None

    @property
    def monitoring(self) -> str | None:
        """The kind of monitoring, where there is one."""
        return "edge" if self.kind == "edge" else None

    @property
    def numbers(self) -> list[str]:
        """Household numbers of the records, those that a later file brings included."""
        later = self.later.records if self.later else ()
        return list(dict.fromkeys(record.number for record in (*self.records, *later)))

    @property
    def members(self) -> list[Mapping[str, Any]]:
        """All persons of all records; a later file brings nobody new."""
        return [member for record in self.records for member in record.members]

    @property
    def repaired(self) -> int:
        """How many of its houses have been renovated."""
        return sum(record.household.get("house_repair") in ("completed", "accepted") for record in self.records)


def read(setting: Setting, villages: set[str]) -> list[Story]:
    """The stories of a county whose villages are all there, in the order of the file; none where the setting names no file."""
    name = setting.get("stories")
    if not name:
        return []
    raw = yaml.safe_load((setting.path.parent / name).read_text(encoding="utf-8"))
    defaults = raw["defaults"]
    stories = [_story(setting, key, spec, defaults) for key, spec in raw["stories"].items()]
    return [story for story in stories if all(record.village in villages for record in story.records)]


def _story(setting: Setting, key: str, spec: Mapping[str, Any], defaults: Mapping[str, Any]) -> Story:
    def record(raw: Mapping[str, Any], place: Mapping[str, Any], household: Mapping[str, Any], members: list[Any]) -> Record:
        number = setting["household_no"].format(village=place["village"], serial=f"{raw['serial']:05d}")
        return Record(number, place["village"], place["group"], household, tuple(members))

    standing = defaults["household"]
    records = tuple(
        record(raw, raw, {**standing, **raw.get("household", {})}, [_member(member, defaults) for member in raw["members"]])
        for raw in spec["records"]
    )
    later = None
    if "later" in spec:
        # A household that stands already is told what changes; one that is new is told everything.
        known, place = {raw["serial"] for raw in spec["records"]}, spec["records"][0]
        later = Later(
            spec["later"]["day"],
            tuple(
                record(raw, place, {**({} if raw["serial"] in known else standing), **raw.get("household", {})}, raw["members"])
                for raw in spec["later"]["records"]
            ),
        )
    return Story(key, spec["title"], spec["kind"], spec.get("relocated", False), records, later)


def _member(spec: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(defaults["person"])
    for layer in spec["as"]:
        fields.update(defaults[layer])
    return fields | {key: value for key, value in spec.items() if key != "as"}


def plain_identity(setting: Setting) -> Setting:
    """The setting with its first region prefix only: a story's identity numbers must not depend on a draw."""
    scheme = dict(setting["identity"])
    if "prefixes" in scheme:
        scheme["prefixes"] = {next(iter(scheme["prefixes"])): 1}
    return Setting({**setting.raw, "identity": scheme}, setting.path)


def tell(found: Sequence[Story], columns: dict[str, Any]) -> dict[str, Any]:
    """The columns of the stories' people with everything that the stories give written over what was drawn.

    The columns have the stories' persons in the order of their records. Raises KeyError for a field that the register lacks.
    """
    rows: list[Mapping[str, Any]] = []
    for story in found:
        for record in story.records:
            # a telephone of the household is its head's
            shared = dict(record.household)
            if "phone" in record.members[0]:
                shared["household_phone"] = record.members[0]["phone"]
            rows += [{**shared, **member} for member in record.members]
    told = dict(columns)
    for key in sorted({key for row in rows for key in row}):
        if key not in columns:
            raise KeyError(f"stories: no field {key}")
        column = columns[key]
        values = [_value(row[key], column.type) if key in row else old for row, old in zip(rows, column.to_pylist(), strict=True)]
        told[key] = _array(values, column.type)
    return told


def later_rows(found: Sequence[Story], table: Any, of_household: frozenset[str]) -> Any:
    """The rows of the later files in the shape of `table`, which has the first rows. `of_household` are the fields of households.

    A person keeps what the first row said of them but for what the later one tells. A household that is new keeps where it is and
    its kind, and of the rest nothing but what it tells. Raises KeyError for a person whom the first records do not have.
    """
    rows: list[dict[str, Any]] = []
    for story in found:
        if story.later is None:
            continue
        first = {
            record.number: table.filter(pc.equal(table["household_no"], record.number)).to_pylist() for record in story.records
        }
        people = {row["name"]: row for row in itertools.chain.from_iterable(first.values())}
        for record in story.later.records:
            known = people[record.members[0]["name"]]
            lost = frozenset() if record.number in first else of_household - KEPT
            shared = {"household_no": record.number, "data_date": story.later.day, **record.household}
            shared |= {key: None for key in lost if key not in shared}
            if "household_phone" in lost:
                shared["household_phone"] = known["phone"]
            for seat, member in enumerate(record.members, 1):
                number = {"person_no": f"{record.number}{seat:02d}"}
                rows.append({**people[member["name"]], **shared, **number, **member})
    return pa.table({name: _array([row[name] for row in rows], table.schema.field(name).type) for name in table.column_names})


def _value(value: Any, kind: Any) -> Any:
    if value is not None and pa.types.is_decimal(kind):
        return Decimal(str(value)).quantize(Decimal("0.01"))
    return value


def _array(values: list[Any], kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)
