"""What a backup holds, as its records tell it: the head says what it is of, the tail what must be found in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bangfu.backup import sealed
from bangfu.backup.database import Rows
from bangfu.backup.problems import DAMAGED

HEAD, DATABASE, FILE, CONTENT, TAIL = b"M", b"D", b"F", b"B", b"Z"


@dataclass(frozen=True, slots=True)
class Head:
    """Of what a backup was taken: known when it begins."""

    key: UUID
    version: str
    made: datetime
    by: str
    county: tuple[str, str]
    server_version: int
    migrations: list[tuple[str, str]]
    keys: dict[str, str]

    def encoded(self) -> bytes:
        """As it stands in the file."""
        return json.dumps(asdict(self) | {"key": str(self.key), "made": self.made.isoformat()}, ensure_ascii=False).encode()

    @staticmethod
    def decoded(raw: bytes) -> Head:
        """Read back."""
        told: dict[str, Any] = json.loads(raw)
        told["key"], told["made"] = UUID(told["key"]), datetime.fromisoformat(told["made"])
        told["county"], told["migrations"] = tuple(told["county"]), [(a, n) for a, n in told["migrations"]]
        return Head(**told)


@dataclass(frozen=True, slots=True)
class Tail:
    """What must be found in a backup: known when it ends."""

    tables: dict[str, Rows]
    database_bytes: int
    files: int

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.count for table in self.tables.values())

    def encoded(self) -> bytes:
        """As it stands in the file."""
        return json.dumps(asdict(self)).encode()

    @staticmethod
    def decoded(raw: bytes) -> Tail:
        """Read back."""
        told: dict[str, Any] = json.loads(raw)
        return Tail({name: Rows(**rows) for name, rows in told.pop("tables").items()}, **told)


@dataclass(frozen=True, slots=True)
class Contents:
    """A backup that was read to its end once: every piece is authentic and in its place."""

    file: Path
    passphrase: str = field(repr=False)
    head: Head
    tail: Tail

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """Its records once more: files, each with its content, and the database as compressed SQL text."""
        return sealed.read(self.file, self.passphrase)


def inspect(file: Path, passphrase: str, progress: Callable[[int], None] = lambda read: None) -> Contents:
    """Read a backup to its end, holding every piece to its seal. `progress` is told the bytes read.

    Raises BF-2105, BF-2106, BF-2107 as `sealed.read`; BF-2107 too where a record that must be there is not.
    """
    head = tail = None
    done = 0
    for kind, content in sealed.read(file, passphrase):
        done += len(content)
        if kind == HEAD:
            head = Head.decoded(content)
        elif kind == TAIL:
            tail = Tail.decoded(content)
        else:
            progress(done)
    if head is None or tail is None:
        raise DAMAGED(file=file, at=done)
    return Contents(file, passphrase, head, tail)
