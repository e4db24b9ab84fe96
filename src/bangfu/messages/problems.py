"""Numbered problems of messages and their channels."""

from bangfu.foundation.problems import declare

NOT_FOR_GROUPS = declare(
    "BF-2301",
    zh="群消息「{template}」的「{place}」不是数字、日期或区划名称：群里不能出现任何个人信息。",
    en="“{place}” of the text for groups “{template}” is no number, day or area: nothing of a person may stand in a group.",
    remedy_zh="只用已声明的句式填入数字、日期和区划；要告诉具体的人，请发站内消息。",
    remedy_en="Fill declared templates with numbers, days and areas only; what concerns a person is told in the product.",
)
NUMBER_FOR_GROUPS = declare(
    "BF-2302",
    zh="群消息「{template}」的「{place}」数字过长，可能是某人的号码。",
    en="The number “{place}” of the text for groups “{template}” is so long that it may be somebody's.",
    remedy_zh="群消息只写统计数；号码不进群。",
    remedy_en="A group reads counts; numbers of persons stay out of it.",
)
NOT_THE_SAME_PLACES = declare(
    "BF-2303",
    zh="群消息「{template}」要填的内容不符：{places}。",
    en="The text for groups “{template}” was not filled as it should be: {places}.",
    remedy_zh="请按句式的空位逐一填写。",
    remedy_en="Fill each of the template's places, and no other.",
)
UNKNOWN_PLACE = declare(
    "BF-2304",
    zh="没有区划 {path}。",
    en="There is no area {path}.",
    remedy_zh="群消息里的地名只能取自区划表。",
    remedy_en="Names of places in a text for groups come from the table of areas alone.",
)
BAD_MESSAGE = declare(
    "BF-2305",
    zh="消息「{key}」的「{field}」不合要求：{why}。",
    en="“{field}” of the message “{key}” will not do: {why}.",
    remedy_zh="请改正后重发；同一业务事件只发一次。",
    remedy_en="Mend it and send again; an event is told once.",
)
OUTSIDE = declare(
    "BF-2306",
    zh="区划 {path} 不在您的管辖范围内，不能就它发消息。",
    en="The area {path} lies outside yours: you can tell nobody of it.",
    remedy_zh="请切换身份，或由上级发送。",
    remedy_en="Switch your role, or let the level above tell it.",
    status=403,
)
NO_SUCH_MESSAGE = declare(
    "BF-2307",
    zh="没有这条消息，或它不是发给您的。",
    en="There is no such message, or it is not for you.",
    remedy_zh="请回到消息列表。",
    remedy_en="Go back to your messages.",
    status=404,
)
NO_SUCH_TEXT = declare(
    "BF-2308",
    zh="今天没有这段群消息了，内容可能已经变化。",
    en="There is no such text for the group any more today; its numbers may have changed.",
    remedy_zh="请刷新页面后复制新的一段。",
    remedy_en="Load the page again and copy the new one.",
    status=409,
)
UNKNOWN_CHANNEL = declare(
    "BF-2310",
    zh="没有这个消息渠道。",
    en="There is no such channel.",
    remedy_zh="请在渠道页面重新选择。",
    remedy_en="Choose one on the page of channels.",
    status=404,
)
BAD_SETTING = declare(
    "BF-2311",
    zh="「{field}」填写有误：{wanted}。",
    en="“{field}” will not do: {wanted}.",
    remedy_zh="请改正后保存。",
    remedy_en="Mend it and save again.",
)
NOT_ALLOWED_HOST = declare(
    "BF-2312",
    zh="外发地址 {host} 还没有经县级系统管理员允许。",
    en="The county's administrator has not allowed the address {host}.",
    remedy_zh="请系统管理员在渠道页面核对后点“允许”。",
    remedy_en="The administrator checks it on the page of channels and allows it.",
    status=409,
)
BAD_TIME = declare(
    "BF-2313",
    zh="「{field}」不是时刻：{value}。",
    en="“{field}” is no time of day: {value}.",
    remedy_zh="请写成 21:00 这样的时刻。",
    remedy_en="Write it as 21:00.",
)
BAD_ADDRESS = declare(
    "BF-2314",
    zh="「{field}」填写有误。",
    en="“{field}” will not do.",
    remedy_zh="手机号只写数字，前面可带 +；邮箱写成 name@example.org。",
    remedy_en="A telephone number is digits with a + before them if need be; an e-mail address is name@example.org.",
)
