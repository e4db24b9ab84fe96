"""The work calendar of real households: what the rows say, what the pack orders of it, and on which days the visits may be made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bangfu.areas.lunar import has_lunar, home_day
from bangfu.areas.market_days import markets_between
from bangfu.areas.models import ancestors
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.command.calendar import (
    Calendar,
    DueCount,
    Duty,
    HouseholdWork,
    Rules,
    calendar_of,
    count_due,
    due_by,
    groups_on,
    rules_on,
)
from bangfu.command.dayplan import DayPlan, Days, plan_days, visits_for, working_days
from bangfu.command.models import Officer, Pairing
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.reading import read
from bangfu.register.models import Household, Kind, Monitoring
from bangfu.register.models.base import OneOf
from bangfu.register.models.households import HouseholdQuerySet
from bangfu.screening.models import Finding
from bangfu.screening.pack import Pack
from bangfu.screening.present import valid_pack
from bangfu.screening.visiting import visit_rules

MOST = 2_000  # households whose calendar one page makes
AHEAD = 28  # days of a plan
SOON = 7  # days within which something is due soon
KINDS = ("registered", "monitored")

# When households were last visited, by the day: whoever keeps visits answers. Nobody answers while no package keeps them.
last_visits: ExtensionPoint[[Sequence[int], date], Mapping[int, date]] = ExtensionPoint("last_visits")
last_visits_by: ExtensionPoint[[Sequence[int], date], Mapping[int, Mapping[str, date]]] = ExtensionPoint("last_visits_by")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The calendar of some households up to a day: duties, a plan of days, the households by key with their numbers and paths, the rules.

    `left_out` says that there were more households than one page makes.
    """

    calendar: Calendar
    plan: DayPlan
    homes: Mapping[int, Household]
    rules: Rules
    until: date
    left_out: bool


def schedule(
    actor: Actor, path: str, *, helper: int | None = None, ahead: int = AHEAD, most: int = MOST, every: bool = False
) -> Schedule | None:
    """The calendar of the target households of an area (those whom a helper answers for, where one is named; with `every`, ordinary ones as well) from
    today on; None without a pack of today.

    The caller holds the scope. Days of rest are those that the county's profile has; market days are those of each household's village.
    """
    today = clock.today()
    pack = valid_pack(today, the_county().country)
    if pack is None:
        return None
    until = today + timedelta(ahead)
    asked = _targets(actor, path, helper, today, every=every).only("number", "path")[: most + 1]
    found = {home.pk: home for home in asked}
    homes = dict(list(found.items())[:most])
    rules = rules_on(pack, today)
    work = _work({key: home.path for key, home in homes.items()}, pack, today)
    calendar = calendar_of(work, rules, today, until, begun_on())
    days = working_days(today, until)
    markets = markets_between({w.village for w in work}, today, until)
    plan = plan_days(visits_for(work, calendar.duties, today), Days(days, markets, at_home(path, days)))
    return Schedule(calendar, plan, homes, rules, until, len(found) > most)


def due_by_village(actor: Actor, path: str) -> dict[str, DueCount] | None:
    """How many target households of each village of an area have something due soon or overdue; a village with nothing due is left out. None
    without a pack of today.

    The caller holds the scope. It plans no days and reads no household whole, so that a county is counted in seconds.
    """
    today = clock.today()
    pack = valid_pack(today, the_county().country)
    if pack is None:
        return None
    soon = today + timedelta(SOON)
    work = _work(dict(_targets(actor, path, None, today, every=False).values_list("pk", "path")), pack, today)
    due = due_by(calendar_of(work, rules_on(pack, today), today, soon, begun_on()).duties, soon)
    of: dict[str, list[list[Duty]]] = {}
    for one in work:
        if one.key in due:
            of.setdefault(one.village, []).append(due[one.key])
    return {village: count_due(homes, today) for village, homes in of.items()}


