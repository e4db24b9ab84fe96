"""Amounts in words of the language, and the text by which a sheet is read out to the household."""

from __future__ import annotations

from bangfu.foundation.say import Text

DIGITS = "零一二三四五六七八九"
PLACES = ("", "十", "百", "千")
MYRIADS = ("", "万", "亿", "万亿")
ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
THOUSANDS = ("", " thousand", " million", " billion", " trillion")


def in_chinese(number: int) -> str:
    """A whole number as it is spoken: 10,500 → 一万零五百. Raises ValueError below 0 and from 10¹⁶ on."""
    if not 0 <= number < 10**16:
        raise ValueError(number)
    if number == 0:
        return DIGITS[0]
    groups = []
    while number:
        groups.append(number % 10000)
        number //= 10000
    said = ""
    gap = False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += DIGITS[0]
        said += _under_myriad(group) + MYRIADS[place]
        gap = False
    return said.removeprefix("一") if said.startswith("一十") else said


def _under_myriad(number: int) -> str:
    said, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            gap = gap or bool(said)
            continue
        said += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return said


def in_english(number: int) -> str:
    """A whole number as it is spoken: 10,500 → ten thousand five hundred. Raises ValueError below 0 and from 10¹⁵ on."""
    if not 0 <= number < 10**15:
        raise ValueError(number)
    if number == 0:
        return ONES[0]
    said: list[str] = []
    for name in THOUSANDS:
        if number % 1000:
            said.insert(0, _under_thousand(number % 1000) + name)
        number //= 1000
    return " ".join(said)


def _under_thousand(number: int) -> str:
    said = []
    if number >= 100:
        said.append(f"{ONES[number // 100]} hundred")
    rest = number % 100
    if rest >= 20:
        said.append(TENS[rest // 10] + (f"-{ONES[rest % 10]}" if rest % 10 else ""))
    elif rest or not said:
        said.append(ONES[rest])
    return " ".join(said)


def amount(fen: int) -> Text:
    """An amount of money as it is spoken, to the fen; of a negative one its size."""
    yuan, rest = divmod(abs(fen), 100)
    jiao, last = divmod(rest, 10)
    # 零 stands for the jiao that are left out: 三元零五分.
    small = (f"{DIGITS[jiao]}角" if jiao else DIGITS[0] if rest else "") + (f"{DIGITS[last]}分" if last else "")
    english = f"{in_english(yuan)} yuan" + (f" and {in_english(rest)} fen" if rest else "")
    return Text(f"{in_chinese(yuan)}元{small}", english)


def day(day_said: object) -> Text:
    """A day as it is spoken: 2019年9月30日, 30 September 2019."""
    year, month, number = (int(part) for part in str(day_said).split("-"))
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return Text(f"{year}年{month}月{number}日", f"{number} {months[month - 1]} {year}")
