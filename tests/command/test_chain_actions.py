"""Writes to the chain, to orders and to work in the field: what they do, what they refuse and under which number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangfu.accounts.models import AuditEntry, Duty
from bangfu.command.actions import (
    AppointmentRow,
    AttachmentRow,
    CampaignRow,
    DeploymentRow,
    ExpertRow,
    HelperRow,
    OfficerRow,
    OrderDraft,
    PairRow,
    PostRow,
    Stop,
    TaskRow,
    UnitRow,
    acknowledge,
    add_officers,
    add_units,
    answer,
    appoint,
    attach,
    attend,
    begin_campaign,
    call_volunteers,
    deploy,
    end_appointments,
    end_attachments,
    end_deployments,
    end_officers,
    enrol_experts,
    issue_order,
    make_helpers,
    pair,
    plan_field_visit,
    raise_question,
    report,
    serve,
    set_up_posts,
    tell_overdue,
    visit_stops,
    volunteer,
)
from bangfu.command.actions.orders import end_of
from bangfu.command.models import (
    Appointment,
    Attachment,
    Attendance,
    Campaign,
    Deployment,
    Expert,
    Helper,
    Officer,
    Order,
    Pairing,
    Post,
    PostArea,
    Report,
    Task,
    Unit,
    Volunteering,
)
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household, Kind
from tests.command.standing import A_DAY, TODAY, Standing, actor_of, refused, stand

pytestmark = pytest.mark.django_db
DO = Text("核对台账", "Check the ledger")


@pytest.fixture
def standing(county: County) -> Standing:
    """The demo county with six people who hold no office."""
    return stand(county)


def an_order(s: Standing, *tasks: TaskRow, number: str = "试〔2020〕1号", **more: object) -> Order:
    """An order of the county with tasks; one of the township's post where none are given."""
    given_ = tasks or (TaskRow(DO, TODAY + timedelta(9), post=s.post(s.township).key),)
    draft = OrderDraft(number, Text("试指令", "A trial order"), "order", A_DAY, "县指挥部", "文件", given_, post="county")
    return issue_order(s.top, replace(draft, **more))  # type: ignore[arg-type]


# ---- units, officers, posts


def test_units_and_officers_are_entered_once(standing: Standing) -> None:
    row = UnitRow("new_unit", Text("别名", "Other"), "department", "county", standing.county.path, A_DAY)
    assert add_units(standing.top, [row]) == 0
    assert Unit.objects.get(key="new_unit").zh == "新单位"
    again = OfficerRow("T1", "别人", "new_unit", "general", "cadre", standing.township.path, A_DAY)
    assert add_officers(standing.top, [again]) == 0
    assert Officer.objects.get(number="T1").name == "新人T1"


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"kind": "club"}, "BF-2204"),
        ({"level": "street"}, "BF-2204"),
        ({"name": Text("", "")}, "BF-2204"),
        ({"path": "cn/zzz/"}, "BF-1108"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(standing: Standing, change: dict[str, object], number: str) -> None:
    row = UnitRow("another", Text("另一单位", "Another"), "department", "county", standing.county.path, A_DAY, 4)
    with refused(number, *(["第4行"] if number == "BF-2204" else [])):
        add_units(standing.top, [row, replace(row, key="third", **change)][1:])  # type: ignore[arg-type]
    assert not Unit.objects.filter(key__in=("another", "third")).exists()


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"rank": "emperor"}, "BF-2204"),
        ({"profession": "poet"}, "BF-2204"),
        ({"number": "x" * 25}, "BF-2204"),
        ({"name": " "}, "BF-2204"),
        ({"unit": "no_such"}, "BF-2203"),
        ({"station": "cn/zzz/"}, "BF-1108"),
    ],
)
def test_an_officer_who_cannot_be_is_refused_and_nobody_is_entered(
    standing: Standing, change: dict[str, object], number: str
) -> None:
    row = OfficerRow("N1", "某", "new_unit", "general", "cadre", standing.township.path, A_DAY, row=1)
    bad = replace(row, number="N2", row=2)
    with refused(number):
        add_officers(standing.top, [row, replace(bad, **change)])  # type: ignore[arg-type]
    assert not Officer.objects.filter(number__in=("N1", "N2")).exists()


