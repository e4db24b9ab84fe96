"""What fieldwork answers to the extension points of the layers below."""

from __future__ import annotations

from bangfu.fieldwork.door.accepting import PLACE
from bangfu.fieldwork.models.devices import HA1
from bangfu.fieldwork.models.inbox import PAYLOAD, VALUE, WORDS
from bangfu.foundation.doors import Application, doors
from bangfu.foundation.secrecy import SealedColumn, sealed_columns


@doors.provider("fieldwork")
def openrosa() -> dict[str, Application]:
    """Where phones fetch forms and hand in what was filled in."""
    from bangfu.fieldwork.door.application import KEY, OPENROSA, application

    return {f"{OPENROSA}/": application, KEY: application}


@sealed_columns.provider("fieldwork", order=60)
def encrypted() -> list[SealedColumn]:
    """Contents of submissions, words of visits, values that contradict each other, what Digest needs of devices."""
    return [
        SealedColumn("fieldwork_content", "payload", PAYLOAD),
        SealedColumn("fieldwork_submissionfile", "place", PLACE),
        SealedColumn("fieldwork_visit", "words", WORDS),
        SealedColumn("fieldwork_conflict", "told", VALUE),
        SealedColumn("fieldwork_conflict", "held", VALUE),
        SealedColumn("fieldwork_conflict", "reason", WORDS),
        SealedColumn("fieldwork_device", "ha1", HA1),
    ]
