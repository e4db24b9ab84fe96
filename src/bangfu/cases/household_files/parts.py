"""What parts of a household's file are made of, and the point at which packages give theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bangfu.areas.frame import name_of
from bangfu.areas.models import Area, ancestors
from bangfu.areas.remembered import areas
from bangfu.documents.forms import Block, Table, Words
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text
from bangfu.register.models import Household

# A part: blocks that begin with a heading of level 1, by household; asked once for all households of a print, which the actor sees, and the
# day. Where there is nothing to say of a household it is left out. Parts stand in the order of their providers, the signatures after them.
household_file_parts: ExtensionPoint[[Actor, Sequence[Household], date], Mapping[int, Sequence[Block]]] = ExtensionPoint(
    "household_file_parts"
)
BLANK = Text("—", "—")


def said(value: Any, unit: Text | str = "") -> Words:
    """A value as it is set, with its unit; a dash where there is none."""
    if value is None or value == "" or value == Text("", ""):
        return BLANK
    text = value if isinstance(value, Text) else Text(str(value), str(value))
    if isinstance(value, bool):
        text = Text("是", "yes") if value else Text("否", "no")
    if not unit:
        return text
    return Text("{v}{u}", "{v} {u}").format(v=text, u=unit)


def joined(texts: Iterable[Text], zh: str = "；", en: str = "; ") -> Text:
    """Texts one after the other, each once."""
    listed = list(dict.fromkeys(texts))
    return Text(zh.join(t.zh for t in listed), en.join(t.en for t in listed))


def money(fen: int | None) -> str:
    """Fen as whole units with two decimals; blank where there is none."""
    return "" if fen is None else f"{fen / 100:,.2f}"


def table(head: Sequence[Words], rows: Iterable[Sequence[Any]], widths: Sequence[float | None], **more: Any) -> Table:
    """A table whose cells may be anything that `said` takes."""
    return Table(head, [[said(cell) for cell in row] for row in rows], widths, **{"size": 9.5} | more)


def places_of(households: Sequence[Household]) -> dict[str, list[Area]]:
    """The areas of each household's path within the county, the county first; read in one statement."""
    county = the_county().path
    paths = {h.path for h in households}
    found = areas().by_path({one for path in paths for one in (*ancestors(path), path)})
    return {path: [found[one] for one in (*ancestors(path), path) if one in found and one.startswith(county)] for path in paths}


def place_said(line: Sequence[Area], below: int = 0) -> str:
    """Areas by name, the highest first; the first so many left out."""
    return " ".join(name_of(a) for a in line[below:])
