"""From what is known of households: visits, imports and papers, the newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from bangfu.cases.household_files.parts import household_file_parts, table
from bangfu.cases.procedures import today_procedures
from bangfu.documents.forms import Block, Heading
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.say import Text
from bangfu.register.models import Evidence, Household
from bangfu.register.models.base import OneOf
from bangfu.register.pages.parts import kind_of

LAST = 20  # pieces of evidence of each household
HEAD = [Text("日期", "Day"), Text("类别", "Kind"), Text("来源", "Source"), Text("办理", "By")]


@household_file_parts.provider("evidence", order=90)
def of_evidence(actor: Actor, households: Sequence[Household], day: date) -> Mapping[int, Sequence[Block]]:
    """The last visits, imports and papers behind what is registered; a file that tells of several members stands there once."""
    newest = Window(RowNumber(), partition_by=F("household"), order_by=[F("happened_on").desc(), F("id").desc()])
    rows = Evidence.objects.visible_to(actor).filter(OneOf("household", [h.pk for h in households]), happened_on__lte=day)
    words = _words()
    told: dict[int, dict[tuple[Any, ...], None]] = defaultdict(dict)
    for e in rows.annotate(place=newest).filter(place__lte=LAST).select_related("source").order_by("-happened_on", "-id"):
        told[e.household][e.happened_on, kind_of(e), _source(e, words), name_shown(e.actor)] = None
    return {
        key: [Heading(Text("走访和佐证", "Visits and evidence")), table(HEAD, list(lines), [None, None, 3, None])]
        for key, lines in told.items()
    }


def _words() -> Mapping[str, Text]:
    """What the pack calls steps and papers of decisions, by the codes that sources name."""
    known = today_procedures()
    return {**known.step_titles, **known.documents}


def _source(e: Evidence, words: Mapping[str, Text]) -> Text:
    """The file or the matter; of a step or a paper of a decision its number and its name."""
    name = e.source.name
    number, _, code = name.partition(" ")
    return Text("{n} {t}", "{n} {t}").format(n=number, t=words[code]) if code in words else Text(name, name)
