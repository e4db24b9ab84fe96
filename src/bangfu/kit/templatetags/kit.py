"""The tags and filters of every template: two languages, numbers, verdicts, icons, links that keep their query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, TypeVar
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template import Context
from django.template.base import Node, Parser, Token
from django.template.defaultfilters import capfirst
from django.templatetags.static import static
from django.utils import translation
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text, in_number, language
from bangfu.foundation.terms import term, worded_in
from bangfu.kit import numbers
from bangfu.kit.assets import manifest, tags
from bangfu.kit.icons import ICONS
from bangfu.kit.parts import VERDICTS

TICK_ALL = Text("勾选本页全部", "Tick all of this page")

S = TypeVar("S", bound=str)
HERE = ' aria-current="page"'
register = template.Library()


class ReadyNode(Node):
    """A tag of which all is known when the template is read: made in both languages then, chosen when it is shown."""

    child_nodelists = ()

    def __init__(self, made: Mapping[str, str], target: str | None) -> None:
        self.made, self.target = made, target

    def render(self, context: Context) -> str:
        """The tag in the reader's language; nothing where it is kept under a name."""
        made = self.made[language()]
        if self.target is None:
            return made
        context[self.target] = made
        return ""


def ready(function: Callable[..., S]) -> Callable[..., S]:
    """A simple tag that is made when the template is read where it is given nothing but texts in quotes.

    A page has hundreds of these, and to look up the arguments of each costs more than what is said.
    """
    name = function.__name__
    usual: Callable[[Parser, Token], Node] = register.tags[name]

    def read(parser: Parser, token: Token) -> Node:
        _, *bits = token.split_contents()
        target = bits[-1] if len(bits) > 1 and bits[-2] == "as" else None
        given = [parser.compile_filter(bit) for bit in bits[: -2 if target else None] if bit[0] in "\"'"]
        if len(given) != len(bits) - 2 * bool(target) or any(one.is_var or one.filters for one in given):
            return usual(parser, token)
        made = {}
        for lang, code in (("zh", "zh-hans"), ("en", "en")):
            with translation.override(code):
                made[lang] = conditional_escape(function(*(one.var for one in given)))
        return ReadyNode(made, target)

    register.tag(name, read)
    return function


@register.simple_tag
def asset(entry: str) -> SafeString:
    """The link and script elements of an entry of the front end: `{% asset "src/main.ts" %}`."""
    return tags(entry, manifest())


@register.simple_tag
def kit_static(path: str) -> str:
    """The address of a static file, without loading the library of static files in every template."""
    return static(path)


