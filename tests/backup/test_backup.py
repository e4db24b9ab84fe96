"""Taking a backup while everybody works, restoring it, proving it; what cannot be is refused and leaves everything as it was."""

from __future__ import annotations

import json
import lzma
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from tests.backup.conftest import PASSPHRASE, Fresh
from tests.environment import ROOT

from bangfu.accounts.models_audit import AuditEntry
from bangfu.backup import actions, sealed
from bangfu.backup.actions import restore_backup, take_backup, verify_backup
from bangfu.backup.contents import DATABASE, HEAD, TAIL, Head, Tail, inspect
from bangfu.backup.database import Loading, Rows, snapshot
from bangfu.backup.models import Backup
from bangfu.backup.passphrases import passphrase
from bangfu.backup.providers import age_of_the_last
from bangfu.foundation import changes
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import system
from bangfu.foundation.clock import machine_now
from bangfu.foundation.home import home
from bangfu.foundation.postgres import dsn
from bangfu.foundation.problems import Problem
from bangfu.foundation.secrecy import decrypt

ME = system("", "test")
DATA = ROOT / "tests" / "data"
# They wait for each other anyhow: on one worker, the others go on.
pytestmark = pytest.mark.xdist_group("backup")


def numbered(act: Any) -> str:
    """The number of the problem that an act is refused with."""
    with pytest.raises(Problem) as raised:
        act()
    return raised.value.number


def asked(at: Any, query: str) -> Any:
    return at.execute(query).fetchall()


def in_place(fresh: Fresh) -> psycopg.Connection[Any]:
    """A connection to the database of a fresh place."""
    return dsn.connect("owner", fresh.home, autocommit=True)


# --- there and back


