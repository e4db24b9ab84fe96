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
