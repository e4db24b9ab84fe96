"""Orders: the list, the form that issues one, the page of one with its tasks; what a role sees and may do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from bangfu.command.actions import OrderDraft, TaskRow, acknowledge, issue_order, report
from bangfu.command.models import Attendance, Campaign, Order, Post, Report, Task
from bangfu.command.progress import campaigns_at
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import figures_now
from bangfu.indicators.models import Figure
from tests.command.standing import A_DAY, TODAY, Standing, actor_of, client_of

pytestmark = pytest.mark.django_db
DO = Text("核对台账", "Check the ledger")


def orders_url(path: str) -> str:
    return reverse("command:orders", kwargs={"path": path})


def new_url(path: str) -> str:
    return reverse("command:order-new", kwargs={"path": path})


def order_url(order: Order, what: str = "order") -> str:
    return reverse(f"command:{what}", kwargs={"order": order.pk})


def an_order(s: Standing, *tasks: TaskRow, by: Actor | None = None) -> Order:
    """An order with tasks of two townships and of a village."""
    owners = (s.post(s.township).key, s.post(s.village).key, s.post(s.other).key)
    rows = tasks or tuple(TaskRow(DO, TODAY + timedelta(9), post=key) for key in owners)
    return issue_order(
        by or s.top, OrderDraft("试〔2020〕7号", Text("试指令", "A trial order"), "notice", A_DAY, "县指挥部", "文件", rows)
    )


def shown(page: str) -> set[int]:
    """The keys of the tasks on the page of an order."""
    return {int(key) for key in re.findall(r'<li id="task-(\d+)"', page)}


def typed(**more: object) -> dict[str, object]:
    """A form filled in."""
    return {
        "do": "issue", "number": "县〔2020〕30号", "zh": "春管", "kind": "order", "issued_on": "2020-04-28", "issuer": "县指挥部", "post": "county",
        "source": "会议纪要", "count": "3", **more,
    }  # fmt: skip


# ---- the list


def test_the_list_is_narrowed_by_state_campaign_and_kind(standing: Standing) -> None:
    an_order(standing)
    client, url = client_of("county"), orders_url(standing.county.path)

    def titles(**query: str) -> set[str]:
        page = client.get(url, query).content.decode()
        return {o.zh for o in Order.objects.all() if f'href="{order_url(o)}"' in page}

    everything = {o.zh for o in Order.objects.all()}
    assert titles() == everything
    assert titles(kind="notice") == {o.zh for o in Order.objects.filter(kind="notice")}
    assert titles(campaign="sprint") == {"冲刺90天打赢歼灭战动员大会"}
    assert titles(state="done") == set()
    late = Task.objects.overdue(TODAY).values("order")
    assert titles(state="overdue") == {o.zh for o in Order.objects.filter(pk__in=late)} != everything
    Task.objects.filter(order__zh="试指令").update(acknowledged_at=clock.now(), done_at=clock.now())
    assert titles(state="done") == {"试指令"}
    assert "试指令" not in titles(state="open")


def test_waiting_is_what_waits_for_ones_own_answer(standing: Standing) -> None:
    village, order = actor_of("village"), an_order(standing)
    Report.objects.all().delete()
    task = order.tasks.get(path=standing.village.path)
    acknowledge(village, [task.pk])
    report(village, task.pk, "escalation", "缺人手")
    mine = client_of("township").get(orders_url(standing.township.path), {"state": "waiting"}).content.decode()
    assert f'href="{order_url(order)}"' in mine
    above = client_of("county").get(orders_url(standing.county.path), {"state": "waiting"}).content.decode()
    assert f'href="{order_url(order)}"' not in above  # it went to the township


def test_an_order_counts_the_tasks_of_the_area_alone(standing: Standing) -> None:
    an_order(standing)
    for username, area, tasks in (
        ("county", standing.county, 3),
        ("township", standing.township, 2),
        ("village", standing.village, 1),
    ):
        page = client_of(username).get(orders_url(area.path), {"kind": "notice"}).content.decode()
        row = page[page.index("试指令") :]
        assert f">0/{tasks}<" in row[: row.index("</tr>")], username


def test_another_townships_orders_are_not_listed(standing: Standing) -> None:
    theirs = issue_order(
        standing.top,
        OrderDraft("县〔9〕", DO, "order", A_DAY, "县", "文", (TaskRow(DO, TODAY, post=standing.post(standing.other).key),)),
    )
    Order.objects.filter(pk=theirs.pk).update(path=standing.other.path)
    client = client_of("township")
    assert f'href="{order_url(theirs)}"' not in client.get(orders_url(standing.township.path)).content.decode()
    assert client.get(order_url(theirs)).status_code == 404
    assert client.get(orders_url(standing.other.path)).status_code == 404


def test_a_campaign_stands_beside_its_figures(standing: Standing) -> None:
    run = next(r for r in campaigns_at(standing.top, standing.county.path, TODAY) if r.campaign.key == "sprint")
    assert (run.number, run.days, run.left) == (29, 90, 61)
    aims = {str(a.title): a for a in run.aims}
    secretaries = next(a for a in run.aims if a.wanted == 46)
    assert (secretaries.now, secretaries.reached) == (46, True)
    Figure.objects.filter(key="first_secretaries").delete()
    Figure.objects.create(key="first_secretaries", path=standing.village.path, as_of=TODAY, value=45, lake_version=1)
    again = next(r for r in campaigns_at(standing.top, standing.county.path, TODAY) if r.campaign.key == "sprint")
    short = next(a for a in again.aims if a.wanted == 46)
    assert (short.now, short.reached) == (45, False)
    page = client_of("county").get(orders_url(standing.county.path)).content.decode()
    for words in ("第29天", "余 61 天", "未达到", *aims):
        assert words in page


def test_a_figure_is_unknown_where_nothing_of_its_package_is_kept(standing: Standing) -> None:
    def ask(*keys: str) -> dict[str, float | None]:
        return {k: f.value for _, found in figures_now.ask(standing.top, standing.county.path, keys) for k, f in found.items()}

    assert ask("unpaired_registered_households", "no_such_figure") == {"unpaired_registered_households": 0}
    parts = "deployed_party_cadres", "party_cadres_of_county_units"  # a ratio is the quotient of its two sums
    deployed, all_of_them = ask(*parts).values()
    assert deployed is not None
    assert all_of_them
    assert ask("deployed_party_cadre_share") == {"deployed_party_cadre_share": deployed / all_of_them}
    Figure.objects.filter(key=parts[1]).delete()
    assert ask("deployed_party_cadre_share") == {"deployed_party_cadre_share": None}
    Figure.objects.all().delete()
    assert ask("unpaired_registered_households") == {"unpaired_registered_households": None}


# ---- the form


def test_an_order_is_issued_from_its_form(standing: Standing) -> None:
    client, url = client_of("county"), new_url(standing.county.path)
    assert "再加三行" in client.get(url).content.decode()
    told = typed(
        **{"zh-1": "查苗", "owner-1": f"{standing.post(standing.village).title}（郑场镇）", "deadline-1": "2020-05-08"},
        **{"zh-2": "保供", "en-2": "Supply", "owner-2": "县教育局", "deadline-2": "2020-05-09"},
        owners=[standing.post(standing.township).key], template="five_steps", campaign="sprint",
    )  # fmt: skip
    answer = client.post(url, told)
    order = Order.objects.get(number="县〔2020〕30号")
    assert answer.headers["Location"] == order_url(order)
    assert (order.post, order.campaign.key, order.path) == (Post.objects.get(key="county"), "sprint", standing.county.path)
    tasks = list(order.tasks.order_by("place"))
    assert [(t.zh, t.en) for t in tasks[:2]] == [("查苗", "查苗"), ("保供", "Supply")]
    assert (tasks[0].post, tasks[1].unit.key, len(tasks)) == (standing.post(standing.village), "education", 7)


def test_all_posts_of_a_level_are_given_a_task_at_once(standing: Standing) -> None:
    page = client_of("county").get(new_url(standing.county.path)).content.decode()
    every = next(w for w in re.findall(r'<option value="([^"]+)"></option>', page) if "乡镇" in w and w.startswith("全部"))
    client_of("county").post(
        new_url(standing.county.path), typed(**{"zh-1": "查苗", "owner-1": every, "deadline-1": "2020-05-08"})
    )
    assert Order.objects.get(number="县〔2020〕30号").tasks.filter(post__level="township").count() == 15


def test_rows_are_added_without_a_script_and_nothing_typed_is_lost(standing: Standing) -> None:
    before = Order.objects.count()
    answer = client_of("county").post(new_url(standing.county.path), typed(do="rows", **{"zh-1": "查苗"}))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="zh-6"' in page
    assert 'name="zh-7"' not in page
    for words in ('value="查苗"', 'value="县〔2020〕30号"', 'value="会议纪要"'):
        assert words in page
    assert Order.objects.count() == before


@pytest.mark.parametrize(
    ("more", "number"),
    [
        ({}, "BF-2204"),
        ({"zh-2": "查苗", "owner-2": "县教育局", "deadline-2": "快"}, "BF-2204"),
        ({"zh-1": "查苗", "owner-1": "县教育局", "deadline-1": "2020-04-01"}, "BF-2204"),
        ({"zh-1": "查苗", "owner-1": "无此单位", "deadline-1": "2020-05-01"}, "BF-2201"),
        ({"zh-1": "查苗", "owner-1": "县教育局", "deadline-1": "2020-05-01", "source": ""}, "BF-2204"),
        ({"zh-1": "查苗", "owner-1": "县教育局", "deadline-1": "2020-05-01", "issued_on": ""}, "BF-2204"),
        ({"zh-1": "查苗", "owner-1": "县教育局", "deadline-1": "2020-05-01", "campaign": "none"}, "BF-2211"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_its_number(standing: Standing, more: dict[str, str], number: str) -> None:
    before = Order.objects.count()
    answer = client_of("county").post(new_url(standing.county.path), typed(**more))
    assert answer.status_code in (400, 404)
    assert number in answer.content.decode()
    assert 'value="春管"' in answer.content.decode()
    assert Order.objects.count() == before


def test_a_sub_order_serves_the_task_it_came_from(standing: Standing) -> None:
    order = an_order(standing)
    task = order.tasks.get(path=standing.township.path)
    client, url = client_of("township"), new_url(standing.township.path)
    assert "核对台账" in client.get(url, {"serves": task.pk}).content.decode()
    own = standing.post(standing.township).key
    told = typed(
        **{"zh-1": "查苗", "owner-1": f"{standing.post(standing.village).title}（郑场镇）", "deadline-1": "2020-05-06"},
        post=own,
        serves=task.pk,
    )
    client.post(url, told)
    sub = Order.objects.get(number="县〔2020〕30号")
    assert sub.serves == task
    assert order_url(sub) in client.get(order_url(order)).content.decode()
    assert f"{order_url(order)}#task-{task.pk}" in client.get(order_url(sub)).content.decode()
    theirs = order.tasks.get(path=standing.other.path)
    assert client.get(url, {"serves": theirs.pk}).status_code == 404
    assert client.post(url, told | {"serves": theirs.pk, "number": "另"}).status_code == 404


def test_a_township_gives_tasks_to_its_own_posts_alone(standing: Standing) -> None:
    client, url = client_of("township"), new_url(standing.township.path)
    page = client.get(url).content.decode()
    assert str(standing.post(standing.other).title) not in page
    told = typed(**{"zh-1": "查苗", "owner-1": standing.post(standing.other).key, "deadline-1": "2020-05-08"}, post="")
    answer = client.post(url, told)
    assert answer.status_code == 403
    assert "BF-2235" in answer.content.decode()
    assert client_of("village").get(new_url(standing.village.path)).status_code == 403


# ---- the page of an order


def test_a_role_sees_the_tasks_of_its_area_and_reports_of_it(standing: Standing) -> None:
    order, village = an_order(standing), actor_of("village")
    by_path = {t.path: t for t in order.tasks.all()}
    mine, above, beside = (by_path[a.path] for a in (standing.village, standing.township, standing.other))
    township = actor_of("township")
    acknowledge(village, [mine.pk])
    report(village, mine.pk, "progress", "村里的话")
    acknowledge(township, [above.pk])
    report(township, above.pk, "progress", "镇里的话")
    county_page = client_of("county").get(order_url(order)).content.decode()
    assert shown(county_page) == {mine.pk, above.pk, beside.pk}
    township_page = client_of("township").get(order_url(order)).content.decode()
    assert shown(township_page) == {mine.pk, above.pk}
    assert "村里的话" in township_page
    village_page = client_of("village").get(order_url(order)).content.decode()
    assert shown(village_page) == {mine.pk, above.pk}  # who has what above is no secret
    assert "村里的话" in village_page
    assert "镇里的话" not in village_page


def test_several_tasks_are_acknowledged_at_once_and_reported_on(standing: Standing) -> None:
    key = standing.post(standing.township).key
    order = an_order(standing, *[TaskRow(DO, TODAY + timedelta(2), post=key)] * 3)
    client, keys = client_of("township"), list(order.tasks.order_by("place").values_list("pk", flat=True))
    page = client.get(order_url(order)).content.decode()
    assert page.count('form="sign"') == 3
    client.post(order_url(order, "order-do"), {"do": "acknowledge", "task": keys[:2]})
    assert [t.state for t in order.tasks.order_by("place")] == ["acknowledged", "acknowledged", "new"]
    for kind, words in (("progress", "过半"), ("escalation", "缺经费"), ("done", "办完")):
        answer = client.post(order_url(order, "order-do"), {"do": "report", "task": keys[0], "kind": kind, "text": words})
        assert answer.headers["Location"] == f"{order_url(order)}#task-{keys[0]}"
        page = client.get(order_url(order)).content.decode()
        assert ("待答复" in page) == (kind == "escalation")  # what is done asks for nothing
    for words in ("过半", "缺经费", "办完"):
        assert words in page
    assert order.tasks.get(pk=keys[0]).state == "done"


def test_an_escalation_is_answered_on_the_page(standing: Standing) -> None:
    order, village = an_order(standing), actor_of("village")
    task = order.tasks.get(path=standing.village.path)
    acknowledge(village, [task.pk])
    asked = report(village, task.pk, "escalation", "缺人手")
    client = client_of("township")
    assert f'name="report" value="{asked.pk}"' in client.get(order_url(order)).content.decode()
    assert f'name="report" value="{asked.pk}"' not in client_of("village").get(order_url(order)).content.decode()
    empty = client.post(order_url(order, "order-answer"), {"report": asked.pk, "text": " "})
    assert (empty.status_code, "BF-2204" in empty.content.decode()) == (400, True)
    client.post(order_url(order, "order-answer"), {"report": asked.pk, "text": "派两人来"})
    assert "派两人来" in client_of("village").get(order_url(order)).content.decode()
    again = client.post(order_url(order, "order-answer"), {"report": asked.pk, "text": "再答"})
    assert (again.status_code, "BF-2213" in again.content.decode()) == (404, True)


def test_what_is_refused_stands_at_its_task_with_the_words_kept(standing: Standing) -> None:
    order = an_order(standing)
    own, below = (order.tasks.get(path=a.path) for a in (standing.township, standing.village))
    theirs = order.tasks.get(path=standing.other.path)
    client, url = client_of("township"), order_url(order, "order-do")
    for told, status, number in (
        ({"do": "report", "task": own.pk, "kind": "done", "text": "办完了"}, 409, "BF-2208"),
        ({"do": "acknowledge", "task": below.pk}, 403, "BF-2214"),
        ({"do": "acknowledge", "task": theirs.pk}, 404, "BF-2207"),
        ({"do": "acknowledge"}, 404, "BF-2207"),
        ({"do": "vanish", "task": own.pk}, 400, "BF-2204"),
        ({"do": "report", "task": own.pk, "kind": "song", "text": "x"}, 400, "BF-2204"),
    ):
        answer = client.post(url, told)
        assert (answer.status_code, number in answer.content.decode()) == (status, True), told
    assert all(t.acknowledged_at is None for t in order.tasks.all())
    acknowledge(actor_of("township"), [own.pk])
    page = client.post(url, {"do": "report", "task": own.pk, "kind": "song", "text": "办了一半"}).content.decode()
    assert "办了一半" in page
    assert page.index(f'id="task-{own.pk}"') < page.index("BF-2204")
    assert client.post(reverse("command:order-do", kwargs={"order": 0}), {"do": "acknowledge"}).status_code == 404
    assert client_of("analyst").post(url, {"do": "acknowledge", "task": own.pk}).status_code == 403
    assert client_of("village").post(order_url(order, "order-answer"), {"report": 1}).status_code == 403


def test_a_state_is_told_by_shape_and_word(standing: Standing) -> None:
    key = standing.post(standing.township).key
    order = an_order(standing, *[TaskRow(DO, TODAY + timedelta(2), post=key)] * 3, TaskRow(DO, TODAY - timedelta(1), post=key))
    tasks = list(order.tasks.order_by("place"))
    township = actor_of("township")
    acknowledge(township, [tasks[1].pk, tasks[2].pk])
    report(township, tasks[2].pk, "done", "好")
    page = client_of("township").get(order_url(order)).content.decode()
    for task, shape, word in zip(
        tasks, ("unknown", "waiting", "met", "unmet"), ("未签收", "办理中", "已完成", "逾期"), strict=True
    ):
        item = page[page.index(f'id="task-{task.pk}"') :]
        assert re.search(rf'<span class="v v-{shape}"><i></i>{word}</span>', item[: item.index("</li>")]), word
    english = client_of("township", "en").get(order_url(order)).content.decode()
    for word in ("Not acknowledged", "Under way", "Done", "Overdue"):
        assert word in english


# ---- campaigns and attendance


def test_a_campaign_is_begun_and_keeps_attendance_only_with_a_ground_and_an_end(standing: Standing) -> None:
    county, village = client_of("county"), client_of("village")
    url, below = (reverse("command:campaigns-do", kwargs={"path": p}) for p in (standing.county.path, standing.village.path))
    told = {
        "do": "begin",
        "zh": "夏季行动",
        "en": "Summer",
        "key": "summer",
        "kind": "other",
        "first_day": "2020-04-20",
        "length": "30",
        "unit": "day",
    }
    for wrong in (
        {"length": "0"},
        {"key": "夏"},
        {"kind": "war"},
        {"unit": "year"},
        {"attendance_ground": "某文"},
        {"first_day": "later"},
    ):
        answer = county.post(url, told | wrong)
        assert (answer.status_code, "BF-2204" in answer.content.decode()) == (400, True), wrong
    attending = {"do": "attend", "campaign": "summer", "day": "2020-04-27", "officers": "T1、T2"}
    assert "没有行动开启考勤" in village.get(below.removesuffix("do/")).content.decode()
    assert county.post(url, told | {"attendance_ground": "县某文", "attendance_until": "2020-05-10"}).status_code == 302
    assert Campaign.objects.get(key="summer").days() == 30
    page = village.get(below.removesuffix("do/")).content.decode()
    assert "县某文" in page
    assert village.post(below, attending).status_code == 302
    assert set(Attendance.objects.filter(campaign__key="summer").values_list("officer__number", flat=True)) == {"T1", "T2"}
    assert village.post(below, attending).status_code == 302
    assert Attendance.objects.filter(campaign__key="summer").count() == 2
    assert "BF-2212" in village.post(below, attending | {"day": "2020-05-11"}).content.decode()
    assert client_of("township").post(url, told).status_code == 404
