"""Every page in a real browser: language and width rotate by the run's seed; nothing is asked of another host."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright

from bangfu.areas.models import Area
from bangfu.cases.models import Case, Decision, Meeting, Notice
from bangfu.command.models import Order, Pairing, PairingPlan
from bangfu.demo.building import PASSWORD
from bangfu.fieldwork.actions.reporting import places as reporting_places
from bangfu.fieldwork.actions.signing import make_link
from bangfu.fieldwork.models import FormVersion, Packet, Report, Submission, Visit
from bangfu.foundation.county import the_county
from bangfu.register.models import Household, Person
from bangfu.screening.models import Finding
from tests.environment import ROOT
from tests.web.serving import served

pytestmark = pytest.mark.browser
SHOTS = ROOT / "build" / "shots"
WIDTHS = (1440, 1024, 360)
PAGES_OF_CASES = ("cases", "decisions", "meetings", "notices", "kinship", "forecast", "papers")
LANGUAGES = ("zh-CN", "en-GB")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=[*ARGUMENTS, "--enable-unsafe-swiftshader", "--use-angle=swiftshader"]
        )
        yield browser
        browser.close()


def village_key(path: str) -> str:
    """What the address of a village's report page is made of."""
    return next(p.key for p in reporting_places() if p.path == path)


def _open(browser: Browser, width: int, locale: str, faults: list[str], base: str) -> Page:
    return _watched(browser.new_context(viewport={"width": width, "height": 900}, locale=locale).new_page(), faults, base)


def _watched(page: Page, faults: list[str], base: str) -> Page:
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", lambda r: None if r.url.startswith((base, "data:", "blob:")) else faults.append(f"another host: {r.url}"))
    page.on("response", lambda r: faults.append(f"{r.status} {r.url}") if r.status >= 400 and "nobody" not in r.url else None)
    return page


def _log_in(page: Page, base: str, user: str) -> None:
    page.goto(f"{base}/login/")
    page.fill("#username", user)
    page.fill("#password", PASSWORD)
    page.click("form.stack-small button[type=submit]")
    page.wait_for_url("**/areas/**")


