"""What one version of a form asks otherwise than another. Pure.

A question is the same where its path is; one that has only moved keeps its name, and is told as moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bangfu.fieldwork.kinds import kind_of
from bangfu.fieldwork.outline import Node, Outline
from bangfu.fieldwork.xform import Question
from bangfu.foundation.say import Text

YES, NO = Text("是", "yes"), Text("否", "no")
LABEL, TYPE, FACT, READER = Text("题目", "label"), Text("题型", "type"), Text("对应的登记项", "fact"), Text("读者", "reader")
PLACE, CHOICES, REQUIRED = Text("位置", "place in the form"), Text("选项", "choices"), Text("必填", "required")
CONDITIONS = (
    ("when", Text("显示条件", "shown when")),
    ("must", Text("限制", "limits")),
    ("reckoned", Text("计算", "worked out as")),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of a question that is otherwise: what, in which language where it has several, before and after; of choices those that have gone and those that have come."""

    what: Text
    language: str
    before: str | Text
    after: str | Text


@dataclass(frozen=True, slots=True)
class Changed:
    """A question of both versions, as it is now, and what of it is otherwise."""

    node: Node
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version adds to another, what it no longer has, and what it changes."""

    added: tuple[Node, ...]
    removed: tuple[Node, ...]
    changed: tuple[Changed, ...]

    @property
    def any(self) -> bool:
        """Whether the two ask anything otherwise."""
        return bool(self.added or self.removed or self.changed)


def difference(before: Outline, after: Outline) -> Difference:
    """What `after` asks otherwise than `before`."""
    old = {node.path: node for node in before.questions()}
    new = {node.path: node for node in after.questions()}
    moved = _moved({p: n for p, n in old.items() if p not in new}, {p: n for p, n in new.items() if p not in old})
    pairs = {path: old[path] for path in new if path in old} | {path: old[from_] for path, from_ in moved.items()}
    changed = [Changed(new[path], tuple(_changes(pairs[path], new[path]))) for path in new if path in pairs]
    return Difference(
        tuple(node for path, node in new.items() if path not in pairs),
        tuple(node for path, node in old.items() if path not in new and path not in moved.values()),
        tuple(one for one in changed if one.changes),
    )


def _moved(gone: Mapping[str, Node], come: Mapping[str, Node]) -> dict[str, str]:
    """New path by old path of questions that stand elsewhere: those whose name went from one place and came to one."""

    def once(nodes: Mapping[str, Node]) -> dict[str, str]:
        names = [node.name for node in nodes.values()]
        return {node.name: path for path, node in nodes.items() if names.count(node.name) == 1}

    left, arrived = once(gone), once(come)
    return {path: left[name] for name, path in arrived.items() if name in left}


def _changes(old: Node, new: Node) -> Iterator[Change]:
    a, b = old.question, new.question
    assert a is not None  # both are questions
    assert b is not None
    if old.path != new.path:
        yield Change(PLACE, "", old.path, new.path)
    for language in dict.fromkeys((*new.label, *old.label)):
        if old.label.get(language, "") != new.label.get(language, ""):
            yield Change(LABEL, language, old.label.get(language, ""), new.label.get(language, ""))
    if (a.type, a.control, old.media) != (b.type, b.control, new.media):
        yield Change(TYPE, "", kind_of(old, a), kind_of(new, b))
    for what, before, after in ((FACT, a.fact, b.fact), (READER, a.reader, b.reader)):
        if before != after:
            yield Change(what, "", before, after)
    if a.required != b.required:
        yield Change(REQUIRED, "", YES if a.required else NO, YES if b.required else NO)
    had, has = _choices(a, old), _choices(b, new)
    if had != has:
        yield Change(
            CHOICES, "", "; ".join(one for one in had if one not in has), "; ".join(one for one in has if one not in had)
        )
    for name, what in CONDITIONS:
        if getattr(old, name) != getattr(new, name):
            yield Change(what, "", getattr(old, name), getattr(new, name))


def _choices(q: Question, node: Node) -> list[str]:
    """The choices of a question, their names and words; the file that they come from."""
    return [node.file] if node.file else sorted(f"{c.name} = {' / '.join(c.label.values())}" for c in q.choices or ())
