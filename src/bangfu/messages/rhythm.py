"""The rhythm that holds: a user's own quiet hours and digest, else the county's, else those that come with the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.foundation.say import Text, text
from bangfu.messages.digest import Hours
from bangfu.messages.models import Rhythm


@dataclass(frozen=True, slots=True)
class Shipped:
    """The rhythm where nobody has set one, and where it comes from."""

    hours: Hours
    source: Text
    verified: bool


@lru_cache(maxsize=1)
def shipped() -> Shipped:
    """What comes with the product (`defaults.yaml`)."""
    raw: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "defaults.yaml").read_text("utf-8"))
    hours = Hours(*(time.fromisoformat(raw[name]) for name in ("quiet_from", "quiet_until", "digest_at")))
    return Shipped(hours, text(raw["source"]), bool(raw["verified"]))


def hours_of(row: Rhythm) -> Hours:
    """A row as the planning reads it."""
    return Hours(row.quiet_from, row.quiet_until, row.digest_at)


def county_row(day: date) -> Rhythm | None:
    """What the county has set for a day."""
    return Rhythm.objects.on(day).of(None).first()


def county_hours(day: date) -> Hours:
    """The county's rhythm of a day."""
    row = county_row(day)
    return hours_of(row) if row is not None else shipped().hours


def own_row(user_id: int, day: date) -> Rhythm | None:
    """What a user has set for a day."""
    return Rhythm.objects.on(day).of(user_id).first()


def own_hours(day: date) -> dict[int, Hours]:
    """The rhythms of the users who have their own. For the worker: a page reads none but its reader's."""
    return {row.user_id: hours_of(row) for row in Rhythm.objects.on(day).exclude(user=None) if row.user_id is not None}