def own_helper(actor: Actor) -> int | None:
    """The helper whom an actor with a duty is, where they are one."""
    if actor.duty is None or actor.user_id is None:
        return None
    officer = Officer.objects.filter(user=actor.user_id).first()
    helper = officer.helping.on(clock.today()).first() if officer is not None else None
    return helper.pk if helper is not None else None


def begun_on() -> date:
    """The day from which the county is held to the calendar: the day on which its first pairing began, today where there is none.

    It is the county's whoever asks: a village is held to the calendar from the same day as the county that counts it.
    """
    first: date | None = read("SELECT bangfu_first_pairing()")[0][0]
    return first if first is not None else clock.today()


def at_home(path: str, days: Sequence[date]) -> frozenset[date]:
    """The days among some on which people are at home and one may call; none where the country has no such calendar."""
    if not has_lunar(profile_of(path)):
        return frozenset()
    return frozenset(day for day in days if (told := home_day(day)) is not None and told.call)


def _targets(actor: Actor, path: str, helper: int | None, today: date, *, every: bool) -> HouseholdQuerySet:
    rows = Household.objects.visible_to(actor).farming().under(path)
    if helper is not None:
        paired = Pairing.objects.principals().on(today).filter(helper=helper).values("household")
        return rows.filter(pk__in=paired).order_by("path", "pk")
    if every:
        return rows.order_by("path", "pk")
    wanted = Kind.objects.under(path).on(today).filter(kind__in=KINDS).values("household")
    grouped = Finding.objects.under(path).filter(sort="group").values("household")
    return (rows.filter(pk__in=wanted) | rows.filter(pk__in=grouped)).order_by("path", "pk")


def _work(paths: Mapping[int, str], pack: Pack, today: date) -> list[HouseholdWork]:
    """What the calendar knows of some households, given by key and path."""
    keys = list(paths)
    known, villages, chosen = _known(keys, today), _villages(set(paths.values())), visit_rules(keys, pack, today)
    # Thousands of households are in the same few groups: what the pack says of these is asked once.
    groups = {
        names: groups_on(pack, today, {name: None for name in pack.groups if name in names})
        for names in {one.groups for one in known.values()}
    }
    return [
        HouseholdWork(
            key, villages[paths[key]], chosen.get(key, ""), one.since, one.visited, one.visited_by, groups[one.groups], one.identified, one.measures,
            one.measures, None, None, one.helper,
        )
        for key, one in known.items()
    ]  # fmt: skip


@dataclass
class _Known:
    since: date | None = None
    helper: str | None = None
    visited: date | None = None
    visited_by: dict[str, date] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    identified: date | None = None
    measures: date | None = None


def _known(keys: list[int], today: date) -> dict[int, _Known]:
    found = {key: _Known() for key in keys}
    of = OneOf("household", keys)
    pairs = Pairing.objects.principals().on(today).filter(of)
    for household, valid, number in pairs.values_list("household", "valid", "helper__officer__number"):
        found[household].since, found[household].helper = valid.lower, number
    for household, name in Finding.objects.filter(of, sort="group").values_list("household", "subject"):
        found[household].groups |= {name}
    watched = Monitoring.objects.on(today).filter(of)
    for household, identified, measures in watched.values_list("household", "identified", "measures_since"):
        found[household].identified, found[household].measures = identified, measures
    for _, days in last_visits.ask(keys, today):
        for household, day in days.items():
            found[household].visited = max(day, found[household].visited or day)
    for _, by in last_visits_by.ask(keys, today):
        for household, kinds in by.items():
            found[household].visited_by = {**found[household].visited_by, **kinds}
    return found


def _villages(paths: Collection[str]) -> dict[str, str]:
    """The village of each of some paths; the path itself where no village lies above it. Areas are asked for once, however many there are."""
    lines = {path: [*ancestors(path), path] for path in paths}
    found = areas().by_path(one for line in lines.values() for one in line)
    villages = {one for one, area in found.items() if area.level == profile_of(one).plays.village}
    return {path: next((one for one in line if one in villages), path) for path, line in lines.items()}
