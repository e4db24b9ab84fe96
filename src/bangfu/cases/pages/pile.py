"""A pile of signed pages, photographed or scanned in any order: handed in at once, it files itself and says what is missing."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from bangfu.cases.actions import Sorted, file_pile
from bangfu.cases.actions.filing import MINUTES
from bangfu.cases.numbers import DECISION, key_in
from bangfu.cases.pages.links import decision_url, meeting_url
from bangfu.cases.pages.places import frame_of
from bangfu.cases.problems import BAD_FILE
from bangfu.cases.procedures import today_procedures
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, listed

MOST_FILES = 60
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
            if not files:
                raise BAD_FILE(name="–", why=NONE)
            done = file_pile(actor, [(str(f.name), f.read()) for f in files])
        except Problem as refused:
            problem = refused
    names = today_procedures().documents
    context = frame | {
        "problem": problem,
        "done": done,
        "placed": [_placed(one, names) for one in done.placed] if done else [],
        "most": MOST_FILES,
    }
    return render(request, "cases/pile.html", context, status=problem.kind.status if problem else 200)


def _placed(one: Any, names: Any) -> dict[str, Any]:
    title = (
        Text("会议记录", "Minutes")
        if one.document == MINUTES and key_in(one.number, DECISION) is None
        else names.get(one.document, one.document)
    )
    url = decision_url(one.number) if key_in(one.number, DECISION) is not None else meeting_url(one.number)
    return {
        "number": one.number,
        "url": url,
        "title": title,
        "pages": one.pages,
        "missing": listed(str(n) for n in one.missing),
    }
