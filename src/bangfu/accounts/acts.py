"""The acts of user administration that leave a trace. Log-ins have rows of their own (`accounts_login`, `accounts_failedlogin`)."""

from bangfu.foundation.acts import declare

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
SESSIONS_END = declare("sessions.end", zh="结束他人登录", en="Sessions of another ended")
