"""A campaign of visits from what it asks to who has no visit yet, on the county of the demo."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from bangfu.accounts.models import User
from bangfu.areas.models import Area
from bangfu.campaigns.actions import Asked, RuleRow, end_rule, form_teams, plan_visits, replan_visits, set_rule, set_up, team_out
from bangfu.campaigns.coverage import by_day, far
from bangfu.campaigns.models import Companion, Planned, Team, VisitCampaign, VisitPlan, VisitRule
from bangfu.campaigns.pages.left import left_rows
from bangfu.campaigns.providers import along
from bangfu.command.actions import CampaignRow, begin_campaign
from bangfu.command.models import Officer
from bangfu.fieldwork.actions.ledgers import SCHEMA, record_visits
from bangfu.fieldwork.models import Signature, SigningLink, Visit
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from tests.cases.ground import client_of, someone
from tests.command.standing import refused

KEY, BEGIN = "second-round", date(2020, 4, 20)
FORMS = {"ordinary": "visit_ordinary", "registered": "visit_registered", "monitored": "visit_registered"}
ASKED = Asked(KEY, "县委办〔2020〕试 1 号", FORMS, {"ordinary": 20, "registered": 30, "monitored": 30}, day_minutes=240)
pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(county: County) -> VisitCampaign:
    """A second round of twenty days that begins on 20 April, of which nobody has made a visit yet; today is the 28th."""
    Signature.objects.all().delete()
    SigningLink.objects.all().delete()
    Visit.objects.filter(day__gte=BEGIN).delete()
    begin_campaign(county.operator(), CampaignRow(KEY, Text("第二轮走访", "The second round"), "visits", BEGIN, 20))
    return set_up(county.operator(), ASKED)


@pytest.fixture
def planned(county: County, asked: VisitCampaign) -> VisitCampaign:
    """Its teams and its plan, made on its first day."""
    with clock.standing_at(BEGIN):
        form_teams(county.operator(), KEY)
        plan_visits(county.operator(), KEY)
    return asked


def visit(county: County, rows: list[Planned], on: date, **more: Any) -> None:
    """Visits of planned households on a day, as a ledger tells them."""
    told = [
        {"row": n, "number": p.household.number, "day": on, "mode": "home", "answered": "head", "away": False, "leader": p.team.leader.number if p.team else "", "present": "", "words": None}
        | more
        for n, p in enumerate(rows, 1)
    ]  # fmt: skip
    with clock.standing_at(on):
        assert (
            record_visits(county.operator(), pa.Table.from_pylist(told, schema=SCHEMA), name=f"{on} {len(rows)}").problems == ()
        )


def of(campaign: VisitCampaign) -> Any:
    return Planned.objects.filter(campaign=campaign).select_related("household", "team__leader").order_by("pk")


# --- what it asks


@pytest.mark.parametrize(
    "wrong",
    [
        {"campaign": "nosuch"}, {"campaign": "sprint"}, {"forms": {"ordinary": "nosuch"}}, {"minutes": {"ordinary": 0}}, {"kinds": ()}, {"kinds": ("rich",)},
        {"day_minutes": 10_000}, {"parties": 0}, {"leader_share": Decimal("1.2")}, {"leaflets": [{"zh": "", "en": "x"}]}, {"source": ""},
        {"times": ("a ground", None)}, {"positions": ("", date(2020, 5, 1))}, {"ranks": ("king",)},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(county: County, asked: VisitCampaign, wrong: dict[str, Any]) -> None:
    before = VisitCampaign.objects.values().get(pk=asked.pk)
    with refused("BF-2801" if "campaign" in wrong else "BF-2802"):
        set_up(county.operator(), replace(ASKED, **wrong))
    assert VisitCampaign.objects.values().get(pk=asked.pk) == before


def test_rules_are_dated_and_ended(county: County, asked: VisitCampaign) -> None:
    village = Area.objects.under(county.path).on(BEGIN).level("village").order_by("path")[0]
    (rule,) = set_rule(
        county.operator(), [RuleRow(village.path, BEGIN, BEGIN + timedelta(2), Text("封村", "closed"), "x", closed=True)]
    )
    assert (rule.valid.lower, rule.valid.upper) == (BEGIN, BEGIN + timedelta(3))
    with refused("BF-2802"):
        set_rule(county.operator(), [RuleRow(village.path, BEGIN, None, Text("空", "nothing"), "x")])
    with refused("BF-2802"):
        set_rule(
            county.operator(), [RuleRow(village.path, BEGIN, BEGIN - timedelta(1), Text("倒", "backwards"), "x", closed=True)]
        )
    (open_,) = set_rule(county.operator(), [RuleRow(village.path, BEGIN, None, Text("未定", "open"), "x", modes=["phone"])])
    end_rule(county.operator(), open_.pk)
    assert VisitRule.objects.get(pk=open_.pk).valid.upper == clock.today()
    elsewhere = someone(county, "station9", "township_station", county.path + "002/")
    with refused("BF-1001"):
        end_rule(elsewhere, rule.pk)


# --- teams and plan


def test_every_leader_has_a_team_in_a_township(county: County, planned: VisitCampaign) -> None:
    teams = list(Team.objects.filter(campaign=planned))
    leaders = Officer.objects.under(county.path).on(BEGIN).filter(rank__in=("county", "section"))
    assert {t.leader_id for t in teams} == set(leaders.values_list("pk", flat=True))
    townships = set(Area.objects.under(county.path).level("township").values_list("path", flat=True))
    assert {t.path for t in teams} <= townships
    counted = [Companion.objects.filter(team=t).values("party").distinct().count() for t in teams]
    assert all(t.parties >= n for t, n in zip(teams, counted, strict=True))
    once = Companion.objects.filter(team__campaign=planned).values_list("officer", flat=True)
    assert len(once) == len(set(once))
    with refused("BF-2809"):
        form_teams(county.operator(), KEY)


def test_every_household_is_planned_once_or_has_its_reason(county: County, planned: VisitCampaign) -> None:
    homes = set(
        Household.objects.farming()
        .filter(memberships__valid__contains=BEGIN, memberships__sort="farming")
        .values_list("pk", flat=True)
    )
    rows = list(of(planned))
    assert {p.household_id for p in rows} == homes
    days = {planned.campaign.valid.lower + timedelta(n) for n in range(planned.campaign.days())}
    for p in rows:
        if p.team is None:
            assert p.why["zh"]
            continue
        assert p.day in days
        assert any(p.path.startswith(at) for at in p.team.places)
        assert 1 <= p.party <= p.team.parties
        assert p.leader == (p.party == 1)
    figures = VisitPlan.objects.get(campaign=planned).figures
    assert figures["planned"] + figures["unplaced"] == len(rows)
    assert figures["ratio"] >= 1


def test_a_closed_village_is_not_visited_on_those_days(county: County, asked: VisitCampaign) -> None:
    village = (
        Area.objects.under(county.path)
        .on(BEGIN)
        .level("village")
        .filter(path__in=[h[: len(county.path) + 8] for h in Household.objects.farming().values_list("path", flat=True)])[0]
    )
    with clock.standing_at(BEGIN):
        set_rule(
            county.operator(), [RuleRow(village.path, BEGIN, BEGIN + timedelta(6), Text("封村", "closed"), "x", closed=True)]
        )
        form_teams(county.operator(), KEY)
        plan_visits(county.operator(), KEY)
    inside = of(asked).filter(path__startswith=village.path)
    assert inside.exists()
    assert not inside.filter(day__lt=BEGIN + timedelta(7)).exists()


def test_what_is_done_stays_when_a_team_falls_out(county: County, planned: VisitCampaign) -> None:
    rows = list(of(planned).filter(team__isnull=False))
    team = next(p.team for p in rows if p.day == BEGIN)
    done = [p for p in rows if p.team_id == team.pk and p.day == BEGIN]
    visit(county, done, BEGIN)
    before = {p.pk: (p.team_id, p.day, p.party, p.place) for p in rows}
    with clock.standing_at(BEGIN + timedelta(1)):
        team_out(county.operator(), KEY, team.number, "抽调防汛")
        with refused("BF-2804"):
            team_out(county.operator(), KEY, team.number, "再次")
        made = replan_visits(county.operator(), KEY, "第一组抽调")
    after = {p.pk: (p.team_id, p.day, p.party, p.place) for p in of(planned)}
    assert {k: after[k] for k in (p.pk for p in done)} == {p.pk: before[p.pk] for p in done}
    left = [p for p in of(planned) if p.pk not in {d.pk for d in done}]
    assert not [p for p in left if p.team_id == team.pk]
    assert not [p for p in left if p.day is not None and p.day <= BEGIN]
    kept = [k for k, v in before.items() if v[0] != team.pk and v[1] > BEGIN]
    assert all(after[k][:3] == before[k][:3] for k in kept)
    assert made.why == "第一组抽调"
    with refused("BF-2802"):
        replan_visits(county.operator(), KEY, "")


def test_who_was_visited_without_a_plan_is_done(county: County, planned: VisitCampaign) -> None:
    row = of(planned).first()
    Planned.objects.filter(pk=row.pk).update(
        team=None, day=None, party=None, place=None, leader=False, why={"zh": "x", "en": "x"}
    )
    row.team = None
    visit(county, [row], BEGIN, leader=Officer.objects.order_by("number")[0].number)
    with clock.standing_at(BEGIN + timedelta(1)):
        replan_visits(county.operator(), KEY, "重排")
    assert Planned.objects.get(pk=row.pk).team is None
    assert far(planned, county.path, BEGIN + timedelta(1))[0].done == 1


def test_nothing_is_planned_without_teams_or_after_the_end(county: County, asked: VisitCampaign) -> None:
    with refused("BF-2806"):
        plan_visits(county.operator(), KEY)
    form_teams(county.operator(), KEY)
    with refused("BF-2810"):
        replan_visits(county.operator(), KEY, "x")
    with clock.standing_at(date(2020, 6, 1)), refused("BF-2808"):
        plan_visits(county.operator(), KEY)


# --- how far it is


def test_coverage_counts_who_was_met_and_names_who_was_not(county: County, planned: VisitCampaign) -> None:
    rows = list(of(planned).filter(day=BEGIN))[:6]
    met, nobody, away = rows[:3], rows[3:4], rows[4:5]
    visit(county, met, BEGIN)
    visit(county, nobody, BEGIN, answered="nobody")
    visit(county, away, BEGIN, answered="", away=True)
    visit(county, nobody, BEGIN + timedelta(1))
    whole, below = far(planned, county.path, BEGIN)
    assert (whole.done, whole.today, whole.missed, whole.away) == (3, 3, 2, 1)
    assert sum(f.done for f in below) == 3
    assert sum(f.households for f in below) == whole.households == of(planned).count()
    later, _ = far(planned, county.path, BEGIN + timedelta(1))
    assert (later.done, later.today, later.missed) == (4, 1, 1)
    days = by_day(planned, county.path, BEGIN + timedelta(1))
    assert [d for _, _, d in days[:3]] == [3, 1, 0]
    assert sum(p for _, p, _ in days) == of(planned).filter(team__isnull=False).count()
    actor = county.operator()
    left = left_rows(actor, planned, county.path, BEGIN + timedelta(1))
    assert left.count() == whole.households - 4
    assert left.get(household=away[0].household).attempts == 1


def test_a_visit_before_or_after_the_campaign_does_not_count(county: County, planned: VisitCampaign) -> None:
    rows = list(of(planned))[:2]
    Visit.objects.filter(household__in=[p.household_id for p in rows]).delete()
    visit(county, rows[:1], BEGIN - timedelta(1))
    assert far(planned, county.path, clock.today())[0].done == far(planned, county.path, BEGIN - timedelta(1))[0].done


def test_who_goes_along_is_known_to_a_form(county: County, planned: VisitCampaign) -> None:
    row = next(p for p in of(planned) if p.team is not None and Companion.objects.filter(team=p.team, party=p.party).exists())
    companions = list(Companion.objects.filter(team=row.team, party=row.party).order_by("pk").values_list("officer", flat=True))
    assert along(row.household_id, row.day, None, True) == [row.team.leader_id, *companions]
    assert along(row.household_id, row.day, None, False) == companions


# --- the pages


def test_the_pages_show_it_and_do_what_their_buttons_say(county: County, planned: VisitCampaign) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="county"))
    base = f"/areas/{county.path}great-visits/{KEY}/"
    assert client.get("/fieldwork/campaigns/").status_code == 302
    for address in (
        base,
        f"{base}left/",
        f"{base}left/?state=late&vain=1&kind=ordinary",
        f"{base}teams/",
        f"{base}teams/1/",
        f"{base}left/export/",
    ):
        assert client.get(address).status_code == 200, address
    assert client.get(f"{base}teams/999/").status_code == 404
    assert client.get(f"/areas/{county.path}great-visits/nosuch/").status_code == 404
    told = {"do": "rule", "zh": "暂不入户", "en": "no visits", "first": "2020-04-29", "last": "", "source": "x", "closed": "1"}
    assert client.post(base, told).status_code == 302
    rule = VisitRule.objects.get(zh="暂不入户")
    assert client.post(base, {"do": "end", "rule": rule.pk}).status_code == 302
    assert client.post(base, told | {"first": "soon"}).status_code == 400
    assert client.post(f"{base}teams/", {"do": "out", "team": "1", "why": "调离"}).status_code == 302
    assert "调离" in client.get(f"{base}teams/").content.decode()
    assert client.post(f"{base}teams/", {"do": "replan", "why": "第一组调离"}).status_code == 302
    assert client.post(f"{base}teams/", {"do": "replan", "why": ""}).status_code == 400


def test_a_village_sees_its_own_and_plans_nothing(county: County, planned: VisitCampaign) -> None:
    row = of(planned).first()
    village = row.path[: len(county.path) + 8]
    client = client_of(someone(county, "secretary9", "village_secretary", village))
    base = f"/areas/{village}great-visits/{KEY}/"
    assert client.get(base).status_code == 200
    assert client.get(f"{base}left/").status_code == 200
    assert client.post(f"{base}teams/", {"do": "replan", "why": "x"}).status_code == 403
    assert client.get(f"/areas/{county.path}great-visits/{KEY}/").status_code == 404
