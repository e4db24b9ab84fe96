"""Who may open a page: every view names the one permission that it needs.

    @page("area.read")
    def search(request: HttpRequest) -> HttpResponse: ...

The permission is kept on the view (`view.permission`), so that a test generated from the URL table finds every route's rule.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse

from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem, ProblemKind, declare

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

NOT_LOGGED_IN = declare(
    "BF-1003",
    zh="您还没有登录，或登录已过期。",
    en="You are not logged in, or your session has ended.",
    remedy_zh="请登录后重试。",
    remedy_en="Log in and try again.",
    status=401,
)
NO_ACTING_ROLE = declare(
    "BF-1004",
    zh="您的账号今天没有任何身份，不能打开此页。",
    en="Your account holds no role today, so it cannot open this page.",
    remedy_zh="请县级系统管理员为您授予身份。",
    remedy_en="Ask the county's administrator to give you a role.",
    status=403,
)


class Permitted(Protocol):
    """What the decorator leaves on a view."""

    permission: str


def wants_json(request: HttpRequest) -> bool:
    """Whether the reader is a program: it accepts JSON before HTML, or the address says `.json`, `.geojson` or `format=json`."""
    if request.path.endswith((".json", ".geojson")) or request.GET.get("format") == "json":
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def acting_as(request: HttpRequest) -> Actor:
    """Who acts in a request that passed `page`. Raises BF-1004 where nobody does."""
    actor = getattr(request, "actor", None)
    if actor is None:
        raise NO_ACTING_ROLE()
    return cast(Actor, actor)


def page(permission: str) -> Callable[[View[P]], View[P]]:
    """Let a view be opened by roles with a permission.

    Nobody logged in: HTML goes to the log-in page, a program and htmx get 401. No role today: Problem BF-1004. A role
    without the permission: Problem BF-1001.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _refuse_stranger(request)
            if gate := getattr(request, "gate", None):
                return _send(request, gate)
            acting_as(request).require(permission)
            return view(request, *args, **kwargs)

        cast(Permitted, guarded).permission = permission
        return cast(View[P], guarded)

    return decorate


def _refuse_stranger(request: HttpRequest) -> HttpResponse:
    return _send(request, redirect_to_login(request.get_full_path()).url)


def _send(request: HttpRequest, address: str) -> HttpResponse:
    """To the log-in, or to what comes before every page; a program is told 401."""
    if wants_json(request):
        return JsonResponse({"problem": NOT_LOGGED_IN().as_json()}, status=401)
    if request.headers.get("HX-Request"):
        # htmx would put the page into the fragment's place; this makes the browser go there.
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


OPEN = "open"
OWN = "own"


def own_page(*, before_the_gate: bool = False) -> Callable[[View[P]], View[P]]:
    """A page of one's own account: open to everybody who is logged in, whatever the role.

    `before_the_gate`: one that is met before all others (another password, the second factor).
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _refuse_stranger(request)
            if not before_the_gate and (gate := getattr(request, "gate", None)):
                return _send(request, gate)
            return view(request, *args, **kwargs)

        cast(Permitted, guarded).permission = OWN
        return cast(View[P], guarded)

    return decorate


def open_to_all(view: View[P]) -> View[P]:
    """A page that everybody may open, logged in or not: the log-in itself and what goes with it."""
    cast(Permitted, view).permission = OPEN
    return view


def any_window(view: View[P]) -> View[P]:
    """Let a page be opened and sent inside a messenger too: it is where people scan a printed code, and the page keeps nothing that could be lost."""
    setattr(view, "any_window", True)  # noqa: B010 (views are functions; what is left on them has no type)
    return view


_bodies: dict[str, tuple[Callable[[], int], ProblemKind]] = {}


def limit_body(prefix: str, megabytes: Callable[[], int], problem: ProblemKind) -> None:
    """Take in no more than so many megabytes at the addresses that begin so; `problem` is made with the `limit`. Held before anything of a body is read."""
    _bodies[prefix] = megabytes, problem


def body_refusal(address: str, size: int) -> Problem | None:
    """Why a body of a size, in bytes, is not taken in at an address; None where it may be."""
    for prefix, (megabytes, problem) in _bodies.items():
        if address.startswith(prefix) and size > (limit := megabytes()) * 1_000_000:
            return problem(limit=limit)
    return None
