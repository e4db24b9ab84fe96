"""Decisions of an area with their clocks, the form that begins one, and a decision: its steps, papers, votes, notice, and what is next."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, cast

from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.cases.actions import (
    NewDecision,
    Step,
    begin_decisions,
    do_step,
    hand_in,
    refuse,
    send_back,
    tell_refusal,
    withdraw,
)
from bangfu.cases.actions.deciding import LEVELS, levels_of, passed_steps
from bangfu.cases.actions.ending import may_refuse, was_looked_at
from bangfu.cases.actions.writing import RANKS, rank_of
from bangfu.cases.criteria import bound, computed, criteria_of, fulfilled, in_words, is_share, title_of
from bangfu.cases.models import Case, Decision, Paper, StepDone
from bangfu.cases.models.cases import VILLAGE
from bangfu.cases.models.decisions import DECISION_STATES, ORIGINS, OUTCOMES, REFUSED, RUNNING, DecisionQuerySet
from bangfu.cases.pages.homes import fill_homes
from bangfu.cases.pages.links import case_url, decision_url
from bangfu.cases.pages.one import Buttons, opened_page, shown_or_done, the_case, the_decision, uploaded
from bangfu.cases.pages.outcomes import blocked, meetings_of, notices_of, vote_now
from bangfu.cases.pages.places import frame_of, navigation
from bangfu.cases.problems import BAD_ROW, UNKNOWN_CASE, UNKNOWN_FILE
from bangfu.cases.procedures import Procedure, Procedures, procedures_on, step_title, today_procedures
from bangfu.cases.shown import words_of
from bangfu.command.models import Officer
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, listed
from bangfu.kit.asked import keeping_query
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.listing import Choice, Column, Listing, Option
from bangfu.register.models import Household
from bangfu.register.pages.links import household_url
from bangfu.screening.models import Finding

Rows = QuerySet[Any, Any]
VIEWS = {
    "running": Text("办理中", "under way"),
    "late": Text("超期", "late"),
    "own": Text("待本级办理", "for one’s own level"),
    "meeting": Text("待评议", "waits for a meeting"),
    "notice": Text("公示中或待公示", "on notice, or to be"),
    "enter": Text("待录入系统", "to be entered into the system"),
    "decided": Text("已认定", "decided"),
    "refused": Text("不予认定", "refused"),
    "untold": Text("未告知原因", "refused, not told"),
    "all": Text("全部", "all"),
}
DECISION_SHAPES = {"running": "waiting", "decided": "met", "refused": "unmet", "withdrawn": "unknown"}
SUGGESTED = 8  # people who could go along
TOGETHER, DAY = Text("同去人员工号", "numbers of those who went along"), Text("日期", "date")


def in_view(rows: Rows, view: str, actor: Actor) -> Rows:
    """The decisions of one of the views of the list."""
    found = cast(DecisionQuerySet, rows)
    match view:
        case "late":
            return found.late(clock.today())
        case "own":
            return found.at("by", levels_of(actor))
        case "meeting" | "notice" | "enter":
            return found.at("act", (view,))
        case "untold":
            return rows.filter(state=REFUSED, told_on=None)
        case "all":
            return rows
    return rows.filter(state=view)


def _listing(actor: Actor, known: Procedures) -> Listing:
    today = clock.today()
    return Listing(
        columns=[
            Column("who", Text("户主（村）", "Household (village)"), lambda d: d.shown["who"], phone="title", fixed=True),
            Column("kind", Text("程序", "Decision"), lambda d: known.title(d.kind), kind="word", phone="end"),
            Column("step", Text("现在的步骤", "Step"), _present, phone="full"),
            Column("by", Text("由谁办理", "By"), lambda d: LEVELS[d.present["by"]] if d.present else "", phone="line"),
            Column("due", Text("本步期限", "Step due"), partial(_clock, today, "step_due"), kind="word", phone="line"),
            Column("whole", Text("全程期限", "Whole due"), partial(_clock, today, "due"), kind="word", phone="line"),
            Column("running", Text("已办天数", "Days"), lambda d: (today - d.opened_on).days if d.state == RUNNING else None, kind="number", phone="named"),
            Column("state", Text("状态", "State"), _state, kind="word", phone="line"),
            Column("area", Text("所在地", "Place"), lambda d: d.shown["area"], phone="line"),
            Column("number", Text("编号", "Number"), lambda d: d.number, kind="word", phone="line"),
            Column("opened", Text("开始", "Begun"), lambda d: d.opened_on.isoformat(), sort=("opened_on",), first="-", kind="word", phone="hide", shown=False),
        ],
        filters=[
            Choice("view", Text("查看", "View"), partial(in_view, actor=actor), [Option(k, t) for k, t in VIEWS.items()]),
            Choice("kind", Text("程序", "Decision"), lambda rows, value: rows.filter(kind=value), [Option(k, p.title) for k, p in known.known.items()]),
        ],
        order=("opened_on", "id"),
        empty=Text("没有符合条件的程序。", "No decision matches."),
    )  # fmt: skip


def _present(d: Decision) -> Text:
    return step_title(d, d.present) if d.present else Text("–", "–")


def _state(d: Decision) -> Any:
    return format_html('<span class="v v-{}"><i></i>{}</span>', DECISION_SHAPES[d.state], DECISION_STATES[d.state])


def _clock(today: date, field: str, d: Decision) -> Any:
    due = getattr(d, field)
    if due is None or d.state != RUNNING:
        return ""
    if due >= today:
        return due.isoformat()
    return format_html(
        '{} <b class="bad">{}</b>', due.isoformat(), Text("超{n}天", "{n} day(s) late").format(n=(today - due).days)
    )


def fill_decisions(actor: Actor, rows: list[Any]) -> None:
    """Give the decisions of a page whom they are about and where."""
    homes = {d.household_id: d.household for d in rows if d.household is not None}
    fill_homes(actor, list(homes.values()), clock.today())
    for d in rows:
        home = homes.get(d.household_id)
        place = " ".join(name_of(a) for a in areas().line(d.path)[-2:])
        d.shown = {
            "who": home.shown["head"] if home else place,
            "area": home.shown["area"] if home else place,
        }


@page("case.read")
def my_decisions(request: HttpRequest) -> HttpResponse:
    """The decisions of one's own area."""
    return redirect(keeping_query(request, reverse("cases:decisions", kwargs={"path": acting_as(request).scope})))


