"""What the pages of one case, decision, meeting or notice share: finding it by its number, doing what a button says, files in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.models import Case, Decision, Meeting, Notice
from bangfu.cases.numbers import CASE, DECISION, MEETING, NOTICE, key_in
from bangfu.cases.problems import BAD_ROW, UNKNOWN_CASE, UNKNOWN_DECISION, UNKNOWN_MEETING, UNKNOWN_NOTICE
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.files import read
from bangfu.foundation.problems import Problem
from bangfu.kit.forms import Typed, not_a_button

SORTS = {b"%PDF": "application/pdf", b"\x89PNG": "image/png"}  # by the first bytes; all other kept pages are JPEG

M = TypeVar("M", bound=Model)
Buttons = Mapping[str, Callable[[Actor, M, Typed, HttpRequest], object]]


def the_case(actor: Actor, number: str) -> Case:
    """A case that the actor sees. Raises BF-2401."""
    rows: QuerySet[Case] = Case.objects.visible_to(actor).select_related("household", "unit", "merged_into")
    return _by_number(rows, number, CASE, UNKNOWN_CASE(case=number[:40]))


def the_decision(actor: Actor, number: str) -> Decision:
    """A decision that the actor sees. Raises BF-2430."""
    rows: QuerySet[Decision] = Decision.objects.visible_to(actor).select_related("household", "case")
    return _by_number(rows, number, DECISION, UNKNOWN_DECISION(decision=number[:40]))


def the_meeting(actor: Actor, number: str) -> Meeting:
    """A meeting that the actor sees. Raises BF-2445."""
    rows: QuerySet[Meeting] = Meeting.objects.visible_to(actor)
    return _by_number(rows, number, MEETING, UNKNOWN_MEETING(meeting=number[:40]))


def the_notice(actor: Actor, number: str) -> Notice:
    """A notice that the actor sees. Raises BF-2443."""
    rows: QuerySet[Notice] = Notice.objects.visible_to(actor)
    return _by_number(rows, number, NOTICE, UNKNOWN_NOTICE(notice=number[:40]))


def _by_number(rows: QuerySet[M], number: str, letter: str, unknown: Problem) -> M:
    key = key_in(number, letter)
    found = rows.filter(pk=key).first() if key is not None else None
    if found is None or found.number != number:  # type: ignore[attr-defined]  # each of the four has a number
        raise unknown
    return found


def shown_or_done(
    request: HttpRequest,
    actor: Actor,
    found: M,
    buttons: Buttons[M],
    show: Callable[[HttpRequest, Actor, M, Problem | None], HttpResponse],
    url: str,
) -> HttpResponse:
    """The page of one; posted, the act of the button that was pressed (`do`), then the page anew; refused, the page with what was wrong."""
    if request.method != "POST":
        return show(request, actor, found, None)
    typed = Typed(request, BAD_ROW)
    try:
        pressed = typed.text("do")
        if pressed not in buttons:
            raise not_a_button(pressed, BAD_ROW)
        buttons[pressed](actor, found, typed, request)
    except Problem as refused:
        return show(request, actor, found, refused)
    return redirect(url)


def uploaded(request: HttpRequest) -> tuple[str, bytes]:
    """Name and content of the file of a form; both empty where none was chosen."""
    file = request.FILES.get("file")
    return (str(file.name), file.read()) if isinstance(file, UploadedFile) else ("", b"")


def kept_page(file: str) -> HttpResponse:
    """A kept page or photograph as the browser shows it."""
    content = read(file)
    sort = next((t for mark, t in SORTS.items() if content.startswith(mark)), "image/jpeg")
    answer = HttpResponse(content, content_type=sort)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = "inline"
    return answer


def opened_page(actor: Actor, found: Case | Decision | Meeting, file: str) -> HttpResponse:
    """A kept page that names people; who opened it goes into the audit."""
    answer = kept_page(file)
    with acting(actor):
        note(actor, acts.CASE_FILE, subject=found.number, path=found.path)
    return answer
