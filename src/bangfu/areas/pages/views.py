"""Pages of areas: the cells of the map, and the search for a place."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

from bangfu.areas.frame import name_of
from bangfu.areas.models import Area, AreaCell
from bangfu.areas.naming import plain
from bangfu.areas.problems import NO_CELLS, UNKNOWN_AREA
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page, wants_json
from bangfu.foundation.screens import area_page

MOST_HITS = 20


@page("area.read")
def cells(request: HttpRequest, path: str) -> HttpResponse:
    """The cells directly below an area (or of `?level=` below it) and its own outline, as GeoJSON.

    A reader gets the cells that their scope shows; the outline is that of the area asked for. Raises BF-1108 for an area outside the
    scope, BF-1109 where nothing was drawn.
    """
    actor = acting_as(request)
    area = Area.objects.visible_to(actor).filter(path=path).first()
    if area is None:
        raise UNKNOWN_AREA(area=path)
    level = request.GET.get("level")
    if level is not None and not profile_of(path).has_level(level):
        raise UNKNOWN_AREA(area=f"{path}?level={level}")
    own = AreaCell.objects.filter(area=area).first()
    if own is None:
        raise NO_CELLS(area=str(area))
    below = AreaCell.objects.of_children(area, level, actor)
    # Names are part of the answer, so they are part of its version.
    told = [
        own.digest,
        *(f"{digest} {name} {english}" for digest, name, english in below.values_list("digest", "area__name", "area__name_en")),
    ]
    etag = '"' + hashlib.md5("\n".join(told).encode(), usedforsecurity=False).hexdigest() + '"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        features = [_feature(own, area, "outline"), *(_feature(cell, cell.area, "cell") for cell in below)]
        collection = {
            "type": "FeatureCollection",
            "schematic": any(feature["properties"]["schematic"] for feature in features),
            "features": features,
        }
        text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
        answer = HttpResponse(text, content_type="application/geo+json", headers={"ETag": etag})
    # What is shown depends on the acting role, so no cache but the reader's own may keep it, and it asks each time.
    patch_cache_control(answer, private=True, no_cache=True)
    patch_vary_headers(answer, ["Cookie"])
    return answer


def _feature(cell: AreaCell, area: Area, part: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": area.pk,
        "geometry": cell.geometry,
        "properties": {
            "part": part,
            "path": area.path,
            "level": area.level,
            "kind": area.kind,
            "name": area.name,
            "name_en": area.name_en,
            "centre": [area.lon, area.lat],
            "km2": round(cell.km2, 2),
            "schematic": cell.schematic,
        },
    }


@page("area.read")
def search(request: HttpRequest) -> HttpResponse:
    """Places that a text finds (`?q=`), the best first: a fragment for htmx, else a page, or JSON. At most twenty, and whether there
    are more. `?page=` says which page of an area the hits lead to."""
    actor = acting_as(request)
    asked = plain(request.GET.get("q", ""))[:60]
    found = Area.objects.visible_to(actor).on(clock.today()).search(asked)
    level = request.GET.get("level")
    hits = list((found.level(level) if level else found)[: MOST_HITS + 1])
    more, hits = len(hits) > MOST_HITS, hits[:MOST_HITS]
    lines = _places(hits)
    if wants_json(request):
        return JsonResponse(
            {
                "q": asked,
                "more": more,
                "areas": [
                    {
                        "id": a.pk,
                        "path": a.path,
                        "level": a.level,
                        "kind": a.kind,
                        "name": a.name,
                        "name_en": a.name_en,
                        "in": lines[a.path],
                    }
                    for a in hits
                ],
            }
        )
    leads_to = area_page(actor, request.GET.get("page", ""))
    shown = [
        {
            "area": name_of(area),
            "place": " · ".join(lines[area.path]),
            "url": leads_to.url(area.path) if leads_to and actor.covers(area.path) else "",
        }
        for area in hits
    ]
    context = {"asked": asked, "hits": shown, "more": more}
    if request.headers.get("HX-Request"):
        return render(request, "areas/hits.html", context)
    return render(request, "areas/search.html", context | {"page": request.GET.get("page", "")})


def _places(areas: list[Area]) -> dict[str, list[str]]:
    """For each area the names above it from its county on: what tells two villages of one name apart."""
    prefixes = {area.path[:end] for area in areas for end in range(3, len(area.path), 4)}
    above = {area.path: area for area in Area.objects.filter(path__in=prefixes)}
    told: dict[str, list[str]] = {}
    for area in areas:
        book = profile_of(area.path)
        shown = book.levels_from(book.plays.county)
        line = [above[area.path[:end]] for end in range(3, len(area.path), 4) if area.path[:end] in above]
        told[area.path] = [str(one) for one in line if one.level in shown]
    return told
