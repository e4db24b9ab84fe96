"""The job that sends what is due: soon after something was told, and every five minutes for what quiet hours and digests have held."""

from __future__ import annotations

from bangfu.foundation.county import find_county
from bangfu.foundation.jobs import app, defer_once
from bangfu.messages.actions import SEND
from bangfu.messages.sending import send_due, tell_groups


@app.task(name=SEND, queue="messages")  # type: ignore[untyped-decorator]
def send_messages() -> None:
    """Send what is due, and come back when a pause between two attempts is over."""
    county = find_county()
    if county is None:
        return
    actor = county.operator()
    tell_groups(actor)
    again = send_due(actor).again_in
    if again is not None:
        defer_once(SEND, of="again", after=again)


@app.periodic(cron="*/5 * * * *")  # type: ignore[untyped-decorator]
@app.task(name="bangfu.messages.due", queue="messages")  # type: ignore[untyped-decorator]
def look_for_due(timestamp: int) -> None:
    """What has become due by the clock."""
    send_messages()
