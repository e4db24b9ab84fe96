"""Writes of campaigns, orders, tasks and reports: what they do, what they refuse and under which number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from bangfu.accounts.models import AuditEntry
from bangfu.areas.models import Area
from bangfu.command.actions import (
    CampaignRow,
    OrderDraft,
    TaskRow,
    acknowledge,
    answer,
    begin_campaign,
    issue_order,
    report,
    tell_overdue,
)
from bangfu.command.actions.orders import end_of
from bangfu.command.models import (
    Campaign,
    Officer,
    Order,
    Post,
    Report,
    Task,
)
from bangfu.foundation import clock
from bangfu.foundation.say import Text
from tests.command.standing import A_DAY, DO, TODAY, Standing, actor_of, an_order, client_of, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("first", "length", "unit", "after"),
    [
        (date(2020, 3, 31), 90, "day", date(2020, 6, 29)),
        (date(2020, 3, 11), 1, "month", date(2020, 4, 11)),
        (date(2020, 2, 20), 10, "month", date(2020, 12, 20)),
        (date(2020, 1, 31), 1, "month", date(2020, 2, 29)),
        (date(2019, 1, 31), 1, "month", date(2019, 2, 28)),
        (date(2020, 8, 31), 1, "month", date(2020, 9, 30)),
        (date(2020, 11, 30), 3, "month", date(2021, 2, 28)),
        (date(2020, 12, 15), 1, "month", date(2021, 1, 15)),
        (date(2020, 2, 29), 12, "month", date(2021, 2, 28)),
    ],
)
def test_a_campaign_ends_as_its_order_says(first: date, length: int, unit: str, after: date) -> None:
    assert end_of(first, length, unit) == after


def test_a_campaign_knows_its_day(standing: Standing) -> None:
    sprint = Campaign.objects.get(key="sprint")
    assert (sprint.days(), sprint.day_number(date(2020, 3, 31)), sprint.day_number(date(2020, 6, 28))) == (90, 1, 90)
    assert (sprint.day_number(date(2020, 3, 30)), sprint.day_number(date(2020, 6, 29))) == (None, None)
    assert (sprint.day_number(TODAY), sprint.days_left(TODAY), sprint.days_left(date(2020, 6, 28))) == (29, 61, 0)


def test_a_campaign_is_begun_once_with_its_targets(standing: Standing) -> None:
    row = CampaignRow("summer", Text("夏收", "Harvest"), "other", TODAY, 2, "month", (("first_secretaries", ">=", Decimal(46)),))
    begun = begin_campaign(standing.top, row)
    assert begin_campaign(standing.top, replace(row, length=5)) == begun
    assert [(t.figure, t.op, t.value) for t in begun.targets.all()] == [("first_secretaries", ">=", Decimal(46))]
    assert not begun.attendance
    for wrong in ({"length": 0}, {"length": 1001}, {"unit": "moon"}, {"key": " "}, {"name": Text("", "")}):
        with refused("BF-2204"):
            begin_campaign(standing.top, replace(row, **{"key": "other", **wrong}))  # type: ignore[arg-type]
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=begun.pk).update(attendance=True)


def test_an_order_goes_down_as_tasks_with_owners_and_days(standing: Standing) -> None:
    order = an_order(
        standing,
        TaskRow(DO, TODAY, post=standing.post(standing.village).key),
        TaskRow(DO, TODAY, unit="education", acknowledge_by=TODAY),
        template="five_steps",
        owners=(standing.post(standing.township).key,),
    )
    tasks = list(order.tasks.order_by("place"))
    assert [t.path for t in tasks[:2]] == [standing.village.path, standing.county.path]
    assert [t.acknowledge_by for t in tasks[:2]] == [A_DAY + timedelta(1), TODAY]
    assert [t.step for t in tasks[2:]] == ["policy", "deployment", "training", "supervision", "accountability"]
    assert [(t.deadline - A_DAY).days for t in tasks[2:]] == [3, 5, 10, 30, 45]
    assert {t.path for t in tasks[2:]} == {standing.township.path}
    assert AuditEntry.objects.filter(act="order.issue", subject=order.number).count() == 1


def test_an_order_that_cannot_be_is_refused_whole(standing: Standing) -> None:
    post = standing.post(standing.township).key
    good = TaskRow(DO, TODAY, post=post)
    before = (Order.objects.count(), Task.objects.count())
    for change, number in (
        ({"tasks": ()}, "BF-2204"),
        ({"tasks": (good, replace(good, deadline=A_DAY - timedelta(1), row=2))}, "BF-2204"),
        ({"tasks": (replace(good, post=""),)}, "BF-2204"),
        ({"tasks": (replace(good, unit="education"),)}, "BF-2204"),
        ({"tasks": (replace(good, post="nowhere"),)}, "BF-2201"),
        ({"tasks": (replace(good, post="", unit="no_such"),)}, "BF-2203"),
        ({"tasks": (replace(good, title=Text("", "")),)}, "BF-2204"),
        ({"number": " "}, "BF-2204"),
        ({"kind": "letter"}, "BF-2204"),
        ({"source": ""}, "BF-2204"),
        ({"issuer": ""}, "BF-2204"),
        ({"campaign": "no_such"}, "BF-2211"),
        ({"serves": 0}, "BF-2207"),
        ({"template": "seven_steps", "owners": (post,)}, "BF-2204"),
        ({"post": "nowhere"}, "BF-2201"),
    ):
        with refused(number):
            draft = OrderDraft("试1", DO, "order", A_DAY, "县", "文", (good,), post="county")
            issue_order(standing.top, replace(draft, **change))  # type: ignore[arg-type]
    assert (Order.objects.count(), Task.objects.count()) == before
    an_order(standing)
    with refused("BF-2210", "试〔2020〕1号"):
        an_order(standing)


def test_a_township_breaks_its_task_down(standing: Standing) -> None:
    township = actor_of("township")
    task = an_order(standing).tasks.get()
    sub = issue_order(
        township,
        OrderDraft(
            "郑〔2020〕1号",
            DO,
            "order",
            TODAY,
            "郑场镇指挥部",
            "文",
            (TaskRow(DO, TODAY, post=standing.post(standing.village).key),),
            serves=task.pk,
        ),
    )
    assert (sub.serves, sub.path) == (task, standing.township.path)
    assert list(task.sub_orders.all()) == [sub]


def test_a_task_is_acknowledged_reported_and_done_by_its_own_post(standing: Standing) -> None:
    township, village = actor_of("township"), actor_of("village")
    order = an_order(
        standing,
        *[TaskRow(DO, TODAY, post=standing.post(standing.township).key)] * 2,
        TaskRow(DO, TODAY, post=standing.post(standing.village).key),
    )
    first, second, below = order.tasks.order_by("place")
    with refused("BF-2208"):
        report(township, first.pk, "progress", "先报")
    assert acknowledge(township, [first.pk, second.pk]) == 2
    assert acknowledge(township, [first.pk, second.pk]) == 0
    with refused("BF-2214"):  # a post below does its own
        acknowledge(township, [below.pk])
    with refused("BF-2207"):
        acknowledge(village, [first.pk])
    with refused("BF-2207"):
        acknowledge(township, [first.pk, 0])
    for kind, words in (("praise", "好"), ("progress", "  "), ("done", "x" * 4001)):
        with refused("BF-2204"):
            report(township, first.pk, kind, words)
    assert report(township, first.pk, "progress", "过半").to is None
    report(township, first.pk, "done", "完成")
    first.refresh_from_db()
    assert (first.state, first.done_by) == ("done", township.name)
    with refused("BF-2208"):
        report(township, first.pk, "progress", "再报")
    assert second.state == "new"
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=below.pk).update(done_at=clock.now())


def test_an_escalation_goes_to_the_post_above_and_comes_back_answered(standing: Standing) -> None:
    township, village, county = actor_of("township"), actor_of("village"), actor_of("county")
    order = an_order(standing, TaskRow(DO, TODAY, post=standing.post(standing.village).key), TaskRow(DO, TODAY, unit="education"))
    task, of_unit = order.tasks.order_by("place")
    acknowledge(village, [task.pk])
    asked = report(village, task.pk, "escalation", "缺人手")
    assert asked.to == standing.post(standing.township)
    with refused("BF-2204"):
        answer(township, asked.pk, "")
    with refused("BF-2213"):
        answer(township, 0, "好")
    assert answer(township, asked.pk, "派两人").answered_by == township.name
    with refused("BF-2213"):
        answer(township, asked.pk, "再答")
    acknowledge(county, [of_unit.pk])
    above = report(county, of_unit.pk, "escalation", "缺经费")
    assert above.to == Post.objects.get(key="county")
    with refused("BF-2213"):  # it went to the county
        answer(township, above.pk, "不归我")


def test_what_is_late_is_told_once_and_one_post_higher_every_week(standing: Standing) -> None:
    Task.objects.all().delete()
    order = an_order(standing, TaskRow(DO, A_DAY + timedelta(2), post=standing.post(standing.village).key))
    task, due = order.tasks.get(), A_DAY + timedelta(2)
    chain = [standing.post(standing.township), Post.objects.get(key="county")]

    def told() -> list[Post]:
        return [r.to for r in Report.objects.filter(task=task, kind="overdue").order_by("pk")]

    assert tell_overdue(standing.top, due) == 0  # not late on the day itself
    assert tell_overdue(standing.top, due + timedelta(1)) == 1
    assert tell_overdue(standing.top, due + timedelta(1)) == 0
    assert tell_overdue(standing.top, due + timedelta(6)) == 0
    assert told() == chain[:1]
    assert tell_overdue(standing.top, due + timedelta(7)) == 1
    assert tell_overdue(standing.top, due + timedelta(70)) == 0
    assert told() == chain
    acknowledge(actor_of("village"), [task.pk])
    report(actor_of("village"), task.pk, "done", "补上")
    Report.objects.filter(task=task, kind="overdue").delete()
    assert tell_overdue(standing.top, due + timedelta(71)) == 0


def test_what_is_late_for_two_weeks_is_told_to_both_at_once_and_only_in_ones_own_area(standing: Standing) -> None:
    Task.objects.all().delete()
    an_order(standing, TaskRow(DO, A_DAY, post=standing.post(standing.other_village).key))
    assert tell_overdue(actor_of("township"), TODAY) == 0
    assert tell_overdue(standing.top, A_DAY + timedelta(8)) == 2


def test_a_liaison_deals_with_the_tasks_of_their_own_unit_alone(standing: Standing) -> None:
    liaison = actor_of("department")
    own = Officer.objects.get(user=liaison.user_id).unit
    order = an_order(
        standing,
        TaskRow(DO, TODAY, unit=own.key),
        TaskRow(DO, TODAY, unit="new_unit"),
        TaskRow(DO, TODAY, post=standing.post(Area.objects.get(path=standing.county.path)).key),
    )
    mine, other, posts = order.tasks.order_by("place")
    for task in (other, posts):
        with refused("BF-2214"):
            acknowledge(liaison, [task.pk])
    client = client_of("department")
    page = client.get(reverse("command:order", kwargs={"order": order.pk})).content.decode()
    assert page.count(f'value="{mine.pk}"') > 0
    assert f'name="task" value="{other.pk}"' not in page
    today = client.get(reverse("command:today")).content.decode()
    assert f"#task-{mine.pk}" in today
    assert f"#task-{other.pk}" not in today
    assert f"#task-{posts.pk}" not in today
    answer = client.post(reverse("command:order-do", kwargs={"order": order.pk}), {"do": "acknowledge", "task": other.pk})
    assert "BF-2214" in answer.content.decode()
    assert acknowledge(liaison, [mine.pk]) == 1
    assert acknowledge(actor_of("county"), [posts.pk]) == 1
    Officer.objects.filter(user=liaison.user_id).update(user=None)  # of whose unit nothing is known
    with refused("BF-2214"):
        report(liaison, mine.pk, "progress", "已办")
