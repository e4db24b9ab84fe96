"""The job that follows changes: verdicts, then the lake, then the figures."""

from __future__ import annotations

from bangfu.foundation import changes, clock
from bangfu.foundation.changes import household_changed, prune
from bangfu.foundation.county import the_county
from bangfu.foundation.jobs import app, defer_once
from bangfu.indicators.actions import refresh_figures
from bangfu.lake.actions import FOLLOWER as LAKE
from bangfu.lake.actions import refresh
from bangfu.screening.actions import FOLLOWER as SCREENING
from bangfu.screening.actions import follow
from bangfu.screening.present import valid_pack

FOLLOW = "bangfu.follow"
PASSED_OVER = 15  # seconds after which it looks again for what lay behind a transaction that was still open


@app.task(name=FOLLOW, queue="follow")  # type: ignore[untyped-decorator]
def follow_changes() -> None:
    """Judge what changed where a pack is valid today, bring the lake up to it and count again."""
    county = the_county()
    pack = valid_pack(clock.today(), county.country)
    if pack is not None:  # without one the changes wait: they are judged when there is a pack again
        follow(county.operator(), pack)
    refresh()
    refresh_figures()
    prune()
    if any(changes.waiting(follower) for follower in (LAKE, *([SCREENING] if pack is not None else []))):
        defer_once(FOLLOW, after=PASSED_OVER)


@household_changed.provider("indicators")
def put_into_queue(cause: str) -> None:
    """A change puts one job into the queue, however many households it touched."""
    defer_once(FOLLOW)
