"""Which results and reasons of a pack no situation has met yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bangfu.screening.pack.model import RESULTS, Pack
from bangfu.screening.situations import Situation


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often each result of a guarantee is expected by a situation, and what is expected by none: results, and reasons by result."""

    guarantee: str
    results: dict[str, int]
    results_left: list[str]
    reasons_left: dict[str, list[str]]

    @property
    def whole(self) -> bool:
        """Whether every result and every reason has been met."""
        return not self.results_left and not self.reasons_left

    def as_json(self) -> dict[str, Any]:
        """The coverage as `bangfu policy test --json` gives it."""
        return {"results": self.results, "results_left": self.results_left, "reasons_left": self.reasons_left}


def coverage(pack: Pack, situations: Iterable[Situation]) -> list[Coverage]:
    """The coverage of each guarantee, in the pack's order."""
    results: Counter[tuple[str, str]] = Counter()
    reasons: set[tuple[str, str, str]] = set()
    for situation in situations:
        for name, expected in situation.expect.items():
            results[name, expected.result] += 1
            reasons |= {(name, expected.result, code) for code in expected.reasons or ()}
    made = []
    for g in pack.guarantees.values():
        possible = [r for r in RESULTS if g.reasons_of(r)]
        left = {r: [x.code for x in g.reasons_of(r) if (g.name, r, x.code) not in reasons] for r in possible}
        made.append(
            Coverage(
                g.name,
                {r: results[g.name, r] for r in RESULTS},
                [r for r in possible if not results[g.name, r]],
                {r: codes for r, codes in left.items() if codes},
            )
        )
    return made
