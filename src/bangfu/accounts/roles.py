"""The roles and their permissions, read from `roles.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bangfu.foundation.say import Text
from bangfu.foundation.terms import term

IDLE_MINUTES = 30  # of a desk in an office; who walks from house to house logs in once a shift


@dataclass(frozen=True, slots=True)
class Role:
    """A role: the level of area it is given at (`highest`: or at one above, up to this), what it may do, what it sees
    (`household`, `duty`, `totals`, `nothing`), whether it needs a second factor, after how many minutes without a request its log-in
    ends, and which personal fields it sees unmasked. Levels are the parts that a country's levels play (`Plays`)."""

    key: str
    level: str
    highest: str
    sees: str
    permissions: frozenset[str]
    second_factor: bool
    idle_minutes: int
    clear: frozenset[str]

    @property
    def title(self) -> Text:
        """What the role is called today."""
        return term(self.key)


@lru_cache(maxsize=1)
def roles() -> dict[str, Role]:
    """Every role by key."""
    raw = yaml.safe_load((Path(__file__).parent / "roles.yaml").read_text("utf-8"))
    return {
        key: Role(
            key=key,
            level=r["level"],
            highest=r.get("highest", r["level"]),
            sees=r["sees"],
            permissions=frozenset(r["permissions"]),
            second_factor=r.get("second_factor", False),
            idle_minutes=r.get("idle_minutes", IDLE_MINUTES),
            clear=frozenset(r.get("clear", ())),
        )
        for key, r in raw.items()
    }
