"""The jobs of command, every hour: the posts above are told of tasks whose deadline has passed, and visits due are counted. Twice does nothing twice."""

from __future__ import annotations

from bangfu.command.actions import count_visits, tell_overdue
from bangfu.foundation.county import find_county
from bangfu.foundation.jobs import app


@app.periodic(cron="23 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.command.overdue", queue="messages")  # type: ignore[untyped-decorator]
def tell_of_overdue(timestamp: int) -> None:
    """Tell the posts above of what is overdue."""
    county = find_county()
    if county is not None:
        tell_overdue(county.operator())


@app.periodic(cron="37 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.command.visits", queue="follow")  # type: ignore[untyped-decorator]
def count_visits_due(timestamp: int) -> None:
    """Count what the calendar asks of each village, once the households of a new day have been judged."""
    county = find_county()
    if county is not None:
        count_visits(county.operator())
