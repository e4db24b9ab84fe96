"""A notice as it hangs."""

from __future__ import annotations

from bangfu.cases.actions.hanging import desk_of, standing_lines
from bangfu.cases.actions.noticing import place_of
from bangfu.cases.models import Notice
from bangfu.cases.paper_forms.codes import NOTICE
from bangfu.cases.paper_forms.parts import Document, paragraph, seal_of, table
from bangfu.cases.procedures import procedures_on
from bangfu.foundation.say import Text


def notice_page(notice: Notice) -> list[Document]:
    """A notice as it hangs: what may be published, from when to when, where to object, the seal of whoever puts it up."""
    title = procedures_on(notice.starts_on).title(notice.kind)
    office, telephone = desk_of(notice)
    desk = Text("（{t}）", " ({t})").format(t=telephone) if telephone else Text("", "")
    lines = standing_lines(notice)
    words = Text(
        f"经评议和核实，现将{title.zh}的名单公示如下。公示期自 {notice.starts_on} 至 {notice.ends_on}，共 {notice.days()} 天。对名单有不同意见的，请在公示期内向{office}{desk.zh}反映，可以不署名。",
        f"After appraisal and verification these are put on notice: {title.en}. From {notice.starts_on} to {notice.ends_on}, {notice.days()} days. Objections are taken until then by {office}{desk.en}, also without a name.",
    )
    homes = any(x["head"] or x["members"] for x in lines)
    if homes:
        columns = [Text("序号", "No."), Text("所在地", "Place"), Text("户主", "Head"), Text("家庭人口", "Members")]
        listed = table(columns, [[n, place_of(x), x["head"], x["members"]] for n, x in enumerate(lines, 1)], [0, 5, 3, 2])
    else:
        listed = table([Text("序号", "No."), Text("村", "Village")], [[n, place_of(x)] for n, x in enumerate(lines, 1)], [0, 1])
    return [
        Document(
            notice.number,
            NOTICE,
            str(Text("公　示", "Public notice")),
            [paragraph(words), listed, seal_of(_level(notice))],
            str(title.as_heading()),
        )
    ]


def _level(notice: Notice) -> str:
    """Which level puts it up, by the steps of a decision on it."""
    decision = notice.decisions.order_by("pk").first()
    return next((s["by"] for s in decision.steps if s["step"] == notice.step), "village") if decision is not None else "village"
