"""Reading verdicts as people do: one household's, with reasons in words and the tree behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.register.fields import title_of
from bangfu.register.models import Household, Person
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.screening.actions import read_household, thread_judge
from bangfu.screening.engine import HouseholdJudge
from bangfu.screening.engine import Verdict as Judged
from bangfu.screening.explain import Explanation, explain, outline
from bangfu.screening.models import Verdict
from bangfu.screening.pack import Pack
from bangfu.screening.reasons import RESULT_TEXTS, SaidReason, say_reasons


@dataclass(frozen=True, slots=True)
class SaidVerdict:
    """A present verdict in words: guarantee, result, reasons, and since when it is so."""

    guarantee: str
    title: Text
    result: str
    reasons: list[SaidReason]
    since: date


def verdicts_of_household(actor: Actor, household: Household, pack: Pack) -> list[SaidVerdict]:
    """The present verdicts of a household in the pack's order, as the actor may see them."""
    found = {v.guarantee: v for v in Verdict.objects.visible_to(actor).filter(household=household).select_related("run")}
    names = dict(Person.objects.visible_to(actor).filter(memberships__household=household).values_list("id", "name"))
    said = []
    for key, guarantee in pack.guarantees.items():
        if (v := found.get(key)) is None:
            continue
        judged = Judged(v.result, tuple(v.reasons or ()), v.values or {})
        reasons = say_reasons(pack, key, judged, name_of=lambda p: names.get(p, "?"), code_text=_code_text)
        said.append(SaidVerdict(key, guarantee.title, v.result, reasons, v.run.as_of))
    return said


def _code_text(codes: str, key: str) -> Text:
    return title_of(codes, key) or Text(key, key)


@dataclass(frozen=True, slots=True)
class Explained:
    """Every guarantee of a household explained."""

    household: str
    pack: str
    as_of: date
    explanations: list[Explanation]
    names: Mapping[int, str]
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
            title, result = self.titles[e.guarantee], RESULT_TEXTS[e.result]
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
    judge = HouseholdJudge(pack, day, overrides) if overrides else thread_judge(pack, day)
    row, persons = read_household(household.pk, judge, day)
    if row is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    names = dict(Person.objects.visible_to(actor).filter(id__in=[p["person"] for p in persons]).values_list("id", "name"))
    said = {
        key: say_reasons(pack, key, verdict, name_of=lambda p: names.get(p, "?"), code_text=_code_text)
        for key, verdict in judge.judge(row, persons).items()
    }
    titles = {key: guarantee.title for key, guarantee in pack.guarantees.items()}
    return Explained(number, pack.name, day, explain(pack, day, row, persons, overrides), names, said, titles)
