"""What fieldwork answers to the extension points of the layers below."""

from __future__ import annotations

from bangfu.backup.actions import county_restored
from bangfu.fieldwork import (
    day,  # noqa: F401 (fills the day)
    report_day,  # noqa: F401 (what waits of reports)
    visited,  # noqa: F401 (when households were last visited, what was asked of them)
)
from bangfu.fieldwork.actions.report_work import end_after_restore
from bangfu.fieldwork.door.accepting import PLACE
from bangfu.fieldwork.models import Conflict, Report, Submission, Visit
from bangfu.fieldwork.models.devices import HA1
from bangfu.fieldwork.models.inbox import PAYLOAD, VALUE, WORDS
from bangfu.fieldwork.models.reports import REPORT_PHONE, REPORT_WORDS
from bangfu.fieldwork.models.signing import CONTACT, SIGNER
from bangfu.fieldwork.pages import additions, report_panel, tabs  # noqa: F401 (panels of a household, the tabs of the place in the rail)
from bangfu.foundation.actor import Actor
from bangfu.foundation.changes import Change, Effect, Reference, effects_of, references_of
from bangfu.foundation.doors import Application, doors
from bangfu.foundation.say import Text
from bangfu.foundation.screens import AreaPage, PageLink, area_pages, rail
from bangfu.foundation.secrecy import SealedColumn, sealed_columns
from bangfu.screening.pages.missing import missing_url


@rail.provider("fieldwork", order=20)
def places() -> list[PageLink]:
    """What is asked in the field, and what has still to be asked."""
    return [PageLink("fieldwork", Text("走访", "Fieldwork"), "/fieldwork/", "visit", "household.read")]


@area_pages.provider("fieldwork", order=20)
def of_an_area() -> list[AreaPage]:
    """Of the pages of fieldwork the one that every area has: the evidence that it lacks."""
    return [AreaPage("fieldwork", missing_url, "household.read")]


@doors.provider("fieldwork")
def openrosa() -> dict[str, Application]:
    """Where phones fetch forms and hand in what was filled in."""
    from bangfu.fieldwork.door.application import KEY, OPENROSA, application

    return {f"{OPENROSA}/": application, KEY: application}


@sealed_columns.provider("fieldwork", order=60)
def encrypted() -> list[SealedColumn]:
    """Contents of submissions, words of visits, values that contradict each other, what Digest needs of devices; who signed, contacts; what people told, and their numbers."""
    told = ("words", "name", "said_household", "said_address", "reason_words")
    return [
        SealedColumn("fieldwork_content", "payload", PAYLOAD),
        SealedColumn("fieldwork_submissionfile", "place", PLACE),
        SealedColumn("fieldwork_visit", "words", WORDS),
        SealedColumn("fieldwork_conflict", "told", VALUE),
        SealedColumn("fieldwork_conflict", "held", VALUE),
        SealedColumn("fieldwork_conflict", "reason", WORDS),
        SealedColumn("fieldwork_device", "ha1", HA1),
        *(SealedColumn("fieldwork_report", column, REPORT_WORDS) for column in told),
        SealedColumn("fieldwork_report", "phone", REPORT_PHONE),
        SealedColumn("fieldwork_reportmessage", "words", REPORT_WORDS),
        SealedColumn("fieldwork_signature", "signer", SIGNER),
        SealedColumn("fieldwork_contact", "words", CONTACT),
    ]


@effects_of.provider("fieldwork", order=40)
def submissions_touched(change: Change) -> list[Effect]:
    """The household's visits, submissions, contradictions and reports, and those that wait."""
    rows = Report.objects.filter(household=change.household)
    counts = {
        "visits": Visit.objects.filter(household=change.household).count(),
        "submissions": Submission.objects.filter(household=change.household).count(),
        "contradictions": Conflict.objects.filter(household=change.household, chosen="").count(),
        "reports": rows.count(),
        "reports that wait": rows.waiting().count(),
    }
    return [Effect("fieldwork", what, count) for what, count in counts.items() if count]


@references_of.provider("fieldwork", order=40)
def contradictions_about(person: int) -> list[Reference]:
    """Values about a person that contradict each other."""
    count = Conflict.objects.filter(person=person).count()
    return [Reference("fieldwork", "fieldwork_conflict", count)] if count else []


@county_restored.provider("fieldwork")
def nothing_is_told_twice(actor: Actor) -> None:
    """What waited in a backup is not sent from the county that came back, and no question of then is answered."""
    end_after_restore(actor)
