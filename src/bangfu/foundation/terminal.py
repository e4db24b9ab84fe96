"""What a command says: problems and texts on a terminal that people of both languages share.

Of problems and short words both languages are said, Chinese first, each on a line of its own; `BANGFU_LANG` (`zh` or `en`) leaves one. Not `LANG`: it
tells what a server was set up with, seldom what the people before it read. What can be said in one language only, such as a table, follows
`BANGFU_LANG`, else the locale (`reader`).
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn, TextIO

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import LANGUAGES, Text

WRONG_USAGE = 2
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set holds


def languages() -> tuple[str, ...]:
    """The languages of this terminal: both, or the one that `BANGFU_LANG` names."""
    chosen = os.environ.get("BANGFU_LANG", "").lower().replace("_", "-").partition("-")[0]
    return (chosen,) if chosen in LANGUAGES else LANGUAGES


def reader() -> str:
    """The one language of what is said once: that of `BANGFU_LANG`, else English where the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`) is English, else Chinese."""
    if len(languages()) == 1:
        return languages()[0]
    locale = next((os.environ[name] for name in LOCALE if os.environ.get(name)), "")
    return "en" if locale.lower().partition(".")[0].partition("_")[0] == "en" else "zh"


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
