"""A submission as it comes: who it says it is, and its answers. Pure.

Parsed by expat directly: a DTD or an entity is refused as soon as it is declared, and nothing is ever expanded.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from xml.parsers import expat

DEEPEST = 60  # nodes within nodes
LONGEST_ID = 249
ROOT_META = ("meta", "orx:meta")
Answers = dict[str, Any]  # by name of a node: a text, answers of a group, or a list where it came more than once


class Malformed(ValueError):
    """A submission that is no XML that we read; the message says why."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A submission: the form and version that it was made with, its own id, that of the one which it takes the place of, and its answers."""

    form: str
    version: str
    id: str
    deprecates: str
    answers: Answers


def identify(xml: bytes) -> Instance:
    """Who a submission says it is, without its answers: what the door asks of each, in a third of the time. Raises Malformed as `read_instance`."""
    head = xml[:3]
    if (
        b"<!" in xml
        or b":template" in xml
        or head in (b"\xef\xbb\xbf",)
        or head[:2] in (b"\xff\xfe", b"\xfe\xff")
        or b"\0" in xml[:4]
    ):
        return read_instance(xml)  # what may declare something, or is written in another code, is read with every care
    try:
        root = ET.fromstring(xml)
    except (ET.ParseError, ValueError, LookupError) as wrong:  # also a code that the parser does not read
        raise Malformed(str(wrong)) from wrong
    _require_flat(root)
    told: dict[str, Any] = {}
    for node in root:
        if node.tag.rpartition("}")[2] == "meta":
            told = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in node}
    return _identified(root.attrib, told, {})


def _require_flat(root: ET.Element) -> None:
    """Nodes do not lie too deep. Raises Malformed."""
    level = [root]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node]
        if not level:
            return
    raise Malformed(f"nodes lie more than {DEEPEST} deep")


def read_instance(xml: bytes) -> Instance:
    """Read a submission. Raises Malformed for broken XML, a DTD or an entity, nodes nested too deep, or where the form or an id of its own lacks or is too long."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(xml, True)
    except Malformed:
        raise
    except (expat.ExpatError, ValueError, LookupError) as wrong:  # also a code that the parser does not read
        raise Malformed(str(wrong)) from wrong
    answers = cast(Answers, reader.answers)
    meta = answers.pop("meta", {})
    told = meta if isinstance(meta, dict) else {}
    return _identified(reader.attributes, told, answers)


def _identified(attributes: Mapping[str, str], told: Mapping[str, Any], answers: Answers) -> Instance:
    """The submission of a root's attributes and its meta block. Raises Malformed where an id lacks or is too long."""
    own = attributes.get("instanceID") or _one(told.get("instanceID"))
    form, version = attributes.get("id", ""), attributes.get("version", "")
    if not form:
        raise Malformed("the root has no id of a form")
    if not own:
        raise Malformed("meta/instanceID lacks")
    found = Instance(form, version, own, _one(told.get("deprecatedID")), answers)
    for value in (form, version, found.id, found.deprecates):
        if len(value) > LONGEST_ID:
            raise Malformed(f"an id or a version has more than {LONGEST_ID} characters")
    return found


def _one(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


class _Reader:
    """Builds answers while the parser reads: names without their namespace, texts stripped at the ends."""

    __slots__ = ("answers", "attributes", "stack")

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.answers: Any = {}
        self.stack: list[tuple[str, Answers, list[str]]] = []

    def refuse(self, *_: Any) -> None:
        raise Malformed("a DTD or an entity is declared")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.stack) >= DEEPEST:
            raise Malformed(f"nodes lie more than {DEEPEST} deep")
        if not self.stack:
            self.attributes = attributes
        elif "http://openrosa.org/javarosa template" in attributes:
            raise Malformed("it is a form's template and no submission")
        self.stack.append((tag.rpartition(" ")[2], {}, []))

    def text(self, data: str) -> None:
        self.stack[-1][2].append(data)

    def end(self, _: str) -> None:
        name, children, texts = self.stack.pop()
        value: Any = children or "".join(texts).strip()
        if not self.stack:
            self.answers = children
            return
        around = self.stack[-1][1]
        if name not in around:
            around[name] = value
        elif isinstance(around[name], list):
            around[name].append(value)
        else:
            around[name] = [around[name], value]


def at(answers: Answers, path: str, root: str) -> list[Any]:
    """Every value at a path of the form (`/data/house/grade`), one for each time around it was repeated. Texts, or the answers of a group."""
    found: list[Any] = [answers]
    for name in path[len(root) + 1 :].split("/"):
        nxt: list[Any] = []
        for one in found:
            value = one.get(name) if isinstance(one, dict) else None
            nxt += value if isinstance(value, list) else [] if value is None else [value]
        found = nxt
    return found
