"""Acting: row-level security over every table, on connections that have served others, and settings that come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg_pool import ConnectionPool
from tests.register.asking import ask, one

from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.acting import acting, current_actor
from bangfu.foundation.actor import Actor, system
from bangfu.foundation.county import County
from bangfu.foundation.postgres import dsn
from bangfu.register.models import Household, Person

pytestmark = pytest.mark.django_db

# Tables without row-level security, and why the pages may (or may not) read them before anybody has a scope.
MACHINERY = {
    "accounts_user": "a log-in happens outside every area",
    "accounts_assignment": "the scope itself comes from it",
    "accounts_login": "sessions are read before anybody has a scope",
    "accounts_failedlogin": "counted before anybody is anybody",
    "accounts_duty": "what somebody answers for limits what they see, so it is read before",
    "secret_key": "fingerprints: whatever encrypts holds its key against them",
    "django_session": "sessions belong to browsers",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations: the pages tell whether the database is as new as the program",
    "auth_group": "not granted and empty: roles are data of the product",
    "auth_group_permissions": "not granted and empty",
    "auth_permission": "not granted: names of permissions",
    "backup_backup": "not granted: notes of backups of the whole county",
    "county": "the one row that names the county, shown before a log-in",
    "fieldwork_reportcode": "not granted: the hash of a code that was sent, asked for by a function alone",
    "fieldwork_wrongkey": "not granted: wrong keys of signing links, counted by a function alone",
    "follower": "not granted: watermarks of the worker",
    "procrastinate_jobs": "a request puts a job into the queue; jobs carry no personal data",
    "procrastinate_events": "written by triggers on jobs",
    "procrastinate_periodic_defers": "written with jobs",
    "procrastinate_workers": "heartbeats of workers",
}
READ = frozenset({"household.read", "area.read", "figure.read", "screening.read"})


def tables() -> dict[str, bool]:
    """Every table of the database, and whether it is under row-level security."""
    found = ask(
        "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
    )
    return {r["relname"]: r["relrowsecurity"] for r in found}


def policies() -> dict[str, set[str]]:
    """The names of each table's policies: `scope` (by path), `county` (anybody with a scope), `note` and `version` (changes), `reader` (messages)."""
    found: dict[str, set[str]] = {}
    for r in ask("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'"):
        found.setdefault(r["tablename"], set()).add(r["policyname"])
    return found


def person(scope: str, *permissions: str) -> Actor:
    return Actor(7, "李四", "tester", scope, frozenset(permissions) or READ)


@pytest.fixture
def web(county: County) -> Iterator[ConnectionPool[psycopg.Connection[Any]]]:
    """One pooled connection of the pages' role to the worker's database: every use is of the same session."""
    target = dsn.libpq("web") | {"dbname": connection.settings_dict["NAME"]}
    with ConnectionPool(kwargs=target, min_size=1, max_size=1, open=True) as pool:
        yield pool


def scoped_counts(pool: ConnectionPool[psycopg.Connection[Any]], scope: str | None) -> tuple[int, dict[str, int]]:
    """The session's number, and how many rows each protected table shows it; `None` is a transaction that nobody gave a scope."""
    with pool.connection() as conn, conn.transaction():
        if scope is not None:
            conn.execute("SELECT set_config('bangfu.scope', %s, true), set_config('bangfu.duty', 'all', true)", [scope])
        found = {}
        for table, protected in tables().items():
            if protected:
                row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
                found[table] = row[0] if row else -1
        return conn.info.backend_pid, found


# --- what is protected


def test_every_table_is_under_row_level_security_or_machinery_with_a_reason() -> None:
    unprotected = {t for t, protected in tables().items() if not protected}
    assert unprotected == set(MACHINERY)
    assert all(MACHINERY.values())


def test_every_protected_table_has_a_policy_and_its_history_has_the_same() -> None:
    rules = {
        r["tablename"]: r["rule"]
        for r in ask(
            "SELECT tablename, string_agg(policyname || qual, ',' ORDER BY policyname) AS rule FROM pg_policies WHERE cmd IN ('ALL', 'SELECT') GROUP BY 1"
        )
    }
    for table, protected in tables().items():
        if protected:
            assert table in rules, table
        if table.endswith("_history"):
            assert rules[table] == rules[table.removesuffix("_history")], table


def test_the_pages_role_owns_nothing_and_passes_no_policy_by() -> None:
    (role,) = ask("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'bangfu_web'")
    assert not any(role.values())
    assert one("SELECT count(*) FROM pg_class WHERE relowner = 'bangfu_web'::regrole") == 0
    assert one("SELECT count(*) FROM pg_auth_members WHERE member = 'bangfu_web'::regrole") == 0


