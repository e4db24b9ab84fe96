"""What an import does row by row: created, changed (old → new), unchanged, older, refused; and the digest of all of it.

Only for who asks (a dry run, a page): the register's rows that the files speak of are laid aside before the import applies, and compared
with what stands afterwards, as sets. So what is shown is what was done, whatever rules led there; a dry run rolls it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from bangfu.areas.models import Area, ancestors
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.kit.sheets import Column, Workbook
from bangfu.register import identity
from bangfu.register.dated import HOUSEHOLD_FACTS, PERSON_FACTS, SECRET
from bangfu.register.fields import Field, fields, fields_of, title_of
from bangfu.register.importing import report
from bangfu.register.importing.reading import HOMES, Reading
from bangfu.register.income import sum_of
from bangfu.register.sorts import ALLOWANCE, FARMING, HUKOU

OUTCOMES = {
    "created": Text("新增", "created"),
    "changed": Text("变更", "changed"),
    "unchanged": Text("未变", "unchanged"),
    "older": Text("早于现有记录", "older than what is known"),
    "refused": Text("退回", "refused"),
}
MOST = 1_000_000  # lines of the table: about as many as a sheet holds
HEADINGS = (
    ("文件 file", 28), ("行 row", 8), ("户编号 household", 22), ("人员 person", 26), ("结果 outcome", 18), ("字段", 18), ("field", 22),
    ("原值 old", 18), ("新值 new", 18), ("编号 number", 10), ("原因和办法", 50), ("cause and remedy", 50),
)  # fmt: skip
PLACE = "place"  # where the household stands, beside the fields
PLACE_TITLE = Text("村组", "Village and group")
PHONES = {"person": {"phone": "phone"}, "household": {"household_phone": "phone", "account": "account"}}
_UNITS = {"hukou_book": HUKOU, "allowance_no": ALLOWANCE}


def _text(f: Field, column: str) -> str:
    """SQL of a column's value as text, the same for staged and for kept rows."""
    if f.type == "codes":
        return f"array_to_string({column}, ',')"
    return f"trim_scale(({column})::numeric)::text" if f.type == "decimal" else f"nullif(({column})::text, '')"


class _Laid:
    """The columns of a snapshot of persons or households: key -> (SQL of its value, SQL of the day of its evidence, SQL of what the
    file says of it, None for what the file does not say itself)."""

    def __init__(self, level: str) -> None:
        self.level = level
        self.joins: list[str] = []
        self.columns: dict[str, tuple[str, str, str | None]] = {}
        subject = {"person": "p", "household": "h"}[level]
        self._kept(level, subject, f"e_{level}.happened_on")
        self.joins.append(f"LEFT JOIN register_evidence e_{level} ON e_{level}.id = {subject}.evidence_id")
        for key, column in PHONES[level].items():
            self.columns[key] = (
                f"encode({subject}.{column}_hash, 'hex')",
                f"e_{level}.happened_on",
                f"encode(s.{column}_hash, 'hex')",
            )
        if level == "person":
            self.joins.append(
                f"LEFT JOIN register_membership m ON m.person_id = s.person AND m.sort = '{FARMING}' AND upper_inf(m.valid) "
                "LEFT JOIN register_household mh ON mh.id = m.household_id LEFT JOIN register_evidence e_m ON e_m.id = m.evidence_id"
            )
            self.columns["household_no"] = ("mh.number", "e_m.happened_on", None)
            self.columns["relation"] = ("m.relation", "e_m.happened_on", "s.relation")
            for key, sort in _UNITS.items():
                self.joins.append(
                    f"LEFT JOIN register_membership m_{sort} ON m_{sort}.person_id = s.person AND m_{sort}.sort = '{sort}' "
                    f"AND upper_inf(m_{sort}.valid) LEFT JOIN register_household u_{sort} ON u_{sort}.id = m_{sort}.household_id "
                    f"LEFT JOIN register_evidence e_{sort} ON e_{sort}.id = m_{sort}.evidence_id"
                )
                self.columns[key] = (f"u_{sort}.number", f"e_{sort}.happened_on", f"s.{key}")
        else:
            self.columns[PLACE] = ("h.path", f"e_{level}.happened_on", None)
        for table in PERSON_FACTS if level == "person" else HOUSEHOLD_FACTS:
            self.joins.append(
                f"LEFT JOIN register_{table} t_{table} ON t_{table}.{level}_id = s.{level} AND upper_inf(t_{table}.valid) "
                f"LEFT JOIN register_evidence e_{table} ON e_{table}.id = t_{table}.evidence_id"
            )
            self._kept(table, f"t_{table}", f"e_{table}.happened_on")
        if level == "household":
            self._income()

    def _kept(self, table: str, alias: str, day: str) -> None:
        for f in fields_of(table):
            if f.type not in SECRET and f.key != "household_no":
                self.columns[f.key] = (_text(f, f'{alias}."{f.column}"'), day, _text(f, f's."{f.key}"'))

    def _income(self) -> None:
        items = [f for f in fields_of("income") if f.type == "money"]
        begins = "coalesce(s.income_from, s.income_to - interval '1 year' + interval '1 day')::date"
        picked = ", ".join(f'{sum_of(f.column or "", "i")} AS "{f.column}"' for f in items)
        self.joins.append(
            f"LEFT JOIN LATERAL (SELECT max(e.happened_on) AS day, {picked} FROM register_incomesheet t "
            "JOIN register_incomeitem i ON i.sheet_id = t.id JOIN register_evidence e ON e.id = i.evidence_id "
            f"WHERE s.income_to IS NOT NULL AND t.household_id = s.household AND t.period = daterange({begins}, s.income_to, '[]')"
            ") income ON true"
        )
        for f in items:
            self.columns[f.key] = (_text(f, f'income."{f.column}"'), "income.day", _text(f, f's."{f.key}"'))

    def select(self) -> str:
        """The snapshot as it would be now: `subject`, each key's value, and the day of its evidence as `!key`."""
        own = {"person": "register_person p ON p.id = s.person", "household": "register_household h ON h.id = s.household"}
        phones = "".join(
            f', {"p" if self.level == "person" else "h"}.{column} AS "?{key}"' for key, column in PHONES[self.level].items()
        )
        columns = ", ".join(f'{value} AS "{key}", {day} AS "!{key}"' for key, (value, day, _) in self.columns.items())
        return (
            f"SELECT s.{self.level} AS subject, {columns}{phones} FROM stage_{self.level} s JOIN {own[self.level]} "
            + " ".join(self.joins)
            + " WHERE NOT s.new"
        )


