"""The tables of supervision."""

from bangfu.supervision.models.findings import InspectionFinding
from bangfu.supervision.models.hints import CONFIRMED, EXPLAINED, HINT_STATES, OPEN, WORDS, WatchHint
from bangfu.supervision.models.posts import PostCheck, PostCheckItem
from bangfu.supervision.models.samples import FactCompared, Revisit, Sample, Sampled

__all__ = [
    "CONFIRMED",
    "EXPLAINED",
    "HINT_STATES",
    "OPEN",
    "WORDS",
    "FactCompared",
    "InspectionFinding",
    "PostCheck",
    "PostCheckItem",
    "Revisit",
    "Sample",
    "Sampled",
    "WatchHint",
]
