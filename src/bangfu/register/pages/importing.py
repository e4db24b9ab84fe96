"""Pages of imports: hand files in, look at what would become of every row, tell places, import, take refused rows back."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, language
from bangfu.kit.listing import Choice, Column, Contains, Listing, Option
from bangfu.register import actions
from bangfu.register.importing import handing
from bangfu.register.importing.rows import OUTCOMES
from bangfu.register.importing.template import write_template
from bangfu.register.models import Handed, HandedRow
from bangfu.register.problems import NO_UPLOAD, NOT_NOW

SHOWN = 30
COUNTS = (
    ("files", Text("文件", "files")),
    ("rows", Text("行", "rows")),
    ("households", Text("户", "households")),
    ("refused_rows", Text("退回的行", "rows refused")),
    ("refused_households", Text("退回的户", "households held back")),
)


@page("register.import")
@never_cache
def imports(request: HttpRequest) -> HttpResponse:
    """Former imports of one's area, and files to hand in: GET shows, POST takes them."""
    actor = acting_as(request)
    problem = None
    if request.method == "POST":
        try:
            day = _day(request.POST.get("data_date", ""))
            return redirect(
                "register:handed",
                key=actions.take(
                    actor, [f for f in request.FILES.getlist("files") if isinstance(f, UploadedFile)], data_date=day
                ).key,
            )
        except Problem as refused:
            problem = refused
    former = list(Handed.objects.visible_to(actor).order_by("-id")[:SHOWN])
    names = _names(former)
    context = {
        "place": "imports",
        "problem": problem,
        "former": [(one, names.get(one.path, one.path)) for one in former],
        "today": clock.today().isoformat(),
    }
    return render(request, "register/imports.html", context, status=problem.kind.status if problem else 200)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NO_UPLOAD() from None


def _names(rows: Any) -> dict[str, str]:
    return dict(Area.objects.filter(path__in={row.path for row in rows}).values_list("path", "name"))


def rows_list() -> Listing:
    """What becomes of every row, as a list."""
    return Listing(
        columns=[
            Column("outcome", Text("结果", "Outcome"), lambda r: OUTCOMES[r.outcome], kind="word", phone="end"),
            Column("household", Text("户编号", "Household"), kind="word", phone="title", fixed=True),
            Column("person", Text("人员", "Person"), kind="word"),
            Column("told", Text("变更和原因", "Changes and reasons"), _told, phone="full", fixed=True),
            Column("file", Text("文件", "File"), phone="line"),
            Column("row", Text("行", "Row"), kind="number", phone="named"),
        ],
        filters=[
            Choice(
                "outcome",
                Text("结果", "Outcome"),
                lambda rows, value: rows.filter(outcome=value),
                [Option(key, title) for key, title in OUTCOMES.items() if key != "unchanged"],
            ),
            Contains(
                "household", Text("户编号", "Household"), lambda rows, value: rows.filter(household__startswith=value),
                hint=Text("编号的前几位", "how it begins"),
            ),
        ],
        order=("id",),
        empty=Text("没有这样的行。", "There is no such row."),
    )  # fmt: skip


def _told(row: HandedRow) -> SafeString:
    lang = language()
    changes = format_html_join(
        "",
        '<li>{} <span class="was">{}</span> → <b>{}</b>{}</li>',
        (
            (
                c["title"][lang],
                c["old"][lang],
                c["new"][lang],
                "" if c["taken"] else Text("（更早，不采用）", " (older: not taken)"),
            )
            for c in row.changes
        ),
    )
    problems = format_html_join(
        "", '<li><span class="number-of-problem">{}</span> {}</li>', ((p["number"], p[lang]) for p in row.problems)
    )
    return format_html('<ul class="told">{}{}</ul>', changes, problems) if changes or problems else SafeString("–")


@page("register.import")
@never_cache
def handed(request: HttpRequest, key: str) -> HttpResponse:
    """One import: how far it is; once it is checked, every row, the places that are asked, and what can be done."""
    return _show(request, handing.find(acting_as(request), key))


def _show(request: HttpRequest, found: Handed, problem: Problem | None = None) -> HttpResponse:
    actor = acting_as(request)
    listing = rows_list()
    state = listing.read(request.GET)
    rows = listing.narrow(HandedRow.objects.visible_to(actor).filter(handed=found), state)
    context = {
        "place": "imports",
        "handed": found,
        "own": found.user_id == actor.user_id,
        "problem": problem,
        "refusal": found.problem,
        "counts": [(title, found.outcome.get(k, 0)) for k, title in COUNTS] if found.outcome else [],
        "by_row": [(k, OUTCOMES[k], n) for k, n in found.outcome.get("rows_counts", {}).items()],
        "unknown": [(file, "、".join(names[:20])) for file, names in found.outcome.get("unknown_headings", {}).items()],
        "has_refused": found.outcome.get("refused_rows", 0) > 0 and any(handing.folder_of(found).glob("refused.*")),
        "area": _names([found]).get(found.path, found.path),
        "kept": handing.KEPT_DAYS,
        "listing": listing.page(rows, state, total=listing.count(rows, state)) if found.state == "checked" else None,
    }
    return render(request, "register/handed.html", context, status=problem.kind.status if problem else 200)


@page("register.import")
@require_POST
def do(request: HttpRequest, key: str) -> HttpResponse:
    """Tell places, import, or give up."""
    actor = acting_as(request)
    try:
        match request.POST.get("do", ""):
            case "answer":
                given = {int(n[6:]): str(v) for n, v in request.POST.items() if n.startswith("place-") and n[6:].isdecimal()}
                actions.answer(actor, key, given)
            case "import":
                actions.confirm(actor, key)
            case "drop":
                actions.drop(actor, key)
            case other:
                raise NOT_NOW(state=other[:20])
    except Problem as refused:
        if refused.kind.status == 404:
            raise
        return _show(request, handing.find(actor, key), refused)
    return redirect("register:handed", key=key)


@page("register.import")
@never_cache
def refused(request: HttpRequest, key: str) -> FileResponse:
    """The refused rows as a workbook, for whoever handed them in."""
    path = actions.refused_rows(acting_as(request), key)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"退回 refused {key}{path.suffix}")


@page("register.import")
def template(request: HttpRequest) -> HttpResponseBase:
    """An empty workbook to fill in: every heading, and what may stand under those that are coded. One sheet, or with `?layout=two`
    households apart."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_template(
            Path(folder) / "template.xlsx", apart=request.GET.get("layout") == "two", lang=language(), day=clock.today()
        )
        # The open file outlives its name.
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=str(Text("农户信息模板.xlsx", "households template.xlsx"))
        )


def imports_url() -> str:
    """Where files are handed in."""
    return reverse("register:imports")
