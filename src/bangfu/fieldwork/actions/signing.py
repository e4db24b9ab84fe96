"""Visits are signed later: on paper, by a named proxy, or by a link that can be used once. Contacts with households that are away are noted."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from bangfu.accounts.audit import note
from bangfu.areas.profile import profile_of
from bangfu.fieldwork import acts
from bangfu.fieldwork.door.credentials import key_of
from bangfu.fieldwork.facts import MODES
from bangfu.fieldwork.models import Contact, Signature, SigningLink, Visit
from bangfu.fieldwork.models.signing import CONTACT, LINK, PAPER, PROXY, REACHED, SIGNER, WAYS
from bangfu.fieldwork.modes import days_to_sign, modes_of, ways_of
from bangfu.fieldwork.problems import (
    ALREADY_SIGNED,
    CONTACT_DAY,
    CONTACT_WAY,
    CONTACT_WORDS,
    LINK_NOT_GOOD,
    NO_NAME,
    NO_RELATION,
    NOT_SIGNED,
    UNKNOWN_AWAY,
    UNKNOWN_VISIT,
    VISITOR_SIGNS,
    WAY_NOT_ALLOWED,
)
from bangfu.fieldwork.signing_files import drawing_of, page_of
from bangfu.foundation import clock, files
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.hiding import Known
from bangfu.foundation.say import Text, is_text
from bangfu.foundation.secrecy import encrypt_many, keyed_hash
from bangfu.register.models import Household

FILLS, SETTLES = "form.fill", "submission.settle"
NAME, WORDS = 40, 500  # characters
LINK_DAYS = 30  # that a link is good for where the pack says no number
NOBODY = Text("举家外出", "that found nobody")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another
_SIGN = "SELECT * FROM fieldwork_sign(%s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link as it was made, and its key, which nobody can read again."""

    link: SigningLink
    key: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link shows of a visit: its day and way, who visited, the name of the village; nothing of the household."""

    day: date
    mode: Text
    worker: str
    village: Text


def sign_on_paper(actor: Actor, visit: int, name: str, file: tuple[str, bytes]) -> Signature:
    """Keep the page that somebody of the household signed; `file` is its name and content.

    Raises BF-2710, BF-2711, BF-2712 for a way that the pack does not allow, BF-2713 where the visitor is named, BF-2715 and BF-2716 for the page, BF-2717
    without a name, BF-1001 where one may not.
    """
    return _sign(actor, visit, PAPER, {"name": _name(name)}, file)


def sign_by_proxy(actor: Actor, visit: int, name: str, relation: str, file: tuple[str, bytes]) -> Signature:
    """Keep the page that a proxy signed, named with relation or post. Raises what `sign_on_paper` does, and BF-2718 without a relation."""
    return _sign(actor, visit, PROXY, {"name": _name(name), "relation": _text(relation, NO_RELATION)}, file)


def make_link(actor: Actor, visit: int) -> MadeLink:
    """Make the address by which a visit can be signed once, within the pack's days; one that was made before is revoked. The key is given this once.

    Raises BF-2710, BF-2711, BF-2712, BF-1001.
    """
    with acting(actor):
        row = _unsigned(actor, visit, LINK)
        SigningLink.objects.filter(visit=row, used_at=None, revoked_at=None).update(revoked_at=clock.now())
        days = days_to_sign(modes_of(row.day).get(row.mode))
        key = "".join(secrets.choice(_LETTERS) for _ in range(24))
        link = SigningLink.objects.create(
            path=row.path, household_id=row.household_id, visit=row, key=key_of(key), expires=clock.today() + timedelta(LINK_DAYS if days is None else days),
            user_id=actor.user_id, made_by=actor.name[:60],
        )  # fmt: skip
        note(actor, acts.VISIT_LINK, subject=row.household.number, path=row.path)
    return MadeLink(link, key)


def look_at_link(key: str, *, address: str = "") -> Asked:
    """What a key opens, without an actor. Raises BF-2714 for every key that opens nothing, whatever the reason."""
    with acting(_stranger()):
        found = _ask(key, address)
    if found is None:
        raise LINK_NOT_GOOD()
    return _asked(found)


def sign_by_link(key: str, name: str, drawing: str, *, ticked: bool = False, address: str = "", user: int | None = None) -> Asked:
    """Sign a visit by the key of its link, without an actor: `drawing` is a PNG as a data address; without one `ticked` says that the typed name is meant as a
    signature. `user` is whoever is logged in there, who may not be the visitor.

    Raises BF-2714 for every key that opens nothing, BF-2717 without a name, BF-2713 for the visitor, BF-2719 where nothing is signed, BF-2720 for a drawing that
    is none. Each call counts as a try of the link, refused or not.
    """
    stranger = _stranger()
    with acting(stranger):
        # In a transaction of its own: a try that is refused is counted all the same.
        found = _ask(key, address, counted=True)
    if found is None:
        raise LINK_NOT_GOOD()
    told = _name(name)
    if _same(told, found["worker"]) or (user is not None and user == found["visitor"]):
        raise VISITOR_SIGNS(worker=found["worker"])
    content = drawing_of(drawing) if drawing else None
    if content is None and not ticked:
        raise NOT_SIGNED()
    file = files.keep(content) if content is not None else ""
    with acting(stranger):
        done = _ask(
            key, address, told=_sealed({"name": told}), file=file, kind="image/png" if content else "", size=len(content or b"")
        )
        if done is None:
            raise LINK_NOT_GOOD()
        note(stranger, acts.VISIT_SIGN, subject=str(done["visit"]), path=done["path"], detail={"how": LINK})
    return _asked(done)


def note_contact(actor: Actor, household: str, day: date, way: str, reached_by: str, words: str = "") -> Contact:
    """Note that a household was reached without a visit, by its number: on which day, how (`REACHED`), by whom, what was said.

    Raises BF-2724 for a household that one does not see, BF-2721 to BF-2723, BF-1001 without `form.fill`.
    """
    actor.require(FILLS)
    who, said = reached_by.strip(), words.strip()
    if day > clock.today() or (clock.today() - day).days > 366:
        raise CONTACT_DAY(day=day)
    if way not in REACHED:
        raise CONTACT_WAY(way=way[:20] or "–")
    if not 1 <= len(who) <= NAME or len(said) > WORDS or not is_text(who) or not is_text(said):
        raise CONTACT_WORDS(name=NAME, most=WORDS)
    with acting(actor):
        home: Household | None = Household.objects.visible_to(actor).farming().filter(number=household.strip()[:40]).first()
        if home is None:
            raise UNKNOWN_AWAY(household=household.strip()[:40] or "–")
        told = {"reached_by": who} | ({"words": said} if said else {})
        made = Contact.objects.create(
            path=home.path, household=home, day=day, way=way, user_id=actor.user_id, worker=actor.name[:60],
            words=encrypt_many([json.dumps(told, ensure_ascii=False)], CONTACT)[0],
        )  # fmt: skip
        note(actor, acts.CONTACT_NOTE, subject=Known(home.number), path=home.path, detail={"how": way})
    return made


def may_sign(actor: Actor, visit: Visit) -> bool:
    """Whether the actor may have a visit signed: the visitor, and the posts of the area."""
    return actor.may(FILLS if actor.user_id is not None and visit.user_id == actor.user_id else SETTLES)


def _sign(actor: Actor, visit: int, way: str, signer: Mapping[str, str], file: tuple[str, bytes]) -> Signature:
    with acting(actor):
        row = _unsigned(actor, visit, way)
        if _same(signer["name"], row.worker):
            raise VISITOR_SIGNS(worker=row.worker)
        content, kind = page_of(*file)
        made = Signature.objects.create(
            path=row.path, household_id=row.household_id, visit=row, way=way, signer=_sealed(signer), file=files.keep(content), kind=kind, size=len(content),
            signed_at=clock.now(), user_id=actor.user_id, entered_by=actor.name[:60],
        )  # fmt: skip
        row.signed = way
        row.save(update_fields=["signed"])
        SigningLink.objects.filter(visit=row, used_at=None, revoked_at=None).update(revoked_at=clock.now())
        note(actor, acts.VISIT_SIGN, subject=row.household.number, path=row.path, detail={"how": way})
    return made


def _unsigned(actor: Actor, visit: int, way: str) -> Visit:
    """A visit that is to be signed in a way, held until the transaction ends. Raises BF-2710, BF-1001, BF-2711, BF-2712."""
    row: Visit | None = (
        Visit.objects.visible_to(actor).filter(pk=visit).select_related("household").select_for_update(of=("self",)).first()
    )
    if row is None:
        raise UNKNOWN_VISIT()
    own = actor.user_id is not None and row.user_id == actor.user_id
    actor.require(FILLS if own else SETTLES)
    if row.signed:
        raise ALREADY_SIGNED(way=WAYS.get(row.signed, Text(row.signed, row.signed)))
    mode = modes_of(row.day).get(row.mode)
    ways = ways_of(row, mode)
    if way not in ways:
        shown = [WAYS[w] for w in ways if w in WAYS]
        listed = Text("、".join(w.zh for w in shown) or "无", ", ".join(w.en for w in shown) or "none")
        title = NOBODY if row.away or mode is None else mode.title
        raise WAY_NOT_ALLOWED(mode=title, way=WAYS[way], ways=listed)
    return row


def _ask(
    key: str, address: str, *, counted: bool = False, told: bytes | None = None, file: str = "", kind: str = "", size: int = 0
) -> dict[str, Any] | None:
    """Ask the one function by which a link enters; None where the key opens nothing."""
    level = profile_of(the_county().path).plays.village
    given: list[bytes | str | int | bool | None] = [
        key_of(key),
        keyed_hash(address, "signing.address"),
        level,
        counted,
        told,
        file,
        kind,
        size,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SIGN, given)
        names = [column.name for column in cursor.description or ()]
        row = cursor.fetchone()
    return dict(zip(names, row, strict=True)) if row is not None else None


def _asked(found: Mapping[str, Any]) -> Asked:
    zh = found["village"] or ""
    return Asked(
        found["day"],
        MODES.get(found["mode"], Text(found["mode"], found["mode"])),
        found["worker"],
        Text(zh, found["village_en"] or zh),
    )


def _stranger() -> Actor:
    """Whoever opens a link: sees nothing and may do nothing but what the function does."""
    return Actor(None, LINK, "", "")


def _sealed(signer: Mapping[str, str]) -> bytes | None:
    return encrypt_many([json.dumps(dict(signer), ensure_ascii=False)], SIGNER)[0]


def _name(name: str) -> str:
    return _text(name, NO_NAME)


def _text(raw: str, bad: Any) -> str:
    told = " ".join(raw.split())
    if not 1 <= len(told) <= NAME or not is_text(told) or not told.isprintable():
        raise bad(most=NAME)
    return told


def _same(one: str, other: str) -> bool:
    """Whether two names are the same, spaces and case aside."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
