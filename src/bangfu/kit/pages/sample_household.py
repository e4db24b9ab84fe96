"""An invented household for the previews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bangfu.foundation.say import Text
from bangfu.kit.parts import Event, Fact, FactGroup, Guarantee
from bangfu.kit.shapes import drawing

VISIT = Text("入户核查 2020-04-12 · 第一书记", "visit 2020-04-12 · first secretary")
FEED = Text("医保部门 2020-04-20", "insurance department 2020-04-20")
STATES = {
    "income": "unmet",
    "food": "met",
    "clothing": "met",
    "schooling": "waiting",
    "health": "met",
    "housing": "unmet",
    "water": "unknown",
}


def _members() -> list[dict[str, Any]]:
    head = {
        "name": "冉守田",
        "relation": Text("户主", "head"),
        "sex": Text("男", "male"),
        "age": 58,
        "identity": "520999********1235",
    }
    wife = {
        "name": "谭桂香",
        "relation": Text("配偶", "spouse"),
        "sex": Text("女", "female"),
        "age": 55,
        "identity": "520999********4420",
    }
    son = {
        "name": "冉朝阳",
        "relation": Text("之子", "son"),
        "sex": Text("男", "male"),
        "age": 31,
        "identity": "520999********1917",
    }
    child = {
        "name": "冉小兰",
        "relation": Text("孙女", "granddaughter"),
        "sex": Text("女", "female"),
        "age": 12,
        "identity": "520999********0024",
    }
    none, healthy, resident = Text("非在校", "not at school"), Text("健康", "healthy"), Text("居民医保", "resident")
    return [
        head
        | {
            "school": none,
            "health": Text("长期慢性病", "chronic illness"),
            "labour": Text("弱劳动力", "weak"),
            "insured": resident,
            "note": "",
        },
        wife | {"school": none, "health": healthy, "labour": Text("普通劳动力", "ordinary"), "insured": resident, "note": ""},
        son
        | {
            "school": none,
            "health": healthy,
            "labour": Text("普通劳动力", "ordinary"),
            "insured": None,
            "note": Text("外出务工", "works away"),
        },
        child | {"school": None, "health": healthy, "labour": Text("无", "none"), "insured": resident, "note": ""},
    ]


def _groups() -> list[FactGroup]:
    return [
        FactGroup(
            "house",
            Text("住房", "House"),
            [
                Fact(Text("产权", "Tenure"), Text("自有住房", "own house"), source=VISIT),
                Fact(Text("结构", "Structure"), Text("砖木", "brick and timber"), source=VISIT),
                Fact(
                    Text("鉴定等级", "Grade"),
                    Text("C级", "C"),
                    source=Text("住建部门 2020-03-30", "housing department 2020-03-30"),
                    source_url="#",
                ),
                Fact(Text("改造", "Repair"), Text("改造中", "under way"), source=VISIT),
                Fact(Text("面积", "Floor area"), 86, Text("平方米", "m²"), VISIT),
                Fact(Text("开工日期", "Begun"), date(2020, 4, 6), source=VISIT),
            ],
        ),
        FactGroup(
            "water",
            Text("饮水", "Drinking water"),
            [
                Fact(Text("水源", "Source"), Text("受保护的井水和泉水", "protected well or spring"), source=VISIT),
                Fact(Text("供水方式", "Supply"), Text("分散供水", "scattered"), source=VISIT),
                Fact(Text("水量", "Quantity"), None, Text("升/人·日", "l per person and day")),
                Fact(Text("水质", "Quality"), None),
                Fact(Text("取水距离", "Distance"), 0, Text("米", "m"), VISIT),
            ],
        ),
        FactGroup(
            "land",
            Text("土地与生产", "Land and work"),
            [
                Fact(Text("耕地", "Cropland"), "3.60", Text("亩", "mu"), Text("土地确权 2017", "land register of 2017")),
                Fact(Text("林地", "Woodland"), "11.20", Text("亩", "mu"), Text("土地确权 2017", "land register of 2017")),
                Fact(Text("主要种植", "Main crops"), Text("辣椒、油菜", "chilli, rapeseed"), source=VISIT),
            ],
        ),
        FactGroup(
            "living",
            Text("生活条件", "Living"),
            [
                Fact(Text("通生活用电", "Electricity"), Text("是", "yes"), source=VISIT),
                Fact(Text("卫生厕所", "Latrine"), Text("是", "yes"), source=VISIT),
                Fact(Text("入户路", "Road to the door"), Text("水泥路", "concrete"), source=VISIT),
            ],
        ),
    ]


def household_page(
    guarantees: Sequence[Guarantee], cells: dict[str, Any], policy: dict[str, Any], *, calm: bool
) -> dict[str, Any]:
    """The context of `register/household.html`."""
    states = dict.fromkeys(STATES, "met") if calm else STATES
    gaps = [
        (
            guarantees[5].title,
            "unmet",
            Text("住房为C级，改造尚未验收", "the house is grade C and its repair is not accepted"),
            Text("督促施工队完工，请住建站验收。", "Have the repair finished and ask the housing station to accept it."),
            Text("村主任 田正坤", "Tian Zhengkun, head of the village"),
            date(2020, 5, 15),
            (Text("登记验收", "Enter the acceptance"), "#"),
        ),
        (
            guarantees[0].title,
            "unmet",
            Text("人均纯收入 3,612.50 元，低于 4,000 元", "net income per head 3,612.50 yuan, below 4,000"),
            Text(
                "冉朝阳 4 月复工，核对其工资后重新测算。",
                "Ran Zhaoyang went back to work in April: check his wages and reckon again.",
            ),
            Text("帮扶责任人 罗永珍", "helper Luo Yongzhen"),
            date(2020, 5, 8),
            (Text("核对收入", "Check the income"), "#"),
        ),
        (
            guarantees[6].title,
            "unknown",
            Text("缺水量、水质", "quantity and quality of the water are not known"),
            Text("下次到户时一并查看。", "Look at it on the next visit."),
            "",
            None,
            (Text("补录", "Fill in"), "#"),
        ),
        (
            guarantees[3].title,
            "waiting",
            Text(
                "冉小兰的就学状况已补报，待教育部门核对",
                "Ran Xiaolan's school was reported; the education department will confirm",
            ),
            "",
            Text("教育局", "education department"),
            date(2020, 4, 30),
            None,
        ),
    ]
    return {
        "title": "冉守田",
        "number": "52099901000481",
        "tags": [Text("登记户", "Registered"), Text("一般户", "general"), Text("2018年脱贫", "exited in 2018")],
        "ids": [
            (Text("户编号", "Number"), "52099901000481"),
            (Text("地址", "Address"), Text("云坪镇大垣村4组", "Yunping township, Dayuan village, group 4")),
            (Text("人口", "Members"), 4),
            (Text("最近到户", "Last visit"), "2020-04-12"),
        ],
        "actions": [(Text("打印明白卡", "Print the card"), "#", False)],
        "next": []
        if calm
        else [
            {"guarantee": g, "state": state, "reason": reason, "do": do, "owner": owner, "due": due, "action": action}
            for g, state, reason, do, owner, due, action in gaps
        ],
        "settled": [
            {"guarantee": g, "state": "met", "reason": Text("已核实，有凭据", "verified, with evidence")}
            for g in guarantees
            if states[g.key] == "met"
        ],
        "policy": policy,
        "members": _members(),
        "groups": _groups(),
        "income": None
        if calm
        else {
            "period": Text("2018-10 至 2019-09", "2018-10 to 2019-09"),
            "items": [
                {"title": Text("工资性收入", "Wages"), "amount": 9600, "note": Text("冉朝阳，3个月", "Ran Zhaoyang, 3 months")},
                {"title": Text("生产经营性收入", "Farming and trade"), "amount": 6850, "note": ""},
                {"title": Text("财产性收入", "Property"), "amount": 0, "note": ""},
                {
                    "title": Text("转移性收入", "Transfers"),
                    "amount": 2400,
                    "note": Text("养老金、耕地补贴", "pension, land subsidy"),
                },
            ],
            "costs": [{"title": Text("生产经营性支出", "costs of farming and trade"), "amount": 4400}],
            "net": 14450,
            "members": 4,
            "per_head": 3612.5,
            "line": 4000,
            "line_title": Text("2020年标准：人均", "Line of 2020: per head"),
            "unit": Text("元", "yuan"),
            "source": VISIT,
            "complete": True,
        },
        "position": {
            "drawing": drawing(cells, "cn/1/04/"),
            "title": Text("大垣村在云坪镇的位置", "Dayuan village in Yunping township"),
            "note": Text("示意图，不是行政界线", "schematic, no boundaries"),
        },
        "evidence": [
            {
                "day": date(2020, 4, 20),
                "kind": Text("医保参保名单", "list of the insured"),
                "source": FEED,
                "who": "",
                "url": "#",
            },
            {
                "day": date(2020, 4, 12),
                "kind": Text("入户核查表", "visit form"),
                "source": Text("走访", "visit"),
                "who": "吴应芬",
                "url": "#",
            },
            {
                "day": date(2020, 3, 30),
                "kind": Text("住房安全鉴定", "appraisal of the house"),
                "source": Text("住建部门", "housing department"),
                "who": "",
                "url": "#",
            },
        ],
        "history": [
            Event(date(2020, 4, 12), Text("住房改造：未改造 → 改造中", "Repair: none → under way"), "吴应芬", "#"),
            Event(date(2020, 3, 30), Text("鉴定等级：D级 → C级", "Grade: D → C"), Text("住建部门", "housing department"), "#"),
            Event(date(2019, 11, 2), Text("家庭成员：冉小兰迁入", "Member: Ran Xiaolan moved in"), "田正坤", ""),
        ],
        "panels": [],
    }
