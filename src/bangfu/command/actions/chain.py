"""Writes to the chain: units, officers, posts and the areas they cover, appointments, attachments ("1+1+N")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Func, Value

from bangfu.accounts.audit import note
from bangfu.accounts.models import User
from bangfu.accounts.problems import UNKNOWN_USER
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.command import acts
from bangfu.command.actions.places import (
    BATCH,
    OFFICES,
    areas_by_path,
    asked,
    code,
    end_dated,
    officers_by_number,
    officers_serving,
    once,
    one_at_a_time,
    overlap,
    posts_by_key,
    require_covered,
    span,
    text,
    told,
    units_by_key,
)
from bangfu.command.duties import project_duties
from bangfu.command.models import Appointment, Attachment, Deployment, Expert, Officer, Pairing, Post, PostArea, Unit
from bangfu.command.models.chain import ATTACHED, CHIEF, FIRST_SECRETARY, LEADER, POST_ROLES, ROLES
from bangfu.command.problems import AREA_COVERED, BAD_ROW, ROLE_TAKEN
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import encrypt_many, keyed_hash
from bangfu.register.identity import derive, scheme
from bangfu.register.models import Person

UNIT_KINDS = ("department", "government", "school", "hospital", "police", "village", "enterprise", "other")
LEVELS = ("county", "township", "village")
RANKS = ("county", "section", "general")
PROFESSIONS = ("cadre", "teacher", "medic", "police", "technician", "villager")
IDENTITY, PHONE = "officer.identity", "officer.phone"
WRONG_NUMBER = Text("位数或校验位不符", "its length or check character is wrong")
TAKEN_NUMBER = Text("已属于另一名人员", "it is that of another officer")
NAME, NUMBER, KEY = Text("名称", "name"), Text("工号", "number"), Text("代码", "key")
KIND, LEVEL, RANK = Text("类别", "kind"), Text("层级", "level"), Text("职级", "rank")
PROFESSION, ROLE = Text("身份", "profession"), Text("职务", "role")


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit to be entered; `path` is the area that it belongs to."""

    key: str
    name: Text
    kind: str
    level: str
    path: str
    since: date
    row: int | None = None


def add_units(actor: Actor, rows: Sequence[UnitRow]) -> int:
    """Enter units; one whose key is there already stays as it is. Returns how many are new.

    Raises BF-2204 for a value that will not do, BF-1108 for an area outside the actor's, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    once(rows, "key", KEY)
    with acting(actor):
        areas_by_path(actor, {r.path for r in rows})
        known = set(Unit.objects.filter(key__in=[r.key for r in rows]).values_list("key", flat=True))
        made = Unit.objects.bulk_create(
            [
                Unit(
                    path=r.path,
                    key=text(r.key, KEY, 40, r.row),
                    zh=text(r.name.zh, NAME, 60, r.row),
                    en=text(r.name.en or r.name.zh, NAME, 80, r.row),
                    kind=code(r.kind, KIND, UNIT_KINDS, r.row),
                    level=code(r.level, LEVEL, LEVELS, r.row),
                    valid=span(r.since, None, r.row),
                )
                for r in rows
                if r.key not in known
            ],
            batch_size=BATCH,
        )
        if made:
            note(actor, acts.UNIT_ADD, detail={"rows": len(rows), "new": len(made)})
            told()
    return len(made)


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """Somebody who serves, to be entered; `unit` is the key of their unit, `station` the path of the area where they are stationed."""

    number: str
    name: str
    unit: str
    rank: str
    profession: str
    station: str
    since: date
    sex: str = ""
    party_member: bool = False
    identity: str | None = None
    phone: str | None = None
    row: int | None = None


def add_officers(actor: Actor, rows: Sequence[OfficerRow]) -> int:
    """Enter officers; one whose number is there already stays as it is. Returns how many are new.

    An identity number is encrypted and links the officer to the person of the register whose number it is. Raises BF-2204 for a value
    that will not do (an identity that another officer has among them), BF-2203 for a unit that is not there, BF-1108 for a station outside the actor's area,
    BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    once(rows, "number", NUMBER)
    with acting(actor):
        known = set(Officer.objects.filter(number__in=[r.number for r in rows]).values_list("number", flat=True))
        fresh = [r for r in rows if r.number not in known]
        areas = areas_by_path(actor, {r.station for r in fresh})
        units = units_by_key(asked(fresh, "unit"), max((r.since for r in fresh), default=clock.today()))
        _identity_valid(actor, fresh)
        hashes = [keyed_hash(r.identity, "identity") if r.identity else None for r in fresh]
        persons = dict(
            Person.objects.filter(identity_hash__in=[h for h in hashes if h]).values_list("identity_hash", "pk"),
        )
        by_hash = {bytes(h): pk for h, pk in persons.items()}
        identities = encrypt_many([r.identity for r in fresh], IDENTITY)
        phones = encrypt_many([r.phone for r in fresh], PHONE)
        _identity_once(fresh, hashes)
        made = Officer.objects.bulk_create(
            [
                Officer(
                    path=r.station,
                    number=text(r.number, NUMBER, 24, r.row),
                    name=text(r.name, NAME, 60, r.row),
                    sex=r.sex,
                    unit=units[r.unit],
                    rank=code(r.rank, RANK, RANKS, r.row),
                    profession=code(r.profession, PROFESSION, PROFESSIONS, r.row),
                    party_member=r.party_member,
                    station=areas[r.station],
                    identity=identity,
                    identity_hash=hashed,
                    phone=phone,
                    person_id=by_hash.get(hashed) if hashed else None,
                    valid=span(r.since, None, r.row),
                )
                for r, identity, hashed, phone in zip(fresh, identities, hashes, phones, strict=True)
            ],
            batch_size=BATCH,
        )
        if made:
            note(actor, acts.OFFICER_ADD, detail={"rows": len(rows), "new": len(made)})
            told()
    return len(made)


