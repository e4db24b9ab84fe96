"""Staged rows become the register: one set-based statement per table and case, all in the caller's transaction.

A fact that says something new ends the one before it on its own day; on the same day it corrects it; one that is older than the
evidence behind what the register has changes nothing. A blank never erases what is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
from django.db import connection

from bangfu.foundation.copying import copy_in
from bangfu.register.dated import HOUSEHOLD_FACTS, PERSON_FACTS, SECRET, SQL_TYPES, dated_table, kept_columns
from bangfu.register.fields import Field, fields, fields_of
from bangfu.register.importing.planning import REGISTERING
from bangfu.register.importing.staging import name_columns, reserve, secret_columns
from bangfu.register.income import lines_of
from bangfu.register.sorts import ALLOWANCE, FARMING, HUKOU

BATCH = 40_000
# One meaning of "registered": what a row calls so, or gives the particulars of.
REGISTERS = " OR ".join(f's."{key}" IS NOT NULL' for key in REGISTERING) + " OR s.household_kind = 'registered'"


@dataclass
class Applied:
    """Rows per table: written new, changed or corrected, and those that were older than what stands and changed nothing."""

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    older: dict[str, int] = field(default_factory=dict)


def _execute(sql: str, parameters: list[str] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return max(int(cursor.rowcount), 0)


def _staged_columns(level: str) -> list[Field]:
    return [f for f in fields().values() if f.level == level and f.table and f.type not in SECRET]


def _select(columns: list[Field]) -> str:
    return ", ".join(
        f"CASE WHEN \"{f.key}\" IS NULL THEN NULL ELSE '{{' || array_to_string(\"{f.key}\", ',') || '}}' END AS \"{f.key}\""
        if f.type == "codes"
        else f'"{f.key}"'
        for f in columns
    )


def _typed(columns: list[Field]) -> str:
    return "".join(f', "{f.key}" {SQL_TYPES[f.type]}' for f in columns)


def stage(con: duckdb.DuckDBPyConnection, day: str, progress: Callable[[str, int], None]) -> None:
    """COPY the accepted rows that say something new into `stage_person` and `stage_household`, numbers encrypted on the way."""
    persons, households = _staged_columns("person"), [f for f in _staged_columns("household") if f.key != "household_no"]
    _execute(
        f"""
        CREATE TEMP TABLE stage_person (
          person bigint, household bigint, held_household bigint, evidence bigint, new boolean, file integer, row_no integer, path text, area bigint,
          day date, digest bytea, identity_hash bytea, identity bytea, identity_last4 bytea, identity_region text,
          phone bytea, phone_hash bytea, phone_last4 bytea, disability_certificate bytea, given text, pinyin text, initials text{_typed(persons)}
        ) ON COMMIT DROP;
        CREATE TEMP TABLE stage_household (
          household bigint, hh text, evidence bigint, new boolean, path text, area bigint, day date,
          phone bytea, phone_hash bytea, account bytea, account_hash bytea{_typed(households)}
        ) ON COMMIT DROP;
        """
    )
    reader = con.sql(
        f"""
        SELECT r.person, r.household, r.held_household, r.evidence, r.new, p._file AS file, p._row AS row_no, p.path, p.area,
               coalesce(p.data_date, DATE '{day}') AS day, '\\x' || lower(hex(p._digest)) AS digest,
               '\\x' || lower(hex(p._identity_hash)) AS identity_hash, p._identity_region AS identity_region,
               p.identity AS "!identity", p.phone AS "!phone", p.disability_certificate AS "!disability_certificate", {_select(persons)}
        FROM persons p JOIN row_ids r ON r._file = p._file AND r._row = p._row
        """
    ).to_arrow_reader(BATCH)
    copy_in("stage_person", map(_person_rows, reader), lambda rows: progress("stage", rows))
    reader = con.sql(
        f"""
        SELECT i.household, h.hh, r.evidence, i.new, h.path, h.area, coalesce(h.data_date, DATE '{day}') AS day,
               h.household_phone AS "!phone", h.account AS "!account", {_select(households)}
        FROM households h JOIN household_ids i USING (hh)
        JOIN (SELECT hh, min(evidence) AS evidence FROM row_ids GROUP BY hh) r USING (hh)
        """
    ).to_arrow_reader(BATCH)
    copy_in("stage_household", map(_household_rows, reader))
    # Only what the statements join by: of a table this wide, statistics of every column take seconds.
    _execute(
        "ANALYZE stage_person (person, household, held_household, hukou_book, allowance_no); ANALYZE stage_household (household)"
    )


def _person_rows(batch: pa.RecordBatch) -> pa.Table:
    """Rows of persons as they are staged: numbers encrypted and hashed, names spelled."""
    table = pa.Table.from_batches([batch])
    table = _kept_secret(table, "person", "identity", last4=True)  # its hash was made as it was read
    table = _kept_secret(table, "person", "phone", hashed=True, last4=True)
    table = _kept_secret(table, "person", "disability_certificate")
    for key, column in name_columns(table["name"]).items():
        table = table.append_column(key, column)
    return table


def _household_rows(batch: pa.RecordBatch) -> pa.Table:
    """Rows of households as they are staged: numbers encrypted and hashed."""
    table = _kept_secret(pa.Table.from_batches([batch]), "household", "phone", hashed=True)
    return _kept_secret(table, "household", "account", hashed=True)


def _kept_secret(table: pa.Table, of: str, secret: str, *, hashed: bool = False, last4: bool = False) -> pa.Table:
    """The table with the clear column `!<secret>` replaced by what the register keeps of it."""
    made = secret_columns(table[f"!{secret}"].to_pylist(), f"{of}.{secret}", hashed=hashed, last4=last4)
    table = table.drop_columns(f"!{secret}")
    for suffix, column in made.items():
        table = table.append_column(secret + suffix, column)
    return table


def apply(sources: list[int], actor: str, *, empty: bool) -> Applied:
    """Write the staged rows into every table of the register. `sources` are the sources' ids by file index."""
    done = Applied()
    _execute("CREATE TEMP TABLE stage_source (file integer, source bigint) ON COMMIT DROP")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO stage_source VALUES (%s, %s)", list(enumerate(sources)))
    if not empty:
        _settle()
    done.created["evidence"] = _execute(
        """
        INSERT INTO register_evidence (id, kind, source_id, row, actor, happened_on, recorded_at, path, household, person, digest)
        OVERRIDING SYSTEM VALUE
        SELECT evidence, 'import', s.source, row_no, %s, day, bangfu_now(), path, household, person, digest
        FROM stage_person JOIN stage_source s USING (file)
        """,
        [actor],
    )
    _households(done, empty=empty)
    _persons(done, empty=empty)
    _memberships(done, empty=empty)
    _other_units(done, empty=empty)
    if not empty:
        _follow()
    for table in HOUSEHOLD_FACTS:
        _fact(table, "household", done, empty=empty)
    for table in PERSON_FACTS:
        _fact(table, "person", done, empty=empty)
    _income(done, empty=empty)
    return done


