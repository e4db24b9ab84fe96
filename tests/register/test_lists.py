"""The list of households: what its short ways find and count is what the plain question finds, in every scope; a limit is said."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count as Tally
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from tests.register.asking import ask

from bangfu.accounts.models import Assignment, User
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.secrecy import keyed_hash
from bangfu.kit import listing as kit
from bangfu.kit.keyset import slice_of
from bangfu.kit.listing import Count
from bangfu.register.models import Household, Kind, Membership
from bangfu.register.pages.listing import additions, household_list, kinds
from bangfu.screening.models import Verdict

pytestmark = pytest.mark.django_db

# A condition of the address, and the same said plainly of a household `h`, over whole tables and without an area.
MEMBER = (
    "EXISTS (SELECT 1 FROM register_membership m JOIN register_person p ON p.id = m.person_id"
    " WHERE m.household_id = h.id AND m.sort = 'farming' AND m.valid @> %(day)s AND {})"
)
KIND = "EXISTS (SELECT 1 FROM register_kind k WHERE k.household_id = h.id AND k.valid @> %(day)s AND k.kind = '{}')"
VERDICT = "EXISTS (SELECT 1 FROM screening_verdict v WHERE v.household_id = h.id AND {})"
ANY = VERDICT.format("v.result = '{0}'")
LATIN = MEMBER.format("(starts_with(p.pinyin, '{0}') OR starts_with(p.initials, '{0}'))")
HAN = MEMBER.format("(starts_with(p.name, '{0}') OR starts_with(p.given, '{0}'))")
PLAIN = {
    "": "true",
    "kind=ordinary": KIND.format("ordinary"),
    "kind=monitored": KIND.format("monitored"),
    "registered=yes": "EXISTS (SELECT 1 FROM register_registration r WHERE r.household_id = h.id AND r.valid @> %(day)s)",
    "verdict=any.unmet": ANY.format("unmet"),
    "verdict=water.unknown": VERDICT.format("v.guarantee = 'water' AND v.result = 'unknown'"),
    "verdict=income.unmet": VERDICT.format("v.guarantee = 'income' AND v.result = 'unmet'"),
    "kind=ordinary&verdict=any.unmet": f"{KIND.format('ordinary')} AND {ANY.format('unmet')}",
    "q=w": LATIN.format("w"),
    "q=Wang": LATIN.format("wang"),
    "q=王": HAN.format("王"),
    "q=明": HAN.format("明"),
    "q=zzzz": "false",
    "q=5203": "starts_with(h.number, '5203')",
    "q=9999": MEMBER.format("p.identity_last4 = %(last4)s"),
    "number=52032310": "starts_with(h.number, '52032310')",
    "kind=ordinary&q=王": f"{KIND.format('ordinary')} AND {HAN.format('王')}",
    "verdict=any.unknown&q=x": f"{ANY.format('unknown')} AND {LATIN.format('x')}",
}


def actor_of(username: str) -> Actor:
    return Assignment.objects.of(User.objects.get(username=username)).on(clock.today()).get().actor()


@pytest.fixture
def ended(county: County) -> None:
    """Among those who were members and of a kind there are some who are no longer, and one whom a known number finds."""
    village = actor_of("village").scope
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE register_membership SET valid = daterange(lower(valid), %s) "
            "WHERE sort = 'farming' AND relation <> 'head' AND id %% 5 = 0 AND upper_inf(valid)",
            [today],
        )
        cursor.execute(
            "UPDATE register_kind SET valid = daterange(lower(valid), %s) WHERE id %% 7 = 0 AND upper_inf(valid)", [today]
        )
        cursor.execute(
            "UPDATE register_person SET identity_last4 = %s WHERE id IN "
            "(SELECT person_id FROM register_membership WHERE sort = 'farming' AND path >= %s AND path < %s ORDER BY id LIMIT 8)",
            [keyed_hash("9999", "last4", size=8), village, village + "~"],
        )


def plainly(condition: str, path: str) -> list[int]:
    """The households of an area of which a condition holds, in the list's order, asked by the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT h.id FROM register_household h WHERE h.sort = 'farming' AND starts_with(h.path, %(path)s) AND {condition}"
            ' ORDER BY h.path COLLATE "C", h.number COLLATE "C"',
            {"path": path, "day": clock.today(), "last4": keyed_hash("9999", "last4", size=8)},
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("standing", ["county", "township", "village"])
@pytest.mark.parametrize("who", ["county", "township", "village"])
def test_the_short_way_finds_what_the_plain_question_finds(ended: None, who: str, standing: str) -> None:
    """A reader stands in their own area or in one below; the plain question is asked by the owner, whom no row-level security binds."""
    reader, path = actor_of(who), actor_of(standing).scope
    if not reader.covers(path):
        path = reader.scope
    found = []
    for address, condition in PLAIN.items():
        plain = plainly(condition, path)
        with acting(reader):
            listing = household_list(profile_of(path), additions(), path)
            state = listing.read(QueryDict(address, encoding="utf-8"), options={"kind": kinds()})
            assert state.notices == ()
            rows = listing.narrow(Household.objects.visible_to(reader).farming().under(path), state)
            limit = kit.FOUND if state.words else kit.COUNTED if state.filters else len(plain)
            assert listing.count(rows, state) == Count(min(len(plain), limit), more=len(plain) > limit), address
            page = slice_of(rows.only("id", "number", "path"), listing.ordering(state), size=50)
            assert [row.pk for row in page.rows] == plain[:50], address
        found.append(len(plain))
    assert sum(n > 0 for n in found) > 10 or standing == "village"


