"""What somebody does who is not logged in: file a report, ask where one stands. The only writes of the product without an actor.

Nobody acts here, so no action of this module takes an actor: each acts as `NOBODY`, which is the web role without any scope, also where somebody who reads the page is
logged in. NOBODY reads no table of reports and no register; what it may do are the functions of `sql/0003_reports.sql`. A report is sealed before it is handed over.
What needs to read (matching, codes) is the worker's (`actions.report_work`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from bangfu.areas.profile import profile_of
from bangfu.cases.policy import kinds_on
from bangfu.fieldwork.models.reports import BEHALF, REPORT_CODE, REPORT_PHONE, REPORT_WORDS, SELF
from bangfu.fieldwork.pictures import cleaned
from bangfu.fieldwork.problems_reports import (
    BAD_RECEIPT,
    BAD_REPORT,
    NO_SUCH_VILLAGE,
    TOO_MANY_ASKS,
    TOO_MANY_FROM_HERE,
    TOO_MANY_OF_A_PHONE,
    TOO_MANY_OF_A_VILLAGE,
)
from bangfu.fieldwork.receipts import new_receipt, read_receipt
from bangfu.fieldwork.report_settings import limit, or_hotline
from bangfu.fieldwork.reported_files import Handed, require_good
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.files import keep
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.problems import ProblemKind
from bangfu.foundation.say import Text, language, quoted, why_no_text
from bangfu.foundation.secrecy import encrypt_many, keyed_hash
from bangfu.messages.channels import known
from bangfu.register.fields import fields
from bangfu.register.importing.parsing import Unreadable, parse_phone

NOBODY = Actor(None, "report", "", "")
WORK = "bangfu.fieldwork.reports"
LONGEST_WORDS, LONGEST_NAME, LONGEST_HOUSEHOLD = 2000, 60, 60
CODE_MINUTES, CODE_TRIES, CODE_DIGITS = 10, 5, 6
WORDS, NAME, PHONE = Text("什么困难", "What is wrong"), Text("姓名", "Name"), Text("电话", "Telephone")
HOUSEHOLD, TELLER, KIND = Text("户编号或户主", "Household"), Text("谁来申报", "Who reports"), Text("困难类别", "Kind")
FORM, CODE = Text("表单", "form"), Text("验证码", "Code")
SAID = Text("请写下困难，或录音说明", "write it down, or tell it by voice")
REFUSALS: Mapping[str, tuple[str, ProblemKind]] = {
    "address": ("hourly_of_an_address", TOO_MANY_FROM_HERE),
    "phone": ("daily_of_a_phone", TOO_MANY_OF_A_PHONE),
    "village": ("hourly_of_a_village", TOO_MANY_OF_A_VILLAGE),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place that somebody can report for: its path, level, names, and what its address is made of (its code of the day)."""

    path: str
    level: str
    zh: str
    en: str
    key: str

    @property
    def title(self) -> Text:
        """Its name."""
        return Text(self.zh, self.en or self.zh)


def places() -> list[Place]:
    """The townships and villages of the county that exist today, in the order of the tree."""
    county = the_county()
    profile = profile_of(county.path)
    levels = [profile.plays.township, profile.plays.village]
    with acting(NOBODY), connection.cursor() as cursor:
        cursor.execute(
            "SELECT path, level, name, name_en, code FROM report_places(%s, %s, %s)", [county.path, levels, profile.code.key]
        )
        return [Place(p, level, zh, en, code or p.rstrip("/").replace("/", "-")) for p, level, zh, en, code in cursor.fetchall()]


def village_of(key: str) -> tuple[Place, Place | None]:
    """The village of an address, and its township. Raises BF-2662 where there is none."""
    listed = places()
    level = profile_of(the_county().path).plays.village
    found = next((p for p in listed if p.key == key and p.level == level), None)
    if found is None:
        raise NO_SUCH_VILLAGE()
    above = [p for p in listed if p.level != level and found.path.startswith(p.path)]
    return found, above[-1] if above else None


