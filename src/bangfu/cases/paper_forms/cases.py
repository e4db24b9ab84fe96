"""The sheet of a case: facts, gap, measures, story, places to sign."""

from __future__ import annotations

from datetime import date

from bangfu.cases.models import Case, CaseEvent, Measure
from bangfu.cases.models.cases import DROPPED, RESULTS, SEVERITIES, SOURCES, STATES
from bangfu.cases.paper_forms.about import home_of
from bangfu.cases.paper_forms.codes import CASE
from bangfu.cases.paper_forms.parts import Document, fields, heading, paragraph, signs, table
from bangfu.cases.policy import kinds_on
from bangfu.cases.shown import dropped_words, gaps, owners_of, story_of, typed_words
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text


def case_sheet(actor: Actor, case: Case) -> Document:
    """A case with its whole story, and place to sign for who verified it."""
    kinds = kinds_on()
    today = clock.today()
    gap, owner = gaps(actor, kinds, [case])[case.pk], owners_of([case], today)[case.pk]
    facts = [
        (Text("编号", "Number"), case.number), *home_of(case.household, case.path), (Text("类别", "Kind"), kinds.title(case.kind)),
        (Text("程度", "Severity"), SEVERITIES[case.severity]), (Text("来源", "Source"), SOURCES[case.source]),
        (Text("立项", "Opened"), case.opened_on), (Text("期限", "Due"), case.due_on(today)), (Text("状态", "State"), STATES[case.state]),
        (Text("由谁办理", "Owner"), owner.title), (Text("结果", "Result"), RESULTS.get(case.result, "")),
    ]  # fmt: skip
    measures = [
        [typed_words(m.title), m.planned_on, _how_it_stands(m), "" if m.cost_fen is None else f"{m.cost_fen / 100:,.2f}"]
        for m in Measure.objects.visible_to(actor).filter(case=case).order_by("pk")
    ]
    story = story_of(CaseEvent.objects.visible_to(actor).filter(case=case).order_by("pk"), {})
    parts = [fields(facts), heading(Text("短板", "The gap")), paragraph(gap)]
    if measures:
        parts += [
            heading(Text("措施", "Measures")),
            table(
                [Text("措施", "Measure"), Text("计划", "Planned"), Text("落实", "Done"), Text("资金（元）", "Yuan")],
                measures,
                [4, 2, 3, 2],
            ),
        ]
    parts += [
        heading(Text("全过程", "The story")),
        table([Text("日期", "Day"), Text("事项", "What"), Text("说明", "In words"), Text("谁", "Who")], [[e.day, f"{e.title} {e.detail}", e.words, e.who] for e in story], [0, 4, 4, 2]),
        signs(Text("户主（签字）", "Head (signature)"), Text("办理人（签字）", "By (signature)"), Text("核验人（签字）", "Verified by (signature)")),
    ]  # fmt: skip
    return Document(case.number, CASE, str(Text("事项办理表", "Case")), parts)


def _how_it_stands(measure: Measure) -> Text | date | str:
    """The day on which a measure was done; of one that was dropped, that and why; blank of one that is planned."""
    if measure.state == DROPPED:
        return Text("取消：{w}", "dropped: {w}").format(w=dropped_words(measure))
    return measure.done_on or ""
