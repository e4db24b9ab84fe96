"""What the county has decided or knows otherwise than the national system: counted by whoever can compare, shown in the day of those who answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q

from bangfu.cases.models import Decision
from bangfu.cases.pages.links import decisions_url
from bangfu.cases.procedures import today_procedures
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class Difference:
    """A sort of difference: what differs, how many rows, where they are; by when the first of them is to be put right, and how many are late."""

    title: Text
    count: int
    url: str = ""
    first: date | None = None
    late: int = 0


# Asked with who reads: each provider tells of what it can compare within their area. The list of the national system, once it is imported, is another one.
national_differences: ExtensionPoint[[Actor], Sequence[Difference]] = ExtensionPoint("national_differences")


@national_differences.provider("entries", order=10)
def entries_to_make(actor: Actor) -> list[Difference]:
    """What was decided here and is not entered there yet, by kind of decision."""
    today, known = clock.today(), today_procedures()
    rows = Decision.objects.visible_to(actor).at("act", ("enter",)).order_by()
    counted = rows.values("kind").annotate(n=Count("pk"), first=Min("step_due"), late=Count("pk", filter=Q(step_due__lt=today)))
    url = decisions_url(actor.scope)
    return [
        Difference(
            Text("已决定未录入：{k}", "Decided, not entered: {k}").format(k=known.title(r["kind"]).as_heading()),
            r["n"],
            f"{url}?view=enter&kind={r['kind']}",
            r["first"],
            r["late"],
        )
        for r in sorted(counted, key=lambda r: (-r["n"], r["kind"]))
    ]
