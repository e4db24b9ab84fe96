"""What people do with campaigns of visits, as the audit names it."""

from bangfu.foundation.acts import declare, particulars
from bangfu.foundation.say import Text

SET_UP = declare("campaign.visits", zh="设定走访行动", en="Campaign of visits set up")
RULE = declare("campaign.rule", zh="设定走访规定", en="Rule on visits set")
RULE_END = declare("campaign.rule.end", zh="结束走访规定", en="Rule on visits ended")
TEAMS = declare("campaign.teams", zh="组成走访组", en="Teams formed")
TEAM_OUT = declare("campaign.team.out", zh="走访组退出", en="Team fell out")
PLAN = declare("campaign.plan", zh="排走访计划", en="Visits planned")
EXPORT = declare("campaign.export", zh="导出未走访农户", en="Households without a visit exported")
particulars(
    teams=Text("走访组数", "teams"),
    unplaced=Text("未排入的农户", "households without a place"),
    moved=Text("改排的农户", "households moved"),
)
