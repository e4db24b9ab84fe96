"""What is masked for whom, what a reveal asks for and leaves behind, and the search by somebody's whole number."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from bangfu.accounts.actions import create_user
from bangfu.accounts.acts import REASONS
from bangfu.accounts.models import Assignment, AuditEntry
from bangfu.accounts.roles import roles
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.hiding import hide
from bangfu.foundation.problems import Problem
from bangfu.foundation.secrecy import decrypt
from bangfu.register import masks, revealing
from bangfu.register.actions import find_by_number, reveal
from bangfu.register.fields import fields
from bangfu.register.importing import report
from bangfu.register.models import FARMING, Household, Membership
from bangfu.register.showing import show_household

pytestmark = pytest.mark.django_db
WHY = {"reason": "visit", "words": "入户核对本人"}


@pytest.fixture
def home(county: County) -> Any:
    """A household with a telephone, an account and a member with a state of health, and its village."""
    return (
        Membership.objects.filter(sort=FARMING, relation="head", person__phone__isnull=False, household__account__isnull=False)
        .on(clock.today())
        .select_related("household", "person")
        .order_by("id")[0]
    )


def acting_in(county: County, role: str, path: str) -> Actor:
    return signed_in(county, role, path)[0]


def signed_in(county: County, role: str, path: str) -> tuple[Actor, Client]:
    user = create_user(county.operator(), f"as-{role}", "经办人", "a-long-password-2020")
    assignment = Assignment.objects.create(user=user, role=role, path=path, valid=DateRange(clock.today(), None))
    client = Client(REMOTE_ADDR="10.0.0.8", headers={"User-Agent": "the village's phone"})
    client.force_login(user)
    return assignment.actor(), client


def village(home: Any) -> str:
    return next(a.path for a in Area.objects.breadcrumb(home.path) if a.level == "village")


def clear_numbers(home: Any) -> dict[str, str]:
    return {
        "identity": str(decrypt(home.person.identity, "person.identity")),
        "phone": str(decrypt(home.person.phone, "person.phone")),
        "account": str(decrypt(home.household.account, "household.account")),
    }


# --- masks


@pytest.mark.parametrize(
    ("kind", "value", "left"),
    [
        ("identity", "99032319680101123X", "990323********123X"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "88612345", "******45"),
        ("account", "9912345678901234567", "***************4567"),
        ("account", "12345", "****5"),
        ("address", "凤凰村三组12号", "***"),
        ("health", ["chronic"], "***"),
        ("birth_date", date(1968, 3, 1), "1968-**-**"),
        ("identity", None, None),
        ("name", "张三", "张三"),
    ],
)
def test_a_mask_leaves_what_it_says(kind: str, value: Any, left: Any) -> None:
    assert masks.mask(kind, value) == left


def test_every_personal_field_has_a_mask() -> None:
    kinds = {f.personal for f in fields().values() if f.personal}
    assert kinds == {*masks.NUMBERS, *masks.BY_ROLE, "name"}
    for role in roles().values():
        assert role.clear <= set(masks.BY_ROLE), role.key
        assert not role.clear or role.sees in ("household", "duty"), role.key


def test_numbers_are_masked_for_everybody_and_the_rest_by_role(county: County, home: Any) -> None:
    numbers = clear_numbers(home)
    seen = {}
    for role in ("village_secretary", "analyst"):
        shown = show_household(acting_in(county, role, village(home)), home.household.number)
        head = next(m for m in shown["members"] if m["relation"] == "head")
        assert head["name"] == home.person.name
        assert head["identity"].endswith(numbers["identity"][-4:])
        assert not any(number in str(shown) for number in numbers.values())
        assert "*" in head["phone"]
        assert "*" in shown["household"]["account"]
        seen[role] = head["birth_date"], {str(m.get("condition", {}).get("health")) for m in shown["members"]}
        assert isinstance(head["age"], int)
    assert seen["village_secretary"][0] == home.person.birth_date
    assert seen["analyst"] == (f"{home.person.birth_date.year}-**-**", seen["analyst"][1])
    assert seen["analyst"][1] <= {"***", "None"}
    operator = show_household(county.operator(), home.household.number)
    assert "**" in str(operator["members"][0]["birth_date"])


def test_a_report_of_refusals_masks_what_is_personal() -> None:
    def value(key: str, said: str) -> str:
        return report.line("a.xlsx", 3, "BF-1206", key, said)["value"]

    assert value("phone", "13812345678x") == "138*****678x"
    assert "345678" not in value("account", "99123456789012345678")
    assert value("health", "糖尿病晚期") == "***"
    assert value("household_no", "52032310120500001") == "52032310120500001"
    assert value("ethnic", "汉族 99032319680101123X") == "汉族 990***********123X"


# --- reveal


def test_a_reveal_shows_one_value_and_leaves_who_where_and_why(county: County, home: Any) -> None:
    actor, client = signed_in(county, "village_secretary", village(home))
    address = reverse("register:reveal", kwargs={"number": home.household.number}) + f"?person={home.person_id}"
    household = client.get(reverse("register:household", kwargs={"number": home.household.number}))
    assert address.replace("&", "&amp;") in household.content.decode()
    asked = client.get(address)
    assert clear_numbers(home)["identity"] not in asked.content.decode()
    assert "no-store" in asked.headers["Cache-Control"]
    before = AuditEntry.objects.filter(act="person.reveal").count()
    answer = client.post(address, {"field": "identity", **WHY})
    html = answer.content.decode()
    numbers = clear_numbers(home)
    assert numbers["identity"] in html
    assert numbers["phone"] not in html
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Refresh"] == f"60; url=/households/{home.household.number}/"
    entry = AuditEntry.objects.filter(act="person.reveal").latest("id")
    assert AuditEntry.objects.filter(act="person.reveal").count() == before + 1
    assert (entry.user_id, entry.subject, entry.path) == (actor.user_id, home.household.number, home.household.path)
    assert (entry.reason, entry.detail) == ("入户核对本人", {"field": "identity", "person": home.person_id, "reason": "visit"})
    assert (entry.address, entry.device) == ("10.0.0.8", "the village's phone")
    for field, number in (("household_phone", None), ("account", numbers["account"])):
        shown = reveal(actor, home.household.number, field, **WHY)
        assert number in (None, shown.value)
    assert AuditEntry.objects.filter(act="person.reveal").count() == before + 3


def test_a_number_in_the_reason_is_not_kept(county: County, home: Any) -> None:
    actor = acting_in(county, "village_secretary", village(home))
    reveal(actor, home.household.number, "phone", person=home.person_id, reason="contact", words="打 13812345678 联系")
    assert AuditEntry.objects.latest("id").reason == "打 138****5678 联系"


@pytest.mark.parametrize(
    "why", [{"reason": "", "words": "入户核对"}, {"reason": "gossip", "words": "入户核对"}, {"reason": "visit", "words": " 看 "}]
)
def test_without_a_reason_nothing_is_shown(county: County, home: Any, why: dict[str, str]) -> None:
    _, client = signed_in(county, "village_secretary", village(home))
    address = reverse("register:reveal", kwargs={"number": home.household.number}) + f"?person={home.person_id}"
    answer = client.post(address, {"field": "identity", **why})
    assert answer.status_code == 400
    assert "BF-1260" in answer.content.decode()
    assert clear_numbers(home)["identity"] not in answer.content.decode()
    assert not AuditEntry.objects.filter(act="person.reveal").exists()


def test_what_lies_outside_is_not_there(county: County, home: Any) -> None:
    """Another village's household, and a person of another household, are not found, the same as what does not exist."""
    own = village(home)
    other = Membership.objects.filter(sort=FARMING).exclude(path__startswith=own).select_related("household").order_by("id")[0]
    actor, client = signed_in(county, "village_secretary", own)
    for number, person in ((other.household.number, other.person_id), (home.household.number, other.person_id), ("nobody", None)):
        query = "" if person is None else f"?person={person}"
        address = reverse("register:reveal", kwargs={"number": number}) + query
        assert client.get(address).status_code == 404, number
        assert client.post(address, {"field": "identity", **WHY}).status_code == 404, number
    with pytest.raises(Problem, match="BF-1262"):
        reveal(actor, home.household.number, "name", person=home.person_id, **WHY)
    with pytest.raises(Problem, match="BF-1262"):
        reveal(actor, home.household.number, "identity", person=other.person_id, **WHY)
    assert not AuditEntry.objects.filter(act="person.reveal").exists()


