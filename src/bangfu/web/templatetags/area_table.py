"""The rows of the table of areas. Written here and not as a template: a county has hundreds of cells, most with a link and a bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from bangfu.foundation.say import Text
from bangfu.foundation.terms import term
from bangfu.kit.numbers import percent
from bangfu.kit.parts import VERDICTS, Guarantee
from bangfu.kit.templatetags.kit import count_link, number, short_of, verdict_bar

register = template.Library()
TOTAL = Text("合计", "Total")


def _names() -> dict[str, Text]:
    """What stands before each number on a phone, in the words of the day."""
    return {
        "households": Text("户", "Households"),
        "persons": Text("人", "Persons"),
        "registered_households": term("registered_households_short").as_heading(),
        "registered_persons": term("registered_persons_short").as_heading(),
    }


@register.simple_tag
def area_rows(rows: Sequence[Mapping[str, Any]], guarantees: Sequence[Guarantee], guarantee: str) -> SafeString:
    """A row per area: its numbers, then what is unmet of each guarantee, or how the chosen one stands."""
    shorts = [_escaped(short_of(g)) for g in guarantees]
    written = []
    for row in rows:
        leads = f' data-href="{_escaped(row["url"])}"' if row.get("url") else ""
        written.append(f'<tr data-path="{_escaped(row["path"])}"{leads}>{_cells(row, row["area"], shorts, guarantee)}</tr>\n')
    return mark_safe("".join(written))


@register.simple_tag
def area_total(row: Mapping[str, Any], guarantees: Sequence[Guarantee], guarantee: str) -> SafeString:
    """The row of the whole."""
    shorts = [_escaped(short_of(g)) for g in guarantees]
    return mark_safe(f"<tr>{_cells(row, TOTAL, shorts, guarantee)}</tr>")


def _cells(row: Mapping[str, Any], name: Any, shorts: Sequence[str], guarantee: str) -> str:
    title = _escaped(name)
    if row.get("url"):
        title = f'<a href="{_escaped(row["url"])}">{title}</a>'
    numbers = {
        "households": count_link(row["households"], row.get("households_url", "")),
        "persons": number(row["persons"]),
        "registered_households": count_link(row["registered_households"], row.get("registered_url", "")),
        "registered_persons": number(row["registered_persons"]),
    }
    names = _names()
    cells = [f'<th scope="row" class="p-title">{title}</th>']
    cells += [f'<td class="number p-named" data-name="{_escaped(names[key])}">{told}</td>' for key, told in numbers.items()]
    if not guarantee:
        cells += [
            f'<td class="number p-named with-bar" data-name="{short}">{count_link(c.unmet, c.url)}{verdict_bar(c, silent=True)}</td>'
            for short, c in zip(shorts, row["verdicts"], strict=True)
        ]
        return "".join(cells)
    counts = row["counts"]
    linked = {"unmet": (counts.unmet, counts.url), "unknown": (counts.unknown, counts.unknown_url)}
    cells += [
        f'<td class="number p-named" data-name="{_escaped(VERDICTS[state])}">{count_link(*told)}</td>'
        for state, told in linked.items()
    ]
    plain = (number(counts.met), number(counts.not_assessed), percent(counts.unmet_share))
    cells += [f'<td class="number p-hide">{_escaped(told)}</td>' for told in plain]
    cells.append(f'<td class="bar-cell p-full">{verdict_bar(counts, label=row["area"])}</td>')
    return "".join(cells)


def _escaped(said: Any) -> str:
    return escape(str(said))
