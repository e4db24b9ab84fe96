"""What meetings and notices came to, as the page of a decision shows it: who voted how at each step, what hangs, and what keeps a step from being done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bangfu.cases.actions.deciding import notice_lacks, notice_of
from bangfu.cases.actions.voting import counting_vote, planned_item, sent_back_since
from bangfu.cases.models import Decision, Item, Noticed, Objection
from bangfu.cases.models.decisions import RUNNING
from bangfu.cases.models.meetings import HELD, MEETING_KINDS, MEETING_STATES, PLANNED
from bangfu.cases.pages.links import meeting_url, notice_url
from bangfu.foundation import clock
from bangfu.foundation.say import Text

UPHELD = Text("有异议成立：请退回重新核实，或不予认定", "an objection was upheld: send it back to be checked anew, or refuse it")
NO_MORE = Text("{o}（其后退回，不再有效）", "{o} (sent back since: it holds no more)")
PASSED, NOT_PASSED = Text("通过", "passed"), Text("未通过", "not passed")


def meetings_of(found: Decision) -> dict[str, list[dict[str, Any]]]:
    """The meetings about each step of a decision, the oldest first, with what each came to."""
    made: dict[str, list[dict[str, Any]]] = {}
    items = list(Item.objects.filter(decision=found).select_related("meeting", "decision").order_by("meeting__day", "pk"))
    back = sent_back_since(items)
    for item in items:
        made.setdefault(item.step, []).append(outcome_of(item, holds=item.pk not in back))
    return made


def outcome_of(item: Item, *, holds: bool = True) -> dict[str, Any]:
    """What a meeting came to about an item: passed, not passed, or that it is still to be held or was cancelled; where it holds no more, that."""
    meeting = item.meeting
    voted = meeting.state == HELD and item.passed is not None
    outcome = (PASSED if item.passed else NOT_PASSED) if voted else MEETING_STATES[meeting.state]
    return {
        "item": item,
        "number": meeting.number,
        "url": meeting_url(meeting.number),
        "kind": MEETING_KINDS[meeting.kind],
        "day": meeting.day,
        "voted": voted,
        "outcome": outcome if holds else NO_MORE.format(o=outcome),
        "shape": "unknown"
        if not holds
        else ("met" if item.passed else "unmet")
        if voted
        else "waiting"
        if meeting.state == PLANNED
        else "unknown",
    }


def vote_now(found: Decision, present: Mapping[str, Any] | None) -> dict[str, Any]:
    """How the present step stands with its meetings: the vote that counts (`up` or `down`), or the meeting to be held on which it is (`planned`)."""
    if present is None or present["act"] != "meeting" or found.state != RUNNING:
        return {}
    item = counting_vote(found, present)
    if item is not None and not item.passed:
        return {"down": outcome_of(item)}
    if item is not None:
        return {"up": outcome_of(item)}
    planned = planned_item(found)
    return {"planned": outcome_of(planned)} if planned is not None else {}


def notices_of(found: Decision) -> list[dict[str, Any]]:
    """The notices on which a decision was or is: until when it hangs, when it ended or was withdrawn."""
    today = clock.today()
    made = []
    for line in Noticed.objects.filter(decision=found).select_related("notice").order_by("notice"):
        n = line.notice
        if line.withdrawn_on is not None:
            state, shape = Text("{d} 撤下", "withdrawn on {d}").format(d=line.withdrawn_on), "unmet"
        elif n.closed_on is not None:
            state, shape = Text("{d} 结束", "closed on {d}").format(d=n.closed_on), "met"
        elif today > n.ends_on:
            state, shape = Text("已满期", "its days are over"), "waiting"
        else:
            state, shape = Text("公示到 {d}", "hangs until {d}").format(d=n.ends_on), "waiting"
        made.append({"number": n.number, "url": notice_url(n.number), "state": state, "shape": shape})
    return made


def blocked(found: Decision, present: Mapping[str, Any] | None) -> Text | None:
    """What keeps a notice from being over, or the step from being done."""
    if present is None or present["act"] != "notice" or found.state != RUNNING:
        return None
    notice = notice_of(found, present)
    if notice is None:
        return Text("还没有张贴公示", "no notice was put up yet")
    objections = Objection.objects.filter(decision=found, notice=notice)
    if objections.filter(upheld=True).exists():
        return UPHELD
    return notice_lacks(notice, open_objections=objections.filter(answered_on=None).count())
