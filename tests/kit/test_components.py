"""The tags, the bundle's manifest, the drawings, and every preview in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import Http404
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe

from bangfu.foundation.say import Text
from bangfu.kit.addresses import Address
from bangfu.kit.assets import tags
from bangfu.kit.listing import Column, Listing, Option, State
from bangfu.kit.pages import samples, views
from bangfu.kit.parts import Fact, FactGroup, VerdictCounts
from bangfu.kit.shapes import drawing
from bangfu.kit.templatetags.kit import icon, is_here, t, verdict, verdict_bar

CHUNKS: dict[str, dict[str, Any]] = {
    "src/main.ts": {"file": "main-1.js", "css": ["main-1.css"], "imports": ["_shared.js"]},
    "src/fonts.css": {"file": "fonts-1.css"},
    "_shared.js": {"file": "shared-1.js", "css": ["shared-1.css"]},
}


def write(source: str, address: str = "/", **context: Any) -> str:
    return Template("{% load kit %}" + source).render(Context({"request": RequestFactory().get(address), **context}))


def test_an_entry_brings_its_styles_its_imports_and_itself() -> None:
    assert re.findall(r"kit/dist/([\w.-]+)", tags("src/main.ts", CHUNKS)) == [
        "shared-1.css",
        "main-1.css",
        "shared-1.js",
        "main-1.js",
    ]
    assert tags("src/fonts.css", CHUNKS).startswith('<link rel="stylesheet"')
    assert tags("src/none.ts", CHUNKS) == ""


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "共 3 户"), ("en", "3 households")])
def test_t_speaks_the_reader_s_language(language: str, words: str) -> None:
    with translation.override(language):
        assert t("共 {n} 户", "{n} households", n=3) == words


def test_t_escapes_what_it_is_given() -> None:
    assert "&lt;b&gt;" in t("{x}", "{x}", x="<b>")


def test_a_verdict_is_told_by_shape_and_word() -> None:
    with translation.override("en"):
        assert verdict("unmet") == '<span class="v v-unmet"><i></i>Unmet</span>'
        assert verdict("met", compact=True, label="Water") == '<i class="v v-met" role="img" title="Water Met"></i>'


def test_the_rows_of_a_list_are_written_cell_by_cell() -> None:
    """What is text is escaped, what is markup stays, nothing is a dash, a number is grouped; a row leads to its page."""
    listing = Listing(
        [
            Column("name", "Name", phone="title"),
            Column("note", "Note", phone="named"),
            Column("size", "Size", kind="number", short=Text("数", "no."), phone="hide"),
            Column("mark", "Mark", lambda row: mark_safe("<i></i>"), kind="mark", phone="mark"),
        ]
    )
    rows = [{"name": "<b>", "note": None, "size": 1234}, {"name": "冉守田", "note": "a&b", "size": None}]
    page = listing.show(rows, State(), row_url=lambda row: "/?a=1&b" if row["note"] else "")
    with translation.override("en"):
        written = write("{% table_rows page %}", page=page)
    assert written == (
        '<tr><th scope="row" class="text p-title">&lt;b&gt;</th><td class="text p-named" data-name="Note">–</td>'
        '<td class="number p-hide" data-name="no.">1,234</td><td class="mark p-mark"><i></i></td></tr>\n'
        '<tr data-href="/?a=1&amp;b"><th scope="row" class="text p-title"><a href="/?a=1&amp;b">冉守田</a></th>'
        '<td class="text p-named" data-name="Note">a&amp;b</td>'
        '<td class="number p-hide" data-name="no.">–</td><td class="mark p-mark"><i></i></td></tr>\n'
    )


def test_a_bar_tells_its_numbers_and_fills_its_width() -> None:
    with translation.override("en"):
        bar = verdict_bar(VerdictCounts(met=75, unmet=25), label="Water")
    assert 'aria-label="Water Unmet 25, Met 75"' in bar
    assert 'class="b-unmet" x="0.0" width="50.0"' in bar
    assert 'class="b-met" x="50.0" width="150.0"' in bar


def test_an_unknown_icon_draws_nothing() -> None:
    assert icon("no-such-icon") == ""
    assert 'aria-hidden="true"' in icon("house")


def test_a_link_keeps_the_rest_of_the_query() -> None:
    assert write('{% query_with sort="-x" after=None %}', "/?kind=registered&after=abc&q=") == "?kind=registered&amp;sort=-x"


def test_the_rail_marks_the_longest_address_that_fits() -> None:
    class Link:
        def __init__(self, key: str, url: str) -> None:
            self.key, self.url = key, url

    home, register, imports = Link("home", "/"), Link("register", "/register/"), Link("imports", "/register/imports/")
    context = Context({"places": [home, register, imports], "request": RequestFactory().get("/register/imports/3/")})
    assert [is_here(context, link) for link in (home, register, imports)] == [False, False, True]


def test_unmet_share_is_of_those_assessed() -> None:
    assert VerdictCounts(met=3, unmet=1, not_assessed=96).unmet_share == 0.25
    assert VerdictCounts(not_assessed=5).unmet_share is None


def test_a_source_that_facts_share_is_said_once() -> None:
    assert (
        FactGroup(
            "x", "x", [Fact("a", 1, source="visit"), Fact("b", 2, source="visit"), Fact("c", 3, source="feed")]
        ).common_source
        == "visit"
    )
    assert FactGroup("x", "x", [Fact("a", 1, source="visit")]).common_source == ""


def test_a_drawing_marks_several_places() -> None:
    drawn = drawing(samples.geo()["cells"], {"cn/1/04/", "cn/1/05/"})
    assert [shape.here for shape in drawn.shapes][-2:] == [True, True]
    assert sum(shape.here for shape in drawn.shapes) == 2


def test_a_drawing_keeps_proportions_and_marks_the_place() -> None:
    drawn = drawing(samples.geo()["cells"], "cn/1/04/", width=200, height=100)
    assert len(drawn.shapes) == len(samples.TOWNSHIPS)
    assert [shape.here for shape in drawn.shapes].count(True) == 1
    assert drawn.shapes[-1].here
    numbers = [float(n) for shape in drawn.shapes for n in re.findall(r"-?[\d.]+", shape.d)]
    assert min(numbers) >= 6
    assert max(numbers[1::2]) <= 94
    assert drawing({"features": []}, "").shapes == ()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("page", [*views.TEMPLATES, "living"])
def test_every_preview_is_whole_in_both_languages(page: str, language: str) -> None:
    template, context = views.TEMPLATES.get(page, ("kit/living.html", samples.living))
    request = RequestFactory().get("/kit/")
    request.csp_nonce = ""  # type: ignore[attr-defined]
    from django.shortcuts import render

    with translation.override(language):
        html = render(request, template, context(request)).content.decode()
    assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in html
    assert "notice-synthetic" in html
    assert "Text(" not in html
    assert not re.search(r"https?://(?!127\.0\.0\.1|www\.w3\.org)", html)


def test_previews_are_off_unless_they_are_switched_on() -> None:
    request = RequestFactory().get("/kit/")
    with pytest.raises(Http404):
        views.components(request)
    with override_settings(BANGFU_PREVIEW=True), pytest.raises(Http404):
        views.preview(request, page="no-such-page")


def test_a_tag_of_constants_is_made_when_the_template_is_read() -> None:
    page = Template(
        "{% t '户' 'households' %}{% icon 'search' %}{% verdict 'met' %}{% t '人' 'persons' as who %}|{{ who }}|{% t word '<b>' %}"
    )
    for lang, words in (("zh-hans", ("户", "达标", "|人|")), ("en", ("households", "Met", "|persons|"))):
        with translation.override(lang):
            shown = page.render(Context({"word": "<i>"}))
        assert all(word in shown for word in words), shown
        assert icon("search") in shown
    with translation.override("zh-hans"):
        assert page.render(Context({"word": "<i>"})).endswith("|&lt;i&gt;")  # a variable is still looked up, and escaped


def test_what_is_written_in_code_is_escaped() -> None:
    bad = '<b>"&'
    choice = [Option(bad, bad)]
    for source in ("{% options choice %}", "{% links pairs %}", "{% count_link 3 bad %}", "{% known bad %}"):
        shown = write(source, choice=choice, pairs=[(bad, bad)], bad=bad)
        assert "<b>" not in shown
        assert "&lt;b&gt;&quot;&amp;" in shown
    assert "selected" in write("{% options choice bad %}", choice=choice, bad=bad)
    assert (
        write("{% count_link 0 '/x/' %}{% count_link none '/x/' %}", none=None)
        == '<span class="zero">0</span><span class="zero">–</span>'
    )
    listing = Listing(columns=[Column("name", bad, sort=("name",), short=bad), Column("of", bad)])
    page = listing.show([{"name": bad, "of": mark_safe("<i></i>")}], State(), row_url=lambda row: bad)
    shown = write("{% table_heads listing %}{% table_rows listing %}", listing=page)
    assert "<b>" not in shown
    assert "<i></i>" in shown


def test_an_address_is_reversed_once_and_quoted_as_django_quotes() -> None:
    household = Address("register:household", "number")
    for number in ("52032310120500001", "T/1", "户 1?", "a%b"):
        assert household(number) == reverse("register:household", kwargs={"number": number})
