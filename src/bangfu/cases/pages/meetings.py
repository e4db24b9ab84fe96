"""Meetings of an area, planned from what is due; a meeting: who came, who keeps away, how it was voted, its minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of
from bangfu.areas.models import Area
from bangfu.areas.remembered import areas
from bangfu.cases.actions import (
    Attendee,
    NewMeeting,
    Vote,
    attend_meeting,
    cancel_meeting,
    file_minutes,
    hold_meeting,
    plan_meeting,
)
from bangfu.cases.actions.agenda import Agenda, agendas, clues_for, due_for, holds, place_name
from bangfu.cases.models import Item, Meeting, Present
from bangfu.cases.models.meetings import HELD, MEETING_KINDS, MEETING_STATES, PLANNED, VOTES
from bangfu.cases.pages.decisions import fill_decisions
from bangfu.cases.pages.links import case_url, decision_url, meeting_url
from bangfu.cases.pages.listing import fill_cases
from bangfu.cases.pages.one import Buttons, opened_page, shown_or_done, the_meeting, uploaded
from bangfu.cases.pages.places import frame_of, navigation
from bangfu.cases.policy import Kinds, kinds_on
from bangfu.cases.problems import BAD_ROW, UNKNOWN_FILE
from bangfu.cases.procedures import step_title, today_procedures
from bangfu.cases.shown import words_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, number_of
from bangfu.kit.leafing import leaf_of

SHAPES = {PLANNED: "waiting", HELD: "met", "cancelled": "unknown"}
SHOWN = 60
PARTS = ("for", "against", "abstained")


@page("case.read")
@never_cache
def meetings(request: HttpRequest, path: str) -> HttpResponse:
    """The meetings of an area, and the form that plans one from what is due; posted, it is planned."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "meetings")
    problem: Problem | None = None
    typed = Typed(request, BAD_ROW)
    if request.method == "POST":
        try:
            actor.require("meeting.manage")
            new = NewMeeting(
                typed.text("kind"), typed.day("day", Text("日期", "day")), typed.text("where"), typed.text("chair"),
                typed.number("entitled", Text("应到人数", "entitled")), typed.text("vote") or "hands", typed.text("clerk"),
                tuple(typed.keys("decision")), tuple(typed.keys("case")),
            )  # fmt: skip
            return redirect(meeting_url(plan_meeting(actor, new).number))
        except Problem as refused:
            problem = refused
    today = clock.today()
    due: list[Any] = due_for(actor, path)[:SHOWN] if actor.may("meeting.manage") else []
    fill_decisions(actor, due)
    clues = clues_for(actor, path)[:SHOWN] if actor.may("meeting.manage") else []
    kinds = kinds_on()
    fill_cases(actor, kinds, clues)
    found = agendas(due, clues)
    own = [a for a in found if holds(actor, a)]
    first = Case(When(state=PLANNED, then=0), default=1)
    leaf = leaf_of(
        request, Meeting.objects.visible_to(actor).under(path).annotate(matters=Count("items")).order_by(first, "-day", "-pk")
    )
    context = frame | {
        "rows": [
            {
                "m": m, "url": meeting_url(m.number), "kind": MEETING_KINDS[m.kind], "state": MEETING_STATES[m.state],
                "shape": SHAPES[m.state], "items": m.matters, "place": " ".join(name_of(a) for a in areas().line(m.path)[-1:]),
            }
            for m in leaf.rows
        ],
        "leaf": leaf,
        "agendas": [_agenda(request, a, kinds, n, len(own)) for n, a in enumerate(own, 1)],
        "elsewhere": [_agenda(request, a, kinds, 0, 0) for a in found if a not in own],
        "waiting": len(due) + len(clues),
        "votes": VOTES,
        "may": actor.may("meeting.manage"),
        "today": today,
        "soon": today + timedelta(1),
        "typed": request.POST,
        "problem": problem,
    }  # fmt: skip
    return render(request, "cases/meetings.html", context, status=problem.kind.status if problem else 200)


def _agenda(request: HttpRequest, agenda: Agenda, kinds: Kinds, place: int, of: int) -> dict[str, Any]:
    """What waits for one meeting, as its form shows it: what was ticked when it was refused, else all of it; the only one stands open."""
    known, sent = today_procedures(), request.POST
    posted = request.method == "POST" and sent.get("agenda") == f"{agenda.place}{agenda.step}"
    ticked = {name: set(sent.getlist(name)) for name in ("decision", "case")}
    matters: list[tuple[str, Any]] = [*(("decision", d) for d in agenda.decisions), *(("case", c) for c in agenda.cases)]
    return {
        "n": place,
        "key": f"{agenda.place}{agenda.step}",
        "where": place_name(agenda.place),
        "url": reverse("cases:meetings", kwargs={"path": agenda.place}),
        "title": agenda.title,
        "kinds": {key: MEETING_KINDS[key] for key in agenda.kinds},
        "open": posted or (of == 1 and request.method != "POST"),
        "typed": sent if posted else {},
        "rows": [
            {
                "name": name,
                "key": row.pk,
                "number": row.number,
                "who": row.shown["who"],
                "area": row.shown["area"],
                "kind": known.title(row.kind) if name == "decision" else kinds.title(row.kind),
                "gap": row.shown["gap"] if name == "case" else "",
                "url": decision_url(row.number) if name == "decision" else case_url(row.number),
                "ticked": not posted or str(row.pk) in ticked[name],
            }
            for name, row in matters
        ],
        "count": len(matters),
    }


