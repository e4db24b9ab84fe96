"""Visits overdue: counted per village as the villages' own days count them, kept for a day, shown to the township and the county, worst first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from bangfu.areas.models import Area
from bangfu.command import day as days
from bangfu.command.actions import count_visits
from bangfu.command.jobs import count_visits_due
from bangfu.command.models import Pairing, VisitsDue
from bangfu.command.scheduling import due_by_village, last_visits, last_visits_by, schedule
from bangfu.fieldwork.models import Visit
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.foundation.screens import DaySection, my_day
from tests.command.standing import TODAY, Standing, actor_of, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unvisited(county: County) -> None:
    """The county as it was before the great visit came to everybody: something is overdue."""
    Visit.objects.filter(ledger__isnull=False).delete()
    count_visits(county.operator())


def section(actor: Actor, key: str = "visits-below") -> DaySection | None:
    with acting(actor):
        return next((s for _, some in my_day.ask(actor) for s in some if s.key == key), None)


def of_villages(township: Area) -> dict[str, tuple[int, int]]:
    """How many households are due and late on each village's own day, as whoever acts there sees it."""
    found = {}
    for village in Area.objects.under(township.path).level("village").order_by("path"):
        own = replace(actor_of("village"), scope=village.path, stands=village.path)
        with acting(own):
            shown = days._visits(own, clock.today())
        found[village.path] = (shown.count, shown.late) if shown is not None else (0, 0)
    return found


def all_targets(county: County) -> set[int]:
    with acting(county.operator()):
        made = schedule(county.operator(), county.path, most=1_000_000)
    assert made is not None
    return set(made.homes)


@contextmanager
def visited_today(homes: Collection[int]) -> Iterator[None]:
    """Visits were made of some households today, by whoever answers for them and by first secretaries."""

    @last_visits.provider("test")
    def visited(households: Sequence[int], day: date) -> dict[int, date]:
        return dict.fromkeys(set(homes).intersection(households), day)

    @last_visits_by.provider("test")
    def by(households: Sequence[int], day: date) -> dict[int, dict[str, date]]:
        return {home: {"first_secretary": day} for home in set(homes).intersection(households)}

    try:
        yield
    finally:
        last_visits.withdraw("test")
        last_visits_by.withdraw("test")


def test_a_village_is_counted_as_its_own_day_counts_it(standing: Standing) -> None:
    of = of_villages(standing.township) | of_villages(standing.other)
    kept = {row.path: (row.due, row.overdue) for row in VisitsDue.objects.all()}
    assert {path: kept[path] for path in of} == of
    assert sum(late for _, late in of.values()) > 0
    assert set(kept) >= set(Area.objects.under(standing.county.path).level("village").on(TODAY).values_list("path", flat=True))


def test_the_township_and_the_county_add_up_what_their_villages_count(standing: Standing) -> None:
    township = actor_of("township")
    shown, own = section(township), of_villages(standing.township)
    assert shown is not None
    assert shown.count == shown.late == sum(late for _, late in own.values())
    county = section(actor_of("county"))
    assert county is not None
    assert county.count == county.late == sum(VisitsDue.objects.values_list("overdue", flat=True))
    with acting(standing.top):
        made = schedule(standing.top, standing.county.path, most=1_000_000)
    assert made is not None
    late = {d.household for d in made.calendar.duties if d.due < TODAY}
    assert county.late == len(late)


def test_areas_stand_worst_first_with_the_way_to_their_calendar(standing: Standing) -> None:
    VisitsDue.objects.under(standing.other.path).update(due=9_000, overdue=8_000, longest=77)
    shown = section(actor_of("county"))
    assert shown is not None
    first = shown.items[0]
    assert first.title == Text(standing.other.name, standing.other.name_en)
    assert first.url == reverse("command:calendar", kwargs={"path": standing.other.path})
    villages = VisitsDue.objects.under(standing.other.path).count()
    assert (first.late, str(8_000 * villages) in str(first.why)) == (77, True)
    assert str(TODAY) in str(shown.note)
    below = section(actor_of("township"))
    assert below is not None
    named = dict(Area.objects.under(standing.township.path).level("village").values_list("path", "name"))
    rows = VisitsDue.objects.under(standing.township.path).filter(overdue__gt=0)
    wanted = [named[r.path] for r in sorted(rows, key=lambda r: (-r.overdue, -r.longest, r.path))]
    assert [item.title.zh for item in below.items] == wanted


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_day_of_the_county_shows_it_in_both_languages(county: County, language: str) -> None:
    page = client_of("county", language).get("/today/").content.decode()
    assert ("走访逾期" if language == "zh-hans" else "Visits overdue") in page
    assert client_of("county", language).get(reverse("command:calendar", kwargs={"path": county.path})).status_code == 200


