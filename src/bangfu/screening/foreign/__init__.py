"""Files of others: households and persons that are not in the register, judged where they lie by a mapping of their columns."""

from __future__ import annotations

from bangfu.screening.foreign.judging import Judged, judge_files
from bangfu.screening.foreign.mapping import Mapping, plain_mapping, read_mapping

__all__ = ["Judged", "Mapping", "judge_files", "plain_mapping", "read_mapping"]
