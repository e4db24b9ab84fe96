"""Numbered problems of users and roles."""

from bangfu.foundation.problems import declare

UNKNOWN_ROLE = declare(
    "BF-1301",
    zh="没有名为「{role}」的角色。",
    en="There is no role named “{role}”.",
    remedy_zh="可用的角色见 docs/roles.md。",
    remedy_en="See docs/roles.md for the roles.",
)
UNKNOWN_USER = declare(
    "BF-1302",
    zh="没有名为「{username}」的用户。",
    en="There is no user named “{username}”.",
    remedy_zh="用 bangfu user list 查看全部用户。",
    remedy_en="See `bangfu user list`.",
)
WRONG_PASSWORD = declare(
    "BF-1303",
    zh="用户名或密码不正确。",
    en="The user name or the password is not right.",
    remedy_zh="请检查大小写后重新输入；忘记密码请联系系统管理员。",
    remedy_en="Check capitals and try again; for a forgotten password ask the administrator.",
)
USER_NAME_TAKEN = declare(
    "BF-1304",
    zh="用户名「{username}」已被使用。",
    en="The user name “{username}” is taken.",
    remedy_zh="请换一个用户名。",
    remedy_en="Choose another one.",
)
WEAK_PASSWORD = declare(
    "BF-1305",
    zh="密码不合要求：{why}。",
    en="The password will not do: {why}.",
    remedy_zh="请换一个较长、不易猜到的密码。",
    remedy_en="Choose a longer one that is hard to guess.",
)
PASSWORDS_DIFFER = declare(
    "BF-1306",
    zh="两次输入的密码不一致。",
    en="The two passwords are not the same.",
    remedy_zh="请重新输入。",
    remedy_en="Type it again.",
)
LOCKED_OUT = declare(
    "BF-1307",
    zh="登录失败次数过多，已暂停登录。",
    en="Too many log-ins failed; this log-in is closed for a while.",
    remedy_zh="请 {minutes} 分钟后再试，或请系统管理员解除。",
    remedy_en="Try again in {minutes} minutes, or ask the administrator to open it.",
    status=429,
)
WRONG_CODE = declare(
    "BF-1308",
    zh="动态码不正确，或已用过。",
    en="The code is not right, or was used before.",
    remedy_zh="请输入验证器上现在显示的六位数字；手机时间须准确。",
    remedy_en="Type the six digits that the authenticator shows now; the phone's clock must be right.",
)
SAME_PASSWORD = declare(
    "BF-1309",
    zh="新密码与现在的密码相同。",
    en="The new password is the present one.",
    remedy_zh="请换一个。",
    remedy_en="Choose another one.",
)
