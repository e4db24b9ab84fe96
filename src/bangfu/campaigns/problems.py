"""The numbered problems of campaigns of visits: what they ask, teams, rules, plans."""

from __future__ import annotations

from bangfu.foundation.problems import declare

UNKNOWN_CAMPAIGN = declare(
    "BF-2801",
    zh="没有走访行动「{campaign}」。",
    en="There is no campaign of visits “{campaign}”.",
    remedy_zh="请从“走访行动”页面打开；行动须先由县级指挥部设定。",
    remedy_en="Open it from the page of campaigns; the county headquarters has to set it up first.",
    status=404,
)
BAD_ENTRY = declare(
    "BF-2802",
    zh="「{column}」的值“{value}”不能用：{wanted}。",
    en="“{column}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正后再试；什么也没有写入。",
    remedy_en="Mend it and try again; nothing has been written.",
)
UNKNOWN_TEAM = declare(
    "BF-2803",
    zh="这次行动没有第 {team} 走访组，或它不在您的区划之内。",
    en="The campaign has no team {team}, or it lies outside your area.",
    remedy_zh="请从走访组清单打开。",
    remedy_en="Open it from the list of teams.",
    status=404,
)
TEAM_GONE = declare(
    "BF-2804",
    zh="第 {team} 走访组自 {day} 起已退出。",
    en="Team {team} has been out since {day}.",
    remedy_zh="它的未走访农户已经或将要由其他组接手；不必再退出一次。",
    remedy_en="What it had not visited goes to other teams; it need not leave twice.",
    status=409,
)
NO_LEADERS = declare(
    "BF-2805",
    zh="{area}没有可以带队的干部（{rank}及以上）。",
    en="{area} has nobody who could lead a team ({rank} and above).",
    remedy_zh="请先登记干部及其职级，或调整行动的带队职级。",
    remedy_en="Enter the officers with their ranks first, or change the rank that leads.",
)
NO_TEAMS = declare(
    "BF-2806",
    zh="这次行动还没有走访组。",
    en="The campaign has no teams yet.",
    remedy_zh="请先“组成走访组”，再排计划。",
    remedy_en="Form the teams first, then make the plan.",
    status=409,
)
NO_HOMES = declare(
    "BF-2807",
    zh="在{area}没有符合行动范围的农户。",
    en="No household of {area} is of the campaign.",
    remedy_zh="请核对行动的范围（户类型）和登记。",
    remedy_en="Look at the kinds of households of the campaign, and at the register.",
)
OVER = declare(
    "BF-2808",
    zh="行动已于 {day} 结束，不能再排计划。",
    en="The campaign ended on {day}: it is not planned any more.",
    remedy_zh="没有走访到的农户请转入日常走访。",
    remedy_en="Let the ordinary calendar take over whoever was not visited.",
    status=409,
)
ALREADY_FORMED = declare(
    "BF-2809",
    zh="这次行动已有 {teams} 个走访组。",
    en="The campaign has {teams} team(s) already.",
    remedy_zh="可逐组增减；要全部重组，须先让各组退出。",
    remedy_en="Add or take out single teams; to form all anew, take them out first.",
    status=409,
)
NOT_PLANNED = declare(
    "BF-2810",
    zh="这次行动还没有计划。",
    en="The campaign has no plan yet.",
    remedy_zh="请先排计划；之后有人退出时再重排。",
    remedy_en="Make a plan first; it is made anew when somebody falls out.",
    status=409,
)
UNKNOWN_RULE = declare(
    "BF-2811",
    zh="没有这条走访规定，或它不在您的区划之内。",
    en="There is no such rule on visits, or it lies outside your area.",
    remedy_zh="请从行动页面的规定清单操作。",
    remedy_en="Use the list of rules on the page of the campaign.",
    status=404,
)
