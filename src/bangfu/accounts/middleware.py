"""Each request acts under one role at one area."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import cast

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from bangfu.accounts.actions import begin_log_in, end_log_ins, seen
from bangfu.accounts.audit import coming_from
from bangfu.accounts.entering import assignments_of, log_in_of
from bangfu.accounts.models import Assignment, LogIn, User
from bangfu.accounts.roles import IDLE_MINUTES
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor

SESSION_KEY = "assignment"
LOG_IN_KEY = "log_in"
ENDED_KEY = "ended"


class BangfuRequest(HttpRequest):
    """A request as the pages see it: who acts, and under which assignment."""

    actor: Actor | None
    assignment: Assignment | None
    assignments: list[Assignment]
    log_in: LogIn | None
    gate: str | None


@receiver(user_logged_in)
def _began(request: HttpRequest, user: User, **_: object) -> None:
    """Every session has its row, however it began."""
    log_in = begin_log_in(user, address=address_of(request), device=request.META.get("HTTP_USER_AGENT", ""))
    request.session[LOG_IN_KEY] = log_in.pk


def address_of(request: HttpRequest) -> str | None:
    """The address that a request came from."""
    return request.META.get("REMOTE_ADDR") or None


class ActingMiddleware:
    """Find the acting role of the session (the widest, until the user switches) and open its transaction.

    A session that was ended elsewhere, or that nobody used for as long as its role allows, is a stranger's from then on. A user
    who must change the password or show the second factor meets that page first (`request.gate`).

    A response is made inside the transaction, templates included; what streams must have read its rows before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, plain: HttpRequest) -> HttpResponse:
        request = cast(BangfuRequest, plain)
        request.actor, request.assignment, request.assignments, request.log_in, request.gate = None, None, [], None, None
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.assignments = assignments_of(request.user)
        chosen = request.session.get(SESSION_KEY)
        request.assignment = next((a for a in request.assignments if a.pk == chosen), next(iter(request.assignments), None))
        if not _goes_on(request):
            request.assignments, request.assignment = [], None
            return self.get_response(request)
        request.gate = _gate(request)
        if request.assignment is None:
            with _here(request):
                return self.get_response(request)
        request.actor = request.assignment.actor()
        with _here(request), acting(request.actor):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def _here(request: BangfuRequest) -> AbstractContextManager[None]:
    """What the request does is noted with its address, its device and its session."""
    log_in = request.log_in.pk if request.log_in else None
    return coming_from(address_of(request), request.META.get("HTTP_USER_AGENT", ""), log_in)


def _goes_on(request: BangfuRequest) -> bool:
    """Whether the session is still one; it is flushed where it is not."""
    user = cast(User, request.user)
    log_in = log_in_of(user, request.session.get(LOG_IN_KEY, 0))
    if log_in is not None:
        minutes = request.assignment.role_kind.idle_minutes if request.assignment else IDLE_MINUTES
        if (clock.machine_now() - log_in.seen_at).total_seconds() < minutes * 60:
            seen(log_in)
            request.log_in = log_in
            return True
        end_log_ins(user, by="idle", only=log_in.pk)
    logout(request)
    request.session[ENDED_KEY] = "idle" if log_in is not None else "ended"
    return False


def _gate(request: BangfuRequest) -> str | None:
    """The page that comes before every other: another password, the code of the second factor, or its enrolment."""
    user = cast(User, request.user)
    county = getattr(request, "county", None)
    if user.factor_secret is not None and not (request.log_in and request.log_in.factor):
        return reverse("accounts:code")
    if user.must_change_password:
        return reverse("accounts:password")
    # The log-ins of a synthetic county are printed for everybody: a second factor would guard nothing.
    required = any(a.role_kind.second_factor for a in request.assignments) and not (county and county.synthetic)
    return reverse("accounts:factor") if required and user.factor_secret is None else None
