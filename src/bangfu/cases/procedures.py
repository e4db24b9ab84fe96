"""How decisions are taken by the policy pack of a day: their steps as they are frozen when one begins, in words and in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from bangfu.cases.criteria import frozen
from bangfu.cases.models import Decision
from bangfu.cases.problems import UNKNOWN_DECISION_KIND
from bangfu.foundation import clock
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.register.fields import fields, title_of
from bangfu.screening.pack import Pack
from bangfu.screening.pack.casework import DecisionWork, decisions_on
from bangfu.screening.pack.model import FROM_PROPOSAL, Proposal
from bangfu.screening.present import valid_pack

STEPS, DOCUMENTS, MARKS = "decision_step", "decision_document", "area_mark"  # code lists of packs


@dataclass(frozen=True, slots=True)
class Procedure:
    """A kind of decision on a day: of a household or a village, its steps, days of notice, of an answer to an objection, and of the whole.

    `categories` are what it decides between, by the names of the rules' proposals; none where it sets the same whatever is proposed.
    `proposed_by`: the proposals of the rules that lead to it. `of` and `mark`:
    which households, or villages, it is about; `of_category`: which of these each of its categories is for. `refuse`: whether it may end with a refusal.
    """

    name: str
    title: Text
    subject: str
    steps: list[dict[str, Any]]
    notice: int | None
    objections: int | None
    whole: int | None
    sets: Mapping[str, str | bool]
    proposals: Mapping[str, Mapping[str, str]]
    categories: Mapping[str, Text]
    proposed_by: tuple[str, ...]
    of: Mapping[str, tuple[str | bool, ...]]
    of_category: Mapping[str, Mapping[str, tuple[str | bool, ...]]]
    mark: str
    mark_title: Text | None
    refuse: bool

    def sets_of(self, category: str) -> dict[str, str | bool]:
        """What the register is told once it is decided: what the pack says, `from_proposal` being what the category would set."""
        own: dict[str, str | bool] = {key: value for key, value in self.sets.items() if value != FROM_PROPOSAL}
        if self.categories:
            own |= self.proposals.get(category, {})
        return own


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

    def title_of_category(self, kind: str, category: str) -> Text | None:
        """What a category of a kind of decision is called; None where the kind does not decide between categories, or not this one."""
        return self.known[kind].categories.get(category) if kind in self.known else None


def procedures_on(day: date) -> Procedures:
    """The decisions of a day; none where no pack is in force."""
    pack = valid_pack(day, the_county().country)
    return _of(pack, day) if pack is not None else Procedures("", day, {}, {}, {})


def _of(pack: Pack, day: date) -> Procedures:
    known = {name: _procedure(work, pack) for name, work in decisions_on(pack, day).items()}
    return Procedures(pack.name, day, known, pack.lists.get(STEPS, {}), pack.lists.get(DOCUMENTS, {}))


def _procedure(work: DecisionWork, pack: Pack) -> Procedure:
    criteria = [frozen(code, criterion) for code, criterion in work.criteria.items()]
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
            "attend": s.attend,
            "limit": s.limit,
            "decides": s.rule.name == work.decided_with,
            "criteria": criteria if s.rule.finds else [],
        }
        for s in work.steps
    ]
    d = work.decision
    taken = [key for key, value in d.sets.items() if value == FROM_PROPOSAL]
    return Procedure(
        name=d.name, title=d.title, subject=d.subject, steps=steps, notice=work.notice, objections=work.objections, whole=work.whole,
        sets=d.sets, proposals={p.name: dict(p.sets) for p in pack.proposals.values()}, refuse=d.refuse, of=d.of,
        of_category={p.name: p.of for p in pack.proposals.values() if p.decision == d.name}, mark=d.mark, mark_title=pack.lists.get(MARKS, {}).get(d.mark),
        proposed_by=tuple(p.name for p in pack.proposals.values() if p.decision == d.name),
        categories={p.name: _category(p, taken) for p in pack.proposals.values() if taken and p.decision == d.name},
    )  # fmt: skip


def _category(proposal: Proposal, taken: Sequence[str]) -> Text:
    """What somebody becomes by a decision: the word of the last code that it takes from the proposal."""
    said = [title_of(fields()[key].codes or "", proposal.sets[key]) for key in taken if key in proposal.sets]
    return (said and said[-1]) or proposal.title


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
