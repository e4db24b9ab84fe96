"""The change table: followers see every change once, also those of transactions that commit late."""

from __future__ import annotations

import functools
import operator
from contextlib import closing

import psycopg
import pytest
from django.db import connection, transaction
from tests.committed import settle
from tests.register.asking import ask, one

from bangfu.foundation import changes
from bangfu.foundation.county import County
from bangfu.foundation.postgres import dsn

FOLLOWER = "test"


def another() -> psycopg.Connection[tuple[object, ...]]:
    """A second session on the test's database, as another worker would have."""
    return psycopg.connect(**dsn.libpq("owner"))


@pytest.fixture
def nothing_yet(own_county: County) -> County:
    """A county whose followers have dealt with everything."""
    settle()
    changes.seen(FOLLOWER, changes.news(FOLLOWER).watermark)
    assert changes.news(FOLLOWER).households == []
    return own_county


def fail_after(written: int) -> None:
    """Fail once something was written."""
    assert written == 1
    raise ZeroDivisionError


def follow() -> list[int]:
    news = changes.news(FOLLOWER)
    changes.seen(FOLLOWER, news.watermark)
    return news.households


def test_a_household_is_news_once_until_it_has_been_dealt_with(nothing_yet: County) -> None:
    assert changes.record([3, 1, 3], "a") == 2
    changes.record([1], "b")
    assert changes.record([], "nothing") == 0
    settle()
    assert changes.news(FOLLOWER).households == [1, 3]
    assert changes.news(FOLLOWER).households == [1, 3]  # asking alone changes nothing
    assert follow() == [1, 3]
    assert follow() == []
    assert changes.record_selected("SELECT id FROM register_household ORDER BY id LIMIT 2", "c") == 2
    settle()
    assert len(follow()) == 2


def test_a_transaction_that_commits_late_is_not_lost(nothing_yet: County) -> None:
    with closing(another()) as slow, closing(another()) as quick:
        slow.execute("INSERT INTO change (household, cause) VALUES (1, 'slow')")
        quick.execute("INSERT INTO change (household, cause) VALUES (2, 'quick')")
        quick.commit()
        later = [follow() for _ in range(3)]  # the follower runs while the slow one is still open
        slow.commit()
    settle()
    later.append(follow())
    assert sorted(functools.reduce(operator.iadd, later, [])) == [1, 2]


def test_a_transaction_that_is_rolled_back_is_no_news(nothing_yet: County) -> None:
    with closing(another()) as undone:
        undone.execute("INSERT INTO change (household, cause) VALUES (1, 'undone')")
        undone.rollback()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        fail_after(changes.record([2], "undone"))
    changes.record([3], "done")
    settle()
    assert follow() == [3]


def test_a_follower_never_goes_back(nothing_yet: County) -> None:
    changes.record([1], "a")
    settle()
    ahead = changes.news(FOLLOWER).watermark
    changes.seen(FOLLOWER, ahead)
    changes.seen(FOLLOWER, 1)
    assert one("SELECT watermark::text::bigint FROM follower WHERE name = %s", FOLLOWER) == ahead


def test_followers_do_not_know_of_each_other(nothing_yet: County) -> None:
    changes.record([1], "a")
    settle()
    assert follow() == [1]
    assert 1 in changes.news("another").households


def test_pruning_takes_what_every_follower_has_passed(nothing_yet: County) -> None:
    for n in (1, 2, 3):
        changes.record([n], "a")
    settle()
    total = one("SELECT count(*) FROM change")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE follower SET watermark = pg_snapshot_xmin(pg_current_snapshot()) WHERE name <> %s", [FOLLOWER])
    changes.prune()
    assert changes.news(FOLLOWER).households == [1, 2, 3]  # one follower has not passed them yet
    changes.seen(FOLLOWER, changes.news(FOLLOWER).watermark)
    assert 0 < changes.prune() < total
    assert ask("SELECT household FROM change") == [{"household": 3}]


def test_a_recorded_change_puts_one_job_into_the_queue(nothing_yet: County) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events; DELETE FROM procrastinate_jobs")
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bangfu.follow' AND status = 'todo'"
    changes.record([], "nothing")
    assert one(waiting) == 0
    for n in range(3):
        changes.record([n], "a")
    assert one(waiting) == 1
