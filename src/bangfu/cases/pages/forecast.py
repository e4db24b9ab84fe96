"""The forecast of an area: burn-down, throughput, the probability of closing all by the end date, what holds it up; and moves that would help."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.cases.forecast import HOLDS, Held
from bangfu.cases.forecasting import Foreseen, Moving, foresee, plan_mobilise
from bangfu.cases.models.cases import STEPS
from bangfu.cases.pages.links import cases_url
from bangfu.cases.pages.places import frame_of
from bangfu.cases.policy import kinds_on
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.say import Text
from bangfu.kit.numbers import grouped

WIDTH, HEIGHT, PAD = 640, 200, 28
SPARK_WIDTH, SPARK_HEIGHT = 120, 24
SURE, DOUBTFUL = 0.8, 0.2  # probabilities from which on a post is safe, below which it is not
SHOWN = 20  # moves at most


@page("case.read")
def forecast(request: HttpRequest, path: str) -> HttpResponse:
    """The forecast of an area, all together, by post below it and by kind; `?kind=` of one kind; `?moves=1` which helpers would have to move."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "forecast")
    kinds, today = kinds_on(), clock.today()
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds.work else ""
    seen = foresee(actor, path, today, kinds, kind)
    village = profile_of(path).plays.village
    line = areas().line(path)
    wide = bool(line) and line[-1].level != village
    moving = plan_mobilise(actor, path, today) if request.GET.get("moves") and wide else None
    url = reverse("cases:forecast", kwargs={"path": path})
    of_kind = f"?kind={kind}" if kind else ""
    left = (seen.until - today).days
    context = frame | {
        "until": seen.until,
        "left": Text(f"还有 {left} 天", f"{days_in_english(left)} left"),
        "campaign": seen.campaign,
        "chart": chart(seen),
        "headline": _row(seen, 0, "") | {"late": seen.late[0], "reasons": [_reason(held) for held in seen.held[0]]},
        "kind": kinds.title(kind) if kind else None,
        "url": url,
        "posts": sorted(
            (_row(seen, n, reverse("cases:forecast", kwargs={"path": seen.rows[n].path}) + of_kind) for n in seen.posts),
            key=_worst,
        ),
        "by_kind": [_row(seen, n, f"{url}?kind={seen.rows[n].kind}") for n in seen.kinds],
        "moves_url": f"{url}?moves=1" if wide else "",
        "moving": _moves(moving, SHOWN) if moving is not None else None,
        "list_url": cases_url(path),
    }
    return render(request, "cases/forecast.html", context)


def _worst(row: dict[str, Any]) -> tuple[float, int]:
    """Those that will not make it come first, then those of whom nothing is known, with what their other parts allow."""
    return (row["at_most"] if row["unknown"] else row["probability"], -row["backlog"])


def days_in_english(days: int) -> str:
    """`1 day`, `2 days`."""
    return f"{grouped(days)} day{'' if days == 1 else 's'}"


def chance(probability: float) -> str:
    """A probability as people read it, rounded down: what is below a bound never reads as having reached it, nor what is possible as nothing."""
    percent = int(probability * 100 + 1e-9)
    return f"{percent}%" if percent or not probability else "<1%"


def _shape(probability: float | None) -> str:
    if probability is None:
        return "unknown"
    return "met" if probability >= SURE else "unmet" if probability < DOUBTFUL else "waiting"


def _row(seen: Foreseen, n: int, url: str) -> dict[str, Any]:
    """A row of the tables: numbers and words of one post or kind."""
    result = seen.result
    raw, most = float(result.probability[n]), float(result.at_most[n])
    probability = None if np.isnan(raw) else raw
    throughput = float(result.throughput[n])
    middle = int(result.finish[n, 1])
    low, left, high = (int(result.fan[n, k, min((seen.until - seen.today).days, result.fan.shape[2] - 1)]) for k in range(3))
    return {
        "title": seen.rows[n].title,
        "url": url,
        "backlog": seen.backlog[n],
        "throughput": None if np.isnan(throughput) else grouped(throughput, 1),
        "probability": probability,
        "at_most": most,
        "unknown": probability is None,
        "chance": None if probability is None else chance(probability),
        "others": chance(most) if most < 1 else None,
        "stuck": int(result.stuck[n]),
        "lent": int(result.lent[n]),
        "shape": _shape(probability),
        "middle": seen.today + timedelta(middle) if middle >= 0 else None,
        "left": left,
        "left_range": f"{grouped(low)}–{grouped(high)}" if low < high else "",
        "with_new": int(result.with_new[n, 1]),
        "arriving": grouped(float(result.arriving[n]), 1),
        "held": _reason(seen.held[n][0]) if seen.held[n] else None,
        "spark": spark(result.burn_down[n]),
    }


def _reason(held: Held) -> dict[str, Any]:
    """A reason in words: how many of all, what they wait for, how long, and with whom most of them lie."""
    where = STEPS.get(held.step, Text(held.step, held.step))
    return {
        "count": held.count,
        "of": held.of,
        "words": HOLDS[held.code],
        "heading": HOLDS[held.code].as_heading(),
        "days": Text(f"中位 {grouped(held.days)} 天", f"median {days_in_english(held.days)}"),
        "with": where,
        "at_step": held.at_step,
        "share": held.count / held.of,
    }


