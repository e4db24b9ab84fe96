"""Every write to cases, by subject. Each action takes one or many; all of them or none."""

from bangfu.cases.actions.closing import Claim, KinshipRow, claim, declare_kinship, refuse_claim, verify
from bangfu.cases.actions.following import Followed, Ticked, follow, tick
from bangfu.cases.actions.opening import NewCase, open_cases
from bangfu.cases.actions.working import (
    MeasureRow,
    Proof,
    drop_measures,
    finish_measures,
    give_back,
    hand_over,
    merge,
    pause,
    plan_measures,
    refer,
    reopen,
    resume,
    review_support,
    set_severity,
    write_note,
)

__all__ = [
    "Claim", "Followed", "KinshipRow", "MeasureRow", "NewCase", "Proof", "Ticked", "claim", "declare_kinship", "drop_measures",
    "finish_measures", "follow", "give_back", "hand_over", "merge", "open_cases", "pause", "plan_measures", "refer", "refuse_claim", "reopen",
    "resume", "review_support", "set_severity", "tick", "verify", "write_note",
]  # fmt: skip
