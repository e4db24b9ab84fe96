"""What is due of each household by the pack of the day, with its reason and where the number comes from. Pure.

A duty is a visit (of whoever answers for the household, or of another kind of helper), a visit that a must-visit group calls for, a full check,
the year-end window, or a measure after identification. It opens on a day before which nobody need come, and is due on a day that is
never pushed back: an interval counts from the last visit made, not from the last one planned. A number that the pack leaves open makes no duty;
the calendar names it, so that the county enters it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bangfu.foundation.say import Text
from bangfu.screening.pack.model import Pack
from bangfu.screening.pack.work import Setting, VisitEvery, Work, visits_on, work_on

VISIT, MUST_VISIT, FULL_CHECK, YEAR_END = "visit", "must_visit", "full_check", "year_end"
FIRST_MEASURE, ALL_MEASURES = "first_measure", "all_measures"
KINDS: dict[str, Text] = {
    VISIT: Text("走访", "visit"),
    MUST_VISIT: Text("必访", "must be visited"),
    FULL_CHECK: Text("集中排查", "full check"),
    YEAR_END: Text("年度动态管理", "year-end window"),
    FIRST_MEASURE: Text("首项帮扶措施", "first measure"),
    ALL_MEASURES: Text("帮扶措施全部落实", "all measures in place"),
}
AT_HOME = (VISIT, MUST_VISIT, FULL_CHECK, YEAR_END)  # what one visit to the household can serve together


@dataclass(frozen=True, slots=True)
class Group:
    """A must-visit group of the pack that a household is in, from a day on (None: nobody knows since when); `verified` as `groups_on` says."""

    name: str
    title: Text
    since: date | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class HouseholdWork:
    """What the calendar knows of a household.

    `visit` is the rule of visits that holds for it (its name in the pack, blank for none), `since` the day from which its interval counts where
    nobody has visited yet, `visited_by` the last visit of each other kind of helper, `helper` who answers for it.
    `checked` and `year_end` are the days of its last full check and of its last work in a year-end window.
    """

    key: int
    village: str
    visit: str = ""
    since: date | None = None
    visited: date | None = None
    visited_by: Mapping[str, date] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    identified: date | None = None
    first_measure: date | None = None
    all_measures: date | None = None
    checked: date | None = None
    year_end: date | None = None
    helper: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a duty comes from: the pack, the name in it (a parameter or a group), its source, whether it was verified."""

    pack: str
    name: str
    source: Text
    verified: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """Something due of a household. `by`: the kind of helper it is asked of, blank for whoever answers for the household."""

    household: int
    kind: str
    opens: date
    due: date
    reason: Text
    basis: Basis
    by: str = ""

    def overdue(self, today: date) -> int:
        """Days since it was due; 0 where it is not overdue."""
        return max((today - self.due).days, 0)


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `opens` to `closes`, both counted."""

    opens: date
    closes: date


@dataclass(frozen=True, slots=True)
class Rules:
    """What a pack says of the work on a day. A pack without a word on it makes no duty but those of its must-visit groups."""

    pack: str
    work: Work
    visits: Mapping[str, VisitEvery]

    def basis(self, setting: Setting) -> Basis:
        """Where a number of the pack comes from."""
        return Basis(self.pack, setting.parameter, setting.source, setting.verified)

    @property
    def open(self) -> tuple[Setting, ...]:
        """The numbers of the calendar that are left open on the day, each once, in the pack's order."""
        timed = [s for key, s in self.work.one.items() if key.partition(".")[0] in ("measures", "full_check", "year_end")]
        asked = [*timed, *(s for visit in self.visits.values() for s in (visit.every, *visit.by_helper.values()))]
        return tuple({s.parameter: s for s in asked if s.value is None}.values())


@dataclass(frozen=True, slots=True)
class Calendar:
    """The duties of households, the most urgent first, and the numbers that the pack leaves open."""

    duties: tuple[Duty, ...]
    open: tuple[Setting, ...]

    def overdue(self, today: date) -> tuple[Duty, ...]:
        """The duties that are overdue on a day, those of the longest first."""
        return tuple(duty for duty in self.duties if duty.due < today)


