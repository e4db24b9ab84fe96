"""Numbered problems of the catalogue of figures."""

from bangfu.foundation.problems import declare

UNKNOWN_FIGURE = declare(
    "BF-1701",
    zh="没有名为「{key}」的指标。",
    en="There is no figure “{key}”.",
    remedy_zh="全部指标见 bangfu facts。",
    remedy_en="`bangfu facts` lists them all.",
)
FIGURE_TWICE = declare(
    "BF-1702",
    zh="指标「{key}」有两处定义：{first} 和 {second}。",
    en="The figure “{key}” is defined twice: in {first} and {second}.",
    remedy_zh="一个指标只能有一处定义，请删去其中一处。",
    remedy_en="One definition per figure: remove one of them.",
)
FIGURE_FAULT = declare(
    "BF-1703",
    zh="{file}：指标「{key}」的定义不完整。",
    en="{file}: the definition of “{key}” is not whole.",
    remedy_zh="需要 name、unit、says，以及 sql 或 ratio 之一。",
    remedy_en="It needs name, unit, says and exactly one of sql or ratio.",
)
EXPECTED_FAULT = declare(
    "BF-1704",
    zh="{file} 第{line}行：{detail}。",
    en="{file} row {line}: {detail}.",
    remedy_zh="需要列 key、op、value、as_of，precision 可空；写法见 src/bangfu/demo/data/facts.csv。",
    remedy_en="It needs the columns key, op, value and as_of, and may have precision; src/bangfu/demo/data/facts.csv shows how.",
)
NOT_LIKE_EXPECTED = declare(
    "BF-1705",
    zh="{failed} 个指标与预期不符。",
    en="{failed} figures are not as expected.",
    remedy_zh="逐项核对上表中标 ✗ 的指标。",
    remedy_en="Look into the figures marked ✗.",
)
NOTHING_EXPECTED = declare(
    "BF-1706",
    zh="{file} 里没有一个预期的指标，无从核对。",
    en="{file} expects no figure at all; there is nothing to check.",
    remedy_zh="请给出至少一行：key、op、value、precision、as_of。",
    remedy_en="Give at least one row: key, op, value, precision, as_of.",
)
FIGURES_TO_COME = declare(
    "BF-1707",
    zh="{day} 还没有到（今天是 {today}），没有这一天的指标。",
    en="{day} has not come yet (today is {today}): there are no figures of it.",
    remedy_zh="请用今天或更早的日期。",
    remedy_en="Take today or an earlier day.",
    usage=True,
)
