"""Supervision in the lake: keys, codes, days and states; no words, no values, no names."""

from bangfu.lake.tables import WHOLE, declare
from bangfu.supervision import models

for _model, _without in (
    (models.WatchHint, ("zh", "en", "evidence", "mark", "settled_by", "words")),
    (models.Sample, ("title", "design", "plans", "counts", "seed", "seed_source", "frame", "frame_digest", "actor")),
    (models.Sampled, ("why", "examiner")),
    (models.Revisit, ("answers", "words", "examiner", "user_id", "worker")),
    (models.FactCompared, ("first", "again")),
    (models.PostCheck, ("examiner", "user_id", "worker")),
    (models.PostCheckItem, ("computed", "words")),
    (models.InspectionFinding, ("words", "found_by", "body", "reference", "file", "ruled_by", "ruling_words")),
):
    declare(_model, subject=WHOLE, subject_column="id", without=_without, has_history=True)
