"""The rule language: SQL expressions cut down to what judges and nothing that acts.

sqlglot reads the text; every node is then translated one by one into `Node`, and what is not listed here is refused
(BF-1407, BF-1408). No subquery, no window, no cast, no null literal and no user function gets through, so that an
expression can neither read anything beside its names nor change anything.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.problems import FORBIDDEN, SYNTAX, UNKNOWN_FUNCTION
from bangfu.rules.schema import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT, UNKNOWN, Type
from bangfu.rules.source import Place

LONGEST = 4000
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
AS_OF = "as_of"
UNKNOWN_WORD = "unknown"

FOLDS = ("any", "all", "count", "sum", "max", "min", "names", "count_members")

# How many arguments each function takes: (fewest, most).
FUNCTIONS: dict[str, tuple[int, int]] = {
    "years_between": (2, 2),
    "months_between": (2, 2),
    "days_between": (2, 2),
    "last_date": (3, 3),
    "year_of": (1, 1),
    "month_of": (1, 1),
    "known": (1, 1),
    "if_unknown": (2, 2),
    "has": (2, 2),
    "has_any": (2, 2),
    "least": (2, 8),
    "greatest": (2, 8),
    "any": (1, 1),
    "all": (1, 1),
    "count": (1, 1),
    "sum": (1, 1),
    "max": (1, 1),
    "min": (1, 1),
    "names": (1, 1),
    "count_members": (0, 0),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One step of an expression.

    `op` is const, name, not, and, or, =, <>, <, <=, >, >=, +, -, *, /, neg, in, case or the name of a function or fold;
    `args` its operands (case: condition, value, …, default; a fold over some members: value, condition); `value` the
    constant, the name, or of a checked fold the level of the rows that it folds over; `type` is set by the check; `text` is what the
    author wrote.
    """

    op: str
    args: tuple[Node, ...] = ()
    value: Any = None
    type: Type = UNKNOWN
    text: str = field(default="", compare=False)

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for arg in self.args:
            yield from arg.walk()


def parse(text: str, place: Place) -> Node:
    """Read one expression. Raises BF-1401 (not an expression), BF-1407 (not allowed) or BF-1408 (no such function)."""
    if len(text) > LONGEST:
        raise SYNTAX(**place.values(), detail=f"> {LONGEST}")
    try:
        parsed = [tree for tree in sqlglot.parse(_own_calls(text, place), read="duckdb") if tree is not None]
        if len(parsed) != 1:
            raise SYNTAX(**place.values(), detail=text.strip()[:80] or "''")
        return _Reader(place).read(parsed[0])
    except (SqlglotError, RecursionError) as error:
        detail = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()[:1]
        raise SYNTAX(**place.values(), detail="".join(detail)[:160] or type(error).__name__) from error


_COMPARE: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.And: "and",
    exp.Or: "or",
}

# Words before a bracket that are grammar and not calls.
_GRAMMAR = {"and", "or", "not", "in", "when", "then", "else", "case", "between", "filter", "where"}
_CALL = "f_"
_WORD = re.compile(r"'(?:[^']|'')*'|(--|/\*|\$\$)|([A-Za-z_][A-Za-z0-9_]*)(\s*\()?")
_QUANTIFIERS = {"all", "any", "some", "distinct"}


