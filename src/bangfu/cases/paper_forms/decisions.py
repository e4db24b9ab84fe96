"""The papers of a decision's steps: forms of a household, sheets of what is found of a village, the announcement; and a decision's story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.cases.actions.noticing import place_of, publishable
from bangfu.cases.criteria import bound, computed, criteria_of, in_words, is_share, title_of
from bangfu.cases.models import Decision, StepDone
from bangfu.cases.paper_forms.about import home_of
from bangfu.cases.paper_forms.codes import STORY, paper_title, papers_of
from bangfu.cases.paper_forms.parts import (
    Document,
    Part,
    fields,
    heading,
    lines,
    paragraph,
    room,
    seal_of,
    signs,
    table,
)
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.cases.shown import words_of
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.say import Text

HEAD = Text("户主（签字）", "Head (signature)")
TWO = (Text("核实人一（签字）", "First (signature)"), Text("核实人二（签字）", "Second (signature)"))
BY, RESPONSIBLE = Text("经办人（签字）", "By (signature)"), Text("负责人（签字）", "Responsible (signature)")
ANNOUNCE = "announce"  # the act of a step whose paper is put up


def decision_forms(actor: Actor, decision: Decision, only: str = "", step: str = "") -> list[Document]:
    """The blank forms of a decision's steps, in their order; `only` those of one document, `step` those of one step. Where there is none, what
    was done so far."""
    known = procedures_on(decision.opened_on)
    kind = known.title(decision.kind)
    made = [
        Document(
            decision.number, paper.form, str(paper_title(decision, paper.step, paper.document).as_heading()), _form(actor, decision, paper.step, paper.document),
            str(Text("{k} · {s}", "{k} · {s}").format(k=kind, s=step_title(decision, paper.step))),
        )
        for paper in papers_of(decision.steps)
        if only in ("", paper.document) and step in ("", paper.step["step"])
    ]  # fmt: skip
    return made or [_story(decision)]


def _form(actor: Actor, decision: Decision, step: Mapping[str, Any], document: str) -> list[Part]:
    if step["act"] == ANNOUNCE:
        return _announcement(decision, step)
    head = fields([(Text("编号", "Number"), decision.number), *home_of(decision.household, decision.path)])
    if criteria_of(step):
        return [head, *_conditions(actor, decision, step)]
    if document in ("decision_sheet", "review_sheet"):
        found = _found(decision, step)
        return [head, *found, *_judged(step, 32 if found else 50)]
    if decision.household_id is not None and document in _HOUSEHOLD:
        return [head, *_HOUSEHOLD[document]()]
    if document == "minutes":
        return [head, *_appraisal()]
    return [head, lines([(Text("情况", "What it is"), "", 120)]), signs(BY)]


# --- of a household


def _application() -> list[Part]:
    words = Text(
        "我家自愿申请按上述程序认定。所报人口、收入、支出、财产和困难情况属实，愿意接受核实、评议和公示。",
        "We apply of our own will. What we state of our members, income, spending, property and difficulties is true; we agree to its being checked, appraised and put on notice.",
    )
    return [paragraph(words), lines([(Text("申请理由", "Grounds"), "", 64)]), signs(household=True)]


def _authorisation() -> list[Part]:
    words = Text(
        "我们承诺如实申报，并授权有关部门比对本户全部成员及负有赡养、抚养、扶养义务的人的户籍、车辆、房产、工商、社保、存款等信息，仅用于本次认定。未签字授权前不得比对。",
        "We undertake to state the truth, and authorise the departments to compare the data of all members of the household and of those bound to support them (registration, vehicles, property, businesses, social insurance, deposits), for this decision only. Nothing is compared before this is signed.",
    )
    columns = [
        Text("姓名", "Name"), Text("与户主关系或义务", "Relation, or duty to support"), Text("签字或手印", "Signature or thumb print"), Text("见证人", "Witness"),
    ]  # fmt: skip
    return [paragraph(words), table(columns, [["", "", "", ""] for _ in range(6)], [2, 3, 3, 2]), signs(household=True)]


def _consent() -> list[Part]:
    words = Text(
        "村里评议和核实的结果已向我家说明。我家　□ 认可　□ 不认可，理由：",
        "The result of appraisal and verification was explained to us.  □ We agree  □ We do not agree, because:",
    )
    return [paragraph(words), lines([(Text("意见", "What we say"), "", 70)]), signs(household=True)]


def _survey() -> list[Part]:
    rows: list[tuple[Text, int]] = [
        (Text("家庭成员和常住情况", "Members, and who lives there"), 3),
        (Text("近一年收入和支出", "Income and spending of the last year"), 4),
        (Text("住房、饮水、教育、医疗", "House, water, schooling, medical care"), 4),
        (Text("突发情况和困难", "Sudden events and difficulties"), 3),
        (Text("自身应对能力和他人扶助", "Own means, and help by others"), 3),
        (Text("核实结论", "What was found"), 3),
    ]
    asked = table(
        [Text("核实内容", "What is checked"), Text("情况", "As it is")], [[title, room(n)] for title, n in rows], [2, 5]
    )
    return [asked, signs(*TWO, HEAD)]


def _comparison() -> list[Part]:
    departments = [
        Text("公安（户籍、车辆）", "Public security (registration, vehicles)"),
        Text("不动产", "Property"),
        Text("市场监管", "Businesses"),
        Text("人社", "Social insurance"),
        Text("医保", "Medical insurance"),
        Text("民政", "Civil affairs"),
        Text("残联", "Disability"),
    ]
    columns = [Text("部门", "Department"), Text("比对结果", "Result"), Text("经办人", "By"), Text("日期", "Day")]
    return [
        table(columns, [[d, "", "", ""] for d in departments], [3, 4, 2, 2]),
        signs(Text("汇总人（签字）", "Put together by (signature)")),
    ]


_HOUSEHOLD = {
    "application_form": _application,
    "authorisation_form": _authorisation,
    "consent_form": _consent,
    "survey_sheet": _survey,
    "verification_sheet": _survey,
    "visit_sheet": _survey,
    "comparison_result": _comparison,
}


# --- of a household or a village


def _appraisal() -> list[Part]:
    return [
        lines(
            [
                (Text("时间、地点", "When and where"), "", 22),
                (Text("主持人、记录人", "Chair, clerk"), "", 22),
                (Text("应到、实到、回避", "Entitled, present, kept away"), "", 22),
                (Text("发言要点", "What was said"), "", 90),
                (Text("表决：赞成、反对、弃权", "Votes: for, against, abstaining"), "", 22),
            ]
        ),
        signs(
            Text("主持人（签字）", "Chair (signature)"),
            Text("记录人（签字）", "Clerk (signature)"),
            Text("参会代表（签字）", "Those present (signatures)"),
        ),
    ]


def _judged(step: Mapping[str, Any], room_left: int = 50) -> list[Part]:
    said = [
        (Text("审核情况", "What was reviewed"), "", room_left),
        (Text("结论", "Conclusion"), Text("□ 同意　□ 退回　□ 不同意", "□ agreed  □ sent back  □ refused"), 24),
        (Text("理由", "Grounds"), "", room_left),
    ]
    return [lines(said), signs(BY, RESPONSIBLE), seal_of(step["by"])]


def _announcement(decision: Decision, step: Mapping[str, Any]) -> list[Part]:
    """What is put up: what was decided, and of whom no more than a notice says."""
    known = procedures_on(decision.opened_on)
    kind, category = known.title(decision.kind), known.title_of_category(decision.kind, decision.proposal)
    words = Text("经“{k}”程序认定，现将结果公告如下。", "This was decided by the procedure “{k}” and is announced.").format(
        k=kind
    )
    facts: list[tuple[Text | str, object]] = [(Text("认定事项", "Decision"), kind)]
    if category is not None:
        facts.append((Text("认定类别", "Category"), category))
    facts += [(Text("认定日期", "Decided on"), decision.decided_on), (Text("公告单位", "Announced by"), "")]
    line = publishable([decision], clock.today())[0]
    if decision.household_id is None:
        place = " ".join(name_of(a) for a in areas().line(decision.path)[-2:])
        listed = table([Text("序号", "No."), Text("村", "Village")], [[1, place]], [0, 1])
    else:
        columns = [Text("序号", "No."), Text("所在地", "Place"), Text("户主", "Head"), Text("家庭人口", "Members")]
        listed = table(columns, [[1, place_of(line), line["head"], line["members"]]], [0, 5, 3, 2])
    return [paragraph(words), fields(facts), listed, seal_of(step["by"])]


# --- what is found of a village


def _conditions(actor: Actor, decision: Decision, step: Mapping[str, Any]) -> list[Part]:
    """Each condition with its bound, what others found before, what the figures say, and room for what is found now."""
    criteria = criteria_of(step)
    known = computed(actor, decision.path, criteria) | decision.facts.get(step["step"], {})
    before = _finding(decision, step)
    head = [
        Text("条件", "Condition"),
        Text("标准", "Bound"),
        Text("核实情况", "What was found"),
        Text("依据、说明", "By what, remarks"),
    ]
    rows = [[title_of(c).as_heading(), _bound(c), _cell(c, known.get(c["code"])), room(2)] for c in criteria]
    widths = [3, 3, 3, 4]
    if before is not None:
        head.insert(2, step_title(decision, before).as_heading())
        widths.insert(2, 3)
        said = decision.facts.get(before["step"], {})
        for row, c in zip(rows, criteria, strict=True):
            row.insert(2, in_words(c, said[c["code"]]) if c["code"] in said else "")
    own = (
        (
            Text("村党组织书记（签字）", "Party secretary of the village (signature)"),
            Text("驻村第一书记（签字）", "First secretary (signature)"),
        )
        if step["by"] == "village"
        else (*TWO, RESPONSIBLE)
        if step["people"] > 1
        else (BY, RESPONSIBLE)
    )
    met = Text("□ 全部达到　□ 未全部达到", "□ all are met  □ not all are met")
    return [
        table(head, rows, widths),
        lines([(Text("结论", "Conclusion"), met, 0), (Text("核实经过和说明", "How it was checked, and remarks"), "", 32)]),
        signs(*own),
        seal_of(step["by"]),
    ]


def _found(decision: Decision, step: Mapping[str, Any]) -> list[Part]:
    """What the last step before found of the conditions, for whoever judges it; nothing where there are none."""
    before = _finding(decision, step)
    if before is None:
        return []
    said = decision.facts.get(before["step"], {})
    rows = [
        [title_of(c).as_heading(), _bound(c), in_words(c, said[c["code"]]) if c["code"] in said else ""]
        for c in criteria_of(before)
    ]
    head = [Text("条件", "Condition"), Text("标准", "Bound"), step_title(decision, before).as_heading()]
    return [table(head, rows, [3, 3, 3])]


def _finding(decision: Decision, step: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The last step before one that finds the conditions."""
    place = next((n for n, s in enumerate(decision.steps) if s["step"] == step["step"]), 0)
    return next((s for s in reversed(decision.steps[:place]) if criteria_of(s)), None)


