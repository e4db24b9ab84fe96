"""Who serves: offices, attachment and deployment, experts and volunteers; what a role sees, may do, and is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from bangfu.areas.models import Area
from bangfu.command.actions import (
    AppointmentRow,
    AttachmentRow,
    DeploymentRow,
    ExpertRow,
    OfficerRow,
    add_officers,
    appoint,
    attach,
    call_volunteers,
    deploy,
    enrol_experts,
    volunteer,
)
from bangfu.command.models import Appointment, Attachment, Deployment, Expert, Unit, Volunteering, VolunteerTask
from bangfu.command.staffing import attached_at, deployed_shares, officer_meant, posts_staffed, villages_staffed
from bangfu.foundation.say import Text
from tests.command.standing import A_DAY, TODAY, Standing, actor_of, client_of, refused

pytestmark = pytest.mark.django_db
DO = Text("育苗", "Seedlings")


def url(name: str, path: str) -> str:
    return reverse(f"command:{name}", kwargs={"path": path})


# ---- who is meant


def test_an_officer_is_meant_by_number_or_by_a_name_that_one_bears(standing: Standing) -> None:
    assert officer_meant(standing.top, " T1 ", TODAY) == "T1"
    assert officer_meant(standing.top, "新人T2", TODAY) == "T2"
    with refused("BF-2202"):
        officer_meant(standing.top, "", TODAY)
    with refused("BF-2202"):
        officer_meant(standing.top, "T1", date(2001, 1, 1))
    twin = OfficerRow("T1b", "新人T1", "new_unit", "general", "cadre", standing.village.path, A_DAY)
    add_officers(standing.top, [twin])
    with refused("BF-2236", "T1（新单位）", "T1b"):
        officer_meant(standing.top, "新人T1", TODAY)
    assert officer_meant(standing.top, "T1b", TODAY) == "T1b"
    elsewhere = OfficerRow("E1", "远人", "new_unit", "general", "cadre", standing.other.path, A_DAY)
    add_officers(standing.top, [elsewhere])
    with refused("BF-2202"):
        officer_meant(actor_of("township"), "远人", TODAY)


# ---- offices


def test_posts_and_villages_are_told_with_who_serves_and_what_is_vacant(standing: Standing) -> None:
    posts = posts_staffed(standing.top, standing.county.path, TODAY)
    assert len(posts) == 16
    assert all(s.chief is not None for s in posts)
    villages = villages_staffed(standing.top, standing.county.path, TODAY)
    assert sum(v.needed for v in villages) == 46
    assert sum(v.missing for v in villages) == 0
    vacant = villages[20]
    Appointment.objects.filter(area=vacant.area, role="first_secretary").delete()
    Appointment.objects.filter(post=standing.post(standing.village), role="chief").delete()
    villages = villages_staffed(standing.top, standing.county.path, TODAY)
    assert (villages[0].area, villages[0].missing) == (vacant.area, True)  # what lacks comes first
    assert standing.post(standing.village) in [s.post for s in posts_staffed(standing.top, standing.county.path, TODAY)]
    page = client_of("county").get(url("appointments", standing.county.path)).content.decode()
    assert "需要 46 名，缺 1 名" in page
    assert page.count("空缺") == 2


def test_a_first_secretary_beyond_what_is_asked_is_told_and_is_no_fault(standing: Standing) -> None:
    needing = {v.area.path for v in villages_staffed(standing.top, standing.county.path, TODAY)}
    spare = Area.objects.under(standing.county.path).level("village").exclude(path__in=needing).order_by("path")[0]
    appoint(standing.top, [AppointmentRow("T1", "first_secretary", TODAY, area=spare.path)])
    page = client_of("county").get(url("appointments", standing.county.path)).content.decode()
    assert "不是差错" in page
    assert "新人T1" in page


def test_an_office_is_given_and_ended_on_the_page(standing: Standing) -> None:
    client, path = client_of("township"), standing.township.path
    post = standing.post(standing.village)
    told = {
        "do": "appoint",
        "officer": "新人T1",
        "role": "deputy",
        "post": post.key,
        "since": "2020-04-28",
        "document": "郑任〔1〕",
    }
    assert client.post(url("appointments-do", path), told).status_code == 302
    held = Appointment.objects.get(post=post, officer__number="T1")
    assert (held.role, held.document) == ("deputy", "郑任〔1〕")
    page = client.get(url("appointments", path), {"end": held.pk}).content.decode()
    assert f'name="end" value="{held.pk}"' in page
    client.post(url("appointments-do", path), {"do": "end", "end": held.pk, "on": "2020-04-30", "reason": "调离"})
    held.refresh_from_db()
    assert (held.valid.upper, held.end_reason) == (date(2020, 4, 30), "调离")
    client.post(
        url("appointments-do", path),
        {
            "do": "appoint",
            "officer": "T2",
            "role": "team_leader",
            "area": standing.village.path,
            "since": "2020-04-28",
            "until": "2020-12-31",
        },
    )
    assert Appointment.objects.get(officer__number="T2").area == standing.village
    assert "新人T2" in client_of("village").get(url("appointments", standing.village.path)).content.decode()


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ({"officer": "无此人", "role": "deputy", "post": "county", "since": "2020-04-28"}, "BF-2202"),
        ({"officer": "T1", "role": "chief", "post": "county", "since": "2020-04-28"}, "BF-2205"),
        ({"officer": "T1", "role": "deputy", "post": "nowhere", "since": "2020-04-28"}, "BF-2201"),
        ({"officer": "T1", "role": "deputy", "post": "", "since": "2020-04-28"}, "BF-2204"),
        ({"officer": "T1", "role": "deputy", "post": "county", "since": "2020-13-28"}, "BF-2204"),
        ({"officer": "T1", "role": "first_secretary", "area": "", "since": "2020-04-28"}, "BF-1108"),
        ({"do": "end", "end": "0", "on": "2020-04-28"}, "BF-2234"),
        ({"do": "sing"}, "BF-2204"),
    ],
)
def test_what_cannot_be_is_told_beside_the_form(standing: Standing, told: dict[str, str], number: str) -> None:
    before = Appointment.objects.count()
    answer = client_of("county").post(url("appointments-do", standing.county.path), {"do": "appoint"} | told)
    assert answer.status_code in (400, 404, 409)
    assert number in answer.content.decode()
    if "officer" in told:
        assert f'value="{told["officer"]}"' in answer.content.decode()
    assert Appointment.objects.count() == before


def test_another_townships_post_is_refused(standing: Standing) -> None:
    client, path = client_of("township"), standing.township.path
    theirs = standing.post(standing.other)
    told = {"do": "appoint", "officer": "T1", "role": "deputy", "post": theirs.key, "since": "2020-04-28"}
    answer = client.post(url("appointments-do", path), told)
    assert (answer.status_code, "BF-2235" in answer.content.decode()) == (403, True)
    for name in ("appointments", "deployment", "roster"):
        assert client.get(url(name, standing.other.path)).status_code == 404
        assert client.post(url(f"{name}-do", standing.other.path), {"do": "appoint"}).status_code == 404
    chief = Appointment.objects.on(TODAY).get(post=theirs, role="chief")
    ended = client.post(url("appointments-do", path), {"do": "end", "end": chief.pk, "on": "2020-04-28"})
    assert (ended.status_code, "BF-2234" in ended.content.decode()) == (404, True)
    assert chief.officer.name not in client.get(url("appointments", path), {"end": chief.pk}).content.decode()


def test_who_may_only_read_has_no_forms(standing: Standing) -> None:
    for name in ("appointments", "deployment", "roster"):
        page = client_of("village").get(url(name, standing.village.path)).content.decode()
        assert 'name="do"' not in page, name
        assert "?end=" not in page, name
        assert client_of("village").post(url(f"{name}-do", standing.village.path), {"do": "end"}).status_code == 403


# ---- attachment and deployment


def test_one_one_and_n_is_told_with_its_gaps(standing: Standing) -> None:
    rows = {s.area.path: s for s in attached_at(standing.top, standing.township.path, TODAY)}
    village = rows[standing.village.path]
    assert village.leader is not None
    assert village.lead is not None
    assert not village.gap
    at_top = {s.area.path for s in attached_at(standing.top, standing.county.path, TODAY)}
    assert standing.township.path in at_top
    assert standing.village.path not in at_top
    Attachment.objects.filter(path=standing.village.path, role="lead_unit").delete()
    assert standing.village.path in {s.area.path for s in attached_at(standing.top, standing.county.path, TODAY) if s.gap}
    assert "缺牵头单位" in client_of("county").get(url("deployment", standing.county.path)).content.decode()


def test_a_unit_is_attached_and_ended_on_the_page(standing: Standing) -> None:
    client, path = client_of("township"), standing.township.path
    told = {"do": "attach", "area": standing.village.path, "role": "member_unit", "unit": "new_unit", "since": "2020-04-28"}
    assert client.post(url("deployment-do", path), told).status_code == 302
    held = Attachment.objects.get(path=standing.village.path, unit__key="new_unit")
    assert "新单位" in client.get(url("deployment", path)).content.decode()
    client.post(url("deployment-do", path), {"do": "end", "end": held.pk, "on": "2020-05-01"})
    held.refresh_from_db()
    assert held.valid.upper == date(2020, 5, 1)
    for more, number in (
        ({"role": "lead_unit"}, "BF-2205"),
        ({"unit": "no_such"}, "BF-2203"),
        ({"role": "leader", "officer": "无此人"}, "BF-2202"),
        ({"role": "friend"}, "BF-2204"),
        ({"area": standing.other_village.path}, "BF-1108"),
        ({"since": ""}, "BF-2204"),
    ):
        answer = client.post(url("deployment-do", path), told | more)
        assert (answer.status_code >= 400, number in answer.content.decode()) == (True, True), more


def test_a_unit_below_the_share_that_is_asked_is_marked(standing: Standing) -> None:
    shares, wanted = deployed_shares(standing.top, standing.county.path, TODAY)
    assert wanted == Decimal("0.7")
    mine = next(s for s in shares if s.unit.key == "new_unit")
    assert (mine.party, mine.sent, mine.short, mine.share) == (6, 0, True, 0)
    assert shares[0] == mine  # the lowest first
    assert [s.unit.key for s in shares if s.short] == ["new_unit"]
    deploy(standing.top, [DeploymentRow(f"T{n}", standing.village.path, TODAY) for n in range(1, 5)])
    again = next(s for s in deployed_shares(standing.top, standing.county.path, TODAY)[0] if s.unit.key == "new_unit")
    assert (again.sent, again.short) == (4, True)  # 4 of 6 is below seven tenths
    deploy(standing.top, [DeploymentRow("T5", standing.village.path, TODAY)])
    enough = next(s for s in deployed_shares(standing.top, standing.county.path, TODAY)[0] if s.unit.key == "new_unit")
    assert (enough.sent, enough.short) == (5, False)
    page = client_of("county").get(url("deployment", standing.county.path)).content.decode()
    assert "要求 70.0%" in page
    assert "0 个单位不足" in page


def test_the_share_of_a_unit_is_not_told_to_who_sees_a_part_of_it(standing: Standing) -> None:
    assert deployed_shares(actor_of("township"), standing.county.path, TODAY)[0] == []
    assert "各单位选派党员干部" not in client_of("township").get(url("deployment", standing.township.path)).content.decode()


def test_an_officer_is_sent_and_comes_back_on_the_page(standing: Standing) -> None:
    client, path = client_of("county"), standing.county.path
    told = {"do": "deploy", "officer": "新人T1", "area": standing.village.path, "since": "2020-04-20", "document": "选派〔3〕"}
    assert client.post(url("deployment-do", path), told).status_code == 302
    sent = Deployment.objects.get(officer__number="T1")
    assert (sent.area, sent.unit) == (standing.village, Unit.objects.get(key="new_unit"))
    assert "新人T1" in client.get(url("deployment", standing.village.path)).content.decode()
    elsewhere = client.post(url("deployment-do", path), told | {"area": standing.other.path})
    assert (elsewhere.status_code, "BF-2204" in elsewhere.content.decode()) == (400, True)
    client.post(url("deployment-do", path), {"do": "back", "back": sent.pk, "on": "2020-04-28"})
    sent.refresh_from_db()
    assert sent.valid.upper == TODAY
    none = client.post(url("deployment-do", path), {"do": "back", "back": "0", "on": "2020-04-28"})
    assert (none.status_code, "BF-2234" in none.content.decode()) == (404, True)


# ---- experts and volunteers


def test_experts_are_found_by_what_they_know(standing: Standing) -> None:
    Expert.objects.all().delete()
    enrol_experts(
        standing.top,
        [
            ExpertRow("T1", ("tea", "bees"), standing.village.path, TODAY),
            ExpertRow("T2", ("pepper",), standing.other.path, TODAY),
        ],
    )
    client = client_of("county")
    page = client.get(url("roster", standing.county.path)).content.decode()
    for words in ("新人T1", "新人T2", "茶叶", "bees"):
        assert words in page
    teas = client.get(url("roster", standing.county.path), {"skill": "tea"}).content.decode()
    assert "新人T1" in teas
    assert "新人T2" not in teas
    assert "新人T2" not in client_of("township").get(url("roster", standing.township.path)).content.decode()
    told = {
        "do": "enrol",
        "officer": "T3",
        "area": standing.village.path,
        "since": "2020-04-28",
        "skill": ["tea"],
        "skills": "辣椒、蜂",
    }
    client.post(url("roster-do", standing.county.path), told)
    assert Expert.objects.get(officer__number="T3").skills == ["tea", "pepper", "蜂"]
    none = client.post(url("roster-do", standing.county.path), told | {"officer": "T4", "skill": [], "skills": ""})
    assert (none.status_code, "BF-2204" in none.content.decode()) == (400, True)


def test_volunteers_are_called_take_the_task_and_have_served(standing: Standing) -> None:
    client, path = client_of("township"), standing.township.path
    told = {
        "do": "call", "area": standing.village.path, "kind": "ploughing", "zh": "替缺劳力户春耕", "since": "2020-04-20", "until": "2020-04-30", "wanted": "5",
    }  # fmt: skip
    assert client.post(url("roster-do", path), told).status_code == 302
    task = VolunteerTask.objects.get(zh="替缺劳力户春耕")
    client.post(url("roster-do", path), {"do": "take", "task": task.pk, "officers": "新人T1、T2"})
    assert set(task.volunteers.values_list("officer__number", flat=True)) == {"T1", "T2"}
    page = client.get(url("roster", path), {"task": task.pk}).content.decode()
    assert 'name="officer" value="T1"' in page
    client.post(url("roster-do", path), {"do": "serve", "task": task.pk, "on": "2020-04-28", "officer": ["T1"]})
    assert list(Volunteering.objects.filter(task=task, served_on=TODAY).values_list("officer__number", flat=True)) == ["T1"]
    client.post(url("roster-do", path), {"do": "serve", "task": task.pk, "on": "2020-04-28"})
    assert Volunteering.objects.filter(task=task, served_on=TODAY).count() == 2
    for wrong, number in (
        (told | {"wanted": "many"}, "BF-2204"),
        (told | {"wanted": "0"}, "BF-2204"),
        (told | {"until": "2020-04-01"}, "BF-2204"),
        (told | {"kind": "dance"}, "BF-2204"),
        (told | {"area": standing.other_village.path}, "BF-1108"),
        ({"do": "take", "task": task.pk, "officers": "无此人"}, "BF-2202"),
        ({"do": "take", "task": "0", "officers": "T1"}, "BF-2207"),
        ({"do": "serve", "task": task.pk, "on": "2020-06-01"}, "BF-2204"),
    ):
        answer = client.post(url("roster-do", path), wrong)
        assert (answer.status_code >= 400, number in answer.content.decode()) == (True, True), wrong


def test_another_townships_volunteers_are_not_touched(standing: Standing) -> None:
    theirs = call_volunteers(standing.top, standing.other.path, "other", DO, since=A_DAY, until=TODAY, wanted=2)
    volunteer(standing.top, theirs.pk, officers=["T1"])
    client, path = client_of("township"), standing.township.path
    assert client.post(url("roster-do", path), {"do": "serve", "task": theirs.pk, "on": "2020-04-28"}).status_code == 404
    assert not Volunteering.objects.filter(task=theirs).exclude(served_on=None).exists()
    assert "育苗" not in client.get(url("roster", path)).content.decode()


def test_the_ends_of_today_are_no_longer_told_tomorrow(standing: Standing) -> None:
    attach(standing.top, [AttachmentRow(standing.village.path, "member_unit", A_DAY, unit="new_unit")])
    Attachment.objects.filter(unit__key="new_unit").update(valid=(A_DAY, TODAY))
    seen = {s.area.path: s for s in attached_at(standing.top, standing.township.path, TODAY)}[standing.village.path]
    assert "new_unit" not in [m.unit.key for m in seen.members if m.unit]
    before = {s.area.path: s for s in attached_at(standing.top, standing.township.path, TODAY - timedelta(1))}[
        standing.village.path
    ]
    assert "new_unit" in [m.unit.key for m in before.members if m.unit]