@page("case.read")
@never_cache
def decisions(request: HttpRequest, path: str) -> HttpResponse:
    """The decisions of an area with their clocks."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "decisions")
    known = today_procedures()
    listing = _listing(actor, known)
    query = request.GET.copy()
    query.setdefault("view", "running")
    state = listing.read(query)
    rows: Rows = Decision.objects.visible_to(actor).under(path)
    found = listing.narrow(rows, state)
    shown = listing.page(
        found.select_related("household"),
        state,
        total=listing.count(found, state),
        row_url=lambda d: decision_url(d.number),
        prepare=partial(fill_decisions, actor),
    )
    url = reverse("cases:decisions", kwargs={"path": path})
    chosen = state.filters.get("view", "")
    context = frame | {
        "listing": shown,
        "noun": Text("件", "decisions"),
        "views": [(k, VIEWS[k], in_view(rows, k, actor).count(), f"{url}?view={k}", k == chosen) for k in VIEWS if k != "all"],
        "by_step": _by_step(rows, known),
        "new_url": reverse("cases:decision-new", kwargs={"path": path}) if actor.may("decision.begin") else "",
    }
    return render(request, "cases/decisions.html", context)


def _by_step(rows: Rows, known: Procedures) -> list[tuple[Text, list[tuple[Text, int]]]]:
    """How many running decisions of each kind stand at each step, in the order of the steps."""
    counted = rows.filter(state=RUNNING).order_by().values("kind", "place").annotate(n=Count("pk"), k=F("kind"))
    found: dict[str, dict[int, int]] = {}
    for row in counted:
        found.setdefault(row["kind"], {})[row["place"]] = row["n"]
    return [
        (
            known.title(kind),
            [(known.step_titles.get(s["step"], s["step"]), places.get(n, 0)) for n, s in enumerate(known.known[kind].steps)],
        )
        for kind, places in sorted(found.items())
        if kind in known.known
    ]


@page("decision.begin")
@never_cache
def new(request: HttpRequest, path: str) -> HttpResponse:
    """The form that begins a decision; `?household=` is its number, `?kind=` and `?proposal=` what the rules propose."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "decisions")
    problem: Problem | None = None
    typed = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        form = Typed(request, BAD_ROW)
        try:
            row = NewDecision(
                form.text("kind"),
                form.text("origin"),
                form.text("words"),
                form.text("household"),
                form.text("village"),
                form.text("proposal"),
                _clue(actor, form.text("case"), form.text("household")),
            )
            return redirect(decision_url(begin_decisions(actor, row)[0].number))
        except Problem as refused:
            problem = refused
    number = str(typed.get("household", "")).strip()
    home = Household.objects.visible_to(actor).farming().filter(number=number).first() if number else None
    proposals: list[tuple[str, Text]] = []
    if home is not None:
        fill_homes(actor, [home], clock.today())
        proposals = _proposals(actor, home)
    known = today_procedures()
    proposed = {name for name, _ in proposals}
    context = frame | {
        "categories": [(p.title, _categories(p, proposed)) for p in known.known.values() if p.categories],
        "villages": _villages(path, str(typed.get("village", "")))
        if any(p.subject == VILLAGE for p in known.known.values())
        else [],
        "kinds": [(k, p.title, p.subject) for k, p in known.known.items()],
        "origins": ORIGINS,
        "home": home,
        "number": number,
        "proposals": proposals,
        "typed": typed,
        "problem": problem,
        "back_url": reverse("cases:decisions", kwargs={"path": path}),
    }
    return render(request, "cases/decision_new.html", context, status=problem.kind.status if problem else 200)


