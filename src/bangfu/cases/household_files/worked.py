"""What was done for households: their cases with measures and stories, and the decisions about them step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from bangfu.cases.chain import Owner
from bangfu.cases.household_files.parts import household_file_parts, joined, money, said, table
from bangfu.cases.models import Case, CaseEvent, Decision, Measure, Paper, StepDone
from bangfu.cases.models.cases import RESULTS, SEVERITIES, SOURCES, STATES
from bangfu.cases.models.decisions import DECISION_STATES, ORIGINS, OUTCOMES
from bangfu.cases.policy import Kinds, kinds_on
from bangfu.cases.procedures import DOCUMENTS, procedures_on, step_title
from bangfu.cases.shown import gaps, owners_of, story_of, typed_words, words_of
from bangfu.documents.forms import Block, Fields, Heading, Paragraph, Words
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.say import Text
from bangfu.register.models import Household
from bangfu.register.models.base import OneOf

MEASURE_STATES = {"planned": Text("计划", "planned"), "done": Text("已落实", "done"), "dropped": Text("已取消", "dropped")}
TO_DO = Text("待办", "to be done")
NO_CASES = Text("没有登记事项。", "No case is recorded.")
NO_DECISIONS = Text("没有认定程序。", "No decision was begun.")
MEASURE_HEAD = [
    Text("措施", "Measure"), Text("状态", "State"), Text("计划", "Planned"), Text("期限", "Due"), Text("落实", "Done"),
    Text("资金（元）", "Yuan"), Text("办理", "By"),
]  # fmt: skip
STORY_HEAD = [Text("日期", "Day"), Text("事项", "What"), Text("说明", "In words"), Text("办理", "By")]
STEP_HEAD = [Text("日期", "Day"), Text("步骤", "Step"), Text("结果", "Result"), Text("说明", "In words"), Text("办理", "By")]
CASE_HEAD = [
    Text("编号", "Number"), Text("类别", "Kind"), Text("来源", "Source"), Text("立项", "Opened"), Text("期限", "Due"), Text("状态", "State"),
]  # fmt: skip


@household_file_parts.provider("cases", order=40)
def of_cases(actor: Actor, households: Sequence[Household], day: date) -> Mapping[int, Sequence[Block]]:
    """Cases, measures and decisions; a household without any is told so."""
    if not actor.may("case.read"):
        return {}
    keys = [h.pk for h in households]
    cases, decisions = _cases(actor, keys, day), _decisions(actor, keys)
    return {
        key: [
            Heading(Text("帮扶事项和措施", "Cases and measures")),
            *(cases.get(key) or [Paragraph(NO_CASES)]),
            Heading(Text("认定程序", "Decisions")),
            *(decisions.get(key) or [Paragraph(NO_DECISIONS)]),
        ]
        for key in keys
    }


# --- cases


def _cases(actor: Actor, keys: Sequence[int], day: date) -> dict[int, list[Block]]:
    rows = list(Case.objects.visible_to(actor).filter(OneOf("household", keys)).order_by("opened_on", "pk"))
    if not rows:
        return {}
    kinds = kinds_on()
    gap, owner = gaps(actor, kinds, rows), owners_of(rows, day)
    of_cases = [c.pk for c in rows]
    measures = _by(Measure.objects.visible_to(actor).filter(OneOf("case", of_cases)).order_by("pk"), "case_id")
    events = _by(CaseEvent.objects.visible_to(actor).filter(OneOf("case", of_cases)).order_by("pk"), "case_id")
    made: dict[int, list[Block]] = {}
    for household, own in _by(rows, "household_id").items():
        listed = [[c.number, kinds.title(c.kind), SOURCES[c.source], c.opened_on, c.due, STATES[c.state]] for c in own]
        made[household] = [table(CASE_HEAD, listed, [None, 2, 1.4, None, None, 1.2])]
        for c in own:
            made[household] += _case(c, kinds, gap[c.pk], owner[c.pk], measures.get(c.pk, []), events.get(c.pk, []))
    return made


def _case(c: Case, kinds: Kinds, gap: Text, owner: Owner, measures: list[Measure], events: list[CaseEvent]) -> list[Block]:
    facts: list[tuple[Words, Words | None]] = [
        (Text("状态", "State"), STATES[c.state]),
        (Text("程度", "Severity"), SEVERITIES[c.severity]),
        (Text("立项", "Opened"), said(c.opened_on)),
        (Text("期限", "Due"), said(c.due)),
        (Text("承办", "Owner"), owner.title),
        (Text("结果", "Result"), said(RESULTS.get(c.result))),
        (Text("销号", "Closed"), said(c.closed_on)),
        (Text("核验人", "Verified by"), said(name_shown(c.verified_name))),
    ]
    title = Text("{k}（{n}）", "{k} ({n})").format(k=kinds.title(c.kind), n=c.number)
    made: list[Block] = [
        Heading(title, 2),
        Fields(facts),
        Paragraph(Text("短板：{g}", "The gap: {g}").format(g=gap), indent=False, size=10.5),
    ]
    if measures:
        rows = [
            [
                typed_words(m.title),
                MEASURE_STATES[m.state],
                m.planned_on,
                m.due,
                m.done_on,
                money(m.cost_fen),
                name_shown(m.done_by or m.planned_by),
            ]
            for m in measures
        ]
        aligns = ["left"] * 5 + ["right", "left"]
        made.append(table(MEASURE_HEAD, rows, [2, None, None, None, None, None, 1], aligns=aligns, size=9))
    story = [
        [e.day, joined((e.title, e.detail), "：", ": ") if e.detail.zh else e.title, e.words, e.who] for e in story_of(events, {})
    ]
    return [*made, table(STORY_HEAD, story, [None, 3, 3, 1.4], size=9)] if story else made


# --- decisions


def _decisions(actor: Actor, keys: Sequence[int]) -> dict[int, list[Block]]:
    rows = list(Decision.objects.visible_to(actor).filter(OneOf("household", keys)).order_by("opened_on", "pk"))
    if not rows:
        return {}
    of_them = [d.pk for d in rows]
    done = _by(StepDone.objects.visible_to(actor).filter(OneOf("decision", of_them)).order_by("pk"), "decision_id")
    papers = _by(Paper.objects.visible_to(actor).filter(OneOf("decision", of_them), replaced=False).order_by("pk"), "decision_id")
    known = {day: procedures_on(day) for day in {d.opened_on for d in rows}}
    categories = {d.pk: known[d.opened_on].title_of_category(d.kind, d.proposal) for d in rows}
    return {
        household: [block for d in own for block in _decision(d, categories[d.pk], done.get(d.pk, []), papers.get(d.pk, []))]
        for household, own in _by(rows, "household_id").items()
    }


def _decision(d: Decision, category: Text | None, done: list[StepDone], papers: list[Paper]) -> list[Block]:
    words = _words_of_pack(d.pack)
    facts: list[tuple[Words, Words | None]] = [
        (Text("状态", "State"), DECISION_STATES[d.state]),
        (Text("由来", "Origin"), said(ORIGINS.get(d.origin))),
        (Text("启动", "Begun"), said(d.opened_on)),
        (Text("认定", "Decided"), said(d.decided_on)),
    ]
    rows: list[list[Any]] = [
        [s.day, step_title(d, {"step": s.step}), OUTCOMES[s.outcome], words_of(s.words), name_shown(s.actor)] for s in done
    ]
    if d.state == "running":
        rows += [[None, step_title(d, step), TO_DO, None, None] for step in d.steps[d.place :]]
    kind = words["kinds"].get(d.kind, Text(d.kind, d.kind))
    if category is not None:
        kind = Text("{k}：{c}", "{k}: {c}").format(k=kind, c=category)
    title = Text("{k}（{n}）", "{k} ({n})").format(k=kind.as_heading(), n=d.number)
    made: list[Block] = [Heading(title, 2), Fields(facts), table(STEP_HEAD, rows, [None, 2, None, 3, 1.4], size=9)]
    if papers:
        listed = joined(
            (
                Text("{t} {n} 页（{d}）", "{t}, {n} p. ({d})").format(t=words["papers"].get(p.document, Text(p.document, p.document)), n=p.pages, d=p.day)
                for p in papers
            ),
            "、", ", ",
        )  # fmt: skip
        made.append(Paragraph(Text("已收材料：{l}。", "Papers handed in: {l}.").format(l=listed), indent=False, size=10.5))
    if d.refusal is not None:
        made.append(
            Paragraph(Text("不予认定的原因：{r}", "Refused because: {r}").format(r=words_of(d.refusal)), indent=False, size=10.5)
        )
    return made


@lru_cache(maxsize=8)
def _words_of_pack(pack: str) -> Mapping[str, Mapping[str, Text]]:
    """What a pack calls its decisions and their papers."""
    from bangfu.screening.present import written_pack

    if not pack:
        return {"kinds": {}, "papers": {}}
    found = written_pack(pack)
    return {"kinds": {name: one.title for name, one in found.decisions.items()}, "papers": found.lists.get(DOCUMENTS, {})}


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found
