"""The keys of a pack, once: what the loader allows and asks for, and what the JSON Schema tells an editor.

A `Key` has the shape of its value, whether it must be there, and a word on it in both languages for editors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping: the shape of its value (`json_schema.SHAPES`), whether it is needed, and what it is for."""

    shape: str
    needed: bool = False
    says: Text | None = None


Keys = Mapping[str, Key]

EVERYWHERE = "world"  # the country of a pack that is asked for by name anywhere
# Who can supply what is missing: the sources that have a title on pages.
SUPPLIERS = {
    "village": Text("村里走访补录", "the village, on a visit"),
    "county": Text("县级指挥部", "county headquarters"),
    "education": Text("教育部门", "education department"),
    "insurance": Text("医保部门", "insurance department"),
    "health": Text("卫健部门", "health department"),
    "housing": Text("住建部门", "housing department"),
    "water": Text("水务部门", "water department"),
}


def allowed(keys: Keys) -> set[str]:
    """Every key that may stand there."""
    return set(keys)


def needed(keys: Keys) -> set[str]:
    """The keys that must stand there."""
    return {name for name, key in keys.items() if key.needed}


_TITLE = Key("text", True, Text("名称", "title in both languages"))
_SHORT = Key("text", False, Text("窄表头用的短名", "a word for narrow heads"))
_NOTE = Key("any", False, Text("备注", "a note; nothing rests on it"))
_WHEN = Key("expression", True, Text("成立条件", "the condition, an expression of the household"))
_ZH = Key("words", True, Text("中文，可含 {名称}", "the words in Chinese, with {names} to be filled"))
_EN = Key("words", True, Text("英文，可含 {名称}", "the words in English, with {names} to be filled"))
_SOURCE = Key("saying", True, Text("出处", "where the value comes from"))
_TITLED = {"title": _TITLE, "note": _NOTE}

