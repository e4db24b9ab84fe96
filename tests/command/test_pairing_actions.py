"""Helpers and pairings: what is refused, how hands change, requests, confirmations, duties, plans."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.accounts.actions import DutyRow, give_duties
from bangfu.accounts.models import Duty
from bangfu.command.actions import (
    PairRow,
    ask_change,
    avoid,
    confirm_pairings,
    decide_change,
    end_helpers,
    end_officers,
    end_pairings,
    except_from_ceiling,
    hand_over,
    pair,
)
from bangfu.command.actions.chain import give_account
from bangfu.command.actions.plans import adopt_plan, drop_plan, move_planned, propose_pairing, undo_plan
from bangfu.command.models import Helper, Pairing, PairingPlan, PairingRequest
from bangfu.command.pairings_shown import unhelped_households
from bangfu.command.settings import pairing_settings
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.postgres import dsn
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.models import Household, Kind, Membership
from tests.command.ground import BEGAN, Ground, actor_of, head_of, lay, rows_of


@pytest.fixture
def ground(county: County) -> Ground:
    return lay(county)


def refused(number: str, do: Any, *args: Any, **told: Any) -> Problem:
    """Do it and hold that it is refused with a number, and that no pairing was touched."""
    before = rows_of()
    with pytest.raises(Problem) as raised, transaction.atomic():
        do(*args, **told)
    assert raised.value.number == number
    assert rows_of() == before
    return raised.value


def stands(household: Household, day: date | None = None) -> str | None:
    """The number of the officer who answers for a household on a day."""
    rows = Pairing.objects.principals().on(day or clock.today()).filter(household=household)
    return rows.values_list("helper__officer__number", flat=True).first()


def one(ground: Ground, n: int, helper: str, since: date = BEGAN) -> PairRow:
    return PairRow(ground.homes[n].number, helper, since)


def pairing_of(household: Household) -> Pairing:
    found: Pairing = Pairing.objects.open().principals().get(household=household)
    return found


# --- what is refused


def test_a_helper_of_a_registered_household_is_refused_wherever_they_live(ground: Ground) -> None:
    """The township does not see that household; it is held against the helper all the same."""
    ground.be("T1", head_of(ground.elsewhere[0]))
    for actor in (ground.operator, ground.actor("township_station", ground.here.path)):
        problem = refused("BF-2220", pair, actor, [one(ground, 0, "T2"), PairRow(ground.homes[1].number, "T1", BEGAN, row=2)])
        assert problem.values["row"] == 2


def ordinary(ground: Ground) -> Household:
    rows = Kind.objects.on(clock.today()).under(ground.here.path).filter(kind="ordinary").values("household")
    found: Household = Household.objects.filter(pk__in=rows).order_by("number").first()
    return found


def test_nobody_answers_for_their_own_household(ground: Ground) -> None:
    home = ordinary(ground)
    ground.be("T1", head_of(home))
    refused("BF-2221", pair, ground.operator, [PairRow(home.number, "T1", BEGAN)])
    assert pair(ground.operator, [one(ground, 0, "T1")]) == 1


def test_who_shares_a_registration_book_stands_back(ground: Ground) -> None:
    home = ground.homes[0]
    officer, member = head_of(ordinary(ground)), head_of(home)
    ground.be("T1", officer)
    Membership.objects.filter(person__in=(officer, member)).exclude(sort="farming").delete()
    book = Household.objects.create(
        path=home.path, sort="hukou", number="BOOK-1", area_id=home.area_id, evidence_id=home.evidence_id
    )
    for person, relation in ((officer, "head"), (member, "sibling")):
        Membership.objects.create(
            path=home.path, person_id=person, household=book, sort="hukou", relation=relation,
            valid=DateRange(date(2015, 1, 1), None), evidence_id=home.evidence_id,
        )  # fmt: skip
    problem = refused("BF-2222", pair, ground.operator, [one(ground, 0, "T1")])
    assert "户口簿" in problem.values["why"].zh
    assert pair(ground.operator, [one(ground, 1, "T1")]) == 1


def test_who_was_once_of_the_household_stands_back(ground: Ground) -> None:
    home, officer = ground.homes[0], head_of(ordinary(ground))
    ground.be("T1", officer)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE register_membership SET valid = daterange('2019-06-01', upper(valid)) WHERE person_id = %s AND sort = 'farming' RETURNING lower(valid)",
            [officer],
        )
    Membership.objects.create(
        path=home.path, person_id=officer, household=home, sort="farming", relation="sibling",
        valid=DateRange(date(2010, 1, 1), date(2019, 6, 1)), evidence_id=home.evidence_id,
    )  # fmt: skip
    problem = refused("BF-2222", pair, ground.operator, [one(ground, 0, "T1")])
    assert "曾" in problem.values["why"].zh


def test_a_declared_avoidance_is_refused_with_its_reason(ground: Ground) -> None:
    avoid(ground.operator, "T1", ground.homes[0].number, "曾有土地纠纷")
    avoid(ground.operator, "T1", ground.homes[0].number, "另说")  # what is noted stays
    assert refused("BF-2222", pair, ground.operator, [one(ground, 0, "T1")]).values["why"] == "曾有土地纠纷"
    refused("BF-2204", avoid, ground.operator, "T2", ground.homes[0].number, " ")


def test_a_household_has_one_principal_and_others_beside(ground: Ground) -> None:
    assert pair(ground.operator, [one(ground, 0, "T1")]) == 1
    assert pair(ground.operator, [one(ground, 0, "T1")]) == 0
    assert refused("BF-2223", pair, ground.operator, [one(ground, 0, "T2")]).values["holder"] == "试1"
    refused("BF-2223", pair, ground.operator, [one(ground, 1, "T2"), one(ground, 1, "T3")])
    assert pair(ground.operator, [PairRow(ground.homes[0].number, "T2", BEGAN, principal=False)]) == 1


def test_the_ceiling_holds_until_there_is_a_named_exception(ground: Ground) -> None:
    ceiling = pairing_settings(clock.today()).ceiling
    rows = [one(ground, n, "T1") for n in range(ceiling + 1)]
    problem = refused("BF-2224", pair, ground.operator, rows)
    assert (problem.values["count"], problem.values["ceiling"]) == (ceiling + 1, ceiling)
    assert pair(ground.operator, rows[:-1]) == ceiling
    refused("BF-2224", pair, ground.operator, rows[-1:])
    key = ground.helper("T1").pk
    refused("BF-2204", except_from_ceiling, ground.operator, key, ceiling + 1, " ")
    except_from_ceiling(ground.operator, key, ceiling + 1, "两户同住一院")
    assert pair(ground.operator, rows[-1:]) == 1
    except_from_ceiling(ground.operator, key, None, "")
    assert Helper.objects.get(pk=key).ceiling is None


def test_households_of_another_township_count_for_the_ceiling(ground: Ground) -> None:
    """The township pairs by what the helper carries everywhere, though it sees its own households only."""
    ceiling = pairing_settings(clock.today()).ceiling
    pair(ground.operator, [PairRow(h.number, "T1", BEGAN) for h in ground.elsewhere[:ceiling]])
    township = ground.actor("township_station", ground.here.path)
    assert refused("BF-2224", pair, township, [one(ground, 0, "T1")]).values["count"] == ceiling + 1
    problem = refused("BF-2244", end_helpers, township, [ground.helper("T1").pk], on=clock.today(), reason="调离")
    assert problem.values["count"] == ceiling
    assert end_helpers(ground.operator, [ground.helper("T1").pk], on=clock.today(), reason="调离") == 1


def test_rows_that_name_nobody(ground: Ground) -> None:
    refused("BF-1222", pair, ground.operator, [PairRow("none", "T1", BEGAN)])
    refused("BF-2202", pair, ground.operator, [one(ground, 0, "nobody")])
    refused("BF-2225", pair, ground.operator, [one(ground, 0, "T1", date(2018, 1, 1))])
    refused("BF-2204", pair, ground.operator, [PairRow(ground.homes[0].number, "T1", BEGAN, reason="whim")])


def test_a_role_acts_in_its_area_and_within_its_permissions(ground: Ground) -> None:
    pair(ground.operator, [PairRow(ground.elsewhere[0].number, "T1", BEGAN)])
    key = pairing_of(ground.elsewhere[0]).pk
    township = ground.actor("township_station", ground.here.path)
    refused("BF-1222", pair, township, [PairRow(ground.elsewhere[1].number, "T2", BEGAN)])
    refused("BF-2226", hand_over, township, key, "T2", on=clock.today(), handover="交接")
    refused("BF-2226", end_pairings, township, [key], on=clock.today(), reason="left")
    refused("BF-1222", ask_change, township, ground.elsewhere[0].number, "household")
    refused(
        "BF-2240",
        end_helpers,
        ground.actor("township_station", ground.there.path),
        [ground.helper("T2").pk],
        on=clock.today(),
        reason="调离",
    )
    secretary = ground.actor("village_secretary", ground.homes[0].path[:-4])
    for do, args in ((pair, ([one(ground, 0, "T1")],)), (end_pairings, ([key],)), (propose_pairing, (ground.here.path,))):
        told = {"on": clock.today(), "reason": "left"} if do is end_pairings else {}
        refused("BF-1001", do, secretary, *args, **told)
    refused("BF-1001", confirm_pairings, ground.actor("supervisor", ground.here.path), [key], by="household", on=clock.today())


# --- hands change


def test_a_hand_over_leaves_no_day_between_and_keeps_the_history(ground: Ground) -> None:
    home, day = ground.homes[0], date(2020, 4, 1)
    pair(ground.operator, [one(ground, 0, "T1")])
    first = pairing_of(home).pk
    confirm_pairings(ground.operator, [first], by="helper", on=day)
    hand_over(ground.operator, first, "T2", on=day, handover="老人耳背，走访要敲门")
    assert stands(home, day - timedelta(1)) == "T1"
    assert stands(home, day) == "T2"
    old, new = Pairing.objects.get(pk=first), pairing_of(home)
    assert old.valid == DateRange(BEGAN, day)
    assert (old.end_reason, old.handover, old.helper_confirmed) == ("handover", "老人耳背，走访要敲门", day)
    assert (new.start_reason, new.helper_confirmed, new.household_confirmed) == ("handover", None, None)
    refused("BF-2204", hand_over, ground.operator, new.pk, "T3", on=clock.today(), handover=" ")
    refused("BF-2243", hand_over, ground.operator, new.pk, "T3", on=day - timedelta(1), handover="交接")
    refused("BF-2243", end_pairings, ground.operator, [new.pk], on=day - timedelta(1), reason="left")
    refused("BF-2226", hand_over, ground.operator, first, "T3", on=clock.today(), handover="交接")
    avoid(ground.operator, "T4", home.number, "亲戚")
    refused("BF-2222", hand_over, ground.operator, new.pk, "T4", on=clock.today(), handover="交接")
    assert stands(home) == "T2"


def test_both_confirm_and_a_helper_only_for_themselves(ground: Ground) -> None:
    pair(ground.operator, [one(ground, 0, "T1"), one(ground, 1, "T2")])
    mine, other = pairing_of(ground.homes[0]).pk, pairing_of(ground.homes[1]).pk
    user, today = ground.user("helper", ground.county.path), clock.today()
    give_account(ground.operator, "T1", user.username)
    give_duties(ground.operator, [DutyRow(user, ground.homes[1].path, today, None, ground.homes[1].pk)], source="hand")
    helper = actor_of(user)
    refused("BF-2226", confirm_pairings, helper, [other], by="helper", on=today)
    refused("BF-2242", confirm_pairings, helper, [mine], by="household", on=today)
    refused("BF-2204", confirm_pairings, helper, [mine], by="somebody", on=today)
    assert confirm_pairings(helper, [mine], by="helper", on=today) == 1
    assert confirm_pairings(helper, [mine], by="helper", on=today) == 0
    secretary = ground.actor("village_secretary", ground.homes[0].path[:-4])
    assert confirm_pairings(secretary, [mine], by="household", on=today) == 1
    row = Pairing.objects.get(pk=mine)
    assert (row.helper_confirmed, row.household_confirmed) == (today, today)


def test_a_request_is_decided_within_days_and_becomes_a_pairing(ground: Ground) -> None:
    home = ground.homes[0]
    pair(ground.operator, [one(ground, 0, "T1")])
    asked = ask_change(ground.actor("village_secretary", home.path[:-4]), home.number, "not_visited", "三个月没来", "T2")
    assert asked.due == clock.today() + timedelta(7)
    assert refused("BF-2227", ask_change, ground.operator, home.number, "post").values["due"] == asked.due
    refused("BF-2204", decide_change, ground.operator, asked.pk, granted=True, answer=" ")
    refused("BF-2228", decide_change, ground.actor("township_station", ground.there.path), asked.pk, granted=True, answer="同意")
    decided = decide_change(ground.actor("township_station", ground.here.path), asked.pk, granted=True, answer="同意更换")
    assert (decided.granted, decided.answer) == (True, "同意更换")
    assert stands(home) == "T2"
    assert Pairing.objects.get(household=home, helper=ground.helper("T1")).handover == "同意更换"
    assert pairing_of(home).start_reason == "request"
    refused("BF-2228", decide_change, ground.operator, asked.pk, granted=False, answer="不同意")


def test_a_request_for_a_household_without_anybody_and_one_that_is_refused(ground: Ground) -> None:
    asked = ask_change(ground.operator, ground.homes[0].number, "household")
    refused("BF-2204", decide_change, ground.operator, asked.pk, granted=True, answer="同意")  # nobody is named
    decide_change(ground.operator, asked.pk, granted=True, answer="同意", helper="T3")
    assert stands(ground.homes[0]) == "T3"
    again = ask_change(ground.operator, ground.homes[0].number, "household")
    decide_change(ground.operator, again.pk, granted=False, answer="刚换过")
    assert stands(ground.homes[0]) == "T3"
    assert PairingRequest.objects.get(pk=again.pk).granted is False
    refused("BF-2204", ask_change, ground.operator, ground.homes[0].number, "whim")
    refused("BF-2225", ask_change, ground.operator, ground.homes[0].number, "household", "", "T99")


def test_an_officer_who_leaves_ends_what_they_answered_for(ground: Ground) -> None:
    """Pairings to come as well: nobody answers who does not serve."""
    today = clock.today()
    pair(ground.operator, [one(ground, 0, "T1"), one(ground, 1, "T1", today + timedelta(5)), one(ground, 2, "T2")])
    assert end_officers(ground.operator, ["T1"], on=today, reason="调离本县") == 1
    assert [stands(h) for h in ground.homes[:3]] == [None, None, "T2"]
    assert Pairing.objects.get(helper=ground.helper("T1")).end_reason == "left"
    assert not Pairing.objects.open().filter(helper=ground.helper("T1")).exists()
    helper = ground.helper("T1")
    assert (helper.valid.upper, helper.end_reason) == (today, "调离本县")
    unhelped = set(unhelped_households(ground.operator, ground.here.path, today).values_list("pk", flat=True))
    assert {ground.homes[0].pk, ground.homes[1].pk} <= unhelped
    assert ground.homes[2].pk not in unhelped
    refused("BF-2225", pair, ground.operator, [one(ground, 0, "T1", today)])


@pytest.mark.parametrize("as_set", [True, False])
def test_the_set_form_equals_one_by_one(as_set: bool, ground: Ground) -> None:
    rows = [one(ground, n, f"T{1 + n % 3}") for n in range(9)] + [PairRow(ground.homes[0].number, "T5", BEGAN, principal=False)]
    if as_set:
        assert pair(ground.operator, rows) == 10
    else:
        assert sum(pair(ground.operator, [row]) for row in rows) == 10
    helpers = {f"T{n}": ground.helper(f"T{n}").pk for n in range(1, 6)}
    wanted = {(h.pk, helpers[f"T{1 + n % 3}"], True, BEGAN) for n, h in enumerate(ground.homes[:9])}
    wanted.add((ground.homes[0].pk, helpers["T5"], False, BEGAN))
    found = Pairing.objects.filter(helper__in=helpers.values()).values_list("household", "helper", "principal", "valid")
    assert {(h, g, p, v.lower) for h, g, p, v in found} == wanted


# --- duties


def test_a_helper_sees_exactly_what_they_answer_for(ground: Ground) -> None:
    user, today = ground.user("helper", ground.county.path), clock.today()
    give_account(ground.operator, "T1", user.username)
    pair(
        ground.operator,
        [one(ground, 0, "T1"), one(ground, 1, "T1"), one(ground, 2, "T2"), one(ground, 3, "T1", today + timedelta(3))],
    )
    mine = {ground.homes[0].pk, ground.homes[1].pk}
    assert actor_of(user).duty.households == mine  # type: ignore[union-attr]
    with acting(actor_of(user)):
        assert set(Household.objects.farming().values_list("pk", flat=True)) == mine
        assert set(Pairing.objects.values_list("household", flat=True)) == mine
    end_pairings(ground.operator, [pairing_of(ground.homes[0]).pk], on=today, reason="left")
    assert actor_of(user).duty.households == {ground.homes[1].pk}  # type: ignore[union-attr]
    hand_over(ground.operator, pairing_of(ground.homes[2]).pk, "T1", on=today, handover="交接")
    assert actor_of(user).duty.households == {ground.homes[1].pk, ground.homes[2].pk}  # type: ignore[union-attr]


def test_a_duty_given_by_hand_stays_when_the_pairing_ends(ground: Ground) -> None:
    user, today = ground.user("helper", ground.county.path), clock.today()
    give_account(ground.operator, "T1", user.username)
    give_duties(ground.operator, [DutyRow(user, ground.homes[0].path, BEGAN, None, ground.homes[0].pk)], source="hand")
    pair(ground.operator, [one(ground, 0, "T1"), one(ground, 1, "T1")])
    for n in (0, 1):
        end_pairings(ground.operator, [pairing_of(ground.homes[n]).pk], on=today, reason="left")
    assert actor_of(user).duty.households == {ground.homes[0].pk}  # type: ignore[union-attr]


def test_what_is_refused_gives_no_duty(ground: Ground) -> None:
    user = ground.user("helper", ground.county.path)
    give_account(ground.operator, "T1", user.username)
    pair(ground.operator, [one(ground, 1, "T2")])
    refused("BF-2223", pair, ground.operator, [one(ground, 0, "T1"), one(ground, 1, "T1")])
    assert not Duty.objects.of(user).exists()


def test_without_having_been_told_no_pairing_is_seen(own_database: str) -> None:
    """On a connection that has served somebody: neither after its transaction nor with a scope alone; another township's never."""
    tables = ("command_pairing", "command_avoidance", "command_pairingrequest", "command_plannedpairing", "command_pairingplan")
    with psycopg.connect(**(dsn.libpq("web") | {"dbname": own_database}), autocommit=True) as web:
        with web.transaction():
            web.execute("SELECT set_config('bangfu.scope', 'cn/', true), set_config('bangfu.duty', 'all', true)")
            (path,) = web.execute("SELECT path FROM command_pairing ORDER BY path LIMIT 1").fetchone()  # type: ignore[misc]
        with web.transaction():
            for table in tables:
                assert web.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # type: ignore[arg-type]
        with web.transaction():
            web.execute("SELECT set_config('bangfu.scope', 'cn/', true)")
            for table in tables:
                assert web.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # type: ignore[arg-type]
        with web.transaction():
            village = path[:-4]
            web.execute("SELECT set_config('bangfu.scope', %s, true), set_config('bangfu.duty', 'all', true)", [village])
            seen = web.execute("SELECT path FROM command_pairing").fetchall()
            assert seen
            assert all(p.startswith(village) for (p,) in seen)
            with pytest.raises(psycopg.errors.InsufficientPrivilege), web.transaction():
                web.execute(
                    "INSERT INTO command_pairing (path, household_id, helper_id, principal, valid, start_reason, end_reason, handover, actor) "
                    "SELECT 'cn/999/', household_id, helper_id, false, '[2030-01-01,)', 'assigned', '', '', 'x' FROM command_pairing LIMIT 1"
                )


