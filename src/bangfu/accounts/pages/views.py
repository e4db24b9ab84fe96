"""Logging in and out, and switching role and language."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib.auth import login as begin_session
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.accounts.actions import end_log_ins, log_in
from bangfu.accounts.middleware import ENDED_KEY, SESSION_KEY, BangfuRequest, address_of
from bangfu.foundation.access import open_to_all
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.screens import demo_logins

ENDED = {
    "idle": Text("您较长时间没有操作，已自动退出。", "You were logged out: nobody had used this session for a while."),
    "ended": Text("此次登录已被结束。", "This session was ended."),
}


@open_to_all
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """The log-in page. A synthetic county shows its log-ins there."""
    target = _safe(request, request.POST.get("next") or request.GET.get("next") or settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated and request.method == "GET":
        return redirect(target)
    problem, username = None, ""
    if request.method == "POST":
        username = request.POST.get("username", "").strip()
        try:
            user = log_in(username, request.POST.get("password", ""), address=address_of(request))
        except Problem as refused:
            problem = refused
        else:
            begin_session(request, user)
            return redirect(target)
    county = getattr(request, "county", None)
    shown = [line for _, lines in demo_logins.ask() for line in lines] if county and county.synthetic else []
    context = {
        "problem": problem,
        "username": username,
        "next": target,
        "county": county.name if county else None,
        "demo_logins": shown,
        "ended": ENDED.get(request.session.pop(ENDED_KEY, "")) if ENDED_KEY in request.session else None,
    }
    return render(request, "accounts/login.html", context, status=problem.kind.status if problem else 200)


@open_to_all
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    own = cast(BangfuRequest, request).log_in
    if own is not None:
        end_log_ins(own.user, by="logged_out", only=own.pk)
    end_session(request)
    return redirect(settings.LOGIN_URL)


@open_to_all
@require_POST
def act_as(request: HttpRequest) -> HttpResponse:
    """Act under another of one's own assignments; anything else leaves the role as it was."""
    chosen = request.POST.get("assignment", "")
    if any(str(a.pk) == chosen for a in cast(BangfuRequest, request).assignments):
        request.session[SESSION_KEY] = int(chosen)
    return redirect(_safe(request, request.POST.get("next", "/")))


@open_to_all
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Read the pages in another language; kept in the session."""
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        request.session["language"] = chosen
    return redirect(_safe(request, request.POST.get("next", "/")))


def _safe(request: HttpRequest, target: str) -> str:
    """A target on this host, else the first page."""
    fine = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return target if fine else "/"