@dataclass(frozen=True, slots=True)
class DueCount:
    """Of the households of a place: how many have something due by a day, how many something overdue, and for how many days at the longest."""

    due: int = 0
    overdue: int = 0
    longest: int = 0


def due_by(duties: Iterable[Duty], day: date) -> dict[int, list[Duty]]:
    """The duties of each household that are due by a day, in the order in which they come."""
    found: dict[int, list[Duty]] = {}
    for duty in duties:
        if duty.due <= day:
            found.setdefault(duty.household, []).append(duty)
    return found


def count_due(due: Iterable[Sequence[Duty]], today: date) -> DueCount:
    """The count of some households, each with its duties that are due."""
    late = [max(duty.overdue(today) for duty in duties) for duties in due]
    return DueCount(len(late), sum(days > 0 for days in late), max(late, default=0))


def rules_on(pack: Pack, day: date) -> Rules:
    """What a pack says of the work on a day."""
    return Rules(pack.name, work_on(pack, day), visits_on(pack, day))


def groups_on(pack: Pack, day: date, since: Mapping[str, date | None]) -> tuple[Group, ...]:
    """The must-visit groups of a household by their names and since when it is in each; verified is one that rests on verified numbers alone.

    Raises KeyError for a group that the pack does not have.
    """
    flags = [(pack.groups[name], begun) for name, begun in since.items()]
    return tuple(Group(f.name, f.title, begun, not pack.doubtful([f.when], day)) for f, begun in flags)


def calendar_of(households: Iterable[HouseholdWork], rules: Rules, today: date, until: date, begun: date) -> Calendar:
    """Every duty that is open by `until`, of all households.

    `begun` is the day from which the county is held to the calendar: what should have been done before is not overdue.
    """
    checks = full_checks(rules.work, begun, until)
    years = year_ends(rules.work, begun, until)
    made = [duty for household in households for duty in _duties(household, rules, today, until, begun, checks, years)]
    return Calendar(tuple(sorted(made, key=lambda d: (d.due, d.household, d.kind, d.by))), rules.open)


def duties_of(household: HouseholdWork, rules: Rules, today: date, until: date, begun: date) -> tuple[Duty, ...]:
    """Every duty of one household that is open by `until`, the most urgent first."""
    return calendar_of([household], rules, today, until, begun).duties


def _duties(
    household: HouseholdWork, rules: Rules, today: date, until: date, begun: date, checks: list[Window], years: list[Window]
) -> Iterator[Duty]:
    made = [*_visits(household, rules, begun), *_must_visit(household, rules, today, begun), *_measures(household, rules)]
    for kind, key, windows, done in (
        (FULL_CHECK, "full_check.every", checks, household.checked),
        (YEAR_END, "year_end.last", years, household.year_end),
    ):
        made += _windows(household, rules, kind, key, windows, done, today)
    yield from (duty for duty in made if duty.opens <= until)


def _visits(household: HouseholdWork, rules: Rules, begun: date) -> Iterator[Duty]:
    rule = rules.visits.get(household.visit)
    if rule is None:
        return
    counted = max(household.since or begun, begun)
    asked = [("", rule.every, household.visited), *((by, s, household.visited_by.get(by)) for by, s in rule.by_helper.items())]
    for by, setting, last in asked:
        if setting.value is None:
            continue
        every = int(setting.value)
        # A visit of long before the county began is no reason to be late on the first day.
        due = max(last, begun - timedelta(every)) + timedelta(every) if last is not None else counted + timedelta(every)
        opens = last + timedelta(earliest(every)) if last is not None else counted
        before = Text(f"上次走访 {last}", f"last visited on {last}") if last else Text("尚未走访", "not yet visited")
        reason = Text(
            f"{rule.title.zh}每 {every} 天走访一次，{before.zh}", f"{rule.title.en}: a visit every {every} days, {before.en}"
        )
        yield Duty(household.key, VISIT, min(opens, due), due, reason, rules.basis(setting), by)


