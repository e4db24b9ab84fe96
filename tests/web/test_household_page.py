"""A household's page: why each verdict fell as it did, and the household as of a day gone by."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import User
from bangfu.foundation.county import County, the_county
from bangfu.foundation.problems import Problem
from bangfu.register.models import Household
from bangfu.register.showing import show_household
from bangfu.screening.models import Verdict

pytestmark = pytest.mark.django_db
TODAY = date(2020, 4, 28)
GUARANTEES = 7


@pytest.fixture
def client(county: County) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="county"))
    return client


def numbered(guarantee: str, result: str) -> str:
    """The number of a household with such a verdict."""
    found = Verdict.objects.filter(guarantee=guarantee, result=result).order_by("path", "household")
    return str(Household.objects.get(pk=found.values_list("household", flat=True)[0]).number)


def shown(client: Client, number: str, **query: str) -> Any:
    answer = client.get(reverse("register:household", kwargs={"number": number}), query)
    assert answer.status_code == 200
    return answer


def states(page: Any) -> dict[str, str]:
    """The verdicts on a page, by the guarantee's title."""
    steps = {str(n.guarantee): n.state for n in page.context["next"]}
    return steps | {str(v["guarantee"].title): v["state"] for v in page.context["settled"]}


def change(sql: str, number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [Household.objects.get(number=number, sort="farming").pk])
        assert cursor.rowcount == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verdict_says_why_and_what_is_unmet_says_what_to_do(client: Client, lang: str) -> None:
    seen = set()
    for guarantee, result in Verdict.objects.order_by("guarantee", "result").values_list("guarantee", "result").distinct():
        page = shown(client, numbered(guarantee, result))
        assert len(states(page)) == GUARANTEES
        for step in page.context["next"]:
            assert step.reason.in_language(lang)
            assert step.do.in_language(lang)
        for verdict in page.context["settled"]:
            seen.add(verdict["state"])
            assert verdict["reason"].in_language(lang)
            assert "{" not in verdict["reason"].in_language(lang)
            assert "不详" not in verdict["reason"].zh
    assert seen == {"met", "not_assessed"}


def test_a_met_income_is_told_with_its_value_and_the_line(client: Client) -> None:
    page = shown(client, numbered("income", "met"))
    (reason,) = [v["reason"] for v in page.context["settled"] if v["guarantee"].key == "income"]
    per_head = f"{page.context['income']['per_head']:,.2f}".removesuffix(".00")
    assert reason.zh == f"人均纯收入 {per_head} 元，达到 4,000 元的标准"
    with translation.override("en"):
        html = shown(client, numbered("income", "met")).content.decode()
    assert "4,000.00" in html
    assert "4,000.0 " not in html


def test_what_has_changed_since_it_was_judged_is_said(client: Client) -> None:
    number = numbered("food", "met")
    change("UPDATE register_living SET food_staple = false WHERE household_id = %s AND upper_inf(valid)", number)
    page = shown(client, number)
    (food,) = [v for v in page.context["settled"] if v["guarantee"].key == "food"]
    assert food["state"] == "met"
    assert food["reason"].zh == "登记内容此后有变动，正在重新评定"


def test_a_day_gone_by_has_the_verdicts_of_that_day(client: Client) -> None:
    number = numbered("housing", "met")
    change("UPDATE register_house SET valid = daterange('2020-03-01', NULL) WHERE household_id = %s AND upper_inf(valid)", number)
    today, then = shown(client, number), shown(client, number, as_of="2020-02-01")
    assert today.context["then"] is None
    assert then.context["then"] == then.context["policy"]["as_of"] == date(2020, 2, 1)
    assert today.context["policy"]["as_of"] == TODAY
    assert states(today)["住房安全有保障"] == "met"
    assert states(then)["住房安全有保障"] == "unknown"
    assert {k: v for k, v in states(then).items() if k != "住房安全有保障"} == {
        k: v for k, v in states(today).items() if k != "住房安全有保障"
    }
    html = then.content.decode()
    assert "以下是 2020-02-01 的情况" in html
    assert "2020-02-01 的评定" in html
    assert "请住建部门安排住房鉴定" not in html  # nothing is to be done in the past
    assert "以下是" not in shown(client, number, as_of="2020-04-28").content.decode()


def test_a_day_without_a_pack_is_not_judged_by_another(client: Client) -> None:
    page = shown(client, numbered("housing", "met"), as_of="2019-12-31")
    assert states(page) == {}
    assert page.context["policy"] is None
    assert page.context["members"]
    assert "2019-12-31 没有适用的规则包" in page.content.decode()