def test_an_identity_number_is_kept_encrypted_and_is_that_of_one_officer(standing: Standing) -> None:
    row = OfficerRow(
        "N1",
        "某",
        "new_unit",
        "general",
        "cadre",
        standing.township.path,
        A_DAY,
        identity="990000198001010012",
        phone="13800000000",
    )
    add_officers(standing.top, [row])
    held = Officer.objects.get(number="N1")
    assert b"990000" not in bytes(held.identity)
    assert decrypt(held.identity, "officer.identity") == "990000198001010012"
    assert decrypt(held.phone, "officer.phone") == "13800000000"
    with refused("BF-2204", "第2行", "***"):
        add_officers(standing.top, [replace(row, number="N2", row=2)])
    with refused("BF-2204", "第2行"):
        fresh = replace(row, identity="990000198001010039")
        add_officers(standing.top, [replace(fresh, number="N3"), replace(fresh, number="N4", row=2)])
    with refused("BF-2204", "第3行", "校验位"):
        add_officers(standing.top, [replace(row, number="N5", row=3, identity="990000198001010011")])
    assert Officer.objects.filter(number__in=("N2", "N3", "N4", "N5")).count() == 0


def test_a_post_covers_areas_that_no_other_covers(standing: Standing) -> None:
    area = standing.village.path
    with refused("BF-2206", "第3行", "凤凰村"):
        set_up_posts(standing.top, [PostRow("extra", Text("另所", "Extra"), "village", area, (area,), A_DAY, "county", 3)])
    with refused("BF-2201", "no_parent"):
        set_up_posts(standing.top, [PostRow("extra", Text("另所", "Extra"), "village", area, (), A_DAY, "no_parent")])
    rows = [
        PostRow("line", Text("专班", "Task force"), "township", standing.township.path, (), A_DAY, "county"),
        PostRow("line2", Text("专班组", "Its group"), "village", area, (), A_DAY, "line"),
    ]
    assert set_up_posts(standing.top, rows) == 2
    assert set_up_posts(standing.top, rows) == 0
    assert Post.objects.get(key="line2").parent == Post.objects.get(key="line")


def test_the_database_itself_refuses_what_the_actions_refuse(standing: Standing) -> None:
    post, village = standing.post(standing.township), standing.village
    one, two = Officer.objects.filter(number__in=("T1", "T2"))
    chief = Appointment.objects.get(post=post, role="chief", valid__contains=TODAY)
    wrong = [
        lambda: PostArea.objects.create(post=post, area=village, path=village.path, valid=DateRange(A_DAY, None)),
        lambda: Appointment.objects.create(path=post.path, officer=one, role="chief", post=post, valid=DateRange(TODAY, None)),
        lambda: Appointment.objects.create(
            path=post.path, officer=one, role="first_secretary", post=post, valid=DateRange(TODAY, None)
        ),
        lambda: Appointment.objects.create(
            path=village.path, officer=one, role="chief", area=village, valid=DateRange(TODAY, None)
        ),
        lambda: Appointment.objects.create(
            path=village.path[:-1], officer=one, role="team_member", area=village, valid=DateRange(A_DAY, None)
        ),
        lambda: Attachment.objects.create(
            path=village.path, area=village, role="leader", unit=one.unit, valid=DateRange(A_DAY, None)
        ),
        lambda: Attachment.objects.create(
            path=village.path, area=village, role="leader", officer=two, valid=DateRange(A_DAY, None)
        ),
        lambda: Post.objects.filter(pk=post.pk).update(parent=post),
    ]
    for write in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    assert Appointment.objects.get(pk=chief.pk).valid.upper is None


# ---- appointments and attachments


def test_a_post_has_one_chief_and_a_village_one_first_secretary(standing: Standing) -> None:
    post = standing.post(standing.township)
    held = Appointment.objects.get(post=post, role="chief", valid__contains=TODAY)
    with refused("BF-2205", "第7行", held.officer.name):
        appoint(standing.top, [AppointmentRow("T1", "chief", TODAY, post=post.key, row=7)])
    assert end_appointments(standing.top, [held.pk], on=TODAY, reason="调离") == 1
    assert appoint(standing.top, [AppointmentRow("T1", "chief", TODAY, post=post.key)]) == 1
    assert appoint(standing.top, [AppointmentRow("T1", "chief", TODAY, post=post.key)]) == 0
    assert Appointment.objects.on(TODAY).get(post=post, role="chief").officer.number == "T1"
    assert Appointment.objects.on(TODAY - timedelta(1)).get(post=post, role="chief") == held
    village = standing.other_village
    Appointment.objects.filter(area=village, role="first_secretary").delete()
    appoint(standing.top, [AppointmentRow("T2", "first_secretary", TODAY, area=village.path)])
    with refused("BF-2205"):
        appoint(standing.top, [AppointmentRow("T3", "first_secretary", TODAY, area=village.path)])
    with refused("BF-2205", "新人T2"):  # one village each
        free = Appointment.objects.filter(role="first_secretary", area=standing.village)
        free.delete()
        appoint(standing.top, [AppointmentRow("T2", "first_secretary", TODAY, area=standing.village.path)])


