"""Numbered problems of addresses and of the server."""

from bangfu.foundation.problems import declare

BAD_REQUEST = declare(
    "BF-1901",
    zh="这个请求无法理解。",
    en="This request makes no sense to us.",
    remedy_zh="请返回上一页重新操作。",
    remedy_en="Go back and try again.",
)
FORBIDDEN = declare(
    "BF-1902",
    zh="您当前的身份不能打开这个页面。",
    en="Your present role may not open this page.",
    remedy_zh="请切换身份，或请上级办理。",
    remedy_en="Switch to another role or ask the level above.",
    status=403,
)
NOT_FOUND = declare(
    "BF-1903",
    zh="没有这个页面，或者它不在您的管辖范围内。",
    en="There is no such page, or it lies outside your area.",
    remedy_zh="请检查地址，或从首页重新进入。",
    remedy_en="Check the address or start from the first page.",
    status=404,
)
BROKEN = declare(
    "BF-1904",
    zh="系统出错，刚才的操作没有保存。",
    en="Something broke on our side; what you just did was not saved.",
    remedy_zh="请重试；如仍出错，请把本页的编号和时间告诉系统管理员。",
    remedy_en="Try again; if it happens again, tell the administrator this number and the time.",
    status=500,
)
UNREADABLE_TEXT = declare(
    "BF-1905",
    zh="地址或表单里有不是文字的字符。",
    en="The address or the form holds characters that are no text.",
    remedy_zh="请重新输入。",
    remedy_en="Type it again.",
    status=400,
)
STALE_FORM = declare(
    "BF-1906",
    zh="这个表单已经过期：打开以后您又登录过，或者浏览器没有保存 Cookie。",
    en="This form is out of date: you logged in after it was opened, or the browser keeps no cookies.",
    remedy_zh="请返回首页，再办一次。",
    remedy_en="Go to the first page and do it again.",
    status=403,
)
