"""The pages of personal detail: what is masked, shown in full for a while; and the search by somebody's whole number."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.accounts.acts import REASONS, SHORTEST_REASON
from bangfu.areas.frame import area_frame
from bangfu.areas.models import Area
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.register.actions import find_by_number, reveal
from bangfu.register.pages.links import household_url, households_url
from bangfu.register.problems import NO_SUCH_DETAIL
from bangfu.register.revealing import details
from bangfu.register.showing import show_household

SECONDS = 60  # for which a value stays on the screen


def reveal_url(number: str, person: int | None = None) -> str:
    """Where the masked fields of a household or of a member are shown in full."""
    address = reverse("register:reveal", kwargs={"number": number})
    return address if person is None else f"{address}?person={person}"


@page("person.reveal")
@never_cache
def show(request: HttpRequest, number: str) -> HttpResponse:
    """The masked fields of a household, with `?person=` of a member: GET asks why, POST shows one of them for a minute."""
    actor = acting_as(request)
    household = show_household(actor, number)
    said = request.GET.get("person", "")
    subject: dict[str, Any] = household["household"]
    person = None
    if said:
        member = next((m for m in household["members"] if str(m["person"]) == said), None)
        if member is None:
            raise NO_SUCH_DETAIL(household=number)
        subject, person = member, int(member["person"])
    found, problem = None, None
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    if request.method == "POST":
        try:
            found = reveal(actor, number, request.POST.get("field", ""), person=person, reason=reason, words=words)
        except Problem as refused:
            if refused.kind.status == 404:
                raise
            problem = refused
    context = _frame(actor, household["household"]["path"]) | {
        "number": number,
        "back": household_url(number),
        "name": subject.get("name") or _head(household),
        "of_household": person is None,
        "fields": [
            (f, value) for f in details(actor, "household" if person is None else "person") if (value := _masked(f, subject))
        ],
        "reasons": REASONS.items(),
        "reason": reason,
        "words": words,
        "least": SHORTEST_REASON,
        "found": found,
        "seconds": SECONDS,
        "problem": problem,
    }
    response = render(request, "register/reveal.html", context, status=problem.kind.status if problem else 200)
    if found is not None:
        response.headers["Refresh"] = f"{SECONDS}; url={household_url(number)}"  # it goes, without a script too
    return response


def _masked(field: Any, subject: dict[str, Any]) -> Any:
    """What the page shows of a field until it is asked for; nothing where nothing is known."""
    value = (subject.get("condition", {}) if field.table == "condition" else subject).get(field.column)
    return value or None


def _head(household: dict[str, Any]) -> str:
    return next((str(m["name"]) for m in household["members"] if m["relation"] == "head"), household["household"]["number"])


def _frame(actor: Actor, path: str) -> dict[str, Any]:
    area = Area.objects.get(path=path)
    return area_frame(actor, area, households_url, top=the_county().path) | {"area_choices": [], "place": "households"}


@page("household.read")
@never_cache
def by_number(request: HttpRequest) -> HttpResponse:
    """The household of a whole number: its own, or somebody's. The number is sent in a form, so that no address holds it."""
    actor = acting_as(request)
    problem, found = None, None
    if request.method == "POST":
        try:
            found = find_by_number(actor, request.POST.get("number", ""))
        except Problem as refused:
            problem = refused
        if found is not None and len(found) == 1:
            return redirect(household_url(found[0].number))
    hits = [(household_url(f.number), f.number, f.member) for f in found] if found is not None else None
    context = _frame(actor, actor.scope) | {"problem": problem, "hits": hits}
    return render(request, "register/by_number.html", context, status=problem.kind.status if problem else 200)
