"""By which rule a market (赶场) comes round, and on which days: pure.

People are away on a market day, and many villages go to the same one. A rule is one of:
`lunar_tens` and `solar_tens` (逢一、六: days of the lunar or the calendar month that end in given digits), `weekday`, `branch` (days named by the
twelve earthly branches: 鼠场, 马场), `cycle` (every n days from a first one), `listed` (dates written down).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.areas.lunar import BRANCHES, branch, lunar_day, within
from bangfu.foundation.say import Text

KINDS: dict[str, Text] = {
    "lunar_tens": Text("农历逢几", "lunar days ending in"),
    "solar_tens": Text("公历逢几", "days of the month ending in"),
    "weekday": Text("每周几", "days of the week"),
    "branch": Text("按地支（转转场）", "by the earthly branch of the day"),
    "cycle": Text("每几天一场", "every so many days"),
    "listed": Text("列出的日期", "dates written down"),
}
LUNAR = {"lunar_tens", "branch"}  # kinds that need a lunar calendar
WEEKDAYS = (
    Text("周一", "Monday"), Text("周二", "Tuesday"), Text("周三", "Wednesday"), Text("周四", "Thursday"), Text("周五", "Friday"),
    Text("周六", "Saturday"), Text("周日", "Sunday"),
)  # fmt: skip
# The most and least that a day of a rule may be: digits 0 to 9, Monday 1 to Sunday 7, branches 1 (子) to 12 (亥).
RANGES = {"lunar_tens": (0, 9), "solar_tens": (0, 9), "weekday": (1, 7), "branch": (1, 12)}
_DIGITS = "十一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class MarketRule:
    """A rule: `days` by `RANGES` for the first four kinds, `every` days from `first` for a cycle, `dates` for listed ones."""

    kind: str
    days: tuple[int, ...] = ()
    every: int = 0
    first: date | None = None
    dates: tuple[date, ...] = ()

    def holds(self, day: date) -> bool:
        """Whether a day is a market day. A day whose lunar date is not known is none by the lunar calendar."""
        match self.kind:
            case "lunar_tens":
                return within(day) and lunar_day(day).day % 10 in self.days
            case "solar_tens":
                return day.day % 10 in self.days
            case "weekday":
                return day.isoweekday() in self.days
            case "branch":
                return branch(day) + 1 in self.days
            case "cycle":
                return self.first is not None and day >= self.first and (day - self.first).days % self.every == 0
            case "listed":
                return day in self.dates
        raise ValueError(f"no kind of market rule: {self.kind}")

    @property
    def words(self) -> Text:
        """The rule as people say it: 农历逢一、六 · lunar days ending in 1 and 6."""
        match self.kind:
            case "lunar_tens" | "solar_tens":
                zh = "、".join(_DIGITS[d] for d in self.days)
                which = Text("农历", "lunar days") if self.kind == "lunar_tens" else Text("公历", "days of the month")
                return Text(f"{which.zh}逢{zh}", f"{which.en} ending in {_listed(str(d) for d in self.days)}")
            case "weekday":
                named = [WEEKDAYS[d - 1] for d in self.days]
                return Text("每" + "、".join(n.zh for n in named), "every " + _listed(n.en for n in named))
            case "branch":
                named = [BRANCHES[d - 1] for d in self.days]
                return Text("逢" + "、".join(n.zh for n in named) + "日", f"days of the {_listed(n.en for n in named)}")
            case "cycle":
                return Text(f"自 {self.first} 起每 {self.every} 天一场", f"every {self.every} days from {self.first} on")
            case "listed":
                return Text(f"{len(self.dates)} 个日期", f"{len(self.dates)} dates" if len(self.dates) != 1 else "one date")
        raise ValueError(f"no kind of market rule: {self.kind}")


def _listed(words: Iterable[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


@dataclass(frozen=True, slots=True)
class Dated:
    """A rule with the area it is of and the days on which it holds (`until` is no longer one of them)."""

    path: str
    rule: MarketRule
    since: date
    until: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def market_days(rules: Sequence[Dated], path: str, first: date, last: date) -> frozenset[date]:
    """The market days from `first` to `last` at a place: of each day those of the nearest area (at or above the place) that has rules then."""
    here = [rule for rule in rules if path.startswith(rule.path)]
    made = set()
    for n in range((last - first).days + 1):
        day = first + timedelta(n)
        held = [rule for rule in here if rule.in_force(day)]
        nearest = max((len(rule.path) for rule in held), default=0)
        if any(rule.rule.holds(day) for rule in held if len(rule.path) == nearest):
            made.add(day)
    return frozenset(made)
