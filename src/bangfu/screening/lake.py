"""Verdicts and findings in the lake: figures are counted from them."""

from bangfu.lake.tables import declare
from bangfu.screening.models import Finding, Verdict

declare(Verdict, without=("values",))
declare(Finding, without=("values",))
