"""Expressions of forms (XPath 1.0 with the functions of ODK XForms): whether one can be computed at all. Pure.

The converter passes expressions on as they are written, and a phone that meets a broken one refuses the whole form. So they are read here, with what is missing or unknown told by place.
Source: XPath 1.0 (W3C, 1999) and the ODK XForms specification, section XPath functions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from bangfu.foundation.say import Text

# Those of XPath 1.0, then those of ODK XForms and what its clients add.
_FUNCTIONS = """
    last position count id local-name namespace-uri name string concat starts-with contains substring-before substring-after substring string-length
    normalize-space translate boolean not true false lang number sum floor ceiling round
    if coalesce once selected selected-at count-selected jr:choice-name jr:itext current instance indexed-repeat count-non-empty max min pow log log10
    abs sin cos tan asin acos atan atan2 sqrt exp exp10 pi int regex ends-with substr join boolean-from-string checklist weighted-checklist today now
    date date-time decimal-date-time decimal-time format-date format-date-time geofence area distance intersects random randomize uuid version
    property digest base64-decode base64-encode extract-signed pulldata depend difference-in-months count-if sort sort-by distinct-values reverse
    encrypt-string id-compress node-set
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
TYPES = frozenset({"node", "text", "comment", "processing-instruction"})  # tests of nodes, not functions
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<literal>\"[^\"]*\"|'[^']*')|(?P<sign>!=|<=|>=|//|::|\.\.|[()\[\],.@/|+=<>*$-])"
    r"|(?P<name>[^\W\d][\w.\-]*(?::(?!:)[^\W\d][\w.\-]*)?(?::\*)?))"
)
_BINARY = ({"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"})
_WORDS = frozenset({"and", "or", "div", "mod"})
DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its sort (number, literal, sign, operator, name), the text, and where it begins."""

    sort: str
    text: str
    at: int


class Broken(ValueError):
    """An expression that cannot be read; `why` says what is wrong and where."""

    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


@dataclass
class Read:
    """What an expression uses: the functions that it calls, and the absolute paths without a predicate."""

    functions: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)


def fault(expression: str, paths: Collection[str] = ()) -> Text | None:
    """What is wrong with an expression; None where nothing is. `paths` are those of the form's instance (none: paths are not held against it)."""
    try:
        read = _Parser(expression).whole()
    except Broken as wrong:
        return wrong.why
    if unknown := sorted(read.functions - FUNCTIONS):
        return Text("不认识函数 {f}()", "there is no function {f}()").format(f=unknown[0])
    root = min(paths, key=len, default="")
    for path in sorted(read.paths):
        if paths and path.startswith(root + "/") and path not in paths:
            return Text("表单里没有 {p}", "the form has no {p}").format(p=path)
    return None


def tokens(expression: str) -> Iterator[Token]:
    """The tokens of an expression. Raises Broken where something is none."""
    at, before = 0, None
    end = len(expression.rstrip())
    while at < end:
        found = _TOKEN.match(expression, at)
        if found is None:
            left = expression[at:].lstrip()
            raise Broken(
                Text("第{n}个字符起读不了：{s}", "it cannot be read from character {n} on: {s}").format(n=at + 1, s=left[:12])
            )
        sort = found.lastgroup or ""
        text = found[sort]
        operand_before = before is not None and (
            before.sort in ("number", "literal", "name") or before.text in (")", "]", ".", "..") or before.sort == "star"
        )
        if (sort == "name" and text in _WORDS and operand_before) or (text == "*" and operand_before):
            sort = "operator"
        elif text == "*":
            sort = "star"
        before = Token(sort, text, found.start(sort if sort in ("number", "literal", "sign", "name") else found.lastgroup or 0))
        yield before
        at = found.end()


class _Parser:
    """Recursive descent over the grammar of XPath 1.0."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tokens = list(tokens(expression))
        self.n = self.depth = 0
        self.read = Read()

    def whole(self) -> Read:
        """Read all of it."""
        if not self.tokens:
            raise Broken(Text("是空的", "it is empty"))
        self.expr()
        if self.n < len(self.tokens):
            self.stop()
        return self.read

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[self.n + ahead] if self.n + ahead < len(self.tokens) else Token("end", "", len(self.expression))

    def take(self, *texts: str) -> bool:
        if self.peek().text in texts and self.peek().sort in ("sign", "operator", "star"):
            self.n += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            self.stop(text)

    def stop(self, wanted: str = "") -> None:
        one = self.peek()
        if one.sort == "end":
            said = (
                Text("在末尾少了 {w}", "at its end {w} lacks").format(w=wanted)
                if wanted
                else Text("没有写完", "it is not finished")
            )
            raise Broken(said)
        said = Text("第{n}个字符“{t}”处不对", "it is wrong at character {n}, “{t}”").format(n=one.at + 1, t=one.text)
        raise Broken(said)

    def expr(self, level: int = 0) -> None:
        self.depth += 1
        if self.depth > DEEPEST * len(_BINARY):
            raise Broken(Text("嵌套太深", "it is nested too deep"))
        if level == len(_BINARY):
            while self.take("-"):
                pass
            self.union()
        else:
            self.expr(level + 1)
            while self.peek().sort in ("sign", "operator") and self.peek().text in _BINARY[level]:
                self.n += 1
                self.expr(level + 1)
        self.depth -= 1

    def union(self) -> None:
        self.path()
        while self.take("|"):
            self.path()

    def path(self) -> None:
        one, after = self.peek(), self.peek(1)
        calls = one.sort == "name" and after.text == "(" and one.text not in TYPES
        if one.sort in ("number", "literal") or one.text in ("(", "$") or calls:
            self.primary()
            self.predicates()
            if self.peek().text in ("/", "//"):
                self.n += 1
                self.steps()
            return
        absolute = self.take("/")
        if absolute and not self.begins_step():
            return  # the root itself
        if not absolute and self.take("//"):
            self.steps()
            return
        names = self.steps()
        if absolute and names is not None:
            self.read.paths.add("/" + "/".join(names))

    def begins_step(self) -> bool:
        return self.peek().sort in ("name", "star") or self.peek().text in (".", "..", "@")

    def primary(self) -> None:
        one = self.peek()
        self.n += 1
        if one.text == "(" and one.sort == "sign":
            self.expr()
            self.need(")")
        elif one.text == "$":
            if self.peek().sort != "name":
                self.stop()
            self.n += 1
        elif one.sort == "name":
            self.read.functions.add(one.text)
            self.need("(")
            if self.take(")"):
                return
            self.expr()
            while self.take(","):
                self.expr()
            self.need(")")

    def steps(self) -> list[str] | None:
        """The steps of a location path; their names, or None where there is more to it than names."""
        names: list[str] | None = []
        while True:
            name = self.step()
            names = [*names, name] if names is not None and name is not None else None
            if self.take("//"):
                names = None
            elif not self.take("/"):
                return names

    def step(self) -> str | None:
        if self.take(".", ".."):
            self.predicates()
            return None
        plain = not self.take("@")
        one = self.peek()
        if one.sort not in ("name", "star"):
            self.stop()
        self.n += 1
        if one.sort == "name" and self.take("::"):
            plain, one = False, self.peek()
            if one.sort not in ("name", "star"):
                self.stop()
            self.n += 1
        if one.text in TYPES and self.take("("):
            plain = False
            self.need(")")
        return one.text if not self.predicates() and plain and one.sort == "name" else None

    def predicates(self) -> bool:
        found = False
        while self.take("["):
            found = True
            self.expr()
            self.need("]")
        return found
