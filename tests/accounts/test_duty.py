"""Helpers and grid workers see exactly what they answer for: by `visible_to`, and by policy whatever a page forgets."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from bangfu.accounts.actions import DutyRow, assign_role, create_user, end_duty, give_duties
from bangfu.accounts.models import Assignment, Duty, User
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.postgres import dsn
from bangfu.foundation.problems import Problem
from bangfu.register.models import Household, Membership, Person
from bangfu.supervision.models.base import of_nobody

WITHOUT_HOUSEHOLD = {"Figure"}
SCOPED = [m for m in apps.get_models() if hasattr(m, "of_duty") or m.__name__ in WITHOUT_HOUSEHOLD]


@pytest.fixture
def helper(county: County) -> User:
    """A helper at the county, without duties yet."""
    user = create_user(county.operator(), "helper1", "帮", "a-long-password-2020")
    assign_role(county.operator(), user, "helper", county.path, since=clock.today() - timedelta(60))
    return user


@pytest.fixture
def households(county: County) -> list[Household]:
    """Households of more than one person in two villages far apart."""
    villages = Area.objects.under(county.path).level("village").order_by("path")
    near = Household.objects.farming().under(villages[0].path).order_by("number")[:3]
    far = Household.objects.farming().under(villages[len(villages) - 1].path).order_by("number")[:2]
    return [*near, *far]


def give(county: County, user: User, *held: Household, since: date | None = None, until: date | None = None) -> int:
    day = since or clock.today()
    rows = [DutyRow(user, h.path, day, until, h.pk, h.number) for h in held]
    return give_duties(county.operator(), rows, source="hand")


def actor_of(user: User) -> Actor:
    return Assignment.objects.of(user).on(clock.today()).get().actor()


def seen_by_policy(model: type[models.Model], actor: Actor) -> set[object]:
    """What a page that forgets everything would show."""
    with acting(actor):
        return set(model._default_manager.values_list("pk", flat=True))


def seen_by_rule(model: type[models.Model], actor: Actor) -> set[object]:
    return set(model.objects.visible_to(actor).values_list("pk", flat=True))  # type: ignore[attr-defined]


def test_every_table_with_a_scope_has_the_limit_of_duty(county: County) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, array_agg(policyname::text || ' ' || permissive ORDER BY policyname) FROM pg_policies WHERE policyname IN ('scope', 'duty') GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    assert len(found) > 30
    assert {t for t, policies in found.items() if policies != ["duty RESTRICTIVE", "scope PERMISSIVE"]} == set()


@pytest.mark.parametrize("model", SCOPED, ids=lambda m: m.__name__)
def test_rule_and_policy_show_the_same_rows(
    model: type[models.Model], county: County, helper: User, households: list[Household]
) -> None:
    """Nothing without duties; with them the rows of these households, and no other, in every table."""
    assert seen_by_policy(model, actor_of(helper)) == seen_by_rule(model, actor_of(helper)) == set()
    give(county, helper, households[0], households[3])
    actor = actor_of(helper)
    seen = seen_by_rule(model, actor)
    if model.__name__ not in WITHOUT_HOUSEHOLD:
        assert seen_by_policy(model, actor) == seen
    if model is Household:
        farming = set(Household.objects.farming().filter(pk__in=seen).values_list("pk", flat=True))
        assert farming == {households[0].pk, households[3].pk}
    village = Area.objects.under(county.path).level("village").order_by("path")[0]
    give_duties(county.operator(), [DutyRow(helper, village.path, clock.today())], source="hand")
    actor = actor_of(helper)
    whole = seen_by_rule(model, actor)
    assert seen <= whole
    if model.__name__ not in WITHOUT_HOUSEHOLD:
        assert seen_by_policy(model, actor) == whole
        if getattr(model, "of_duty", None) is of_nobody:  # what is examined of somebody's work is closed to who does it
            assert whole == set()
            return
        wanted = set(model.objects.under(village.path).values_list("pk", flat=True))  # type: ignore[attr-defined]
        assert wanted <= whole
        if model is Person:
            assert whole - wanted == set(members(households[3]))


def members(household: Household) -> list[int]:
    return list(Membership.objects.filter(household=household).on(clock.today()).values_list("person", flat=True))


def test_a_duty_is_held_between_its_days_only(county: County, helper: User, households: list[Household]) -> None:
    today = clock.today()
    give(county, helper, households[0], since=today - timedelta(9), until=today)
    give(county, helper, households[1], since=today + timedelta(1))
    give(county, helper, households[2], since=today, until=today + timedelta(1))
    actor = actor_of(helper)
    assert seen_by_rule(Person, actor) == seen_by_policy(Person, actor) == set(members(households[2]))


def test_who_left_the_household_is_no_longer_seen(county: County, helper: User, households: list[Household]) -> None:
    give(county, helper, households[0])
    actor = actor_of(helper)
    gone = Membership.objects.filter(household=households[0]).on(clock.today()).exclude(relation="head").first()
    assert gone is not None
    with connection.cursor() as cursor:
        day = clock.today()
        cursor.execute(
            "UPDATE register_membership SET valid = daterange(lower(valid), %s) WHERE person_id = %s", [day, gone.person_id]
        )
    assert gone.person_id not in seen_by_rule(Person, actor) | seen_by_policy(Person, actor)


def test_pages_show_the_duty_and_nothing_else(county: County, helper: User, households: list[Household]) -> None:
    give(county, helper, households[0], households[3])
    client = Client()
    client.force_login(helper)
    for household, status in ((households[0], 200), (households[3], 200), (households[1], 404), (households[4], 404)):
        assert client.get(reverse("register:household", kwargs={"number": household.number})).status_code == status
    page = client.get(reverse("register:households", kwargs={"path": county.path})).content.decode()
    assert households[0].number in page
    assert households[3].number in page
    assert households[1].number not in page


def test_without_having_been_told_the_limit_holds(own_database: str, county_template: str) -> None:
    """On a connection that has served somebody: a scope alone shows no row, and neither does the end of a transaction."""
    with psycopg.connect(**(dsn.libpq("web") | {"dbname": own_database}), autocommit=True) as web:
        (everything,) = web.execute("SELECT 'cn/'").fetchone()  # type: ignore[misc]
        with web.transaction():
            web.execute("SELECT set_config('bangfu.scope', %s, true), set_config('bangfu.duty', 'all', true)", [everything])
            assert web.execute("SELECT count(*) FROM register_household").fetchone()[0] > 0  # type: ignore[index]
        with web.transaction():
            web.execute("SELECT set_config('bangfu.scope', %s, true)", [everything])
            for table in ("register_household", "register_person", "register_evidence", "screening_verdict", "indicators_figure"):
                assert web.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # type: ignore[arg-type]


# --- giving and ending


def test_what_is_held_already_stays_and_a_row_that_will_not_do_leaves_everything(
    county: County, helper: User, households: list[Household]
) -> None:
    today = clock.today()
    assert give(county, helper, households[0], households[1]) == 2
    assert give(county, helper, households[0], since=today + timedelta(5)) == 0
    for rows, number in (
        ([DutyRow(helper, households[0].path, today - timedelta(3), None, households[0].pk)], "BF-1322"),
        ([DutyRow(helper, households[2].path, today, today, households[2].pk)], "BF-1323"),
    ):
        good = DutyRow(helper, households[4].path, today, None, households[4].pk)
        with pytest.raises(Problem) as raised:
            give_duties(county.operator(), [good, *rows], source="import")
        assert raised.value.number == number
    assert Duty.objects.of(helper).count() == 2


def test_a_duty_needs_a_role_that_sees_it(county: County, households: list[Household]) -> None:
    secretary = create_user(county.operator(), "sec", "书记", "a-long-password-2020")
    village = Area.objects.under(county.path).level("village").order_by("path")[0]
    assign_role(county.operator(), secretary, "village_secretary", village.path)
    with pytest.raises(Problem) as raised:
        give(county, secretary, households[0])
    assert raised.value.number == "BF-1321"


def test_an_actor_without_the_permission_gives_none(county: County, helper: User, households: list[Household]) -> None:
    row = DutyRow(helper, households[0].path, clock.today(), None, households[0].pk)
    with pytest.raises(Problem) as raised:
        give_duties(actor_of(helper), [row], source="hand")
    assert raised.value.number == "BF-1001"


def test_a_duty_that_ends_today_is_not_held_today(county: County, helper: User, households: list[Household]) -> None:
    today = clock.today()
    give(county, helper, households[0], since=today - timedelta(30))
    give(county, helper, households[1])
    for held in households[:2]:
        end_duty(county.operator(), helper, on=today, path=held.path, household=held.pk)
    assert seen_by_policy(Person, actor_of(helper)) == set()
    assert Duty.objects.of(helper).count() == 1
    with pytest.raises(Problem) as raised:
        end_duty(county.operator(), helper, on=today, path=households[0].path, household=households[0].pk)
    assert raised.value.number == "BF-1324"


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")
def test_a_list_of_duties(county: County, helper: User, households: list[Household], tmp_path: Path, capsys) -> None:
    village = Area.objects.under(county.path).level("village").order_by("path")[2]
    path = tmp_path / "duties.csv"
    lines = [f"helper1,{h.number},,2020-03-12," for h in households[:2]]
    path.write_text("用户名,户编号,区域,起,止\n" + "\n".join(lines) + f"\nhelper1,,{village.path},2020/03/12,\n", "gb18030")
    call_command("duty", "import", str(path))
    call_command("duty", "import", str(path))
    capsys.readouterr()
    call_command("duty", "list", "helper1", "--json")
    held = json.loads(capsys.readouterr().out)
    assert {d["household"] for d in held} == {households[0].number, households[1].number, None}
    call_command("duty", "end", "helper1", area=village.path)
    call_command("duty", "give", "helper1", household=households[4].number)
    assert actor_of(helper).duty.households == {households[0].pk, households[1].pk, households[4].pk}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("户编号\nA1\n", "BF-1323"),
        ("用户名,户编号\nhelper1,不存在\n", "BF-1222"),
        ("用户名,户编号\nnobody,A1\n", "BF-1302"),
        ("用户名,区域\nhelper1,999999999999\n", "BF-1108"),
        ("用户名,户编号,区域\nhelper1,,\n", "BF-1323"),
        ("用户名,区域,起\nhelper1,520323000000,去年\n", "BF-1323"),
        ("", "BF-1009"),
    ],
)
def test_a_list_that_will_not_do(county: County, helper: User, tmp_path: Path, text: str, number: str) -> None:
    from bangfu.register.duties import read_duties

    path = tmp_path / "duties.csv"
    path.write_text(text)
    with pytest.raises(Problem) as raised:
        read_duties(path, county)
    assert raised.value.number == number


def test_a_role_without_figures_begins_with_its_day(county: County, helper: User, households: list[Household]) -> None:
    """No table of noughts: the first page is one's day, and every area's page the list of those whom the duty shows."""
    give(county, helper, households[0])
    client = Client()
    client.force_login(helper)
    assert client.get("/", follow=True).redirect_chain[0][0] == "/today/"
    page = client.get(reverse("web:county", kwargs={"path": county.path}), follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("register:households", kwargs={"path": county.path}))
    assert households[0].number in page.content.decode()