def _points(
    values: Sequence[float], width: float, height: float, most: float, x0: float = 0, y0: float = 0, days: int = 0
) -> str:
    step = width / max(1, days or len(values) - 1)
    return " ".join(f"{x0 + n * step:.1f},{y0 + height - height * v / most:.1f}" for n, v in enumerate(values))


def spark(values: Any) -> SafeString:
    """A burn-down as a small line; decoration beside the number."""
    listed = [float(v) for v in values][-60:]
    most = max([*listed, 1.0])
    points = _points(listed, SPARK_WIDTH, SPARK_HEIGHT - 2, most, 0, 1)
    return format_html(
        '<svg class="spark" width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true"><polyline points="{}"/></svg>',
        SPARK_WIDTH, SPARK_HEIGHT, SPARK_WIDTH, SPARK_HEIGHT, points,
    )  # fmt: skip


def _ceiling(most: float) -> int:
    """An even round number that is not below any count: 2, 4, 6, 8, 10, 12, 16 or 20 times a power of ten."""
    step = 1
    while True:
        for times in (2, 4, 6, 8, 10, 12, 16):
            if times * step >= most:
                return times * step
        step *= 10


def chart(seen: Foreseen, n: int = 0) -> SafeString:
    """The burn-down of a row: what was open up to today, then the fan of what may be open of it, to the end date."""
    past = [float(v) for v in seen.result.burn_down[n]]
    first = next((k for k, v in enumerate(past) if v), len(past) - 1)
    past = past[max(0, first - 1) :]
    ahead = max((seen.until - seen.today).days, 1)
    fan = seen.result.fan[n][:, : ahead + 1]
    ahead = fan.shape[-1] - 1
    days = len(past) - 1 + ahead
    most = _ceiling(max([*past, 1.0]))
    width, height = WIDTH - 2 * PAD, HEIGHT - 2 * PAD
    step = width / max(1, days)
    today_x = PAD + (len(past) - 1) * step

    def y(value: float) -> float:
        return PAD + height - height * value / most

    low, middle, high = ([float(v) for v in fan[k]] for k in range(3))
    area = (
        _points(high, ahead * step, height, most, today_x, PAD, ahead)
        + " "
        + " ".join(reversed(_points(low, ahead * step, height, most, today_x, PAD, ahead).split()))
    )
    parts = [
        f'<line class="axis" x1="{PAD}" y1="{y(value):.1f}" x2="{WIDTH - PAD}" y2="{y(value):.1f}"/>'
        for value in (0, most / 2, most)
    ]
    parts += [
        f'<polygon class="fan" points="{area}"/>',
        f'<polyline class="middle" points="{_points(middle, ahead * step, height, most, today_x, PAD, ahead)}"/>',
        f'<polyline class="past" points="{_points(past, (len(past) - 1) * step, height, most, PAD, PAD, len(past) - 1)}"/>',
        f'<line class="today" x1="{today_x:.1f}" y1="{PAD}" x2="{today_x:.1f}" y2="{HEIGHT - PAD}"/>',
    ]
    begun = seen.today - timedelta(len(past) - 1)
    now = Text(f"今天 {grouped(seen.backlog[n])} 件", f"{grouped(seen.backlog[n])} today")
    words = [
        (PAD, HEIGHT - 8, "start", f"{begun:%m-%d}"),
        (today_x, HEIGHT - 8, "middle", f"{seen.today:%m-%d}"),
        (WIDTH - PAD, HEIGHT - 8, "end", f"{seen.until:%m-%d}"),
        (PAD, PAD - 6, "start", grouped(most)),
        (today_x + 6, max(y(past[-1]) - 6, PAD + 12), "start", str(now)),
        (WIDTH - PAD, y(middle[-1]) - 6, "end", grouped(int(middle[-1]))),
    ]
    parts += [f'<text x="{x:.1f}" y="{where:.1f}" text-anchor="{anchor}">{text}</text>' for x, where, anchor, text in words]
    label = Text("在办事项：过去和预测", "Open cases: the past and the forecast")
    return mark_safe(
        f'<svg class="burn-down" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _moves(moving: Moving, most: int) -> dict[str, Any]:
    """The moves in words: which post gets how many hands from where, and what that does to it and to those who give."""
    result, limits = moving.result, moving.limits
    titles = [p.title for p in moving.posts]
    shown = result.first(most)
    before = int(result.before.sum())
    return {
        "before": before,
        "after": before + len(shown),
        "whole": int(result.after.sum()),
        "all": len(result.moves),
        "posts": len(titles),
        "unknown": int((~result.chances.known).sum()),
        "optimal": result.optimal,
        "seconds": round(result.seconds, 1),
        "target": round(limits.target * 100),
        "share": round(limits.share * 100),
        "least": round(limits.least * 100),
        "hands": sum(move.hands for move in shown),
        "moves": [
            {
                "taker": titles[move.taker],
                "hands": move.hands,
                "before": chance(move.before),
                "after": chance(move.after),
                "gain": round(move.gain * 100),
                "sent": [
                    {
                        "giver": titles[one.giver],
                        "hands": one.hands,
                        "km": grouped(one.metres / 1000, 1),
                        "before": chance(one.before),
                        "after": chance(one.after),
                    }
                    for one in move.sent
                ],
            }
            for move in shown
        ],
        "unhelped": [(titles[n], why) for n, why in result.unhelped],
    }
