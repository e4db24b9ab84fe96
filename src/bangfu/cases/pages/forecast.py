"""The forecast of an area: burn-down, throughput, the probability of finishing by the end date, what holds it up; and moves that would help."""

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
from bangfu.cases.forecast import HOLDS
from bangfu.cases.forecasting import Foreseen, Moving, by_kind, by_post, plan_mobilise
from bangfu.cases.pages.links import cases_url
from bangfu.cases.pages.places import frame_of
from bangfu.cases.policy import kinds_on
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.say import Text

WIDTH, HEIGHT, PAD = 640, 200, 28
SPARK_WIDTH, SPARK_HEIGHT = 120, 24
SURE, DOUBTFUL = 0.8, 0.2  # probabilities from which on a post is safe, below which it is not


@page("case.read")
def forecast(request: HttpRequest, path: str) -> HttpResponse:
    """The forecast of an area, all together, by post below it and by kind; `?kind=` of one kind; `?moves=1` which helpers would have to move."""
    actor = acting_as(request)
    _, frame = frame_of(actor, path, "forecast")
    kinds, today = kinds_on(), clock.today()
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds.work else ""
    below = by_post(actor, path, today, kind)
    whole = by_kind(actor, path, today, kinds)
    at = whole.kinds.index(kind) if kind in whole.kinds else 0
    village = profile_of(path).plays.village
    line = areas().line(path)
    wide = bool(line) and line[-1].level != village
    moving = plan_mobilise(actor, path, today) if request.GET.get("moves") and wide else None
    url = reverse("cases:forecast", kwargs={"path": path})
    context = frame | {
        "until": whole.until,
        "left": (whole.until - today).days,
        "campaign": whole.campaign,
        "chart": chart(whole, at),
        "headline": _row(whole, at, ""),
        "kind": kinds.title(kind) if kind else None,
        "kinds": [(k, kinds.title(k)) for k in whole.kinds if k],
        "chosen": kind,
        "posts": sorted(
            (_row(below, n, reverse("cases:forecast", kwargs={"path": p})) for n, p in enumerate(below.paths)), key=_worst
        ),
        "by_kind": [_row(whole, n, f"{url}?kind={k}") for n, k in enumerate(whole.kinds) if k],
        "moves_url": f"{url}?moves=1" if wide else "",
        "moving": _moves(moving) if moving is not None else None,
        "list_url": cases_url(path),
    }
    return render(request, "cases/forecast.html", context)


def _worst(row: dict[str, Any]) -> tuple[float, int]:
    """Those that will not make it come first, then those of whom nothing is known."""
    return (
        2.0 if row["probability"] is None and row["backlog"] else -1.0 if row["probability"] is None else row["probability"],
        -row["backlog"],
    )


def _row(seen: Foreseen, n: int, url: str) -> dict[str, Any]:
    """A row of the tables: numbers and words of one post or kind."""
    result = seen.result
    raw = float(result.probability[n])
    probability = None if np.isnan(raw) else raw
    middle = int(result.finish[n, 1])
    backlog = int(seen.history.backlog[n])
    held = result.held_by[n]
    return {
        "title": seen.titles[n],
        "url": url,
        "backlog": backlog,
        "throughput": None if np.isnan(float(result.throughput[n])) else round(float(result.throughput[n]), 1),
        "probability": probability,
        "percent": None if probability is None else round(probability * 100),
        "shape": "met" if probability is not None and probability >= SURE else "unmet" if probability is not None and probability < DOUBTFUL else "waiting" if probability is not None else "unknown",
        "middle": seen.today + timedelta(middle) if middle >= 0 else None,
        "held": HOLDS.get(held, Text(held, held)) if held and backlog else None,
        "held_n": int(result.held[n]),
        "spark": spark(result.burn_down[n]),
    }  # fmt: skip


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


def chart(seen: Foreseen, n: int) -> SafeString:
    """The burn-down of a row: what was open up to today, then the fan of what may be, to the end date."""
    past = [float(v) for v in seen.result.burn_down[n]]
    first = next((k for k, v in enumerate(past) if v), len(past) - 1)
    past = past[max(0, first - 1) :]
    fan = seen.result.fan[n]
    known = bool(fan.size) and int(fan.min()) >= 0
    ahead = fan.shape[-1] - 1
    days = len(past) - 1 + ahead
    most = max([*past, float(fan.max()) if known else 0.0, 1.0])
    width, height = WIDTH - 2 * PAD, HEIGHT - 2 * PAD
    step = width / max(1, days)
    today_x = PAD + (len(past) - 1) * step
    parts = [f'<line class="axis" x1="{PAD}" y1="{HEIGHT - PAD}" x2="{WIDTH - PAD}" y2="{HEIGHT - PAD}"/>']
    if known:
        low, middle, high = ([float(v) for v in fan[k]] for k in range(3))
        area = (
            _points(high, ahead * step, height, most, today_x, PAD, ahead)
            + " "
            + " ".join(reversed(_points(low, ahead * step, height, most, today_x, PAD, ahead).split()))
        )
        parts.append(f'<polygon class="fan" points="{area}"/>')
        parts.append(f'<polyline class="middle" points="{_points(middle, ahead * step, height, most, today_x, PAD, ahead)}"/>')
    parts.append(
        f'<polyline class="past" points="{_points(past, (len(past) - 1) * step, height, most, PAD, PAD, len(past) - 1)}"/>'
    )
    parts.append(f'<line class="today" x1="{today_x:.1f}" y1="{PAD}" x2="{today_x:.1f}" y2="{HEIGHT - PAD}"/>')
    begun = seen.today - timedelta(len(past) - 1)
    words = [
        (PAD, HEIGHT - 8, "start", f"{begun:%m-%d}"),
        (today_x, HEIGHT - 8, "middle", f"{seen.today:%m-%d}"),
        (WIDTH - PAD, HEIGHT - 8, "end", f"{seen.until:%m-%d}"),
        (PAD, PAD - 8, "start", f"{int(most)}"),
    ]
    parts += [f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{text}</text>' for x, y, anchor, text in words]
    label = Text("在办事项：过去和预测", "Open cases: the past and the forecast")
    return mark_safe(
        f'<svg class="burn-down" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _moves(moving: Moving) -> dict[str, Any]:
    """The moves in words: from which post to which, how many hands, how far, what each gains."""
    result = moving.result
    titles = [p.title for p in moving.posts]
    return {
        "before": int(result.before.sum()) if hasattr(result.before, "sum") else result.before,
        "after": int(result.after.sum()) if hasattr(result.after, "sum") else result.after,
        "posts": len(titles),
        "optimal": result.optimal,
        "seconds": round(result.seconds, 1),
        "moves": [
            {
                "giver": titles[m.giver],
                "taker": titles[m.taker],
                "hands": m.hands,
                "km": round(m.metres / 1000, 1),
                "gain": round(float(m.gain) * 100),
            }
            for m in result.moves
        ],
        "unhelped": [(titles[n], why) for n, why in result.unhelped],
    }
