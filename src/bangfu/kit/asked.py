"""What an address asks of a page: the day it speaks of, and the query that a redirect carries on."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, QueryDict

from bangfu.foundation import clock
from bangfu.foundation.problems import Problem
from bangfu.kit.problems import DAY_TO_COME, NOT_A_DAY

LONGEST = 40


def day_asked(query: QueryDict, name: str = "as_of") -> tuple[date, list[Problem]]:
    """The day of an address, today where it names none. A day that cannot be read or has not come yet is today, with a notice."""
    said = (query.get(name) or "").strip()
    if not said:
        return clock.today(), []
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return clock.today(), [NOT_A_DAY(value=said[:LONGEST], day=clock.today())]
    if day > clock.today():
        return clock.today(), [DAY_TO_COME(value=day, day=clock.today())]
    return day, []


def keeping_query(request: HttpRequest, url: str) -> str:
    """An address of this site with the query of the request: what was chosen is not lost on the way."""
    query = request.META.get("QUERY_STRING", "")
    return f"{url}?{query}" if query else url
