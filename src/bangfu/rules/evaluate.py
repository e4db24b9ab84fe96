"""The meaning of the rule language, one value at a time: the reference for the compiled form and the source of explanations.

None is unknown everywhere. `and`, `or`, `not` and the folds follow strong Kleene logic; every other operation on an
unknown operand is unknown, except `known` and `if_unknown`; dividing by zero is unknown.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bangfu.rules.expressions import FOLDS, Node
from bangfu.rules.schema import PERSON

Lookup = Callable[[str], Any]
# The rows of a household by level: each an id and its own lookup.
Rows = Mapping[str, Sequence[tuple[Any, Lookup]]]
_NO_ROWS: Rows = {}

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(node: Node, lookup: Lookup, rows: Rows = _NO_ROWS) -> Any:
    """The value of a checked expression; None is unknown.

    `lookup` gives the value of a name; `rows` are the household's members, income items and land, each an id and its own lookup.
    """
    op = node.op
    if op == "const":
        return node.value
    if op == "name":
        return lookup(node.value)
    if op in FOLDS:
        return fold(node, rows)
    if op == "case":
        return _case(node, lookup, rows)
    values = [evaluate(arg, lookup, rows) for arg in node.args]
    if op == "and":
        return kleene_all(values)
    if op == "or":
        return kleene_any(values)
    if op == "known":
        return values[0] is not None
    if op == "if_unknown":
        return values[1] if values[0] is None else values[0]
    if op == "in":
        return kleene_any([None if values[0] is None or item is None else values[0] == item for item in values[1:]])
    if any(value is None for value in values):
        return None
    return _plain(op, values)


def kleene_any(values: Sequence[bool | None]) -> bool | None:
    """True if one is true, unknown if none is true and one is unknown, else false."""
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def kleene_all(values: Sequence[bool | None]) -> bool | None:
    """False if one is false, unknown if none is false and one is unknown, else true."""
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def fold(node: Node, rows: Rows) -> Any:
    """The value of a fold over the rows of its level.

    count and sum of nobody are 0, max and min of nobody unknown; one unknown member makes count, sum, max and min
    unknown; `names` lists in order of their ids those for whom the condition is certainly true.
    """
    members = rows.get(node.value or PERSON, ())
    if node.op == "count_members":
        return len(members)
    values = [(person, evaluate(node.args[0], lookup)) for person, lookup in members]
    if node.op == "any":
        return kleene_any([value for _, value in values])
    if node.op == "all":
        return kleene_all([value for _, value in values])
    if node.op == "names":
        return sorted(person for person, value in values if value is True)
    if node.op == "count":
        return None if any(value is None for _, value in values) else sum(1 for _, value in values if value)
    counted = [value for _, value in values]
    if len(node.args) == 2:
        chosen = [evaluate(node.args[1], lookup) for _, lookup in members]
        if any(choice is None for choice in chosen):
            return None
        counted = [value for value, choice in zip(counted, chosen, strict=True) if choice]
    if any(value is None for value in counted):
        return None
    if node.op == "sum":
        return sum(counted)
    if not counted:
        return None
    return max(counted) if node.op == "max" else min(counted)


def _case(node: Node, lookup: Lookup, rows: Rows) -> Any:
    for condition, value in zip(node.args[:-1:2], node.args[1:-1:2], strict=True):
        held = evaluate(condition, lookup, rows)
        if held is None:
            return None
        if held:
            return evaluate(value, lookup, rows)
    return evaluate(node.args[-1], lookup, rows)


def _plain(op: str, values: Sequence[Any]) -> Any:
    if op in _ORDER:
        return _ORDER[op](values[0], values[1])
    match op:
        case "not":
            return not values[0]
        case "neg":
            return -values[0]
        case "+":
            return values[0] + (dt.timedelta(values[1]) if isinstance(values[0], dt.date) else values[1])
        case "-":
            return values[0] - (dt.timedelta(values[1]) if isinstance(values[0], dt.date) else values[1])
        case "*":
            return float(values[0]) * float(values[1])
        case "/":
            return None if values[1] == 0 else float(values[0]) / float(values[1])
        case "least":
            return min(values)
        case "greatest":
            return max(values)
        case "has":
            return values[1] in values[0]
        case "has_any":
            return not set(values[0]).isdisjoint(values[1])
        case "year_of":
            return values[0].year
        case "month_of":
            return values[0].month
        case "years_between":
            return years_between(values[0], values[1])
        case "months_between":
            return months_between(values[0], values[1])
        case "days_between":
            return (values[1] - values[0]).days
        case "last_date":
            return last_date(values[0], values[1], values[2])
    raise AssertionError(op)


def years_between(start: dt.date, end: dt.date) -> int:
    """Whole years from start to end, as an age: one more on each birthday, 29 February's on 1 March; negative backwards."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def months_between(start: dt.date, end: dt.date) -> int:
    """Whole months from start to end: one more each time the day of the month is reached; negative backwards."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def last_date(month: int, day: int, before: dt.date) -> dt.date:
    """The latest such day of a year that lies before a date (not on it)."""
    this = dt.date(before.year, month, day)
    return this if this < before else dt.date(before.year - 1, month, day)


def person_lookup(values: Mapping[str, Any], shared: Lookup, names: frozenset[str]) -> Lookup:
    """A lookup that takes the names of a person from `values` (blank where absent) and all others from `shared`."""

    def lookup(name: str) -> Any:
        return values.get(name) if name in names else shared(name)

    return lookup
