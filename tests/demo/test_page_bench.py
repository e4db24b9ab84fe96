"""The benches of the pages ask real pages of a real server, and measure the lists that they name."""

from __future__ import annotations

import random

import pytest
from tests.web.serving import served

from bangfu.accounts.models import LogIn
from bangfu.demo import page_bench
from bangfu.demo.page_bench import DOOR, NARROWED, WORK, WRITE, Visitor, in_the_database, percentiles
from bangfu.foundation.county import the_county


@pytest.mark.full
def test_a_visitor_does_every_kind_of_work_in_a_session_of_their_own(own_database: str) -> None:
    county = the_county()
    people = page_bench._people()
    assert sum(len(users) for users in people.values()) == 50
    assert len({path for users in people.values() for _, path in users}) > 40
    words = page_bench._words(16)
    assert len(set(words)) > 10
    with served() as address:
        port = int(address.rpartition(":")[2])
        username, path = people["township"][3]
        stranger, visitor = Visitor(port, path), Visitor(port, path)
        with pytest.raises(RuntimeError, match=visitor.list_url):
            stranger.do("list", random.Random(1), words)
        visitor.log_in(username)
        assert LogIn.objects.filter(user__username=username).count() == 1
        visitor.do("list", random.Random(1), words)
        assert len(visitor.households) == 50
        assert visitor.next_page
        first = set(visitor.households)
        visitor.do("next page", random.Random(1), words)
        assert first.isdisjoint(visitor.households)
        for kind in WORK:
            assert visitor.do(kind, random.Random(2), words) > 0
        with pytest.raises(RuntimeError, match="404"):
            visitor.ask("/areas/cn/zzz/households/")
    assert {DOOR, WRITE} < set(WORK)
    assert sum(WORK.values()) == 100
    for narrowed in ("", *NARROWED):
        assert min(in_the_database(page_bench._actor(username), narrowed)) > 0
    with pytest.raises(ValueError, match="kind=none"):
        in_the_database(county.operator(), "kind=none")


def test_percentiles() -> None:
    assert percentiles(range(1, 101)) == {"p50_ms": 50.5, "p95_ms": 96.0, "p99_ms": 100.0, "count": 100}
    assert percentiles([7.0]) == {"p50_ms": 7.0, "p95_ms": 7.0, "p99_ms": 7.0, "count": 1}
