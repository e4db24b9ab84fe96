"""Marks of areas in the lake: how many poor villages there are is counted from them."""

from bangfu.areas.models import AreaMark
from bangfu.lake.tables import WHOLE, declare

declare(AreaMark, name="area_mark", subject=WHOLE, subject_column="area", without=("source",))
