"""The form that opens a case: of a household, or of a place."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from bangfu.cases.actions import NewCase, open_cases
from bangfu.cases.actions.opening import BY_HAND, may_extend
from bangfu.cases.models import Case
from bangfu.cases.models.cases import SEVERITIES, SOURCES
from bangfu.cases.pages.homes import fill_homes
from bangfu.cases.pages.links import case_url, cases_url, new_url
from bangfu.cases.pages.places import frame_of
from bangfu.cases.policy import kinds_on
from bangfu.cases.problems import BAD_ROW
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed
from bangfu.register.models import Household


@page("case.open")
@never_cache
def new(request: HttpRequest, path: str) -> HttpResponse:
    """The form; `?household=` is the number of the household that it is about. Posted, the case is opened."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "cases")
    problem: Problem | None = None
    typed = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        form = Typed(request, BAD_ROW)
        try:
            household = form.text("household")
            row = NewCase(
                form.text("kind"), form.text("words"), household, "" if household else path, form.text("severity") or "ordinary",
                form.text("source") or "visit", form.text("reference"), form.text("subject"), form.maybe_day("due", Text("期限", "due")),
                form.text("due_why"),
            )  # fmt: skip
            return redirect(case_url(open_cases(actor, row)[0].number))
        except Problem as refused:
            problem = refused
    kinds = kinds_on()
    number = str(typed.get("household", "")).strip()
    home = Household.objects.visible_to(actor).farming().filter(number=number).first() if number else None
    standing: list[Any] = []
    if home is not None:
        fill_homes(actor, [home], clock.today())
        standing = list(Case.objects.visible_to(actor).standing().filter(household=home).order_by("pk"))
    context = frame | {
        "kinds": [(k, w.rule.title, bool(w.rule.guarantee)) for k, w in kinds.work.items()],
        "severities": SEVERITIES,
        "sources": {k: SOURCES[k] for k in BY_HAND},
        "home": home,
        "standing": [(case_url(c.number), c.number, kinds.title(c.kind)) for c in standing],
        "number": number,
        "typed": typed,
        "problem": problem,
        "back_url": cases_url(path),
        "form_url": new_url(path),
        "today": clock.today(),
        "may_extend": may_extend(actor),
    }
    return render(request, "cases/new.html", context, status=problem.kind.status if problem else 200)
