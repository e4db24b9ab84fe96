"""A county completes its policy: one person enters, a second confirms; only then it is used, everywhere, and the county is judged by it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from tests.register.asking import one

from bangfu.accounts.models import Assignment, AuditEntry, User
from bangfu.foundation import clock, files
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem
from bangfu.register.models import Household
from bangfu.screening import actions
from bangfu.screening.actions import confirm_entry, enter_parameter, open_scan, return_entry
from bangfu.screening.models import CONFIRMED, ENTERED, REPLACED, RETURNED, ParameterEntry
from bangfu.screening.pack import PACKS, own_packs
from bangfu.screening.pages import packs
from bangfu.screening.present import completed, provisional_of, require_pack, written_pack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("temporary_home")]
NAME = "cn-county-2020"
TODAY = date(2020, 4, 28)
PDF = b"%PDF-1.7 the document"


def actor(username: str) -> Actor:
    held = Assignment.objects.filter(user__username=username).on(clock.today()).first()
    assert held is not None
    return held.actor()


@pytest.fixture
def analyst(county: County) -> Actor:
    return actor("analyst")


@pytest.fixture
def headquarters(county: County) -> Actor:
    return actor("county")


@pytest.fixture
def second(headquarters: Actor) -> Actor:
    """A second person of the headquarters."""
    return Actor(999_001, "第二人", headquarters.role, headquarters.scope, headquarters.permissions)


@pytest.fixture(autouse=True)
def judges() -> Iterator[None]:
    yield
    for judge in actions._judges.__dict__.pop("kept", {}).values():
        judge.close()


OPEN = """
lists:
  way_of_deciding:
    hold_meeting: {zh: 开会评议, en: meeting}
    post_notice: {zh: 张榜公示, en: notice}
    report_up: {zh: 上报, en: report}
parameters:
  deciding_steps:
    title: {zh: 决定步骤, en: steps of a decision}
    type: codes
    codes: way_of_deciding
    question: {zh: 本县按哪些步骤决定？, en: By which steps does the county decide?}
    source: left open
    verified: false
  days_of_notice: {title: {zh: 公示天数, en: days of notice}, type: integer, question: {zh: 公示几天？, en: How many days?}, source: open, verified: false}
  share: {title: {zh: 比例, en: share}, type: decimal, question: {zh: 多少？, en: How much?}, source: open, verified: false}
  strict: {title: {zh: 从严, en: strict}, type: boolean, question: {zh: 是否从严？, en: Strict?}, source: open, verified: false}
  first_day: {title: {zh: 首日, en: first day}, type: date, question: {zh: 哪天？, en: Which day?}, source: open, verified: false}
  way: {title: {zh: 方式, en: way}, type: code, codes: way_of_deciding, question: {zh: 哪一种？, en: Which?}, source: open, verified: false}
  allowed_grade: {title: {zh: 放宽, en: lenient}, type: boolean, question: {zh: 是否放宽？, en: Lenient?}, source: open, verified: false}
"""


@pytest.fixture
def open_pack(temporary_home: Path) -> str:
    """The pack of 2020 as a county's own, with parameters that it leaves open; clothing rests on one of them."""
    folder = own_packs() / NAME
    shutil.copytree(PACKS / NAME, folder)
    (folder / "open.yaml").write_text(OPEN, "utf-8")
    path = folder / "guarantees" / "clothing.yaml"  # a pack's own guarantee takes the place of the shared one
    text = next((PACKS / "shared").glob("*/guarantees/clothing.yaml")).read_text("utf-8")
    assert "    met: " in text
    path.write_text(text.replace("    met: ", "    met: (if_unknown(strict, false) or true) and ", 1), "utf-8")
    return NAME


def enter(who: Actor, name: str = "income_line", value: Any = "4200", since: str = "2020-01-01", **more: Any) -> ParameterEntry:
    values = {
        "document": "黔乡振发〔2020〕1号",
        "document_date": "2020-01-15",
        "scan": SimpleUploadedFile("扫描.pdf", PDF),
    } | more
    with acting(who):
        return enter_parameter(who, written_pack(NAME), name, value=value, since=since, **values)


def confirm(who: Actor, entry: ParameterEntry) -> ParameterEntry:
    with acting(who):
        return confirm_entry(who, entry.pk, written_pack(NAME))


def refused(act: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Problem) as caught:
        act(*arguments, **more)
    return caught.value.number


