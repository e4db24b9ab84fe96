"""What the policy pack of a day says of cases: kinds, deadlines, who owns them at the county, when unknown becomes a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bangfu.cases.deadlines import FALLBACK_DAYS, Clock
from bangfu.cases.problems import NO_PACK, UNKNOWN_KIND
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.screening.pack import Pack
from bangfu.screening.pack.casework import CaseWork, cases_on
from bangfu.screening.present import valid_pack

ESCALATE_DAYS, REVIEW_MONTHS, REOPEN_DAYS = 5, 6, 90  # where a pack leaves them open


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of cases of a day, by name, and the pack that has them (None: no pack is in force)."""

    pack: Pack | None
    day: date
    work: Mapping[str, CaseWork]

    def clock(self, kind: str) -> Clock:
        """The deadlines of a kind; of one that the pack no longer has, days that every county can meet."""
        found = self.work.get(kind)
        if found is None:
            return Clock({"ordinary": FALLBACK_DAYS}, ESCALATE_DAYS)
        days = {severity: n for severity, n in found.days.items() if n is not None}
        return Clock(days, found.escalate or ESCALATE_DAYS)

    def title(self, kind: str) -> Text:
        """What a kind is called; its name where the pack does not have it."""
        found = self.work.get(kind)
        return found.rule.title if found else Text(kind, kind)

    def guarantee(self, kind: str) -> str:
        """The guarantee whose verdict opens it; blank for a need."""
        found = self.work.get(kind)
        return found.rule.guarantee if found else ""

    def judged(self) -> dict[str, str]:
        """Guarantee → kind, for those that verdicts open."""
        return {w.rule.guarantee: name for name, w in self.work.items() if w.rule.guarantee}

    def review_months(self, kind: str) -> int:
        """Months from one review of long-term support to the next."""
        found = self.work.get(kind)
        return (found.review if found else None) or REVIEW_MONTHS

    def effect_days(self, kind: str) -> int:
        """Days that a delivered measure needs to take effect; 0 none."""
        found = self.work.get(kind)
        return (found.effect if found else None) or 0

    def reopen_days(self, kind: str) -> int:
        """Days after closing within which the same gap re-opens the case."""
        found = self.work.get(kind)
        return (found.reopen if found else None) or REOPEN_DAYS

    def require(self, kind: str, row: int | None = None) -> CaseWork:
        """A kind. Raises BF-2403 for one that the pack does not have."""
        found = self.work.get(kind)
        if found is None:
            raise UNKNOWN_KIND(row=row, kind=kind[:40] or "–", known=", ".join(self.work))
        return found


def kinds_on(day: date | None = None) -> Kinds:
    """The kinds of a day, today where none is given; none of them where no pack is in force."""
    when = day or clock.today()
    pack = valid_pack(when, the_county().country)
    return Kinds(pack, when, cases_on(pack, when) if pack is not None else {})


def require_kinds() -> Kinds:
    """The kinds of today. Raises BF-2405 where there are none."""
    found = kinds_on()
    if not found.work:
        raise NO_PACK(day=found.day)
    return found
