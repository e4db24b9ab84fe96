"""What screening answers to the extension points of the layers below."""

from __future__ import annotations

from bangfu.foundation.changes import Change, Effect, Reference, effects_of, references_of
from bangfu.screening.models import Verdict
from bangfu.screening.pages import additions  # noqa: F401 (registers what screening adds to pages)


@effects_of.provider("screening", order=20)
def verdicts_touched(change: Change) -> list[Effect]:
    """The verdicts of the household, which will be judged again."""
    count = Verdict.objects.filter(household=change.household).count()
    return [Effect("screening", "verdicts", count)] if count else []


@references_of.provider("screening", order=20)
def reasons_naming(person: int) -> list[Reference]:
    """Verdicts whose reasons name a person (their values hold the persons' ids)."""
    count = Verdict.objects.filter(household__memberships__person=person, values__isnull=False).distinct().count()
    return [Reference("screening", Verdict._meta.db_table, count)] if count else []
