"""Reading verdicts as people do: one household's, with reasons in words and the tree behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.kit.parts import VERDICTS
from bangfu.register import masks
from bangfu.register.fields import fields, title_of
from bangfu.register.models import Household, Person
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.rules.schema import TEXT
from bangfu.screening.actions import read_household
from bangfu.screening.engine import Verdict as Judged
from bangfu.screening.explain import Explanation, HouseholdFacts, Step, explain_facts, outline
from bangfu.screening.models import Run, Verdict
from bangfu.screening.pack import Pack
from bangfu.screening.reasons import SaidReason, say_reasons

Names = dict[int, str]
CHANGED = Text("登记内容此后有变动，正在重新评定", "the register has changed since, and it is being judged again")


@dataclass(frozen=True, slots=True)
class SaidVerdict:
    """A verdict in words: guarantee, result, reasons, and the day it was first found so."""

    guarantee: str
    title: Text
    result: str
    reasons: list[SaidReason]
    since: date


def facts_of(household: int, pack: Pack, day: date, overrides: Mapping[str, Any] | None = None) -> HouseholdFacts | None:
    """What a pack knows of a household as of a day, as the register is known now; None where nobody lives there."""
    row, persons = read_household(household, pack, day)
    return HouseholdFacts(pack, day, row, persons, overrides) if row is not None else None


def present_verdicts(actor: Actor, household: Household, pack: Pack) -> list[SaidVerdict]:
    """The present verdicts of a household in the pack's order, as the actor may see them; none where nothing has been judged.

    What is unmet or unknown was kept with its reasons; the reasons of what is met are read from the register, which is what it was
    judged from unless it has changed in the meantime: that is said then.
    """
    found = {v.guarantee: v for v in Verdict.objects.visible_to(actor).filter(household=household).select_related("run")}
    if not found:
        return []
    last = last_run_of(pack)
    facts = facts_of(household.pk, pack, max([v.run.as_of for v in found.values()] + ([last.as_of] if last else [])))
    names = _names(actor, household)
    said = []
    for key, guarantee in pack.guarantees.items():
        if (v := found.get(key)) is None:
            continue
        judged = Judged(v.result, tuple(v.reasons or ()), v.values or {})
        if not judged.reasons:
            now = facts.verdict(guarantee) if facts else None
            if now is None or now.result != v.result:
                said.append(SaidVerdict(key, guarantee.title, v.result, [SaidReason("", CHANGED)], v.run.as_of))
                continue
            judged = now
        said.append(SaidVerdict(key, guarantee.title, v.result, said_in_words(pack, key, judged, names), v.run.as_of))
    return said


def verdicts_on(actor: Actor, household: Household, pack: Pack, day: date) -> list[SaidVerdict]:
    """The verdicts of a household judged as of a day, from the register as it is known now; none where nobody lived there."""
    if not Household.objects.visible_to(actor).filter(pk=household.pk).exists():
        return []
    facts = facts_of(household.pk, pack, day)
    if facts is None:
        return []
    names = _names(actor, household)
    judged = {key: facts.verdict(guarantee) for key, guarantee in pack.guarantees.items()}
    return [SaidVerdict(k, pack.guarantees[k].title, v.result, said_in_words(pack, k, v, names), day) for k, v in judged.items()]


def last_run_of(pack: Pack) -> Run | None:
    """The last screening of the county by a pack, else the last of a household; None where it has judged nothing yet."""
    runs = Run.objects.filter(pack=pack.name).order_by("-id")
    return runs.filter(households__gt=1).first() or runs.first()


def _names(actor: Actor, household: Household) -> Names:
    """The names of all who are or were members, by id: the words of a verdict may name somebody who has left."""
    return dict(Person.objects.visible_to(actor).filter(memberships__household=household).values_list("id", "name"))


def said_in_words(pack: Pack, guarantee: str, verdict: Judged, names: Names) -> list[SaidReason]:
    """The reasons of a verdict in both languages, codes in the words of the register; `names` by the ids of persons."""
    return say_reasons(pack, guarantee, verdict, name_of=lambda p: names.get(p, "?"), code_text=_code_text)


def _code_text(codes: str, key: str) -> Text:
    return title_of(codes, key) or Text(key, key)


@dataclass(frozen=True, slots=True)
class Explained:
    """Every guarantee of a household explained."""

    household: str
    pack: str
    as_of: date
    explanations: list[Explanation]
    names: Names
    said: Mapping[str, list[SaidReason]]
    titles: Mapping[str, Text]

    def as_json(self) -> dict[str, Any]:
        """The document of `bangfu screen --explain --json`."""
        return {
            "household": self.household,
            "pack": self.pack,
            "as_of": self.as_of.isoformat(),
            "guarantees": {
                e.guarantee: e.as_json()
                | {"said": [{"code": r.code, "zh": r.text.zh, "en": r.text.en} for r in self.said[e.guarantee]]}
                for e in self.explanations
            },
        }

    def outline(self, lang: str) -> str:
        """Every guarantee: the verdict and its reasons in both languages, then what they were reached by, as indented lines."""
        lines: list[str] = []
        for e in self.explanations:
            title, result = self.titles[e.guarantee], VERDICTS[e.result]
            lines.append(f"{title.zh} {title.en}：{result.zh} {result.en}")
            for reason in self.said[e.guarantee]:
                lines += [f"  · {reason.text.zh}", f"    {reason.text.en}"]
            lines += outline(e, lang, lambda p: self.names.get(p, str(p)))
        return "\n".join(lines)


def explain_household(actor: Actor, number: str, pack: Pack, day: date, overrides: Mapping[str, Any] | None = None) -> Explained:
    """Explain every verdict of a household on a day, from the register as it is known now. Raises BF-1222 for an unknown one."""
    household = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if household is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    facts = facts_of(household.pk, pack, day, overrides)
    if facts is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    names = _names(actor, household)
    said = {key: said_in_words(pack, key, facts.verdict(guarantee), names) for key, guarantee in pack.guarantees.items()}
    titles = {key: guarantee.title for key, guarantee in pack.guarantees.items()}
    return Explained(number, pack.name, day, [_masked(actor, e) for e in explain_facts(facts)], names, said, titles)


def _masked(actor: Actor, explanation: Explanation) -> Explanation:
    """An explanation in which the personal fields that it used are shown as the actor may see them."""

    def masked(step: Step) -> Step:
        below = tuple(map(masked, step.below))
        field = fields().get(step.name)
        value = masks.shown(actor, field.personal if field else None, step.value)
        return replace(step, value=value, below=below, type=step.type if value == step.value else TEXT)

    reasons = {code: masked(step) for code, step in explanation.reasons.items()}
    return replace(explanation, assessed=masked(explanation.assessed), met=masked(explanation.met), reasons=reasons)
