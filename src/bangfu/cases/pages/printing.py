"""Paper: the forms of a decision, the pages of a meeting, a notice, a case, a household's file; each a PDF in the reader's language, or in
the one that the address asks for (`?language=zh`, `?language=en`): who reads English prints in Chinese what hangs in a Chinese village."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.cache import never_cache

from bangfu.cases.actions.printing import print_files
from bangfu.cases.pages.one import the_case, the_decision, the_meeting, the_notice
from bangfu.cases.paper_forms import (
    Document,
    case_sheet,
    decision_forms,
    meeting_pages,
    notice_page,
    print_documents,
)
from bangfu.foundation.access import acting_as, page
from bangfu.register.models import Household
from bangfu.register.problems import UNKNOWN_HOUSEHOLD

LANGUAGES = {"zh": "zh-hans", "en": "en"}


def in_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that is made in the language of its address, where it names one."""

    @wraps(view)
    def made(request: HttpRequest, **named: Any) -> HttpResponse:
        said = LANGUAGES.get(request.GET.get("language", ""), translation.get_language() or "zh-hans")
        with translation.override(said):
            return view(request, **named)

    return made


def _pdf(documents: list[Document], name: str) -> HttpResponse:
    return _answer(print_documents(documents), name)


def _answer(pdf: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


@page("case.read")
@never_cache
@in_language
def decision(request: HttpRequest, decision: str) -> HttpResponse:
    """The blank forms of a decision; `?form=` those of one document, `?step=` those of one step."""
    actor = acting_as(request)
    found = the_decision(actor, decision)
    return _pdf(decision_forms(actor, found, request.GET.get("form", ""), request.GET.get("step", "")), decision)


@page("case.read")
@never_cache
@in_language
def meeting(request: HttpRequest, meeting: str) -> HttpResponse:
    """Agenda and attendance list of a meeting to be held; the minutes of one that was."""
    actor = acting_as(request)
    found = the_meeting(actor, meeting)
    return _pdf(meeting_pages(actor, found), meeting)


@page("case.read")
@never_cache
@in_language
def notice(request: HttpRequest, notice: str) -> HttpResponse:
    """A notice as it hangs."""
    found = the_notice(acting_as(request), notice)
    return _pdf(notice_page(found), notice)


@page("case.read")
@never_cache
@in_language
def case(request: HttpRequest, case: str) -> HttpResponse:
    """A case with its story."""
    actor = acting_as(request)
    found = the_case(actor, case)
    return _pdf([case_sheet(actor, found)], case)


@page("case.read")
@never_cache
@in_language
def household(request: HttpRequest, number: str) -> HttpResponse:
    """One household, one file. It names people: who printed it goes into the audit."""
    actor = acting_as(request)
    found = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if found is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    return _answer(print_files(actor, [found]).pdf, number)
