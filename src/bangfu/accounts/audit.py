"""The audit: who did or saw what, when, from where and why; and the proof that nothing was taken from it.

An entry is sealed with a key that is not in the database, gets its place in one chain as its transaction commits, and the head of the
chain is anchored in a file beside the keys. So what is changed, removed, put in, moved or cut off in the database shows
(docs/mechanisms/audit.md).
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from bangfu.accounts.acts import AUDIT_RESUME
from bangfu.accounts.models_audit import DEVICE_LENGTH, AuditEntry
from bangfu.accounts.problems import (
    ANCHOR_DAMAGED,
    AUDIT_CHANGED,
    AUDIT_CUT_OFF,
    AUDIT_MISSING,
    AUDIT_NOT_IN_ORDER,
    AUDIT_REWRITTEN,
    AUDIT_WITHOUT_PLACE,
)
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act, Told, particular, told
from bangfu.foundation.county import find_county
from bangfu.foundation.hiding import hide
from bangfu.foundation.home import home
from bangfu.foundation.problems import Problem
from bangfu.foundation.secrecy import keyed_hash

SEALED = (
    "at", "told_at", "user_id", "actor", "role", "act", "path", "subject", "reason", "detail", "address", "device", "log_in",
)  # fmt: skip
EVERY = 100  # of so many anchors one is kept for good; the last one always


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act comes from: the address, the device and the session; of a command the account and the machine that ran it."""

    address: str
    device: str
    log_in: int | None


_origin: ContextVar[Origin | None] = ContextVar("bangfu_origin", default=None)


@contextmanager
def coming_from(address: str | None, device: str, log_in: int | None) -> Iterator[None]:
    """Let what the block does be noted as coming from there."""
    token = _origin.set(Origin(address or "", device[:DEVICE_LENGTH], log_in))
    try:
        yield
    finally:
        _origin.reset(token)


def _of_this_process() -> Origin:
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        account = str(os.getuid())
    return Origin("", f"{account}@{socket.gethostname()}"[:DEVICE_LENGTH], None)


