"""What the pages of policy packs show: plain values with words, made from a pack and what the county has entered."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.register.fields import fields, title_of
from bangfu.rules.expressions import Node
from bangfu.screening.aloud import Line, Reader, barred_words, code_title, listed_words
from bangfu.screening.models import CONFIRMED, ENTERED, ParameterEntry
from bangfu.screening.pack import Pack, Parameter, pack_folders
from bangfu.screening.pack.casework import DOCUMENTS, UNITS, CaseWork, cases_on, step_title
from bangfu.screening.pack.keys import ACTS, BY, SEVERITY, SIGNATURES, SUBJECTS
from bangfu.screening.pack.model import FROM_PROPOSAL, Decision, Guarantee, ModeRule, Proposal, Score
from bangfu.screening.pack.work import HELPER_KINDS
from bangfu.screening.present import VERIFIED_BY, entry_of, pack_named, written_pack

EVERYBODY = Text("所有农户", "every farming household")
ALWAYS = Text("总是", "always")
VERIFIED, UNVERIFIED, LEFT_OPEN, LATER = (
    Text("已核对", "verified"),
    Text("未核对", "not verified"),
    Text("待填写", "to be entered"),
    Text("尚未生效", "not yet in force"),
)
NONE = Text("–", "–")
SECTIONS = (
    ("met_by", "met", Text("达标", "Met")),
    ("unmet", "unmet", Text("未达标", "Unmet")),
    ("missing", "unknown", Text("待核实", "Not known")),
    ("not_assessed", "not_assessed", Text("不评定", "Not assessed")),
)


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value of a parameter from a day on: in words, with its source, whether it was checked, and the entry that brought it."""

    since: date
    value: Text
    source: Text
    verified: bool
    in_force: bool
    entry: ParameterEntry | None = None


@dataclass(frozen=True, slots=True)
class ShownParameter:
    """A parameter as a list names it: the value of today, its state, and how many entries wait."""

    parameter: Parameter
    now: ShownValue | None
    state: Text
    is_open: bool
    waiting: int


def shown_value(pack: Pack, parameter: Parameter, value: Any) -> Text:
    """A value in words."""
    return Reader(pack).value(value, parameter.type)


def value_words(pack: Pack, row: ParameterEntry) -> Text:
    """An entry's value in words; as it is kept where it does not fit the pack any more."""
    entry = entry_of(pack, row)
    return shown_value(pack, pack.parameters[row.parameter], entry.value) if entry else Text(str(row.value), str(row.value))


def values_of(pack: Pack, parameter: Parameter, rows: Iterable[ParameterEntry], day: date) -> list[ShownValue]:
    """The values of a parameter over time, the latest first; `pack` is completed, `rows` are the entries of the parameter."""
    written = written_pack(pack.name).parameters[parameter.name]
    entered = {row.since: row for row in rows if row.state == CONFIRMED and entry_of(pack, row) is not None}
    begun = parameter.begun(day)
    made = []
    for since, value in reversed(parameter.values):
        row = entered.get(since)
        source = VERIFIED_BY.format(document=row.document, day=row.document_date) if row else written.source
        words = shown_value(pack, parameter, value)
        made.append(ShownValue(since, words, source, parameter.verified_on(since), begun is not None and begun[0] == since, row))
    return made


def parameters_of(pack: Pack, day: date) -> list[ShownParameter]:
    """Every parameter, those that are open first, then those that nobody has checked, then the others in the pack's order."""
    rows: dict[str, list[ParameterEntry]] = {}
    for row in ParameterEntry.objects.of(pack.name):
        rows.setdefault(row.parameter, []).append(row)
    made = []
    for p in pack.parameters.values():
        own = rows.get(p.name, [])
        now = next((v for v in values_of(pack, p, own, day) if v.in_force), None)
        is_open = p.question is not None and p.value_on(day) is None
        state = LEFT_OPEN if is_open else LATER if now is None else VERIFIED if now.verified else UNVERIFIED
        made.append(ShownParameter(p, now, state, is_open, sum(row.state == ENTERED for row in own)))
    return sorted(made, key=lambda s: (not s.is_open, s.now is not None and s.now.verified))


