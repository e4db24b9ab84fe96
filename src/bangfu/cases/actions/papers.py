"""Papers of the steps of decisions: handed in by whoever does the step or stands above, kept as evidence; one that was replaced stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.closing import place_words
from bangfu.cases.actions.deciding import LEVELS, held_decision
from bangfu.cases.actions.handed import Handed, held_against, looked_at, with_step
from bangfu.cases.actions.writing import PAPER, RANKS, changed, kept_file, rank_of, shown
from bangfu.cases.models import Decision, Item, Notice, Paper
from bangfu.cases.models.cases import COUNTY, HELPER, TOWNSHIP, VILLAGE
from bangfu.cases.paper_forms import codes
from bangfu.cases.paper_forms.codes import papers_of
from bangfu.cases.problems import NOT_AT_LEVEL, UNKNOWN_DOCUMENT
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.documents.codes import PageKey
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text

LEVEL_RANKS = {"household": RANKS[HELPER], **{level: RANKS[level] for level in (HELPER, VILLAGE, TOWNSHIP, COUNTY)}}
MINUTES = "minutes"  # of an appraisal: the form of the step, or the sheet that its meeting prints
WITHDRAWAL = "withdrawal"  # the page on which an application is taken back


def hand_in(
    actor: Actor,
    key: int,
    document: str,
    name: str,
    content: bytes,
    *,
    step: str = "",
    pages: int | None = None,
    missing: Sequence[int] = (),
) -> Paper:
    """Keep a paper of a step: it takes the place of one of the same step that was handed in before, which stays readable.

    Blank `step`: the one that the codes on the file name, else the next one that needs it. Without `pages` (how many it has; `missing` are those that did not come)
    the file is read: what its codes say is missing is kept as missing. By whoever does that step, or somebody above them. Raises BF-2430, BF-2448 for a paper
    that the step has not, BF-2434 for a paper of a higher level, BF-2456 for pages of another paper, BF-2418 for a file that will not do, BF-1001 without `decision.do`.
    """
    actor.require("decision.do")
    handed = looked_at(name, content) if pages is None else None
    with acting(actor):
        decision = held_decision(actor, key)
        printed = _printed(decision, document) if handed is not None and handed.codes else {}
        if not step and handed is not None:
            step = next((printed[code.key] for _, code in handed.codes if code.key in printed), "")
        steps = [s for s in [*decision.steps[decision.place :], *decision.steps[: decision.place]] if step in ("", s["step"])]
        of = next((s for s in steps if document in s["documents"]), None)
        if of is None:
            known = {d for s in decision.steps for d in s["documents"] if step in ("", s["step"])}
            raise UNKNOWN_DOCUMENT(step=decision.number, document=document[:24] or "–", known=", ".join(sorted(known)))
        if not actor.is_system and rank_of(actor) < LEVEL_RANKS[of["by"]]:
            raise NOT_AT_LEVEL(
                step=step_title(decision, of), level=LEVELS[of["by"]], place=place_words(actor.stands or actor.scope)
            )
        if handed is not None:
            pages, missing = _held_against(actor, decision, of, document, handed, printed)
        paper = keep(actor, decision, of["step"], document, name, content, pages=pages or 1, missing=missing)
        note(actor, acts.DECISION_PAPER, subject=decision.number, path=decision.path)
        changed()
    return paper


def _printed(decision: Decision, document: str) -> dict[PageKey, str]:
    """What a paper of a decision may be printed as, and of which step each is."""
    found = {PageKey(decision.number, p.form): str(p.step["step"]) for p in papers_of(decision.steps) if p.document == document}
    if document == MINUTES:
        items = Item.objects.filter(decision=decision).select_related("meeting")
        found |= {PageKey(i.meeting.number, codes.MINUTES): i.step for i in items}
    return found


def _held_against(
    actor: Actor, decision: Decision, of: Mapping[str, Any], document: str, handed: Handed, printed: Mapping[PageKey, str]
) -> tuple[int, tuple[int, ...]]:
    """How many pages a paper of a step has, and which are missing; pages about the same matter that are no paper of a step may lie with it."""
    near = _near(decision) if handed.codes else set()
    own = set(codes.OWN) - ({codes.MINUTES} if document == MINUTES else set())
    return held_against(
        actor, handed, {k for k, step in printed.items() if step == of["step"]}, lambda k: k.form in own and k.matter in near,
        asked=decision.number, title=with_step(decision, of, document),
    )  # fmt: skip


def _near(decision: Decision) -> set[str]:
    """The numbers of a decision and of what it is about: its household, the clue that began it, its meetings and notices."""
    about = [decision.number, *([decision.household.number] if decision.household is not None else [])]
    clue = [decision.case.number] if decision.case is not None else []
    meetings = [i.meeting.number for i in Item.objects.filter(decision=decision).select_related("meeting")]
    return {*about, *clue, *meetings, *(n.number for n in Notice.objects.filter(decisions=decision))}


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
