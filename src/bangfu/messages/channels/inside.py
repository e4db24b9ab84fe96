"""The two channels that send nothing anywhere: the inbox in the product, and the text that somebody copies into a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bangfu.foundation.say import Text
from bangfu.messages.channels import DELIVERED, SENT, Field, Letter, Receipt


class InApp:
    """The inbox: there for everybody, at once, disturbing nobody."""

    key = "in_app"
    title = Text("站内消息", "In the product")
    may_hold_personal = True
    fields: tuple[Field, ...] = ()
    reaches = "user"
    quiet = False
    digest = False
    per_minute = 0

    def deliver(self, batch: Sequence[Letter], settings: Mapping[str, str]) -> list[Receipt]:
        """A letter lies in the inbox as soon as it is written."""
        return [Receipt(letter.key, DELIVERED) for letter in batch]

    def check(self, settings: Mapping[str, str]) -> None:
        """There is nothing to set up."""


class CopiedText:
    """A text or a picture for a chat group, taken there by somebody's own hand. It needs no permit and holds nothing of a person."""

    key = "group_text"
    title = Text("复制到群", "Copied into a group")
    may_hold_personal = False
    fields: tuple[Field, ...] = ()
    reaches = "group"
    quiet = False
    digest = False
    per_minute = 0

    def deliver(self, batch: Sequence[Letter], settings: Mapping[str, str]) -> list[Receipt]:
        """A letter is ready to be copied."""
        return [Receipt(letter.key, SENT) for letter in batch]

    def check(self, settings: Mapping[str, str]) -> None:
        """There is nothing to set up."""