def test_rows_of_one_call_are_held_against_each_other(standing: Standing) -> None:
    post = standing.post(standing.village)
    Appointment.objects.filter(post=post).delete()
    rows = [AppointmentRow("T1", "chief", TODAY, post=post.key), AppointmentRow("T2", "chief", TODAY, post=post.key, row=2)]
    with refused("BF-2205", "第2行", "新人T1"):
        appoint(standing.top, rows)
    assert not Appointment.objects.filter(post=post).exists()
    one_after_another = [replace(rows[0], until=TODAY + timedelta(5)), replace(rows[1], since=TODAY + timedelta(5))]
    assert appoint(standing.top, one_after_another) == 2


@pytest.mark.parametrize(
    ("row", "number"),
    [
        (AppointmentRow("nobody", "deputy", TODAY, post="county"), "BF-2202"),
        (AppointmentRow("T1", "deputy", TODAY, post="nowhere"), "BF-2201"),
        (AppointmentRow("T1", "king", TODAY, post="county"), "BF-2204"),
        (AppointmentRow("T1", "deputy", TODAY), "BF-2204"),
        (AppointmentRow("T1", "team_member", TODAY, post="county"), "BF-2204"),
        (AppointmentRow("T1", "team_member", TODAY, area="cn/zzz/"), "BF-1108"),
        (AppointmentRow("T1", "deputy", TODAY, post="county", until=TODAY), "BF-2204"),
        (AppointmentRow("T1", "deputy", date(2018, 1, 1), post="county"), "BF-2202"),
    ],
)
def test_an_appointment_that_cannot_be_is_refused(standing: Standing, row: AppointmentRow, number: str) -> None:
    before = Appointment.objects.count()
    with refused(number):
        appoint(standing.top, [AppointmentRow("T2", "member", TODAY, post="county"), row])
    assert Appointment.objects.count() == before


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["deputy", "liaison", "team_member"]), st.integers(0, 3), st.integers(1, 4)),
        max_size=5,
    )
)
def test_many_appointments_equal_one_by_one(standing: Standing, drawn: list[tuple[int, str, int, int]]) -> None:
    post, area = standing.post(standing.village).key, standing.village.path
    rows = [
        AppointmentRow(
            f"T{who}",
            role,
            TODAY + timedelta(first),
            post="" if role == "team_member" else post,
            area=area if role == "team_member" else "",
            until=TODAY + timedelta(first + days),
            row=n,
        )
        for n, (who, role, first, days) in enumerate(drawn, 1)
    ]

    def held() -> set[tuple[object, ...]]:
        mine = Appointment.objects.filter(officer__number__in=standing.people)
        return {(a.officer.number, a.role, a.valid.lower, a.valid.upper) for a in mine.select_related("officer")}

    def outcome(calls: list[list[AppointmentRow]]) -> object:
        with transaction.atomic():
            try:
                done = sum(appoint(standing.top, call) for call in calls)
                found: object = (done, held())
            except Exception as raised:  # noqa: BLE001 (compared below)
                found = getattr(raised, "number", raised)
            transaction.set_rollback(True)
        return found

    assert outcome([rows]) == outcome([[row] for row in rows])


def test_an_end_that_is_none_is_refused(standing: Standing) -> None:
    chief = Appointment.objects.get(post__key="county", role="chief", valid__contains=TODAY)
    for keys, on, number in (
        ([0], TODAY, "BF-2234"),
        ([chief.pk, 0], TODAY, "BF-2234"),
        ([chief.pk], date(2001, 1, 1), "BF-2204"),
        ([chief.pk], chief.valid.lower, "BF-2204"),
    ):
        with refused(number):
            end_appointments(standing.top, keys, on=on, reason="")
    assert Appointment.objects.get(pk=chief.pk).valid.upper is None


