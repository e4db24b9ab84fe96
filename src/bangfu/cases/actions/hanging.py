"""What stands on a notice and what does not any more: lines that were withdrawn, the office that takes objections, what may be printed of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Any

from bangfu.cases.actions.writing import sealed, text
from bangfu.cases.models import Decision, Notice, Noticed, Objection
from bangfu.cases.problems import BAD_ROW
from bangfu.foundation import clock
from bangfu.foundation.hiding import LONG_RUN, hide
from bangfu.foundation.say import Text

OFFICE, TELEPHONE = Text("受理单位", "office"), Text("电话", "telephone")
LONGEST_OFFICE = 40
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")
WITH_EXTENSION = re.compile(r"0\d{2,3}[ -]?\d{7,8}[ -]\d{1,5}")
LONGEST_PHONE = 14  # digits, with the code of the country; identity and account numbers have 15 to 19
A_PHONE = Text(
    "须是办公电话，如 0851-12345678，不能是证件号码或账号",
    "a telephone such as 0851-12345678, never an identity or account number",
)
AN_OFFICE = Text(
    f"须是 {LONGEST_OFFICE} 字以内的单位名称，不含长号码和尖括号",
    f"the name of an office of {LONGEST_OFFICE} characters at most, without long numbers or angle brackets",
)


def telephone_of(typed: str) -> str:
    """The office's telephone as it is printed, blank where none was typed. Raises BF-2402."""
    number = " ".join(unicodedata.normalize("NFKC", typed).replace("–", "-").replace("—", "-").split())
    if number and not is_telephone(number):
        raise BAD_ROW(column=TELEPHONE, value=hide(number[:40]), wanted=A_PHONE)
    return number


def is_telephone(number: str) -> bool:
    """Whether a text can be the telephone of an office, and neither an identity number nor an account."""
    digits = sum(c.isdecimal() for c in number)
    return PHONE.fullmatch(number) is not None and (digits <= LONGEST_PHONE or WITH_EXTENSION.fullmatch(number) is not None)


def office_of(typed: str) -> str:
    """The office as it is printed: a short text without anybody's number. Raises BF-2402."""
    said = text(typed, OFFICE, 80)
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", said))
    if len(said) > LONGEST_OFFICE or LONG_RUN.search(plain) or re.search(r"[<>\x00-\x1f]", said):
        raise BAD_ROW(column=OFFICE, value=hide(said[:40]), wanted=AN_OFFICE)
    return said


def desk_of(notice: Notice) -> tuple[str, str]:
    """Office and telephone of a notice as pages and paper show them: whatever was typed before it was looked at, no number of anybody."""
    return hide(notice.office), notice.telephone if is_telephone(notice.telephone) else ""


def standing_lines(notice: Notice) -> list[dict[str, Any]]:
    """The lines of a notice that were not withdrawn; all of them where none is left, which is then no notice any more."""
    gone = set(Noticed.objects.filter(notice=notice, withdrawn_on__isnull=False).values_list("decision", flat=True))
    return [line for line in notice.lines if line["decision"] not in gone] or list(notice.lines)


def open_objections(notice: Notice) -> int:
    """How many objections to what still stands on a notice nobody has answered."""
    standing = Noticed.objects.filter(notice=notice, withdrawn_on=None).values("decision")
    return Objection.objects.filter(notice=notice, answered_on=None, decision__in=standing).count()


def take_off(decision: Decision, why: str, steps: Collection[str] = ()) -> None:
    """Withdraw a decision from the notices on which it hangs, at some steps or at all, with the reason; a notice on which nothing waits is taken down."""
    hanging = Noticed.objects.filter(decision=decision, withdrawn_on=None, notice__closed_on=None).select_related("notice")
    for line in hanging:
        if steps and line.notice.step not in steps:
            continue
        line.withdrawn_on, line.withdrawn_why = clock.today(), sealed([why])[0]
        line.save(update_fields=["withdrawn_on", "withdrawn_why"])
        take_down(line.notice)


def take_down(notice: Notice) -> None:
    """Take a notice down once none of the decisions that stand on it waits for its end."""
    standing = Noticed.objects.filter(notice=notice, withdrawn_on=None).values("decision")
    waiting = Decision.objects.running().filter(pk__in=standing).only("steps", "place", "state")
    if not any(d.present is not None and d.present["step"] == notice.step for d in waiting):
        notice.closed_on = clock.today()
        notice.save(update_fields=["closed_on"])
