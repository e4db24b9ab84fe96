"""YAML with the line of every key, so that a problem can say where it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bangfu.foundation.say import Text
from bangfu.rules.problems import BAD_YAML

Key = tuple[Any, ...]
# libyaml where it is there: ten times as fast, the same nodes and marks.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: the file as people know it, the line, and the name being defined."""

    file: str
    line: int
    name: str = ""

    def values(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "name": self.name}


@dataclass(frozen=True, slots=True)
class Source:
    """The content of a YAML file and the line (from 1) of every key and list item by its path."""

    file: str
    data: Any
    lines: dict[Key, int] = field(default_factory=dict)

    def place(self, *path: Any) -> Place:
        """The place of a path, or of its nearest parent that has one."""
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        return Place(self.file, self.lines.get(at, 1), str(path[-1]) if path else "")


def read_yaml(content: str, file: str) -> Source:
    """Read one YAML document of plain data. Raises BF-1412 for bad YAML, tags, anchors that recurse or a repeated key."""
    try:
        node = yaml.compose(content, Loader=_LOADER)
        lines: dict[Key, int] = {}
        data = None if node is None else _build(node, (), lines, file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or str(error)
        raise BAD_YAML(file=file, line=mark.line + 1 if mark else 1, detail=detail) from error
    except RecursionError as error:
        raise BAD_YAML(file=file, line=1, detail="recursion") from error
    return Source(file, data, lines)


def read_file(path: Path, file: str | None = None) -> Source:
    """Read one YAML file; `file` is the name used in problems."""
    return read_yaml(path.read_text(encoding="utf-8"), file or path.name)


_SCALARS = yaml.SafeLoader("")


def _build(node: yaml.Node, path: Key, lines: dict[Key, int], file: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        made: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node, file)
            if key in made:
                raise BAD_YAML(file=file, line=key_node.start_mark.line + 1, detail=Text(f"{key} 重复了", f"{key} is repeated"))
            lines[(*path, key)] = key_node.start_mark.line + 1
            made[key] = _build(value_node, (*path, key), lines, file)
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, index), lines, file) for index, item in enumerate(node.value)]
    return _scalar(node, file)


def _scalar(node: yaml.Node, file: str) -> Any:
    if not isinstance(node, yaml.ScalarNode) or not node.tag.startswith("tag:yaml.org,2002:"):
        raise BAD_YAML(
            file=file, line=node.start_mark.line + 1, detail=Text(f"不能用 {node.tag}", f"{node.tag} has no place here")
        )
    try:
        value = _SCALARS.construct_object(node)
    except ValueError:
        day = Text(f"没有 {node.value} 这一天", f"there is no day {node.value}")
        raise BAD_YAML(file=file, line=node.start_mark.line + 1, detail=day) from None
    if isinstance(value, dt.datetime | bytes):
        raise BAD_YAML(
            file=file, line=node.start_mark.line + 1, detail=Text(f"这里不用 {node.value}", f"{node.value} has no place here")
        )
    return value
