"""What the register is told once a decision was taken, with the decision as its evidence."""

from __future__ import annotations

from typing import Any

from bangfu.cases.actions.writing import DECISION
from bangfu.cases.models import Decision
from bangfu.cases.procedures import procedures_on
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, system
from bangfu.register.stating import Statement, state
from bangfu.screening.models import Finding

RISKS, IDENTIFIED, ELIMINATED_ON = "risks", "monitoring_identified", "risk_eliminated_on"


def state_decided(actor: Actor, decision: Decision) -> None:
    """State in the register what a decision sets: the fields and codes of the pack, for identification also the month and the risks that were found, for
    elimination its month. It is the decision that speaks, whoever took the last step."""
    if decision.household_id is None:
        return
    today = clock.today()
    facts: dict[str, Any] = dict(decision.sets)
    if "monitoring_kind" in facts:
        facts[IDENTIFIED] = today.replace(day=1)
        facts |= _risks(decision)
    if facts.get("risk_eliminated") is True:
        facts |= {ELIMINATED_ON: today.replace(day=1), "elimination_way": "helped"}
    title = procedures_on(decision.opened_on).title(decision.kind)
    state(
        system(actor.scope, actor.name),
        Statement(decision.household_id, facts, today),
        kind=DECISION,
        source=f"{title.zh} {decision.number}",
    )


def _risks(decision: Decision) -> dict[str, Any]:
    """The risks that the rules found with the proposal on which it began."""
    found = Finding.objects.filter(household=decision.household_id, sort="proposal", subject=decision.proposal).first()
    listed = (found.values or {}).get("risks") if found is not None else None
    return {RISKS: list(listed)} if listed else {}
