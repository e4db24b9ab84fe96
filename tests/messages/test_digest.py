"""When a message goes: quiet hours, one digest a day, and what a deadline of today changes; properties that hold for any messages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.messages.digest import Hours, Letter, Manner, Reader, Waiting, digest_moment, plan, quiet_end

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = Hours(time(21), time(8), time(8, 30))
MANNERS = {"in_app": Manner(quiet=False, digest=False), "sms": Manner(), "robot": Manner()}
DAY = date(2020, 4, 28)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def planned(now: datetime, *waiting: Waiting, hours: Hours = USUAL, last: dict[Reader, date] | None = None):
    return plan(waiting, now=now, zone=ZONE, hours={}, county=hours, manners=MANNERS, last_digest=last or {})


def sms(key: int, since: datetime, *, deadline: date | None = None, urgent: bool = False, user: int = 1) -> Waiting:
    return Waiting(key, ("sms", user), since, deadline, urgent)


def test_what_was_told_in_the_day_waits_for_the_digest_of_the_next_morning() -> None:
    found = planned(at(10), sms(1, at(10)), sms(2, at(9)))
    assert found.letters == []
    assert {h.until for h in found.held.values()} == {at(8, 30, DAY + timedelta(1))}
    assert not any(h.quiet for h in found.held.values())
    later = planned(at(8, 30, DAY + timedelta(1)), sms(1, at(10)), sms(2, at(9)))
    assert later.letters == [Letter(("sms", 1), (2, 1), True)]


def test_a_deadline_of_today_goes_at_once_and_alone() -> None:
    found = planned(at(10), sms(1, at(10), deadline=DAY), sms(2, at(9)), sms(3, at(9), deadline=DAY + timedelta(1)))
    assert found.letters == [Letter(("sms", 1), (1,), False)]
    assert found.held[3].until == at(0, 0, DAY + timedelta(1)), "on the day of its deadline it is looked at again"
    assert found.held[2].until == at(8, 30, DAY + timedelta(1))


def test_quiet_hours_hold_what_a_deadline_presses_but_never_the_inbox() -> None:
    for now, end in ((at(21), at(8, 0, DAY + timedelta(1))), (at(7, 59), at(8)), (at(0), at(8))):
        found = planned(now, sms(1, now, deadline=DAY), sms(2, now, urgent=True), Waiting(3, ("in_app", 1), now))
        assert found.letters == [Letter(("in_app", 1), (3,), False)]
        assert {(h.until, h.quiet) for h in found.held.values()} == {(end, True)}
    for now in (at(8), at(20, 59)):
        assert planned(now, sms(1, now, deadline=DAY)).letters == [Letter(("sms", 1), (1,), False)]


def test_a_worker_that_was_down_in_the_morning_sends_the_digest_late_and_only_once() -> None:
    late = planned(at(11), sms(1, at(20, day=DAY - timedelta(1))))
    assert late.letters == [Letter(("sms", 1), (1,), True)]
    again = planned(at(11, 5), sms(2, at(8)), last={("sms", 1): DAY})
    assert again.letters == []
    assert again.held[2].until == at(8, 30, DAY + timedelta(1))


def test_a_user_s_own_hours_take_the_place_of_the_county_s() -> None:
    own = Hours(time(12), time(14), time(15))
    found = plan(
        [sms(1, at(13), urgent=True), sms(2, at(13), urgent=True, user=2)],
        now=at(13), zone=ZONE, hours={1: own}, county=USUAL, manners=MANNERS, last_digest={},
    )  # fmt: skip
    assert found.letters == [Letter(("sms", 2), (2,), False)]
    assert found.held[1].until == at(14)


@pytest.mark.parametrize("hours", [Hours(time(0), time(0), time(9)), Hours(time(21), time(21), time(9))])
def test_the_same_time_twice_means_no_quiet_hours(hours: Hours) -> None:
    assert quiet_end(at(0), ZONE, hours) is None
    assert quiet_end(at(21), ZONE, hours) is None


def test_a_digest_in_quiet_hours_comes_when_they_end_every_day() -> None:
    hours = Hours(time(21), time(8), time(23))
    first = digest_moment(at(12), ZONE, hours, None)
    assert first == at(8, 0, DAY + timedelta(1))
    assert digest_moment(at(12, day=DAY + timedelta(1)), ZONE, hours, first.date()) == at(8, 0, DAY + timedelta(2))


times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
all_hours = st.builds(Hours, times, times, times)
moments = st.integers(0, 60 * 24 * 6).map(lambda m: at(0) + timedelta(minutes=m))
days = st.integers(-2, 8).map(lambda n: DAY + timedelta(days=n))
readers = st.tuples(st.sampled_from(["in_app", "sms", "robot"]), st.integers(0, 2))
lists = st.lists(st.builds(Waiting, st.just(0), readers, moments, st.none() | days, st.booleans()), max_size=14).map(
    lambda found: [Waiting(n, w.reader, w.since, w.deadline, w.urgent) for n, w in enumerate(found)]
)


@given(lists, moments, all_hours, st.dictionaries(readers, days, max_size=3))
def test_everything_goes_or_waits_until_later(
    waiting: list[Waiting], now: datetime, hours: Hours, last: dict[Reader, date]
) -> None:
    known = [w for w in waiting if w.since <= now]
    found = planned(now, *known, hours=hours, last=last)
    going = [key for letter in found.letters for key in letter.keys]
    assert sorted([*going, *found.held]) == [w.key for w in known], "each once"
    assert len({(letter.reader, letter.digest) for letter in found.letters}) == len(found.letters), "one letter each"
    assert all(h.until > now for h in found.held.values())
    assert found == planned(now, *reversed(known), hours=hours, last=last)
    for w in known:
        pressing = w.urgent or (w.deadline is not None and w.deadline <= now.date()) or w.reader[0] == "in_app"
        quiet = w.reader[0] != "in_app" and quiet_end(now, ZONE, hours) is not None
        if quiet:
            assert w.key not in going, "nothing goes in quiet hours"
        elif pressing:
            assert w.key in going, "what presses waits for nothing but quiet hours"


@given(lists, all_hours)
def test_in_time_everything_goes_and_nobody_has_two_digests_a_day(waiting: list[Waiting], hours: Hours) -> None:
    """Played from moment to moment: whenever something becomes due by what the plan itself says, it is planned again."""
    left, last, digests, now = {w.key: w for w in waiting}, {}, [], at(0)
    wakes = sorted({w.since for w in waiting})
    for _ in range(400):
        found = planned(now, *(w for w in left.values() if w.since <= now), hours=hours, last=last)
        for letter in found.letters:
            for key in letter.keys:
                assert now - left[key].since <= timedelta(days=3), "nothing waits for ever"
                del left[key]
            if letter.digest:
                digests.append((letter.reader, now.astimezone(ZONE).date()))
                last[letter.reader] = now.astimezone(ZONE).date()
        coming = [h.until for h in found.held.values()] + [w for w in wakes if w > now]
        if not coming:
            break
        now = min(coming)
    assert left == {}
    assert len(set(digests)) == len(digests)
