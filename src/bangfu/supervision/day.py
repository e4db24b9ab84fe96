"""What supervision puts into somebody's day: the households that wait for an examiner, and the findings that wait for a ruling."""

from __future__ import annotations

from django.urls import reverse

from bangfu.areas.remembered import areas
from bangfu.command.pairings_shown import heads_of
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DayItem, DaySection, my_day
from bangfu.supervision.models import InspectionFinding, Sampled
from bangfu.supervision.models.base import EXAMINES
from bangfu.supervision.models.samples import HOME_KINDS

SHOWN = 8
LATE = 7  # days after which a finding should be ruled


@my_day.provider("supervision", order=12)
def of_the_examiner(actor: Actor) -> list[DaySection]:
    """The households to re-visit, and what was found there that nobody ruled on."""
    if actor.user_id is None or not actor.may(EXAMINES) or not actor.scope:
        return []
    return [*_waiting(actor, actor.user_id), *_unruled(actor, actor.user_id)]


def _waiting(actor: Actor, user: int) -> list[DaySection]:
    rows = Sampled.objects.visible_to(actor).waiting_for(user).select_related("household", "sample").order_by("path", "pk")
    some = list(rows[:SHOWN])
    if not some:
        return []
    heads = heads_of(actor, [r.household_id for r in some], clock.today())
    items = [
        DayItem(
            Text(*[heads.get(r.household_id, "") or r.household.number] * 2), reverse("supervision:revisit", kwargs={"sample": r.sample.key, "drawn": r.pk}), _place(r.path),
            why=HOME_KINDS[r.kind], do=Text("复核", "Re-visit"),
        )
        for r in some
    ]  # fmt: skip
    url = reverse("supervision:sampled", kwargs={"sample": some[0].sample.key})
    return [DaySection("revisits", Text("待背靠背复核", "To be re-visited blind"), items, rows.count(), url)]


def _unruled(actor: Actor, user: int) -> list[DaySection]:
    rows = InspectionFinding.objects.visible_to(actor).unruled().filter(revisit__examiner__user=user)
    rows = rows.select_related("household", "revisit__sampled__sample").order_by("found_on", "pk")
    some = list(rows[:SHOWN])
    if not some:
        return []
    today = clock.today()
    items = [
        DayItem(
            Text(*[f.household.number if f.household else ""] * 2),
            reverse("supervision:revisit", kwargs={"sample": f.revisit.sampled.sample.key, "drawn": f.revisit.sampled_id}) if f.revisit else "", _place(f.path),
            late=max(0, (today - f.found_on).days - LATE), why=Text("复核发现问题，待裁定", "found at a re-visit, to be ruled"), do=Text("裁定", "Rule"),
        )
        for f in some
    ]  # fmt: skip
    late = sum(1 for f in rows if (today - f.found_on).days > LATE)
    return [
        DaySection("findings", Text("待裁定的问题", "Findings to be ruled"), items, rows.count(), str(items[0].url), late=late)
    ]


def _place(path: str) -> Text:
    """Township, village and group."""
    line = areas().line(path)[-3:]
    return Text(" ".join(a.name for a in line), " ".join(a.name_en or a.name for a in line))
