"""The pages of one's own account: the sessions, the password, the second factor."""

from __future__ import annotations

from typing import cast

import segno
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.accounts import second_factor
from bangfu.accounts.actions import change_password, end_log_ins, enrol_factor, show_factor
from bangfu.accounts.middleware import BangfuRequest, address_of
from bangfu.accounts.models import LogIn, User
from bangfu.accounts.problems import PASSWORDS_DIFFER
from bangfu.foundation.access import own_page
from bangfu.foundation.problems import Problem

OFFERED_KEY = "offered_factor"
SHOWN_LOG_INS = 20


@own_page()
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Who one is, one's sessions, and the ways to the password and the second factor."""
    user = cast(User, request.user)
    log_ins = list(LogIn.objects.of(user)[:SHOWN_LOG_INS])
    own = cast(BangfuRequest, request).log_in
    return render(request, "accounts/account.html", {"user": user, "log_ins": log_ins, "own": own})


@own_page()
@require_POST
def end(request: HttpRequest, log_in: int) -> HttpResponse:
    """End one of one's own sessions; another's is left alone."""
    end_log_ins(cast(User, request.user), by="user", only=log_in)
    return redirect("accounts:account")


@own_page(before_the_gate=True)
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Choose another password. The other sessions end."""
    user, problem = cast(User, request.user), None
    own = cast(BangfuRequest, request).log_in
    if request.method == "POST":
        try:
            if request.POST.get("new", "") != request.POST.get("again", ""):
                raise PASSWORDS_DIFFER()
            change_password(user, request.POST.get("old", ""), request.POST.get("new", ""), keep=own.pk if own else None)
        except Problem as refused:
            problem = refused
        else:
            update_session_auth_hash(request, user)
            return redirect("accounts:account")
    context = {"user": user, "problem": problem}
    return render(request, "accounts/password.html", context, status=problem.kind.status if problem else 200)


@own_page(before_the_gate=True)
@never_cache
def factor(request: HttpRequest) -> HttpResponse:
    """Add an authenticator: its QR code, and a code to show that it was read. One that is there is taken away by the administrator."""
    user, own, problem = cast(User, request.user), cast(BangfuRequest, request).log_in, None
    if own is None or user.factor_secret is not None:
        return redirect("accounts:account")
    secret = request.session.get(OFFERED_KEY) or second_factor.new_secret()
    if request.method == "POST":
        try:
            enrol_factor(user, own, secret, request.POST.get("code", ""))
        except Problem as refused:
            problem = refused
        else:
            del request.session[OFFERED_KEY]
            return redirect("accounts:account")
    request.session[OFFERED_KEY] = secret
    county = getattr(request, "county", None)
    address = second_factor.address(secret, user.username, f"Bangfu {county.name.en}" if county else "Bangfu")
    drawn = segno.make(address, error="m").svg_data_uri(scale=5, border=2)
    context = {"user": user, "problem": problem, "secret": secret, "drawn": drawn}
    return render(request, "accounts/factor.html", context, status=problem.kind.status if problem else 200)


@own_page(before_the_gate=True)
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Show the second factor of this session."""
    user, own, problem = cast(User, request.user), cast(BangfuRequest, request).log_in, None
    if own is None or user.factor_secret is None or own.factor:
        return redirect("/")
    if request.method == "POST":
        try:
            show_factor(user, own, request.POST.get("code", ""), address=address_of(request))
        except Problem as refused:
            problem = refused
        else:
            return redirect("/")
    return render(request, "accounts/code.html", {"problem": problem}, status=problem.kind.status if problem else 200)
