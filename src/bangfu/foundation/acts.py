"""Acts that leave a trace: their kinds, and how layers below the audit tell it of them.

    IMPORT = declare("register.import", zh="导入", en="Import")

Packages above `accounts` call `bangfu.accounts.audit.note`; `areas` and `foundation` call `tell`, which asks the same function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class Act:
    """A kind of act by its key, with its name as people read it."""

    key: str
    title: Text


_acts: dict[str, Act] = {}


def declare(key: str, *, zh: str, en: str) -> Act:
    """Make a kind of act known. Raises ValueError where the key is taken."""
    if key in _acts:
        raise ValueError(f"act {key} is declared twice")
    return _acts.setdefault(key, Act(key, Text(zh, en)))


def acts() -> dict[str, Act]:
    """Every declared kind by key."""
    return dict(sorted(_acts.items()))


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an act: on what, at which area (None: where the actor stands), why, and particulars; nothing personal in clear."""

    subject: str = ""
    path: str | None = None
    reason: str = ""
    detail: Mapping[str, Any] | None = None


told: ExtensionPoint[[Actor, Act, Told], None] = ExtensionPoint("told")


def tell(
    actor: Actor,
    act: Act,
    *,
    subject: str = "",
    path: str | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Tell the audit of an act, in the transaction of the act."""
    for _ in told.ask(actor, act, Told(subject, path, reason, detail)):
        pass


KEY_CHANGE = declare("key.change", zh="更换密钥", en="Change of keys")
