"""What the doctor finds, and that it finds what is wrong."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from bangfu.foundation.home import Home
from bangfu.foundation.postgres import Server, connect, uri
from bangfu.foundation.postgres.doctor import Check, checks, log_tail, require_weak
from bangfu.foundation.postgres.places import prepare
from bangfu.foundation.problems import Problem

ALL = ["programs", "socket", "disk", "cluster", "owner", "web", "durable", "extensions", "clock", "web-role"]


def _by_key(home: Home) -> dict[str, Check]:
    return {check.key: check for check in checks(home)}


def _admin(home: Home) -> psycopg.Connection[Any]:
    Server(home, progress=None).attach()
    return psycopg.connect(**{**Server(home).libpq("admin"), "dbname": "bangfu"}, autocommit=True)


def test_a_sound_store(shared_home: Home) -> None:
    found = checks(shared_home)
    assert [check.key for check in found] == ALL
    assert [check.key for check in found if not check.ok] == []
    assert all(check.says.zh and check.says.en for check in found)
    assert json.loads(json.dumps([check.as_json() for check in found]))[0]["ok"] is True
    assert any("ready to accept connections" in line for line in log_tail(shared_home))


def test_durability_switched_off(home: Home) -> None:
    server = Server(home, progress=None)
    server.attach()
    server.detach()
    local = server.places.data / "local.conf"
    local.write_text("fsync = off\n", encoding="ascii")
    local.chmod(0o644)
    found = _by_key(home)["durable"]
    assert not found.ok
    assert "fsync" in found.says.en
    assert found.remedy.zh


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER ROLE bangfu_web SUPERUSER", "SUPERUSER"),
        ("ALTER ROLE bangfu_web BYPASSRLS", "BYPASSRLS"),
        ("ALTER ROLE bangfu_web CREATEROLE", "CREATEROLE"),
        ("ALTER DATABASE bangfu OWNER TO bangfu_web", "OWNER (DATABASE)"),
        ("CREATE TABLE household (id int); ALTER TABLE household OWNER TO bangfu_web", "OWNER (household)"),
        ("REVOKE bangfu_web FROM bangfu_owner; GRANT bangfu_owner TO bangfu_web", "OWNER (DATABASE)"),
        ("CREATE ROLE strong BYPASSRLS; GRANT strong TO bangfu_web", "SET ROLE"),
    ],
)
def test_a_web_role_that_row_level_security_would_not_hold(shared_home: Home, statement: str, named: str) -> None:
    with connect("web", shared_home) as web:
        require_weak(web)
    with _admin(shared_home) as admin:
        admin.execute("BEGIN")
        for one in statement.split("; "):
            admin.execute(one.encode())
        admin.execute("SET LOCAL SESSION AUTHORIZATION bangfu_web")
        with pytest.raises(Problem) as refused:
            require_weak(admin)
        admin.execute("ROLLBACK")
    assert refused.value.number == "BF-1024"
    assert named in refused.value.cause.en


def test_passwords_that_do_not_fit(home: Home) -> None:
    server = Server(home, progress=None)
    server.attach()
    with _admin(home) as admin:
        admin.execute("ALTER ROLE bangfu_web PASSWORD 'other'")
    found = _by_key(home)
    assert found["owner"].ok
    assert not found["web"].ok
    assert "BF-1027" in found["web"].says.en
    assert "web-role" not in found


def test_another_servers_points(shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    Server(shared_home, progress=None).attach()
    owner = uri("owner", shared_home)
    monkeypatch.setenv("DATABASE_URL", owner)
    monkeypatch.setenv("DATABASE_WEB_URL", owner)
    unused = Home(shared_home.root.with_name("unused"))
    found = _by_key(unused)
    assert list(found) == ["owner", "web", "durable", "extensions", "clock", "web-role"]
    assert [key for key, check in found.items() if not check.ok] == ["web-role"]
    assert prepare(shared_home)[1].owner not in json.dumps([check.as_json() for check in found.values()])
    assert not unused.root.exists()


@pytest.mark.parametrize("content", ["", "{", "null", "[1]", '{"owner": "x"}', '{"owner": 1, "web": 2, "admin": 3}', "\udc80"])
def test_damaged_passwords_are_made_anew(home: Home, content: str) -> None:
    """The next start of the server sets them."""
    prepare(home)
    (home.root / "pg.secrets").write_text(content, "utf-8", errors="surrogateescape")
    assert _by_key(home)["owner"].ok
    assert len(prepare(home)[1].owner) > 20


@pytest.mark.parametrize("content", ["", "{", "null", '{"folder": null}', '{"folder": null, "socket": 5, "port": 1}'])
def test_a_damaged_file_of_places_is_not_guessed(home: Home, content: str) -> None:
    """Another choice could be another cluster."""
    prepare(home)
    place = home.root / "pg.location"
    whole = place.read_text("utf-8")
    place.write_text(content, "utf-8")
    with pytest.raises(Problem, match="BF-1010"):
        prepare(home)
    assert place.read_text("utf-8") == content
    assert "BF-1010" in _by_key(home)["owner"].says.en
    place.write_text(whole, "utf-8")
    assert prepare(home)


def test_a_folder_in_the_place_of_a_file_is_told(home: Home) -> None:
    prepare(home)
    (home.root / "pg.secrets").unlink()
    (home.root / "pg.secrets").mkdir()
    found = _by_key(home)
    assert "BF-1005" in found["owner"].says.en
    assert "pg.secrets" in found["owner"].says.en
    (home.root / "pg.secrets").rmdir()
