"""What the questions of a form can tell beside fields of the register: of the visit itself, of needs, of lines of an income sheet. Pure.

A question names its fact with the attribute `fact` of its bind:

    household            the number of the household that the form is of
    place                the code or path of the area that a form about a place is of
    person               in a repeat of persons: which member, by number
    visit.<part>         of the visit: day, began, ended, mode, leader, answered, name, words, signature, photo, position, away, contact, reached_by;
                         people, satisfied, exit_known, judgement: of a spot check;
                         `base`: the version of the household that the worker had; `source`: what the submission is (a visit, where nothing says so)
    need.<part>          in a repeat of needs: kind, severity, words
    income.<item>        a line of the income sheet, in yuan; `income.from` and `income.to` its days
    <field>              a field of the register (`fields.yaml`), of the household or, in a repeat of persons, of the person
"""

from __future__ import annotations

from bangfu.foundation.say import Text

HOUSEHOLD, PLACE, PERSON, NEED = "household", "place", "person", "need"
REPEATS = {PERSON: Text("家庭成员", "members"), NEED: Text("困难和需求", "needs")}

# How a visit was made; what each may prove is said by the pack.
MODES = {
    "home": Text("入户", "at the home"),
    "workplace": Text("到工作地点", "at the place of work"),
    "phone": Text("电话", "by telephone"),
    "video": Text("视频", "by video"),
    "relative": Text("由亲属或邻居代答", "a neighbour or relative answered"),
}
ANSWERED = {
    "head": Text("户主", "the head"),
    "member": Text("其他成员", "another member"),
    "relative": Text("亲属", "a relative"),
    "neighbour": Text("邻居", "a neighbour"),
    "nobody": Text("无人在家", "nobody at home"),
}

# What a spot check asks beside the facts: how satisfied they are with the help, what the examiner makes of the household.
SATISFIED = {
    "satisfied": Text("满意", "satisfied"),
    "so_so": Text("基本满意", "fairly"),
    "not": Text("不满意", "not satisfied"),
}
JUDGEMENTS = {
    "met": Text("都达标", "everything is met"),
    "unmet": Text("有没达标的", "something is not met"),
    "unclear": Text("当场说不清", "not to be said there"),
}

# What a submission is: evidence of that kind, and cases of that source.
SOURCES = {
    "visit": Text("走访", "a visit"),
    "survey": Text("首次调查", "a first survey"),
    "spot_check": Text("督导抽查", "a spot check"),
    "self_report": Text("农户自主申报", "a self-report"),
}

TEXTS, WHOLE, NUMBERS = ("string", "barcode"), ("int",), ("int", "decimal")
VISIT: dict[str, tuple[Text, tuple[str, ...], dict[str, Text] | None]] = {
    "visit.day": (Text("走访日期", "day of the visit"), ("date", "dateTime"), None),
    "visit.began": (Text("开始时间", "when the visit began"), ("dateTime",), None),
    "visit.ended": (Text("结束时间", "when the visit ended"), ("dateTime",), None),
    "visit.mode": (Text("走访方式", "way of the visit"), TEXTS, MODES),
    "visit.leader": (Text("带队干部是否在场", "whether the leader was there"), TEXTS, None),
    "visit.answered": (Text("答话人", "who answered"), TEXTS, ANSWERED),
    "visit.name": (Text("答话人姓名", "name of who answered"), TEXTS, None),
    "visit.words": (Text("走访记录", "words on the visit"), TEXTS, None),
    "visit.signature": (Text("签字", "signature"), ("binary",), None),
    "visit.photo": (Text("照片", "photograph"), ("binary",), None),
    "visit.position": (Text("位置", "position"), ("geopoint",), None),
    "visit.away": (Text("全家外出", "the whole household is away"), TEXTS, None),
    "visit.contact": (Text("最近联系日期", "last contact"), ("date",), None),
    "visit.base": (Text("所依据的农户版本", "version of the household it was made from"), (*TEXTS, *WHOLE), None),
    "visit.source": (Text("提交的性质", "what the submission is"), TEXTS, SOURCES),
    "visit.reached_by": (Text("由谁联系", "who reaches them"), TEXTS, None),
    "visit.people": (Text("几口人", "how many are at home"), WHOLE, None),
    "visit.satisfied": (Text("对帮扶工作是否满意", "whether they are satisfied with the help"), TEXTS, SATISFIED),
    "visit.exit_known": (Text("是否知道并认可脱贫（退出）", "whether they know of the exit and agree"), TEXTS, None),
    "visit.judgement": (Text("总的判断", "what the examiner judges"), TEXTS, JUDGEMENTS),
}
YES_OR_NO = ("visit.leader", "visit.away", "visit.exit_known")  # parts of a visit that are answered with yes or no
NEEDS: dict[str, tuple[Text, tuple[str, ...], dict[str, Text] | None]] = {
    "need.kind": (Text("困难类别", "kind of need"), TEXTS, None),
    "need.severity": (Text("严重程度", "severity"), TEXTS, None),
    "need.words": (Text("困难内容", "what the need is"), TEXTS, None),
}
INCOME_DAYS = {
    "income.from": Text("收入起始日", "first day of the income"),
    "income.to": Text("收入截止日", "last day of the income"),
}
YES_NO = ("yes", "no", "true", "false", "1", "0")