@pytest.mark.parametrize("username", ["village", "helper", "grid"])
def test_near_the_households_nothing_is_added_up(county: County, username: str) -> None:
    assert section(actor_of(username)) is None


def test_whoever_sees_no_household_or_no_calendar_sees_no_count(county: County) -> None:
    actor = actor_of("county")
    for lacking in ("household.read", "command.read"):
        less = replace(actor, permissions=actor.permissions - {lacking})
        assert section(less) is None
        assert not VisitsDue.objects.visible_to(less).exists()
    helper = actor_of("helper")
    with acting(helper):
        assert not VisitsDue.objects.exists()


def test_the_database_shows_a_township_its_own_and_lets_no_page_write(standing: Standing) -> None:
    township = actor_of("township")
    with acting(township):
        assert {row.path[: len(township.scope)] for row in VisitsDue.objects.all()} == {township.scope}
        with pytest.raises(ProgrammingError), transaction.atomic():
            VisitsDue.objects.update(overdue=0)
    with pytest.raises(PermissionError):
        count_visits(township)


def test_visits_that_were_made_are_counted_from(standing: Standing) -> None:
    before = due_by_village(standing.top, standing.county.path)
    assert before is not None
    homes = all_targets(standing.county)
    with visited_today(homes):
        assert count_visits(standing.top) > 0
        of = of_villages(standing.township)
        kept = {r.path: (r.due, r.overdue) for r in VisitsDue.objects.under(standing.township.path)}
        assert kept == of
    after = {r.path: r.overdue for r in VisitsDue.objects.all()}
    assert sum(after.values()) < sum(c.overdue for c in before.values())


def test_counting_again_changes_nothing_and_a_new_day_everything(county: County) -> None:
    operator = county.operator()
    assert count_visits(operator) == 0
    count_visits_due(0)
    with clock.standing_at(TODAY + timedelta(1)):
        assert count_visits(operator) == VisitsDue.objects.count()
    assert set(VisitsDue.objects.values_list("day", flat=True)) == {TODAY + timedelta(1)}


def test_counts_of_yesterday_are_shown_with_their_day_and_older_ones_are_none(county: County) -> None:
    VisitsDue.objects.update(day=TODAY - timedelta(1))
    shown = section(actor_of("county"))
    assert shown is not None
    assert str(TODAY - timedelta(1)) in str(shown.note)
    VisitsDue.objects.update(day=TODAY - timedelta(2))
    unknown = section(actor_of("county"))
    assert unknown is not None
    assert (unknown.count, unknown.late, list(unknown.items)) == (0, 0, [])
    assert "Not counted yet" in client_of("county", "en").get("/today/").content.decode()


def test_where_nothing_is_overdue_nothing_is_shown(county: County) -> None:
    VisitsDue.objects.update(overdue=0, longest=0)
    assert section(actor_of("county")) is None


def test_without_a_pack_of_the_day_nothing_is_kept_and_nothing_said(county: County) -> None:
    actor = actor_of("county")
    with clock.standing_at(TODAY.replace(year=1990)):
        count_visits(county.operator())
        assert not VisitsDue.objects.exists()
        assert section(actor) is None


def test_every_village_is_held_to_the_calendar_from_the_same_day(standing: Standing) -> None:
    """Whoever sees few pairings counts from the county's first one all the same."""
    Pairing.objects.under(standing.village.path).delete()
    count_visits(standing.top)
    kept = {r.path: (r.due, r.overdue) for r in VisitsDue.objects.under(standing.township.path)}
    assert kept == of_villages(standing.township)
