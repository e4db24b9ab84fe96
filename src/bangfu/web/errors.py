"""The pages of errors, with number and remedy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bangfu.web.problems import BAD_REQUEST, BROKEN, FORBIDDEN, NOT_FOUND, STALE_FORM


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the address or the form makes no sense."""
    return render(request, "400.html", {"problem": BAD_REQUEST()}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the role may not."""
    return render(request, "403.html", {"problem": FORBIDDEN()}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing stands there, or it lies outside the actor's area (which is not told apart)."""
    return render(request, "404.html", {"problem": NOT_FOUND()}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return render(request, "500.html", {"problem": BROKEN()}, status=500)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token of this session."""
    return render(request, "kit/problem.html", {"problem": STALE_FORM()}, status=403)
