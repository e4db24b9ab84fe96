"""The visits of an area: who was visited when and how; the households wholly away, with the last contact and who reaches them."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.command.pairings_shown import heads_of
from bangfu.fieldwork.facts import ANSWERED, MODES, SOURCES
from bangfu.fieldwork.models import Visit
from bangfu.fieldwork.pages.one import frame
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.kit.leafing import leaf_of

READS = "household.read"
VIEWS = {"all": Text("走访记录", "visits"), "away": Text("举家外出", "wholly away"), "unsigned": Text("未签字", "not signed")}
SIGNED = {
    "on_phone": Text("手机签字", "on the phone"),
    "paper": Text("纸上签字", "on paper"),
    "link": Text("链接签字", "by link"),
    "proxy": Text("代签", "by proxy"),
    "": Text("未签", "not yet"),
}


@page(READS)
@never_cache
def visits(request: HttpRequest) -> HttpResponse:
    """The visits of one's area, newest first; `?view=away` the households whose newest visit or contact says that nobody lives there now."""
    actor = acting_as(request)
    rows = Visit.objects.visible_to(actor)
    newest = Visit.objects.visible_to(actor).filter(household=OuterRef("household")).order_by("-day", "-pk").values("pk")[:1]
    last = rows.filter(pk=Subquery(newest))
    chosen = {"all": rows, "away": last.filter(away=True), "unsigned": rows.filter(signed="", away=False)}
    view = str(request.GET.get("view", "all"))
    view = view if view in VIEWS else "all"
    order = ("contact", "day", "pk") if view == "away" else ("-day", "-pk")
    leaf = leaf_of(request, chosen[view].select_related("household").order_by(*order))
    url = reverse("fieldwork:visits")
    context = frame(request) | {
        "tab": "visits",
        "views": [(title, chosen[key].count(), f"{url}?view={key}", key == view) for key, title in VIEWS.items()],
        "view": view,
        "rows": lines_of(actor, leaf.rows),
        "leaf": leaf,
    }
    return render(request, "fieldwork/visits.html", context)


def lines_of(actor: Actor, rows: list[Visit]) -> list[dict[str, Any]]:
    """Visits as a list shows them."""
    heads, today = heads_of(actor, [v.household_id for v in rows], clock.today()), clock.today()
    found = []
    for v in rows:
        told = v.told
        since = (today - (v.contact or v.day)).days
        found.append(
            {
                "v": v, "head": heads.get(v.household_id, ""), "place": " ".join(name_of(a) for a in areas().line(v.path)[-2:]),
                "household_url": f"/households/{v.household.number}/", "mode": MODES.get(v.mode, Text(v.mode, v.mode)),
                "source": SOURCES.get(v.source, Text(v.source, v.source)), "answered": ANSWERED.get(v.answered, ""), "words": told.get("words", ""),
                "name": told.get("name", ""), "reached_by": told.get("reached_by", ""), "since": since, "signed": SIGNED.get(v.signed, ""),
                "url": reverse("fieldwork:submission", kwargs={"submission": v.submission_id}) if actor.may("submission.read") else "",
            }
        )  # fmt: skip
    return found
