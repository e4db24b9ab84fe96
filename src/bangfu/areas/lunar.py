"""Lunar dates, and the days of the year on which people are at home. The one file that knows the calendar library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from borax.calendars.lunardate import MAX_SOLAR_DATE, MIN_SOLAR_DATE, LunarDate

from bangfu.areas.profile import Profile
from bangfu.foundation.say import Text

FIRST, LAST = MIN_SOLAR_DATE, MAX_SOLAR_DATE  # the days that the tables of the library reach: 1900-01-31 to 2101-01-28
FEATURE = "lunar"  # of the country's calendar
BRANCHES = (
    Text("子（鼠）", "Rat"), Text("丑（牛）", "Ox"), Text("寅（虎）", "Tiger"), Text("卯（兔）", "Rabbit"), Text("辰（龙）", "Dragon"),
    Text("巳（蛇）", "Snake"), Text("午（马）", "Horse"), Text("未（羊）", "Goat"), Text("申（猴）", "Monkey"), Text("酉（鸡）", "Rooster"),
    Text("戌（狗）", "Dog"), Text("亥（猪）", "Pig"),
)  # fmt: skip
_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 21: "21st", 22: "22nd", 23: "23rd"}
# Festivals by lunar month and day.
_FESTIVALS = {
    (1, 1): Text("春节", "Spring Festival"),
    (1, 15): Text("元宵节", "Lantern Festival"),
    (5, 5): Text("端午节", "Dragon Boat Festival"),
    (7, 15): Text("中元节", "Ghost Festival"),
    (8, 15): Text("中秋节", "Mid-Autumn Festival"),
    (9, 9): Text("重阳节", "Double Ninth Festival"),
}
_NEW_YEARS_EVE = Text("除夕", "New Year's Eve")
_QINGMING = Text("清明", "Qingming")
_AT_HOME = ((5, 5), (8, 15))  # besides Spring Festival and Qingming: the day itself, when families come together
_BEFORE_NEW_YEAR = 8  # days before Spring Festival from which those who work elsewhere come home (腊月二十三 or after)
_NOBODY_CALLS = (-1, 3)  # from New Year's Eve until before the third day of the year: people are at home among themselves


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar calendar. `leap`: its month is the second of that number in the year."""

    year: int
    month: int
    day: int
    leap: bool

    @property
    def words(self) -> Text:
        """农历闰四月初三 · 3rd day of leap month 4 of the lunar year."""
        zh = f"农历{'闰' if self.leap else ''}{_MONTHS[self.month - 1]}月{day_words(self.day)}"
        return Text(zh, f"{_ordinal(self.day)} day of {'leap ' if self.leap else ''}month {self.month} of the lunar year")

    @property
    def short(self) -> Text:
        """As it stands in the cell of a calendar: 初三, on the first day of a month 闰四月."""
        if self.day == 1:
            zh = f"{'闰' if self.leap else ''}{_MONTHS[self.month - 1]}月"
            return Text(zh, f"{'leap ' if self.leap else ''}month {self.month}")
        return Text(day_words(self.day), str(self.day))


@dataclass(frozen=True, slots=True)
class HomeDay:
    """A day on which people are at home, and why. `call`: whether one may call on them then."""

    why: Text
    call: bool


def day_words(day: int) -> str:
    """A day of a lunar month in Chinese: 初一, 十五, 廿三, 三十. Raises ValueError for a day that no month has."""
    if not 1 <= day <= 30:
        raise ValueError(f"no day of a lunar month: {day}")
    digits = "十一二三四五六七八九"
    if day in (10, 20, 30):
        return {10: "初十", 20: "二十", 30: "三十"}[day]
    return "初十廿"[day // 10] + digits[day % 10]


def _ordinal(day: int) -> str:
    return _ORDINALS.get(day, f"{day}th")


def has_lunar(profile: Profile) -> bool:
    """Whether a country's calendar has lunar dates."""
    return FEATURE in profile.calendar.features


def within(day: date) -> bool:
    """Whether the lunar date of a day is known."""
    return bool(FIRST <= day <= LAST)


def lunar_day(day: date) -> LunarDay:
    """The lunar date of a day. Raises ValueError for one outside of the tables (`within`)."""
    if not within(day):
        raise ValueError(f"no lunar date is known of {day}")
    found = LunarDate.from_solar(day)
    return LunarDay(found.year, found.month, found.day, bool(found.leap))


def solar_day(lunar: LunarDay) -> date:
    """The day of a lunar date. Raises ValueError for one that its year does not have."""
    made: date = LunarDate(lunar.year, lunar.month, lunar.day, int(lunar.leap)).to_solar_date()
    return made


def branch(day: date) -> int:
    """The earthly branch of a day, 0 (子) to 11 (亥), by which markets that come round (转转场) are named."""
    return (day.toordinal() + 2) % 12


def spring_festival(year: int) -> date:
    """The first day of a lunar year, which begins within the calendar year of that number."""
    return solar_day(LunarDay(year, 1, 1, leap=False))


def festival(day: date) -> Text | None:
    """The festival of a day, None for an ordinary one and for a day outside of the tables. A leap month has none."""
    if not within(day):
        return None
    if within(day + timedelta(1)) and _is_new_year(day + timedelta(1)):
        return _NEW_YEARS_EVE
    if LunarDate.from_solar(day).term == "清明":
        return _QINGMING
    here = lunar_day(day)
    return None if here.leap else _FESTIVALS.get((here.month, here.day))


def _is_new_year(day: date) -> bool:
    here = lunar_day(day)
    return (here.month, here.day) == (1, 1)


def home_day(day: date) -> HomeDay | None:
    """Whether people are at home on a day who are not on others, and why; None where nothing says so.

    From eight days before Spring Festival until the Lantern Festival those who work elsewhere are back; at Qingming families meet at the
    graves; the Dragon Boat and Mid-Autumn Festivals bring them together. Which days these are is our reading, and a matter of custom.
    """
    if not within(day):
        return None
    here = lunar_day(day)
    year = here.year if (here.month, here.day) <= (1, 15) else here.year + 1
    if year <= LAST.year - 1 or (here.month, here.day) <= (1, 15):
        away = (day - spring_festival(year)).days
        if -_BEFORE_NEW_YEAR <= away < 15:
            why = festival(day) or Text("春节前后外出人员返乡", "those who work elsewhere are home for Spring Festival")
            return HomeDay(why, call=not _NOBODY_CALLS[0] <= away < _NOBODY_CALLS[1])
    named = festival(day)
    if named == _QINGMING or (not here.leap and (here.month, here.day) in _AT_HOME):
        assert named is not None
        return HomeDay(named, call=True)
    return None
