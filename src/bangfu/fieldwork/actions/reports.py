"""What posts do with reports: match them to a household, make them cases, dismiss them, tell the one who reported, and look at what is masked."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from bangfu.accounts.acts import REASONS, SHORTEST_REASON
from bangfu.accounts.audit import done_since, note
from bangfu.cases.actions.opening import NewCase, open_cases
from bangfu.cases.models import Case
from bangfu.fieldwork import acts
from bangfu.fieldwork.models import Report, ReportFile, ReportMessage
from bangfu.fieldwork.models.reports import (
    CASE,
    DISMISSALS,
    DISMISSED,
    HOTLINE,
    MATCHED,
    REPORT_PHONE,
    REPORT_STATES,
    REPORT_WORDS,
    WAITING,
)
from bangfu.fieldwork.problems_reports import (
    BAD_REPORT,
    NO_PHONE,
    NOT_ITS_FILE,
    REASON_FOR_PHONE,
    REPORT_STATE,
    TOO_MANY_PHONES,
    UNKNOWN_REPORT,
)
from bangfu.fieldwork.reporter import phone_on_file
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.files import read
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.say import Text, quoted, why_no_text
from bangfu.foundation.secrecy import decrypt, encrypt_many
from bangfu.register.acts import REVEAL
from bangfu.register.models import Household
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.register.revealing import HOUR, MOST_REVEALS

WORK = "bangfu.fieldwork.reports"
READS = "case.note"  # who works at cases reads what people told; who only reads cases does not
LONGEST_TOLD, LONGEST_WORDS = 140, 2000
WORDS, REASON = Text("说明", "words"), Text("原因", "reason")
BY_VOICE = Text("录音申报，请听申报 {r} 的录音。", "Told by voice: listen to the recording of the report {r}.")
DOING = {
    "match": Text("对应到户", "matched to a household"),
    "case": Text("立项", "made a case"),
    "dismiss": Text("作不立项处理", "dismissed"),
}


def reads_words(actor: Actor) -> bool:
    """Whether a role sees what people told and their voices: those who work at cases, not those who only read them."""
    return actor.may(READS)


def the_report(actor: Actor, receipt: str) -> Report:
    """A report that the actor sees. Raises BF-2673."""
    found: Report | None = Report.objects.visible_to(actor).select_related("household", "case").filter(receipt=receipt).first()
    if found is None:
        raise UNKNOWN_REPORT(report=receipt[:20])
    return found


def _held(actor: Actor, receipt: str, doing: str, states: Sequence[str] = WAITING) -> Report:
    """A report that is held until the transaction ends, in a state in which something may be done. Raises BF-2673, BF-2674."""
    found: Report | None = Report.objects.visible_to(actor).filter(receipt=receipt).select_for_update(of=("self",)).first()
    if found is None:
        raise UNKNOWN_REPORT(report=receipt[:20])
    if found.state not in states:
        raise REPORT_STATE(report=found.receipt, state=REPORT_STATES[found.state], doing=DOING[doing])
    return found


def match(actor: Actor, receipt: str, number: str) -> Report:
    """Say which household a report is about; it then lies at the household's place. Until it is a case another may be named.

    Raises BF-2673, BF-2674, BF-1222 for a household that the actor does not see, BF-1001 without `case.open`.
    """
    actor.require("case.open")
    with acting(actor):
        report = _held(actor, receipt, "match")
        home = Household.objects.visible_to(actor).farming().filter(number=number.strip()).first()
        if home is None:
            raise UNKNOWN_HOUSEHOLD(household=number.strip()[:40])
        put_at(report, home)
        note(actor, acts.REPORT_MATCH, subject=report.receipt, path=report.path)
    return report


def put_at(report: Report, home: Household) -> None:
    """Let a report be that of a household."""
    report.household, report.path, report.state = home, home.path, MATCHED
    report.save(update_fields=["household", "path", "state"])
    ReportFile.objects.filter(report=report).update(path=home.path)
    ReportMessage.objects.filter(report=report).update(path=home.path)


def make_case(actor: Actor, receipt: str, kind: str, *, severity: str = "ordinary", words: str = "", subject: str = "") -> Case:
    """Make a report a case: of its household, or of its place where it was matched to none. `words` stand in for those that were told.

    Raises BF-2673, BF-2674, what `open_cases` raises (BF-2404 where the same thing stands open), BF-1001 without `case.open`.
    """
    actor.require("case.open")
    with acting(actor):
        report = _held(actor, receipt, "case")
        case = as_case(actor, report, kind, severity=severity, words=words, subject=subject)
        note(actor, acts.REPORT_CASE, subject=report.receipt, path=report.path)
    return case


def as_case(actor: Actor, report: Report, kind: str, *, severity: str = "ordinary", words: str = "", subject: str = "") -> Case:
    """Open the case of a report that is held, and let the report say so."""
    said = words.strip() or decrypt(report.words, REPORT_WORDS) or BY_VOICE.format(r=report.receipt).in_language(report.language)
    row = NewCase(
        kind, said, report.household.number if report.household else "", "" if report.household else report.path, severity,
        "hotline" if report.channel == HOTLINE else "self_report", report.receipt, subject,
    )  # fmt: skip
    case = open_cases(actor, row)[0]
    report.state, report.case, report.kind = CASE, case, kind
    report.settled_on, report.settled_by = clock.today(), actor.name[:60]
    report.save(update_fields=["state", "case", "kind", "settled_on", "settled_by"])
    return case


def dismiss(actor: Actor, receipt: str, reason: str, words: str) -> Report:
    """Say why a report does not become a case: a reason that the one who reported reads, and words that stay within.

    Raises BF-2673, BF-2674, BF-2661 for no reason of the list or no words, BF-1001 without `case.open`.
    """
    actor.require("case.open")
    if reason not in DISMISSALS:
        raise BAD_REPORT(column=REASON, value=reason[:12] or "–", wanted=Text("请从列表选择", "choose one of the list"))
    if (why := why_no_text(words.strip(), LONGEST_WORDS)) is not None:
        raise BAD_REPORT(column=WORDS, value=quoted(words), wanted=why)
    with acting(actor):
        report = _held(actor, receipt, "dismiss")
        report.state, report.reason, report.reason_words = DISMISSED, reason, encrypt_many([words.strip()], REPORT_WORDS)[0]
        report.settled_on, report.settled_by = clock.today(), actor.name[:60]
        report.save(update_fields=["state", "reason", "reason_words", "settled_on", "settled_by"])
        note(actor, acts.REPORT_DISMISS, subject=report.receipt, path=report.path, detail={"reason": reason})
    return report


def tell(actor: Actor, receipt: str, words: str) -> ReportMessage:
    """Tell the one who reported by text message, on the phone on file; the worker sends it, not in quiet hours.

    Raises BF-2673, BF-2677 where there is no number, BF-2661 for words that will not do, BF-1001 without `case.open`.
    """
    actor.require("case.open")
    if (why := why_no_text(words.strip(), LONGEST_TOLD)) is not None:
        raise BAD_REPORT(column=WORDS, value=quoted(words), wanted=why)
    with acting(actor):
        report = the_report(actor, receipt)
        if not phone_on_file(report):
            raise NO_PHONE(report=report.receipt)
        sealed = encrypt_many([words.strip()], REPORT_WORDS)[0]
        made = ReportMessage.objects.create(
            path=report.path, report=report, words=sealed, day=clock.today(), actor=actor.name[:60]
        )
        note(actor, acts.REPORT_TELL, subject=report.receipt, path=report.path)
        defer_once(WORK)
    return made


def reveal_phone(actor: Actor, receipt: str, *, reason: str, words: str) -> str:
    """The whole telephone number of who reported; who saw it and why goes into the audit, and it counts among the reveals of the hour.

    Raises BF-2673, BF-2677, BF-2679 without a reason, BF-2680 after too many, BF-1001 without `person.reveal`.
    """
    actor.require("person.reveal")
    with acting(actor):
        report = the_report(actor, receipt)
        number = decrypt(report.phone, REPORT_PHONE)
        if not number:
            raise NO_PHONE(report=report.receipt)
        if reason not in REASONS or len(words.strip()) < SHORTEST_REASON:
            raise REASON_FOR_PHONE(least=SHORTEST_REASON)
        if actor.user_id is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 12))", [f"{REVEAL.key} {actor.user_id}"])
            if done_since(actor.user_id, REVEAL, clock.machine_now() - HOUR) >= MOST_REVEALS:
                raise TOO_MANY_PHONES(most=MOST_REVEALS)
        note(
            actor,
            REVEAL,
            subject=report.receipt,
            path=report.path,
            reason=words.strip(),
            detail={"field": "phone", "reason": reason},
        )
    return number


def open_file(actor: Actor, receipt: str, file: str) -> tuple[str, bytes]:
    """A voice or photograph of a report: what it is, and its content; who opened it goes into the audit. Raises BF-2673, BF-2675, BF-1001 for a role
    that does not see what people told (`reads_words`)."""
    actor.require(READS)
    with acting(actor):
        report = the_report(actor, receipt)
        found = ReportFile.objects.filter(report=report, file=file).first()
        if found is None:
            raise NOT_ITS_FILE(report=report.receipt)
        note(actor, acts.REPORT_FILE, subject=report.receipt, path=report.path)
    return found.kind, read(found.file)