@page("case.read")
@never_cache
def meeting(request: HttpRequest, meeting: str) -> HttpResponse:
    """A meeting; posted, who came, how it was voted, or its minutes."""
    actor = acting_as(request)
    return shown_or_done(request, actor, the_meeting(actor, meeting), DO, _show, meeting_url(meeting))


def _hold(actor: Actor, found: Meeting, typed: Typed, request: HttpRequest) -> object:
    votes = [_vote(typed, item.pk) for item in Item.objects.filter(meeting=found)]
    return hold_meeting(actor, found.pk, votes, *uploaded(request))


DO: Buttons[Meeting] = {
    "attend": lambda a, m, t, r: attend_meeting(a, m.pk, _attendees(t.text("people"))),
    "hold": _hold,
    "minutes": lambda a, m, t, r: file_minutes(a, m.pk, *uploaded(r)),
    "cancel": lambda a, m, t, r: cancel_meeting(a, m.pk, t.text("why")),
}


def _vote(typed: Typed, item: int) -> Vote:
    """How an item was voted, as a form says it: each number, 0 as well. Raises BF-2402."""
    yes, no, none = (number_of(typed.text(f"{part}-{item}"), Text("票数", "votes"), BAD_ROW, 0, 500) for part in PARTS)
    return Vote(item, yes, no, none, typed.text(f"words-{item}"))


def _attendees(text: str) -> list[Attendee]:
    """Who came, one to a line: a name, or a number after `#`; what follows a comma is the role, a trailing `*` means listening only."""
    rows = []
    for n, line in enumerate((one.strip() for one in text.splitlines()), 1):
        if not line:
            continue
        listens = line.endswith("*")
        who, _, role = line.rstrip("*").replace("，", ",").partition(",")
        rows.append(Attendee(who.strip(), "", role.strip(), not listens, n))
    return rows


def _show(request: HttpRequest, actor: Actor, found: Meeting, problem: Problem | None) -> HttpResponse:
    area = areas().by_path([found.path]).get(found.path) or Area.objects.filter(path=found.path).first()
    frame = (
        area_frame(actor, area, lambda p: reverse("cases:meetings", kwargs={"path": p}), top=the_county().path) if area else {}
    )
    people = list(Present.objects.filter(meeting=found).select_related("officer").order_by("pk"))
    items = list(
        Item.objects.visible_to(actor)
        .filter(meeting=found)
        .select_related("decision__household", "case__household")
        .order_by("place")
    )
    decisions: list[Any] = [i.decision for i in items if i.decision is not None]
    fill_decisions(actor, decisions)
    kinds, known = kinds_on(), today_procedures()
    cases: list[Any] = [i.case for i in items if i.case is not None]
    fill_cases(actor, kinds, cases)
    voters = {p.pk for p in people if p.votes}
    names = {p.pk: p.name for p in people}
    context = frame | {
        "area_choices": [],
        "place": "cases",
        "navigation": navigation(actor.scope, "meetings"),
        "meeting": found,
        "kind": MEETING_KINDS[found.kind],
        "state": MEETING_STATES[found.state],
        "shape": SHAPES[found.state],
        "vote": VOTES[found.vote],
        "where_name": name_of(area) if area else "",
        "people": people,
        "voters": len(voters),
        "quorate": len(voters) >= found.quorum,
        "people_text": "\n".join(_line(p) for p in people),
        "items": [
            {
                "item": i,
                "who": (i.decision or i.case).shown["who"],
                "kind": known.title(i.decision.kind) if i.decision else kinds.title(i.case.kind),
                "step": step_title(i.decision, {"step": i.step}) if i.decision else "",
                "url": decision_url(i.decision.number) if i.decision else reverse("cases:case", kwargs={"case": i.case.number}),
                "recused": [(names.get(k, ""), Text(*i.recused_why.get(str(k), ["", ""]))) for k in i.recused],
                "could": len(voters - set(i.recused)),
                "said": words_of(i.words),
                "typed": [request.POST.get(f"{part}-{i.pk}", "") for part in (*PARTS, "words")],
            }
            for i in items
        ],
        "may": actor.may("meeting.manage"),
        "planned": found.state == PLANNED,
        "minutes_url": reverse("cases:minutes", kwargs={"meeting": found.number}) if found.minutes else "",
        "print_url": reverse("cases:meeting-print", kwargs={"meeting": found.number}),
        "typed": request.POST,
        "problem": problem,
        "today": clock.today(),
    }
    return render(request, "cases/meeting.html", context, status=problem.kind.status if problem else 200)


def _line(p: Present) -> str:
    who = f"#{p.officer.number}" if p.officer is not None else p.name
    return f"{who}{f', {p.role}' if p.role else ''}{'' if p.votes else ' *'}"


@page("case.read")
@never_cache
def minutes(request: HttpRequest, meeting: str) -> HttpResponse:
    """The signed minutes of a meeting; who opened them goes into the audit. Raises BF-2445, BF-2419."""
    actor = acting_as(request)
    found = the_meeting(actor, meeting)
    if not found.minutes:
        raise UNKNOWN_FILE(case=meeting)
    return opened_page(actor, found, found.minutes)
