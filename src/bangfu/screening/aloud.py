"""A pack read aloud: expressions in words, and what a guarantee, fact, parameter, proposal or score rests on, down to the fields."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bangfu.foundation.say import Text
from bangfu.register.fields import code_lists, fields, title_of
from bangfu.rules.expressions import AS_OF, Node
from bangfu.rules.schema import ITEM, LAND, MONEY, PERSON, Type
from bangfu.rules.source import read_yaml
from bangfu.screening.pack.keys import PROVEN, SIGNATURES
from bangfu.screening.pack.loading import PLACEHOLDER
from bangfu.screening.pack.model import Guarantee, ModeRule, Pack, Parameter, Proposal, Reason, Score
from bangfu.screening.problems import NO_SUCH_NAME
from bangfu.screening.reasons import say_value

# Blanks that set a fact's name off from Chinese words, where there is nothing to set it off from.
_SPACES = re.compile(r"(?<=[，。；：（）「」、])\s+|\s+(?=[，。；：（）「」、])|^\s+|\s+$|(?<=\s)\s+")
_COMPARE = {
    "=": Text("{0}是{1}", "{0} is {1}"),
    "<>": Text("{0}不是{1}", "{0} is not {1}"),
    "<": Text("{0}低于{1}", "{0} is below {1}"),
    "<=": Text("{0}不超过{1}", "{0} is at most {1}"),
    ">": Text("{0}高于{1}", "{0} is above {1}"),
    ">=": Text("{0}不低于{1}", "{0} is at least {1}"),
    "+": Text("{0} + {1}", "{0} + {1}"),
    "-": Text("{0} − {1}", "{0} − {1}"),
    "*": Text("{0} × {1}", "{0} × {1}"),
    "/": Text("{0} ÷ {1}", "{0} ÷ {1}"),
    "neg": Text("−{0}", "−{0}"),
    "not": Text("并非{0}", "not {0}"),
    "known": Text("已知{0}", "{0} is known"),
    "if_unknown": Text("{0}（不详时按{1}）", "{0} ({1} where not known)"),
    "has": Text("{0}中有{1}", "{0} has {1}"),
    "has_any": Text("{0}不为空", "{0} has any"),
    "years_between": Text("{0}到{1}的整年数", "whole years from {0} to {1}"),
    "months_between": Text("{0}到{1}的整月数", "whole months from {0} to {1}"),
    "days_between": Text("{0}到{1}的天数", "days from {0} to {1}"),
    "last_date": Text("{2}之前最近的{0}月{1}日", "the last {0}-{1} before {2}"),
    "year_of": Text("{0}的年份", "the year of {0}"),
    "month_of": Text("{0}的月份", "the month of {0}"),
}
_ROWS = {
    PERSON: Text("家庭成员", "member"),
    ITEM: Text("收入项目", "item of income"),
    LAND: Text("地块", "piece of land"),
}
_FOLDS = {
    "any": Text("有{rows}：{0}", "some {rows} for whom {0}"),
    "all": Text("每个{rows}都：{0}", "for every {rows} {0}"),
    "count": Text("（{0}）的{rows}数", "the number of {rows}s for whom {0}"),
    "sum": Text("各{rows}的{0}合计", "the sum over {rows}s of {0}"),
    "max": Text("各{rows}中最大的{0}", "the greatest {0} of a {rows}"),
    "min": Text("各{rows}中最小的{0}", "the least {0} of a {rows}"),
    "names": Text("（{0}）的成员", "the members for whom {0}"),
}
_WHERE = Text("{0}（只计：{1}）", "{0} (only where {1})")
_MEMBERS = Text("登记的家庭成员数", "the number of members recorded")
_AND, _OR = Text("，并且", ", and "), Text("，或者", ", or ")
_ONE_OF = Text("{0}是{1}之一", "{0} is one of {1}")
_CASE = Text("{0}时为{1}", "{1} where {0}")
_ELSE = Text("其余为{0}", "{0} otherwise")
_TODAY = Text("评定日", "the day judged")
_UNKNOWN = Text("不详", "not known")
_NOT_KNOWN = Text("{0}不详", "{0} is not known")
_TRUE, _FALSE = Text("总是", "always"), Text("从不", "never")
_EVERYBODY = Text("所有农户", "every farming household")
_LEVELS = {"household": Text("户", "household"), PERSON: _ROWS[PERSON], ITEM: _ROWS[ITEM], LAND: _ROWS[LAND]}
_VERIFIED = Text("已核对", "verified")
_UNVERIFIED = Text("未核对", "not verified")
_OPEN = Text("由县里填写，尚未填写", "left open for the county, not yet entered")
_ABOVE = Text("见上", "see above")
_SECTIONS = {
    "assessed": Text("谁参加评定", "who is assessed"),
    "met": Text("怎样算达标", "what meets it"),
    "when": Text("何时提出", "when it is proposed"),
    "clue": Text("何时只是线索", "when it is only a clue"),
    "met_by": Text("达标的理由", "reasons of what is met"),
    "unmet": Text("未达标的理由", "reasons of what is unmet"),
    "missing": Text("待核实的理由", "what is missing where it is unknown"),
    "not_assessed": Text("不评定的理由", "reasons of not being assessed"),
    "grounds": Text("依据", "grounds"),
    "risks": Text("风险", "risks"),
    "rests": Text("依据的事实、字段和数值", "what it rests on"),
    "is": Text("含义", "what it is"),
    "parts": Text("各项剥夺", "deprivations"),
    "selects": Text("选出", "whom it selects"),
    "source": Text("出处", "source"),
    "do": Text("怎么办", "what to do"),
    "never": Text("不能证明", "what it may not prove"),
    "signature": Text("签字方式", "how it is signed"),
    "sign_within": Text("签字期限", "signed within"),
}
_NOTHING_BARRED = Text("无，都可以证明", "nothing is barred")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what is read aloud, with the lines below it. `kind` is heading, words, fact, field, parameter, value, reason."""

    kind: str
    says: Text
    below: tuple[Line, ...] = ()
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        """The line as plain data."""
        made: dict[str, Any] = {"kind": self.kind, "zh": self.says.zh, "en": self.says.en}
        if self.name:
            made["name"] = self.name
        if self.below:
            made["below"] = [line.as_json() for line in self.below]
        return made

    def outline(self, lang: str, depth: int = 0) -> Iterator[str]:
        """The line and those below it as indented lines of one language."""
        yield "  " * depth + self.says.in_language(lang)
        for line in self.below:
            yield from line.outline(lang, depth + 1)


