"""An XForm as a tree of questions: what it asks, of which type, in which words, with which choices, and which fact each question tells. Pure.

Facts are attributes of binds in the namespace `FACTS`; they are part of the form, so whoever has the form has its mapping.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bangfu.foundation.say import Text

XF, XH, JR = "{http://www.w3.org/2002/xforms}", "{http://www.w3.org/1999/xhtml}", "{http://openrosa.org/javarosa}"
ENTITIES = "{http://www.opendatakit.org/xforms/entities}"
FACTS = "https://bangfu.org/ns/fact"
FACT = f"{{{FACTS}}}fact"
READER = f"{{{FACTS}}}reader"
CONTROLS = ("input", "select", "select1", "upload", "trigger", "range", "rank")
LONGEST = 249  # characters of an id or a version, as phones allow
DEFAULT = ""  # the language of a form that has but one


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a question: what is sent, and what people read by language."""

    name: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, or a value that the form computes.

    `path` is its node (`/data/house/grade`); `type` that of its bind; `control` what shows it, blank where nothing does. `repeat` is the path of the innermost repeat around
    it, blank outside. `choices` are None where it has none, or where they come from a file. `fact` is what it tells, `reader` who reads it where it is no fact. `readonly`: it is shown
    and not answered, as a note is.
    """

    path: str
    type: str
    control: str
    label: Mapping[str, str]
    repeat: str
    choices: tuple[Choice, ...] | None
    required: bool
    fact: str
    reader: str
    readonly: bool = False

    @property
    def asks(self) -> bool:
        """Whether somebody answers it: not a note, nothing to be acknowledged, nothing that the form works out itself."""
        return bool(self.control) and self.control != "trigger" and not self.readonly

    @property
    def name(self) -> str:
        """The last part of its path, which is its column in a table of answers."""
        return self.path.rpartition("/")[2]

    def shown(self, language: str = DEFAULT) -> str:
        """What people read; its name where it has no words."""
        return self.label.get(language) or next(iter(self.label.values()), "") or self.name


@dataclass(frozen=True)
class XForm:
    """A form. `root` is the path of its data (`/data`); `repeats` by path the fact that each repeat is of (blank: none); `media` the files that it
    refers to, by name: `image`, `audio`, `video`, `csv`, `xml`, `geojson`. `entities` are the lists of entities that it reads or writes."""

    id: str
    version: str
    title: str
    root: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    repeats: Mapping[str, str]
    media: Mapping[str, str]
    entities: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def by_path(self) -> Mapping[str, Question]:
        """The questions by path."""
        return {q.path: q for q in self.questions}

    def telling(self, fact: str) -> Question | None:
        """The first question that tells a fact."""
        return next((q for q in self.questions if q.fact == fact), None)


class NotAForm(ValueError):
    """Text that is no XForm; `why` says what lacks."""

    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


def read_xform(xml: bytes) -> XForm:
    """Read a form. Raises NotAForm for XML that is none, that is broken, or that declares a DTD or entities."""
    try:
        tree = fromstring(xml, forbid_dtd=True)
    except DefusedXmlException as wrong:
        raise NotAForm(Text("其中声明了 DTD 或实体", "it declares a DTD or an entity")) from wrong
    except (ET.ParseError, ValueError) as wrong:
        raise NotAForm(Text(f"XML 有错（{wrong}）", f"its XML is broken ({wrong})")) from wrong
    model = tree.find(f"{XH}head/{XF}model")
    body = tree.find(f"{XH}body")
    data = next(iter(model.find(f"{XF}instance") or ()), None) if model is not None else None
    if model is None or body is None or data is None:
        raise NotAForm(Text("没有带 instance 的 model，或没有 body", "it has no model with an instance, or no body"))
    name = data.tag.rpartition("}")[2]
    root = f"/{name}"
    words = itext(model)
    lists = {found.get("id", ""): found for found in model.findall(f"{XF}instance") if found.get("id")}
    controls = _controls(body, root)
    repeats = {c.get("nodeset", ""): "" for c in body.iter(f"{XF}repeat")}
    binds = {bind.get("nodeset", ""): bind for bind in model.iter(f"{XF}bind")}
    for path in repeats:
        repeats[path] = binds[path].get(FACT, "") if path in binds else ""
    questions = []
    for path in _leaves(data, root):
        bind, control = binds.get(path), controls.get(path)
        kind = bind.get("type", "string") if bind is not None else "string"
        shown = control.tag.rpartition("}")[2] if control is not None else ""
        questions.append(
            Question(
                path, kind.rpartition(":")[2], shown, _label(control, words), _around(path, repeats),
                _choices(control, words, lists), bind is not None and bind.get("required", "") == "true()",
                bind.get(FACT, "") if bind is not None else "", bind.get(READER, "") if bind is not None else "",
                bind is not None and bind.get("readonly", "") == "true()",
            )
        )  # fmt: skip
    heading = tree.find(f"{XH}head/{XH}title")
    return XForm(
        data.get("id", ""), data.get("version", ""), (heading.text or "") if heading is not None else "", root, tuple(words),
        tuple(questions), repeats, _media(model, words, lists), _entities(data, lists),
    )  # fmt: skip


COLUMNS = {
    "relevant": "relevant",
    "constraint": "constraint",
    "calculate": "calculation",
    "required": "required",
    "readonly": "read_only",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of a form: the path that it is of, the column of the sheet `survey` that it comes from, and what is written."""

    path: str
    column: str
    text: str


