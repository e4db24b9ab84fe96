"""The second county lives in the product: three levels, its own numbers, English workbooks, a proxy-means test for its pack.

Whatever works for Chinese counties only fails here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from psycopg.conninfo import make_conninfo
from tests.committed import settle

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import User
from bangfu.areas.files import read_areas
from bangfu.areas.founding import found
from bangfu.areas.models import Area, AreaCell
from bangfu.demo import second
from bangfu.foundation import clock
from bangfu.foundation.actor import system
from bangfu.foundation.county import County, found_county
from bangfu.foundation.home import home
from bangfu.foundation.postgres import dsn
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.indicators.jobs import follow_changes
from bangfu.indicators.models import Figure
from bangfu.kit.sheets import Column, Workbook
from bangfu.register.actions import Outcome, import_files
from bangfu.register.identity import derive
from bangfu.register.importing.opening import read_raw
from bangfu.register.importing.reading import match_headings
from bangfu.register.models import Condition, Household, Kind, Membership, Person, Residence
from bangfu.screening.actions import screen_county
from bangfu.screening.models import Finding, Run, Verdict
from bangfu.screening.pack import find_pack
from bangfu.screening.reading import explain_household

DAY = date(2020, 4, 28)
NO_PACK = date(2022, 3, 1)  # a day on which no pack of the country is valid
SCALE = 0.05
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
PASSWORD = "a long and quiet river"


def one(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


@pytest.fixture
def alder(own_database: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[County]:
    """Alder District founded in an empty database, with its own clock and an empty lake."""
    # What does not go through Django (the lake's readers) must find this test's database too.
    addresses = [make_conninfo("", **{**dsn.libpq(role), "dbname": own_database}) for role in ("owner", "web")]
    for variable, address in zip(("DATABASE_URL", "DATABASE_WEB_URL"), addresses, strict=True):
        monkeypatch.setenv(variable, address)
    request.getfixturevalue("temporary_home")
    home().make()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public' AND (tablename IN "
            "('county', 'change', 'follower') OR tablename ~ '^(areas|accounts|register|screening|command|messages|indicators)_')"
        )
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} CASCADE")
    rows = read_areas(second.AREAS)
    _, county, _ = found(system("xa/"), rows, edition="1", since=date(2014, 1, 1), country="xa", county="XA7")
    assert county is not None
    yield found_county(county.name, "xa", county.path, synthetic=True, at=clock.moment(DAY))
    clock.set_process_clock(None)


def followed() -> None:
    """The job done once all that was committed is there for it to see."""
    settle()
    follow_changes()


def brought_in(county: County, folder: Path, scale: float = SCALE) -> Outcome:
    return import_files(county.operator(), second.write(folder, scale=scale))


def user_at(county: County, path: str, role: str) -> Client:
    """A log-in of a user with a role, who reads English."""
    user = create_user(county.operator(), f"{role}.{path}".replace("/", "-"), "Ada Marsh", PASSWORD, language="en")
    assign_role(county.operator(), user, role, path)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def read_page(client: Client, address: str, status: int = 200) -> str:
    """A page, which has no Chinese but in the switch of languages."""
    response: Any = client.get(address)
    assert response.status_code == status, response.content.decode()[-3000:]
    html: str = response.content.decode()
    assert set(CHINESE.findall(html)) <= {"简体中文"}, address
    return html


def check_register(outcome: Outcome, scale: float) -> None:
    """What was brought in is what the generator made."""
    people = second.population(scale=scale)
    table = people.table
    assert (outcome.households, outcome.rows, outcome.refused_rows, outcome.new_groups) == (
        people.households,
        people.persons,
        0,
        0,
    )
    assert outcome.unknown_headings == {}
    assert Household.objects.farming().count() == people.households
    assert Person.objects.count() == people.persons
    members = Counter(Membership.objects.filter(sort="farming").values_list("household__number", flat=True))
    assert members == Counter(table["household_no"].to_pylist())
    heads = dict(Membership.objects.filter(sort="farming", relation="head").values_list("household__number", "person__name"))
    assert heads == {
        number: name
        for number, name, relation in zip(*(table[k].to_pylist() for k in ("household_no", "name", "relation")), strict=True)
        if relation == "head"
    }
    kinds = Counter(Kind.objects.on(DAY).values_list("kind", flat=True))
    said = zip(*(table[k].to_pylist() for k in ("household_no", "household_kind", "monitoring_kind")), strict=True)
    by_number = {number: "monitored" if monitored else kind for number, kind, monitored in said}
    assert kinds == Counter(by_number.values())
    ill = Counter(code for codes in Condition.objects.on(DAY).values_list("health", flat=True) for code in codes or ())
    assert ill == Counter(code for codes in table["health"].to_pylist() if codes for code in codes.split(";"))
    codes = dict(zip(table["household_no"].to_pylist(), table["village_code"].to_pylist(), strict=True))
    placed = Household.objects.farming().values_list("number", "area__codes__code", "area__level")
    assert {number: code for number, code, _ in placed} == codes
    assert {level for _, _, level in placed} == {"hamlet"}


def test_its_english_workbook_is_brought_in(alder: County, tmp_path: Path) -> None:
    check_register(brought_in(alder, tmp_path), SCALE)
    assert not Area.objects.filter(level__in=("group", "grid")).exists()
    assert Area.objects.count() == 38  # the country, the district, 6 wards, 30 hamlets: nothing was added
    assert AreaCell.objects.count() == 37
    numbers = {
        decrypt(bytes(person.identity), "person.identity"): (person.birth_date, person.sex) for person in Person.objects.all()
    }
    table = second.population(scale=SCALE).table
    assert numbers == {
        number: (born, sex)
        for number, born, sex in zip(*(table[k].to_pylist() for k in ("identity", "birth_date", "sex")), strict=True)
    }
    assert derive(list(numbers), second.XA23).valid.all()
    assert not derive(list(numbers)).valid.any()  # by the Chinese scheme none would have come in
    assert set(Residence.objects.values_list("place", flat=True)) <= {
        "here",
        "in_county",
        "in_province",
        "other_province",
        "abroad",
    }


def test_the_same_workbook_again_changes_nothing(alder: County, tmp_path: Path) -> None:
    brought_in(alder, tmp_path)
    again = brought_in(alder, tmp_path)
    assert (again.files_known, again.created, again.changed) == (1, {}, {})


@pytest.mark.full
def test_all_two_thousand_households(alder: County, tmp_path: Path) -> None:
    check_register(brought_in(alder, tmp_path, 1.0), 1.0)
    assert Household.objects.farming().count() == 2000


def test_a_changed_check_letter_holds_its_household_back(alder: County, tmp_path: Path) -> None:
    raw = read_raw(second.write(tmp_path, scale=SCALE))
    heading, columns, _ = match_headings(raw, "x")
    cells = {name: raw[name].to_pylist() for name in raw.column_names}
    headings = [str(cells[name][heading]) for name in raw.column_names]
    identity, number, ward = (cells[columns[k]] for k in ("identity", "household_no", "township"))
    letters = second.XA23.checks
    spoiled = heading + 1
    right = identity[spoiled]
    identity[spoiled] = right[:-1] + letters[(letters.index(right[-1]) + 1) % 23]
    elsewhere = next(row for row in range(heading + 1, raw.num_rows) if number[row] != number[spoiled])
    identity[elsewhere] = "995201197005060011"  # a number of the Chinese form
    path = tmp_path / "changed.xlsx"
    body = [pa.array(cells[name][heading + 1 :], pa.string()) for name in raw.column_names]
    with Workbook(path) as book, book.sheet("Households", [Column(h, "text") for h in headings]) as sheet:
        sheet.write(body)
    outcome = import_files(alder.operator(), path, data_date=date(2019, 12, 31))
    held = {number[spoiled], number[elsewhere]}
    assert outcome.refused_households == 2
    assert [(r["number"], r["row"]) for r in outcome.refusals if r["number"] != "BF-1218"] == [
        ("BF-1203", str(row - heading + 1)) for row in (spoiled, elsewhere)
    ]
    assert right[:8] not in str(outcome.refusals)
    assert "Identity number" in outcome.refusals[0]["en"]
    assert not Household.objects.filter(number__in=held).exists()
    assert Household.objects.farming().count() == len(set(number[heading + 1 :])) - 2
    assert ward[spoiled]


@pytest.fixture
def unjudged(alder: County) -> Iterator[County]:
    """The county on a day without a pack."""
    with clock.standing_at(NO_PACK):
        assert find_pack(NO_PACK, "xa") is None
        yield alder


def test_its_pages_are_shown_in_english_without_a_pack(unjudged: County, tmp_path: Path) -> None:
    alder = unjudged
    brought_in(alder, tmp_path)
    followed()
    assert not Run.objects.exists()
    people = second.population(scale=SCALE).table
    ward = Area.objects.get(name="Alder Borough")
    figures = dict(Figure.objects.filter(path__startswith=alder.path, key="households").values_list("path", "value"))
    assert sum(figures.values()) == len(set(people["household_no"].to_pylist()))
    assert {len(path) for path in figures} == {len("xa/007/001/001/")}

    station = user_at(alder, ward.path, "township_station")
    home: Any = station.get("/")
    assert home.url == reverse("web:county", kwargs={"path": ward.path})
    html = read_page(station, home.url)
    assert "Nothing has been judged" in html
    assert "Households unmet" not in html
    assert "With something unmet" not in html
    assert "Registered households: share" in html
    inside = int(sum(value for path, value in figures.items() if path.startswith(ward.path)))
    assert re.search(rf">{inside}</a>", html)
    hamlets = [hamlet.name for hamlet in Area.objects.children_of(ward)]
    assert hamlets
    assert all(f">{name}</a>" in html for name in hamlets)
    for question in ("guarantee=housing", "kind=registered", "sort=-unmet", "sort=-households"):
        read_page(station, f"{home.url}?{question}")

    html = read_page(station, reverse("register:households", kwargs={"path": ward.path}))
    assert re.search(r">\s*Hamlet\s*<", html)
    assert "Guarantee" not in html
    row = Household.objects.farming().under(ward.path).order_by("path", "number").first()
    assert row is not None
    assert row.number in html
    assert Area.objects.get(pk=row.area_id).name in html
    head = Membership.objects.get(household=row, relation="head").person.name
    html = read_page(station, reverse("register:household", kwargs={"number": row.number}))
    assert re.search(rf"<h1[^>]*>\s*{re.escape(escape(head))}", html)
    assert "Nothing has been judged of this household yet" in html
    assert "Every guarantee is met" not in html
    assert f"{Area.objects.get(pk=row.area_id).name} in Alder Borough" in html  # its place on the small map

    other = Household.objects.farming().exclude(path__startswith=ward.path).first()
    assert other is not None
    read_page(station, reverse("register:household", kwargs={"number": other.number}), 404)
    read_page(station, reverse("web:county", kwargs={"path": alder.path}), 404)
    with_sheet = one(
        "SELECT h.number FROM register_incomesheet s JOIN register_household h ON h.id = s.household_id ORDER BY h.number LIMIT 1"
    )
    whole = user_at(alder, alder.path, "county_headquarters")
    html = read_page(whole, reverse("register:household", kwargs={"number": with_sheet}))
    assert "crown" in html
    assert "yuan" not in html
    html = read_page(whole, reverse("web:county", kwargs={"path": alder.path}))
    assert all(f">{ward.name}</a>" in html for ward in Area.objects.level("ward"))
    assert "outline and cells are computed" in html


def test_the_job_follows_changes_without_a_pack(unjudged: County, tmp_path: Path) -> None:
    alder = unjudged
    followed()
    assert not Figure.objects.exists()
    brought_in(alder, tmp_path)
    followed()
    before = one("SELECT sum(value) FROM indicators_figure WHERE key = 'persons'")
    assert before == Person.objects.count()
    assert not Verdict.objects.exists()
    followed()
    assert one("SELECT sum(value) FROM indicators_figure WHERE key = 'persons'") == before


def found_of(sort: str, subject: str, state: str) -> list[str]:
    """The numbers of the households of whom something is found, in order."""
    rows = Finding.objects.filter(sort=sort, subject=subject, state=state).order_by("household__number")
    return list(rows.values_list("household__number", flat=True))


def test_it_is_judged_by_its_proxy_means_test(alder: County, tmp_path: Path) -> None:
    brought_in(alder, tmp_path)
    pack = find_pack(DAY, "xa")
    assert pack is not None
    result = screen_county(alder.operator(), pack)
    followed()
    scores = result.findings["score"]
    known = sum(scores["proxy_means"].values()) - scores["proxy_means"]["unknown"]
    assert known >= 10
    assert scores["proxy_means"]["poor"] >= known // 5
    assert {state: len(found_of("score", "proxy_means", state)) for state in scores["proxy_means"]} == scores["proxy_means"]
    selected = Finding.objects.named("score", "proxy_means").filter(state="poor").values_list("values__low", flat=True)
    rest = Finding.objects.named("score", "proxy_means").filter(state="not_poor").values_list("values__low", flat=True)
    assert max(selected) == result.limits["proxy_means"] < min(rest)
    assert sum(result.counts["school"].values()) == result.households

    whole = user_at(alder, alder.path, "county_headquarters")
    lists = reverse("register:households", kwargs={"path": alder.path})
    html = read_page(whole, lists)
    assert "Also found" in html
    assert "Proxy means: the lowest share: Selected" in html
    chosen: Any = whole.get(f"{lists}?found=score.proxy_means.poor")
    assert chosen.context["listing"].total.number == scores["proxy_means"]["poor"]

    number = found_of("score", "proxy_means", "poor")[0]
    html = read_page(whole, reverse("register:household", kwargs={"number": number}))
    assert "Nothing has been judged" not in html
    assert "Also found" in html
    assert "or fewer are selected" in html
    assert "Provisional" in html
    blank = found_of("score", "proxy_means", "unknown")[0]
    html = read_page(whole, reverse("register:household", kwargs={"number": blank}))
    assert "Not known: " in html
    assert "toilet" in html
    reached = reverse("screening:found", kwargs={"sort": "score", "name": "proxy_means", "number": number})
    html = read_page(whole, reached)
    assert "How the score comes about" in html
    assert "points to begin with" in html
    assert reverse("register:household", kwargs={"number": number}) in html


def test_what_is_not_found_has_no_page(alder: County, tmp_path: Path) -> None:
    """The address of something that is not found of a household leads back to it; a day gone by is judged from its own facts."""
    brought_in(alder, tmp_path)
    pack = find_pack(DAY, "xa")
    assert pack is not None
    screen_county(alder.operator(), pack)
    whole = user_at(alder, alder.path, "county_headquarters")
    number = found_of("score", "below_line", "not_poor")[0]
    home_of: Any = whole.get(reverse("screening:found", kwargs={"sort": "hint", "name": "no_head", "number": number}))
    assert home_of.status_code == 302
    assert home_of.url == reverse("register:household", kwargs={"number": number})
    assert whole.get(reverse("screening:found", kwargs={"sort": "moon", "name": "full", "number": number})).status_code == 302  # type: ignore[attr-defined]
    before = read_page(whole, reverse("register:household", kwargs={"number": number}) + "?as_of=2020-03-01")
    assert "Judged as of" in before
    said = explain_household(alder.operator(), number, pack, DAY)
    lines = said.outline("en")
    assert "代理家计：固定分数线 Proxy means: the fixed line：未入选 Not selected" in lines
    told = {(one["sort"], one["name"]): one for one in said.as_json()["findings"]}
    assert told["score", "below_line"]["state"] == "not_poor"
    assert told["score", "below_line"]["provisional"] is True
    assert told["score", "below_line"]["steps"]["value"]["below"]


def test_names_of_the_county_are_its_own(alder: County) -> None:
    assert alder.name == Text("Alder District", "Alder District")
    assert not User.objects.exists()
