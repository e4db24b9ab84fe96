"""The chain at an area, and the leaders' visits to it: what a role sees, what it may do, and what is refused under which number."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bangfu.command.actions import OrderDraft, TaskRow, acknowledge, end_appointments, issue_order, report
from bangfu.command.loads import Load, areas_without_post, loads
from bangfu.command.models import Appointment, FieldQuestion, FieldStop, FieldVisit, Pairing, Post, PostArea, Task
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from tests.command.standing import A_DAY, TODAY, Standing, actor_of, client_of

pytestmark = pytest.mark.django_db


def chain_url(path: str) -> str:
    return reverse("command:chain", kwargs={"path": path})


def visits_url(path: str, do: bool = False) -> str:
    return reverse("command:field-visits-do" if do else "command:field-visits", kwargs={"path": path})


def flat(roots: list[Load]) -> dict[str, Load]:
    found = {}
    for load in roots:
        found |= {load.post.key: load, **flat(load.children)}
    return found


def test_every_post_is_told_what_it_carries(standing: Standing) -> None:
    """The numbers of every post are those that one would count by hand."""
    found = flat(loads(standing.top, standing.county.path, TODAY))
    assert len(found) == Post.objects.on(TODAY).count() == 125
    assert [len(found["county"].children), found["county"].depth] == [15, 0]
    for key in ("county", standing.post(standing.township).key, standing.post(standing.village).key):
        load, post = found[key], Post.objects.get(key=key)
        homes = Household.objects.farming().under(post.path)
        paired = Pairing.objects.principals().on(TODAY).under(post.path)
        assert load.counts is not None
        assert load.counts["households"] == homes.count()
        assert load.counts["helpers"] == paired.values("helper").distinct().count()
        assert load.own["open"] == Task.objects.open().filter(post=post).count()
        assert load.own["overdue"] == Task.objects.overdue(TODAY).filter(post=post).count()
        assert load.number("open") == Task.objects.open().filter(post__path__startswith=post.path).count()
    assert found["county"].own["waiting"] > 0


def test_a_household_without_a_helper_is_counted_at_every_post_above_it(standing: Standing) -> None:
    keys = ("county", standing.post(standing.township).key, standing.post(standing.village).key)
    before = flat(loads(standing.top, standing.county.path, TODAY))
    one = Pairing.objects.principals().on(TODAY).under(standing.village.path).first()
    assert one is not None
    one.delete()
    after = flat(loads(standing.top, standing.county.path, TODAY))
    assert [after[k].number("unpaired") - before[k].number("unpaired") for k in keys] == [1, 1, 1]
    beside = standing.post(standing.other).key
    assert after[beside].number("unpaired") == before[beside].number("unpaired")


def test_the_whole_county_takes_as_many_statements_as_a_village(standing: Standing) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            loads(standing.top, path, TODAY)
        return len(seen)

    assert asked(standing.county.path) == asked(standing.village.path) <= 8


def test_an_area_without_a_post_is_told(standing: Standing) -> None:
    fewer = {a.name for a in areas_without_post(standing.top, standing.county.path, TODAY)}
    PostArea.objects.filter(area=standing.village).delete()
    assert {a.name for a in areas_without_post(standing.top, standing.county.path, TODAY)} == fewer | {"凤凰村"}
    page = client_of("county").get(chain_url(standing.county.path)).content.decode()
    assert "没有自己的指挥所" in page
    assert "凤凰村" in page


def test_the_chain_is_folded_opened_and_sorted_by_its_address(standing: Standing) -> None:
    client = client_of("county")
    key, below = standing.post(standing.township).key, f"/areas/{standing.village.path}orders/"
    folded = client.get(chain_url(standing.county.path)).content.decode()
    assert below not in folded
    assert f'id="fold-{key}"' in folded
    opened = client.get(chain_url(standing.county.path), {"open": key}).content.decode()
    assert below in opened
    assert re.search(rf'id="fold-{key}" role="button" aria-expanded="true"', opened)
    assert client.get(chain_url(standing.county.path), {"open": "all"}).content.decode().count("<tr ") == 125
    whole = client.get(chain_url(standing.county.path), {"open": "all"}).content.decode()
    fold = re.search(rf'id="fold-{key}"[^>]* href="([^"]+)"', whole)
    assert fold is not None
    without = client.get(chain_url(standing.county.path) + fold[1].replace("&amp;", "&")).content.decode()
    assert below not in without  # folded alone: the others stay open
    assert str(standing.post(standing.other_village).title) in without
    issue_order(
        standing.top,
        OrderDraft(
            "多〔1〕",
            Text("多", "Many"),
            "order",
            A_DAY,
            "县",
            "文",
            (TaskRow(Text("一", "One"), TODAY + timedelta(3), post=key),) * 30,
            post="county",
        ),
    )
    rows = re.findall(r'id="fold-(\w+)"', client.get(chain_url(standing.county.path), {"sort": "-open"}).content.decode())
    assert rows[0] == key
    rising = re.findall(r'id="fold-(\w+)"', client.get(chain_url(standing.county.path), {"sort": "open"}).content.decode())
    assert rising[-1] == key
    wrong = client.get(chain_url(standing.county.path), {"sort": "-beauty"})
    assert wrong.status_code == 200
    assert "BF-20" in wrong.content.decode()


def test_a_village_sees_who_is_above_it_and_nobody_beside(standing: Standing) -> None:
    client = client_of("village")
    page = client.get(chain_url(standing.village.path)).content.decode()
    for post in (Post.objects.get(key="county"), standing.post(standing.township), standing.post(standing.village)):
        assert str(post.title) in page
        chief = Appointment.objects.on(TODAY).get(post=post, role="chief").officer.name
        assert chief in page
    beside = Post.objects.filter(parent=standing.post(standing.township)).exclude(path=standing.village.path)
    assert not [p for p in beside if str(p.title) in page]
    assert client.get(chain_url(standing.township.path)).status_code == 404
    assert client.get(chain_url(standing.other_village.path)).status_code == 404
    assert "+" not in re.sub(
        r"<script.*?</script>", "", page[page.index("<tbody>") : page.index("</tbody>")]
    )  # it sees a part of what is below
    assert f"/areas/{standing.township.path}orders/" not in page  # no way to where one may not go


def test_who_sees_single_households_only_is_told_no_totals(standing: Standing) -> None:
    helper = actor_of("helper")
    assert helper.duty is not None
    assert all(load.counts is None for load in flat(loads(helper, helper.scope, TODAY)).values())
    assert client_of("helper").get(chain_url(helper.scope)).status_code == 200


def test_a_post_without_a_chief_says_so(standing: Standing) -> None:
    chief = Appointment.objects.on(TODAY).get(post=standing.post(standing.village), role="chief")
    end_appointments(standing.top, [chief.pk], on=TODAY, reason="")
    assert "指挥长空缺" in client_of("village").get(chain_url(standing.village.path)).content.decode()


def test_ones_own_chain_and_the_switch_of_areas_lead_here(standing: Standing) -> None:
    client = client_of("township")
    assert client.get(reverse("command:my-chain")).headers["Location"] == chain_url(standing.township.path)
    found = client.get("/areas/search", {"q": "凤凰", "page": "chain"}).content.decode()
    assert chain_url(standing.village.path) in found


# ---- field visits


def test_a_visit_is_planned_visited_and_questioned_from_its_page(standing: Standing) -> None:
    client, path = client_of("county"), standing.county.path
    told = {
        "do": "plan",
        "zh": "调研养蜂",
        "officer": "新人T1",
        "since": "2020-04-28",
        "stops": f"{standing.village.path}\n{standing.other_village.path}",
    }
    answer = client.post(visits_url(path, do=True), told)
    assert (answer.status_code, answer.headers["Location"]) == (302, visits_url(path))
    visit = FieldVisit.objects.get(zh="调研养蜂")
    stops = list(visit.stops.order_by("place"))
    assert [s.path for s in stops] == [standing.village.path, standing.other_village.path]
    client.post(visits_url(path, do=True), {"do": "visited", "stop": [s.pk for s in stops], "on": "2020-04-28"})
    assert FieldStop.objects.filter(visit=visit, visited_on=TODAY).count() == 2
    owner = f"{standing.post(standing.village).title}（郑场镇）"
    client.post(
        visits_url(path, do=True), {"do": "raise", "stop": stops[0].pk, "zh": "缺蜂箱", "owner": owner, "deadline": "2020-05-08"}
    )
    asked = FieldQuestion.objects.get(zh="缺蜂箱")
    assert asked.task.post == standing.post(standing.village)
    page = client.get(visits_url(path)).content.decode()
    for words in ("调研养蜂", "缺蜂箱", f"#task-{asked.task.pk}", "schematic"):
        assert words in page
    below = client_of("village").get(visits_url(standing.village.path)).content.decode()
    assert "缺蜂箱" in below
    assert standing.other_village.name not in below


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ({"do": "plan", "zh": "x", "officer": "无此人", "since": "2020-04-28", "stops": "凤凰村"}, "BF-2202"),
        ({"do": "plan", "zh": "x", "officer": "T1", "since": "明天", "stops": "凤凰村"}, "BF-2204"),
        ({"do": "plan", "zh": "x", "officer": "T1", "since": "2020-04-28", "stops": ""}, "BF-2204"),
        ({"do": "plan", "zh": "x", "officer": "T1", "since": "2020-04-28", "stops": "无此村"}, "BF-1108"),
        ({"do": "plan", "zh": "", "officer": "T1", "since": "2020-04-28", "stops": "飞水村"}, "BF-2204"),
        ({"do": "visited", "stop": "0", "on": "2020-04-28"}, "BF-2215"),
        ({"do": "raise", "stop": "0", "zh": "x"}, "BF-2215"),
        ({"do": "raise", "stop": "0", "zh": "x", "owner": "某"}, "BF-2204"),
        ({"do": "raise", "stop": "0", "zh": "x", "owner": "某", "deadline": "2020-05-01"}, "BF-2201"),
        ({"do": "dance"}, "BF-2204"),
        ({}, "BF-2204"),
    ],
)
def test_what_cannot_be_is_told_on_the_page_with_its_number(standing: Standing, told: dict[str, str], number: str) -> None:
    before = (FieldVisit.objects.count(), FieldQuestion.objects.count())
    answer = client_of("county").post(visits_url(standing.county.path, do=True), told)
    assert answer.status_code in (400, 404)
    assert number in answer.content.decode()
    assert "领导调研" in answer.content.decode()
    assert (FieldVisit.objects.count(), FieldQuestion.objects.count()) == before


def test_who_may_not_plan_has_no_form(standing: Standing) -> None:
    client: Client = client_of("village")
    page = client.get(visits_url(standing.village.path)).content.decode()
    assert 'value="plan"' not in page
    assert client.post(visits_url(standing.village.path, do=True), {"do": "plan"}).status_code == 403
    assert client_of("township").post(visits_url(standing.other.path, do=True), {"do": "plan"}).status_code == 404


def test_an_escalation_waits_at_the_post_it_went_to(standing: Standing) -> None:
    village = actor_of("village")
    order = issue_order(
        standing.top,
        OrderDraft(
            "求〔1〕", Text("求", "Ask"), "order", A_DAY, "县", "文",
            (TaskRow(Text("一", "One"), TODAY, post=standing.post(standing.village).key),), post="county",
        ),
    )  # fmt: skip
    task = order.tasks.get()
    before = flat(loads(standing.top, standing.county.path, TODAY))[standing.post(standing.township).key].own["waiting"]
    acknowledge(village, [task.pk])
    report(village, task.pk, "escalation", "缺人")
    after = flat(loads(standing.top, standing.county.path, TODAY))[standing.post(standing.township).key].own["waiting"]
    assert after == before + 1
