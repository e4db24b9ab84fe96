"""Completing a pack: one person enters a parameter with the document it stands in, a second one confirms it or sends it back.

The writes are called by `actions`; a confirmed entry puts the job into the queue that judges the county again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from bangfu.accounts.audit import note
from bangfu.foundation import clock, files
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, is_text
from bangfu.rules.schema import Type, internal
from bangfu.screening.acts import POLICY_CONFIRM, POLICY_ENTER, POLICY_RETURN, POLICY_SCAN
from bangfu.screening.comparing import value_shown
from bangfu.screening.models import CONFIRMED, ENTERED, REPLACED, RETURNED, ParameterEntry
from bangfu.screening.pack import Pack, Parameter
from bangfu.screening.pack.model import require_codes
from bangfu.screening.present import entry_of
from bangfu.screening.problems import (
    BAD_ENTRY,
    BAD_SCAN,
    ENTRY_DECIDED,
    ENTRY_INCOMPLETE,
    ENTRY_UNFIT,
    ENTRY_WAITS,
    NEGATIVE_PARAMETER,
    NO_PARAMETER,
    NO_REASON,
    NOT_BY_MACHINE,
    SAME_PERSON,
    UNKNOWN_ENTRY,
)
from bangfu.screening.trying import NEVER_NEGATIVE

JUDGE_COUNTY = "bangfu.screening.county"
LARGEST = 20  # MB of a scan
EARLIEST = date(1949, 10, 1)  # of a document, and of a value: before it a slip of the pen
# How a file begins that may be a scan: its type is told by its content, never by its name.
TYPES = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
VALUE, SINCE = Text("数值", "value"), Text("起始日期", "valid from")
DOCUMENT, DOCUMENT_DATE, SCAN = Text("文号", "document number"), Text("文件日期", "date of the document"), Text("扫描件", "scan")
WANTED = {
    "integer": Text("整数", "a whole number"),
    "decimal": Text("数字", "a number"),
    "money": Text("金额（元），最多两位小数", "an amount in yuan with at most two decimals"),
    "boolean": Text("是或否", "yes or no"),
    "date": Text("日期，如 2020-04-28", "a date such as 2020-04-28"),
    "code": Text("列表中的一项", "one of the list"),
    "codes": Text("列表中的若干项，按顺序", "some of the list, in their order"),
}


def enter_parameter(
    actor: Actor,
    pack: Pack,
    name: str,
    *,
    value: str | Sequence[str],
    since: str | date,
    document: str,
    document_date: str | date,
    scan: UploadedFile[Any] | None,
) -> ParameterEntry:
    """Enter a parameter's value from a day on, as the document says it; it is not used until somebody else confirms it.

    `value` is what a person writes (money in yuan, yes or no, codes in their order). Raises BF-1001 without `policy.enter`, BF-1507 for
    an unknown parameter, BF-1543 to BF-1545 for what was filled in, BF-1547 while another value of that day waits.
    """
    user = _person(actor, "policy.enter")
    parameter = pack.parameters.get(name)
    if parameter is None:
        raise NO_PARAMETER(name=pack.name, parameter=name[:60], known=", ".join(pack.parameters))
    made = parsed(pack, parameter, value)
    begins = _day(since, SINCE, EARLIEST, pack.valid_to)
    number = " ".join(document.split())
    if not number:
        raise ENTRY_INCOMPLETE(field=DOCUMENT)
    if len(number) > 120 or not is_text(number):
        raise BAD_ENTRY(field=DOCUMENT, value=number[:20], wanted=Text("不超过 120 个字", "at most 120 characters"))
    dated = _day(document_date, DOCUMENT_DATE, EARLIEST, clock.today())
    if ParameterEntry.objects.filter(pack=pack.name, parameter=name, since=begins, state=ENTERED).exists():
        raise ENTRY_WAITS(title=parameter.title, since=begins)
    content, kind, called = _scan(scan)
    with transaction.atomic():
        entry = ParameterEntry.objects.create(
            pack=pack.name,
            parameter=name,
            since=begins,
            value=made.isoformat() if isinstance(made, date) else made,
            document=number,
            document_date=dated,
            scan=files.keep(content),
            scan_name=called,
            scan_type=kind,
            entered_by=user,
            entered_name=actor.name[:60],
            entered_at=clock.now(),
        )
        _note(actor, POLICY_ENTER, entry, {"value": value_shown(made, parameter)})
    return entry


def confirm_entry(actor: Actor, key: int, pack: Pack) -> ParameterEntry:
    """Confirm what somebody else entered: it is used from now on, and the county is judged again by a job.

    Raises BF-1001 without `policy.confirm`, BF-1540 where there is no such entry, BF-1541 where it was decided, BF-1542 for one's own,
    BF-1549 where the pack has no such parameter or type any more.
    """
    with transaction.atomic():
        entry = _waiting(actor, key)
        if entry_of(pack, entry) is None:
            raise ENTRY_UNFIT(parameter=entry.parameter)
        ParameterEntry.objects.filter(pack=entry.pack, parameter=entry.parameter, since=entry.since, state=CONFIRMED).update(
            state=REPLACED
        )
        _decide(actor, entry, CONFIRMED)
        _note(actor, POLICY_CONFIRM, entry, {"value": value_shown(entry.value, pack.parameters[entry.parameter])})
        defer_once(JUDGE_COUNTY)
    return entry


def return_entry(actor: Actor, key: int, reason: str) -> ParameterEntry:
    """Send back what somebody else entered, with the reason. Raises as `confirm_entry`, and BF-1546 without a reason."""
    said = " ".join(reason.split())[:300]
    with transaction.atomic():
        entry = _waiting(actor, key)
        if not said or not is_text(said):
            raise NO_REASON()
        _decide(actor, entry, RETURNED, said)
        _note(actor, POLICY_RETURN, entry, {}, reason=said)
    return entry


def open_scan(actor: Actor, key: int) -> tuple[ParameterEntry, bytes]:
    """The scan of an entry's document; that it was opened goes into the audit. Raises BF-1540 where it is not there."""
    actor.require("policy.enter")
    entry = find_entry(key)
    try:
        content = files.read(entry.scan)
    except FileNotFoundError:
        raise UNKNOWN_ENTRY() from None
    with transaction.atomic():
        _note(actor, POLICY_SCAN, entry, {})
    return entry, content


