"""What cases answer to the extension points of the layers below."""

from __future__ import annotations

from bangfu.cases import day, day_decisions, household_files  # noqa: F401 (they fill the day, and a household's file)
from bangfu.cases.actions import follow
from bangfu.cases.models import Case, Decision
from bangfu.cases.models.cases import WORDS
from bangfu.cases.pages import additions, places  # noqa: F401 (what cases add to other pages, and the pages of areas)
from bangfu.foundation.actor import Actor
from bangfu.foundation.changes import Change, Effect, effects_of, verdicts_changed
from bangfu.foundation.secrecy import SealedColumn, sealed_columns


@verdicts_changed.provider("cases", order=20)
def follow_verdicts(actor: Actor, households: list[int] | None) -> None:
    """Cases follow what was judged."""
    follow(actor, households)


@sealed_columns.provider("cases", order=35)
def encrypted() -> list[SealedColumn]:
    """What people say of households."""
    columns = (
        ("cases_case", "words"), ("cases_case", "claim_words"), ("cases_caseevent", "words"), ("cases_decision", "words"),
        ("cases_decision", "refusal"), ("cases_stepdone", "words"), ("cases_objection", "who"), ("cases_objection", "words"),
        ("cases_objection", "answer"), ("cases_item", "words"), ("cases_noticed", "withdrawn_why"),
    )  # fmt: skip
    return [SealedColumn(table, column, WORDS) for table, column in columns]


@effects_of.provider("cases", order=35)
def cases_touched(change: Change) -> list[Effect]:
    """The household's cases, and those that stand."""
    rows = Case.objects.filter(household=change.household)
    decisions = Decision.objects.filter(household=change.household)
    counts = {"cases": rows.count(), "cases under way": rows.pending().count(), "decisions": decisions.count()}
    return [Effect("cases", what, count) for what, count in counts.items() if count]
