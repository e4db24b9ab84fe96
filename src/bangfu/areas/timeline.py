"""What an area was called, day by day: dated values as a timeline without overlaps. Pure functions.

A span holds a value from a day until a day (exclusive, None for ever).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Span(Generic[V]):
    """A value and the days it holds; `until` is the first day on which it no longer does."""

    value: V
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the value holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class AreaChange:
    """A change of code or name that took effect on a day, as a table of changes gives it. Equal codes: only the name changed."""

    old_code: str
    new_code: str
    old_name: str
    new_name: str
    on: date
    source: str = ""


def history(code: str, name: str, since: date, changes: Sequence[AreaChange]) -> list[Span[tuple[str, str]]]:
    """What an area that a list gives as (code, name) was and will be from `since` on, by the changes of its line.

    Changes before `since` leave no trace. With no change in its line the area is what the list says, for ever.
    """
    line = sorted(changes, key=lambda change: change.on)
    if not line:
        return [Span((code, name), since)]
    spans: list[Span[tuple[str, str]]] = []
    value, start = (line[0].old_code, line[0].old_name), since
    for change in line:
        if change.on > start:
            spans.append(Span(value, start, change.on))
            start = change.on
        value = (change.new_code, change.new_name)
    spans.append(Span(value, start))
    if all(span.value != (code, name) for span in spans):
        # The table of changes spells the name otherwise: the list's own spelling is used where it has the list's code.
        for number in reversed(range(len(spans))):
            if spans[number].value[0] == code:
                spans[number] = Span((code, name), spans[number].since, spans[number].until)
                break
    return spans


def lines(changes: Iterable[AreaChange]) -> dict[str, list[AreaChange]]:
    """The changes of each code's line: codes that passed into each other share one list."""
    by_code: dict[str, list[AreaChange]] = {}
    for change in changes:
        joined = by_code.get(change.old_code, [])
        other = by_code.get(change.new_code, [])
        if other is not joined:
            joined = [*joined, *other]
        joined = [*joined, change]
        for one in joined:
            by_code[one.old_code] = by_code[one.new_code] = joined
    return by_code


def merged(known: Sequence[Span[V]], stated: Sequence[Span[V]]) -> list[Span[V]]:
    """The timeline once a list was read: what it states goes before what was known, until the next change that was known.

    A single statement that is already known for some day from its first day on changes nothing: an older list that is read
    again does not undo what is known to have changed later.
    """
    known = sorted(known, key=lambda span: span.since)
    stated = sorted(stated, key=lambda span: span.since)
    if not stated:
        return _joined(known)
    begin = stated[0].since
    if len(stated) == 1 and any(span.value == stated[0].value and (span.until is None or span.until > begin) for span in known):
        return _joined(known)
    last = stated[-1]
    later = [span for span in known if span.since > last.since] if last.until is None else []
    if later:
        stated = [*stated[:-1], Span(last.value, last.since, later[0].since)]
    before = [Span(span.value, span.since, _earlier(span.until, begin)) for span in known if span.since < begin]
    return _joined([*before, *stated, *later])


def changed(known: Sequence[Span[V]], value: V, on: date) -> list[Span[V]]:
    """The timeline with a value from a day on, whatever was known to follow."""
    kept = [Span(span.value, span.since, _earlier(span.until, on)) for span in known if span.since < on]
    return _joined([*kept, Span(value, on)])


def ended(known: Sequence[Span[V]], on: date) -> list[Span[V]]:
    """The timeline cut at a day: the day itself no longer counts."""
    return _joined([Span(span.value, span.since, _earlier(span.until, on)) for span in known if span.since < on])


def at(spans: Sequence[Span[V]], day: date) -> V:
    """The value on a day: of the span that holds, else of the nearest. Raises ValueError for an empty timeline."""
    if not spans:
        raise ValueError("an empty timeline")
    for span in spans:
        if span.holds(day):
            return span.value
    return spans[0].value if day < spans[0].since else spans[-1].value


def _earlier(until: date | None, day: date) -> date:
    return day if until is None else min(until, day)


def _joined(spans: Sequence[Span[V]]) -> list[Span[V]]:
    """The same timeline with neighbours of equal value made one."""
    made: list[Span[V]] = []
    for span in spans:
        if made and made[-1].value == span.value and made[-1].until == span.since:
            made[-1] = Span(span.value, made[-1].since, span.until)
        else:
            made.append(span)
    return made
