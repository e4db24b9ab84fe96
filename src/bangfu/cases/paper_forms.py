"""Every form, notice, minutes sheet and signature page on paper: official pages with the number of their matter and a code on each page.

A code says which matter, form and page it stands on, under the county's key, so that a photographed page finds its step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.cases.actions.noticing import place_of, publishable
from bangfu.cases.models import Case, CaseEvent, Decision, Item, Measure, Meeting, Notice, Present, StepDone
from bangfu.cases.models.cases import RESULTS, SEVERITIES, SOURCES, STATES
from bangfu.cases.models.meetings import MEETING_KINDS, VOTES
from bangfu.cases.policy import kinds_on
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.cases.shown import gaps, owners_of, story_of, words_of
from bangfu.documents.codes import PageKey
from bangfu.documents.forms import (
    CodedDocument,
    Fields,
    Heading,
    Paragraph,
    Printing,
    Seal,
    Sign,
    Signatures,
    Table,
    Writing,
    render,
)
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text, language, listed
from bangfu.foundation.secrecy import hash_key
from bangfu.register.models import Household, Membership

WRITING = 16  # points of a line that is written by hand

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A document to be printed: the number of its matter, which form it is (a code of the pack, or one of ours), title, and parts."""

    number: str
    form: str
    title: str
    parts: Sequence[Part]
    sub: str = ""


def form_code(form: str) -> str:
    """A form as the code of a page has it: its letters in capitals, the first eight of them."""
    return form.replace("_", "").upper()[:8]


def page_key(number: str, form: str) -> PageKey:
    """What the code of a page says of its document: the matter and the form."""
    return PageKey(number, form_code(form))


def print_documents(documents: Sequence[Document]) -> bytes:
    """The PDF of some documents in the reader's language, each with its own page numbers and on every page a code under the county's key."""
    made: bytes = render([_coded(d) for d in documents], language(), Printing(hash_key(), the_county().synthetic))
    return made


def _coded(d: Document) -> CodedDocument:
    blocks = [block for part in d.parts for block in _blocks(part)]
    return CodedDocument(page_key(d.number, d.form), d.title, blocks, subtitle=d.sub)


def _blocks(p: Part) -> Iterator[Any]:
    """The blocks of a part."""
    match p["sort"]:
        case "heading":
            yield Heading(p["text"], 2)
        case "text":
            yield Paragraph(p["text"])
        case "fields":
            yield Fields([(title, value or None) for title, value in p["rows"]])
        case "lines":
            for title, value, height in p["rows"]:
                yield Paragraph(f"{title}：{value}" if value else title, indent=False, strong=not value)
                if not value:
                    yield Writing(max(1, round(height / WRITING)))
        case "table":
            yield Table(p["head"], p["rows"], [w or None for w in p["widths"]])
        case "signs":
            yield Signatures([(sign, title) for sign, title in p["signs"]])
        case "seal":
            yield Seal(p["text"])


# --- parts


def heading(text: Text | str) -> Part:
    """A heading within a document."""
    return {"sort": "heading", "text": str(text)}


def paragraph(text: Text | str) -> Part:
    """A paragraph; lines of the text are kept together."""
    return {"sort": "text", "text": str(text)}


def fields(rows: Sequence[tuple[Text | str, object]]) -> Part:
    """Facts in two columns; a blank one is to be written by hand."""
    made = [[str(title), "" if value in (None, "") else str(value)] for title, value in rows]
    if len(made) % 2:
        made.append(["", " "])
    return {"sort": "fields", "rows": made}


def lines(rows: Sequence[tuple[Text | str, object, int]]) -> Part:
    """Things to be written by hand: what it is, what is known of it, the height in points."""
    return {"sort": "lines", "rows": [[str(t), "" if v in (None, "") else str(v), h] for t, v, h in rows]}


