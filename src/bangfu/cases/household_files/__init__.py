"""One household, one file (一户一档): what is known of a household in one document with contents, for one household or for hundreds at once.

Every package that knows something of households gives its part through `household_file_parts`, read for all households of a print
together: how many statements that takes does not depend on how many households there are.
"""

from __future__ import annotations

from bangfu.cases.household_files import helped, judged, known, proven, worked  # noqa: F401 (each gives its part)
from bangfu.cases.household_files.assembling import contents_of_many, household_files
from bangfu.cases.household_files.parts import household_file_parts

__all__ = ["contents_of_many", "household_file_parts", "household_files"]
