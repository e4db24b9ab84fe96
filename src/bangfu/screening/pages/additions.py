"""What screening adds to the pages of the register: verdict marks and a filter in the list, the standing on a household's page."""

from __future__ import annotations

from datetime import date
from functools import lru_cache, partial
from typing import Any

from django.db.models import QuerySet

from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Addition, NextStep, Standing, list_additions, standing_of
from bangfu.kit.listing import Choice, Column, Option
from bangfu.kit.parts import Guarantee
from bangfu.kit.templatetags.kit import verdict
from bangfu.register.models import Household
from bangfu.screening.models import Run, Verdict
from bangfu.screening.pack import Pack, find_pack, load_pack, pack_names
from bangfu.screening.reading import verdicts_of_household

STATES = (("unmet", Text("未达标", "unmet")), ("unknown", Text("待核实", "not known")))
SUPPLIERS = {
    "village": Text("请村里在下次走访时补录。", "The village fills it in on the next visit."),
    "education": Text("先由教育部门补报，再由村里核实。", "The education department supplies it first; the village confirms."),
    "insurance": Text("先由医保部门补报，再由村里核实。", "The insurance department supplies it first; the village confirms."),
    "housing": Text("请住建部门安排住房鉴定。", "The housing department appraises the house."),
    "water": Text("请水务部门补报水量、水质。", "The water department supplies quantity and quality."),
    "health": Text("请卫健部门补报。", "The health department supplies it."),
}
ANY = "any"
ORDER = {"unmet": 0, "unknown": 1}


def present_pack() -> Pack | None:
    """The pack by which the pages speak: the one valid today, else the last run's; None where there is neither.

    A county may have no pack for its country, or none for its day: its pages then show what is registered and judge nothing.
    """
    today = _valid_pack(clock.today(), the_county().country)
    if today is not None:
        return today
    last = Run.objects.order_by("-id").values_list("pack", flat=True).first()
    return _pack(last) if last in pack_names() else None


@lru_cache(maxsize=4)
def _valid_pack(day: date, country: str) -> Pack | None:
    return find_pack(day, country)


@lru_cache(maxsize=4)
def _pack(name: str) -> Pack:
    return load_pack(name)


def guarantees(pack: Pack) -> list[Guarantee]:
    """The guarantees as lists and tables name them."""
    return [Guarantee(g.name, g.title, g.short) for g in pack.guarantees.values()]


def policy(pack: Pack) -> dict[str, Any] | None:
    """What the present verdicts were reached by: title, version, day; None where nothing has been judged by the pack yet."""
    runs = Run.objects.filter(pack=pack.name).order_by("-id")
    run = runs.filter(households__gt=1).first() or runs.first()
    if run is None:
        return None
    line = pack.parameters.get("income_line")
    return {
        "title": pack.title,
        "version": run.version[:8],
        "as_of": run.as_of,
        "income_line": line.value_on(run.as_of) / 100 if line else None,  # rules keep money in fen
    }


@standing_of.provider("screening")
def standing(actor: Actor, household: int) -> Standing | None:
    """Every present verdict of a household in words; what is unmet comes first, then what is not known."""
    pack = present_pack()
    said = verdicts_of_household(actor, Household(pk=household), pack) if pack else []
    if pack is None or not said:
        return None
    steps = [
        NextStep(
            guarantee=v.title,
            state=v.result,
            reason=_joined([r.text for r in v.reasons]),
            do=_joined([SUPPLIERS[s] for s in dict.fromkeys(r.supplied_by for r in v.reasons) if s in SUPPLIERS]),
        )
        for v in sorted((v for v in said if v.result in ORDER), key=lambda v: ORDER[v.result])
    ]
    named = {g.key: g for g in guarantees(pack)}
    verdicts = [
        {"guarantee": named[v.guarantee], "state": v.result, "reason": _joined([r.text for r in v.reasons])} for v in said
    ]
    return Standing(steps, verdicts, policy(pack))


def _joined(texts: list[Text]) -> Text:
    return Text("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


def _of_verdict(rows: QuerySet[Any, Any], value: str) -> QuerySet[Any, Any]:
    guarantee, _, result = value.partition(".")
    verdicts = Verdict.objects.filter(result=result)
    if guarantee != ANY:
        verdicts = verdicts.filter(guarantee=guarantee)
    return rows.filter(pk__in=verdicts.values("household"))


def _mark(guarantee: Guarantee, row: Any) -> Any:
    state = row.shown["verdicts"].get(guarantee.key)
    return verdict(state, compact=True, label=guarantee.title) if state else ""


def _load(actor: Actor, rows: list[Any]) -> None:
    found: dict[int, dict[str, str]] = {row.pk: {} for row in rows}
    seen = Verdict.objects.visible_to(actor).filter(household__in=list(found))
    for household, guarantee, result in seen.values_list("household", "guarantee", "result"):
        found[household][guarantee] = result
    for row in rows:
        row.shown["verdicts"] = found[row.pk]


@list_additions.provider("screening")
def marks(name: str) -> Addition | None:
    """A mark per guarantee and a filter by guarantee and result for the list of households, once something has been judged."""
    if name != "households":
        return None
    pack = present_pack()
    if pack is None or policy(pack) is None:
        return None
    known = guarantees(pack)
    options = [Option(f"{ANY}.{state}", words, Text("任一项", "Any guarantee")) for state, words in STATES]
    options += [Option(f"{g.key}.{state}", words, g.title) for g in known for state, words in STATES]
    return Addition(
        columns=[Column(f"g.{g.key}", g.title, partial(_mark, g), kind="mark", short=g.short, phone="mark") for g in known],
        filters=[Choice("verdict", Text("保障", "Guarantee"), _of_verdict, options)],
        load=_load,
    )
