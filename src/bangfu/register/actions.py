"""Every write to the register, and what is shown or found only with a trace."""

from bangfu.register.exporting import export_list, export_register
from bangfu.register.importing.handing import answer, confirm, drop, refused_rows, take
from bangfu.register.importing.run import Outcome, import_files, read_places
from bangfu.register.income_recording import agree, record_income_sheet, record_income_sheets
from bangfu.register.revealing import find_by_number, reveal
from bangfu.register.stating import Stated, Statement, end_household, plain_evidence, plain_evidence_of, state

__all__ = [
    "Outcome",
    "Stated",
    "Statement",
    "agree",
    "answer",
    "confirm",
    "drop",
    "end_household",
    "export_list",
    "export_register",
    "find_by_number",
    "import_files",
    "plain_evidence",
    "plain_evidence_of",
    "read_places",
    "record_income_sheet",
    "record_income_sheets",
    "refused_rows",
    "reveal",
    "state",
    "take",
]
