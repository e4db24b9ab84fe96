"""The pages of forms: the list, a form with its versions, a version question by question, how two differ, the facts, and what is refused."""

from __future__ import annotations

import io
import random
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from bangfu.cases.policy import kinds_on
from bangfu.fieldwork.actions import publish, upload
from bangfu.fieldwork.catalogue import ground, shipped, shipped_sheets, title_of, workbook_of
from bangfu.fieldwork.facts import NEED, PERSON
from bangfu.fieldwork.known import A_NEED as OF_NEED
from bangfu.fieldwork.known import INCOME, MEMBER, known_facts
from bangfu.fieldwork.mapping import complaints, unused
from bangfu.fieldwork.models import Form, FormVersion
from bangfu.fieldwork.outline import outline
from bangfu.fieldwork.pages import one
from bangfu.fieldwork.pages.laid import Laying, Looked
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.versions import difference
from bangfu.fieldwork.xlsform import converted, of_sheets
from bangfu.foundation.county import County
from bangfu.foundation.home import home
from bangfu.foundation.problems import Problem
from tests.cases.ground import someone
from tests.cases.test_pages import client_of
from tests.fieldwork.test_forms import HOME, NAMESPACE, SURVEY
from tests.fieldwork.test_publishing import book, states
from tests.fieldwork.test_publishing import kept as kept

ZH, EN = "中文 (zh)", "English (en)"
GRADES = [{"list_name": "g", "name": key, "label": key} for key in "ABCD"]
GRADE = {"type": "select_one g", "name": "grade", "label": "Grade", "bind::bf:fact": "house_grade"}
CHAT = {"type": "text", "name": "chat", "label": "A chat"}
LIST = "/fieldwork/forms/"


@pytest.fixture
def client(county: County) -> Client:
    """County headquarters, in a county without the demo's forms: their files lie in another home."""
    Form.objects.all().delete()
    return client_of(someone(county, "forms", "county_headquarters", county.path))


def sheets(version: str, *rows: dict[str, Any], choices: list[dict[str, str]] | None = None, key: str = "own") -> bytes:
    settings = [{"form_id": key, "form_title": "Our own", "version": version, "namespaces": NAMESPACE}]
    return workbook_of({"survey": list(rows), "choices": choices or [], "settings": settings})


def take(client: Client, name: str, content: bytes, **more: str) -> HttpResponse:
    """Hand a file in on the list."""
    return client.post(LIST, {"do": "upload", "file": SimpleUploadedFile(name, content)} | more)  # type: ignore[return-value]


def said(answer: Any, status: int = 200) -> str:
    """A page as it reads; the test fails where it is answered with another status."""
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


def form_url(key: str = "own") -> str:
    return reverse("fieldwork:form", kwargs={"form": Form.objects.get(key=key).pk})


def version_url(name: str, version: str, key: str = "own") -> str:
    found = FormVersion.objects.get(form__key=key, version=version)
    return reverse(f"fieldwork:{name}", kwargs={"version": found.pk})


def left() -> tuple[int, int, int]:
    """How many forms, versions and kept files there are."""
    return Form.objects.count(), FormVersion.objects.count(), len(list(home().files.glob("??/*")))


# ---- the place in the rail and its tabs


def test_the_place_opens_the_first_tab_of_the_role_and_missing_evidence_is_a_tab_of_it(client: Client, county: County) -> None:
    assert client.get("/fieldwork/").headers["Location"] == "/fieldwork/submissions/"
    page = client.get(reverse("screening:missing", kwargs={"path": county.path}))
    keys = "submissions contradictions reports visits devices packets forms missing campaigns supervision"
    assert " ".join(tab.key for tab in page.context["tabs"]) == keys
    assert page.context["place"] == "fieldwork"
    assert f'<a href="{LIST}">表单</a><a href="/missing/" aria-current="page">缺少的证据</a>' in said(page)
    places = [place.key for place in page.context["places"] if place.key != "tour"]  # of the demo alone
    assert "fieldwork" in places
    assert "missing" not in places
    assert len(places) <= 8
    township = client_of(someone(county, "forms-town", "township_station", county.path + "001/"))
    assert township.get("/fieldwork/").headers["Location"] == "/fieldwork/submissions/"
    page = township.get(f"/areas/{county.path}001/missing/")
    assert "/fieldwork/forms/" not in said(page)
    assert page.context["place"] == "fieldwork"


