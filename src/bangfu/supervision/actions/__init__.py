"""Every write of supervision."""

from bangfu.supervision.actions.above import import_findings
from bangfu.supervision.actions.drawing import NewSample, Plan, assign, close, draw_sample, not_found
from bangfu.supervision.actions.posts import check_post, enter_check
from bangfu.supervision.actions.revisits import Again, Entered, enter_revisits, revisit
from bangfu.supervision.actions.ruling import Ruled, enter_rulings, rule
from bangfu.supervision.actions.watch import look, settle

__all__ = [
    "Again",
    "Entered",
    "NewSample",
    "Plan",
    "Ruled",
    "assign",
    "check_post",
    "close",
    "draw_sample",
    "enter_check",
    "enter_revisits",
    "enter_rulings",
    "import_findings",
    "look",
    "not_found",
    "revisit",
    "rule",
    "settle",
]
