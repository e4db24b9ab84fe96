"""Each request acts under one role at one area."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from bangfu.accounts.models import Assignment
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor

SESSION_KEY = "assignment"


class BangfuRequest(HttpRequest):
    """A request as the pages see it: who acts, and under which assignment."""

    actor: Actor | None
    assignment: Assignment | None
    assignments: list[Assignment]


class ActingMiddleware:
    """Find the acting role of the session (the widest, until the user switches) and open its transaction.

    A response is made inside the transaction, templates included; what streams must have read its rows before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, plain: HttpRequest) -> HttpResponse:
        request = cast(BangfuRequest, plain)
        request.actor, request.assignment, request.assignments = None, None, []
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.assignments = list(Assignment.objects.of(request.user).on(clock.today()).select_related("user"))
        chosen = request.session.get(SESSION_KEY)
        request.assignment = next((a for a in request.assignments if a.pk == chosen), next(iter(request.assignments), None))
        if request.assignment is None:
            return self.get_response(request)
        request.actor = request.assignment.actor()
        with acting(request.actor):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response
