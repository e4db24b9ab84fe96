"""Who holds which office, who stands by which place, who is sent to the front line, who is on a roster. Whole areas at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.command.models import Appointment, Attachment, Deployment, Expert, Officer, Post, Unit, VolunteerTask
from bangfu.command.models.chain import AREA_ROLES, CHIEF, LEAD_UNIT, LEADER
from bangfu.command.problems import SEVERAL_OFFICERS, UNKNOWN_OFFICER
from bangfu.command.settings import deployed_share_wanted
from bangfu.command.vacancies import villages_that_need_one
from bangfu.foundation.actor import Actor

NAMED = 5  # people of one name whose numbers a problem lists


def officer_meant(actor: Actor, words: str, day: date) -> str:
    """The number of the officer whom somebody types: a number, or the name of one person of the area who serves on a day.

    Raises BF-2202 where there is none, BF-2236 where several bear the name.
    """
    told = words.strip()
    serving = Officer.objects.visible_to(actor).on(day)
    if serving.filter(number=told).exists():
        return told
    found = list(serving.filter(name=told).order_by("number").values_list("number", "unit__zh")[: NAMED + 1])
    if not found:
        raise UNKNOWN_OFFICER(officer=told[:40] or "–")
    if len(found) > 1:
        listed = "、".join(f"{number}（{unit}）" for number, unit in found[:NAMED])
        raise SEVERAL_OFFICERS(officer=told, listed=listed)
    return str(found[0][0])


@dataclass(slots=True)
class Staffed:
    """A post with those who are appointed at it."""

    post: Post
    chief: Appointment | None = None
    others: list[Appointment] = field(default_factory=list)


def posts_staffed(actor: Actor, path: str, day: date) -> list[Staffed]:
    """The posts at an area and directly below it, and those farther down that have no chief: the rest stand on the pages of the areas below."""
    posts = list(Post.objects.visible_to(actor).under(path).on(day).select_related("parent").order_by("path", "key"))
    found = {p.pk: Staffed(p) for p in posts}
    rows = Appointment.objects.visible_to(actor).on(day).filter(post__in=posts).select_related("officer__unit").order_by("pk")
    for row in rows:
        staffed = found[row.post_id]
        if row.role == CHIEF:
            staffed.chief = row
        else:
            staffed.others.append(row)
    near = {p.pk for p in posts if p.path == path}
    return [s for s in found.values() if s.post.pk in near or s.post.parent_id in near or not near or s.chief is None]


@dataclass(slots=True)
class Village:
    """A village with those who are appointed at it; `needed` where the pack asks for a first secretary."""

    area: Area
    needed: bool
    by_role: dict[str, list[Appointment]] = field(default_factory=lambda: defaultdict(list))

    @property
    def missing(self) -> bool:
        """Whether it needs a first secretary and has none."""
        return self.needed and not self.by_role.get("first_secretary")


def villages_staffed(actor: Actor, path: str, day: date) -> list[Village]:
    """The villages inside an area that need a first secretary or have a first secretary or a resident team, those without one first."""
    needing = {a.pk: a for a in villages_that_need_one(actor, day) if a.path.startswith(path)}
    found = {pk: Village(a, True) for pk, a in needing.items()}
    rows = Appointment.objects.visible_to(actor).under(path).on(day).filter(role__in=AREA_ROLES)
    others = []
    for row in rows.select_related("officer__unit", "area").order_by("path", "pk"):
        if row.role in ("village_secretary", "group_leader") and row.area_id not in found:
            others.append(row)
            continue
        found.setdefault(row.area_id, Village(row.area, False)).by_role[row.role].append(row)
    for row in others:
        if row.area_id in found:
            found[row.area_id].by_role[row.role].append(row)
    return sorted(found.values(), key=lambda v: (not v.missing, v.area.path))


@dataclass(slots=True)
class Stood:
    """ "1+1+N" of a place: its leader, its lead unit and its member units."""

    area: Area
    leader: Attachment | None = None
    lead: Attachment | None = None
    members: list[Attachment] = field(default_factory=list)

    @property
    def gap(self) -> bool:
        """Whether its leader or its lead unit is missing."""
        return self.leader is None or self.lead is None


def attached_at(actor: Actor, path: str, day: date) -> list[Stood]:
    """Townships and villages at and directly below an area, and those farther down that lack a leader or a lead unit."""
    plays = profile_of(path).plays
    levels = [level for level in (plays.township, plays.village) if level]
    places = list(Area.objects.under(path).on(day).level(*levels).order_by("path"))
    found = {a.pk: Stood(a) for a in places}
    rows = Attachment.objects.visible_to(actor).under(path).on(day).filter(area__in=places)
    for row in rows.select_related("officer", "unit").order_by("pk"):
        if row.role == LEADER:
            found[row.area_id].leader = row
        elif row.role == LEAD_UNIT:
            found[row.area_id].lead = row
        else:
            found[row.area_id].members.append(row)
    nearest = min((len(a.path) for a in places if a.path != path), default=0)
    return [s for s in found.values() if len(s.area.path) <= nearest or s.gap]


@dataclass(frozen=True, slots=True)
class Share:
    """A county unit's party cadres, how many of them are sent to the front line, and whether that is less than is asked."""

    unit: Unit
    party: int
    sent: int
    short: bool

    @property
    def share(self) -> Decimal:
        """Those sent of all; a unit without party cadres is left out before."""
        return Decimal(self.sent) / Decimal(self.party)


