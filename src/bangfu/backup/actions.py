"""A way back: taking a backup while everybody works, restoring one into a fresh place, proving that one can be restored."""

from __future__ import annotations

import fcntl
import getpass
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import psycopg
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from bangfu.backup import sealed
from bangfu.backup.acts import BACKUP_RESTORE, BACKUP_TAKE, BACKUP_VERIFY
from bangfu.backup.contents import CONTENT, DATABASE, FILE, HEAD, TAIL, Contents, Head, Tail, inspect
from bangfu.backup.database import BLOCK, Loading, Target, snapshot, tables
from bangfu.backup.files import Staging, to_keep
from bangfu.backup.models import Backup
from bangfu.backup.problems import (
    BAD_KEEP,
    CANNOT_WRITE,
    DIFFERS,
    INSIDE_HOME,
    NEWER,
    NEWER_SERVER,
    NOT_FRESH,
    WEAK_PASSPHRASE,
)
from bangfu.foundation import changes
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import Act, tell
from bangfu.foundation.benchmarks import remove_cluster
from bangfu.foundation.clock import machine_now
from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.home import Home, home
from bangfu.foundation.postgres import dsn
from bangfu.foundation.postgres.server import Server
from bangfu.foundation.say import Text
from bangfu.foundation.schema import waiting
from bangfu.foundation.secrecy import FIELDS, HASH, held_key
from bangfu.foundation.system import in_words

LEAST_PASSPHRASE = 12
SUFFIX = ".bangfu-backup"
PARTIAL = ".partial"
Progress = Callable[[Text], None]

# Asked once a restored county stands in the present schema: what must not come back with it (sessions) is ended, what it lacks is told.
county_restored: ExtensionPoint[[Actor], None] = ExtensionPoint("county_restored")

COUNTING = Text("核对每个表", "counting every table")
READING = Text("通读备份", "reading the backup through")
LOADING = Text("装入数据库", "loading the database")
MIGRATING = Text("升级数据库结构", "bringing the schema up to date")


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken, and which earlier ones it took away."""

    place: Path
    size: int
    head: Head
    tail: Tail
    removed: list[Path]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored or verified, and how many migrations were run after it."""

    contents: Contents
    files: int
    migrated: int = 0


def _silent(step: Text) -> None:
    """Nobody watches."""