def lay_aside() -> None:
    """Keep what the register says, before it is changed, of everybody and every household that the staged rows speak of."""
    with connection.cursor() as cursor:
        for level in ("person", "household"):
            cursor.execute(f"CREATE TEMP TABLE before_{level} ON COMMIT DROP AS {_Laid(level).select()}; ANALYZE before_{level}")


def differences() -> list[tuple[str, int, str, str | None, str | None, bool]]:
    """What was changed since `lay_aside`: (level, subject, key, old, new, whether nothing was changed because it is older)."""
    found: list[tuple[str, int, str, str | None, str | None, bool]] = []
    with connection.cursor() as cursor:
        for level in ("person", "household"):
            laid = _Laid(level)
            values = ", ".join(
                f'(\'{key}\', b."{key}", a."{key}", {given or "NULL"}, b."!{key}")' for key, (_, _, given) in laid.columns.items()
            )
            ciphers = ", ".join(f'b."?{key}", a."?{key}"' for key in PHONES[level])
            cursor.execute(
                f"""
                SELECT b.subject, v.key, v.old, v.new, v.given, v.old IS NOT DISTINCT FROM v.new AS older, {ciphers}
                FROM before_{level} b JOIN ({laid.select()}) a USING (subject) JOIN stage_{level} s ON s.{level} = b.subject
                CROSS JOIN LATERAL (VALUES {values}) v(key, old, new, given, day)
                WHERE v.old IS DISTINCT FROM v.new OR (v.given IS NOT NULL AND v.given IS DISTINCT FROM v.new AND v.day > s.day)
                ORDER BY 1, 2
                """
            )
            for subject, key, old, new, given, older, *sealed in cursor.fetchall():
                if key in PHONES[level]:
                    place = 2 * list(PHONES[level]).index(key)
                    old, new = (_masked(cipher, f"{level}.{PHONES[level][key]}") for cipher in sealed[place : place + 2])
                    given = "•••"
                found.append((level, subject, key, old, given if older else new, older))
    return found


def _masked(cipher: Any, purpose: str) -> str | None:
    clear = decrypt(cipher, purpose)
    return None if clear is None else f"•••{clear[-4:]}"


