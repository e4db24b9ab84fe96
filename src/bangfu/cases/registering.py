"""What the register is told once a decision was taken, with the decision as its evidence."""

from __future__ import annotations

from datetime import date
from typing import Any

from bangfu.cases.actions.writing import DECISION
from bangfu.cases.models import Decision
from bangfu.cases.procedures import procedures_on
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor, system
from bangfu.register.models import Monitoring, Registration
from bangfu.register.stating import Statement, state
from bangfu.screening.models import Finding

RISKS, IDENTIFIED, ELIMINATED, ELIMINATED_ON = "risks", "monitoring_identified", "risk_eliminated", "risk_eliminated_on"
YEARS = {"newly_exited": "exit_year", "returned": "return_year"}  # the year that the register keeps with a state of exit


def state_decided(actor: Actor, decision: Decision) -> None:
    """State in the register what a decision sets: the fields and codes of the pack, and the day of it where the register keeps one: the month of
    registration, of identification with the risks that were found, of elimination, the year of exit and of return.

    It is the decision that speaks, whoever took the last step.
    """
    if decision.household_id is None:
        return
    today = clock.today()
    facts: dict[str, Any] = dict(decision.sets)
    month = today.replace(day=1)
    if "monitoring_kind" in facts or facts.get(ELIMINATED) is False:
        facts |= {IDENTIFIED: month, ELIMINATED: False} | _risks(decision)
    if facts.get(ELIMINATED) is True:
        facts |= {ELIMINATED_ON: month} | _way(decision)
    if facts.get("household_kind") == "registered":
        facts |= _first_identified(decision, month)
    if (exit_state := facts.get("exit_state")) in YEARS:
        facts[YEARS[str(exit_state)]] = today.year
    title = procedures_on(decision.opened_on).title(decision.kind)
    state(
        system(actor.scope, actor.name),
        Statement(decision.household_id, facts, today),
        kind=DECISION,
        source=f"{title.zh} {decision.number}",
    )


def _first_identified(decision: Decision, month: date) -> dict[str, Any]:
    """The month of registration, for a household that has none: one that returns keeps its first."""
    known = Registration.objects.filter(household=decision.household_id, first_identified__isnull=False).exists()
    return {} if known else {"first_identified": month}


def _way(decision: Decision) -> dict[str, Any]:
    """By help, where measures were in place; how else is for whoever knows it to say."""
    today = clock.today()
    helped = Monitoring.objects.on(today).filter(household=decision.household_id, measures__len__gt=0).exists()
    return {"elimination_way": "helped"} if helped else {}


def _risks(decision: Decision) -> dict[str, Any]:
    """The risks that the rules found with the proposal on which it began."""
    found = Finding.objects.filter(household=decision.household_id, sort="proposal", subject=decision.proposal).first()
    listed = (found.values or {}).get("risks") if found is not None else None
    return {RISKS: list(listed)} if listed else {}
