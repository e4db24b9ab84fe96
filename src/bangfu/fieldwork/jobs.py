"""The jobs of fieldwork: what came in is applied at once, and what was left waiting every minute; reports are taken up soon after they were filed."""

from __future__ import annotations

from bangfu.fieldwork.actions.applying import APPLY, apply_waiting
from bangfu.fieldwork.actions.hotline import clear_logs
from bangfu.fieldwork.actions.report_work import send_codes, send_told, take_new
from bangfu.fieldwork.actions.reporting import WORK
from bangfu.foundation.county import find_county
from bangfu.foundation.jobs import app


@app.task(name=APPLY, queue="follow", lock=APPLY)  # type: ignore[untyped-decorator]
def apply_now() -> None:
    """Apply what waits."""
    if find_county() is not None:
        apply_waiting()


@app.periodic(cron="* * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.fieldwork.sweep", queue="follow", lock=APPLY)  # type: ignore[untyped-decorator]
def sweep(timestamp: int) -> None:
    """Apply what a job that was already under way did not see."""
    apply_now()


@app.task(name=WORK, queue="messages")  # type: ignore[untyped-decorator]
def work_at_reports() -> None:
    """Codes first, for somebody is waiting; then new reports, then what posts tell."""
    county = find_county()
    if county is None:
        return
    actor = county.operator()
    send_codes(actor)
    take_new(actor)
    send_told(actor)


@app.periodic(cron="*/10 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.fieldwork.reports.due", queue="messages")  # type: ignore[untyped-decorator]
def look_at_reports(timestamp: int) -> None:
    """What was held, what a household's move has moved; files of logs that nobody imported are taken away."""
    work_at_reports()
    clear_logs()