def earliest(every: int) -> int:
    """After how many days of an interval the next visit may be made: two thirds of it, so that visits do not crowd and days remain to choose from."""
    return -(-every * 2 // 3)


def _must_visit(household: HouseholdWork, rules: Rules, today: date, begun: date) -> Iterator[Duty]:
    """A household of a must-visit group is visited once it is in the group, now: the longest of its groups that nobody has seen it in counts."""
    unseen = [g for g in household.groups if household.visited is None or (g.since is not None and household.visited < g.since)]
    if not unseen:
        return
    due = min(max(group.since, begun) if group.since is not None else today for group in unseen)
    zh, en = "、".join(g.title.zh for g in unseen), ", ".join(g.title.en for g in unseen)
    told = Text("规则包的必访对象", "must-visit group of the pack")
    basis = Basis(rules.pack, unseen[0].name, told, all(group.verified for group in unseen))
    yield Duty(household.key, MUST_VISIT, due, due, Text(f"必访对象：{zh}", f"must be visited: {en}"), basis)


def _measures(household: HouseholdWork, rules: Rules) -> Iterator[Duty]:
    if household.identified is None:
        return
    first_done = household.first_measure is not None or household.all_measures is not None
    for kind, key, done in (
        (FIRST_MEASURE, "measures.first", first_done),
        (ALL_MEASURES, "measures.all", household.all_measures is not None),
    ):
        setting = rules.work.setting(key)
        if done or setting is None or setting.value is None:
            continue
        due = household.identified + timedelta(int(setting.value))
        reason = Text(
            f"{household.identified} 识别，{setting.value} 天内{KINDS[kind].zh}",
            f"identified on {household.identified}; {KINDS[kind].en} within {setting.value} days",
        )
        yield Duty(household.key, kind, household.identified, due, reason, rules.basis(setting))


def _windows(
    household: HouseholdWork, rules: Rules, kind: str, key: str, windows: list[Window], done: date | None, today: date
) -> Iterator[Duty]:
    """The last window that has opened and those to come: one that was missed is made up for until the next opens."""
    begun = [window for window in windows if window.opens <= today][-1:]
    for window in [*begun, *(window for window in windows if window.opens > today)]:
        if done is not None and done >= window.opens:
            continue
        reason = Text(
            f"{KINDS[kind].zh}：{window.opens} 至 {window.closes}", f"{KINDS[kind].en}: {window.opens} to {window.closes}"
        )
        yield Duty(household.key, kind, window.opens, window.closes, reason, rules.basis(rules.work.one[key]))


# --- windows of the year


def full_checks(work: Work, first: date, last: date) -> list[Window]:
    """The windows of full checks that close on or after `first` and open by `last`; none where the pack says or knows none."""
    month, every, length = (work.number(f"full_check.{key}") for key in ("first", "every", "length"))
    if month is None or every is None or length is None:
        return []
    return [
        window
        for year in range(first.year - 1, last.year + 1)
        for start in range(int(month), 13, int(every))
        if (window := _months(year, start, int(length))).closes >= first and window.opens <= last
    ]


def year_ends(work: Work, first: date, last: date) -> list[Window]:
    """The year-end windows that close on or after `first` and open by `last`; one may reach over New Year."""
    opens, closes = work.number("year_end.first"), work.number("year_end.last")
    if opens is None or closes is None:
        return []
    length = (int(closes) - int(opens)) % 12 + 1
    made = [_months(year, int(opens), length) for year in range(first.year - 1, last.year + 1)]
    return [window for window in made if window.closes >= first and window.opens <= last]


def _months(year: int, month: int, length: int) -> Window:
    end = year * 12 + month - 1 + length
    return Window(date(year, month, 1), date(end // 12, end % 12 + 1, 1) - timedelta(1))
