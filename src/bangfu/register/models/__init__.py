"""The tables of the register, a room per subject."""

from bangfu.register.models.evidence import Evidence, Source
from bangfu.register.models.households import (
    Household,
    Kind,
    Land,
    Membership,
    Monitoring,
    Registration,
    Relocation,
)
from bangfu.register.models.imports import Handed, HandedRow
from bangfu.register.models.living import House, IncomeAgreement, IncomeItem, IncomeSheet, Living, Means, Water
from bangfu.register.models.persons import Condition, Insurance, Person, Residence, Schooling, Work
from bangfu.register.sorts import ALLOWANCE, FARMING, HUKOU, SORTS

__all__ = [
    "ALLOWANCE",
    "FARMING",
    "HUKOU",
    "SORTS",
    "Condition",
    "Evidence",
    "Handed",
    "HandedRow",
    "House",
    "Household",
    "IncomeAgreement",
    "IncomeItem",
    "IncomeSheet",
    "Insurance",
    "Kind",
    "Land",
    "Living",
    "Means",
    "Membership",
    "Monitoring",
    "Person",
    "Registration",
    "Relocation",
    "Residence",
    "Schooling",
    "Source",
    "Water",
    "Work",
]