def expressions(xml: bytes) -> tuple[list[Expression], frozenset[str]]:
    """The expressions of a form that `read_xform` reads, and every path of its instance."""
    tree = fromstring(xml, forbid_dtd=True)
    model, body = tree.find(f"{XH}head/{XF}model"), tree.find(f"{XH}body")
    data = next(iter(model.find(f"{XF}instance") or ()), None) if model is not None else None
    if model is None or body is None or data is None:
        return [], frozenset()
    found = [
        Expression(bind.get("nodeset", ""), column, text)
        for bind in model.iter(f"{XF}bind")
        for name, column in COLUMNS.items()
        if (text := bind.get(name, "")) not in ("", "true()", "false()")
    ]
    for value in tree.iter(f"{XF}setvalue"):
        if value.get("value"):
            found.append(Expression(value.get("ref", ""), "calculation", value.get("value", "")))
    for node in body.iter():
        around = node.get("ref") or node.get("nodeset") or ""
        itemset = node.find(f"{XF}itemset")
        if itemset is not None and itemset.get("nodeset"):
            found.append(Expression(around, "choice_filter", itemset.get("nodeset", "")))
        if count := node.get(f"{JR}count"):
            found.append(Expression(around, "repeat_count", count))
    return found, frozenset(_every(data, f"/{data.tag.rpartition('}')[2]}"))


def _every(node: ET.Element, path: str) -> Iterator[str]:
    yield path
    for child in node:
        yield from _every(child, f"{path}/{child.tag.rpartition('}')[2]}")


def _leaves(node: ET.Element, path: str) -> Iterator[str]:
    """The paths of nodes without children, each once (a repeat stands in the instance as its template and as its first time); those of the form's own
    machinery are left out."""
    seen: set[str] = set()

    def walk(one: ET.Element, here: str) -> Iterator[str]:
        for child in one:
            name = child.tag.rpartition("}")[2]
            if here == path and name == "meta":
                continue
            there = f"{here}/{name}"
            if len(child):
                yield from walk(child, there)
            elif there not in seen:
                seen.add(there)
                yield there

    yield from walk(node, path)


def _controls(body: ET.Element, root: str) -> dict[str, ET.Element]:
    """What shows each node; a relative reference is one below what is around it."""
    found: dict[str, ET.Element] = {}

    def walk(node: ET.Element, around: str) -> None:
        for child in node:
            told = child.get("ref") or child.get("nodeset") or ""
            here = told if told.startswith("/") else f"{around}/{told}" if told else around
            if child.tag.rpartition("}")[2] in CONTROLS:
                found[here] = child
            else:
                walk(child, here)

    walk(body, root)
    return found


