"""What supervision answers to the extension points of the layers below."""

from bangfu.fieldwork.lists import to_go_to
from bangfu.foundation.actor import Actor
from bangfu.foundation.changes import Change, Effect, effects_of
from bangfu.foundation.secrecy import SealedColumn, sealed_columns
from bangfu.supervision import day  # noqa: F401 (fills the day)
from bangfu.supervision.models import WORDS, InspectionFinding, Revisit, Sampled
from bangfu.supervision.models.base import EXAMINES
from bangfu.supervision.models.findings import FINDING_WORDS, RULING_WORDS
from bangfu.supervision.models.posts import ITEM_WORDS
from bangfu.supervision.models.samples import ANSWERS
from bangfu.supervision.pages import places  # noqa: F401 (the tab)


@sealed_columns.provider("supervision", order=60)
def encrypted() -> list[SealedColumn]:
    """Words of hints, of checks, of findings and rulings; what was told at re-visits, and the values compared."""
    return [
        SealedColumn("supervision_watchhint", "words", WORDS),
        SealedColumn("supervision_revisit", "answers", ANSWERS),
        SealedColumn("supervision_revisit", "words", ANSWERS),
        SealedColumn("supervision_factcompared", "first", ANSWERS),
        SealedColumn("supervision_factcompared", "again", ANSWERS),
        SealedColumn("supervision_postcheckitem", "words", ITEM_WORDS),
        SealedColumn("supervision_inspectionfinding", "words", FINDING_WORDS),
        SealedColumn("supervision_inspectionfinding", "ruling_words", RULING_WORDS),
    ]


@effects_of.provider("supervision", order=50)
def examined(change: Change) -> list[Effect]:
    """What supervision has of a household: re-visits and findings."""
    counts = {
        "re-visits": Revisit.objects.filter(household=change.household).count(),
        "findings": InspectionFinding.objects.filter(household=change.household).count(),
    }
    return [Effect("supervision", what, count) for what, count in counts.items() if count]


@to_go_to.provider("supervision")
def to_examine(actor: Actor) -> list[int]:
    """The households that wait for an examiner."""
    if actor.user_id is None or not actor.may(EXAMINES):
        return []
    return list(Sampled.objects.visible_to(actor).waiting_for(actor.user_id).values_list("household", flat=True))
