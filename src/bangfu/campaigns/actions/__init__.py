"""Every write to campaigns of visits."""

from bangfu.campaigns.actions.planning import plan_visits, replan_visits
from bangfu.campaigns.actions.setting_up import Asked, RuleRow, end_rule, set_rule, set_up
from bangfu.campaigns.actions.teams import form_teams, team_out

__all__ = ["Asked", "RuleRow", "end_rule", "form_teams", "plan_visits", "replan_visits", "set_rule", "set_up", "team_out"]
