"""Devices are made for workers and revoked. A secret is shown once, when it is made."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from bangfu.accounts.audit import note
from bangfu.accounts.models import Assignment
from bangfu.fieldwork import acts
from bangfu.fieldwork.door.credentials import forget, ha1_of, key_of
from bangfu.fieldwork.models import Device
from bangfu.fieldwork.models.devices import HA1
from bangfu.fieldwork.problems import BAD_LABEL, NO_FIELD_ROLE, TOO_MANY_DEVICES, UNKNOWN_DEVICE
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import is_text
from bangfu.foundation.secrecy import encrypt_many

FILLS, MANAGES = "form.fill", "device.manage"
MOST = 10  # open devices of one worker
LABEL_LENGTH = 60
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


@dataclass(frozen=True, slots=True)
class Made:
    """A device as it was made, and its secret, which nobody can read again."""

    device: Device
    secret: str


def make_device(actor: Actor, assignment: int, label: str) -> Made:
    """Make a credential for a phone of whoever holds an assignment: one's own, or with `device.manage` that of others in one's area.

    Raises BF-2640 for a label that will not do, BF-2641 where the assignment is not there, not in the area, or its role fills in no forms, BF-2643 where
    the worker has too many, BF-1001 where one may not.
    """
    told = label.strip()
    if not 1 <= len(told) <= LABEL_LENGTH or not is_text(told) or not told.isprintable():
        raise BAD_LABEL(most=LABEL_LENGTH)
    with acting(actor):
        held = Assignment.objects.on(clock.today()).filter(pk=assignment).select_related("user").first()
        own = held is not None and held.user_id == actor.user_id
        if not own:
            actor.require(MANAGES)
        if (
            held is None
            or not (own or actor.covers(held.path))
            or FILLS not in held.role_kind.permissions
            or not held.user.is_active
        ):
            raise NO_FIELD_ROLE()
        if Device.objects.open().filter(user=held.user).count() >= MOST:
            raise TOO_MANY_DEVICES(most=MOST)
        secret = "".join(secrets.choice(_LETTERS) for _ in range(24))
        for _ in range(20):
            name = "".join(secrets.choice(_LETTERS) for _ in range(8))
            try:
                with transaction.atomic():
                    device = Device.objects.create(
                        path=held.path, user=held.user, assignment=held, label=told, name=name, key=key_of(secret),
                        ha1=encrypt_many([ha1_of(name, secret)], HA1)[0] or b"", made_by=actor.name[:60],
                    )  # fmt: skip
            except IntegrityError:
                continue  # the name is taken: one in a million million
            break
        note(actor, acts.DEVICE_MAKE, subject=name, path=held.path)
    return Made(device, secret)


def revoke_device(actor: Actor, key: int) -> Device:
    """Revoke a device: from now on nothing of it is taken. Raises BF-2642 for one that the actor does not see, BF-1001 for another's without `device.manage`."""
    with acting(actor):
        device = Device.objects.visible_to(actor).open().filter(pk=key).select_for_update(of=("self",)).first()
        if device is None:
            raise UNKNOWN_DEVICE()
        if device.user_id != actor.user_id:
            actor.require(MANAGES)
        device.revoked_at = clock.now()
        device.save(update_fields=["revoked_at"])
        note(actor, acts.DEVICE_REVOKE, subject=device.name, path=device.path)
    forget()
    return device
