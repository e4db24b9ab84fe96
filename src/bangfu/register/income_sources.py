"""Where the amounts of an income sheet are from, and who proposes some: packages that know of money a household received.

    @income_sources.provider("payments", order=30)
    def paid(asked: Asked) -> list[ProposedLine]: ...

What is proposed stands beside the line and is no part of the sheet until somebody takes it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.say import Text

ASKED, PROPOSED, COMPUTED = "asked", "proposed", "computed"


@dataclass(frozen=True, slots=True)
class LineSource:
    """Where a line's amount is from: `asked` of the household, `proposed` by a package and taken over, `computed` from quantities.

    `words` says it to people; `by` names the package of a proposal, `evidence` the rows of evidence that it rests on, `parts` the
    quantities with the norms that were used (`screening.income_sheet.produce`).
    """

    kind: str
    words: Text | None = None
    by: str = ""
    evidence: tuple[int, ...] = ()
    parts: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the line keeps it; what is empty is left out."""
        kept: dict[str, Any] = {"kind": self.kind}
        if self.words is not None:
            kept["words"] = {"zh": self.words.zh, "en": self.words.en}
        if self.by:
            kept["by"] = self.by
        if self.evidence:
            kept["evidence"] = list(self.evidence)
        if self.parts:
            kept["parts"] = [dict(part) for part in self.parts]
        return kept

    @staticmethod
    def from_json(kept: Mapping[str, Any] | None) -> LineSource | None:
        """Read back; None for a sum that a file gave."""
        if kept is None:
            return None
        words = kept.get("words")
        return LineSource(
            kept["kind"],
            Text(words["zh"], words["en"]) if words else None,
            kept.get("by", ""),
            tuple(kept.get("evidence", ())),
            tuple(kept.get("parts", ())),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What proposals are asked for: who asks, of which household, for the days `first` to `last`."""

    actor: Actor
    household: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """An amount that is known or likely for an item of the form, in fen, with the words that say from where.

    `fen` None: that something is received is known, how much is not. `verified` False: the amount rests on a number that was not
    checked against a document.
    """

    item: str
    fen: int | None
    words: Text
    evidence: tuple[int, ...] = ()
    verified: bool = True


income_sources: ExtensionPoint[[Asked], list[ProposedLine]] = ExtensionPoint("income_sources")
