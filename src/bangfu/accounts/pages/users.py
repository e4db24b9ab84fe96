"""The administrator's pages of users: who there is, what they hold, their sessions, and what can be done for them."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.accounts.actions import WINDOW, drop_factor, end_sessions, reset_password, set_active, unlock
from bangfu.accounts.models import Assignment, FailedLogIn, LogIn, User
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page

SHOWN_LOG_INS = 20
RECENT = timedelta(days=30)


@page("user.review")
@never_cache
def users(request: HttpRequest) -> HttpResponse:
    """Every user: roles today, second factor, open sessions, failed log-ins."""
    now = clock.machine_now()
    held: dict[int, list[Assignment]] = {}
    for assignment in Assignment.objects.on(clock.today()):
        held.setdefault(assignment.user_id, []).append(assignment)
    open_ones = dict(LogIn.objects.open().values_list("user_id").annotate(Count("id")))
    recent = FailedLogIn.objects.filter(forgiven=False, at__gt=now - WINDOW)
    failed = dict(recent.values_list("username").annotate(Count("id")))
    rows = [
        {"user": u, "held": held.get(u.pk, []), "sessions": open_ones.get(u.pk, 0), "failed": failed.get(u.username, 0)}
        for u in User.objects.order_by("username")
    ]
    return render(request, "accounts/users.html", {"rows": rows})


@page("user.review")
@never_cache
def user(request: HttpRequest, username: str) -> HttpResponse:
    """One user: roles, sessions, failed log-ins, and what an administrator can do."""
    found = _found(username)
    since = clock.machine_now() - RECENT
    context = {
        "shown": found,
        "held": Assignment.objects.of(found).order_by("-valid"),
        "log_ins": LogIn.objects.of(found)[:SHOWN_LOG_INS],
        "failed": FailedLogIn.objects.filter(username=found.username, at__gt=since).order_by("-at")[:SHOWN_LOG_INS],
        "may": acting_as(request).may("user.manage"),
    }
    return render(request, "accounts/user.html", context)


@page("user.manage")
@require_POST
def manage(request: HttpRequest, username: str) -> HttpResponse:
    """Do one thing for a user: end a session or all, unlock, take the second factor away, close, open, a new password."""
    found, actor = _found(username), acting_as(request)
    match request.POST.get("do", ""):
        case "end":
            one = request.POST.get("log_in", "")
            end_sessions(actor, found, only=int(one) if one.isdecimal() else None)
        case "unlock":
            unlock(actor, found)
        case "drop_factor":
            drop_factor(actor, found)
        case "close":
            set_active(actor, found, active=False)
        case "open":
            set_active(actor, found, active=True)
        case "password":
            # Shown once, on this answer: it serves for one log-in.
            password = "-".join(secrets.token_hex(2) for _ in range(4))
            reset_password(actor, found, password)
            return render(request, "accounts/new_password.html", {"shown": found, "password": password})
    return redirect("accounts:user", username=found.username)


def _found(username: str) -> User:
    found = User.objects.filter(username=username).first()
    if found is None:
        raise Http404
    return found
