"""What the demo's cases and decisions are played with: the county, its dice, the days, the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import yaml

from bangfu.cases.models import Decision
from bangfu.cases.paper_forms import decision_forms, print_documents
from bangfu.demo.population import DATA
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.messages.drawing import drawn
from bangfu.screening.pack import Pack

FIRST, LAST = date(2020, 3, 12), date(2020, 4, 27)  # of the play: the great visit and what followed it
PHOTO, PROOF = "公示照片（演示）", "核查记录（演示）"


@lru_cache(maxsize=1)
def told() -> dict[str, Any]:
    """What the play is made from (`data/cases.yaml`)."""
    raw: dict[str, Any] = yaml.safe_load((DATA / "cases.yaml").read_text("utf-8"))
    return raw


@dataclass
class Play:
    """The play: the county, its dice, the households that no play may touch, the days, and pages that were drawn or printed already."""

    county: County
    pack: Pack
    dice: np.random.Generator
    stories: frozenset[int]
    days: list[date]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def operator(self) -> Actor:
        """Whoever plays."""
        return self.county.operator()

    def some(self, keys: Sequence[int], share: float) -> list[int]:
        """Each of some with this probability."""
        return [k for k, roll in zip(keys, self.dice.random(len(keys)), strict=True) if roll < share]

    def photo(self, words: str) -> bytes:
        """A picture that says that it is one of the demo's."""
        if words not in self.files:
            self.files[words] = drawn(words, [], self.county.name.zh, clock.today(), "zh", synthetic=True)
        return self.files[words]

    def form(self, decision: Decision, document: str) -> bytes:
        """The printed form of a paper, which stands for the page that was signed; one of each sort serves all of the play,
        so it is handed in with its number of pages: its code is that of another decision."""
        if document not in self.files:
            self.files[document] = print_documents(decision_forms(self.operator, decision, document))
        return self.files[document]