def _villages(path: str, chosen: str) -> list[tuple[str, str, bool]]:
    """The villages of an area, for a decision about one of them."""
    rows = Area.objects.under(path).level(profile_of(path).plays.village).order_by("path")
    return [(a.path, name_of(a), a.path == chosen) for a in rows]


def _clue(actor: Actor, number: str, household: str) -> int | None:
    """The case of a clue about a household that a decision begins on; None where none is named. Raises BF-2401 for one that is none of it."""
    if not number:
        return None
    found: Case = the_case(actor, number)
    if found.household is None or found.household.number != household:
        raise UNKNOWN_CASE(case=number)
    return found.pk


def _categories(procedure: Procedure, proposed: Collection[str] = ()) -> list[tuple[str, Text]]:
    """What a decision decides between, those first that the rules propose."""
    marked = Text("{t}（系统评定建议）", "{t} (proposed by the rules)")
    found = [(k, marked.format(t=t) if k in proposed else t) for k, t in procedure.categories.items()]
    return sorted(found, key=lambda one: one[0] not in proposed)


def _proposals(actor: Actor, home: Household) -> list[tuple[str, Text]]:
    """What the rules propose of a household, by name."""
    from bangfu.cases.policy import kinds_on

    pack = kinds_on().pack
    rows = Finding.objects.visible_to(actor).filter(household=home, sort="proposal", state__in=("proposed", "clue"))
    known = pack.proposals if pack is not None else {}
    return [(f.subject, known[f.subject].title) for f in rows if f.subject in known]


# --- one decision


@page("case.read")
@never_cache
def decision(request: HttpRequest, decision: str) -> HttpResponse:
    """A decision that the actor sees; posted, what its buttons do."""
    actor = acting_as(request)
    return shown_or_done(request, actor, the_decision(actor, decision), DO, _show, decision_url(decision))


