"""Could the leaders do it alone? The arithmetic of a campaign whose every visit is made by a leader in person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from bangfu.foundation.say import Text

CAN = Text(
    "{homes} 户由 {leaders} 名领导亲自走访，每人 {each} 户；{days} 天每天 {a_day} 户，每户可用 {has} 分钟，需要 {needs} 分钟，每天 {hours} 小时：可行",
    "{homes} home(s) among {leaders} leader(s) are {each} each; over {days} day(s) {a_day} a day, {has} min for each where {needs} are needed, {hours} h a day: feasible",
)
CANNOT = Text(
    "{homes} 户由 {leaders} 名领导亲自走访，每人 {each} 户；{days} 天每天 {a_day} 户，每户只有 {has} 分钟，需要 {needs} 分钟，每天要 {hours} 小时，"
    "超过 {day} 小时：不可行，需要组员分组走访，或者 {enough} 名领导，或者 {longer} 天",
    "{homes} home(s) among {leaders} leader(s) are {each} each; over {days} day(s) {a_day} a day, only {has} min for each where {needs} are needed, {hours} h a day, "
    "more than {day} h: not feasible without companions who visit in parties of their own, or {enough} leader(s), or {longer} day(s)",
)


@dataclass(frozen=True, slots=True)
class Alone:
    """What each leader would have to do; `text` says it. Minutes of a visit include the way to the next home; `out` is the way from the base and back, once a day."""

    each: int
    a_day: float
    minutes_available: float
    minutes_needed: float
    hours_a_day: float
    feasible: bool
    leaders_enough: int
    days_enough: int
    text: Text


def leaders_alone(homes: int, leaders: int, days: int, minutes: float = 30.0, out: float = 40.0, day: float = 480.0) -> Alone:
    """Homes among leaders who visit alone on all days: `minutes` a visit, `out` minutes out and back a day, `day` minutes of work a day.

    Raises ValueError for no leader, no day, a negative number, or a day that the way out and back fills.
    """
    if leaders < 1 or days < 1 or homes < 0 or minutes <= 0 or out < 0 or day <= out:
        raise ValueError("leaders and days from 1, homes from 0, minutes above 0, a day longer than the way out and back")
    each = ceil(homes / leaders)
    a_day = homes / leaders / days
    has = (day - out) / a_day if homes else float("inf")
    hours = (a_day * minutes + (out if homes else 0)) / 60
    most = int((day - out) // minutes)  # whole visits of a day
    feasible = each <= most * days
    enough = ceil(homes / (most * days)) if most else 0
    longer = ceil(each / most) if most else 0
    said = (CAN if feasible else CANNOT).format(
        homes=f"{homes:,}", leaders=leaders, each=each, days=days, a_day=f"{a_day:.1f}", has=f"{has:.1f}", needs=f"{minutes:g}",
        hours=f"{hours:.1f}", day=f"{day / 60:g}", enough=enough, longer=longer,
    )  # fmt: skip
    return Alone(each, a_day, has, minutes, hours, feasible, enough, longer, said)
