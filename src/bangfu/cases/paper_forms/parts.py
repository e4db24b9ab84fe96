"""What printed pages are made of: parts as plain data, documents of parts, and their PDF with a code on every page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bangfu.documents.codes import PageKey
from bangfu.documents.forms import (
    CodedDocument,
    Fields,
    Heading,
    Paragraph,
    Printing,
    Seal,
    Sign,
    Signatures,
    Table,
    Writing,
    render,
)
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text, language
from bangfu.foundation.secrecy import hash_key

WRITING = 16  # points of a line that is written by hand

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A document to be printed: the number of its matter, the form that its code names (`codes.py`), title, and parts."""

    number: str
    form: str
    title: str
    parts: Sequence[Part]
    sub: str = ""


def print_documents(documents: Sequence[Document]) -> bytes:
    """The PDF of some documents in the reader's language, each with its own page numbers and on every page a code under the county's key."""
    made: bytes = render([_coded(d) for d in documents], language(), Printing(hash_key(), the_county().synthetic))
    return made


def _coded(d: Document) -> CodedDocument:
    blocks = [block for part in d.parts for block in _blocks(part)]
    return CodedDocument(PageKey(d.number, d.form), d.title, blocks, subtitle=d.sub)


def _blocks(p: Part) -> Iterator[Any]:
    """The blocks of a part."""
    match p["sort"]:
        case "heading":
            yield Heading(p["text"], 2)
        case "text":
            yield Paragraph(p["text"])
        case "fields":
            yield Fields([(title, value or None) for title, value in p["rows"]])
        case "lines":
            for title, value, height in p["rows"]:
                yield Paragraph(
                    str(Text(f"{title}：{value}", f"{title}: {value}")) if value else title, indent=False, strong=not value
                )
                if not value:
                    yield Writing(max(1, round(height / WRITING)))
        case "table":
            yield Table(p["head"], p["rows"], [w or None for w in p["widths"]])
        case "signs":
            yield Signatures([(sign, title) for sign, title in p["signs"]])
        case "seal":
            yield Seal(p["text"], p["day"])


# --- parts


def heading(text: Text | str) -> Part:
    """A heading within a document."""
    return {"sort": "heading", "text": str(text)}


def paragraph(text: Text | str) -> Part:
    """A paragraph; lines of the text are kept together."""
    return {"sort": "text", "text": str(text)}


def fields(rows: Sequence[tuple[Text | str, object]]) -> Part:
    """Facts in two columns; a blank one is to be written by hand."""
    return {"sort": "fields", "rows": [[str(title), "" if value in (None, "") else str(value)] for title, value in rows]}


def lines(rows: Sequence[tuple[Text | str, object, int]]) -> Part:
    """Things to be written by hand: what it is, what is known of it, the height in points."""
    return {"sort": "lines", "rows": [[str(t), "" if v in (None, "") else str(v), h] for t, v, h in rows]}


def table(head: Sequence[Text | str], rows: Sequence[Sequence[object]], widths: Sequence[int]) -> Part:
    """A table; a width of 0 is as wide as its words, others share what is left."""
    return {
        "sort": "table",
        "head": [str(h) for h in head],
        "rows": [["" if c is None else str(c) for c in row] for row in rows],
        "widths": list(widths),
    }


def signs(*titles: Text, household: bool = False) -> Part:
    """Places to sign; those of the household also for a thumb print with its witness, and for a proxy with the relation."""
    made = [(Sign.SIGNATURE, str(t)) for t in titles]
    if household:
        head = str(HEAD)
        made = [(Sign.SIGNATURE, head), (Sign.THUMB, head), (Sign.PROXY, head), *made]
    return {"sort": "signs", "signs": made}


def seal(text: Text, day: object = "") -> Part:
    """A place for a seal, with the day where it is known."""
    return {"sort": "seal", "text": str(text), "day": str(day or "")}


def room(count: int) -> str:
    """So many empty lines of a cell that is written by hand."""
    return "\n".join("\u3000" * count)


HEAD = Text("户主", "Head of the household")
OF_LEVEL = {
    "village": Text("村民委员会（盖章）", "Village committee (seal)"),
    "township": Text("乡镇（盖章）", "Township (seal)"),
    "county": Text("县级（盖章）", "County (seal)"),
}


def seal_of(level: str, day: object = "") -> Part:
    """The place for the seal of whoever does a step."""
    return seal(OF_LEVEL.get(level, OF_LEVEL["county"]), day)
