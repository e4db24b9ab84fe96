"""How something found of a household was reached: each deprivation, ground or condition with the facts and values it rests on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bangfu.areas.frame import area_frame
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.kit.asked import day_asked
from bangfu.register.models import Household
from bangfu.register.pages.links import household_url, households_url
from bangfu.register.pages.parts import evidence_of
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.register.showing import show_household
from bangfu.screening.found import SORTS, titled
from bangfu.screening.pack import Score
from bangfu.screening.pages.additions import pack_of_day
from bangfu.screening.pages.found import found_url
from bangfu.screening.pages.why import Leaves
from bangfu.screening.problems import NO_PACK_ON
from bangfu.screening.reading import explain_household

STEPS = {
    "value": Text("分数怎样得出", "How the score comes about"),
    "when": Text("条件", "The condition"),
    "clue": Text("线索的条件", "What gives a clue"),
}


@page("household.read")
def found(request: HttpRequest, sort: str, name: str, number: str) -> HttpResponse:
    """How something found of a household was reached; `?as_of=` of a day gone by. Back to the household where it is not found any more."""
    actor = acting_as(request)
    household = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if household is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    day, notices = day_asked(request.GET)
    pack = pack_of_day(day)
    if pack is None:
        raise NO_PACK_ON(day=day, country=the_county().country)
    back = household_url(number) + (f"?as_of={day}" if day != clock.today() else "")
    explained = explain_household(actor, number, pack, day)
    one = next((f for f in explained.found if (f.said.sort, f.said.name) == (sort, name)), None)
    if one is None:
        return redirect(back)
    leaves = Leaves(actor, explained, pack, show_household(actor, number, as_of=day), evidence_of(actor, household.pk))
    subject = titled(pack, sort)[name]
    titles = {part.name: part.title for part in subject.parts} if isinstance(subject, Score) else {}
    area = Area.objects.get(pk=household.area_id)
    context = area_frame(actor, area, households_url, top=the_county().path) | {
        "area_choices": [],
        "place": "households",
        "notices": notices,
        "number": number,
        "household_url": back,
        "title": next((m["name"] for m in leaves.shown["members"] if m["relation"] == "head"), number),
        "said": one.said,
        "sort": SORTS[sort],
        "source": subject.source if isinstance(subject, Score) else "",
        "policy": {"title": pack.title, "version": pack.version[:8], "as_of": day},
        "branches": [leaves.branch(step, titles.get(key) or STEPS[key]) for key, step in one.steps.items()],
        "others": [
            (
                f.said.title,
                f is one,
                found_url(f.said.sort, f.said.name, number) + (f"?as_of={day}" if day != clock.today() else ""),
            )
            for f in explained.found
        ],
    }
    return render(request, "screening/found.html", context)
