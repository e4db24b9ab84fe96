"""Tables of the layers below that lie in the lake: marks of areas, from which poor villages are counted."""

from bangfu.areas.models import AreaMark
from bangfu.lake.tables import WHOLE, declare

declare(AreaMark, name="area_mark", subject=WHOLE, subject_column="area", without=("source",))