def note(
    actor: Actor,
    act: Act,
    *,
    subject: str = "",
    path: str | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Enter an act into the audit, in the transaction of the act: both stand or neither.

    `path` is the area that it concerns, by default where the actor stands. Nothing personal may stand in the texts in clear.
    Raises ValueError outside a transaction, KeyError for a particular without a name (`foundation.acts.particulars`), BF-1031 and BF-1032 where the key is not to be had.
    """
    if not connection.in_atomic_block:
        raise ValueError("an act is noted in its own transaction")
    for key in detail or {}:
        particular(key)
    origin = _origin.get() or _of_this_process()
    entry = AuditEntry(
        at=clock.machine_now(),
        told_at=clock.now(),
        user_id=actor.user_id,
        actor=actor.name[:60],
        role=actor.role,
        act=act.key,
        path=_place(actor) if path is None else path,
        subject=subject[:120],
        reason=hide(reason)[:300],
        detail=json.loads(json.dumps(detail or {}, default=str)),
        address=origin.address,
        device=origin.device,
        log_in=origin.log_in,
    )
    with connection.cursor() as cursor:
        values = [getattr(entry, name) if name != "detail" else json.dumps(entry.detail) for name in SEALED]
        marks = ", ".join("%s::jsonb" if name == "detail" else "%s" for name in SEALED)
        cursor.execute(f"SELECT audit_note({marks}, %s)", [*values, seal(entry)])
    transaction.on_commit(anchor, robust=True)


@told.provider("accounts")
def _told(actor: Actor, act: Act, said: Told) -> None:
    note(actor, act, subject=said.subject, path=said.path, reason=said.reason, detail=said.detail)


def _place(actor: Actor) -> str:
    """Where the actor stands; of whoever stands above the county or nowhere, the county."""
    at = actor.stands or actor.scope
    county = find_county()
    return county.path if county is not None and county.path.startswith(at) else at


def done_since(user_id: int, act: Act, since: datetime) -> int:
    """How often a user did something since a moment of the machine's time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_count(%s, %s, %s)", [user_id, act.key, since])
        return int(cursor.fetchone()[0])


def seal(entry: AuditEntry) -> bytes:
    """The keyed hash of all that an entry says."""
    said = [_plain(getattr(entry, name)) for name in SEALED]
    return keyed_hash(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")), "audit.entry", size=32)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def link(before: bytes, sequence: int, sealed: bytes) -> bytes:
    """The link of an entry to the one before it (as `audit_chain` makes it)."""
    return hashlib.sha256(before + sequence.to_bytes(8, "big") + sealed).digest()


# --- anchors


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain as it once was."""

    sequence: int
    link: bytes

    @property
    def line(self) -> str:
        """The anchor as its file keeps it, sealed."""
        return f"{self.sequence:020d} {self.link.hex()} {_anchored(self.sequence, self.link).hex()}\n"


WIDTH = 20 + 1 + 64 + 1 + 64 + 1


def _anchored(sequence: int, head: bytes) -> bytes:
    return keyed_hash(f"{sequence} {head.hex()}", "audit.anchor", size=32)


def anchors_file() -> Path:
    """Where the anchors lie: beside the keys, apart from the database and its backups."""
    return home().keys / "audit.anchors"


def anchor() -> None:
    """Write the head of the chain beside the keys: called after every commit that noted something.

    Of every hundred entries one anchor is kept, and the last one always.
    """
    with os.fdopen(os.open(anchors_file(), os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with connection.cursor() as cursor:
            cursor.execute("SELECT sequence, link FROM audit_head()")
            row = cursor.fetchone()
        if row is None:
            return
        head = Anchor(row[0], bytes(row[1]))
        end = file.seek(0, os.SEEK_END) // WIDTH * WIDTH  # without the half line of a machine that fell
        if end:
            file.seek(end - WIDTH)
            last = int(file.read(20))
            if last == head.sequence:
                return
            if last // EVERY == head.sequence // EVERY:
                end -= WIDTH
        file.seek(end)
        file.write(head.line.encode())
        file.truncate()


def anchors() -> dict[int, bytes]:
    """The anchored heads: sequence and link. Raises BF-1336 for a line that this county's key did not seal."""
    if not anchors_file().exists():
        return {}
    with anchors_file().open(encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        lines = file.read().splitlines()
    found = {}
    for number, line in enumerate(lines, 1):
        if len(line) + 1 < WIDTH and number > 1:
            break  # the half line of a machine that fell
        try:
            sequence, head, sealed = line.split(" ")
            good = secrets.compare_digest(bytes.fromhex(sealed), _anchored(int(sequence), bytes.fromhex(head)))
        except ValueError:
            good = False
        if not good:
            raise ANCHOR_DAMAGED(file=anchors_file(), line=number)
        found[int(sequence)] = bytes.fromhex(head)
    return found


def begin_anew() -> None:
    """Put the anchors of another audit aside: a synthetic county is made anew beside the keys of the one before."""
    if anchors_file().exists() and not AuditEntry.objects.exists():
        anchors_file().replace(_aside())


def _aside() -> Path:
    """Where anchors are put that a new file takes the place of."""
    return anchors_file().with_name(f"audit.anchors.until-{clock.machine_now():%Y%m%d-%H%M%S-%f}")


def go_on_after_restore(actor: Actor) -> None:
    """Enter that the audit goes on from a backup, and which entries it lacks, told by the anchors; they are put aside with this.

    Anchors that are not this county's stay as they are: `verify` tells of them.
    """
    try:
        known = anchors()
    except Problem as problem:
        if problem.number != ANCHOR_DAMAGED.number:
            raise
        return
    head = AuditEntry.objects.aggregate(head=Max("sequence"))["head"] or 0
    if max(known, default=0) <= head:
        return
    kept = "".join(Anchor(number, known[number]).line for number in sorted(known) if number <= head)

    def put_aside() -> None:
        new = anchors_file().with_name("audit.anchors.new")
        new.touch(0o600)
        new.write_text(kept, "ascii")
        anchors_file().replace(_aside())
        new.replace(anchors_file())

    transaction.on_commit(put_aside)  # before the head of the restored audit is anchored
    note(actor, AUDIT_RESUME, detail={"lacking_from": head + 1, "lacking_to": max(known)})


# --- proof


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found whole: how many entries, how many anchors, and the head (None where nothing was noted yet)."""

    entries: int
    anchors: int
    head: bytes | None


def verify() -> Proof:
    """Hold every entry against its seal, its place and the anchors. For the owner of the database.

    Raises, with the first entry concerned: BF-1330 (removed), BF-1331 (changed), BF-1332 (not behind the one before it: removed, put
    in or moved), BF-1333 (rewritten since it was anchored), BF-1334 (the end is cut off), BF-1335 (without a place), BF-1336 (anchors
    that are not this county's).
    """
    known = anchors()
    before, count = b"", 0
    for entry in AuditEntry.objects.exclude(sequence=None).order_by("sequence").iterator(chunk_size=5000):
        count += 1
        if entry.sequence != count:
            raise AUDIT_MISSING(sequence=count)
        if bytes(entry.seal) != seal(entry):
            raise AUDIT_CHANGED(sequence=count, at=entry.at, act=entry.title)
        if bytes(entry.link or b"") != link(before, count, bytes(entry.seal)):
            raise AUDIT_NOT_IN_ORDER(sequence=count, at=entry.at, act=entry.title)
        before = bytes(entry.link or b"")
        if known.get(count, before) != before:
            raise AUDIT_REWRITTEN(first=max((n for n in known if n < count), default=0) + 1, last=count)
    if max(known, default=0) > count:
        raise AUDIT_CUT_OFF(sequence=count + 1, last=max(known))
    loose = AuditEntry.objects.filter(sequence=None).order_by("id").first()
    if loose is not None:
        raise AUDIT_WITHOUT_PLACE(at=loose.at, act=loose.title)
    return Proof(count, len(known), before or None)
