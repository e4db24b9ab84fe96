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
    zh="用户名「{username}」已被使用（现有：{taken}）；大小写不同也算相同。",
    en="The user name “{username}” is taken (there is {taken}); capitals make no other name.",
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
BAD_USER_NAME = declare(
    "BF-1310",
    zh="「{username}」不能作用户名。",
    en="“{username}” cannot be a user name.",
    remedy_zh="请用 1 至 {most} 个字母、汉字、数字或 . @ + - _ ，中间不留空格。",
    remedy_en="Use 1 to {most} letters, digits or . @ + - _ without blanks.",
)
BAD_NAME = declare(
    "BF-1311",
    zh="姓名「{name}」为空、太长，或有不能显示的字符。",
    en="The name “{name}” is blank, too long, or holds what cannot be shown.",
    remedy_zh="请写 1 至 {most} 个字。",
    remedy_en="Write 1 to {most} characters.",
)
ROLE_OF_ANOTHER_LEVEL = declare(
    "BF-1312",
    zh="「{role}」不在「{area}」这一级（{found}）担任。",
    en="“{role}” is no role of {area}, which is a {found}.",
    remedy_zh="请在{wanted}一级授予；可以多次授予不同区域。全部身份见 bangfu user roles。",
    remedy_en="Give it at the level {wanted}, at several areas if need be. `bangfu user roles` lists every role.",
)
NO_ROLE_FOR_DUTY = declare(
    "BF-1321",
    zh="用户「{username}」在「{place}」没有按职责范围查看的身份（帮扶责任人、网格员），职责不起作用。",
    en="the user {username} holds no role at {place} that sees its duty (helper, grid worker), so the duty would do nothing.",
    remedy_zh="先用 bangfu user add 或授予身份，再登记职责。",
    remedy_en="Give the role first, then enter the duty.",
)
DUTY_OVERLAPS = declare(
    "BF-1322",
    zh="用户「{username}」对「{subject}」的职责与已有的一段（{held}）重叠。",
    en="the duty of {username} for {subject} overlaps one that is held ({held}).",
    remedy_zh="先结束已有的一段，或更正起止日期。",
    remedy_en="End the one that is held first, or correct the days.",
)
BAD_DUTY = declare(
    "BF-1323",
    zh="「{column}」：{value} 不能用。",
    en="{column}: “{value}” will not do.",
    remedy_zh="{wanted}",
    remedy_en="{wanted}",
)
NO_SUCH_DUTY = declare(
    "BF-1324",
    zh="用户「{username}」今天没有对「{subject}」的职责。",
    en="The user {username} has no duty for {subject} today.",
    remedy_zh="用 bangfu duty list 查看现有职责。",
    remedy_en="See `bangfu duty list`.",
)
AUDIT_MISSING = declare(
    "BF-1330",
    zh="审计记录第 {sequence} 条不见了：它被删去。",
    en="Entry {sequence} of the audit is gone: it was removed.",
    remedy_zh="保全数据库、密钥目录和备份，交安全保密员查明谁有数据库所有者的权限；与备份对照可知少了什么。",
    remedy_en="Secure the database, the key folder and the backups, and let the security officer find out who had the owner's rights; a backup shows what is missing.",
    status=409,
)
AUDIT_CHANGED = declare(
    "BF-1331",
    zh="审计记录第 {sequence} 条（{at}，{act}）与写入时不同，或不是本程序写的。",
    en="Entry {sequence} of the audit ({at}, {act}) is not as it was written, or was not written by this program.",
    remedy_zh="保全现场，与备份中的同一条对照；密钥目录也须是本县的（bangfu keys check）。",
    remedy_en="Secure everything and compare the entry with a backup; the key folder must be this county's (`bangfu keys check`).",
    status=409,
)
AUDIT_NOT_IN_ORDER = declare(
    "BF-1332",
    zh="审计记录第 {sequence} 条（{at}，{act}）不接在前一条之后：这里有记录被删去、插入或调换。",
    en="Entry {sequence} of the audit ({at}, {act}) does not follow the one before it: one was removed, put in or moved here.",
    remedy_zh="保全现场，与备份对照第 {sequence} 条前后的记录。",
    remedy_en="Secure everything and compare the entries around {sequence} with a backup.",
    status=409,
)
AUDIT_REWRITTEN = declare(
    "BF-1333",
    zh="审计记录第 {first} 至 {last} 条与当时留下的存根不符：有一条被删去、插入或调换，其后整段重写。",
    en="Entries {first} to {last} of the audit are not those that were anchored: one was removed, put in or moved, and the rest rewritten.",
    remedy_zh="保全现场，与备份对照这一段。",
    remedy_en="Secure everything and compare these entries with a backup.",
    status=409,
)
AUDIT_CUT_OFF = declare(
    "BF-1334",
    zh="审计记录从第 {sequence} 条起缺失：存根证明曾有到第 {last} 条。",
    en="The audit ends before entry {sequence}: the anchors show that it went to {last}.",
    remedy_zh="数据库若是从备份恢复的，缺的就是备份之后的记录，请记录在案；否则按被删处理，保全现场。",
    remedy_en="After a restore these are the entries since the backup: keep a note of it. Otherwise they were removed: secure everything.",
    status=409,
)
AUDIT_WITHOUT_PLACE = declare(
    "BF-1335",
    zh="有一条审计记录（{at}，{act}）没有排进序列。",
    en="An entry of the audit ({at}, {act}) has no place in its order.",
    remedy_zh="数据库的触发器被人关掉过；保全现场，查明谁有所有者的权限。",
    remedy_en="Somebody had the triggers of the database off. Secure everything, and find out who had the owner's rights.",
    status=409,
)
ANCHOR_DAMAGED = declare(
    "BF-1336",
    zh="审计存根 {file} 第 {line} 行不是本县密钥所封。",
    en="Line {line} of the anchors {file} was not sealed with this county's key.",
    remedy_zh="核对密钥目录；存根从密钥目录的备份恢复。",
    remedy_en="Check the key folder; restore the anchors from the backup of the keys.",
    status=409,
)
UNKNOWN_ACT = declare(
    "BF-1337",
    zh="没有「{act}」这种事项。",
    en="There is no kind of act “{act}”.",
    remedy_zh="可用的有：{known}。",
    remedy_en="There are: {known}.",
)
