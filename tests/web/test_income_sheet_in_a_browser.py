"""The income sheet in a real browser: totals follow the typing, targets are large enough on a phone, nothing scrolls sideways."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from bangfu.register.models import IncomeItem
from tests.web.serving import served
from tests.web.test_pages_in_a_browser import _log_in, _open, browser  # noqa: F401

pytestmark = pytest.mark.browser
SMALL = """() => [...document.querySelectorAll('main input:not([type=hidden], [type=checkbox]), main select, main button, main a.button, main summary')]
    .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.id || e.textContent)"""


def test_totals_follow_what_is_typed_and_the_sheet_is_saved_by_the_keyboard(
    browser: Browser,  # noqa: F811
    own_database: str,
) -> None:
    item = IncomeItem.objects.filter(item="wage", fen__gt=0).order_by("path", "id").first()
    assert item is not None
    number = item.household.number
    for width, locale in ((1440, "zh-CN"), (390, "en-GB")):
        with served() as base:
            faults: list[str] = []
            page = _open(browser, width, locale, faults, base)
            _log_in(page, base, "county")
            page.goto(base + reverse("screening:sheet-fill", kwargs={"number": number}), wait_until="networkidle")
            # The sum that a file gave is no longer there once lines have taken its place.
            assert page.locator("#i-wage").count() == (1 if width == 1440 else 0)
            page.fill("#i-a1_work", "43210")
            expect(page.locator("#reckoned")).to_contain_text("43,210")
            page.fill("#i-a1_work", "many")
            expect(page.locator("#reckoned")).to_contain_text("BF-1283")
            assert page.input_value("#i-a1_work") == "many"
            page.fill("#i-a1_work", f"{width}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            if width < 760:
                assert page.evaluate(SMALL) == []
                assert page.locator(".reckoned-bar").is_visible()
            page.focus("button[value=save]")
            page.keyboard.press("Enter")
            page.wait_for_url("**/income-sheets/*/?from=*")
            expect(page.locator("main")).to_contain_text(f"{width:,}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            # This browser has no voice of its own, so the page offers none.
            assert (
                page.evaluate("speechSynthesis.getVoices().filter(v => v.localService).length") > 0
                or page.locator("[data-aloud]").is_hidden()
            )
            assert faults == []
            page.context.close()
