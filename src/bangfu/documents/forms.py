"""Coded official pages: documents as dataclasses become a PDF, with a code on every page that says which page of which document it is.

What people wrote goes to Typst as data, in a JSON file, and is set as text: nothing in it is ever read as Typst. A document is laid out twice: the first look
tells its pages, the second sets them with their codes, the total and the contents.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import segno
import typst

from bangfu.documents import problems
from bangfu.documents.codes import MOST_PAGES, PageKey, encode
from bangfu.documents.scans import Limits, opened
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.paper import FONT, font_folder

TEMPLATE = Path(__file__).parent / "paper" / "official.typ"
TITLE_FONTS = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", "Noto Serif CJK SC", "Source Han Serif SC")
BODY_FONTS = ("FangSong_GB2312", "FangSong", "STFangsong")
PHOTO_SIDE = 1400  # pixels of the longer side of a printed photograph
BATCHES = 3  # that a process sets before it gives way
SYNTHETIC = Text("演示数据，人物均为虚构", "Synthetic data: the people are invented")
WORDS = {
    "page": Text("第 {n} 页　共 {of} 页", "Page {n} of {of}"),
    "number": Text("编号：", "No. "),
    "contents": Text("目　录", "Contents"),
    "day": Text("　　　　年　　月　　日", "Date: ____ - __ - __"),
    "thumb": Text("按手印处", "thumb print"),
    "witness": Text("见证人（签字）", "Witness (signature)"),
    "proxy": Text("代签人（签字）", "Signed by (proxy)"),
    "relation": Text("与本人关系", "Relation"),
    "seal": Text("（盖章处）", "(seal)"),
}
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]")
# The files of a compilation are texts; a photograph goes in as the only thing of a drawing.
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}">'
    '<image width="{0}" height="{1}" href="data:image/jpeg;base64,{2}"/></svg>'
)
_UNBROKEN = re.compile(r"[!-~]{32,}")
Words = str | Text


class Sign(StrEnum):
    """How somebody signs."""

    SIGNATURE = "signature"
    THUMB = "thumb"  # a thumb print, with a witness
    PROXY = "proxy"  # somebody else, with their relation


@dataclass(frozen=True, slots=True)
class Heading:
    text: Words
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`indent`: by two characters, in Chinese. A line break in the text begins a new paragraph."""

    text: Words
    indent: bool = True
    strong: bool = False
    align: str = "left"
    size: float = 12


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with values, `columns` pairs to a row. A value of None is left to be written by hand."""

    pairs: Sequence[tuple[Words, Words | None]]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Table:
    """`widths`: shares of the width, None for as wide as needed. `aligns`: left, right, center."""

    head: Sequence[Words]
    rows: Sequence[Sequence[Words]]
    widths: Sequence[float | None] = ()
    aligns: Sequence[str] = ()
    size: float = 10


@dataclass(frozen=True, slots=True)
class Signatures:
    signs: Sequence[tuple[Sign, Words]]


@dataclass(frozen=True, slots=True)
class Seal:
    """The office whose seal goes here, and the day; without one it is left to be written."""

    office: Words
    day: Words = ""


@dataclass(frozen=True, slots=True)
class Photo:
    content: bytes = field(repr=False)
    caption: Words = ""


@dataclass(frozen=True, slots=True)
class Photos:
    photos: Sequence[Photo]
    columns: int = 2
    height: float = 60  # millimetres


@dataclass(frozen=True, slots=True)
class Writing:
    """Empty lines to write on."""

    count: int = 4


@dataclass(frozen=True, slots=True)
class Contents:
    """The headings of the document with their pages."""

    levels: int = 2


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Fields | Table | Signatures | Seal | Photos | Writing | Contents | PageBreak


@dataclass(frozen=True, slots=True)
class CodedDocument:
    """A document of a matter. `above` stands over the title, `issuer` at the head of every page, `footer` at its foot (else the title)."""

    key: PageKey
    title: Words
    body: Sequence[Block]
    subtitle: Words = ""
    above: Words = ""
    issuer: Words = ""
    footer: Words = ""


@dataclass(frozen=True, slots=True)
class Printing:
    """What holds for all pages of a print: the key of the codes, the sign of a synthetic county, a folder with fonts of the office's own."""

    key: bytes = b""
    synthetic: bool = False
    fonts: Path | None = None


def page_set(form: str, matter: str, title: Words, *body: Block, **more: Words) -> CodedDocument:
    """A document of a kind and a matter. Raises ValueError for a number that cannot be printed."""
    return CodedDocument(PageKey(matter, form), title, body, **more)


def render(documents: Sequence[CodedDocument], language: str, printing: Printing = Printing()) -> bytes:
    """One PDF of all documents in their order, from one compilation. Raises Problem where one cannot be set."""
    if not documents:
        raise ValueError("nothing to print")
    return _set(documents, language, printing)[0]


