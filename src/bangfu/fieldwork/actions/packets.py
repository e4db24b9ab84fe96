"""Packets are made: submissions for a station above, forms and lists for a station below."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from django.db.models import Count, Max

from bangfu.accounts.audit import note
from bangfu.areas.models import Area, AreaCode
from bangfu.areas.profile import profile_of
from bangfu.fieldwork import acts, received
from bangfu.fieldwork.actions.applying import form_of
from bangfu.fieldwork.actions.partners import held_partner
from bangfu.fieldwork.door.accepting import PLACE
from bangfu.fieldwork.instance import read_instance
from bangfu.fieldwork.lists import list_of, places_of
from bangfu.fieldwork.models import FormVersion, Packet, PacketRow, Partner, Submission
from bangfu.fieldwork.models.forms import DRAFT
from bangfu.fieldwork.models.inbox import APPLIED, KEPT, REPLACED, STUCK, WAITING
from bangfu.fieldwork.models.packets import BELOW, IN, OUT, PERMISSION, SENT
from bangfu.fieldwork.packet_problems import NOTHING_TO_SEND
from bangfu.fieldwork.packing import MOST_FILES, MOST_NUMBERS, PACKAGE, SUBMISSIONS, Contents, SentFile, SentForm, pack
from bangfu.fieldwork.packing import Sent as SentRow
from bangfu.fieldwork.sealing import seal
from bangfu.fieldwork.station import own_keys
from bangfu.fieldwork.telling import Unreadable, told_by
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.files import read as kept
from bangfu.foundation.secrecy import decrypt_bytes
from bangfu.register.fields import fields

TARGET = 60_000_000  # bytes of contents after which the rest waits for another packet
MOST = 5_000  # submissions of one packet
GO = (WAITING, APPLIED, KEPT, STUCK, REPLACED)  # what goes up; what was set aside stays, what is incomplete waits for its files


@dataclass(frozen=True, slots=True)
class Written:
    """A packet that was made: its row, its bytes, and how many submissions wait for another one."""

    packet: Packet
    content: bytes
    left: int = 0

    @property
    def name(self) -> str:
        """What its file is called: nothing of what is in it."""
        return f"{self.packet.made_at.astimezone(clock.zone()):%Y-%m-%d}-{self.packet.number:04d}-{self.packet.kind}.bangfu"


@dataclass
class _Laid:
    contents: Contents
    rows: list[PacketRow] = field(default_factory=list)
    left: int = 0
    told: dict[str, int] = field(default_factory=dict)


def write_packet(actor: Actor, partner: int, *, everything: bool = False) -> Written:
    """Make a packet for a partner: for one below the published forms and the lists of its area; for one above the submissions of the area that it has not been given,
    those of packets that never arrived among them, or all of them.

    Raises BF-2704 for a partner that is not there, BF-2707 where there is nothing to send, BF-1001 without `packet.exchange`.
    """
    actor.require(PERMISSION)
    keys = own_keys()
    with acting(actor):
        to = held_partner(actor, partner)
        with acting(system(to.path, actor.name)):
            laid = _package(to) if to.side == BELOW else _submissions(to, everything=everything)
        last = Packet.objects.filter(partner=to, direction=OUT).aggregate(last=Max("number"))["last"] or 0
        now = clock.now()
        content = seal(pack(laid.contents), keys, to.card, last + 1, now)
        made = Packet.objects.create(
            path=to.path, partner=to, direction=OUT, kind=laid.contents.kind, number=last + 1, digest=hashlib.sha256(content).digest(), size=len(content),
            made_at=now, at=now, by=actor.name[:60], new=len(laid.rows), told=laid.told,
        )  # fmt: skip
        for row in laid.rows:
            row.packet = made
        PacketRow.objects.bulk_create(laid.rows)
        detail = {"packet": made.number, "submissions": len(laid.rows)}
        detail |= {"listed": laid.told["homes"]} if "homes" in laid.told else {}
        note(actor, acts.PACKET_WRITE, subject=to.name, path=to.path, detail=detail)
    return Written(made, content, laid.left)


def codes_under(path: str) -> dict[str, str]:
    """The area of a path and those below it that bear a code today."""
    today = clock.today()
    there = Area.objects.under(path).on(today).values("pk")
    rows = AreaCode.objects.filter(area__in=there, scheme=profile_of(path).code.key, valid__contains=today)
    return dict(rows.values_list("area__path", "code"))


def _came(partner: Partner) -> list[int]:
    """The numbers of the packets that came from a partner, the newest of them."""
    rows = Packet.objects.filter(partner=partner, direction=IN).order_by("-number").values_list("number", flat=True)
    return sorted(rows.distinct()[:MOST_NUMBERS])


# --- down


def _package(to: Partner) -> _Laid:
    reader = system(to.path)
    lists: dict[str, list[list[str]]] = {}
    for name in (received.HOUSEHOLDS, received.MEMBERS):
        heads, rows = list_of(reader, name)
        lists[name] = [list(heads), *(list(row) for row in rows)]
    where = places_of(reader, [row[0] for row in lists[received.HOUSEHOLDS][1:]])
    forms = [
        _form(v)
        for v in FormVersion.objects.published()
        .select_related("form")
        .prefetch_related("files")
        .order_by("form__key")[:MOST_FILES]
    ]
    contents = Contents(PACKAGE, to.path, codes_under(to.path), _came(to), forms=forms, lists=lists, where=where)
    return _Laid(contents, told={"homes": len(where), "forms": len(forms)})


def _form(version: FormVersion) -> SentForm:
    return SentForm(
        version.form.key, version.form.title, version.form.shipped, version.version, version.content, kept(version.source) if version.source else b"",
        version.source_name, [(f.name, kept(f.file)) for f in version.files.all()],
    )  # fmt: skip


# --- up


def _submissions(to: Partner, *, everything: bool) -> _Laid:
    given = {} if everything else _given(to)
    theirs = set(PacketRow.objects.filter(packet__partner=to, packet__direction=IN).values_list("instance", flat=True))
    waiting = [
        key
        for key, instance, files in Submission.objects.in_state(*GO)
        .filter(path__gte=to.path, path__lt=to.path + "~")
        .annotate(n=Count("files"))
        .order_by("id")
        .values_list("pk", "instance", "n")
        if instance not in theirs and given.get(instance, -1) < files
    ]
    rows: list[SentRow] = []
    laid: list[PacketRow] = []
    size = 0
    for key in waiting[:MOST]:
        if size > TARGET:
            break
        one = Submission.objects.select_related("content", "device", "user").prefetch_related("files").get(pk=key)
        row = _row(one)
        size += len(row.xml) + sum(len(f.content) for f in row.files)
        rows.append(row)
        laid.append(PacketRow(instance=one.instance, worker=one.worker, outcome=SENT, files=len(row.files)))
    if not rows:
        raise NOTHING_TO_SEND(partner=to.name)
    return _Laid(
        Contents(SUBMISSIONS, to.path, codes_under(to.path), _came(to), rows=_with_keys(rows)), laid, len(waiting) - len(rows)
    )


def _given(to: Partner) -> dict[str, int]:
    """What was put into packets for a partner, with how many files; what was in packets that never arrived does not count."""
    arrived = set(to.arrived)
    lost = set(range(1, max(arrived, default=0))) - arrived
    rows = PacketRow.objects.filter(packet__partner=to, packet__direction=OUT).exclude(packet__number__in=lost)
    found: dict[str, int] = {}
    for instance, files in rows.values_list("instance", "files"):
        found[instance] = max(files, found.get(instance, 0))
    return found


def _row(one: Submission) -> SentRow:
    files = [
        SentFile(f.name, kept(f.file), decrypt_bytes(bytes(f.place), PLACE).decode() if f.place else "") for f in list(one.files.all())[:MOST_FILES]
    ]  # fmt: skip
    return SentRow(
        one.xml, one.worker, one.user.username if one.user else "", one.path, one.device.label if one.device else one.phone, one.received_at,
        one.keys_here, files,
    )  # fmt: skip


def _with_keys(rows: list[SentRow]) -> list[SentRow]:
    """Say of each submission whether its versions and members are those that the recipient gave: only of a household that is not in this register can they be."""
    numbers = [_household(row) for row in rows]
    elsewhere = received.lacking({n for n in numbers if n})
    return [
        SentRow(r.xml, r.worker, r.username, r.path, r.phone, r.received_at, r.keys and number in elsewhere, r.files)
        for r, number in zip(rows, numbers, strict=True)
    ]


def _household(row: SentRow) -> str:
    """The number of the household that a submission tells of; blank where it tells of none or cannot be read here."""
    read = read_instance(row.xml)
    version = FormVersion.objects.exclude(state=DRAFT).filter(form__key=read.form, version=read.version).first()
    if version is None:
        return ""
    try:
        return told_by(form_of(version.md5, version), read.answers, fields()).household.strip()[:40]
    except Unreadable:
        return ""  # an answer that is no value of its field: it goes up as it is, and is mended there
