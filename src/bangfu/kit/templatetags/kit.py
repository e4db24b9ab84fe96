"""The tags and filters of every template: two languages, numbers, verdicts, icons, links that keep their query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.http import QueryDict
from django.template import Context
from django.template.defaultfilters import capfirst
from django.templatetags.static import static
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from bangfu.foundation.hiding import hide
from bangfu.foundation.say import Text, language
from bangfu.kit import numbers
from bangfu.kit.assets import manifest, tags
from bangfu.kit.icons import ICONS
from bangfu.kit.parts import VERDICTS

register = template.Library()


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


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> str:
    """A text in the reader's language: `{% t "共 {n} 户" "{n} households" n=total %}`."""
    words = en if language() == "en" else zh
    if not values:
        return words
    return format_html(words, **values)


@register.filter
def without_numbers(value: Any) -> str:
    """A text of a problem without a long number: what somebody typed is not repeated on a page."""
    return hide(str(value))


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
def words(raw: str) -> list[str]:
    """The words of a text: `"met unmet"|words`."""
    return raw.split()


@register.filter
def words_of(state: str) -> str:
    """The word of a state: `unmet` → 未达标."""
    return str(VERDICTS.get(state, state))


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
    heads = [_cell_head(column) for column in listing.columns[1:]]
    return mark_safe("".join(_table_row(row, listing.columns, heads) for row in listing.rows))


def _cell_head(column: Any) -> str:
    name = column.short or (column.title if column.phone == "named" else "")
    told = format_html(' data-name="{}"', say(name)) if name else ""
    return format_html('<td class="{} p-{}"{}>', column.kind, column.phone, told)


def _table_row(row: Any, columns: Sequence[Any], heads: Sequence[str]) -> str:
    head, opening = conditional_escape(localize(row.cells[0].value)), "<tr>"
    if row.url:
        url = conditional_escape(row.url)
        head, opening = mark_safe(f'<a href="{url}">{head}</a>'), f'<tr data-href="{url}">'
    cells = [f"{start}{_cell(cell)}</td>" for start, cell in zip(heads, row.cells[1:], strict=True)]
    return f'{opening}<th scope="row" class="{columns[0].kind} p-{columns[0].phone}">{head}</th>{"".join(cells)}</tr>\n'


def _cell(cell: Any) -> str:
    if cell.column.kind == "number":
        return conditional_escape(number(cell.value))
    return conditional_escape(numbers.BLANK if cell.value is None else localize(cell.value))


@register.simple_tag
def verdict_bar(counts: Any, *, large: bool = False, label: Any = "", silent: bool = False) -> SafeString:
    """A stacked bar of verdicts, the unmet first so that they compare along one edge.

    Its numbers are its accessible text; `silent` where they stand beside it.
    """
    amounts = {state: _amount(counts, state) for state in VERDICTS}
    total = sum(amounts.values())
    told = ("，" if language() == "zh" else ", ").join(f"{VERDICTS[s]} {number(n)}" for s, n in amounts.items() if n)
    pieces, x = [], 0.0
    for state, amount in amounts.items():
        if not amount:
            continue
        width = 200 * amount / total
        pieces.append((state, f"{x:.1f}", f"{max(width, 1.2):.1f}"))
        x += width
    said = f"{say(label)} {told}".strip() or str(Text("没有数据", "No data"))
    voice = mark_safe('aria-hidden="true"') if silent else format_html('role="img" aria-label="{}"', said)
    return format_html(
        '<svg class="vbar{}" viewBox="0 0 200 10" preserveAspectRatio="none" {}>{}{}</svg>',
        " vbar-large" if large else "",
        voice,
        mark_safe("") if silent else format_html("<title>{}</title>", said),
        format_html_join(
            "", '<rect class="b-{}" x="{}" width="{}" height="10"/>', reversed(pieces or [("not_assessed", "0", "200")])
        ),
    )


def _amount(counts: Any, state: str) -> int:
    raw = counts.get(state) if isinstance(counts, Mapping) else getattr(counts, state, 0)
    return int(raw or 0)


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
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    for name in [name for name, values in query.lists() if not any(values)]:
        del query[name]
    return f"?{query.urlencode()}" if query else "?"


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
