"""A rate with its interval and its limit, drawn: a line from the lower to the upper bound, a dot at the estimate, a mark at the limit. Pure."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from bangfu.foundation.say import Text
from bangfu.supervision.intervals import Rate

WIDTH, HEIGHT, PAD = 220, 26, 6
SAID = Text("估计 {estimate}，区间 {low} 至 {high}，界限 {limit}", "estimate {estimate}, interval {low} to {high}, limit {limit}")


def interval_chart(rate: Rate, limit: float | None, most: float) -> SafeString:
    """The drawing, on a scale from 0 to `most`; blank where no interval is known."""
    if rate.low is None or rate.high is None or rate.estimate is None or most <= 0:
        return SafeString("")

    def at(value: float) -> str:
        return f"{PAD + (WIDTH - 2 * PAD) * min(value, most) / most:.1f}"

    said = SAID.format(
        estimate=f"{rate.estimate:.2%}",
        low=f"{rate.low:.2%}",
        high=f"{rate.high:.2%}",
        limit="–" if limit is None else f"{limit:.0%}",
    )
    mark = (
        format_html('<line class="limit" x1="{0}" x2="{0}" y1="2" y2="{1}"/>', at(limit), HEIGHT - 2) if limit is not None else ""
    )
    return format_html(
        '<svg class="interval" viewBox="0 0 {} {}" role="img" aria-label="{}"><line class="axis" x1="{}" x2="{}" y1="13" y2="13"/>'
        '<line class="span" x1="{}" x2="{}" y1="13" y2="13"/>{}<circle cx="{}" cy="13" r="4"/></svg>',
        WIDTH, HEIGHT, said, PAD, WIDTH - PAD, at(rate.low), at(rate.high), mark, at(rate.estimate),
    )  # fmt: skip