def queued() -> int:
    return int(one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bangfu.screening.county' AND status = 'todo'"))


def test_a_value_is_used_once_a_second_person_has_confirmed_it(analyst: Actor, headquarters: Actor, county: County) -> None:
    before = require_pack(TODAY, county.country)
    entry = enter(analyst)
    assert (entry.state, entry.value, entry.entered_name) == (ENTERED, 420000, analyst.name)
    assert require_pack(TODAY, county.country).version == before.version, "what nobody has confirmed is not used"
    assert queued() == 0
    done = confirm(headquarters, entry)
    assert (done.state, done.decided_by) == (CONFIRMED, headquarters.user_id)
    now = require_pack(TODAY, county.country)
    assert now.version != before.version
    assert now.parameters["income_line"].value_on(TODAY) == 420000
    assert now.parameters["income_line"].verified_on(TODAY)
    assert now.parameters["income_line"].value_on(date(2019, 6, 1)) == 374700
    assert not now.parameters["income_line"].verified_on(date(2019, 6, 1)), "the other days stay as they were"
    assert require_pack(TODAY, county.country) is now, "a pack that has not changed is kept"
    assert queued() == 1
    acts = list(AuditEntry.objects.filter(act__startswith="policy.").order_by("id").values_list("act", "user_id"))
    assert acts == [("policy.enter", analyst.user_id), ("policy.confirm", headquarters.user_id)]
    detail = AuditEntry.objects.filter(act="policy.confirm").get().detail
    assert (detail["parameter"], detail["value"], detail["since"]) == ("income_line", "4200", "2020-01-01")


def test_a_later_entry_takes_the_place_of_an_earlier_one(analyst: Actor, headquarters: Actor, county: County) -> None:
    first = confirm(headquarters, enter(analyst))
    second = confirm(headquarters, enter(analyst, value="4300"))
    first.refresh_from_db()
    assert (first.state, second.state) == (REPLACED, CONFIRMED)
    assert require_pack(TODAY, county.country).parameters["income_line"].value_on(TODAY) == 430000
    later = confirm(headquarters, enter(analyst, value="4400", since="2020-06-01"))
    assert later.state == CONFIRMED
    line = require_pack(TODAY, county.country).parameters["income_line"]
    assert (line.value_on(TODAY), line.value_on(date(2020, 6, 1))) == (430000, 440000)


def test_nobody_confirms_alone(headquarters: Actor, second: Actor, analyst: Actor, county: County) -> None:
    entry = enter(headquarters)
    assert refused(confirm, headquarters, entry) == "BF-1542"
    assert refused(confirm, analyst, entry) == "BF-1001"
    assert refused(confirm, county.operator(), entry) == "BF-1548"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE screening_parameterentry SET state = 'confirmed', decided_by = entered_by WHERE id = %s", [entry.pk]
        )
    assert confirm(second, entry).state == CONFIRMED
    assert refused(confirm, second, entry) == "BF-1541"
    for role in ("village", "helper", "auditor"):
        assert refused(enter, actor(role)) == "BF-1001"


def test_the_pages_role_can_neither_forge_nor_change_an_entry(analyst: Actor, headquarters: Actor) -> None:
    entry = enter(analyst)
    for statement in (
        "UPDATE screening_parameterentry SET value = '1'",
        "UPDATE screening_parameterentry SET entered_by = 1",
        "DELETE FROM screening_parameterentry",
        f"UPDATE screening_parameterentry SET state = 'confirmed', decided_by = {entry.entered_by + 100_000}",
        "INSERT INTO screening_parameterentry (pack, parameter, since, value, document, document_date, scan, scan_name, scan_type, state, "
        "entered_by, entered_name, entered_at, decided_name, reason) SELECT pack, 'x', since, value, document, document_date, scan, scan_name, "
        f"scan_type, 'entered', {analyst.user_id}, '', entered_at, '', '' FROM screening_parameterentry",
    ):
        with pytest.raises(ProgrammingError), acting(headquarters), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_what_is_sent_back_says_why_and_can_be_entered_anew(analyst: Actor, headquarters: Actor) -> None:
    entry = enter(analyst)
    assert refused(enter, analyst, value="4300") == "BF-1547"
    with acting(headquarters):
        assert refused(return_entry, headquarters, entry.pk, "  ") == "BF-1546"
        back = return_entry(headquarters, entry.pk, "文件写的是 4300")
    assert (back.state, back.reason) == (RETURNED, "文件写的是 4300")
    assert enter(analyst, value="4300").state == ENTERED
    noted = AuditEntry.objects.get(act="policy.return")
    assert noted.reason == "文件写的是 4300"


