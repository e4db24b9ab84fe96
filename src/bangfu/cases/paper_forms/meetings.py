"""Pages of a meeting: agenda, attendance list and ballots before it, the minutes after it."""

from __future__ import annotations

from bangfu.cases.actions.noticing import place_of, publishable
from bangfu.cases.models import Item, Meeting, Present
from bangfu.cases.models.meetings import MEETING_KINDS, VOTES
from bangfu.cases.paper_forms.codes import AGENDA, ATTENDANCE, BALLOT, MINUTES
from bangfu.cases.paper_forms.parts import Document, fields, heading, paragraph, signs, table
from bangfu.cases.policy import kinds_on
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.cases.shown import typed_words, words_of
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text, listed


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
            (Text("地点", "Where"), typed_words(meeting.where)),
            (Text("主持人", "Chair"), meeting.chair),
            (Text("应到、法定", "Entitled, needed"), f"{meeting.entitled}, {meeting.quorum}"),
            (Text("表决方式", "Voting"), VOTES[meeting.vote]),
        ]
    )
    lines_of = publishable([i.decision for i in items if i.decision is not None], meeting.day)
    said = {x["decision"]: f"{x['head']} {place_of(x)}".strip() for x in lines_of}
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
        return [Document(meeting.number, MINUTES, str(Text("会议记录", "Minutes")), parts)]
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
        Document(meeting.number, AGENDA, str(Text("会议议程", "Agenda")), [head, agenda_table]),
        Document(meeting.number, ATTENDANCE, str(Text("签到表", "Attendance list")), [head, came]),
    ]
    if meeting.vote == "secret":
        documents.append(Document(meeting.number, BALLOT, str(Text("表决票", "Ballot")), [ballot]))
    return documents