def needs() -> dict[str, Text]:
    """The kinds of need of the pack in force: those that people tell of, not those that verdicts open."""
    with acting(NOBODY):
        kinds = kinds_on()
    return {name: work.rule.title for name, work in kinds.work.items() if not work.rule.guarantee}


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report as it was filled in: the path of the village, who tells (`self`, `behalf`), words, name, telephone, household as it was given, kind or blank."""

    village: str
    teller: str
    words: str = ""
    name: str = ""
    phone: str = ""
    household: str = ""
    kind: str = ""
    files: Sequence[Handed] = ()


def file_report(told: NewReport, *, token: uuid.UUID, address: str | None = None) -> str:
    """File a report and give its receipt number; the same form (`token`) sent again gives the same one. With other words it is another report: what somebody adds is not lost.

    `address` is where the request came from, for the limit. Raises BF-2661 for what was filled in wrong, BF-2663 for a file, BF-2662 for a place that there is not,
    BF-2665, BF-2666, BF-2667 where too many have come from an address, of a telephone number, for a village.
    """
    phone = _require_good(told)
    require_good(told.files)
    token = _of_content(told, phone, token)
    most = [limit(key) for key, _ in REFUSALS.values()]
    source = source_of(address)
    number = keyed_hash(phone, "phone") if phone else None
    with acting(NOBODY), connection.cursor() as cursor:
        cursor.execute(
            "SELECT report_given(%s), report_refusal(%s, %s, %s, %s, %s, %s)", [token, told.village, source, number, *most]
        )
        given, refused = cursor.fetchone()
        if given is not None:
            return str(given)
        _refuse(refused)
        # What a camera has written into a photograph (place, device) is not kept.
        files = [
            {"kind": f.kind, "file": keep(one), "size": len(one)} for f in told.files for one in [cleaned(f.content).content]
        ]
        cursor.execute(
            "SELECT receipt, refused FROM report_file(%s, %s, %s, %s, %s)",
            [json.dumps(_sealed(told, phone, number, source, token)), json.dumps(files), *most],
        )
        receipt, refused = cursor.fetchone()
        _refuse(refused)
        defer_once(WORK)
        return str(receipt)


def _of_content(told: NewReport, phone: str, token: uuid.UUID) -> uuid.UUID:
    """What a report is known again by: the form that it was written on, and what was written."""
    said = [told.village, told.teller, told.words.strip(), told.name.strip(), phone, told.household.strip(), told.kind]
    said += [hashlib.sha256(f.content).hexdigest() for f in told.files]
    return uuid.uuid5(token, keyed_hash("\x1f".join(said), "report.content").hex())


def _require_good(told: NewReport) -> str:
    """Hold what was filled in to what can be; gives the telephone number in digits, blank where none was given. Raises BF-2661."""
    for value, title, longest in (
        (told.words, WORDS, LONGEST_WORDS),
        (told.name, NAME, LONGEST_NAME),
        (told.household, HOUSEHOLD, LONGEST_HOUSEHOLD),
    ):
        if (why := why_no_text(value.strip(), longest, blank=True)) is not None:
            raise BAD_REPORT(column=title, value=quoted(value), wanted=why)
    if not told.words.strip() and not any(f.kind == "voice" for f in told.files):
        raise BAD_REPORT(column=WORDS, value="–", wanted=SAID)
    if told.teller not in (SELF, BEHALF):
        raise BAD_REPORT(
            column=TELLER, value=told.teller[:10] or "–", wanted=Text("请选择本户或代人申报", "choose one of the two")
        )
    if told.kind and told.kind not in needs():
        raise BAD_REPORT(
            column=KIND, value=told.kind[:24], wanted=Text("请从列表选择，或不选", "choose one of the list, or none")
        )
    return phone_of(told.phone) if told.phone.strip() else ""


def phone_of(said: str) -> str:
    """A telephone number in digits. Raises BF-2661, which does not repeat it."""
    try:
        return parse_phone(said.strip(), fields()["phone"])
    except Unreadable:
        raise BAD_REPORT(column=PHONE, value="…", wanted=Text("7 到 15 位数字", "seven to fifteen digits")) from None


def _sealed(told: NewReport, phone: str, number: bytes | None, source: bytes | None, token: uuid.UUID) -> dict[str, Any]:
    words, name, household = encrypt_many(
        [told.words.strip() or None, told.name.strip() or None, told.household.strip() or None], REPORT_WORDS
    )
    sealed_phone = encrypt_many([phone or None], REPORT_PHONE)[0]
    raw = {
        "words": words,
        "name": name,
        "said_household": household,
        "phone": sealed_phone,
        "phone_hash": number,
        "source": source,
    }
    return {key: base64.b64encode(value).decode() if value is not None else None for key, value in raw.items()} | {
        "path": told.village, "receipt": new_receipt(), "teller": told.teller, "kind": told.kind, "days": limit("answer_days"),
        "language": language(), "token": str(token),
    }  # fmt: skip


def _refuse(why: str | None) -> None:
    if why == "place":
        raise NO_SUCH_VILLAGE()
    if why is not None:
        key, kind = REFUSALS[why]
        raise kind(most=limit(key), instead=or_hotline())


def source_of(address: str | None) -> bytes | None:
    """What the limits count an address by: a keyed hash of it and the day, so that nobody can be followed from one day to the next."""
    return keyed_hash(f"{clock.machine_now().date()} {address}", "report.source") if address else None


# --- where it stands


def can_text() -> bool:
    """Whether codes can be sent: the county has a channel to telephones at work."""
    kinds = [key for key, kind in known().items() if kind.reaches == "phone"]
    with acting(NOBODY), connection.cursor() as cursor:
        cursor.execute("SELECT report_can_text(%s, %s)", [the_county().path, kinds])
        return bool(cursor.fetchone()[0])


def ask_where(said: str, *, address: str | None = None) -> uuid.UUID:
    """Ask where a report stands: the phone on file is sent a code by the worker. Gives a ticket, the same way whether there is such a receipt or not.

    Raises BF-2670 for what is no receipt number (its check character tells, nothing is looked up), BF-2669 where an address has asked too often.
    """
    receipt = read_receipt(said)
    if receipt is None:
        raise BAD_RECEIPT()
    ticket, most = uuid.uuid4(), limit("asks_of_an_address")
    with acting(NOBODY), connection.cursor() as cursor:
        cursor.execute("SELECT report_ask(%s, %s, %s, %s)", [receipt, source_of(address), ticket, most])
        if not cursor.fetchone()[0]:
            raise TOO_MANY_ASKS(most=most, instead=or_hotline())
        defer_once(WORK)
    return ticket


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a report stands: its state with days, and that of its case. No names, no words, nothing of the household."""

    state: str
    reason: str
    day: date
    answer_by: date
    settled_on: date | None
    case_state: str | None
    case_due: date | None
    case_closed_on: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a code was answered with: `right` with the standing, `wrong` with the attempts that are left, `over`."""

    said: str
    left: int = 0
    standing: Standing | None = None


def where_it_stands(ticket: uuid.UUID, code: str) -> Answer:
    """Answer a question by the code that the phone on file was sent. A code serves once, for ten minutes; after five wrong ones the question is over."""
    with acting(NOBODY), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM report_where(%s, %s, %s, %s)", [ticket, code_hash(ticket, code), CODE_TRIES, CODE_MINUTES])
        said, left, *rest = cursor.fetchone()
    return Answer(said, left, Standing(*rest) if said == "right" else None)


def code_hash(ticket: uuid.UUID, code: str) -> bytes:
    """What is kept of a code: a keyed hash that is of its question alone."""
    return keyed_hash(f"{ticket} {code.strip()}", REPORT_CODE)
