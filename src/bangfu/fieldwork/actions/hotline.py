"""The hotline's log comes in: read, held against areas and households, looked at before, taken whole or not at all, and each call once whatever file it comes in."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bangfu.accounts.audit import note
from bangfu.cases.actions.writing import one_at_a_time
from bangfu.cases.policy import kinds_on
from bangfu.fieldwork import acts
from bangfu.fieldwork.actions.reporting import WORK
from bangfu.fieldwork.addresses import Villages
from bangfu.fieldwork.hotline import Call, Log, columns, read_log
from bangfu.fieldwork.models import Report
from bangfu.fieldwork.models.reports import HOTLINE, NEW, REPORT_PHONE, REPORT_WORDS
from bangfu.fieldwork.problems_reports import BAD_LOG, LOG_GONE
from bangfu.fieldwork.receipts import new_receipt
from bangfu.fieldwork.report_settings import limit
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.home import home
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, language, quoted
from bangfu.foundation.secrecy import decrypt_bytes, encrypt_bytes, encrypt_many, keyed_hash
from bangfu.register.models import Household

PERMISSION = "register.import"
ONE_LOG = 2662  # advisory lock: of two imports of one log the second finds what the first has taken
PURPOSE = "report.log"
SHOWN = 20  # rows that are shown before a log is taken
KEPT = timedelta(hours=12)  # for which a file that was looked at waits
NO_PLACE = Text(
    "写明乡镇和村（如 郑场镇凤凰村），或填本辖区的户编号",
    "name township and village, or give the number of a household of your area",
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A call with the path of its village (or its household) and whether it came in an earlier log."""

    call: Call
    path: str
    known: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """What a log would bring: its calls with their places, what is wrong with it, headings that nobody knows."""

    placed: Sequence[Placed]
    problems: Sequence[Problem]
    unknown: Sequence[str]

    @property
    def new(self) -> list[Placed]:
        """The calls that are not there yet."""
        return [p for p in self.placed if not p.known]


def look(actor: Actor, path: Path) -> Looked:
    """What a log would bring; nothing is kept by it. Raises BF-2683, what `open_sheets` raises, and BF-1001 without `register.import`."""
    actor.require(PERMISSION)
    with acting(actor):
        log = read_log(path, clock.today(), kinds())
        return _placed(actor, log)


def import_log(actor: Actor, path: Path) -> Looked:
    """Take a log in: all of its new calls, or none where anything is wrong with it (the first problem is raised). The same call never comes twice.

    Raises BF-2681 and BF-2682 for what is wrong, BF-2683, what `open_sheets` raises, BF-1001 without `register.import`.
    """
    actor.require(PERMISSION)
    with acting(actor):
        one_at_a_time(ONE_LOG)
        looked = look(actor, path)
        if looked.problems:
            raise looked.problems[0]
        new = looked.new
        days = timedelta(limit("answer_days"))
        words, names, households, addresses = (
            encrypt_many([getattr(p.call, name) or None for p in new], REPORT_WORDS)
            for name in ("words", "name", "household", "area")
        )
        phones = encrypt_many([p.call.phone or None for p in new], REPORT_PHONE)
        now = clock.machine_now()
        Report.objects.bulk_create(
            [
                Report(
                    path=p.path, receipt=new_receipt(), channel=HOTLINE, words=words[n], name=names[n], phone=phones[n],
                    phone_hash=keyed_hash(p.call.phone, "phone") if p.call.phone else None, said_household=households[n],
                    said_address=addresses[n], kind=p.call.kind, state=NEW, day=p.call.day, answer_by=p.call.day + days,
                    language=language(), filed_at=now, digest=_mark(p.call),
                )
                for n, p in enumerate(new)
            ]
        )  # fmt: skip
        note(actor, acts.REPORT_LOG, detail={"rows": len(looked.placed), "new": len(new)})
        defer_once(WORK)
    return looked


def kinds() -> dict[str, Text]:
    """The kinds of need that a call may be of."""
    return {name: work.rule.title for name, work in kinds_on().work.items() if not work.rule.guarantee}


def _mark(call: Call) -> bytes:
    return keyed_hash(call.mark, "report.call")


def _placed(actor: Actor, log: Log) -> Looked:
    """Find the place of each call: its household's, else the village that its address names. What is outside the actor's area is wrong as well."""
    numbers = {household for household in (*(c.household for c in log.calls), *(u[2] for u in log.unsound)) if household}
    homes = dict(Household.objects.visible_to(actor).farming().filter(number__in=numbers).values_list("number", "path"))
    villages = Villages.on(clock.today())
    there = {
        bytes(d)
        for d in Report.objects.filter(digest__in=[_mark(c) for c in log.calls]).values_list("digest", flat=True)
        if d is not None
    }
    placed: list[Placed] = []
    problems = list(log.problems)
    seen: set[bytes] = set()
    for row, area, household in log.unsound:  # all that is wrong with a row is told at once
        path = homes.get(household) or villages.named(area)
        if path is None or not actor.covers(path):
            problems.append(BAD_LOG(row=row, column=columns()["area"].title, value=quoted(area), wanted=NO_PLACE))
    for call in log.calls:
        path = homes.get(call.household) or villages.named(call.area)
        if path is None or not actor.covers(path):
            problems.append(BAD_LOG(row=call.row, column=columns()["area"].title, value=quoted(call.area), wanted=NO_PLACE))
            continue
        mark = _mark(call)
        placed.append(Placed(call, path, mark in there or mark in seen))
        seen.add(mark)
    return Looked(placed, sorted(problems, key=lambda p: p.values.get("row") or 0), log.unknown)


# --- a file that was looked at waits for whoever looked


def _waiting(key: uuid.UUID) -> Path:
    return home().make().imports / f"hotline-{key}.sealed"


def put_by(content: bytes) -> uuid.UUID:
    """Keep a log that was looked at, encrypted, until it is taken or given up; no backup has it. Gives the key by which it is found."""
    key = uuid.uuid4()
    with os.fdopen(os.open(_waiting(key), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(encrypt_bytes(content, PURPOSE))
    return key


def put_aside(key: uuid.UUID) -> bytes:
    """A log that waits; it is there no longer. Raises BF-2684 where it is gone."""
    place = _waiting(key)
    try:
        content = decrypt_bytes(place.read_bytes(), PURPOSE)
    except FileNotFoundError as gone:
        raise LOG_GONE() from gone
    place.unlink(missing_ok=True)
    return content


@contextmanager
def as_file(name: str, content: bytes) -> Iterator[Path]:
    """A content as a file for as long as it is read."""
    with tempfile.TemporaryDirectory(dir=home().make().tmp) as folder:
        path = Path(folder) / (Path(name).name[:60] or "log")
        path.write_bytes(content)
        yield path


def clear_logs() -> int:
    """Take away logs that were looked at hours ago; how many there were."""
    gone = 0
    for place in home().make().imports.glob("hotline-*.sealed"):
        if clock.machine_now().timestamp() - place.stat().st_mtime > KEPT.total_seconds():
            place.unlink(missing_ok=True)
            gone += 1
    return gone


def said_of(looked: Looked) -> Mapping[str, int]:
    """How many calls a log has, how many are new, how many came before, how many problems."""
    return {
        "calls": len(looked.placed),
        "new": len(looked.new),
        "known": len(looked.placed) - len(looked.new),
        "problems": len(looked.problems),
    }