def table(head: Sequence[Text | str], rows: Sequence[Sequence[object]], widths: Sequence[int]) -> Part:
    """A table; a width of 0 is as wide as its words, others share what is left."""
    return {
        "sort": "table",
        "head": [str(h) for h in head],
        "rows": [["" if c is None else str(c) for c in row] for row in rows],
        "widths": list(widths),
    }


def signs(*titles: Text, household: bool = False) -> Part:
    """Places to sign; those of the household also for a thumb print with its witness, and for a proxy with the relation."""
    made = [(Sign.SIGNATURE, str(t)) for t in titles]
    if household:
        head = str(HEAD)
        made = [(Sign.SIGNATURE, head), (Sign.THUMB, head), (Sign.PROXY, head), *made]
    return {"sort": "signs", "signs": made}


def seal(text: Text) -> Part:
    """A place for a seal."""
    return {"sort": "seal", "text": str(text)}


HEAD = Text("户主", "Head of the household")
TWO = (Text("核实人一", "First"), Text("核实人二", "Second"))
OF_LEVEL = {
    "village": Text("村民委员会（盖章）", "Village committee (seal)"),
    "township": Text("乡镇（盖章）", "Township (seal)"),
    "county": Text("县级（盖章）", "County (seal)"),
}


# --- whom it is about


def _home(household: Household | None, path: str) -> list[tuple[Text | str, object]]:
    """What a form says of the household: head, number, place, members; no identity number."""
    place = " ".join(name_of(a) for a in areas().line(path) if a.path.startswith(the_county().path))
    if household is None:
        return [(Text("地点", "Place"), place)]
    members = Membership.objects.on(clock.today()).filter(household=household, sort="farming")
    head = members.filter(relation="head").values_list("person__name", flat=True).first() or ""
    return [
        (Text("户主", "Head"), head),
        (Text("户编号", "Household"), household.number),
        (Text("住址", "Place"), place),
        (Text("家庭人口", "Members"), members.count()),
    ]


# --- decisions


def decision_forms(actor: Actor, decision: Decision, only: str = "") -> list[Document]:
    """The blank forms of a decision's steps, in their order; `only` one of them. Where there is none, what was done so far."""
    known = procedures_on(decision.opened_on)
    title = known.title(decision.kind)
    made = []
    for step in decision.steps:
        for code in step["documents"]:
            if only and code != only:
                continue
            name = known.documents.get(code, Text(code, code))
            made.append(
                Document(
                    decision.number, code, str(name), _form(actor, decision, step, code),
                    str(Text(f"{title.zh} · {step_title(decision, step).zh}", f"{title.en} · {step_title(decision, step).en}")),
                )
            )  # fmt: skip
    return made or [_decision_story(decision)]