def test_the_finder_of_areas_leads_from_the_place_to_the_evidence_that_an_area_lacks(client: Client, county: County) -> None:
    hits = said(client.get("/areas/search", {"q": "郑场", "page": "fieldwork"}, headers={"HX-Request": "true"}))
    assert "/missing/" in hits


# ---- the list


def test_the_list_says_what_is_published_what_waits_and_what_tells_the_register(client: Client, county: County) -> None:
    actor = county.operator()
    publish(actor, upload(actor, "own.xlsx", sheets("1", HOME, GRADE, CHAT, choices=GRADES)).pk)
    upload(actor, "own.xlsx", sheets("2", HOME))
    upload(actor, SURVEY.name, SURVEY.read_bytes())
    page = client.get(LIST)
    rows = {row.of_.key: dict(zip([c.key for c in row.columns], row.values, strict=True)) for row in page.context["listing"].rows}
    own, other = rows["own"], rows["socio-economic-survey"]
    assert "1</span>" in own.pop("published")
    assert (own["drafts"], own["questions"], own["facts"], own["warnings"], str(own["origin"])) == (1, 3, 2, 0, "本县")
    assert own["day"] == "2020-04-28"
    assert "没有发布的版本" in other["published"]
    assert (other["drafts"], other["questions"], other["facts"]) == (1, 17, 0)
    assert other["warnings"] > 0
    for query, found in (
        ("q=our", {"own"}), ("q=socio", {"socio-economic-survey"}), ("q=nothing", set()), ("state=published", {"own"}),
        ("state=draft", {"own", "socio-economic-survey"}), ("state=unpublished", {"socio-economic-survey"}),
        ("origin=shipped", set()), ("warnings=yes", {"socio-economic-survey"}),
    ):  # fmt: skip
        listed = client.get(f"{LIST}?{query}").context["listing"]
        assert {row.of_.key for row in listed.rows} == found, query


def test_shipped_forms_are_offered_ticked_and_published_and_say_what_they_replace(client: Client, county: County) -> None:
    page = said(client.get(LIST))
    assert "没有表单。" in page
    assert page.count('name="form"') == page.count(" checked> ") == len(recipes())
    refused = said(client.post(LIST, {"do": "ship"}), 400)
    assert "BF-2613" in refused
    assert FormVersion.objects.count() == 0
    assert client.post(LIST, {"do": "ship", "form": ["self_report", "no_such_form"]}).status_code == 302
    assert {v.form.key: v.state for v in FormVersion.objects.all()} == {"self_report": "published"}
    page = said(client.get(LIST))
    assert "已发布 1 张随附的表单。" in page
    assert 'value="self_report"' not in page
    publish(county.operator(), upload(county.operator(), "a.xlsx", book("county 7", key="spot_check")).pk)
    page = said(client.get(LIST))
    assert "现在发布的版本 county 7 随之停用" in page
    assert 'value="spot_check">' in page  # not ticked: it takes the place of the county's own
    assert 'value="income_sheet" checked>' in page
    title = title_of("self_report")
    assert title.zh in page
    assert title.en in said(client.get(LIST, headers={"Accept-Language": "en"}))


# ---- taking in


