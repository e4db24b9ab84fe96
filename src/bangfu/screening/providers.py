"""What screening answers to the extension points of the layers below."""

from __future__ import annotations

from datetime import date

import duckdb
from django.urls import reverse

from bangfu.foundation.actor import Actor
from bangfu.foundation.changes import Change, Effect, Reference, effects_of, references_of
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.screens import AreaPage, PageLink, area_pages, rail, record_actions
from bangfu.lake.tables import views_for_figures
from bangfu.register import frame
from bangfu.rules.compile import compile_households
from bangfu.rules.dialects import DUCKDB
from bangfu.rules.schema import HOUSEHOLD, RELATIONS
from bangfu.rules.source import Place
from bangfu.screening import proposing  # noqa: F401 (registers what is proposed for income sheets)
from bangfu.screening.models import Finding, Verdict
from bangfu.screening.pack import pack_on
from bangfu.screening.pages import additions  # noqa: F401 (registers what screening adds to pages)


@effects_of.provider("screening", order=20)
def verdicts_touched(change: Change) -> list[Effect]:
    """The verdicts and findings of the household, which will be judged again."""
    counts = {
        "verdicts": Verdict.objects.filter(household=change.household).count(),
        "findings": Finding.objects.filter(household=change.household).count(),
    }
    return [Effect("screening", what, count) for what, count in counts.items() if count]


@references_of.provider("screening", order=20)
def reasons_naming(person: int) -> list[Reference]:
    """Verdicts and findings whose reasons name a person (their values hold the persons' ids)."""
    found = []
    for model in (Verdict, Finding):
        count = model.objects.filter(household__memberships__person=person, values__isnull=False).distinct().count()
        found += [Reference("screening", model._meta.db_table, count)] if count else []
    return found


@rail.provider("screening", order=20)
def places() -> list[PageLink]:
    """What evidence is missing."""
    return [PageLink("missing", Text("缺少的证据", "Missing evidence"), "/missing/", "search", "household.read")]


@area_pages.provider("screening", order=20)
def lacking() -> list[AreaPage]:
    """The missing evidence of an area."""
    return [AreaPage("missing", lambda path: reverse("screening:missing", kwargs={"path": path}), "household.read")]


COVERED = "count(if_unknown(not uncovered, false))"


@views_for_figures.provider("screening")
def household_covered(con: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """`household_covered(household, path, covered)`: members whom the pack of the day judges covered by basic medical insurance.

    Who is in doubt is not counted. Where no pack is valid on the day the view is empty: nobody has judged.
    """
    try:
        pack = pack_on(as_of, the_county().country)
    except Problem:
        con.execute("CREATE VIEW household_covered AS SELECT NULL::BIGINT AS household, NULL AS path, 0 AS covered WHERE false")
        return
    counted = pack.program.expression(COVERED, HOUSEHOLD, Place("screening/providers.py", 0, "covered"))
    compiled = compile_households(
        pack.program,
        {"covered": counted},
        pack.constants(as_of),
        households="covered_households",
        dialect=DUCKDB,
        **{relation: f"covered_{relation}" for relation in RELATIONS.values()},
    )
    for name, select in frame.views(compiled.reads, as_of).items():
        con.execute(f"CREATE VIEW covered_{name} AS {select}")
    con.execute(f"CREATE VIEW household_covered AS {compiled.sql}")


@record_actions.provider("screening", order=20)
def income_sheet(actor: Actor, number: str) -> list[tuple[Text, str, bool]]:
    """The household's income sheet, and for those who may write it its form."""
    from django.urls import reverse

    shown = (Text("收入测算表", "Income sheet"), reverse("screening:sheet", kwargs={"number": number}), False)
    fill = (Text("填写收入表", "Fill in income"), reverse("screening:sheet-fill", kwargs={"number": number}), False)
    return [shown, *([fill] if actor.may("income.write") else [])]
