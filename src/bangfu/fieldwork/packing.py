"""What is in a packet, as bytes and back: submissions on their way up, a package on its way down. Pure, and bounded: what is read may be hostile.

One JSON document and the contents that it refers to by their place, compressed together.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bangfu.fieldwork.packet_problems import BAD_CONTENT, CONTENT_TOO_LARGE
from bangfu.foundation.say import is_text

SUBMISSIONS, PACKAGE = "submissions", "package"
MOST_PLAIN = 250_000_000  # bytes of a content when it is no longer compressed
MOST_JSON = 60_000_000
MOST_ROWS, MOST_FILES, MOST_NUMBERS = 20_000, 200, 5_000
XML_BYTES = 4_000_000
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a submission; `place` is what was kept apart of a photograph, as JSON, blank where there is none."""

    name: str
    content: bytes
    place: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission on its way up: who filled it in (name, and the name of the account), where, on what device, when it was handed in.

    `keys`: the versions and members in it are those of the recipient's register, from lists that the recipient gave.
    """

    xml: bytes
    worker: str
    username: str
    path: str
    phone: str
    received_at: datetime
    keys: bool
    files: Sequence[SentFile] = ()


@dataclass(frozen=True, slots=True)
class SentForm:
    """A published form on its way down, byte for byte."""

    key: str
    title: str
    shipped: bool
    version: str
    xml: bytes
    source: bytes = b""
    source_name: str = ""
    files: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a packet. `areas` are paths with their codes, so that a tree that was loaded otherwise is noticed; `received` the numbers of the packets
    that came from the recipient; `lists` headings and rows by the name of the list, `where` the path of each household in them."""

    kind: str
    path: str
    areas: dict[str, str]
    received: Sequence[int] = ()
    rows: Sequence[Sent] = ()
    forms: Sequence[SentForm] = ()
    lists: dict[str, list[list[str]]] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)


def pack(contents: Contents) -> bytes:
    """The contents as bytes."""
    blobs: list[bytes] = []

    def put(content: bytes) -> int:
        blobs.append(content)
        return len(blobs) - 1

    told: dict[str, Any] = {
        "kind": contents.kind, "path": contents.path, "areas": contents.areas, "received": list(contents.received),
        "rows": [
            {
                "xml": put(r.xml), "worker": r.worker, "username": r.username, "path": r.path, "phone": r.phone, "received_at": r.received_at.isoformat(),
                "keys": r.keys, "files": [[f.name, put(f.content), f.place] for f in r.files],
            }
            for r in contents.rows
        ],
        "forms": [
            {
                "key": f.key, "title": f.title, "shipped": f.shipped, "version": f.version, "xml": put(f.xml), "source": put(f.source),
                "source_name": f.source_name, "files": [[name, put(content)] for name, content in f.files],
            }
            for f in contents.forms
        ],
        "lists": contents.lists, "where": contents.where,
    }  # fmt: skip
    told["sizes"] = [len(b) for b in blobs]
    said = json.dumps(told, ensure_ascii=False).encode()
    return zlib.compress(b"".join([_LENGTH.pack(len(said)), said, *blobs]), 6)


def unpack(content: bytes) -> Contents:
    """The contents in some bytes. Raises BF-2698 for what is too large when it is no longer compressed, BF-2699 for what is not as it has to be."""
    plain = _inflated(content)
    try:
        (length,) = _LENGTH.unpack_from(plain)
        if length > MOST_JSON:
            raise CONTENT_TOO_LARGE(most=MOST_PLAIN // 1_000_000)
        start = _LENGTH.size + length
        told = json.loads(plain[_LENGTH.size : start])
        return _Reading(told, plain, start).contents()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, struct.error) as wrong:
        raise BAD_CONTENT() from wrong


def _inflated(content: bytes) -> bytes:
    try:
        machine = zlib.decompressobj()
        plain = machine.decompress(content, MOST_PLAIN + 1)
    except zlib.error as wrong:
        raise BAD_CONTENT() from wrong
    if len(plain) > MOST_PLAIN:
        raise CONTENT_TOO_LARGE(most=MOST_PLAIN // 1_000_000)
    if not machine.eof or machine.unused_data:
        raise BAD_CONTENT()
    return plain


class _Reading:
    """Reads the document of a packet; whatever is not as it has to be raises ValueError, KeyError or TypeError."""

    def __init__(self, told: Any, plain: bytes, start: int) -> None:
        self.told, self.view = told, memoryview(plain)
        self.places: list[tuple[int, int]] = []
        at = start
        for size in told["sizes"]:
            _hold(type(size) is int and 0 <= size <= len(plain))
            self.places.append((at, at + size))
            at += size
        _hold(at == len(plain))

    def contents(self) -> Contents:
        t = self.told
        _hold(t["kind"] in (SUBMISSIONS, PACKAGE))
        _hold(len(t["rows"]) <= MOST_ROWS and len(t["forms"]) <= MOST_FILES and len(t["received"]) <= MOST_NUMBERS)
        _hold(all(type(n) is int for n in t["received"]))
        lists = {_text(name): [[_text(cell) for cell in row] for row in rows] for name, rows in t["lists"].items()}
        return Contents(
            t["kind"], _path(t["path"]), {_path(p): _text(c, 40) for p, c in t["areas"].items()}, t["received"],
            [self._row(r) for r in t["rows"]], [self._form(f) for f in t["forms"]], lists,
            {_text(n, 40): _path(p) for n, p in t["where"].items()},
        )  # fmt: skip

    def _row(self, r: Any) -> Sent:
        at = datetime.fromisoformat(r["received_at"])
        _hold(at.tzinfo is not None and type(r["keys"]) is bool and len(r["files"]) <= MOST_FILES)
        files = [SentFile(_name(name), self._blob(blob), _place(place)) for name, blob, place in r["files"]]
        xml = self._blob(r["xml"])
        _hold(len(xml) <= XML_BYTES)
        return Sent(
            xml, _text(r["worker"], 60), _text(r["username"], 150), _path(r["path"]), _text(r["phone"], 249), at, r["keys"], files,
        )  # fmt: skip

    def _form(self, f: Any) -> SentForm:
        _hold(type(f["shipped"]) is bool and len(f["files"]) <= MOST_FILES)
        files = [(_name(name), self._blob(blob)) for name, blob in f["files"]]
        return SentForm(
            _text(f["key"], 249), _text(f["title"], 200), f["shipped"], _text(f["version"], 249), self._blob(f["xml"]), self._blob(f["source"]),
            _text(f["source_name"], 120), files,
        )  # fmt: skip

    def _blob(self, number: Any) -> bytes:
        _hold(type(number) is int and number >= 0)
        start, end = self.places[number]
        return bytes(self.view[start:end])


def _hold(so: bool) -> None:
    if not so:
        raise ValueError("a packet that is not as it has to be")


def _text(said: Any, most: int = 10_000) -> str:
    _hold(isinstance(said, str) and len(said) <= most and is_text(said))
    return str(said)


def _path(said: Any) -> str:
    text = _text(said, 80)
    _hold(text.endswith("/") and not text.startswith("/"))
    return text


def _name(said: Any) -> str:
    """The name of a file: short, and no way into another folder."""
    text = _text(said, 120)
    _hold(bool(text) and not text.startswith(".") and text.isprintable() and not set("/\\") & set(text))
    return text


def _place(said: Any) -> str:
    text = _text(said, 500)
    _hold(not text or isinstance(json.loads(text), dict))
    return text