@cache
def _relation_titles() -> dict[str, Text]:
    """Titles of the fields of income items and land, which are no fields of the import."""
    raw = read_yaml((resources.files("bangfu.register") / "relations.yaml").read_text("utf-8"), "relations.yaml").data
    return {name: Text(one["zh"], one["en"]) for name, one in raw.items() if "zh" in one}


def code_title(pack: Pack, codes: str, code: str) -> Text:
    """The words of a code, of the register's lists or the pack's own."""
    if codes in pack.lists:
        return pack.lists[codes].get(code, Text(code, code))
    return (title_of(codes, code) if codes in code_lists() else None) or Text(code, code)


def field_title(name: str) -> Text:
    """What people call a field of the register."""
    field = fields().get(name)
    return field.title if field else _relation_titles().get(name, Text(name, name))


class Reader:
    """Reads a pack aloud, in both languages at once."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    # --- expressions

    def words(self, node: Node) -> Text:
        """An expression in words: fields and parameters by their titles, facts by what people call them, codes by their words."""
        return Text(_SPACES.sub("", self._words(node, "zh")), self._words(node, "en"))

    def _words(self, node: Node, lang: str, *, inner: bool = False) -> str:
        if node.op == "const":
            return self._const(node, lang)
        if node.op == "name":
            return self._name(str(node.value), lang)
        if node.op == "count_members":
            return _MEMBERS.in_language(lang)
        if node.op in ("and", "or"):
            joint = (_AND if node.op == "and" else _OR).in_language(lang)
            said = joint.join(self._words(arg, lang, inner=True) for arg in _flat(node))
            return _bracket(said, lang) if inner else said
        if node.op == "not" and node.args[0].op == "known":
            return _NOT_KNOWN.in_language(lang).format(self._words(node.args[0].args[0], lang, inner=True))
        # A chain of sums needs no brackets on its left.
        chain = (node.op in ("+", "-") and node.args[0].op in ("+", "-")) or (node.op == "*" and node.args[0].op in ("*", "/"))
        args = [self._words(arg, lang, inner=at > 0 or not chain) for at, arg in enumerate(node.args)]
        if node.op == "in":
            if len(args) == 2:
                return _COMPARE["="].in_language(lang).format(*args)
            return _ONE_OF.in_language(lang).format(args[0], ("、" if lang == "zh" else ", ").join(args[1:]))
        if node.op == "case":
            parts = [_CASE.in_language(lang).format(when, then) for when, then in zip(args[:-1:2], args[1:-1:2], strict=True)]
            parts.append(_ELSE.in_language(lang).format(args[-1]))
            said = ("；" if lang == "zh" else "; ").join(parts)
            return _bracket(said, lang) if inner else said
        if node.op in _FOLDS:
            rows = _ROWS.get(str(node.value), _ROWS[PERSON]).in_language(lang)
            said = _FOLDS[node.op].in_language(lang).format(args[0], rows=rows)
            return _WHERE.in_language(lang).format(said, args[1]) if len(args) == 2 else said
        pattern = _COMPARE.get(node.op)
        said = pattern.in_language(lang).format(*args) if pattern else f"{node.op}({', '.join(args)})"
        return _bracket(said, lang) if inner and node.op in ("+", "-", "*", "/") else said

    def _const(self, node: Node, lang: str) -> str:
        if node.value is None:
            return _UNKNOWN.in_language(lang)
        if isinstance(node.value, bool):
            return (_TRUE if node.value else _FALSE).in_language(lang)
        if node.type.kind == "code":
            return code_title(self.pack, node.type.codes, str(node.value)).in_language(lang)
        said = say_value(node.value, node.type, lang)
        return said + ("元" if lang == "zh" else " yuan") if node.type == MONEY else said

    def _name(self, name: str, lang: str) -> str:
        if name == AS_OF:
            return _TODAY.in_language(lang)
        if name in self.pack.parameters:
            title = self.pack.parameters[name].title.in_language(lang)
        elif name in self.pack.program.definitions:
            if name not in self.pack.labels:
                return name if lang == "en" else f" {name} "
            title = self.pack.labels[name].in_language(lang)
        else:
            title = field_title(name).in_language(lang)
        return f"「{title}」" if lang == "zh" else f"“{title}”"

    def filled(self, text: Text) -> Text:
        """A text of the pack with titles where a household's values will stand."""
        return Text(self._filled(text.zh, "zh"), self._filled(text.en, "en"))

    def _filled(self, words: str, lang: str) -> str:
        return PLACEHOLDER.sub(lambda found: f"〔{self._called(found.group(1), lang)}〕", words)

    def _called(self, name: str, lang: str) -> str:
        key = name.partition("(")[2].rstrip(")") or name
        if name.startswith("names("):
            return (Text("姓名", "names")).in_language(lang)
        if name.startswith("number("):
            return (Text("人数", "how many")).in_language(lang)
        if key in self.pack.parameters:
            return self.pack.parameters[key].title.in_language(lang)
        if key in self.pack.labels:
            return self.pack.labels[key].in_language(lang)
        return key if key in self.pack.program.definitions else field_title(key).in_language(lang)

    # --- what a name rests on

    def rests_on(self, nodes: list[Node]) -> tuple[Line, ...]:
        """The names that expressions rest on, each with what it rests on itself; what was told already is only named."""
        told: set[str] = set()
        return tuple(line for node in nodes for line in self._below(node, told))

    def _below(self, node: Node, told: set[str]) -> list[Line]:
        made = []
        for name in dict.fromkeys(str(part.value) for part in node.walk() if part.op == "name"):
            if name == AS_OF:
                continue
            if name in told:
                if name in self.pack.program.definitions:
                    made.append(Line("fact", Text(f"{name}：{_ABOVE.zh}", f"{name}: {_ABOVE.en}"), name=name))
                continue
            told.add(name)
            made.append(self._named(name, told))
        return made

    def _named(self, name: str, told: set[str]) -> Line:
        if name in self.pack.parameters:
            return self.parameter(self.pack.parameters[name])
        definition = self.pack.program.definitions.get(name)
        if definition is None:
            column, field, title = self.pack.program.schema.columns[name], fields().get(name), field_title(name)
            level, unit = _LEVELS[column.level], f", {field.unit}" if field and field.unit else ""
            return Line(
                "field",
                Text(f"字段「{title.zh}」（{name}，{level.zh}）", f"field “{title.en}” ({name}, {level.en}{unit})"),
                name=name,
            )
        level, said = _LEVELS[definition.level], self.words(definition.node)
        if (label := self.pack.labels.get(name)) is not None:
            says = Text(f"「{label.zh}」（{name}，{level.zh}）= {said.zh}", f"“{label.en}” ({name}, {level.en}) = {said.en}")
            return Line("fact", says, tuple(self._below(definition.node, told)), name)
        says = Text(f"{name}（{level.zh}）= {said.zh}", f"{name} ({level.en}) = {said.en}")
        return Line("fact", says, tuple(self._below(definition.node, told)), name)

    def parameter(self, p: Parameter) -> Line:
        """A parameter with its values over time, each with whether it was checked, and its source."""
        below = []
        for day, value in p.values:
            verified, said = (_VERIFIED if p.verified_on(day) else _UNVERIFIED), self.value(value, p.type)
            text = Text(f"{day} 起：{said.zh}（{verified.zh}）", f"from {day}: {said.en} ({verified.en})")
            below.append(Line("value", text))
        if p.question is not None and (not p.values or p.values[-1][1] is None):
            below.append(Line("value", Text(f"{p.question.zh}（{_OPEN.zh}）", f"{p.question.en} ({_OPEN.en})")))
        below.append(Line("value", _named(_SECTIONS["source"], p.source)))
        unit = Text(f"，{p.unit.zh}", f", {p.unit.en}") if p.unit else Text("", "")
        return Line(
            "parameter",
            Text(f"参数「{p.title.zh}」（{p.name}{unit.zh}）", f"parameter “{p.title.en}” ({p.name}{unit.en})"),
            tuple(below),
            p.name,
        )

    def value(self, value: Any, kind: Type) -> Text:
        """A value of a parameter in words."""
        made = [say_value(value, kind, lang, lambda codes, code: code_title(self.pack, codes, code)) for lang in ("zh", "en")]
        return Text(made[0] + "元", made[1] + " yuan") if kind == MONEY and value is not None else Text(*made)

    # --- the things of a pack

    def reasons(self, section: str, listed: tuple[Reason, ...]) -> list[Line]:
        """The reasons of a result: when each holds, its words, what to do."""
        if not listed:
            return []
        made = []
        for r in listed:
            when = self.words(r.when)
            always = r.when.op == "const" and r.when.value is True
            below = [] if always else [Line("words", Text(f"条件：{when.zh}", f"where {when.en}"))]
            if r.do:
                below.append(Line("words", Text(f"{_SECTIONS['do'].zh}：{r.do.zh}", f"{_SECTIONS['do'].en}: {r.do.en}")))
            made.append(Line("reason", r.text, tuple(below), r.code))
        return [Line("heading", _SECTIONS[section], tuple(made))]

    def said(self, section: str, node: Node) -> Line:
        """One condition under its heading."""
        words = _EVERYBODY if section == "assessed" and node.op == "const" and node.value is True else self.words(node)
        return Line("heading", Text(f"{_SECTIONS[section].zh}：{words.zh}", f"{_SECTIONS[section].en}: {words.en}"))

    def guarantee(self, g: Guarantee) -> Line:
        """Who is assessed, what meets a guarantee, its reasons, and what it rests on."""
        below = [self.said("assessed", g.assessed), self.said("met", g.met)]
        for section, listed in (
            ("met_by", g.met_by),
            ("unmet", g.unmet),
            ("missing", g.missing),
            ("not_assessed", g.not_assessed),
        ):
            below += self.reasons(section, listed)
        below.append(Line("heading", _SECTIONS["rests"], self.rests_on([g.assessed, g.met])))
        return Line(
            "guarantee", Text(f"保障「{g.title.zh}」（{g.name}）", f"guarantee “{g.title.en}” ({g.name})"), tuple(below), g.name
        )

    def proposal(self, p: Proposal) -> Line:
        """Of whom something is proposed, when, on which grounds."""
        below = [self.said("assessed", p.assessed), self.said("when", p.when), self.said("clue", p.clue)]
        below += [*self.reasons("grounds", p.grounds), *self.reasons("missing", p.missing)]
        if p.risks:
            risks = []
            for code, node in p.risks.items():
                title, when = code_title(self.pack, p.risk_list, code), self.words(node)
                risks.append(Line("words", Text(f"{title.zh}：{when.zh}", f"{title.en}: {when.en}")))
            below.append(Line("heading", _SECTIONS["risks"], tuple(risks)))
        below.append(Line("heading", _SECTIONS["rests"], self.rests_on([p.assessed, p.when, p.clue])))
        return Line(
            "proposal", Text(f"提议「{p.title.zh}」（{p.name}）", f"proposal “{p.title.en}” ({p.name})"), tuple(below), p.name
        )

    def score(self, s: Score) -> Line:
        """What a score is made of and whom it selects."""
        below = []
        if s.parts:
            parts = []
            for p in s.parts:
                when, weight = self.words(p.when), self.pack.parameters[p.weight].title
                parts.append(
                    Line("words", Text(f"{p.title.zh}：{when.zh}（{weight.zh}）", f"{p.title.en}: {when.en} ({weight.en})"))
                )
            below.append(Line("heading", _SECTIONS["parts"], tuple(parts)))
        else:
            below.append(self.said("is", s.low))
        named = [self.parameter(self.pack.parameters[n]) for n in (s.limit, s.total, s.quota) if n]
        below.append(Line("heading", _SECTIONS["selects"], tuple(named)))
        below.append(Line("heading", _named(_SECTIONS["source"], s.source)))
        below.append(Line("heading", _SECTIONS["rests"], self.rests_on([p.when for p in s.parts] or [s.low])))
        return Line("score", Text(f"得分「{s.title.zh}」（{s.name}）", f"score “{s.title.en}” ({s.name})"), tuple(below), s.name)

    def mode(self, m: ModeRule) -> Line:
        """What a visit of one way may not prove, how it is signed and by when, with whether that was checked and its source."""
        below = [Line("heading", _named(_SECTIONS["never"], barred_words(m)))]
        if m.signature:
            below.append(Line("heading", _named(_SECTIONS["signature"], listed_words(SIGNATURES, m.signature))))
        if m.sign_within:
            below.append(Line("heading", _SECTIONS["sign_within"], (self.parameter(self.pack.parameters[m.sign_within]),)))
        held = _VERIFIED if m.verified else _UNVERIFIED
        source = Text(f"{m.source.zh}（{held.zh}）", f"{m.source.en} ({held.en})") if m.source else held
        below.append(Line("heading", _named(_SECTIONS["source"], source)))
        return Line(
            "mode",
            Text(f"走访方式「{m.title.zh}」（{m.name}）", f"way of visiting “{m.title.en}” ({m.name})"),
            tuple(below),
            m.name,
        )

    def named(self, name: str) -> Line:
        """What a pack has under a name. Raises BF-1534 where there is none."""
        pack = self.pack
        if name in pack.guarantees:
            return self.guarantee(pack.guarantees[name])
        if name in pack.proposals:
            return self.proposal(pack.proposals[name])
        if name in pack.scores:
            return self.score(pack.scores[name])
        if name in pack.parameters or name in pack.program.definitions or name in pack.program.schema.columns:
            return self._named(name, {name})
        if name in pack.modes:
            return self.mode(pack.modes[name])
        known = [*pack.guarantees, *pack.proposals, *pack.scores, *pack.modes, *pack.parameters, *pack.program.definitions]
        raise NO_SUCH_NAME(pack=pack.name, name=name, near=", ".join(difflib.get_close_matches(name, known, 3, 0.5)) or "—")

    def contents(self) -> list[Line]:
        """Everything that can be read aloud, by section."""
        pack = self.pack
        made = []
        for title, listed in (
            (Text("保障", "guarantees"), [(g.name, g.title) for g in pack.guarantees.values()]),
            (Text("提议", "proposals"), [(p.name, p.title) for p in pack.proposals.values()]),
            (Text("得分", "scores"), [(s.name, s.title) for s in pack.scores.values()]),
            (Text("走访方式", "ways of visiting"), [(m.name, m.title) for m in pack.modes.values()]),
            (Text("参数", "parameters"), [(p.name, p.title) for p in pack.parameters.values()]),
            (Text("事实", "facts"), [(d.name, _LEVELS[d.level]) for d in pack.program.definitions.values()]),
        ):
            if listed:
                lines = tuple(Line("words", Text(f"{name}：{said.zh}", f"{name}: {said.en}"), name=name) for name, said in listed)
                made.append(Line("heading", title, lines))
        return made


def _named(heading: Text, words: Text) -> Text:
    """Words after their heading."""
    return Text(f"{heading.zh}：{words.zh}", f"{heading.en}: {words.en}")


def listed_words(words: Mapping[str, Text], codes: Iterable[str]) -> Text:
    """The words of codes, one after the other."""
    said = [words[code] for code in codes]
    return Text("、".join(one.zh for one in said), ", ".join(one.en for one in said))


def barred_words(mode: ModeRule) -> Text:
    """What a visit of one way may not prove, in the order in which the register has it."""
    return listed_words(PROVEN, (one for one in PROVEN if one in mode.never)) if mode.never else _NOTHING_BARRED


def _flat(node: Node) -> Iterator[Node]:
    """The operands of a chain of one operator."""
    for arg in node.args:
        if arg.op == node.op:
            yield from _flat(arg)
        else:
            yield arg


def _bracket(said: str, lang: str) -> str:
    return f"（{said}）" if lang == "zh" else f"({said})"
