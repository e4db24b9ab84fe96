"""What people and jobs do with cases, as the audit names it."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

CASE_OPEN = declare("case.open", zh="立项", en="Cases opened")
CASE_FOLLOW = declare("case.follow", zh="按评定立项和核对", en="Cases follow the verdicts")
CASE_ESCALATE = declare("case.escalate", zh="逾期上报", en="Cases escalated")
CASE_OWNER = declare("case.owner", zh="移交、转交事项", en="Cases handed over or referred")
CASE_PAUSE = declare("case.pause", zh="暂停、恢复事项", en="Cases paused or resumed")
CASE_SEVERITY = declare("case.severity", zh="调整严重程度", en="Severity of cases changed")
CASE_NOTE = declare("case.note", zh="事项记录", en="Note in cases")
CASE_MEASURE = declare("case.measure", zh="措施", en="Measures of cases")
CASE_CLAIM = declare("case.claim", zh="申请销号", en="Closing of cases asked for")
CASE_VERIFY = declare("case.verify", zh="核验销号", en="Closing of cases verified")
CASE_REFUSE = declare("case.refuse", zh="退回销号申请", en="Closing of cases refused")
CASE_REOPEN = declare("case.reopen", zh="重新立项", en="Cases re-opened")
CASE_MERGE = declare("case.merge", zh="合并事项", en="Cases merged")
CASE_REVIEW = declare("case.review", zh="复核长期帮扶", en="Long-term support reviewed")
CASE_FILE = declare("case.file", zh="查看事项附件", en="File of a case opened")
CASE_EXPORT = declare("case.export", zh="导出事项清单", en="List of cases exported")
KINSHIP = declare("case.kinship", zh="申报亲属关系", en="Kinship declared")

particulars(
    cases=Text("事项", "cases"),
    opened=Text("立项", "opened"),
    reopened=Text("重新立项", "re-opened"),
    claimed=Text("申请销号", "closing asked for"),
    step=Text("环节", "step"),
    result=Text("结果", "result"),
)
