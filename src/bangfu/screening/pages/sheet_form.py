"""The form of an income sheet: what was typed, what is wrong with it, and the lines that it comes to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.income import IncomeLine, lines
from bangfu.register.income_recording import MOST_FEN, Line
from bangfu.register.income_sources import ASKED, COMPUTED, PROPOSED, LineSource, ProposedLine
from bangfu.register.problems import BAD_INCOME_AMOUNT
from bangfu.screening.income_sheet.produce import ITEMS, LAND, SORTS, NormValue, Produce, part_of, said_of, value
from bangfu.screening.problems import BAD_PRODUCE, UNKNOWN_NORM
from bangfu.screening.proposing import best
from bangfu.screening.sheets import Item

AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")
FEWEST_ROWS, MOST_ROWS = 2, 12


@dataclass
class Row:
    """A row of own produce as it was typed, what it is worth (in words), or the problem with it."""

    norm: str = ""
    quantity: str = ""
    own_yield: str = ""
    own_price: str = ""
    worth: Text | None = None
    problem: Problem | None = None


@dataclass
class Form:
    """A form as it was typed: texts by item, the proposals that are taken over, rows of produce; and what it comes to."""

    texts: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    problems: dict[str, Problem] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    computed: dict[str, int] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)  # sums that the lines of their field take the place of

    @property
    def items(self) -> dict[str, int]:
        """The amounts by item."""
        return {line.item: line.fen for line in self.lines}

    @property
    def wrong(self) -> bool:
        """Whether something cannot be read."""
        return bool(self.problems) or any(row.problem for row in self.rows)


def opened(items: Mapping[str, Item]) -> Form:
    """The form as a sheet that stands fills it."""
    form = Form()
    computed = {code for code, item in items.items() if item.source and item.source.kind == COMPUTED}
    of_income = {cost: income for income, cost in ITEMS.values()}
    for code, item in items.items():
        parts = item.source.parts if item.source and item.source.kind == COMPUTED else ()
        if not parts or (code in of_income and of_income[code] not in computed):
            form.texts[code] = plain(item.fen)
        elif code not in of_income:
            for part in parts:
                form.rows.append(
                    Row(
                        norm=part["code"],
                        quantity=part["quantity"],
                        own_yield=part["yield"][0] if part["own_yield"] else "",
                        own_price=plain(part["price_fen"][0]) if part["own_price"] else "",
                    )
                )
    return form


def typed(data: Mapping[str, str], rows: int | None = None) -> Form:
    """The form as it was sent: `i-<item>`, `t-<item>`, and `p<n>-norm`, `-quantity`, `-yield`, `-price`."""
    form = Form()
    for code in lines():
        text = data.get(f"i-{code}", "").strip()
        if text:
            form.texts[code] = text
        if data.get(f"t-{code}"):
            form.taken.add(code)
    for n in range(MOST_ROWS):
        norm, quantity, own_yield, own_price = (
            unicodedata.normalize("NFKC", data.get(f"p{n}-{name}", "")).strip() for name in ("norm", "quantity", "yield", "price")
        )
        if norm or quantity or own_yield or own_price:
            form.rows.append(Row(norm, quantity, own_yield, own_price))
    return form


def work_out(
    form: Form,
    held: Mapping[str, Item],
    proposed: Mapping[str, Sequence[ProposedLine]],
    norms: Sequence[NormValue],
) -> Form:
    """Fill in what the form comes to: its lines with their sources, what produce is worth, and the problems of each field."""
    parts = _produce(form, {norm.code: norm for norm in norms})
    form.computed = {item: sum(fen for fen, _ in some) for item, some in parts.items()}
    for code, line in lines().items():
        text, fen = form.texts.get(code, ""), None
        if text:
            fen = fen_of(text)
            if fen is None:
                form.problems[code] = BAD_INCOME_AMOUNT(column=line.title, most=f"{MOST_FEN // 100:,}")
                continue
        made = _line(code, fen, form, held.get(code), best(list(proposed.get(code, ()))), parts.get(code, []))
        if made is not None:
            form.lines.append(made)
    broken_down = {lines()[made.item].field for made in form.lines if lines()[made.item].line}
    form.replaced = {
        made.item for made in form.lines if not _is_line(lines()[made.item]) and lines()[made.item].field in broken_down
    }
    form.lines = [made for made in form.lines if made.item not in form.replaced]
    return form


def _is_line(line: IncomeLine) -> bool:
    return bool(line.line) or line.group in ("claims", "self_paid")


def _line(
    code: str,
    fen: int | None,
    form: Form,
    held: Item | None,
    proposal: ProposedLine | None,
    parts: list[tuple[int, dict[str, Any]]],
) -> Line | None:
    """What an amount that was typed, taken over or computed makes of an item; None where there is none."""
    if fen is not None:
        if held is not None and held.fen == fen and not (held.source and held.source.kind == COMPUTED):
            return Line(code, fen, held.source)
        return Line(code, fen, LineSource(ASKED))
    if parts:
        return Line(code, sum(one for one, _ in parts), LineSource(COMPUTED, parts=tuple(part for _, part in parts)))
    if code in form.taken and proposal is not None and proposal.fen is not None:
        return Line(code, proposal.fen, LineSource(PROPOSED, proposal.words, evidence=proposal.evidence))
    return None


def _produce(form: Form, norms: Mapping[str, NormValue]) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """What each row is worth, by the items of income and of cost: amounts with what the line keeps."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for n, row in enumerate(form.rows, 1):
        norm = norms.get(row.norm)
        if norm is None:
            row.problem = UNKNOWN_NORM()
            continue
        numbers = [_decimal(text) for text in (row.quantity, row.own_yield, row.own_price)]
        quantity, own_yield, own_price = numbers
        if quantity is None or (row.own_yield and own_yield is None) or (row.own_price and own_price is None):
            row.problem = BAD_PRODUCE(row=n)
            continue
        said = Produce(
            norm, quantity, own_yield if SORTS[norm.sort] == LAND else None, int(own_price * 100) if own_price else None
        )
        worth = value(said)
        if worth.income > MOST_FEN or (worth.cost or 0) > MOST_FEN:
            row.problem = BAD_PRODUCE(row=n)
            continue
        part = part_of(said, worth)
        row.worth = said_of(part)
        income, cost = ITEMS[norm.sort]
        found.setdefault(income, []).append((worth.income, part))
        if worth.cost is not None:
            found.setdefault(cost, []).append((worth.cost, part | {"fen": worth.cost}))
    return found


def fen_of(text: str) -> int | None:
    """Fen of an amount in yuan as people type it: `1,234.5`, full width too; None for anything else."""
    plain_text = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").removesuffix("元")
    return int(Decimal(plain_text) * 100) if AMOUNT.fullmatch(plain_text) else None


def _decimal(text: str) -> Decimal | None:
    """A number above 0 with two decimals at most."""
    return (Decimal(text) or None) if AMOUNT.fullmatch(text) else None


def plain(fen: int) -> str:
    """An amount as a field shows it: yuan, decimals only where there are some."""
    return f"{fen // 100}" + (f".{fen % 100:02d}" if fen % 100 else "")
