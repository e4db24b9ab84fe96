"""The numbers that people read, write and type: `2020-000123` a case, `D2020-000045` a decision, `M…` a meeting, `N…` a notice."""

CASE, DECISION, MEETING, NOTICE = "", "D", "M", "N"


def number_of_key(letter: str, year: int, key: int) -> str:
    """The number of what has a key: its letter, the year in which it began, the key."""
    return f"{letter}{year}-{key:06d}"


def key_in(number: str, letter: str) -> int | None:
    """The key in a number with a letter; None where it is no such number. Whether the year is that of the key, the row itself says."""
    year, _, key = number.partition("-")
    year = year.removeprefix(letter)
    good = len(number) - len(key) - 1 == len(letter) + 4 and year.isascii() and year.isdecimal() and len(year) == 4
    return int(key) if good and key.isascii() and key.isdecimal() and 6 <= len(key) < 19 else None
