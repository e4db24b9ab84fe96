"""Every route × every role × its own area and another's: generated from the URL table, so that a new route is tried at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.roles import Role, roles
from bangfu.areas.models import Area
from bangfu.foundation.access import OPEN, OWN
from bangfu.foundation.county import County
from bangfu.register.models import Household

SAMPLES: dict[str, str] = {"kit-preview": "page", "kit-preview-geo": "name"}


def _routes(patterns: list[Any], spaces: tuple[str, ...] = ()) -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            found += _routes(pattern.url_patterns, inner)
        else:
            found.append((":".join([*spaces, str(pattern.name)]), pattern))
    return found


ROUTES = _routes(get_resolver().url_patterns)


@pytest.fixture
def places(county: County) -> dict[str, Any]:
    """Two villages with a household each: one's own and another's, in different townships."""
    villages = list(Area.objects.under(county.path).level("village").order_by("path"))
    own, other = villages[0], villages[-1]
    numbers = {
        v.path: Household.objects.farming().under(v.path).order_by("number").values_list("number", flat=True).first()
        for v in (own, other)
    }
    return {"own": own.path, "other": other.path, "numbers": numbers}


def _address(name: str, pattern: URLPattern, path: str, number: str, username: str = "nobody") -> str | None:
    values = {"path": path, "number": number, "page": "county", "name": "cells", "log_in": 0, "username": username}
    wanted = pattern.pattern.converters
    return reverse(name, kwargs={key: values[key] for key in wanted}) if set(wanted) <= values.keys() else None


def test_every_route_has_a_rule() -> None:
    """A route without `view.permission` is open by accident."""
    assert [name for name, pattern in ROUTES if not getattr(pattern.callback, "permission", None)] == []
    assert len(ROUTES) > 10


def test_every_route_can_be_tried(places: dict[str, Any]) -> None:
    """The generator knows a value for every part of every address."""
    assert [name for name, p in ROUTES if _address(name, p, places["own"], "1") is None] == []


@pytest.mark.parametrize("role", list(roles().values()), ids=lambda role: role.key)
def test_a_role_opens_what_it_may_in_its_area_and_nothing_else(role: Role, places: dict[str, Any], county: County) -> None:
    """GET of every route at one's own village and at another's."""
    user = create_user(county.operator(), f"try-{role.key}", "试", "a-long-password-2020")
    assign_role(county.operator(), user, role.key, places["own"], since=county.clock.date())  # type: ignore[union-attr]
    client = Client()
    client.force_login(user)
    for name, pattern in ROUTES:
        permission = getattr(pattern.callback, "permission", None)
        for where in ("own", "other"):
            path = places[where]
            address = _address(name, pattern, path, places["numbers"][path], user.username if where == "own" else "nobody")
            assert address is not None
            status = client.get(address).status_code
            if permission in (OPEN, OWN):
                assert status in (200, 302, 404, 405), (name, role.key, status)
            elif status == 405 and permission in role.permissions:
                continue
            elif permission not in role.permissions:
                assert status == 403, (name, role.key, where, status)
            elif where == "other" and pattern.pattern.converters:
                assert status == 404, (name, role.key, where, status)
            else:
                assert status in (200, 302), (name, role.key, where, status)


def test_nobody_without_a_log_in_sees_anything(places: dict[str, Any]) -> None:
    """A stranger is sent to the log-in; a program is told 401."""
    for name, pattern in ROUTES:
        if getattr(pattern.callback, "permission", None) == OPEN:
            continue
        address = _address(name, pattern, places["own"], places["numbers"][places["own"]])
        answer = Client().get(address)
        assert answer.status_code in (302, 401), name
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login/")
        assert Client().get(address, headers={"Accept": "application/json"}).status_code == 401


def test_a_role_that_sees_totals_only_gets_no_link_to_a_household(places: dict[str, Any], county: County) -> None:
    """The outside analyst reads figures and finds no way to a person."""
    user = create_user(county.operator(), "try-totals", "试", "a-long-password-2020")
    assign_role(county.operator(), user, "outside_analyst", county.path, since=county.clock.date())  # type: ignore[union-attr]
    client = Client()
    client.force_login(user)
    page = client.get(reverse("web:county", kwargs={"path": county.path})).content.decode()
    assert "/households/" not in page
    assert "126" in page or "1,2" in page


def test_every_number_of_the_table_is_of_the_chosen_kind(county: County) -> None:
    """With a kind chosen no number of another kind and no blank nought is shown: the kinds add up to the whole."""
    from bangfu.web.pages import views

    actor = county.operator()
    area = Area.objects.get(path=county.path)
    whole = views._sums(actor, area.path, [], "")[""]
    kinds = [views._sums(actor, area.path, [], kind)[""] for kind in ("ordinary", "registered", "monitored")]
    for name in (*views.NUMBERS, "verdict.housing.met", "verdict.medical.unmet", "verdict.income.not_assessed"):
        assert whole[name] == sum(k[name] for k in kinds), name
        assert whole[name] > 0, name