def _show(request: HttpRequest, actor: Actor, found: Decision, problem: Problem | None) -> HttpResponse:
    today = clock.today()
    found.refresh_from_db()
    known = procedures_on(found.opened_on)
    home = found.household
    if home is not None:
        fill_homes(actor, [home], today)
    area = areas().by_path([found.path]).get(found.path) or Area.objects.filter(path=found.path).first()
    frame = (
        area_frame(actor, area, lambda p: reverse("cases:decisions", kwargs={"path": p}), top=the_county().path) if area else {}
    )
    papers = list(Paper.objects.visible_to(actor).filter(decision=found).order_by("pk"))
    present = found.present
    done = list(StepDone.objects.visible_to(actor).filter(decision=found).order_by("pk"))
    officers = {o.pk: o.name for o in Officer.objects.filter(pk__in={k for s in done for k in s.together})}
    context = frame | {
        "area_choices": [],
        "place": "cases",
        "navigation": navigation(actor.scope, ""),
        "decision": found,
        "title": home.shown["head"] if home is not None else (name_of(area) if area else found.path),  # type: ignore[attr-defined]
        "kind": known.title(found.kind),
        "state": DECISION_STATES[found.state],
        "shape": DECISION_SHAPES[found.state],
        "origin": ORIGINS.get(found.origin, found.origin),
        "words": words_of(found.words),
        "refusal": words_of(found.refusal),
        "household_url": household_url(home.number) if home is not None else "",
        "steps": _steps(found, papers, done, officers, known, today),
        "present": present,
        "present_title": step_title(found, present) if present else None,
        "present_by": LEVELS[present["by"]] if present else None,
        "lacking": _lacking(present, papers, known),
        "companions": _companions(actor, present),
        "blocked": blocked(found, present),
        "vote": vote_now(found, present),
        "criteria": _asked(actor, found, present, request.POST if problem else {}),
        "categories": _choices(found, present, known),
        "category": known.title_of_category(found.kind, found.proposal),
        "papers": [_paper_shown(found, p, known) for p in papers],
        "documents": [
            (f"{s['step']}.{d}", known.documents.get(d, d), step_title(found, s)) for s in found.steps for d in s["documents"]
        ],
        "may": _may(actor, found),
        "back": [(s.step, step_title(found, {"step": s.step})) for s in passed_steps(found)],
        "clue": (found.case.number, case_url(found.case.number)) if found.case is not None else None,
        "notices": notices_of(found),
        "late_step": max(0, (today - found.step_due).days) if found.step_due else 0,
        "late": max(0, (today - found.due).days) if found.due else 0,
        "print_url": reverse("cases:decision-print", kwargs={"decision": found.number}),
        "today": today,
        "problem": problem,
        "did": request.POST.get("do", "") if problem else "",
        "typed": request.POST,
    }
    return render(request, "cases/decision.html", context, status=problem.kind.status if problem else 200)


def _steps(
    found: Decision, papers: list[Paper], done: list[StepDone], officers: Mapping[int, str], known: Procedures, today: date
) -> list[dict[str, Any]]:
    """The steps as they are: done with who and when, the present one, those to come; each with its papers."""
    passed = {s.place: s for s in passed_steps(found)}
    there = {(p.step, p.document) for p in papers if not p.replaced and not p.missing}
    rows, meetings = [], meetings_of(found)
    for n, s in enumerate(found.steps):
        did = passed.get(n) if n < found.place else None
        rows.append(
            {
                "title": step_title(found, s),
                "by": LEVELS[s["by"]],
                "state": "done" if did else "here" if n == found.place and found.state == RUNNING else "to_come",
                "done": did,
                "who": name_shown(did.actor) if did else "",
                "with": listed(officers.get(k, "") for k in did.together) if did and did.together else "",
                "words": words_of(did.words) if did else "",
                "facts": did.facts if did else {},
                "meetings": meetings.get(s["step"], ()),
                "found": _found(s, did.facts) if did else [],
                "late": bool(did and did.due and did.day > did.due),
                "papers": [(known.documents.get(d, d), (s["step"], d) in there) for d in s["documents"]],
                "limit": s["limit"],
                "other": [(step_title(found, {"step": o})) for o in s["other_than"]],
            }
        )
    back = [s for s in done if s.outcome != "passed"]
    for s in back:
        rows.append(
            {
                "title": step_title(found, {"step": s.step}),
                "state": "back",
                "done": s,
                "who": name_shown(s.actor),
                "words": words_of(s.words),
                "outcome": OUTCOMES[s.outcome],
            }
        )
    return rows


