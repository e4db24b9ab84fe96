"""What campaigns of visits answer to the extension points of the layers below."""

from __future__ import annotations

from datetime import date

import bangfu.campaigns.bench
import bangfu.campaigns.day  # noqa: F401 (fills the day)
from bangfu.campaigns.models import Companion, Planned
from bangfu.campaigns.pages import places  # noqa: F401 (the tab)
from bangfu.fieldwork.actions.applying import accompanying
from bangfu.foundation.changes import Change, Effect, effects_of


@effects_of.provider("campaigns", order=45)
def planned_visits(change: Change) -> list[Effect]:
    """The campaigns that plan to visit the household."""
    count = Planned.objects.filter(household=change.household).count()
    return [Effect("campaigns", "planned visits", count)] if count else []


@accompanying.provider("campaigns")
def along(household: int, on: date, user: int | None, led: bool) -> list[int]:
    """Who goes along to a household by the plan of a campaign that is on: the leader where they were there, and the companions of the party whom the user is of (of
    the planned party where the user is of none)."""
    planned = (
        Planned.objects.filter(household=household, team__isnull=False, campaign__campaign__valid__contains=on)
        .select_related("team")
        .order_by("-campaign")
        .first()
    )
    if planned is None or planned.team is None:
        return []
    own = (
        Companion.objects.filter(team=planned.team, officer__user=user).values_list("party", flat=True).first() if user else None
    )
    party = own or planned.party
    companions = list(Companion.objects.filter(team=planned.team, party=party).order_by("pk").values_list("officer", flat=True))
    return [*([planned.team.leader_id] if led else []), *companions]
