"""Writes of work in the field: leaders’ visits, experts, volunteers, people sent, attendance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bangfu.command.actions import (
    CampaignRow,
    DeploymentRow,
    ExpertRow,
    Stop,
    attend,
    begin_campaign,
    call_volunteers,
    deploy,
    end_deployments,
    enrol_experts,
    plan_field_visit,
    raise_question,
    serve,
    visit_stops,
    volunteer,
)
from bangfu.command.models import (
    Attendance,
    Deployment,
    Expert,
    Volunteering,
)
from bangfu.foundation.say import Text
from tests.command.standing import A_DAY, DO, TODAY, Standing, actor_of, refused

pytestmark = pytest.mark.django_db


def test_a_field_visit_has_stops_questions_and_the_tasks_they_become(standing: Standing) -> None:
    stops = [Stop(standing.village.path), Stop(standing.other_village.path)]
    visit = plan_field_visit(standing.top, "T1", DO, stops, since=A_DAY, until=A_DAY + timedelta(1), campaign="sprint")
    first, second = visit.stops.order_by("place")
    assert visit_stops(standing.top, [first.pk], on=A_DAY) == 1
    assert visit_stops(standing.top, [first.pk, second.pk], on=A_DAY + timedelta(1)) == 1
    first.refresh_from_db()
    assert first.visited_on == A_DAY
    plain = raise_question(standing.top, first.pk, Text("路不通", ""))
    assert (plain.task, plain.path) == (None, standing.village.path)
    asked = raise_question(standing.top, first.pk, DO, post=standing.post(standing.village).key, deadline=TODAY + timedelta(3))
    assert (asked.task.deadline, asked.task.path) == (TODAY + timedelta(3), standing.village.path)
    assert str(asked.pk) in asked.task.order.number
    again = plan_field_visit(standing.top, "T1", DO, stops, since=TODAY, until=TODAY)
    unvisited = again.stops.order_by("place")[0]
    with refused("BF-2204"):
        visit_stops(standing.top, [unvisited.pk], on=TODAY + timedelta(1))
    with refused("BF-2215"):
        visit_stops(standing.top, [unvisited.pk, 0], on=TODAY)
    with refused("BF-2215"):
        raise_question(standing.top, 0, DO)
    with refused("BF-2201"):
        raise_question(standing.top, unvisited.pk, DO, post="nowhere", deadline=TODAY)
    assert not unvisited.questions.exists()
    township = actor_of("township")
    with refused("BF-2215"):
        visit_stops(township, [again.stops.order_by("place")[1].pk], on=TODAY)
    for stops_, until, campaign, number in (
        ([], TODAY, "", "BF-2204"),
        (stops, TODAY - timedelta(1), "", "BF-2204"),
        (stops, TODAY, "no_such", "BF-2211"),
        ([Stop("cn/zzz/")], TODAY, "", "BF-1108"),
    ):
        with refused(number):
            plan_field_visit(standing.top, "T1", DO, stops_, since=TODAY, until=until, campaign=campaign)
    with refused("BF-2202"):
        plan_field_visit(standing.top, "nobody", DO, stops, since=TODAY, until=TODAY)


def test_experts_are_on_the_roster_once(standing: Standing) -> None:
    rows = [
        ExpertRow("T1", ("tea", "pepper"), standing.village.path, TODAY),
        ExpertRow("T2", ("tea",), standing.township.path, TODAY),
    ]
    assert enrol_experts(standing.top, rows) == 2
    assert enrol_experts(standing.top, rows) == 0
    assert Expert.objects.get(officer__number="T1").skills == ["tea", "pepper"]
    for row, number in (
        (ExpertRow("T3", (), standing.village.path, TODAY), "BF-2204"),
        (ExpertRow("T3", (" ",), standing.village.path, TODAY), "BF-2204"),
        (ExpertRow("nobody", ("tea",), standing.village.path, TODAY), "BF-2202"),
        (ExpertRow("T3", ("tea",), "cn/zzz/", TODAY), "BF-1108"),
    ):
        with refused(number):
            enrol_experts(standing.top, [row])


def test_volunteers_take_a_task_once_and_serve_it_within_its_days(standing: Standing) -> None:
    task = call_volunteers(standing.top, standing.village.path, "ploughing", DO, since=A_DAY, until=TODAY, wanted=3)
    assert volunteer(standing.top, task.pk, officers=["T1", "T2"]) == 2
    assert volunteer(standing.top, task.pk, officers=["T2", "T3"]) == 1
    assert serve(standing.top, task.pk, on=TODAY, officers=["T1"]) == 1
    assert serve(standing.top, task.pk, on=TODAY) == 2
    assert serve(standing.top, task.pk, on=TODAY) == 0
    assert Volunteering.objects.filter(task=task, served_on=TODAY).count() == 3
    for call, number in (
        (lambda: serve(standing.top, task.pk, on=TODAY + timedelta(1)), "BF-2204"),
        (lambda: serve(standing.top, 0, on=TODAY), "BF-2207"),
        (lambda: volunteer(standing.top, 0, officers=["T1"]), "BF-2207"),
        (lambda: volunteer(standing.top, task.pk, officers=["nobody"]), "BF-2202"),
        (lambda: volunteer(standing.top, task.pk, persons=[0]), "BF-2202"),
        (
            lambda: call_volunteers(standing.top, standing.village.path, "dance", DO, since=A_DAY, until=TODAY, wanted=3),
            "BF-2204",
        ),
        (
            lambda: call_volunteers(standing.top, standing.village.path, "other", DO, since=TODAY, until=A_DAY, wanted=3),
            "BF-2204",
        ),
        (
            lambda: call_volunteers(standing.top, standing.village.path, "other", DO, since=A_DAY, until=TODAY, wanted=0),
            "BF-2204",
        ),
    ):
        with refused(number):
            call()


def test_an_officer_is_sent_to_one_place_at_a_time_and_comes_back(standing: Standing) -> None:
    row = DeploymentRow("T1", standing.village.path, A_DAY)
    assert deploy(standing.top, [row, DeploymentRow("T2", standing.township.path, A_DAY)]) == 2
    assert deploy(standing.top, [row]) == 0
    with refused("BF-2204", "第4行", "人员", "派往别处"):
        deploy(standing.top, [DeploymentRow("T1", standing.other.path, TODAY, row=4)])
    with refused("BF-2204", "第2行", "派往别处"):
        deploy(
            standing.top, [DeploymentRow("T3", a.path, TODAY, row=n) for n, a in enumerate((standing.other, standing.village), 1)]
        )
    sent = Deployment.objects.get(officer__number="T1")
    with refused("BF-2234"):
        end_deployments(standing.top, [sent.pk, 0], on=TODAY)
    with refused("BF-2204"):
        end_deployments(standing.top, [sent.pk], on=A_DAY)
    assert end_deployments(standing.top, [sent.pk], on=TODAY) == 1
    assert deploy(standing.top, [DeploymentRow("T1", standing.other.path, TODAY)]) == 1
    assert sent.unit.key == "new_unit"


def test_attendance_is_kept_only_where_a_campaign_switched_it_on(standing: Standing) -> None:
    village = actor_of("village")
    with refused("BF-2212", "冲刺"):
        attend(village, "sprint", village.scope, ["T1"], day=TODAY)
    with refused("BF-2211"):
        attend(village, "no_such", village.scope, ["T1"], day=TODAY)
    row = CampaignRow("counted", DO, "other", A_DAY, 40, attendance_ground="县发〔2020〕9号", attendance_until=TODAY)
    begin_campaign(standing.top, row)
    assert attend(village, "counted", village.scope, ["T1", "T2"], day=TODAY) == 2
    assert attend(village, "counted", village.scope, ["T1"], day=TODAY) == 0
    assert Attendance.objects.count() == 2
    for call, number in (
        (lambda: attend(village, "counted", village.scope, ["T1"], day=TODAY + timedelta(1)), "BF-2212"),
        (lambda: attend(village, "counted", village.scope, ["T1"], day=A_DAY - timedelta(1)), "BF-2212"),
        (lambda: attend(village, "counted", standing.other_village.path, ["T1"], day=TODAY), "BF-1108"),
        (lambda: attend(village, "counted", village.scope, ["nobody"], day=TODAY), "BF-2202"),
    ):
        with refused(number):
            call()
