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
CASE_SHEET = declare("case.sheet", zh="收到事项办理表", en="Signed sheet of a case filed")
CASE_PRINT = declare("case.print", zh="打印户档", en="Household files printed")
KINSHIP = declare("case.kinship", zh="申报亲属关系", en="Kinship declared")
KINSHIP_END = declare("case.kinship_end", zh="取消亲属关系", en="Kinship ended")
DECISION_BEGIN = declare("decision.begin", zh="启动认定程序", en="Decisions begun")
DECISION_STEP = declare("decision.step", zh="办理程序步骤", en="Step of a decision done")
DECISION_BACK = declare("decision.back", zh="退回程序步骤", en="Decision sent back")
DECISION_REFUSE = declare("decision.refuse", zh="不予认定", en="Decision refused")
DECISION_TOLD = declare("decision.told", zh="告知不予认定原因", en="Household told of a refusal")
DECISION_WITHDRAW = declare("decision.withdraw", zh="撤回申请", en="Decision withdrawn")
DECISION_PAPER = declare("decision.paper", zh="上传程序材料", en="Paper of a decision handed in")
NOTICE_OPEN = declare("notice.open", zh="张贴公示", en="Notice put up")
NOTICE_PHOTO = declare("notice.photo", zh="上传公示照片", en="Photograph of a notice")
NOTICE_CLOSE = declare("notice.close", zh="结束公示", en="Notice closed")
OBJECTION_RAISE = declare("objection.raise", zh="登记异议", en="Objection raised")
OBJECTION_ANSWER = declare("objection.answer", zh="答复异议", en="Objection answered")
MEETING_PLAN = declare("meeting.plan", zh="安排会议", en="Meeting planned")
MEETING_HOLD = declare("meeting.hold", zh="召开会议并表决", en="Meeting held")
MEETING_CANCEL = declare("meeting.cancel", zh="取消会议", en="Meeting cancelled")

particulars(
    cases=Text("事项", "cases"),
    opened=Text("立项", "opened"),
    reopened=Text("重新立项", "re-opened"),
    claimed=Text("申请销号", "closing asked for"),
    step=Text("环节", "step"),
    result=Text("结果", "result"),
)