def test_a_role_that_may_not_gets_no_button_and_no_page(county: County, home: Any) -> None:
    actor, client = signed_in(county, "analyst", county.path)
    page = client.get(reverse("register:household", kwargs={"number": home.household.number})).content.decode()
    assert "/reveal/" not in page
    assert "已隐去" in page or "***" not in page
    assert client.get(reverse("register:reveal", kwargs={"number": home.household.number})).status_code == 403
    with pytest.raises(Problem, match="BF-1001"):
        reveal(actor, home.household.number, "identity", person=home.person_id, **WHY)


def test_a_user_who_asks_too_often_is_told_to_stop(county: County, home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revealing, "MOST_REVEALS", 2)
    _, client = signed_in(county, "village_secretary", village(home))
    address = reverse("register:reveal", kwargs={"number": home.household.number}) + f"?person={home.person_id}"
    answers = [client.post(address, {"field": "phone", **WHY}) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert "BF-1261" in answers[2].content.decode()
    assert clear_numbers(home)["phone"] not in answers[2].content.decode()
    assert AuditEntry.objects.filter(act="person.reveal").count() == 2
    monkeypatch.setattr(revealing, "HOUR", -timedelta(hours=1))
    assert client.post(address, {"field": "phone", **WHY}).status_code == 200


def test_the_reveal_speaks_both_languages(county: County, home: Any) -> None:
    _, client = signed_in(county, "village_secretary", village(home))
    address = reverse("register:reveal", kwargs={"number": home.household.number})
    assert str(REASONS["payment"].zh) in client.get(address).content.decode()
    client.post("/language/", {"language": "en"})
    english = client.get(address).content.decode()
    assert REASONS["payment"].en in english
    assert "Household telephone" in english


# --- by number


@pytest.mark.parametrize("kind", ["identity", "phone", "account"])
def test_a_whole_number_leads_to_its_household_and_is_noted_masked(county: County, home: Any, kind: str) -> None:
    number = clear_numbers(home)[kind]
    _, client = signed_in(county, "village_secretary", village(home))
    answer = client.post(reverse("register:by-number"), {"number": f" {number[:6]} {number[6:].lower()}"})
    assert answer.status_code == 302, answer.content.decode()
    assert answer.headers["Location"] == f"/households/{home.household.number}/"
    entry = AuditEntry.objects.get(act="number.search")
    assert entry.subject == number[:3] + "*" * (len(number) - 7) + number[-4:]
    assert entry.detail == {"found": 1}


def test_a_number_of_another_village_is_nobodys_and_the_search_is_noted(county: County, home: Any) -> None:
    other = next(p for p in Area.objects.under(county.path).level("village").values_list("path", flat=True) if p != village(home))
    _, client = signed_in(county, "village_secretary", other)
    answer = client.post(reverse("register:by-number"), {"number": clear_numbers(home)["identity"]})
    assert answer.status_code == 200
    assert "没有这个号码" in answer.content.decode()
    assert clear_numbers(home)["identity"] not in answer.content.decode()
    assert AuditEntry.objects.get(act="number.search").detail == {"found": 0}


def test_a_household_number_is_nobodys_secret(county: County, home: Any) -> None:
    actor = acting_in(county, "village_secretary", village(home))
    assert [f.number for f in find_by_number(actor, home.household.number)] == [home.household.number]
    assert not AuditEntry.objects.filter(act="number.search").exists()


def test_half_a_number_is_refused_and_too_many_too(county: County, home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = acting_in(county, "village_secretary", village(home))
    for half in ("", "1234", "张三张三张三张三", "1" * 40):
        with pytest.raises(Problem, match="BF-1263"):
            find_by_number(actor, half)
    monkeypatch.setattr(revealing, "MOST_SEARCHES", 1)
    find_by_number(actor, "13900000000")
    with pytest.raises(Problem, match="BF-1264"):
        find_by_number(actor, "13900000001")


# --- addresses


@pytest.mark.parametrize(
    "where", ["/households/?q={}", "/areas/search?q={}", "/households/?number={}", "/nowhere?back={}", "/households/{}/"]
)
def test_a_number_in_an_address_is_refused_and_not_repeated(county: County, home: Any, where: str) -> None:
    _, client = signed_in(county, "village_secretary", village(home))
    number = clear_numbers(home)["identity"]
    for headers in ({}, {"Accept": "application/json"}):
        answer = client.get(where.format(number), headers=headers)
        assert answer.status_code == 400, where
        assert "BF-1919" in answer.content.decode()
        assert number not in answer.content.decode()
    stranger = Client().get(where.format(number))
    assert number not in stranger.content.decode() + str(stranger.headers)


def test_household_numbers_and_last_digits_may_stand_there(county: County, home: Any) -> None:
    _, client = signed_in(county, "village_secretary", village(home))
    for address in (
        f"/households/{home.household.number}/",
        f"/households/?number={home.household.number}",
        "/households/?q=1234",
    ):
        assert client.get(address, follow=True).status_code == 200, address
    assert client.get(f"/households/?q={home.household.number}").status_code == 400
    assert hide("tel 13812345678 of 2020-04-28") == "tel 138****5678 of 2020-04-28"
    assert Household.objects.filter(number=home.household.number).exists()