# --- plans


def proposal(ground: Ground, **told: Any) -> PairingPlan:
    """A plan of the first township, where T1 answers for three households and is left out: they change, the others are new."""
    pair(ground.operator, [one(ground, n, "T1") for n in range(3)])
    return propose_pairing(ground.operator, ground.here.path, without=["T1"], **told)


def test_a_plan_is_proposed_adjusted_adopted_and_undone_as_one_act(ground: Ground) -> None:
    plan = proposal(ground)
    before = rows_of()
    assert plan.pairs.count() == len(ground.homes)
    assert plan.pairs.filter(before=ground.helper("T1")).count() == 3
    assert not plan.pairs.filter(after=ground.helper("T1")).exists()
    free = next(n for n in ("T2", "T3", "T4", "T5", "T6") if plan.pairs.filter(after=ground.helper(n)).count() < 6)
    move_planned(ground.operator, plan.pk, ground.homes[0].number, free)
    move_planned(ground.operator, plan.pk, ground.homes[1].number, "")
    assert rows_of() == before  # a proposal changes nothing
    changed = adopt_plan(ground.operator, plan.pk)
    assert changed == plan.pairs.changing().count()
    assert stands(ground.homes[0]) == free
    assert stands(ground.homes[1]) is None
    planned = dict(plan.pairs.values_list("household", "after"))
    today = clock.today()
    found = dict(Pairing.objects.principals().on(today).filter(household__in=planned).values_list("household", "helper"))
    assert found == {h: g for h, g in planned.items() if g is not None}
    assert undo_plan(ground.operator, plan.pk) == changed
    assert rows_of() == before
    assert PairingPlan.objects.get(pk=plan.pk).state == "undone"
    refused("BF-2230", undo_plan, ground.operator, plan.pk)


