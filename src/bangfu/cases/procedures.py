"""How decisions are taken by the policy pack of a day: their steps as they are frozen when one begins, in words and in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from bangfu.cases.models import Decision
from bangfu.cases.problems import UNKNOWN_DECISION_KIND
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.screening.pack import Pack
from bangfu.screening.pack.casework import DecisionWork, decisions_on
from bangfu.screening.present import valid_pack

STEPS, DOCUMENTS = "decision_step", "decision_document"  # code lists of packs


@dataclass(frozen=True, slots=True)
class Procedure:
    """A kind of decision on a day: of a household or a village, its steps, days of notice, of an answer to an objection, and of the whole."""

    name: str
    title: Text
    subject: str
    steps: list[dict[str, Any]]
    notice: int | None
    objections: int | None
    whole: int | None
    sets: Mapping[str, str | bool]
    proposals: Mapping[str, Mapping[str, str]]

    def of_proposal(self, proposal: str) -> dict[str, str]:
        """What a proposal of the rules would set; nothing for one that is not known."""
        return dict(self.proposals.get(proposal, {}))


@dataclass(frozen=True, slots=True)
class Procedures:
    """The decisions of a day by name, and what steps and papers are called."""

    pack_name: str
    day: date
    known: Mapping[str, Procedure]
    step_titles: Mapping[str, Text]
    documents: Mapping[str, Text]

    def require(self, kind: str) -> Procedure:
        """A kind of decision. Raises BF-2431 for one that the pack does not have."""
        found = self.known.get(kind)
        if found is None or not found.steps:
            raise UNKNOWN_DECISION_KIND(day=self.day, kind=kind[:24] or "–", known=", ".join(self.known) or "–")
        return found

    def title(self, kind: str) -> Text:
        """What a kind of decision is called; its name where the pack does not have it."""
        return self.known[kind].title if kind in self.known else Text(kind, kind)


def procedures_on(day: date) -> Procedures:
    """The decisions of a day; none where no pack is in force."""
    pack = valid_pack(day, the_county().country)
    return _of(pack, day) if pack is not None else Procedures("", day, {}, {}, {})


def _of(pack: Pack, day: date) -> Procedures:
    proposals = {p.name: dict(p.sets) for p in pack.proposals.values()}
    known = {name: _procedure(work, proposals) for name, work in decisions_on(pack, day).items()}
    return Procedures(pack.name, day, known, pack.lists.get(STEPS, {}), pack.lists.get(DOCUMENTS, {}))


def _procedure(work: DecisionWork, proposals: Mapping[str, Mapping[str, str]]) -> Procedure:
    steps = [
        {
            "step": s.rule.name,
            "by": s.rule.by,
            "act": s.rule.act,
            "documents": list(s.rule.documents),
            "people": s.people,
            "other_than": list(s.rule.other_than),
            "after": list(s.rule.after),
            "quorum": float(s.quorum) if s.quorum is not None else None,
            "majority": float(s.majority) if s.majority is not None else None,
            "limit": s.limit,
            "decides": s.rule.name == work.decided_with,
        }
        for s in work.steps
    ]
    d = work.decision
    return Procedure(d.name, d.title, d.subject, steps, work.notice, work.objections, work.whole, d.sets, proposals)


@lru_cache(maxsize=8)
def _titles(pack: str) -> Mapping[str, Text]:
    from bangfu.screening.present import pack_named

    return pack_named(pack).lists.get(STEPS, {})


def step_title(decision: Decision, step: Mapping[str, Any] | None) -> Text:
    """What a step of a decision is called, by the pack with which it began."""
    if step is None:
        return Text("–", "–")
    known = _titles(decision.pack) if decision.pack else {}
    return known.get(step["step"], Text(str(step["step"]), str(step["step"])))


def today_procedures() -> Procedures:
    """The decisions of today."""
    return procedures_on(clock.today())
