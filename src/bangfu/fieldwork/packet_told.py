"""What a packet did, in words: the same on the page and at the terminal."""

from __future__ import annotations

from bangfu.fieldwork.models import Packet
from bangfu.fieldwork.models.packets import IN, OUT
from bangfu.foundation.say import Text

IN_IT = Text("装入的提交", "submissions in it")
HOMES, FORMS = Text("名单中的农户", "households of the lists"), Text("表单", "forms")
PUBLISHED, THERE = Text("新发布的表单", "forms published"), Text("已有的表单", "forms that are here already")
LACKS = Text(
    "此前还有 {n} 个数据包没有收到（第 {numbers} 号）；对方收到回执后会补上其中的提交。",
    "{n} packet(s) before it never came (number {numbers}); what was in them comes again once the other side is told so.",
)
OLDER = Text(
    "已读过更新的数据包，这一个的表单和名单没有采用。",
    "A newer packet was read before: the forms and lists of this one are not used.",
)
NOT_PUBLISHED = Text("表单 {form} 没有发布：{number} {why}", "The form {form} was not published: {number} {why}")
OUTSIDE = Text("{n} 份提交不属对方的地点，没有收。", "Outside the partner's area and not taken: {n} submission(s).")
KEPT_APART = Text(
    "{n} 份提交的编号在本站已有另一内容：本站的不变，来的另存。",
    "Other content under an id that is here: {n} submission(s). What is here stays, what came is kept apart.",
)


def counts_of(packet: Packet) -> list[tuple[Text, int]]:
    """The numbers of a packet, with what they count."""
    if packet.kind == "package":
        told = packet.told
        if packet.direction == OUT:
            return [(HOMES, told.get("homes", 0)), (FORMS, told.get("forms", 0))]
        return [(HOMES, told.get("homes", 0)), (PUBLISHED, len(told.get("forms", []))), (THERE, told.get("forms_same", 0))]
    if packet.direction == OUT:
        return [(IN_IT, packet.new)]
    return [
        (Text("新收", "new"), packet.new), (Text("已有", "here already"), packet.same), (Text("内容不同", "other content"), packet.other),
        (Text("读不了", "cannot be read"), packet.broken), (Text("未收", "not taken"), packet.refused),
    ]  # fmt: skip


def notes_of(packet: Packet) -> list[Text]:
    """What else there is to know of a packet that was read."""
    if packet.direction != IN:
        return []
    told, said = packet.told, []
    if packet.other:
        said.append(KEPT_APART.format(n=packet.other))
    if packet.refused:
        said.append(OUTSIDE.format(n=packet.refused))
    if told.get("older"):
        said.append(OLDER)
    for one in told.get("wrong", []):
        why = Text(one["zh"], one["en"])
        said.append(NOT_PUBLISHED.format(form=one["form"], number=one["number"], why=why))
    if told.get("lack"):
        numbers = ", ".join(map(str, told["lacking"])) + (" …" if told["lack"] > len(told["lacking"]) else "")
        said.append(LACKS.format(n=told["lack"], numbers=numbers))
    return said
