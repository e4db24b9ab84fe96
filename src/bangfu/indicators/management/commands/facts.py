"""`bangfu facts`: every figure of the catalogue, beside the expected value where a file gives one."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bangfu.foundation import clock
from bangfu.foundation.commands import BangfuCommand
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.schema import OnTheSchema
from bangfu.foundation.terminal import tell
from bangfu.indicators.engine import check, compute, open_lake, read_expected
from bangfu.indicators.problems import NOT_LIKE_EXPECTED
from bangfu.lake.actions import refresh


class Command(OnTheSchema, BangfuCommand):
    help = "Every figure of the catalogue, recomputed from rows."

    def handle(
        self,
        as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="the day; today by default")] = None,
        check_file: Annotated[
            Path | None, typer.Option("--check", exists=True, dir_okay=False, help="a facts file: each row at its own date")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
    ) -> None:
        """Recompute the figures from rows."""
        wanted = read_expected(check_file) if check_file is not None else None
        the_county()
        refresh()
        day = as_of.date() if as_of else clock.today()
        facts: list[dict[str, Any]] = []
        why: dict[str, Problem] = {}
        if wanted is not None:
            for expected, found in check(wanted):
                facts.append(
                    {
                        "key": expected.key,
                        "value": found.value if found else None,
                        "expected": float(expected.value),
                        "op": expected.op,
                        "as_of": expected.as_of.isoformat(),
                        "ok": expected.met_by(found.value) if found else None,
                    }
                )
                if found and found.why:
                    why[str(found.why)] = found.why
        else:
            with closing(open_lake(day)) as lake:
                computed = list(compute(lake).values())
            why = {str(c.why): c.why for c in computed if c.why is not None}
            facts = [
                {
                    "key": c.indicator.key,
                    "value": c.value,
                    "unit": c.indicator.unit,
                    "as_of": day.isoformat(),
                    "name": {"zh": c.indicator.name.zh, "en": c.indicator.name.en},
                }
                | ({"why": c.why.number} if c.why is not None else {})
                for c in computed
            ]
        failed = sum(1 for f in facts if f.get("ok") is False)
        passed = sum(1 for f in facts if f.get("ok") is True)
        if as_json:
            print(
                json.dumps(
                    {
                        "facts": facts,
                        "passed": passed,
                        "failed": failed,
                        "not_in_catalogue": sum(1 for f in facts if "ok" in f and f["ok"] is None),
                    },
                    ensure_ascii=False,
                )
            )
        else:
            table = Table("", "key", "value", "op", "expected", "as of")
            for f in facts:
                mark = {True: "✓", False: "✗", None: "·" if "ok" in f else ""}[f.get("ok")]
                value = "" if f["value"] is None else f"{f['value']:,.10g}"
                table.add_row(
                    mark, f["key"], value, f.get("op", ""), f"{f['expected']:,.10g}" if "expected" in f else "", f["as_of"]
                )
            Console().print(table)
            if check_file is not None:
                Console(stderr=True).print(
                    f"✓ {passed}  ✗ {failed}  · {len(facts) - passed - failed} (· = 目录中尚无此指标 not in the catalogue yet)"
                )
        for problem in why.values():
            tell(problem)
        if failed:
            tell(NOT_LIKE_EXPECTED(failed=failed))
            sys.exit(1)
