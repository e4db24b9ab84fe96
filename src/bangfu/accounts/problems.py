"""Numbered problems of users and roles."""

from bangfu.foundation.problems import declare

UNKNOWN_ROLE = declare(
    "BF-1301",
    zh="没有名为「{role}」的角色。",
    en="There is no role named “{role}”.",
    remedy_zh="可用的角色见 docs/roles.md。",
    remedy_en="See docs/roles.md for the roles.",
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
