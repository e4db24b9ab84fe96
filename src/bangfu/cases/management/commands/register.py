"""`bangfu register files`, beside the commands of the register: one household, one file, as PDF."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from django.utils import translation
from django_typer.management import command
from rich.console import Console

from bangfu.areas.models import Area
from bangfu.cases.actions.printing import households_by_number, print_apart, print_files
from bangfu.foundation.acting import acting
from bangfu.foundation.county import the_county
from bangfu.foundation.say import LANGUAGES, Text
from bangfu.foundation.terminal import wrong_usage
from bangfu.register.management.commands.register import Command as Register
from bangfu.register.models import Household

ONE_OF_THEM = Text("请用 --area 或 --numbers 说明是哪些户，两者选一。", "Say which households: either --area or --numbers.")


class Command(Register):
    @command()
    def files(
        self,
        into: Annotated[Path, typer.Argument(help="a PDF to write (.pdf), or a folder: a PDF of each household")],
        area: Annotated[str, typer.Option("--area", help="the path or the code of an area: all its households")] = "",
        numbers: Annotated[
            Path | None,
            typer.Option("--numbers", help="a file with a household number on each line", exists=True, dir_okay=False),
        ] = None,
        most: Annotated[int | None, typer.Option("--most", min=1, help="the first so many households only")] = None,
        language: Annotated[str, typer.Option("--language", help="zh or en")] = "zh",
        as_json_: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Print one household, one file: of an area, or of a list of numbers. Numbers of persons are masked; the print goes into the audit."""
        if bool(area) == (numbers is not None):
            wrong_usage(ONE_OF_THEM)
        if language not in LANGUAGES:
            wrong_usage(Text("--language 只能是 {known}。", "--language is one of {known}.").format(known=", ".join(LANGUAGES)))
        county, began = the_county(), time.perf_counter()
        operator = county.operator()
        with acting(operator):
            if numbers is not None:
                lines = numbers.read_text("utf-8-sig").splitlines()
                households = households_by_number(operator, [line.strip() for line in lines if line.strip()])
            else:
                path = Area.objects.meant_by(area, county.path).path
                households = list(Household.objects.visible_to(operator).farming().under(path).order_by("path", "number"))
        chosen = households[:most]
        with Console(stderr=True).status("") as status, translation.override("en" if language == "en" else "zh-hans"):
            done = 0

            def progress(more: int) -> None:
                nonlocal done
                done += more
                status.update(f"打印 printing {done:,} / {len(chosen):,}")

            if into.suffix.lower() == ".pdf":
                bound = print_files(operator, chosen, progress)
                into.write_bytes(bound.pdf)
                pages = bound.pages
            else:
                pages = print_apart(operator, chosen, into, progress)
        seconds = time.perf_counter() - began
        left = len(households) - len(chosen)
        if as_json_:
            said = {"path": str(into), "households": len(chosen), "left": left, "pages": sum(pages.values()), "seconds": seconds}
            print(json.dumps(said, ensure_ascii=False))
            return
        rest = f" · 未打印 left {left:,}" if left else ""
        Console(stderr=True).print(
            f"{len(chosen):,} 户 households · {sum(pages.values()):,} 页 pages · {into} · {seconds:.1f} s{rest}",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
