"""The planner of a campaign of visits. Pure: arrays in, arrays out."""

from bangfu.campaigns.planning.alone import Alone, leaders_alone
from bangfu.campaigns.planning.model import Campaign, Days, Homes, Pace, Plan, Teams
from bangfu.campaigns.planning.plan import Change, plan, replan
from bangfu.campaigns.planning.verify import faults

__all__ = ["Alone", "Campaign", "Change", "Days", "Homes", "Pace", "Plan", "Teams", "faults", "leaders_alone", "plan", "replan"]
