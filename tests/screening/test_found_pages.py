"""What is found beside verdicts, on the pages: a panel where something was found, a filter of as many rows, nothing of health to whom
it is masked."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.register.asking import ask

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import User
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.register import masks
from bangfu.register.models import Household
from bangfu.screening.models import Finding
from bangfu.screening.pack import load_pack
from bangfu.screening.pages.additions import present_pack
from bangfu.screening.reading import explain_household
from bangfu.screening.withholding import WITHHELD, Withheld

pytestmark = pytest.mark.django_db
PASSWORD = "a long and quiet river"


@pytest.fixture
def client(county: County) -> Client:
    """The headquarters, for whom health is masked."""
    client = Client()
    client.force_login(User.objects.get(username="county"))
    return client


def page_of(client: Client, number: str) -> Any:
    return client.get(reverse("register:household", kwargs={"number": number}))


def open_to(sort: str) -> Finding:
    """A finding of a sort that does not concern health."""
    pack = present_pack()
    assert pack is not None
    withheld = Withheld(None, pack)
    named = {"group": pack.groups, "hint": pack.hints, "proposal": pack.proposals}[sort]
    names = [name for name, subject in named.items() if not withheld.subject(subject)]
    found = Finding.objects.filter(sort=sort, subject__in=names).select_related("household").order_by("id").first()
    assert found is not None
    return found


@pytest.mark.parametrize("sort", ["group", "hint", "proposal"])
def test_what_was_found_is_shown_with_how_it_was_reached(client: Client, sort: str) -> None:
    finding = open_to(sort)
    page = page_of(client, finding.household.number)
    assert "也请留意" in page.content.decode()
    pack = present_pack()
    assert pack is not None
    title = {"group": pack.groups, "hint": pack.hints, "proposal": pack.proposals}[sort][finding.subject].title
    shown = next(f for f in page.context["found"] if f.title == title)
    assert shown.state == finding.state
    reached = client.get(shown.url)
    assert reached.status_code == 200
    assert reached.context["said"].title == title
    assert reached.context["branches"]
    assert client.get(shown.more).context["listing"].total.number == ask(
        "SELECT count(*) AS n FROM screening_finding WHERE sort = %s AND subject = %s AND state = %s", sort, finding.subject, finding.state
    )[0]["n"]  # fmt: skip


def test_where_nothing_was_found_nothing_is_shown(client: Client) -> None:
    number = Household.objects.farming().filter(findings__isnull=True).order_by("id").values_list("number", flat=True)[0]
    page = page_of(client, number)
    assert page.context["found"] == []
    assert "也请留意" not in page.content.decode()


def test_the_filter_says_what_the_pack_finds(client: Client, county: County) -> None:
    page = client.get(reverse("register:households", kwargs={"path": county.path}))
    chosen = open_to("hint")
    assert f'value="hint.{chosen.subject}.raised"' in page.content.decode()
    refused = client.get(reverse("register:households", kwargs={"path": county.path}), {"found": "hint.no_such.raised"})
    assert refused.status_code == 200
    assert "no_such" in refused.content.decode()  # a choice that the page does not know is told


def test_whoever_may_not_see_health_is_not_told_it_by_a_group(client: Client, county: County) -> None:
    finding = Finding.objects.filter(sort="group", subject="seriously_ill").select_related("household").order_by("id").first()
    assert finding is not None
    number = finding.household.number
    pack = present_pack()
    assert pack is not None
    title = pack.groups["seriously_ill"].title
    assert title not in [f.title for f in page_of(client, number).context["found"]]
    lists = reverse("register:households", kwargs={"path": county.path})
    assert "seriously_ill" not in client.get(lists).content.decode()
    reached = reverse("screening:found", kwargs={"sort": "group", "name": "seriously_ill", "number": number})
    assert client.get(reached).status_code == 302
    township = next(a for a in Area.objects.breadcrumb(finding.household.path) if a.level == "township")
    user = create_user(county.operator(), "station", "乡镇站", PASSWORD)
    assign_role(county.operator(), user, "township_station", township.path)
    seeing = Client()
    seeing.force_login(user)
    assert title in [f.title for f in page_of(seeing, number).context["found"]]
    assert seeing.get(reached).status_code == 200
    lists = reverse("register:households", kwargs={"path": township.path})
    assert 'value="group.seriously_ill.raised"' in seeing.get(lists).content.decode()


def test_steps_that_concern_health_are_masked_below_what_they_come_to(county: County) -> None:
    number = Household.objects.farming().order_by("id").values_list("number", flat=True)[0]
    index = load_pack("global-mpi")
    said = explain_household(county.operator(), number, index, clock.today())  # the command line may not see health either
    mpi = next(one for one in said.found if one.said.name == "mpi")
    assert mpi.steps["nutrition"].value == masks.HIDDEN
    assert mpi.steps["nutrition"].below == ()
    assert mpi.steps["power"].value is not masks.HIDDEN
    told = {r.code: r.text for r in (*mpi.said.reasons, *mpi.said.missing)}
    assert told.get("nutrition", WITHHELD) == WITHHELD
    assert "undernourished" not in said.outline("en").replace("lacks_nutrition", "")
