"""Meetings: planned from what is due, attendance taken, relatives kept away, voted item by item, the minutes written from that."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.agenda import require_one
from bangfu.cases.actions.deciding import BETWEEN, last_day
from bangfu.cases.actions.handed import Handed, held_against, looked_at
from bangfu.cases.actions.papers import MINUTES, hand_in
from bangfu.cases.actions.voting import counting_votes, voted_after, votes_of
from bangfu.cases.actions.writing import changed, code, held, kept_file, sealed, text
from bangfu.cases.models import Case, Decision, Item, Kinship, Meeting, Present
from bangfu.cases.models.meetings import CANCELLED, HELD, MEETING_KINDS, PLANNED, VOTES
from bangfu.cases.paper_forms import codes
from bangfu.cases.paper_forms.codes import papers_of
from bangfu.cases.problems import (
    BAD_ROW,
    BAD_VOTES,
    CHAIR_ABSENT,
    NO_QUORUM,
    NOT_THIS_STEP,
    ON_A_MEETING,
    PAGES_MISSING,
    PASSED_ALREADY,
    TOO_MANY_VOTERS,
    UNKNOWN_DECISION,
    UNKNOWN_MEETING,
    VOTED_DOWN,
)
from bangfu.cases.procedures import step_title
from bangfu.command.actions.places import officers_by_number
from bangfu.command.models import Avoidance, Officer
from bangfu.documents.codes import PageKey
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, listed
from bangfu.foundation.updating import update_rows
from bangfu.register.models import Membership

QUORUM, MAJORITY = 2 / 3, 0.5  # where the pack says nothing: two thirds of the entitled, more than half of the votes
ENTITLED = Text("应到人数", "entitled")
MOST = 500
LATE_NOTED, AHEAD = 31, 92  # days
ON = Text("日期", "date")
NUMBER = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9_-]*")  # of an officer: no name has digits


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """A meeting to plan at the place of its matters: its kind, day, room, chair, how many are entitled, how it votes."""

    kind: str
    day: date
    where: str
    chair: str
    entitled: int
    vote: str = "hands"
    clerk: str = ""
    decisions: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()


def plan_meeting(actor: Actor, new: NewMeeting) -> Meeting:
    """Plan a meeting with its agenda, or note one that was held, not before its matters came to it. The quorum is the largest share that the steps on
    it demand of those entitled, and not less than the fewest people that they demand. It deals with matters of one place and one step, and is held by whoever
    does that step.

    Raises BF-2402 (without any matter, for matters that do not meet together, for a kind of meeting that does not deal with them, for a clerk who is the chair), BF-2434 for a meeting of another
    level or place, BF-2202 for a chair or clerk by a number that nobody has, BF-2430, BF-2433 for a decision that does not wait for a
    meeting, BF-2440 for one that was voted down at its step, BF-2484 for one that was passed, BF-2459 for a matter of another meeting that is to be held, BF-2401, BF-1001 without `meeting.manage`.
    """
    actor.require("meeting.manage")
    code(new.kind, Text("类别", "kind"), MEETING_KINDS)
    code(new.vote, Text("表决方式", "way of voting"), VOTES)
    where = text(new.where, Text("地点", "place"), 120)
    if not 1 <= new.entitled <= MOST:
        raise BAD_ROW(column=ENTITLED, value=new.entitled, wanted=Text(f"1 到 {MOST}", f"1 to {MOST}"))
    if not new.decisions and not new.cases:
        raise BAD_ROW(column=Text("议题", "items"), value="–", wanted=Text("至少一项", "one at least"))
    with acting(actor):
        chair = text(_called(new.chair), Text("主持人", "chair"), 60)
        clerk = text(_called(new.clerk), Text("记录人", "clerk"), 60, blank=True)
        if clerk and clerk == chair:
            raise BAD_ROW(
                column=Text("记录人", "clerk"), value=clerk, wanted=Text("须是主持人以外的人", "somebody else than the chair")
            )
        asked = Decision.objects.visible_to(actor).running().filter(pk__in=new.decisions)
        decisions = list(asked.order_by("pk").select_for_update(of=("self",)))
        if len(decisions) != len(set(new.decisions)):
            raise UNKNOWN_DECISION(decision=", ".join(str(k) for k in new.decisions))
        for d in decisions:
            if d.present is None or d.present["act"] != "meeting":
                raise NOT_THIS_STEP(decision=d.number, present=step_title(d, d.present), step=MEETING_KINDS[new.kind])
        cases = held(actor, new.cases) if new.cases else []
        _require_free(decisions, cases)
        agenda = require_one(actor, new.kind, decisions, cases)
        _require_day(new.day, decisions)
        fewest = max([1, *(d.present.get("attend", 1) for d in decisions if d.present is not None)])
        if new.entitled < fewest:
            wanted = Text(f"{fewest} 到 {MOST}", f"{fewest} to {MOST}")
            raise BAD_ROW(column=ENTITLED, value=new.entitled, wanted=wanted)
        shares = [d.present["quorum"] or QUORUM for d in decisions if d.present is not None] or [QUORUM]
        meeting = Meeting.objects.create(
            path=agenda.place, kind=new.kind, day=new.day, where=where, chair=chair, clerk=clerk,
            entitled=new.entitled, quorum=max(fewest, math.ceil(max(shares) * new.entitled - 1e-9)), vote=new.vote, actor=actor.name[:60],
        )  # fmt: skip
        matters: list[Item] = [
            Item(
                path=d.path,
                household_id=d.household_id,
                meeting=meeting,
                decision=d,
                place=n,
                step=(d.present or {}).get("step", ""),
            )
            for n, d in enumerate(decisions, 1)
        ]
        matters += [
            Item(path=c.path, household_id=c.household_id, meeting=meeting, case=c, place=n)
            for n, c in enumerate(cases, len(decisions) + 1)
        ]
        Item.objects.bulk_create(matters)
        note(actor, acts.MEETING_PLAN, subject=meeting.number, path=meeting.path, detail={"rows": len(matters)})
        changed()
    return meeting


def _require_free(decisions: Sequence[Decision], cases: Sequence[Case]) -> None:
    """Hold that no other meeting is to vote on the same, and that none has voted on a decision at its step."""
    voted = counting_votes(decisions)
    for d in decisions:
        if d.pk in voted:
            if voted[d.pk].passed:
                raise PASSED_ALREADY(decision=d.number, meeting=voted[d.pk].meeting.number, votes=votes_of(voted[d.pk]))
            raise VOTED_DOWN(decision=d.number, meeting=voted[d.pk].meeting.number, votes=votes_of(voted[d.pk]))
    matters = Q(decision__in=[d.pk for d in decisions]) | Q(case__in=[c.pk for c in cases])
    planned = Item.objects.filter(matters, meeting__state=PLANNED).select_related("meeting", "decision", "case").order_by("pk")
    if (one := planned.first()) is not None:
        raise ON_A_MEETING(matter=(one.decision or one.case).number, meeting=one.meeting.number, day=one.meeting.day)


def _called(typed: str, row: int | None = None) -> str:
    """Somebody's name as it was typed; of an officer who was named by number, their name. Raises BF-2202."""
    number = officer_number(typed)
    return officers_by_number({number: row}, clock.today())[number].name if number else typed.strip()