def require_passphrase(passphrase: str) -> None:
    """Hold that a passphrase is worth something. Raises BF-2102."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise WEAK_PASSPHRASE(length=len(passphrase), least=LEAST_PASSPHRASE)


def take_backup(actor: Actor, folder: Path, passphrase: str, *, keep: int | None = None, progress: Progress = _silent) -> Taken:
    """Write a backup of this county to a folder: one moment of the database, while pages and jobs go on, and the kept files.

    The file has another name until it is whole and on disk. With `keep` only that many of the newest backups of this county stay
    in the folder. Raises BF-1015 while another backup is taken, BF-1028 where there is no county's database, BF-1031 and BF-1032 where the key
    folder is not that county's, BF-2102, BF-2103,
    BF-2104, BF-2108, BF-2114; nothing that looks like a backup is left then.
    """
    actor.require("backup.take")
    require_passphrase(passphrase)
    if keep is not None and keep < 1:
        raise BAD_KEEP(keep=keep)
    folder = folder.resolve()
    if folder == home().root or home().root in folder.parents:
        raise INSIDE_HOME(folder=folder)
    with Server().exclusive("backup"), snapshot(_target()) as shot:
        head = Head(
            key=uuid4(),
            version=version("bangfu"),
            made=machine_now().replace(microsecond=0),
            by=f"{actor.name} ({getpass.getuser()})",
            county=shot.county(),
            server_version=shot.server_version,
            migrations=shot.migrations(),
            keys=shot.keys(),
        )
        require_its_keys(head)  # numbers in a backup without its keys are lost, and the audit is sealed with one
        place = folder / f"{_stem(head)}{head.made.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
        with _whole_or_nothing(place) as out, ThreadPoolExecutor(1) as beside:
            counting = beside.submit(shot.rows)
            writer = sealed.Writer(out, passphrase)
            writer.write(HEAD, head.encoded())
            files = 0
            for name, path in to_keep(home().root):
                writer.write(FILE, name.encode())
                with path.open("rb") as source:
                    while block := source.read(BLOCK):
                        writer.write(CONTENT, block)
                files += 1
            pack, size = zlib.compressobj(3), 0
            for block in shot.dump():
                size += len(block)
                progress(Text(f"数据库 {size >> 20:,} MB", f"database {size >> 20:,} MB"))
                if packed := pack.compress(block):
                    writer.write(DATABASE, packed)
            writer.write(DATABASE, pack.flush())
            progress(COUNTING)
            tail = Tail(counting.result(), size, files)
            writer.write(TAIL, tail.encoded(), last=True)
    removed = _remove_older(place, _stem(head), keep)
    with transaction.atomic():
        _note(actor, BACKUP_TAKE, head, tail, place)
        if Backup.noted():
            Backup.objects.kept().filter(place__in=map(str, removed)).update(removed=machine_now())
    return Taken(place, place.stat().st_size, head, tail, removed)


def restore_backup(actor: Actor, file: Path, passphrase: str, *, progress: Progress = _silent) -> Restored:
    """Restore a backup into this fresh data folder or empty database, hold it against its checksums, bring the schema up to date.

    The database comes back in one transaction; until that ends, nothing is there. Raises BF-2109 where there is something already,
    BF-2105 to BF-2107 for a file that cannot be read, BF-1031 and BF-1032 where the key folder is not that county's, BF-2110, BF-2111
    for a backup of newer programs, BF-2112, BF-2113 where loading it fails.
    """
    actor.require("backup.restore")
    _require_fresh()
    contents = _readable(file, passphrase, progress)
    require_its_keys(contents.head)
    files = _load(contents, _target(), home(), progress)
    progress(MIGRATING)
    before = len(contents.head.migrations)
    call_command("migrate", verbosity=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        migrated = cursor.fetchone()[0] - before
        for _ in county_restored.ask(actor):
            pass
        for _ in changes.household_changed.ask("backup.restore"):
            pass  # the lake is made anew from the database, figures after it
        _note(actor, BACKUP_RESTORE, contents.head, contents.tail, contents.file, restored=machine_now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Restored(contents, files, migrated)


def verify_backup(
    actor: Actor, file: Path, passphrase: str, *, scratch: Path | None = None, keys: bool = True, progress: Progress = _silent
) -> Restored:
    """Prove that a backup can be restored: into a fresh data folder with a server of its own, compared, and removed.

    With `keys` this installation's key folder is held against the backup as well. Raises what `restore_backup` does.
    """
    actor.require("backup.take")
    contents = _readable(file, passphrase, progress)
    if keys:
        require_its_keys(contents.head)
    with _scratch_home(scratch) as (place, server):
        server.attach()
        files = _load(contents, server.libpq("owner"), place, progress)
    if (not dsn.embedded() or Server().status()["made"]) and Backup.noted():
        with transaction.atomic():
            Backup.objects.filter(key=contents.head.key).update(verified=machine_now())
            _tell(actor, BACKUP_VERIFY, contents.head, contents.tail, contents.file)
    return Restored(contents, files)


def require_its_keys(head: Head) -> None:
    """Hold that the key folder has the keys of a backup's county. Raises BF-1031, BF-1032."""
    for name, mark in head.keys.items():
        held_key(name, bytes.fromhex(mark))
    if not head.keys:  # a database of before fingerprints were kept: no other key may be made in the place of a lost one
        for name in (HASH, f"{FIELDS}.1"):
            held_key(name, None)


def _target() -> Target:
    """How libpq reaches the database that Django is at."""
    connection.ensure_connection()
    info = connection.connection.info
    return {**info.get_parameters(), "password": info.password}


def _stem(head: Head) -> str:
    """How names of this county's backups begin: told by its key, so that several counties may share a folder."""
    return f"bangfu-{head.keys.get(HASH, 'unknown')[:8]}-"


