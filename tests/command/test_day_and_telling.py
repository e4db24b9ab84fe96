"""My day, the calendar of real households, who is told of what, the text for groups, and the figures of command at their own dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from bangfu.accounts.actions import FAILURES_OF_A_NAME, assign_role, create_user
from bangfu.accounts.models import Assignment, FailedLogIn, User
from bangfu.accounts.roles import roles
from bangfu.command.actions import (
    OrderDraft,
    TaskRow,
    acknowledge,
    answer,
    ask_change,
    decide_change,
    end_appointments,
    end_helpers,
    issue_order,
    report,
    tell_overdue,
)
from bangfu.command.answering import who_answers
from bangfu.command.jobs import tell_of_overdue
from bangfu.command.models import Appointment, Campaign, Pairing, PostArea, Report, Task
from bangfu.command.scheduling import last_visits, schedule
from bangfu.command.telling import work_of_the_day
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.foundation.screens import my_day
from bangfu.messages.actions import NewMessage, send
from bangfu.messages.group import told
from bangfu.messages.kinds import TEST
from bangfu.messages.models import Message
from bangfu.register.models import Household, Kind
from bangfu.screening.explain import HouseholdFacts
from bangfu.screening.present import require_pack
from bangfu.screening.reading import facts_of
from bangfu.screening.visiting import visit_rules
from tests.command.standing import TODAY, Standing, actor_of, client_of, refused
from tests.register.asking import ask

pytestmark = pytest.mark.django_db


def order(standing: Standing, *posts: str, number: str = "试1号", deadline: date = TODAY + timedelta(3)) -> list[Task]:
    rows = tuple(TaskRow(Text("核对名册", "Check the list"), deadline, post=p) for p in posts)
    made = issue_order(
        standing.top,
        OrderDraft(number, Text("核对", "Check"), "order", TODAY - timedelta(30), "县里", "测试", rows, post="county"),
    )
    return list(made.tasks.order_by("place"))


def sections(username: str) -> dict[str, object]:
    actor = actor_of(username)
    with acting(actor):
        return {s.key: s for _, some in my_day.ask(actor) for s in some if s.count}


# --- my day


def test_a_day_has_what_waits_for_the_role_at_its_own_place(standing: Standing) -> None:
    before = {who: sections(who) for who in ("county", "township", "village")}
    order(standing, standing.post(standing.township).key, standing.post(standing.village).key)
    after = {who: sections(who) for who in ("county", "township", "village")}

    def tasks(found: dict[str, object]) -> int:
        return found["tasks"].count if "tasks" in found else 0  # type: ignore[attr-defined]

    assert tasks(after["township"]) == tasks(before["township"]) + 1
    assert tasks(after["village"]) == tasks(before["village"]) + 1
    assert tasks(after["county"]) == tasks(before["county"])


def test_an_escalation_waits_with_the_post_above_until_it_is_answered(standing: Standing) -> None:
    (task,) = order(standing, standing.post(standing.village).key)
    village, township = actor_of("village"), actor_of("township")
    acknowledge(village, [task.pk])
    asked = report(village, task.pk, "escalation", "缺人")
    section = sections("township")["escalations"]
    assert any(item.title == task.title for item in section.items)  # type: ignore[attr-defined]
    answer(township, asked.pk, "明天派人")
    assert all(item.title != task.title for item in getattr(sections("township").get("escalations"), "items", ()))


def test_a_household_without_a_helper_is_seen_by_those_who_can_find_one(standing: Standing) -> None:
    pairing = Pairing.objects.principals().open().under(standing.township.path).order_by("pk").first()
    Pairing.objects.filter(pk=pairing.pk).delete()
    number = Household.objects.get(pk=pairing.household_id).number
    shown = sections("township")["unpaired"]
    assert number in {item.title.zh.split()[-1] for item in shown.items}  # type: ignore[attr-defined]
    assert "unpaired" not in sections("auditor")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("username", ["county", "township", "village", "helper", "grid", "auditor"])
def test_everybody_who_reads_the_chain_has_a_day(county: County, username: str, language: str) -> None:
    page = client_of(username, language).get("/today/")
    assert page.status_code == 200
    assert ("第29天" if language == "zh-hans" else "Day 29") in page.content.decode()


@pytest.mark.parametrize("role", [key for key, role in roles().items() if "command.read" not in role.permissions])
def test_a_role_that_reads_nothing_of_the_chain_has_a_day_too(county: County, role: str) -> None:
    user = create_user(county.operator(), "somebody", "某人", "a-long-one-2026")
    assign_role(county.operator(), user, role, county.path)
    client = client_of("somebody")
    page = client.get("/today/").content.decode()
    assert "第29天" not in page
    assert "今天没有等您办理的事" in page or role in ("system_administrator", "security_officer")
    assert 'href="/today/"' in page
    words = Text("请看数字", "Look at the figures")
    send(county.operator(), NewMessage("test/1", TEST, county.path, to=[user.pk], subject=words, body=words))
    assert "请看数字" in client.get("/today/").content.decode()


def test_whoever_reviews_users_is_told_of_those_locked_out_and_those_about_to_leave(county: County) -> None:
    operator = county.operator()
    leaving = create_user(operator, "leaving", "将离任", "a-long-one-2026")
    assign_role(operator, leaving, "department_liaison", county.path, until=TODAY + timedelta(5))
    for _ in range(FAILURES_OF_A_NAME):
        FailedLogIn.objects.create(username="leaving", at=clock.machine_now())
    found = sections("admin")
    assert "leaving" in {item.where for item in found["locked"].items}  # type: ignore[attr-defined]
    assert {"leaving"} <= {item.where for item in found["ending"].items}  # type: ignore[attr-defined]
    assert "locked" not in sections("township")


# --- the calendar of real households


def test_rules_of_visits_for_many_are_those_of_one_by_one(county: County) -> None:
    pack = require_pack(TODAY, county.country)
    kinds = [
        k for kind in ("ordinary", "registered", "monitored") for k in Kind.objects.on(TODAY).filter(kind=kind).order_by("pk")[:8]
    ]
    homes = [k.household_id for k in kinds]
    with acting(county.operator()):
        together = visit_rules(homes, pack, TODAY)
        alone: dict[int, str] = {}
        for home in homes:
            facts = facts_of(home, pack, TODAY)
            assert isinstance(facts, HouseholdFacts)
            if facts.visit():
                alone[home] = facts.visit()
    assert together == alone
    assert len(set(together.values())) >= 2


def test_a_visit_moves_the_next_one_and_a_helper_sees_their_own(standing: Standing) -> None:
    helper = actor_of("helper")
    own = set(
        Pairing.objects.principals().open().filter(helper__officer__user=helper.user_id).values_list("household", flat=True)
    )
    with acting(helper):
        made = schedule(helper, helper.scope, ahead=60)  # some were visited lately
    assert made is not None
    assert set(made.homes) == own
    first = {d.household: d.due for d in made.calendar.duties if d.kind == "visit" and not d.by}
    assert set(first) == own

    @last_visits.provider("test")
    def visited(households: object, day: date) -> dict[int, date]:
        return dict.fromkeys(own, TODAY)

    try:
        with acting(helper):
            later = schedule(helper, helper.scope, ahead=120)
    finally:
        last_visits.withdraw("test")
    assert later is not None
    moved = {d.household: d.due for d in later.calendar.duties if d.kind == "visit" and not d.by}
    assert all(moved[home] > max(due, TODAY) for home, due in first.items())


def test_the_calendar_opens_for_a_village_and_a_county(standing: Standing) -> None:
    village = client_of("village").get(reverse("command:calendar", kwargs={"path": standing.village.path}))
    assert village.status_code == 200
    assert "应办事项" in village.content.decode()
    county = client_of("county", "en").get(reverse("command:calendar", kwargs={"path": standing.county.path}))
    assert "Full checks" in county.content.decode()
    assert client_of("village").get(reverse("command:calendar", kwargs={"path": standing.other.path})).status_code == 404


# --- who is told


def messages_to(username: str) -> set[str]:
    user = User.objects.get(username=username)
    return {
        r["key"]
        for r in ask(
            "SELECT m.key FROM messages_message m JOIN messages_receipt r ON r.message_id = m.id WHERE r.user_id = %s", user.pk
        )
    }


def test_those_who_have_to_do_it_are_told_once(standing: Standing) -> None:
    (task,) = order(standing, standing.post(standing.village).key, deadline=TODAY - timedelta(1))
    assert f"order.{task.order_id}.{standing.village.path}" in messages_to("village")
    assert f"order.{task.order_id}.{standing.village.path}" not in messages_to("township")
    before = Message.objects.count()
    tell_overdue(standing.top)
    told_once = Message.objects.count()
    tell_of_overdue(0)
    tell_overdue(standing.top)
    assert Message.objects.count() == told_once > before
    to_township = Report.objects.get(task=task, kind="overdue")
    assert f"report.{to_township.pk}" in messages_to("township")


def test_a_decision_is_told_where_it_was_asked(standing: Standing) -> None:
    pairing = Pairing.objects.principals().open().under(standing.village.path).order_by("pk").first()
    number = Household.objects.get(pk=pairing.household_id).number
    request = ask_change(actor_of("village"), number, "household")
    decide_change(actor_of("township"), request.pk, granted=False, answer="已谈妥")
    assert f"request.{request.pk}" in messages_to("village")


def test_the_text_for_a_group_has_numbers_and_places_only(standing: Standing) -> None:
    order(standing, standing.post(standing.village).key, deadline=TODAY)
    order(standing, standing.post(standing.other).key, number="试2号", deadline=TODAY - timedelta(2))
    with acting(standing.top):
        (text,) = work_of_the_day(standing.top, standing.county.path, TODAY)
        title, body = told(text)
    assert "绥阳县" in title.zh
    assert "冲刺第 29 天" in body.zh
    assert standing.other.name in body.zh
    assert text.deadline == TODAY
    for name in ask("SELECT name FROM command_officer"):
        assert name["name"] not in body.zh
    nothing = work_of_the_day(standing.top, standing.other_village.path, date(2030, 1, 1))
    assert nothing == [] or all(Task.objects.under(standing.other_village.path).open())


# --- one line on the household's page


def test_the_line_of_who_answers_goes_up_the_chain_and_back_in_time(standing: Standing) -> None:
    pairing = (
        Pairing.objects.principals()
        .open()
        .under(standing.village.path)
        .select_related("household", "helper__officer")
        .order_by("pk")
        .first()
    )
    address = reverse("register:household", kwargs={"number": pairing.household.number})
    today = client_of("county").get(address).content.decode()
    line = today[today.index('class="record-line"') :][:900]
    assert pairing.helper.officer.name in line
    for area in (standing.village, standing.township):
        if PostArea.objects.filter(path=area.path).exists():
            assert standing.post(area).zh in line
    assert "县脱贫攻坚总指挥部" in line
    before = client_of("county").get(address, {"as_of": "2020-01-02"}).content.decode()
    assert "当日无帮扶责任人" in before


def test_campaigns_of_the_demo_have_the_days_that_their_orders_say(county: County) -> None:
    sprint, visits = Campaign.objects.get(key="sprint"), Campaign.objects.get(key="great-visit")
    assert (sprint.valid.lower, sprint.days(), sprint.day_number(TODAY), sprint.days_left(TODAY)) == (
        date(2020, 3, 31),
        90,
        29,
        61,
    )
    assert (visits.valid.lower, visits.valid.upper, visits.day_number(TODAY)) == (date(2020, 3, 11), date(2020, 4, 11), None)
    assert {o.issued_on for o in sprint.orders.all()} == {date(2020, 3, 31)}
    assert Assignment.objects.exists()


# --- what a tester found


def test_an_order_is_not_of_a_day_to_come_and_a_part_is_not_due_after_the_whole(standing: Standing) -> None:
    post = standing.post(standing.village).key
    (task,) = order(standing, standing.post(standing.township).key)
    row = TaskRow(Text("分解", "A part"), TODAY + timedelta(2), post=post)
    part = OrderDraft("分1", Text("分解", "A part"), "order", TODAY, "镇", "测试", (row,), serves=task.pk)
    with refused("BF-2204", "日期"):
        issue_order(standing.top, replace(part, issued_on=TODAY + timedelta(1)))
    with refused("BF-2204", "期限"):
        issue_order(standing.top, replace(part, tasks=(replace(row, deadline=task.deadline + timedelta(1)),)))
    assert issue_order(standing.top, part).serves_id == task.pk
    Task.objects.filter(pk=task.pk).update(acknowledged_at=task.recorded_from, done_at=task.recorded_from)
    with refused("BF-2208"):
        issue_order(standing.top, replace(part, number="分2"))


def test_what_is_done_asks_for_nothing_any_more(standing: Standing) -> None:
    (task,) = order(standing, standing.post(standing.village).key)
    village = actor_of("village")
    acknowledge(village, [task.pk])
    report(village, task.pk, "escalation", "缺人")
    report(village, task.pk, "done", "办好了")
    assert all(item.title != task.title for item in getattr(sections("township").get("escalations"), "items", ()))


def test_a_deputy_stands_in_for_a_chief_whom_a_post_lacks(standing: Standing) -> None:
    pairing = Pairing.objects.principals().open().under(standing.township.path).select_related("household").order_by("pk").first()
    chief = Appointment.objects.get(post=standing.post(standing.township), role="chief", valid__upper_inf=True)
    deputy = Appointment.objects.get(post=standing.post(standing.township), role="deputy", valid__upper_inf=True)
    assert end_appointments(standing.top, [chief.pk], on=TODAY, reason="调离") == 1
    with acting(standing.top):
        found = {a.path: a for a in who_answers(pairing.household_id, pairing.household.path, TODAY) if a.step == "post"}
    assert (found[standing.township.path].name, found[standing.township.path].deputy) == (deputy.officer.name, True)
    with refused("BF-2204", "止"):
        end_appointments(standing.top, [deputy.pk], on=deputy.valid.lower - timedelta(1), reason="")


def test_a_helper_cannot_be_ended_before_their_pairings_began(standing: Standing) -> None:
    pairing = Pairing.objects.principals().open().under(standing.township.path).order_by("pk").first()
    own = Pairing.objects.filter(helper=pairing.helper_id).count()
    with refused("BF-2243"):
        end_helpers(standing.top, [pairing.helper_id], on=pairing.valid.lower - timedelta(200), reason="错")
    assert Pairing.objects.filter(helper=pairing.helper_id).count() == own
    assert end_helpers(standing.top, [pairing.helper_id], on=TODAY, reason="调离") == 1
    with refused("BF-2240"):
        end_helpers(standing.top, [pairing.helper_id], on=TODAY, reason="调离")