def test_an_income_sheet_of_a_later_period_is_not_of_the_day(client: Client) -> None:
    number = numbered("income", "met")
    assert shown(client, number, as_of="2019-09-30").context["income"]
    assert shown(client, number, as_of="2019-09-29").context["income"] is None


@pytest.mark.parametrize(
    ("said", "problem"),
    [("2020-13-01", "BF-2004"), ("yesterday", "BF-2004"), ("2020-04-29", "BF-2005"), ("2099-01-01", "BF-2005")],
)
def test_a_day_that_cannot_be_is_told(client: Client, said: str, problem: str) -> None:
    page = shown(client, numbered("housing", "met"), as_of=said)
    assert [p.number for p in page.context["notices"]] == [problem]
    assert page.context["then"] is None
    html = page.content.decode()
    assert problem in html
    assert said in html
    assert "2020-04-28" in str(page.context["notices"][0])
    assert states(page) == states(shown(client, numbered("housing", "met")))


def test_a_member_who_left_is_in_the_history_with_the_reason(client: Client) -> None:
    number = "52032310520390001"  # three members, all of them since the household was entered
    assert shown(client, number).context["history"] == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE register_membership m SET valid = daterange(lower(valid), '2020-03-01'), end_reason = 'death' "
            "FROM register_household h WHERE h.id = m.household_id AND h.number = %s AND m.relation = 'spouse'",
            [number],
        )
        assert cursor.rowcount == 1
    (event,) = shown(client, number).context["history"]
    assert (event.day, event.what.zh, event.what.en) == (
        date(2020, 3, 1),
        "熊会琴不再是本户成员（死亡）",
        "熊会琴 left (death)",
    )
    assert shown(client, number, as_of="2020-02-29").context["history"] == []


def test_a_change_of_a_member_is_in_the_history(client: Client) -> None:
    """What is said of a member and was not before; health is told to those only who may see it."""
    number = "52032310520390001"
    with connection.cursor() as cursor:
        for table, values in (("insurance", "resident_medical = NOT resident_medical"), ("condition", "health = '{chronic}'")):
            cursor.execute(
                f"CREATE TEMP TABLE of_head ON COMMIT DROP AS SELECT f.* FROM register_{table} f JOIN register_membership m ON "
                "m.person_id = f.person_id AND m.relation = 'head' JOIN register_household h ON h.id = m.household_id "
                "WHERE h.number = %s AND upper_inf(f.valid)",
                [number],
            )
            cursor.execute(
                f"UPDATE register_{table} f SET valid = daterange(lower(f.valid), '2020-03-01') FROM of_head WHERE of_head.id = f.id"
            )
            assert cursor.rowcount == 1
            cursor.execute(
                "ALTER TABLE of_head DROP id, DROP recorded_from; UPDATE of_head SET valid = daterange('2020-03-01', NULL), "
                + values
            )
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'of_head'::regclass AND attnum > 0 AND NOT attisdropped"
            )
            columns = cursor.fetchone()[0]
            cursor.execute(f"INSERT INTO register_{table} ({columns}) SELECT {columns} FROM of_head")
            cursor.execute("DROP TABLE of_head")
    (event,) = shown(client, number).context["history"]  # the county's headquarters see nobody's state of health
    assert event.day == date(2020, 3, 1)
    assert event.what.zh.endswith("·保险：是否参加城乡居民基本医疗保险 是 → 否")
    assert event.what.en.endswith(", insurance: Resident medical insurance yes → no")
    clinic = create_user(the_county().operator(), "visitor", "某", "a long and quiet river")
    assign_role(
        the_county().operator(),
        clinic,
        "village_secretary",
        "/".join(Household.objects.get(number=number, sort="farming").path.split("/")[:6]) + "/",
    )
    client.force_login(clinic)
    assert len(shown(client, number).context["history"]) == 2
    assert shown(client, number, as_of="2020-02-29").context["history"] == []


def test_a_day_before_anything_is_known_of_the_household_says_so(client: Client) -> None:
    page = shown(client, numbered("housing", "met"), as_of="1990-01-01")
    assert [p.number for p in page.context["notices"]] == ["BF-2006"]
    assert page.context["then"] is None
    with pytest.raises(Problem, match="BF-1253"):
        show_household(the_county().operator(), numbered("housing", "met"), as_of=date(1990, 1, 1))
