"""The map's cells and the search, as a browser and as a program ask for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve as resolve_address
from django.urls import reverse

from bangfu.accounts.models import User
from bangfu.areas.actions import draw_cells, rename_area
from bangfu.areas.loading import Loaded
from bangfu.areas.models import Area
from bangfu.areas.pages import urls, views
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
COUNTY = "cn/052/003/023/"
OUTLINE = {"type": "Polygon", "coordinates": [[[107.0, 27.8], [107.5, 27.8], [107.5, 28.4], [107.0, 28.4], [107.0, 27.8]]]}


def ask(view: Any, actor: Actor | None, *args: Any, query: str = "", known: bool = True, **headers: str) -> HttpResponse:
    """Call a view as the middleware would: a user, who acts, and their transaction."""
    request = RequestFactory().get(f"/{query}", headers=headers)
    request.user = User(username="zs", name="张三") if known else AnonymousUser()
    cast(Any, request).actor = actor
    if actor is None:
        return cast(HttpResponse, view(request, *args))
    with acting(actor):
        return cast(HttpResponse, view(request, *args))


@pytest.fixture
def drawn(suiyang: Loaded, owner: Actor) -> Loaded:
    draw_cells(owner, Area.objects.get(path=COUNTY), OUTLINE)
    return suiyang


def test_every_route_names_its_permission() -> None:
    assert {pattern.name: pattern.callback.permission for pattern in urls.urlpatterns} == {
        "search": "area.read",
        "cells": "area.read",
        "markets": "area.read",
        "markets-do": "market.manage",
        "markets-template": "market.manage",
    }  # type: ignore[attr-defined]


def test_an_area_s_path_goes_into_an_address_and_back() -> None:
    address = reverse("areas:cells", args=[COUNTY])
    assert address == "/areas/cn/052/003/023/cells.geojson"
    assert resolve_address(address).kwargs == {"path": COUNTY}


def test_the_county_s_map_has_its_outline_and_its_townships(drawn: Loaded, person: People) -> None:
    answer = ask(views.cells, person(COUNTY), COUNTY)
    assert answer["Content-Type"] == "application/geo+json"
    assert "private" in answer["Cache-Control"]
    told = json.loads(answer.content)
    assert told["schematic"] is True
    outline, *cells = told["features"]
    assert (outline["properties"]["part"], outline["properties"]["schematic"]) == ("outline", False)
    assert len(cells) == 15
    assert all(cell["properties"]["schematic"] for cell in cells)
    assert cells[0]["properties"]["name"] == "洋川街道"
    assert cells[0]["properties"]["name_en"] == "Yangchuan Subdistrict"


def test_all_villages_of_the_county_weigh_less_than_a_page_may(drawn: Loaded, person: People) -> None:
    answer = ask(views.cells, person(COUNTY), COUNTY, query="?level=village")
    assert len(json.loads(answer.content)["features"]) == 120
    assert len(answer.content) < 150_000


def test_a_township_sees_its_own_cells_only(drawn: Loaded, person: People) -> None:
    own, other = drawn.paths["520323103000"], drawn.paths["520323104000"]
    assert len(json.loads(ask(views.cells, person(own), own).content)["features"]) == 10
    county = json.loads(ask(views.cells, person(own), COUNTY).content)["features"]
    assert [one["properties"]["path"] for one in county] == [COUNTY, own]
    with pytest.raises(Problem, match="BF-1108"):
        ask(views.cells, person(own), other)


def test_what_has_not_changed_is_not_sent_again(drawn: Loaded, person: People, owner: Actor) -> None:
    first = ask(views.cells, person(COUNTY), COUNTY)
    again = ask(views.cells, person(COUNTY), COUNTY, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    narrower = ask(views.cells, person(drawn.paths["520323103000"]), COUNTY, **{"If-None-Match": first["ETag"]})
    assert narrower.status_code == 200
    area = Area.objects.get(path=drawn.paths["520323103000"])
    rename_area(owner, area, "新场镇", on=area.valid.lower.replace(year=2016))
    assert ask(views.cells, person(COUNTY), COUNTY, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_map_that_was_not_drawn_is_a_problem_that_says_so(suiyang: Loaded, person: People) -> None:
    with pytest.raises(Problem, match="BF-1109"):
        ask(views.cells, person(COUNTY), COUNTY)


def test_an_unknown_level_is_refused(drawn: Loaded, person: People) -> None:
    with pytest.raises(Problem, match="BF-1108"):
        ask(views.cells, person(COUNTY), COUNTY, query="?level=parish")


def test_search_tells_where_each_of_two_villages_lies(suiyang: Loaded, person: People) -> None:
    told = json.loads(ask(views.search, person(COUNTY), query="?q=凤凰村&format=json").content)
    assert [(area["name"], area["in"]) for area in told["areas"]] == [
        ("凤凰村", ["绥阳县", "郑场镇"]),
        ("凤凰村", ["绥阳县", "太白镇"]),
    ]
    assert told["more"] is False
    page = ask(views.search, person(COUNTY), query="?q=凤凰村", **{"HX-Request": "true"}).content.decode()
    assert "绥阳县 · 郑场镇" in page
    assert "<html" not in page


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("郑场镇凤凰村", [("凤凰村", "郑场镇")]),
        ("太白镇 凤凰村", [("凤凰村", "太白镇")]),
        ("郑场凤凰", [("凤凰村", "郑场镇")]),
        ("Fenghuang Village", [("凤凰村", "郑场镇"), ("凤凰村", "太白镇")]),
        ("fenghuang village, zhengchang town", [("凤凰村", "郑场镇")]),
        ("zhengchang fenghuang", [("凤凰村", "郑场镇")]),
        ("Zhengchang Town", [("郑场镇", "绥阳县")]),
        ("郑场镇没有村", []),
        ("fenghuang village, ", [("凤凰村", "郑场镇"), ("凤凰村", "太白镇")]),
        (",", []),
    ],
)
def test_search_takes_english_names_and_a_name_with_the_one_above(
    suiyang: Loaded, person: People, words: str, found: list[tuple[str, str]]
) -> None:
    told = json.loads(ask(views.search, person(COUNTY), query=f"?q={quote(words)}&format=json").content)
    assert [(area["name"], area["in"][-1]) for area in told["areas"]] == found


def test_search_says_that_there_are_more(suiyang: Loaded, person: People) -> None:
    told = json.loads(ask(views.search, person(COUNTY), query="?q=村&format=json").content)
    assert (len(told["areas"]), told["more"]) == (20, True)
    assert json.loads(ask(views.search, person(COUNTY), query="?format=json").content)["areas"] == []


def test_what_is_typed_is_escaped(suiyang: Loaded, person: People) -> None:
    fragment = ask(views.search, person(COUNTY), query="?q=<script>x", **{"HX-Request": "true"}).content.decode()
    page = ask(views.search, person(COUNTY), query="?q=<script>x").content.decode()
    assert "<script>x" not in fragment + page
    assert "&lt;script&gt;x" in page


def test_strangers_and_roles_without_the_permission_are_refused(suiyang: Loaded, person: People) -> None:
    stranger = ask(views.search, None, known=False, query="?q=x", accept="text/html")
    assert (stranger.status_code, stranger["Location"].startswith("/login/")) == (302, True)
    program = ask(views.search, None, known=False, query="?q=x", accept="application/json")
    assert program.status_code == 401
    assert json.loads(program.content)["problem"]["number"] == "BF-1003"
    fragment = ask(views.search, None, known=False, query="?q=x", **{"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"].startswith("/login/")) == (401, True)
    with pytest.raises(Problem, match="BF-1001"):
        ask(views.search, person(COUNTY, "figure.read"), query="?q=x")
    with pytest.raises(Problem, match="BF-1004"):
        ask(views.search, None, query="?q=x")
