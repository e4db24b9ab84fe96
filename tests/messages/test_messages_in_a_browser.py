"""The pages of messages in a real browser: nothing overflows, no script fails, and a click copies the text and notes who did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from tests.messages.conftest import DUE
from tests.web.serving import served
from tests.web.test_pages_in_a_browser import _log_in, _open
from tests.web.test_pages_in_a_browser import browser as browser

from bangfu.accounts.models import User
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.messages.actions import NewMessage, send, set_channel
from bangfu.messages.group import GroupText, Place, group_texts, template
from bangfu.messages.models import Receipt

pytestmark = pytest.mark.browser
HEAD = template("test.browser.head", zh="{place} {day}通报", en="{place}, {day}")
LINE = template("test.browser.line", zh="{place}：今日到期 {n} 件", en="{place}: {n} due today")


@pytest.fixture
def township(own_database: str) -> Iterator[Area]:
    """A township with messages, a channel and a text for its group."""
    county = the_county()
    found = Area.objects.under(county.path).level("township").get(name="郑场镇")
    office = User.objects.get(username="county")
    for n in range(4):
        subject = Text(
            "今天到期：危房鉴定复核并补齐佐证材料 12 户", "Due today: twelve houses to be checked again, papers to be added"
        )
        deadline = clock.today() + timedelta(n - 1)
        told = NewMessage(f"t/{n}", DUE, found.path, subject, to=[office.pk], deadline=deadline, link="/missing/", urgent=n == 1)
        send(county.operator(), told)
    set_channel(
        county.operator(),
        "wecom_robot",
        found.path,
        "工作群",
        {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789"},
    )

    @group_texts.provider("test")
    def texts(actor: object, path: str, day: date) -> list[GroupText]:
        villages = Area.objects.children_of(found)[:6]
        return [
            GroupText(
                "test.browser", HEAD.say(place=Place(path), day=day), [LINE.say(place=Place(v.path), n=7) for v in villages]
            )
        ]

    yield found
    group_texts.withdraw("test")


@pytest.mark.parametrize(
    ("locale", "width"),
    [
        ("zh-CN", 1440),
        ("en-GB", 390),
        pytest.param("zh-CN", 390, marks=pytest.mark.full),
        pytest.param("en-GB", 1440, marks=pytest.mark.full),
    ],
)
def test_the_pages_fit_and_fail_nowhere(browser: Browser, township: Area, locale: str, width: int) -> None:
    letter = Receipt.objects.inbox().order_by("pk").first()
    assert letter is not None
    addresses = [
        "/messages/", reverse("messages:message", kwargs={"receipt": letter.pk}), reverse("messages:group", kwargs={"path": township.path}),
        "/messages/channels/", "/messages/receipts/", "/messages/settings/",
    ]  # fmt: skip
    faults: list[str] = []
    with served() as base:
        page = _open(browser, width, locale, faults, base)
        _log_in(page, base, "county")
        for address in addresses:
            page.goto(base + address, wait_until="networkidle")
            for summary in page.locator("main details:not(.menu) > summary").all():
                summary.click()
            over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert over <= 0, (address, over)
        page.context.close()
    assert faults == []


def test_a_click_copies_the_text_and_notes_who_did(browser: Browser, township: Area) -> None:
    with served() as base:
        page = _open(browser, 1440, "zh-CN", [], base)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        _log_in(page, base, "county")
        page.goto(base + reverse("messages:group", kwargs={"path": township.path}))
        wanted = page.locator("textarea").input_value()
        assert wanted.startswith("郑场镇 4月28日通报\n")
        page.click("text=复制文字")
        expect(page.locator("section header .tag", has_text="已复制")).to_have_count(1)
        assert page.evaluate("navigator.clipboard.readText()") == wanted
        page.context.close()
    assert Receipt.objects.filter(channel="group_text", state="copied", user__username="county").count() == 1


def test_without_a_script_the_button_notes_the_copy(browser: Browser, township: Area) -> None:
    with served() as base:
        context = browser.new_context(java_script_enabled=False, locale="zh-CN")
        page = context.new_page()
        _log_in(page, base, "county")
        page.goto(base + reverse("messages:group", kwargs={"path": township.path}))
        assert page.locator("textarea").is_visible()
        page.click("text=复制文字")
        expect(page.locator("section header .tag", has_text="已复制")).to_have_count(1)
        context.close()