@register.simple_tag
def map_words(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a map with the words that its script needs in the reader's language."""
    words = {
        "none": Text("无数据", "No data"),
        "failed": Text("地图没有载入，请用旁边的列表。", "The map did not load; use the list beside it."),
        "no_webgl": Text("此设备不能显示地图，请用旁边的列表。", "This device cannot draw the map; use the list beside it."),
        "open": Text("进入", "Open"),
        "gestures": Text("缩放请按住 Ctrl 滚动，或用两根手指", "Zoom with Ctrl and the wheel, or with two fingers"),
        "title": drawn.get("title", ""),
    }
    return {**drawn.get("data", {}), "words": {key: say(value) for key, value in words.items()}}


@register.simple_tag
def page_language() -> str:
    """The language tag of the page: `zh-Hans` or `en`."""
    return "en" if language() == "en" else "zh-Hans"


@ready
@register.simple_tag
def t(zh: str, en: str, **values: Any) -> str:
    """A text in the reader's language: `{% t "共 {n} 户" "{n} household(s)" n=total %}`, where `(s)` follows its number; `{term.key}` in it is the word of today."""
    words = worded_in(en if language() == "en" else zh, language())
    if not values:
        return words
    return mark_safe(in_number(format_html(words, **values)))


@register.simple_tag(name="term")
def term_tag(key: str) -> str:
    """Today's word of a term as it stands alone: `{% term "registered_households" %}`."""
    return str(term(key).as_heading())


@register.filter
def without_numbers(value: Any, known: Any = ()) -> str:
    """A text of a problem without a long number: what somebody typed is not repeated on a page. `known`: numbers of households, which stay."""
    return hide(str(value), known if isinstance(known, tuple) else ())


@register.filter
def say(value: Any) -> str:
    """A Text, or a mapping `{zh, en}`, in the reader's language; anything else as it is."""
    if isinstance(value, Mapping):
        return str(value.get(language(), value.get("zh", "")))
    return "" if value is None else str(value)


@register.simple_tag(name="say")
def say_tag(value: Any, **values: Any) -> str:
    """A Text with its places filled: `{% say column.title n=3 %}`."""
    return say(value.format(**values) if values and isinstance(value, Text) else value)


@register.filter
def number(value: Any, how: int | str | None = None) -> str:
    """`126,201`. `|number:2` rounds to two decimals; `|number:"wan"` groups by 万 and 亿, as BANGFU_GROUPING may do for all."""
    grouping = how if isinstance(how, str) else getattr(settings, "BANGFU_GROUPING", "thousands")
    if grouping == "wan" and not isinstance(how, int):
        return numbers.in_myriads(value, language())
    return numbers.grouped(value, how if isinstance(how, int) else None)


@register.filter
def yuan(fen: Any) -> str:
    """Fen as whole money, decimals only where there are some: `12,300`, `0.50`, `−3`."""
    if fen is None or fen == "":
        return numbers.BLANK
    return numbers.grouped(Decimal(int(fen)) / 100, 2 if int(fen) % 100 else 0)


@register.filter
def plain_number(value: Any) -> str:
    """A number without noughts at its end: `3.60` → `3.6`."""
    return numbers.BLANK if value is None else f"{Decimal(str(value)).normalize():f}"


@register.filter
def signed(value: Any) -> str:
    """A change with its sign."""
    return numbers.signed(value)


@register.filter
def share(value: Any) -> str:
    """A ratio as per cent with one digit."""
    return numbers.percent(value)


@register.filter
def share_of(part: Any, whole: Any) -> str:
    """A part of a whole as per cent; blank where the whole is nothing."""
    return numbers.percent(Decimal(str(part)) / Decimal(str(whole)) if whole else None)


@register.filter
def day(value: Any) -> str:
    """`2020-04-28`."""
    return numbers.iso_day(value)


@register.filter
def day_short(value: Any) -> str:
    """`4月28日`, `28 Apr`."""
    return numbers.short_day(value, language()) if hasattr(value, "month") else numbers.iso_day(value)


@register.filter
def hour(value: Any) -> str:
    """`14:05` in the county's time zone."""
    return numbers.hour(value)


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """The value of a mapping under a key that is itself a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def at(values: Any, index: int) -> Any:
    """The value at a place of a sequence, None beyond its end."""
    return values[index] if values and index < len(values) else None


@register.filter
def short_of(thing: Any) -> str:
    """The short name of a guarantee or a column, else its title."""
    return say(getattr(thing, "short", None) or getattr(thing, "title", ""))


@register.filter
def listed(values: Any) -> str:
    """Names side by side, with the comma of the reader's language."""
    return ("、" if language() == "zh" else ", ").join(str(value) for value in values)


@register.filter
def words(raw: str) -> list[str]:
    """The words of a text: `"met unmet"|words`."""
    return raw.split()


@register.filter
def words_of(state: str) -> str:
    """The word of a state: `unmet` → 未达标."""
    return str(VERDICTS.get(state, state))


@ready
@register.simple_tag
def verdict(state: str, *, compact: bool = False, label: Any = "", count: Any = None) -> SafeString:
    """A verdict by shape and word. Compact shows the shape alone and keeps the word for the ear and the pointer."""
    if state not in VERDICTS:
        return mark_safe('<span class="muted" aria-hidden="true">·</span>') if not state else conditional_escape(state)
    word = str(VERDICTS[state])
    if compact:
        said = f"{say(label)} {word}".strip()
        return _shape(state, said)
    after = "" if count is None else format_html(' <span class="number">{}</span>', number(count))
    return format_html('<span class="v v-{}"><i></i>{}{}</span>', state, word, after)


@lru_cache(maxsize=256)
def _shape(state: str, said: str) -> SafeString:
    return format_html('<i class="v v-{}" role="img" title="{}"></i>', state, said)


@register.simple_tag
def table_rows(listing: Any) -> SafeString:
    """The rows of a list (`kit.listing.Page`), each with a cell per column, the first of them its head.

    Written here and not as a template: a page has hundreds of cells, and a template would look up every name of each of them.
    """
    first, *others = listing.columns
    starts = [f'<th scope="row" class="{first.kind} p-{first.phone}">', *map(_cell_start, others)]
    writers = [_shown, *(_number if column.kind == "number" else _shown for column in others)]
    said = str(language())
    rows = []
    for row in listing.rows:
        head, *cells = [write(value, said) for write, value in zip(writers, row.values, strict=True)]
        opening = "<tr>"
        if row.url:
            url = escape(row.url)
            head, opening = f'<a href="{url}">{head}</a>', f'<tr data-href="{url}">'
        if listing.ticks:
            head = _tick(listing.ticks, row.of_.pk, head) + head
        written = "".join([f"{start}{cell}</td>" for start, cell in zip(starts[1:], cells, strict=True)])
        rows.append(f"{opening}{starts[0]}{head}</th>{written}</tr>\n")
    return mark_safe("".join(rows))


def _tick(form: str, key: int, head: str) -> str:
    """A box by which a row is chosen for an act on many: it belongs to the form that stands beside the list."""
    label = escape(strip_tags(head))
    return f'<label class="tick"><input type="checkbox" form="{form}" name="row" value="{key}" aria-label="{label}"></label>'


def _cell_start(column: Any) -> str:
    name = column.short or (column.title if column.phone == "named" else "")
    told = format_html(' data-name="{}"', say(name)) if name else ""
    return format_html('<td class="{} p-{}"{}>', column.kind, column.phone, told)


def _number(value: Any, said: str) -> str:
    return conditional_escape(number(value))


def _shown(value: Any, said: str) -> str:
    """A cell's value as a template shows it; the kinds that fill a page are told apart first, since asking Django is slow."""
    kind = type(value)
    if kind is SafeString:
        return str(value)
    if kind is str:
        return escape(value)
    if kind is Text:
        return escape(value.in_language(said))
    return conditional_escape(numbers.BLANK if value is None else localize(value))


@register.simple_tag
def table_heads(listing: Any) -> SafeString:
    """The heads of a list's columns: a link that sorts where a column can be sorted by, narrow ones by their short words; first the box that ticks all rows."""
    lang = language()
    heads = [_head(head, lang) for head in listing.heads]
    if listing.ticks and heads:
        box = f'<input type="checkbox" data-ticks="{listing.ticks}" aria-label="{_shown(TICK_ALL, lang)}">'
        heads[0] = heads[0].replace(">", f'><span class="tick" hidden>{box}</span>', 1)
    return mark_safe("".join(heads))


def _head(head: Any, lang: str) -> str:
    column, title = head.column, _shown(head.column.title, lang)
    short = str(column.short)
    told = f'<abbr title="{title}">{_shown(short, lang)}</abbr>' if short else title
    if head.url:
        arrow = {"": "↕", "ascending": "↑"}.get(head.sorted, "↓")
        told = (
            f'<a id="sort-{_shown(column.key, lang)}" href="{_shown(head.url, lang)}">{told}'
            f'<span class="arrow" aria-hidden="true">{arrow}</span></a>'
        )
    active = f' aria-sort="{head.sorted}"' if head.sorted else ""
    return f'<th scope="col" class="{column.kind}"{active}>{told}</th>'


@register.simple_tag
def options(choices: Any, chosen: Any = "") -> SafeString:
    """The options of a select (`kit.listing.Option`), the chosen one selected."""
    lang = language()
    written = [
        f'<option value="{_shown(o.key, lang)}"{" selected" if o.key == chosen else ""}>{_shown(o.title, lang)}</option>'
        for o in choices
    ]
    return mark_safe("".join(written))


@register.simple_tag
def column_checks(listing: Any) -> SafeString:
    """The columns of a list to choose from: those that are there are ticked."""
    lang = language()
    default = "" if listing.state.columns else " data-default"
    written = [
        f'<label class="check"><input type="checkbox" name="cols" value="{_shown(column.key, lang)}"{" checked" if here else ""}'
        f"{default}>{_shown(column.title, lang)}</label>\n"
        for column, here in listing.column_choices
    ]
    return mark_safe("".join(written))


@register.simple_tag(takes_context=True)
def rail_places(context: Context) -> SafeString:
    """The places of the left rail (`foundation.screens.PageLink`), the one that the page belongs to marked."""
    lang = language()
    written = [
        f'<li><a href="{_shown(p.url, lang)}"{HERE if is_here(context, p) else ""}>{icon(p.icon)}'
        f"<span>{_shown(p.title, lang)}</span></a></li>"
        for p in context.get("places") or ()
    ]
    return mark_safe("".join(written))


@register.simple_tag
def links(pairs: Any) -> SafeString:
    """The items of a list of links: `(title, url)`."""
    lang = language()
    written = [f'<li><a href="{_shown(url, lang)}">{_shown(title, lang)}</a></li>' for title, url in pairs or ()]
    return mark_safe("".join(written))


@register.simple_tag
def count_link(n: Any, url: str = "") -> SafeString:
    """A number that is a link to the rows that it counts; nought is quiet and leads nowhere."""
    if not n:
        return mark_safe(f'<span class="zero">{numbers.BLANK if n is None else 0}</span>')
    told = escape(number(n))
    return mark_safe(f'<a class="plain" href="{escape(url)}">{told}</a>' if url else told)


@register.simple_tag
def fact_list(facts: Any, common: Any = "") -> SafeString:
    """Facts (`kit.parts.Fact`): each term with its value, unit and source; a source that is `common` is said elsewhere.

    A household has some forty of them: written here, and not as a template that looks up every name of each.
    """
    lang = language()
    return mark_safe("".join([_fact(fact, common, lang) for fact in facts]))


def _fact(fact: Any, common: Any, lang: str) -> str:
    value = fact.value
    if value is None or value == "":
        told = str(verdict("unknown"))
    else:
        told = escape(numbers.iso_day(value)) if hasattr(value, "year") and hasattr(value, "month") else _shown(value, lang)
        if fact.unit:
            told += f'<span class="unit">{_shown(fact.unit, lang)}</span>'
    source = ""
    if fact.source and fact.source != common:
        source = _shown(fact.source, lang)
        if fact.source_url:
            source = f'<a href="{escape(fact.source_url)}">{source}</a>'
        source = f'<span class="source">{source}</span>'
    return f"<div><dt>{_shown(fact.term, lang)}</dt><dd>{told}{source}</dd></div>"


@register.simple_tag
def known(value: Any) -> SafeString:
    """A value, or the mark of what is not known."""
    if value is None or value == "":
        return _shape("unknown", str(VERDICTS["unknown"]))
    return mark_safe(_shown(value, language()))


@register.simple_tag
def verdict_bar(counts: Any, *, large: bool = False, label: Any = "", silent: bool = False) -> SafeString:
    """A stacked bar of verdicts, the unmet first so that they compare along one edge.

    Its numbers are its accessible text; `silent` where they stand beside it.
    """
    amounts = {state: amount for state in VERDICTS if (amount := _amount(counts, state))}
    total = sum(amounts.values())
    pieces, x = [], 0.0
    for state, amount in amounts.items():
        width = 200 * amount / total
        pieces.append((state, f"{x:.1f}", f"{max(width, 1.2):.1f}"))
        x += width
    drawn = "".join(
        [
            f'<rect class="b-{state}" x="{left}" width="{width}" height="10"/>'
            for state, left, width in reversed(pieces or [("not_assessed", "0", "200")])
        ]
    )
    voice, told = 'aria-hidden="true"', ""
    if not silent:
        words = ("，" if language() == "zh" else ", ").join(f"{VERDICTS[s]} {number(n)}" for s, n in amounts.items())
        said = conditional_escape(f"{say(label)} {words}".strip() or str(Text("没有数据", "No data")))
        voice, told = f'role="img" aria-label="{said}"', f"<title>{said}</title>"
    extra = " vbar-large" if large else ""
    return mark_safe(f'<svg class="vbar{extra}" viewBox="0 0 200 10" preserveAspectRatio="none" {voice}>{told}{drawn}</svg>')


def _amount(counts: Any, state: str) -> int:
    raw = counts.get(state) if isinstance(counts, Mapping) else getattr(counts, state, 0)
    return int(raw or 0)


@ready
@register.simple_tag
def icon(name: str, label: Any = "") -> SafeString:
    """An icon from the set; without a label it is decoration. A name that is not in the set draws nothing."""
    path = ICONS.get(name)
    if path is None:
        return mark_safe("")
    told = format_html('role="img" aria-label="{}"', say(label)) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon" viewBox="0 0 24 24" {}><path d="{}"/></svg>', told, path)


@register.simple_tag(takes_context=True)
def is_here(context: Context, link: Any) -> bool:
    """Whether a place of the rail is the one that the page belongs to: `place` names it, else the longest address that fits."""
    if context.get("place"):
        return bool(context["place"] == link.key)
    request = context.get("request")
    path = request.path if request is not None else ""
    fitting = [p.url for p in context.get("places") or [] if path == p.url or (p.url != "/" and path.startswith(p.url))]
    return bool(fitting) and link.url == max(fitting, key=len)


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The present query string with changes: None or an empty text takes a name out. `{% query_with sort="-unmet" after=None %}`."""
    request = context.get("request")
    query = dict(request.GET.lists()) if request is not None else {}
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = [str(value)]
    return f"?{urlencode({name: values for name, values in query.items() if any(values)}, doseq=True)}"


@register.simple_tag(takes_context=True)
def sort_head(context: Context, key: str, title: Any, align: str = "number", first: str = "-") -> SafeString:
    """A head cell that sorts by a key: the first click as `first` says (largest on top), the next the other way.

    The present sort is `sort` in the context, `key` or `-key`.
    """
    present = str(context.get("sort") or "")
    active = present.lstrip("-") == key
    falling = present.startswith("-")
    target = (key if falling else f"-{key}") if active else f"{first}{key}"
    return format_html(
        '<th scope="col" class="{}"{}><a id="sort-{}" href="{}">{}<span class="arrow" aria-hidden="true">{}</span></a></th>',
        align,
        mark_safe(f' aria-sort="{"descending" if falling else "ascending"}"') if active else "",
        key,
        query_with(context, sort=target, after=None, before=None),
        capfirst(say(title)),
        ("↓" if falling else "↑") if active else "↕",
    )
