"""The jobs of cases: the clock, every hour, and prints of many household files. What verdicts open is followed with the changes themselves."""

from __future__ import annotations

from bangfu.cases.actions import follow, printing, remind, tick
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


@app.task(name=printing.TASK, queue="print")  # type: ignore[untyped-decorator]
def print_files(key: str) -> None:
    """Print the household files that somebody asked for."""
    printing.perform(key)


@app.periodic(cron="27 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.cases.print.clear", queue="print")  # type: ignore[untyped-decorator]
def clear_prints(timestamp: int) -> None:
    """Take away prints that are days old."""
    printing.clear_prints()
