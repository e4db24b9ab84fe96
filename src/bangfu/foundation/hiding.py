"""Numbers of persons in plain text, for places where none may stand: logs, problems, reasons that people type."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from typing import Any

SHORTEST = 11  # a mobile telephone number; identity, account and certificate numbers are longer
LONG_RUN = re.compile(rf"\d{{{SHORTEST},}}[Xx]?")


class Known(str):
    """A number that was read from the register and is no person's, as that of a household: a page may show it. What somebody typed never is."""

    __slots__ = ()


def stars(text: str, first: int, last: int) -> str:
    """A text with all but its first and last characters hidden. Of a short one, of which less than four would be, little is left."""
    if len(text) < first + last + 4:
        first, last = 0, min(last, len(text) // 4)
    return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]


def hide(text: str, known: Collection[str] = ()) -> str:
    """A text in which every long run of digits is masked: whatever number it is, it may be somebody's. Those that are known to be no person's stay."""
    return LONG_RUN.sub(lambda run: run[0] if run[0] in known else stars(run[0], 3, 4), text)


def hide_in(document: Any, known: Collection[str] = ()) -> Any:
    """A JSON document in which every long run of digits in a text is masked, but those that are known to be no person's."""
    if isinstance(document, dict):
        return {key: hide_in(value, known) for key, value in document.items()}
    return hide(document, known) if isinstance(document, str) else document


class HidingFormatter(logging.Formatter):
    """Lines of a log, traces included, without a number of anybody."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as any formatter makes it, numbers hidden."""
        return hide(super().format(record))
