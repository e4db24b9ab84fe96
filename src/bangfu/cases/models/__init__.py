"""The tables of cases: gaps with their measures and story; decisions with steps, notices and meetings."""

from bangfu.cases.models.cases import Case, CaseEvent, Kinship, Measure
from bangfu.cases.models.decisions import Decision, Notice, Noticed, Objection, Paper, StepDone
from bangfu.cases.models.meetings import Item, Meeting, Present

__all__ = [
    "Case",
    "CaseEvent",
    "Decision",
    "Item",
    "Kinship",
    "Measure",
    "Meeting",
    "Notice",
    "Noticed",
    "Objection",
    "Paper",
    "Present",
    "StepDone",
]
