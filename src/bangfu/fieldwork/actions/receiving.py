"""Submissions that come by another way than the door (a packet, a page): the same rules, in the transaction of whoever brings them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from bangfu.fieldwork.actions.applying import APPLY
from bangfu.fieldwork.door.accepting import PLACE, digest_of, kept_file
from bangfu.fieldwork.instance import Malformed, read_instance
from bangfu.fieldwork.models import Content, Submission, SubmissionFile
from bangfu.fieldwork.models.inbox import PAYLOAD, WAITING
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.secrecy import encrypt_bytes

NEW, SAME, OTHER, BROKEN = "new", "same", "other", "broken"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A submission that somebody brings: its XML and files, who filled it in (name and, where known here, user), at which area, when it was handed in.

    `places` are what was kept apart of its photographs elsewhere, as JSON by the name of the file; `keys_here`: versions and members in it are those of this register.
    """

    xml: bytes
    worker: str
    path: str
    user: int | None = None
    device: int | None = None
    received_at: datetime | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    keys_here: bool = True


def receive(actor: Actor, rows: Sequence[Incoming], came_by: str) -> list[str]:
    """Take submissions in; what became of each, in their order: `new`, `same` (it is here already; its new files are put to it), `other` (another content
    is here under its id, or another file under a name of its own, and stays), `broken`. What is new is applied soon.

    The caller has held that the actor may bring them. Raises nothing for a single one: a packet is taken as far as it can be.
    """
    outcomes: list[str] = []
    with acting(actor):
        for one in rows:
            outcomes.append(_receive(one, came_by))
        if NEW in outcomes:
            defer_once(APPLY)
    return outcomes


def _receive(one: Incoming, came_by: str) -> str:
    try:
        told = read_instance(one.xml)
    except Malformed:
        return BROKEN
    digest = digest_of(one.xml)
    row = Submission.objects.filter(instance=told.id).first()
    if row is not None and bytes(row.digest) != digest:
        return OTHER
    outcome = SAME
    if row is None:
        outcome = NEW
        try:
            with transaction.atomic():
                row = Submission.objects.create(
                    path=one.path, instance=told.id, form=told.form, version=told.version, deprecates=told.deprecates, digest=digest, came_by=came_by,
                    device_id=one.device, user_id=one.user, worker=one.worker[:60], phone=one.phone, received_at=one.received_at or clock.now(),
                    state=WAITING, keys_here=one.keys_here,
                )  # fmt: skip
        except IntegrityError:
            return _receive(one, came_by)  # a phone has handed it in at this moment
        Content.objects.create(submission=row, payload=encrypt_bytes(one.xml, PAYLOAD))
    there = dict(SubmissionFile.objects.filter(submission=row).values_list("name", "file"))
    kept = {name: _kept(one, name, content) for name, content in one.files.items()}
    if any(name in there and there[name] != file["file"] for name, file in kept.items()):
        return OTHER
    SubmissionFile.objects.bulk_create(
        SubmissionFile(submission=row, path=row.path, household_id=row.household_id, user_id=row.user_id, **file)
        for name, file in kept.items()
        if name not in there
    )
    return outcome


def _kept(one: Incoming, name: str, content: bytes) -> dict[str, Any]:
    """A kept file; the place that another station took out of it is kept apart here too."""
    kept = kept_file(name, content)
    return kept | {"place": kept["place"] or encrypt_bytes(one.places[name].encode(), PLACE)} if one.places.get(name) else kept
