"""Verdicts and findings in the lake: figures are counted from them."""

from bangfu.lake.tables import WHOLE, declare
from bangfu.screening.models import Finding, Norm, Verdict

declare(Verdict, without=("values",))
declare(Finding, without=("values",))
declare(Norm, subject=WHOLE, subject_column="id", without=("actor",))
