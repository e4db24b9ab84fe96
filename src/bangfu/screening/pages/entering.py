"""Pages on which a county completes a pack: one person enters a value with its document, a second one confirms it or sends it back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.fields import code_lists
from bangfu.screening import actions
from bangfu.screening.aloud import code_title
from bangfu.screening.entries import EARLIEST, LARGEST, find_entry
from bangfu.screening.models import ENTERED, ParameterEntry
from bangfu.screening.pack import Pack, Parameter
from bangfu.screening.pages.packs import find, frame, no_parameter
from bangfu.screening.pages.showing import resting_on, shown_value, value_words, values_of
from bangfu.screening.present import entry_of, written_pack

MOST_STEPS = 12


@page("policy.enter")
@never_cache
def enter(request: HttpRequest, pack: str, parameter: str) -> HttpResponse:
    """Fill in a value with its document: GET shows the form, POST enters it."""
    actor = acting_as(request)
    found = find(pack)
    one = found.parameters.get(parameter)
    if one is None:
        raise no_parameter(found, parameter)
    problem = None
    if request.method == "POST":
        scan = request.FILES.get("scan")
        try:
            made = actions.enter_parameter(
                actor,
                found,
                parameter,
                value=request.POST.getlist("value"),
                since=request.POST.get("since", ""),
                document=request.POST.get("document", ""),
                document_date=request.POST.get("document_date", ""),
                scan=scan if isinstance(scan, UploadedFile) else None,
            )
            return redirect("screening:entry", entry=made.pk)
        except Problem as refused:
            problem = refused
    context = frame(request, found, "parameters") | {
        "parameter": one,
        "problem": problem,
        "kind": one.type.kind,
        "choices": _choices(found, one),
        "given": request.POST.getlist("value"),
        "slots": _slots(found, one, request.POST.getlist("value")),
        "since": request.POST.get("since") or _first_day(found, one).isoformat(),
        "document": request.POST.get("document", ""),
        "document_date": request.POST.get("document_date", ""),
        "earliest": EARLIEST.isoformat(),
        "latest": found.valid_to.isoformat(),
        "today": clock.today().isoformat(),
        "limit": LARGEST,
        "values": values_of(found, one, ParameterEntry.objects.of(found.name).filter(parameter=parameter), clock.today())[:3],
    }
    return render(request, "screening/enter.html", context, status=problem.kind.status if problem else 200)


def _first_day(pack: Pack, parameter: Parameter) -> date:
    """From which day a value is asked: that of the pack where it is open, else today."""
    return pack.valid_from if parameter.question is not None and not parameter.values else clock.today()


def _choices(pack: Pack, parameter: Parameter) -> list[tuple[str, Text]]:
    """The codes to choose from, in the order of their list."""
    codes = parameter.type.codes
    if not codes:
        return []
    return [(code, code_title(pack, codes, code)) for code in _in_order(pack, codes)]


def _in_order(pack: Pack, codes: str) -> list[str]:
    known = pack.program.schema.codes[codes]
    listed = list(pack.lists.get(codes, ())) or [code for code in code_lists().get(codes, ()) if code in known]
    return listed or sorted(known)


def _slots(pack: Pack, parameter: Parameter, given: list[str]) -> list[str]:
    """What stands in each place of several codes: what was given, else the value of today, then blanks."""
    if parameter.type.kind != "codes":
        return []
    begun = parameter.begun(clock.today())
    filled = [one for one in given if one] or list((begun[1] if begun else None) or [])
    return (filled + [""] * MOST_STEPS)[: max(min(len(_choices(pack, parameter)), MOST_STEPS), len(filled))]


@page("screening.read")
@never_cache
def entry(request: HttpRequest, entry: int) -> HttpResponse:
    """One entry: the value, the document, who entered it, and what became of it."""
    return _show(request, find_entry(entry))


def _show(request: HttpRequest, row: ParameterEntry, problem: Problem | None = None) -> HttpResponse:
    actor = acting_as(request)
    pack = find(row.pack)
    parameter = pack.parameters.get(row.parameter)
    before = parameter.begun(row.since) if parameter else None
    context: dict[str, Any] = frame(request, pack, "parameters") | {
        "entry": row,
        "parameter": parameter,
        "title": parameter.title if parameter else row.parameter,
        "value": value_words(pack, row),
        "before": shown_value(pack, parameter, before[1]) if parameter and before else None,
        "rests": resting_on(pack, row.parameter),
        "waits": row.state == ENTERED,
        "mine": row.entered_by == actor.user_id,
        "fits": entry_of(pack, row) is not None,
        "problem": problem,
    }
    return render(request, "screening/entry.html", context, status=problem.kind.status if problem else 200)


@page("policy.confirm")
@require_POST
def decide(request: HttpRequest, entry: int) -> HttpResponse:
    """Confirm an entry of somebody else, or send it back with a reason."""
    actor = acting_as(request)
    row = find_entry(entry)
    try:
        if request.POST.get("do") == "confirm":
            actions.confirm_entry(actor, entry, written_pack(find(row.pack).name))
        else:
            actions.return_entry(actor, entry, request.POST.get("reason", ""))
    except Problem as refused:
        if refused.kind.status == 404:
            raise
        return _show(request, find_entry(entry), refused)
    return redirect("screening:entry", entry=entry)


@page("policy.enter")
@never_cache
def scan(request: HttpRequest, entry: int) -> HttpResponse:
    """The scan of an entry's document, as a file to save."""
    row, content = actions.open_scan(acting_as(request), entry)
    return HttpResponse(content, content_type=row.scan_type, headers={"Content-Disposition": _named(row)})


def _named(row: ParameterEntry) -> str:
    return content_disposition_header(as_attachment=True, filename=row.scan_name) or "attachment"