def test_an_area_has_one_leader_one_lead_unit_and_many_members(standing: Standing) -> None:
    path = standing.village.path
    Attachment.objects.filter(path=path).delete()
    rows = [
        AttachmentRow(path, "leader", A_DAY, officer="T1"),
        AttachmentRow(path, "lead_unit", A_DAY, unit="education"),
        AttachmentRow(path, "member_unit", A_DAY, unit="health"),
        AttachmentRow(path, "member_unit", A_DAY, unit="water"),
    ]
    assert attach(standing.top, rows) == 4
    assert attach(standing.top, rows) == 0
    for extra in (
        AttachmentRow(path, "leader", A_DAY, officer="T2", row=5),
        AttachmentRow(path, "lead_unit", A_DAY, unit="finance", row=5),
        AttachmentRow(path, "member_unit", A_DAY, unit="education", row=5),
    ):
        with refused("BF-2205", "第5行"):
            attach(standing.top, [extra])
    for wrong, number in (
        (AttachmentRow(path, "friend", A_DAY, unit="finance"), "BF-2204"),
        (AttachmentRow(path, "lead_unit", A_DAY, unit="no_such"), "BF-2203"),
        (AttachmentRow(path, "leader", A_DAY, officer="no_such"), "BF-2202"),
        (AttachmentRow("cn/zzz/", "member_unit", A_DAY, unit="finance"), "BF-1108"),
    ):
        with refused(number):
            attach(standing.top, [wrong])
    leader = Attachment.objects.get(path=path, role="leader")
    with refused("BF-2234"):
        end_attachments(standing.top, [leader.pk, 0], on=TODAY)
    assert end_attachments(standing.top, [leader.pk], on=TODAY) == 1
    assert attach(standing.top, [AttachmentRow(path, "leader", TODAY, officer="T2")]) == 1


def test_many_attachments_equal_one_by_one(standing: Standing) -> None:
    path = standing.village.path
    Attachment.objects.filter(path=path).delete()
    rows = [AttachmentRow(path, "member_unit", A_DAY, unit=u) for u in ("education", "health", "education", "water")]

    def held() -> list[tuple[str, str]]:
        return sorted(Attachment.objects.filter(path=path).values_list("role", "unit__key"))

    with transaction.atomic():
        assert sum(attach(standing.top, [row]) for row in rows) == 3
        singly = held()
        transaction.set_rollback(True)
    assert attach(standing.top, rows) == 3
    assert held() == singly


def test_an_officer_who_leaves_frees_their_households(standing: Standing) -> None:
    home = (
        Household.objects.farming()
        .under(standing.village.path)
        .filter(pk__in=Kind.objects.on(TODAY).filter(kind="registered").values("household"))[0]
    )
    Pairing.objects.filter(household=home).delete()
    make_helpers(standing.top, [HelperRow("T1", A_DAY)])
    pair(standing.top, [PairRow(home.number, "T1", A_DAY)])
    appoint(standing.top, [AppointmentRow("T1", "member", A_DAY, post="county")])
    attach_to = standing.other_village.path
    Attachment.objects.filter(path=attach_to).delete()
    attach(standing.top, [AttachmentRow(attach_to, "leader", TODAY, officer="T1")])
    assert end_officers(standing.top, ["T1"], on=TODAY, reason="退休") == 1
    assert not Pairing.objects.on(TODAY).filter(household=home).exists()
    assert Pairing.objects.on(TODAY - timedelta(1)).filter(household=home).exists()
    assert not Helper.objects.on(TODAY).filter(officer__number="T1").exists()
    assert not Appointment.objects.on(TODAY).filter(officer__number="T1").exists()
    assert not Attachment.objects.filter(officer__number="T1").exists()  # it began that very day
    assert not Duty.objects.filter(household=home.pk, user__officer__number="T1").exists()
    with refused("BF-2202"):
        end_officers(standing.top, ["T1"], on=TODAY, reason="再次")
    with refused("BF-2202"):
        appoint(standing.top, [AppointmentRow("T1", "deputy", TODAY, post="county")])


# ---- scope


