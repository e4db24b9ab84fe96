"""What stands around every page: the county and its clock, and problems shown as problems."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from bangfu.foundation.access import wants_json
from bangfu.foundation.county import find_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import is_text
from bangfu.web.problems import UNREADABLE_TEXT


class CountyMiddleware:
    """Reads the county once a request: a synthetic county's clock may move while a simulation runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.county = find_county()  # type: ignore[attr-defined]
        language = request.session.get("language")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)


class TextMiddleware:
    """What PostgreSQL cannot hold as text (NUL, half a surrogate pair) is refused at the door, in addresses and in forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = [request.path, *(text for name, texts in request.GET.lists() for text in (name, *texts))]
        if request.method == "POST":
            said += [text for name, texts in request.POST.lists() for text in (name, *texts)]
        if all(map(is_text, said)):
            return self.get_response(request)
        problem = UNREADABLE_TEXT()
        if wants_json(request):
            return JsonResponse({"problem": problem.as_json()}, status=problem.kind.status)
        return render(request, "kit/problem.html", {"problem": problem}, status=problem.kind.status)


class ProblemMiddleware:
    """A `Problem` that a view raises becomes a page, a fragment or JSON with its number and remedy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a Problem with its status; anything else is a fault of ours and stays one."""
        if not isinstance(error, Problem):
            return None
        if "application/json" in request.headers.get("Accept", "") or request.path.endswith((".json", ".geojson")):
            return JsonResponse({"problem": error.as_json()}, status=error.kind.status)
        return render(request, "kit/problem.html", {"problem": error}, status=error.kind.status)
