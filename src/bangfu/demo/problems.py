"""Numbered problems of the demo county."""

from bangfu.foundation.problems import declare

BAD_FIGURE = declare(
    "BF-1801",
    zh="{file} 第{row}行：指标「{key}」的值「{value}」不是不小于 0 的数。",
    en="{file} row {row}: the value “{value}” of {key} is no number of 0 or more.",
    remedy_zh="请改正该行。",
    remedy_en="Mend that row.",
)
FIGURES_MISSING = declare(
    "BF-1802",
    zh="{file} 缺少建县所需的内容：{missing}。",
    en="{file} lacks what a county is built from: {missing}.",
    remedy_zh="需要列 key、value，以及这些指标：{wanted}；写法见 src/bangfu/demo/data/facts.csv。",
    remedy_en="It needs the columns key and value, and the figures {wanted}; src/bangfu/demo/data/facts.csv shows how.",
)
NO_SUCH_POPULATION = declare(
    "BF-1803",
    zh="按这些指标和规模建不成县：{why}。",
    en="No county can be made of these figures at this scale: {why}.",
    remedy_zh="请使指标彼此相符（例如建档立卡人数不多于总人口），或换一个规模。",
    remedy_en="Make the figures agree (registered persons within all persons, for one), or choose another scale.",
)
NO_TOUR = declare(
    "BF-1804",
    zh="这个县不是演示县，没有导览。",
    en="This county is no demo county: it has no tour.",
    remedy_zh="请从首页进入；导览只在 bangfu demo 建成的县里有。",
    remedy_en="Go to the first page; only a county built by `bangfu demo` has a tour.",
    status=404,
)
UNKNOWN_STORY = declare(
    "BF-1805",
    zh="没有「{story}」这个故事，或它的农户不在您的管辖范围内。",
    en="There is no story “{story}”, or its household lies outside what your role sees.",
    remedy_zh="请从导览页选择，或换一个看得到全县的账号。",
    remedy_en="Choose one in the tour, or log in as somebody who sees the county.",
    status=404,
)
OTHER_DEMO = declare(
    "BF-1806",
    zh="这个数据文件夹里已有演示县「{county}」。",
    en="This data folder holds the demo county {county} already.",
    remedy_zh="请用 --home 另给一个文件夹；要打开已有的那个，请去掉 --county。",
    remedy_en="Give another folder by --home; to open the one that is there leave --county away.",
    status=409,
)
BUILT_OTHERWISE = declare(
    "BF-1807",
    zh="这个数据文件夹里的演示县是按{how} 建的，与所写的 {asked} 不同。",
    en="The demo county in this data folder was built with {how}, other than {asked} says.",
    remedy_zh="要打开它，请去掉 {asked}；要另建一个，请用 --home 另给一个文件夹，或先移走 {home}。",
    remedy_en="To open it leave {asked} away; to build another give a folder by --home, or move {home} away first.",
    usage=True,
)