def test_on_a_day_is_what_the_range_says(county: County) -> None:
    """Open, ended, of one day, not begun and empty: every day around their ends."""
    today = clock.today()
    ids = list(Kind.objects.order_by("id").values_list("pk", flat=True)[:5])
    ranges = [
        f"[{today},)",
        f"[{today - timedelta(9)},{today})",
        f"[{today},{today + timedelta(1)})",
        f"[{today + timedelta(1)},)",
        "empty",
    ]
    with connection.cursor() as cursor:
        for pk, valid in zip(ids, ranges, strict=True):
            cursor.execute("UPDATE register_kind SET valid = %s::daterange WHERE id = %s", [valid, pk])
    answers = []
    for days in (-10, -9, -1, 0, 1, 2):
        day = today + timedelta(days)
        plain = {r["id"] for r in ask("SELECT id FROM register_kind WHERE valid @> %s", day)}
        assert set(Kind.objects.on(day).values_list("pk", flat=True)) == plain
        answers.append([pk in plain for pk in ids])
    assert answers[3] == [True, False, True, False, False]
    assert len({tuple(a) for a in answers}) == 4


def expected(rows: QuerySet[Any, Any]) -> int:
    """How many rows the planner expects."""
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        said = cursor.fetchone()[0]
    return int((json.loads(said) if isinstance(said, str) else said)[0]["Plan"]["Plan Rows"])


@pytest.mark.parametrize("model", [Kind, Membership])
def test_the_planner_expects_that_facts_of_today_hold(county: County, model: Any) -> None:
    """Under row-level security too, where it may not look at the statistics of a range; else it walks through a county row by row."""
    reader = actor_of("county")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {model._meta.db_table}")
    with acting(reader):
        rows = model.objects.visible_to(reader).on(clock.today())
        assert rows.count() / 2 < expected(rows) < rows.count() * 2


def test_the_planner_knows_which_results_a_guarantee_has(county: County) -> None:
    """From the first screening on, and for the reader too: few water supplies are unmet, however many other guarantees are."""
    reader = actor_of("county")
    with acting(reader):
        seen = Verdict.objects.visible_to(reader)
        pairs = list(seen.values_list("guarantee", "result").annotate(count=Tally("pk")))
        assert len(pairs) > 10
        for guarantee, result, number in pairs:
            assert abs(expected(seen.filter(guarantee=guarantee, result=result)) - number) <= max(2, number / 10), (
                guarantee,
                result,
            )


@pytest.fixture
def client(county: County) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="county"))
    return client


@pytest.mark.parametrize(("limit", "address"), [("COUNTED", {"kind": "ordinary"}), ("FOUND", {"q": "yang"})])
def test_a_count_that_stops_says_so(
    client: Client, county: County, monkeypatch: pytest.MonkeyPatch, limit: str, address: dict[str, str]
) -> None:
    url = reverse("register:households", kwargs={"path": county.path})
    whole = client.get(url, address).context["listing"].total
    assert whole.number > 50
    assert not whole.more
    monkeypatch.setattr(kit, limit, whole.number)
    answer = client.get(url, address)
    assert answer.context["listing"].total == whole
    assert f"共 <b>{whole.number:,}</b> 户" in answer.content.decode()
    monkeypatch.setattr(kit, limit, whole.number - 1)
    answer = client.get(url, address)
    assert answer.context["listing"].total == Count(whole.number - 1, more=True)
    assert f"超过 <b>{whole.number - 1:,}</b> 户" in answer.content.decode()
    client.post(reverse("accounts:language"), {"language": "en"})
    assert f"more than <b>{whole.number - 1:,}</b> households" in client.get(url, address).content.decode()


def test_the_whole_list_is_counted_to_its_end(client: Client, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "COUNTED", 3)
    monkeypatch.setattr(kit, "FOUND", 3)
    total = client.get(reverse("register:households", kwargs={"path": county.path})).context["listing"].total
    assert total == Count(Household.objects.farming().count())
