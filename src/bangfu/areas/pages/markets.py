"""The market days of an area: a month's calendar, the rules that hold there and above, added, read from a file, ended."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.lunar import BRANCHES, HomeDay, branch, festival, has_lunar, home_day, lunar_day, within
from bangfu.areas.market_days import (
    COLUMNS,
    EXAMPLES,
    PERMISSION,
    add_markets,
    end_market,
    markets_between,
    read_market,
    read_markets,
)
from bangfu.areas.markets import KINDS, LUNAR, WEEKDAYS
from bangfu.areas.models import Area, MarketDay
from bangfu.areas.problems import BAD_MARKET
from bangfu.areas.profile import Profile, profile_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, done, handed_in, list_to_fill_in

FROM = Text("自哪天起不再适用", "the day from which it no longer holds")
EARLIEST, LATEST = date(1901, 1, 1), date(2100, 11, 30)  # months that the calendar shows


def markets_url(path: str) -> str:
    """Where the market days of an area are shown."""
    return reverse("areas:markets", kwargs={"path": path})


@page("area.read")
@never_cache
def markets(request: HttpRequest, path: str) -> HttpResponse:
    """The market days at an area: `?month=2020-04` of a month, `?ended=1` with rules of days gone by."""
    return _show(request, acting_as(request), path)


def _show(
    request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    area = standing_area(actor, path)
    today, ended = clock.today(), request.GET.get("ended") == "1"
    month = _month(request.GET.get("month", ""), today)
    rows = MarketDay.objects.visible_to(actor).holding_at(path)
    if not ended:
        rows = rows.filter(Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today))
    names = {a.path: name_of(a) for a in Area.objects.breadcrumb(path)}
    may, book = actor.may(PERMISSION), profile_of(path)
    context = area_frame(actor, area, markets_url, top=the_county().path) | {
        "place": "households",
        "area": name_of(area),
        "path": path,
        "rows": [
            {
                "market": market,
                "where": names.get(market.path, market.path),
                "may_end": may and market.path == path and (market.valid.upper is None or market.valid.upper > today),
            }
            for market in rows
        ],
        "ended": ended,
        "may": may,
        "columns": {key: title.as_heading() for key, title in COLUMNS.items()},
        "kinds": {key: title for key, title in KINDS.items() if key not in LUNAR or has_lunar(book)},
        "typed": typed or {},
        "problem": problem,
        "today": today,
        "do_url": reverse("areas:markets-do", kwargs={"path": path}),
        "template_url": reverse("areas:markets-template", kwargs={"path": path}),
        **_calendar(path, month, today, book),
    }
    return render(request, "areas/markets.html", context, status=problem.kind.status if problem else 200)


def _month(text: str, today: date) -> date:
    """The first day of the month asked for; of this month where none is, or none that the calendar shows."""
    try:
        asked = date.fromisoformat(f"{text}-01") if len(text) == 7 else today
    except ValueError:
        asked = today
    return min(max(asked, EARLIEST), LATEST).replace(day=1)


def _calendar(path: str, month: date, today: date, book: Profile) -> dict[str, Any]:
    """The weeks of a month: of each day whether a market is held, its lunar date, and whether people are at home."""
    first_weekday = 6 if book.calendar.week_starts == "sunday" else 0
    weeks = Calendar(first_weekday).monthdatescalendar(month.year, month.month)
    held = markets_between([path], weeks[0][0], weeks[-1][-1])[path]
    lunar = has_lunar(book)
    shown = [[_cell(day, held, month, today, lunar=lunar) for day in week] for week in weeks]
    return {
        "month": month,
        "month_title": Text(f"{month.year}年{month.month}月", f"{month:%Y-%m}"),
        "heads": [Text(w.zh[1:], w.en[:2]) for w in (WEEKDAYS[(first_weekday + n) % 7] for n in range(7))],
        "weeks": shown,
        "lunar": lunar,
        "before": f"{month - timedelta(1):%Y-%m}",
        "after": f"{(month + timedelta(31)).replace(day=1):%Y-%m}",
        "markets": sum(cell["market"] for week in shown for cell in week if cell["inside"]),
        "at_home": _spans([cell for week in shown for cell in week if cell["inside"]]),
    }


def _spans(days: list[dict[str, Any]]) -> list[tuple[date, date, HomeDay]]:
    """The days when people are at home, those that follow one another for one reason together: first, last, why."""
    made: list[tuple[date, date, HomeDay]] = []
    for cell in days:
        home = cell["home"]
        if home is None:
            continue
        if made and made[-1][2] == home and made[-1][1] + timedelta(1) == cell["day"]:
            made[-1] = (made[-1][0], cell["day"], home)
        else:
            made.append((cell["day"], cell["day"], home))
    return made


def _cell(day: date, held: frozenset[date], month: date, today: date, *, lunar: bool) -> dict[str, Any]:
    known = lunar and within(day)
    named, here = (festival(day), lunar_day(day)) if known else (None, None)
    return {
        "day": day,
        "inside": day.month == month.month,
        "today": day == today,
        "market": day in held,
        # Names of festivals are short in Chinese alone; in English they stand below the calendar.
        "lunar": None if here is None else Text(named.zh if named else here.short.zh, here.short.en),
        "words": None
        if here is None
        else Text(f"{here.words.zh}，{BRANCHES[branch(day)].zh}日", f"{here.words.en}, {BRANCHES[branch(day)].en}"),
        "home": home_day(day) if known else None,
    }


@page(PERMISSION)
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Add a rule, read a file of them, or end one."""
    actor = acting_as(request)
    standing_area(actor, path)
    told = {key: request.POST.get(key, "").strip() for key in COLUMNS}
    acts: dict[str, Callable[[Typed], object]] = {
        "add": lambda _: add_markets(actor, path, [read_market(told)]),
        "import": lambda _: add_markets(actor, path, handed_in(request, read_markets, BAD_MARKET)),
        "end": lambda typed: end_market(actor, typed.key("market"), typed.day("on", FROM, blank=True)),
    }
    return done(request, acts, lambda refused: _show(request, actor, path, refused, told), markets_url(path), BAD_MARKET)


@page(PERMISSION)
def template(request: HttpRequest, path: str) -> HttpResponse:
    """A CSV file to fill in: the headings in the reader's language, and a line for each way to write a rule that the country has."""
    standing_area(acting_as(request), path)
    lunar = has_lunar(profile_of(path))
    examples = [{**row, "kind": KINDS[row["kind"]]} for row in EXAMPLES if lunar or row["kind"] not in LUNAR]
    return list_to_fill_in("markets", COLUMNS, examples)
