"""The only source of now and today.

A county marked synthetic sets the clock: the demo lives on 2020-04-28 until its user lets it run. Everywhere else the
machine's time is the time. PostgreSQL is told the same time by `bangfu.foundation.acting` (the setting `bangfu.now`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("bangfu_clock", default=None)
_process: dict[str, datetime] = {}


def zone() -> ZoneInfo:
    """The county's time zone (`BANGFU_TIME_ZONE`, Asia/Shanghai by default)."""
    return ZoneInfo(os.environ.get("BANGFU_TIME_ZONE", "Asia/Shanghai"))


def now() -> datetime:
    """The present moment, aware, in UTC: the fixed one where a clock is set, else the machine's."""
    fixed = _fixed.get() or _process.get("now")
    return fixed if fixed is not None else datetime.now(UTC)  # noqa: TID251


def today() -> date:
    """The present day in the county's time zone."""
    return now().astimezone(zone()).date()


def machine_now() -> datetime:
    """The machine's time whatever the county's clock says: for the audit and for measuring."""
    return datetime.now(UTC)  # noqa: TID251


def moment(day: date) -> datetime:
    """Noon of a day in the county's time zone: the moment that a clock set to a day stands at."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone()).astimezone(UTC)


def set_process_clock(at: datetime | None) -> None:
    """Set (or with None free) the clock of this process. Only synthetic counties and tests do."""
    if at is None:
        _process.pop("now", None)
    else:
        _process["now"] = at


@contextmanager
def standing_at(at: datetime | date) -> Iterator[None]:
    """Let the block live at a moment, or at noon of a day."""
    token = _fixed.set(at if isinstance(at, datetime) else moment(at))
    try:
        yield
    finally:
        _fixed.reset(token)


def days_before(day: date, days: int) -> date:
    """The day that lies `days` before `day`."""
    return day - timedelta(days=days)