def find_entry(key: int) -> ParameterEntry:
    """An entry. Raises BF-1540 where there is none."""
    entry = ParameterEntry.objects.filter(pk=key).first()
    if entry is None:
        raise UNKNOWN_ENTRY()
    return entry


# --- what a person writes


def parsed(pack: Pack, parameter: Parameter, written: str | Sequence[str]) -> Any:
    """A value as a person writes it, in internal form. Raises BF-1544 where nothing is written, BF-1543 where it is not of the type."""
    kind = parameter.type
    several = [one.strip() for one in ([written] if isinstance(written, str) else written)]
    given = [one for one in several if one]
    if not given:
        raise ENTRY_INCOMPLETE(field=VALUE)
    try:
        made = list(dict.fromkeys(given)) if kind.kind == "codes" else internal(_plain(given[0], kind), kind)
        require_codes(pack.program.schema.codes, made, kind, parameter.place)
    except (ValueError, ArithmeticError, Problem):
        raise BAD_ENTRY(field=parameter.title, value=given[0][:40], wanted=WANTED[kind.kind]) from None
    if kind.kind in NEVER_NEGATIVE and not isinstance(made, list) and made < 0:
        raise NEGATIVE_PARAMETER(parameter=parameter.name, title=parameter.title, value=given[0][:40])
    return made


def _plain(text: str, kind: Type) -> Any:
    text = text.translate(_FULL_WIDTH)
    match kind.kind:
        case "integer":
            return int(text.replace(",", ""))
        case "decimal" | "money":
            if not _WRITTEN_OUT.fullmatch(text):  # 1e4 is nobody's way of writing an amount
                raise ValueError(text)
            try:
                number = Decimal(text.replace(",", ""))
            except InvalidOperation as error:
                raise ValueError(text) from error
            if not number.is_finite() or abs(number) >= 10**12:
                raise ValueError(text)
            return number
        case "boolean":
            return {"yes": True, "no": False}[text] if text in ("yes", "no") else text
    return text


_WRITTEN_OUT = re.compile(r"[-+]?[0-9,]*\.?[0-9]*")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－", "0123456789.,-")


def _day(written: str | date, field: Text, earliest: date, latest: date) -> date:
    wanted = Text(f"{earliest} 至 {latest} 之间的日期", f"a date from {earliest} to {latest}")
    if not written:
        raise ENTRY_INCOMPLETE(field=field)
    try:
        day = written if isinstance(written, date) else date.fromisoformat(written.strip())
    except ValueError:
        raise BAD_ENTRY(field=field, value=str(written)[:20], wanted=wanted) from None
    if not earliest <= day <= latest:
        raise BAD_ENTRY(field=field, value=day, wanted=wanted)
    return day


def _scan(upload: UploadedFile[Any] | None) -> tuple[bytes, str, str]:
    """The content, type and name of a scan."""
    if upload is None or not upload.name:
        raise ENTRY_INCOMPLETE(field=SCAN)
    if (upload.size or 0) > LARGEST * 1_000_000:
        raise BAD_SCAN(why=Text("文件太大", "it is too large"), limit=LARGEST)
    content = upload.read()
    kind = next((kind for start, kind in TYPES.items() if content.startswith(start)), None)
    if kind is None:
        raise BAD_SCAN(why=Text("不是扫描件的格式", "it is no scan"), limit=LARGEST)
    called = Path(str(upload.name)).name
    return content, kind, called[-120:] if is_text(called) else "scan"


# --- who decides


def _person(actor: Actor, permission: str) -> int:
    actor.require(permission)
    if actor.user_id is None:
        raise NOT_BY_MACHINE()
    return actor.user_id


def _waiting(actor: Actor, key: int) -> ParameterEntry:
    """An entry that waits for somebody else's decision, held until the transaction ends."""
    user = _person(actor, "policy.confirm")
    entry = ParameterEntry.objects.select_for_update().filter(pk=key).first()
    if entry is None:
        raise UNKNOWN_ENTRY()
    if entry.state != ENTERED:
        raise ENTRY_DECIDED(state=entry.title)
    if entry.entered_by == user:
        raise SAME_PERSON()
    return entry


def _decide(actor: Actor, entry: ParameterEntry, state: str, reason: str = "") -> None:
    entry.state, entry.decided_by, entry.decided_name = state, actor.user_id, actor.name[:60]
    entry.decided_at, entry.reason = clock.now(), reason
    entry.save(update_fields=["state", "decided_by", "decided_name", "decided_at", "reason"])


def _note(actor: Actor, act: Act, entry: ParameterEntry, more: dict[str, Any], reason: str = "") -> None:
    detail = {"pack": entry.pack, "parameter": entry.parameter, "since": entry.since, "document": entry.document}
    note(actor, act, subject=f"{entry.pack} {entry.parameter}", reason=reason, detail=detail | more)