def _form(actor: Actor, decision: Decision, step: Mapping[str, Any], code: str) -> list[Part]:
    head = fields([(Text("编号", "Number"), decision.number), *_home(decision.household, decision.path)])
    match code:
        case "application_form":
            return [
                head,
                paragraph(
                    Text(
                        "我家自愿申请按上述程序认定。所报人口、收入、支出、财产和困难情况属实，愿意接受核实、评议和公示。",
                        "We apply of our own will. What we state of our members, income, spending, property and difficulties is true; we agree to its being checked, appraised and put on notice.",
                    )
                ),
                lines([(Text("申请理由", "Grounds"), "", 110)]),
                signs(household=True),
            ]
        case "authorisation_form":
            return [
                head,
                paragraph(
                    Text(
                        "我们承诺如实申报，并授权有关部门比对本户全部成员及负有赡养、抚养、扶养义务的人的户籍、车辆、房产、工商、社保、存款等信息，仅用于本次认定。未签字授权前不得比对。",
                        "We undertake to state the truth, and authorise the departments to compare the data of all members of the household and of those bound to support them (registration, vehicles, property, businesses, social insurance, deposits), for this decision only. Nothing is compared before this is signed.",
                    )
                ),
                table(
                    [Text("姓名", "Name"), Text("与户主关系或义务", "Relation, or duty to support"), Text("签字或手印", "Signature or thumb print"), Text("见证人", "Witness")],
                    [["", "", "", ""] for _ in range(6)], [2, 3, 3, 2],
                ),
                signs(household=True),
            ]  # fmt: skip
        case "consent_form":
            return [
                head,
                paragraph(
                    Text("村里评议和核实的结果已向我家说明。我家　□ 认可　□ 不认可，理由：", "The result of appraisal and verification was explained to us.  □ We agree  □ We do not agree, because:")
                ),
                lines([(Text("意见", "What we say"), "", 70)]),
                signs(household=True),
            ]  # fmt: skip
        case "minutes":
            return [head, *_appraisal_lines()]
        case "survey_sheet" | "verification_sheet":
            asked = [
                (Text("家庭成员和常住情况", "Members, and who lives there"), "", 34),
                (Text("近一年收入和支出", "Income and spending of the last year"), "", 50),
                (Text("住房、饮水、教育、医疗", "House, water, schooling, medical care"), "", 50),
                (Text("突发情况和困难", "Sudden events and difficulties"), "", 50),
                (Text("自身应对能力和他人扶助", "Own means, and help by others"), "", 34),
                (Text("核实结论", "What was found"), "", 34),
            ]
            return [head, lines(asked), signs(*TWO, HEAD)]
        case "comparison_result":
            departments = [
                Text("公安（户籍、车辆）", "Public security (registration, vehicles)"),
                Text("不动产", "Property"),
                Text("市场监管", "Businesses"),
                Text("人社", "Social insurance"),
                Text("医保", "Medical insurance"),
                Text("民政", "Civil affairs"),
                Text("残联", "Disability"),
            ]
            return [
                head,
                table([Text("部门", "Department"), Text("比对结果", "Result"), Text("经办人", "By"), Text("日期", "Day")], [[d, "", "", ""] for d in departments], [3, 4, 2, 2]),
                signs(Text("汇总人（签字）", "Put together by (signature)")),
            ]  # fmt: skip
        case "village_assessment":
            conditions = [
                (Text("贫困发生率（%）", "Poverty rate (%)"), "", 18),
                (Text("基础设施（路、水、电、网）", "Infrastructure (road, water, power, net)"), "", 34),
                (Text("公共服务（学校、卫生室、文化）", "Public services (school, clinic, culture)"), "", 34),
                (Text("产业", "Industry"), "", 34),
                (Text("村集体收入（元/年）", "Collective income (yuan a year)"), "", 18),
            ]
            return [
                head,
                lines(conditions),
                signs(
                    Text("村支部书记（签字）", "Party secretary (signature)"),
                    Text("驻村第一书记（签字）", "First secretary (signature)"),
                ),
                seal(OF_LEVEL["village"]),
            ]
        case "announcement_sheet" | "decision_sheet" | "review_sheet":
            said = [
                (Text("审核情况", "What was reviewed"), "", 60),
                (Text("结论", "Conclusion"), str(Text("□ 同意　□ 退回　□ 不同意", "□ agreed  □ sent back  □ refused")), 24),
                (Text("理由", "Grounds"), "", 50),
            ]
            return [
                head,
                lines(said),
                signs(Text("经办人（签字）", "By (signature)"), Text("负责人（签字）", "Responsible (signature)")),
                seal(OF_LEVEL.get(step["by"], OF_LEVEL["county"])),
            ]
    return [head, lines([(Text("情况", "What it is"), "", 120)]), signs(Text("经办人（签字）", "By (signature)"))]


def _appraisal_lines() -> list[Part]:
    return [
        lines(
            [
                (Text("时间、地点", "When and where"), "", 22),
                (Text("主持人、记录人", "Chair, clerk"), "", 22),
                (Text("应到、实到、回避", "Entitled, present, kept away"), "", 22),
                (Text("发言要点", "What was said"), "", 120),
                (Text("表决：赞成、反对、弃权", "Votes: for, against, abstaining"), "", 22),
            ]
        ),
        signs(
            Text("主持人（签字）", "Chair (signature)"),
            Text("记录人（签字）", "Clerk (signature)"),
            Text("参会代表（签字）", "Those present (signatures)"),
        ),
    ]


