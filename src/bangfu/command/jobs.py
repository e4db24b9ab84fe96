"""The job of command: once an hour the posts above are told of tasks whose deadline has passed; twice it tells nothing twice."""

from __future__ import annotations

from bangfu.command.actions import tell_overdue
from bangfu.foundation.county import find_county
from bangfu.foundation.jobs import app


@app.periodic(cron="23 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.command.overdue", queue="messages")  # type: ignore[untyped-decorator]
def tell_of_overdue(timestamp: int) -> None:
    """Tell the posts above of what is overdue."""
    county = find_county()
    if county is not None:
        tell_overdue(county.operator())
