"""What the worker does about reports: it matches those that fit a household by themselves, sends one-time codes, and sends what posts tell.

It acts as the county itself, with the owner's connection: the pages that people report on can read none of this.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import connection

from bangfu.accounts.audit import note
from bangfu.areas.profile import profile_of
from bangfu.cases.policy import kinds_on
from bangfu.cases.problems import ALREADY_OPEN
from bangfu.fieldwork import acts
from bangfu.fieldwork.actions.reporting import CODE_DIGITS, CODE_MINUTES, code_hash
from bangfu.fieldwork.actions.reports import as_case, put_at
from bangfu.fieldwork.models import Report, ReportCode, ReportMessage
from bangfu.fieldwork.models.reports import FAILED, NEW, QUEUED, REPORT_WORDS, SENT
from bangfu.fieldwork.reporter import phone_on_file, phones_of
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.messages.channels import FAILED as NOT_SENT
from bangfu.messages.channels import Letter
from bangfu.messages.digest import quiet_end
from bangfu.messages.rhythm import county_hours
from bangfu.messages.sending import RESTORED
from bangfu.messages.texting import route_to_phones, text_out
from bangfu.register.fields import fields
from bangfu.register.importing.parsing import parse_number
from bangfu.register.models import Household

CODES_AN_HOUR = 3  # of one report
KEPT = timedelta(days=2)  # for which questions are kept, for the limits
CODE_SUBJECT = Text("帮扶查询验证码", "Bangfu code")
CODE_BODY = Text(
    "您的查询验证码是 {c}，{m} 分钟内有效。不是您本人查询的，请不要告诉任何人。",
    "Your code is {c}, good for {m} minutes. If you did not ask, tell it to nobody.",
)
TOLD_SUBJECT = Text("回执 {r} 的答复", "About your report {r}")


def take_new(actor: Actor) -> int:
    """Look at reports that nobody has looked at: where the household's number is right and the phone is that household's, the report is its own, and a case at once
    where it says of which kind. All others wait for the post. Returns how many became a household's."""
    matched = 0
    with acting(actor):
        _move(actor)
        for report in Report.objects.select_for_update(skip_locked=True).filter(taken=False).order_by("pk"):
            home = _own_household(report) if report.state == NEW else None
            if home is not None:
                put_at(report, home)
                note(actor, acts.REPORT_MATCH, subject=report.receipt, path=report.path)
                _case_at_once(actor, report)
                matched += 1
            report.taken = True
            report.save(update_fields=["taken"])
    return matched


def _own_household(report: Report) -> Household | None:
    said = decrypt(report.said_household, REPORT_WORDS)
    if not said or report.phone_hash is None:
        return None
    number = parse_number(said, fields()["account"])
    home: Household | None = Household.objects.farming().filter(number=number).first()
    return home if home is not None and bytes(report.phone_hash) in phones_of(home) else None


def _case_at_once(actor: Actor, report: Report) -> None:
    """A report that says its kind becomes a case; where the same thing stands open, the post decides whether it is another matter."""
    if not report.kind or report.kind not in kinds_on().work:
        return
    try:
        as_case(actor, report, report.kind)
    except Problem as problem:
        if problem.kind is not ALREADY_OPEN:
            raise
        return
    note(actor, acts.REPORT_CASE, subject=report.receipt, path=report.path)


def _move(actor: Actor) -> None:
    """Reports go where their household has gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fieldwork_report r SET path = h.path FROM register_household h WHERE h.id = r.household_id AND h.path <> r.path "
            "AND r.path >= %s AND r.path < %s || '~'",
            [actor.scope, actor.scope],
        )
        for table in ("fieldwork_reportfile", "fieldwork_reportmessage"):
            cursor.execute(
                f"UPDATE {table} f SET path = r.path FROM fieldwork_report r WHERE r.id = f.report_id AND f.path <> r.path"
            )


def send_codes(actor: Actor) -> int:
    """Send a one-time code for each question that was asked in the last ten minutes, three for a report within an hour; returns how many went out.

    The code is kept as a hash before it is sent. A question about no report, one without a phone on file, and one that no channel can reach are put away without a
    word: the page has said the same to all of them. Questions of days ago are taken away.
    """
    now = clock.machine_now()
    letters: list[tuple[Report, Letter]] = []
    with acting(actor):
        ReportCode.objects.filter(asked_at__lt=now - KEPT).delete()
        waiting = (
            ReportCode.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("report")
            .filter(handled=False)
            .order_by("pk")
        )
        for one in waiting:
            one.handled = True
            report = one.report
            phone = phone_on_file(report) if report is not None and one.asked_at > now - timedelta(minutes=CODE_MINUTES) else ""
            if report is not None and phone and _codes_within_the_hour(report) < CODES_AN_HOUR:
                code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
                one.code_hash = code_hash(one.ticket, code)
                body = CODE_BODY.format(c=code, m=CODE_MINUTES)
                letters.append((report, _letter(str(one.pk), report, CODE_SUBJECT, body, phone)))
            one.save(update_fields=["handled", "code_hash"])
    return sum(_send(actor, report, letter)[0] for report, letter in letters)


def _codes_within_the_hour(report: Report) -> int:
    since = clock.machine_now() - timedelta(hours=1)
    return ReportCode.objects.filter(report=report, asked_at__gt=since, code_hash__isnull=False).count()


def send_told(actor: Actor) -> int:
    """Send what posts tell those who reported, outside the county's quiet hours; returns how many went out. One that fails stays failed: the post sees it and calls."""
    if quiet_end(clock.now(), clock.zone(), county_hours(clock.today())) is not None:
        return 0
    done = 0
    for key in list(ReportMessage.objects.filter(state=QUEUED).order_by("pk").values_list("pk", flat=True)):
        with acting(actor):
            # Marked before it is sent: a worker that dies in between leaves a message that was not sent twice.
            if not ReportMessage.objects.filter(pk=key, state=QUEUED).update(
                state=FAILED, failure=str(Text("发送中断", "cut off while it was sent"))
            ):
                continue
            row = ReportMessage.objects.select_related("report").get(pk=key)
            report = row.report
            phone = phone_on_file(report)
            said = decrypt(row.words, REPORT_WORDS) or ""
        letter = _letter(str(key), report, TOLD_SUBJECT.format(r=report.receipt), Text(said, said), phone)
        sent, failure = _send(actor, report, letter)
        with acting(actor):
            ReportMessage.objects.filter(pk=key).update(state=SENT if sent else FAILED, failure="" if sent else failure[:300])
        done += sent
    return done


def end_after_restore(actor: Actor) -> int:
    """What waited when a backup was made may have been sent since: none of it is sent from the restored county. Returns how many."""
    with acting(actor):
        ReportCode.objects.all().delete()
        return ReportMessage.objects.filter(state=QUEUED).update(state=FAILED, failure=RESTORED)


def _letter(key: str, report: Report, subject: Text, body: Text, phone: str) -> Letter:
    lang = report.language or profile_of(report.path).languages[0]
    return Letter(key, lang, subject.in_language(lang), body.in_language(lang), phone)


def _send(actor: Actor, report: Report, letter: Letter) -> tuple[bool, str]:
    """Whether a letter went out, and why not."""
    with acting(actor):
        route = route_to_phones(report.path)
    if route is None:
        return False, str(Text("没有可用的短信渠道", "no channel to telephones is at work"))
    answer = text_out(actor, route, [letter])[0]
    return answer.state != NOT_SENT, answer.reason
