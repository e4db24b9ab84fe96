"""What indicators answer to the extension points of the layers below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Sum

from bangfu.foundation.actor import Actor
from bangfu.foundation.screens import FigureNow, figures_now
from bangfu.indicators.catalogue import Indicator, catalogue
from bangfu.indicators.models import Figure


@figures_now.provider("indicators")
def last_computed(actor: Actor, path: str, keys: Sequence[str]) -> Mapping[str, FigureNow]:
    """Figures as last computed, added up over the villages of an area; a ratio is the quotient of its two, and not known where the lower is nought.

    A village where a figure is nought keeps none of it. So a figure of which nothing is kept is nought where others of its package are kept
    for the area, and else not known.
    """
    known = {key: catalogue()[key] for key in keys if key in catalogue()}
    parts = {part: catalogue()[part] for one in known.values() for part in one.ratio or ()}
    added = {key: one for key, one in (known | parts).items() if one.ratio is None}
    rows = Figure.objects.visible_to(actor).filter(path__gte=path, path__lt=path + "~")
    sums = dict(rows.filter(key__in=list(added)).values_list("key").annotate(value=Sum("value")))
    blank = {one.package for key, one in added.items() if key not in sums}
    beside = [key for key, one in catalogue().items() if one.package in blank]
    kept = {catalogue()[key].package for key in rows.filter(key__in=beside).values_list("key", flat=True).distinct()}
    values = {key: 0.0 for key, one in added.items() if one.package in kept} | sums
    return {key: FigureNow(one.name, _value(one, values)) for key, one in known.items()}


def _value(one: Indicator, values: Mapping[str, float]) -> float | None:
    if one.ratio is None:
        return values.get(one.key)
    above, below = (values.get(part) for part in one.ratio)
    return above / below if above is not None and below else None
