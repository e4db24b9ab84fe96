"""The county of this data folder: its name, country, root area, whether it is synthetic and where its clock stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.problems import declare
from bangfu.foundation.reading import read
from bangfu.foundation.say import Text

NO_COUNTY = declare(
    "BF-1002",
    zh="这个数据目录里还没有建立县。",
    en="No county has been set up in this data folder.",
    remedy_zh="运行 bangfu demo 建立示例县，或用 bangfu areas load 载入本县区划。",
    remedy_en="Run `bangfu demo` for the demo county, or load your own areas with `bangfu areas load`.",
)


@dataclass(frozen=True, slots=True)
class County:
    """The one county of a data folder. `clock` is set for synthetic counties only; `revision` changes with its areas."""

    name: Text
    country: str
    path: str
    synthetic: bool
    clock: datetime | None
    revision: str = ""

    def operator(self) -> Actor:
        """Whoever holds the machine: the command line acts as the system at the county."""
        return system(self.path, "command line")


_of_request: ContextVar[County | None] = ContextVar("bangfu_county", default=None)


def find_county() -> County | None:
    """The county, or None where none is set up. Sets this process's clock for a synthetic one."""
    # A database that is older than the program has no revision: `doctor` and a restore read the county all the same.
    rows = read("SELECT name_zh, name_en, country, path, synthetic, clock, to_jsonb(county) ->> 'revision' FROM county")
    if not rows:
        return None
    name_zh, name_en, country, path, synthetic, at, revision = rows[0]
    county = County(Text(name_zh, name_en), country, path, synthetic, at, revision or "")
    if county.synthetic and county.clock is not None:
        clock.set_process_clock(county.clock)
    return county


@contextmanager
def reading_county() -> Iterator[County | None]:
    """Read the county once for all of a request: `the_county` and `present_revision` do not ask again within the block."""
    county = find_county()
    token = _of_request.set(county)
    try:
        yield county
    finally:
        _of_request.reset(token)


def present_revision() -> str:
    """The county's revision as the request read it before anything else; blank elsewhere, where nothing may be kept in memory."""
    county = _of_request.get()
    return county.revision if county is not None else ""


def present_county() -> County | None:
    """The county as the request has read it, elsewhere as it is; None where none is set up."""
    return _of_request.get() or find_county()


def the_county() -> County:
    """The county. Raises BF-1002 where none is set up."""
    county = present_county()
    if county is None:
        raise NO_COUNTY()
    return county


def found_county(name: Text, country: str, path: str, *, synthetic: bool = False, at: datetime | None = None) -> County:
    """Set the county of this data folder up, or correct its entry. A clock is refused for a county that is not synthetic."""
    if at is not None and not synthetic:
        raise ValueError("only a synthetic county has a clock of its own")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO county (name_zh, name_en, country, path, synthetic, clock) VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (only_one) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, country = excluded.country,
              path = excluded.path, synthetic = excluded.synthetic, clock = excluded.clock
            """,
            [name.zh, name.en, country, path, synthetic, at],
        )
    county = find_county()
    if county is None:
        raise NO_COUNTY()
    return county
