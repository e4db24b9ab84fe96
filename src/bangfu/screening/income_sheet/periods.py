"""For which days income is added up.

The yearly account runs from 1 October to 30 September. For admission to monitoring it is the twelve months before: from the first day of the
same month of last year to the last day of the month before the identification. Sources: accounting guides of 2018 and 2019; a report of
June 2020 on the admission of a province (domain notes §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

YEARLY, ADMISSION = "yearly", "admission"
FIRST_MONTH = 10  # of the yearly account


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both in it."""

    first: date
    last: date

    @property
    def before(self) -> Period:
        """The same days a year before."""
        return Period(_year_before(self.first), _year_before(self.last + timedelta(days=1)) - timedelta(days=1))


def yearly(day: date) -> Period:
    """The last yearly account that has ended by a day: on 30 September itself that year's."""
    tomorrow = day + timedelta(days=1)
    year = tomorrow.year if tomorrow >= date(tomorrow.year, FIRST_MONTH, 1) else tomorrow.year - 1
    return Period(date(year - 1, FIRST_MONTH, 1), date(year, FIRST_MONTH, 1) - timedelta(days=1))


def admission(day: date) -> Period:
    """The twelve whole months before the month of a day of identification."""
    return Period(date(day.year - 1, day.month, 1), day.replace(day=1) - timedelta(days=1))


def period_of(basis: str, day: date) -> Period:
    """The period of a rule (`yearly`, `admission`) as of a day. Raises KeyError for another rule."""
    return {YEARLY: yearly, ADMISSION: admission}[basis](day)


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)
