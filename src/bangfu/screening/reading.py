"""Reading verdicts as people do: one household's, with reasons in words and the tree behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.reading import read
from bangfu.foundation.say import Text
from bangfu.kit.parts import VERDICTS
from bangfu.register import masks
from bangfu.register.fields import fields, title_of
from bangfu.register.models import Household, Person
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.rules.schema import TEXT
from bangfu.screening.actions import read_household
from bangfu.screening.engine import Verdict as Judged
from bangfu.screening.explain import Explanation, HouseholdFacts, Step, explain_facts, outline, outline_step
from bangfu.screening.found import (
    WHOLE,
    ExplainedFinding,
    SaidFinding,
    Words,
    explain_findings,
    findings_of_facts,
)
from bangfu.screening.models import Run, Verdict
from bangfu.screening.pack import Pack
from bangfu.screening.present import provisional_of
from bangfu.screening.reasons import SaidReason, say_reasons
from bangfu.screening.withholding import Withheld

OF_RUN = ["id", "pack", "version", "as_of"]  # its counts are long and no page shows them
SHOWN = ("guarantee", "result", "reasons", "values", "run__as_of")  # what of a verdict, and of its run, is put into words
CHANGED = Text("登记内容此后有变动，正在重新评定", "the register has changed since, and it is being judged again")


class Names:
    """The names of all who are or were members of a household, as the actor may see them, by id of the person: the words of a verdict
    may name somebody who has left. They are read when the first is asked for; most households' words name nobody."""

    def __init__(self, actor: Actor, household: Household) -> None:
        self._asked = Person.objects.visible_to(actor).filter(memberships__household=household).values_list("id", "name")

    @cached_property
    def _known(self) -> dict[int, str]:
        return dict(self._asked)

    def get(self, person: int, unknown: str) -> str:
        """A person's name, or what to say of one whom the actor may not see."""
        return self._known.get(person, unknown)


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


def present_verdicts(actor: Actor, household: Household, pack: Pack, last: Run | None = None) -> list[SaidVerdict]:
    """The present verdicts of a household in the pack's order, as the actor may see them; none where nothing has been judged.
    `last` is the pack's last run, where the caller has read it.

    What is unmet or unknown was kept with its reasons; the reasons of what is met are read from the register, which is what it was
    judged from unless it has changed in the meantime: that is said then.
    """
    found = {
        v.guarantee: v for v in Verdict.objects.visible_to(actor).filter(household=household).select_related("run").only(*SHOWN)
    }
    if not found:
        return []
    last = last or last_run_of(pack)
    if last is None:  # what is kept is another pack's: with a new year nothing is claimed until its own pack has judged
        return []
    facts = facts_of(household.pk, pack, max([last.as_of, *(v.run.as_of for v in found.values())]))
    names = Names(actor, household)
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
    names = Names(actor, household)
    judged = {key: facts.verdict(guarantee) for key, guarantee in pack.guarantees.items()}
    return [SaidVerdict(k, pack.guarantees[k].title, v.result, said_in_words(pack, k, v, names), day) for k, v in judged.items()]


def last_run_of(pack: Pack) -> Run | None:
    """The last screening of the county by a pack, else the last of a household; None where it has judged nothing yet."""
    for only in ("AND households > 1", ""):
        rows = read(f"SELECT {', '.join(OF_RUN)} FROM screening_run WHERE pack = %s {only} ORDER BY id DESC LIMIT 1", [pack.name])
        if rows:
            return Run.from_db("default", OF_RUN, rows[0])
    return None


def said_in_words(pack: Pack, guarantee: str, verdict: Judged, names: Names | Mapping[int, str]) -> list[SaidReason]:
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
    provisional: Mapping[str, Text]  # why a guarantee's verdict may change, where it may
    found: Sequence[ExplainedFinding] = ()

    def as_json(self) -> dict[str, Any]:
        """The document of `bangfu screen --explain --json`."""
        return {
            "household": self.household,
            "pack": self.pack,
            "as_of": self.as_of.isoformat(),
            "guarantees": {
                e.guarantee: e.as_json()
                | {"said": [{"code": r.code, "zh": r.text.zh, "en": r.text.en} for r in self.said[e.guarantee]]}
                | ({"provisional": {"zh": doubt.zh, "en": doubt.en}} if (doubt := self.provisional.get(e.guarantee)) else {})
                for e in self.explanations
            },
            "findings": [one.as_json() for one in self.found],
        }

    def name_of(self, person: int) -> str:
        """The name of a member, else the id."""
        return self.names.get(person, str(person))

    def outline(self, lang: str) -> str:
        """Every guarantee: the verdict and its reasons in both languages, then what they were reached by, as indented lines; then
        what was found beside them."""
        lines: list[str] = []
        for e in self.explanations:
            title, result = self.titles[e.guarantee], VERDICTS[e.result]
            lines.append(f"{title.zh} {title.en}：{result.zh} {result.en}")
            for reason in self.said[e.guarantee]:
                lines += [f"  · {reason.text.zh}", f"    {reason.text.en}"]
            if doubt := self.provisional.get(e.guarantee):
                lines += [f"  ◔ 暂定，{doubt.zh}", f"    provisional, {doubt.en}"]
            lines += outline(e, lang, self.name_of)
        for one in self.found:
            lines += found_in_lines(one)
            for name, step in one.steps.items():
                lines += [f"  {name}:", *outline_step(step, lang, self.name_of, 2)]
        return "\n".join(lines)


