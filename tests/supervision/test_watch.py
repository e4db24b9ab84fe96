"""The quality watch on the demo's great visit: the days that cannot have been are found, hints are settled with words, and looking again keeps what was said."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from bangfu.accounts.models import User
from bangfu.campaigns.models import VisitCampaign
from bangfu.demo.visiting import CAMPAIGN
from bangfu.fieldwork.models import Visit
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.secrecy import decrypt
from bangfu.supervision.actions import look, settle
from bangfu.supervision.hints import Kind
from bangfu.supervision.models import CONFIRMED, EXPLAINED, OPEN, WORDS, WatchHint
from bangfu.supervision.watching import look_at
from tests.cases.ground import client_of, someone
from tests.command.standing import refused

pytestmark = pytest.mark.django_db


def hints() -> list[WatchHint]:
    return list(WatchHint.objects.order_by("pk"))


def test_the_planted_days_are_found(county: County) -> None:
    """Every party that wrote the work of days on one is among the hints of too many visits a day, or of visits far shorter than others'."""
    rows = Visit.objects.filter(ledger__isnull=False, minutes=6).values_list("pk", "day", "present")
    planted = {(day, tuple(present)[-1]) for _, day, present in rows}
    assert planted
    found = [h for h in hints() if h.kind in (Kind.TOO_MANY, Kind.SHORT_FOR_FORM)]
    named = {v for h in found for v in h.visits}
    for day, who in planted:
        own = {pk for pk, on, present in rows if on == day and present[-1] == who}
        assert own & named, (day, who)


def test_a_hint_lies_where_its_visits_are_and_names_nobody(county: County) -> None:
    for h in hints():
        visits = Visit.objects.filter(pk__in=h.visits)
        assert visits.count() == len(h.visits)
        assert all(v.path.startswith(h.path) for v in visits)
        names = {v.worker for v in visits}
        assert not [n for n in names if n in h.zh or n in h.en]
        assert re.search(r"\d", h.zh)


def test_times_are_looked_at_only_with_a_ground(county: County) -> None:
    campaign = VisitCampaign.objects.select_related("campaign").get(campaign__key=CAMPAIGN)
    with_times = {s.hint.kind for s in look_at(campaign, clock.today())}
    campaign.times_ground, campaign.times_until = "", None
    without = {s.hint.kind for s in look_at(campaign, clock.today())}
    assert without <= {Kind.TOO_MANY, Kind.SERIES, Kind.COPIED_PHOTO}
    assert with_times - without


def test_looking_again_keeps_what_was_said(county: County) -> None:
    first = hints()[0]
    settle(county.operator(), first.pk, EXPLAINED, "当日在安置点逐户走访，户户相邻 13900001234")
    before = {h.pk: h.state for h in hints()}
    assert look(county.operator(), CAMPAIGN) == 0
    assert {h.pk: h.state for h in hints()} == before
    first.refresh_from_db()
    assert (first.state, first.settled_on) == (EXPLAINED, clock.today())
    assert "13900001234" not in (decrypt(first.words, WORDS) or "")


def test_a_visit_that_was_corrected_is_hinted_at_no_longer(county: County) -> None:
    one = hints()[0]
    Visit.objects.filter(pk__in=one.visits).delete()
    look(county.operator(), CAMPAIGN)
    assert not WatchHint.objects.filter(pk=one.pk, state=OPEN).exists()


def test_only_with_words_and_by_who_may(county: County) -> None:
    first = hints()[0]
    with refused("BF-2906"):
        settle(county.operator(), first.pk, EXPLAINED, "")
    with refused("BF-2906"):
        settle(county.operator(), first.pk, "guilty", "x")
    with refused("BF-2905"):
        settle(county.operator(), 0, EXPLAINED, "x")
    with refused("BF-1001"):
        settle(someone(county, "auditor2", "auditor", county.path), first.pk, EXPLAINED, "x")


def test_the_pages(county: County) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="county"))
    first = hints()[0]
    assert first.en[:20] in client.get("/fieldwork/watch/").content.decode().replace("&#x27;", "'")
    page = f"/fieldwork/watch/{first.pk}/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"do": "confirmed", "words": "重访两户，一户从未有人来过"}).status_code == 302
    assert WatchHint.objects.get(pk=first.pk).state == CONFIRMED
    assert client.post(page, {"do": "confirmed", "words": ""}).status_code == 400
    assert client.get("/fieldwork/watch/?state=confirmed").status_code == 200
    assert (
        client_of(
            someone(county, "secretary8", "village_secretary", Visit.objects.get(pk=first.visits[0]).path[: len(county.path) + 8])
        )
        .get(page)
        .status_code
        == 403
    )
    elsewhere = county.path + ("001/" if not first.path.startswith(county.path + "001/") else "002/")
    assert client_of(someone(county, "station8", "township_station", elsewhere)).get(page).status_code == 404
