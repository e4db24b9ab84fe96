"""What the pages of messages share: the ways between them, and the reader's own actor."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from bangfu.accounts.models import User
from bangfu.foundation.actor import Actor
from bangfu.foundation.reading import read
from bangfu.foundation.say import Text
from bangfu.messages.actions import oneself

# The pages, in the order of their tabs: name of the address, title, the permission that it needs (blank: everybody's own).
TABS = (
    ("inbox", Text("我的消息", "My messages"), ""),
    ("my-group", Text("群通报", "For the group"), "message.copy"),
    ("receipts", Text("发送回执", "Receipts"), "message.manage"),
    ("channels", Text("渠道", "Channels"), "message.manage"),
    ("settings", Text("接收设置", "How I am reached"), ""),
)


def reader_of(request: HttpRequest) -> Actor:
    """Who reads their own messages: in the role that they act in, else in none."""
    return oneself(cast(User, request.user), getattr(request, "actor", None))


def tabs(request: HttpRequest, here: str) -> dict[str, Any]:
    """The ways from one page of messages to the others, those that the reader may go."""
    actor = getattr(request, "actor", None)
    open_ones = [t for t in TABS if not t[2] or (actor is not None and actor.may(t[2]))]
    return {
        "place": "messages",
        "tabs": [(title, reverse(f"messages:{name}"), name == here) for name, title, _ in open_ones],
    }


def unread(actor: Actor) -> int:
    """How many messages of the actor's inbox nobody has read: asked by every page, answered by an index of its own."""
    if actor.user_id is None:
        return 0
    sql = "SELECT count(*) FROM messages_receipt WHERE user_id = %s AND channel = 'in_app' AND read_at IS NULL"
    return int(read(sql, [actor.user_id])[0][0])
