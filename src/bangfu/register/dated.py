"""How statements enter a table of dated facts: the SQL that the import and the action `state` have in common.

What differs ends the fact before it on its own day. On the same day it corrects it. An older statement changes nothing. A blank never
erases what is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from bangfu.register.fields import Field, fields_of

SQL_TYPES = {
    "text": "text",
    "code": "text",
    "codes": "varchar[]",
    "boolean": "boolean",
    "integer": "integer",
    "year": "smallint",
    "decimal": "numeric(10,3)",
    "money": "bigint",
    "date": "date",
    "month": "date",
}
SECRET = {"identity", "phone", "account"}
HOUSEHOLD_FACTS = ("kind", "registration", "relocation", "land", "house", "water", "living", "means", "monitoring")
PERSON_FACTS = ("residence", "schooling", "condition", "insurance", "work")
EXITED = "('newly_exited', 'earlier_exited', 'stable')"


def kept_columns(table: str) -> list[Field]:
    """The fields that a table keeps in the clear."""
    return [f for f in fields_of(table) if f.type not in SECRET]


@dataclass(frozen=True, slots=True)
class DatedTable:
    """The statements that write a table of dated facts of a `level` (household, person).

    Each takes `told`, a relation of what is said: subject, path, day, since (from when it is so), evidence and the table's columns, one row
    per subject. `merged` is what a column becomes beside the present row `t`, `first` where there is none; `s` is the row of `told`.
    """

    table: str
    level: str
    merged: dict[str, str]
    first: dict[str, str]

    @property
    def names(self) -> str:
        """The columns, quoted, in their order."""
        return ", ".join(f'"{column}"' for column in self.merged)

    @property
    def _target(self) -> str:
        return f"register_{self.table}"

    @property
    def _current(self) -> str:
        return f"t.{self.level}_id = s.subject AND upper_inf(t.valid)"

    @property
    def _held(self) -> str:
        differs = " OR ".join(f'{value} IS DISTINCT FROM t."{column}"' for column, value in self.merged.items())
        return f"{self._current} AND e.id = t.evidence_id AND ({differs})"

    def put_all(self, told: str, *, pristine: bool = False) -> str:
        """Every subject gets its row: for a table that has none of them."""
        return (
            f"INSERT INTO {self._target} ({self.level}_id, path, valid, evidence_id, pristine, {self.names}) "
            f"SELECT s.subject, s.path, daterange(s.since, NULL), s.evidence, {str(pristine).lower()}, {', '.join(self.first.values())} "
            f"FROM {told} s"
        )

    def put_new(self, told: str) -> str:
        """Subjects without a present row get one."""
        return f"{self.put_all(told)} WHERE NOT EXISTS (SELECT 1 FROM {self._target} t WHERE {self._current})"

    def correct(self, told: str) -> str:
        """What is said of the day of the evidence behind the present row stands in its place."""
        return (
            f"UPDATE {self._target} t SET ({self.names}, evidence_id) = ROW({', '.join(self.merged.values())}, s.evidence) "
            f"FROM {told} s, register_evidence e WHERE {self._held} AND e.happened_on = s.day"
        )

    def replace(self, told: str) -> str:
        """What is said of a later day ends the present row and begins another."""
        # What begins after the evidence that the register has begins on its own day, anything else on the day of the data.
        begins = "CASE WHEN s.since > greatest(lower(t.valid), e.happened_on) THEN s.since ELSE s.day END"
        returned = ", ".join(f'{value} AS "{column}"' for column, value in self.merged.items())
        return f"""
            WITH ended AS (
              UPDATE {self._target} t SET valid = daterange(lower(t.valid), {begins}) FROM {told} s, register_evidence e
              WHERE {self._held} AND e.happened_on < s.day
              RETURNING s.subject, s.path, upper(t.valid) AS since, s.evidence, {returned})
            INSERT INTO {self._target} ({self.level}_id, path, valid, evidence_id, {self.names})
            SELECT subject, path, daterange(since, NULL), evidence, {self.names} FROM ended
            """

    def older(self, told: str, what: str) -> str:
        """A SELECT of `what` over that which is older than the evidence behind the present row and would change it."""
        return f"SELECT {what} FROM {self._target} t, {told} s, register_evidence e WHERE {self._held} AND e.happened_on > s.day"


def dated_table(table: str, *, outright: bool = False) -> DatedTable:
    """The statements of a table of dated facts.

    `outright`: a kind of household that is said is meant as it is said, so that whoever is said not to be monitored no longer is; a list
    that leaves the column of monitoring blank does not say so. And an exit that is said holds from its day: a list knows its year only, at
    whose end it then holds.
    """
    level = "household" if table in HOUSEHOLD_FACTS else "person"
    own = kept_columns(table)
    merged = {f.column or "": f'coalesce(s."{f.column}", t."{f.column}")' for f in own}
    first = {f.column or "": f's."{f.column}"' for f in own}
    if table == "registration":
        state, year = (merged[c] for c in ("exit_state", "exit_year"))
        said = "CASE WHEN s.exit_year IS NOT NULL THEN s.day END" if outright else "NULL"
        known = f"CASE WHEN t.exit_year = {year} THEN t.exited_on END"
        merged["exited_on"] = f"CASE WHEN {state} IN {EXITED} THEN least({known}, make_date({year}, 12, 31), {said}) END"
        first["exited_on"] = f"CASE WHEN s.exit_state IN {EXITED} THEN least(make_date(s.exit_year, 12, 31), {said}) END"
    if table == "kind":
        if outright:
            merged["monitoring_kind"] = (
                f"CASE WHEN s.kind <> 'monitored' AND s.monitoring_kind IS NULL THEN NULL ELSE {merged['monitoring_kind']} END"
            )
        # Whoever is monitored is so whatever else the household was; what it was stays in its registration.
        merged["kind"] = f"CASE WHEN {merged['monitoring_kind']} IS NOT NULL THEN 'monitored' ELSE {merged['kind']} END"
        first["kind"] = "CASE WHEN s.monitoring_kind IS NOT NULL THEN 'monitored' ELSE coalesce(s.kind, 'ordinary') END"
    return DatedTable(table, level, merged, first)
