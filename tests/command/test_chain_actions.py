"""Writes to the chain: what they do, what they refuse and under which number, and that nobody writes outside their area."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangfu.accounts.models import Duty
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
from bangfu.command.models import (
    Appointment,
    Attachment,
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
)
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Household, Kind
from tests.command.standing import A_DAY, DO, TODAY, Standing, actor_of, an_order, refused

pytestmark = pytest.mark.django_db


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
    deploy(standing.top, [DeploymentRow("T1", standing.village.path, A_DAY)])
    enrol_experts(standing.top, [ExpertRow("T1", ("tea",), standing.township.path, A_DAY)])
    appoint(
        standing.top, [AppointmentRow("T1", "member", TODAY + timedelta(9), post=standing.post(standing.township).key)]
    )  # to come
    assert end_officers(standing.top, ["T1"], on=TODAY, reason="退休") == 1
    for model in (Deployment, Expert):
        assert not model.objects.filter(officer__number="T1").on(TODAY).exists()
        assert model.objects.filter(officer__number="T1").on(TODAY - timedelta(1)).exists()
    assert not Appointment.objects.filter(officer__number="T1", valid__startswith__gte=TODAY).exists()
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
