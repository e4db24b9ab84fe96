"""The tables of cases: gaps with their measures and story; decisions with steps, notices and meetings."""

from bangfu.cases.models.cases import Case, CaseEvent, Kinship, Measure

__all__ = ["Case", "CaseEvent", "Kinship", "Measure"]
