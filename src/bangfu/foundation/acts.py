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


# What particulars of acts are called, by the key under which they are noted.
_particulars: dict[str, Text] = {}


def particulars(**names: Text) -> None:
    """Make the names of particulars known; an act is noted with such only. A name may be said again, in the same words."""
    for key, name in names.items():
        if _particulars.setdefault(key, name) != name:
            raise ValueError(f"particular {key} has another name already")


def particular(key: str) -> Text:
    """The name of a particular. Raises KeyError for one that nobody has made known."""
    return _particulars[key]


particulars(
    rows=Text("行数", "rows"),
    source=Text("来源", "source"),
    since=Text("起", "since"),
    until=Text("止", "until"),
    households=Text("户数", "households"),
    new=Text("新增", "new"),
    reason=Text("事由", "reason"),
)


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
