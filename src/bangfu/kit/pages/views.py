"""The living page of components and the previews. They show invented samples only, and only where previews are switched on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bangfu.foundation.access import open_to_all
from bangfu.kit.pages import samples

View = Callable[..., HttpResponse]

TEMPLATES: dict[str, tuple[str, Callable[[HttpRequest], dict[str, Any]]]] = {
    "login": ("accounts/login.html", samples.login),
    "county": ("web/county.html", samples.county),
    "households": ("register/households.html", samples.households),
    "household": ("register/household.html", samples.household),
    "problem": ("kit/problem.html", samples.problem),
    "forbidden": ("403.html", samples.bare),
    "missing": ("404.html", samples.bare),
    "broken": ("500.html", samples.bare),
    "refused": ("400.html", samples.bare),
}


def preview_allowed() -> bool:
    """Whether previews are switched on (`BANGFU_PREVIEW`, off by default)."""
    return bool(getattr(settings, "BANGFU_PREVIEW", False))


def _only_in_preview(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, **parts: str) -> HttpResponse:
        if not preview_allowed():
            raise Http404
        return view(request, **parts)

    return guarded


@open_to_all
@require_safe
@_only_in_preview
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "kit/living.html", samples.living(request))


@open_to_all
@require_safe
@_only_in_preview
def preview(request: HttpRequest, page: str) -> HttpResponse:
    """A page of the product filled with an invented sample."""
    if page not in TEMPLATES:
        raise Http404
    template, context = TEMPLATES[page]
    return render(request, template, context(request))


@open_to_all
@require_safe
@_only_in_preview
def geo(request: HttpRequest, name: str) -> HttpResponse:
    """The invented outline and cells of the previews."""
    shapes = samples.geo()
    if name not in shapes:
        raise Http404
    return JsonResponse(shapes[name])
