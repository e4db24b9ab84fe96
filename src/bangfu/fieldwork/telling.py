"""What a submission tells: its answers by fact, in the register's internal form. Pure: it is given the form and the fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bangfu.fieldwork.facts import HOUSEHOLD, INCOME_DAYS, NEED, PERSON, PLACE
from bangfu.fieldwork.instance import Answers, at
from bangfu.fieldwork.xform import Question, XForm
from bangfu.foundation import clock
from bangfu.foundation.say import Text
from bangfu.register.fields import Field

FEN = 100
# Chosen once for a series of visits: they say nothing of how the questions were answered.
UNSTEADY = ("visit.mode", "visit.leader", "visit.away", "visit.source", "visit.judgement")
TRUE, FALSE = ("yes", "true", "1"), ("no", "false", "0")


class Unreadable(ValueError):
    """An answer that is no value of its fact; names the question, what was answered and what would do."""

    def __init__(self, question: Question, answer: str, expected: Text) -> None:
        super().__init__(f"{question.path}: {answer}")
        self.question, self.answer, self.expected = question, answer, expected


@dataclass
class Member:
    """What is told of a member: by the key that the list gave, blank for somebody new; facts by field."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Need:
    """A need: its kind, how severe, in words."""

    kind: str = ""
    severity: str = ""
    words: str = ""


@dataclass
class Told:
    """What a submission tells. `facts` are of the household; `visit` parts of the visit in their form (days as days, yes and no as bools); `income` lines
    in fen; `answered` how many questions have an answer."""

    household: str = ""
    place: str = ""
    visit: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    income: dict[str, int] = field(default_factory=dict)
    income_days: dict[str, date] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    answered: int = 0
    chosen: list[str] = field(default_factory=list)  # the answers that were chosen from lists, in the order of the questions

    @property
    def began(self) -> datetime | None:
        """When the visit began, where the form says so."""
        return self.visit.get("began")

    @property
    def minutes(self) -> int | None:
        """How many minutes it took, rounded up; None where the form does not say, or ends before it begins."""
        ended = self.visit.get("ended")
        if self.began is None or ended is None or ended < self.began:
            return None
        return min(32_000, max(1, -(-int((ended - self.began).total_seconds()) // 60)))


def told_by(form: XForm, answers: Answers, fields: Mapping[str, Field]) -> Told:
    """Read what the answers tell. Raises Unreadable for the first that is no value of its fact."""
    told = Told()
    for question in form.questions:
        values = [v for v in at(answers, question.path, form.root) if isinstance(v, str) and v]
        if question.control and question.control != "trigger":
            told.answered += len(values)
        if question.asks and question.choices and question.fact not in UNSTEADY:
            told.chosen += [f"{question.path}={value}" for value in values]
        if question.type == "binary":
            told.files += values
        if not question.fact or question.repeat or not values:
            continue
        _one(told, question, values[0], fields)
    for path, of in form.repeats.items():
        inside = [q for q in form.questions if q.repeat == path and q.fact]
        for answer in at(answers, path, form.root):
            if not isinstance(answer, dict):
                continue
            given = {q.fact: (q, v) for q in inside if (v := _within(answer, q, path))}
            if of == PERSON and given:
                told.members.append(_member(given, fields))
            elif of == NEED and given:
                words = {fact.removeprefix("need."): v for fact, (_, v) in given.items()}
                told.needs.append(Need(words.get("kind", ""), words.get("severity", ""), words.get("words", "")))
    return told


def _within(answer: Answers, question: Question, path: str) -> str:
    found = at(answer, f"/r{question.path[len(path) :]}", "/r")
    return next((v for v in found if isinstance(v, str) and v), "")


def _one(told: Told, question: Question, value: str, fields: Mapping[str, Field]) -> None:
    fact = question.fact
    if fact == HOUSEHOLD:
        told.household = value
    elif fact == PLACE:
        told.place = value
    elif fact.startswith("visit."):
        told.visit[fact.removeprefix("visit.")] = _visit(question, value)
    elif fact in INCOME_DAYS:
        told.income_days[fact.removeprefix("income.")] = _day(question, value)
    elif fact.startswith("income."):
        told.income[fact.removeprefix("income.")] = _fen(question, value)
    elif fact in fields:
        told.facts[fact] = value_of(fields[fact], question, value)


def _member(given: Mapping[str, tuple[Question, str]], fields: Mapping[str, Field]) -> Member:
    member = Member(given[PERSON][1] if PERSON in given else "")
    for fact, (question, value) in given.items():
        if fact in fields:
            member.facts[fact] = value_of(fields[fact], question, value)
    return member


def _visit(question: Question, value: str) -> Any:
    part = question.fact.removeprefix("visit.")
    if part in ("day", "contact"):
        return _day(question, value)
    if part in ("began", "ended"):
        return _moment(question, value)
    if part in ("leader", "away", "exit_known"):
        return _yes(question, value)
    if part == "people":
        return _whole(question, value)
    if part == "position":
        return _position(question, value)
    if part == "base":
        return int(value) if re.fullmatch(r"\d{1,18}", value) else None
    return value


def value_of(known: Field, question: Question, value: str) -> Any:
    """An answer in the internal form of its field. Raises Unreadable."""
    match known.type:
        case "boolean":
            return _yes(question, value)
        case "integer":
            return _whole(question, value)
        case "year":
            return _whole(question, value[:4])
        case "money":
            return _fen(question, value)
        case "decimal":
            return _number(question, value)
        case "date" | "month":
            return _day(question, value)
        case "codes":
            return value.split()
    return value.strip()


def _yes(question: Question, value: str) -> bool:
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise Unreadable(question, value, Text("是或否", "yes or no"))


def _number(question: Question, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as wrong:
        raise Unreadable(question, value, Text("数", "a number")) from wrong
    if not number.is_finite() or abs(number) > 10**12:
        raise Unreadable(question, value, Text("数", "a number"))
    return number


def _whole(question: Question, value: str) -> int:
    number = _number(question, value)
    if number != int(number):
        raise Unreadable(question, value, Text("整数", "a whole number"))
    return int(number)


def _fen(question: Question, value: str) -> int:
    number = _number(question, value) * FEN
    if number != int(number):
        raise Unreadable(question, value, Text("至多两位小数的元数", "yuan with two decimals at most"))
    return int(number)


def _day(question: Question, value: str) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError as wrong:
        raise Unreadable(question, value, Text("日期", "a date")) from wrong


def _moment(question: Question, value: str) -> datetime:
    """A moment as phones write it, with its zone. One without is of the zone of the county."""
    try:
        told = datetime.fromisoformat(value)
    except ValueError as wrong:
        raise Unreadable(question, value, Text("日期和时刻", "a day and a time")) from wrong
    return told if told.tzinfo is not None else told.replace(tzinfo=clock.zone())


def _position(question: Question, value: str) -> tuple[float, float]:
    try:
        latitude, longitude = (float(p) for p in value.split()[:2])
    except ValueError as wrong:
        raise Unreadable(question, value, Text("位置", "a position")) from wrong
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Unreadable(question, value, Text("位置", "a position"))
    return latitude, longitude