def page_counts(documents: Sequence[CodedDocument], language: str, printing: Printing = Printing()) -> list[int]:
    """How many pages each document has: what is to come back."""
    return [look.pages for look in _Laid(documents, language, printing).looks] if documents else []


def render_each(
    documents: Iterable[CodedDocument], language: str, printing: Printing = Printing(), *, processes: int = 2, at_once: int = 12
) -> Iterator[tuple[bytes, list[int]]]:
    """In bulk: a PDF of every `at_once` documents in their order, with the pages of each, from several processes.

    A process that has set a few batches gives way to a new one: the compiler remembers what it has set, some ten MB a document.
    """
    batches: Iterator[list[CodedDocument]] = _batches(documents, at_once)
    if processes <= 1:
        for batch in batches:
            yield _set(batch, language, printing)
        return
    while several := list(islice(batches, BATCHES * processes)):
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for one in [pool.submit(_set, batch, language, printing) for batch in several]:
                yield one.result()


# --- setting


class _Press:
    """The fonts, read once, and the names of those that are there."""

    def __init__(self, fonts: Path | None) -> None:
        folders = [str(font_folder()), *([str(fonts)] if fonts else [])]
        self.fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
        there = set(self.fonts.families())
        self.names = {
            part: [*[name for name in names if name in there][:1], FONT]
            for part, names in (("title", TITLE_FONTS), ("body", BODY_FONTS))
        }

    def compiler(self, files: Any) -> Any:  # the types of the package do not know of files in memory
        return typst.Compiler(input=files, root=str(TEMPLATE.parent), font_paths=self.fonts, ignore_system_fonts=True)


_press = lru_cache(maxsize=2)(_Press)


@dataclass(slots=True)
class _Look:
    """What the first look tells of a document: how many pages, and the page of each heading."""

    pages: int = 0
    headings: list[int] = field(default_factory=list)


def _set(documents: Sequence[CodedDocument], language: str, printing: Printing) -> tuple[bytes, list[int]]:
    laid = _coded(documents, language, printing)
    with _told(documents):
        pdf: bytes = laid.compiler.compile(input=laid.with_data(), format="pdf")
    return pdf, [look.pages for look in laid.looks]


def prepared(documents: Sequence[CodedDocument], language: str, printing: Printing = Printing()) -> dict[str, bytes]:
    """Documents as the files of a compilation, after the first look: nothing is left to do but to set them (`set_prepared`)."""
    return _coded(documents, language, printing).with_data()


def set_prepared(files: dict[str, bytes], fonts: Path | None = None) -> bytes:
    """The PDF of documents that were prepared."""
    pdf: bytes = _press(fonts).compiler(files).compile(format="pdf")
    return pdf


def _coded(documents: Sequence[CodedDocument], language: str, printing: Printing) -> _Laid:
    laid = _Laid(documents, language, printing)
    for at, (document, look) in enumerate(zip(documents, laid.looks, strict=True)):
        codes = [encode(document.key.page(n, look.pages), printing.key) for n in range(1, look.pages + 1)]
        laid.data["documents"][at] |= {"pages": look.pages, "codes": codes, "headings": look.headings}
        laid.files |= {f"c/{at}-{number}.svg": drawn(code) for number, code in enumerate(codes, 1)}
    return laid


class _Laid:
    """Documents as data and files, and the first look at their layout."""

    def __init__(self, documents: Sequence[CodedDocument], language: str, printing: Printing) -> None:
        press = _press(printing.fonts)
        self.files = {"main.typ": TEMPLATE.read_bytes()}
        made = [_Made(at, document, language, printing, self.files).data for at, document in enumerate(documents)]
        self.data: dict[str, Any] = {
            "lang": language,
            "title": made[0]["title"] if len(made) == 1 else "",
            "author": made[0]["issuer"] if len(made) == 1 else "",
            "words": {name: said.in_language(language) for name, said in WORDS.items()},
            "fonts": press.names,
            "documents": made,
        }
        with _told(documents):
            self.compiler = press.compiler(self.with_data())
            found = json.loads(self.compiler.query("<bf-at>", field="value"))
        self.looks = [_Look() for _ in documents]
        for mark in found:
            look = self.looks[mark["document"]]
            if mark["is"] == "end":
                look.pages = mark["page"]
            else:
                look.headings.append(mark["page"])
        for document, look in zip(documents, self.looks, strict=True):
            if not 1 <= look.pages <= MOST_PAGES:
                raise _cannot(document, f"{look.pages} > {MOST_PAGES}")

    def with_data(self) -> dict[str, bytes]:
        return self.files | {"data.json": json.dumps(self.data, ensure_ascii=False).encode()}


