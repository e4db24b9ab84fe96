"""The market days of a demo county: a weekly or a lunar rule for each township, all invented."""

from __future__ import annotations

from bangfu.areas.lunar import has_lunar
from bangfu.areas.market_days import MarketRow, add_markets
from bangfu.areas.markets import MarketRule
from bangfu.areas.models import Area
from bangfu.areas.profile import profile
from bangfu.foundation import clock
from bangfu.foundation.county import County

SOURCE = "演示数据，虚构 · invented for the demo"
PAIRS = ((1, 6), (2, 7), (3, 8), (4, 9), (0, 5))  # neighbours hold their markets on different days, so that traders can go round


def hold_markets(county: County) -> int:
    """Let every township of the county hold markets; returns how many are new."""
    book = profile(county.country)
    lunar = has_lunar(book)
    since = clock.today().replace(month=1, day=1)
    rows = []
    for n, area in enumerate(Area.objects.under(county.path).level(book.plays.township).order_by("path")):
        rule = MarketRule("lunar_tens", tuple(sorted(PAIRS[n % len(PAIRS)]))) if lunar else MarketRule("weekday", (n % 6 + 1,))
        rows.append(
            MarketRow(
                f"{area.name}场" if lunar else area.name, f"Market of {area.name_en or area.name}", rule, since, None,
                SOURCE, verified=False, area=area.path,
            )
        )  # fmt: skip
    return add_markets(county.operator(), county.path, rows)
