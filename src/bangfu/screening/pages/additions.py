"""What screening adds to the pages of the register: verdict marks and a filter in the list, the standing on a household's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Addition, NextStep, Standing, list_additions, standing_of
from bangfu.kit.listing import Choice, Column, Option
from bangfu.kit.parts import VERDICTS, Guarantee
from bangfu.kit.templatetags.kit import verdict
from bangfu.register.models import Household
from bangfu.register.models.base import OneOf
from bangfu.screening.models import Run, Verdict
from bangfu.screening.pack import Pack, pack_names
from bangfu.screening.pages.found import found_filter, found_of
from bangfu.screening.present import pack_named, provisional_of, valid_pack
from bangfu.screening.reading import SaidVerdict, last_run_of, present_verdicts, verdicts_on

ASK_THEM = {
    "village": Text("请村里在下次走访时补录。", "The village fills it in on the next visit."),
    "education": Text("先由教育部门补报，再由村里核实。", "The education department supplies it first; the village confirms."),
    "insurance": Text("先由医保部门补报，再由村里核实。", "The insurance department supplies it first; the village confirms."),
    "housing": Text("请住建部门安排住房鉴定。", "The housing department appraises the house."),
    "water": Text("请水务部门补报水量、水质。", "The water department supplies quantity and quality."),
    "health": Text("请卫健部门补报。", "The health department supplies it."),
    "county": Text("请县级指挥部补报。", "The county headquarters supplies it."),
}
ANY = "any"
ORDER = {"unmet": 0, "unknown": 1}
NO_PACK_THEN = Text("{day} 没有适用的规则包，当日不作评定。", "No policy pack holds on {day}: nothing is judged of that day.")
NOBODY_THEN = Text(
    "{day} 这一户没有登记成员，不作评定。", "Nobody is recorded in this household on {day}: nothing is judged of that day."
)


def present_pack() -> Pack | None:
    """The pack by which the pages speak: the one valid today, else the last run's; None where there is neither.

    A county may have no pack for its country, or none for its day: its pages then show what is registered and judge nothing. A pack of
    the county's own that has a fault or stands beside another stops judging, not reading: the page of packs says so.
    """
    today = _unless_faulty(lambda: valid_pack(clock.today(), the_county().country))
    if today is not None:
        return today
    last = Run.objects.order_by("-id").values_list("pack", flat=True).first()
    return _unless_faulty(lambda: pack_named(last)) if last in pack_names() else None


def _unless_faulty(ask: Callable[[], Pack | None]) -> Pack | None:
    """What `ask` gives; None where a pack has a fault or two are valid, which the page of packs tells with its number."""
    try:
        return ask()
    except Problem:
        return None


def pack_of_day(day: date) -> Pack | None:
    """The pack by which a page judges a day: the present one today, of a day gone by the one that was valid then."""
    return present_pack() if day == clock.today() else _unless_faulty(lambda: valid_pack(day, the_county().country))


def guarantees(pack: Pack) -> list[Guarantee]:
    """The guarantees as lists and tables name them."""
    return [Guarantee(g.name, g.title, g.short) for g in pack.guarantees.values()]


def policy(pack: Pack, actor: Actor | None = None) -> dict[str, Any] | None:
    """What the present verdicts were reached by: title, version, day, and where the actor may read it; None where nothing has been
    judged by the pack yet."""
    return _policy_of(pack, last_run_of(pack), actor)


def _policy_of(pack: Pack, run: Run | None, actor: Actor | None) -> dict[str, Any] | None:
    return _policy(pack, run.version, run.as_of, actor) if run is not None else None


def _policy(pack: Pack, version: str, day: date, actor: Actor | None) -> dict[str, Any]:
    line = pack.parameters.get("income_line")
    begun = line.begun(day) if line else None
    read = actor is not None and actor.may("screening.read") and pack.name in pack_names()
    return {
        "title": pack.title,
        "version": version[:8],
        "as_of": day,
        "income_line": begun[1] / 100 if begun and begun[1] is not None else None,  # rules keep money in fen
        "url": reverse("screening:pack", kwargs={"pack": pack.name}) if read else "",
    }


@standing_of.provider("screening")
def standing(actor: Actor, household: int, day: date) -> Standing | None:
    """Every verdict of a household in words, what is unmet first, then what is not known: the present ones of today, and of a day
    gone by those that the pack of that day comes to."""
    judged = True
    if day == clock.today():
        pack = present_pack()
        last = last_run_of(pack) if pack else None
        judged = last is not None
        said = present_verdicts(actor, Household(pk=household), pack, last) if pack else []
        judged_by = _policy_of(pack, last, actor) if pack else None
    else:
        pack = valid_pack(day, the_county().country)
        if pack is None:
            return Standing([], [], None, NO_PACK_THEN.format(day=day))
        said = verdicts_on(actor, Household(pk=household), pack, day)
        judged_by = _policy(pack, pack.version, day, actor)
        if pack.guarantees and not said:
            return Standing([], [], judged_by, NOBODY_THEN.format(day=day))
    if pack is None:
        return None
    provisional = provisional_of(pack, day)
    number = Household.objects.filter(pk=household).values_list("number", flat=True)[0]
    found = found_of(actor, Household(pk=household), number, pack, day) if judged else []
    if not said and not found:
        return None
    asked = "" if day == clock.today() else f"?as_of={day}"

    def why(guarantee: str) -> str:
        return reverse("screening:why", kwargs={"guarantee": guarantee, "number": number}) + asked

    steps = [
        NextStep(v.title, v.result, _reasons(v), _to_do(v), url=why(v.guarantee), provisional=provisional.get(v.guarantee))
        for v in sorted((v for v in said if v.result in ORDER), key=lambda v: ORDER[v.result])
    ]
    named = {g.key: g for g in guarantees(pack)}
    settled = [
        {
            "guarantee": named[v.guarantee],
            "state": v.result,
            "reason": _reasons(v),
            "url": why(v.guarantee),
            "provisional": provisional.get(v.guarantee),
        }
        for v in said
        if v.result not in ORDER
    ]
    return Standing(steps, settled, judged_by, found=found)


def _reasons(said: SaidVerdict) -> Text:
    return Text("；".join(r.text.zh for r in said.reasons), "; ".join(r.text.en for r in said.reasons))


def _to_do(said: SaidVerdict) -> Text:
    """What to do about each reason, each thing once: as the pack says, or by asking who has the fact that is missing."""
    asked = [r.do or ASK_THEM.get(r.supplied_by) for r in said.reasons]
    texts = list(dict.fromkeys(text for text in asked if text is not None))
    return Text("".join(t.zh for t in texts), " ".join(t.en for t in texts))


def _of_verdict(rows: QuerySet[Any, Any], value: str) -> QuerySet[Any, Any]:
    guarantee, _, result = value.partition(".")
    verdicts = Verdict.objects.filter(result=result)
    if guarantee != ANY:
        verdicts = verdicts.filter(guarantee=guarantee)
    return rows.filter(pk__in=verdicts.values("household"))


def _mark(key: str, drawn: dict[str, SafeString], row: Any) -> Any:
    state = row.shown["verdicts"].get(key)
    return (drawn.get(state) or verdict(state)) if state else ""


def _drawn(guarantee: Guarantee) -> dict[str, SafeString]:
    """The mark of each state, for all rows of a page at once."""
    return {state: verdict(state, compact=True, label=guarantee.title) for state in VERDICTS}


def _word(guarantee: Guarantee, row: Any) -> Any:
    return VERDICTS.get(row.shown["verdicts"].get(guarantee.key, ""))


def _load(actor: Actor, rows: list[Any]) -> None:
    found: dict[int, dict[str, str]] = {row.pk: {} for row in rows}
    seen = Verdict.objects.visible_to(actor).filter(OneOf("household", found))
    for household, guarantee, result in seen.values_list("household", "guarantee", "result"):
        found[household][guarantee] = result
    for row in rows:
        row.shown["verdicts"] = found[row.pk]


@list_additions.provider("screening")
def marks(name: str) -> Addition | None:
    """A mark per guarantee, filters by guarantee and result and by what was found, for the list of households once something has been
    judged."""
    if name != "households":
        return None
    pack = present_pack()
    if pack is None or policy(pack) is None:
        return None
    known = guarantees(pack)
    states = [(state, VERDICTS[state]) for state in ORDER]
    options = [Option(f"{ANY}.{state}", words, Text("任一项", "Any guarantee")) for state, words in states]
    options += [Option(f"{g.key}.{state}", words, g.title) for g in known for state, words in states]
    filters = [Choice("verdict", Text("保障", "Guarantee"), _of_verdict, options)] if known else []
    also = found_filter(pack)
    return Addition(
        columns=[
            Column(
                f"g.{g.key}",
                g.title,
                partial(_mark, g.key, _drawn(g)),
                kind="mark",
                short=g.short,
                phone="mark",
                plain=partial(_word, g),
            )
            for g in known
        ],
        filters=[*filters, *([also] if also else [])],
        load=_load,
    )
