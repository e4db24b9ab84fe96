"""The pages of the income sheet, without a script: filled in, mended, saved, read out, agreed to, printed; and the norms."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bangfu.accounts.models import AuditEntry, User
from bangfu.areas.models import Area
from bangfu.foundation.county import County
from bangfu.register.models import Household, IncomeAgreement, IncomeItem, IncomeSheet
from bangfu.screening.models import Norm

pytestmark = pytest.mark.django_db
QUERY = "?from=2018-10-01&to=2019-09-30"


@pytest.fixture
def client(county: County) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="county"))
    return client


@pytest.fixture
def number(county: County) -> str:
    """A household with an imported sheet of sums."""
    item = IncomeItem.objects.filter(item="wage", fen__gt=0).order_by("path", "id").first()
    assert item is not None
    return str(item.household.number)


def address(name: str, number: str) -> str:
    return reverse(f"screening:{name}", kwargs={"number": number})


def fields_of(page: Any) -> dict[str, str]:
    """What a browser would send back of a form as it stands."""
    html = page.content.decode()
    html = html[html.index('class="sheet-form"') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        told = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if "name" in told and told.get("type") != "checkbox":
            found[told["name"]] = told.get("value", "")
    return found


def test_a_sheet_is_opened_changed_and_saved_without_a_script(client: Client, number: str) -> None:
    opened = client.get(address("sheet-fill", number) + QUERY)
    assert opened.status_code == 200
    sent = fields_of(opened)
    assert sent["i-wage"]
    answer = client.post(
        address("sheet-fill", number) + QUERY, sent | {"i-a1_work": "12,000.50", "i-a5_picking": "５００", "do": "save"}
    )
    assert answer.status_code == 302
    sheet = IncomeSheet.objects.get(household__number=number, period__startswith=date(2018, 10, 1))
    kept = {i.item: i.fen for i in IncomeItem.objects.filter(sheet=sheet)}
    assert (kept["a1_work"], kept["a5_picking"], "wage" in kept) == (1_200_050, 50_000, False)
    shown = client.get(answer.headers["Location"])
    assert "12,000.50" in shown.content.decode()
    # What nobody touched is still a sum as the file gave it.
    assert IncomeItem.objects.filter(sheet=sheet, source__isnull=True).exists()
    assert client.post(address("sheet-fill", number) + QUERY, sent | {"i-a1_work": "1", "do": "save"}).status_code == 409


def test_what_cannot_be_read_is_marked_beside_its_field_and_nothing_is_saved(client: Client, number: str) -> None:
    sent = fields_of(client.get(address("sheet-fill", number) + QUERY))
    counted = IncomeItem.objects.count()
    answer = client.post(
        address("sheet-fill", number) + QUERY,
        sent | {"i-a1_work": "lots", "i-b4_other": "1.234", "p0-norm": "pepper_fresh", "p0-quantity": "-2", "do": "save"},
    )
    assert answer.status_code == 400
    html = answer.content.decode()
    for mark in ('id="e-a1_work"', 'id="e-b4_other"', "BF-1283", "BF-1560", 'value="lots"'):
        assert mark in html
    assert IncomeItem.objects.count() == counted


def test_the_totals_follow_what_is_typed(client: Client, number: str) -> None:
    answer = client.post(
        address("sheet-reckon", number), {"from": "2018-10-01", "to": "2019-09-30", "i-a1_work": "40000", "i-self_paid": "1000"}
    )
    assert answer.status_code == 200
    totals = answer.context["totals"]
    assert (totals.net, totals.reference) == (4_000_000, 3_900_000)
    assert totals.per_head == 4_000_000 // totals.members
    assert 'id="reckoned"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_own_produce_is_valued_and_its_norm_is_kept_with_the_line(client: Client, number: str) -> None:
    sent = {"i-a1_work": "1", "p0-norm": "pepper_fresh", "p0-quantity": "2", "p0-price": "3.6", "do": "save"}
    assert client.post(address("sheet-fill", number) + "?from=2019-04-01&to=2020-03-31", sent).status_code == 302
    line = IncomeItem.objects.get(household__number=number, item="b1_planting")
    norm = Norm.objects.get(code="pepper_fresh")
    assert line.fen == 2 * 1500 * 360
    (part,) = line.source["parts"]
    assert (part["norm"], part["quantity"], part["own_price"], part["verified"]) == (norm.pk, "2", True, False)
    assert IncomeItem.objects.get(household__number=number, item="e1_planting").fen == 2 * 350_000
    again = fields_of(client.get(address("sheet-fill", number) + "?from=2019-04-01&to=2020-03-31"))
    assert (again["p0-quantity"], again["p0-price"], again["i-b1_planting"]) == ("2", "3.60", "")


def test_what_is_proposed_counts_once_it_is_taken_over(client: Client, number: str) -> None:
    there = address("sheet-fill", number) + "?basis=admission"
    opened = client.get(there)
    assert opened.context["waiting"] > 0
    assert opened.context["totals"].net is None
    taken = client.post(there, {"do": "take"})
    assert taken.context["waiting"] == 0
    assert taken.context["totals"].net is not None
    assert client.post(there, {"t-wage": "1", "do": "save"}).status_code == 302
    line = IncomeItem.objects.filter(household__number=number, item="wage").order_by("-id")[0]
    assert line.source["kind"] == "proposed"
    assert line.source["evidence"]


def test_an_empty_form_writes_nothing_and_leads_somewhere(client: Client, number: str) -> None:
    counted = IncomeSheet.objects.count()
    answer = client.post(address("sheet-fill", number) + "?basis=admission", {"do": "save"})
    assert client.get(answer.headers["Location"]).status_code == 200
    assert IncomeSheet.objects.count() == counted


def test_the_household_agrees_by_word_and_on_paper(client: Client, number: str) -> None:
    sent = {"from": "2018-10-01", "to": "2019-09-30", "by": "户主", "on": "2020-04-28"}
    assert client.post(address("sheet-agree", number), sent | {"how": "word"}).status_code == 302
    paper = SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nscan", "image/png")
    assert client.post(address("sheet-agree", number), sent | {"how": "paper", "scan": paper}).status_code == 302
    assert client.post(address("sheet-agree", number), sent | {"how": "paper"}).status_code == 400
    kept = IncomeAgreement.objects.filter(household__number=number).order_by("id")
    assert [a.how for a in kept] == ["word", "paper"]
    scan = client.get(address("sheet-scan", number) + f"?of={kept[1].pk}")
    assert (scan.content, scan.headers["Content-Type"]) == (b"\x89PNG\r\n\x1a\nscan", "image/png")
    assert "attachment" in scan.headers["Content-Disposition"]


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_paper_is_one_page_and_goes_into_the_audit(client: Client, number: str, lang: str) -> None:
    session = client.session
    session["language"] = lang
    session.save()
    answer = client.get(address("sheet-paper", number))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", answer.content)) <= 1
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.act, entry.subject) == ("income.paper", number)
    translation.deactivate()


def test_a_full_form_is_still_one_page(client: Client, number: str, county: County) -> None:
    from bangfu.register.income import lines
    from bangfu.screening import sheets as reading
    from bangfu.screening.sheet_paper import compose_sheet

    sent = {f"i-{code}": "1234.56" for code, line in lines().items() if line.line or line.group in ("claims", "self_paid")}
    assert client.post(address("sheet-fill", number) + QUERY, sent | {"do": "save"}).status_code == 302
    household = Household.objects.get(number=number, sort="farming")
    sheet = IncomeSheet.objects.get(household=household, period__startswith=date(2018, 10, 1))
    operator = county.operator()
    pdf = compose_sheet(operator, reading.subject_of(operator, household), sheet, "https://example.org/x")
    assert b"/Count 1" in pdf


def test_a_reader_sees_the_sheet_and_no_way_to_write(county: County, number: str) -> None:
    reader = Client()
    reader.force_login(User.objects.get(username="analyst"))
    page = reader.get(address("sheet", number)).content.decode()
    assert address("sheet-fill", number) not in page
    assert 'id="aloud-text"' in page
    assert reader.get(address("sheet-fill", number)).status_code == 403
    assert (
        address("sheet-fill", number) not in reader.get(reverse("register:household", kwargs={"number": number})).content.decode()
    )


def test_the_household_page_leads_to_the_sheet(client: Client, number: str) -> None:
    page = client.get(reverse("register:household", kwargs={"number": number})).content.decode()
    assert address("sheet", number) in page
    assert address("sheet-fill", number) in page


@pytest.mark.parametrize("query", ["?from=2019-01-01", "?from=x&to=y", "?from=2020-01-01&to=2019-01-01"])
def test_days_that_are_none_are_refused(client: Client, number: str, query: str) -> None:
    for name in ("sheet", "sheet-fill"):
        assert client.get(address(name, number) + query).status_code == 400


def test_norms_are_listed_added_read_and_ended(client: Client, county: County) -> None:
    village = Area.objects.under(county.path).level("village").first()
    assert village is not None
    here = reverse("screening:norms", kwargs={"path": county.path})
    do = reverse("screening:norms-do", kwargs={"path": county.path})
    assert "辣椒" in client.get(reverse("screening:norms", kwargs={"path": village.path})).content.decode()
    pig = {
        "do": "add",
        "code": "pig",
        "zh": "生猪",
        "sort": "animal",
        "unit_zh": "头",
        "price_low": "1800",
        "since": "2020-01-01",
        "source": "x",
        "verified": "true",
    }
    assert client.post(do, pig | {"price_low": "cheap"}).status_code == 400
    assert client.post(do, pig).status_code == 302
    assert "生猪" in client.get(here).content.decode()
    template = client.get(reverse("screening:norms-template", kwargs={"path": county.path}))
    lines = template.content.decode("utf-8-sig").splitlines()
    sheep = lines[0] + "\nsheep,绵羊,,养殖,头,,,,900,,300,,2020-01-01,,x,\n"
    assert client.post(do, {"do": "import", "file": SimpleUploadedFile("n.csv", sheep.encode("gb18030"))}).status_code == 302
    norm = Norm.objects.get(code="pig")
    assert client.post(do, {"do": "end", "norm": norm.pk, "on": "2020-04-28"}).status_code == 302
    page = client.get(here).content.decode()
    assert ("生猪" in page, "绵羊" in page) == (False, True)
    assert "生猪" in client.get(here + "?ended=1").content.decode()
