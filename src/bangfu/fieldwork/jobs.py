"""The jobs of fieldwork: what came in is applied at once, and what was left waiting every minute."""

from __future__ import annotations

from bangfu.fieldwork.actions.applying import APPLY, apply_waiting
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
