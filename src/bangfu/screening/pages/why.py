"""Why a verdict fell as it did: the tree of criteria, facts and fields, each leaf with its value and the evidence behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bangfu.areas.frame import area_frame
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.kit.asked import day_asked
from bangfu.register.fields import fields, title_of
from bangfu.register.models import Evidence, Household
from bangfu.register.pages.links import household_url, households_url
from bangfu.register.pages.parts import UNITS, evidence_of, source_of
from bangfu.register.problems import UNKNOWN_HOUSEHOLD
from bangfu.register.showing import show_household
from bangfu.screening.explain import Step
from bangfu.screening.pack import Pack, Parameter
from bangfu.screening.pages.additions import pack_of_day
from bangfu.screening.problems import NO_GUARANTEE, NO_PACK_ON
from bangfu.screening.reading import Explained, explain_household
from bangfu.screening.reasons import say_value
from bangfu.screening.wording import expression_in_words, name_title

STATES = {True: "met", False: "unmet", None: "unknown"}
OPEN = 3  # levels that are open when the page comes


@dataclass(frozen=True, slots=True)
class Branch:
    """One step of the tree as the page shows it: what it is called, its expression in words, its value, where that comes from."""

    title: Text | str
    value: Text | str
    state: str  # met, unmet, unknown of the criterion; unknown of what else is not known; "" of all others
    words: Text | str = ""
    note: Text | str = ""
    source: Text | str = ""
    verified: bool = True
    below: list[Branch] = field(default_factory=list)
    open: bool = False


@page("household.read")
def why(request: HttpRequest, guarantee: str, number: str) -> HttpResponse:
    """The reason tree of one guarantee of a household; `?as_of=` of a day gone by."""
    actor = acting_as(request)
    household = Household.objects.visible_to(actor).farming().filter(number=number).first()
    if household is None:
        raise UNKNOWN_HOUSEHOLD(household=number)
    day, notices = day_asked(request.GET)
    pack = pack_of_day(day)
    if pack is None:
        raise NO_PACK_ON(day=day, country=the_county().country)
    if guarantee not in pack.guarantees:
        raise NO_GUARANTEE(guarantee=guarantee, pack=pack.name, known=", ".join(pack.guarantees))
    explained = explain_household(actor, number, pack, day)
    told = next(e for e in explained.explanations if e.guarantee == guarantee)
    leaves = Leaves(actor, explained, pack, show_household(actor, number, as_of=day), evidence_of(actor, household.pk))
    area = Area.objects.get(pk=household.area_id)
    doubtful = pack.provisional(day).get(guarantee, [])
    context = area_frame(actor, area, households_url, top=the_county().path) | {
        "area_choices": [],
        "place": "households",
        "notices": notices,
        "number": number,
        "household_url": household_url(number) + (f"?as_of={day}" if day != clock.today() else ""),
        "title": next((m["name"] for m in leaves.shown["members"] if m["relation"] == "head"), number),
        "guarantee": pack.guarantees[guarantee],
        "result": told.result,
        "said": explained.said[guarantee],
        "policy": {"title": pack.title, "version": pack.version[:8], "as_of": day},
        "assessed": leaves.branch(told.assessed, Text("是否评定", "Is it assessed")) if told.assessed.below else None,
        "met": leaves.branch(told.met, Text("达标条件", "What meets it"), judges=True),
        "reasons": [
            leaves.branch(step, next((r.text for r in explained.said[guarantee] if r.code == code), Text(code, code)))
            for code, step in told.reasons.items()
        ],
        "doubtful": [pack.parameters[name].title for name in doubtful],
        "others": [(g.title, g.name == guarantee, why_url(g.name, number)) for g in pack.guarantees.values()],
    }
    return render(request, "screening/why.html", context)


def why_url(guarantee: str, number: str) -> str:
    """The page of a verdict."""
    return reverse("screening:why", kwargs={"guarantee": guarantee, "number": number})


class Leaves:
    """Steps as branches: titles and words of the pack, values in words, the evidence of each field."""

    def __init__(
        self, actor: Actor, explained: Explained, pack: Pack, shown: dict[str, Any], evidence: dict[int, Evidence]
    ) -> None:
        self.actor = actor
        self.explained = explained
        self.pack = pack
        self.shown = shown
        self.evidence = evidence
        self.members = {m["person"]: m for m in shown["members"]}

    def branch(self, step: Step, title: Text | None = None, depth: int = 0, *, judges: bool = False) -> Branch:
        """A step and everything below it; `judges`: what the verdict says of it is its own state."""
        words = self.words(step.text) if step.kind in ("criterion", "fact", "expression") else Text("", "")
        named = title or self.title(step) or words
        parameter = self.pack.parameters.get(step.name) if step.kind == "parameter" else None
        return Branch(
            title=named,
            value=Text(*(self.value(step, lang) for lang in ("zh", "en"))),
            state=STATES[step.value] if judges else "unknown" if step.value is None else "",
            words=words if words != named else "",
            note=self.note(step, parameter),
            source=parameter.source if parameter else self.source(step),
            verified=parameter.verified_on(self.explained.as_of) if parameter else True,
            below=[self.branch(below, depth=depth + 1) for below in step.below],
            open=depth < OPEN,
        )

    def title(self, step: Step) -> Text | None:
        if step.kind == "member":
            name = self.explained.names.get(step.person, "?")
            return Text(name, name)
        if step.kind in ("item", "land"):
            return Text(f"第{step.person}项", f"No. {step.person}")
        return name_title(self.pack, step.name, _field_title) if step.name else None

    def code_title(self, codes: str, code: str) -> Text | None:
        """A code in the word of the day that was judged."""
        return title_of(codes, code, self.explained.as_of)

    def words(self, text: str) -> Text:
        return expression_in_words(self.pack, text, _field_title, self.code_title)

    def value(self, step: Step, lang: str) -> str:
        if isinstance(step.value, list) and step.type.kind == "members":
            names = [self.explained.names.get(person, "?") for person in step.value]
            return ("、" if lang == "zh" else ", ").join(names) or ("无" if lang == "zh" else "nobody")
        return say_value(step.value, step.type, lang, lambda codes, code: self.code_title(codes, code) or Text(code, code))

    def note(self, step: Step, parameter: Parameter | None) -> Text | str:
        """The unit of a number."""
        if step.type.kind == "money":
            return Text("元", "yuan")
        if parameter is not None:
            return parameter.unit or ""
        found = fields().get(step.name)
        return UNITS.get(found.unit or "", "") if found is not None else ""

    def source(self, step: Step) -> Text | str:
        """The file and row that a field's value came from."""
        found = fields().get(step.name) if step.kind == "field" else None
        if found is None or found.table is None:
            return ""
        if found.table == "income":
            key = self.shown["income"][0]["evidence"] if self.shown["income"] else None
        elif found.level == "household":
            key = self.shown["facts"].get(found.table, {}).get("evidence")
        else:
            member = self.members.get(step.person, {})
            key = (
                member.get("evidence") if found.table in ("person", "membership") else member.get(found.table, {}).get("evidence")
            )
        evidence = self.evidence.get(key) if key is not None else None
        if evidence is None:
            return ""
        return Text("{day} {where}", "{day} {where}").format(day=evidence.happened_on, where=source_of(evidence))


def _field_title(name: str) -> Text | None:
    found = fields().get(name)
    return found.title if found is not None else None