def test_what_machinery_is_not_granted_is_not_readable() -> None:
    for table, reason in MACHINERY.items():
        granted = one("SELECT has_table_privilege('bangfu_web', %s, 'SELECT')", table)
        assert granted != reason.startswith("not granted"), table


# What the pages may do to tables of the system, and why; a policy of the table says more.
WRITTEN = {("screening_parameterentry", "INSERT"): "what a person enters for a policy pack, in their own name"} | {
    (table, right): "norms and market days of one's own area, by policies of their own"
    for table in ("screening_norm", "areas_marketday")
    for right in ("INSERT", "UPDATE", "DELETE")
}


def test_history_and_marks_of_the_system_are_not_the_pages_to_write() -> None:
    for table in tables():
        if (
            table.endswith("_history")
            or table.startswith(("areas_", "screening_", "indicators_"))
            or table in ("county", "follower")
        ):
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                if (table, right) not in WRITTEN:
                    assert not one("SELECT has_table_privilege('bangfu_web', %s, %s)", table, right), (table, right)
        assert not one("SELECT has_table_privilege('bangfu_web', %s, 'TRUNCATE')", table), table


# --- reading


def test_a_reused_connection_shows_the_next_one_nothing_without_a_scope(
    web: ConnectionPool[psycopg.Connection[Any]], county: County
) -> None:
    session, seen = scoped_counts(web, county.path)
    assert seen["register_person"] > 5000
    assert seen["screening_verdict"] > 5000
    again, unscoped = scoped_counts(web, None)
    assert again == session
    with web.connection() as conn:
        # The trap itself: the setting is there, and empty, once somebody was served.
        assert conn.execute("SELECT current_setting('bangfu.scope', true)").fetchone() == ("",)
    assert unscoped == dict.fromkeys(unscoped, 0)
    assert scoped_counts(web, "") == (session, unscoped)


def test_a_new_connection_shows_nothing_without_a_scope(web: ConnectionPool[psycopg.Connection[Any]]) -> None:
    _, unscoped = scoped_counts(web, None)
    assert len(unscoped) > 40
    assert unscoped == dict.fromkeys(unscoped, 0)


def test_a_transaction_that_fails_leaves_no_scope_behind(web: ConnectionPool[psycopg.Connection[Any]], county: County) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), web.connection() as conn:
        conn.execute("SELECT set_config('bangfu.scope', %s, true), 1 / 0", [county.path])
    _, unscoped = scoped_counts(web, None)
    assert unscoped == dict.fromkeys(unscoped, 0)


@pytest.mark.parametrize("level", ["county", "township", "village", "group"])
def test_a_scope_shows_exactly_the_rows_below_its_path(
    web: ConnectionPool[psycopg.Connection[Any]], county: County, level: str
) -> None:
    found = Area.objects.under(county.path).level(level).filter(path__gte=county.path)
    path = one(
        "SELECT path FROM register_household WHERE sort = 'farming' AND starts_with(path, %s) ORDER BY path DESC LIMIT 1", county.path
    ) if level == "group" else found.order_by("-path")[0].path  # fmt: skip
    _, seen = scoped_counts(web, path)
    kinds, total = policies(), 0
    for table, count in seen.items():
        if kinds[table] == {"scope", "duty"}:
            assert count == one(f"SELECT count(*) FROM {table} WHERE starts_with(path, %s)", path), table
            total += count
        else:
            assert kinds[table] in (
                {"county"},
                {"county", "enters", "decides"},
                {"county", "put_in", "changed", "taken"},
                {"note", "version"},
                {"audit"},
                {"reader"},
                {"reader", "opened", "copied"},
                {"reader", "put_in", "changed"},
                {"reader", "put_in", "changed", "taken"},
            ), table
            if kinds[table] & {"audit", "reader"}:
                assert count == 0, "the audit and messages are told with the acting user, never by a scope alone"
                continue
            assert count == one(f"SELECT count(*) FROM {table}"), table
    assert total > 0