def _identity_valid(actor: Actor, rows: Sequence[OfficerRow]) -> None:
    """Hold that every identity number has the check of the county's own numbers. Raises BF-2204 with the row; the number is not said."""
    numbers = profile_of(actor.scope).identity
    if not numbers:
        return
    said = [(row, row.identity) for row in rows if row.identity]
    valid = derive([number for _, number in said], scheme(numbers[0].check)).valid
    for (row, _), good in zip(said, valid, strict=True):
        if not good:
            raise BAD_ROW(row=row.row, column=Text("证件号码", "identity number"), value="***", wanted=WRONG_NUMBER)


def _identity_once(rows: Sequence[OfficerRow], hashes: Sequence[bytes | None]) -> None:
    """Hold that no identity number is that of two officers. Raises BF-2204 with the row; the number itself is not said."""
    seen = {
        bytes(h)
        for h in Officer.objects.filter(identity_hash__in=[h for h in hashes if h]).values_list("identity_hash", flat=True)
    }
    for row, hashed in zip(rows, hashes, strict=True):
        if hashed in seen:
            raise BAD_ROW(row=row.row, column=Text("证件号码", "identity number"), value="***", wanted=TAKEN_NUMBER)
        if hashed:
            seen.add(hashed)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post to be set up, with the areas that it covers; `parent` is the key of the post it answers to, blank at the top."""

    key: str
    name: Text
    level: str
    path: str
    areas: tuple[str, ...]
    since: date
    parent: str = ""
    row: int | None = None


def set_up_posts(actor: Actor, rows: Sequence[PostRow]) -> int:
    """Set up posts, in an order in which a parent comes before its children; one that is there already stays. Returns how many are new.

    Raises BF-2204, BF-2201 for a parent that is not there, BF-2206 where an area is covered already, BF-1108 and BF-1001.
    """
    actor.require("command.manage")
    once(rows, "key", KEY)
    with acting(actor):
        one_at_a_time(OFFICES)
        areas = areas_by_path(actor, {p for r in rows for p in (r.path, *r.areas)})
        known = {p.key: p for p in Post.objects.filter(key__in={k for r in rows for k in (r.key, r.parent)})}
        new = 0
        for r in rows:
            if r.key in known:
                continue
            if r.parent and r.parent not in known:
                posts_by_key({r.parent: r.row}, r.since)
            post = Post.objects.create(
                path=r.path,
                key=text(r.key, KEY, 40, r.row),
                zh=text(r.name.zh, NAME, 60, r.row),
                en=text(r.name.en or r.name.zh, NAME, 80, r.row),
                level=code(r.level, LEVEL, LEVELS, r.row),
                parent=known.get(r.parent),
                valid=span(r.since, None, r.row),
            )
            known[r.key] = post
            _cover(post, [areas[p] for p in r.areas], r.since, r.row)
            new += 1
        if new:
            note(actor, acts.POST_SET, detail={"rows": len(rows), "new": new})
            told()
    return new


def _cover(post: Post, areas: Iterable[Area], since: date, row: int | None) -> None:
    listed = list(areas)
    days = DateRange(since, None)
    taken = PostArea.objects.filter(area__in=listed, valid__overlap=days).select_related("area", "post").first()
    if taken is not None:
        raise AREA_COVERED(row=row, area=taken.area, post=taken.post.title)
    PostArea.objects.bulk_create([PostArea(post=post, area=a, path=a.path, valid=days) for a in listed])


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An officer (by number) to a role at a post (by key) or at an area (by path), for a term."""

    officer: str
    role: str
    since: date
    post: str = ""
    area: str = ""
    until: date | None = None
    document: str = ""
    row: int | None = None


