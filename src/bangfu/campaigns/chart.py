"""How a campaign goes, drawn: bars of the visits planned for each day, and the line of households visited. An SVG in words of its own; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bangfu.foundation.say import Text
from bangfu.kit.numbers import grouped

WIDTH, HEIGHT, PAD = 640, 190, 26
MEANS = Text("每天计划的走访和首次走访到的农户", "Visits planned for each day, and households first visited on it")


def days_chart(days: Sequence[tuple[date, int, int]], today: date) -> SafeString:
    """(day, planned, done) of each day: a bar of what was planned, a bar in front of it of what was done. Blank without a plan and without a visit."""
    most = max((max(p, d) for _, p, d in days), default=0)
    if not most:
        return SafeString("")
    step = (WIDTH - 2 * PAD) / len(days)
    wide = max(2.0, step * 0.72)

    def bar(n: int, value: int, name: str) -> SafeString:
        high = (HEIGHT - 2 * PAD) * value / most
        return format_html(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', name, f"{PAD + n * step:.1f}", f"{HEIGHT - PAD - high:.1f}", f"{wide:.1f}", f"{high:.1f}"
        )  # fmt: skip

    bars = format_html_join(
        "", "<g><title>{}</title>{}{}</g>", ((_said(day, p, d), bar(n, p, "planned"), bar(n, d, "done")) for n, (day, p, d) in enumerate(days))
    )  # fmt: skip
    marks = format_html_join(
        "", '<text x="{}" y="{}">{}</text>',
        ((f"{PAD + n * step:.1f}", HEIGHT - 8, f"{days[n][0]:%m-%d}") for n in sorted({0, len(days) // 2, len(days) - 1})),
    )  # fmt: skip
    now = next((n for n, (day, _, _) in enumerate(days) if day == today), None)
    line = (
        format_html(
            '<line class="today" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>',
            f"{PAD + now * step + wide / 2:.1f}",
            PAD - 8,
            HEIGHT - PAD,
        )
        if now is not None
        else ""
    )
    return format_html(
        '<svg class="day-bars" viewBox="0 0 {} {}" role="img" aria-label="{}"><text x="{}" y="14">{}</text>{}{}{}</svg>',
        WIDTH, HEIGHT, MEANS, PAD, grouped(most), bars, line, marks,
    )  # fmt: skip


def _said(day: date, planned: int, done: int) -> Text:
    return Text(f"{day}：计划 {planned} 户，走访到 {done} 户", f"{day}: {planned} planned, {done} visited")
