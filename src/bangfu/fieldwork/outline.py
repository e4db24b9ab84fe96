"""An XForm as people go through it: groups, repeats and questions in their order, each with its words, its conditions and its choices. Pure.

`xform` reads what a form asks; this reads how it is laid out.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from defusedxml.ElementTree import fromstring

from bangfu.fieldwork.xform import CONTROLS, JR, XF, XH, Question, XForm, itext, read_xform, said

GROUP, REPEAT, QUESTION = "group", "repeat", "question"
_LIST = re.compile(r"instance\('([^']*)'\)")


@dataclass(frozen=True, slots=True)
class Node:
    """A group, a repeat or a question of a form, with what stands in it.

    Words are by language. `when`, `must`, `reckoned` and `times` are expressions as a workbook has them (`${name}`): shown only when, an answer must, the value is, so
    many times. `says` is told where an answer must be other. `file` is the list of choices that comes with the form as a file, `media` what is taken (`image/*`), `preload`
    what the phone fills in itself.
    """

    sort: str
    path: str
    label: Mapping[str, str] = field(default_factory=dict)
    hint: Mapping[str, str] = field(default_factory=dict)
    when: str = ""
    must: str = ""
    says: Mapping[str, str] = field(default_factory=dict)
    reckoned: str = ""
    times: str = ""
    file: str = ""
    media: str = ""
    look: str = ""
    preload: str = ""
    question: Question | None = None
    children: tuple[Node, ...] = ()

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Outline:
    """A form laid out: what people see in its order, then the values that nobody is asked for."""

    form: XForm
    seen: tuple[Node, ...]
    unseen: tuple[Node, ...]

    def questions(self) -> Iterator[Node]:
        """Every question, those that are seen first."""
        yield from _questions(self.seen)
        yield from self.unseen


def _questions(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        if node.question is not None:
            yield node
        yield from _questions(node.children)


def outline(xml: bytes) -> Outline:
    """Lay a form out. Raises NotAForm as `read_xform` does."""
    form = read_xform(xml)
    tree = fromstring(xml, forbid_dtd=True)
    model, body = tree.find(f"{XH}head/{XF}model"), tree.find(f"{XH}body")
    assert model is not None  # read_xform has seen both
    assert body is not None
    laying = _Laying(form, model)
    seen = tuple(laying.nodes(body, form.root))
    there = {node.path for node in _questions(seen)}
    unseen = tuple(laying.node(QUESTION, q.path, None) for q in form.questions if q.path not in there)
    return Outline(form, seen, unseen)


class _Laying:
    """A form while it is laid out."""

    def __init__(self, form: XForm, model: ET.Element) -> None:
        self.form, self.words = form, itext(model)
        self.binds = {bind.get("nodeset", ""): bind for bind in model.iter(f"{XF}bind")}
        self.files = {
            one.get("id", ""): one.get("src", "").rpartition("/")[2] for one in model.findall(f"{XF}instance") if one.get("src")
        }
        self._paths = re.compile(rf"\s?(?:current\(\)/)?(?:{re.escape(form.root)}|\.\.)(?:/[\w.-]+)*/([\w-]+(?:\.[\w-]+)*)\s?")

    def nodes(self, around: ET.Element, path: str) -> Iterator[Node]:
        """What stands in a group, a repeat or the body."""
        for child in around:
            told = child.get("ref") or child.get("nodeset") or ""
            here = told if told.startswith("/") else f"{path}/{told}" if told else path
            sort = child.tag.rpartition("}")[2]
            if sort in CONTROLS:
                if here in self.form.by_path:
                    yield self.node(QUESTION, here, child)
            elif sort == "repeat":
                yield self.node(REPEAT, here, None, child)
            elif sort == "group":
                repeat = child.find(f"{XF}repeat")
                yield self.node(GROUP if repeat is None else REPEAT, here, child, child if repeat is None else repeat)

    def node(self, sort: str, path: str, control: ET.Element | None, inside: ET.Element | None = None) -> Node:
        """A node: what its control shows, and what its bind says."""
        bind = self.binds.get(path)
        told: dict[str, str] = dict(bind.attrib) if bind is not None else {}
        shown = control if control is not None else ET.Element("nothing")
        itemset = shown.find(f"{XF}itemset")
        found = _LIST.search(itemset.get("nodeset", "")) if itemset is not None else None
        return Node(
            sort, path,
            label=said(shown.find(f"{XF}label"), self.words),
            hint=said(shown.find(f"{XF}hint"), self.words),
            when=self._plain(told.get("relevant", "")),
            must=self._plain(told.get("constraint", "")),
            says=self._words(told.get(f"{JR}constraintMsg", "")),
            reckoned=self._plain(told.get("calculate", "")),
            times=self._plain(self._times(inside)),
            file=self.files.get(found[1], "") if found else "",
            media=shown.get("mediatype", ""),
            look=shown.get("appearance", ""),
            preload=told.get(f"{JR}preloadParams", "") or told.get(f"{JR}preload", ""),
            question=self.form.by_path.get(path) if sort == QUESTION else None,
            children=tuple(self.nodes(inside, path)) if inside is not None else (),
        )  # fmt: skip

    def _times(self, repeat: ET.Element | None) -> str:
        """How often a repeat is asked; where a hidden value counts it, what that value is."""
        told = repeat.get(f"{JR}count", "").strip() if repeat is not None else ""
        counter = self.binds.get(told)
        return counter.get("calculate", told) if counter is not None and told.endswith("_count") else told

    def _plain(self, expression: str) -> str:
        return " ".join(self._paths.sub(lambda found: f" ${{{found[1]}}} ", expression).split())

    def _words(self, told: str) -> Mapping[str, str]:
        node = ET.Element("value")
        if told.startswith("jr:itext("):
            node.set("ref", told)
        else:
            node.text = told
        return said(node, self.words)