def test_siblings_with_longer_labels_stay_apart() -> None:
    """`cn/1/` is not `cn/10/`; nor is the country what merely begins with its letters."""
    paths = ["cn/", "cn/1/", "cn/1/2/", "cn/1/zzz/", "cn/10/", "cn/1-/", "cn/1~/", "cn/2/", "cnx/1/"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE siblings (id int, path text COLLATE \"C\"); SELECT bangfu_scope_by_path('siblings')")
        cursor.executemany("INSERT INTO siblings VALUES (1, %s)", [[p] for p in paths])
    for scope, expected in {
        "cn/1/": ["cn/1/", "cn/1/2/", "cn/1/zzz/"],
        "cn/10/": ["cn/10/"],
        "cn/": ["cn/", "cn/1-/", "cn/1/", "cn/1/2/", "cn/1/zzz/", "cn/10/", "cn/1~/", "cn/2/"],
        "": [],
    }.items():
        with acting(person(scope)):
            assert [r["path"] for r in ask("SELECT path FROM siblings ORDER BY path")] == expected, scope


def test_the_querysets_show_what_the_policies_show(county: County) -> None:
    village = Area.objects.get(name="凤凰村", parent__name="郑场镇")
    actor = person(village.path)
    expected = Household.objects.under(village.path).count()
    assert 0 < expected < Household.objects.count()
    assert Household.objects.visible_to(actor).count() == expected
    with acting(actor):
        assert Household.objects.count() == expected
    assert Household.objects.visible_to(person(village.path, "figure.read")).count() == 0
    assert Household.objects.visible_to(person("")).count() == 0


# --- writing


def test_nobody_writes_outside_the_scope(county: County) -> None:
    village = Area.objects.get(name="凤凰村", parent__name="郑场镇")
    inside, outside = Household.objects.under(village.path)[0], Household.objects.exclude(path__startswith=village.path)[0]
    with acting(person(village.path)):
        assert Household.objects.filter(pk=outside.pk).update(bank="x") == 0
        assert Person.objects.filter(path=outside.path).delete()[0] == 0
        assert Household.objects.filter(pk=inside.pk).update(bank="x") == 1
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Household.objects.filter(pk=inside.pk).update(path=outside.path)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Household.objects.create(
                sort="farming", number="X", area_id=outside.area_id, path=outside.path, evidence_id=inside.evidence_id
            )
        Household.objects.create(
            sort="farming", number="X", area_id=inside.area_id, path=inside.path, evidence_id=inside.evidence_id
        )
    assert Household.objects.get(pk=outside.pk).bank != "x"


def test_whoever_has_no_scope_notes_no_change(county: County) -> None:
    with acting(person("")), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        ask("INSERT INTO change (household, cause) VALUES (1, 'x') RETURNING 1")
    with acting(person(county.path)):
        ask("INSERT INTO change (household, cause) VALUES (1, 'x') RETURNING household")


# --- settings


def fail_after(written: int) -> None:
    """Fail once something was written."""
    assert written == 1
    raise ZeroDivisionError


def settings() -> dict[str, Any]:
    (found,) = ask(
        "SELECT coalesce(current_setting('bangfu.actor', true), '') AS actor, coalesce(current_setting('bangfu.scope', true), '') AS scope, "
        "coalesce(current_setting('bangfu.now', true), '') AS now, current_setting('role') AS role"
    )
    return found


def test_acting_tells_postgresql_who_where_when_and_takes_it_back(county: County) -> None:
    before, owner = settings(), one("SELECT current_user")
    moment = clock.moment(date(2020, 5, 1))
    with clock.standing_at(moment), acting(person(county.path)):
        assert settings() == {"actor": "7", "scope": county.path, "now": moment.isoformat(), "role": "bangfu_web"}
        assert one("SELECT bangfu_now()") == moment
        assert one("SELECT current_user") == "bangfu_web"
    assert settings() == before | {"actor": "", "scope": "", "now": ""}
    assert one("SELECT current_user") == owner


def test_nested_acting_gives_the_outer_one_its_settings_back(county: County) -> None:
    village = Area.objects.get(name="凤凰村", parent__name="郑场镇")
    outer, inner = person(village.path), system(county.path)
    everything, own = Household.objects.count(), Household.objects.under(village.path).count()
    with acting(outer):
        told = settings()
        with acting(inner):
            assert current_actor() is inner
            assert settings()["role"] == "none"
            assert Household.objects.count() == everything
            with acting(person("")):
                assert Household.objects.count() == 0
            assert Household.objects.count() == everything
        assert current_actor() is outer
        assert settings() == told
        assert Household.objects.count() == own
        with pytest.raises(ZeroDivisionError), acting(inner):
            raise ZeroDivisionError
        assert current_actor() is outer
        assert settings() == told
        assert Household.objects.count() == own
        with acting(outer):
            assert settings() == told
    assert current_actor() is None


def test_a_block_that_fails_undoes_what_it_wrote(county: County) -> None:
    household = Household.objects.farming()[0]
    with acting(person(county.path)):
        with pytest.raises(ZeroDivisionError), acting(system(county.path)):
            fail_after(Household.objects.filter(pk=household.pk).update(bank="undone"))
        assert Household.objects.get(pk=household.pk).bank == household.bank