def _settle() -> None:
    """A row that names no group, or that is older than what the register has, leaves its household where it stands."""
    _execute(
        """
        UPDATE stage_household s SET path = h.path, area = h.area_id FROM register_household h JOIN register_evidence e ON e.id = h.evidence_id
        WHERE h.id = s.household AND h.path <> s.path AND (starts_with(h.path, s.path) OR e.happened_on > s.day);
        UPDATE stage_person p SET path = s.path, area = s.area FROM stage_household s WHERE s.household = p.household AND s.path <> p.path;
        """
    )


def _households(done: Applied, *, empty: bool) -> None:
    own = [f for f in kept_columns("household") if f.key != "household_no"]
    names = ", ".join(f'"{f.column}"' for f in own)
    values = ", ".join(f"coalesce(\"{f.key}\", '')" for f in own)
    done.created["household"] = _execute(
        f"""
        INSERT INTO register_household (id, sort, number, area_id, path, evidence_id, phone, phone_hash, account, account_hash, {names})
        OVERRIDING SYSTEM VALUE
        SELECT household, '{FARMING}', hh, area, path, evidence, phone, phone_hash, account, account_hash, {values}
        FROM stage_household WHERE new
        """
    )
    if empty:
        return
    _move()
    differs = " OR ".join(f'(s."{f.key}" IS NOT NULL AND s."{f.key}" <> h."{f.column}")' for f in own)
    sets = ", ".join(f'"{f.column}" = coalesce(s."{f.key}", h."{f.column}")' for f in own)
    done.changed["household"] = _execute(
        f"""
        UPDATE register_household h SET {sets}, evidence_id = s.evidence,
               phone = CASE WHEN s.phone_hash IS DISTINCT FROM h.phone_hash THEN coalesce(s.phone, h.phone) ELSE h.phone END,
               phone_hash = coalesce(s.phone_hash, h.phone_hash),
               account = CASE WHEN s.account_hash IS DISTINCT FROM h.account_hash THEN coalesce(s.account, h.account) ELSE h.account END,
               account_hash = coalesce(s.account_hash, h.account_hash)
        FROM stage_household s, register_evidence e
        WHERE h.id = s.household AND NOT s.new AND e.id = h.evidence_id AND e.happened_on <= s.day AND ({differs}
          OR (s.phone_hash IS NOT NULL AND s.phone_hash IS DISTINCT FROM h.phone_hash)
          OR (s.account_hash IS NOT NULL AND s.account_hash IS DISTINCT FROM h.account_hash))
        """
    )


