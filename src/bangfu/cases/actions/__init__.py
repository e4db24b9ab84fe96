"""Every write to cases, by subject. Each action takes one or many; all of them or none."""

from bangfu.cases.actions.closing import Claim, claim, refuse_claim, verify
from bangfu.cases.actions.deciding import (
    NewDecision,
    Step,
    begin_decisions,
    do_step,
    remind,
)
from bangfu.cases.actions.ending import refuse, send_back, tell_refusal, withdraw
from bangfu.cases.actions.filing import Sorted, file_pile
from bangfu.cases.actions.following import Followed, Ticked, follow, tick
from bangfu.cases.actions.kinship import KinshipRow, declare_kinship, end_kinship
from bangfu.cases.actions.meeting import (
    Attendee,
    NewMeeting,
    Vote,
    attend_meeting,
    cancel_meeting,
    file_minutes,
    hold_meeting,
    plan_meeting,
)
from bangfu.cases.actions.noticing import (
    NewObjection,
    answer_objection,
    close_notice,
    photograph,
    put_up,
    raise_objection,
)
from bangfu.cases.actions.opening import NewCase, open_cases
from bangfu.cases.actions.papers import hand_in
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
    "Attendee", "Claim", "Followed", "KinshipRow", "MeasureRow", "NewCase", "NewDecision", "NewMeeting", "NewObjection", "Proof", "Sorted", "Step",
    "Ticked", "Vote", "answer_objection", "attend_meeting", "begin_decisions", "cancel_meeting", "claim", "close_notice", "declare_kinship",
    "do_step", "drop_measures", "end_kinship", "file_minutes", "file_pile", "finish_measures", "follow", "give_back", "hand_in", "hand_over", "hold_meeting", "merge",
    "open_cases", "pause", "photograph", "plan_measures", "plan_meeting", "put_up", "raise_objection", "refer", "refuse", "refuse_claim", "remind",
    "reopen", "resume", "review_support", "send_back", "set_severity", "tell_refusal", "tick", "verify", "withdraw", "write_note",
]  # fmt: skip
