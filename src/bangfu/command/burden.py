"""The burden meter: what is asked of households and of workers in a week, against the ceilings; and ask-once. Pure.

Forms and visits say what they ask through the extension point `asked_of`; where none does, nothing is measured and nothing is shown. A question whose answer
is known, and not older than it keeps, is shown and not asked; nor does anything ask a household what another form has asked it in the period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text
from bangfu.screening.pack.work import Setting, Work

HOUSEHOLD_MINUTES, WORKER_MINUTES, VISIT_FIELDS = "household_minutes", "worker_minutes", "visit_fields"
ALWAYS = 0  # the days in which an answer keeps that must be asked each time


@dataclass(frozen=True, slots=True)
class Question:
    """A question by its key, which is the same in every form. `keeps`: days in which its answer keeps; None as the pack says, 0 asks each time."""

    key: str
    title: Text
    keeps: int | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What a form or visit asks on a day: of a household by a worker, or of a worker alone (a report). `minutes` where all of it is asked."""

    source: str
    title: Text
    day: date
    minutes: int
    worker: str | None = None
    household: int | None = None
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A question that is shown: since when the answer is known, or by which form it was asked."""

    question: Question
    since: date
    asked_by: Text | None = None

    @property
    def why(self) -> Text:
        """Why it is not asked."""
        if self.asked_by is not None:
            return Text(f"{self.since} 已由《{self.asked_by.zh}》问过", f"asked on {self.since} by “{self.asked_by.en}”")
        return Text(f"{self.since} 已有答案", f"answered on {self.since}")


@dataclass(frozen=True, slots=True)
class Split:
    """The questions of a form that are shown with their answers, and those that are asked."""

    show: tuple[Known, ...]
    ask: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The ceilings of the pack; None where it sets none or leaves it open. `keeps`: days in which an answer keeps, None where the pack is silent."""

    fields: Setting | None = None
    household_minutes: Setting | None = None
    worker_minutes: Setting | None = None
    keeps: int | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of somebody in a week: askings, fields, minutes, and the fields that were spared because their answers are known."""

    askings: int = 0
    fields: int = 0
    minutes: int = 0
    spared: int = 0

    def and_(self, other: Load) -> Load:
        """Both together."""
        return Load(
            self.askings + other.askings,
            self.fields + other.fields,
            self.minutes + other.minutes,
            self.spared + other.spared,
        )


@dataclass(frozen=True, slots=True)
class Over:
    """More than a ceiling: of which sort (`HOUSEHOLD_MINUTES`, `WORKER_MINUTES`, `VISIT_FIELDS`), of whom, in the week that begins on a day."""

    sort: str
    who: str
    week: date
    asked: int
    ceiling: Setting


@dataclass(frozen=True, slots=True)
class Burden:
    """Loads by household and week, by worker and week; what lies above a ceiling, the worst first; the split of every asking, in its order."""

    households: Mapping[tuple[int, date], Load]
    workers: Mapping[tuple[str, date], Load]
    over: tuple[Over, ...]
    splits: tuple[tuple[Asking, Split], ...]


# What is asked from a day to a day, both counted: forms fill it.
asked_of: ExtensionPoint[[date, date], list[Asking]] = ExtensionPoint("asked_of")


def asked_between(first: date, last: date) -> list[Asking] | None:
    """What is asked in a period by whatever asks; None where nothing is there that could say so."""
    if not asked_of.providers():
        return None
    return [asking for _, answer in asked_of.ask(first, last) for asking in answer if first <= asking.day <= last]


def ceilings_of(work: Work) -> Ceilings:
    """The ceilings that a pack sets on a day."""
    set_ = {key: work.setting(f"burden.{key}") for key in (VISIT_FIELDS, HOUSEHOLD_MINUTES, WORKER_MINUTES)}
    held = {key: setting if setting is not None and setting.value is not None else None for key, setting in set_.items()}
    keeps = work.number("burden.keep_days")
    return Ceilings(held[VISIT_FIELDS], held[HOUSEHOLD_MINUTES], held[WORKER_MINUTES], int(keeps) if keeps is not None else None)


def split(questions: Iterable[Question], answered: Mapping[str, date], day: date, keeps: int | None = None) -> Split:
    """What of a form is shown and what is asked on a day.

    `answered` are the days of the known answers by question. An answer keeps for the question's own days, else for `keeps`, else for ever; one given
    after the day is not known on it.
    """
    show, ask = [], []
    for question in questions:
        given = answered.get(question.key)
        limit = keeps if question.keeps is None else question.keeps
        if given is not None and given <= day and (limit is None or (limit != ALWAYS and (day - given).days < limit)):
            show.append(Known(question, given))
        else:
            ask.append(question)
    return Split(tuple(show), tuple(ask))


def week_of(day: date, week_starts: int = 0) -> date:
    """The day on which the week of a day begins (Monday 0)."""
    return day - timedelta((day.weekday() - week_starts) % 7)


def measure(
    askings: Sequence[Asking], answered: Mapping[int, Mapping[str, date]], ceilings: Ceilings, *, week_starts: int = 0
) -> Burden:
    """What the askings of a period come to, week by week, and what lies above a ceiling.

    `answered` are the days of known answers by household and question. A household is asked a question once in the period: what an earlier asking (by
    day, then source) asks, a later one shows, unless the question is to be asked each time. Minutes go down with the share of questions spared.
    """
    in_order = sorted(askings, key=_order)
    asked: dict[tuple[int, str], Asking] = {}
    splits: list[tuple[Asking, Split]] = []
    households: dict[tuple[int, date], Load] = {}
    workers: dict[tuple[str, date], Load] = {}
    over: list[Over] = []
    for asking in in_order:
        parted = _once(asking, answered, ceilings.keeps, asked)
        splits.append((asking, parted))
        week = week_of(asking.day, week_starts)
        load = Load(1, len(parted.ask), _minutes(asking, parted), len(parted.show))
        if asking.household is not None:
            households[asking.household, week] = households.get((asking.household, week), Load()).and_(load)
            over += _over(VISIT_FIELDS, str(asking.household), week, load.fields, ceilings.fields)
        if asking.worker is not None:
            workers[asking.worker, week] = workers.get((asking.worker, week), Load()).and_(load)
    for (household, week), load in households.items():
        over += _over(HOUSEHOLD_MINUTES, str(household), week, load.minutes, ceilings.household_minutes)
    for (worker, week), load in workers.items():
        over += _over(WORKER_MINUTES, worker, week, load.minutes, ceilings.worker_minutes)
    worst = sorted(over, key=lambda o: (-o.asked * 1000 // int(o.ceiling.value), o.sort, o.who, o.week))
    return Burden(households, workers, tuple(worst), tuple(splits))


def _order(asking: Asking) -> tuple[object, ...]:
    """A total order, so that the same askings come to the same whatever order they are told in."""
    keys = tuple(question.key for question in asking.questions)
    return asking.day, asking.source, asking.household or 0, asking.worker or "", asking.minutes, keys


def _once(
    asking: Asking, answered: Mapping[int, Mapping[str, date]], keeps: int | None, asked: dict[tuple[int, str], Asking]
) -> Split:
    """The split of an asking, and what it asks noted as asked."""
    if asking.household is None:
        return Split((), asking.questions)
    parted = split(dict.fromkeys(asking.questions), answered.get(asking.household, {}), asking.day, keeps)
    show, ask = list(parted.show), []
    for question in parted.ask:
        before = asked.get((asking.household, question.key))
        if before is not None and question.keeps != ALWAYS:
            show.append(Known(question, before.day, before.title))
        else:
            ask.append(question)
            asked.setdefault((asking.household, question.key), asking)
    return Split(tuple(show), tuple(ask))


def _minutes(asking: Asking, parted: Split) -> int:
    whole = len(parted.ask) + len(parted.show)
    return asking.minutes if not whole else -(-asking.minutes * len(parted.ask) // whole)


def _over(sort: str, who: str, week: date, asked: int, ceiling: Setting | None) -> list[Over]:
    return [Over(sort, who, week, asked, ceiling)] if ceiling is not None and asked > int(ceiling.value) else []
