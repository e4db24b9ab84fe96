"""An office that imports: rows in, the outcome out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.committed import own_county  # noqa: F401
from tests.register.workbooks import Row, xlsx

from bangfu.areas.models import Area
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.register.actions import Outcome, import_files

Put = Callable[..., Outcome]


@pytest.fixture
def put(county: County, tmp_path: Path, temporary_home: Path) -> Put:
    """`put(rows, day=…)`: write rows as a workbook and import it as the county; reports go to a folder of the test."""
    turn = itertools.count(1)

    def put(
        rows: list[Row], day: date | None = None, *, actor: Actor | None = None, name: str | None = None, **how: Any
    ) -> Outcome:
        path = xlsx(tmp_path / (name or f"{next(turn):03d}.xlsx"), rows)
        return import_files(actor or county.operator(), path, data_date=day, **how)

    return put


@pytest.fixture
def village(county: County) -> Iterator[Area]:
    """凤凰村 in 郑场镇, one of two villages of that name."""
    return Area.objects.under(county.path).level("village").get(name="凤凰村", parent__name="郑场镇")


def numbers(outcome: Outcome) -> list[tuple[str, str]]:
    """(problem, row) of the refusals."""
    return [(r["number"], r["row"]) for r in outcome.refusals]
