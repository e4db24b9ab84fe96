"""What self-report and the hotline are held to: limits, days, the hotline's own number, the address on the printed code.

Shipped in `data/reports.yaml`; an office changes a number by the environment. A value of the environment that is no such number is refused (BF-2660).
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bangfu.fieldwork.problems_reports import BAD_REPORT_SETTING
from bangfu.foundation.say import Text

HOTLINE, ADDRESS = "BANGFU_HOTLINE", "BANGFU_REPORT_ADDRESS"
_NUMBER = re.compile(r"[0-9][0-9 -]{2,19}")
_ADDRESS = re.compile(r"https?://[^\s/]+")


@lru_cache(maxsize=1)
def _shipped() -> dict[str, dict[str, Any]]:
    raw: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data" / "reports.yaml").read_text("utf-8"))
    return raw


def limit(key: str) -> int:
    """A number of `data/reports.yaml`, or what the environment says instead. Raises BF-2660, and KeyError for a key that there is not."""
    kept = _shipped()[key]
    said = os.environ.get(kept["env"], "").strip()
    if not said:
        return int(kept["value"])
    if not (said.isascii() and said.isdecimal() and len(said) < 9 and kept["least"] <= int(said) <= kept["most"]):
        wanted = Text(f"{kept['least']} 到 {kept['most']} 的整数", f"a whole number from {kept['least']} to {kept['most']}")
        raise BAD_REPORT_SETTING(name=kept["env"], value=said[:40], wanted=wanted)
    return int(said)


def hotline() -> str:
    """The number of the county's hotline, blank where the county has set none. Raises BF-2660 for what is no number."""
    said = os.environ.get(HOTLINE, "").strip()
    if said and not _NUMBER.fullmatch(said):
        raise BAD_REPORT_SETTING(name=HOTLINE, value=said[:40], wanted=Text("电话号码", "a telephone number"))
    return said


def public_address() -> str:
    """Where people reach the pages from their phones (`https://help.example.gov.cn`), blank where the office has not said. Raises BF-2660."""
    said = os.environ.get(ADDRESS, "").strip().rstrip("/")
    if said and not _ADDRESS.fullmatch(said):
        raise BAD_REPORT_SETTING(name=ADDRESS, value=said[:40], wanted=Text("https://… 网址", "an address such as https://…"))
    return said


def or_hotline() -> Text:
    """What else somebody can do whom a page refused: the hotline where there is one, else the village post."""
    number = hotline()
    if number:
        return Text(
            f"也可以拨打热线 {number} 或到村指挥所当面说", f"you may also call the hotline {number}, or tell the village post"
        )
    return Text("也可以到村指挥所当面说", "you may also tell the village post")
