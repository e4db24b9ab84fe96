"""The check: every name known, every type right, every level right, no circle. What passes here can be compiled.

The check also makes money exact: a plain number beside money means yuan and becomes fen, so that the compiled rule
compares whole fen and never binary fractions of a yuan.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.expressions import AS_OF, FOLDS, FUNCTIONS, NAME, UNKNOWN_WORD, Node, parse
from bangfu.rules.problems import (
    CYCLE,
    FORBIDDEN,
    SEALED,
    TAKEN,
    UNKNOWN_CODE,
    UNKNOWN_NAME,
    WRONG_LEVEL,
    WRONG_TYPE,
)
from bangfu.rules.schema import (
    ANYWHERE,
    BOOLEAN,
    DATE,
    DECIMAL,
    HOUSEHOLD,
    INTEGER,
    ITEM,
    LAND,
    MONEY,
    PERSON,
    RELATIONS,
    TEXT,
    UNKNOWN,
    Schema,
    Type,
)
from bangfu.rules.source import Place

MEMBERS = Type("members")
_LEVELS = {
    PERSON: Text("个人", "person"),
    ITEM: Text("收入项目", "item of income"),
    LAND: Text("地块", "piece of land"),
    HOUSEHOLD: Text("户", "household"),
}
_RESERVED = {AS_OF, UNKNOWN_WORD, "household", "person", "path", "members_of", *RELATIONS.values(), *FUNCTIONS}


@dataclass(frozen=True, slots=True)
class Definition:
    """A named fact after the check: its level, its typed expression and where it was written."""

    name: str
    level: str
    node: Node
    place: Place


@dataclass
class Program:
    """A checked set of facts over a schema and typed parameters; further expressions are checked against it."""

    schema: Schema
    parameters: Mapping[str, Type]
    definitions: dict[str, Definition] = field(default_factory=dict)

    def expression(self, text: str, level: str, place: Place, want: Type | None = None) -> Node:
        """Read and check one more expression. Raises BF-1401 to BF-1410."""
        return self.checked(parse(text, place), level, place, want)

    def checked(self, node: Node, level: str, place: Place, want: Type | None = None) -> Node:
        """Check an expression that was read already. Raises BF-1402 to BF-1410."""
        checker = _Checker(self, place)
        made = checker.check(node, level)
        return made if want is None else checker.coerce(made, want)

    def type_of(self, name: str) -> Type:
        """The type of a field, parameter or fact. Raises KeyError for another name."""
        if name == AS_OF:
            return DATE
        if name in self.definitions:
            return self.definitions[name].node.type
        if name in self.parameters:
            return self.parameters[name]
        return self.schema.columns[name].type

    def level_of(self, name: str) -> str:
        """The level of a name; parameters and `as_of` are `anywhere`. Raises KeyError for an unknown name."""
        if name == AS_OF or name in self.parameters:
            return ANYWHERE
        if name in self.definitions:
            return self.definitions[name].level
        return self.schema.columns[name].level

    def names_used(self, nodes: Iterable[Node]) -> set[str]:
        """The fields, facts and parameters that expressions rest on, through every fact they use."""
        seen: set[str] = set()
        waiting = list(nodes)
        while waiting:
            for node in waiting.pop().walk():
                if node.op != "name" or node.value in seen:
                    continue
                seen.add(node.value)
                if node.value in self.definitions:
                    waiting.append(self.definitions[node.value].node)
        return seen

    def parameters_used(self, nodes: Iterable[Node]) -> set[str]:
        """The parameters that expressions rest on, through every fact they use."""
        return self.names_used(nodes) & set(self.parameters)


def check_program(
    schema: Schema,
    parameters: Mapping[str, Type],
    persons: Mapping[str, tuple[str, Place]],
    households: Mapping[str, tuple[str, Place]],
    items: Mapping[str, tuple[str, Place]] | None = None,
    land: Mapping[str, tuple[str, Place]] | None = None,
) -> Program:
    """Check the facts of persons, of households, of income items and of land (name → text and place); order does not matter.

    Raises BF-1401 to BF-1411 at the first fault.
    """
    program = Program(schema, parameters)
    levels = {PERSON: persons, ITEM: items or {}, LAND: land or {}, HOUSEHOLD: households}
    before: set[str] = set()
    places = {name: place for facts in levels.values() for name, (_, place) in facts.items()}
    for facts in levels.values():
        for name, (_, place) in facts.items():
            other = None
            if not NAME.match(str(name)):
                other = Text("非法名称", "improper name")
            elif name in _RESERVED:
                other = Text("保留字", "reserved word")
            elif name in schema.columns or name in schema.sealed:
                other = Text("登记字段", "field of the register")
            elif name in parameters:
                other = Text("参数", "parameter")
            elif name in before:
                other = Text("其他级别的事实", "fact of another level")
            if other is not None:
                raise TAKEN(**place.values(), other=other)
        before |= set(facts)
    for name in parameters:
        if not NAME.match(name) or name in _RESERVED or name in schema.columns:
            raise TAKEN(file="parameters", line=1, name=name, other=Text("登记字段或保留字", "field or reserved word"))
    parsed = {name: (level, parse(text, place)) for level, facts in levels.items() for name, (text, place) in facts.items()}

    def define(name: str, path: tuple[str, ...]) -> None:
        if name in program.definitions:
            return
        if name in path:
            raise CYCLE(**places[name].values(), path=" → ".join((*path[path.index(name) :], name)))
        level, node = parsed[name]
        for part in node.walk():
            if part.op == "name" and part.value in parsed:
                define(part.value, (*path, name))
        program.definitions[name] = Definition(name, level, program.checked(node, level, places[name]), places[name])

    for name in parsed:
        define(name, ())
    return program


class _Checker:
    def __init__(self, program: Program, place: Place) -> None:
        self.program = program
        self.place = place

    # --- names and levels

    def check(self, node: Node, level: str) -> Node:
        if node.op == "const":
            return node
        if node.op == "name":
            return self.name(node, level)
        if node.op in FOLDS:
            return self.fold(node, level)
        args = tuple(self.check(arg, level) for arg in node.args)
        return getattr(self, _RULES[node.op])(replace(node, args=args))  # type: ignore[no-any-return]

    def name(self, node: Node, level: str) -> Node:
        name = str(node.value)
        try:
            found = self.program.level_of(name)
        except KeyError:
            raise self.unknown(name) from None
        if found not in (ANYWHERE, level):
            raise WRONG_LEVEL(**self.place.values(), level=_LEVELS[level], other=_LEVELS[found], unknown=name)
        return replace(node, type=self.program.type_of(name))

    def unknown(self, name: str) -> Problem:
        if name in self.program.schema.sealed:
            return SEALED(**self.place.values(), unknown=name)
        names = [*self.program.schema.columns, *self.program.definitions, *self.program.parameters]
        near = ", ".join(difflib.get_close_matches(name, names, 3, 0.6)) or "—"
        return UNKNOWN_NAME(**self.place.values(), unknown=name, near=near)

    def fold(self, node: Node, level: str) -> Node:
        if level != HOUSEHOLD:
            raise WRONG_LEVEL(**self.place.values(), level=_LEVELS[level], other=_LEVELS[HOUSEHOLD], unknown=node.text)
        if node.op == "count_members":
            return replace(node, value=PERSON, type=INTEGER)
        over = PERSON if node.op == "names" else self.folded(node)
        args = tuple(self.check(arg, over) for arg in node.args)
        node = replace(node, value=over)
        if node.op in ("any", "all", "count", "names"):
            args = (self.coerce(args[0], BOOLEAN),)
            return replace(node, args=args, type={"count": INTEGER, "names": MEMBERS}.get(node.op, BOOLEAN))
        kind = args[0].type
        if not (kind.is_number or (kind == DATE and node.op != "sum")):
            raise self.wrong(args[0], Text("数值或日期", "a number or a date"))
        if len(args) == 2:
            args = (args[0], self.coerce(args[1], BOOLEAN))
        return replace(node, args=args, type=kind)

    def folded(self, fold: Node) -> str:
        """The level of the rows that a fold speaks of: that of the first name that has one; members where nothing says."""
        for part in fold.walk():
            if part.op == "name":
                try:
                    level = self.program.level_of(str(part.value))
                except KeyError:
                    raise self.unknown(str(part.value)) from None
                if level in RELATIONS:
                    return level
        return PERSON

    # --- types

    def wrong(self, node: Node, wanted: Any) -> Problem:
        return WRONG_TYPE(**self.place.values(), text=node.text or node.value, found=node.type, wanted=wanted)

    def coerce(self, node: Node, want: Type) -> Node:
        """The node as a value of a type: the same, a number widened, a code looked up, unknown taken as any type."""
        have = node.type
        if have == want:
            return node
        if have == UNKNOWN and node.op == "const":
            return replace(node, type=want)
        if want == MONEY and have in (INTEGER, DECIMAL):
            if node.op == "const":
                fen = Decimal(str(node.value)) * 100
                return replace(node, value=int(fen) if fen == fen.to_integral_value() else float(fen), type=MONEY)
            return Node("*", (node, Node("const", value=100, type=INTEGER)), type=MONEY, text=node.text)
        if want == DECIMAL and have == INTEGER:
            return replace(node, value=float(node.value), type=DECIMAL) if node.op == "const" else node
        if want.kind == "code" and have == TEXT and node.op == "const":
            self.code(node, want)
            return replace(node, type=want)
        raise self.wrong(node, want)

    def code(self, node: Node, listed: Type) -> None:
        known = self.program.schema.codes.get(listed.codes, frozenset())
        if node.value not in known:
            raise UNKNOWN_CODE(**self.place.values(), code=node.value, codes=listed.codes, known=", ".join(sorted(known)))

    def common(self, nodes: Iterable[Node]) -> tuple[tuple[Node, ...], Type]:
        """Bring nodes to one type: money beside numbers is money, decimal beside integer decimal, code beside text code."""
        listed = tuple(nodes)
        kinds = {node.type for node in listed} - {UNKNOWN}
        if not kinds:
            raise self.wrong(listed[0], Text("有类型的值", "a value of a known type"))
        for strong in (MONEY, DECIMAL, INTEGER):
            if strong in kinds and all(kind.is_number for kind in kinds):
                return tuple(self.coerce(node, strong) for node in listed), strong
        want = next((kind for kind in kinds if kind.kind == "code"), None) or next(
            node.type for node in listed if node.type != UNKNOWN
        )
        return tuple(self.coerce(node, want) for node in listed), want

    def number(self, node: Node) -> Node:
        if not node.type.is_number:
            raise self.wrong(node, Text("数值", "a number"))
        return node

    def logic(self, node: Node) -> Node:
        return replace(node, args=tuple(self.coerce(arg, BOOLEAN) for arg in node.args), type=BOOLEAN)

    def equality(self, node: Node) -> Node:
        if node.op == "in" and len(node.args) == 2 and node.args[1].type.kind == "codes":
            return self.has(replace(node, op="has", args=node.args[::-1]))
        args, kind = self.common(node.args)
        if kind.kind in ("codes", "members"):
            raise self.wrong(args[0], Text("单个代码（多选字段请用 has）", "a single code (use has for several)"))
        return replace(node, args=args, type=BOOLEAN)

    def order(self, node: Node) -> Node:
        args, kind = self.common(node.args)
        if not (kind.is_number or kind == DATE):
            raise self.wrong(args[0], Text("数值或日期", "a number or a date"))
        return replace(node, args=args, type=BOOLEAN)

    def sum(self, node: Node) -> Node:
        left, right = node.args
        if left.type == DATE and right.type == INTEGER:
            return replace(node, type=DATE)
        args, kind = self.common((self.number(left), self.number(right)))
        return replace(node, args=args, type=kind)

    def product(self, node: Node) -> Node:
        left, right = (self.number(arg) for arg in node.args)
        if left.type == right.type == MONEY:
            raise self.wrong(right, Text("不是金额的数值", "a number that is not money"))
        return replace(node, args=(left, right), type=MONEY if MONEY in (left.type, right.type) else DECIMAL)

    def quotient(self, node: Node) -> Node:
        left, right = (self.number(arg) for arg in node.args)
        if right.op == "const" and not right.value:
            raise self.wrong(right, Text("0 以外的数", "a number other than 0"))
        if left.type != MONEY and right.type == MONEY:
            raise self.wrong(right, Text("不是金额的数值", "a number that is not money"))
        return replace(node, type=MONEY if left.type == MONEY and right.type != MONEY else DECIMAL)

    def negative(self, node: Node) -> Node:
        return replace(node, type=self.number(node.args[0]).type)

    def known(self, node: Node) -> Node:
        if node.args[0].type == UNKNOWN:
            raise self.wrong(node.args[0], Text("有类型的值", "a value of a known type"))
        return replace(node, type=BOOLEAN)

    def same(self, node: Node) -> Node:
        args, kind = self.common(node.args)
        if node.op in ("least", "greatest") and not (kind.is_number or kind == DATE):
            raise self.wrong(args[0], Text("数值或日期", "a number or a date"))
        return replace(node, args=args, type=kind)

    def case(self, node: Node) -> Node:
        conditions = [self.coerce(arg, BOOLEAN) for arg in node.args[:-1:2]]
        values, kind = self.common((*node.args[1:-1:2], node.args[-1]))
        args = [part for pair in zip(conditions, values[:-1], strict=True) for part in pair]
        return replace(node, args=(*args, values[-1]), type=kind)

    def has(self, node: Node) -> Node:
        several, one = node.args
        if several.type.kind != "codes":
            raise self.wrong(several, Text("多选代码字段", "a field of several codes"))
        return replace(node, args=(several, self.coerce(one, Type("code", several.type.codes))), type=BOOLEAN)

    def has_any(self, node: Node) -> Node:
        left, right = node.args
        if left.type.kind != "codes" or right.type != left.type:
            raise self.wrong(
                right if left.type.kind == "codes" else left, Text("同一代码表的多个代码", "several codes of one list")
            )
        return replace(node, type=BOOLEAN)

    def between(self, node: Node) -> Node:
        return replace(node, args=tuple(self.coerce(arg, DATE) for arg in node.args), type=INTEGER)

    def part(self, node: Node) -> Node:
        return replace(node, args=(self.coerce(node.args[0], DATE),), type=INTEGER)

    def last_date(self, node: Node) -> Node:
        month, day, before = node.args
        right = (
            month.op == day.op == "const"
            and month.type == day.type == INTEGER
            and 1 <= month.value <= 12
            and 1 <= day.value <= 28 + (0 if month.value == 2 else 2 if month.value in (4, 6, 9, 11) else 3)
        )
        if not right or before.op != "name" or before.value != AS_OF:
            raise FORBIDDEN(
                **self.place.values(),
                text=node.text,
                hint_zh="请写成 last_date(月, 日, as_of)，月、日为数字。",
                hint_en="Write last_date(month, day, as_of) with a month and a day in digits.",
            )
        return replace(node, type=DATE)


_RULES = {
    "and": "logic",
    "or": "logic",
    "not": "logic",
    "=": "equality",
    "<>": "equality",
    "in": "equality",
    "<": "order",
    "<=": "order",
    ">": "order",
    ">=": "order",
    "+": "sum",
    "-": "sum",
    "*": "product",
    "/": "quotient",
    "neg": "negative",
    "known": "known",
    "if_unknown": "same",
    "least": "same",
    "greatest": "same",
    "case": "case",
    "has": "has",
    "has_any": "has_any",
    "years_between": "between",
    "months_between": "between",
    "days_between": "between",
    "year_of": "part",
    "month_of": "part",
    "last_date": "last_date",
}
