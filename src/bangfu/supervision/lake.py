"""Supervision in the lake: kinds, days and states of hints; no words."""

from bangfu.lake.tables import WHOLE, declare
from bangfu.supervision.models import WatchHint

declare(
    WatchHint,
    subject=WHOLE,
    subject_column="id",
    without=("zh", "en", "evidence", "mark", "settled_by", "words"),
    has_history=True,
)
