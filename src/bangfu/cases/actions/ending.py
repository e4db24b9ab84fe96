"""Decisions go back to be done anew, end with a reason that is told, or are taken back by whoever applied."""

from __future__ import annotations

from datetime import date

from bangfu.accounts.audit import note
from bangfu.cases import acts
from bangfu.cases.actions.deciding import BETWEEN, ON, TO, due_of, held_decision, passed_steps, require_level, write
from bangfu.cases.actions.hanging import take_off
from bangfu.cases.actions.papers import WITHDRAWAL, keep
from bangfu.cases.actions.writing import changed, sealed, text
from bangfu.cases.models import Decision, Item, Paper
from bangfu.cases.models.decisions import DECISION_STATES, REFUSED, RUNNING, SENT_BACK, STOPPED, TAKEN_BACK, WITHDRAWN
from bangfu.cases.problems import BAD_ROW, NOT_REFUSED_YET, NOT_THIS_STEP, NOT_TO_REFUSE
from bangfu.cases.procedures import procedures_on, step_title
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text

AN_EARLIER = Text("须是已办的步骤", "a step that was done")
HANDED_IN = ("apply", "sign")  # acts that only hand something in
LOOKS = ("survey", "compare", "meeting", "review")  # acts that look at what was handed in


def send_back(actor: Actor, key: int, to: str, words: str) -> Decision:
    """Send a decision back to a step that was done, with the reason: it and those after it are done anew, with papers anew. Its line on a notice that
    hangs is withdrawn; a notice without any other line is taken down.

    By whoever does the present step. Raises BF-2430, BF-2434, BF-2402, BF-1001 without `decision.do`.
    """
    actor.require("decision.do")
    why = text(words)
    with acting(actor):
        decision = held_decision(actor, key)
        now = decision.present
        places = [n for n, s in enumerate(decision.steps[: decision.place]) if s["step"] == to]
        if now is None or decision.state != RUNNING or decision.decided_on is not None or not places:
            raise BAD_ROW(column=TO, value=to or "–", wanted=AN_EARLIER)
        require_level(actor, decision, now)
        write(actor, decision, now, SENT_BACK, why, clock.today(), facts={"to": places[-1]})
        decision.place = places[-1]
        decision.step_entered = clock.today()
        decision.step_due = due_of(decision.steps, decision.place, decision.step_entered)
        decision.save()
        anew = [s["step"] for s in decision.steps[decision.place :]]
        Paper.objects.filter(decision=decision, step__in=anew, replaced=False).update(replaced=True)
        take_off(decision, why, anew)
        note(actor, acts.DECISION_BACK, subject=decision.number, path=decision.path, detail={"step": to})
        changed()
    return decision


def refuse(actor: Actor, key: int, reason: str) -> Decision:
    """End a decision with a refusal, at the step that one may do. The reason is told to the household (`tell_refusal`).

    Raises BF-2430, BF-2433 where it has ended, BF-2450 where its kind cannot be refused, BF-2455 where nothing was looked at yet, BF-2434, BF-2402 without a reason, BF-1001 without
    `decision.do`.
    """
    actor.require("decision.do")
    why = text(reason)
    with acting(actor):
        decision = held_decision(actor, key)
        now = decision.present
        if not may_refuse(decision):
            raise NOT_TO_REFUSE(kind=procedures_on(decision.opened_on).title(decision.kind))
        if now is None or decision.state != RUNNING or decision.decided_on is not None:
            raise NOT_THIS_STEP(decision=decision.number, present=DECISION_STATES[decision.state], step=DECISION_STATES[REFUSED])
        require_level(actor, decision, now)
        if not was_looked_at(decision):
            raise NOT_REFUSED_YET(step=step_title(decision, now))
        write(actor, decision, now, STOPPED, why, clock.today())
        decision.state, decision.refusal, decision.ended_on = REFUSED, sealed([why])[0], clock.today()
        decision.step_due = decision.due = None
        decision.save()
        take_off(decision, why)
        note(actor, acts.DECISION_REFUSE, subject=decision.number, path=decision.path, detail={"step": now["step"]})
        changed()
    return decision


def may_refuse(decision: Decision) -> bool:
    """Whether the pack of the day on which it began lets its kind end with a refusal."""
    found = procedures_on(decision.opened_on).known.get(decision.kind)
    return found is None or found.refuse


def was_looked_at(decision: Decision) -> bool:
    """Whether there is something that a refusal could rest on: a step that looks (survey, comparison, meeting, review) is done and was not sent back, or a
    meeting has voted on the present one. The application, a clue and a signature only hand something in. Of a decision whose pack has no step that looks, the one who decides looks.
    """
    now = decision.present
    if now is None:
        return False
    if not any(s["act"] in LOOKS for s in decision.steps):
        return now["act"] not in HANDED_IN
    if any(decision.steps[s.place]["act"] in LOOKS for s in passed_steps(decision)):
        return True
    voted = Item.objects.filter(
        decision=decision, step=now["step"], passed__isnull=False, meeting__day__gte=decision.step_entered
    )
    return now["act"] == "meeting" and voted.exists()


def tell_refusal(actor: Actor, key: int, how: str, day: date) -> Decision:
    """Note that the household was told why it was refused: how (at home, by letter, by telephone), on which day.

    Raises BF-2430, BF-2433 for one that was not refused, BF-2402, BF-1001 without `decision.do`.
    """
    actor.require("decision.do")
    told = text(how, Text("方式", "how"), 40)
    with acting(actor):
        decision = held_decision(actor, key)
        if decision.state != REFUSED:
            raise NOT_THIS_STEP(decision=decision.number, present=DECISION_STATES[decision.state], step=Text("告知", "telling"))
        ended = decision.ended_on or decision.opened_on
        if not ended <= day <= clock.today():
            raise BAD_ROW(column=ON, value=day, wanted=BETWEEN.format(a=ended, b=clock.today()))
        decision.told_on, decision.told_how = day, told
        decision.save(update_fields=["told_on", "told_how"])
        note(actor, acts.DECISION_TOLD, subject=decision.number, path=decision.path)
        changed()
    return decision


def withdraw(actor: Actor, key: int, words: str, name: str, content: bytes) -> Decision:
    """End a decision because whoever applied takes it back, with the page on which they signed that.

    Raises BF-2430, BF-2433, BF-2402, BF-2418 for a file that will not do, BF-1001 without `decision.begin`.
    """
    actor.require("decision.begin")
    why = text(words)
    with acting(actor):
        decision = held_decision(actor, key)
        now = decision.present
        if now is None or decision.state != RUNNING or decision.decided_on is not None:
            raise NOT_THIS_STEP(
                decision=decision.number, present=DECISION_STATES[decision.state], step=DECISION_STATES[WITHDRAWN]
            )
        proof = keep(actor, decision, now["step"], WITHDRAWAL, name, content).evidence_id
        write(actor, decision, now, TAKEN_BACK, why, clock.today(), evidence=proof)
        decision.state, decision.ended_on, decision.step_due, decision.due = WITHDRAWN, clock.today(), None, None
        decision.save()
        take_off(decision, why)
        note(actor, acts.DECISION_WITHDRAW, subject=decision.number, path=decision.path)
        changed()
    return decision
