"""What forms are held against in this county today, and the shipped forms as they are here: with the kinds of need of the policy pack in force."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import lru_cache

from openpyxl import Workbook

from bangfu.cases.models.cases import SEVERITIES
from bangfu.cases.policy import kinds_on
from bangfu.fieldwork.mapping import Ground
from bangfu.fieldwork.shipped import Row, recipes, sheets_of
from bangfu.fieldwork.xlsform import Converted, of_sheets
from bangfu.foundation import clock
from bangfu.foundation.packages import files
from bangfu.foundation.say import Text
from bangfu.register.fields import code_lists, fields
from bangfu.register.income import lines


def ground() -> Ground:
    """What a mapping is held against today."""
    today = clock.today()
    return Ground(fields(), code_lists(), lines(), kinds_on(today).work, today)


def used_facts() -> frozenset[str]:
    """The fields of the register that the pack in force or a figure of the catalogue reads."""
    pack = kinds_on().pack
    read = {name for names in pack.columns.values() for name in names} if pack is not None else set()
    words = _words_of_figures()
    return frozenset(read | {key for key, field in fields().items() if field.column in words or key in words})


@lru_cache(maxsize=1)
def _words_of_figures() -> frozenset[str]:
    """Every name in the SQL of figures."""
    return frozenset(re.findall(r"[a-z][a-z0-9_]+", "\n".join(path.read_text("utf-8") for _, path in files("indicators.yaml"))))


def shipped_sheets(key: str) -> Mapping[str, list[Row]]:
    """The sheets of a shipped form, with today's kinds of need. Raises KeyError for one that is not shipped."""
    kinds = kinds_on()
    return sheets_of(recipes()[key], {name: kinds.title(name) for name in kinds.work}, SEVERITIES)


def shipped(key: str) -> Converted:
    """A shipped form, converted. Raises KeyError for one that is not shipped."""
    return of_sheets(key, shipped_sheets(key))


def title_of(key: str) -> Text:
    """What a shipped form is called."""
    title = recipes()[key]["title"]
    return Text(title["zh"], title["en"])


def workbook_of(sheets: Mapping[str, list[Row]]) -> bytes:
    """An XLSForm workbook, to be changed by whoever likes and uploaded again."""
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        heads = list(dict.fromkeys(head for row in rows for head in row))
        sheet = book.create_sheet(name)
        sheet.append(heads)
        for row in rows:
            sheet.append([row.get(head) for head in heads])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