def _move() -> None:
    """A household that stands in another village or group now takes its rows along; its members follow (`_follow`)."""
    moved = _execute(
        """
        CREATE TEMP TABLE moved ON COMMIT DROP AS
        SELECT s.household, s.path, s.area, s.evidence FROM stage_household s JOIN register_household h ON h.id = s.household
        WHERE NOT s.new AND h.path <> s.path
        """
    )
    if not moved:
        return
    _execute(
        "UPDATE register_household h SET path = m.path, area_id = m.area, evidence_id = m.evidence FROM moved m WHERE h.id = m.household"
    )
    for table in (*HOUSEHOLD_FACTS, "incomesheet", "incomeitem", "membership"):
        _execute(
            f"UPDATE register_{table} t SET path = m.path FROM moved m WHERE t.household_id = m.household AND t.path <> m.path"
        )


def _follow() -> None:
    """Persons stand where their household stands, with what is true of them and their places in other units; a unit follows when
    none of its members stands elsewhere."""
    moved = _execute(
        """
        CREATE TEMP TABLE followers ON COMMIT DROP AS
        SELECT p.id AS person, h.path, h.area_id AS area FROM stage_household s JOIN register_household h ON h.id = s.household
        JOIN register_membership m ON m.household_id = h.id AND upper_inf(m.valid) JOIN register_person p ON p.id = m.person_id
        WHERE p.path <> h.path
        """
    )
    if not moved:
        return
    _execute("UPDATE register_person t SET path = f.path FROM followers f WHERE t.id = f.person")
    for table in PERSON_FACTS:
        _execute(
            f"UPDATE register_{table} t SET path = f.path FROM followers f WHERE t.person_id = f.person AND t.path <> f.path"
        )
    units = f"m.person_id = f.person AND m.sort <> '{FARMING}' AND upper_inf(m.valid)"
    _execute(f"UPDATE register_membership m SET path = f.path FROM followers f WHERE {units} AND m.path <> f.path")
    _execute(
        f"""
        UPDATE register_household u SET path = f.path, area_id = f.area FROM followers f JOIN register_membership m ON {units}
        WHERE u.id = m.household_id AND u.path <> f.path
          AND NOT EXISTS (SELECT 1 FROM register_membership o WHERE o.household_id = u.id AND upper_inf(o.valid) AND o.path <> f.path)
        """
    )


