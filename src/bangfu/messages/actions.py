"""Every write to messages, their channels and their rhythm by people and by the packages above; the worker's are in `sending`."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.audit import note
from bangfu.accounts.models import User
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.say import Text, is_text, language
from bangfu.foundation.secrecy import decrypt, encrypt_many, keyed_hash
from bangfu.messages import acts
from bangfu.messages.channels import Channel as Kind
from bangfu.messages.channels import Field, Letter, Receipt, known
from bangfu.messages.channels.outgoing import host_of
from bangfu.messages.digest import Hours
from bangfu.messages.group import GroupText, told
from bangfu.messages.kinds import COPIED, kinds
from bangfu.messages.models import SETTINGS, WHERE, Address, Channel, Message, Rhythm, sealed_content
from bangfu.messages.models import Receipt as Row
from bangfu.messages.problems import (
    BAD_ADDRESS,
    BAD_MESSAGE,
    BAD_SETTING,
    NO_SUCH_MESSAGE,
    NO_SUCH_TEXT,
    NOT_ALLOWED_HOST,
    OUTSIDE,
    UNKNOWN_CHANNEL,
)

SEND = "bangfu.messages.send"
DOOR, DOOR_PURPOSE = "door", "message.door"  # of a gateway's reports: the secret in the settings, the purpose of its keyed hash
LONGEST_KEY, LONGEST_SUBJECT, LONGEST_BODY, LONGEST_LINK = 120, 200, 4000, 200
LONGEST_SETTING = 1000
NOTHING = Text("", "")
TRIED = (
    Text("帮扶系统", "Bangfu"),
    Text("渠道测试：收到本条即表示可用。", "This tests a channel: whoever reads it knows that it works."),
)
_LINK = re.compile(r"/(?![/\\])[!-~]*")
_PHONE = re.compile(r"\+?\d{6,15}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Something to be told, once per `key` (the business event): to users (`to`, their keys), or with `group` to the chat group of the
    area `path`, whose subject and body are then those of the text.

    `path` is the area that it concerns. `link` leads to the thing within the product. `personal`: it may name a person; it then leaves
    the house as a notice only that there is something to read.
    """

    key: str
    kind: str
    path: str
    subject: Text = NOTHING
    body: Text = NOTHING
    to: Sequence[int] = ()
    deadline: date | None = None
    link: str = ""
    urgent: bool = False
    personal: bool = True
    group: GroupText | None = None


