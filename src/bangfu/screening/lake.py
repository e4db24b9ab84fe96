"""Verdicts in the lake: figures are counted from them."""

from bangfu.lake.tables import declare
from bangfu.screening.models import Verdict

declare(Verdict, without=("values",))
