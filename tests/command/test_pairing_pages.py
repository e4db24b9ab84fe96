"""The pages of helpers and pairing: what a role sees and may do, wrong input with its number, other townships."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bangfu.accounts.models import User
from bangfu.command.actions import PairRow, ask_change, avoid, confirm_pairings, pair
from bangfu.command.actions.chain import give_account
from bangfu.command.actions.plans import propose_pairing
from bangfu.command.models import Avoidance, Helper, Pairing, PairingPlan, PairingRequest
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from tests.command.ground import BEGAN, Ground, lay


@pytest.fixture
def ground(county: County) -> Ground:
    return lay(county)


def browser(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(user)
    return client


@pytest.fixture
def office(ground: Ground) -> Client:
    """The county headquarters."""
    return browser(ground.user("county_headquarters", ground.county.path))


@pytest.fixture
def township(ground: Ground) -> Client:
    """The station of the first township."""
    return browser(ground.user("township_station", ground.here.path))


def home_page(home: Household) -> str:
    return reverse("command:household-helper", kwargs={"number": home.number})


def area_page(name: str, path: str) -> str:
    return reverse(f"command:{name}", kwargs={"path": path})


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def send(client: Client, url: str, **told: Any) -> Any:
    return client.post(url, told)


def told_off(client: Client, url: str, number: str, **told: Any) -> str:
    """Send a form and hold that the page comes back with the number of what is wrong."""
    answer = client.post(url, told)
    page = answer.content.decode()
    assert answer.status_code >= 400, answer.status_code
    assert number in page, re.findall(r"BF-\d+", page)
    assert "<h1" in page
    return page


def figure(page: str, title: str) -> str:
    """The value of a key figure."""
    found = re.search(rf'<p class="name">{title}</p>\s*<p class="value">(?:<a href="[^"]*">)?([^<]*)<', page)
    assert found, title
    return found[1]


def one(ground: Ground, n: int, helper: str) -> PairRow:
    return PairRow(ground.homes[n].number, helper, BEGAN)


# --- an area


def test_the_figures_of_an_area_are_those_of_its_rows(ground: Ground, office: Client) -> None:
    pair(ground.operator, [one(ground, 0, "T1"), one(ground, 1, "T1"), one(ground, 2, "T2")])
    both = list(Pairing.objects.filter(household__in=ground.homes[:2]).values_list("pk", flat=True))
    for by in ("helper", "household"):
        confirm_pairings(ground.operator, both, by=by, on=clock.today())
    ask_change(ground.operator, ground.homes[3].number, "household", "想换人")
    url = area_page("pairing", ground.here.path)
    page = read(office, url)
    number = len(ground.homes)
    wanted = {"应结对户": number, "已有帮扶责任人": 3, "无人负责": number - 3, "未经双方确认": 1, "更换申请待办结": 1}
    assert {title: int(figure(page, title)) for title in wanted} == wanted
    for n in range(3, min(number, 20)):
        assert home_page(ground.homes[n]) in page
    assert home_page(ground.homes[0]) not in page
    assert "想换人" in page
    assert "未核对" in page
    lists = reverse("register:households", kwargs={"path": ground.here.path})
    for state, households in (
        ("none", ground.homes[3:]),
        ("some", ground.homes[:3]),
        ("unconfirmed", ground.homes[2:3]),
        ("asked", ground.homes[3:4]),
    ):
        listed = read(office, f"{lists}?helper={state}&size=200")
        seen = {h.number for h in ground.homes if f"/households/{h.number}/" in listed}
        assert seen == {h.number for h in households}, state
        assert f"{lists}?helper={state}" in page


def test_an_area_takes_as_many_statements_as_another(ground: Ground, office: Client) -> None:
    """However many households and helpers there are: no statement per row."""
    for name in ("pairing", "helpers"):
        url = area_page(name, ground.here.path)
        read(office, url)
        with CaptureQueriesContext(connection) as few:
            read(office, url)
        pair(
            ground.operator,
            [
                PairRow(h.number, f"T{1 + n % 6}", BEGAN)
                for n, h in enumerate(ground.homes[:12])
                if not Pairing.objects.filter(household=h).exists()
            ],
        )
        with CaptureQueriesContext(connection) as many:
            read(office, url)
        assert len(many) <= len(few) + 1, name


def test_who_sees_single_households_only_goes_to_their_day(ground: Ground) -> None:
    client = browser(ground.user("helper", ground.county.path))
    for name in ("pairing", "helpers"):
        answer = client.get(area_page(name, ground.here.path))
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("command:today"))


def test_a_plan_is_made_from_the_page(ground: Ground, township: Client, office: Client) -> None:
    url = area_page("pairing", ground.here.path)
    assert send(township, url, do="plan", area=ground.here.path).status_code == 302
    plan = PairingPlan.objects.latest("pk")
    assert (plan.path, plan.zh, plan.settings["weights"]["keep_first"]) == (ground.here.path, "", True)
    told_off(township, url, "BF-1108", do="plan", area=ground.there.path)
    told_off(township, url, "BF-2202", do="plan", area=ground.here.path, without="T1, T99")
    told_off(township, url, "BF-2204", do="plan", area=ground.here.path, ceiling="3")
    told_off(township, url, "BF-2204", do="plan", area=ground.here.path, ceiling="many", title="情景")
    told_off(township, url, "BF-2204", do="dance")
    sent = send(township, url, do="plan", area=ground.here.path, ceiling="3", title="三户封顶", without="T1、T2", first="shorter")
    scenario = PairingPlan.objects.latest("pk")
    assert sent.headers["Location"] == reverse("command:plan", kwargs={"plan": scenario.pk})
    assert (scenario.settings["ceiling"], scenario.settings["without"], scenario.settings["weights"]["keep_first"]) == (
        3,
        ["T1", "T2"],
        False,
    )
    assert "三户封顶" in read(office, url)
    secretary = browser(ground.user("village_secretary", ground.homes[0].path[:-4]))
    village = area_page("pairing", ground.homes[0].path[:-4])
    assert "生成方案" not in read(secretary, village)
    assert send(secretary, village, do="plan").status_code == 403


# --- helpers


def test_helpers_are_listed_narrowed_and_found(ground: Ground, office: Client) -> None:
    pair(ground.operator, [*(one(ground, n, "T2") for n in range(3)), one(ground, 3, "T1")])
    url = area_page("helpers", ground.here.path)

    def names(query: str = "") -> set[str]:
        return set(re.findall(r">(试\d)<", read(office, f"{url}?size=200&{query}")))

    assert names() == {f"试{n}" for n in range(1, 7)}
    assert names("q=试3") == {"试3"}
    assert names("rank=section") == {"试1", "试5"}
    assert names("profession=teacher") == set()
    assert names("load=beyond") == {"试2"}  # three where the target of the rank is two
    assert names("load=none") == {"试3", "试4", "试5", "试6"}
    assert names("load=below") == {"试1", "试3", "试4", "试5", "试6"}
    assert names("load=unconfirmed") == {"试1", "试2"}
    assert names("load=exception") == set()
    page = read(office, f"{url}?sort=-load&size=200")
    assert page.index("试2") < page.index("试1") < page.index("试3")
    assert "3 户，目标 2，上限 6" in page


def test_a_helper_who_answers_here_is_listed_wherever_they_are_stationed(ground: Ground, office: Client) -> None:
    there = area_page("helpers", ground.there.path)
    assert "试1" not in read(office, f"{there}?size=200")
    pair(ground.operator, [PairRow(ground.elsewhere[0].number, "T1", BEGAN)])
    assert "试1" in read(office, f"{there}?size=200")


def test_an_exception_and_an_end_show_what_they_do_before(ground: Ground, office: Client) -> None:
    pair(ground.operator, [one(ground, n, "T1") for n in range(2)])
    helper = ground.helper("T1")
    url = reverse("command:helper", kwargs={"helper": helper.pk})
    page = read(office, url)
    assert "2 户将没有帮扶责任人" in page
    assert all(home_page(h) in page for h in ground.homes[:2])
    told_off(office, url, "BF-2204", do="except", ceiling="8", reason=" ")
    told_off(office, url, "BF-2204", do="except", ceiling="eight", reason="理由")
    assert send(office, url, do="except", ceiling="8", reason="两户同住一院").status_code == 302
    assert "两户同住一院" in read(office, url)
    send(office, url, do="no-exception")
    assert Helper.objects.get(pk=helper.pk).ceiling is None
    told_off(office, url, "BF-2204", do="end", on="soon", reason="调离")
    told_off(office, url, "BF-2204", do="unknown")
    assert Pairing.objects.open().filter(helper=helper).count() == 2
    assert send(office, url, do="end", on=str(clock.today()), reason="调离").status_code == 302
    page = read(office, url)
    assert "以前负责的户" in page
    assert "已退出" in page
    assert "退出帮扶" not in page
    area = read(office, area_page("pairing", ground.here.path))
    assert home_page(ground.homes[0]) in area


def test_a_helper_confirms_their_own_and_sees_nobody_elses(ground: Ground) -> None:
    pair(ground.operator, [one(ground, 0, "T1"), one(ground, 1, "T1"), one(ground, 2, "T2")])
    user = ground.user("helper", ground.county.path)
    give_account(ground.operator, "T1", user.username)
    client = browser(user)
    url = reverse("command:helper", kwargs={"helper": ground.helper("T1").pk})
    page = read(client, url)
    assert [home_page(h) in page for h in ground.homes[:3]] == [True, True, False]
    assert "上限例外" not in page
    other = read(client, reverse("command:helper", kwargs={"helper": ground.helper("T2").pk}))
    assert home_page(ground.homes[2]) not in other
    assert "1 户在您看不到的地方" in other
    assert client.get(home_page(ground.homes[2])).status_code == 404
    assert send(client, url, do="confirm-all").status_code == 302
    assert Pairing.objects.filter(helper_confirmed=clock.today(), household__in=ground.homes[:3]).count() == 2
    mine = Pairing.objects.get(household=ground.homes[0])
    told_off(client, home_page(ground.homes[0]), "BF-2242", do="confirm", pairing=mine.pk, by="household")
    assert send(client, url, do="end", reason="x").status_code == 403


def test_a_helper_of_another_township_is_not_there(ground: Ground) -> None:
    client = browser(ground.user("township_station", ground.there.path))
    url = reverse("command:helper", kwargs={"helper": ground.helper("T1").pk})
    assert client.get(url).status_code == 404
    assert send(client, url, do="end", reason="x").status_code == 404
    pair(ground.operator, [PairRow(ground.elsewhere[0].number, "T1", BEGAN)])
    page = read(client, url)  # who answers for a household of the township is known to it
    assert "退出帮扶" not in page
    told_off(client, url, "BF-2240", do="end", on=str(clock.today()), reason="x")


# --- a household's helper


def test_a_household_without_a_helper_is_offered_some(ground: Ground, township: Client) -> None:
    home = ground.homes[0]
    pair(ground.operator, [one(ground, n, "T3") for n in range(1, 7)])
    avoid(ground.operator, "T4", home.number, "曾有纠纷")
    page = read(township, home_page(home))
    assert "这一户没有帮扶责任人" in page
    offered = re.findall(r'name="helper" value="([^"]+)"', page)
    assert 0 < len(offered) <= 10
    assert {"T3", "T4"}.isdisjoint(offered)
    refused = page[page.index("较近而不能负责") :]
    assert "已满上限" in refused
    assert "须回避：曾有纠纷" in refused
    told_off(township, home_page(home), "BF-2222", do="pair", helper="T4")
    told_off(township, home_page(home), "BF-2224", do="pair", helper="T1", other="T3")
    told_off(township, home_page(home), "BF-2202", do="pair", helper="T99")
    told_off(township, home_page(home), "BF-2204", do="pair", helper="T1", on="2020-13-45")
    assert send(township, home_page(home), do="pair", helper="T1", on="2020-04-01").status_code == 302
    page = read(township, home_page(home))
    assert "这一户没有帮扶责任人" not in page
    assert "2020-04-01 –" in page
    told_off(township, home_page(home), "BF-2223", do="pair", helper="T2")


def test_hands_change_on_the_page_with_a_note(ground: Ground, township: Client) -> None:
    home = ground.homes[0]
    pair(ground.operator, [one(ground, 0, "T1")])
    key = Pairing.objects.get(household=home).pk
    url = home_page(home)
    assert 'value="T2"' in read(township, url + "?do=change")
    told_off(township, url, "BF-2204", do="hand-over", pairing=key, helper="T2", words=" ")
    told_off(township, url, "BF-2243", do="hand-over", pairing=key, helper="T2", words="交接", on="2020-01-01")
    told_off(
        township,
        url,
        "BF-2226",
        do="hand-over",
        pairing=Pairing.objects.exclude(household=home).first().pk,
        helper="T2",
        words="交接",
    )  # type: ignore[union-attr]
    assert send(township, url, do="hand-over", pairing=key, helper="T2", words="门口有狗").status_code == 302
    page = read(township, url)
    assert "门口有狗" in page
    assert page.index("试2") < page.index("试1")
    new = Pairing.objects.open().get(household=home)
    told_off(township, url, "BF-2204", do="end", pairing=new.pk, reason="whim")
    assert send(township, url, do="confirm", pairing=new.pk, by="household").status_code == 302
    assert send(township, url, do="end", pairing=new.pk, reason="left", words="无", on="2020-05-01").status_code == 302
    new.refresh_from_db()
    assert (new.household_confirmed, new.end_reason) == (clock.today(), "left")


def test_a_request_goes_from_the_village_to_the_township(ground: Ground, township: Client) -> None:
    home = ground.homes[0]
    pair(ground.operator, [one(ground, 0, "T1")])
    secretary = browser(ground.user("village_secretary", home.path[:-4]))
    url = home_page(home)
    page = read(secretary, url)
    assert "提出申请" in page
    assert "登记回避" not in page
    assert send(secretary, url, do="end", pairing=Pairing.objects.get(household=home).pk, reason="left").status_code == 403
    told_off(secretary, url, "BF-2225", do="ask", reason="post", other="T99")
    told_off(secretary, url, "BF-2204", do="ask", reason="whim")
    assert send(secretary, url, do="ask", reason="post", words="路太远", other="T2").status_code == 302
    told_off(secretary, url, "BF-2227", do="ask", reason="post")
    request = PairingRequest.objects.get(household=home)
    page = read(township, url)
    assert "路太远" in page
    assert "2020-05-05 前答复" in page
    told_off(township, url, "BF-2204", do="decide", request=request.pk, granted="yes", helper="T2", words="")
    told_off(township, url, "BF-2228", do="decide", request=request.pk + 1, granted="yes", words="同意")
    assert send(township, url, do="decide", request=request.pk, granted="yes", helper="T2", words="同意").status_code == 302
    assert Pairing.objects.open().get(household=home).helper.officer.number == "T2"
    assert "同意" in read(secretary, url)


def test_avoidances_are_entered_and_not_shown_to_helpers(ground: Ground, township: Client) -> None:
    home = ground.homes[0]
    pair(ground.operator, [one(ground, 0, "T1")])
    user = ground.user("helper", ground.county.path)
    give_account(ground.operator, "T1", user.username)
    told_off(township, home_page(home), "BF-2202", do="avoid", officer="T99", reason="亲戚")
    told_off(township, home_page(home), "BF-2204", do="avoid", officer="T2", reason="")
    assert send(township, home_page(home), do="avoid", officer="T2", reason="土地纠纷").status_code == 302
    assert Avoidance.objects.filter(household=home).count() == 1
    assert "土地纠纷" in read(township, home_page(home))
    assert "土地纠纷" not in read(browser(user), home_page(home))


def test_a_household_of_another_township_is_not_there(ground: Ground, township: Client) -> None:
    url = home_page(ground.elsewhere[0])
    assert township.get(url).status_code == 404
    assert send(township, url, do="pair", helper="T1").status_code == 404
    assert not Pairing.objects.filter(household=ground.elsewhere[0]).exists()


# --- the board


@pytest.fixture
def plan(ground: Ground) -> PairingPlan:
    pair(ground.operator, [one(ground, n, "T1") for n in range(3)])
    return propose_pairing(ground.operator, ground.here.path, without=["T1"])


def board(plan: PairingPlan) -> str:
    return reverse("command:plan", kwargs={"plan": plan.pk})


def test_the_board_says_what_a_plan_is_worth_and_what_it_changes(ground: Ground, plan: PairingPlan, township: Client) -> None:
    page = read(township, board(plan))
    assert plan.digest in page
    assert "就所述模型而言最优" in page or "未证明最优" in page
    assert int(figure(page, "方案内的户")) == len(ground.homes)
    changed, new = plan.pairs.filter(before__isnull=False).count(), plan.pairs.filter(before=None).exclude(after=None).count()
    assert (int(figure(page, "更换")), int(figure(page, "新结对"))) == (changed, new)
    assert f"将改变 {changed + new} 户" in page
    assert "原帮扶责任人不参加本方案" in page
    for kind, homes in (("changed", ground.homes[:3]), ("new", ground.homes[3:])):
        narrowed = read(township, f"{board(plan)}?kind={kind}&size=200")
        assert {h.number for h in ground.homes if home_page(h) in narrowed} == {h.number for h in homes}, kind
    village = ground.homes[0].path[:-4]
    narrowed = read(township, f"{board(plan)}?area={village}&size=200")
    assert {h.number for h in ground.homes if home_page(h) in narrowed} == {
        h.number for h in ground.homes if h.path.startswith(village)
    }
    assert "BF-2001" in read(township, f"{board(plan)}?kind=strange")


def test_the_board_adjusts_adopts_and_undoes(ground: Ground, plan: PairingPlan, township: Client) -> None:
    home, url = ground.homes[0], board(plan)
    page = read(township, f"{url}?household={home.number}")
    assert "手工调整" in page
    assert 'value="T1"' not in page  # left out of the plan
    told_off(township, url, "BF-2225", do="move", household=home.number, helper="T99")
    told_off(township, url, "BF-1222", do="move", household="none", helper="T2")
    assert send(township, url, do="nobody", household=home.number).status_code == 302
    assert int(figure(read(township, url), "无人负责")) == 1
    free = next(n for n in ("T2", "T3", "T4", "T5", "T6") if plan.pairs.filter(after=ground.helper(n)).count() < 6)
    assert send(township, url, do="move", household=home.number, helper=free).status_code == 302
    assert Pairing.objects.open().get(household=home).helper.officer.number == "T1"
    told_off(township, url, "BF-2204", do="adopt", on="never")
    assert send(township, url, do="adopt").status_code == 302
    assert Pairing.objects.open().get(household=home).helper.officer.number == free
    page = read(township, url)
    assert "已采用" in page
    assert "采用这个方案" not in page
    told_off(township, url, "BF-2230", do="adopt")
    assert send(township, url, do="undo").status_code == 302
    assert Pairing.objects.open().get(household=home).helper.officer.number == "T1"


def test_a_stale_plan_and_a_scenario_are_told(ground: Ground, township: Client) -> None:
    scenario = propose_pairing(ground.operator, ground.here.path, title=Text("试算", "A try"))
    page = read(township, board(scenario))
    assert "情景测算，不是正式方案" in page
    told_off(township, board(scenario), "BF-2241", do="adopt")
    pair(ground.operator, [one(ground, 0, "T1")])
    told_off(township, board(scenario), "BF-2229", do="adopt", scenario="yes")
    assert send(township, board(scenario), do="drop").status_code == 302
    assert "已放弃" in read(township, board(scenario))


def test_a_plan_of_another_township_is_not_there_and_others_see_none(ground: Ground, plan: PairingPlan) -> None:
    other = browser(ground.user("township_station", ground.there.path))
    assert other.get(board(plan)).status_code == 404
    assert send(other, board(plan), do="adopt").status_code == 404
    secretary = browser(ground.user("village_secretary", ground.homes[0].path[:-4]))
    assert secretary.get(board(plan)).status_code == 403
    plan.refresh_from_db()
    assert plan.state == "proposed"


def test_the_pages_speak_both_languages(ground: Ground, plan: PairingPlan) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(ground.user("county_headquarters", ground.county.path))
    for url, words in (
        (area_page("pairing", ground.here.path), "Households for whom nobody answers"),
        (area_page("helpers", ground.here.path), "Duty scope"),
        (reverse("command:helper", kwargs={"helper": ground.helper("T1").pk}), "Exception to the ceiling"),
        (home_page(ground.homes[5]), "Nobody answers for this household"),
        (board(plan), "What the model leaves out"),
    ):
        assert words in read(client, url), url
