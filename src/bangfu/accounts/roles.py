"""The roles and their permissions, read from `roles.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its name, the level of area it is given at, what it may do, what it sees (`household`, `totals`, `nothing`)."""

    key: str
    title: Text
    level: str
    sees: str
    permissions: frozenset[str]


@lru_cache(maxsize=1)
def roles() -> dict[str, Role]:
    """Every role by key."""
    raw = yaml.safe_load((Path(__file__).parent / "roles.yaml").read_text("utf-8"))
    return {key: Role(key, Text(r["zh"], r["en"]), r["level"], r["sees"], frozenset(r["permissions"])) for key, r in raw.items()}