def resting_on(pack: Pack, name: str) -> list[Text]:
    """The titles of what rests on a parameter: guarantees, proposals, scores, decisions and their steps, visits and how
    they are made, the work, cases."""
    program = pack.program
    found = [one.title for one in pack.judged if name in program.parameters_used(one.nodes)]
    found += [s.title for s in pack.scores.values() if name in (s.limit, s.total, s.quota, *(p.weight for p in s.parts))]
    found += [d.title for d in pack.decisions.values() if name in d.numbers]
    found += [v.title for v in pack.visits.values() if name in v.numbers or name in program.parameters_used([v.when])]
    found += [m.title for m in pack.modes.values() if name in m.numbers]
    found += [w.title for w in pack.work.values() if name in w.numbers]
    found += [c.title for c in pack.cases.values() if name in c.numbers]
    found += [step_title(pack, None, s.name) for s in pack.steps.values() if name in s.numbers]
    return list(dict.fromkeys(found))


# --- what a pack says


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason of a result: of which result, when it holds, its words, what to do."""

    state: str
    words: Text
    when: Text | None
    do: Text | None


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A guarantee or proposal in words: its conditions by heading, its reasons, and what it rests on."""

    name: str
    title: Text
    conditions: list[tuple[Text, Text]]
    reasons: list[ShownReason]
    rests: tuple[Line, ...]
    more: list[tuple[Text, Text]]


def _words(reader: Reader, node: Node) -> Text:
    return ALWAYS if node.op == "const" and node.value is True else reader.words(node)


def guarantee_shown(reader: Reader, g: Guarantee) -> ShownRule:
    """A guarantee in words."""
    everybody = g.assessed.op == "const" and g.assessed.value is True
    conditions = [
        (Text("评定谁", "Who is assessed"), EVERYBODY if everybody else reader.words(g.assessed)),
        (Text("怎样算达标", "What meets it"), reader.words(g.met)),
    ]
    reasons = []
    for section, state, _ in SECTIONS:
        for r in getattr(g, section):
            reasons.append(ShownReason(state, reader.filled(r.text), _unless_always(reader, r.when), r.do))
    return ShownRule(g.name, g.title, conditions, reasons, reader.rests_on([g.assessed, g.met]), [])


def proposal_shown(reader: Reader, p: Proposal) -> ShownRule:
    """A proposal in words."""
    pack = reader.pack
    conditions = [
        (Text("考虑谁", "Of whom"), _words(reader, p.assessed)),
        (Text("何时提出", "When it is proposed"), reader.words(p.when)),
    ]
    if not (p.clue.op == "const" and p.clue.value is False):
        conditions.append((Text("何时只是线索", "When it is a clue"), reader.words(p.clue)))
    reasons = [ShownReason("met", reader.filled(r.text), _unless_always(reader, r.when), None) for r in p.grounds]
    reasons += [ShownReason("unknown", reader.filled(r.text), _unless_always(reader, r.when), None) for r in p.missing]
    more = [(code_title(pack, p.risk_list, code), reader.words(node)) for code, node in p.risks.items()]
    return ShownRule(p.name, p.title, conditions, reasons, reader.rests_on([p.assessed, p.when, p.clue]), more)


