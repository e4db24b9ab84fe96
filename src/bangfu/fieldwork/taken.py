"""What a command says of a table that was taken whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

import typer
from rich.console import Console

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

WRONG = Text("{f}：{n} 处要改，一行也没有读入。", "{f}: {n} cell(s) are to be corrected; nothing was taken.")


class Taken(Protocol):
    """How many lines a table had, how many of them were new, how many had come before, and what is wrong (then nothing was taken)."""

    @property
    def lines(self) -> int: ...
    @property
    def new(self) -> int: ...
    @property
    def known(self) -> int: ...
    @property
    def problems(self) -> Sequence[Problem]: ...


def say_taken(file: str, taken: Taken, said: Text, *, as_json: bool) -> None:
    """Say what became of a file: `said` has {f}, {n}, {new} and {known}. Every wrong cell is told on stderr, and the command ends with 1."""
    if as_json:
        wrong = [p.as_json() for p in taken.problems]
        print(json.dumps({"lines": taken.lines, "new": taken.new, "known": taken.known, "wrong": wrong}, ensure_ascii=False))
    elif taken.problems:
        for problem in taken.problems:
            Console(stderr=True).print(str(problem), highlight=False)
        Console(stderr=True).print(str(WRONG.format(f=file, n=len(taken.problems))))
    else:
        Console().print(str(said.format(f=file, n=taken.lines, new=taken.new, known=taken.known)))
    if taken.problems:
        raise typer.Exit(1)