@pytest.fixture
def addresses(own_database: str) -> dict[str, str]:
    """A page of every kind, with real rows behind it."""
    county = the_county()
    township = Area.objects.under(county.path).level("township").get(name="郑场镇")
    village = Area.objects.under(township.path).level("village").get(name__startswith="凤凰")
    household = Household.objects.farming().under(county.path).order_by("path", "number").first()
    name = Person.objects.order_by("id").values_list("name", flat=True).first()
    found = Finding.objects.exclude(sort="score").select_related("household").order_by("sort", "household").first()
    pairing = Pairing.objects.open().select_related("household").order_by("path", "pk").first()
    plan = PairingPlan.objects.filter(state="proposed").latest("pk")
    assert pairing is not None
    order = Order.objects.order_by("pk").first()
    assert order is not None
    case, decision = (
        Case.objects.filter(state="to_verify").first(),
        Decision.objects.filter(state="running").order_by("pk").first(),
    )
    version = FormVersion.objects.published().get(form__key="visit_registered")
    stuck = Submission.objects.filter(state="stuck").order_by("pk")[0]
    unsigned, away = (Visit.objects.filter(signed="", away=away).order_by("pk")[0] for away in (False, True))
    link = make_link(the_county().operator(), unsigned.pk)
    packet = Packet.objects.order_by("pk")[0]
    meeting, notice = Meeting.objects.order_by("pk").first(), Notice.objects.order_by("pk").first()
    told = Report.objects.filter(state="new").exclude(phone=None).order_by("pk").first()
    assert told is not None
    assert case is not None
    assert decision is not None
    assert meeting is not None
    assert notice is not None
    assert household is not None
    assert found is not None
    assert name is not None
    lists = reverse("register:households", kwargs={"path": county.path})
    return {
        "county": reverse("web:county", kwargs={"path": county.path}),
        "county of one guarantee": reverse("web:county", kwargs={"path": county.path})
        + "?guarantee=housing&kind=registered&sort=-unmet",
        "township": reverse("web:county", kwargs={"path": township.path}),
        "village": reverse("web:county", kwargs={"path": village.path}),
        "households": lists,
        "households narrowed": lists + "?verdict=water.unmet&kind=ordinary&size=100",
        "search": lists + "?q=" + quote(name[:2]),
        "nothing found": lists + "?q=nobodyatall",
        "household": reverse("register:household", kwargs={"number": household.number}),
        "pairing": reverse("command:pairing", kwargs={"path": county.path}),
        "helpers": reverse("command:helpers", kwargs={"path": county.path}) + "?load=beyond&sort=-load",
        "helper": reverse("command:helper", kwargs={"helper": pairing.helper_id}),
        "a household's helper": reverse("command:household-helper", kwargs={"number": pairing.household.number}) + "?do=change",
        "plan of pairings": reverse("command:plan", kwargs={"plan": plan.pk}) + f"?household={pairing.household.number}",
        "missing evidence": reverse("screening:missing", kwargs={"path": county.path}) + "?source=housing",
        "why": reverse("screening:why", kwargs={"guarantee": "medical", "number": household.number}),
        "found": reverse("screening:found", kwargs={"sort": found.sort, "name": found.subject, "number": found.household.number}),
        "households of whom something is found": lists + f"?found={found.sort}.{found.subject}.{found.state}",
        "market days": reverse("areas:markets", kwargs={"path": township.path}),
        "my day": reverse("command:today"),
        "chain": reverse("command:chain", kwargs={"path": county.path}) + "?open=all&sort=-open",
        "orders": reverse("command:orders", kwargs={"path": county.path}),
        "order": reverse("command:order", kwargs={"order": order.pk}),
        "order to be issued": reverse("command:order-new", kwargs={"path": township.path}),
        "offices": reverse("command:appointments", kwargs={"path": county.path}),
        "attached and sent": reverse("command:deployment", kwargs={"path": county.path}),
        "experts and volunteers": reverse("command:roster", kwargs={"path": county.path}),
        "field visits": reverse("command:field-visits", kwargs={"path": county.path}),
        **{name: reverse(f"cases:{name}", kwargs={"path": county.path}) for name in PAGES_OF_CASES},
        "case to be opened": reverse("cases:new", kwargs={"path": village.path}),
        "case": reverse("cases:case", kwargs={"case": case.number}),
        "decision": reverse("cases:decision", kwargs={"decision": decision.number}),
        "meeting": reverse("cases:meeting", kwargs={"meeting": meeting.number}),
        "notice": reverse("cases:notice", kwargs={"notice": notice.number}),
        "forms": reverse("fieldwork:forms"),
        "form": reverse("fieldwork:form", kwargs={"form": version.form_id}),
        "form question by question": reverse("fieldwork:version", kwargs={"version": version.pk}) + "?lang=all",
        "versions of a form compared": reverse("fieldwork:differences", kwargs={"version": version.pk}),
        "facts": reverse("fieldwork:facts") + "?of=member",
        "submissions": reverse("fieldwork:submissions"),
        "stuck submission": reverse("fieldwork:submission", kwargs={"submission": stuck.pk}),
        "contradictions": reverse("fieldwork:contradictions"),
        "visits": reverse("fieldwork:visits"),
        "ledgers": reverse("fieldwork:ledgers"),
        "watch": reverse("supervision:watch"),
        "campaign": reverse("campaigns:campaign", kwargs={"path": county.path, "campaign": "great-visit"}),
        "campaign of a village": reverse("campaigns:campaign", kwargs={"path": village.path, "campaign": "great-visit"}),
        "not visited yet": reverse("campaigns:left", kwargs={"path": county.path, "campaign": "great-visit"}),
        "teams": reverse("campaigns:teams", kwargs={"path": county.path, "campaign": "great-visit"}),
        "team": reverse("campaigns:team", kwargs={"path": county.path, "campaign": "great-visit", "team": 1}),
        "households wholly away": reverse("fieldwork:visits") + "?view=away",
        "visit to be signed": reverse("fieldwork:visit", kwargs={"visit": unsigned.pk}),
        "visit that found nobody": reverse("fieldwork:visit", kwargs={"visit": away.pk}),
        "signing by a link": reverse("fieldwork:sign", kwargs={"key": link.key}),
        "thanks for signing": reverse("fieldwork:signed"),
        "devices": reverse("fieldwork:devices"),
        "reporting": reverse("fieldwork:report_public"),
        "report of a village": reverse("fieldwork:report_village", kwargs={"village": village_key(village.path)}),
        "where a report stands": reverse("fieldwork:report_where"),
        "reports": reverse("fieldwork:report_list", kwargs={"path": county.path}),
        "report": reverse("fieldwork:report_one", kwargs={"report": told.receipt}),
        "phone of a report": reverse("fieldwork:report_phone", kwargs={"report": told.receipt}),
        "log of the hotline": reverse("fieldwork:report_log"),
        "packets": reverse("fieldwork:packets"),
        "packet": reverse("fieldwork:packet", kwargs={"packet": packet.pk}),
        "tour": reverse("demo:tour"),
        "story": reverse("demo:story", kwargs={"story": "split"}),
        "no such household": reverse("register:household", kwargs={"number": "nobody"}),
    }