@contextmanager
def _whole_or_nothing(place: Path) -> Iterator[BinaryIO]:
    """A file that bears its name only once it is whole and on disk. Raises BF-2103 where it cannot be."""
    partial = place.with_name(place.name + PARTIAL)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear_partials(place.parent)
        handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)  # tells the next backup that this one is being written
            yield out
            out.flush()
            os.fsync(out.fileno())
            partial.rename(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        why = in_words(error) or Text(str(error.strerror), str(error.strerror))
        raise CANNOT_WRITE(folder=place.parent, why=why) from error
    finally:
        with suppress(OSError):  # the folder that could not be written to may not be asked again
            partial.unlink(missing_ok=True)


def _clear_partials(folder: Path) -> None:
    """Take away what a backup that was killed has left; one that is being written holds its lock."""
    for left in folder.glob(f"bangfu-*{SUFFIX}{PARTIAL}"):
        with left.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            left.unlink(missing_ok=True)


def _remove_older(place: Path, stem: str, keep: int | None) -> list[Path]:
    """Leave the newest `keep` backups of a county in a folder; returns those that went."""
    if keep is None:
        return []
    older = sorted(place.parent.glob(f"{stem}*{SUFFIX}"), reverse=True)[keep:]
    for one in older:
        one.unlink()
    return older


def _note(actor: Actor, act: Act, head: Head, tail: Tail, place: Path, **more: Any) -> None:
    """Keep what is known of a backup, and tell the audit what was done with it."""
    if Backup.noted():
        told = {"made": head.made, "by": head.by, "place": str(place.resolve()), "size": place.stat().st_size, "rows": tail.rows}
        Backup.objects.update_or_create(key=head.key, defaults=told | more)
    _tell(actor, act, head, tail, place)


def _tell(actor: Actor, act: Act, head: Head, tail: Tail, place: Path) -> None:
    if waiting() == 0:  # a database that waits for its upgrade may have no audit yet
        tell(actor, act, subject=place.name, detail={"made": f"{head.made:%Y-%m-%d %H:%M} UTC", "rows": tail.rows})


def _require_fresh() -> None:
    place = home()
    if any(to_keep(place.root)):
        raise NOT_FRESH(where=place.root)
    if dsn.embedded() and not Server().status()["made"]:
        return
    target = _target()
    with closing(psycopg.connect(**target)) as at:
        if tables(at):
            raise NOT_FRESH(where=place.root if dsn.embedded() else dsn.place(dict(target)))


def _readable(file: Path, passphrase: str, progress: Progress) -> Contents:
    """A backup that was read through and that these programs know. Raises BF-2105 to BF-2107, BF-2110."""
    progress(READING)
    contents = inspect(
        file,
        passphrase,
        lambda read: progress(Text(f"通读备份 {read >> 20:,} MB", f"reading the backup through {read >> 20:,} MB")),
    )
    known = set(MigrationLoader(None).disk_migrations)
    unknown = [f"{app}.{name}" for app, name in contents.head.migrations if (app, name) not in known]
    if unknown:
        raise NEWER(file=file, version=contents.head.version, own=version("bangfu"), unknown=", ".join(unknown[:5]))
    return contents


def _load(contents: Contents, target: Target, place: Home, progress: Progress) -> int:
    """Load a backup's database in one transaction and put its files into their places; returns how many files."""
    with closing(psycopg.connect(**target)) as at:
        own = at.info.server_version // 10000
    made = contents.head.server_version // 10000
    if own < made:
        raise NEWER_SERVER(file=contents.file, made=made, own=own)
    with closing(Loading(target)) as loading, closing(Staging(place.root)) as staging:
        unpack, done = zlib.decompressobj(), 0
        for kind, content in contents.records():
            if kind == FILE:
                staging.begin(content.decode())
            elif kind == CONTENT:
                staging.write(content)
            elif kind == DATABASE:
                text = unpack.decompress(content)
                done += len(text)
                share = done * 100 // (contents.tail.database_bytes or 1)
                progress(replace(LOADING, zh=f"{LOADING.zh} {share}%", en=f"{LOADING.en} {share}%"))
                loading.feed(text)
        loading.feed(unpack.flush())
        progress(COUNTING)
        wanted = contents.tail.tables
        found = loading.rows(list(wanted))
        differing = [f"{name} ({rows.count} → {found[name].count})" for name, rows in wanted.items() if found[name] != rows]
        if differing:
            raise DIFFERS(tables=", ".join(differing))
        files = staging.place()
        loading.commit(changes.IN_ANOTHER_SERVER)
    return files


@contextmanager
def _scratch_home(folder: Path | None) -> Iterator[tuple[Home, Server]]:
    """A data folder with a server of its own for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="bangfu-verify-", dir=folder) as room:
        place = Home(Path(room) / "var").make()
        server = Server(place, progress=None)
        try:
            yield place, server
        finally:
            remove_cluster(server)
