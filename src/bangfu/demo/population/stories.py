"""Families written by hand: read from the county's `stories.yaml`, given to the generator, and then told over its draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import yaml

from bangfu.demo.population.setting import Setting


@dataclass(frozen=True, slots=True)
class Record:
    """One household record of a story. `members` are the fields of each person, defaults already laid beneath them."""

    number: str
    village: str
    group: int
    household: Mapping[str, Any]
    members: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A family: its key, its title in both languages, its kind, and its records (two for a duplicate)."""

    key: str
    title: Mapping[str, str]
    kind: str
    relocated: bool
    records: tuple[Record, ...]

    @property
    def monitoring(self) -> str | None:
        """The kind of monitoring, where there is one."""
        return "edge" if self.kind == "edge" else None

    @property
    def numbers(self) -> list[str]:
        """Household numbers of the records."""
        return [record.number for record in self.records]

    @property
    def members(self) -> list[Mapping[str, Any]]:
        """All persons of all records."""
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
    records = tuple(
        Record(
            number=setting["household_no"].format(village=record["village"], serial=f"{record['serial']:05d}"),
            village=record["village"],
            group=record["group"],
            household={**defaults["household"], **record.get("household", {})},
            members=tuple(_member(member, defaults) for member in record["members"]),
        )
        for record in spec["records"]
    )
    return Story(key, spec["title"], spec["kind"], spec.get("relocated", False), records)


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


def _value(value: Any, kind: Any) -> Any:
    if value is not None and pa.types.is_decimal(kind):
        return Decimal(str(value)).quantize(Decimal("0.01"))
    return value


def _array(values: list[Any], kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)
