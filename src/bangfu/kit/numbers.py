"""How numbers and days are written for people."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bangfu.foundation import clock

BLANK = "–"
MINUS = "−"


def grouped(value: Any, decimals: int | None = None) -> str:
    """A number with thousands separators: `126,201`. Decimals are rounded half up where asked, else kept as they are."""
    if type(value) is int and decimals is None:
        return f"{value:,}".replace("-", MINUS)
    if value is None or value == "":
        return BLANK
    number = Decimal(str(value))
    if decimals is not None:
        number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{number:,f}".replace("-", MINUS)


def in_myriads(value: Any, lang: str) -> str:
    """A number in 万 and 亿 (thousand and million in English) with at most two decimals; below that, grouped."""
    if value is None or value == "":
        return BLANK
    number = Decimal(str(value))
    steps = [(10**8, "亿"), (10**4, "万")] if lang == "zh" else [(10**9, "bn"), (10**6, "m"), (10**3, "k")]
    for unit, name in steps:
        if abs(number) >= unit:
            short = (number / unit).quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
            return f"{short:,f} {name}".replace("-", MINUS)
    return grouped(value)


def signed(value: Any) -> str:
    """A change with its sign: `+12`, `−3`, `±0`."""
    if value is None or value == "":
        return BLANK
    number = Decimal(str(value))
    return "±0" if number == 0 else ("+" if number > 0 else "") + grouped(value)


def percent(ratio: Any) -> str:
    """A share with one digit. What is not nothing never reads as nothing, what is not all never as all."""
    if ratio is None or ratio == "":
        return BLANK
    number = Decimal(str(ratio)) * 100
    rounded = number.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if number > 0 and rounded == 0:
        return "<0.1%"
    if number < 100 and rounded == 100:
        return ">99.9%"
    return f"{rounded.normalize() if rounded in (0, 100) else rounded:f}%".replace("-", MINUS)


def iso_day(value: Any) -> str:
    """`2020-04-28`; a moment is taken in the county's time zone."""
    if value in (None, ""):
        return BLANK
    if isinstance(value, datetime):
        value = value.astimezone(clock.zone()).date() if value.tzinfo else value.date()
    return value.isoformat() if isinstance(value, date) else str(value)


def short_day(value: date, lang: str) -> str:
    """`4月28日`, `28 Apr`."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{value.month}月{value.day}日" if lang == "zh" else f"{value.day} {months[value.month - 1]}"


def hour(value: Any) -> str:
    """`14:05` in the county's time zone."""
    if not isinstance(value, datetime):
        return str(value)
    return (value.astimezone(clock.zone()) if value.tzinfo else value).strftime("%H:%M")
