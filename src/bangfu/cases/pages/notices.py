"""Notices of an area; a notice: what it says, its days, photographs, the desk for objections, and what the loudspeaker reads out."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of
from bangfu.areas.models import Area
from bangfu.areas.remembered import areas
from bangfu.cases.actions import NewObjection, answer_objection, close_notice, photograph, put_up, raise_objection
from bangfu.cases.actions.deciding import levels_of, notice_lacks
from bangfu.cases.actions.hanging import desk_of, open_objections
from bangfu.cases.actions.noticing import loudspeaker, place_of, require_answering
from bangfu.cases.models import Decision, Notice, Noticed, Objection
from bangfu.cases.pages.decisions import fill_decisions
from bangfu.cases.pages.links import decision_url, notice_url
from bangfu.cases.pages.one import Buttons, kept_page, shown_or_done, the_notice, uploaded
from bangfu.cases.pages.places import frame_of, navigation
from bangfu.cases.problems import BAD_ROW, UNKNOWN_FILE
from bangfu.cases.procedures import procedures_on, step_title, today_procedures
from bangfu.cases.shown import words_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.hiding import hide
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed
from bangfu.kit.leafing import leaf_of

SHOWN = 60
FOUND, CHOOSE = {"yes": True, "no": False}, Text("请选择“成立”或“不成立”", "choose “upheld” or “not upheld”")
ANONYMOUS, VILLAGER = Text("匿名", "anonymous"), Text("村民", "villager")


@page("case.read")
@never_cache
def notices(request: HttpRequest, path: str) -> HttpResponse:
    """The notices of an area and what waits for one; posted, one is put up for the decisions that are ticked."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "notices")
    problem: Problem | None = None
    if request.method == "POST":
        typed = Typed(request, BAD_ROW)
        try:
            made = put_up(
                actor,
                typed.keys("decision"),
                starts_on=typed.day("day", Text("首日", "first day"), blank=True),
                office=typed.text("office"),
                telephone=typed.text("telephone"),
            )
            return redirect(notice_url(made.number))
        except Problem as refused:
            problem = refused
    today = clock.today()
    known = today_procedures()
    said = Objection.objects.filter(notice=OuterRef("pk")).order_by().values("notice").annotate(n=Count("pk")).values("n")
    standing = Noticed.objects.filter(notice=OuterRef("pk"), withdrawn_on=None)
    gone = Noticed.objects.filter(notice=OuterRef("notice"), decision=OuterRef("decision"), withdrawn_on__isnull=False)
    hung = (
        Notice.objects.visible_to(actor)
        .under(path)
        .annotate(
            objected=Coalesce(Subquery(said), 0),
            unanswered=Coalesce(Subquery(said.filter(answered_on=None).exclude(Exists(gone))), 0),
            stands=Exists(standing),
        )
    )
    leaf = leaf_of(request, hung.order_by(F("closed_on").desc(nulls_first=True), F("ends_on"), "-pk"))
    waiting: list[Any] = []
    if actor.may("decision.do"):
        hanging = Noticed.objects.filter(withdrawn_on=None, notice__closed_on=None).values("decision")
        running = Decision.objects.visible_to(actor).under(path).running().exclude(pk__in=hanging)
        waiting = list(
            running.at("act", ("notice",))
            .at("by", levels_of(actor))
            .select_related("household")
            .order_by("kind", "path", "pk")[:SHOWN]
        )
        fill_decisions(actor, waiting)
    context = frame | {
        "rows": [
            {
                "n": n, "url": notice_url(n.number), "kind": procedures_on(n.starts_on).title(n.kind), "homes": len(n.lines),
                "open": n.closed_on is None, "stands": n.stands, "left": (n.ends_on - today).days, "objections": n.objected,
                "place": name_of(areas().line(n.path)[-1]) if areas().line(n.path) else "",
                "lacks": notice_lacks(n, open_objections=n.unanswered) if n.closed_on is None else None,
            }
            for n in leaf.rows
        ],
        "leaf": leaf,
        "waiting": [{"d": d, "who": d.shown["who"], "area": d.shown["area"], "kind": known.title(d.kind), "step": step_title(d, d.present), "url": decision_url(d.number)} for d in waiting],
        "typed": request.POST,
        "problem": problem,
        "today": today,
    }  # fmt: skip
    return render(request, "cases/notices.html", context, status=problem.kind.status if problem else 200)


@page("case.read")
@never_cache
def notice(request: HttpRequest, notice: str) -> HttpResponse:
    """A notice; posted, a photograph, an objection, an answer, or its end."""
    actor = acting_as(request)
    return shown_or_done(request, actor, the_notice(actor, notice), DO, _show, notice_url(notice))