@pytest.mark.parametrize(
    ("name", "written", "kept"),
    [
        ("income_line", "4,200.50", 420050),
        ("income_line", "４２００", 420000),
        ("days_of_notice", "7", 7),
        ("share", "0.15", 0.15),
        ("strict", "yes", True),
        ("strict", "no", False),
        ("first_day", "2020-05-01", "2020-05-01"),
        ("way", "report_up", "report_up"),
        ("deciding_steps", ["hold_meeting", "", "report_up", "post_notice", ""], ["hold_meeting", "report_up", "post_notice"]),
    ],
)
def test_values_of_every_type(open_pack: str, analyst: Actor, headquarters: Actor, name: str, written: Any, kept: Any) -> None:
    assert name == "income_line" or name in [p.name for p in written_pack(NAME).open_on(TODAY)]
    entry = enter(analyst, name, written)
    assert entry.value == kept
    confirm(headquarters, entry)
    pack = completed(written_pack(NAME))
    assert name not in [p.name for p in pack.open_on(TODAY)]
    assert pack.parameters[name].value_on(TODAY) == (date.fromisoformat(kept) if name == "first_day" else kept)


@pytest.mark.parametrize(
    ("name", "more", "number"),
    [
        ("income_line", {"value": "viel"}, "BF-1543"),
        ("income_line", {"value": "4200.555"}, "BF-1543"),
        ("income_line", {"value": "1e30"}, "BF-1543"),
        ("income_line", {"value": "1e4"}, "BF-1543"),
        ("income_line", {"value": "-5"}, "BF-1580"),
        ("school_age_to", {"value": "-1"}, "BF-1580"),
        ("income_line", {"value": "NaN"}, "BF-1543"),
        ("income_line", {"value": " "}, "BF-1544"),
        ("school_age_to", {"value": "15.5"}, "BF-1543"),
        ("double_insurance_counts", {"value": "maybe"}, "BF-1543"),
        ("income_line", {"since": "1900-01-01"}, "BF-1543"),
        ("income_line", {"since": "2021-01-01"}, "BF-1543"),
        ("income_line", {"since": "soon"}, "BF-1543"),
        ("income_line", {"document": "  "}, "BF-1544"),
        ("income_line", {"document": "号" * 200}, "BF-1543"),
        ("income_line", {"document_date": "2020-12-31"}, "BF-1543"),
        ("income_line", {"document_date": ""}, "BF-1544"),
        ("income_line", {"scan": None}, "BF-1544"),
        ("income_line", {"scan": SimpleUploadedFile("a.pdf", b"MZ not a scan")}, "BF-1545"),
        ("income_line", {"scan": SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * 20_000_001)}, "BF-1545"),
        ("no_such_parameter", {}, "BF-1507"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_entered(analyst: Actor, name: str, more: dict[str, Any], number: str) -> None:
    assert refused(enter, analyst, name, **more) == number
    assert not ParameterEntry.objects.exists()


def test_codes_that_are_in_no_list_are_refused(open_pack: str, analyst: Actor) -> None:
    assert refused(enter, analyst, "deciding_steps", ["hold_meeting", "by_dice"]) == "BF-1543"
    assert refused(enter, analyst, "way", "by_dice") == "BF-1543"


def test_an_entry_that_no_longer_fits_the_pack_is_left_out(open_pack: str, analyst: Actor, headquarters: Actor) -> None:
    kept = enter(analyst, "deciding_steps", ["hold_meeting"])
    waits = enter(analyst, "way", "post_notice")
    confirm(headquarters, kept)
    path = own_packs() / NAME / "open.yaml"
    path.write_text(path.read_text("utf-8").replace("hold_meeting:", "sit_down:").replace("post_notice:", "hang_out:"), "utf-8")
    pack = completed(written_pack(NAME))
    assert {"deciding_steps", "way"} <= {p.name for p in pack.open_on(TODAY)}
    assert refused(confirm, headquarters, waits) == "BF-1549"


def test_a_scan_lies_encrypted_and_once(analyst: Actor, temporary_home: Path) -> None:
    entry = enter(analyst)
    again = enter(analyst, value="4300", since="2020-02-01")
    assert entry.scan == again.scan
    (place,) = files.kept()
    assert place.is_relative_to(temporary_home / "files"), "a backup takes what lies there"
    assert b"document" not in place.read_bytes()
    with acting(analyst):
        assert open_scan(analyst, entry.pk)[1] == PDF
    assert AuditEntry.objects.filter(act="policy.scan").count() == 1
    spoilt = bytearray(place.read_bytes())
    spoilt[-1] ^= 1
    place.write_bytes(bytes(spoilt))
    with pytest.raises(InvalidTag):
        files.read(entry.scan)


def test_what_rests_on_an_open_or_unverified_value_is_provisional(open_pack: str, analyst: Actor, headquarters: Actor) -> None:
    pack = completed(written_pack(NAME))
    told = provisional_of(pack, TODAY)
    assert "从严" in told["clothing"].zh
    assert "not yet entered by the county: strict" in told["clothing"].en
    assert "not verified" in told["medical"].en
    assert "income" not in told
    confirm(headquarters, enter(analyst, "strict", "no"))
    assert "clothing" not in provisional_of(completed(written_pack(NAME)), TODAY)


# --- the pages


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def form(**more: Any) -> dict[str, Any]:
    return {
        "value": "4200", "since": "2020-01-01", "document": "1号", "document_date": "2020-01-15", "scan": SimpleUploadedFile("a.pdf", PDF),
    } | more  # fmt: skip


def test_from_the_open_value_to_the_household_on_the_pages(open_pack: str, county: County) -> None:
    analyst, headquarters = signed_in("analyst"), signed_in("county")
    listed = analyst.get(reverse("screening:parameters", kwargs={"pack": NAME}))
    assert [s.is_open for s in listed.context["parameters"]][:7] == [True] * 7
    household = Household.objects.farming().order_by("number")[0]
    page = headquarters.get(reverse("register:household", kwargs={"number": household.number})).content.decode()
    assert "从严" in page
    assert "暂定" in page
    address = reverse("screening:enter", kwargs={"pack": NAME, "parameter": "strict"})
    assert analyst.get(address).status_code == 200
    wrong = analyst.post(address, form(value="perhaps"))
    assert wrong.status_code == 400
    assert "BF-1543" in wrong.content.decode()
    made = analyst.post(address, form(value="no"))
    assert made.status_code == 302, made.content.decode()
    entry = ParameterEntry.objects.get()
    shown = reverse("screening:entry", kwargs={"entry": entry.pk})
    assert made.headers["Location"] == shown
    decide = reverse("screening:entry-decide", kwargs={"entry": entry.pk})
    assert analyst.post(decide, {"do": "confirm"}).status_code == 403
    assert "与文件一致" in headquarters.get(shown).content.decode()
    scan = headquarters.get(reverse("screening:entry-scan", kwargs={"entry": entry.pk}))
    assert (scan.content, scan.headers["Content-Type"]) == (PDF, "application/pdf")
    assert "attachment" in scan.headers["Content-Disposition"]
    assert headquarters.post(decide, {"do": "confirm"}).status_code == 302
    assert headquarters.post(decide, {"do": "confirm"}).status_code == 409
    page = headquarters.get(reverse("register:household", kwargs={"number": household.number})).content.decode()
    assert "从严" not in page, "a running server takes the entry with the next request"
    used = headquarters.get(reverse("screening:parameter", kwargs={"pack": NAME, "parameter": "strict"})).content.decode()
    assert "1号" in used


def test_several_codes_are_chosen_in_their_order_on_the_page(open_pack: str, county: County) -> None:
    analyst = signed_in("analyst")
    address = reverse("screening:enter", kwargs={"pack": NAME, "parameter": "deciding_steps"})
    shown = analyst.get(address)
    assert [code for code, _ in shown.context["choices"]] == ["hold_meeting", "post_notice", "report_up"]
    assert analyst.post(address, form(value=["report_up", "hold_meeting", ""])).status_code == 302
    assert ParameterEntry.objects.get().value == ["report_up", "hold_meeting"]


def test_who_entered_it_is_told_that_another_person_decides(county: County) -> None:
    headquarters = signed_in("county")
    headquarters.post(reverse("screening:enter", kwargs={"pack": NAME, "parameter": "income_line"}), form())
    entry = ParameterEntry.objects.get()
    page = headquarters.get(reverse("screening:entry", kwargs={"entry": entry.pk})).content.decode()
    assert "另一位" in page
    assert "与文件一致" not in page
    refusal = headquarters.post(reverse("screening:entry-decide", kwargs={"entry": entry.pk}), {"do": "confirm"})
    assert (refusal.status_code, "BF-1542" in refusal.content.decode()) == (409, True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_packs_are_shown_with_their_sources(county: County, lang: str) -> None:
    packs._tested.clear()
    client = signed_in("village")
    client.cookies["django_language"] = lang
    headers = {"Accept-Language": "en-GB" if lang == "en" else "zh-CN"}

    def read(name: str, query: str = "", **more: str) -> str:
        answer = client.get(
            reverse(f"screening:{name}", kwargs={"pack": NAME, **more} if name != "packs" else {}) + query, headers=headers
        )
        assert answer.status_code == 200, name
        return answer.content.decode()

    title = {"zh": "县级脱贫攻坚标准", "en": "County standard of 2020"}[lang]
    assert title in read("packs")
    page = read("pack")
    for said in {
        "zh": ("收入达标", "怎样算达标", "不低于「收入标准」"),
        "en": ("Income above the line", "What meets it", "is at least “income line”"),
    }[lang]:
        assert said in page, said
    assert {"zh": "贵州省农村饮水安全标准", "en": "Guizhou standard of safe drinking water"}[lang] in read("parameters")
    one_parameter = read("parameter", parameter="income_line")
    assert "2013-01-01" in one_parameter
    assert {"zh": "未核对", "en": "not verified"}[lang] in one_parameter
    assert {"zh": "现在检验", "en": "Judge them now"}[lang] in read("situations")
    assert {"zh": "全部得出应有的结果", "en": "came out as they must"}[lang] in read("situations", "?run=1")
    assert {"zh": "现在检验", "en": "Judge them now"}[lang] not in read("situations"), (
        "what came out is kept until the pack changes"
    )
    read("differences")
    assert client.get(reverse("screening:parameter", kwargs={"pack": NAME, "parameter": "nothing"})).status_code == 404
    assert client.get(reverse("screening:pack", kwargs={"pack": "src"})).status_code == 404


def test_differences_to_another_pack(open_pack: str, county: County, temporary_home: Path) -> None:
    folder = own_packs() / "county-before"
    shutil.copytree(PACKS / NAME, folder)
    for file, old, new in (
        ("pack.yaml", "pack: cn-county-2020", "pack: county-before"),
        ("pack.yaml", "{from: 2020-01-01, to: 2020-12-31}", "{from: 2019-01-01, to: 2019-12-31}"),
        ("pack.yaml", "sample_day: 2020-04-28", "sample_day: 2019-04-28"),
        ("guarantees/food.yaml", "met: food_staple and food_nutrition", "met: food_staple"),
    ):
        path = folder / file
        shared = path if path.exists() else next((PACKS / "shared").glob(f"*/{file}"))
        text = shared.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    page = signed_in("county").get(reverse("screening:differences", kwargs={"pack": NAME}))
    assert page.context["other"].name == "county-before"
    assert ("guarantee", "food", "met") in {(c.kind, c.name, c.what) for _, _, c in page.context["changes"]}
    assert {turn.guarantee for turn in page.context["difference"].turns} == {"food"}


def test_a_faulty_pack_of_the_county_is_told_on_the_list(county: County, temporary_home: Path) -> None:
    folder = own_packs() / "broken"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text("pack: broken\nchosen: by_name\n", "utf-8")
    page = signed_in("county").get(reverse("screening:packs"))
    assert page.status_code == 200
    assert "BF-1502" in page.content.decode()
    assert "cn-county-2020" in page.content.decode()
    others = signed_in("county").get(reverse("screening:differences", kwargs={"pack": NAME})).context["others"]
    assert "broken" not in {name for name, _ in others}
    assert "global-mpi" in {name for name, _ in others}


def test_a_pack_that_is_not_valid_today_shows_the_values_of_its_own_days(county: County, temporary_home: Path) -> None:
    client = signed_in("county")
    page = client.get(reverse("screening:parameters", kwargs={"pack": "cn-regular-2026"}))
    assert page.context["shown_on"] == written_pack("cn-regular-2026").valid_from
    assert not page.context["valid_now"]
    assert "今天不适用" in page.content.decode()
    assert any(shown.is_open for shown in page.context["parameters"])
    assert "今天不适用" not in client.get(reverse("screening:parameters", kwargs={"pack": NAME})).content.decode()


def test_the_policy_line_leads_to_the_pack(county: County) -> None:
    address = reverse("screening:pack", kwargs={"pack": NAME})
    client = signed_in("county")
    assert address in client.get(reverse("web:county", kwargs={"path": county.path})).content.decode()
    number = Household.objects.farming().order_by("number")[0].number
    assert address in client.get(reverse("register:household", kwargs={"number": number})).content.decode()
    assert reverse("screening:packs") in client.get("/", follow=True).content.decode()