def _found(step: Mapping[str, Any], facts: Mapping[str, Any]) -> list[tuple[Text, Text, bool]]:
    """What a step found of its criteria, in words, and whether it is enough."""
    return [(title_of(c), in_words(c, facts.get(c["code"])), fulfilled(c, facts.get(c["code"]))) for c in criteria_of(step)]


def _asked(actor: Actor, found: Decision, present: Mapping[str, Any] | None, typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The criteria that the present step finds: what gives them, how they are typed, what they are held against."""
    listed = criteria_of(present or {})
    given = computed(actor, found.path, listed)
    return [
        {
            "code": c["code"],
            "title": title_of(c),
            "number": c["number"],
            "unit": Text("元", "yuan") if c["money"] else Text("%", "%") if is_share(c) else "",
            "bound": bound(c),
            "given": in_words(c, given[c["code"]]) if c["code"] in given else None,
            "typed": typed.get(f"found-{c['code']}", ""),
        }
        for c in listed
    ]


def _choices(found: Decision, present: Mapping[str, Any] | None, known: Procedures) -> list[tuple[str, Text, bool]]:
    """The categories at the step that decides between them, and which it began with."""
    procedure = known.known.get(found.kind)
    if procedure is None or not (present or {}).get("decides"):
        return []
    return [(k, t, k == found.proposal) for k, t in procedure.categories.items()]


def _lacking(present: Mapping[str, Any] | None, papers: list[Paper], known: Procedures) -> list[tuple[str, Text]]:
    """The papers that the present step still needs."""
    there = {p.document for p in papers if not p.replaced and not p.missing and p.step == (present or {}).get("step")}
    return [(d, known.documents.get(d, Text(d, d))) for d in (present or {}).get("documents", ()) if d not in there]


def _paper_shown(found: Decision, p: Paper, known: Procedures) -> dict[str, Any]:
    return {
        "paper": p,
        "title": known.documents.get(p.document, p.document),
        "url": reverse("cases:paper", kwargs={"decision": found.number, "file": p.file}),
        "missing": listed(str(n) for n in p.missing) if p.missing else "",
        "by": name_shown(p.actor),
    }


def _may(actor: Actor, found: Decision) -> dict[str, bool]:
    present = found.present
    level = present is not None and (actor.is_system or present["by"] in levels_of(actor))
    does = actor.may("decision.do") and level and found.state == RUNNING
    open_ = found.decided_on is None and found.state == RUNNING
    return {
        "do": does and present is not None and present["act"] not in ("meeting", "notice"),
        "meet": does and present is not None and present["act"] == "meeting",
        "notice": does and present is not None and present["act"] == "notice",
        "back": does and open_ and found.place > 0,
        "refuse": does and open_ and may_refuse(found) and was_looked_at(found),
        "paper": actor.may("decision.do") and found.state == RUNNING,
        "withdraw": actor.may("decision.begin") and open_,
        "tell": actor.may("decision.do")
        and found.state == REFUSED
        and found.told_on is None
        and rank_of(actor) <= RANKS[VILLAGE],
    }


def _do(actor: Actor, found: Decision, typed: Typed, request: HttpRequest) -> object:
    along = _numbers(actor, typed.text("together"))
    if found.present is None:
        raise not_a_button("do", BAD_ROW)
    with transaction.atomic():  # a step that is refused keeps none of the papers that came with it
        for document in found.present["documents"]:
            file = request.FILES.get(f"file-{document}")
            if file is not None and not isinstance(file, list):
                hand_in(actor, found.pk, document, str(file.name), file.read(), step=found.present["step"])
        facts = {c["code"]: value for c in criteria_of(found.present) if (value := _read(typed, c)) is not None}
        step = Step(typed.text("words"), typed.day("day", DAY, blank=True), along, facts, typed.text("category"))
        return do_step(actor, found.pk, found.present["step"], step)


def _numbers(actor: Actor, typed: str) -> tuple[str, ...]:
    """The numbers of officers that were typed by number or by name; a name that several bear, or none, stays and is refused as a number."""
    said = [one for one in re.split("[,，、;；\\s]+", typed) if one]
    near = Officer.objects.under(_around(actor)).filter(name__in=said)
    by_name: dict[str, list[str]] = {}
    for name, number in near.values_list("name", "number"):
        by_name.setdefault(name, []).append(number)
    return tuple(by_name[one][0] if len(by_name.get(one, ())) == 1 else one for one in said)


def _around(actor: Actor) -> str:
    """Where somebody finds people to go along: the township in which they stand."""
    stands = actor.stands or actor.scope
    level = profile_of(stands).plays.township
    return next((a.path for a in areas().line(stands) if a.level == level), stands)


def _companions(actor: Actor, present: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Some who could go along, by name and number: those of the own place first."""
    if (present or {}).get("people", 1) < 2:
        return []
    stands = actor.stands or actor.scope
    rows = Officer.objects.under(_around(actor)).exclude(user=actor.user_id).order_by("number")
    found = list(rows.filter(path__startswith=stands)[:SUGGESTED]) or list(rows[:SUGGESTED])
    return [(o.name, o.number) for o in found]


def _read(typed: Typed, criterion: Mapping[str, Any]) -> bool | float | str | None:
    """What was typed of a criterion: yes or no, an amount in yuan, a share in per cent; what cannot be read as it is. None where nothing was."""
    raw = unicodedata.normalize("NFKC", typed.text(f"found-{criterion['code']}")).replace(",", "").replace(" ", "")
    if not criterion["number"]:
        return {"yes": True, "no": False}.get(raw)
    plain = raw.removesuffix("元").removesuffix("%")
    try:
        number = Decimal(plain) if plain else None
    except InvalidOperation:
        return raw
    if number is None:
        return None
    return float(number * 100 if criterion["money"] else number / 100 if is_share(criterion) else number)


def _hand_in(actor: Actor, found: Decision, typed: Typed, request: HttpRequest) -> object:
    name, content = uploaded(request)
    step, _, document = typed.text("document").rpartition(".")
    return hand_in(actor, found.pk, document, name, content, step=step)


DO: Buttons[Decision] = {
    "step": _do,
    "paper": _hand_in,
    "back": lambda a, d, t, r: send_back(a, d.pk, t.text("to"), t.text("words")),
    "refuse": lambda a, d, t, r: refuse(a, d.pk, t.text("words")),
    "tell": lambda a, d, t, r: tell_refusal(a, d.pk, t.text("words"), t.day("day", DAY, blank=True)),
    "withdraw": lambda a, d, t, r: withdraw(a, d.pk, t.text("words"), *uploaded(r)),
}


@page("case.read")
@never_cache
def paper(request: HttpRequest, decision: str, file: str) -> HttpResponse:
    """A paper of a decision; who opened it goes into the audit. Raises BF-2430, BF-2419."""
    actor = acting_as(request)
    found = the_decision(actor, decision)
    if not Paper.objects.visible_to(actor).filter(decision=found, file=file).exists():
        raise UNKNOWN_FILE(case=decision)
    return opened_page(actor, found, file)