DO: Buttons[Notice] = {
    "photo": lambda a, n, t, r: photograph(a, n.pk, t.text("which"), *uploaded(r)),
    "object": lambda a, n, t, r: raise_objection(a, n.pk, NewObjection(t.key("decision"), t.text("words"), t.text("who"))),
    "answer": lambda a, n, t, r: answer_objection(a, t.key("objection"), upheld=_upheld(t), answer=t.text("words")),
    "close": lambda a, n, t, r: close_notice(a, n.pk),
}


def _upheld(typed: Typed) -> bool:
    """What was found of an objection, as it was chosen. Raises BF-2402 where nothing was: an answer is final."""
    said = typed.text("upheld")
    if said not in FOUND:
        raise BAD_ROW(column=Text("核实结果", "what was found"), value=said[:20] or "–", wanted=CHOOSE)
    return FOUND[said]


def _show(request: HttpRequest, actor: Actor, found: Notice, problem: Problem | None) -> HttpResponse:
    area = areas().by_path([found.path]).get(found.path) or Area.objects.filter(path=found.path).first()
    frame = area_frame(actor, area, lambda p: reverse("cases:notices", kwargs={"path": p}), top=the_county().path) if area else {}
    rows: list[Any] = list(Decision.objects.visible_to(actor).filter(notices=found).select_related("household").order_by("pk"))
    fill_decisions(actor, rows)
    objections = list(Objection.objects.visible_to(actor).filter(notice=found).select_related("decision").order_by("pk"))
    whose = {d.pk: d for d in rows}
    gone = {line.decision_id: line for line in Noticed.objects.filter(notice=found, withdrawn_on__isnull=False)}
    office, telephone = desk_of(found)
    deals = actor.may("decision.object") or actor.may("decision.do")
    today = clock.today()
    context = frame | {
        "area_choices": [],
        "place": "cases",
        "navigation": navigation(actor.scope, "notices"),
        "notice": found,
        "kind": procedures_on(found.starts_on).title(found.kind),
        "where_name": name_of(area) if area else "",
        "lines": [{"line": x, "place": place_of(x), "d": whose.get(x["decision"]), "url": decision_url(whose[x["decision"]].number) if x["decision"] in whose else "", "gone": gone.get(x["decision"]), "why": hide(words_of(gone[x["decision"]].withdrawn_why)) if x["decision"] in gone else ""} for x in found.lines],
        "taken": len(gone) == len(found.lines),
        "office": office,
        "telephone": telephone,
        "loudspeaker": loudspeaker(found),
        "first_url": _photo_url(found, found.first_photo),
        "last_url": _photo_url(found, found.last_photo),
        "objections": [
            {
                "o": o, "words": hide(words_of(o.words)), "who": _who(o) if deals else VILLAGER, "answer": hide(words_of(o.answer)),
                "about": whose[o.decision_id].shown["who"] if o.decision_id in whose else "", "late": max(0, (today - o.due).days),
                "by": name_shown(o.answered_name), "against": _why_not(actor, o) if o.answered_on is None else None,
                "chosen": request.POST.get("upheld", "") if problem and request.POST.get("objection") == str(o.pk) else "",
            }
            for o in objections
        ],
        "lacks": notice_lacks(found, open_objections=open_objections(found)) if found.closed_on is None else None,
        "may": {
            "do": actor.may("decision.do") and found.closed_on is None,
            "answer": actor.may("decision.do"),
            "object": actor.may("decision.object") and found.closed_on is None and today <= found.ends_on,
        },
        "first_late": found.first_photo_on if found.first_photo_on != found.starts_on else None,
        "last_late": found.last_photo_on if found.last_photo_on != found.ends_on else None,
        "over": today > found.ends_on,
        "print_url": reverse("cases:notice-print", kwargs={"notice": found.number}),
        "typed": request.POST,
        "problem": problem,
        "today": today,
    }  # fmt: skip
    return render(request, "cases/notice.html", context, status=problem.kind.status if problem else 200)


@page("case.read")
@never_cache
def photo(request: HttpRequest, notice: str, file: str) -> HttpResponse:
    """A photograph of a notice. Raises BF-2443, BF-2419."""
    found = the_notice(acting_as(request), notice)
    if file not in (found.first_photo, found.last_photo):
        raise UNKNOWN_FILE(case=notice)
    return kept_page(file)


def _why_not(actor: Actor, objection: Objection) -> Problem | None:
    """Why somebody may not answer an objection; None where they may."""
    try:
        require_answering(actor, objection)
    except Problem as refused:
        return refused
    return None


def _who(objection: Objection) -> Text | str:
    """Who objects, for those who deal with objections."""
    return ANONYMOUS if objection.anonymous else hide(words_of(objection.who))


def _photo_url(found: Notice, name: str) -> str:
    return reverse("cases:notice-photo", kwargs={"notice": found.number, "file": name}) if name else ""