def _around(path: str, repeats: Mapping[str, str]) -> str:
    return max((r for r in repeats if path.startswith(r + "/")), key=len, default="")


def itext(model: ET.Element) -> dict[str, dict[str, str]]:
    """By language the words by their id."""
    found: dict[str, dict[str, str]] = {}
    for translation in model.iter(f"{XF}translation"):
        words = found.setdefault(translation.get("lang", DEFAULT), {})
        for text in translation.findall(f"{XF}text"):
            for value in text.findall(f"{XF}value"):
                if value.get("form") is None:
                    words[text.get("id", "")] = _spoken(value)
                elif "jr://" in (value.text or ""):
                    words[f"{text.get('id', '')} {value.get('form')}"] = value.text or ""
    return found


def said(node: ET.Element | None, words: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The words of a label, by language."""
    if node is None:
        return {}
    told = node.get("ref", "")
    if told.startswith("jr:itext("):
        key = told[len("jr:itext(") : -1].strip("'\"")
        return {language: known[key] for language, known in words.items() if known.get(key, "-") not in ("-", "")}
    text = _spoken(node).strip()
    return {DEFAULT: text} if text else {}


def _spoken(node: ET.Element) -> str:
    """The words of a label; where it repeats an answer, the name of the question: `Members of ${village}`."""
    parts = [node.text or ""]
    for child in node:
        name = child.get("value", "").strip().rpartition("/")[2]
        parts += [f"${{{name}}}" if child.tag == f"{XF}output" else "".join(child.itertext()), child.tail or ""]
    return "".join(parts)


def _label(control: ET.Element | None, words: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return said(control.find(f"{XF}label"), words) if control is not None else {}


def _choices(
    control: ET.Element | None, words: Mapping[str, Mapping[str, str]], lists: Mapping[str, ET.Element]
) -> tuple[Choice, ...] | None:
    if control is None:
        return None
    items = [Choice(_text(i.find(f"{XF}value")), said(i.find(f"{XF}label"), words)) for i in control.findall(f"{XF}item")]
    itemset = control.find(f"{XF}itemset")
    if itemset is None:
        return tuple(items) if items else None
    source = lists.get(itemset.get("nodeset", "").partition("instance('")[2].partition("'")[0])
    if source is None or source.get("src"):
        return None
    for item in source.iter(f"{XF}item"):
        key = _text(item.find(f"{XF}itextId"))
        label = {language: known[key] for language, known in words.items() if key in known} if key else {}
        items.append(Choice(_text(item.find(f"{XF}name")), label or {DEFAULT: _text(item.find(f"{XF}label"))}))
    return tuple(items)


def _text(node: ET.Element | None) -> str:
    return (node.text or "").strip() if node is not None else ""


def _media(model: ET.Element, words: Mapping[str, Mapping[str, str]], lists: Mapping[str, ET.Element]) -> dict[str, str]:
    """Files by name, from `jr://images/a.png` and `jr://file-csv/schools.csv`."""
    sorts = {"images": "image", "audio": "audio", "video": "video", "file": "xml", "file-csv": "csv"}
    told = [value for known in words.values() for value in known.values() if value.startswith("jr://")]
    told += [source for found in lists.values() if (source := found.get("src", "")).startswith("jr://")]
    found = {}
    for address in told:
        sort, _, name = address[len("jr://") :].partition("/")
        if sort in sorts:
            found[name] = "geojson" if name.endswith(".geojson") else sorts[sort]
    return dict(sorted(found.items()))


def _entities(data: ET.Element, lists: Mapping[str, ET.Element]) -> frozenset[str]:
    """The lists that an entity of the form is written to."""
    return frozenset(e.get("dataset", "") for e in data.iter(f"{ENTITIES}entity")) | frozenset(
        e.get("dataset", "") for e in data.iter("entity") if e.get("dataset")
    )