def _bound(criterion: Mapping[str, Any]) -> Text:
    return bound(criterion) or Text("达到", "met")


def _cell(criterion: Mapping[str, Any], value: Any) -> Text:
    """What is known of a condition; where nothing is, room to write it, or what to tick."""
    if value is not None:
        return in_words(criterion, value)
    if not criterion["number"]:
        return Text("□ 达到\n□ 未达到", "□ yes\n□ no")
    if criterion["money"]:
        return Text("　　　　元", "　　　　yuan")
    return Text("　　　　%", "　　　　%") if is_share(criterion) else Text("", "")


# --- what was done


def _story(decision: Decision) -> Document:
    known = procedures_on(decision.opened_on)
    rows = [
        [s.day, step_title(decision, {"step": s.step}), words_of(s.words), name_shown(s.actor)]
        for s in StepDone.objects.filter(decision=decision).order_by("pk")
    ]
    parts = [
        fields(
            [
                (Text("编号", "Number"), decision.number),
                (Text("程序", "Decision"), known.title(decision.kind)),
                (Text("开始", "Begun"), decision.opened_on),
                (Text("认定", "Decided"), decision.decided_on),
            ]
        ),
        heading(Text("全过程", "The story")),
        table([Text("日期", "Day"), Text("步骤", "Step"), Text("说明", "In words"), Text("谁", "Who")], rows, [0, 3, 4, 2]),
    ]
    return Document(decision.number, STORY, str(known.title(decision.kind).as_heading()), parts)
