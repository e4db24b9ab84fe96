"""Reading a pack: YAML to checked objects; every fault names file, line, cause and remedy."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.check import Program, check_program
from bangfu.rules.expressions import AS_OF, NAME, Node
from bangfu.rules.problems import BAD_VALUE, UNKNOWN_CODE, UNKNOWN_NAME
from bangfu.rules.schema import (
    ANYWHERE,
    BOOLEAN,
    DATE,
    DECIMAL,
    HOUSEHOLD,
    INTEGER,
    MONEY,
    PERSON,
    Schema,
    Type,
    internal,
)
from bangfu.rules.source import Place, Source, read_file
from bangfu.screening.pack import keys
from bangfu.screening.pack.casework import case_rule, decision_rule, require_proposed, require_steps, step_rule, whom
from bangfu.screening.pack.keys import ABOUT, FACTS, REASONS, SECTIONS, TOP, Keys
from bangfu.screening.pack.model import (
    Decision,
    Flag,
    Guarantee,
    NationalCodes,
    Pack,
    Parameter,
    Part,
    Proposal,
    Reason,
    Score,
    Visit,
    require_codes,
)
from bangfu.screening.pack.modes import mode_rule
from bangfu.screening.pack.work import HELPER_KINDS, codes_named, work_rule
from bangfu.screening.problems import BAD_PACK, BAD_PLACEHOLDER, NO_PART

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MEMBER_PLACEHOLDER = re.compile(r"(names|number)\(([a-z][a-z0-9_]*)\)\Z")
TYPES = {
    "integer": INTEGER, "decimal": DECIMAL, "money": MONEY, "boolean": BOOLEAN, "date": DATE, "code": Type("code"), "codes": Type("codes"),
}  # fmt: skip
# Columns of the result beside the guarantees': no guarantee may have their names.
TAKEN = {"household", "path", "hints", "groups"}


def _one_of(known: Iterable[str]) -> tuple[str, str]:
    listed = ", ".join(sorted(known))
    return f"只能是 {listed} 之一", f"is not one of {listed}"


class Loader:
    """One pack in the making: its own files, and before them those of the parts that it includes."""

    def __init__(self, folder: Path, rooms: tuple[Path, ...], schema: Schema) -> None:
        self.schema = schema
        self.digest = hashlib.sha256()
        own = self.files(folder, folder.name)
        self.top = next(source for source in own if source.file == f"{folder.name}/pack.yaml")
        includes = self.top.data.get("includes", []) if isinstance(self.top.data, dict) else []
        included: list[Source] = []
        for part in includes if isinstance(includes, list) else [includes]:
            found = next((room / "shared" / str(part) for room in rooms if (room / "shared" / str(part)).is_dir()), None)
            if found is None or not NAME.match(str(part).replace("-", "_")):
                raise NO_PART(**self.top.place("includes").values(), part=part)
            included += self.files(found, f"shared/{part}")
        self.own = {id(source) for source in own}
        self.sources = (*included, *own)
        self.version = self.digest.hexdigest()[:16]

    def files(self, folder: Path, shown: str) -> list[Source]:
        """Every YAML file below a folder, and their content into the digest."""
        made = []
        for path in sorted(path for path in folder.rglob("*.yaml") if path.is_file()):
            content, name = path.read_bytes(), path.relative_to(folder).as_posix()
            self.digest.update(f"{shown}/{name}\0{len(content)}\0".encode() + content)
            made.append(read_file(path, f"{shown}/{name}"))
        return made

    def load(self) -> Pack:
        """The checked pack."""
        for source in self.sources:
            if source.data is None:
                continue
            if not isinstance(source.data, dict):
                raise self.bad(source, (), "应为 键: 值 的映射", "must be a mapping")
            for key in source.data:
                if key not in SECTIONS and not (key in TOP and source is self.top):
                    raise self.bad(source, (key,), *_one_of(SECTIONS | set(TOP)))
        self.lists = {name: self.code_list(name, source) for name, source in self.section("lists")}
        if clash := sorted(set(self.lists) & set(self.schema.codes)):
            raise self.bad(self.top, ("lists", clash[0]), "与名册的代码表重名", "is already a code list of the register")
        self.schema = replace(self.schema, codes={**self.schema.codes, **{n: frozenset(c) for n, c in self.lists.items()}})
        self.parameters = {name: self.parameter(name, source) for name, source in self.section("parameters")}
        facts = {level: dict(self.facts(level)) for level in FACTS}
        types = {name: parameter.type for name, parameter in self.parameters.items()}
        self.program: Program = check_program(
            self.schema, types, facts["persons"], facts["households"], facts["items"], facts["land"]
        )
        self.values: dict[str, Node] = {}
        guarantees = {name: self.guarantee(name, source) for name, source in self.section("guarantees")}
        for source in self.sources:  # what one file names must be there in another: said before anything else fails over it
            for name in (source.data or {}).get("guarantees") or {}:
                if name in TAKEN or name.startswith(("proposal_", "score_")):
                    raise self.bad(
                        source, ("guarantees", name), "这个名称已用作结果的列", "the name is taken by a column of the result"
                    )
        data = self.top.data
        sequence = data.get("sequence") or list(guarantees)
        if sorted(sequence) != sorted(guarantees):
            raise self.bad(
                self.top,
                ("sequence",),
                f"{', '.join(guarantees) or '—'} 须各写一次",
                f"must name each guarantee once: {', '.join(guarantees) or '—'}",
            )
        valid = data.get("valid")
        if (
            not isinstance(valid, dict)
            or not all(isinstance(valid.get(key), dt.date) for key in ("from", "to"))
            or valid["from"] > valid["to"]
        ):
            raise self.bad(
                self.top, ("valid",), "from 和 to 须为日期，from 不晚于 to", "from and to must be dates, and from not after to"
            )
        sample_day = data.get("sample_day", valid["from"])
        if not isinstance(sample_day, dt.date) or not valid["from"] <= sample_day <= valid["to"]:
            raise self.bad(self.top, ("sample_day",), "须为规则包有效期内的一天", "must be a date on which the pack is valid")
        chosen = data.get("chosen", "by_day")
        if chosen not in ("by_day", "by_name"):
            raise self.bad(self.top, ("chosen",), "须为 by_day 或 by_name", "must be by_day or by_name")
        decisions = {name: decision_rule(self, name, source) for name, source in self.section("decisions")}
        steps = {name: step_rule(self, name, source) for name, source in self.section("steps")}
        require_steps(self, decisions, steps)
        proposals = {name: self.proposal(name, source, decisions) for name, source in self.section("proposals")}
        require_proposed(self, decisions, proposals)
        return Pack(
            name=self.plain(self.top, ("pack",)),
            title=self.text(self.top, ("title",), data.get("title")),
            note=self.text(self.top, ("note",), data["note"]) if "note" in data else None,
            country=self.plain(self.top, ("country",)),
            valid_from=valid["from"],
            valid_to=valid["to"],
            sample_day=sample_day,
            chosen_by_day=chosen == "by_day",
            version=self.version,
            parameters=self.parameters,
            program=self.program,
            guarantees={name: guarantees[name] for name in sequence},
            value_nodes=self.values,
            hints={name: self.flag("hints", name, source) for name, source in self.section("hints")},
            groups={name: self.flag("groups", name, source) for name, source in self.section("groups")},
            proposals=proposals,
            scores={name: self.score(name, source) for name, source in self.section("scores")},
            decisions=decisions,
            visits={name: self.visit(name, source) for name, source in self.section("visits")},
            modes={name: mode_rule(self, name, source) for name, source in self.section("modes")},
            work={name: work_rule(self, name, source) for name, source in self.section("work")},
            cases={name: case_rule(self, name, source, guarantees) for name, source in self.section("cases")},
            steps=steps,
            terms={
                name: self.text(source, ("terms", name), source.data["terms"][name]) for name, source in self.section("terms")
            },
            national={name: self.national(name, source) for name, source in self.section("national")},
            lists=self.lists,
            labels={name: self.label(name, source) for name, source in self.section("labels")},
            questions={
                name: self.text(source, ("questions", name), source.data["questions"][name])
                for name, source in self.section("questions")
            },
            sources=self.sources,
        )

    # --- pieces

    def bad(self, source: Source, path: tuple[Any, ...], zh: str, en: str) -> Problem:
        return BAD_PACK(**source.place(*path).values(), detail=Text(zh, en))

    def plain(self, source: Source, path: tuple[Any, ...]) -> str:
        value = source.data.get(path[-1]) if len(path) == 1 else None
        if not isinstance(value, str) or not value:
            raise self.bad(source, path, "须为文字", "must be a text")
        return value

    def section(self, name: str) -> Iterator[tuple[str, Source]]:
        """The entries of a section over all files, in their order; a pack's own entry takes the place of an included one."""
        seen: dict[str, Source] = {}
        for source in self.sources:
            entries = (source.data or {}).get(name)
            if entries is None:
                continue
            if not isinstance(entries, dict):
                raise self.bad(source, (name,), "应为 名称: 内容 的映射", "must be a mapping of names")
            for key in entries:
                if key in seen and (id(source) not in self.own or id(seen[key]) in self.own):
                    raise self.bad(source, (name, key), f"{seen[key].file} 里已有", f"is already in {seen[key].file}")
                if not isinstance(key, str) or not NAME.match(key):
                    raise self.bad(
                        source,
                        (name, key),
                        "不是合规的名称（小写字母开头，只含小写字母、数字、下划线）",
                        "is no proper name: small letters, digits and underscores, a letter first",
                    )
                seen[key] = source
        yield from seen.items()

    def facts(self, level: str) -> Iterator[tuple[str, tuple[str, Place]]]:
        for name, source in self.section(level):
            yield name, (self.expression(source, (level, name), source.data[level][name]), source.place(level, name))

    def expression(self, source: Source, path: tuple[Any, ...], raw: Any) -> str:
        if isinstance(raw, bool):
            return "true" if raw else "false"
        if isinstance(raw, int | float):
            return str(raw)
        if not isinstance(raw, str):
            raise self.bad(source, path, "须为表达式", "must be an expression")
        return raw

    def text(self, source: Source, path: tuple[Any, ...], raw: Any) -> Text:
        if not isinstance(raw, dict) or not all(isinstance(raw.get(lang), str) and raw[lang] for lang in ("zh", "en")):
            raise self.bad(source, path, "须有 zh 和 en 两种文字", "needs zh and en")
        return Text(raw["zh"], raw["en"])

    def saying(self, source: Source, path: tuple[Any, ...], raw: Any) -> Text:
        """Words in both languages, or one text that stands for both."""
        if isinstance(raw, dict):
            raw = self.text(source, path, raw)
            return Text(*(" ".join(side.split()) for side in (raw.zh, raw.en)))
        return Text(*(" ".join(str(raw).split()),) * 2)

    def entry(self, source: Source, path: tuple[Any, ...], known: Keys) -> dict[str, Any]:
        raw: Any = source.data
        for key in path:
            raw = raw[key]
        if not isinstance(raw, dict):
            raise self.bad(source, path, "应为 键: 值 的映射", "must be a mapping")
        for key in raw:
            if key not in known:
                raise self.bad(source, (*path, key), *_one_of(known))
        for key in sorted(keys.needed(known) - set(raw)):
            raise self.bad(source, path, f"缺少 {key}", f"{key} is missing")
        return raw

    def label(self, name: str, source: Source) -> Text:
        """What people call a fact of the pack."""
        path = ("labels", name)
        if name not in self.program.definitions:
            raise UNKNOWN_NAME(**source.place(*path).values(), unknown=name, near="—")
        return self.text(source, path, source.data["labels"][name])

    def code_list(self, name: str, source: Source) -> dict[str, Text]:
        entries = source.data["lists"][name]
        if not isinstance(entries, dict) or not entries:
            raise self.bad(source, ("lists", name), "应为 代码: 文字 的映射", "must be a mapping of codes")
        return {str(code): self.text(source, ("lists", name, code), words) for code, words in entries.items()}

    # --- parameters

    def parameter(self, name: str, source: Source) -> Parameter:
        path = ("parameters", name)
        raw = self.entry(source, path, keys.PARAMETER)
        question = self.text(source, (*path, "question"), raw["question"]) if "question" in raw else None
        values = raw.get("values") or {}
        by_day = isinstance(values, dict) and all(isinstance(day, dt.date) for day in values)
        if not by_day or not (values or question):
            raise self.bad(
                source,
                (*path, "values"),
                "须按日期给出数值，或写明由县里回答的问题",
                "must give values by date, or a question that the county answers",
            )
        kind = TYPES.get(str(raw["type"])) if "type" in raw else _guess([value for value in values.values() if value is not None])
        if kind is None:
            raise self.bad(source, path, f"type 须为 {', '.join(TYPES)} 之一", f"type must be one of {', '.join(TYPES)}")
        if kind.kind in ("code", "codes"):
            kind = Type(kind.kind, str(raw.get("codes", "")))
            if kind.codes not in self.schema.codes:
                raise self.bad(
                    source, (*path, "codes"), f"没有代码表 {kind.codes or '—'}", f"there is no code list {kind.codes or '—'}"
                )
        made = []
        for day, value in sorted(values.items()):
            place = source.place(*path, "values", day)
            try:
                if value is None and question is None:  # blank: open from this day on, which takes a question
                    raise ValueError(value)
                made.append((day, internal(value, kind)))
            except (ValueError, ArithmeticError):
                raise BAD_VALUE(**place.values(), value=value, wanted=kind) from None
            require_codes(self.schema.codes, made[-1][1], kind, place)
        verified = raw["verified"]
        listed = isinstance(verified, dict) and all(day in values and isinstance(held, bool) for day, held in verified.items())
        if not (isinstance(verified, bool) or listed):
            raise self.bad(
                source, (*path, "verified"), "须为 true 或 false，或按日期写明", "must be true, false, or that by date"
            )
        title = self.text(source, (*path, "title"), raw["title"])
        unit = self.saying(source, (*path, "unit"), raw["unit"]) if "unit" in raw else None
        said = self.saying(source, (*path, "source"), raw["source"])
        return Parameter(name, kind, title, unit, tuple(made), said, verified, source.place(*path), question)

    def named_parameter(self, source: Source, path: tuple[Any, ...], name: Any, wanted: tuple[Type, ...]) -> str:
        """The name of a parameter of one of the wanted types."""
        parameter = self.parameters.get(name) if isinstance(name, str) else None
        if parameter is None or parameter.type not in wanted:
            kinds = ", ".join(str(kind) for kind in wanted)
            raise self.bad(source, path, f"{name} 不是 {kinds} 类型的参数", f"{name} is not a parameter of type {kinds}")
        return parameter.name

    # --- what is judged

    def guarantee(self, name: str, source: Source) -> Guarantee:
        path = ("guarantees", name)
        raw = self.entry(source, path, keys.GUARANTEE)
        assessed = self.condition(source, (*path, "assessed"), raw["assessed"])
        if not (assessed.op == "const" and assessed.value is True) and "not_assessed" not in raw:
            raise self.bad(
                source,
                path,
                "缺少 not_assessed：说明为什么不评定",
                "not_assessed is missing: say why a household is not assessed",
            )
        met_by, unmet, missing, not_assessed = (
            self.reasons(source, (*path, section), raw[section], known) if section in raw else ()
            for section, known in REASONS.items()
        )
        return Guarantee(
            name=name,
            title=self.text(source, (*path, "title"), raw["title"]),
            short=self.text(source, (*path, "short"), raw.get("short", raw["title"])),
            assessed=assessed,
            met=self.condition(source, (*path, "met"), raw["met"]),
            met_by=met_by,
            unmet=unmet,
            missing=missing,
            not_assessed=not_assessed,
            place=source.place(*path),
        )

    def flag(self, section: str, name: str, source: Source) -> Flag:
        path = (section, name)
        raw = self.entry(source, path, keys.FLAG)
        title = self.text(source, (*path, "title"), raw["title"])
        return Flag(name, title, self.condition(source, (*path, "when"), raw["when"]), source.place(*path))

    def proposal(self, name: str, source: Source, decisions: Mapping[str, Decision]) -> Proposal:
        path = ("proposals", name)
        raw = self.entry(source, path, keys.PROPOSAL)
        risk_list = raw.get("risk_list", "")
        risks = raw.get("risks") or {}
        if risks and (risk_list not in self.schema.codes or not isinstance(risks, dict)):
            raise self.bad(
                source, (*path, "risk_list"), f"没有代码表 {risk_list or '—'}", f"there is no code list {risk_list or '—'}"
            )
        for code in risks:
            require_codes(self.schema.codes, code, Type("code", risk_list), source.place(*path, "risks", code))
        if (decision := raw.get("decision", "")) and decision not in decisions:
            raise self.bad(source, (*path, "decision"), f"没有决定程序 {decision}", f"there is no decision {decision}")
        return Proposal(
            name=name,
            title=self.text(source, (*path, "title"), raw["title"]),
            short=self.text(source, (*path, "short"), raw.get("short", raw["title"])),
            assessed=self.condition(source, (*path, "assessed"), raw["assessed"]),
            when=self.condition(source, (*path, "when"), raw["when"]),
            clue=self.condition(source, (*path, "clue"), raw.get("clue", False)),
            grounds=self.reasons(source, (*path, "grounds"), raw["grounds"], keys.GROUNDS),
            missing=self.reasons(source, (*path, "missing"), raw["missing"], REASONS["missing"]),
            risk_list=risk_list,
            risks={code: self.condition(source, (*path, "risks", code), text) for code, text in risks.items()},
            sets=self.set_codes(source, (*path, "sets"), raw["sets"]) if "sets" in raw else {},
            decision=decision,
            place=source.place(*path),
            of=whom(self, source, (*path, "of"), raw["of"]) if "of" in raw else {},
        )

    def set_codes(self, source: Source, path: tuple[Any, ...], raw: Any) -> dict[str, str]:
        if not isinstance(raw, dict) or not raw:
            raise self.bad(source, path, "须为字段和它的代码", "must be fields with their codes")
        for key, code in raw.items():
            column = self.schema.columns.get(key)
            if column is None or column.type.kind != "code":
                raise self.bad(source, path, f"{key} 不是代码字段", f"{key} is no field of codes")
            if code not in self.schema.codes[column.type.codes]:
                known = ", ".join(sorted(self.schema.codes[column.type.codes]))
                raise UNKNOWN_CODE(**source.place(*path, key).values(), code=code, codes=column.type.codes, known=known)
        return dict(raw)

    def score(self, name: str, source: Source) -> Score:
        path = ("scores", name)
        raw = self.entry(source, path, keys.SCORE)
        if ("parts" in raw) == ("value" in raw):
            raise self.bad(source, path, "parts 和 value 须写其一", "needs either parts or value")
        if ("limit" in raw) == ("quota" in raw):
            raise self.bad(source, path, "limit 和 quota 须写其一", "needs either limit or quota")
        parts = tuple(self.part(source, (*path, "parts"), key) for key in raw.get("parts") or {})
        if "parts" in raw and not (parts and "limit" in raw and "total" in raw):
            raise self.bad(source, path, "parts 须同时有 limit 和 total", "parts go with a limit and a total")
        missing = self.reasons(source, (*path, "missing"), raw["missing"], REASONS["missing"]) if "missing" in raw else ()
        if missing and ("parts" in raw or any(reason.values for reason in missing)):
            raise self.bad(
                source,
                (*path, "missing"),
                "只与 value 同用，文字里不能有占位",
                "goes with a value, in words without placeholders",
            )
        number = (INTEGER, DECIMAL, MONEY)
        named = {
            key: self.named_parameter(source, (*path, key), raw[key], (DECIMAL, INTEGER) if key == "quota" else number)
            for key in ("limit", "total", "quota")
            if key in raw
        }
        if parts:
            low, high = (
                self.program.expression(
                    " + ".join(f"case when if_unknown({_held(raw, p.name)}, {open_}) then {p.weight} else 0 end" for p in parts),
                    HOUSEHOLD,
                    source.place(*path, "parts"),
                )
                for open_ in ("false", "true")
            )
        else:
            text = self.expression(source, (*path, "value"), raw["value"])
            low = high = self.program.expression(text, HOUSEHOLD, source.place(*path, "value"), DECIMAL)
        return Score(
            name=name,
            title=self.text(source, (*path, "title"), raw["title"]),
            parts=parts,
            low=low,
            high=high,
            limit=named.get("limit", ""),
            total=named.get("total", ""),
            quota=named.get("quota", ""),
            source=self.saying(source, (*path, "source"), raw["source"]),
            place=source.place(*path),
            missing=missing,
        )

    def part(self, source: Source, path: tuple[Any, ...], name: Any) -> Part:
        at = (*path, name)
        raw = self.entry(source, at, keys.PART)
        if not isinstance(name, str) or not NAME.match(name):
            raise self.bad(
                source,
                at,
                "不是合规的名称（小写字母开头，只含小写字母、数字、下划线）",
                "is no proper name: small letters, digits and underscores, a letter first",
            )
        return Part(
            name=name,
            title=self.text(source, (*at, "title"), raw["title"]),
            when=self.condition(source, (*at, "when"), raw["when"]),
            weight=self.named_parameter(source, (*at, "weight"), raw["weight"], (INTEGER,)),
        )

    # --- how it is decided, who is visited, what it is called

    def visit(self, name: str, source: Source) -> Visit:
        path = ("visits", name)
        raw = self.entry(source, path, keys.VISIT)
        every = self.named_parameter(source, (*path, "every"), raw["every"], (INTEGER,))
        title = self.text(source, (*path, "title"), raw["title"])
        others = codes_named(self, source, (*path, "by_helper"), HELPER_KINDS) if "by_helper" in raw else {}
        return Visit(name, title, self.condition(source, (*path, "when"), raw["when"]), every, source.place(*path), others)

    def national(self, name: str, source: Source) -> NationalCodes:
        path = ("national", name)
        raw = self.entry(source, path, keys.NATIONAL)
        if name not in self.schema.codes:
            raise self.bad(source, path, f"没有代码表 {name}", f"there is no code list {name}")
        codes, place = raw["codes"], source.place(*path, "codes")
        if not isinstance(codes, dict) or not isinstance(raw["verified"], bool):
            raise self.bad(
                source, path, "codes 应为映射，verified 应为 true 或 false", "codes must be a mapping, verified true or false"
            )
        require_codes(self.schema.codes, list(codes), Type("codes", name), place)
        said = self.saying(source, (*path, "source"), raw["source"])
        return NationalCodes(str(raw["table"]), {k: str(v) for k, v in codes.items()}, said, raw["verified"])

    # --- conditions and words

    def condition(self, source: Source, path: tuple[Any, ...], raw: Any) -> Node:
        return self.program.expression(self.expression(source, path, raw), HOUSEHOLD, source.place(*path), BOOLEAN)

    def reasons(self, source: Source, path: tuple[Any, ...], raw: Any, known: Keys) -> tuple[Reason, ...]:
        if not isinstance(raw, dict) or not raw:
            raise self.bad(source, path, "应为 代码: 文字 的映射", "must be a mapping of codes")
        made = []
        for code in raw:
            at = (*path, code)
            if not isinstance(code, str) or not NAME.match(code):
                raise self.bad(
                    source,
                    at,
                    "不是合规的代码（小写字母开头，只含小写字母、数字、下划线）",
                    "is no proper code: small letters, digits and underscores, a letter first",
                )
            entry = self.entry(source, at, known)
            text = self.text(source, at, entry)
            values = tuple(dict.fromkeys(self.placeholder(source, at, found) for found in PLACEHOLDER.findall(text.zh + text.en)))
            fact, supplied_by = entry.get("fact", ""), entry.get("supplied_by", "")
            if "fact" in known:
                self.known_fact(source, (*at, "fact"), fact)
                if not isinstance(supplied_by, str) or not NAME.match(supplied_by):
                    raise self.bad(source, (*at, "supplied_by"), "须为一个名称", "must be a name")
            if "about" in known and entry["about"] not in ABOUT:
                raise self.bad(source, (*at, "about"), *_one_of(ABOUT))
            do = self.text(source, (*at, "do"), entry["do"]) if "do" in known else None
            when = self.condition(source, (*at, "when"), entry["when"])
            made.append(Reason(code, when, text, values, fact, supplied_by, do, entry.get("about", "")))
        return tuple(made)

    def known_fact(self, source: Source, path: tuple[Any, ...], fact: Any) -> None:
        try:
            self.program.level_of(fact)
        except KeyError:
            raise UNKNOWN_NAME(**source.place(*path).values(), unknown=fact, near="—") from None

    def placeholder(self, source: Source, path: tuple[Any, ...], found: str) -> str:
        """Check a placeholder and remember how its value is computed; gives the value's key."""
        place = source.place(*path)
        problem = BAD_PLACEHOLDER(**place.values(), placeholder="{" + found + "}")
        member = _MEMBER_PLACEHOLDER.match(found)
        key = member.group(2) if member else found
        try:
            level = self.program.level_of(key)
        except KeyError:
            raise problem from None
        if member is not None and level == PERSON and self.program.type_of(key) == BOOLEAN:
            self.values[key] = self.program.expression(f"names({key})", HOUSEHOLD, place)
        elif member is None and level in (HOUSEHOLD, ANYWHERE) and key != AS_OF:
            self.values[key] = self.program.expression(key, HOUSEHOLD, place)
        else:
            raise problem
        return key


def _held(raw: Mapping[str, Any], part: str) -> str:
    held = raw["parts"][part]["when"]
    return ("true" if held else "false") if isinstance(held, bool) else f"({held})"


def _guess(values: list[Any]) -> Type | None:
    if not values:
        return None
    if all(isinstance(value, bool) for value in values):
        return BOOLEAN
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return INTEGER
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return DECIMAL
    return DATE if all(isinstance(value, dt.date) for value in values) else None