def test_a_workbook_an_xform_and_csv_are_taken_in_as_drafts(client: Client) -> None:
    workbook = sheets("1", HOME, GRADE, choices=GRADES)
    answer = take(client, "own.xlsx", workbook)
    version = FormVersion.objects.get(form__key="own")
    assert answer.headers["Location"] == f"{form_url()}?version={version.pk}"
    page = said(client.get(answer.headers["Location"]))
    assert "已收下 own，版本 1，是草稿。" in page
    assert "已收下" not in said(client.get(answer.headers["Location"]))  # told once
    assert version.state == "draft"
    assert take(client, "any name.txt", converted("x", sheets("2", HOME)).xml).status_code == 302
    lines = "survey,,,\n,type,name,label\n,text,a,A\nsettings,,,\n,form_id,version\n,of_csv,3\n"
    assert take(client, "of.csv", ("﻿" + lines).encode()).status_code == 302
    assert states() == {}
    assert states("own") == {"1": "draft", "2": "draft"}
    assert states("of_csv") == {"3": "draft"}
    assert client.get(version_url("workbook", "1")).content == workbook
    assert client.get(version_url("workbook", "3", "of_csv")).headers["Content-Type"].startswith("text/csv")
    assert "BF-2614" in said(client.get(version_url("workbook", "2")), 404)


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


