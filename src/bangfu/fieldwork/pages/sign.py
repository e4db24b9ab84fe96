"""The page that a link for signing opens, for somebody without a log-in: that somebody visited, on which day, of which village; and a box to sign in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.accounts.middleware import address_of
from bangfu.fieldwork.actions.signing import NAME, look_at_link, sign_by_link
from bangfu.fieldwork.problems import LINK_NOT_GOOD
from bangfu.foundation.access import open_to_all
from bangfu.foundation.problems import Problem


@open_to_all
@never_cache
def sign(request: HttpRequest, key: str) -> HttpResponse:
    """The visit that a key is for, and the box; posted, it is signed. A key that is wrong, used, revoked or out of date gets one and the same answer."""
    address = address_of(request) or ""
    problem: Problem | None = None
    try:
        if request.method == "POST":
            user = request.user.pk if request.user.is_authenticated else None
            told, drawing = request.POST.get("name", ""), request.POST.get("drawing", "")
            sign_by_link(key, told, drawing, ticked=bool(request.POST.get("ticked")), address=address, user=user)
            lang = request.GET.get("lang", "")
            return redirect(reverse("fieldwork:signed") + (f"?lang={lang}" if lang in ("zh", "en") else ""))
    except Problem as refused:
        problem = refused
    try:
        if problem is not None and problem.kind is LINK_NOT_GOOD:
            raise problem
        asked = look_at_link(key, address=address)
    except Problem as refused:
        return _answer(request, "fieldwork/sign_closed.html", {"problem": refused}, refused.kind.status)
    context = {"asked": asked, "typed": request.POST, "name_length": NAME, "problem": problem}
    return _answer(request, "fieldwork/sign.html", context, problem.kind.status if problem else 200)


@open_to_all
@never_cache
def signed(request: HttpRequest) -> HttpResponse:
    """Thanks; says nothing of any visit."""
    return _answer(request, "fieldwork/signed.html", {}, 200)


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    answer = render(request, template, context, status=status)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