def _persons(done: Applied, *, empty: bool) -> None:
    own = kept_columns("person")
    secrets = [
        "identity_hash",
        "identity",
        "identity_last4",
        "identity_region",
        "phone",
        "phone_hash",
        "phone_last4",
        "disability_certificate",
    ]
    derived = ["given", "pinyin", "initials"]
    names = ", ".join([f'"{f.column}"' for f in own] + secrets + derived)
    values = ", ".join([f'"{f.key}"' for f in own] + secrets + derived)
    done.created["person"] = _execute(
        f"INSERT INTO register_person (id, path, evidence_id, {names}) OVERRIDING SYSTEM VALUE "
        f"SELECT person, path, evidence, {values} FROM stage_person WHERE new"
    )
    if empty:
        return
    pairs = [(f.column, f.key) for f in own] + [("phone_hash", "phone_hash")]
    differs = " OR ".join(f'(s."{k}" IS NOT NULL AND s."{k}" IS DISTINCT FROM p."{c}")' for c, k in pairs)
    sets = ", ".join(f'"{c}" = coalesce(s."{k}", p."{c}")' for c, k in pairs + [(d, d) for d in (*derived, "phone_last4")])
    done.changed["person"] = _execute(
        f"""
        UPDATE register_person p SET {sets}, evidence_id = s.evidence,
               phone = CASE WHEN s.phone_hash IS DISTINCT FROM p.phone_hash THEN coalesce(s.phone, p.phone) ELSE p.phone END
        FROM stage_person s, register_evidence e
        WHERE p.id = s.person AND NOT s.new AND e.id = p.evidence_id AND e.happened_on <= s.day AND ({differs})
        """
    )


def _memberships(done: Applied, *, empty: bool) -> None:
    since = "greatest(least(coalesce(s.member_since, s.day), s.day), coalesce(s.birth_date, '-infinity'))"
    if not empty:
        done.changed["membership"] = _leave_others() + _change_relations()
    # Whoever left the register as their household ended comes back from then on; a row from before that does not bring them back.
    left = (
        f"(SELECT max(upper(m.valid)) FROM register_membership m WHERE m.person_id = s.person AND m.sort = '{FARMING}' "
        "AND NOT upper_inf(m.valid))"
    )
    begins, comes = since, "true"
    if not empty:
        begins, comes = f"greatest({since}, {left})", f"(s.held_household IS NOT NULL OR coalesce({left} <= s.day, true))"
    done.created["membership"] = _execute(
        f"""
        INSERT INTO register_membership (person_id, household_id, sort, pristine, relation, valid, reason, evidence_id, path)
        SELECT s.person, s.household, '{FARMING}', {str(empty).lower()}, s.relation,
               daterange(CASE WHEN s.held_household IS NULL THEN {begins} ELSE s.day END, NULL), s.change_reason, s.evidence, s.path
        FROM stage_person s WHERE s.held_household IS DISTINCT FROM s.household AND {comes}
        """
    )
    if not empty:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM stage_person s WHERE s.held_household IS NULL AND {left} > s.day")
            done.older["membership"] = cursor.fetchone()[0]