def officer_number(typed: str) -> str:
    """The number of an officer that somebody typed, after `#` or alone; blank where it is a name."""
    said = unicodedata.normalize("NFKC", typed).strip()
    if said.startswith("#"):
        return said[1:].strip() or said
    return said if NUMBER.fullmatch(said) else ""


def _require_seats(meeting: Meeting, voters: int) -> None:
    """Hold that not more vote than are entitled."""
    if voters > meeting.entitled:
        raise TOO_MANY_VOTERS(meeting=meeting.number, entitled=meeting.entitled, present=voters)


def _require_day(day: date, decisions: Sequence[Decision]) -> None:
    """Hold that a meeting is neither far away nor before its matters came to it (without any: not before a month ago)."""
    today = clock.today()
    first = max((last_day(d) for d in decisions), default=today - timedelta(LATE_NOTED))
    if not first <= day <= today + timedelta(AHEAD):
        raise BAD_ROW(column=ON, value=day, wanted=BETWEEN.format(a=first, b=today + timedelta(AHEAD)))


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who came: an officer by number (`officer`, or in the place of the name), or a villager by name. `votes` is False of those who only listen."""

    name: str = ""
    officer: str = ""
    role: str = ""
    votes: bool = True
    row: int | None = None


def attend_meeting(actor: Actor, key: int, rows: Sequence[Attendee]) -> Meeting:
    """Enter who came, in the place of what was entered before; who has to keep away from which item is found and noted.

    Raises BF-2445, BF-2202, BF-2402, BF-2458 for more who vote than are entitled, BF-1001 without `meeting.manage`.
    """
    actor.require("meeting.manage")
    with acting(actor):
        meeting = _planned(actor, key)
        numbers = [r.officer.strip() or officer_number(r.name) for r in rows]
        officers = officers_by_number({n: r.row for n, r in zip(numbers, rows, strict=True) if n}, clock.today())
        names = [
            officers[n].name if n else text(r.name, Text("姓名", "name"), 60, r.row) for n, r in zip(numbers, rows, strict=True)
        ]
        _require_seats(meeting, sum(r.votes for r in rows))
        for n, name in enumerate(names):
            if name in names[:n]:
                raise BAD_ROW(row=rows[n].row, column=Text("姓名", "name"), value=name, wanted=Text("已登记", "entered already"))
        Present.objects.filter(meeting=meeting).delete()
        people = Present.objects.bulk_create(
            [
                Present(
                    path=meeting.path, meeting=meeting, officer=officers.get(n), name=name, role=r.role.strip()[:60], votes=r.votes
                )
                for r, n, name in zip(rows, numbers, names, strict=True)
            ]
        )  # fmt: skip
        for item in Item.objects.filter(meeting=meeting):
            why = _recused(item, people)
            item.recused, item.recused_why = sorted(why), {str(k): [w.zh, w.en] for k, w in why.items()}
            item.save(update_fields=["recused", "recused_why"])
        changed()
    return meeting


def _recused(item: Item, people: Sequence[Present]) -> dict[int, Text]:
    """Who of those present keeps away from an item, and why: members and declared relatives of the household, relatives of those members who serve."""
    if item.household_id is None:
        return {}
    members = Membership.objects.on(clock.today()).filter(household=item.household_id)
    names = set(members.values_list("person__name", flat=True))
    persons = set(members.values_list("person", flat=True))
    serving = set(Officer.objects.filter(person__in=persons).values_list("pk", flat=True))
    avoided = dict(Avoidance.objects.filter(household=item.household_id).values_list("officer", "reason"))
    kin: dict[int, str] = {}
    for a, b, relation in Kinship.objects.values_list("officer", "relative", "relation"):
        if a in serving:
            kin[b] = relation
        if b in serving:
            kin[a] = relation
    found: dict[int, Text] = {}
    for one in people:
        if one.officer_id is not None and one.officer is not None and one.officer.person_id in persons:
            found[one.pk] = Text("本人的户", "one’s own household")
        elif one.officer_id in avoided:
            found[one.pk] = Text(avoided[one.officer_id], avoided[one.officer_id])
        elif one.officer_id in kin:
            found[one.pk] = Text(kin[one.officer_id], kin[one.officer_id])
        elif one.officer_id is None and one.name in names:
            found[one.pk] = Text("户内成员（同名，请核对）", "bears the name of a member: check")
    return found


@dataclass(frozen=True, slots=True)
class Vote:
    """How an item was voted, and what was said."""

    item: int
    in_favour: int
    against: int
    abstained: int
    words: str = ""


def hold_meeting(actor: Actor, key: int, votes: Sequence[Vote], name: str = "", content: bytes = b"") -> Meeting:
    """Note that a meeting was held and how every item was voted: all of them or none. The signed minutes may come with it, or later.

    Raises BF-2445, BF-2454 without its chair, BF-2446 without a quorum, BF-2458 with more who vote than are entitled, BF-2447 where votes do not add up to those who could vote, BF-2402 for a day to come,
    BF-2456, BF-2457 and BF-2418 for the minutes, BF-1001 without `meeting.manage`.
    """
    actor.require("meeting.manage")
    with acting(actor):
        meeting = _planned(actor, key)
        if meeting.day > clock.today():
            raise BAD_ROW(column=Text("日期", "date"), value=meeting.day, wanted=Text("会议还没有到日子", "the day is to come"))
        people = list(Present.objects.filter(meeting=meeting).select_related("officer"))
        voters = {p.pk for p in people if p.votes}
        numbers = {p.officer.number for p in people if p.officer is not None}
        if meeting.chair not in {p.name for p in people} and officer_number(meeting.chair) not in numbers:
            raise CHAIR_ABSENT(chair=meeting.chair, meeting=meeting.number)
        _require_seats(meeting, len(voters))
        if len(voters) < meeting.quorum:
            raise NO_QUORUM(meeting=meeting.number, present=len(voters), quorum=meeting.quorum, entitled=meeting.entitled)
        items = {i.pk: i for i in Item.objects.filter(meeting=meeting).select_related("decision")}
        given = {v.item: v for v in votes}
        for item in items.values():
            vote = given.get(item.pk)
            could = len(voters - set(item.recused))
            if (
                vote is None
                or min(vote.in_favour, vote.against, vote.abstained) < 0
                or vote.in_favour + vote.against + vote.abstained != could
            ):
                yes, no, none = (vote.in_favour, vote.against, vote.abstained) if vote else (0, 0, 0)
                raise BAD_VOTES(
                    item=item.place, yes=yes, no=no, abstained=none, voters=could, recused=len(voters & set(item.recused))
                )
            steps = item.decision.steps if item.decision is not None else []
            share = next((s.get("majority") for s in steps if s["step"] == item.step), None) or MAJORITY
            item.voted_after = voted_after(item)
            item.in_favour, item.against, item.abstained = vote.in_favour, vote.against, vote.abstained
            # More than half, or at least the larger share that the pack demands.
            item.passed = vote.in_favour > could * share if share == MAJORITY else vote.in_favour >= could * share - 1e-9
            item.words = sealed([text(vote.words, blank=True)])[0]
        update_rows(list(items.values()), ["in_favour", "against", "abstained", "passed", "words", "voted_after"])
        meeting.state = HELD
        meeting.save(update_fields=["state"])
        if content:
            _keep_minutes(actor, meeting, name, content)
        note(actor, acts.MEETING_HOLD, subject=meeting.number, path=meeting.path, detail={"rows": len(items)})
        changed()
    return meeting


def file_minutes(actor: Actor, key: int, name: str, content: bytes, *, pages: int | None = None) -> Meeting:
    """Keep the signed minutes of a meeting that was held: they are the paper of the step of each of its decisions that waits for them. Without `pages` the file is
    read. Raises BF-2445, BF-2456 for pages of something else, BF-2457 where its codes say that pages are missing, BF-2418, BF-1001 without `meeting.manage`."""
    actor.require("meeting.manage")
    with acting(actor):
        found = Meeting.objects.visible_to(actor).filter(pk=key, state=HELD).select_for_update(of=("self",)).first()
        if found is None:
            raise _unknown(actor, key)
        _keep_minutes(actor, found, name, content, pages)
        note(actor, acts.MEETING_HOLD, subject=found.number, path=found.path)
        changed()
    return found  # type: ignore[no-any-return]


def _keep_minutes(actor: Actor, meeting: Meeting, name: str, content: bytes, pages: int | None = None) -> None:
    items = list(Item.objects.filter(meeting=meeting, decision__isnull=False).select_related("decision"))
    pages = _whole_minutes(actor, meeting, items, looked_at(name, content)) if pages is None else pages
    meeting.minutes = kept_file(name, content)
    meeting.save(update_fields=["minutes"])
    for item in items:
        now = item.decision.present if item.decision is not None else None
        if item.decision_id is not None and now is not None and now["step"] == item.step and MINUTES in now["documents"]:
            hand_in(actor, item.decision_id, MINUTES, name, content, step=item.step, pages=pages)


def _whole_minutes(actor: Actor, meeting: Meeting, items: Sequence[Item], handed: Handed) -> int:
    """How many pages the minutes of a meeting have. They may be its own sheet, or the form of the step of what it was about."""
    wanted = {PageKey(meeting.number, codes.MINUTES)}
    for item in items if handed.codes else ():
        if item.decision is not None:
            papers = papers_of(item.decision.steps)
            wanted |= {
                PageKey(item.decision.number, p.form) for p in papers if (p.step["step"], p.document) == (item.step, MINUTES)
            }
    title = codes.TITLES[codes.MINUTES]
    pages, missing = held_against(actor, handed, wanted, lambda k: k.matter == meeting.number, asked=meeting.number, title=title)
    if missing:
        said = listed(str(n) for n in missing)
        raise PAGES_MISSING(file=handed.name[:60], missing=said, wanted=title, pages=pages)
    return pages


def cancel_meeting(actor: Actor, key: int, why: str) -> Meeting:
    """Cancel a planned meeting, with the reason: what was on it waits for another. Raises BF-2445, BF-2402, BF-1001 without `meeting.manage`."""
    actor.require("meeting.manage")
    why = text(why, Text("取消原因", "reason"), 200)
    with acting(actor):
        meeting = _planned(actor, key)
        meeting.state, meeting.cancelled_why = CANCELLED, why
        meeting.save(update_fields=["state", "cancelled_why"])
        note(actor, acts.MEETING_CANCEL, subject=meeting.number, path=meeting.path)
        changed()
    return meeting


def _planned(actor: Actor, key: int) -> Meeting:
    found = Meeting.objects.visible_to(actor).to_be_held().filter(pk=key).select_for_update(of=("self",)).first()
    if found is None:
        raise _unknown(actor, key)
    return found  # type: ignore[no-any-return]


def _unknown(actor: Actor, key: int) -> Problem:
    """BF-2445 about a meeting by its number; one that the actor does not see has none for them."""
    found = Meeting.objects.visible_to(actor).filter(pk=key).first()
    return UNKNOWN_MEETING(meeting=found.number if found is not None else "–")
