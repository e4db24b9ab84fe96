"""On a phone every link and button of the working pages can be hit with a thumb: 44 px high, measured where a touch would land."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from bangfu.areas.models import Area
from bangfu.fieldwork.actions.signing import make_link
from bangfu.fieldwork.models import FormVersion, Packet, Report, Submission, Visit
from bangfu.foundation.county import the_county
from bangfu.register.models import Household
from tests.web.serving import served
from tests.web.test_pages_in_a_browser import _log_in, _open, village_key
from tests.web.test_pages_in_a_browser import browser as browser

pytestmark = pytest.mark.browser
LEAST = 44
# The height over which a touch at the middle of the control lands on it, whatever lies around it; parts of it that others cover do not count.
MEASURE = """
least => {
  const found = [], say = one => `${one.parentElement.className || one.parentElement.tagName} > ${one.outerHTML.slice(0, 120)}`;
  const controls = 'a[href], button, summary, select, input:not([type=hidden]), textarea';
  for (const one of document.querySelectorAll(controls)) {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || one.closest('.maplibregl-map, .skip')) continue;
    if (one.closest('.two-lines > thead')) continue; // heads are read aloud there, not seen: the order is chosen in the bar
    let box = one.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    one.scrollIntoView({ block: 'center', inline: 'nearest' });
    box = [...one.getClientRects()].find(b => b.width && b.height);
    const x = box.left + box.width / 2, middle = box.top + box.height / 2;
    const hit = y => {
      const at = document.elementFromPoint(x, y);
      const touched = at?.closest(controls) ?? at?.closest('label')?.control ?? at?.closest('label')?.querySelector(controls);
      return touched === one;
    };
    if (!hit(middle)) { found.push([0, say(one)]); continue; }
    let up = 0, down = 0;
    while (up < least && hit(middle - up - 1)) up++;
    while (down < least && hit(middle + down + 1)) down++;
    if (up + down + 1 < least) found.push([up + down + 1, say(one)]);
  }
  window.scrollTo(0, 0);
  return found;
}
"""


@pytest.fixture
def addresses(own_database: str) -> dict[str, str]:
    county = the_county()
    township = Area.objects.under(county.path).level("township").get(name="郑场镇")
    household = Household.objects.farming().under(township.path).order_by("path", "number").first()
    version = FormVersion.objects.published().get(form__key="visit_registered")
    stuck = Submission.objects.filter(state="stuck").order_by("pk")[0]
    village = Area.objects.under(township.path).level("village").order_by("path")[0]
    told = Report.objects.filter(state="new").exclude(phone=None).order_by("pk").first()
    assert told is not None
    unsigned, away = (Visit.objects.filter(signed="", away=away).order_by("pk")[0] for away in (False, True))
    link = make_link(the_county().operator(), unsigned.pk)
    packet = Packet.objects.order_by("pk")[0]
    assert household is not None
    table = reverse("web:county", kwargs={"path": county.path})
    lists = reverse("register:households", kwargs={"path": county.path})
    return {
        "county": table,
        "county of one guarantee": f"{table}?guarantee=housing&kind=registered",
        "township": reverse("web:county", kwargs={"path": township.path}),
        "households": lists,
        "households narrowed": f"{lists}?verdict=water.unmet&kind=ordinary",
        "search that finds nothing": f"{lists}?q=nobodyatall",
        "household": reverse("register:household", kwargs={"number": household.number}),
        "household of another day": reverse("register:household", kwargs={"number": household.number}) + "?as_of=2020-03-01",
        "why": reverse("screening:why", kwargs={"guarantee": "medical", "number": household.number}),
        "missing evidence": reverse("screening:missing", kwargs={"path": county.path}),
        "forms": reverse("fieldwork:forms"),
        "form": reverse("fieldwork:form", kwargs={"form": version.form_id}),
        "form question by question": reverse("fieldwork:version", kwargs={"version": version.pk}),
        "facts": reverse("fieldwork:facts"),
        "submissions": reverse("fieldwork:submissions"),
        "stuck submission": reverse("fieldwork:submission", kwargs={"submission": stuck.pk}),
        "contradictions": reverse("fieldwork:contradictions"),
        "visits": reverse("fieldwork:visits"),
        "households wholly away": reverse("fieldwork:visits") + "?view=away",
        "visit to be signed": reverse("fieldwork:visit", kwargs={"visit": unsigned.pk}),
        "visit that found nobody": reverse("fieldwork:visit", kwargs={"visit": away.pk}),
        "signing by a link": reverse("fieldwork:sign", kwargs={"key": link.key}),
        "link that opens nothing": reverse("fieldwork:sign", kwargs={"key": "wrong"}),
        "thanks for signing": reverse("fieldwork:signed"),
        "devices": reverse("fieldwork:devices"),
        "packets": reverse("fieldwork:packets"),
        "packet": reverse("fieldwork:packet", kwargs={"packet": packet.pk}),
        "imports": reverse("register:imports"),
        "account": "/account/",
        "messages": "/messages/",
        "text for the group": reverse("messages:group", kwargs={"path": township.path}),
        "channels": "/messages/channels/",
        "receipts": "/messages/receipts/",
        "how one is reached": "/messages/settings/",
        "reporting": "/report/",
        "report of a village": reverse("fieldwork:report_village", kwargs={"village": village_key(village.path)}),
        "where a report stands": "/report/where/",
        "reports": reverse("fieldwork:report_list", kwargs={"path": county.path}),
        "report": reverse("fieldwork:report_one", kwargs={"report": told.receipt}),
        "log of the hotline": "/fieldwork/reports/log/",
    }


@pytest.mark.parametrize("locale", ["zh-CN", pytest.param("en-GB", marks=pytest.mark.full)])
def test_every_link_and_button_is_as_high_as_a_thumb(browser: Browser, addresses: dict[str, str], locale: str) -> None:
    with served() as base:
        page = _open(browser, 390, locale, [], base)
        _log_in(page, base, "county")
        small = []
        for name, address in addresses.items():
            page.goto(base + address, wait_until="networkidle")
            found = page.evaluate(MEASURE, LEAST)
            small += [f"{name}: {height} px: {what}" for height, what in found]
        page.context.close()
    assert not small, "\n".join(small)


def test_the_county_table_tells_persons_and_registered_of_each_township(browser: Browser, addresses: dict[str, str]) -> None:
    with served() as base:
        page = _open(browser, 390, "zh-CN", [], base)
        _log_in(page, base, "county")
        page.goto(base + addresses["county"], wait_until="networkidle")
        rows = page.locator("table.areas tbody tr")
        assert rows.count() == 15
        for name in ("户", "人", "卡户", "卡内人"):
            cells = page.locator(f'table.areas tbody td[data-name="{name}"]')
            assert cells.count() == 15
            assert all(cells.nth(n).is_visible() and cells.nth(n).inner_text().replace(",", "").isdigit() for n in range(15)), (
                name
            )
        page.context.close()
