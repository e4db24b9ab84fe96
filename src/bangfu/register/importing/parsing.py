"""How the text of a cell becomes a value: one pure function per type, applied to the distinct values of a column.

A register column repeats itself (a hundred code words, a few dates), so that 565,000 cells cost a few hundred calls. The exceptions
are the columns in which every value differs; identity numbers are judged as one matrix (`bangfu.register.identity`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bangfu.register.fields import Field, code_lists

FULL_WIDTH = str.maketrans({chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "\u00a0": " "})
YES = {"是", "有", "true", "yes", "y", "1", "√", "对"}
NO = {"否", "无", "false", "no", "n", "0", "×", "没有"}
BLANKS = {"", "-", "--", "/", "\\", "无数据", "null", "none", "nan", "n/a", "#n/a"}
AROUND = " \t\r\n\u3000\u00a0\ufeff'’`"
EXCEL_DAY_ZERO = date(1899, 12, 30)
SEPARATORS = re.compile(r"[、,，;；/|+\r\n]+")
TYPES: dict[str, pa.DataType] = {
    "text": pa.dictionary(pa.int32(), pa.string()),
    "identity": pa.string(),
    "phone": pa.string(),
    "account": pa.string(),
    "code": pa.dictionary(pa.int16(), pa.string()),
    "codes": pa.list_(pa.string()),
    "integer": pa.int32(),
    "year": pa.int32(),
    "decimal": pa.float64(),
    "money": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "month": pa.date32(),
}
ENCODED = {"text", "code"}


class Unreadable(ValueError):
    """A cell that its column's type cannot read; the message is the kind of refusal: `value`, `range` or `length`."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A column's values, the value of each of its distinct texts, and the refusals among these: text -> `value`, `range` or `length`."""

    values: pa.Array
    distinct: pa.Array
    refused: dict[str, str]


def clean(text: str) -> str:
    """The text of a cell without what Excel, phones and people leave around it."""
    return text.strip(AROUND)


@lru_cache(maxsize=64)
def _words(codes: str) -> dict[str, str]:
    return {_plain(word): code.key for code in code_lists()[codes].values() for word in code.words}


def _plain(word: str) -> str:
    return re.sub(r"\s+", "", word.translate(FULL_WIDTH)).lower()


def parse_code(text: str, field: Field) -> str:
    """A code word in either language, or the code itself."""
    assert field.codes is not None
    try:
        return _words(field.codes)[_plain(text)]
    except KeyError:
        raise Unreadable("value") from None


def parse_codes(text: str, field: Field) -> list[str]:
    """Several code words, separated by the marks that people use; blanks separate only what is no word as it stands (English has them)."""
    found: dict[str, None] = {}
    for part in filter(str.strip, SEPARATORS.split(text)):
        try:
            found[parse_code(part, field)] = None
        except Unreadable:
            found |= dict.fromkeys(parse_code(word, field) for word in part.split())
    return list(found)


def parse_boolean(text: str, _: Field) -> bool:
    """Yes or no."""
    word = _plain(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unreadable("value")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text.translate(FULL_WIDTH).replace(",", "").replace(" ", ""))
    except InvalidOperation:
        raise Unreadable("value") from None
    if not number.is_finite():
        raise Unreadable("value")
    return number


def _ranged(number: Decimal, field: Field) -> Decimal:
    if (field.minimum is not None and number < Decimal(str(field.minimum))) or (
        field.maximum is not None and number > Decimal(str(field.maximum))
    ):
        raise Unreadable("range")
    return number


def parse_integer(text: str, field: Field) -> int:
    """A whole number within the field's range; `3.0` is whole."""
    number = _ranged(_decimal(text), field)
    if number != number.to_integral_value():
        raise Unreadable("value")
    return int(number)


def parse_decimal(text: str, field: Field) -> float:
    """A measured quantity within the field's range."""
    return float(_ranged(_decimal(text), field))


def parse_money(text: str, field: Field) -> int:
    """Yuan in the workbook, whole fen here. Raises Unreadable for a third decimal: nobody pays a tenth of a fen."""
    yuan = _ranged(_decimal(text), field)
    if yuan < 0:
        raise Unreadable("range")
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise Unreadable("value")
    return int(fen)


_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ].*)?$")
_MONTH = re.compile(r"^(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?$")
_CHINESE = str.maketrans("〇零一二三四五六七八九", "00123456789")


def parse_date(text: str, field: Field) -> date:
    """A date as Excel, exports and people write it: 2019-12-31, 2019/12/31, 20191231, 2019年12月31日, 43830."""
    plain = text.translate(FULL_WIDTH).translate(_CHINESE).strip()
    try:
        if (match := _DATE.match(plain)) and 1880 <= int(match[1]) <= 2200:
            return date(int(match[1]), int(match[2]), int(match[3]))
        if re.fullmatch(r"(18|19|20)\d{6}", plain):
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        if re.fullmatch(r"\d{5}(\.\d+)?", plain):
            return EXCEL_DAY_ZERO + timedelta(days=int(float(plain)))
    except ValueError:
        raise Unreadable("value") from None
    raise Unreadable("value")


