"""Ledgers of visits on a page: a file is taken whole or not at all; what came before is listed."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.fieldwork.actions.hotline import as_file
from bangfu.fieldwork.actions.ledgers import PERMISSION, Taken, import_ledger
from bangfu.fieldwork.ledger import MOST_MB, MOST_ROWS, columns, template
from bangfu.fieldwork.models import VisitLedger
from bangfu.fieldwork.pages.one import frame
from bangfu.fieldwork.problems import LEDGER_TOO_LONG, NO_LEDGER
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

DONE = "visit_ledger_done"
SHOWN = 50  # ledgers, and wrong cells
NO_FILE = Text("没有选择文件", "no file was chosen")


@page(PERMISSION)
@never_cache
def ledgers(request: HttpRequest) -> HttpResponse:
    """The ledgers that came; posted with a file, its visits are recorded, or every wrong cell is told."""
    actor = acting_as(request)
    taken: Taken | None = None
    problem: Problem | None = None
    if request.method == "POST":
        try:
            taken = _take(actor, request)
            if not taken.problems:
                request.session[DONE] = {
                    "lines": taken.lines,
                    "new": taken.new,
                    "known": taken.known,
                    "unknown": list(taken.unknown),
                }
                return redirect("fieldwork:ledgers")
        except Problem as refused:
            problem = refused
    wrong = list(taken.problems) if taken is not None else []
    context: dict[str, Any] = frame(request) | {
        "tab": "visits",
        "problem": problem,
        "done": request.session.pop(DONE, None) if request.method == "GET" else None,
        "wrong": wrong[:SHOWN],
        "n_wrong": len(wrong),
        "columns": [(c.title, c.needed) for c in columns().values()],
        "most": MOST_ROWS,
        "rows": VisitLedger.objects.visible_to(actor).order_by("-pk")[:SHOWN],
        "visits_url": reverse("fieldwork:visits"),
    }
    return render(request, "fieldwork/ledgers.html", context, status=problem.kind.status if problem else 400 if wrong else 200)


def _take(actor: Actor, request: HttpRequest) -> Taken:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise NO_LEDGER(why=NO_FILE)
    if (file.size or 0) > MOST_MB * 1_000_000:
        raise LEDGER_TOO_LONG(file=str(file.name)[:60], most=MOST_ROWS, mb=MOST_MB)
    with as_file(str(file.name), file.read()) as path:
        return import_ledger(actor, path)


@page(PERMISSION)
def ledger_template(request: HttpRequest) -> HttpResponse:
    """The heading of a ledger to fill in, as CSV."""
    response = HttpResponse("\ufeff" + template(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="visits.csv"'
    return response
