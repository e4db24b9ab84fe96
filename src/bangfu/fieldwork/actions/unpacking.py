"""Packets are read: first held against everything that could be wrong with them, then taken whole in one transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Max

from bangfu.accounts.audit import note
from bangfu.accounts.models import Assignment
from bangfu.areas.models import Area
from bangfu.fieldwork import acts, received
from bangfu.fieldwork.actions.packets import codes_under
from bangfu.fieldwork.actions.partners import held_partner
from bangfu.fieldwork.actions.publishing import publish_received
from bangfu.fieldwork.actions.receiving import Incoming, receive
from bangfu.fieldwork.instance import Malformed, read_instance
from bangfu.fieldwork.models import Packet, PacketRow, Partner
from bangfu.fieldwork.models.packets import ABOVE, BELOW, IN, OTHER, PERMISSION, REFUSED
from bangfu.fieldwork.packet_problems import AREAS_DIFFER, READ_BEFORE, UNKNOWN_SENDER, WRONG_WAY
from bangfu.fieldwork.packing import PACKAGE, SUBMISSIONS, Contents, unpack
from bangfu.fieldwork.packing import Sent as SentRow
from bangfu.fieldwork.sealing import for_us, head_of, in_groups, opened
from bangfu.fieldwork.station import own_keys
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, name_shown, system
from bangfu.foundation.county import the_county
from bangfu.foundation.files import keep
from bangfu.foundation.hiding import Known
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

SIDES = {BELOW: Text("下级站点", "below"), ABOVE: Text("上级站点", "above")}
SHOWN = 20  # numbers of packets that lack, as they are told


def read_packet(actor: Actor, content: bytes) -> Packet:
    """Take what is in a packet: its row says how much was new, here already, of another content, unreadable and outside the partner's area.

    Nothing of it is taken where it raises: BF-2691 to BF-2699 for what is no packet, cut off, changed, too large, of another version or for another station, BF-2700 for
    a sender that is no partner here, BF-2701 for one that was read before, BF-2705 where the areas differ, BF-2706 for a kind that the partner does not bring,
    BF-1001 without `packet.exchange`.
    """
    actor.require(PERMISSION)
    keys = own_keys()
    head = head_of(content)
    for_us(head, keys.card("-"))
    with acting(actor):
        known = Partner.objects.visible_to(actor).open().filter(fingerprint=head.sender).first()
        if known is None:
            raise UNKNOWN_SENDER(sender=in_groups(head.sender))
        plain = opened(content, head, keys, known.card)
        sender = held_partner(actor, known.pk)
        digest = hashlib.sha256(content).digest()
        before = Packet.objects.filter(partner=sender, direction=IN, digest=digest).first()
        if before is not None:
            at = f"{before.at.astimezone(clock.zone()):%Y-%m-%d %H:%M}"
            raise READ_BEFORE(partner=sender.name, number=before.number, at=at, by=name_shown(before.by))
        contents = unpack(plain)
        _fits(sender, contents)
        newest = head.number > (Packet.objects.filter(partner=sender, direction=IN).aggregate(last=Max("number"))["last"] or 0)
        made = Packet(
            path=sender.path, partner=sender, direction=IN, kind=contents.kind, number=head.number, digest=digest, size=len(content), made_at=head.made,
            at=clock.now(), by=actor.name[:60], told={},
        )  # fmt: skip
        rows: list[PacketRow] = []
        with acting(system(the_county().path, actor.name)):
            if contents.kind == SUBMISSIONS:
                rows = _take_rows(sender, contents)
            else:
                made.told = _take_package(sender, contents, newest)
                made.lists = received.keep_lists(*_lists(sender, contents))
        for outcome, n in Counter(r.outcome for r in rows).items():
            setattr(made, outcome, n)
        lacking = _lacking(sender, head.number)
        made.told |= {"lacking": lacking[:SHOWN], "lack": len(lacking)} if lacking else {}
        made.save()
        for row in rows:
            row.packet = made
        PacketRow.objects.bulk_create(rows)
        if newest and list(contents.received) != sender.arrived:
            sender.arrived = list(contents.received)
            sender.save(update_fields=["arrived"])
        counts = {f"came_{name}": n for name in ("new", "same", "other", "broken", "refused") if (n := getattr(made, name))}
        listed = {"listed": made.told["homes"]} if "homes" in made.told else {}
        note(actor, acts.PACKET_READ, subject=sender.name, path=sender.path, detail={"packet": made.number} | counts | listed)
    return made


def _fits(sender: Partner, contents: Contents) -> None:
    """Hold that the partner may bring this, and that both stations have the same areas. Raises BF-2706, BF-2705."""
    if (contents.kind == PACKAGE) != (sender.side == ABOVE):
        raise WRONG_WAY(partner=sender.name, side=SIDES[sender.side])
    own = codes_under(sender.path)
    for path, code in contents.areas.items():
        if path in own and own[path] != code:
            raise AREAS_DIFFER(path=path, theirs=Known(code), own=Known(own[path]))
    top = own.get(sender.path)
    if sender.path.startswith(contents.path):
        theirs = contents.areas.get(sender.path)
        if top is not None and theirs != top:
            raise AREAS_DIFFER(path=sender.path, theirs=Known(theirs or "–"), own=Known(top))


def _lacking(sender: Partner, number: int) -> list[int]:
    """The numbers before this one that never came."""
    came = set(Packet.objects.filter(partner=sender, direction=IN).values_list("number", flat=True))
    return [n for n in range(1, min(number, 100_000)) if n not in came]


# --- submissions


def _take_rows(sender: Partner, contents: Contents) -> list[PacketRow]:
    """Receive the submissions of the partner's area by the rules of the door; what is outside it is refused row by row."""
    users = _users(sender, {r.username for r in contents.rows if r.username})
    there = set(Area.objects.under(sender.path).values_list("path", flat=True))
    inside = [r for r in contents.rows if r.path.startswith(sender.path)]
    rows = [
        PacketRow(instance=_id(r), worker=r.worker, outcome=REFUSED) for r in contents.rows if not r.path.startswith(sender.path)
    ]
    outcomes = receive(
        system(the_county().path), [_incoming(r, users, _place(r.path, there, sender.path)) for r in inside], "packet"
    )
    for row, outcome in zip(inside, outcomes, strict=True):
        kept = keep(row.xml) if outcome == OTHER else ""
        rows.append(PacketRow(instance=_id(row), worker=row.worker, outcome=outcome, files=len(row.files), kept=kept))
    return rows


