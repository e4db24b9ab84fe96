"""Papers of the steps of decisions: handed in by whoever does the step or stands above, kept as evidence; one that was replaced stays readable."""

from __future__ import annotations

from collections.abc import Sequence

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.closing import place_words
from bangfu.cases.actions.deciding import LEVELS, held_decision
from bangfu.cases.actions.writing import PAPER, RANKS, changed, kept_file, rank_of, shown
from bangfu.cases.models import Decision, Paper
from bangfu.cases.models.cases import COUNTY, HELPER, TOWNSHIP, VILLAGE
from bangfu.cases.problems import NOT_AT_LEVEL, UNKNOWN_DOCUMENT
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text

LEVEL_RANKS = {"household": RANKS[HELPER], **{level: RANKS[level] for level in (HELPER, VILLAGE, TOWNSHIP, COUNTY)}}
WITHDRAWAL = "withdrawal"  # the page on which an application is taken back


def hand_in(
    actor: Actor,
    key: int,
    document: str,
    name: str,
    content: bytes,
    *,
    step: str = "",
    pages: int = 1,
    missing: Sequence[int] = (),
) -> Paper:
    """Keep a paper of a step: it takes the place of one of the same step that was handed in before, which stays readable.

    Blank `step`: the next one that needs it. By whoever does that step, or somebody above them. Raises BF-2430, BF-2448 for a paper that the step has
    not, BF-2434 for a paper of a higher level, BF-2418 for a file that will not do, BF-1001 without `decision.do`.
    """
    actor.require("decision.do")
    with acting(actor):
        decision = held_decision(actor, key)
        steps = [s for s in [*decision.steps[decision.place :], *decision.steps[: decision.place]] if step in ("", s["step"])]
        of = next((s for s in steps if document in s["documents"]), None)
        if of is None:
            known = {d for s in decision.steps for d in s["documents"] if step in ("", s["step"])}
            raise UNKNOWN_DOCUMENT(step=decision.number, document=document[:24] or "–", known=", ".join(sorted(known)))
        if not actor.is_system and rank_of(actor) < LEVEL_RANKS[of["by"]]:
            raise NOT_AT_LEVEL(
                step=step_title(decision, of), level=LEVELS[of["by"]], place=place_words(actor.stands or actor.scope)
            )
        paper = keep(actor, decision, of["step"], document, name, content, pages=pages, missing=missing)
        note(actor, acts.DECISION_PAPER, subject=decision.number, path=decision.path)
        changed()
    return paper


def keep(
    actor: Actor,
    decision: Decision,
    step: str,
    document: str,
    name: str,
    content: bytes,
    *,
    pages: int = 1,
    missing: Sequence[int] = (),
) -> Paper:
    """Keep a page as a paper of a step, in the place of what was handed in before; whether it may be is for the caller to hold."""
    file = kept_file(name, content)
    home = decision.household_id
    title = procedures_on(decision.opened_on).documents.get(document, Text(document, document))
    source = f"{decision.number} {title.zh}"
    proof = shown(actor, [home] if home else [], kind=PAPER, source=source, day=clock.today(), content=content)
    Paper.objects.filter(decision=decision, step=step, document=document, replaced=False).update(replaced=True)
    return Paper.objects.create(
        path=decision.path, household_id=home, decision=decision, step=step, document=document, file=file, pages=pages,
        missing=list(missing), day=clock.today(), actor=actor.name[:60], evidence_id=proof.get(home or 0),
    )  # fmt: skip
