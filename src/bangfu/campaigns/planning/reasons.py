"""Why a household has no visit, and where leaders are too few: in words, with the arithmetic."""

from __future__ import annotations

from bangfu.foundation.say import Text

VISITED = Text("已在方案之外走访，不用再排", "visited already, outside the plan: it needs no place")
NO_TEAM = Text("没有工作组可以去这个村：请给这个村安排工作组", "no team may serve the village: give it a team")
CLOSED = Text(
    "可以去这个村的工作组，没有一天既有空、村里又能走访：请延长期限或调整工作组",
    "no day on which a team that may serve the village is available and the village may be visited: extend the campaign or change the teams",
)
TOO_LONG = Text(
    "单独走访这一户，来回路上 {way} 分钟，入户 {service} 分钟，合计 {both} 分钟，超过每天 {day} 分钟：请安排更近的工作组",
    "alone it takes {way} min on the way and {service} min at the home, {both} min, more than the {day} min of a day: give it a nearer team",
)
NO_TIME = Text(
    "可以去这个村的 {teams} 个工作组一共只有 {days} 个小组日，都已排满：请增加工作组、小组或天数",
    "the {teams} team(s) that may serve the village have {days} party day(s), all full: add teams, parties or days",
)
LEADER = Text(
    "领导要在 {share}% 的走访中到场：已排 {visits} 户，领导到场 {led} 户，再派一个没有领导的小组就达不到：请降低比例，或增加天数、工作组",
    "the leader is to be present at {share} % of the visits: of {visits} planned the leader sees {led}, and another day of a party without the leader would break "
    "the share: lower it, or add days or teams",
)
LED_PARTIES = Text(
    "领导每天只跟 1 个小组，到场比例要求 {share}%：{parties} 个小组只能用到 {usable} 个",
    "the leader goes with 1 party a day and is to see {share} % of the visits: of {parties} parties only {usable} can be out all the time",
)
