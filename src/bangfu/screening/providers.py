"""What screening answers to the extension points of the layers below."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
from django.urls import reverse

from bangfu.backup.files import kept_files
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.changes import Change, Effect, Reference, effects_of, references_of
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.screens import PageLink, rail, record_actions
from bangfu.lake.tables import views_for_figures
from bangfu.register import frame
from bangfu.register.showing import nothing_known
from bangfu.rules.compile import compile_households
from bangfu.rules.dialects import DUCKDB
from bangfu.rules.schema import HOUSEHOLD, RELATIONS
from bangfu.rules.source import Place
from bangfu.screening import proposing  # noqa: F401 (registers what is proposed for income sheets)
from bangfu.screening.engine import compile_pack
from bangfu.screening.models import Finding, Verdict
from bangfu.screening.pack import Pack, own_packs
from bangfu.screening.pages import additions  # noqa: F401 (registers what screening adds to pages)
from bangfu.screening.present import require_pack


@kept_files.provider("screening")
def own_packs_kept() -> list[str]:
    """The county's own packs go into a backup."""
    root = own_packs().parent
    return [
        path.relative_to(root).as_posix() for path in sorted(own_packs().rglob("*")) if path.is_file() and not path.is_symlink()
    ]


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
    """The policy packs, for those who complete them (others come to them from what was judged by them)."""
    return [PageLink("policy", Text("政策", "Policy"), "/policy/", "document", "policy.enter")]


COVERED = "count(if_unknown(not uncovered, false))"
NOBODY_COVERED = "CREATE TABLE household_covered (household BIGINT, path VARCHAR, covered BIGINT)"


@views_for_figures.provider("screening")
def judged_on(con: duckdb.DuckDBPyConnection, as_of: date) -> Mapping[str, Problem]:
    """`judged(household, path, guarantee, result)`: the verdicts of the day, and `household_covered` as below.

    Those of today are the present verdicts; another day is judged here, by the pack of that day. Where no pack is valid on the day
    nobody judges and nothing can be counted (BF-1503), nor where several are (BF-1504) or the register
    begins later (BF-1253).
    """
    why = nothing_known(as_of)
    try:
        pack = require_pack(as_of, the_county().country)
    except Problem as no_pack:
        why = why or no_pack
    if why is not None:
        con.execute("CREATE TABLE judged (household BIGINT, path VARCHAR, guarantee VARCHAR, result VARCHAR)")
        con.execute(NOBODY_COVERED)
        return dict.fromkeys(("judged", "household_covered"), why)
    if as_of == clock.today():
        con.execute("CREATE VIEW judged AS SELECT household, path, guarantee, result FROM verdict")
    else:
        statement = compile_pack(pack, as_of, None, households="judged_households", dialect=DUCKDB, **_rows("judged"))
        _frame(con, statement.reads, as_of, "judged")
        results = ", ".join(statement.guarantees)
        con.execute(f"CREATE TABLE judged_results AS SELECT household, path, {results} FROM ({statement.sql})")
        con.execute(
            f"CREATE VIEW judged AS SELECT household, path, guarantee, result::VARCHAR AS result FROM "
            f"(UNPIVOT judged_results ON {results} INTO NAME guarantee VALUE result)"
        )
    _covered(con, pack, as_of)
    return {}


def _rows(name: str) -> dict[str, str]:
    """The views below the households', as a compiled statement takes them."""
    return {relation: f"{name}_{relation}" for relation in RELATIONS.values()}


def _frame(con: duckdb.DuckDBPyConnection, reads: Mapping[str, tuple[str, ...]], as_of: date, name: str) -> None:
    """Views of what rules read on a day."""
    for relation, select in frame.views(reads, as_of).items():
        con.execute(f"CREATE VIEW {name}_{relation} AS {select}")


def _covered(con: duckdb.DuckDBPyConnection, pack: Pack, as_of: date) -> None:
    """`household_covered(household, path, covered)`: members whom the pack judges covered by basic medical insurance.

    Who is in doubt is not counted; where the pack does not judge this nobody is.
    """
    if "uncovered" not in pack.program.definitions:
        con.execute(NOBODY_COVERED)
        return
    counted = pack.program.expression(COVERED, HOUSEHOLD, Place("screening/providers.py", 0, "covered"))
    compiled = compile_households(
        pack.program,
        {"covered": counted},
        pack.constants(as_of),
        households="covered_households",
        dialect=DUCKDB,
        **_rows("covered"),
    )
    _frame(con, compiled.reads, as_of, "covered")
    con.execute(f"CREATE VIEW household_covered AS {compiled.sql}")


@record_actions.provider("screening", order=20)
def income_sheet(actor: Actor, number: str) -> list[tuple[Text, str, bool]]:
    """The household's income sheet, and for those who may write it its form."""
    shown = (Text("收入测算表", "Income sheet"), reverse("screening:sheet", kwargs={"number": number}), False)
    fill = (Text("填写收入表", "Fill in income"), reverse("screening:sheet-fill", kwargs={"number": number}), False)
    return [shown, *([fill] if actor.may("income.write") else [])]