def _leave_others() -> int:
    """Whoever came in from another household leaves it on the day of the data; a place held since that very day is corrected."""
    elsewhere = (
        "m.person_id = s.person AND m.household_id = s.held_household AND s.held_household <> s.household "
        f"AND m.sort = '{FARMING}' AND upper_inf(m.valid)"
    )
    _execute(
        f"""
        CREATE TEMP TABLE left_households ON COMMIT DROP AS
        SELECT DISTINCT m.household_id AS household FROM stage_person s JOIN register_membership m ON {elsewhere}
        """
    )
    ended = _execute(
        "UPDATE register_membership m SET valid = daterange(lower(m.valid), s.day), end_reason = s.change_reason FROM stage_person s "
        f"WHERE {elsewhere} AND lower(m.valid) < s.day"
    )
    corrected = _execute(
        "UPDATE register_membership m SET household_id = s.household, relation = s.relation, reason = s.change_reason, "
        f"evidence_id = s.evidence, path = s.path FROM stage_person s WHERE {elsewhere}"
    )
    if corrected:
        _execute(
            "UPDATE stage_person s SET held_household = s.household FROM register_membership m WHERE m.person_id = s.person "
            "AND m.household_id = s.household AND upper_inf(m.valid) AND s.held_household <> s.household"
        )
    return ended + corrected


def _change_relations() -> int:
    """Another relation within the household: from the day of the data on, or corrected where the place is held since that day."""
    changed = _execute(
        """
        CREATE TEMP TABLE changed_relation ON COMMIT DROP AS
        SELECT m.id, s.person, s.relation, s.evidence, s.day, lower(m.valid) < s.day AS later
        FROM stage_person s JOIN register_membership m ON m.person_id = s.person AND m.household_id = s.household AND upper_inf(m.valid)
        JOIN register_evidence e ON e.id = m.evidence_id
        WHERE m.relation <> s.relation AND e.happened_on <= s.day
        """
    )
    if changed:
        _execute(
            "UPDATE register_membership m SET valid = daterange(lower(m.valid), c.day) FROM changed_relation c WHERE m.id = c.id AND c.later"
        )
        _execute("UPDATE stage_person s SET held_household = -1 FROM changed_relation c WHERE s.person = c.person AND c.later")
        # The old head first: a household never has two.
        for heads in ("<>", "="):
            _execute(
                "UPDATE register_membership m SET relation = c.relation, evidence_id = c.evidence FROM changed_relation c "
                f"WHERE m.id = c.id AND NOT c.later AND c.relation {heads} 'head'"
            )
    return changed


def _other_units(done: Applied, *, empty: bool) -> None:
    """Registration books and minimum-allowance families named on the rows of persons."""
    for sort, column in ((HUKOU, "hukou_book"), (ALLOWANCE, "allowance_no")):
        named = _execute(
            f"""
            CREATE TEMP TABLE unit_{sort} ON COMMIT DROP AS
            SELECT s.person, s."{column}" AS number, s.path, s.area, s.evidence, s.day, h.id AS household
            FROM stage_person s LEFT JOIN register_household h ON h.sort = '{sort}' AND h.number = s."{column}"
            WHERE s."{column}" IS NOT NULL AND ({empty} OR NOT EXISTS (
              SELECT 1 FROM register_membership m JOIN register_evidence e ON e.id = m.evidence_id
              WHERE m.person_id = s.person AND m.sort = '{sort}' AND upper_inf(m.valid) AND e.happened_on > s.day))
            """
        )
        if not named:
            continue
        _execute(f"ANALYZE unit_{sort} (person, number, household)")
        first = reserve("register_household", named)
        done.created[sort] = _execute(
            f"""
            INSERT INTO register_household (id, sort, number, area_id, path, evidence_id, natural_village, address, bank)
            OVERRIDING SYSTEM VALUE
            SELECT {first} - 1 + row_number() OVER (ORDER BY number), '{sort}', number, area, path, evidence, '', '', ''
            FROM (SELECT DISTINCT ON (number) number, area, path, min(evidence) OVER (PARTITION BY number) AS evidence
                  FROM unit_{sort} WHERE household IS NULL ORDER BY number, path)
            """
        )
        if not empty:
            another = (
                f"FROM unit_{sort} u JOIN register_household h ON h.sort = '{sort}' AND h.number = u.number "
                f"WHERE m.person_id = u.person AND m.sort = '{sort}' AND upper_inf(m.valid) AND m.household_id <> h.id"
            )
            _execute(
                f"UPDATE register_membership m SET valid = daterange(lower(m.valid), u.day) {another} AND lower(m.valid) < u.day"
            )
            _execute(f"UPDATE register_membership m SET household_id = h.id, evidence_id = u.evidence, path = u.path {another}")
        _execute(
            f"""
            INSERT INTO register_membership (person_id, household_id, sort, pristine, relation, valid, evidence_id, path)
            SELECT u.person, h.id, '{sort}', {str(empty).lower()}, 'member', daterange(u.day, NULL), u.evidence, u.path
            FROM unit_{sort} u JOIN register_household h ON h.sort = '{sort}' AND h.number = u.number
            WHERE {empty} OR NOT EXISTS (
              SELECT 1 FROM register_membership m WHERE m.person_id = u.person AND m.sort = '{sort}' AND upper_inf(m.valid))
            """
        )


