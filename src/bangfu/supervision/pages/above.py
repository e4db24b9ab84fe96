"""Inspections from above: a file is taken whole or not at all, and goes back with what was done."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from bangfu.accounts.audit import note
from bangfu.fieldwork.actions.hotline import as_file
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.home import home
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.kit.forms import Typed, not_a_button
from bangfu.supervision import acts
from bangfu.supervision.above import MB, MOST, columns
from bangfu.supervision.actions import import_findings
from bangfu.supervision.actions.above import Taken
from bangfu.supervision.pages.places import frame_in
from bangfu.supervision.problems import BAD_ENTRY, NO_TABLE, TOO_LONG
from bangfu.supervision.returning import bodies, template, write_return

PERMISSION = "supervision.manage"
DONE = "findings_above_done"
SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHY, BODY = Text("事由", "reason"), Text("检查单位", "inspecting body")


@page(PERMISSION)
@never_cache
def above(request: HttpRequest) -> HttpResponse:
    """The inspections that found something; posted with a file, its findings are taken in, or every wrong cell is told; posted with a body, its return is handed over."""
    actor = acting_as(request)
    taken: Taken | None = None
    problem: Problem | None = None
    if request.method == "POST":
        typed = Typed(request, BAD_ENTRY)
        try:
            match typed.text("do"):
                case "import":
                    taken = _take(actor, request)
                    if not taken.problems:
                        request.session[DONE] = {"lines": taken.lines, "new": taken.new, "known": taken.known}
                        return redirect("supervision:above")
                case "return":
                    return _returned(actor, typed)
                case other:
                    raise not_a_button(other, BAD_ENTRY)
        except Problem as refused:
            problem = refused
    wrong = list(taken.problems) if taken is not None else []
    context: dict[str, Any] = frame_in(actor, "findings") | {
        "problem": problem,
        "done": request.session.pop(DONE, None) if request.method == "GET" else None,
        "wrong": wrong[:SHOWN],
        "n_wrong": len(wrong),
        "columns": [(c.title, c.needed) for c in columns().values()],
        "most": MOST,
        "bodies": bodies(actor),
        "typed": request.POST if problem else {},
    }
    return render(request, "supervision/above.html", context, status=problem.kind.status if problem else 400 if wrong else 200)


def _take(actor: Actor, request: HttpRequest) -> Taken:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise NO_TABLE(why=Text("没有选择文件", "no file was chosen"))
    if (file.size or 0) > MB * 1_000_000:
        raise TOO_LONG(file=str(file.name)[:60], most=MOST, mb=MB)
    with as_file(str(file.name), file.read()) as path:
        return import_findings(actor, path)


def _returned(actor: Actor, typed: Typed) -> HttpResponse:
    body, why = typed.text("body"), typed.text("why")
    if body not in {b for b, _, _ in bodies(actor)}:
        raise BAD_ENTRY(column=BODY, value=quoted(body), wanted=Text("须是清单中的检查单位", "a body of the list"))
    if (wrong := why_no_text(why, 200)) is not None:
        raise BAD_ENTRY(column=WHY, value=quoted(why), wanted=wrong)
    with tempfile.TemporaryDirectory(dir=home().make().tmp) as folder, acting(actor):
        path = Path(folder) / "return.xlsx"
        n = write_return(actor, body, path)
        note(actor, acts.EXPORT, subject=body[:60], path=actor.scope, reason=why, detail={"findings": n})
        content = path.read_bytes()
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="return.xlsx"'
    return answer


@page(PERMISSION)
def above_template(request: HttpRequest) -> HttpResponse:
    """The heading of the file of an inspection, as CSV."""
    answer = HttpResponse("\ufeff" + template(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="findings.csv"'
    return answer