def lay_out(con: duckdb.DuckDBPyConnection, found: Sequence[tuple[str, int, str, str | None, str | None, bool]]) -> None:
    """Make the table `outcomes` of every row: file, row, household, person (masked), outcome, changes and problems as JSON.

    What is changed of a household is told on the first of its rows that says something new.
    """
    names = ("level", "subject", "key", "old", "new", "older")
    kinds = (pa.string(), pa.int64(), pa.string(), pa.string(), pa.string(), pa.bool_())
    con.register(
        "differences",
        pa.table({n: pa.array([f[i] for f in found], k) for i, (n, k) in enumerate(zip(names, kinds, strict=True))}),
    )
    if not con.execute("SELECT 1 FROM information_schema.tables WHERE table_name = 'row_ids'").fetchall():
        # Nothing was staged: what is left is refused or said nothing new.
        con.execute(
            "CREATE TABLE row_ids (_file INTEGER, _row INTEGER, hh VARCHAR, household BIGINT, person BIGINT, new BOOLEAN)"
        )
    con.create_function("mask_number", identity.mask, ["VARCHAR"], "VARCHAR", null_handling="special")
    con.create_function("shown", report.shown, ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", null_handling="special")
    con.execute(
        f"""
        CREATE TABLE told AS
        SELECT _file, _row, to_json(list({{field: key, old: "old", "new": "new"}} ORDER BY level DESC, key) FILTER (NOT older))::VARCHAR AS changes,
               to_json(list({{field: key, old: "old", given: "new"}} ORDER BY level DESC, key) FILTER (older))::VARCHAR AS left_alone
        FROM (SELECT r._file, r._row, d.* FROM differences d JOIN row_ids r ON d.level = 'person' AND r.person = d.subject
              UNION ALL
              SELECT f._file, f._row, d.* FROM differences d
              JOIN (SELECT household, unnest(min({{f: _file, r: _row}})) FROM row_ids GROUP BY household) AS f(household, _file, _row)
                ON d.level = 'household' AND f.household = d.subject)
        GROUP BY ALL;
        CREATE TABLE faults AS
        SELECT g._file, g._row, to_json(list(DISTINCT {{number: r.number, row: r.row, field: r.field, value: shown(r.number, r.field, r.value)}}))::VARCHAR AS problems
        FROM given g JOIN refused r ON r.file = g._file AND (r.row = g._row OR r.row = g._home) GROUP BY ALL;
        CREATE TABLE outcomes AS
        SELECT g._file AS file, g._row AS row, coalesce(g.household_no, '') AS household,
               concat_ws(' ', left(g.name, 1) || CASE WHEN length(g.name) > 1 THEN '*' ELSE '' END, mask_number(g.identity)) AS person,
               CASE WHEN x.problems IS NOT NULL THEN 'refused' WHEN i.person IS NULL THEN 'unchanged' WHEN i.new THEN 'created'
                    WHEN t.changes IS NOT NULL THEN 'changed' WHEN t.left_alone IS NOT NULL THEN 'older' ELSE 'unchanged' END AS outcome,
               coalesce(t.changes, CASE WHEN NOT i.new THEN t.left_alone END, '[]') AS changes, coalesce(x.problems, '[]') AS problems,
               CASE WHEN x.problems IS NULL THEN (SELECT any_value(path) FROM places p WHERE p._file = g._file AND p._row = g._row) END AS path
        FROM given g LEFT JOIN row_ids i ON i._file = g._file AND i._row = g._row
        LEFT JOIN told t ON t._file = g._file AND t._row = g._row LEFT JOIN faults x ON x._file = g._file AND x._row = g._row;
        INSERT INTO outcomes
        SELECT file, row, any_value(value), '', 'refused', '[]',
               to_json(list({{number: number, row: row, field: field, value: shown(number, field, value)}}))::VARCHAR, NULL
        FROM refused r WHERE row > {HOMES} AND NOT EXISTS (SELECT 1 FROM given g WHERE g._file = r.file AND g._home = r.row) GROUP BY file, row
        """
    )


def digest(con: duckdb.DuckDBPyConnection, *more: str) -> str:
    """The digest of every row's outcome: two imports with the same digest do the same."""
    summed = hashlib.sha256("\x1e".join(more).encode())
    reader = con.sql(
        "SELECT concat_ws(chr(31), file, row, household, person, outcome, changes, problems, path) AS said FROM outcomes ORDER BY file, row"
    ).to_arrow_reader(50_000)
    for batch in reader:
        summed.update("\x1e".join(batch.column(0).to_pylist()).encode())
    return summed.hexdigest()


def counted(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many rows come to each outcome."""
    found = dict(con.execute("SELECT outcome, count(*) FROM outcomes GROUP BY 1").fetchall())
    return {outcome: found[outcome] for outcome in OUTCOMES if outcome in found}


TOLD = pa.schema(
    [
        ("file", pa.string()), ("row", pa.int32()), ("household", pa.string()), ("person", pa.string()), ("outcome", pa.string()),
        ("changes", pa.string()), ("problems", pa.string()),
    ]
)  # fmt: skip


def told(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> pa.Table:
    """What becomes of every row, as people read it, in the order of files and rows (TOLD); rows that say nothing new are left out.

    `changes` is JSON: a list of {field, title, old, new, taken}, of which title, old and new are {zh, en}; `problems` likewise: a list of
    {number, column, value, zh, en}.
    """
    names = ", ".join(TOLD.names)
    reader = con.sql(f"SELECT {names} FROM outcomes WHERE outcome <> 'unchanged' ORDER BY file, row").to_arrow_reader(20_000)
    batches = []
    for batch in reader:
        places = places_in(batch.column("changes").to_pylist())
        rows = []
        for row in batch.to_pylist():
            file, number = readings[row["file"]].place(row["row"])
            changes = [
                {k: {"zh": v.zh, "en": v.en} if isinstance(v, Text) else v for k, v in c.items()}
                for c in (changes_of(row["changes"], places) if row["changes"] != "[]" else ())
            ]
            problems = [
                {k: line[k] for k in ("number", "column", "value", "zh", "en")}
                for line in (problems_of(row["problems"], readings, row["file"]) if row["problems"] != "[]" else ())
            ]
            texts = {"changes": json.dumps(changes, ensure_ascii=False), "problems": json.dumps(problems, ensure_ascii=False)}
            rows.append(row | {"file": file, "row": number} | texts)
        batches.append(pa.RecordBatch.from_pylist(rows, schema=TOLD))
    return pa.Table.from_batches(batches, TOLD)


def write(table: pa.Table, path: Path) -> Path:
    """Write what becomes of every row (`told`) as a workbook in both languages, readable by its owner only: a line per change and per
    problem, as many as a sheet holds."""
    lines: list[list[str | None]] = []
    for row in table.to_pylist():
        head = [row["file"], str(row["row"]), row["household"], row["person"], _both(OUTCOMES[row["outcome"]])]
        lines += [
            [*head, c["title"]["zh"], c["title"]["en"], c["old"]["zh"], c["new"]["zh"], None, None, None]
            for c in json.loads(row["changes"])
        ] + [[*head, None, None, None, None, p["number"], p["zh"], p["en"]] for p in json.loads(row["problems"])] or [
            [*head, *[None] * 7]
        ]
        if len(lines) >= MOST:
            break
    with Workbook(path, private=True) as book, book.sheet("逐行结果 rows", [Column(t, width=w) for t, w in HEADINGS]) as sheet:
        sheet.write_marked(lines, ())
    return path


# --- as people read it


def _both(said: Text) -> str:
    return f"{said.zh} {said.en}"


def say_value(key: str, raw: str | None) -> Text:
    """What people read for a value of a field: code words, yes and no, yuan; a dash where nothing is known."""
    if raw is None:
        return Text("–", "–")
    if key == PLACE:
        return Text(raw, raw)
    f = fields()[key]
    if f.type in ("code", "codes") and f.codes is not None:
        words = [title_of(f.codes, one) or Text(one, one) for one in raw.split(",")]
        return Text("、".join(w.zh for w in words), ", ".join(w.en for w in words))
    if f.type == "boolean":
        return Text("是", "yes") if raw == "true" else Text("否", "no")
    if f.type == "money":
        yuan = f"{int(raw) // 100}" + (f".{int(raw) % 100:02d}" if int(raw) % 100 else "")
        return Text(yuan, yuan)
    return Text(raw[:7], raw[:7]) if f.type == "month" else Text(raw, raw)


def title(key: str) -> Text:
    """The title of a changed field."""
    return PLACE_TITLE if key == PLACE else fields()[key].title


def places_in(tables: Sequence[str]) -> dict[str, Text]:
    """The names of the places that changes speak of: path -> village and group."""
    paths = {c.get(side) for text in tables if '"place"' in text for c in json.loads(text) for side in ("old", "new", "given")}
    wanted = {p for p in paths if p and p.endswith("/")}
    line = {one for p in wanted for one in (*ancestors(p), p)}
    areas = {a.path: a for a in Area.objects.filter(path__in=line)} if wanted else {}
    names = {}
    for path in wanted:
        own = [areas[one] for one in (*ancestors(path), path)[-2:] if one in areas]
        names[path] = Text(" ".join(a.name for a in own), " ".join(a.name_en or a.name for a in own))
    return names


def changes_of(raw: str, places: dict[str, Text]) -> list[dict[str, Any]]:
    """A row's changes as people read them: field, old, new (`given`: what the file says and what is not taken, being older)."""
    told = []
    for change in json.loads(raw):
        key = change["field"]
        new = change.get("new", change.get("given"))
        pair = [places.get(v or "", say_value(key, v)) if key == PLACE else say_value(key, v) for v in (change["old"], new)]
        told.append({"field": key, "title": title(key), "old": pair[0], "new": pair[1], "taken": "given" not in change})
    return told


def problems_of(raw: str, readings: Sequence[Reading], file: int) -> list[dict[str, str]]:
    """A row's refusals as the report tells them; those that something can be done about first."""
    return [
        report.line(*readings[file].place(p["row"]), p["number"], p["field"], p["value"])
        for p in sorted(json.loads(raw), key=lambda p: (p["number"] == "BF-1218", p["number"], p["field"]))
    ]
