"""The compiler: checked facts and the expressions wanted of each household, as one SELECT of DuckDB or Spark (`bangfu.rules.dialects`).

Shape of the statement: the rows of each level (members, income items, land) are read once (only the columns used), their facts
computed layer by layer, then one aggregation by household and one join with the households, whose facts follow in the same way. Folds in strong Kleene
logic cost one `bit_or` over a word of flags (two bits per condition: true, unknown), never a window and never a second
pass; members are listed only where a flag that somebody asks the names of is set. Parameters and the date are constants of the statement; what they decide is folded away before the engine sees it.

Relations: `persons` (household, person, fields), `households` (household unique, path VARCHAR,
fields); `items` and `land` (household, fields) where a rule folds over them. The keys household and person are whole numbers in the
register; in files of others they may be texts. Money columns are integer fen. A row whose
household is not in `households` is left out; a household without persons has 0 members.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bangfu.rules.check import Program
from bangfu.rules.dialects import DUCKDB, Dialect
from bangfu.rules.evaluate import evaluate
from bangfu.rules.expressions import FOLDS, Node
from bangfu.rules.schema import BOOLEAN, HOUSEHOLD, PERSON, RELATIONS, Schema

_FLAG_WORD = 30


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement and what it reads: `sql` gives (household, path, *columns); `reads` are the fields it needs of each level.

    A level of rows that no rule folds over is not in `reads`, and its relation need not exist.
    """

    sql: str
    columns: tuple[str, ...]
    reads: Mapping[str, tuple[str, ...]]

    @property
    def person_columns(self) -> tuple[str, ...]:
        return self.reads.get(PERSON, ())

    @property
    def household_columns(self) -> tuple[str, ...]:
        return self.reads[HOUSEHOLD]


def compile_households(
    program: Program,
    wanted: Mapping[str, Node],
    constants: Mapping[str, Any],
    *,
    households: str = "households",
    dialect: Dialect = DUCKDB,
    **rows: str,
) -> Compiled:
    """Compile household-level expressions (`wanted`: output name → checked node) over a household's own fields and its rows.

    `constants` holds `as_of` and a value for each parameter used (internal form: money in fen). `households` and each of `rows`
    (`persons=…`, `items=…`, `land=…`) are SQL that may stand after FROM; by default the relations of these names.
    """
    named = {level: rows.get(relation, relation) for level, relation in RELATIONS.items()}
    return _Compiler(program, constants, dialect).compile(wanted, named, households)


def bind(node: Node, constants: Mapping[str, Any]) -> Node:
    """Put constants in the place of their names and compute what they decide."""
    if node.op == "name":
        if node.value not in constants:
            return node
        value = constants[node.value]
        return replace(node, op="const", value=tuple(value) if isinstance(value, list) else value)
    args = tuple(bind(arg, constants) for arg in node.args)
    node = replace(node, args=args)
    if node.op in FOLDS or node.op == "const":
        return node
    if node.op == "has" and args[0].op == "const" and args[0].value is not None and args[1].op != "const":
        return replace(node, op="in", args=(args[1], *(Node("const", value=c, type=args[1].type) for c in args[0].value)))
    if args and all(arg.op == "const" for arg in args):
        return replace(node, op="const", args=(), value=evaluate(node, constants.__getitem__))
    if node.op in ("and", "or"):
        return _logic(node)
    if node.op == "if_unknown" and args[1].op == "const" and args[1].value is None:
        return args[0]
    if node.op == "case" and args[0].op == "const":
        if args[0].value is None:
            return replace(node, op="const", args=(), value=None)
        if args[0].value:
            return args[1]
        return args[2] if len(args) == 3 else bind(replace(node, args=args[2:]), constants)
    return node


def _logic(node: Node) -> Node:
    decided = node.op == "or"
    left, right = node.args
    for one, other in ((left, right), (right, left)):
        if one.op == "const" and one.value is decided:
            return replace(node, op="const", args=(), value=decided)
        if one.op == "const" and one.value is (not decided):
            return other
    return node


def text_literal(value: str) -> str:
    """A text as a literal of DuckDB."""
    return DUCKDB.text(value)