class _Reader:
    def __init__(self, place: Place) -> None:
        self.place = place

    def refuse(self, node: exp.Expr, hint_zh: str = "", hint_en: str = "") -> Problem:
        return FORBIDDEN(
            **self.place.values(),
            text=_text(node)[:120],
            hint_zh=hint_zh or "规则只能由名称、常量、比较、算术、and/or/not、in、between、case 和规定的函数组成。",
            hint_en=hint_en
            or "A rule is made of names, constants, comparisons, arithmetic, and/or/not, in, between, case and the listed functions only.",
        )

    def blank(self, node: exp.Expr) -> Problem:
        return self.refuse(
            node,
            "空值不能直接书写或比较：请用 known(x) 询问是否已知，用 if_unknown(x, 值) 指定未知时的取值。",
            "A blank is neither written nor compared: ask known(x), or say if_unknown(x, value).",
        )

    def read(self, node: exp.Expr) -> Node:
        made = self.translate(node)
        return Node(made.op, made.args, made.value, made.type, _text(node))

    def translate(self, node: exp.Expr) -> Node:
        kind = type(node)
        if kind in _COMPARE:
            return Node(_COMPARE[kind], (self.read(node.this), self.read(node.expression)))
        match node:
            case exp.Paren():
                return self.read(node.this)
            case exp.Column():
                return self.name(node)
            case exp.Literal():
                return self.literal(node)
            case exp.Boolean():
                return Node("const", value=bool(node.this), type=BOOLEAN)
            case exp.Not():
                return Node("not", (self.read(node.this),))
            case exp.Neg():
                return Node("neg", (self.read(node.this),))
            case exp.Between():
                if node.args.get("symmetric"):
                    raise self.refuse(node)
                item = self.read(node.this)
                low, high = self.read(node.args["low"]), self.read(node.args["high"])
                return Node("and", (self.sub(">=", item, low), self.sub("<=", item, high)))
            case exp.In():
                return self.membership(node)
            case exp.Case():
                return self.case(node)
            case exp.Filter():
                return self.filtered(node)
            case exp.Cast():
                return self.dated(node)
            case exp.Anonymous():
                return self.call(node, str(node.this).removeprefix(_CALL), list(node.expressions))
            case exp.Null() | exp.Is():
                raise self.blank(node)
        raise self.refuse(node)

    @staticmethod
    def sub(op: str, left: Node, right: Node) -> Node:
        return Node(op, (left, right), text=f"{left.text} {op} {right.text}")

    def name(self, node: exp.Column) -> Node:
        identifier = node.this
        plain = isinstance(identifier, exp.Identifier) and not identifier.args.get("quoted") and len(node.parts) == 1
        if not plain or not NAME.match(identifier.name):
            raise self.refuse(node)
        if identifier.name == UNKNOWN_WORD:
            return Node("const", value=None, type=UNKNOWN)
        return Node("name", value=identifier.name)

    def literal(self, node: exp.Literal) -> Node:
        if node.is_string:
            return Node("const", value=str(node.this), type=TEXT)
        written = str(node.this)
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", written):
            raise self.refuse(node)
        return (
            Node("const", value=float(written), type=DECIMAL)
            if "." in written
            else Node("const", value=int(written), type=INTEGER)
        )

    def dated(self, node: exp.Cast) -> Node:
        # Only the spelling  date '2020-08-31'  is a constant; every other cast is refused.
        if node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal) and node.this.is_string:
            try:
                return Node("const", value=dt.date.fromisoformat(node.this.this), type=DATE)
            except ValueError as error:
                raise self.refuse(node) from error
        raise self.refuse(node)

    def membership(self, node: exp.In) -> Node:
        if node.args.get("query") or node.args.get("unnest"):
            raise self.refuse(node)
        field_ = node.args.get("field")
        items = [field_] if field_ is not None else list(node.expressions)
        if not items:
            raise self.refuse(node)
        return Node("in", (self.read(node.this), *(self.read(item) for item in items)))

    def case(self, node: exp.Case) -> Node:
        if node.this is not None or node.args.get("default") is None:
            raise self.refuse(
                node, "请写成 case when 条件 then 值 … else 值 end。", "Write case when condition then value … else value end."
            )
        args: list[Node] = []
        for branch in node.args["ifs"]:
            args += [self.read(branch.this), self.read(branch.args["true"])]
        return Node("case", (*args, self.read(node.args["default"])))

    def filtered(self, node: exp.Filter) -> Node:
        fold = self.read(node.this)
        where = node.expression
        if fold.op not in ("sum", "max", "min", "count") or len(fold.args) != 1 or not isinstance(where, exp.Where):
            raise self.refuse(node)
        condition = self.read(where.this)
        if fold.op == "count":
            return Node("count", (self.sub("and", condition, fold.args[0]),))
        return Node(fold.op, (*fold.args, condition))

    def call(self, node: exp.Expr, name: str, arguments: list[exp.Expr]) -> Node:
        if name in ("coalesce", "ifnull", "nullif"):
            raise self.blank(node)
        known = FUNCTIONS.get(name)
        if known is None or not known[0] <= len(arguments) <= known[1]:
            raise UNKNOWN_FUNCTION(**self.place.values(), function=name, count=len(arguments), known=", ".join(sorted(FUNCTIONS)))
        if any(isinstance(argument, exp.Distinct | exp.Star | exp.Order) for argument in arguments):
            raise self.refuse(node)
        return Node(name, tuple(self.read(argument) for argument in arguments))


def _own_calls(text: str, place: Place) -> str:
    """Mark every call as ours before sqlglot reads it.

    sqlglot knows many functions by name and takes `all` and `any` for quantifiers, which it may drop without a word;
    a marked name is an unknown function to it and comes through untouched. Comments and bare quantifiers are refused.
    """

    def mark(found: re.Match[str]) -> str:
        comment, word, call = found.groups()
        if comment or (word and not call and word.lower() in _QUANTIFIERS):
            hint = Text("请删去注释；all、any 之后写括号。", "Leave out comments; write brackets after all and any.")
            raise FORBIDDEN(**place.values(), text=comment or word, hint_zh=hint.zh, hint_en=hint.en)
        return _CALL + found.group() if call and word.lower() not in _GRAMMAR else found.group()

    return _WORD.sub(mark, text)


def _text(node: exp.Expr) -> str:
    text = node.sql(dialect="duckdb", comments=False, normalize_functions=False)
    text = re.sub(r"\bCAST\('([0-9-]+)' AS DATE\)", r"date '\1'", text)
    text = re.sub(r"\b[A-Z][A-Z_]*\b(?=([^']*'[^']*')*[^']*$)", lambda word: word.group().lower(), text)
    return re.sub(rf"\b{_CALL}(?=[a-z_0-9]+\()", "", text)
