"""What has to be found before a decision is taken: asked by the steps that find it, computed where a figure gives it, held against its bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bangfu.cases.models import Decision
from bangfu.cases.problems import BAD_ROW
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.screens import figures_now
from bangfu.screening.pack.casework import Criterion

YES_OR_NO = Text("须选是或否", "yes or no")
A_NUMBER = Text("须是不小于 0 的数", "a number not below 0")
MOST = 1e12


def frozen(code: str, criterion: Criterion) -> dict[str, Any]:
    """A criterion as the steps of a decision keep it."""
    return {
        "code": code, "zh": criterion.title.zh, "en": criterion.title.en, "number": criterion.number, "below": criterion.below,
        "at_least": criterion.at_least, "figure": criterion.figure, "money": criterion.money,
    }  # fmt: skip


def criteria_of(step: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The criteria that a step finds; none where it finds none."""
    found: list[dict[str, Any]] = step.get("criteria", [])
    return found


def title_of(criterion: Mapping[str, Any]) -> Text:
    """What a criterion is called."""
    return Text(criterion["zh"], criterion["en"])


def computed(actor: Actor, path: str, criteria: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The criteria that figures of the catalogue give for an area, by code; those of which nothing is computed yet are not there."""
    keys = [c["figure"] for c in criteria if c["figure"]]
    found = {key: one.value for _, answer in figures_now.ask(actor, path, keys) for key, one in answer.items()} if keys else {}
    return {c["code"]: value for c in criteria if (value := found.get(c["figure"])) is not None}


def found_by(actor: Actor, path: str, criteria: Sequence[Mapping[str, Any]], said: Mapping[str, Any]) -> dict[str, Any]:
    """What a step found of each criterion: figures as they are computed, the rest as it was said (True, False, or a number; money in fen).

    Raises BF-2402 for one that nobody said, and for what cannot be.
    """
    given = computed(actor, path, criteria)
    return {c["code"]: given[c["code"]] if c["code"] in given else _said(c, said.get(c["code"])) for c in criteria}


def _said(criterion: Mapping[str, Any], value: Any) -> bool | float:
    if criterion["number"]:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < MOST
    else:
        fits = isinstance(value, bool)
    if not fits:
        shown = "–" if value is None else str(value)[:20]
        raise BAD_ROW(column=title_of(criterion), value=shown, wanted=A_NUMBER if criterion["number"] else YES_OR_NO)
    return value  # type: ignore[no-any-return]


def lacking(decision: Decision) -> list[Text]:
    """The criteria that the last step which finds them did not find fulfilled; one whose bound the pack leaves open is not."""
    step = next((s for s in reversed(decision.steps[: decision.place]) if criteria_of(s)), None)
    if step is None:
        return []
    found = decision.facts.get(step["step"], {})
    return [title_of(c) for c in criteria_of(step) if not fulfilled(c, found.get(c["code"]))]


def fulfilled(criterion: Mapping[str, Any], value: Any) -> bool:
    """Whether what was found of a criterion meets it."""
    if not criterion["number"]:
        return value is True
    if value is None:
        return False
    if criterion["below"] is not None:
        return bool(value < criterion["below"])
    return criterion["at_least"] is not None and bool(value >= criterion["at_least"])


def bound(criterion: Mapping[str, Any]) -> Text | None:
    """What a criterion is held against, in words; None where it is yes or no."""
    if not criterion["number"]:
        return None
    if criterion["below"] is not None:
        return Text("须低于 {v}", "to be below {v}").format(v=in_words(criterion, criterion["below"]))
    if criterion["at_least"] is not None:
        return Text("不低于 {v}", "at least {v}").format(v=in_words(criterion, criterion["at_least"]))
    return Text("规则包尚未定数", "left open by the pack")


def in_words(criterion: Mapping[str, Any], value: Any) -> Text:
    """What was found of a criterion, in words: yes or no, an amount in yuan, a share in per cent, a number."""
    if isinstance(value, bool):
        return Text("达到", "yes") if value else Text("未达到", "no")
    if value is None:
        return Text("–", "–")
    if criterion["money"]:
        return Text("{v} 元", "{v} yuan").format(v=f"{value / 100:,.2f}".removesuffix(".00"))
    if is_share(criterion):
        plain = f"{value * 100:.2f}".rstrip("0").rstrip(".")
        return Text(f"{plain}%", f"{plain}%")
    return Text(f"{value:g}", f"{value:g}")


def is_share(criterion: Mapping[str, Any]) -> bool:
    """Whether the number is a share of one, which people read and write in per cent."""
    limit = criterion["below"] if criterion["below"] is not None else criterion["at_least"]
    return not criterion["money"] and limit is not None and 0 < limit < 1
