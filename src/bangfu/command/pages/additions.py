"""What command adds to the list of households: a filter by who answers for them."""

from __future__ import annotations

from bangfu.command.pairings_shown import by_helper
from bangfu.foundation import clock
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Addition, list_additions
from bangfu.kit.listing import Choice, Option

STATES = {
    "none": Text("应结对而无人负责", "to be paired, nobody answers"),
    "some": Text("已有帮扶责任人", "has a helper"),
    "target": Text("应结对的全部户", "all that are to be paired"),
    "unconfirmed": Text("结对未经双方确认", "pairing not confirmed by both"),
    "asked": Text("申请更换，待办结", "another helper asked for"),
}


@list_additions.provider("command", order=40)
def filtered(name: str) -> Addition | None:
    """A filter by the household's helper."""
    if name != "households":
        return None
    helper = Choice(
        "helper",
        Text("帮扶责任人", "Helper"),
        lambda rows, value: by_helper(rows, value, clock.today()),
        [Option(key, title) for key, title in STATES.items()],
    )
    return Addition(columns=[], filters=[helper], load=lambda actor, rows: None)
