"""What several commands are given, checked before anything is done: words, a scale, a port."""

from __future__ import annotations

import math

from bangfu.foundation.failures import NOT_TEXT, shown
from bangfu.foundation.problems import declare
from bangfu.foundation.say import is_text

LARGEST_SCALE = 10
LARGEST_PORT = 65535

BAD_SCALE = declare(
    "BF-1040",
    zh="规模 {scale} 不可用。",
    en="The scale {scale} cannot be used.",
    remedy_zh="请给出大于 0、不超过 {largest} 的数；1 是真实规模，0.01 是百分之一。",
    remedy_en="Give a number above 0 and up to {largest}; 1 is true size, 0.01 a hundredth of it.",
    usage=True,
)
BAD_PORT = declare(
    "BF-1041",
    zh="端口 {port} 不可用。",
    en="The port {port} cannot be used.",
    remedy_zh="请给出 1 至 65535 之间的整数，例如 8000。",
    remedy_en="Give a whole number from 1 to 65535, for example 8000.",
    usage=True,
)


def require_words(words: list[str]) -> None:
    """Hold that words typed at a terminal are text. Raises BF-1007."""
    for word in words:
        if not is_text(word):
            raise NOT_TEXT(shown=shown(word))


def require_scale(scale: float) -> None:
    """Hold that a county can be made at a scale. Raises BF-1040."""
    if not (math.isfinite(scale) and 0 < scale <= LARGEST_SCALE):
        raise BAD_SCALE(scale=scale, largest=LARGEST_SCALE)


def require_port(port: int) -> None:
    """Hold that a number is a port. Raises BF-1041."""
    if not 1 <= port <= LARGEST_PORT:
        raise BAD_PORT(port=port)
