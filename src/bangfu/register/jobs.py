"""The jobs of the register: imports that people hand in on the page."""

from __future__ import annotations

from bangfu.foundation.jobs import app
from bangfu.register.importing import handing


@app.task(name=handing.TASK, queue="import")  # type: ignore[untyped-decorator]
def import_handed(key: str) -> None:
    """Check an import, or apply it as it was shown."""
    handing.perform(key)


@app.periodic(cron="17 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.import.clear", queue="import")  # type: ignore[untyped-decorator]
def clear_handed(timestamp: int) -> None:
    """Take away what nobody has touched for days."""
    handing.clear()