class _Made:
    """A document as the template takes it: plain data, and its photographs as files."""

    def __init__(self, at: int, document: CodedDocument, language: str, printing: Printing, files: dict[str, bytes]) -> None:
        self.at, self.document, self.language, self.files = at, document, language, files
        self.headings: list[dict[str, Any]] = []
        for block in document.body:
            if isinstance(block, Heading):
                self.headings.append(
                    {"at": len(self.headings), "level": min(max(block.level, 1), 3), "text": self.said(block.text)}
                )
        self.next = 0
        self.data: dict[str, Any] = {
            "matter": document.key.matter,
            "form": document.key.form,
            "title": self.said(document.title),
            "subtitle": self.said(document.subtitle),
            "above": self.said(document.above),
            "issuer": self.said(document.issuer),
            "footer": self.said(document.footer or document.title),
            "synthetic": SYNTHETIC.in_language(language) if printing.synthetic else "",
            "body": [self.block(block) for block in document.body],
        }

    def said(self, words: Words) -> str:
        return plain(words.in_language(self.language) if isinstance(words, Text) else words)

    def all_said(self, words: Iterable[Words]) -> list[str]:
        return [self.said(one) for one in words]

    def block(self, block: Block) -> dict[str, Any]:
        match block:
            case Heading():
                self.next += 1
                return {"is": "heading"} | self.headings[self.next - 1]
            case Paragraph():
                return {
                    "is": "paragraph", "text": self.said(block.text), "indent": block.indent, "strong": block.strong,
                    "align": block.align, "size": block.size,
                }  # fmt: skip
            case Fields():
                pairs = [[self.said(label), None if value is None else self.said(value)] for label, value in block.pairs]
                return {"is": "fields", "pairs": pairs, "columns": max(1, block.columns)}
            case Table():
                return self.table(block)
            case Signatures():
                return {
                    "is": "signatures",
                    "signs": [{"kind": kind.value, "label": self.said(label)} for kind, label in block.signs],
                }
            case Seal():
                return {"is": "seal", "office": self.said(block.office), "day": self.said(block.day)}
            case Photos():
                photos = [{"file": self.photo(photo), "caption": self.said(photo.caption)} for photo in block.photos]
                return {"is": "photos", "photos": photos, "columns": max(1, block.columns), "height": block.height}
            case Writing():
                return {"is": "writing", "count": block.count}
            case Contents():
                return {"is": "contents", "entries": [h for h in self.headings if h["level"] <= block.levels]}
            case PageBreak():
                return {"is": "break"}

    def table(self, block: Table) -> dict[str, Any]:
        columns = len(block.head) or max((len(row) for row in block.rows), default=1)
        if any(len(row) != columns for row in block.rows) or any(
            len(s) not in (0, columns) for s in (block.widths, block.aligns)
        ):
            raise _cannot(self.document, f"table of {columns} columns")
        return {
            "is": "table",
            "head": self.all_said(block.head),
            "rows": [self.all_said(row) for row in block.rows],
            "widths": list(block.widths) or [1] * columns,
            "aligns": list(block.aligns) or ["left"] * columns,
            "size": block.size,
        }

    def photo(self, photo: Photo) -> str:
        """The photograph as it is printed: of bounded size, upright, without what a phone writes beside it."""
        try:
            image = opened(f"{self.document.key.matter} {self.document.key.form}", photo.content, Limits())
        except Problem as problem:
            raise _cannot(self.document, str(problem.cause)) from problem
        image.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
        name = f"p/{self.at}-{len(self.files)}.svg"
        self.files[name] = _PICTURE.format(*image.size, base64.b64encode(out.getvalue()).decode()).encode()
        return name


@contextmanager
def _told(documents: Sequence[CodedDocument]) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise _cannot(documents[0], str(error).strip()) from error


def _cannot(document: CodedDocument, why: str) -> Problem:
    return problems.CANNOT_PRINT(matter=document.key.matter, form=document.key.form, why=why, most=MOST_PAGES)


def _batches(documents: Iterable[CodedDocument], size: int) -> Iterator[list[CodedDocument]]:
    rest = iter(documents)
    while batch := list(islice(rest, size)):
        yield batch


def plain(said: str) -> str:
    """A text as it can be set: without what steers a screen or turns the direction of writing, and with places to break in what has none."""
    kept = _STEERING.sub("", said.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return _UNBROKEN.sub(lambda run: "\u200b".join(run[0][n : n + 16] for n in range(0, len(run[0]), 16)), kept)


def drawn(code: str) -> bytes:
    """The code as SVG, without a border: the page leaves room around it."""
    out = io.BytesIO()
    segno.make_qr(code, error="m").save(out, kind="svg", border=0, xmldecl=False, svgns=True, omitsize=True)
    return out.getvalue()