# --- meetings and notices


def meeting_pages(actor: Actor, meeting: Meeting) -> list[Document]:
    """Of a meeting to be held: agenda with ballots and attendance list; of one that was held: its minutes, written from the votes."""
    items = list(
        Item.objects.visible_to(actor)
        .filter(meeting=meeting)
        .select_related("decision__household", "case__household")
        .order_by("place")
    )
    people = list(Present.objects.filter(meeting=meeting).order_by("pk"))
    known, kinds = procedures_on(meeting.day), kinds_on(meeting.day)
    head = fields(
        [
            (Text("会议", "Meeting"), f"{MEETING_KINDS[meeting.kind]} {meeting.number}"),
            (Text("日期", "Day"), meeting.day),
            (Text("地点", "Where"), meeting.where),
            (Text("主持人", "Chair"), meeting.chair),
            (Text("应到、法定", "Entitled, needed"), f"{meeting.entitled}, {meeting.quorum}"),
            (Text("表决方式", "Voting"), VOTES[meeting.vote]),
        ]
    )
    lines_of = publishable([i.decision for i in items if i.decision is not None], meeting.day)
    said = {x["decision"]: f"{x['head']} {place_of(x)}" for x in lines_of}
    names = {p.pk: p.name for p in people}

    def about(i: Item) -> str:
        if i.decision is not None:
            return f"{said.get(i.decision_id, '')} · {known.title(i.decision.kind)}"
        return f"{i.case.number} · {kinds.title(i.case.kind)}" if i.case is not None else ""

    if meeting.state == "held":
        rows = [
            [
                i.place, about(i), listed(names.get(k, "") for k in i.recused), f"{i.in_favour} / {i.against} / {i.abstained}",
                Text("通过", "passed") if i.passed else Text("未通过", "not passed"), words_of(i.words),
            ]
            for i in items
        ]  # fmt: skip
        columns = [
            Text("序号", "No."),
            Text("议题", "Item"),
            Text("回避", "Kept away"),
            Text("赞成/反对/弃权", "For/against/abst."),
            Text("结果", "Result"),
            Text("发言要点", "What was said"),
        ]
        here = listed(Text("{n}（{r}）", "{n} ({r})").format(n=p.name, r=p.role) if p.role else p.name for p in people)
        parts = [
            head,
            heading(Text("到会人员", "Present")),
            paragraph(here),
            heading(Text("评议情况", "Items")),
            table(columns, rows, [0, 4, 2, 2, 2, 3]),
        ]
        parts += [
            signs(
                Text("主持人（签字）", "Chair (signature)"),
                Text("记录人（签字）", "Clerk (signature)"),
                Text("参会代表（签字）", "Those present (signatures)"),
            )
        ]
        return [Document(meeting.number, "minutes", str(Text("会议记录", "Minutes")), parts)]
    agenda = [[i.place, about(i), step_title(i.decision, {"step": i.step}) if i.decision is not None else ""] for i in items]
    agenda_table = table([Text("序号", "No."), Text("议题", "Item"), Text("步骤", "Step")], agenda, [0, 5, 3])
    attendance = [[n, p.name, p.role, ""] for n, p in enumerate(people, 1)] + [
        [n, "", "", ""] for n in range(len(people) + 1, meeting.entitled + 1)
    ]
    came = table(
        [Text("序号", "No."), Text("姓名", "Name"), Text("身份", "Role"), Text("签到", "Signature")], attendance, [0, 3, 3, 3]
    )
    ballots = [[i.place, about(i), "□", "□", "□"] for i in items]
    ballot = table(
        [Text("序号", "No."), Text("议题", "Item"), Text("赞成", "For"), Text("反对", "Against"), Text("弃权", "Abstain")],
        ballots,
        [0, 5, 1, 1, 1],
    )
    documents = [
        Document(meeting.number, "agenda", str(Text("会议议程", "Agenda")), [head, agenda_table]),
        Document(meeting.number, "attendance", str(Text("签到表", "Attendance list")), [head, came]),
    ]
    if meeting.vote == "secret":
        documents.append(Document(meeting.number, "ballot", str(Text("表决票", "Ballot")), [ballot]))
    return documents


