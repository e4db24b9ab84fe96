"""Whom cases tell of what: owners of what came to them, departments of what was referred, verifiers of what waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bangfu.accounts.models import Assignment
from bangfu.accounts.roles import roles
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.cases.chain import Chain
from bangfu.cases.models import Case, Decision
from bangfu.cases.models.cases import COUNTY, DEPARTMENT, HELPER, TOWNSHIP
from bangfu.cases.procedures import step_title
from bangfu.command.models import Officer, Pairing
from bangfu.command.telling import holders
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.messages.actions import NewMessage, send
from bangfu.messages.kinds import kind

LISTED = 40  # in a message
MOVED = kind("cases.moved", zh="事项移交", en="Cases handed over")
ESCALATED = kind("cases.escalated", zh="事项逾期上报", en="Cases escalated")
REFERRED = kind("cases.referred", zh="事项转交部门", en="Cases referred")
LATE = kind("cases.late", zh="程序超期", en="Decisions late")
VERIFY = kind("cases.verify", zh="事项待核验", en="Cases to verify")


def tell_owners(actor: Actor, cases: Sequence[Case], chain: Chain, *, escalated: bool = False) -> None:
    """Tell whoever now answers for cases: helpers of their households, posts of their places; one message for all of a place."""
    today = clock.today()
    posts: dict[str, list[Case]] = {}
    for case in cases:
        post = chain.post_at(case.step, case.path) if case.step not in (HELPER, DEPARTMENT) else None
        if post is not None:
            posts.setdefault(post.path, []).append(case)
    what = (
        Text("逾期上报事项 {n} 件", "{n} case(s) escalated to you")
        if escalated
        else Text("移交事项 {n} 件", "{n} case(s) handed over to you")
    )
    sort = ESCALATED if escalated else MOVED
    # Of a post above the actor's own area: the message is of the place of the cases.
    messages = [
        _message(sort, path if actor.covers(path) else some[0].path, some, what, holders(path, "case.direct", today))
        for path, some in posts.items()
    ]
    helpers: dict[int, list[Case]] = {}
    at_helper = [c for c in cases if c.step == HELPER]
    held = Pairing.objects.principals().on(today).filter(household__in={c.household_id for c in at_helper})
    users = dict(held.exclude(helper__officer__user=None).values_list("household", "helper__officer__user"))
    for case in at_helper:
        if case.household_id in users:
            helpers.setdefault(users[case.household_id], []).append(case)
    messages += [_message(sort, some[0].path, some, what, [user]) for user, some in helpers.items()]
    send(actor, [m for m in messages if m.to])


def tell_referred(actor: Actor, cases: Sequence[Case]) -> None:
    """Tell the people of a unit of what was referred to it."""
    units: dict[int, list[Case]] = {}
    for case in cases:
        if case.unit_id is not None:
            units.setdefault(case.unit_id, []).append(case)
    what = Text("转交事项 {n} 件", "{n} case(s) referred to your unit")
    messages = []
    for unit, some in units.items():
        users = Officer.objects.filter(unit=unit, user__isnull=False).values_list("user", flat=True)
        able = [role.key for role in roles().values() if "case.department" in role.permissions]
        to = Assignment.objects.filter(user__in=users, role__in=able, valid__contains=clock.today()).values_list(
            "user", flat=True
        )
        messages.append(_message(REFERRED, actor.scope, some, what, sorted(set(to))))
    send(actor, [m for m in messages if m.to])


def tell_verifiers(actor: Actor, cases: Iterable[Case]) -> None:
    """Tell the posts of villages of claims that wait for them."""
    villages: dict[str, list[Case]] = {}
    for case in cases:
        villages.setdefault(village_of(case.path), []).append(case)
    what = Text("待核验销号 {n} 件", "{n} closing(s) to verify")
    today: date = clock.today()
    messages = [
        _message(VERIFY, path if actor.covers(path) else some[0].path, some, what, holders(path, "case.verify", today))
        for path, some in villages.items()
    ]
    send(actor, [m for m in messages if m.to])


def tell_late(actor: Actor, decisions: Iterable[Decision]) -> int:
    """Tell of decisions whose step, or whose whole, is late: who does the step, and the level above; of a place once a day. Gives how many it told."""
    today = clock.today()
    places: dict[str, list[Decision]] = {}
    for decision in decisions:
        for path in _answering(decision):
            places.setdefault(path, []).append(decision)
    messages = []
    for path, some in places.items():
        said = [(d.number, step_title(d, d.present)) for d in some[:LISTED]]
        body = Text("\n".join(f"{n} {s.zh}" for n, s in said), "\n".join(f"{n} {s.en}" for n, s in said))
        messages.append(
            NewMessage(
                f"{LATE}.{today}.{path}"[:120], LATE, path, Text("超期程序 {n} 件", "{n} decisions are late").format(n=len(some)),
                body, holders(path, "case.direct", today), link="/decisions/?view=late",
            )
        )  # fmt: skip
    return send(actor, [m for m in messages if m.to])


def _answering(decision: Decision) -> list[str]:
    """The places that answer for the next step of a decision and for its being done in time: its own level's, and the one above."""
    by = (decision.present or {}).get("by", COUNTY)
    line = [a.path for a in areas().line(decision.path)]
    plays, county = profile_of(decision.path).plays, the_county().path
    levels = {a.level: a.path for a in areas().line(decision.path)}
    chain = [levels.get(plays.village, county), levels.get(plays.township, county), county]
    first = {TOWNSHIP: 1, COUNTY: 2}.get(by, 0)
    return [path for path in dict.fromkeys(chain[first : first + 2]) if path in line]


def village_of(path: str) -> str:
    """The village in which a place lies; the place itself where it lies in none."""
    level = profile_of(path).plays.village
    return next((a.path for a in areas().line(path) if a.level == level), path)


def _message(sort: str, path: str, cases: Sequence[Case], what: Text, to: Sequence[int]) -> NewMessage:
    listed = "\n".join(c.number for c in cases[:LISTED])
    key = f"{sort}.{max(c.pk for c in cases)}.{clock.now():%Y%m%d%H%M%S}.{path}"[:120]
    return NewMessage(key, sort, path, what.format(n=len(cases)), Text(listed, listed), to, link="/cases/")
