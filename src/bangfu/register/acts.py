"""The acts on the register that leave a trace."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

IMPORT = declare("register.import", zh="导入台账", en="Import")
EXPORT = declare("register.export", zh="导出", en="Export")
REVEAL = declare("person.reveal", zh="查看完整信息", en="Personal detail shown")
REFUSED_TAKEN = declare("register.refused", zh="下载退回的行", en="Refused rows taken")
NUMBER_SEARCH = declare("number.search", zh="按号码查找", en="Search by number")
INCOME_SHEET = declare("income.sheet", zh="填写收入测算表", en="Income sheet written")
INCOME_AGREED = declare("income.agreed", zh="农户认可收入测算表", en="Income sheet agreed to")
INCOME_PAPER = declare("income.paper", zh="打印收入测算表", en="Income sheet printed")
STATE = declare("register.state", zh="登记情况变化", en="Facts stated")
EVIDENCE = declare("register.evidence", zh="登记凭据", en="Evidence added")
HOUSEHOLD_END = declare("register.end", zh="整户注销", en="Household ended")

particulars(
    files=Text("文件", "files"),
    digests=Text("文件摘要", "digests of the files"),
    refused_rows=Text("退回行数", "rows refused"),
    unchanged_rows=Text("未变行数", "rows unchanged"),
    numbers=Text("号码", "numbers"),
    narrowed=Text("筛选项", "narrowed by"),
    field=Text("字段", "field"),
    person=Text("人员序号", "person"),
    found=Text("找到", "found"),
    lines=Text("行", "lines"),
    taken_away=Text("删去的行", "lines taken away"),
    how=Text("方式", "how"),
    kind=Text("类别", "kind"),
    statements=Text("条数", "statements"),
    changed=Text("变更", "changed"),
    members=Text("成员", "members"),
)
