"""The pages of errors, with number and remedy."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from bangfu.foundation.access import wants_json
from bangfu.foundation.failures import of_store
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
    """500: our fault; 503 where the store is out of reach or older than the program. Such a page asks the store nothing."""
    problem = of_store(sys.exc_info()[1])
    if problem is None:
        return render(request, "500.html", {"problem": BROKEN()}, status=500)
    if wants_json(request):
        return JsonResponse({"problem": problem.as_json()}, status=problem.kind.status)
    return HttpResponse(render_to_string("503.html", {"problem": problem}), status=problem.kind.status)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token of this session."""
    return render(request, "kit/problem.html", {"problem": STALE_FORM()}, status=403)