def parse_month(text: str, field: Field) -> date:
    """A month as its first day: 201912, 2019-12, 2019年12月; a full date gives its month."""
    plain = text.translate(FULL_WIDTH).translate(_CHINESE).strip()
    if (match := _MONTH.match(plain.removesuffix(".0"))) and 1 <= int(match[2]) <= 12 and 1880 <= int(match[1]) <= 2200:
        return date(int(match[1]), int(match[2]), 1)
    return parse_date(plain, field).replace(day=1)


def parse_year(text: str, field: Field) -> int:
    """A year: 2019, 2019年, 2019.0, or the year of a date."""
    plain = text.translate(FULL_WIDTH).strip().removesuffix("年").removesuffix(".0")
    year = int(plain) if re.fullmatch(r"\d{4}", plain) else parse_month(plain, field).year
    _ranged(Decimal(year), field)
    return year


def parse_phone(text: str, _: Field) -> str:
    """A telephone number: digits only."""
    digits = re.sub(r"[\s\-()]+", "", text.translate(FULL_WIDTH)).removesuffix(".0").removeprefix("+86")
    if not re.fullmatch(r"\d{7,15}", digits):
        raise Unreadable("value")
    return digits


def parse_number(text: str, _: Field) -> str:
    """An identity or account number: no spaces, full width made half, upper case."""
    return re.sub(r"\s+", "", text.translate(FULL_WIDTH)).upper()


def parse_identity(text: str, field: Field) -> str:
    """An identity number; the G that makes a student number of it is taken away."""
    number = parse_number(text, field)
    return number[1:] if re.fullmatch(r"G\d{17}[\dX]", number) else number


PARSERS: dict[str, Callable[[str, Field], Any]] = {
    "identity": parse_identity,
    "account": parse_number,
    "phone": parse_phone,
    "code": parse_code,
    "codes": parse_codes,
    "boolean": parse_boolean,
    "integer": parse_integer,
    "decimal": parse_decimal,
    "money": parse_money,
    "date": parse_date,
    "month": parse_month,
    "year": parse_year,
}


# What each parser gives back as it stands, so that columns in which every value differs need not be read value by value.
AS_IT_STANDS = {"identity": r"^\d{17}[\dX]$", "account": r"^\d+$", "phone": r"^\d{7,15}$"}


def encode(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A text column as its distinct texts and the place of each row among them."""
    return pc.dictionary_encode(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)


def parse_column(column: pa.DictionaryArray, field: Field) -> Parsed:
    """Parse an encoded text column. A blank is null; a refused text is null as well and named in `refused`.

    Words stay encoded: most of a register is a few of them, and half a million rows are held at once.
    """
    texts = column.dictionary
    if field.type == "text":
        values, refused = _texts(texts, field)
    elif field.type in AS_IT_STANDS:
        values, refused = _mostly_as_they_stand(texts, field)
    else:
        values, refused = _one_by_one(texts, field)
    taken = values.take(column.indices)
    return Parsed(taken.dictionary_encode().cast(TYPES[field.type]) if field.type in ENCODED else taken, values, refused)


def _texts(texts: pa.Array, field: Field) -> tuple[pa.Array, dict[str, str]]:
    cleaned = pc.utf8_trim(texts, AROUND)
    blank = pc.is_in(pc.utf8_lower(cleaned), value_set=pa.array(sorted(BLANKS)))
    refused: dict[str, str] = {}
    if field.length is not None:
        long = pc.and_(pc.greater(pc.utf8_length(cleaned), field.length), pc.invert(blank))
        refused = dict.fromkeys(texts.filter(long).to_pylist(), "length")
        blank = pc.or_(blank, long)
    return pc.if_else(blank, pa.scalar(None, pa.string()), cleaned), refused


def _mostly_as_they_stand(texts: pa.Array, field: Field) -> tuple[pa.Array, dict[str, str]]:
    plain = pc.match_substring_regex(texts, AS_IT_STANDS[field.type])
    rest, refused = _one_by_one(texts.filter(pc.invert(plain)), field)
    return pc.replace_with_mask(texts, pc.invert(plain), rest), refused


def _one_by_one(texts: pa.Array, field: Field) -> tuple[pa.Array, dict[str, str]]:
    parser = PARSERS[field.type]
    values: list[Any] = []
    refused: dict[str, str] = {}
    for raw in texts.to_pylist():
        text = clean(raw)
        if text.lower() in BLANKS:
            values.append(None)
            continue
        try:
            values.append(parser(text, field))
        except (ValueError, ArithmeticError) as unreadable:
            # A parser that stumbles (the year 0, a number of a million digits) has read nothing.
            refused[raw] = str(unreadable) if isinstance(unreadable, Unreadable) else "value"
            values.append(None)
    return pa.array(values, type=pa.string() if field.type in ENCODED else TYPES[field.type]), refused
