"""A pile of signed pages, photographed or scanned in any order: handed in at once, it files itself and says what is missing."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from bangfu.cases.actions import Sorted, file_pile
from bangfu.cases.actions.filing import InPlace, NotPlaced, file_by_hand
from bangfu.cases.numbers import CASE, DECISION, MEETING, NOTICE, key_in
from bangfu.cases.pages.links import case_url, decision_url, meeting_url, notice_url
from bangfu.cases.pages.places import frame_of
from bangfu.cases.problems import BAD_FILE
from bangfu.cases.procedures import today_procedures
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, listed

MOST_FILES = 60
URLS = {DECISION: decision_url, MEETING: meeting_url, NOTICE: notice_url, CASE: case_url}
NONE = Text("请选择照片或 PDF", "choose photographs or PDF files")


@page("decision.do")
@never_cache
def pile(request: HttpRequest, path: str) -> HttpResponse:
    """The form that takes a pile; posted, what became of it."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "papers")
    problem: Problem | None = None
    done: Sorted | None = None
    if request.method == "POST":
        files = [f for f in request.FILES.getlist("files") if isinstance(f, UploadedFile)][:MOST_FILES]
        try:
            if request.POST.get("do") == "hand":
                done = _by_hand(actor, request)
            elif not files:
                raise BAD_FILE(name="–", why=NONE)
            else:
                done = file_pile(actor, [(str(f.name), f.read()) for f in files])
        except Problem as refused:
            problem = refused
    context = frame | {
        "problem": problem,
        "done": done,
        "placed": [_placed(one) for one in done.placed] if done else [],
        "left": [_left(one) for one in done.unknown] if done else [],
        "documents": today_procedures().documents,
        "by_hand": request.POST if request.POST.get("do") == "hand" and problem is not None else {},
        "most": MOST_FILES,
    }
    return render(request, "cases/pile.html", context, status=problem.kind.status if problem else 200)


def _url(number: str) -> str:
    """Where the matter of a number is; blank where it is none."""
    for letter, url in URLS.items():
        if key_in(number, letter) is not None:
            return url(number)
    return ""


def _placed(one: InPlace) -> dict[str, Any]:
    return {
        "number": one.number, "url": _url(one.number), "title": one.title, "pages": one.pages,
        "missing": listed(str(n) for n in one.missing) if one.missing else "",
    }  # fmt: skip


def _left(one: NotPlaced) -> dict[str, Any]:
    return {"page": one.page, "why": one.why, "number": one.number, "url": _url(one.number), "problem": one.problem}


def _by_hand(actor: Actor, request: HttpRequest) -> Sorted:
    """One paper whose code cannot be read, by the number on it and what it is."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BAD_FILE(name="–", why=NONE)
    number, document = request.POST.get("number", ""), request.POST.get("document", "")
    return Sorted(placed=[file_by_hand(actor, number, document, str(file.name), file.read())])
