"""The work calendar of an area: what is due of whom, why, on which day it may be done; and how much is asked of people."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bangfu.areas.frame import areas_below, name_of
from bangfu.areas.lunar import festival, has_lunar, lunar_day, within
from bangfu.areas.market_days import markets_between
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.command.burden import Burden, asked_between, ceilings_of, measure, week_of
from bangfu.command.calendar import FULL_CHECK, KINDS, YEAR_END, Rules, full_checks, rules_on, year_ends
from bangfu.command.pages.places import address_of, frame_of
from bangfu.command.scheduling import AHEAD, MOST, Schedule, own_helper, schedule
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.screening.pack.work import Work
from bangfu.screening.present import valid_pack

SHOWN = 100  # duties on a page
WEEKS = 5


@page("command.read")
def calendar(request: HttpRequest, path: str) -> HttpResponse:
    """The calendar of an area from today on. Of a county and its townships with too many households it shows the windows, the markets and the way down."""
    actor = acting_as(request)
    area, frame = frame_of(actor, path, "calendar")
    today = clock.today()
    plays = profile_of(path).plays
    near = area.level in (plays.village, plays.group) or actor.duty is not None
    made = schedule(actor, path, helper=own_helper(actor), every=True) if near else None
    pack = valid_pack(today, the_county().country)
    rules = rules_on(pack, today) if pack is not None else None
    context = frame | {
        "today": today,
        "weeks": _weeks(path, today, made),
        "lunar": has_lunar(profile_of(path)),
        "windows": _windows(rules.work, today) if rules else [],
        "rules": [*rules.visits.values()] if rules else [],
        "open": made.calendar.open if made else (rules.open if rules else ()),
        "pack": pack,
        "duties": _duties(made, today) if made else [],
        "counts": _counts(made, today) if made else [],
        "most": MOST if made and made.left_out else 0,
        "ahead": AHEAD,
        "below": [] if near else [(name_of(a), address_of("calendar")(a.path)) for a in areas_below(area)],
        "burden": _burden(rules, today),
        "markets_url": reverse("areas:markets", kwargs={"path": path}),
    }
    return render(request, "command/calendar.html", context)


def _weeks(path: str, today: date, made: Schedule | None) -> list[list[dict[str, Any]]]:
    """Five weeks from the Monday of this one: each day with its lunar date, festival, market and how many visits are planned on it."""
    first = today - timedelta(today.weekday())
    last = first + timedelta(7 * WEEKS - 1)
    markets = markets_between([path], first, last).get(path, frozenset())
    lunar = has_lunar(profile_of(path))
    planned = Counter(one.day for one in made.plan.planned) if made else Counter()
    days = [first + timedelta(n) for n in range(7 * WEEKS)]
    shown = [
        {
            "day": day,
            "past": day < today,
            "today": day == today,
            "lunar": lunar_day(day).short if lunar and within(day) else "",
            "festival": festival(day) if lunar else None,
            "market": day in markets,
            "visits": planned.get(day, 0),
        }
        for day in days
    ]
    return [shown[n : n + 7] for n in range(0, len(shown), 7)]


def _windows(work: Work, today: date) -> list[dict[str, Any]]:
    """The full checks and year-end windows that are open or come within a year."""
    horizon = today + timedelta(365)
    kinds = ((KINDS[FULL_CHECK], full_checks(work, today, horizon)), (KINDS[YEAR_END], year_ends(work, today, horizon)))
    return [
        {"title": title, "opens": w.opens, "closes": w.closes, "now": w.opens <= today <= w.closes}
        for title, windows in kinds
        for w in windows
    ]


def _duties(made: Schedule, today: date) -> list[dict[str, Any]]:
    """The most urgent duties, each with the day on which its visit is planned."""
    day_of = {(duty.household, duty.kind, duty.by): one for one in made.plan.planned for duty in one.visit.duties}
    names = {
        a.path: a for a in Area.objects.filter(path__in={made.homes[d.household].path for d in made.calendar.duties[:SHOWN]})
    }
    why = {(d.household, d.kind, d.by): reason for visit, reason in made.plan.unplaced for d in visit.duties}
    rows = []
    for duty in made.calendar.duties[:SHOWN]:
        home = made.homes[duty.household]
        planned = day_of.get((duty.household, duty.kind, duty.by))
        rows.append(
            {
                "duty": duty,
                "kind": KINDS[duty.kind],
                "number": home.number,
                "url": reverse("register:household", kwargs={"number": home.number}),
                "where": names.get(home.path),
                "late": duty.overdue(today),
                "planned": planned.day if planned else None,
                "note": planned.note if planned else why.get((duty.household, duty.kind, duty.by)),
            }
        )
    return rows


def _counts(made: Schedule, today: date) -> list[tuple[Text, int, int]]:
    """How many duties there are of each kind, and how many of them are overdue."""
    every, late = Counter(d.kind for d in made.calendar.duties), Counter(d.kind for d in made.calendar.overdue(today))
    return [(title, every[kind], late[kind]) for kind, title in KINDS.items() if every[kind]]


def _burden(rules: Rules | None, today: date) -> Burden | None:
    """What is asked of households and workers this week, against the pack's ceilings; None while nothing is there that asks."""
    monday = week_of(today)
    askings = asked_between(monday, monday + timedelta(6))
    return measure(askings, {}, ceilings_of(rules.work)) if askings is not None and rules is not None else None