GOOD = sheets("1", HOME)
WRONG = {
    "nothing in it": ("a.xlsx", b"", "BF-2603", "文件是空的"),
    "an old workbook named as a new one": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900), "BF-2602", "旧格式"),
    "another archive": ("a.xlsx", archive(a=b"b"), "BF-2603", "别的压缩文件"),
    "cut off": ("a.xlsx", GOOD[: len(GOOD) // 2], "BF-2603", "不完整或已损坏"),
    "a workbook that is none": ("a.xlsx", archive(**{"xl/workbook.xml": b"<a/>"}), "BF-2601", "不能转换成表单"),
    "a picture": ("a.xlsx", b"\x89PNG\r\n\x1a\n", "BF-2603", "两者都不是"),
    "words": ("a.csv", "各村名单".encode(), "BF-2603", "两者都不是"),
    "CSV without a form": ("a.csv", b"survey,,\n,type,name\n", "BF-2603", "没有表单标识或题目"),
    "XML that is no form": ("a.xml", b"<a/>", "BF-2603", ""),
    "XML with entities": ("a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "BF-2603", ""),
    "an error in row 3": ("a.xlsx", sheets("1", HOME, {"type": "select_one zz", "name": "q", "label": "Q"}, choices=GRADES), "BF-2601", "第3行"),
    "a version too long for phones": ("a.xlsx", sheets("9" * 250, HOME), "BF-2601", "249"),
    "an id too long for phones": ("a.xlsx", sheets("1", HOME, key="k" * 250), "BF-2601", "249"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Workbook contains no stylesheet")  # of the library that reads it
@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_form_is_told_beside_the_field_and_leaves_nothing_behind(client: Client, case: str) -> None:
    name, content, number, words = WRONG[case]
    before = left()
    page = said(take(client, name, content), {"BF-2601": 400}.get(number, 415))
    field = page[page.index('<div class="field field-beside wrong">') :].partition("</form>")[0]
    assert f"<b>{number}</b>" in field
    assert words in field
    assert 'aria-describedby="u-file-error"' in field
    assert left() == before


@pytest.mark.filterwarnings("ignore:Workbook contains no stylesheet")
def test_a_workbook_damaged_anywhere_is_a_problem_and_no_failure() -> None:
    """The converter trips over what it does not expect: bytes turned over, parts that are none, parts that lack."""
    drawn = random.Random(26)
    for _ in range(120):
        damaged = bytearray(GOOD)
        for _ in range(drawn.choice((1, 3, 20))):
            damaged[drawn.randrange(len(damaged))] = drawn.randrange(256)
        _converts_or_says_why(bytes(damaged))
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book_:
        parts = {name: book_.read(name) for name in book_.namelist()}
    for name in parts:
        _converts_or_says_why(archive(**{k: v for k, v in parts.items() if k != name}))
        for junk in (b"", b"<a/>", b"\xff\xfe\0", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
            _converts_or_says_why(archive(**(parts | {name: junk})))


def _converts_or_says_why(content: bytes) -> None:
    with suppress(Problem):  # anything else is a failure
        converted("a.xlsx", content)


def test_no_file_a_large_one_and_a_long_name_are_told_beside_the_field(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = left()
    assert "<b>BF-2613</b>" in said(client.post(LIST, {"do": "upload"}), 400)
    assert "<b>BF-2604</b>" in said(take(client, "a.xlsx", bytes(5_000_001)), 413)
    page = said(take(client, "长" * 200 + ".xlsx", b"x"), 415)
    assert "长" * 68 + "…" in page
    assert "长" * 81 not in page
    assert "长.xlsx" in page
    assert "BF-2613" in said(client.post(LIST, {"do": "dance"}), 400)
    assert left() == before
    assert len(one.shortened("x" * 300 + ".xlsx")) == one.NAMED


def test_a_published_version_is_not_uploaded_with_other_content(client: Client, county: County) -> None:
    publish(county.operator(), upload(county.operator(), "own.xlsx", sheets("1", HOME)).pk)
    before = left()
    assert "<b>BF-2607</b>" in said(take(client, "own.xlsx", sheets("1", HOME, CHAT)), 409)
    assert "<b>BF-2606</b>" in said(take(client, "own.xlsx", sheets("", HOME, CHAT)), 400)
    assert left() == before


# ---- a form and its versions


def test_a_draft_shows_what_cannot_be_told_what_lacks_and_what_nobody_needs(client: Client, county: County) -> None:
    rows = (
        HOME,
        {**GRADE, "type": "text"},
        CHAT,
        {"type": "note", "name": "hello", "label": "Hello ${home}", "image": "map.png"},
        {"type": "select_one_from_file schools.csv", "name": "school", "label": "School", "bind::bf:reader": "village"},
        {"type": "select_one_from_file villages.csv", "name": "village", "label": "Village", "bind::bf:reader": "village"},
    )
    draft = upload(county.operator(), "own.xlsx", sheets("1", *rows))
    page = said(client.get(form_url()))
    assert page.count("BF-2605") == 1
    assert "/data/grade" in page
    assert "还缺附件：map.png、schools.csv" in page
    assert "没有人用的题：1" in page
    assert "/data/chat" in page
    assert "/data/hello" not in page  # a note asks nothing
    assert "本县自带" in page  # villages.csv
    assert 'value="publish"' not in page
    assert "还不能发布" in page
    tree = said(client.get(version_url("version", "1")))
    asked = tree[tree.index('id="q-grade"') : tree.index('id="q-chat"')]
    assert "BF-2605" in asked
    assert tree.count("BF-2605") == 1
    assert "没有人用" in tree[tree.index('id="q-chat"') : tree.index('id="q-hello"')]
    assert "没有人用" not in asked
    for do, number, status in (("publish", "BF-2605", 400), ("retire", "BF-2609", 409)):
        assert number in said(client.post(form_url(), {"do": do, "version": draft.pk}), status)
    assert states("own") == {"1": "draft"}


def test_files_are_uploaded_one_by_one_and_what_is_wrong_stands_beside_the_file(client: Client, county: County) -> None:
    rows = (
        {"type": "note", "name": "look", "label": "Look", "image": "map.png"},
        {"type": "select_one_from_file s.csv", "name": "s", "label": "S"},
    )
    draft = upload(county.operator(), "own.xlsx", sheets("1", *rows))

    def hand_in(name: str, content: bytes) -> Any:
        file = SimpleUploadedFile("any.bin", content)
        return client.post(form_url(), {"do": "file", "version": draft.pk, "name": name, "file": file})

    page = said(hand_in("map.png", b"no picture"), 400)
    beside = page[page.index("<b>map.png</b>") : page.index("<b>s.csv</b>")]
    assert "<b>BF-2610</b>" in beside
    assert "BF-2610" not in page[page.index("<b>s.csv</b>") :]
    assert "BF-2610" in said(hand_in("other.png", b"\x89PNG\r\n\x1a\n"), 400)  # the form does not name it: told on top
    assert "<b>BF-2604</b>" in said(hand_in("s.csv", bytes(10_000_001)), 413)
    assert "<b>BF-2613</b>" in said(client.post(form_url(), {"do": "file", "version": draft.pk, "name": "s.csv"}), 400)
    assert draft.files.count() == 0
    assert hand_in("map.png", b"\x89PNG\r\n\x1a\n1").status_code == 302
    page = said(client.get(form_url()))
    assert "附件 map.png 已收下。" in page
    assert "还缺附件：s.csv" in page
    assert hand_in("s.csv", b"name,label\n1,One\n").status_code == 302
    page = said(client.get(form_url()))
    assert "还缺附件" not in page
    assert 'value="publish"' in page


def test_versions_are_published_retired_and_thrown_away_and_say_before_what_it_does(client: Client, county: County) -> None:
    actor = county.operator()
    first = upload(actor, "own.xlsx", sheets("1", HOME, GRADE, choices=GRADES))
    page = said(client.get(form_url()))
    assert "手机下次取表时收到这个版本，共 2 题，其中 2 题填写登记。" in page
    assert "这张表单没有别的版本，一并从清单中去掉。" in page
    assert "随之停用" not in page
    answer = client.post(form_url(), {"do": "publish", "version": first.pk})
    assert answer.headers["Location"] == f"{form_url()}?version={first.pk}"
    assert "版本 1 已发布" in said(client.get(answer.headers["Location"]))
    second = upload(actor, "own.xlsx", sheets("2", HOME))
    page = said(client.get(form_url()))  # the draft is what one came for
    assert "现在发布的版本 1 随之停用；已用它填写的仍然收下。" in page
    assert "别的版本不变。" in page
    assert "手机不再收到这张表单" not in page
    client.post(form_url(), {"do": "publish", "version": second.pk})
    assert states("own") == {"1": "retired", "2": "published"}
    assert "手机不再收到这张表单" in said(client.get(form_url()))
    client.post(form_url(), {"do": "retire", "version": second.pk})
    assert states("own") == {"1": "retired", "2": "retired"}
    page = said(client.get(f"{form_url()}?version={first.pk}"))
    assert 'value="publish"' in page
    assert 'value="discard"' not in page
    third = upload(actor, "own.xlsx", sheets("3", HOME))
    assert client.post(form_url(), {"do": "discard", "version": third.pk}).headers["Location"] == form_url()
    assert states("own") == {"1": "retired", "2": "retired"}
    lone = upload(actor, "lone.xlsx", sheets("1", HOME, key="lone"))
    other = client.post(form_url(), {"do": "discard", "version": lone.pk})  # of another form
    assert "BF-2608" in said(other, 404)
    assert "BF-2608" in said(client.post(form_url(), {"do": "publish", "version": "x"}), 404)
    assert "BF-2613" in said(client.post(form_url(), {"do": "dance", "version": first.pk}), 400)
    assert states("lone") == {"1": "draft"}
    answer = client.post(form_url("lone"), {"do": "discard", "version": lone.pk})
    assert answer.headers["Location"] == LIST
    assert "草稿 1 已删除。" in said(client.get(LIST))
    assert not Form.objects.filter(key="lone").exists()


def test_who_uploaded_a_version_and_the_words_of_the_converter_are_told(client: Client) -> None:
    take(client, "own.xlsx", SURVEY.read_bytes())
    page = said(client.get(form_url("socio-economic-survey")))
    assert "forms（测试）" in page
    assert "own.xlsx" in page
    assert "转换程序的提醒" in page
    assert "French" in page


def test_what_is_taken_along_is_what_phones_get_and_what_was_handed_in(client: Client, county: County) -> None:
    workbook = sheets("1/ä", HOME)
    version = upload(county.operator(), "own.xlsx", workbook)
    answer = client.get(version_url("xform", "1/ä"))
    assert answer.content == version.content
    assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''own-1_%C3%A4.xml"
    assert client.get(version_url("workbook", "1/ä")).content == workbook
    example = client.get(reverse("fieldwork:shipped", kwargs={"shipped": "visit_registered"}))
    assert converted("a.xlsx", example.content).form == shipped("visit_registered").form
    assert "BF-2612" in said(client.get(reverse("fieldwork:shipped", kwargs={"shipped": "none"})), 404)


# ---- a version question by question


def test_a_version_is_shown_in_the_order_of_its_questions_and_in_its_own_languages(client: Client) -> None:
    client.post(LIST, {"do": "ship", "form": "visit_registered"})
    version = recipes()["visit_registered"]["version"]
    url = version_url("version", version, "visit_registered")
    page, form = said(client.get(url)), shipped("visit_registered").form
    places = [page.index(f'id="q-{q.name}"') for q in form.questions if q.control]
    assert places == sorted(places)
    title = known_facts()["house_grade"].title
    at = page[page.index('id="q-house_grade"') :].partition("</li><li")[0]
    facts = reverse("fieldwork:facts")
    assert f'<a href="{facts}?q=house_grade#facts-title">{title.zh}</a>' in at
    assert "单选" in at
    assert "${away} = &#x27;no&#x27; and ${mode} = &#x27;home&#x27;" in page  # of the group of the house
    assert "重复组" in page
    english = said(client.get(url, {"lang": EN}))
    label = form.by_path["/data/needs/kind"].label
    chinese, foreign = (
        f'<span class="step-title" lang="{code}">{escape(label[name])}</span>' for code, name in (("zh", ZH), ("en", EN))
    )
    assert (chinese in page, foreign in page) == (True, False)
    assert (chinese in english, foreign in english) == (False, True)
    both = said(client.get(url, {"lang": "all"}))
    assert both.index(chinese) < both.index(foreign)
    # The reader's own language comes first, whatever is asked for that the form does not have.
    reader = said(client.get(url, {"lang": "xx"}, headers={"Accept-Language": "en"}))
    assert (chinese in reader, foreign in reader) == (False, True)


def test_what_a_form_lays_out_is_read_with_its_conditions() -> None:
    rows = [
        {"type": "text", "name": "a", "label": "A", "hint": "Look"},
        {"type": "begin_group", "name": "g", "label": "G of ${a}", "relevant": "${a} != ''"},
        {"type": "integer", "name": "n", "label": "N", "constraint": ". > 3", "constraint_message": "more"},
        {"type": "calculate", "name": "c", "calculation": "${n} * 2"},
        {"type": "image", "name": "p", "label": "P", "appearance": "signature"},
        {"type": "end_group"},
        {"type": "begin_repeat", "name": "r", "label": "R", "repeat_count": "${n}"},
        {"type": "select_one_from_file villages.csv", "name": "v", "label": "V", "relevant": "${a} = 'x' and ${n} > 1"},
        {"type": "text", "name": "w", "label": "W", "relevant": "${v} = 'x'"},
        {"type": "end_repeat"},
        {"type": "note", "name": "o", "label": "O"},
        {"type": "integer", "name": "sum", "label": "Sum", "readonly": "yes", "calculation": "${n} + 1"},
        {"type": "start", "name": "begun"},
    ]  # fmt: skip
    form = converted("a.xlsx", sheets("1", *rows))
    laid = outline(form.xml)
    assert [node.name for node in laid.seen] == ["a", "g", "r", "o", "sum"]
    a, g, r, o, total = laid.seen
    n, p = g.children
    v, w = r.children
    assert (a.hint, g.label, g.when) == ({"": "Look"}, {"": "G of ${a}"}, "${a} != ''")
    assert (n.must, n.says) == (". > 3", {"": "more"})
    assert (r.sort, r.times, v.file, v.when, w.when) == (
        "repeat",
        "${n}",
        "villages.csv",
        "${a} = 'x' and ${n} > 1",
        "${v} = 'x'",
    )
    assert {node.name: node.reckoned for node in laid.unseen} == {"c": "${n} * 2", "begun": ""}
    assert [q.name for q in unused(form.form, ())] == ["a", "n", "p", "v", "w"]
    assert o.question is not None
    assert not o.question.asks
    told = {
        t["node"].name: str(t["type"])
        for t in Laying(laid.form, "", Looked([], [], [])).tree((a, n, p, v, o, total, *laid.unseen))
    }
    assert told == {
        "a": "文本",
        "n": "整数",
        "p": "签字",
        "v": "单选",
        "o": "说明",
        "sum": "自动计算",
        "c": "自动计算",
        "begun": "手机自动记录",
    }


# ---- versions compared


def test_what_a_version_asks_otherwise_is_told(client: Client, county: County) -> None:
    actor = county.operator()
    group = ({"type": "begin_group", "name": "house", "label": "House"}, {"type": "end_group"})
    one_ = (
        HOME,
        GRADE,
        CHAT,
        {"type": "text", "name": "moved", "label": "Moved"},
        {"type": "integer", "name": "n", "label": "N"},
    )
    two = (
        HOME,
        {**GRADE, "label": "Grade of the house", "required": "yes", "bind::bf:fact": "house_repair"},
        {"type": "decimal", "name": "n", "label": "N", "constraint": ". > 0"},
        {"type": "text", "name": "new", "label": "New", "bind::bf:fact": "address"},
        group[0],
        {"type": "text", "name": "moved", "label": "Moved"},
        group[1],
    )
    first = upload(actor, "own.xlsx", sheets("1", *one_, choices=GRADES))
    FormVersion.objects.filter(pk=first.pk).update(state="published", published_on="2020-04-01")
    changed = [{**GRADES[0], "label": "Good"}, *GRADES[1:3], {"list_name": "g", "name": "E", "label": "E"}]
    second = upload(actor, "own.xlsx", sheets("2", *two, choices=changed))
    what = difference(outline(first.content), outline(second.content))
    assert [node.name for node in what.added] == ["new"]
    assert [node.name for node in what.removed] == ["chat"]
    told = {c.node.name: {str(x.what): (str(x.before), str(x.after)) for x in c.changes} for c in what.changed}
    assert told == {
        "grade": {
            "题目": ("Grade", "Grade of the house"),
            "对应的登记项": ("house_grade", "house_repair"),
            "必填": ("否", "是"),
            "选项": ("A = A; D = D", "A = Good; E = E"),
        },
        "n": {"题型": ("整数", "小数"), "限制": ("", ". > 0")},
        "moved": {"位置": ("/data/moved", "/data/house/moved")},
    }
    page = said(client.get(version_url("differences", "2")))
    for words in ("增加的题", "删去的题", "改动的题", "A chat", "<ins>Grade of the house</ins>", "<del>Grade</del>"):
        assert words in page
    upload(actor, "own.xlsx", sheets("3", *two, choices=changed))
    assert "两个版本问的一样。" in said(client.get(version_url("differences", "3"), {"with": second.pk}))
    assert client.get(version_url("differences", "3")).context["other"].version == "1"  # what phones have now
    lone = upload(actor, "lone.xlsx", sheets("1", HOME, key="lone"))
    assert "这张表单没有别的版本。" in said(client.get(reverse("fieldwork:differences", kwargs={"version": lone.pk})))


# ---- the facts


def test_a_question_written_as_the_list_of_facts_says_fits(county: County) -> None:
    """Each fact, by the type and the codes that the page names, is told by a form without complaint; and none is left out."""
    known = known_facts()
    choices = [
        {"list_name": key.replace(".", "__"), "name": code, "label": str(title)}
        for key, fact in known.items()
        for code, title in fact.codes.items()
    ]

    def row(key: str) -> dict[str, Any]:
        name = key.replace(".", "__")
        kind = known[key].type
        asked = f"{kind} {name}" if kind in ("select_one", "select_multiple") else kind
        return {"type": asked, "name": name, "label": key, "bind::bf:fact": key}

    inside = {PERSON: [k for k, f in known.items() if f.of == MEMBER], NEED: [k for k, f in known.items() if f.of == OF_NEED]}
    rows = [row(key) for key in known if key not in (*inside[PERSON], *inside[NEED])]
    for of, keys in inside.items():
        assert keys
        rows += [
            {"type": "begin_repeat", "name": f"of_{of}", "label": of, "bind::bf:fact": of},
            *map(row, keys),
            {"type": "end_repeat"},
        ]
    settings = [{"form_id": "all", "version": "1", "namespaces": NAMESPACE}]
    form = of_sheets("all", {"survey": rows, "choices": choices, "settings": settings}).form
    assert {q.fact for q in form.questions if q.fact} == set(known)
    assert [str(problem) for problem in complaints(form, ground())] == []
    used = {q.fact for key in recipes() for q in shipped(key).form.questions if q.fact}
    assert used <= set(known)
    assert set(known["need.kind"].codes) == set(kinds_on().work)
    assert sum(fact.of == INCOME for fact in known.values()) > 40


def test_the_facts_are_found_by_name_key_and_code_and_leafed_through(client: Client) -> None:
    url = reverse("fieldwork:facts")
    page = client.get(url)
    text, listing = said(page), page.context["listing"]
    assert NAMESPACE.replace('"', "&quot;") in text
    assert all(reverse("fieldwork:shipped", kwargs={"shipped": key}) in text for key in recipes())
    known = list(known_facts())
    assert listing.total.number == len(known)
    seen, address = [row.of_.key for row in listing.rows], listing.next_url
    while address:
        listing = client.get(url + address).context["listing"]
        seen += [row.of_.key for row in listing.rows]
        address = listing.next_url
    assert seen == known
    back = client.get(url + listing.previous_url).context["listing"]
    assert [row.of_.key for row in back.rows] == known[-len(listing.rows) - 50 : -len(listing.rows)]

    def found(**asked: str) -> set[str]:
        return {row.of_.key for row in client.get(url, {"size": "200"} | asked).context["listing"].rows}

    assert found(q="house_grade") == {"house_grade"}
    assert "house_grade" in found(q="危房级别")
    assert "school_status" in found(q="dropped_out")
    assert found(of="need") == {"need.kind", "need.severity", "need.words"}
    assert found(of="visit", type="geopoint") == {"visit.position"}
    assert "water_litres" in found(read="yes") - found(read="no")
    assert "bank" in found(read="no") - found(read="yes")
    assert found(q="no such thing") == set()


def test_the_sheets_of_a_shipped_form_are_offered_to_begin_with(client: Client) -> None:
    page = client.get(reverse("fieldwork:shipped", kwargs={"shipped": "self_report"}))
    assert page.headers["Content-Disposition"] == 'attachment; filename="self_report.xlsx"'
    changed = {name: [dict(row) for row in rows] for name, rows in shipped_sheets("self_report").items()}
    changed["settings"][0] |= {"form_id": "our_report", "version": "1"}
    assert take(client, "our.xlsx", workbook_of(changed)).status_code == 302
    version = FormVersion.objects.get(form__key="our_report")
    assert len(version.facts) == len([q for q in shipped("self_report").form.questions if q.fact])
    assert client.post(form_url("our_report"), {"do": "publish", "version": version.pk}).status_code == 302
