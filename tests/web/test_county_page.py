"""The county page leads to the rows behind its figures, and what is typed at it is taken as what it is."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from bangfu.accounts.models import Assignment, User
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.register.models import Household, Membership, Person
from bangfu.screening.pack import PACKS, own_packs
from bangfu.screening.present import valid_pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(county: County) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="county"))
    return client


def listed(client: Client, url: str) -> int:
    """How many households a list counts."""
    total = client.get(url).context["listing"].total
    assert not total.more
    return int(total.number)


@pytest.mark.parametrize("kind", ["", "ordinary", "registered", "monitored"])
def test_every_figure_is_as_many_rows_as_the_list_that_it_leads_to(client: Client, county: County, kind: str) -> None:
    page = client.get(reverse("web:county", kwargs={"path": county.path}), {"kind": kind} if kind else {})
    figures = [f for f in page.context["figures"] if str(f.unit) != "人" and f.url]
    assert len(figures) == 4
    for figure in figures:
        assert listed(client, figure.url) == figure.value, (figure.title, figure.url)
    for row in page.context["rows"][:3]:
        assert listed(client, row["households_url"]) == row["households"]
        assert listed(client, row["registered_url"]) == row["registered_households"]
        for counts in row["verdicts"]:
            assert listed(client, counts.url) == counts.unmet
            assert listed(client, counts.unknown_url) == counts.unknown


def test_drilling_down_keeps_what_was_chosen(client: Client, county: County) -> None:
    page = client.get(reverse("web:county", kwargs={"path": county.path}), {"kind": "registered", "guarantee": "housing"})
    below = client.get(page.context["rows"][0]["url"])
    assert (below.context["kind"], below.context["guarantee"]) == ("registered", "housing")


@pytest.mark.parametrize(
    ("chosen", "number"), [({"kind": "nosuch"}, "BF-2001"), ({"guarantee": "nosuch"}, "BF-2001"), ({"sort": "nosuch"}, "BF-2002")]
)
def test_a_choice_that_does_not_exist_is_left_out_and_told(
    client: Client, county: County, chosen: dict[str, str], number: str
) -> None:
    answer = client.get(reverse("web:county", kwargs={"path": county.path}), chosen)
    assert [notice.number for notice in answer.context["notices"]] == [number]
    assert "nosuch" in answer.content.decode()
    assert not client.get(reverse("web:county", kwargs={"path": county.path})).context["notices"]


def test_a_group_is_the_list_of_its_households(client: Client, county: County) -> None:
    """Figures are kept per village; a table of noughts would be a lie."""
    group = Area.objects.get(pk=Household.objects.farming().order_by("path").values_list("area_id", flat=True)[0])
    answer = client.get(reverse("web:county", kwargs={"path": group.path}))
    assert answer.status_code == 302
    assert listed(client, answer.headers["Location"]) == Household.objects.farming().under(group.path).count()


@pytest.mark.parametrize("words", ["凤凰村", "fenghuangcun", "fhc"])
def test_an_area_is_found_from_every_page(client: Client, county: County, words: str) -> None:
    """By name, pinyin and initials, however deep it lies; the hit leads to the same page of the other area."""
    page = client.get(reverse("register:households", kwargs={"path": county.path})).content.decode()
    address = unescape(re.search(r'hx-get="([^"]+)"', page)[1])  # type: ignore[index]
    hits = client.get(address, {"q": words, "page": "households"}, headers={"HX-Request": "true"}).content.decode()
    found = re.findall(r'<a href="([^"]+)"', hits)
    assert len(found) >= 2
    assert all(url.endswith("/households/") and client.get(url).status_code == 200 for url in found)
    whole = client.get(address, {"q": words}).content.decode()
    assert "<html" in whole
    assert "没有找到" in client.get(address, {"q": "zzzz"}).content.decode()


def test_digits_at_full_width_are_digits(client: Client, county: County) -> None:
    number = Household.objects.farming().order_by("path").values_list("number", flat=True)[0]
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    base = reverse("register:households", kwargs={"path": county.path})
    assert listed(client, f"{base}?number={wide}") == listed(client, f"{base}?number={number}") == 1
    assert listed(client, f"{base}?q={wide[:12]}") == listed(client, f"{base}?q={number[:12]}") > 1
    for whole in (wide, number):
        found = client.post(reverse("register:by-number"), {"number": whole})
        assert found.headers["Location"] == reverse("register:household", kwargs={"number": number})
    name = Person.objects.order_by("id").values_list("name", flat=True)[0]
    assert listed(client, f"{base}?q={name}") >= 1


@pytest.mark.parametrize(
    "after", ["WyJ6eiIsICJ6eiIsIDEwMDAwMDAwMDAwMDAwMDAwMDBd", "WyJ6eiIsInp6IiwxXQ", "WyJcdWQ4M2QiLCJ4IiwxXQ"]
)
def test_a_cursor_beyond_the_end_is_the_first_page_and_says_so(client: Client, county: County, after: str) -> None:
    listing = client.get(reverse("register:households", kwargs={"path": county.path}), {"after": after}).context["listing"]
    assert listing.rows
    assert listing.notices


@pytest.mark.parametrize(
    ("address", "posted"),
    [
        ("/households/%00/", None),
        ("/areas/search?q=%00", None),
        ("/areas/search?%00=1", None),
        ("/login/", {"username": "a\0b", "password": "x"}),
    ],
)
def test_what_is_no_text_is_refused_at_the_door(client: Client, address: str, posted: dict[str, Any] | None) -> None:
    answer = client.post(address, posted) if posted else client.get(address)
    assert answer.status_code == 400
    assert "BF-1905" in answer.content.decode()
    said = client.get("/areas/search?q=%00&format=json")
    assert said.json()["problem"]["number"] == "BF-1905"


def test_a_form_out_of_date_is_said_in_our_words(county: County) -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "county", "password": "x"})
    assert answer.status_code == 403
    assert "BF-1906" in answer.content.decode()


def test_who_may_not_finds_the_way_out(county: County) -> None:
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    answer = client.get("/households/")
    assert answer.status_code == 403
    assert "/logout/" in answer.content.decode()
    assert "系统管理员" in answer.content.decode()
    assert "system_administrator" not in answer.content.decode()


def test_a_redirect_keeps_what_was_chosen(client: Client, county: County) -> None:
    lists = reverse("register:households", kwargs={"path": county.path})
    assert client.get("/households/?kind=registered&q=li").headers["Location"] == f"{lists}?kind=registered&q=li"
    assert client.get("/households/").headers["Location"] == lists
    table = reverse("web:county", kwargs={"path": county.path})
    assert client.get("/?guarantee=water").headers["Location"] == f"{table}?guarantee=water"
    group = Area.objects.get(pk=Household.objects.farming().order_by("path").values_list("area_id", flat=True)[0])
    answer = client.get(reverse("web:county", kwargs={"path": group.path}), {"kind": "registered", "sort": "-unmet"})
    assert answer.headers["Location"] == reverse("register:households", kwargs={"path": group.path}) + "?kind=registered"


@pytest.mark.parametrize(
    ("query", "sort"),
    [
        ({}, ""),
        ({"sort": "-water"}, "-water"),
        ({"sort": "households"}, "households"),
        ({"sort": "-area"}, "-area"),
        ({"guarantee": "water", "sort": "-unmet_share"}, "-unmet_share"),
        ({"sort": "nonsense"}, ""),
    ],
)
def test_the_order_can_be_chosen_where_no_heads_are_shown(
    client: Client, county: County, query: dict[str, str], sort: str
) -> None:
    """Every choice is an order that the table takes, and the present one is among them."""
    url = reverse("web:county", kwargs={"path": county.path})
    page = client.get(url, query)
    keys = [o.key for o in page.context["sorts"]]
    assert page.context["sort"] == sort
    assert sort in keys
    assert len(set(keys)) == len(keys)
    html = page.content.decode()
    assert f'<option value="{sort}" selected>' in html
    for key in keys:
        assert client.get(url, query | {"sort": key}).context["sort"] == key


def test_what_a_place_does_not_have_it_does_not_speak_of(client: Client, county: County) -> None:
    """A village has neither table nor map: nothing is to be chosen for them."""
    village = Area.objects.under(county.path).level("village").order_by("path").first()
    assert village is not None
    for path, said in ((county.path, True), (village.path, False)):
        html = client.get(reverse("web:county", kwargs={"path": path})).content.decode()
        assert ("下表" in html) is said
        assert ("?guarantee=" in html) is said


def test_heads_begin_with_a_capital_in_english(client: Client, county: County) -> None:
    client.post("/language/", {"language": "en", "next": "/"})
    html = client.get(reverse("web:county", kwargs={"path": county.path})).content.decode()
    assert re.search(r'id="sort-area"[^>]*>Township<', html)


def test_a_household_found_by_a_member_names_the_member(client: Client, county: County) -> None:
    member = (
        Membership.objects.filter(sort="farming", valid__endswith__isnull=True)
        .exclude(relation="head")
        .select_related("person", "household")
        .order_by("household__path", "id")[0]
    )
    head = Membership.objects.get(household=member.household, relation="head", valid__endswith__isnull=True).person.name
    base = reverse("register:households", kwargs={"path": county.path})

    def first_cell(words: str) -> str:
        rows = client.get(base, {"q": words}).context["listing"].rows
        return next(str(r.cells[0].value) for r in rows if r.of_.pk == member.household_id)

    assert first_cell(member.person.name) == f'{head} <span class="also">成员 {member.person.name}</span>'
    assert first_cell(head) == head


def test_a_user_who_never_logged_in_is_told_so(county: County) -> None:
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    html = client.get("/users/village/").content.decode()
    assert "还没有登录过" in html


def test_a_place_that_was_found_stands_apart_from_where_it_lies(client: Client, county: County) -> None:
    html = client.get("/areas/search", {"q": "fhc"}).content.decode()
    assert "凤凰村</span> <span" in html


def test_an_own_pack_beside_the_valid_one_stops_judging_but_no_page(client: Client, county: County, temporary_home: Path) -> None:
    shutil.copytree(PACKS / "cn-county-2020", own_packs() / "county-2020")
    shutil.copytree(PACKS / "shared", own_packs() / "shared")
    top = own_packs() / "county-2020" / "pack.yaml"
    top.write_text(top.read_text("utf-8").replace("pack: cn-county-2020", "pack: county-2020"), "utf-8")
    with pytest.raises(Problem, match="BF-1504"):
        valid_pack(clock.today(), county.country)
    number = Household.objects.farming().order_by("path").values_list("number", flat=True)[0]
    for url in (
        reverse("web:county", kwargs={"path": county.path}),
        reverse("register:household", kwargs={"number": number}),
        reverse("register:households", kwargs={"path": county.path}),
    ):
        assert client.get(url).status_code == 200, url
    assert "BF-1504" in client.get(reverse("screening:packs")).content.decode()


@pytest.mark.parametrize(("user", "seen"), [("county", False), ("village", True)])
def test_causes_that_tell_of_illness_are_masked_as_health_is(client: Client, county: County, user: str, seen: bool) -> None:
    household = (
        Household.objects.farming()
        .filter(path__startswith=Assignment.objects.get(user__username="village").path)
        .order_by("pk")[0]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO register_registration (household_id, path, main_cause, other_causes, valid, evidence_id) SELECT household_id, path, "
            "'illness', '{disability}', daterange('2019-12-31', NULL), evidence_id FROM register_membership WHERE household_id = %s LIMIT 1",
            [household.pk],
        )
    client.force_login(User.objects.get(username=user))
    page = client.get(
        reverse("register:household", kwargs={"number": household.number}), headers={"accept-language": "en"}
    ).content.decode()
    assert ("Other causes of poverty" in page) or not seen
    assert bool(re.search(r"(?i)cause[^<]*poverty[^<]*</dt>\s*<dd[^>]*>\s*(illness|因病)", page)) is seen