def appoint(actor: Actor, rows: Sequence[AppointmentRow]) -> int:
    """Appoint officers: all of the rows or none. Returns how many are new; what is held already on the same days stays.

    A post has one chief at a time, a village one first secretary, and a first secretary one village (BF-2205). Raises BF-2204, BF-2201, BF-2202,
    BF-2235 outside the actor's area, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    with acting(actor):
        one_at_a_time(OFFICES)
        day = max((r.since for r in rows), default=clock.today())
        officers = officers_serving((r.officer, r.since, r.row) for r in rows)
        posts = posts_by_key(asked((r for r in rows if r.post), "post"), day)
        areas = areas_by_path(actor, {r.area for r in rows if r.area})
        made: list[Appointment] = []
        for r in rows:
            code(r.role, ROLE, ROLES, r.row)
            at_post = r.role in POST_ROLES
            if at_post != bool(r.post) or at_post == bool(r.area):
                text("", Text("指挥所或区划", "post or area"), 1, r.row)
            path = posts[r.post].path if at_post else r.area
            require_covered(actor, path, ROLES[r.role], r.row)
            made.append(
                Appointment(
                    path=path,
                    officer=officers[r.officer],
                    role=r.role,
                    post=posts.get(r.post),
                    area=areas.get(r.area),
                    valid=span(r.since, r.until, r.row),
                    document=r.document,
                )
            )
        made = _unheld(made, rows)
        Appointment.objects.bulk_create(made, batch_size=BATCH)
        if made:
            note(actor, acts.APPOINT, detail={"rows": len(rows), "new": len(made)})
            told()
    return len(made)


def _unheld(made: list[Appointment], rows: Sequence[AppointmentRow]) -> list[Appointment]:
    """Appointments without those that are held already. Raises BF-2205 where a single role, or an officer's single village, is taken."""
    held: dict[tuple[str, Any, Any], list[Appointment]] = {}
    wide = Appointment.objects.filter(officer__in={a.officer_id for a in made}) | Appointment.objects.filter(
        role__in=(CHIEF, FIRST_SECRETARY), path__in={a.path for a in made}
    )
    for other in wide.select_related("officer", "post", "area"):
        _enter(held, other)
    kept = []
    for a, r in zip(made, rows, strict=True):
        same = [o for o in held.get(("own", a.officer_id, (a.role, a.post_id, a.area_id)), []) if o.valid == a.valid]
        if same:
            continue
        for key in _single(a):
            for other in held.get(key, []):
                if overlap(other.valid, a.valid):
                    place = other.post.title if other.post else other.area
                    raise ROLE_TAKEN(row=r.row, place=place, role=other.title, holder=other.officer.name)
        _enter(held, a)
        kept.append(a)
    return kept


def _single(a: Appointment) -> list[tuple[str, Any, Any]]:
    """What an appointment may share with no other on the same day."""
    found: list[tuple[str, Any, Any]] = []
    if a.post_id is not None:
        found.append(("post", a.officer_id, a.post_id))
    if a.role == CHIEF:
        found.append((CHIEF, a.post_id, None))
    if a.role == FIRST_SECRETARY:
        found += [(FIRST_SECRETARY, a.area_id, None), ("secretary", a.officer_id, None)]
    return found


def _enter(held: dict[tuple[str, Any, Any], list[Appointment]], a: Appointment) -> None:
    for key in [("own", a.officer_id, (a.role, a.post_id, a.area_id)), *_single(a)]:
        held.setdefault(key, []).append(a)


