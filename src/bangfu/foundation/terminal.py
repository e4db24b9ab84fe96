"""What a command says: problems and texts on a terminal that people of both languages share.

Both languages are said, Chinese first, each on a line of its own; `BANGFU_LANG` (`zh` or `en`) leaves one. Not `LANG`: it tells
what a server was set up with, seldom what the people before it read.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn, TextIO

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import LANGUAGES, Text

WRONG_USAGE = 2


def languages() -> tuple[str, ...]:
    """The languages of this terminal: both, or the one that `BANGFU_LANG` names."""
    chosen = os.environ.get("BANGFU_LANG", "").lower().replace("_", "-").partition("-")[0]
    return (chosen,) if chosen in LANGUAGES else LANGUAGES


def said(text: Text) -> str:
    """A text in the terminal's languages, a line each."""
    return "\n".join(dict.fromkeys(text.in_language(lang) for lang in languages()))


def told(problem: Problem) -> str:
    """A problem in the terminal's languages, a line each: number, cause, remedy."""
    cause, remedy = problem.cause, problem.remedy
    return "\n".join(f"{problem.number} {cause.in_language(lang)} {remedy.in_language(lang)}" for lang in languages())


def wrong_usage(text: Text) -> NoReturn:
    """End a command that was called the wrong way, saying how it is called. Exits with 2."""
    print(said(text), file=sys.stderr)
    sys.exit(WRONG_USAGE)


def tell(problem: Problem, stream: TextIO | None = None) -> None:
    """Print a problem, on the standard error where no other stream is given."""
    print(told(problem), file=stream or sys.stderr)
