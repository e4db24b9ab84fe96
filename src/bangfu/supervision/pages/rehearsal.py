"""The rehearsal of an inspection: what an assessor would find in an area today, by cost of repair; in a sample drawn as an assessor would; the households of one kind."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.remembered import areas
from bangfu.cases.actions.printing import MOST
from bangfu.cases.pages.files import TICKED, files_url
from bangfu.command.pairings_shown import heads_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.county import the_county
from bangfu.kit.leafing import leaf_of
from bangfu.register.models import Household
from bangfu.supervision.models import Sample, Sampled
from bangfu.supervision.models.base import READS
from bangfu.supervision.models.samples import REHEARSAL, SPARE
from bangfu.supervision.pages.places import frame_in
from bangfu.supervision.problems import UNKNOWN_WEAKNESS
from bangfu.supervision.weaknesses import households_with, repairs, source, weaknesses


@page(READS)
@never_cache
def rehearsal(request: HttpRequest, path: str) -> HttpResponse:
    """Every kind of weakness in an area, the cheapest to mend first; `?sample=` tells how many of it the households of a sample have."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    samples = list(Sample.objects.visible_to(actor).filter(purpose=REHEARSAL).order_by("-drawn_on")[:20])
    chosen = next((s for s in samples if s.key == request.GET.get("sample")), samples[0] if samples else None)
    homes = (
        list(
            Sampled.objects.visible_to(actor)
            .filter(sample=chosen, path__startswith=path)
            .exclude(state=SPARE)
            .values_list("household", flat=True)
        )
        if chosen
        else None
    )
    found = weaknesses(actor, path, clock.today(), homes)
    most = max((w.hours for w in found), default=0.0) or 1.0
    said, verified = source()
    context = frame_in(actor, "rehearsal") | area_frame(actor, area, lambda p: reverse("supervision:rehearsal", kwargs={"path": p}), top=the_county().path) | {
        "area": name_of(area),
        "rows": [
            {"w": w, "share": round(100 * w.hours / most), "url": reverse("supervision:weakness", kwargs={"path": path, "weakness": w.repair.key})} for w in found
        ],
        "hours": sum(w.hours for w in found),
        "samples": [(s, s == chosen) for s in samples],
        "chosen": chosen,
        "n_sample": len(homes or ()),
        "print_url": f"{files_url(path)}?{urlencode([(TICKED, h) for h in homes[:MOST]])}" if homes and actor.may("case.read") else "",
        "source": said,
        "verified": verified,
        "here": reverse("supervision:rehearsal", kwargs={"path": path}),
    }  # fmt: skip
    return render(request, "supervision/rehearsal.html", context)


@page(READS)
@never_cache
def weakness(request: HttpRequest, path: str, weakness: str) -> HttpResponse:
    """The households of an area with a weakness of a kind. Raises BF-2932 for another kind."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    if weakness not in repairs():
        raise UNKNOWN_WEAKNESS()
    today = clock.today()
    keys = households_with(actor, weakness, path, today).values("household")
    leaf = leaf_of(request, Household.objects.visible_to(actor).farming().filter(pk__in=keys).order_by("path", "number"), 50)
    heads = heads_of(actor, [h.pk for h in leaf.rows], today)
    url = lambda p: reverse("supervision:weakness", kwargs={"path": p, "weakness": weakness})  # noqa: E731
    context: dict[str, Any] = frame_in(actor, "rehearsal") | area_frame(actor, area, url, top=the_county().path) | {
        "area": name_of(area),
        "repair": repairs()[weakness],
        "rows": [
            {"h": h, "head": heads.get(h.pk, ""), "place": " ".join(name_of(a) for a in areas().line(h.path)[-2:]), "url": f"/households/{h.number}/"} for h in leaf.rows
        ],
        "leaf": leaf,
        "back": reverse("supervision:rehearsal", kwargs={"path": path}),
    }  # fmt: skip
    return render(request, "supervision/weakness.html", context)


@page(READS)
def first(request: HttpRequest) -> HttpResponse:
    """The rehearsal of one's own area."""
    return redirect("supervision:rehearsal", path=acting_as(request).scope)
