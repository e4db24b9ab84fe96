"""The tables of cases in the lake: keys, codes and days; no words, no names."""

from bangfu.cases import models
from bangfu.lake.tables import WHOLE, declare

for _model, _without, _has_history in (
    (
        models.Case,
        (
            "values",
            "opened_by",
            "opened_name",
            "claimed_by",
            "claimed_name",
            "claim_reference",
            "claim_file",
            "verified_by",
            "verified_name",
        ),
        True,
    ),
    (models.Measure, ("title", "planned_by", "done_by", "file", "dropped_because"), True),
    (models.Decision, ("steps", "facts", "opened_by", "opened_name", "told_how"), True),
    (models.StepDone, ("user", "actor", "together", "facts", "recorded_at"), False),
    (models.Notice, ("lines", "office", "telephone", "first_photo", "last_photo", "actor"), True),
    (models.Objection, ("answered_by", "answered_name", "actor"), True),
    (models.Meeting, ("where", "chair", "clerk", "minutes", "actor"), True),
    (models.Item, ("recused", "recused_why"), True),
    (models.CaseEvent, ("actor", "user", "detail", "recorded_at"), False),
):
    declare(_model, subject=WHOLE, subject_column="id", without=_without, has_history=_has_history)