def test_every_page_once(browser: Browser, addresses: dict[str, str]) -> None:
    """Each page opens without a script's fault, a missing file, another host or a sideways scroll."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    with served() as base:
        readers = {locale: _open(browser, max(WIDTHS), locale, [], base) for locale in LANGUAGES}
        for reader in readers.values():
            _log_in(reader, base, "county")
        for n, (name, address) in enumerate(addresses.items()):
            faults: list[str] = []
            width, locale = random.choice(WIDTHS), random.choice(LANGUAGES)
            page = _watched(readers[locale].context.new_page(), faults, base)
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(base + address, wait_until="networkidle")
            page.screenshot(path=SHOTS / f"{n:02d} {name} {width} {locale}.png", full_page=True)
            assert page.locator("h1").count() == 1, name
            said = page.locator("body").inner_text()
            assert ("演示数据" in said) if locale == "zh-CN" else ("Synthetic" in said), (
                f"{name}: the page must say that its data are synthetic"
            )
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                f"{name} scrolls sideways at {width}"
            )
            page.set_viewport_size({"width": min(WIDTHS), "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                f"{name} scrolls sideways on a phone"
            )
            assert faults == [], f"{name} {width} {locale}"
            page.close()
        for reader in readers.values():
            reader.context.close()


def test_a_county_is_drilled_down_to_a_household(browser: Browser, own_database: str) -> None:
    """From the county by clicks alone to a township, a village, its households and one household, and by the keyboard to a search."""
    with served() as base:
        faults: list[str] = []
        page = _open(browser, 1440, "zh-CN", faults, base)
        _log_in(page, base, "county")
        for _ in range(2):
            page.locator("table.data tbody tr th a").filter(has_text="镇").or_(
                page.locator("table.data tbody tr th a").filter(has_text="村")
            ).last.click()
            page.wait_for_load_state("networkidle")
        assert "/households/" in page.url
        page.locator("table.data tbody th a, table.data tbody td a").first.click()
        page.wait_for_load_state("networkidle")
        assert "家庭成员" in page.locator("body").inner_text()
        page.go_back()
        page.keyboard.press("/")
        page.keyboard.type("zzzz")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=zzzz**")
        assert "没有符合条件" in page.locator("body").inner_text()
        assert faults == []
        page.context.close()


def test_role_and_language_are_switched_from_the_page(browser: Browser, own_database: str) -> None:
    """The language button changes every word and comes back to the same page."""
    with served() as base:
        page = _open(browser, 1440, "zh-CN", [], base)
        _log_in(page, base, "village")
        before = page.url
        page.click("details.menu.end > summary")
        page.click("details.menu.end button[name=language][value=en]")
        page.wait_for_load_state("networkidle")
        assert page.url == before
        assert "Households" in page.locator("nav.rail").inner_text()
        page.context.close()


def test_the_stories_of_the_tour_are_turned_by_keys(browser: Browser, own_database: str) -> None:
    """From the rail to the first story, and by n and p to the next and back; on the last n turns nowhere."""
    with served() as base:
        faults: list[str] = []
        page = _open(browser, 390, "zh-CN", faults, base)
        _log_in(page, base, "county")
        page.click('nav.rail a[href="/tour/"]')
        page.wait_for_url("**/tour/")
        page.locator(".stories a").first.click()
        page.wait_for_url("**/tour/drop_out/")
        page.keyboard.press("n")
        page.wait_for_url("**/tour/unsafe_house/")
        page.keyboard.press("p")
        page.wait_for_url("**/tour/drop_out/")
        page.keyboard.press("p")
        page.goto(f"{base}/tour/duplicate/")
        page.keyboard.press("n")
        page.wait_for_timeout(300)
        assert page.url.endswith("/tour/duplicate/")
        assert faults == []
        page.context.close()


def test_the_legend_of_the_map_has_each_class_once(browser: Browser, own_database: str) -> None:
    """At a small scale most shares are nothing or nearly so: classes stay apart, and no data is said only where there is none."""
    table = reverse("web:county", kwargs={"path": the_county().path})
    with served() as base:
        faults: list[str] = []
        page = _open(browser, 1440, "en-GB", faults, base)
        _log_in(page, base, "county")
        for guarantee in ("income", "housing", "medical", "water"):
            page.goto(f"{base}{table}?guarantee={guarantee}", wait_until="networkidle")
            page.wait_for_selector("#map-scale li")
            words = page.locator("#map-scale li").all_inner_texts()
            colours = page.eval_on_selector_all("#map-scale i", "all => all.map(i => i.style.background)")
            assert len(set(words)) == len(words) >= 1, (guarantee, words)
            assert len(set(colours)) == len(words), (guarantee, colours)
            assert "No data" not in words
            assert words[0] == "0%" or words[0].startswith("<"), (guarantee, words)
        assert faults == []
        page.context.close()


def test_the_table_of_areas_is_read_and_sorted_on_a_phone(browser: Browser, own_database: str) -> None:
    """The numbers of an area stand under their names, none over another's, and the order is chosen in the bar."""
    with served() as base:
        faults: list[str] = []
        page = _open(browser, 390, "zh-CN", faults, base)
        _log_in(page, base, "county")
        cells = "all => all.every(cell => cell.scrollWidth <= cell.clientWidth)"
        assert page.eval_on_selector_all("table.areas tbody td.p-named", cells)
        with page.expect_navigation():
            page.select_option("#c-sort", "-medical")
        assert page.url.endswith("?sort=-medical")
        assert page.input_value("#c-sort") == "-medical"
        numbers = [int(n) for n in page.locator('table.areas tbody td[data-name="基本医疗"]').all_inner_texts()]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[0] > numbers[-1]
        page.set_viewport_size({"width": 1440, "height": 900})
        assert not page.locator("#c-sort").is_visible()
        assert faults == []
        page.context.close()