def test_a_plan_undone_on_a_later_day_restores_who_answers_and_keeps_what_was(ground: Ground) -> None:
    plan, today = proposal(ground), clock.today()
    later = today + timedelta(10)
    before = dict(Pairing.objects.principals().on(today).values_list("household", "helper"))
    adopt_plan(ground.operator, plan.pk)
    adopted = dict(Pairing.objects.principals().on(today).values_list("household", "helper"))
    undo_plan(ground.operator, plan.pk, on=later)
    assert dict(Pairing.objects.principals().on(later).values_list("household", "helper")) == before
    assert dict(Pairing.objects.principals().on(later - timedelta(1)).values_list("household", "helper")) == adopted
    assert set(Pairing.objects.filter(plan=plan).values_list("end_reason", flat=True)) == {"undone"}


def test_a_plan_follows_into_duties(ground: Ground) -> None:
    user = ground.user("helper", ground.county.path)
    give_account(ground.operator, "T1", user.username)
    plan = proposal(ground)
    assert len(actor_of(user).duty.households) == 3  # type: ignore[union-attr]
    adopt_plan(ground.operator, plan.pk)
    assert actor_of(user).duty.households == frozenset()  # type: ignore[union-attr]
    undo_plan(ground.operator, plan.pk)
    assert len(actor_of(user).duty.households) == 3  # type: ignore[union-attr]