def _valid_from(table: str) -> str:
    """The day from which a fact holds: the date of the data, unless the row itself says since when."""
    if table == "kind":
        return f"CASE WHEN ({REGISTERS}) AND s.monitoring_kind IS NULL THEN least(coalesce(s.first_identified, s.day), s.day) ELSE s.day END"
    return "s.day"


def _fact(table: str, level: str, done: Applied, *, empty: bool) -> None:
    own, dated = kept_columns(table), dated_table(table)
    present = "true" if table == "kind" else " OR ".join(f's."{f.key}" IS NOT NULL' for f in own)
    if table == "residence":
        present = "s.residence IS NOT NULL"
    if table == "registration":
        # A list asks every household whether it is a martyr's family; that does not make it a registered one. Of one that is
        # registered already, every field counts.
        known = f"EXISTS (SELECT 1 FROM register_{table} k WHERE k.household_id = s.household AND upper_inf(k.valid))"
        present = f"{REGISTERS} OR (({present}) AND {known})"
    given = {f.key: f's."{f.key}"' for f in own}
    if table == "kind":
        given["household_kind"] = f"coalesce(s.household_kind, CASE WHEN {REGISTERS} THEN 'registered' END)"
    selected = ", ".join(f'{given[f.key]} AS "{f.column}"' for f in own)
    source = f"SELECT s.{level} AS subject, s.path, s.day, {_valid_from(table)} AS since, s.evidence, {selected} FROM stage_{level} s WHERE {present}"
    if empty:
        done.created[table] = _execute(dated.put_all(f"({source})", pristine=True))
        return
    told = f"fact_{table}"
    _execute(f"CREATE TEMP TABLE {told} ON COMMIT DROP AS {source}; ANALYZE {told}")
    done.created[table] = _execute(dated.put_new(told))
    done.changed[table] = _execute(dated.correct(told)) + _execute(dated.replace(told))
    with connection.cursor() as cursor:
        cursor.execute(dated.older(told, "count(*)"))
        done.older[table] = cursor.fetchone()[0]


