"""The county's keys: never replaced, told from others, changed while the county is at work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.db import connection

from bangfu.foundation import doctor, secrecy
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import system
from bangfu.foundation.problems import Problem
from bangfu.foundation.resealing import rotate
from bangfu.foundation.secrecy import decrypt, encrypt_many, keyed_hash
from bangfu.register.importing.run import import_files


@pytest.fixture
def key_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A copy of the county's key folder, and of its kept files, that a test may damage."""
    from bangfu.foundation.home import Home, home

    files = tmp_path / "files"
    shutil.copytree(home().files, files)  # else the files that all tests share would lie under a key that only this test has

    folder = tmp_path / "keys"
    folder.mkdir()
    for place in home().keys.glob("*.key"):
        (folder / place.name).write_bytes(place.read_bytes())
        (folder / place.name).chmod(0o600)
    monkeypatch.setenv("BANGFU_KEYS", str(folder))
    monkeypatch.setattr(Home, "files", files)
    forget()
    yield folder
    monkeypatch.undo()
    forget()


def forget() -> None:
    secrecy._key.cache_clear()
    secrecy._cipher.cache_clear()


def number_of(raised: pytest.ExceptionInfo[Problem]) -> str:
    return raised.value.number


def test_a_lost_key_is_refused_and_none_is_made_in_its_place(county, key_folder: Path, tmp_path: Path) -> None:
    for place in key_folder.glob("*.key"):
        place.unlink()
    forget()
    for act in (
        lambda: encrypt_many(["110"], "test"),
        lambda: keyed_hash("110", "test"),
        lambda: import_files(county.operator(), tmp_path),
        secrecy.settle_keys,
    ):
        with pytest.raises(Problem) as raised:
            act()
        assert number_of(raised) == "BF-1031"
    assert list(key_folder.iterdir()) == []
    (check,) = [c for c in doctor.examine() if c.key == "keys"]
    assert not check.ok
    assert "BANGFU_KEYS" in check.remedy.en


@pytest.mark.parametrize("name", ["hash.key", "fields.1.key"])
@pytest.mark.parametrize("content", [b"", bytes(32), b"x" * 4096])
def test_another_key_is_refused(county, key_folder: Path, tmp_path: Path, name: str, content: bytes) -> None:
    (key_folder / name).write_bytes(content)
    with pytest.raises(Problem) as raised:
        import_files(county.operator(), tmp_path)
    assert number_of(raised) == "BF-1032"
    assert name in raised.value.cause.en
    assert (key_folder / name).read_bytes() == content


def test_a_new_database_takes_the_keys_that_are_there_or_makes_them(county, key_folder: Path) -> None:
    before = {p.name: p.read_bytes() for p in key_folder.iterdir()}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM secret_key")
    with pytest.raises(Problem) as raised:
        secrecy.require_keys()
    assert number_of(raised) == "BF-1033"
    secrecy.settle_keys()
    assert {p.name: p.read_bytes() for p in key_folder.iterdir()} == before
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM secret_key")
    for place in key_folder.iterdir():
        place.unlink()
    secrecy.settle_keys()
    made = {p.name: p.read_bytes() for p in key_folder.iterdir()}
    assert made.keys() == {"hash.key", "fields.1.key"}
    assert all(made[n] != before[n] and len(made[n]) == 32 for n in made)
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in key_folder.iterdir())


def test_the_web_role_reads_fingerprints_and_writes_none(county) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('bangfu_web', 'secret_key', 'SELECT'), has_table_privilege('bangfu_web', 'secret_key', 'INSERT, UPDATE, DELETE')"
        )
        assert cursor.fetchone() == (True, False)


def numbers_in(table: str, column: str) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT get_byte({column}, 1), count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1")
        return dict(cursor.fetchall())


def everything(table: str) -> list[tuple[object, ...]]:
    """A table without its ciphertext."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(t) - ARRAY['identity', 'phone', 'disability_certificate', 'account'] FROM {table} t ORDER BY id"
        )
        return cursor.fetchall()


def test_a_change_of_keys_reseals_all_and_changes_nothing_else(own_database: str, key_folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, identity FROM register_person WHERE identity IS NOT NULL ORDER BY id LIMIT 200")
        clear = {key: decrypt(value, "person.identity") for key, value in cursor.fetchall()}
        some = list(clear)[:20]
        with acting(system("156", "test")):  # leaves ciphertext in the history
            cursor.execute("UPDATE register_person SET phone = phone WHERE id = ANY(%s)", [some])
        cursor.execute("SELECT count(*) FROM register_person_history WHERE identity IS NOT NULL")
        assert cursor.fetchone()[0] >= len(some)
    before = everything("register_person"), everything("register_household"), everything("register_person_history")
    done = rotate()
    assert done.number == 2
    assert (key_folder / "fields.2.key").stat().st_mode & 0o777 == 0o600
    for table in ("register_person", "register_person_history"):
        assert numbers_in(table, "identity").keys() == {2}
    assert numbers_in("register_household", "phone").keys() <= {2}
    assert (everything("register_person"), everything("register_household"), everything("register_person_history")) == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, identity FROM register_person WHERE id = ANY(%s)", [list(clear)])
        assert {key: decrypt(value, "person.identity") for key, value in cursor.fetchall()} == clear
        cursor.execute("SELECT name FROM secret_key WHERE retired IS NOT NULL")
        assert cursor.fetchall() == [("fields.1",)]
    assert encrypt_many(["110"], "test")[0][1] == 2  # type: ignore[index]


def test_a_change_that_was_cut_off_is_gone_on_with(own_database: str, key_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bangfu.foundation import resealing

    calls = iter(range(100))

    def cut_off(column: object, number: int, progress: object) -> int:
        if next(calls):
            raise KeyboardInterrupt
        return whole(column, number, progress)

    whole = resealing._reseal
    monkeypatch.setattr(resealing, "BATCH", 50)
    with monkeypatch.context() as patched:
        patched.setattr(resealing, "_reseal", cut_off)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    assert numbers_in("register_person", "identity").keys() == {1}
    assert rotate(resume=True).number == 2
    assert numbers_in("register_person", "identity").keys() == {2}
    assert rotate(resume=True).values == 0


def test_a_key_file_that_was_never_entered_is_not_used(county, key_folder: Path) -> None:
    (key_folder / "fields.7.key").write_bytes(bytes(32))
    assert encrypt_many(["110"], "test")[0][1] == 1  # type: ignore[index]


def test_the_web_role_cannot_claim_to_reseal(own_database: str) -> None:
    import psycopg

    from bangfu.foundation.postgres import dsn

    with psycopg.connect(**(dsn.libpq("web") | {"dbname": own_database})) as web:
        assert web.execute("SELECT set_config('bangfu.resealing', 'on', true), bangfu_resealing()").fetchone() == ("on", False)
        assert web.execute("SELECT bangfu_resealing()").fetchone() == (False,)