TOP: Keys = {
    "pack": Key("name", True, Text("规则包名称，与文件夹同名", "the pack's name, that of its folder")),
    "title": _TITLE,
    "country": Key("words", True, Text("国家代码", "the country's key")),
    "valid": Key("span", True, Text("适用起止日", "the days on which the pack decides")),
    "sequence": Key("names", False, Text("各项保障的顺序", "the order of the guarantees")),
    "note": Key("text", False, Text("备注", "a note in both languages")),
    "includes": Key("parts", False, Text("引用的共用部分（packs/shared/ 下的文件夹）", "shared parts: folders in packs/shared/")),
    "sample_day": Key(
        "date", False, Text("共用情形所在年份的日期", "the day to whose year situations of shared parts are moved")
    ),
    "chosen": Key(
        "chosen", False, Text("by_day：按日期选用；by_name：只按名称选用", "by_day, or by_name: only where it is named")
    ),
}
PARAMETER: Keys = {
    "title": _TITLE,
    "unit": Key("saying", False, Text("单位", "the unit")),
    "type": Key("type", False, Text("类型；不写则由取值判断", "the type; told by the values where it is left out")),
    "codes": Key("name", False, Text("代码表（类型为 code、codes 时）", "the code list of a code or codes")),
    "values": Key("dated", False, Text("自某日起的取值，金额以元计", "the value from each day on; money in yuan")),
    "source": _SOURCE,
    "verified": Key(
        "verified", True, Text("是否已核对出处（可按日期）", "whether it was checked against its source, or that by date")
    ),
    "note": _NOTE,
    "question": Key("text", False, Text("由县里回答的问题：取值留空", "what the county is asked: the value is left open")),
}
_SAID: Keys = {"when": _WHEN, "zh": _ZH, "en": _EN}
MET_BY: Keys = _SAID
UNMET: Keys = {**_SAID, "do": Key("text", True, Text("怎么办", "what to do about it"))}
MISSING: Keys = {
    **_SAID,
    "fact": Key("name", True, Text("缺哪一项", "the name that is missing")),
    "supplied_by": Key("name", True, Text("由谁提供", "who supplies it: village, education, insurance, health, housing, water")),
}
GROUNDS: Keys = {
    **_SAID,
    "about": Key("about", True, Text("关于收入、支出、困难或能力", "income, spending, difficulty or means")),
}
REASONS: Mapping[str, Keys] = {"met_by": MET_BY, "unmet": UNMET, "missing": MISSING, "not_assessed": MET_BY}
GUARANTEE: Keys = {
    "title": _TITLE,
    "short": _SHORT,
    "assessed": Key("expression", True, Text("评定谁", "who is assessed")),
    "met": Key("expression", True, Text("何为达标", "what meets it")),
    "met_by": Key("met_by", True, Text("达标的理由", "reasons of what is met")),
    "unmet": Key("unmet", True, Text("未达标的理由", "reasons of what is unmet")),
    "missing": Key("missing", True, Text("待核实的理由", "what is missing where it is unknown")),
    "not_assessed": Key(
        "met_by",
        False,
        Text("不评定的理由；不是人人都评定时必填", "reasons of not being assessed; needed where not everybody is"),
    ),
    "note": _NOTE,
}
FLAG: Keys = {"title": _TITLE, "when": _WHEN, "note": _NOTE}
PROPOSAL: Keys = {
    "title": _TITLE,
    "short": _SHORT,
    "assessed": Key("expression", True, Text("考虑谁", "of whom it may be proposed")),
    "when": Key("expression", True, Text("何时提出", "when it is proposed")),
    "clue": Key("expression", False, Text("何时只是线索", "when somebody has to look")),
    "grounds": Key("grounds", True, Text("依据", "the grounds")),
    "missing": Key("missing", True, Text("尚缺什么", "what has to be found out")),
    "risk_list": Key("name", False, Text("风险的代码表", "the code list of the risks")),
    "risks": Key("conditions", False, Text("各风险的条件", "the condition of each risk")),
    "sets": Key("codes_of_fields", False, Text("决定后登记的字段和代码", "the fields and codes that a decision would set")),
    "decision": Key("name", False, Text("决定程序", "the decision that it takes")),
    "of": Key(
        "lists_by_field",
        False,
        Text(
            "可认定哪些农户：字段 → 代码、true、false 的列表",
            "which households a decision may put into it: field → codes, true or false",
        ),
    ),
    "note": _NOTE,
}
SCORE: Keys = {
    "title": _TITLE,
    "parts": Key("parts_of_score", False, Text("各项剥夺及权重", "the deprivations and their weights")),
    "value": Key("expression", False, Text("得分的表达式", "the score as one expression")),
    "missing": Key("missing", False, Text("得分待核实的理由", "what is missing where the score is unknown")),
    "limit": Key("name", False, Text("界限（参数）", "the limit, a parameter")),
    "total": Key("name", False, Text("总分（参数）", "the total, a parameter")),
    "quota": Key("name", False, Text("比例（参数）", "the share of the households, a parameter")),
    "source": _SOURCE,
    "note": _NOTE,
}
PART: Keys = {**FLAG, "weight": Key("name", True, Text("权重（参数）", "the weight, a parameter of whole points"))}
DECISION: Keys = {
    **_TITLED,
    "steps": Key("name", True, Text("步骤（参数）", "the steps in order, a parameter of codes")),
    "limits": Key("names_by_code", False, Text("各步骤的期限（参数）", "the days of each step, parameters")),
    "whole": Key("name", False, Text("全程期限（参数）", "the days of the whole, a parameter")),
    "notice": Key("name", False, Text("公示天数（参数）", "the days of the notice, a parameter")),
    "wait": Key("name", False, Text("等待天数（参数）", "the days to wait, a parameter")),
    "subject": Key("subject", False, Text("household 农户（默认）或 village 村", "household (the default) or village")),
    "sets": Key(
        "sets",
        False,
        Text(
            "决定后登记的字段 → 代码、true、false 或 from_proposal（按提议）",
            "what the register is told: field → code, true, false or from_proposal",
        ),
    ),
    "refuse": Key(
        "boolean", False, Text("能否不予通过并告知（默认能）", "whether it may end with a refusal that is told (default: it may)")
    ),
    "ends_after": Key(
        "name",
        False,
        Text("做到哪一步即为决定（默认最后一个审定步骤）", "the step with which it is decided (default: the last that decides)"),
    ),
    "objections": Key(
        "name", False, Text("公示异议答复天数（参数）", "the days in which an objection to the notice is answered, a parameter")
    ),
    "criteria": Key("name", False, Text("须查明的条件（参数）", "what has to be found, a parameter of codes")),
    "below": Key(
        "names_by_code",
        False,
        Text("须低于：条件代码 → 参数", "what has to lie below a number: code of the criterion → a parameter"),
    ),
    "at_least": Key(
        "names_by_code",
        False,
        Text("不低于：条件代码 → 参数", "what has to be at least a number: code of the criterion → a parameter"),
    ),
    "of": Key(
        "lists_by_field",
        False,
        Text("对哪些农户：字段 → 代码、true、false 的列表", "which households it is about: field → codes, true or false"),
    ),
    "mark": Key(
        "name", False, Text("村须有的标记（area_mark 的代码）", "the mark that a village has to have, a code of area_mark")
    ),
    "figures": Key(
        "names_by_code",
        False,
        Text("由指标算出的条件：条件代码 → 指标", "what the catalogue of figures gives: code of the criterion → key of a figure"),
    ),
}
# Who does a step, and what sort of act it is.
BY: Mapping[str, Text] = {
    "household": Text("农户", "household"),
    "helper": Text("帮扶责任人", "helper"),
    "village": Text("村", "village"),
    "township": Text("乡镇", "township"),
    "county": Text("县", "county"),
}
ACTS: Mapping[str, Text] = {
    "apply": Text("提出", "application"),
    "sign": Text("签字", "signature"),
    "survey": Text("入户核查", "survey"),
    "compare": Text("信息比对", "comparison"),
    "meeting": Text("会议表决", "meeting with a vote"),
    "notice": Text("公示", "notice"),
    "review": Text("审核", "review"),
    "decide": Text("审定", "decision"),
    "announce": Text("公告", "announcement"),
    "enter": Text("录入", "entry"),
    "measures": Text("落实措施", "measures"),
}
SUBJECTS: Mapping[str, Text] = {"household": Text("农户", "household"), "village": Text("村", "village")}
SEVERITY: Mapping[str, Text] = {
    "ordinary": Text("一般", "ordinary"),
    "serious": Text("较重", "serious"),
    "urgent": Text("紧急", "urgent"),
}
CASE: Keys = {
    **_TITLED,
    "short": _SHORT,
    "guarantee": Key(
        "name", False, Text("哪项保障未达标时立案；不写则为需求", "the guarantee whose unmet verdict opens it; blank for a need")
    ),
    "department": Key(
        "name", False, Text("归口的县级部门（county_unit 的代码）", "the county unit that owns it, a code of county_unit")
    ),
    "days": Key(
        "days_by_severity",
        True,
        Text(
            "办结期限：ordinary、serious、urgent → 天数（参数）",
            "until the deadline: ordinary, serious, urgent → a parameter of days",
        ),
    ),
    "severity": Key(
        "reasons_by_severity",
        False,
        Text("严重程度：serious、urgent → 未达标理由的代码", "how grave it is: serious, urgent → codes of unmet reasons"),
    ),
    "escalate": Key(
        "name", True, Text("逾期几天上报一级（参数）", "days after a passed deadline until it goes one step up, a parameter")
    ),
    "effect": Key("name", False, Text("措施见效天数（参数）", "days until a delivered measure takes effect, a parameter")),
    "unknown": Key(
        "names_by_code",
        False,
        Text(
            "待核实满几天立案：household_kind 的代码 → 参数；没写的不立案",
            "days after which an unknown verdict becomes a case: a code of household_kind → a parameter; of other kinds never",
        ),
    ),
    "review": Key("name", True, Text("长期帮扶复核间隔月数（参数）", "months between reviews of long-term support, a parameter")),
    "reopen": Key(
        "name",
        True,
        Text("办结后几天内同一问题重新立案（参数）", "days after closing in which the same gap re-opens it, a parameter"),
    ),
    "measures": Key(
        "names",
        False,
        Text("适用的措施大类（measure_family 的代码）", "the families of measures that fit, codes of measure_family"),
    ),
}
STEP: Keys = {
    "by": Key("by", True, Text("由谁办", "who does it")),
    "act": Key("act", True, Text("办什么", "what sort of act it is")),
    "documents": Key(
        "names",
        False,
        Text("须先有的材料（decision_document 的代码）", "the papers that must be there, codes of decision_document"),
    ),
    "people": Key(
        "name", False, Text("至少几人一起办（参数；不写为一人）", "the fewest people who do it together, a parameter; blank: one")
    ),
    "other_than": Key("names", False, Text("不得与哪些步骤同一人", "steps that somebody else must have done")),
    "after": Key("names", False, Text("须在哪些步骤之后", "steps that must have been done before it")),
    "quorum": Key(
        "name", False, Text("会议：到会比例下限（参数）", "meeting: the share of those entitled who must attend, a parameter")
    ),
    "attend": Key(
        "name", False, Text("会议：至少几人有表决权并到会（参数）", "meeting: the fewest people who vote, a parameter")
    ),
    "finds": Key(
        "boolean",
        False,
        Text("是否逐条查明本程序的条件（默认否）", "whether it finds each criterion of its decision (default: no)"),
    ),
    "majority": Key(
        "name", False, Text("会议：赞成票须超过的比例（参数）", "meeting: more than this share of the votes, a parameter")
    ),
    "note": _NOTE,
}
VISIT: Keys = {
    **FLAG,
    "every": Key("name", True, Text("间隔天数（参数）", "the days between visits, a parameter")),
    "by_helper": Key(
        "names_by_code",
        False,
        Text(
            "另一类帮扶人员的间隔天数：helper_kind 的代码 → 参数",
            "the days between visits of another kind of helper: a code of helper_kind → a parameter",
        ),
    ),
}
# How a visit is made, what it may be barred from proving (tables of dated facts of the register, and income), how it may be signed.
MODES: Mapping[str, Text] = {
    "home": Text("入户", "at the home"),
    "workplace": Text("到工作地点", "at the place of work"),
    "phone": Text("电话", "by telephone"),
    "video": Text("视频", "by video"),
    "relative": Text("由亲属或邻居代答", "a neighbour or relative answered"),
}
PROVEN: Mapping[str, Text] = {
    "kind": Text("农户类型", "kind of household"),
    "registration": Text("识别和退出", "registration and exit"),
    "relocation": Text("搬迁安置", "relocation"),
    "land": Text("土地", "land"),
    "house": Text("住房", "house"),
    "water": Text("饮水", "drinking water"),
    "living": Text("吃穿和生活条件", "food, clothing and living"),
    "means": Text("家庭财产", "means"),
    "monitoring": Text("监测情况", "monitoring"),
    "residence": Text("实际居住", "where people live"),
    "schooling": Text("就学", "schooling"),
    "condition": Text("健康和劳动能力", "health and capacity to work"),
    "insurance": Text("参保", "insurance"),
    "work": Text("务工就业", "work"),
    "income": Text("收入", "income"),
}
SIGNATURES: Mapping[str, Text] = {
    "on_phone": Text("当场在走访人手机上签", "on the visitor's phone on the spot"),
    "paper": Text("补签纸质表", "later on paper"),
    "link": Text("一次性链接", "by a one-time link"),
    "proxy": Text("写明姓名的代签人", "by a named proxy"),
}
MODE: Keys = {
    **_TITLED,
    "never": Key(
        "proven",
        True,
        Text("这种走访不能证明什么：名册的表，或 income", "what such a visit may not prove: tables of the register, or income"),
    ),
    "signature": Key(
        "signatures", False, Text("可以怎样签字；不写则不要求签字", "how it may be signed; left out: no signature is asked")
    ),
    "sign_within": Key("name", False, Text("几天内签字（参数）", "the days in which it is signed, a parameter")),
    "source": Key("saying", False, Text("出处；有 never 时必填", "where this comes from; needed beside what it may not prove")),
    "verified": Key("boolean", True, Text("是否已核对出处", "whether it was checked against its source")),
}
# How the work is ordered, by what is ordered. Every value is the name of a parameter, which is dated and has a source.
WORK: Mapping[str, Keys] = {
    "pairing": {
        **_TITLED,
        "quota": Key(
            "names_by_code",
            True,
            Text("各职级每人结对户数：helper_rank 的代码 → 参数", "households per helper: a code of helper_rank → a parameter"),
        ),
        "ceiling": Key("name", True, Text("每人结对上限（参数）", "the most households of one helper, a parameter")),
    },
    "first_secretaries": {
        **_TITLED,
        "marks": Key(
            "names_by_code",
            False,
            Text("哪类村派几名：area_mark 的代码 → 参数", "how many per marked village: a code of area_mark → a parameter"),
        ),
        "kinds": Key(
            "names_by_code",
            False,
            Text("哪种区划派几名：区划类型 → 参数", "how many per kind of area of the country profile → a parameter"),
        ),
    },
    "deployment": {
        **_TITLED,
        "share": Key("name", True, Text("党员干部下派比例（参数）", "the share of party cadres to be deployed, a parameter")),
    },
    "attendance": {
        **_TITLED,
        "days": Key(
            "names_by_code",
            True,
            Text(
                "各职级每月驻村天数：helper_rank 的代码 → 参数；活动启用时才用",
                "days a month in the village: a code of helper_rank → a parameter; off unless a campaign switches it on",
            ),
        ),
    },
    "measures": {
        **_TITLED,
        "first": Key("name", True, Text("首项措施期限天数（参数）", "the days until the first measure, a parameter")),
        "all": Key("name", True, Text("全部措施期限天数（参数）", "the days until all measures, a parameter")),
    },
    "full_check": {
        **_TITLED,
        "first": Key("name", True, Text("首次排查的月份（参数）", "the month of the first check of a year, a parameter")),
        "every": Key("name", True, Text("隔几个月排查一次（参数）", "the months from one check to the next, a parameter")),
        "length": Key("name", True, Text("每次几个月（参数）", "the months that a check lasts, a parameter")),
    },
    "year_end": {
        **_TITLED,
        "first": Key("name", True, Text("起始月份（参数）", "the month in which the window opens, a parameter")),
        "last": Key("name", True, Text("截止月份（参数）", "the month with which it closes, a parameter")),
    },
    "burden": {
        **_TITLED,
        "visit_minutes": Key("name", True, Text("一次走访分钟数（参数）", "the minutes of a visit, a parameter")),
        "visit_fields": Key("name", False, Text("一次走访询问项数上限（参数）", "the most fields asked at a visit, a parameter")),
        "household_minutes": Key(
            "name", False, Text("每户每周分钟数上限（参数）", "the most minutes asked of a household in a week, a parameter")
        ),
        "worker_minutes": Key(
            "name", False, Text("每人每周分钟数上限（参数）", "the most minutes asked of a worker in a week, a parameter")
        ),
        "keep_days": Key(
            "name", False, Text("已知答案有效天数（参数）", "the days in which a known answer is shown, not asked, a parameter")
        ),
    },
}
NATIONAL: Keys = {
    "table": Key("words", True, Text("国家代码表", "the table of the national form")),
    "codes": Key("codes", True, Text("代码对照", "code → national code")),
    "source": _SOURCE,
    "verified": Key("boolean", True, Text("是否已核对", "whether it was checked")),
    "note": _NOTE,
}
SITUATION: Keys = {
    "name": Key("text", True, Text("情形名称", "what the situation is")),
    "as_of": Key("date", True, Text("评定日期", "the day judged")),
    "household": Key("household", True, Text("这一户；没写的就是不知道", "the household; what is not written is not known")),
    "expect": Key("expect", True, Text("应有的结果", "what must come out")),
    "set": Key("any_mapping", False, Text("另设参数", "other values of parameters")),
}
# What stands in a section under each name.
ENTRIES: Mapping[str, str | Keys] = {
    "parameters": PARAMETER,
    "lists": "code_list",
    "persons": "expression",
    "items": "expression",
    "land": "expression",
    "households": "expression",
    "guarantees": GUARANTEE,
    "hints": FLAG,
    "groups": FLAG,
    "proposals": PROPOSAL,
    "scores": SCORE,
    "decisions": DECISION,
    "visits": VISIT,
    "modes": MODE,
    "work": "work",
    "cases": CASE,
    "steps": STEP,
    "terms": "text",
    "national": NATIONAL,
    "labels": "text",
    "questions": "text",
    "examples": "household",
}
FACTS = ("persons", "items", "land", "households")
SECTIONS = {*ENTRIES, "written_for", "situations"}
ABOUT = ("income", "spending", "difficulty", "means")
RESULT_KEYS = {"result", "reasons"}
PROPOSAL_KEYS = {"state", "reasons", "risks"}
SCORE_KEYS = {"state", "low", "high", "parts", "open"}
