"""What stands around every page: the county and its clock, the way to HTTPS and out of messengers, and problems shown as problems."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from bangfu.foundation.access import OPEN, OWN, body_refusal, wants_json
from bangfu.foundation.county import reading_county
from bangfu.foundation.hiding import hide_in
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import is_text
from bangfu.foundation.schema import require_schema
from bangfu.register.problems import UPLOAD_TOO_LARGE
from bangfu.web.phones.in_app import READS_HERE, app_of, intent, system_of
from bangfu.web.phones.pictures import HAND_OVER
from bangfu.web.phones.served import PHONE
from bangfu.web.problems import READING_ONLY, UNREADABLE_TEXT

SIGN = "/sign/"  # opened by people without a log-in: the language is in the address there, as on the pages for phones
# What works inside a messenger as well: links for signing are sent by one, and are opened there by people without a log-in.
BEFORE_ANYTHING = ("web:stay", "accounts:language", "fieldwork:sign", "fieldwork:signed")


class CountyMiddleware:
    """Reads the county once a request: a synthetic county's clock may move while a simulation runs.

    The first request of a process asks as well whether the database is as new as the program (BF-1028).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._schema_known = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._schema_known:
            require_schema()
            self._schema_known = True
        with reading_county() as county:
            request.county = county  # type: ignore[attr-defined]
            language = request.session.get("language")
            if request.path.startswith((PHONE, SIGN)):
                language = {"zh": "zh-hans", "en": "en"}.get(request.GET.get("lang", ""), language)
            if language:
                translation.activate(language)
                request.LANGUAGE_CODE = language
            return self.get_response(request)


class DoorMiddleware:
    """The plain pages beside HTTPS: how a phone is set up; everything else goes to HTTPS, and no cookie is ever given."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not (settings.DOOR and settings.SERVED):
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.served = settings.SERVED

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = split_domain_port(request.get_host())[0].strip("[]")  # raises DisallowedHost for a name that is not ours
        if request.path.startswith(PHONE):
            return self.get_response(request)
        return HttpResponseRedirect(self.served.address(name) + request.get_full_path())


class InAppMiddleware:
    """Opened inside a messenger, a page hands over to the system's browser before anything is typed.

    Whoever stays (`web:stay`, kept in the session) may log in and read; what would be written is refused (BF-1918), since such a window
    loses what was filled in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.in_app = app_of(request.headers.get("User-Agent", ""))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Answer in the view's place where the window of a messenger is not the place for it."""
        app = request.in_app  # type: ignore[attr-defined]
        if (
            app is None
            or getattr(view, "any_window", False)
            or (request.resolver_match and request.resolver_match.view_name in BEFORE_ANYTHING)
        ):
            return None
        if request.session.get(READS_HERE):
            if request.method in ("GET", "HEAD") or getattr(view, "permission", "") in (OPEN, OWN):
                return None
            return refusal(request, READING_ONLY(app=app.name))
        system = system_of(request.headers.get("User-Agent", ""))
        address = _address_of(request)
        context = {
            "app": app,
            "system": system,
            "picture": HAND_OVER[system],
            "address": address,
            "intent": intent(address) if system == "android" and app.lets_go else "",
            "may_stay": not settings.DOOR,
        }
        response = render(request, "web/phone/hand_over.html", context)
        add_never_cache_headers(response)
        return response


def _address_of(request: HttpRequest) -> str:
    """The address that was asked for, by GET; the first page where a form was sent."""
    return request.build_absolute_uri(request.get_full_path() if request.method in ("GET", "HEAD") else "/")


def refusal(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as a page, or as JSON for a program."""
    if wants_json(request):
        return JsonResponse(hide_in({"problem": problem.as_json()}, problem.known), status=problem.kind.status)
    return render(request, "kit/problem.html", {"problem": problem}, status=problem.kind.status)


class TextMiddleware:
    """What PostgreSQL cannot hold as text (NUL, half a surrogate pair) is refused at the door, in addresses and in forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = [request.path, *(text for name, texts in request.GET.lists() for text in (name, *texts))]
        if request.method == "POST":
            # Before the body is read: what is larger than anybody may hand in is not taken in at all.
            size = int(request.META.get("CONTENT_LENGTH") or 0)
            if size > settings.UPLOAD_MB * 1_000_000:
                return refusal(request, UPLOAD_TOO_LARGE(limit=settings.UPLOAD_MB))
            if (refused := body_refusal(request.path, size)) is not None:
                return refusal(request, refused)
            said += [text for name, texts in request.POST.lists() for text in (name, *texts)]
        if all(map(is_text, said)):
            return self.get_response(request)
        return refusal(request, UNREADABLE_TEXT())


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
            return JsonResponse(hide_in({"problem": error.as_json()}, error.known), status=error.kind.status)
        return render(request, "kit/problem.html", {"problem": error}, status=error.kind.status)
