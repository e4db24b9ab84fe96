"""Whom a page is about: a household or a village, as far as a form may say."""

from __future__ import annotations

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.register.models import Household, Membership


def home_of(household: Household | None, path: str) -> list[tuple[Text | str, object]]:
    """What a form says of the household: head, number, place, members; no identity number. Without a household: the place."""
    line = [a for a in areas().line(path) if a.path.startswith(the_county().path)]
    place = " ".join(name_of(a) for a in line)
    if household is None:
        return [(Text("地点", "Place"), place)]
    members = Membership.objects.on(clock.today()).filter(household=household, sort="farming")
    head = members.filter(relation="head").values_list("person__name", flat=True).first() or ""
    return [
        (Text("户主", "Head"), head),
        (Text("户编号", "Household"), household.number),
        (Text("住址", "Place"), place),
        (Text("家庭人口", "Members"), members.count()),
    ]