def explain_household(actor: Actor, number: str, pack: Pack, day: date, overrides: Mapping[str, Any] | None = None) -> Explained:
    """Explain every verdict of a household on a day, from the register as it is known now. Raises BF-1222 for an unknown one."""
    household = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if household is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    facts = facts_of(household.pk, pack, day, overrides)
    if facts is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    names = Names(actor, household)
    said = {key: said_in_words(pack, key, facts.verdict(guarantee), names) for key, guarantee in pack.guarantees.items()}
    titles = {key: guarantee.title for key, guarantee in pack.guarantees.items()}
    words = finding_words(actor, household, pack, day, overrides, names)
    found = [
        replace(
            one,
            steps={name: _masked_step(actor, step, words.withheld, int(name not in WHOLE)) for name, step in one.steps.items()},
        )
        for one in explain_findings(facts, words)
    ]
    explained = [_masked(actor, e) for e in explain_facts(facts)]
    return Explained(number, pack.name, day, explained, names, said, titles, provisional_of(pack, day, overrides), found)


def finding_words(
    actor: Actor,
    household: Household,
    pack: Pack,
    day: date,
    overrides: Mapping[str, Any] | None = None,
    names: Names | None = None,
) -> Words:
    """What says the findings of a household on a day in words, names as the actor may see them."""
    known = names or Names(actor, household)
    return Words(
        pack, day, lambda p: known.get(p, "?"), _code_text, Run.objects.limits_of(pack, day), overrides, Withheld(actor, pack)
    )


def findings_on(actor: Actor, household: Household, pack: Pack, day: date) -> list[SaidFinding]:
    """What a pack finds of a household as of a day, from the register as it is known now; nothing where nobody lived there."""
    if not Household.objects.visible_to(actor).filter(pk=household.pk).exists():
        return []
    facts = facts_of(household.pk, pack, day)
    return findings_of_facts(facts, finding_words(actor, household, pack, day)) if facts else []


def found_in_lines(one: ExplainedFinding) -> list[str]:
    """A finding in both languages: title and state, the numbers, what it rests on, what is missing, and whether it is provisional."""
    said = one.said
    lines = [f"{said.title.zh} {said.title.en}：{said.word.zh} {said.word.en}"]
    told = [said.values] if said.values else []
    told += [reason.text for reason in said.reasons]
    told += [Text(f"待核实：{r.text.zh}", f"not known: {r.text.en}") for r in said.missing]
    if said.provisional:
        told.append(
            Text(
                "暂定：" + "、".join(t.zh for t in said.provisional), "provisional: " + ", ".join(t.en for t in said.provisional)
            )
        )
    for text in told:
        lines += [f"  · {text.zh}", f"    {text.en}"]
    return lines


def _masked(actor: Actor, explanation: Explanation) -> Explanation:
    """An explanation in which the personal fields that it used are shown as the actor may see them."""
    reasons = {code: _masked_step(actor, step) for code, step in explanation.reasons.items()}
    assessed, met = (_masked_step(actor, step) for step in (explanation.assessed, explanation.met))
    return replace(explanation, assessed=assessed, met=met, reasons=reasons)


def _masked_step(actor: Actor, step: Step, withheld: Withheld | None = None, depth: int = 0) -> Step:
    """A step as the actor may see it. What the whole came to stays; what concerns health and is withheld below it is not told."""
    if withheld is not None and depth and withheld.step(step):
        return replace(step, value=masks.HIDDEN, below=(), type=TEXT)
    below = tuple(_masked_step(actor, one, withheld, depth + 1) for one in step.below)
    field = fields().get(step.name)
    value = masks.shown(actor, field.personal if field else None, step.value)
    return replace(step, value=value, below=below, type=step.type if value == step.value else TEXT)
