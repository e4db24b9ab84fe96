"""Pairing: every household of the target set one principal helper, as a flow of least cost, with a proof. No database, no web.

`propose` makes the plan, `explain` says it in words. `model` states what is minimised, `classes` puts equals together, `coarse` guesses where to look, `near` finds
candidates and searches the county, `flow` asks the solver, `spread` deals its answer out, `proof` believes nothing, `shortage` finds the
remedy, `greedy` does it by hand.
"""

from __future__ import annotations

from bangfu.command.pairing.model import Helpers, Homes, Weights
from bangfu.command.pairing.plan import Costs, Proposal, propose
from bangfu.command.pairing.shortage import Remedies, Remedy, Shortage
from bangfu.command.pairing.words import explain

__all__ = ["Costs", "Helpers", "Homes", "Proposal", "Remedies", "Remedy", "Shortage", "Weights", "explain", "propose"]
