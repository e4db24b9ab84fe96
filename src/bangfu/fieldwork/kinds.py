"""What sort of question one is, in a word: by what shows it, the type of its bind, and what it takes. Pure."""

from __future__ import annotations

from bangfu.fieldwork.outline import Node
from bangfu.fieldwork.xform import Question
from bangfu.foundation.say import Text

NOTE, COMPUTED = Text("说明", "note"), Text("自动计算", "worked out")
BY_PHONE = Text("手机自动记录", "recorded by the phone")
CONTROLS = {
    "select1": Text("单选", "one choice"),
    "select": Text("多选", "several choices"),
    "rank": Text("排序", "ranking"),
    "trigger": Text("确认", "to be acknowledged"),
    "range": Text("数值范围", "number in a range"),
}
TYPES = {
    "string": Text("文本", "text"),
    "int": Text("整数", "whole number"),
    "decimal": Text("小数", "decimal number"),
    "date": Text("日期", "day"),
    "time": Text("时间", "time"),
    "dateTime": Text("日期和时间", "day and time"),
    "boolean": Text("是否", "yes or no"),
    "geopoint": Text("位置", "position"),
    "geotrace": Text("路线", "line on the map"),
    "geoshape": Text("范围", "area on the map"),
    "barcode": Text("扫码", "bar code"),
}
MEDIA = {
    "image": Text("照片", "photograph"),
    "audio": Text("录音", "sound"),
    "video": Text("录像", "video"),
}
SIGNATURE, ANY_FILE = Text("签字", "signature"), Text("文件", "file")


def kind_of(node: Node, q: Question) -> Text:
    """What sort of question it is, in a word."""
    if not q.control:
        return BY_PHONE if node.preload else COMPUTED
    if q.control == "upload":
        return SIGNATURE if "signature" in node.look.split() else MEDIA.get(node.media.partition("/")[0], ANY_FILE)
    if q.readonly and q.control == "input":
        return COMPUTED if node.reckoned else NOTE
    return CONTROLS.get(q.control) or TYPES.get(q.type) or Text(q.type, q.type)