def deployed_shares(actor: Actor, path: str, day: date) -> tuple[list[Share], Decimal | None]:
    """Each unit of an area's own level with the share of its party cadres that is deployed, the lowest first, and the share that the pack asks.

    As the figure counts: officers of county departments who are party members and cadres, serving on the day. Shares need the whole of a unit,
    so they are told only where the whole of the unit's area is seen.
    """
    wanted = deployed_share_wanted(day)
    if not actor.covers(path):
        return [], wanted
    units = Unit.objects.visible_to(actor).on(day).filter(path=path, level="county", kind="department")
    serving = Q(officers__party_member=True, officers__profession="cadre", officers__valid__contains=day)
    sent = serving & Q(officers__deployments__valid__contains=day)
    rows = units.annotate(
        party=Count("officers", filter=serving, distinct=True), sent=Count("officers", filter=sent, distinct=True)
    ).filter(party__gt=0)
    found = [
        Share(u, u.party, u.sent, wanted is not None and Decimal(u.sent) < wanted * u.party) for u in rows.order_by("path", "key")
    ]
    return sorted(found, key=lambda s: s.share), wanted


def deployments_at(actor: Actor, path: str, day: date) -> Sequence[Deployment]:
    """Who is deployed at or below an area on a day."""
    rows = Deployment.objects.visible_to(actor).under(path).on(day)
    return list(rows.select_related("officer", "unit", "area").order_by("path", "unit", "pk"))


def experts_at(actor: Actor, path: str, day: date, skill: str = "") -> tuple[list[Expert], dict[str, int]]:
    """The experts at or below an area with a skill (all where it is blank), and how many have each skill."""
    rows = list(
        Expert.objects.visible_to(actor)
        .under(path)
        .on(day)
        .select_related("officer__unit", "officer__station")
        .order_by("path", "pk")
    )
    counts: dict[str, int] = {}
    for one in rows:
        for known in one.skills:
            counts[known] = counts.get(known, 0) + 1
    return [r for r in rows if not skill or skill in r.skills], dict(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))


def volunteer_tasks_at(actor: Actor, path: str) -> list[VolunteerTask]:
    """Volunteers' tasks at or below an area, the latest first, each with `taken` and `served`: how many took it, and did it."""
    rows = VolunteerTask.objects.visible_to(actor).under(path).select_related("area")
    counted = rows.annotate(taken=Count("volunteers"), served=Count("volunteers", filter=Q(volunteers__served_on__isnull=False)))
    return list(counted.order_by("-valid", "pk"))
