"""Other stations are trusted, once their fingerprint was compared, and revoked."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from bangfu.accounts.audit import note
from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.fieldwork import acts
from bangfu.fieldwork.models import Partner
from bangfu.fieldwork.models.packets import ABOVE, PERMISSION, SIDES
from bangfu.fieldwork.packet_problems import NOT_COMPARED, OWN_CARD, PARTNER_KNOWN, UNKNOWN_PARTNER
from bangfu.fieldwork.problems import BAD_ENTRY
from bangfu.fieldwork.sealing import NAME_LENGTH, Card, in_groups
from bangfu.fieldwork.station import own_card
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text, is_text

FORMS = "form.manage"  # whoever trusts a station above lets it publish forms here
SIDE, NAME = Text("方向", "side"), Text("名称", "name")


def trust(actor: Actor, card: Card, *, path: str, side: str, fingerprint: str, name: str = "") -> Partner:
    """Trust a station for an area: to bring its submissions (`below`), or to be given them and to give forms and lists (`above`).

    `fingerprint` is what the other side read out. Raises BF-2702 where it is not the card's, BF-2703 for a partner that is trusted already, BF-2708 for this station's
    own card, BF-1108 for an area outside one's own, BF-2613 for a side or name that will not do, BF-1001 without `packet.exchange`, and for a station above without
    `form.manage`.
    """
    actor.require(PERMISSION)
    told = name.strip() or card.name
    if side not in SIDES:
        raise BAD_ENTRY(column=SIDE, value=side[:20] or "–", wanted=Text("下级或上级", "below or above"))
    if not 1 <= len(told) <= NAME_LENGTH or not is_text(told) or not told.isprintable():
        raise BAD_ENTRY(
            column=NAME, value=told[:20] or "–", wanted=Text(f"1 至 {NAME_LENGTH} 个字", f"1 to {NAME_LENGTH} characters")
        )
    if side == ABOVE:
        actor.require(FORMS)
    if "".join(fingerprint.split()) != card.fingerprint:
        raise NOT_COMPARED(fingerprint=in_groups(card.fingerprint))
    if card.fingerprint == own_card(actor.scope).fingerprint:
        raise OWN_CARD()
    if not actor.covers(path) or not Area.objects.filter(path=path).on(clock.today()).exists():
        raise UNKNOWN_AREA(area=path)
    with acting(actor):
        try:
            with transaction.atomic():
                made = Partner.objects.create(
                    path=path, name=told, side=side, sealing=card.sealing, signing=card.signing, fingerprint=card.fingerprint,
                    trusted_at=clock.now(), trusted_by=actor.name[:60],
                )  # fmt: skip
        except IntegrityError as wrong:
            held = Partner.objects.visible_to(actor).open().filter(fingerprint=card.fingerprint).first()
            raise PARTNER_KNOWN(name=held.name if held else Text("在别的地点", "at another area")) from wrong
        note(actor, acts.PARTNER_TRUST, subject=made.name, path=path, detail={"fingerprint": made.groups, "side": side})
    return made


def revoke(actor: Actor, key: int) -> Partner:
    """Trust a station no more: nothing of it is taken, and the lists that it gave are no longer served. Raises BF-2704, BF-1001 without `packet.exchange`."""
    actor.require(PERMISSION)
    with acting(actor):
        found = held_partner(actor, key)
        found.revoked_at, found.revoked_by = clock.now(), actor.name[:60]
        found.save(update_fields=["revoked_at", "revoked_by"])
        note(actor, acts.PARTNER_REVOKE, subject=found.name, path=found.path, detail={"fingerprint": found.groups})
    return found


def held_partner(actor: Actor, key: int) -> Partner:
    """A partner that is trusted, its row held until the end of the transaction. Raises BF-2704."""
    found = Partner.objects.visible_to(actor).open().filter(pk=key).select_for_update().first()
    if found is None:
        raise UNKNOWN_PARTNER()
    return found