def _unless_always(reader: Reader, node: Node) -> Text | None:
    return None if node.op == "const" and node.value is True else reader.words(node)


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of a decision: its days, who does it, what sort of act it is, what must be there, and with whom (`needs`)."""

    title: Text
    days: Text
    by: Text | None
    act: Text | None
    papers: list[Text]
    needs: list[tuple[Text, list[Text]]]


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """How something is decided: its steps in order, the days of the whole, the notice and the wait, what it is about and what it tells."""

    name: str
    title: Text
    about: Text
    steps: list[ShownStep]
    days: list[tuple[Text, Text]]
    criteria: list[tuple[Text, Text | None]]
    told: list[tuple[Text, Text]]
    parameters: list[Parameter]


def decision_shown(pack: Pack, d: Decision, day: date) -> ShownDecision:
    """A decision as it is today."""
    steps, reader = pack.parameters[d.steps], Reader(pack)
    begun = steps.begun(day)
    listed = [_step_shown(reader, d, code, day) for code in (begun[1] if begun else None) or []]
    named = (
        (Text("全程", "The whole"), d.whole),
        (Text("公示", "Notice"), d.notice),
        (Text("异议答复", "Answer to an objection"), d.objections),
        (Text("等待", "Wait"), d.wait),
    )
    days = [(title, _days(reader, n, day)) for title, n in named if n]
    if d.ends_after:
        days.append((Text("即为决定的步骤", "Decided with"), code_title(pack, steps.type.codes, d.ends_after)))
    criteria: list[tuple[Text, Text | None]] = []
    if d.criteria and (found := pack.parameters[d.criteria].begun(day)) is not None:
        codes = pack.parameters[d.criteria].type.codes
        criteria = [(code_title(pack, codes, code), _bound(reader, d, code, day)) for code in found[1] or []]
    used = [pack.parameters[name] for name in dict.fromkeys([*d.numbers, *_step_numbers(pack, d, day)])]
    return ShownDecision(d.name, d.title, SUBJECTS[d.subject], listed, days, criteria, _told(d, day), used)


def _bound(reader: Reader, d: Decision, code: str, day: date) -> Text | None:
    """What a criterion is held against, in words; None where it is yes or no."""
    if code in d.below:
        return Text("低于 {v}", "below {v}").format(v=_value(reader, d.below[code], day))
    if code in d.at_least:
        return Text("不低于 {v}", "at least {v}").format(v=_value(reader, d.at_least[code], day))
    return None


def _told(d: Decision, day: date) -> list[tuple[Text, Text]]:
    """What the register is told: the title of each field, and the words of its value."""
    words = {True: Text("是", "yes"), False: Text("否", "no"), FROM_PROPOSAL: Text("按提议", "as proposed")}
    return [
        (fields()[key].title_on(day), words[value] if value in words else _called(fields()[key].codes or "", str(value), day))
        for key, value in d.sets.items()
    ]


def _step_shown(reader: Reader, d: Decision, code: str, day: date) -> ShownStep:
    pack = reader.pack
    codes = pack.parameters[d.steps].type.codes
    title, days = code_title(pack, codes, code), _days(reader, d.limits.get(code, ""), day)
    rule = pack.steps.get(code)
    if rule is None:
        return ShownStep(title, days, None, None, [], [])
    needs: list[tuple[Text, list[Text]]] = []
    if rule.people:
        needs.append((Text("至少", "at least"), [_value(reader, rule.people, day)]))
    if rule.quorum:
        needs.append((Text("到会", "attendance"), [_value(reader, rule.quorum, day)]))
    if rule.attend:
        needs.append((Text("至少", "at least"), [_value(reader, rule.attend, day)]))
    if rule.majority:
        needs.append((Text("赞成超过", "in favour more than"), [_value(reader, rule.majority, day)]))
    mine = set(pack.parameters[d.steps].value_on(day) or ())
    for words, listed in ((Text("另一人：不是办", "not by who did"), rule.other_than), (Text("须先办", "after"), rule.after)):
        if there := [code_title(pack, codes, one) for one in listed if one in mine]:
            needs.append((words, there))
    papers = [code_title(pack, DOCUMENTS, one) for one in rule.documents]
    return ShownStep(title, days, BY[rule.by], ACTS[rule.act], papers, needs)


def _step_numbers(pack: Pack, d: Decision, day: date) -> list[str]:
    begun = pack.parameters[d.steps].begun(day)
    return [name for code in (begun[1] if begun else None) or [] if code in pack.steps for name in pack.steps[code].numbers]


@dataclass(frozen=True, slots=True)
class ShownCase:
    """How one kind of gap is dealt with: numbers of the day in words, LEFT_OPEN where the county has to enter one."""

    title: Text
    guarantee: Text | None
    unit: Text | None
    days: list[tuple[Text, Text]]
    heavier: list[tuple[Text, list[Text]]]
    escalate: Text
    effect: Text
    unknown: list[tuple[Text, Text]]
    review: Text
    reopen: Text
    measures: list[Text]


def case_shown(reader: Reader, work: CaseWork, day: date) -> ShownCase:
    """A kind of gap as it is dealt with today."""
    rule, pack = work.rule, reader.pack
    guarantee = pack.guarantees.get(rule.guarantee)
    reasons = {r.code: reader.filled(r.text) for r in guarantee.unmet} if guarantee else {}
    return ShownCase(
        title=rule.title,
        guarantee=guarantee.title if guarantee else None,
        unit=code_title(pack, UNITS, rule.department) if rule.department else None,
        days=[(SEVERITY[grave], _plain(n)) for grave, n in work.days.items()],
        heavier=[(SEVERITY[grave], [reasons[code] for code in codes]) for grave, codes in rule.severity.items()],
        escalate=_plain(work.escalate),
        effect=_plain(work.effect) if rule.effect else NONE,
        unknown=[(_called("household_kind", kind, day), _plain(n)) for kind, n in work.unknown.items()],
        review=_plain(work.review),
        reopen=_plain(work.reopen),
        measures=[_called("measure_family", code, day) for code in rule.measures],
    )


@dataclass(frozen=True, slots=True)
class ShownMode:
    """What a visit of one way may not prove, how it is signed and within which days, and where that comes from."""

    title: Text
    never: Text
    signature: Text | None
    within: Text
    parameter: Parameter | None
    state: Text
    source: Text | None


def mode_shown(reader: Reader, m: ModeRule, day: date) -> ShownMode:
    """A way of visiting as it is today."""
    return ShownMode(
        title=m.title,
        never=barred_words(m),
        signature=listed_words(SIGNATURES, m.signature) if m.signature else None,
        within=_days(reader, m.sign_within, day),
        parameter=reader.pack.parameters[m.sign_within] if m.sign_within else None,
        state=VERIFIED if m.verified else UNVERIFIED,
        source=m.source,
    )


def _called(codes: str, code: str, day: date) -> Text:
    """What the register calls a code on a day."""
    return title_of(codes, code, day) or Text(code, code)


def _plain(number: int | None) -> Text:
    return LEFT_OPEN if number is None else Text(str(number), str(number))


def _days(reader: Reader, name: str, day: date) -> Text:
    """The days that a parameter says on a day."""
    if not name:
        return Text("", "")
    begun = reader.pack.parameters[name].begun(day)
    if begun is None or begun[1] is None:
        return LEFT_OPEN
    return Text(f"{begun[1]} 天", f"{begun[1]} days" if begun[1] != 1 else "1 day")


def _value(reader: Reader, name: str, day: date) -> Text:
    """The value of a parameter on a day, with its unit."""
    parameter = reader.pack.parameters[name]
    begun = parameter.begun(day)
    if begun is None or begun[1] is None:
        return LEFT_OPEN
    said = reader.value(begun[1], parameter.type)
    unit = parameter.unit if parameter.type.kind != "money" else None
    return Text(f"{said.zh} {unit.zh}", f"{said.en} {unit.en}") if unit else said


def score_shown(reader: Reader, s: Score) -> Line:
    """A score as it is read aloud."""
    return reader.score(s)


def pack_shown(pack: Pack, day: date) -> dict[str, Any]:
    """Everything that a pack says, for its page."""
    reader = Reader(pack)
    flags = ((Text("必访对象", "Groups that must be visited"), pack.groups), (Text("提示", "Hints to review"), pack.hints))
    return {
        "guarantees": [guarantee_shown(reader, g) for g in pack.guarantees.values()],
        "proposals": [proposal_shown(reader, p) for p in pack.proposals.values()],
        "scores": [score_shown(reader, s) for s in pack.scores.values()],
        "decisions": [decision_shown(pack, d, day) for d in pack.decisions.values()],
        "visits": [
            (
                v.title,
                _words(reader, v.when),
                [
                    (None, _days(reader, v.every, day)),
                    *((code_title(pack, HELPER_KINDS, code), _days(reader, name, day)) for code, name in v.by_helper.items()),
                ],
            )
            for v in pack.visits.values()
        ],
        "modes": [mode_shown(reader, m, day) for m in pack.modes.values()],
        "work": [(w.title, [(pack.parameters[n], _value(reader, n, day)) for n in w.numbers]) for w in pack.work.values()],
        "cases": [case_shown(reader, work, day) for work in cases_on(pack, day).values()],
        "case_numbers": [pack.parameters[n] for n in dict.fromkeys(n for rule in pack.cases.values() for n in rule.numbers)],
        "flags": [(title, [(f.title, _words(reader, f.when)) for f in listed.values()]) for title, listed in flags if listed],
        "terms": list(pack.terms.items()),
        "national": [
            (name, n, [(code_title(pack, name, c), c, code) for c, code in n.codes.items()]) for name, n in pack.national.items()
        ],
        "questions": list(pack.questions.values()),
    }


def readable_packs() -> list[Pack]:
    """Every pack that can be read, completed: one that the county wrote itself with a fault is in nobody's way."""
    made = []
    for folder in pack_folders().values():
        with suppress(Problem):  # the list of packs tells its fault
            made.append(pack_named(folder))
    return made


def pack_before(pack: Pack, others: Iterable[Pack]) -> Pack | None:
    """The standard that held before a pack: of others, the last of its country that begins earlier."""
    before = [o for o in others if o.country == pack.country and o.valid_from < pack.valid_from and o.chosen_by_day]
    return max(before, key=lambda o: o.valid_from, default=None)
