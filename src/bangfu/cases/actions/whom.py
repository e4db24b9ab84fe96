"""Whom a decision may be about: the household, or the village, is held against what the pack says, when it begins and when it is decided."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from bangfu.areas.models import AreaMark
from bangfu.cases.models import Decision
from bangfu.cases.problems import NOT_ABOUT
from bangfu.cases.procedures import Procedure
from bangfu.foundation import clock
from bangfu.foundation.say import Text, listed
from bangfu.register.fields import code_lists, fields
from bangfu.register.models import Household

YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}
UNKNOWN = Text("未登记", "not recorded")
MARK, NO_MARK = Text("村的标记", "mark of the village"), Text("无", "none")


def require_about(procedure: Procedure, household: Household | None, path: str, category: str = "") -> None:
    """Hold that a decision of a kind, and of a category, may be about a household, or a village. Raises BF-2451, which names what does not fit."""
    today = clock.today()
    if household is None:
        if procedure.mark and not AreaMark.objects.marked(procedure.mark, today).filter(path=path).exists():
            raise NOT_ABOUT(kind=procedure.title, what=MARK, value=NO_MARK, wanted=procedure.mark_title or procedure.mark)
        return
    about = procedure.categories.get(category, procedure.title)
    for key, fit in [*procedure.of.items(), *procedure.of_category.get(category, {}).items()]:
        field = fields()[key]
        rows: Any = apps.get_model("register", field.table or "").objects.on(today)
        value = rows.filter(household=household).values_list(field.column, flat=True).first()
        if value not in fit:
            said: dict[Any, Text] = (
                YES_NO if field.codes is None else {k: c.title(today) for k, c in code_lists()[field.codes].items()}
            )
            shown = said.get(value, UNKNOWN)
            raise NOT_ABOUT(kind=about, what=field.title, value=shown, wanted=listed(said[one] for one in fit))


def still_about(procedure: Procedure, decision: Decision) -> None:
    """Hold the same of a decision that is about to be taken: meanwhile another one may have changed what the household is. Raises BF-2451."""
    require_about(procedure, decision.household, decision.path, decision.proposal)
