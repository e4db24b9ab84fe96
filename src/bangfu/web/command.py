"""The one console script: `bangfu COMMAND …`, a Django management entry."""

from __future__ import annotations

import os
import sys

from bangfu.foundation.say import Text

INTERRUPTED = 130  # as a shell counts Ctrl-C

WRITTEN_WRONG = Text(
    "命令写得不对，原因见上；写法：bangfu {command} --help",
    "The command is not written right, see above; how it is: bangfu {command} --help",
)
OVERVIEW = Text(
    "用法：bangfu 命令 …　每个命令的写法：bangfu 命令 --help",
    "Usage: bangfu COMMAND …   How each is written: bangfu COMMAND --help",
)


def main() -> None:
    """Run a command. Exit code 0 done, 1 refused or failed with a numbered problem, 2 wrong usage.

    What a command raises is told here, once for all of them: whatever a user or the machine did to it is a numbered problem in the
    terminal's languages. A trace is left for faults of the program.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")
    from django.core.management import execute_from_command_line, get_commands

    from bangfu.foundation import doctor, failures, terminal
    from bangfu.foundation.arguments import require_words
    from bangfu.foundation.postgres.doctor import fallen

    words = sys.argv[1:]
    if words == ["--version"]:
        from importlib.metadata import version

        print(f"bangfu {version('bangfu')}")
        return
    if words in ([], ["help"], ["--help"], ["-h"]):
        _overview()
        sys.exit(0 if words else terminal.WRONG_USAGE)
    try:
        require_words(words)
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except SystemExit as ended:
        # django-typer says 1 for wrong usage as well; the click that it uses may be typer's own copy, so the class goes by its name.
        if any(kind.__name__ == "UsageError" for kind in type(ended.__context__).__mro__):
            terminal.wrong_usage(WRITTEN_WRONG.format(command=words[0]))
        if not words[0].startswith("-") and words[0] not in get_commands():
            sys.exit(terminal.WRONG_USAGE)
        raise
    except (KeyboardInterrupt, EOFError):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read went away (`| head`): nothing more to say, not even by Python at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        problem = failures.as_problem(error)
        if problem is None:
            raise
        if words[:1] == ["doctor"]:
            # Not even the settings could be read: that is the one point that there is to tell.
            doctor.show([fallen("home", problem)], as_json="--json" in words)
        else:
            terminal.tell(problem)
        sys.exit(terminal.WRONG_USAGE if problem.kind.usage else 1)


def _overview() -> None:
    """What commands there are: those of Bangfu, a line each, without Django's own."""
    import django
    from django.core.management import get_commands, load_command_class

    from bangfu.foundation.terminal import said

    django.setup()
    print(said(OVERVIEW))
    for name, package in sorted(get_commands().items()):
        if str(package).startswith("bangfu."):
            print(f"  {name:<15}{load_command_class(package, name).help}")
