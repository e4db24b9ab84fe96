"""The tour on the built county: each story's households stand in the register as it tells, and its page shows them in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import User
from bangfu.demo.population.setting import DATA
from bangfu.demo.tour import chapters
from bangfu.foundation.county import County, found_county
from bangfu.foundation.problems import Problem
from bangfu.kit.icons import ICONS
from bangfu.register.models import Household
from bangfu.register.showing import show_household
from bangfu.screening.models import Verdict
from bangfu.screening.pages.additions import guarantees, present_pack

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Told:
    """What a story must be: its members by household number, kind, what is unmet, and words of its page in each language."""

    members: dict[str, list[str]]
    kind: str
    unmet: tuple[str, ...]
    zh: tuple[str, ...]
    en: tuple[str, ...]


TOLD = {
    "drop_out": Told(
        {"52032310120590001": ["冯德军", "冯小旭", "冯雨欣", "陈丽"]},
        "ordinary",
        ("schooling",),
        ("1 名适龄儿童辍学：冯小旭", "厌学"),
        ("1 of school age left school: 冯小旭", "dislike of school"),
    ),
    "unsafe_house": Told(
        {"52032311020190001": ["冉秀芳", "罗国安"]},
        "ordinary",
        ("housing",),
        ("住房鉴定为 D级，尚未改造", "1978", "2019-09-20"),
        ("house of grade D, not renovated", "1978", "2019-09-20"),
    ),
    "illness": Told(
        {"52032310300190001": ["吴琼芬", "周建华", "周航", "谢素珍"]},
        "monitored",
        (),
        ("人均纯收入 4,779 元，达到 4,000 元的标准", "27,650.00", "丧失劳动力"),
        ("4,779.00", "27,650.00", "Compliant self-paid spending"),
    ),
    "grower": Told(
        {"52032320120190001": ["田碧华", "雷正兴", "雷鹏"]},
        "ordinary",
        (),
        ("126<span", "214,000.00", "−117,500.00"),
        ("126<span", "214,000.00", "−117,500.00"),
    ),
    "relocated": Told(
        {"52032310720690001": ["梅淑清", "申小琴", "骆佳", "骆俊豪", "骆永贵"]},
        "registered",
        (),
        ("2018-11-16", "集中安置"),
        ("2018-11-16", "Relocation"),
    ),
    "alone": Told(
        {"52032310920190001": ["安素华", "彭世荣"]},
        "ordinary",
        (),
        ("住房鉴定为 B级", "2.6<span"),
        ("house of grade B", "2.6<span"),
    ),
    "left_behind": Told(
        {"52032310220290001": ["任艳", "唐兰英", "韩子轩", "韩小军", "韩梦瑶"]},
        "ordinary",
        (),
        ("广东省东莞市", "韩小军：务工", "11<span"),
        ("广东省东莞市", "韩小军: Work away", "another province"),
    ),
    "newborn": Told(
        {"52032310400490001": ["徐伟", "徐梓涵", "蒋倩"]},
        "ordinary",
        ("medical",),
        ("1 人未参加基本医疗保险：徐梓涵", "未参保"),
        ("1 without basic medical insurance: 徐梓涵",),
    ),
    "split": Told(
        {"52032311220390001": ["夏群芳", "袁光明"], "52032311220390002": ["宋敏", "袁江", "袁欣怡", "袁雨泽"]},
        "ordinary",
        (),
        ("4.1<span", "5.5<span", "2020-03-31 导入", "?as_of=2020-03-30"),
        ("4.1<span", "5.5<span", "import 2020-03-31", "?as_of=2020-03-30"),
    ),
    "duplicate": Told(
        {"52032310520390001": ["熊会琴", "石永强", "石鑫"], "52032300120190001": ["熊会琴", "石勇强", "石鑫"]},
        "ordinary",
        (),
        ("石永强", "石勇强", "100****0901"),
        ("石永强", "石勇强", "100****0901"),
    ),
}


def logged_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


@pytest.fixture
def client(county: County) -> Client:
    return logged_in("county")


def page(client: Client, key: str) -> Any:
    answer = client.get(reverse("demo:story", kwargs={"story": key}))
    assert answer.status_code == 200
    return answer


def states(record: dict[str, Any]) -> dict[str, str]:
    """The verdicts of a record of a page, by guarantee."""
    keys = {str(g.title): g.key for g in guarantees(present_pack())}  # type: ignore[arg-type]
    said = {keys[str(step.guarantee)]: step.state for step in record["next"]}
    return said | {v["guarantee"].key: v["state"] for v in record["settled"]}


@pytest.mark.parametrize("key", TOLD)
def test_the_register_holds_what_the_story_tells(key: str, county: County) -> None:
    told = TOLD[key]
    for number, names in told.members.items():
        household = Household.objects.farming().get(number=number)
        shown = show_household(county.operator(), number)
        assert {member["name"] for member in shown["members"]} == set(names)
        assert shown["facts"]["kind"]["kind"] == told.kind
        unmet = Verdict.objects.filter(household=household, result="unmet").values_list("guarantee", flat=True)
        assert tuple(unmet) == told.unmet
        assert Verdict.objects.filter(household=household).count() == len(guarantees(present_pack()))  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("key", TOLD)
def test_the_page_of_a_story_shows_it(key: str, lang: str, client: Client) -> None:
    """Numbers, members, verdicts and facts as the register has them now; and everything to look at can be opened."""
    told, (chapter,) = TOLD[key], [c for c in chapters() if c.key == key]
    with translation.override(lang):
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = lang
        shown = page(client, key)
        html = shown.content.decode()
        for record in shown.context["records"]:
            assert record["number"] in told.members
            unmet = tuple(name for name, state in states(record).items() if state == "unmet")
            assert unmet == told.unmet
        for words in told.zh if lang == "zh" else told.en:
            assert words in html
        for text in (chapter.title, *chapter.told, chapter.today, *(look.words for look in chapter.look)):
            assert escape(text.in_language(lang)) in html
        for number, names in told.members.items():
            assert reverse("register:household", kwargs={"number": number}) in html
            assert all(name in html for name in names)
        for _, address in shown.context["look"]:
            opened = client.get(address)
            assert opened.status_code == 200, address
            assert "BF-" not in opened.content.decode(), address  # nothing of the address is left out with a notice
    assert len(shown.context["look"]) == len(chapter.look)


def test_ages_and_absences_of_the_stories(county: County) -> None:
    """What makes a story visible that has nothing unmet."""

    def members(key: str, record: int = 0) -> dict[str, dict[str, Any]]:
        number = list(TOLD[key].members)[record]
        return {member["name"]: member for member in show_household(county.operator(), number)["members"]}

    assert sorted(member["age"] for member in members("alone").values()) == [75, 79]
    assert all(member["phone"] is None for member in members("alone").values())
    at_home = {name for name, member in members("left_behind").items() if member["residence"]["place"] == "here"}
    assert at_home == {"唐兰英", "韩子轩", "韩梦瑶"}
    assert {member["residence"]["place"] for member in members("relocated").values()} == {"in_county"}
    first, second = members("duplicate"), members("duplicate", 1)
    for one, other in (("石永强", "石勇强"), ("熊会琴", "熊会琴"), ("石鑫", "石鑫")):
        assert first[one]["identity"] != second[other]["identity"]
        assert [first[one][k] for k in ("age", "sex", "phone")] == [second[other][k] for k in ("age", "sex", "phone")]


def test_the_split_household_is_one_before_the_later_file_and_two_after(county: County) -> None:
    old, new = TOLD["split"].members
    before = show_household(county.operator(), old, as_of=date(2020, 3, 30))
    assert sorted(member["name"] for member in before["members"]) == sorted(
        TOLD["split"].members[old] + TOLD["split"].members[new]
    )
    assert before["facts"]["land"]["arable_mu"] == Decimal("9.6")
    with pytest.raises(Problem, match="BF-1253"):
        show_household(county.operator(), new, as_of=date(2020, 3, 30))
    today = show_household(county.operator(), new)
    assert {member["since"] for member in today["members"]} == {date(2020, 3, 31)}


def test_the_pages_of_the_split_household_tell_who_went_where(client: Client) -> None:
    old, new = TOLD["split"].members

    def events(number: str, **query: str) -> list[str]:
        shown = client.get(reverse("register:household", kwargs={"number": number}), query)
        assert {event.day for event in shown.context["history"]} <= {date(2020, 3, 31)}
        return [event.what.zh for event in shown.context["history"]]

    assert [what for what in events(old) if "转到" in what] == [f"{n}转到户 {new}" for n in ("袁江", "宋敏", "袁雨泽", "袁欣怡")]
    assert [what for what in events(old) if "土地" in what] == [
        "土地：耕地面积 9.6 → 4.1 亩；有效灌溉面积 3.2 → 1.2 亩；林地面积 12 → 5 亩"
    ]
    assert events(new) == [f"{n}从户 {old} 转来" for n in ("袁江", "宋敏", "袁雨泽", "袁欣怡")]
    assert events(old, as_of="2020-03-30") == []
    assert events(next(iter(TOLD["alone"].members))) == []


def test_the_list_has_all_ten_with_what_is_unmet_and_who_sees_them(client: Client) -> None:
    shown = client.get(reverse("demo:tour"))
    rows = {row["chapter"].key: row for row in shown.context["rows"]}
    assert list(rows) == list(TOLD)
    assert {key: tuple(g.key for g in row["unmet"]) for key, row in rows.items()} == {key: t.unmet for key, t in TOLD.items()}
    assert rows["unsafe_house"]["logins"] == ["county", "analyst", "department", "supervisor", "auditor"]
    assert {"township", "village"} <= set(rows["drop_out"]["logins"])
    assert "outside" not in rows["drop_out"]["logins"]
    html = shown.content.decode()
    assert html.count('class="sketch"') == len(TOLD)
    assert html.count('aria-current="page"') == 1


def test_one_story_leads_to_the_next(client: Client) -> None:
    walked, key = [], "drop_out"
    while key:
        shown = page(client, key)
        walked.append(key)
        before, after = shown.context["before"], shown.context["next_one"]
        assert (before.key if before else None) == (walked[-2] if len(walked) > 1 else None)
        assert ('rel="next"' in shown.content.decode()) == (after is not None)
        key = after.key if after else None
    assert walked == list(TOLD)


def test_the_tour_ends_where_the_scope_ends(county: County) -> None:
    """A village sees its own story, a township half of the duplicate, a helper none; a role of totals gets no page at all."""
    village = logged_in("village")
    assert [row["chapter"].key for row in village.get(reverse("demo:tour")).context["rows"]] == ["drop_out"]
    refused = village.get(reverse("demo:story", kwargs={"story": "newborn"}))
    assert refused.status_code == 404
    assert "BF-1805" in refused.content.decode()

    path = Household.objects.farming().get(number="52032310520390001").area.path[:-8]
    user = create_user(county.operator(), "maoya", "试", "a-long-password-2020")
    assign_role(county.operator(), user, "township_station", path, since=date(2020, 1, 1))
    township = logged_in("maoya")
    shown = page(township, "duplicate")
    html = shown.content.decode()
    assert [record["number"] for record in shown.context["records"]] == ["52032310520390001"]
    assert "另有一处登记" in html
    assert "52032300120190001" not in html
    assert len(shown.context["look"]) == 2
    assert all(township.get(address).status_code == 200 for _, address in shown.context["look"])

    helper = logged_in("helper").get(reverse("demo:tour"))
    assert helper.context["rows"] == []
    assert "您的范围内没有这些农户" in helper.content.decode()
    for name in ("outside", "admin"):
        assert logged_in(name).get(reverse("demo:tour")).status_code == 403
        assert logged_in(name).get(reverse("demo:story", kwargs={"story": "newborn"})).status_code == 403


def test_a_county_that_is_not_synthetic_has_no_tour(county: County) -> None:
    client = logged_in("village")  # a role that needs no second factor in a county of real people
    assert 'href="/tour/"' in client.get(reverse("demo:tour")).content.decode()
    found_county(county.name, county.country, county.path, synthetic=False)
    for address in (reverse("demo:tour"), reverse("demo:story", kwargs={"story": "newborn"})):
        refused = client.get(address)
        assert refused.status_code == 404
        assert "BF-1804" in refused.content.decode()
        assert 'href="/tour/"' not in refused.content.decode()


def test_every_story_has_its_page_whole_in_both_languages() -> None:
    raw = yaml.safe_load((DATA / "tour.yaml").read_text("utf-8"))
    assert list(raw) == [chapter.key for chapter in chapters()] == list(TOLD)
    for chapter in chapters():
        texts = [chapter.title, chapter.line, *chapter.told, chapter.today, *(look.words for look in chapter.look)]
        assert all(text.zh and text.en and text.zh != text.en for text in texts), chapter.key
        assert chapter.told
        assert chapter.look
        assert chapter.ink.startswith("M")
        assert chapter.accent.startswith("M")
    assert "place" in ICONS  # the rail's