def test_what_is_restored_is_the_county(own_database: str, store: Path, fresh: Fresh) -> None:
    kept = home().files / "0a" / "payload"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"sealed already" * 100_000)
    try:
        with acting(system("156", "test")):
            household = asked_here("SELECT id FROM register_household ORDER BY id LIMIT 1")[0][0]
            changes.record([household], "test")
        taken = take_backup(ME, store, PASSPHRASE)
    finally:
        kept.unlink()
    assert [p.name for p in store.iterdir()] == [taken.place.name]
    assert taken.place.stat().st_mode & 0o777 == 0o600
    note = Backup.objects.get(key=taken.head.key)
    assert (note.place, note.size, note.rows, note.verified) == (str(taken.place), taken.size, taken.tail.rows, None)

    done = json.loads(fresh.run("restore", str(taken.place), "--json").splitlines()[-1])
    assert done["rows"] == taken.tail.rows
    # Beside the payload those that the demo keeps: pages of its decisions, photographs.
    assert done["files"] > 1 + (home().root / "demo" / "built.json").exists()
    assert (fresh.home.files / "0a" / "payload").read_bytes() == b"sealed already" * 100_000
    with in_place(fresh) as there, snapshot(there.info.get_parameters() | {"password": there.info.password}) as shot:
        found = shot.rows()
    touched = {
        "public.change",
        "public.follower",
        "public.backup_backup",
        "public.procrastinate_jobs",
        "public.procrastinate_events",
        "public.audit_entry",
    }
    touched |= {"public.accounts_login", "public.django_session"}
    assert {n: r for n, r in found.items() if n not in touched} == {
        n: r for n, r in taken.tail.tables.items() if n not in touched
    }
    with in_place(fresh) as there:
        (sealed_number,) = asked(there, "SELECT identity FROM register_person WHERE identity IS NOT NULL ORDER BY id LIMIT 1")[0]
        assert decrypt(sealed_number, "person.identity")
        # What somebody had not followed is news again, and nothing of what happens from now on is passed over.
        assert (household,) in asked(there, "SELECT household FROM change, follower WHERE name = 'lake' AND xid >= watermark")
        assert asked(there, "SELECT count(*) FROM follower WHERE watermark > pg_snapshot_xmax(pg_current_snapshot())") == [(0,)]
        assert asked(there, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")[0][0] >= 1
        ((restored,),) = asked(there, "SELECT restored FROM backup_backup WHERE key = '" + str(taken.head.key) + "'")
        assert restored is not None
    checks = json.loads(fresh.run("doctor", "--json"))
    assert checks["ok"], checks
    assert fresh.refused("restore", str(taken.place)) == "BF-2109"
    # Both ends are told to the audit, and what came back is whole.
    (told,) = AuditEntry.objects.filter(act="backup.take", subject=taken.place.name)
    assert told.detail["rows"] == taken.tail.rows
    assert json.loads(fresh.run("audit", "verify", "--json"))["whole"]
    with in_place(fresh) as there:
        assert asked(there, "SELECT subject FROM audit_entry WHERE act = 'backup.restore'") == [(taken.place.name,)]


def asked_here(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def test_a_backup_is_of_one_moment_while_others_write(own_database: str, store: Path) -> None:
    """Writers put every number into both tables at once and move it about: no moment of theirs has unequal tables."""
    ending, written = threading.Event(), []

    def write(number: int) -> None:
        with psycopg.connect(**target) as one:
            step = number
            while not ending.is_set():
                with one.transaction():
                    one.execute("INSERT INTO left_hand VALUES (%s, repeat('x', 1000))", [step])
                    one.execute("INSERT INTO right_hand VALUES (%s)", [step])
                    one.execute("DELETE FROM left_hand WHERE n = %s", [step - 6])
                    one.execute("DELETE FROM right_hand WHERE n = %s", [step - 6])
                written.append(step)
                step += 2

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_hand (n int, filling text); CREATE TABLE right_hand (n int)")
    target = actions._target()
    writers = [threading.Thread(target=write, args=[n]) for n in (0, 1)]
    for writer in writers:
        writer.start()
    try:
        while len(written) < 50:
            time.sleep(0.01)
        before = len(written)
        taken = take_backup(ME, store, PASSPHRASE)
        during = len(written) - before
    finally:
        ending.set()
        for writer in writers:
            writer.join()
    assert during > 20, "a backup keeps nobody from writing"
    assert taken.tail.tables["public.left_hand"].count == taken.tail.tables["public.right_hand"].count > 0
    contents = inspect(taken.place, PASSPHRASE)
    unpack = zlib.decompressobj()
    text = b"".join(unpack.decompress(c) for k, c in contents.records() if k == DATABASE).decode()
    hands = {
        hand: {line.split("\t")[0] for line in text.split(f"COPY public.{hand} ")[1].split("\n\\.")[0].splitlines()[1:]}
        for hand in ("left_hand", "right_hand")
    }
    assert hands["left_hand"] == hands["right_hand"] != set()
    done = verify_backup(ME, taken.place, PASSPHRASE)
    assert done.contents.tail.rows == taken.tail.rows
    assert Backup.objects.get(key=taken.head.key).verified is not None
    assert AuditEntry.objects.filter(act="backup.verify", subject=taken.place.name).count() == 1
    assert target["dbname"] == own_database


def test_verifying_leaves_nothing_behind_and_needs_no_keys_where_told(
    own_database: str, store: Path, tmp_path: Path, fresh: Fresh
) -> None:
    taken = take_backup(ME, store, PASSPHRASE)
    scratch = tmp_path / "scratch"
    scratch.mkdir(mode=0o755)
    for key in fresh.keys.iterdir():
        key.unlink()
    words = ("verify-backup", str(taken.place), "--scratch", str(scratch))
    assert fresh.refused(*words) == "BF-1031"
    assert json.loads(fresh.run(*words, "--without-keys", "--json").splitlines()[-1])["ok"] is True
    assert list(scratch.iterdir()) == []
    assert not (fresh.home.root / "pg").exists(), "to look at a backup makes no database"


# --- what was of an earlier program, or is of a later one


def earlier(place: Path, **changed: Any) -> Head:
    """A backup of a county as a program wrote it that kept no fingerprints, had no locks on log-ins and no duties."""
    text = lzma.decompress((DATA / "county-before-keys.sql.xz").read_bytes())
    rows = text.decode().split("COPY public.django_migrations ")[1].split("\n\\.")[0].splitlines()[1:]
    counts = {
        name: text.decode().split(f"COPY public.{name} ")[1].split("\n\\.")[0].count("\n")
        for name in ("register_household", "county")
    }
    head = Head(
        key=actions.uuid4(), version="0.1.0", made=machine_now(), by="test", county=("绥阳县", "Suiyang County"), server_version=180006,
        migrations=[(r.split("\t")[1], r.split("\t")[2]) for r in rows], keys={},
    )  # fmt: skip
    head = replace(head, **changed)
    assert counts == {"register_household": 134, "county": 1}
    pack = zlib.compressobj()
    with place.open("wb") as out:
        writer = sealed.Writer(out, PASSPHRASE)
        writer.write(HEAD, head.encoded())
        writer.write(DATABASE, pack.compress(text) + pack.flush())
        writer.write(TAIL, Tail({}, len(text), 0).encoded(), last=True)
    return head


@pytest.mark.full
def test_a_county_of_an_earlier_schema_comes_back_and_is_brought_up_to_date(tmp_path: Path, fresh: Fresh) -> None:
    earlier(tmp_path / "old.bangfu-backup")
    for key in fresh.keys.iterdir():
        key.unlink()
    assert fresh.refused("restore", str(tmp_path / "old.bangfu-backup")) == "BF-1031", "no key is made in place of a lost one"
    for name, key in json.loads((DATA / "county-before-keys.json").read_text())["keys"].items():
        (fresh.keys / f"{name}.key").write_bytes(bytes.fromhex(key))
        (fresh.keys / f"{name}.key").chmod(0o600)
    done = json.loads(fresh.run("restore", str(tmp_path / "old.bangfu-backup"), "--json").splitlines()[-1])
    assert done["migrated"] > 0
    with in_place(fresh) as there:
        assert asked(there, "SELECT count(*) FROM register_household") == [(134,)]
        assert asked(there, "SELECT count(*) FROM register_person") == [(287,)]
        assert asked(there, "SELECT count(*) FROM screening_verdict")[0][0] > 400
        assert asked(there, "SELECT name FROM secret_key ORDER BY 1") == [("fields.1",), ("hash",)]
        # History goes on being kept, by the functions of today.
        there.execute("UPDATE register_person SET name = name || '一' WHERE id = (SELECT min(id) FROM register_person)")
        assert asked(there, "SELECT count(*) FROM register_person_history WHERE operation = 'UPDATE'")[0][0] >= 1
    assert json.loads(fresh.run("doctor", "--json"))["ok"]
    assert json.loads(fresh.run("screen", "--json").splitlines()[-1])["households"] >= 64, "judged anew by the rules of today"
    facts = {f["key"]: f["value"] for f in json.loads(fresh.run("facts", "--json"))["facts"]}
    assert sum(1 for value in facts.values() if value) > 5


def test_a_backup_of_a_newer_program_or_server_is_refused(tmp_path: Path, fresh: Fresh) -> None:
    place = tmp_path / "new.bangfu-backup"
    earlier(place, migrations=[("register", "0001_initial"), ("register", "0999_of_tomorrow")], version="9.0")
    assert "BF-2110" in (said := fresh.run("restore", str(place), code=1))
    assert "register.0999_of_tomorrow" in said
    earlier(place, server_version=990001)
    assert fresh.refused("restore", str(place)) == "BF-2111"
    with in_place(fresh) as there:
        assert asked(there, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


# --- what is refused


def test_what_was_not_loaded_whole_is_not_there(own_database: str, store: Path, tmp_path: Path, fresh: Fresh) -> None:
    """A dump that breaks, and one that differs from what the backup says of it, leave the database empty."""
    place = tmp_path / "bad.bangfu-backup"
    for text, tables, number in (
        (b"CREATE TABLE one (n int);\nINSERT INTO one VALUES (1);\nINSERT INTO nowhere VALUES (1);\n", {}, "BF-2112"),
        (b"CREATE TABLE one (n int);\nINSERT INTO one VALUES (1);\n", {"public.one": Rows(2, "17")}, "BF-2113"),
        (b"CREATE TABLE one (n int);\n", {"public.two": Rows(0, "0")}, "BF-2112"),
    ):
        head = take_head()
        with place.open("wb") as out:
            writer = sealed.Writer(out, PASSPHRASE)
            writer.write(HEAD, head.encoded())
            writer.write(DATABASE, zlib.compress(text))
            writer.write(TAIL, Tail(tables, len(text), 0).encoded(), last=True)
        assert fresh.refused("restore", str(place)) == number
        with in_place(fresh) as there:
            assert asked(there, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def take_head() -> Head:
    with snapshot(actions._target()) as shot:
        return Head(
            actions.uuid4(), "0.1.0", machine_now(), "test", shot.county(), shot.server_version, shot.migrations(), shot.keys()
        )


def test_keys_of_another_county_are_refused_before_anything_is_done(own_database: str, store: Path, fresh: Fresh) -> None:
    taken = take_backup(ME, store, PASSPHRASE)
    (fresh.keys / "hash.key").write_bytes(bytes(32))
    assert fresh.refused("restore", str(taken.place)) == "BF-1032"
    assert fresh.refused("restore", str(taken.place), BANGFU_BACKUP_PASSPHRASE="another passphrase") == "BF-2106"
    assert not (fresh.home.root / "pg").exists()


def test_without_its_keys_no_backup_is_taken(
    own_database: str, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its numbers could not be read by anybody: that is told while there is time to find the keys."""
    monkeypatch.setenv("BANGFU_KEYS", str(tmp_path))
    assert numbered(lambda: take_backup(ME, store, PASSPHRASE)) == "BF-1031"
    assert not store.exists()


def test_a_full_database_is_not_restored_into(own_database: str, store: Path) -> None:
    taken = take_backup(ME, store, PASSPHRASE)
    before = asked_here("SELECT count(*) FROM register_person")
    assert numbered(lambda: restore_backup(ME, taken.place, PASSPHRASE)) == "BF-2109"
    assert asked_here("SELECT count(*) FROM register_person") == before


def test_what_is_asked_wrongly_is_told_and_nothing_written(
    own_database: str, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert numbered(lambda: take_backup(ME, store, "too short")) == "BF-2102"
    assert numbered(lambda: take_backup(ME, store, PASSPHRASE, keep=0)) == "BF-2114"
    assert numbered(lambda: take_backup(ME, home().files / "backups", PASSPHRASE)) == "BF-2104"
    (tmp_path / "file").write_text("")
    assert numbered(lambda: take_backup(ME, tmp_path / "file", PASSPHRASE)) == "BF-2103"
    monkeypatch.delenv("BANGFU_BACKUP_PASSPHRASE", raising=False)
    (tmp_path / "empty").write_text("\n")
    with open(os.devnull) as nobody, monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", nobody)
        for file in (None, tmp_path / "empty"):
            assert numbered(lambda file=file: passphrase(file)) == "BF-2101"
    (tmp_path / "word").write_text(f"{PASSPHRASE}\n")
    assert passphrase(tmp_path / "word") == PASSPHRASE
    assert not store.exists()
    assert Backup.objects.count() == 0


# --- what is cut off


TAKING = """
import os, resource, signal, sys
import django; django.setup()
from pathlib import Path
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from bangfu.backup import actions
from bangfu.backup.database import Snapshot
from bangfu.foundation.actor import system
if sys.argv[3] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
else:
    whole = Snapshot.dump
    def slowly(self):
        for number, block in enumerate(whole(self)):
            yield block
            if number == 1:
                print("halfway", flush=True)
                sys.stdin.readline()
    Snapshot.dump = slowly
try:
    actions.take_backup(system("", "test"), Path(sys.argv[2]), "six words that have no company")
except actions.CANNOT_WRITE(folder="", why="").__class__ as problem:
    print(problem.number)
"""


def taking(database: str, store: Path, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", TAKING, database, str(store), how]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_backup_that_is_killed_leaves_none_and_the_next_tidies_up(own_database: str, store: Path) -> None:
    killed = taking(own_database, store, "slowly")
    assert killed.stdout is not None
    assert killed.stdout.readline() == "halfway\n"
    assert numbered(lambda: take_backup(ME, store, PASSPHRASE)) == "BF-1015"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    left = list(store.iterdir())
    assert [p.suffix for p in left] == [actions.PARTIAL]
    assert numbered(lambda: inspect(left[0], PASSPHRASE)) in ("BF-2105", "BF-2107")
    taken = take_backup(ME, store, PASSPHRASE)
    assert list(store.iterdir()) == [taken.place]
    assert Backup.objects.count() == 1


def test_a_full_disk_leaves_none(own_database: str, store: Path) -> None:
    said, _ = taking(own_database, store, "full").communicate()
    assert said.split() == ["BF-2103"]
    assert list(store.iterdir()) == []


def test_a_load_that_is_killed_leaves_the_database_empty(own_database: str, fresh: Fresh) -> None:
    with in_place(fresh) as there:
        target = there.info.get_parameters() | {"password": there.info.password}
        loading = Loading(target)
        loading.feed(b"CREATE TABLE one (n int);\n")
        loading.close()
        assert asked(there, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


# --- how many are kept, and what is told of them


def test_the_newest_are_kept_and_those_of_others_are_left_alone(own_database: str, store: Path) -> None:
    store.mkdir()
    others = [store / f"bangfu-00000000-2026010{n}T000000Z{actions.SUFFIX}" for n in (1, 2)]
    for other in others:
        other.write_bytes(b"another county's")
    taken = []
    for _ in range(3):
        taken.append(take_backup(ME, store, PASSPHRASE, keep=2))
        time.sleep(1.1)  # names tell seconds
    assert sorted(store.iterdir()) == sorted([*others, taken[1].place, taken[2].place])
    assert taken[2].removed == [taken[0].place]
    assert [b.removed is not None for b in Backup.objects.order_by("made")] == [True, False, False]


def test_the_doctor_tells_the_age_and_insists_where_people_are_real(own_database: str) -> None:
    def check() -> tuple[bool, str]:
        (one,) = age_of_the_last()
        return one.ok, one.says.en

    assert check() == (True, "No backup was ever taken.")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE county SET synthetic = false, clock = NULL")
    assert check() == (False, "No backup was ever taken.")
    note = Backup.objects.create(key=actions.uuid4(), made=machine_now() - timedelta(days=6), by="x", place="/x", size=1, rows=1)
    assert check()[0]
    assert "6 days old" in check()[1]
    assert "none was ever verified" in check()[1]
    note.made, note.verified = machine_now() - timedelta(days=9), machine_now()
    note.save()
    assert not check()[0]
    assert "was verified on" in check()[1]
