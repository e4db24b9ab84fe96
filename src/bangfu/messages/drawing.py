"""A text for a group as a picture that is read on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bangfu.foundation.say import Text
from bangfu.kit.paper import picture

TEMPLATE = Path(__file__).parent / "paper" / "group.typ"
SYNTHETIC = Text("演示数据，人和事均为虚构", "Synthetic: people and events are invented")


def drawn(title: str, lines: Sequence[str], area: str, day: date, lang: str, *, synthetic: bool) -> bytes:
    """A PNG, 1,080 pixels wide, as high as the text needs."""
    data = {
        "title": title, "lines": list(lines), "area": area, "day": day.isoformat(), "lang": lang,
        "synthetic": SYNTHETIC.in_language(lang) if synthetic else "",
    }  # fmt: skip
    return picture(TEMPLATE, data, ppi=216)
