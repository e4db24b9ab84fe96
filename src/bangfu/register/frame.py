"""The register as the rules see it on a day: one row per farming household, one per member, income item and piece of land, columns
by field key.

One definition for both engines: over the lake's as-of views (a county, DuckDB) and over the tables themselves (one household or
some, PostgreSQL). Only the tables of the fields asked for are joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from bangfu.register.fields import Field, code_lists, fields
from bangfu.register.income import lines, sum_of

SHEET = "income"
Source = Callable[[str], str]


def lake(table: str) -> str:
    """A table as the lake's views give it (`bangfu.lake.store.attach` has set the day)."""
    return f'"{table}"'


def tables_on(day: date, *, several: bool = False) -> Source:
    """The tables of PostgreSQL as they are true on a day, of the household `%(household)s` alone.

    Or of `several`, `%(households)s`, whose members on the day are told as well, `%(persons)s` (`members_sql` finds them): a list is
    planned better than a question asked once for every table of persons.
    """
    dated = {"incomesheet": "", "incomeitem": "", "household": "", "person": ""}
    chosen = "= ANY(%(households)s::bigint[])" if several else "= %(household)s"
    of_members = "= ANY(%(persons)s::bigint[])" if several else f"IN ({members_sql(day, chosen)})"

    def source(table: str) -> str:
        when = dated.get(table, f" AND valid @> DATE '{day}'")
        if table == "household":
            return f"(SELECT id, path, sort, natural_village FROM register_household WHERE id {chosen})"
        if table == "person":
            return f"(SELECT * FROM register_person WHERE id {of_members})"
        if table in ("residence", "schooling", "condition", "insurance", "work"):
            return f"(SELECT *, person_id AS person FROM register_{table} WHERE person_id {of_members}{when})"
        if table == "membership":
            return f"(SELECT *, person_id AS person, household_id AS household FROM register_membership WHERE household_id {chosen}{when})"
        if table == "incomesheet":
            return (
                "(SELECT id, household_id AS household, lower(period) AS period_from, upper(period) AS period_to "
                f"FROM register_incomesheet WHERE household_id {chosen})"
            )
        if table == "incomeitem":
            return f"(SELECT *, sheet_id AS sheet FROM register_incomeitem WHERE household_id {chosen})"
        return f"(SELECT *, household_id AS household FROM register_{table} WHERE household_id {chosen}{when})"

    return source


def members_sql(day: date, chosen: str = "= ANY(%(households)s::bigint[])") -> str:
    """A SELECT of the persons who are members, on a day, of the farming households chosen."""
    return f"SELECT person_id FROM register_membership WHERE household_id {chosen} AND sort = 'farming' AND valid @> DATE '{day}'"


def households_sql(columns: Iterable[str], as_of: date, source: Source = lake) -> str:
    """A SELECT of `household`, `path` and the fields asked for, of every farming household that has a member on the day.

    Income items come from the household's latest sheet whose period ended by the day; an item that the sheet does not have is blank.
    """
    wanted = [fields()[c] for c in columns]
    tables = sorted({f.table for f in wanted if f.table and f.table not in ("household", SHEET)})
    joins = [f'LEFT JOIN {source(t)} AS "{t}" ON "{t}".household = h.id' for t in tables]
    if any(f.table == SHEET for f in wanted):
        joins.append(f"LEFT JOIN ({_income_sql([f for f in wanted if f.table == SHEET], as_of, source)}) i ON i.household = h.id")
    selected = "".join(f", {_column(f)} AS {f.key}" for f in wanted)
    return (
        f"SELECT h.id AS household, h.path{selected} FROM {source('household')} h {' '.join(joins)} "
        f"WHERE h.sort = 'farming' AND h.id IN (SELECT household FROM {source('membership')} mm WHERE sort = 'farming')"
    )


