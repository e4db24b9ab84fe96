"""What messages bring: the channels that are shipped, and what of theirs is encrypted."""

from __future__ import annotations

from bangfu.backup.actions import county_restored
from bangfu.foundation.actor import Actor
from bangfu.foundation.secrecy import SealedColumn, sealed_columns
from bangfu.messages import day  # noqa: F401 (fills the day)
from bangfu.messages.channels import Channel, channels
from bangfu.messages.channels.email import Email
from bangfu.messages.channels.inside import CopiedText, InApp
from bangfu.messages.channels.robots import DingTalkRobot, WeComRobot
from bangfu.messages.channels.sms import SmsGateway
from bangfu.messages.models import CONTENT, SETTINGS, WHERE
from bangfu.messages.sending import end_after_restore


@channels.provider("messages", order=10)
def shipped() -> list[Channel]:
    """The inbox, the text to copy, two robots, SMS, and last e-mail."""
    return [InApp(), CopiedText(), WeComRobot(), DingTalkRobot(), SmsGateway(), Email()]


@sealed_columns.provider("messages", order=20)
def encrypted() -> list[SealedColumn]:
    """What was told, the settings of channels with their secrets, and where users are reached."""
    return [
        SealedColumn("messages_message", "content", CONTENT),
        SealedColumn("messages_channel", "settings", SETTINGS),
        SealedColumn("messages_address", "value", WHERE),
    ]


@county_restored.provider("messages")
def nothing_comes_twice(actor: Actor) -> None:
    """What waited in a backup is not sent from the county that came back."""
    end_after_restore(actor)
