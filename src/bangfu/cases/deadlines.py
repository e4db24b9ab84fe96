"""When a case is due, when it goes further up, and what a pause does to it. Pure: days in, days out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ORDER = ("urgent", "serious", "ordinary")  # the heaviest first
SHORTEST = 1  # days from today that a case has at least when a new deadline is set
FALLBACK_DAYS = 30  # where a pack leaves a deadline open: a gap without a deadline is nobody's


@dataclass(frozen=True, slots=True)
class Clock:
    """The days of a kind of case: until the deadline by severity, and at each step after it."""

    days: Mapping[str, int]
    escalate: int

    def due(self, opened: date, severity: str) -> date:
        """The last day in time. A severity that the pack does not name has the days of the next lighter one."""
        lighter = ORDER[ORDER.index(severity) :]
        return opened + timedelta(next((self.days[s] for s in lighter if s in self.days), FALLBACK_DAYS))

    def weighed(self, opened: date, due: date, severity: str, today: date) -> date:
        """The deadline of a case that is weighed anew: counted from its opening. A nearer one leaves a day from today at least (no more than the case had); one that
        is late stays as late as it is."""
        if due < today:
            return due
        counted = self.due(opened, severity)
        return counted if counted >= due else min(due, max(counted, today + timedelta(SHORTEST)))

    def first_escalation(self, due: date) -> date:
        """The day on which a case that is still open goes a step further up: the day after its deadline."""
        return due + timedelta(1)

    def next_escalation(self, day: date) -> date:
        """The day of the step after that."""
        return day + timedelta(max(1, self.escalate))


def severity_of(reasons: Sequence[str], severities: Mapping[str, Sequence[str]]) -> str:
    """The heaviest severity that any of the reasons has; ordinary where none is named."""
    return next((s for s in ORDER if set(severities.get(s, ())) & set(reasons)), "ordinary")


def after_pause(day: date, paused_on: date, resumed_on: date) -> date:
    """A day of the clock, moved by the days for which it stood still."""
    return day + (resumed_on - paused_on)