def end_appointments(actor: Actor, keys: Sequence[int], *, on: date, reason: str) -> int:
    """End appointments: on the day itself the role is no longer held. Returns how many ended.

    Raises BF-2234 for one that is not there, or has ended, BF-2204 for a day before it began, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    return end_dated(actor, acts.APPOINT_END, Appointment, keys, on, reason)


def end_officers(actor: Actor, numbers: Sequence[str], *, on: date, reason: str) -> int:
    """Officers leave: their appointments, attachments, helping, deployments and places on the roster end with their service; their households are without a helper from
    that day on and are shown so. Returns how many left.

    Raises BF-2202 for one who does not serve on that day, BF-2235, BF-2204, BF-1001 without `command.manage`.
    """
    from bangfu.command.actions.pairings import end_helpers
    from bangfu.command.models import Helper

    actor.require("command.manage")
    with acting(actor):
        leaving = list(officers_by_number(numbers, on).values())
        for officer in leaving:
            require_covered(actor, officer.path, officer.name, 1)
        helping = Helper.objects.filter(officer__in=leaving, valid__contains=on).values_list("pk", flat=True)
        if helping:
            end_helpers(actor, list(helping), on=on, reason=reason)
        until = Func(Func(F("valid"), function="lower"), Value(on), function="daterange", output_field=DateRangeField())
        for model in (Appointment, Attachment, Deployment, Expert):
            of_theirs = model.objects.filter(officer__in=leaving)
            of_theirs.filter(valid__startswith__gte=on).delete()  # what was to begin then never does
            of_theirs.filter(valid__contains=on).update(valid=until)
        for officer in leaving:
            officer.valid = span(officer.valid.lower, on, 1)
        Officer.objects.bulk_update(leaving, ["valid"])
        note(actor, acts.OFFICER_END, reason=reason, detail={"rows": len(leaving), "until": on})
        told()
    return len(leaving)


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A leader (by number) or a unit (by key) who stands by an area (by path) from a day on."""

    area: str
    role: str
    since: date
    officer: str = ""
    unit: str = ""
    document: str = ""
    row: int | None = None


def attach(actor: Actor, rows: Sequence[AttachmentRow]) -> int:
    """Attach leaders and units to villages or townships ("1+1+N"); what is attached already stays. Returns how many are new.

    An area has one leader and one lead unit at a time (BF-2205). Raises BF-2204, BF-2202, BF-2203, BF-1108, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    with acting(actor):
        one_at_a_time(OFFICES)
        day = max((r.since for r in rows), default=clock.today())
        areas = areas_by_path(actor, {r.area for r in rows})
        officers = officers_serving((r.officer, r.since, r.row) for r in rows if r.role == LEADER)
        units = units_by_key(asked((r for r in rows if r.role != LEADER), "unit"), day)
        held = list(
            Attachment.objects.filter(area__in=areas.values(), valid__upper_inf=True).select_related("officer", "unit", "area")
        )
        made = []
        for r in rows:
            code(r.role, ROLE, ATTACHED, r.row)
            officer, unit = officers.get(r.officer), units.get(r.unit)
            area = areas[r.area]
            rivals = [
                h for h in held if h.area_id == area.pk and (h.role == r.role != "member_unit" or (unit and h.unit_id == unit.pk))
            ]
            if any(h.role == r.role and h.officer == officer and h.unit == unit for h in rivals):
                continue
            if rivals:
                raise ROLE_TAKEN(row=r.row, place=area, role=rivals[0].title, holder=rivals[0].officer or rivals[0].unit)
            one = Attachment(
                path=area.path,
                area=area,
                role=r.role,
                officer=officer,
                unit=unit,
                valid=span(r.since, None, r.row),
                document=r.document,
            )
            held.append(one)
            made.append(one)
        Attachment.objects.bulk_create(made, batch_size=BATCH)
        if made:
            note(actor, acts.ATTACH, detail={"rows": len(rows), "new": len(made)})
            told()
    return len(made)


def end_attachments(actor: Actor, keys: Sequence[int], *, on: date) -> int:
    """End attachments: on the day itself they hold no longer. Raises BF-2234, BF-2204, BF-1001 without `command.manage`."""
    actor.require("command.manage")
    return end_dated(actor, acts.ATTACH_END, Attachment, keys, on)


def give_account(actor: Actor, number: str, username: str) -> None:
    """Tie an officer to the account with which they log in: what they answer for becomes the duty of that account.

    Raises BF-2202, BF-1302 for an unknown user, BF-2205 where the account is another officer's, BF-1001 without `command.manage`.
    """
    actor.require("command.manage")
    with acting(actor):
        (officer,) = officers_by_number([number], clock.today()).values()
        require_covered(actor, officer.path, officer.name, 1)
        user = User.objects.named(username)
        if user is None:
            raise UNKNOWN_USER(username=username)
        other = Officer.objects.filter(user=user).exclude(pk=officer.pk).first()
        if other is not None:
            raise ROLE_TAKEN(place=username, role=Text("账号", "account"), holder=other.name)
        officer.user = user
        officer.save(update_fields=["user"])
        project_duties(Pairing.objects.filter(helper__officer=officer).values_list("household", flat=True))
        note(actor, acts.ACCOUNT_GIVE, subject=username, path=officer.path)
