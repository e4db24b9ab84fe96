"""Addresses, Django's settings and its backend, on the embedded and on another server."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable

import psycopg
import pytest

from bangfu.foundation.home import Home
from bangfu.foundation.postgres import Server, connect, connection_settings, libpq, processes, uri
from bangfu.foundation.postgres.dsn import role_name
from bangfu.foundation.postgres.places import prepare
from bangfu.foundation.postgres.programs import programs
from bangfu.foundation.postgres.roles import statements
from bangfu.foundation.problems import Problem

HEAD = """
import os, sys, signal, time
import django
from django.conf import settings
from bangfu.foundation.home import home
from bangfu.foundation.postgres import connection_settings, Server, processes
"""


def _django(home: Home, body: str, options: str = "", **environment: str) -> str:
    """Run a script with Django on the home's server in a process of its own; its standard error must stay empty."""
    code = (
        HEAD
        + f"settings.configure(DATABASES={{'default': connection_settings('owner', {options}), 'web': connection_settings('web')}})\n"
        + "django.setup()\nfrom django.db import connection, connections\n"
        + textwrap.dedent(body)
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "BANGFU_HOME": str(home.root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in done.stderr.splitlines() if not line.startswith(("首次启动", "等待"))]
    assert (done.returncode, errors) == (0, [])
    return done.stdout


def test_settings_need_no_server(home: Home) -> None:
    settings = connection_settings("owner", home, pool={"min_size": 1})
    assert settings["ENGINE"] == "bangfu.foundation.postgres.backend"
    assert (settings["NAME"], settings["USER"]) == ("bangfu", "bangfu_owner")
    assert settings["PASSWORD"] == prepare(home)[1].owner
    assert settings["OPTIONS"] == {
        "require_auth": "scram-sha-256",
        "sslmode": "disable",
        "gssencmode": "disable",
        "pool": {"min_size": 1},
    }
    assert settings["EMBEDDED"] == str(home.root)
    assert Server(home).status()["made"] is False
    with connect("owner", home) as connection:
        assert connection.info.host == settings["HOST"]
    with psycopg.connect(uri("web", home)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("bangfu_web",)
    assert (role_name("owner", home), role_name("web", home)) == ("bangfu_owner", "bangfu_web")


@pytest.mark.parametrize("options", ["", "pool=True", "pool={'min_size': 2, 'max_size': 4}"])
def test_django_attaches_at_its_first_query_and_leaves_at_its_end(shared_home: Home, options: str) -> None:
    said = _django(
        shared_home,
        """
        assert not Server(home()).status()["running"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            print(cursor.fetchone()[0])
        with connections["web"].cursor() as cursor:
            cursor.execute("SELECT current_user")
            print(cursor.fetchone()[0])
        print(Server(home()).status()["pid"])
        """,
        options,
    ).split()
    assert said[:2] == ["bangfu_owner", "bangfu_web"]
    assert processes.mark(int(said[2])) is None, "its exit stopped the server"


@pytest.mark.parametrize("options", ["", "pool={'min_size': 1, 'timeout': 20}"])
def test_django_starts_a_killed_server_anew(shared_home: Home, options: str) -> None:
    said = _django(
        shared_home,
        """
        import logging
        from django.db import OperationalError
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        def query():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_postmaster_start_time()::text")
                return cursor.fetchone()[0]
        first = query()
        pid = Server(home()).status()["pid"]
        os.kill(pid, signal.SIGKILL)
        while processes.mark(pid) is not None:
            time.sleep(0.01)
        seen = first
        for _ in range(20):
            connection.close()
            try:
                seen = query()
                break
            except OperationalError:
                pass
        print(seen != first)
        """,
        options,
    )
    assert said.strip() == "True"


def test_no_connection_of_a_dead_server_is_given_out_by_a_pool(shared_home: Home) -> None:
    """Several connections lie in the pool when the server is killed: nobody who comes later meets one of them."""
    said = _django(
        shared_home,
        """
        import logging
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        kept = [connection.pool.getconn() for _ in range(3)]
        for one in kept:
            connection.pool.putconn(one)
        connection.close()
        pid = Server(home()).status()["pid"]
        os.kill(pid, signal.SIGKILL)
        while processes.mark(pid) is not None:
            time.sleep(0.01)
        answered = 0
        for _ in range(8):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                answered += cursor.fetchone()[0]
            connection.close()
        print(answered)
        """,
        "pool={'min_size': 1, 'max_size': 4, 'timeout': 20}",
    )
    assert said.strip() == "8"


def test_django_pool_follows_a_changed_port(home: Home) -> None:
    said = _django(
        home,
        """
        import logging, socket
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        def port():
            with connection.cursor() as cursor:
                cursor.execute("SELECT inet_server_port()")
                return cursor.fetchone()[0]
        before = port()
        connection.close()
        Server(home()).stop()
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", before))
            taken.listen()
            after = port()
        print(before != after)
        """,
        "pool={'min_size': 1, 'timeout': 20}",
        BANGFU_PG_LOOPBACK="1",
    )
    assert said.strip() == "True"


def test_django_parameters_for_others_attach_too(shared_home: Home) -> None:
    """Job runners connect by themselves with Django's parameters: the server must live by then."""
    said = _django(
        shared_home,
        """
        import psycopg
        params = connection.get_connection_params()
        params.pop("cursor_factory"); params.pop("context")
        with psycopg.connect(**params) as own:
            print(own.execute("SELECT 1").fetchone()[0])
        """,
    )
    assert said.strip() == "1"


def test_django_makes_and_drops_a_test_database(shared_home: Home) -> None:
    said = _django(
        shared_home,
        """
        name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            print(cursor.fetchone()[0])
        connection.creation.destroy_test_db("bangfu", verbosity=0)
        """,
    )
    assert said.split() == ["test_bangfu"]


def test_django_shell_is_the_wheels(shared_home: Home) -> None:
    said = _django(
        shared_home,
        """
        connection.client.runshell(["-At", "-c", "SELECT current_user"])
        """,
        PATH="/usr/bin:/bin",
    )
    assert said.strip() == "bangfu_owner"


@pytest.fixture
def administered(home: Home) -> Callable[[str, str], str]:
    """The home's server as if it were somebody else's: roles made by the printed statements, reached by URL."""
    server = Server(home, progress=None)
    endpoint = server.attach()
    places, secrets = prepare(home)
    psql = programs(places, None).folder / "psql"
    done = subprocess.run(
        [str(psql), "-X", "-v", "ON_ERROR_STOP=1", "-v", "owner_password=o'ne", "-v", "web_password=two", "-d", "postgres"],
        input=statements("other_owner", "other_web", "other"),
        env={
            **os.environ,
            "PGHOST": endpoint.host,
            "PGPORT": str(endpoint.port),
            "PGUSER": "postgres",
            "PGPASSWORD": secrets.admin,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return lambda user, password: f"postgresql://{user}:{password}@/other?host={endpoint.host}&port={endpoint.port}"


def test_another_server_by_url(home: Home, administered: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", administered("other_owner", "o%27ne"))
    with pytest.raises(Problem) as missing:
        libpq("web")
    assert missing.value.number == "BF-1022"
    monkeypatch.setenv("DATABASE_WEB_URL", administered("other_web", "two"))
    unused = Home(home.root.with_name("unused"))
    with connect("owner", unused) as owner:
        assert owner.execute("SELECT current_user, current_database()").fetchone() == ("other_owner", "other")
        owner.execute("CREATE EXTENSION btree_gist")
        owner.execute("CREATE TABLE secret (id int)")
        owner.commit()
        owner.execute("SET ROLE other_web")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("SELECT * FROM secret")
    with connect("web", unused) as web:
        assert web.execute("SELECT current_user").fetchone() == ("other_web",)
    settings = connection_settings("web", unused)
    assert "EMBEDDED" not in settings
    assert (settings["USER"], settings["NAME"]) == ("other_web", "other")
    assert not unused.root.exists(), "no supervisor, no data folder"


def test_the_statements_fail_rather_than_set_a_placeholder(home: Home) -> None:
    endpoint = Server(home, progress=None).attach()
    places, secrets = prepare(home)
    done = subprocess.run(
        [str(programs(places, None).folder / "psql"), "-X", "-v", "ON_ERROR_STOP=1", "-d", "postgres"],
        input=statements("other_owner", "other_web", "other"),
        env={**os.environ, "PGHOST": endpoint.host, "PGPORT": "5432", "PGUSER": "postgres", "PGPASSWORD": secrets.admin},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    with psycopg.connect(**Server(home).libpq("admin")) as admin:
        assert admin.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'other%'").fetchone() == (0,)


@pytest.mark.parametrize("address", ["mysql://u:p@h/d", "postgresql://u:hush@h:5432", "postgresql://u:hush@h:54 32/d"])
def test_an_address_that_cannot_be_read_is_not_repeated(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(Problem) as refused:
        libpq("owner")
    assert refused.value.number == "BF-1021"
    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:hush@/d?host={tmp_path}")
    with pytest.raises(Problem) as refused:
        connect("owner")
    assert refused.value.number == "BF-1027"
    assert "hush" not in str(refused.value)
