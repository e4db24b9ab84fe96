"""Numbered problems of lists and pages. They are shown as notices: a list leaves out what it cannot use and says so."""

from bangfu.foundation.problems import declare

NOT_A_CHOICE = declare(
    "BF-2001",
    zh="「{name}」没有「{value}」这一选项，已忽略。",
    en="“{value}” is no choice of “{name}”; it was left out.",
    remedy_zh="请在筛选中重新选择。",
    remedy_en="Choose again among the filters.",
)
NOT_A_COLUMN = declare(
    "BF-2002",
    zh="本列表没有「{value}」这一列，已忽略。",
    en="This list has no column “{value}”; it was left out.",
    remedy_zh="请在「列」菜单或表头中选择。",
    remedy_en="Choose in the columns menu or in the head of the table.",
)
NOT_A_PLACE = declare(
    "BF-2003",
    zh="地址中的翻页位置无效，已回到第一页。",
    en="The place in the list that the address names is not valid; this is the first page.",
    remedy_zh="请用页面下方的按钮翻页。",
    remedy_en="Turn pages with the buttons below the list.",
)
NOT_A_DAY = declare(
    "BF-2004",
    zh="地址中的日期「{value}」无法识别，以下是今天（{day}）的情况。",
    en="The day “{value}” in the address cannot be read; this is how it stands today ({day}).",
    remedy_zh="请写成 2020-04-28 这样的日期。",
    remedy_en="Write it like 2020-04-28.",
)
DAY_TO_COME = declare(
    "BF-2005",
    zh="地址中的日期 {value} 还没有到，以下是今天（{day}）的情况。",
    en="The day {value} in the address has not come yet; this is how it stands today ({day}).",
    remedy_zh="请写今天或更早的日期。",
    remedy_en="Write today or an earlier day.",
)
BEFORE_ALL = declare(
    "BF-2006",
    zh="地址中的日期 {value} 早于登记（最早是 {first}），以下是今天（{day}）的情况。",
    en="The day {value} in the address lies before all that is known (from {first} on); this is how it stands today ({day}).",
    remedy_zh="请写 {first} 或更晚的日期。",
    remedy_en="Write {first} or a later day.",
)
