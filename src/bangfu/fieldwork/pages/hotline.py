"""The hotline's log on a page: chosen, looked at, then taken whole."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from bangfu.cases.policy import kinds_on
from bangfu.fieldwork.actions.hotline import SHOWN, Looked, as_file, import_log, look, put_aside, put_by, said_of
from bangfu.fieldwork.hotline import MOST_MB, MOST_ROWS, columns
from bangfu.fieldwork.pages.links import reports_url
from bangfu.fieldwork.pages.reports import frame_of, place_of
from bangfu.fieldwork.problems_reports import BAD_REPORT_FILE, LOG_GONE, LOG_TOO_LONG
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import stars
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

KEY = "report_log"  # of the session: the file that was looked at
DONE = "report_log_done"
NAME = "hotline.xlsx"


@page("register.import")
@never_cache
def log(request: HttpRequest) -> HttpResponse:
    """The form; posted with a file what it would bring, posted with `do=take` the file that was looked at is taken."""
    actor = acting_as(request)
    actor.require("case.open")
    looked: Looked | None = None
    problem: Problem | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "take":
                request.session[DONE] = said_of(_take(actor, request))
                return redirect("fieldwork:report_log")
            looked = _look(actor, request)
        except Problem as refused:
            problem = refused
    return _show(request, actor, looked, problem)


def _take(actor: Actor, request: HttpRequest) -> Looked:
    said = request.session.pop(KEY, None)
    if not said:
        raise LOG_GONE()
    with as_file(NAME, put_aside(uuid.UUID(said))) as path:
        return import_log(actor, path)


def _look(actor: Actor, request: HttpRequest) -> Looked:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BAD_REPORT_FILE(file="–", why=Text("请选择热线记录文件", "choose the file of the log"))
    if (file.size or 0) > MOST_MB * 1_000_000:
        raise LOG_TOO_LONG(file=str(file.name)[:60], most=MOST_ROWS, mb=MOST_MB)
    content = file.read()
    with as_file(str(file.name), content) as path:
        looked = look(actor, path)
    if not looked.problems and looked.new:
        request.session[KEY] = str(put_by(content))
    return looked


def _show(request: HttpRequest, actor: Actor, looked: Looked | None, problem: Problem | None) -> HttpResponse:
    kinds = kinds_on()
    context: dict[str, Any] = frame_of(actor, actor.scope) | {
        "problem": problem,
        "done": request.session.pop(DONE, None) if request.method == "GET" else None,
        "looked": said_of(looked) if looked is not None else None,
        "problems": looked.problems[:50] if looked is not None else [],
        "unknown": looked.unknown if looked is not None else [],
        "rows": [
            {
                "row": p.call.row, "day": p.call.day, "place": place_of(p.path), "phone": stars(p.call.phone, 3, 4) if p.call.phone else "–",
                "words": p.call.words if len(p.call.words) < 60 else f"{p.call.words[:59]}…", "kind": kinds.title(p.call.kind) if p.call.kind else "–", "known": p.known,
            }
            for p in (looked.placed if looked is not None else [])[:SHOWN]
        ],
        "columns": [(c.title, c.needed) for c in columns().values()],
        "most": MOST_ROWS,
        "list_url": reports_url(actor.scope),
    }  # fmt: skip
    return render(request, "fieldwork/report_log.html", context, status=problem.kind.status if problem else 200)
