"""What every page's frame needs: places, breadcrumb, the day, the acting role."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.screens import places_for
from bangfu.messages.pages.frame import unread
from bangfu.web.phones.in_app import READS_HERE


def page(request: HttpRequest) -> dict[str, Any]:
    """The frame's context: `places`, `crumbs`, `data_day`, `synthetic`, `county`, `actor`, `assignment(s)`, `reads_in_app`, `unread` (messages)."""
    county = getattr(request, "county", None)
    actor = getattr(request, "actor", None)
    app = getattr(request, "in_app", None)
    return {
        "county": county,
        "synthetic": bool(county and county.synthetic),
        "data_day": clock.today(),
        "actor": actor,
        "assignment": getattr(request, "assignment", None),
        "assignments": _named(getattr(request, "assignments", []), county),
        "places": places_for(actor) if actor else [],
        "unread": unread(actor) if actor else None,
        "reads_in_app": app.name if app and request.session.get(READS_HERE) else None,
    }


def _named(assignments: list[Any], county: County | None) -> list[dict[str, Any]]:
    """The assignments with the names of their areas; a role that reads no area is told its county's all the same."""
    if not assignments:
        return []
    names: dict[str, Any] = {county.path: county.name} if county else {}
    names |= {path: name_of(a) for path, a in areas().by_path(a.path for a in assignments).items()}
    return [{"id": a.pk, "role": a.role_kind.title, "area": names.get(a.path, a.path), "path": a.path} for a in assignments]
