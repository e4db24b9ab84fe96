"""The acts of command that leave a trace."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

UNIT_ADD = declare("unit.add", zh="登记单位", en="Units entered")
OFFICER_ADD = declare("officer.add", zh="登记人员", en="Officers entered")
OFFICER_END = declare("officer.end", zh="人员离任", en="Officers left")
ACCOUNT_GIVE = declare("officer.account", zh="人员账号", en="Account of an officer")
POST_SET = declare("post.set", zh="设立指挥所", en="Posts set up")
APPOINT = declare("appointment.begin", zh="任命", en="Appointment")
APPOINT_END = declare("appointment.end", zh="免去任职", en="Appointment ended")
ATTACH = declare("attachment.begin", zh="单位挂帮", en="Units attached")
ATTACH_END = declare("attachment.end", zh="挂帮结束", en="Attachment ended")
CAMPAIGN_BEGIN = declare("campaign.begin", zh="启动行动", en="Campaign begun")
ORDER_ISSUE = declare("order.issue", zh="下达指令", en="Order issued")
TASK_ACKNOWLEDGE = declare("task.acknowledge", zh="签收任务", en="Tasks acknowledged")
TASK_REPORT = declare("task.report", zh="上报", en="Report")
TASK_ANSWER = declare("task.answer", zh="答复上报", en="Report answered")
HELPER_MAKE = declare("helper.make", zh="任命帮扶责任人", en="Helpers made")
HELPER_END = declare("helper.end", zh="帮扶责任人退出", en="Helpers ended")
HELPER_EXCEPT = declare("helper.except", zh="结对上限例外", en="Exception to the ceiling")
PAIR = declare("pairing.begin", zh="结对", en="Pairing begun")
PAIR_END = declare("pairing.end", zh="结束结对", en="Pairing ended")
PAIR_CONFIRM = declare("pairing.confirm", zh="确认结对", en="Pairing confirmed")
PAIR_AVOID = declare("pairing.avoid", zh="登记回避", en="Avoidance entered")
PAIR_AVOID_END = declare("pairing.avoid_end", zh="取消回避", en="Avoidance ended")
CHANGE_ASK = declare("pairing.ask", zh="申请调整结对", en="Change of pairing asked for")
CHANGE_DECIDE = declare("pairing.decide", zh="办结调整申请", en="Request decided")
PLAN_MAKE = declare("plan.make", zh="生成结对方案", en="Plan of pairings made")
PLAN_MOVE = declare("plan.move", zh="调整结对方案", en="Plan of pairings adjusted")
PLAN_ADOPT = declare("plan.adopt", zh="采用结对方案", en="Plan of pairings adopted")
PLAN_UNDO = declare("plan.undo", zh="撤销结对方案", en="Plan of pairings undone")
VISIT_PLAN = declare("field.plan", zh="安排领导调研", en="Field visit planned")
VISIT_DONE = declare("field.done", zh="完成领导调研", en="Field visit done")
EXPERT_ADD = declare("expert.add", zh="登记农技专家", en="Experts entered")
VOLUNTEER_CALL = declare("volunteer.call", zh="发布志愿任务", en="Volunteers called")
VOLUNTEER_SERVE = declare("volunteer.serve", zh="志愿服务", en="Volunteers served")
DEPLOY = declare("deploy", zh="选派到一线", en="Deployed to the front line")
DEPLOY_END = declare("deploy.end", zh="选派结束", en="Back from the front line")
ATTEND = declare("attend", zh="登记考勤", en="Attendance")

particulars(
    kept=Text("保持", "kept"),
    ended=Text("结束", "ended"),
    kind=Text("类别", "kind"),
    deadline=Text("期限", "deadline"),
    unpaired=Text("无人负责", "unpaired"),
)