def _users(sender: Partner, names: set[str]) -> dict[str, tuple[int, str]]:
    """The accounts of some names that hold a role in the partner's area today: key and the name of the person."""
    rows = Assignment.objects.on(clock.today()).filter(user__username__in=names, path__startswith=sender.path)
    return {username: (key, name) for username, key, name in rows.values_list("user__username", "user", "user__name")}


def _incoming(row: SentRow, users: dict[str, tuple[int, str]], path: str) -> Incoming:
    key, name = users.get(row.username, (None, ""))
    return Incoming(
        row.xml, row.worker, path, user=key if name == row.worker else None, received_at=min(row.received_at, clock.now()),
        files={f.name: f.content for f in row.files}, places={f.name: f.place for f in row.files if f.place}, phone=row.phone, keys_here=row.keys,
    )  # fmt: skip


def _place(path: str, there: set[str], top: str) -> str:
    """A place, or the nearest above it that this station knows."""
    while path not in there and len(path) > len(top):
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return path


def _id(row: SentRow) -> str:
    try:
        return read_instance(row.xml).id
    except Malformed:
        return ""


# --- a package


def _take_package(sender: Partner, contents: Contents, newest: bool) -> dict[str, Any]:
    """Publish the forms of the newest package; an older one than was read brings lists and forms that are not used."""
    told: dict[str, Any] = {
        "homes": sum(p.startswith(sender.path) for p in contents.where.values()),
        "forms": [],
        "forms_same": 0,
        "wrong": [],
    }
    if not newest:
        return told | {"older": True}
    for one in contents.forms:
        try:
            with transaction.atomic():
                fresh = publish_received(system(the_county().path, sender.name), one)
        except Problem as problem:
            told["wrong"].append({"form": one.key[:60], "number": problem.number, "zh": problem.cause.zh, "en": problem.cause.en})
            continue
        if fresh:
            told["forms"].append(f"{one.key} {one.version}".strip()[:120])
        else:
            told["forms_same"] += 1
    return told


def _lists(sender: Partner, contents: Contents) -> tuple[dict[str, list[list[str]]], dict[str, str]]:
    """The lists of a package as far as they are of the partner's area. The places keep no household that no list has, and the other way round."""
    where = {number: path for number, path in contents.where.items() if path.startswith(sender.path)}
    lists = {}
    for name, at, width in ((received.HOUSEHOLDS, 0, 7), (received.MEMBERS, 3, 4)):
        rows = contents.lists.get(name, [])
        lists[name] = [row for n, row in enumerate(rows) if len(row) == width and (n == 0 or row[at] in where)]
    listed = {row[0] for row in lists[received.HOUSEHOLDS][1:]}
    return lists, {number: path for number, path in where.items() if number in listed}
