"""How a form of one's own is written, and every fact that a question can tell."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bangfu.fieldwork.catalogue import title_of, used_facts
from bangfu.fieldwork.known import OF, Known, known_facts
from bangfu.fieldwork.pages.one import PERMISSION, frame
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.xform import FACTS
from bangfu.foundation.access import page
from bangfu.foundation.say import Text
from bangfu.kit.forms import key_of
from bangfu.kit.listing import Choice, Column, Count, Listing, Option, Search, State
from bangfu.register.fields import fields

CODES = Text("{n} 个代码", "{n} code(s)")
YES, NO = Text("是", "yes"), Text("否", "no")
READ = {"yes": Text("有规则或指标使用", "read by a rule or a figure"), "no": Text("没有", "read by none")}


def _key(fact: Known) -> SafeString:
    return format_html("<code>{}</code>", fact.key)


def _type(fact: Known) -> SafeString:
    return format_html("<code>{}</code>", fact.type)


def _codes(fact: Known) -> Any:
    if not fact.codes:
        return "–"
    each = format_html_join("", "<li><code>{}</code> {}</li>", fact.codes.items())
    return format_html(
        '<details class="codes"><summary>{}</summary><ul class="plain">{}</ul></details>', CODES.format(n=len(fact.codes)), each
    )


def _same(rows: Any, _: str) -> Any:
    return rows  # what is listed comes from no table: `_matches` narrows it


def fact_list(read: frozenset[str]) -> Listing:
    """The list of facts; `read` are those that a rule or a figure reads."""
    types = dict.fromkeys(fact.type.partition(" ")[0] for fact in known_facts().values())
    return Listing(
        columns=[
            Column("title", Text("登记项", "Fact"), lambda f: f.title, phone="title", fixed=True),
            Column("key", Text("写法", "Written as"), _key, phone="line"),
            Column("of", Text("属于", "Of"), lambda f: OF[f.of], phone="full"),
            Column("type", Text("题型", "Type of the question"), _type, phone="line"),
            Column("codes", Text("选项代码", "Names of the choices"), _codes, phone="full"),
            Column("read", Text("规则、指标使用", "Read by rules, figures"), lambda f: _read(f, read), kind="word", phone="hide"),
        ],
        filters=[
            Choice("of", Text("属于", "Of"), _same, [Option(k, t) for k, t in OF.items()]),
            Choice("type", Text("题型", "Type"), _same, [Option(t, t) for t in types]),
            Choice("read", Text("规则、指标使用", "Read by rules, figures"), _same, [Option(k, t) for k, t in READ.items()]),
        ],
        search=Search(Text("名称、写法、代码", "Fact, key, code"), _same),
        empty=Text("没有这样的登记项。", "No such fact."),
    )  # fmt: skip


def _read(fact: Known, read: frozenset[str]) -> Text | str:
    if fact.key not in fields():
        return ""
    return YES if fact.key in read else NO


def _matches(fact: Known, state: State, read: frozenset[str]) -> bool:
    """Whether a fact is what the list is narrowed to."""
    asked, words = state.filters, state.words.lower()
    if asked.get("of", fact.of) != fact.of or asked.get("type", fact.type.partition(" ")[0]) != fact.type.partition(" ")[0]:
        return False
    if "read" in asked and _read(fact, read) != (YES if asked["read"] == "yes" else NO):
        return False
    said = [
        fact.key,
        fact.title.zh,
        fact.title.en,
        *fact.codes,
        *(t.zh for t in fact.codes.values()),
        *(t.en for t in fact.codes.values()),
    ]
    return not words or any(words in one.lower() for one in said)


@page(PERMISSION)
def facts(request: HttpRequest) -> HttpResponse:
    """How a form of one's own is written, workbooks to start from, and every fact that a question can tell."""
    read = used_facts()
    listing = fact_list(read)
    state = listing.read(request.GET)
    named = known_facts().get(state.words)  # a question of a form leads to its fact
    known = [named] if named else [fact for fact in known_facts().values() if _matches(fact, state, read)]
    first = min(key_of(state.after or state.before), len(known))
    last = first + state.size
    shown = listing.show(
        known[first:last],
        state,
        total=Count(len(known)),
        next_=str(last) if last < len(known) else None,
        previous=str(max(0, first - state.size)) if first else None,
    )
    context = frame(request) | {
        "listing": shown,
        "namespace": f'bf="{FACTS}"',
        "shipped": [(key, title_of(key)) for key in recipes()],
    }
    return render(request, "fieldwork/facts.html", context)
