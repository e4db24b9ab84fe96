"""A version of a form as its page shows it: the tree of its questions in words, and what is to be looked at before it is published."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from bangfu.fieldwork.actions.publishing import OWN_LISTS
from bangfu.fieldwork.catalogue import ground, used_facts
from bangfu.fieldwork.facts import REPEATS
from bangfu.fieldwork.kinds import ANY_FILE, kind_of
from bangfu.fieldwork.known import Known, known_facts
from bangfu.fieldwork.mapping import complaints, unused
from bangfu.fieldwork.models import FormFile, FormVersion
from bangfu.fieldwork.outline import REPEAT, Node
from bangfu.fieldwork.xform import Question, XForm
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, language

ALL = "all"  # every language of a form, one under the other
FEW = 5  # choices that are shown without being opened
_CODE = re.compile(r"\(([A-Za-z][\w-]*)\)\s*$")
SORTS = {
    "image": Text("图片", "picture"),
    "audio": Text("录音", "sound"),
    "video": Text("录像", "video"),
    "csv": Text("选项表", "list of choices"),
    "xml": Text("XML", "XML"),
    "geojson": Text("地图数据", "places on a map"),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What is to be looked at of a version: what cannot tell its fact, what nobody needs, the files that it names (name, sort, kept file or None, whether the county gives it)."""

    problems: Sequence[Problem]
    unused: Sequence[Question]
    files: Sequence[tuple[str, Text, FormFile | None, bool]]

    @property
    def lacking(self) -> list[str]:
        """The files that nobody has uploaded."""
        return [name for name, _, kept, own in self.files if kept is None and not own]

    @property
    def ready(self) -> bool:
        """Whether it may be published."""
        return not self.problems and not self.lacking


def looked_at(version: FormVersion) -> Looked:
    """What is to be looked at of a version today."""
    kept = {file.name: file for file in version.files.all()}
    files = [
        (name, SORTS.get(sort, ANY_FILE), kept.get(name), name in OWN_LISTS and name not in kept)
        for name, sort in version.read.media.items()
    ]
    return Looked(complaints(version.read, ground()), unused(version.read, used_facts()), files)


def chosen_language(form: XForm, asked: str) -> str:
    """The language of a form that was asked for, else the reader's, else its first; `all` for every one."""
    if asked in form.languages or (asked == ALL and len(form.languages) > 1):
        return asked
    return next((one for one in form.languages if code_of(one).startswith(language())), next(iter(form.languages), ""))


def code_of(name: str) -> str:
    """The code in the name of a language: `zh` of `中文 (zh)`; blank where it has none."""
    found = _CODE.search(name)
    return found[1] if found else ""


class Laying:
    """How the nodes of a form are told: in which languages, with which problems, by which facts."""

    def __init__(self, form: XForm, chosen: str, looked: Looked) -> None:
        self.form, self.facts, self.facts_url = form, known_facts(), reverse("fieldwork:facts")
        self.languages = form.languages if chosen == ALL else (chosen,)
        self.wrong: dict[str, list[Problem]] = defaultdict(list)
        for problem in looked.problems:
            self.wrong[str(problem.values["question"])].append(problem)
        self.unused = {q.path for q in looked.unused}

    def tree(self, nodes: Iterable[Node]) -> list[dict[str, Any]]:
        """The nodes with what stands in them."""
        return [self.node(node) for node in nodes]

    def node(self, node: Node) -> dict[str, Any]:
        """A node as the template shows it."""
        told = {
            "node": node,
            "labels": self.words(node.label, node.name),
            "hints": self.words(node.hint),
            "says": self.words(node.says),
            "children": self.tree(node.children),
            "repeat": node.sort == REPEAT,
            "wrong": self.wrong.get(node.path, []),
        }
        if node.question is None:
            of = self.form.repeats.get(node.path, "") if node.sort == REPEAT else ""
            return told | {"of": REPEATS.get(of, Text(of, of)) if of else ""}
        q = node.question
        return told | {
            "type": kind_of(node, q),
            "required": q.required,
            "choices": [(c.name, self.words(c.label)) for c in q.choices or ()],
            "few": len(q.choices or ()) <= FEW,
            "fact": self.fact(q.fact),
            "reader": q.reader,
            "unused": q.path in self.unused,
        }

    def fact(self, key: str) -> dict[str, Any] | None:
        """A fact by what it is called in the register, and where it is explained; one that is not known by its key."""
        if not key:
            return None
        known: Known | None = self.facts.get(key)
        return {
            "key": key,
            "title": known.title if known else "",
            "url": f"{self.facts_url}?{urlencode({'q': key})}#facts-title" if known else "",
        }

    def words(self, said: Mapping[str, str], otherwise: str = "") -> list[tuple[str, str]]:
        """Words in the chosen languages, each with the code of its language; the first there are where they have none."""
        found = [(code_of(one), said[one]) for one in self.languages if said.get(one)]
        if not found and said:
            name, words = next(iter(said.items()))
            found = [(code_of(name), words)]
        return found or ([("", otherwise)] if otherwise else [])
