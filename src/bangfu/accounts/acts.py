"""The acts of user administration that leave a trace. Log-ins have rows of their own (`accounts_login`, `accounts_failedlogin`)."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

USER_CREATE = declare("user.create", zh="新建用户", en="User created")
USER_CLOSE = declare("user.close", zh="停用账号", en="Account closed")
USER_OPEN = declare("user.open", zh="启用账号", en="Account opened")
USER_UNLOCK = declare("user.unlock", zh="解除登录限制", en="Log-in opened again")
ROLE_GIVE = declare("role.give", zh="授予身份", en="Role given")
ROLE_END = declare("role.end", zh="收回身份", en="Role ended")
PASSWORD_RESET = declare("password.reset", zh="重设他人密码", en="Password of another reset")
PASSWORD_CHANGE = declare("password.change", zh="修改本人密码", en="Own password changed")
FACTOR_ADD = declare("factor.add", zh="启用第二重验证", en="Second factor added")
FACTOR_DROP = declare("factor.drop", zh="撤销第二重验证", en="Second factor taken away")
DUTY_GIVE = declare("duty.give", zh="分派职责", en="Duty given")
DUTY_END = declare("duty.end", zh="终止职责", en="Duty ended")
SESSIONS_END = declare("sessions.end", zh="结束他人登录", en="Sessions of another ended")
AUDIT_RESUME = declare("audit.resume", zh="审计从备份接续", en="Audit goes on from a backup")

particulars(
    role=Text("身份", "role"), sessions=Text("登录数", "log-ins"), of=Text("对象", "of"),
    lacking_from=Text("缺失自第几条", "lacking from"), lacking_to=Text("缺失至第几条", "lacking to"),
)  # fmt: skip

SHORTEST_REASON = 4  # characters of an own text

# Why people look at what is masked, or take data out: chosen beside some words of one's own.
REASONS = {
    "visit": Text("入户核实", "Checking on a visit"),
    "contact": Text("联系本人", "Reaching the person"),
    "payment": Text("发放或核对资金", "Paying or checking a payment"),
    "department": Text("与部门数据比对", "Comparing with a department's data"),
    "correction": Text("更正登记", "Correcting an entry"),
    "supervision": Text("督查、审计", "Supervision or audit"),
    "other": Text("其他", "Another reason"),
}