def _income(done: Applied, *, empty: bool) -> None:
    """Income sheets of the rows that name a period's end; the items that are blank are not in the sheet."""
    items = [f for f in fields_of("income") if f.type == "money"]
    source = "coalesce(s.income_from, s.income_to - interval '1 year' + interval '1 day')::date"
    sheets = _execute(
        f"""
        CREATE TEMP TABLE stage_sheet ON COMMIT DROP AS
        SELECT s.*, daterange({source}, s.income_to, '[]') AS period FROM stage_household s WHERE s.income_to IS NOT NULL
        """
    )
    if not sheets:
        return
    _execute("ANALYZE stage_sheet (household, period)")
    unknown_sheet = "NOT EXISTS (SELECT 1 FROM register_incomesheet t WHERE t.household_id = s.household AND t.period = s.period)"
    unknown_item = "NOT EXISTS (SELECT 1 FROM register_incomeitem i WHERE i.sheet_id = s.sheet AND i.item = s.item)"
    done.created["incomesheet"] = _execute(
        f"""
        INSERT INTO register_incomesheet (household_id, period, method, evidence_id, path)
        SELECT s.household, s.period, 'import', s.evidence, s.path FROM stage_sheet s WHERE {empty or unknown_sheet}
        """
    )
    melted = " UNION ALL ".join(
        f'SELECT s.household, s.period, s.day, s.evidence, s.path, \'{f.column}\' AS item, s."{f.key}" AS fen FROM stage_sheet s WHERE s."{f.key}" IS NOT NULL'
        for f in items
    )
    _execute(
        f"""
        CREATE TEMP TABLE stage_item ON COMMIT DROP AS
        SELECT t.id AS sheet, m.* FROM ({melted}) m JOIN register_incomesheet t ON t.household_id = m.household AND t.period = m.period;
        ANALYZE stage_item (sheet, item)
        """
    )
    if not empty:
        _sums_and_lines(done)
        done.changed["incomeitem"] += _execute(
            "UPDATE register_incomeitem i SET fen = s.fen, source = NULL, evidence_id = s.evidence FROM stage_item s, register_evidence e "
            "WHERE i.sheet_id = s.sheet AND i.item = s.item AND i.fen <> s.fen AND e.id = i.evidence_id AND e.happened_on <= s.day"
        )
    done.created["incomeitem"] = _execute(
        f"""
        INSERT INTO register_incomeitem (sheet_id, household_id, item, fen, evidence_id, path)
        SELECT s.sheet, s.household, s.item, s.fen, s.evidence, s.path FROM stage_item s WHERE {empty or unknown_item}
        """
    )
    if not empty:
        # How a sheet was made: lines that somebody entered name their source, sums of a file do not.
        entered = "EXISTS (SELECT 1 FROM register_incomeitem i WHERE i.sheet_id = t.id AND i.source IS NOT NULL)"
        _execute(
            f"UPDATE register_incomesheet t SET method = CASE WHEN {entered} THEN 'mixed' ELSE 'import' END WHERE t.method <> 'import' "
            "AND EXISTS (SELECT 1 FROM register_incomeitem i, stage_item s WHERE i.sheet_id = t.id AND s.sheet = t.id AND i.source IS NULL)"
        )


def _sums_and_lines(done: Applied) -> None:
    """Sums that come in for fields which a sheet has broken down into lines: one of the two stands, never both.

    A sum that agrees with the lines says nothing new, and one that is older than they are changes nothing; any other takes their place.
    """
    pairs = ", ".join(
        f"('{f.column}', '{code}')" for f in fields_of("income") if f.type == "money" for code in lines_of(f.column or "")
    )
    _execute(
        f"""
        CREATE TEMP TABLE stage_lines ON COMMIT DROP AS
        SELECT s.sheet, s.item, s.fen, s.day, sum(i.fen) AS held, max(e.happened_on) AS told, array_agg(i.id) AS lines
        FROM stage_item s JOIN (VALUES {pairs}) c(field, line) ON c.field = s.item
        JOIN register_incomeitem i ON i.sheet_id = s.sheet AND i.item = c.line JOIN register_evidence e ON e.id = i.evidence_id
        GROUP BY s.sheet, s.item, s.fen, s.day
        """
    )
    stands = "l.held = l.fen OR l.told > l.day"
    _execute(f"DELETE FROM stage_item s USING stage_lines l WHERE s.sheet = l.sheet AND s.item = l.item AND ({stands})")
    replaced = _execute(
        f"DELETE FROM register_incomeitem WHERE id IN (SELECT unnest(lines) FROM stage_lines l WHERE NOT ({stands}))"
    )
    done.changed["incomeitem"] = replaced
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stage_lines WHERE told > day AND held <> fen")
        older = cursor.fetchone()[0]
    if older:
        done.older["incomeitem"] = older
