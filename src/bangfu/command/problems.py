"""The numbered problems of command: posts, orders, helpers, pairings, plans."""

from __future__ import annotations

from bangfu.foundation.problems import declare

UNKNOWN_POST = declare(
    "BF-2201",
    zh="没有指挥所「{post}」，或它今天已不在。",
    en="There is no post “{post}”, or it is no longer there today.",
    remedy_zh="请在“指挥体系”页面核对名称；须在您所在的区划之内。",
    remedy_en="Check its name on the page of the chain; it must lie within your area.",
    status=404,
)
UNKNOWN_OFFICER = declare(
    "BF-2202",
    zh="没有人员「{officer}」，或此人当日不在任。",
    en="There is no officer “{officer}”, or they do not serve on that day.",
    remedy_zh="请核对工号；须先登记人员。",
    remedy_en="Check the number; the officer has to be entered first.",
    status=404,
)
UNKNOWN_UNIT = declare(
    "BF-2203",
    zh="没有单位「{unit}」，或它当日已不在。",
    en="There is no unit “{unit}”, or it is not there on that day.",
    remedy_zh="请核对单位代码；须先登记单位。",
    remedy_en="Check the key of the unit; it has to be entered first.",
    status=404,
)
BAD_ROW = declare(
    "BF-2204",
    zh="「{column}」的值“{value}”不能用：{wanted}。",
    en="“{column}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正后再试；什么也没有写入。",
    remedy_en="Mend it and try again; nothing has been written.",
)
ROLE_TAKEN = declare(
    "BF-2205",
    zh="{place} 的{role}在这些日子已由 {holder} 担任。",
    en="{holder} is {role} of {place} on some of these days.",
    remedy_zh="请先结束原任，或改任期。",
    remedy_en="End that term first, or change the days.",
    status=409,
)
AREA_COVERED = declare(
    "BF-2206",
    zh="{area} 在这些日子已由「{post}」负责。",
    en="{area} is covered by “{post}” on some of these days.",
    remedy_zh="一个区域同一时间只归一个指挥所；请先调整原来的范围。",
    remedy_en="An area is covered by one post at a time; change that one first.",
    status=409,
)
UNKNOWN_TASK = declare(
    "BF-2207",
    zh="没有这项任务，或它不在您的区划之内。",
    en="There is no such task, or it lies outside your area.",
    remedy_zh="请从“指令”页面打开。",
    remedy_en="Open it from the page of orders.",
    status=404,
)
TASK_STATE = declare(
    "BF-2208",
    zh="任务「{task}」现在是“{state}”，不能{doing}。",
    en="The task “{task}” is “{state}”; it cannot be {doing} now.",
    remedy_zh="请刷新页面，看看别人是否已经办理。",
    remedy_en="Reload the page; somebody else may have dealt with it.",
    status=409,
)
UNKNOWN_ORDER = declare(
    "BF-2209",
    zh="没有这份指令。",
    en="There is no such order.",
    remedy_zh="请从“指令”页面打开。",
    remedy_en="Open it from the page of orders.",
    status=404,
)
ORDER_TWICE = declare(
    "BF-2210",
    zh="{day} 的指令「{number}」已经登记。",
    en="The order “{number}” of {day} has been entered already.",
    remedy_zh="请打开已登记的那一份。",
    remedy_en="Open the one that is there.",
    status=409,
)
UNKNOWN_CAMPAIGN = declare(
    "BF-2211",
    zh="没有行动「{campaign}」。",
    en="There is no campaign “{campaign}”.",
    remedy_zh="请从“指令”页面选择。",
    remedy_en="Choose one on the page of orders.",
    status=404,
)
ATTENDANCE_OFF = declare(
    "BF-2212",
    zh="行动「{campaign}」在 {day} 没有开启考勤。",
    en="The campaign “{campaign}” does not keep attendance on {day}.",
    remedy_zh="考勤只在行动有依据、有止期地开启时登记。",
    remedy_en="Attendance is kept only where a campaign has switched it on, with a ground and a last day.",
    status=409,
)
UNKNOWN_REPORT = declare(
    "BF-2213",
    zh="没有这份报告，或它已经答复。",
    en="There is no such report, or it has been answered.",
    remedy_zh="请刷新页面。",
    remedy_en="Reload the page.",
    status=404,
)
NOT_THEIRS = declare(
    "BF-2214",
    zh="任务「{task}」属于 {owner}，您所在的 {place} 不能代办。",
    en="The task “{task}” is that of {owner}; {place} cannot do it in its place.",
    remedy_zh="请由 {owner} 办理，或由上级指挥所改派。",
    remedy_en="Let {owner} do it, or ask the post above to give it to another.",
    status=403,
)
UNKNOWN_STOP = declare(
    "BF-2215",
    zh="没有这个调研点，或它不在您的区划之内。",
    en="There is no such stop of a field visit, or it lies outside your area.",
    remedy_zh="请从“领导调研”页面打开。",
    remedy_en="Open it from the page of field visits.",
    status=404,
)
HELPER_IS_POOR = declare(
    "BF-2220",
    zh="{helper} 本人是建档立卡或监测户成员，不能做帮扶责任人。",
    en="{helper} belongs to a registered or monitored household and cannot answer for others.",
    remedy_zh="请换一名帮扶责任人。",
    remedy_en="Choose another helper.",
    status=409,
)
OWN_HOUSEHOLD = declare(
    "BF-2221",
    zh="户 {household} 是 {helper} 自己的家庭。",
    en="household {household} is {helper}’s own.",
    remedy_zh="请换一名帮扶责任人。",
    remedy_en="Choose another helper.",
    status=409,
)
RELATIVES = declare(
    "BF-2222",
    zh="{helper} 与户 {household} 是亲属或须回避：{why}。",
    en="{helper} must stand back from household {household}: {why}.",
    remedy_zh="请换一名帮扶责任人；登记有误的，先更正登记。",
    remedy_en="Choose another helper; where the register is wrong, mend that first.",
    status=409,
)
TWO_PRINCIPALS = declare(
    "BF-2223",
    zh="户 {household} 在这些日子已由 {holder} 负责。",
    en="{holder} answers for household {household} on some of these days.",
    remedy_zh="一户同一时间只有一名帮扶责任人；请先交接，或登记为协助。",
    remedy_en="A household has one principal helper at a time; hand over first, or let the other help beside.",
    status=409,
)
BEYOND_CEILING = declare(
    "BF-2224",
    zh="{helper} 将负责 {count} 户，超过上限 {ceiling} 户。",
    en="{helper} would answer for {count} household(s); the ceiling is {ceiling}.",
    remedy_zh="请换一名帮扶责任人，或登记一项写明理由的例外。",
    remedy_en="Choose another helper, or enter an exception with its reason.",
    status=409,
)
NOT_A_HELPER = declare(
    "BF-2225",
    zh="{helper} 在 {day} 不是帮扶责任人。",
    en="{helper} is no helper on {day}.",
    remedy_zh="请先任命为帮扶责任人，或改起始日期。",
    remedy_en="Make them a helper first, or change the first day.",
    status=409,
)
UNKNOWN_PAIRING = declare(
    "BF-2226",
    zh="没有这条结对，或它已经结束。",
    en="There is no such pairing, or it has ended.",
    remedy_zh="请刷新页面。",
    remedy_en="Reload the page.",
    status=404,
)
REQUEST_OPEN = declare(
    "BF-2227",
    zh="户 {household} 已有一件调整申请，待 {due} 前答复。",
    en="Household {household} has a request for change already, to be decided by {due}.",
    remedy_zh="请先办结那一件。",
    remedy_en="Decide that one first.",
    status=409,
)
UNKNOWN_REQUEST = declare(
    "BF-2228",
    zh="没有这件申请，或它已经办结。",
    en="There is no such request, or it has been decided.",
    remedy_zh="请刷新页面。",
    remedy_en="Reload the page.",
    status=404,
)
PLAN_STALE = declare(
    "BF-2229",
    zh="方案做成之后，有 {count} 户的结对已经变动（如户 {household}）。",
    en="Since the plan was made the pairings of {count} household(s) have changed (household {household} is one).",
    remedy_zh="请重新生成方案。",
    remedy_en="Make the plan anew.",
    status=409,
)
PLAN_STATE = declare(
    "BF-2230",
    zh="方案现在是“{state}”，不能{doing}。",
    en="The plan is “{state}”; it cannot be {doing}.",
    remedy_zh="请重新生成方案。",
    remedy_en="Make a new plan.",
    status=409,
)
UNKNOWN_PLAN = declare(
    "BF-2231",
    zh="没有这个结对方案。",
    en="There is no such plan of pairings.",
    remedy_zh="请从“结对”页面打开。",
    remedy_en="Open it from the page of pairings.",
    status=404,
)
NO_RULES = declare(
    "BF-2232",
    zh="{day} 适用的规则包没有写明{what}。",
    en="The policy pack of {day} does not say {what}.",
    remedy_zh="请在规则包的“work”一节写明，或由县里填写参数。",
    remedy_en="Write it into the section “work” of the pack, or let the county enter the parameter.",
    status=409,
)
NOBODY_TO_HELP = declare(
    "BF-2233",
    zh="{area} 没有{what}，无法生成方案。",
    en="{area} has no {what}: no plan can be made.",
    remedy_zh="请先导入登记，并任命帮扶责任人。",
    remedy_en="Import the register and make helpers first.",
    status=409,
)
UNKNOWN_APPOINTMENT = declare(
    "BF-2234",
    zh="没有这项任职，或它已经结束。",
    en="There is no such appointment, or it has ended.",
    remedy_zh="请刷新页面。",
    remedy_en="Reload the page.",
    status=404,
)
OUTSIDE_AREA = declare(
    "BF-2235",
    zh="{what} 不在您所在的区划之内。",
    en="{what} lies outside your area.",
    remedy_zh="请由所在乡镇或县里办理。",
    remedy_en="Let its township or the county do it.",
    status=403,
)
SEVERAL_OFFICERS = declare(
    "BF-2236",
    zh="有多名人员叫「{officer}」：{listed}。",
    en="Several officers are called “{officer}”: {listed}.",
    remedy_zh="请改填工号。",
    remedy_en="Type the number instead.",
    status=409,
)
UNKNOWN_HELPER = declare(
    "BF-2240",
    zh="没有这名帮扶责任人，或其不在您的区划之内。",
    en="There is no such helper, or they lie outside your area.",
    remedy_zh="请从“帮扶责任人”列表打开。",
    remedy_en="Open them from the list of helpers.",
    status=404,
)
A_SCENARIO = declare(
    "BF-2241",
    zh="「{plan}」是情景测算，不是为采用而做的。",
    en="“{plan}” is a scenario; it was not made to be adopted.",
    remedy_zh="确要采用，请勾选“我确认采用这个情景”。",
    remedy_en="If it is really meant, tick “I adopt this scenario”.",
    status=409,
)
NOT_FOR_HOUSEHOLD = declare(
    "BF-2242",
    zh="群众的确认由村、镇登记，帮扶责任人不能代为确认。",
    en="The village or township enters the household’s confirmation; a helper cannot give it for them.",
    remedy_zh="请村里登记群众的确认。",
    remedy_en="Ask the village to enter it.",
    status=409,
)
BEFORE_IT_BEGAN = declare(
    "BF-2243",
    zh="{day} 早于结对的起始日 {since}。",
    en="{day} lies before the pairing began ({since}).",
    remedy_zh="请填写起始日当天或以后的日期。",
    remedy_en="Enter that day or a later one.",
)
HELPS_ELSEWHERE = declare(
    "BF-2244",
    zh="{helper} 还负责您区划以外的 {count} 户，不能由您办理退出。",
    en="{helper} also answers for {count} household(s) outside your area; you cannot end their helping.",
    remedy_zh="请由县里办理。",
    remedy_en="Let the county do it.",
    status=409,
)
UNKNOWN_AVOIDANCE = declare(
    "BF-2245",
    zh="没有这条回避登记，或该户不在您的区划之内。",
    en="There is no such avoidance, or its household lies outside your area.",
    remedy_zh="请刷新页面。",
    remedy_en="Reload the page.",
    status=404,
)
