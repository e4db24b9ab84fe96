"""Households as lists of cases and decisions name them: by their heads; one without members by the head that it had last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.models import Household, Membership
from bangfu.register.models.base import OneOf
from bangfu.register.pages.listing import fill

GONE = Text("{n}（已无成员）", "{n} (no members left)")


def fill_homes(actor: Actor, homes: Sequence[Household], day: date) -> None:
    """Give households what the cells of lists show, as the register does; the head of one that has no members any more is the last that it had."""
    rows: list[Any] = list(homes)
    fill(actor, rows, day, [])
    left = [home.pk for home in rows if not home.shown["members"]]
    if not left:
        return
    heads = Membership.objects.visible_to(actor).filter(OneOf("household", left), sort="farming", relation="head")
    last = dict(heads.order_by("valid", "pk").values_list("household", "person__name"))
    for home in rows:
        if not home.shown["members"]:
            home.shown["head"] = GONE.format(n=last.get(home.pk) or home.number)
