"""Which vote of a meeting counts for the step of a decision: the latest since the step was begun anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bangfu.cases.models import Decision, Item, StepDone
from bangfu.cases.models.decisions import SENT_BACK
from bangfu.cases.models.meetings import PLANNED
from bangfu.foundation.say import Text

OTHER_STEP = 0  # `voted_after` of a vote about a decision that did not stand at the step any more


def counting_vote(decision: Decision, now: Mapping[str, Any]) -> Item | None:
    """How the latest meeting voted on a step of a decision since it was last sent back; None where none did."""
    return counting_votes([decision]).get(decision.pk) if now["step"] == (decision.present or {}).get("step") else None


def counting_votes(decisions: Sequence[Decision]) -> dict[int, Item]:
    """The vote that counts for the present step of each of some decisions, by their keys; none where no meeting has voted on it."""
    steps = {d.pk: (d, d.present["step"]) for d in decisions if d.present is not None}
    back: dict[int, int] = {}
    for decision, key in (
        StepDone.objects.filter(decision__in=list(steps), outcome=SENT_BACK).order_by("pk").values_list("decision", "pk")
    ):
        back[decision] = key
    voted = Item.objects.filter(decision__in=list(steps), passed__isnull=False).select_related("meeting")
    found: dict[int, Item] = {}
    for item in voted.order_by("meeting__day", "pk"):
        decision, step = steps[item.decision_id]
        if item.step == step and _since(item, decision, back.get(decision.pk, 0)):
            found[decision.pk] = item
    return found


def _since(item: Item, decision: Decision, back: int) -> bool:
    """Whether a vote is of the time since its decision was sent back; one that does not tell after what it was taken is judged by its day."""
    if item.voted_after is None:
        return item.meeting.day >= decision.step_entered
    return bool(item.voted_after != OTHER_STEP and (item.voted_after >= back or not back))


def sent_back_since(items: Sequence[Item]) -> set[int]:
    """The keys of those of some votes about one decision whose step was sent back after them: they hold no more."""
    if not items or (decision := items[0].decision) is None:
        return set()
    place = {s["step"]: n for n, s in enumerate(decision.steps)}
    back = list(StepDone.objects.filter(decision=decision, outcome=SENT_BACK).order_by("pk"))
    return {
        item.pk
        for item in items
        if item.passed is not None and any(b.facts.get("to", 0) <= place.get(item.step, 0) and _before(item, b) for b in back)
    }


def _before(item: Item, back: StepDone) -> bool:
    """Whether a vote was taken before its decision was sent back; one that does not tell after what it was taken is judged by its day."""
    if item.voted_after is None:
        return item.meeting.day < back.day
    return item.voted_after < back.pk


def voted_after(item: Item) -> int:
    """After which step, as it was done, an item is voted on; 0 where its decision does not stand at the step any more."""
    decision = item.decision
    if decision is None or (decision.present or {}).get("step") != item.step:
        return OTHER_STEP
    last = StepDone.objects.filter(decision=decision).order_by("-pk").values_list("pk", flat=True).first()
    return last or -1


def votes_of(item: Item) -> Text:
    """How an item was voted, in words."""
    return Text("{a} 赞成、{b} 反对、{c} 弃权", "{a} for, {b} against, {c} abstaining").format(
        a=item.in_favour, b=item.against, c=item.abstained
    )


def planned_item(decision: Decision) -> Item | None:
    """The item of a meeting to be held on which a decision is; None where it is on none."""
    return Item.objects.filter(decision=decision, meeting__state=PLANNED).select_related("meeting").order_by("pk").first()
