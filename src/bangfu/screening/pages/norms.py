"""The norms of yield, price and cost of an area: listed with those of the areas above, added, read from a file, ended."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.screening.models import Norm
from bangfu.screening.norms import (
    COLUMNS,
    SHIPPED,
    SORT_NAMES,
    add_norms,
    add_planning_ranges,
    end_norm,
    read_norm,
    read_norms,
)
from bangfu.screening.problems import BAD_NORM, UNKNOWN_NORM

LARGEST = 1_000_000  # bytes of a file of norms
PAIRS = ("yield", "price", "cost")


def norms_url(path: str) -> str:
    """Where the norms that hold at an area are listed."""
    return reverse("screening:norms", kwargs={"path": path})


@page("household.read")
@never_cache
def norms(request: HttpRequest, path: str) -> HttpResponse:
    """The norms that hold at an area: its own and those of the areas above; `?ended=1` with those of days gone by."""
    return _show(request, acting_as(request), path)


def _show(
    request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    area = standing_area(actor, path)
    today, ended = clock.today(), request.GET.get("ended") == "1"
    rows = Norm.objects.holding_at(path).order_by("code", "-path", "-valid")
    if not ended:
        rows = rows.filter(Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today))
    names = {a.path: name_of(a) for a in Area.objects.breadcrumb(path)}
    may = actor.may("norm.manage")
    context = area_frame(actor, area, norms_url, top=the_county().path) | {
        "place": "households",
        "area": name_of(area),
        "path": path,
        "rows": [
            {
                "norm": norm,
                "sort": SORT_NAMES[norm.sort],
                "where": names.get(norm.path, norm.path),
                "may_end": may and norm.path == path and (norm.valid.upper is None or norm.valid.upper > today),
                "price": (norm.price_low / 100, norm.price_high / 100),
                "cost": (norm.cost_low / 100, norm.cost_high / 100)
                if norm.cost_low is not None and norm.cost_high is not None
                else None,
            }
            for norm in rows
        ],
        "ended": ended,
        "may": may,
        "may_import": may,
        "columns": COLUMNS,
        "sorts": SORT_NAMES,
        "typed": typed or {},
        "problem": problem,
        "today": today,
        "do_url": reverse("screening:norms-do", kwargs={"path": path}),
        "template_url": reverse("screening:norms-template", kwargs={"path": path}),
    }
    return render(request, "screening/norms.html", context, status=problem.kind.status if problem else 200)


@page("norm.manage")
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Add a norm, read a file of them, add the planning ranges, or end one."""
    actor = acting_as(request)
    standing_area(actor, path)
    told = {key: request.POST.get(key, "").strip() for key in COLUMNS}
    try:
        match request.POST.get("do", ""):
            case "add":
                add_norms(actor, path, [read_norm(told)])
            case "import":
                add_norms(actor, path, _handed_in(request))
            case "shipped":
                add_planning_ranges(actor, path)
            case "end":
                end_norm(actor, _key(request), _day(request))
            case other:
                raise BAD_NORM(
                    row=1,
                    column=Text("操作", "what to do"),
                    value=other[:20] or "–",
                    wanted=Text("请从页面办理", "Use the buttons of the page"),
                )
    except Problem as refused:
        if refused.kind.status == 404 and refused.kind is not UNKNOWN_NORM:
            raise
        return _show(request, actor, path, refused, told)
    return redirect(norms_url(path))


def _handed_in(request: HttpRequest) -> Any:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile) or (upload.size or 0) > LARGEST:
        raise BAD_NORM(
            row=1,
            column=Text("文件", "file"),
            value="–",
            wanted=Text("请选择一个不超过 1 MB 的 CSV 文件", "Choose a CSV file of 1 MB at most"),
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "norms.csv"
        path.write_bytes(upload.read())
        return read_norms(path)


def _key(request: HttpRequest) -> int:
    key = request.POST.get("norm", "")
    return int(key) if key.isdecimal() and len(key) < 19 else 0


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        return clock.today()


@page("norm.manage")
def template(request: HttpRequest, path: str) -> HttpResponse:
    """A CSV file to fill in: the headings in the reader's language and the planning ranges as examples."""
    standing_area(acting_as(request), path)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(title) for title in COLUMNS.values()])
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            writer.writerow([row[key] for key in COLUMNS])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="norms.csv"'
    return answer
