"""The engine of every list: what a list shows, how it is narrowed and sorted, and the address that says so.

A package declares a `Listing` once. A view reads the address, narrows its own QuerySet and asks for a page:

    state = HOUSEHOLDS.read(request.GET, options={"group": groups_of(area)})
    rows = HOUSEHOLDS.narrow(Household.objects.visible_to(request.actor), state)
    page = HOUSEHOLDS.page(rows, state, total=HOUSEHOLDS.count(rows, state))
    return render(request, "register/households.html", {"listing": page})

The address bar is the state. What an address asks for and the list does not have is left out and said in a notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import pyarrow as pa
from django.db.models import QuerySet
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit import sheets
from bangfu.kit.keyset import Order, slice_of
from bangfu.kit.parts import Words
from bangfu.kit.problems import NOT_A_CHOICE, NOT_A_COLUMN, NOT_A_PLACE

SIZES = (50, 100, 200)
RESERVED = frozenset({"q", "sort", "size", "cols", "after", "before"})
LONGEST_WORDS = 60
EXPORTED = 2_000  # rows of a workbook that are read at a time
COUNTED = 10_000  # rows of a narrowed list that are counted; beyond, the page says "more than"
FOUND = 200  # hits of a search that are counted: who has found more looks for something narrower
AREA = Text("区划", "Area")
OWN_ORDER = Text("默认顺序", "The list's own")
ORDERS = (("", Text("{c} ↑ 升序", "{c} ↑ rising")), ("-", Text("{c} ↓ 降序", "{c} ↓ falling")))
NOTHING = Text("没有符合条件的记录。", "Nothing matches.")
NOTHING_REMEDY = Text("请减少筛选条件，或换一个搜索词。", "Take a filter away, or search for something else.")

Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what stands in a cell, what it sorts by.

    `sort` names fields or annotations that are never null; the list's own order follows them. `kind` is text, word (never broken), number or mark.
    On a phone a row is two lines: `phone` says where the cell goes (title, end, line, named, mark, full, hide).
    """

    key: str
    title: Words
    cell: Callable[[Any], Any] | None = None
    template: str = ""
    sort: tuple[str, ...] = ()
    first: str = ""  # "-" where the first click should put the largest on top
    kind: str = "text"
    short: Words = ""
    phone: str = "line"
    fixed: bool = False  # cannot be put away
    shown: bool = True  # there until somebody chooses columns
    plain: Callable[[Any], Any] | None = None  # what stands in the cell of a workbook, where it is not the words of the page

    def value(self, row: Any) -> Any:
        """What stands in the cell of a row: a rendered template, the cell function's answer, or the attribute of the key."""
        if self.template:
            return render_to_string(self.template, {"row": row, "column": self})
        if self.cell is not None:
            return self.cell(row)
        return row.get(self.key) if isinstance(row, dict) else getattr(row, self.key)

    def exported(self, row: Any) -> Any:
        """What a workbook's cell says of a row: a number stays one, marks and markup become words."""
        value = self.plain(row) if self.plain is not None else self.value(row)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        return " ".join(strip_tags(str(value)).split())


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter; options of the same group stand under its name."""

    key: str
    title: Words
    group: Words = ""


class Filter(Protocol):
    """What every filter has."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> Words: ...
    def accepts(self, value: str, options: Sequence[Option]) -> bool: ...
    def words(self, value: str, options: Sequence[Option]) -> Words: ...
    def narrow(self, rows: Rows, value: str) -> Rows: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter by one of a few options; where they depend on the reader they are given to `Listing.read`."""

    key: str
    title: Words
    apply: Callable[[Rows, str], Rows]
    options: Sequence[Option] = ()
    widget: str = "select"

    def accepts(self, value: str, options: Sequence[Option]) -> bool:
        return any(option.key == value for option in options)

    def words(self, value: str, options: Sequence[Option]) -> Words:
        found = next((o for o in options if o.key == value), None)
        if found is None:
            return value
        return found.title if not found.group else Text("{g}：{t}", "{g}: {t}").format(g=found.group, t=found.title)

    def narrow(self, rows: Rows, value: str) -> Rows:
        return self.apply(rows, value)


@dataclass(frozen=True, slots=True)
class Contains:
    """A filter by words that somebody types."""

    key: str
    title: Words
    apply: Callable[[Rows, str], Rows]
    hint: Words = ""
    options: Sequence[Option] = ()
    widget: str = "text"

    def accepts(self, value: str, options: Sequence[Option]) -> bool:
        return len(value) <= LONGEST_WORDS and "\0" not in value

    def words(self, value: str, options: Sequence[Option]) -> Words:
        return value

    def narrow(self, rows: Rows, value: str) -> Rows:
        return self.apply(rows, value)


@dataclass(frozen=True, slots=True)
class Area:
    """A filter by an area and what lies below it: a range of paths. Its options are the areas that the reader may stand in."""

    key: str = "area"
    title: Words = AREA
    path: str = "path"
    options: Sequence[Option] = ()
    widget: str = "select"

    def accepts(self, value: str, options: Sequence[Option]) -> bool:
        return value.endswith("/") and any(option.key == value for option in options)

    def words(self, value: str, options: Sequence[Option]) -> Words:
        return next((o.title for o in options if o.key == value), value)

    def narrow(self, rows: Rows, value: str) -> Rows:
        return rows.filter(**{f"{self.path}__gte": value, f"{self.path}__lt": f"{value}~"})


@dataclass(frozen=True, slots=True)
class Search:
    """What the search field finds, said in the field itself.

    `numbers` is the address that finds somebody's whole number: a number is sent there by a form and never stands in an address.
    """

    hint: Words
    apply: Callable[[Rows, str], Rows]
    numbers: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What an address asks of a list, with everything left out that says nothing."""

    words: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""  # a column's key, "-key" falling, "" the list's own order
    size: int = SIZES[0]
    columns: tuple[str, ...] = ()  # chosen columns; empty: those that are shown by themselves
    after: str = ""
    before: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    notices: tuple[Problem, ...] = ()

    def address(self) -> str:
        """The query string of this state, always in the same order."""
        pairs: list[tuple[str, str]] = [*self.kept.items()]
        pairs += [("q", self.words)] if self.words else []
        pairs += list(self.filters.items())
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("cols", key) for key in self.columns]
        pairs += [("size", str(self.size))] if self.size != SIZES[0] else []
        pairs += [("after", self.after)] if self.after else []
        pairs += [("before", self.before)] if self.before else []
        return f"?{urlencode(pairs)}"

    def with_(self, **changes: Any) -> State:
        """This state with changes, on its first page unless a place is among them."""
        return replace(self, **{"after": "", "before": "", **changes})


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, or with `more` that there are more than `number`."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its columns, filters, search and its own order (rising, never null, together unique)."""

    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    search: Search | None = None
    order: tuple[str, ...] = ("path", "key", "id")
    sort: str = ""  # the sort until somebody chooses one
    keep: tuple[str, ...] = ()  # other names of the address that links carry on
    empty: Words = NOTHING
    empty_remedy: Words = NOTHING_REMEDY

    def __post_init__(self) -> None:
        keys = [c.key for c in self.columns]
        taken = [*(f.key for f in self.filters), *self.keep]
        if len(set(keys)) != len(keys) or len(set(taken)) != len(taken) or RESERVED & set(taken):
            raise ValueError("keys of a list's columns and of its filters must differ, and none may be one of the list's own")

    def read(self, query: QueryDict, *, options: Mapping[str, Sequence[Option]] | None = None) -> State:
        """Read an address. What it asks for and the list does not have becomes a notice."""
        notices: list[Problem] = []
        known = {f.key: (options or {}).get(f.key, getattr(f, "options", ())) for f in self.filters}
        filters: dict[str, str] = {}
        for f in self.filters:
            value = str(query.get(f.key, "") or "").strip()
            if not value:
                continue
            if f.accepts(value, known[f.key]):
                filters[f.key] = value
            else:
                notices.append(NOT_A_CHOICE(name=f.title, value=value[:LONGEST_WORDS]))
        sort = str(query.get("sort", "") or "")
        if sort and not any(c.sort and c.key == sort.removeprefix("-") for c in self.columns):
            notices.append(NOT_A_COLUMN(value=sort[:LONGEST_WORDS]))
            sort = ""
        size = str(query.get("size", "") or "")
        if size and size not in map(str, SIZES):
            notices.append(NOT_A_CHOICE(name=Text("每页行数", "rows per page"), value=size[:LONGEST_WORDS]))
            size = ""
        keys = {c.key for c in self.columns}
        asked = [str(key) for key in query.getlist("cols") if key]
        notices += [NOT_A_COLUMN(value=key[:LONGEST_WORDS]) for key in asked if key not in keys]
        return State(
            words=str(query.get("q", "") or "").replace("\0", "").strip()[:LONGEST_WORDS] if self.search else "",
            filters=filters,
            sort="" if sort == self.sort else sort,
            size=int(size or SIZES[0]),
            columns=self._chosen(asked),
            after=str(query.get("after", "") or ""),
            before=str(query.get("before", "") or ""),
            kept={name: str(query.get(name)) for name in self.keep if query.get(name, "")},
            options=known,
            notices=tuple(notices),
        )

    def _chosen(self, asked: Sequence[str]) -> tuple[str, ...]:
        """The columns that were chosen; nothing where they are those that are there anyway."""
        chosen = tuple(c.key for c in self.columns if c.key in asked and not c.fixed)
        return () if chosen == tuple(c.key for c in self.columns if c.shown and not c.fixed) else chosen

    def narrow(self, rows: Rows, state: State) -> Rows:
        """The rows that match the search and every filter."""
        for f in self.filters:
            if f.key in state.filters:
                rows = f.narrow(rows, state.filters[f.key])
        return self.search.apply(rows, state.words) if self.search and state.words else rows

    def count(self, rows: Rows, state: State) -> Count:
        """The number of rows already narrowed: the whole list to its end, which an index answers; a narrowed one up to a limit,
        so that a page never waits for a number that nobody reads."""
        if not (state.words or state.filters):
            return Count(rows.count())
        limit = FOUND if state.words else COUNTED
        number = rows.order_by()[: limit + 1].count()
        return Count(limit, more=True) if number > limit else Count(number)

    def ordering(self, state: State) -> Order:
        """The order of a state: the sorted column's names, then the list's own."""
        sort = state.sort or self.sort
        column = next((c for c in self.columns if c.sort and c.key == sort.removeprefix("-")), None)
        names = (*(column.sort if column else ()), *self.order)
        return Order(tuple(dict.fromkeys(names)), falling=bool(column) and sort.startswith("-"))

    def page(
        self,
        rows: Rows,
        state: State,
        *,
        total: Count | None = None,
        row_url: Callable[[Any], str] | None = None,
        export_url: str = "",
        prepare: Callable[[list[Any]], None] | None = None,
        ticks: str = "",
    ) -> Page:
        """One page of rows already narrowed. The caller counts (`count`, or a cheaper way that it knows); `prepare` may load what
        the cells of a whole page need at once. `ticks` is the form in which rows can be ticked (`row`, their keys)."""
        piece = slice_of(rows, self.ordering(state), size=state.size, after=state.after, before=state.before)
        if prepare is not None:
            prepare(piece.rows)
        if piece.lost:
            state = replace(state, after="", before="", notices=(*state.notices, NOT_A_PLACE()))
        page = self.show(
            piece.rows, state, total=total, row_url=row_url, export_url=export_url, next_=piece.next, previous=piece.previous
        )
        return replace(page, ticks=ticks)

    def show(
        self,
        rows: Iterable[Any],
        state: State,
        *,
        total: Count | None = None,
        row_url: Callable[[Any], str] | None = None,
        export_url: str = "",
        next_: str | None = None,
        previous: str | None = None,
    ) -> Page:
        """A page of rows that are already chosen and in order."""
        chosen = [c for c in self.columns if c.fixed or (c.key in state.columns if state.columns else c.shown)]
        return Page(self, state, chosen, [Row.of(r, chosen, row_url) for r in rows], total, export_url, next_, previous)

    def export(
        self,
        rows: Rows,
        state: State,
        path: Path,
        *,
        sheet: str,
        titles: Sequence[str],
        prepare: Callable[[list[Any]], None] | None = None,
    ) -> int:
        """Write all rows already narrowed into a workbook, in the order of the state, with the columns that it shows. Returns the rows.

        Rows are read a block at a time by keyset, so that memory is bounded. Raises ValueError where a sheet cannot hold them.
        """
        chosen = [c for c in self.columns if c.fixed or (c.key in state.columns if state.columns else c.shown)]
        columns = [
            sheets.Column(str(c.title), "number" if c.kind == "number" else "text", width=18, protect=c.kind == "text")
            for c in chosen
        ]
        written, after = 0, ""
        with sheets.Workbook(path) as book, book.sheet(sheet, columns, titles=titles) as out:
            while True:
                piece = slice_of(rows, self.ordering(state), size=EXPORTED, after=after)
                if prepare is not None:
                    prepare(piece.rows)
                kinds = [pa.float64() if c.kind == "number" else pa.string() for c in chosen]
                out.write([pa.array([c.exported(r) for r in piece.rows], k) for c, k in zip(chosen, kinds, strict=True)])
                written += len(piece.rows)
                if piece.next is None:
                    return written
                after = piece.next


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its column."""

    column: Column
    value: Any


@dataclass(slots=True)
class Row:
    """A row, the page that it leads to, and what stands in its cells: a value per column of its page."""

    of_: Any
    url: str
    columns: Sequence[Column]
    values: list[Any]

    @staticmethod
    def of(row: Any, columns: Sequence[Column], row_url: Callable[[Any], str] | None) -> Row:
        """The row of an object."""
        return Row(row, row_url(row) if row_url else "", columns, [c.value(row) for c in columns])

    @property
    def cells(self) -> list[Cell]:
        """The values with their columns."""
        return [Cell(c, v) for c, v in zip(self.columns, self.values, strict=True)]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: where a click sorts to, and how it sorts now (ascending, descending or nothing)."""

    column: Column
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, with the address without it."""

    name: Words
    value: Words
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list as `kit/components/list.html` shows it."""

    listing: Listing
    state: State
    columns: list[Column]
    rows: list[Row]
    total: Count | None
    export_url: str
    next_cursor: str | None
    previous_cursor: str | None
    ticks: str = ""

    @property
    def notices(self) -> tuple[Problem, ...]:
        return self.state.notices

    @property
    def heads(self) -> list[Head]:
        present = self.state.sort or self.listing.sort
        heads = []
        for column in self.columns:
            active = present.removeprefix("-") == column.key
            falling = active and present.startswith("-")
            target = (column.key if falling else f"-{column.key}") if active else f"{column.first}{column.key}"
            url = self.state.with_(sort="" if target == self.listing.sort else target).address() if column.sort else ""
            heads.append(Head(column, url, ("descending" if falling else "ascending") if active and column.sort else ""))
        return heads

    @property
    def sorts(self) -> list[Option]:
        """Every order of the list as a choice, for where there are no heads to click: the list's own first."""
        own = Option("", next((s.title for s in self._orders() if s.key == self.listing.sort), OWN_ORDER))
        return [own, *(s for s in self._orders() if s.key != self.listing.sort)]

    def _orders(self) -> list[Option]:
        sorted_by = [c for c in self.listing.columns if c.sort]
        return [Option(f"{sign}{c.key}", words.format(c=c.title)) for c in sorted_by for sign, words in ORDERS]

    @property
    def chips(self) -> list[Chip]:
        state = self.state
        chips = [Chip(Text("搜索", "Search"), state.words, state.with_(words="").address())] if state.words else []
        for f in self.listing.filters:
            if f.key in state.filters:
                rest = {k: v for k, v in state.filters.items() if k != f.key}
                words = f.words(state.filters[f.key], state.options.get(f.key, ()))
                chips.append(Chip(f.title, words, state.with_(filters=rest).address()))
        return chips

    @property
    def clear_url(self) -> str:
        return self.state.with_(words="", filters={}).address()

    @property
    def filters(self) -> list[dict[str, Any]]:
        """The fields of the filter menu, options grouped as `[(group, [option, …]), …]`."""
        fields = []
        for f in self.listing.filters:
            groups: dict[str, list[Option]] = {}
            for option in self.state.options.get(f.key, ()):
                groups.setdefault(str(option.group), []).append(option)
            fields.append({"filter": f, "value": self.state.filters.get(f.key, ""), "groups": list(groups.items())})
        return fields

    @property
    def column_choices(self) -> list[tuple[Column, bool]]:
        """Columns that can be put away, and whether they are there."""
        here = {c.key for c in self.columns}
        return [(c, c.key in here) for c in self.listing.columns if not c.fixed]

    @property
    def first_url(self) -> str:
        return self.state.with_().address() if self.previous_cursor else ""

    @property
    def previous_url(self) -> str:
        return self.state.with_(before=self.previous_cursor).address() if self.previous_cursor else ""

    @property
    def next_url(self) -> str:
        return self.state.with_(after=self.next_cursor).address() if self.next_cursor else ""

    @property
    def sizes(self) -> list[tuple[int, str]]:
        return [(n, self.state.with_(size=n).address()) for n in SIZES]