@dataclass
class _Level:
    """What is computed of the rows of one level: facts by layer of depth, the fields read, and for rows that are folded their flags."""

    prefix: str
    layers: dict[str, tuple[int, str]] = field(default_factory=dict)
    read: dict[str, None] = field(default_factory=dict)
    kept: dict[Node, str] = field(default_factory=dict)
    flags: dict[Node, tuple[int, str]] = field(default_factory=dict)
    named_bits: dict[str, int] = field(default_factory=dict)
    aggregates: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """The names of the words that the flags of a row fill."""
        return [f"_{self.prefix}w{word}" for word in range(-(-len(self.flags) // _FLAG_WORD))]

    @property
    def folded(self) -> bool:
        return bool(self.flags or self.aggregates)


class _Compiler:
    def __init__(self, program: Program, constants: Mapping[str, Any], dialect: Dialect) -> None:
        self.dialect = dialect
        self.program = program
        self.schema: Schema = program.schema
        self.bound: dict[str, Node] = {}
        self.constants = dict(constants)
        self.levels = {HOUSEHOLD: _Level("h")} | {level: _Level(level[0]) for level in RELATIONS}
        self.uses: Counter[str] = Counter()
        self.folds: dict[Node, tuple[str, str]] = {}

    # --- binding: each fact once, constants folded, facts used once written out in place

    def fact(self, name: str) -> Node:
        if name not in self.bound:
            made = self.bind(self.program.definitions[name].node)
            self.bound[name] = made
            if made.op == "const":
                self.constants[name] = made.value
        return self.bound[name]

    def bind(self, node: Node) -> Node:
        for part in node.walk():
            if part.op == "name" and part.value in self.program.definitions:
                self.fact(part.value)
        return bind(node, self.constants)

    def count(self, node: Node) -> None:
        for part in node.walk():
            if part.op == "name" and part.value in self.program.definitions:
                self.uses[part.value] += 1
                if self.uses[part.value] == 1:
                    self.count(self.bound[part.value])

    def inline(self, node: Node) -> Node:
        if node.op == "name" and node.value in self.program.definitions:
            inner = self.bound[node.value]
            if self.uses[node.value] == 1 or inner.op == "name":
                return self.inline(inner)
            return node
        return replace(node, args=tuple(self.inline(arg) for arg in node.args), text="")

    # --- SQL of expressions

    def sql(self, node: Node, level: str) -> tuple[str, int]:
        """The SQL of an expression and the depth of the layer it can be computed in (0: from the columns alone)."""
        if node.op == "const":
            return self.dialect.literal(node.value, node.type.kind), 0
        if node.op == "name":
            return self.named(node, level)
        if node.op in FOLDS:
            return self.fold(node), 0
        parts = [self.sql(arg, level) for arg in node.args]
        return _spell(node, [text for text, _ in parts], self.dialect), max(depth for _, depth in parts)

    def named(self, node: Node, level: str) -> tuple[str, int]:
        name = node.value
        if name in self.program.definitions:
            layers = self.levels[level].layers
            if name not in layers:
                text, depth = self.sql(self.inline_of(name), level)
                layers[name] = (depth + 1, text)
            return name, layers[name][0]
        self.levels[level].read[name] = None
        return name, 0

    def inline_of(self, name: str) -> Node:
        return self.inline(self.bound[name])

    def keep(self, node: Node, level: str) -> str:
        """The name of an expression over the rows of a level, computed once whatever number of folds reads it."""
        if node.op == "name":
            return self.named(node, level)[0]
        at = self.levels[level]
        if node not in at.kept:
            text, depth = self.sql(node, level)
            name = f"_{at.prefix}x{len(at.kept)}"
            at.layers[name] = (depth + 1, text)
            at.kept[node] = name
        return at.kept[node]

    # --- folds: aggregates, and what reads them after the join

    def flag(self, condition: Node, level: str) -> tuple[str, int, int]:
        """Two bits of a row's word for a condition: one set where it is true, one where it is unknown."""
        at = self.levels[level]
        if condition not in at.flags:
            value = self.keep(condition, level)
            number = self.dialect.cast(value, "integer")
            number = number if self.certain(condition) else f"coalesce({number}, 2)"
            at.flags[condition] = (len(at.flags), number)
        word, place = divmod(at.flags[condition][0], _FLAG_WORD)
        return f"_{at.prefix}w{word}", 1 << (2 * place), 2 << (2 * place)

    def certain(self, node: Node) -> bool:
        """Whether an expression over rows can never be unknown."""
        if node.op == "name":
            return node.value in self.program.definitions and self.certain(self.bound[node.value])
        if node.op == "const":
            return node.value is not None
        if node.op == "if_unknown":
            return self.certain(node.args[1])
        return node.op == "known" or (node.op in ("and", "or", "not", "case", "=", "<>") and all(map(self.certain, node.args)))

    def aggregate(self, text: str, level: str) -> str:
        at = self.levels[level]
        return at.aggregates.setdefault(text, f"_{at.prefix}a{len(at.aggregates)}")

    def fold(self, node: Node) -> str:
        if node not in self.folds:
            self.folds[node] = (f"_f{len(self.folds)}", self.folded(node))
        return self.folds[node][0]

    def folded(self, node: Node) -> str:
        level = node.value or PERSON
        if node.op == "count_members":
            return f"coalesce({self.aggregate('count(*)', level)}, 0)"
        first = node.args[0]
        if node.op == "names":
            word, held, _ = self.flag(first, level)
            bits = self.levels[level].named_bits
            bits[word] = bits.get(word, 0) | held
            return self.dialect.members(f"_n{word}", held)
        if node.op == "any":
            word, held, opened = self.flag(first, level)
            return self.decided(word, held, opened, "TRUE", "FALSE", first)
        if node.op == "all":
            refused = first.args[0] if first.op == "not" else replace(first, op="not", args=(first,), value=None)
            word, held, opened = self.flag(refused, level)
            return self.decided(word, held, opened, "FALSE", "TRUE", refused)
        if node.op == "count":
            word, _, opened = self.flag(first, level)
            plain = f"coalesce({self.aggregate(f'count(*) FILTER (WHERE {self.keep(first, level)})', level)}, 0)"
            return f"CASE WHEN coalesce({word}, 0) & {opened} <> 0 THEN NULL ELSE {plain} END"
        # sum, max, min: open where a row that counts, or may count, has no value.
        known = Node("known", (first,), type=BOOLEAN)
        whole = Node("const", value=True, type=BOOLEAN) if len(node.args) == 1 else node.args[1]
        missing = _either(_negated(known), whole) if len(node.args) == 2 else _negated(known)
        word, held, opened = self.flag(missing, level)
        chosen = f" FILTER (WHERE {self.keep(whole, level)})" if len(node.args) == 2 else ""
        plain = self.aggregate(f"{node.op}({self.keep(first, level)}){chosen}", level)
        if node.op == "sum":
            plain = (
                f"coalesce({plain}, 0)"
                if node.type.kind == "decimal"
                else self.dialect.cast(f"coalesce({plain}, 0)", node.type.kind)
            )
        return f"CASE WHEN coalesce({word}, 0) & {held | opened} <> 0 THEN NULL ELSE {plain} END"

    def decided(self, word: str, held: int, opened: int, found: str, other: str, condition: Node) -> str:
        if self.certain(condition):
            return f"(coalesce({word}, 0) & {held} {'<>' if found == 'TRUE' else '='} 0)"
        return f"CASE WHEN {word} & {held} <> 0 THEN {found} WHEN {word} & {opened} <> 0 THEN NULL ELSE {other} END"

    # --- the statement

    def compile(self, wanted: Mapping[str, Node], rows: Mapping[str, str], households: str) -> Compiled:
        bound = {name: self.bind(node) for name, node in wanted.items()}
        for node in bound.values():
            self.count(node)
        outputs = {name: self.sql(self.inline(node), HOUSEHOLD)[0] for name, node in bound.items()}

        folded = [level for level in RELATIONS if self.levels[level].folded]
        selected, joins = "", ""
        for level in folded:
            at, alias = self.levels[level], f"f{level[0]}"
            selected += "".join(f", {alias}.{name}" for name in (*at.aggregates.values(), *at.words))
            selected += "".join(f", {self.dialect.in_order(f'{alias}._l{word}')} AS _n{word}" for word in at.named_bits)
            joins += f" LEFT JOIN ({self.aggregated(level, rows[level])}) AS {alias} ON {alias}.household = h.household"
        source = f"SELECT h.household, h.path{self.columns(HOUSEHOLD, 'h.')}{selected} FROM {households} AS h{joins}"
        if self.folds:
            decoded = "".join(f", {text} AS {name}" for name, text in self.folds.values())
            source = f"SELECT *{decoded} FROM ({source})"
        listed = "".join(f", {text} AS {name}" for name, text in outputs.items())
        return Compiled(
            sql=f"SELECT household, path{listed} FROM ({self.layered(HOUSEHOLD, source)})",
            columns=tuple(outputs),
            reads={level: tuple(self.levels[level].read) for level in (HOUSEHOLD, *folded)},
        )

    def aggregated(self, level: str, relation: str) -> str:
        """The rows of a level folded to one row a household: aggregates, words of flags, lists of those whose names are asked."""
        at = self.levels[level]
        who = ", person" if level == PERSON else ""
        rows = self.layered(level, f"SELECT household{who}{self.columns(level, '')} FROM {relation}")
        aggregates = [f"{text} AS {name}" for text, name in at.aggregates.items()]
        words: dict[str, list[str]] = {}
        for index, number in at.flags.values():
            word, place = divmod(index, _FLAG_WORD)
            words.setdefault(f"_{at.prefix}w{word}", []).append(self.dialect.shifted(number, 2 * place) if place else number)
        if words:
            packed = ", ".join(f"{' | '.join(parts)} AS {name}" for name, parts in words.items())
            rows = f"SELECT *, {packed} FROM ({rows})"
        aggregates += [f"bit_or({name}) AS {name}" for name in words]
        for name, bits in at.named_bits.items():
            aggregates.append(f"{self.dialect.pairs('person', name, bits)} AS _l{name}")
        return f"SELECT household, {', '.join(aggregates)} FROM ({rows}) GROUP BY household"

    def columns(self, level: str, prefix: str) -> str:
        made = ""
        for name in self.levels[level].read:
            kind = self.schema.columns[name].type.kind
            value = f"{prefix}{name}"
            made += f", {self.dialect.cast(value, kind) if kind in ('integer', 'decimal', 'money') else value} AS {name}"
        return made

    def layered(self, level: str, source: str) -> str:
        layers = self.levels[level].layers
        for depth in sorted({depth for depth, _ in layers.values()}):
            made = ", ".join(f"{text} AS {name}" for name, (at, text) in layers.items() if at == depth)
            source = f"SELECT *, {made} FROM ({source})"
        return source


def _negated(node: Node) -> Node:
    return Node("not", (node,), type=BOOLEAN)


def _either(missing: Node, chosen: Node) -> Node:
    """Unknown or true where the choice is open, or falls on a member without a value."""
    return Node(
        "and", (chosen, Node("or", (missing, _negated(Node("known", (chosen,), type=BOOLEAN))), type=BOOLEAN)), type=BOOLEAN
    )


_INFIX = {"=", "<>", "<", "<=", ">", ">=", "+", "-"}


def _spell(node: Node, args: list[str], dialect: Dialect) -> str:
    op = node.op
    if op in ("and", "or"):
        return f"({args[0]} {op.upper()} {args[1]})"
    if op in _INFIX:
        if op in "+-" and node.type.kind == "date":
            return dialect.moved(args[0], op, args[1])
        return f"({args[0]} {op} {args[1]})"
    match op:
        case "not":
            return f"(NOT {args[0]})"
        case "neg":
            return f"(-{args[0]})"
        case "*":
            return f"({dialect.cast(args[0], 'decimal')} * {dialect.cast(args[1], 'decimal')})"
        case "/":
            return f"({dialect.cast(args[0], 'decimal')} / nullif({dialect.cast(args[1], 'decimal')}, 0))"
        case "in":
            return dialect.among(args[0], args[1:])
        case "known":
            return f"({args[0]} IS NOT NULL)"
        case "if_unknown":
            return f"coalesce({args[0]}, {args[1]})"
        case "has":
            return dialect.has(args[0], args[1])
        case "has_any":
            return dialect.has_any(args[0], args[1])
        case "least" | "greatest":
            # Engines pass over blanks here; an unknown operand must make the result unknown.
            blank = " OR ".join(f"{arg} IS NULL" for arg in args)
            return f"CASE WHEN {blank} THEN NULL ELSE {op}({', '.join(args)}) END"
        case "case":
            made = "CASE"
            for condition, value in zip(args[:-1:2], args[1:-1:2], strict=True):
                made += f" WHEN {condition} IS NULL THEN NULL WHEN {condition} THEN {value}"
            return f"{made} ELSE {args[-1]} END"
        case "year_of":
            return f"year({args[0]})"
        case "month_of":
            return f"month({args[0]})"
        case "years_between":
            start, end = args
            late = f"(month({end}) * 32 + day({end}) < month({start}) * 32 + day({start}))"
            return f"(year({end}) - year({start}) - {dialect.cast(late, 'integer')})"
        case "months_between":
            start, end = args
            early = dialect.cast(f"day({end}) < day({start})", "integer")
            return f"((year({end}) - year({start})) * 12 + month({end}) - month({start}) - {early})"
        case "days_between":
            return dialect.days_between(args[0], args[1])
    raise AssertionError(op)
