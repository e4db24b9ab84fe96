"""The households of a sample, and the blind re-visit of one: first what is told there, then what the register has beside it, and the rulings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.command.pairings_shown import heads_of
from bangfu.fieldwork.facts import ANSWERED, JUDGEMENTS, MODES, SATISFIED
from bangfu.fieldwork.shown import value_words
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.leafing import leaf_of
from bangfu.register.fields import code_lists, fields
from bangfu.supervision.actions import Again, not_found, revisit, rule
from bangfu.supervision.actions.drawing import the_drawn, the_sample
from bangfu.supervision.actions.revisits import DAY, DIFFERS, OTHERWISE, PERSONS, read_answer
from bangfu.supervision.comparing import Outcome, Weight
from bangfu.supervision.models import FactCompared, InspectionFinding, Revisit, Sample, Sampled
from bangfu.supervision.models.base import EXAMINES, READS
from bangfu.supervision.models.findings import FINDING_WORDS, JUDGEMENT, RULING_WORDS, RULINGS
from bangfu.supervision.models.samples import ANSWERS, EXAMINED, HOME_KINDS, SAMPLED_STATES, SPARE, UNFOUND, WAITING
from bangfu.supervision.pages.places import frame_in
from bangfu.supervision.pages.samples import OUTCOMES
from bangfu.supervision.problems import BAD_ENTRY
from bangfu.supervision.settings import facts
from bangfu.supervision.values import opened

SHAPES = {WAITING: "waiting", EXAMINED: "met", UNFOUND: "unknown"}
OUTCOME_SHAPES = {Outcome.EQUAL: "met", Outcome.WITHIN: "met", Outcome.DIFFERS: "unmet", Outcome.CHANGED: "waiting"}
MINE = Text("由我复核", "mine")
YES_NO = {"yes": Text("是", "yes"), "no": Text("否", "no")}


@page(READS)
@never_cache
def sampled(request: HttpRequest, sample: str) -> HttpResponse:
    """The drawn households of a sample: those that wait for whoever looks first, else by state."""
    actor = acting_as(request)
    found = the_sample(actor, sample)
    rows = Sampled.objects.visible_to(actor).filter(sample=found).exclude(state=SPARE)
    mine = rows.waiting_for(actor.user_id) if actor.user_id is not None else rows.none()
    url = reverse("supervision:sampled", kwargs={"sample": sample})
    views = [
        (MINE, mine, "mine"),
        *((title, rows.filter(state=state), state) for state, title in SAMPLED_STATES.items() if state != SPARE),
    ]
    if not actor.may(EXAMINES):
        views = views[2:3]
    state = request.GET.get("state") or ("mine" if mine.exists() else EXAMINED)
    state = state if state in {key for *_, key in views} else views[0][2]
    chosen = next(some for _, some, key in views if key == state)
    leaf = leaf_of(request, chosen.select_related("household", "examiner").order_by("path", "pk"), 50)
    context = frame_in(actor, "samples") | {
        "s": found,
        "views": [(title, some.count(), f"{url}?state={key}", key == state) for title, some, key in views],
        "rows": _lines(actor, found, leaf.rows),
        "leaf": leaf,
    }
    return render(request, "supervision/sampled.html", context)


def _lines(actor: Actor, sample: Sample, rows: list[Sampled]) -> list[dict[str, Any]]:
    heads = heads_of(actor, [r.household_id for r in rows], clock.today())
    keys = [r.pk for r in rows]
    unruled: dict[int, list[bool]] = {}
    for drawn, ruling in (
        InspectionFinding.objects.visible_to(actor).filter(revisit__sampled__in=keys).values_list("revisit__sampled", "ruling")
    ):
        unruled.setdefault(drawn, []).append(not ruling)
    return [
        {
            "d": r, "head": heads.get(r.household_id, ""), "place": _place(r.path), "kind": HOME_KINDS[r.kind], "state": SAMPLED_STATES[r.state], "shape": SHAPES.get(r.state, "unknown"),
            "examiner": r.examiner.name if r.examiner else "", "findings": len(unruled.get(r.pk, ())), "unruled": sum(unruled.get(r.pk, ())),
            "url": reverse("supervision:revisit", kwargs={"sample": sample.key, "drawn": r.pk}),
        }
        for r in rows
    ]  # fmt: skip


def _place(path: str) -> str:
    return " ".join(name_of(a) for a in areas().line(path)[-3:])


@page(READS)
@never_cache
def one(request: HttpRequest, sample: str, drawn: int) -> HttpResponse:
    """A drawn household: while it waits, the questions alone; posted, what was told is kept. Then both sides, the findings and their rulings."""
    actor = acting_as(request)
    found = the_drawn(actor, drawn)
    problem: Problem | None = None
    typed = Typed(request, BAD_ENTRY)
    if request.method == "POST":
        try:
            _post(actor, found, typed)
            return redirect("supervision:revisit", sample=found.sample.key, drawn=found.pk)
        except Problem as refused:
            problem = refused
    kept = Revisit.objects.visible_to(actor).select_related("examiner", "first").filter(sampled=found).first()
    head = heads_of(actor, [found.household_id], clock.today()).get(found.household_id, "")
    mine = found.examiner is None or (actor.user_id is not None and found.examiner.user_id == actor.user_id)
    context = frame_in(actor, "samples") | {
        "d": found,
        "s": found.sample,
        "head": head or found.household.number,
        "place": _place(found.path),
        "kind": HOME_KINDS[found.kind],
        "state": SAMPLED_STATES[found.state],
        "shape": SHAPES.get(found.state, "unknown"),
        "may": actor.may(EXAMINES) and found.state == WAITING and mine and found.sample.closed_on is None,
        "problem": problem,
        "typed": request.POST if problem else {},
        "back": reverse("supervision:sampled", kwargs={"sample": found.sample.key}),
        "today": clock.today(),
    } | (_kept(actor, kept) if kept is not None else _asked(found, request))  # fmt: skip
    return render(request, "supervision/revisit.html", context, status=problem.kind.status if problem else 200)


def _post(actor: Actor, drawn: Sampled, typed: Typed) -> None:
    match typed.text("do"):
        case "told":
            answers = {key: read_answer(key, typed.text(f"fact-{key}")) for key in drawn.sample.facts if key in facts()}
            known = typed.text("exit_known")
            again = Again(
                typed.day("day", DAY), typed.text("mode"), typed.text("answered"), typed.text("judgement"), {k: v for k, v in answers.items() if v is not None},
                typed.number("persons", PERSONS) if typed.text("persons") else None, typed.text("satisfied"), {"yes": True, "no": False}.get(known), typed.text("words"),
            )  # fmt: skip
            revisit(actor, drawn.pk, again)
        case "unfound":
            not_found(actor, drawn.pk, typed.text("why"))
        case "rule":
            rule(actor, typed.key("finding"), typed.text("ruling"), typed.text("words"))
        case other:
            raise not_a_button(other, BAD_ENTRY)


def _asked(drawn: Sampled, request: HttpRequest) -> dict[str, Any]:
    """The questions of a blind re-visit: of each fact its title and how it is answered, nothing of what is known."""
    told, today = request.POST, clock.today()
    questions = []
    for key in drawn.sample.facts:
        if key not in facts():
            continue
        field = fields()[key]
        choices = YES_NO if field.type == "boolean" else _codes(field.codes, today) if field.codes else {}
        questions.append(
            {
                "key": key,
                "title": field.title_on(today),
                "choices": choices,
                "radio": field.type == "boolean",
                "value": told.get(f"fact-{key}", ""),
            }
        )
    return {
        "questions": questions,
        "modes": MODES,
        "who": {k: v for k, v in ANSWERED.items() if k != "nobody"},
        "satisfied": SATISFIED,
        "judgements": JUDGEMENTS,
        "yes_no": YES_NO,
    }


def _codes(name: str, day: date) -> dict[str, Text]:
    return {
        key: code.title(day)
        for key, code in code_lists()[name].items()
        if (code.valid_from is None or code.valid_from <= day) and (code.valid_to is None or day <= code.valid_to)
    }


def _kept(actor: Actor, kept: Revisit) -> dict[str, Any]:
    """Both sides of each fact, what else was told, and the findings."""
    rows = FactCompared.objects.visible_to(actor).filter(revisit=kept).order_by("-weight", "pk")
    sides = {c.fact: _side(actor, c) for c in rows}
    findings = InspectionFinding.objects.visible_to(actor).filter(revisit=kept).select_related("case").order_by("-weight", "pk")
    return {
        "r": kept,
        "mode": MODES.get(kept.mode, Text(kept.mode, kept.mode)),
        "answered": ANSWERED.get(kept.answered, Text("–", "–")),
        "judgement": JUDGEMENTS[kept.judgement],
        "satisfied_word": SATISFIED.get(kept.satisfied, Text("没有回答", "no answer")),
        "exit_word": {True: YES_NO["yes"], False: YES_NO["no"], None: Text("–", "–")}[kept.exit_known],
        "words": (decrypt(kept.words, ANSWERS) or "") if kept.words else "",
        "compared": list(sides.values()),
        "findings": [_finding(f, sides, kept) for f in findings],
        "rulings": RULINGS,
        "rules": actor.may(EXAMINES),
    }  # fmt: skip


def _side(actor: Actor, c: FactCompared) -> dict[str, Any]:
    outcome = Outcome(c.outcome)
    first, again = (opened(v).get(c.fact) if v is not None else None for v in (c.first, c.again))
    return {
        "title": facts()[c.fact].title if c.fact in facts() else c.fact, "first": value_words(actor, c.fact, first), "again": value_words(actor, c.fact, again),
        "outcome": OUTCOMES[outcome], "shape": OUTCOME_SHAPES.get(outcome, "unknown"),
    }  # fmt: skip


def _finding(f: InspectionFinding, sides: Mapping[str, Mapping[str, Any]], kept: Revisit) -> dict[str, Any]:
    """A finding in the reader's language, what was ruled on it, and its case."""
    side = sides.get(f.about)
    if side is not None:
        said: Text | str = DIFFERS.format(fact=side["title"], first=side["first"], again=side["again"])
    elif f.about == JUDGEMENT:
        words = (decrypt(kept.words, ANSWERS) or "") if kept.words else ""
        said = OTHERWISE.format(kind=HOME_KINDS[kept.sampled.kind], words=words)
    else:
        said = (decrypt(f.words, FINDING_WORDS) or "") if f.words else ""
    return {
        "f": f, "words": said, "ruling": RULINGS.get(f.ruling), "why": (decrypt(f.ruling_words, RULING_WORDS) or "") if f.ruling_words else "",
        "serious": f.weight >= Weight.SERIOUS, "case_url": f"/cases/{f.case.number}/" if f.case else "", "case": f.case.number if f.case else "",
    }  # fmt: skip
