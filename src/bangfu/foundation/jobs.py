"""Jobs: work that a worker does soon, in the same database (`procrastinate`)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def defer_once(name: str, *, of: str = "", after: int = 0, **arguments: Any) -> bool:
    """Put a job into the queue within the acting transaction unless one like it (and `of` the same thing) waits already; it is done
    `after` so many seconds at the earliest. Whether it was put."""
    try:
        with transaction.atomic():
            later = {"schedule_in": {"seconds": after}} if after else {}
            app.configure_task(name, queueing_lock=f"{name} {of}".strip(), **later).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


__all__ = ["app", "defer_once"]
