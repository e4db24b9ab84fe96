"""Values of fields in their internal form, as actions are given them: held to type, range and code list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bangfu.foundation.say import Text, is_text
from bangfu.register.fields import Code, Field, code_lists

FEN = 100
YEARS = (1880, 2200)  # of a date


class Unfit(ValueError):
    """A value that its field does not take; `expected` says what would do."""

    def __init__(self, expected: Text) -> None:
        self.expected = expected
        super().__init__(expected.en)


def value_of(field: Field, given: Any, day: date) -> Any:
    """A value as the register keeps it: a month as its first day, several codes as a list, each once. Raises Unfit.

    A code must be one of its list on the day. An empty list says that none of the codes applies, which is not the same as not known.
    """
    return _TAKEN[field.type](field, given, day)


def _code(field: Field, given: Any, day: date) -> str:
    code = code_lists()[field.codes or ""].get(given) if isinstance(given, str) else None
    if code is None or not _in_force(code, day):
        raise Unfit(
            Text("{day} 有效的代码之一：{codes}", "one of the codes of {day}: {codes}").format(day=day, codes=_listed(field, day))
        )
    return code.key


def _codes(field: Field, given: Any, day: date) -> list[str]:
    if not isinstance(given, list | tuple | set | frozenset):
        raise Unfit(Text("代码的列表", "a list of codes"))
    return list(dict.fromkeys(_code(field, code, day) for code in given))


def _in_force(code: Code, day: date) -> bool:
    return (code.valid_from is None or code.valid_from <= day) and (code.valid_to is None or day <= code.valid_to)


def _listed(field: Field, day: date, most: int = 12) -> str:
    codes = [c.key for c in code_lists()[field.codes or ""].values() if _in_force(c, day)]
    return ", ".join(codes[:most]) + (" …" if len(codes) > most else "")


def _boolean(_: Field, given: Any, __: date) -> bool:
    if not isinstance(given, bool):
        raise Unfit(Text("是或否", "yes or no"))
    return given


def _whole(field: Field, given: Any, _: date) -> int:
    times = FEN if field.type == "money" else 1
    least, most = int(field.minimum or 0) * times, int(field.maximum or 0) * times
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        what = Text("分为单位的整数", "a whole number of fen") if times == FEN else Text("整数", "a whole number")
        raise Unfit(Text("{least} 至 {most} 的{what}", "{what} from {least} to {most}").format(what=what, least=least, most=most))
    return given


def _decimal(field: Field, given: Any, _: date) -> Decimal:
    number = Decimal(str(given)) if isinstance(given, int | float | Decimal) and not isinstance(given, bool) else None
    least, most = Decimal(str(field.minimum)), Decimal(str(field.maximum))
    if number is None or not number.is_finite() or not least <= number <= most:
        raise Unfit(Text("{least} 至 {most} 的数", "a number from {least} to {most}").format(least=least, most=most))
    return number


def _date(field: Field, given: Any, _: date) -> date:
    if not isinstance(given, date) or isinstance(given, datetime) or not YEARS[0] <= given.year <= YEARS[1]:
        raise Unfit(Text("日期", "a date"))
    return given.replace(day=1) if field.type == "month" else given


def _text(field: Field, given: Any, _: date) -> str:
    said = given.strip() if isinstance(given, str) else ""
    most = field.length or 60
    if not 1 <= len(said) <= most or not is_text(said):
        raise Unfit(Text("1 至 {most} 字的文字", "a text of 1 to {most} characters").format(most=most))
    return said


_TAKEN: dict[str, Callable[[Field, Any, date], Any]] = {
    "code": _code,
    "codes": _codes,
    "boolean": _boolean,
    "integer": _whole,
    "year": _whole,
    "money": _whole,
    "decimal": _decimal,
    "date": _date,
    "month": _date,
    "text": _text,
}