def persons_sql(columns: Iterable[str], source: Source = lake) -> str:
    """A SELECT of `household`, `person` and the fields asked for, of every member of a farming household on the day."""
    wanted = [fields()[c] for c in columns]
    tables = sorted({f.table for f in wanted if f.table and f.table not in ("person", "membership")})
    joins = [f'LEFT JOIN {source(t)} AS "{t}" ON "{t}".person = m.person' for t in tables]
    if any(f.table == "person" for f in wanted):
        joins.append(f"JOIN {source('person')} AS person ON person.id = m.person")
    aliases = {"membership": "m"}
    selected = "".join(f', "{aliases.get(f.table or "", f.table)}".{f.column} AS {f.key}' for f in wanted)
    return f"SELECT m.household, m.person{selected} FROM {source('membership')} m {' '.join(joins)} WHERE m.sort = 'farming'"


def _column(field: Field) -> str:
    if field.table == "household":
        return f"h.{field.column}"
    return f"i.{field.key}" if field.table == SHEET else f'"{field.table}".{field.column}'


def _income_sql(wanted: list[Field], as_of: date, source: Source) -> str:
    # A field is the sum of the items that add up to it: one that was not broken down, or the lines of the form.
    items = "".join(f", {sum_of(f.column or '', 't')} AS {f.key}" for f in wanted if f.type == "money")
    ends = {"period_from": "min(s.period_from)", "period_to": "max(s.period_to) - 1"}
    dates = "".join(f", {ends[f.column or '']} AS {f.key}" for f in wanted if f.type == "date")
    latest = _latest_sheet(as_of, source)
    return f"SELECT s.household{dates}{items} FROM ({latest}) s LEFT JOIN {source('incomeitem')} t ON t.sheet = s.id GROUP BY s.household"


def _latest_sheet(as_of: date, source: Source) -> str:
    """Each household's sheet that ended last by the day; two that ended on one day are told apart by their number."""
    sheets = source("incomesheet")
    return (
        f"SELECT * FROM {sheets} a WHERE period_to <= DATE '{as_of}' + 1 AND NOT EXISTS (SELECT 1 FROM {sheets} b WHERE b.household = a.household "
        f"AND b.period_to <= DATE '{as_of}' + 1 AND (b.period_to > a.period_to OR (b.period_to = a.period_to AND b.id > a.id)))"
    )


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def items_sql(columns: Iterable[str], as_of: date, source: Source = lake) -> str:
    """A SELECT of `household` and the fields asked for, of every item of each household's latest income sheet."""
    groups: dict[str, list[str]] = {}
    for line in lines().values():
        groups.setdefault(line.group, []).append(line.code)
    grouped = " ".join(f"WHEN t.item IN ({_listed(codes)}) THEN '{group}'" for group, codes in groups.items())
    spelled = {"item": "t.item", "item_group": f"CASE {grouped} END", "item_amount": "t.fen"}
    selected = "".join(f", {spelled[c]} AS {c}" for c in columns)
    return f"SELECT s.household{selected} FROM ({_latest_sheet(as_of, source)}) s JOIN {source('incomeitem')} t ON t.sheet = s.id"


def land_sql(columns: Iterable[str], source: Source = lake) -> str:
    """A SELECT of `household` and the fields asked for, of each kind of land that a household has."""
    wanted = list(columns)
    parts = []
    for kind in code_lists()["land_kind"]:
        spelled = {"land_kind": f"'{kind}'", "land_mu": f"l.{kind}_mu"}
        selected = "".join(f", {spelled[c]} AS {c}" for c in wanted)
        parts.append(f"SELECT l.household{selected} FROM {source('land')} l WHERE l.{kind}_mu > 0")
    return " UNION ALL ".join(parts)


def views(reads: Mapping[str, Iterable[str]], as_of: date, source: Source = lake) -> dict[str, str]:
    """The SELECT of each relation that rules read (`reads`: level → fields), by its name: households, persons, items, land."""
    made = {
        "households": households_sql(reads.get("household", ()), as_of, source),
        "persons": persons_sql(reads.get("person", ()), source),
    }
    if "item" in reads:
        made["items"] = items_sql(reads["item"], as_of, source)
    if "land" in reads:
        made["land"] = land_sql(reads["land"], source)
    return made
