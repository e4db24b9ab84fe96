"""What is found of a household beside its verdicts, on the pages: a panel of its record, a filter of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text
from bangfu.foundation.screens import Found
from bangfu.kit.listing import Choice, Option
from bangfu.register.models import Household
from bangfu.register.pages.links import households_url
from bangfu.screening.found import SORTS, SaidFinding, present_findings, state_words, titled
from bangfu.screening.models import Finding
from bangfu.screening.pack import Flag, Pack, Proposal, Score
from bangfu.screening.reading import finding_words, findings_on

FILTER = "found"
# Of a score everybody has a state: who is not selected is no finding that a panel calls attention to.
SILENT = {("score", "not_poor")}
ASKED = {  # the states by which a list may be narrowed
    "score": ("poor", "unknown", "not_poor"),
    "proposal": ("proposed", "clue"),
    "group": ("raised",),
    "hint": ("raised",),
}


def found_of(actor: Actor, household: Household, number: str, pack: Pack, day: date) -> list[Found]:
    """What the panel of a household shows: what is kept of today, of a day gone by what the pack of that day finds."""
    if not any(titled(pack, sort) for sort in SORTS):
        return []
    today = day == clock.today()
    if today:
        said = present_findings(actor, household, finding_words(actor, household, pack, day))
    else:
        said = findings_on(actor, household, pack, day)
    return [_shown(actor, one, number, "" if today else f"?as_of={day}") for one in said if (one.sort, one.state) not in SILENT]


def _shown(actor: Actor, one: SaidFinding, number: str, asked: str) -> Found:
    reason = _joined([r.text for r in one.reasons])
    if one.risks:
        risks = _joined(list(one.risks))
        reason = Text("；".join(t for t in (reason.zh, risks.zh) if t), "; ".join(t for t in (reason.en, risks.en) if t))
    return Found(
        sort=SORTS[one.sort],
        title=one.title,
        state=one.state,
        word=one.word,
        values=one.values,
        reason=reason if reason.zh else None,
        missing=_joined([r.text for r in one.missing]) if one.missing else None,
        doubtful=len(one.provisional),
        url=found_url(one.sort, one.name, number) + asked,
        more=f"{households_url(_reach(actor))}?{urlencode({FILTER: f'{one.sort}.{one.name}.{one.state}'})}",
    )


def _joined(texts: Sequence[Text]) -> Text:
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))


def _reach(actor: Actor) -> str:
    """The widest area of the county that the actor's role reaches."""
    county = the_county().path
    return county if county.startswith(actor.scope) else actor.scope


def found_url(sort: str, name: str, number: str) -> str:
    """The page that tells how something found was reached."""
    return reverse("screening:found", kwargs={"sort": sort, "name": name, "number": number})


def found_filter(pack: Pack) -> Choice | None:
    """The filter of the list of households by what the pack finds; None where it finds nothing beside verdicts."""
    options = [
        Option(f"{sort}.{name}.{state}", _option(pack, sort, name, state, subject), SORTS[sort])
        for sort in SORTS
        for name, subject in titled(pack, sort).items()
        for state in ASKED[sort]
    ]
    return Choice(FILTER, Text("也请留意", "Also found"), _of_finding, options) if options else None


def _option(pack: Pack, sort: str, name: str, state: str, subject: Flag | Proposal | Score) -> Text:
    """The title alone where a finding has one state only, else with the state."""
    if len(ASKED[sort]) == 1:
        return subject.title
    word = state_words(pack, sort, name)[state]
    return Text(f"{subject.title.zh}：{word.zh}", f"{subject.title.en}: {word.en}")


def _of_finding(rows: QuerySet[Any, Any], value: str) -> QuerySet[Any, Any]:
    sort, name, state = value.split(".")
    return rows.filter(pk__in=Finding.objects.named(sort, name).filter(state=state).values("household"))
