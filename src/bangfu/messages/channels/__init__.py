"""Channels as plug-ins: what a way out of the product is, what it is handed and what it answers.

A package of anybody adds one:

    @channels.provider("acme_pager", order=80)
    def pager() -> list[Channel]: ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text

SENT, DELIVERED, FAILED = "sent", "delivered", "failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes to one reader: its number, the reader's language, subject and body in it, the address (a telephone number, an e-mail
    address; blank where the channel itself is the address)."""

    key: str
    language: str
    subject: str
    body: str
    address: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a letter: `sent`, `delivered` or `failed` with the reason, in the words of who answered; whether another attempt
    may help; the key under which a gateway will report on it."""

    key: str
    state: str
    reason: str = ""
    again: bool = False
    provider_key: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A setting of a channel: what it is called, what it is when nobody has chosen, whether it is a secret, what may be chosen."""

    key: str
    title: Text
    default: str = ""
    secret: bool = False
    needed: bool = False
    choices: tuple[str, ...] = ()
    hint: Text | None = None
    lines: bool = False
    address: bool = False  # the address to which requests go: its host must be allowed


class Channel(Protocol):
    """A kind of channel."""

    key: str
    title: Text
    may_hold_personal: bool  # whether what may name a person can go out on it in full
    fields: tuple[Field, ...]  # none: there is nothing to set up, it is always there
    reaches: str  # `group`: the chat group of an area; `phone`, `email`: users by such an address; `user`: every user
    quiet: bool  # whether quiet hours hold what is on it
    digest: bool  # whether it folds the day's messages into one
    per_minute: int  # letters; 0: no limit is known

    def deliver(self, batch: Sequence[Letter], settings: Mapping[str, str]) -> list[Receipt]:
        """Hand letters over. Gives a receipt for each; nothing is raised for what the other side answers, or that it does not."""
        ...

    def check(self, settings: Mapping[str, str]) -> None:
        """Hold that the settings can work. Raises BF-2311 for what cannot."""
        ...


channels: ExtensionPoint[[], list[Channel]] = ExtensionPoint("channels")


def known() -> dict[str, Channel]:
    """Every kind of channel by key, in the order of their packages."""
    return {one.key: one for _, found in channels.ask() for one in found}