def test_nobody_writes_outside_their_area(standing: Standing) -> None:
    township = actor_of("township")
    other, its_village = standing.other, standing.other_village
    with refused("BF-2235"):
        appoint(township, [AppointmentRow("T1", "member", TODAY, post=standing.post(other).key)])
    for outside in (
        lambda: appoint(township, [AppointmentRow("T1", "team_member", TODAY, area=its_village.path)]),
        lambda: attach(township, [AttachmentRow(its_village.path, "member_unit", TODAY, unit="new_unit")]),
        lambda: deploy(township, [DeploymentRow("T1", its_village.path, TODAY)]),
        lambda: enrol_experts(township, [ExpertRow("T1", ("tea",), its_village.path, TODAY)]),
        lambda: call_volunteers(township, its_village.path, "other", DO, since=TODAY, until=TODAY, wanted=1),
        lambda: plan_field_visit(township, "T1", DO, [Stop(its_village.path)], since=TODAY, until=TODAY),
    ):
        with refused("BF-1108"):
            outside()
    with refused("BF-2234"):
        theirs = Appointment.objects.on(TODAY).filter(path=other.path).first()
        assert theirs is not None
        end_appointments(township, [theirs.pk], on=TODAY, reason="")
    with refused("BF-2235"):
        stationed = Officer.objects.on(TODAY).filter(path=other.path).first()
        assert stationed is not None
        end_officers(township, [stationed.number], on=TODAY, reason="")
    with refused("BF-2235"):
        an_order_of = OrderDraft("外〔1〕", DO, "order", TODAY, "镇", "文", (TaskRow(DO, TODAY, post=standing.post(other).key),))
        issue_order(township, an_order_of)


def test_the_policy_refuses_what_an_action_might_forget(standing: Standing) -> None:
    """Whoever acts in a township writes no row of another, whatever the code says."""
    township = actor_of("township")
    order = an_order(standing, TaskRow(DO, TODAY, post=standing.post(standing.other).key))
    task = order.tasks.get()
    officer = Officer.objects.get(number="T1")
    writes = [
        lambda: Appointment.objects.create(
            path=standing.other_village.path,
            officer=officer,
            role="team_member",
            area=standing.other_village,
            valid=DateRange(TODAY, None),
        ),
        lambda: Order.objects.create(
            path=standing.county.path,
            number="x",
            zh="x",
            en="x",
            kind="order",
            issuer="x",
            issued_on=TODAY,
            source="x",
            actor="x",
        ),
        lambda: Report.objects.create(path=task.path, task=task, kind="progress", text="x", at=clock.now(), actor="x"),
    ]
    for write in writes:
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic(), acting(township):
            write()
    with acting(township):
        assert Task.objects.filter(pk=task.pk).update(zh="改") == 0
        assert Appointment.objects.filter(path=standing.other.path).delete()[0] == 0


def test_a_role_without_the_permission_does_none_of_it(standing: Standing) -> None:
    village, analyst = actor_of("village"), actor_of("analyst")
    order = an_order(standing)
    for call in (
        lambda: add_units(village, []),
        lambda: add_officers(village, []),
        lambda: set_up_posts(village, []),
        lambda: appoint(village, []),
        lambda: end_appointments(village, [], on=TODAY, reason=""),
        lambda: attach(village, []),
        lambda: end_attachments(village, [], on=TODAY),
        lambda: end_officers(village, [], on=TODAY, reason=""),
        lambda: begin_campaign(village, CampaignRow("k", DO, "other", TODAY, 3)),
        lambda: issue_order(village, OrderDraft("1", DO, "order", TODAY, "x", "x")),
        lambda: answer(village, 1, "x"),
        lambda: tell_overdue(village),
        lambda: plan_field_visit(village, "T1", DO, [], since=TODAY, until=TODAY),
        lambda: visit_stops(village, [], on=TODAY),
        lambda: raise_question(village, 1, DO),
        lambda: enrol_experts(village, []),
        lambda: call_volunteers(village, village.scope, "other", DO, since=TODAY, until=TODAY, wanted=1),
        lambda: volunteer(village, 1),
        lambda: serve(village, 1, on=TODAY),
        lambda: deploy(village, []),
        lambda: end_deployments(village, [], on=TODAY),
        lambda: acknowledge(analyst, [order.tasks.get().pk]),
        lambda: report(analyst, order.tasks.get().pk, "done", "x"),
        lambda: attend(analyst, "sprint", analyst.scope, [], day=TODAY),
    ):
        with refused("BF-1001"):
            call()


# ---- campaigns and orders


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


# ---- the field


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
    with refused("BF-2204"):
        deploy(standing.top, [DeploymentRow("T1", standing.other.path, TODAY)])
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
