"""The job of cases: the clock, every hour. What verdicts open is followed with the changes themselves."""

from __future__ import annotations

from bangfu.cases.actions import follow, remind, tick
from bangfu.foundation.county import find_county
from bangfu.foundation.jobs import app


@app.periodic(cron="17 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.cases.clock", queue="follow")  # type: ignore[untyped-decorator]
def run_the_clock(timestamp: int) -> None:
    """Resume, let periods end, escalate; open what has been unknown for too long since yesterday; tell of late decisions."""
    county = find_county()
    if county is not None:
        follow(county.operator())
        tick(county.operator())
        remind(county.operator())