def send(actor: Actor, messages: NewMessage | Iterable[NewMessage]) -> int:
    """Tell users and groups; what was told already under its key stays told. Returns how many were told anew: users, and groups.

    It stands in the inboxes at once, and goes out on the other channels when the worker finds it due. It lives in the transaction of
    the act that it tells of. Raises BF-2305 for what will not do, BF-2306 for a place outside the actor's, and for texts of groups
    BF-2301 to BF-2304.
    """
    listed = [messages] if isinstance(messages, NewMessage) else list(messages)
    if not listed:
        return 0
    with acting(actor):
        said = [told(one.group) if one.group is not None else (one.subject, one.body) for one in listed]
        for one, (subject, body) in zip(listed, said, strict=True):
            _require_good(actor, one, subject, body)
        rows = [
            {
                "key": one.key,
                "kind": one.kind,
                "path": one.path,
                "content": base64.b64encode(content).decode(),
                "deadline": one.deadline.isoformat() if one.deadline else None,
                "link": one.link,
                "urgent": one.urgent,
                "personal": one.personal and one.group is None,
                "to_group": one.group is not None,
                "sender": actor.name[:60],
                "users": sorted(set(one.to)) if one.group is None else [],
            }
            for one, content in zip(listed, sealed_content(said), strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute("SELECT message_send(%s, %s)", [json.dumps(rows), clock.now()])
            new = int(cursor.fetchone()[0])
        if new:
            defer_once(SEND)
        return new


def _require_good(actor: Actor, one: NewMessage, subject: Text, body: Text) -> None:
    def refuse(field: Text, why: Text) -> None:
        raise BAD_MESSAGE(key=one.key[:LONGEST_KEY], field=field, why=why)

    length = Text("不能为空，也不能太长", "it may be neither blank nor too long")
    if not 0 < len(one.key) <= LONGEST_KEY:
        refuse(Text("编号", "key"), length)
    if one.kind not in kinds():
        refuse(Text("类别", "kind"), Text("没有声明过", "nobody has declared it"))
    for text, most, least, field in ((subject, LONGEST_SUBJECT, 1, "subject"), (body, LONGEST_BODY, 0, "body")):
        name = Text("标题", "subject") if field == "subject" else Text("正文", "body")
        if not all(least <= len(side) <= most and is_text(side) for side in (text.zh, text.en)):
            refuse(name, length)
    if one.link and (len(one.link) > LONGEST_LINK or not _LINK.fullmatch(one.link)):
        refuse(Text("链接", "link"), Text("只能指向本系统内的页面", "it leads to a page of the product only"))
    if one.group is None and not one.to:
        refuse(Text("收件人", "readers"), Text("没有收件人", "there is none"))
    stands = actor.stands or actor.scope
    if not (actor.covers(one.path) or (actor.may("message.manage") and stands and one.path.startswith(stands))):
        raise OUTSIDE(path=one.path)
    if not one.path.endswith("/"):
        raise OUTSIDE(path=one.path)


def oneself(user: User, present: Actor | None) -> Actor:
    """Who acts on their own messages: in the role that they act in, else in none."""
    return present if present is not None and present.user_id == user.pk else Actor(user.pk, user.name, "", "")


def mark_read(actor: Actor, receipts: Iterable[int] | None = None) -> int:
    """The actor has read messages of their own inbox: those of some receipts, or (None) all. Returns how many had not been read."""
    with acting(actor):
        rows = Row.objects.of(actor.user_id).inbox().unread()
        if receipts is not None:
            rows = rows.filter(pk__in=list(receipts))
        return rows.update(state="read", read_at=clock.now())


def require_own(actor: Actor, receipt: int) -> Row:
    """A receipt of the actor's own inbox with its message. Raises BF-2307 for any other."""
    found = Row.objects.of(actor.user_id).inbox().filter(pk=receipt).select_related("message").first()
    if found is None:
        raise NO_SUCH_MESSAGE()
    return found


def copy_text(actor: Actor, path: str, text: GroupText) -> Row:
    """Note that the actor has copied a text into the group of an area: who, when, and what it said. The same text again changes nothing.

    Raises BF-1001 without `message.copy`, BF-2306 for an area outside the actor's, BF-2301 to BF-2304 for what is no text for a group.
    """
    actor.require("message.copy")
    with acting(actor):
        key = copy_key(path, text_digest(text))
        send(actor, NewMessage(key, COPIED, path, deadline=text.deadline, group=text))
        return _copied(actor, Message.objects.get(key=key), text.key)


def copy_message(actor: Actor, path: str, key: int) -> Row:
    """Note that the actor has copied a message for the group of an area into it. The same again changes nothing.

    Raises BF-1001 without `message.copy`, BF-2308 where there is no such message for that group within the actor's reach.
    """
    actor.require("message.copy")
    with acting(actor):
        message = Message.objects.filter(pk=key, path=path, to_group=True).first()
        if message is None or not actor.covers(path):
            raise NO_SUCH_TEXT()
        return _copied(actor, message, message.kind)


def _copied(actor: Actor, message: Message, subject: str) -> Row:
    held = Row.objects.of(actor.user_id).filter(message=message, channel="group_text").first()
    if held is not None:
        return held
    now = clock.now()
    made = Row.objects.create(
        message=message,
        channel="group_text",
        user_id=actor.user_id,
        path=message.path,
        state="copied",
        queued_at=now,
        sent_at=now,
    )
    note(actor, acts.TEXT_COPIED, subject=subject, path=message.path)
    return made


def copy_key(path: str, mark: str) -> str:
    """The event of copying a text, by its digest, into the group of an area today."""
    return f"{COPIED}/{path}{clock.today()}/{mark}"


def text_digest(text: GroupText) -> str:
    """What a text says, in a few characters: another number gives another digest."""
    title, body = told(text)
    return hashlib.blake2b("\n".join((title.zh, title.en, body.zh, body.en)).encode(), digest_size=8).hexdigest()


# --- channels


def address_field(kind: Kind) -> Field | None:
    """The setting that says to which host a channel goes."""
    return next((f for f in kind.fields if f.address), None)


def kind_of(key: str) -> Kind:
    """A kind of channel that can be set up. Raises BF-2310 for any other."""
    kind = known().get(key)
    if kind is None or not kind.fields:
        raise UNKNOWN_CHANNEL()
    return kind


def require_channel(actor: Actor, key: int) -> Channel:
    """A channel of the actor's area. Raises BF-2310 for any other."""
    found = Channel.objects.visible_to(actor).filter(pk=key).first()
    if found is None:
        raise UNKNOWN_CHANNEL()
    return found


def set_channel(
    actor: Actor, kind: str, path: str, name: str, settings: Mapping[str, str], *, channel: Channel | None = None
) -> Channel:
    """Set a channel up for an area, or change one: what is left blank among its secrets stays as it was.

    Another host must be allowed anew (`allow`); who may allow it has allowed it by this. Raises BF-1001 without `message.manage`,
    BF-2310 for a kind that there is not, BF-1108 for an area that is not the actor's, BF-2311 for a setting that will not do.
    """
    actor.require("message.manage")
    found = kind_of(channel.kind if channel is not None else kind)
    with acting(actor):
        stands = actor.stands or actor.scope
        if not path.startswith(stands) or not Area.objects.filter(path=path).exists():
            raise UNKNOWN_AREA(area=path)
        row = channel or Channel(kind=found.key)
        before = row.opened() if row.pk else {}
        wanted = _settings(found, settings, before)
        found.check(wanted)
        if not 0 < len(name) <= 60 or not name.isprintable():
            raise BAD_SETTING(field=Text("名称", "Name"), wanted=Text("1 到 60 个字", "1 to 60 characters"))
        if found.key == "sms_gateway":
            wanted[DOOR] = before.get(DOOR) or secrets.token_urlsafe(24)
            row.callback = keyed_hash(wanted[DOOR], DOOR_PURPOSE)
        host = _host(found, wanted)
        if row.allowed_host != host:
            row.allowed_host = host if actor.may("message.allow") else ""
        row.name, row.path = name, path
        row.seal(wanted)
        row.save()
        note(actor, acts.CHANNEL_SET, subject=name, path=path, detail={"channel": found.key, "host": host})
        return row


def _settings(kind: Kind, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    wanted = {}
    for field in kind.fields:
        present = before.get(field.key, field.default)
        value = given.get(field.key, present).replace("\r\n", "\n").strip()
        if field.secret and not value:
            value = present
        if len(value) > LONGEST_SETTING or not is_text(value) or (field.needed and not value):
            raise BAD_SETTING(field=field.title, wanted=Text("不能为空，也不能太长", "neither blank nor too long"))
        if field.choices and value not in field.choices:
            raise BAD_SETTING(field=field.title, wanted=Text("、".join(field.choices), " or ".join(field.choices)))
        wanted[field.key] = value
    return wanted


def _host(kind: Kind, settings: Mapping[str, str]) -> str:
    field = address_field(kind)
    return host_of(settings[field.key]) if field is not None else ""


def allow(actor: Actor, channel: Channel) -> str:
    """Allow the host to which a channel goes: from then on it is used. Returns the host.

    Raises BF-1001 without `message.allow` (the county's administrator).
    """
    actor.require("message.allow")
    with acting(actor):
        channel.allowed_host = _host(kind_of(channel.kind), channel.opened())
        channel.save(update_fields=["allowed_host"])
        note(
            actor, acts.CHANNEL_ALLOW, subject=channel.name, path=channel.path,
            detail={"channel": channel.kind, "host": channel.allowed_host},
        )  # fmt: skip
        defer_once(SEND)
        return channel.allowed_host


def switch(actor: Actor, channel: Channel, *, on: bool) -> None:
    """Switch a channel on or off: while it is off nothing new is meant for it, and what waits goes on waiting.

    Raises BF-1001 without `message.manage`.
    """
    actor.require("message.manage")
    with acting(actor):
        channel.on = on
        channel.save(update_fields=["on"])
        note(
            actor, acts.CHANNEL_SWITCH, subject=channel.name, path=channel.path,
            detail={"channel": channel.kind, "on": on},
        )  # fmt: skip


def try_out(actor: Actor, channel: Channel, *, address: str = "") -> Receipt:
    """Send a test over a channel at once, whatever the hour. Returns what the other side answered.

    `address`: the telephone number or e-mail address of the one who tries. Raises BF-1001 without `message.manage`, BF-2312 while the
    host is not allowed, BF-2314 for an address that will not do.
    """
    actor.require("message.manage")
    kind = kind_of(channel.kind)
    with acting(actor):
        if kind.reaches in ("phone", "email"):
            address = good_address(kind.reaches, address)
        settings = channel.opened()
        require_allowed(kind, channel, settings)
        lang = language()
        answer = kind.deliver([Letter("test", lang, TRIED[0].in_language(lang), TRIED[1].in_language(lang), address)], settings)[
            0
        ]
        note(
            actor, acts.CHANNEL_TEST, subject=channel.name, path=channel.path,
            detail={"channel": channel.kind, "state": answer.state},
        )  # fmt: skip
        return answer


def require_allowed(kind: Kind, channel: Channel, settings: Mapping[str, str]) -> None:
    """Hold that a channel goes to the host that was allowed. Raises BF-2312."""
    host = _host(kind, settings)
    if not host or host != channel.allowed_host:
        raise NOT_ALLOWED_HOST(host=host or "–")


def report_names(secret: str) -> dict[str, str] | None:
    """The settings by which the reports of a gateway are read (`report_id`, `report_state`, `report_ok`); None for a secret that is nobody's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT message_gateway(%s)", [keyed_hash(secret, DOOR_PURPOSE)])
        sealed = cursor.fetchone()[0]
    if sealed is None:
        return None
    found = json.loads(decrypt(sealed, SETTINGS) or "{}")
    return {name: str(found.get(name, "")) for name in ("report_id", "report_state", "report_ok")}


def report(secret: str, given: str, *, arrived: bool, words: str) -> int:
    """A gateway reports on the message to which it gave a key. `secret` is that of its address. Returns how many it concerned."""
    with connection.cursor() as cursor:
        door = keyed_hash(secret, DOOR_PURPOSE)
        cursor.execute("SELECT message_reported(%s, %s, %s, %s, %s)", [door, given[:80], arrived, words[:300], clock.now()])
        return int(cursor.fetchone()[0])


# --- rhythm and addresses


def set_rhythm(actor: Actor, hours: Hours, *, source: str, own: bool = False) -> Rhythm:
    """Let quiet hours and the time of the digest hold from today on: the county's, or the actor's `own`.

    Raises BF-1001 for the county's without `message.manage`.
    """
    if not own:
        actor.require("message.manage")
    with acting(actor):
        _end_rhythm(actor.user_id if own else None)
        row = Rhythm.objects.create(
            user_id=actor.user_id if own else None, quiet_from=hours.quiet_from, quiet_until=hours.quiet_until,
            digest_at=hours.digest_at, valid=DateRange(clock.today(), None), source=source[:200],
        )  # fmt: skip
        if not own:
            quiet, digest = f"{hours.quiet_from:%H:%M}–{hours.quiet_until:%H:%M}", f"{hours.digest_at:%H:%M}"
            note(actor, acts.RHYTHM_SET, detail={"quiet": quiet, "digest": digest, "source": source[:200]})
        return row


def drop_own_rhythm(actor: Actor) -> None:
    """Let the county's rhythm hold for the actor again, from today on."""
    with acting(actor):
        _end_rhythm(actor.user_id)


def _end_rhythm(user_id: int | None) -> None:
    day = clock.today()
    for held in Rhythm.objects.on(day).of(user_id):
        if held.valid.lower == day:
            held.delete()  # it never held on any other day
        else:
            held.valid = DateRange(held.valid.lower, day)
            held.save(update_fields=["valid"])


def good_address(kind: str, value: str) -> str:
    """A telephone number or an e-mail address as it is used. Raises BF-2314 for what is none."""
    value = re.sub(r"[\s()-]", "", value) if kind == "phone" else value.strip()
    if not (_PHONE if kind == "phone" else _EMAIL).fullmatch(value):
        raise BAD_ADDRESS(field=Text("手机号", "Telephone") if kind == "phone" else Text("邮箱", "E-mail"))
    return value


def set_address(actor: Actor, kind: str, value: str) -> None:
    """Say where the actor is reached outside the product (`phone`, `email`), or with a blank value that they are not.

    Raises BF-2314 for what is no address, ValueError for the system.
    """
    if actor.user_id is None:
        raise ValueError("the system has no address")
    with acting(actor):
        if not value.strip():
            Address.objects.filter(user_id=actor.user_id, kind=kind).delete()
            return
        sealed = encrypt_many([good_address(kind, value)], WHERE)[0] or b""
        Address.objects.update_or_create(user_id=actor.user_id, kind=kind, defaults={"value": sealed})