def notice_page(notice: Notice) -> list[Document]:
    """A notice as it hangs: what may be published, from when to when, where to object."""
    title = procedures_on(notice.starts_on).title(notice.kind)
    rows = [[n, place_of(x), x["head"], x["members"]] for n, x in enumerate(notice.lines, 1)]
    words = Text(
        f"经评议和核实，现将{title.zh}的名单公示如下。公示期自 {notice.starts_on} 至 {notice.ends_on}，共 {notice.days()} 天。对名单有不同意见的，请在公示期内向{notice.office}（{notice.telephone or '　　　　'}）反映，可以不署名。",
        f"After appraisal and verification these are put on notice: {title.en}. From {notice.starts_on} to {notice.ends_on}, {notice.days()} days. Objections are taken until then by {notice.office} ({notice.telephone}), also without a name.",
    )
    columns = [Text("序号", "No."), Text("所在地", "Place"), Text("户主", "Head"), Text("家庭人口", "Members")]
    parts = [paragraph(words), table(columns, rows, [0, 5, 3, 2]), seal(OF_LEVEL["village"])]
    return [Document(notice.number, "notice_sheet", str(Text("公　示", "Public notice")), parts, str(title))]


# --- a case


def case_sheet(actor: Actor, case: Case) -> Document:
    """A case with its whole story, and place to sign for who verified it."""
    kinds = kinds_on()
    today = clock.today()
    gap, owner = gaps(actor, kinds, [case])[case.pk], owners_of([case], today)[case.pk]
    facts = [
        (Text("编号", "Number"), case.number), *_home(case.household, case.path), (Text("类别", "Kind"), kinds.title(case.kind)),
        (Text("程度", "Severity"), SEVERITIES[case.severity]), (Text("来源", "Source"), SOURCES[case.source]),
        (Text("立项", "Opened"), case.opened_on), (Text("期限", "Due"), case.due), (Text("状态", "State"), STATES[case.state]),
        (Text("由谁办理", "Owner"), owner.title), (Text("结果", "Result"), RESULTS.get(case.result, "")),
    ]  # fmt: skip
    measures = [
        [m.title, m.planned_on, m.done_on or "", "" if m.cost_fen is None else f"{m.cost_fen / 100:,.2f}"]
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
                [4, 2, 2, 2],
            ),
        ]
    parts += [
        heading(Text("全过程", "The story")),
        table([Text("日期", "Day"), Text("事项", "What"), Text("说明", "In words"), Text("谁", "Who")], [[e.day, f"{e.title} {e.detail}", e.words, e.who] for e in story], [0, 4, 4, 2]),
        signs(Text("户主（签字）", "Head (signature)"), Text("办理人（签字）", "By (signature)"), Text("核验人（签字）", "Verified by (signature)")),
    ]  # fmt: skip
    return Document(case.number, "case_sheet", str(Text("事项办理表", "Case")), parts)


def _decision_story(decision: Decision) -> Document:
    known = procedures_on(decision.opened_on)
    rows = [
        [s.day, step_title(decision, {"step": s.step}), words_of(s.words), s.actor]
        for s in StepDone.objects.filter(decision=decision).order_by("pk")
    ]
    parts = [
        fields([(Text("编号", "Number"), decision.number), (Text("程序", "Decision"), known.title(decision.kind)), (Text("开始", "Begun"), decision.opened_on), (Text("认定", "Decided"), decision.decided_on or "")]),
        table([Text("日期", "Day"), Text("步骤", "Step"), Text("说明", "In words"), Text("谁", "Who")], rows, [0, 3, 4, 2]),
    ]  # fmt: skip
    return Document(decision.number, "decision_story", str(known.title(decision.kind)), parts)