def test_a_plan_is_stale_once_pairings_changed(ground: Ground) -> None:
    plan = proposal(ground)
    end_pairings(ground.operator, [pairing_of(ground.homes[0]).pk], on=clock.today(), reason="left")
    assert refused("BF-2229", adopt_plan, ground.operator, plan.pk).values["household"] == ground.homes[0].number
    fresh = propose_pairing(ground.operator, ground.here.path)
    adopt_plan(ground.operator, fresh.pk)
    end_pairings(ground.operator, [pairing_of(ground.homes[0]).pk], on=clock.today(), reason="left")
    refused("BF-2229", undo_plan, ground.operator, fresh.pk)


def test_an_adjustment_is_held_to_what_refuses_a_pairing(ground: Ground) -> None:
    plan = proposal(ground)
    ceiling = plan.settings["ceiling"]
    avoid(ground.operator, "T2", ground.homes[0].number, "亲戚")
    refused("BF-2222", move_planned, ground.operator, plan.pk, ground.homes[0].number, "T2")
    refused("BF-2225", move_planned, ground.operator, plan.pk, ground.homes[0].number, "T99")
    refused("BF-1222", move_planned, ground.operator, plan.pk, ground.elsewhere[0].number, "T3")
    plan.pairs.filter(after=ground.helper("T3")).update(after=None)
    for home in ground.homes[1 : ceiling + 1]:
        move_planned(ground.operator, plan.pk, home.number, "T3")
    refused("BF-2224", move_planned, ground.operator, plan.pk, ground.homes[ceiling + 1].number, "T3")
    drop_plan(ground.operator, plan.pk)
    refused("BF-2230", move_planned, ground.operator, plan.pk, ground.homes[1].number, "T4")
    refused("BF-2230", adopt_plan, ground.operator, plan.pk)


def test_a_scenario_is_adopted_only_by_a_word_of_its_own(ground: Ground) -> None:
    plan = proposal(ground, title=Text("少一人", "One fewer"))
    refused("BF-2241", adopt_plan, ground.operator, plan.pk)
    assert adopt_plan(ground.operator, plan.pk, scenario=True) > 0


def test_plans_are_those_of_ones_own_area(ground: Ground) -> None:
    plan = proposal(ground)
    other: Actor = ground.actor("township_station", ground.there.path)
    for do in (adopt_plan, drop_plan):
        refused("BF-2231", do, other, plan.pk)
    refused("BF-2231", move_planned, other, plan.pk, ground.homes[0].number, "")
    refused("BF-1108", propose_pairing, other, ground.here.path)
    own = ground.actor("township_station", ground.here.path)
    assert adopt_plan(own, plan.pk) > 0
    assert undo_plan(own, plan.pk) > 0
