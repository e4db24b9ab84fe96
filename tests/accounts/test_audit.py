"""The audit: written by one function, never changed, in the order of commits, and what is tampered with is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests.committed import own_county, run_bangfu  # noqa: F401

from bangfu.accounts import acts, audit
from bangfu.accounts.actions import assign_role, create_user, set_active
from bangfu.accounts.models import Assignment, AuditEntry, User
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.home import home
from bangfu.foundation.postgres import dsn
from bangfu.foundation.problems import Problem

PASSWORD = "a-long-password-2020"


def noted(act: str) -> AuditEntry:
    return AuditEntry.objects.get(act=act)


def actor_of(county: County, role: str, path: str | None = None) -> Actor:
    user = create_user(county.operator(), f"by-{role}", "查阅者", PASSWORD)
    return assign_role(county.operator(), user, role, path or county.path).actor()


@pytest.mark.django_db
def test_an_entry_says_who_did_what_when_from_where_and_why(county: County) -> None:
    before = AuditEntry.objects.count()
    user = create_user(county.operator(), "deng", "邓", PASSWORD)
    assert AuditEntry.objects.count() == before + 1
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.subject, entry.actor, entry.role, entry.path) == (
        "user.create",
        "deng",
        "command line",
        "system",
        county.path,
    )
    assert "@" in entry.device
    assert entry.told_at.date().isoformat() == "2020-04-28"
    assert entry.at.year >= 2026  # the machine's time beside the county's
    administrator = create_user(county.operator(), "wang", "管理员", PASSWORD)
    assign_role(county.operator(), administrator, "system_administrator", county.path)
    client = Client(headers={"User-Agent": "an office computer"}, REMOTE_ADDR="10.0.0.7")
    client.force_login(administrator)
    client.post(f"/users/{user.username}/manage/", {"do": "close"})
    entry = noted("user.close")
    assert (entry.subject, entry.actor, entry.role, entry.user_id) == ("deng", "管理员", "system_administrator", administrator.pk)
    assert (entry.address, entry.device, entry.path) == ("10.0.0.7", "an office computer", county.path)
    assert entry.log_in == administrator.log_ins.get().pk


@pytest.mark.django_db
def test_an_act_that_is_rolled_back_was_not_done(county: County) -> None:
    user = create_user(county.operator(), "deng", "邓", PASSWORD)
    with transaction.atomic():
        set_active(county.operator(), user, active=False)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.filter(act="user.close").exists()


def test_an_act_is_noted_in_a_transaction_or_not_at_all(own_database: str) -> None:
    with pytest.raises(ValueError, match="transaction"):
        audit.note(Actor(None, "x", "", ""), acts.USER_CLOSE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'other'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_entry SET sequence = 1, act = 'x'",
    ],
)
def test_nobody_changes_it_not_even_the_owner(county: County, statement: str) -> None:
    create_user(county.operator(), "deng", "邓", PASSWORD)
    connection.check_constraints()  # as a commit does: the entry gets its place
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_entry DEFAULT VALUES",
        "UPDATE audit_entry SET reason = ''",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_role_of_the_pages_writes_it_through_its_function_only(county: County, statement: str) -> None:
    reader = actor_of(county, "auditor")
    with pytest.raises(DatabaseError, match="permission denied"), acting(reader), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_it_is_read_by_those_who_may_within_the_area_where_they_stand(county: County) -> None:
    township = Assignment.objects.get(role="township_station").path
    other = f"{county.path}zzz/"
    create = acts.USER_CLOSE
    with acting(county.operator()):
        for path in (township, other):
            audit.note(county.operator(), create, subject=path, path=path)
    everybody = {role: actor_of(county, role) for role in ("auditor", "security_officer", "analyst", "system_administrator")}
    here = Actor(1, "x", "supervisor", township, frozenset({"audit.read"}), stands=township)
    seen = {}
    for name, actor in (everybody | {"here": here}).items():
        with acting(actor), connection.cursor() as cursor:
            cursor.execute("SELECT subject FROM audit_entry WHERE act = 'user.close'")
            seen[name] = {row[0] for row in cursor.fetchall()}
            assert seen[name] == set(
                AuditEntry.objects.visible_to(actor).filter(act="user.close").values_list("subject", flat=True)
            )
    assert seen == {
        "auditor": {township, other},
        "security_officer": {township, other},
        "analyst": set(),
        "system_administrator": set(),
        "here": {township},
    }


# --- what commits


@pytest.fixture
def kept(own_county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> County:  # noqa: F811
    """A county of its own with keys and anchors of its own, and a few entries."""
    keys = tmp_path / "keys"
    keys.mkdir()
    for place in home().keys.glob("*.key"):
        (keys / place.name).write_bytes(place.read_bytes())
    (keys / "audit.anchors").unlink(missing_ok=True)
    monkeypatch.setenv("BANGFU_KEYS", str(keys))
    for n in range(5):
        create_user(own_county.operator(), f"user{n}", "用户", PASSWORD)
    return own_county


def last() -> int:
    return AuditEntry.objects.exclude(sequence=None).order_by("-sequence").values_list("sequence", flat=True)[0] or 0


def tamper(*statements: str) -> None:
    """What somebody with the rights of the database's owner can do: the triggers off, then whatever they like."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


def rewrite_chain() -> str:
    """Every link made anew from the first on: it needs no key."""
    return """
    DO $$ DECLARE one record; before bytea := ''; n bigint := 0; BEGIN
      UPDATE audit_entry SET sequence = -sequence;
      FOR one IN SELECT * FROM audit_entry ORDER BY sequence DESC LOOP
        n := n + 1;
        before := sha256(before || int8send(n) || one.seal);
        UPDATE audit_entry SET sequence = n, link = before WHERE id = one.id;
      END LOOP;
    END $$"""


@pytest.mark.full
def test_a_whole_audit_is_proven_by_the_command(kept: County) -> None:
    done = run_bangfu("audit", "verify", "--json")
    assert done.returncode == 0, done.stderr
    proof = json.loads(done.stdout)
    assert proof["whole"]
    assert proof["entries"] == last() == AuditEntry.objects.count()
    assert proof["anchors"] >= 1
    listed = json.loads(run_bangfu("audit", "list", "--json", "--act", "user.create", "--limit", "2").stdout)
    assert [e["subject"] for e in listed] == ["user4", "user3"]
    assert "user4" in run_bangfu("audit", "list").stdout
    unknown = run_bangfu("audit", "list", "--act", "user.creat")
    assert unknown.returncode == 1
    assert "BF-1337" in unknown.stderr


def swap(a: int, b: int) -> list[str]:
    return [
        f"UPDATE audit_entry SET sequence = -1 WHERE sequence = {a}", f"UPDATE audit_entry SET sequence = {a} WHERE sequence = {b}",
        f"UPDATE audit_entry SET sequence = {b} WHERE sequence = -1",
    ]  # fmt: skip


CASES: dict[str, tuple[Callable[[int], list[str]], str, Callable[[int], str]]] = {
    "removed": (lambda n: [f"DELETE FROM audit_entry WHERE sequence = {n - 2}"], "BF-1330", lambda n: f"{n - 2}"),
    "removed, the rest moved up": (
        lambda n: [f"DELETE FROM audit_entry WHERE sequence = {n - 2}", f"UPDATE audit_entry SET sequence = sequence - 1 WHERE sequence > {n - 2}"],
        "BF-1332",
        lambda n: f"{n - 2}",
    ),
    "removed and rewritten": (lambda n: [f"DELETE FROM audit_entry WHERE sequence = {n - 2}", rewrite_chain()], "BF-1334", lambda n: f"{n}"),
    "first removed, rewritten": (lambda n: ["DELETE FROM audit_entry WHERE sequence = 1", rewrite_chain()], "BF-1334", lambda n: f"{n}"),
    "changed": (lambda n: [f"UPDATE audit_entry SET subject = 'nobody' WHERE sequence = {n - 1}"], "BF-1331", lambda n: f"{n - 1}"),
    "another time": (lambda n: [f"UPDATE audit_entry SET at = at - interval '1 day' WHERE sequence = {n}"], "BF-1331", lambda n: f"{n}"),
    "other particulars": (lambda n: [f"""UPDATE audit_entry SET detail = '{{"a": 1}}' WHERE sequence = {n}"""], "BF-1331", lambda n: f"{n}"),
    "moved": (lambda n: swap(n - 3, n - 1), "BF-1332", lambda n: f"{n - 3}"),
    "moved and rewritten": (lambda n: [*swap(n - 3, n - 1), rewrite_chain()], "BF-1333", lambda n: f"{n}"),
    "cut off": (lambda n: [f"DELETE FROM audit_entry WHERE sequence > {n - 2}"], "BF-1334", lambda n: f"{n - 1}"),
    "emptied": (lambda n: ["DELETE FROM audit_entry"], "BF-1334", lambda n: "1"),
    "without a place": (lambda n: [f"UPDATE audit_entry SET sequence = NULL, link = NULL WHERE sequence = {n}"], "BF-1334", lambda n: f"{n}"),
    "copied": (
        lambda n: [
            "INSERT INTO audit_entry (at, told_at, user_id, actor, role, act, path, subject, reason, detail, address, device, seal, sequence, link) "
            "SELECT at, told_at, user_id, actor, role, act, path, subject, reason, detail, address, device, sha256(seal), "
            f"sequence + 1, sha256(link || int8send(sequence + 1) || sha256(seal)) FROM audit_entry WHERE sequence = {n}"
        ],
        "BF-1331",
        lambda n: f"{n + 1}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_was_tampered_with_is_named(kept: County, case: str) -> None:
    statements, problem, place = CASES[case]
    n = last()
    assert audit.verify().entries == n
    tamper(*statements(n))
    with pytest.raises(Problem, match=problem) as found:
        audit.verify()
    assert place(n) in str(found.value)


def test_a_tampered_audit_fails_the_command(kept: County) -> None:
    tamper(f"UPDATE audit_entry SET reason = 'x' WHERE sequence = {last()}")
    done = run_bangfu("audit", "verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["problem"]["number"] == "BF-1331"
    assert "BF-1331" in done.stderr


def test_an_entry_written_past_the_program_is_found(kept: County) -> None:
    """A hole in a page that runs SQL can call the function, but has no key."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE bangfu_web")
        cursor.execute("SELECT audit_note(now(), now(), 1, 'x', '', 'user.close', '', '', '', '{}', '', '', NULL, sha256('x'))")
    with pytest.raises(Problem, match="BF-1331"):
        audit.verify()


def test_the_last_anchor_is_always_kept_and_one_of_every_hundred(kept: County) -> None:
    audit.anchors_file().unlink()
    n = last()
    for sequence in range(n + 1, n + 251):
        with acting(kept.operator()):
            audit.note(kept.operator(), acts.USER_CLOSE, subject=str(sequence))
    kept_ones = sorted(audit.anchors())
    assert kept_ones[-1] == last() == n + 250
    assert len(kept_ones) in (3, 4)
    assert audit.anchors_file().stat().st_size == audit.WIDTH * len(kept_ones)
    with audit.anchors_file().open("a") as file:
        file.write("0000000")  # the machine fell as it wrote
    assert sorted(audit.anchors()) == kept_ones
    create_user(kept.operator(), "after", "之后", PASSWORD)
    assert max(audit.anchors()) == last()
    assert audit.verify().entries == last()


def test_after_a_restore_the_audit_goes_on_and_tells_what_it_lacks(kept: County) -> None:
    """A restored audit ends before its anchors do: those are put aside, and that is an entry itself."""
    end = last()
    before = audit.anchors_file().read_text()
    tamper(f"DELETE FROM audit_entry WHERE sequence > {end - 3}")
    with pytest.raises(Problem, match="BF-1334"):
        audit.verify()
    with transaction.atomic():
        audit.go_on_after_restore(kept.operator())
    proof = audit.verify()
    assert proof.entries == end - 2
    told = AuditEntry.objects.get(sequence=end - 2)
    assert (told.act, told.detail) == ("audit.resume", {"lacking_from": end - 2, "lacking_to": end})
    (aside,) = audit.anchors_file().parent.glob("audit.anchors.until-*")
    assert aside.read_text() == before
    with transaction.atomic():
        audit.go_on_after_restore(kept.operator())
    assert last() == end - 2, "nothing is lacking any more"


def test_anchors_that_were_changed_are_refused(kept: County) -> None:
    lines = audit.anchors_file().read_text().splitlines()
    other = lines[-1][:21] + "0" * 64 + lines[-1][85:]
    audit.anchors_file().write_text("\n".join([*lines[:-1], other]) + "\n")
    with pytest.raises(Problem, match="BF-1336"):
        audit.verify()


def test_many_at_once_get_places_without_gaps_and_hold_nobody_up(kept: County) -> None:
    """Twenty transactions that are open at the same time, and one that stays open: the others do not wait for it."""
    n, ready = last(), threading.Barrier(21)
    slow = psycopg.connect(**dsn.libpq("owner") | {"dbname": connection.settings_dict["NAME"]})
    sealed = "SELECT audit_note(now(), now(), NULL, 'slow', '', 'user.close', '', '', '', '{}', '', '', NULL, sha256('slow'))"
    slow.execute(sealed)

    def work(k: int) -> None:
        try:
            ready.wait(30)
            with acting(kept.operator()):
                audit.note(kept.operator(), acts.USER_CLOSE, subject=str(k))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(k,)) for k in range(20)]
    for worker in workers:
        worker.start()
    ready.wait(30)
    for worker in workers:
        worker.join(60)
    assert not any(w.is_alive() for w in workers)
    slow.rollback()
    slow.close()
    assert last() == n + 20
    assert audit.verify().entries == n + 20
    assert User.objects.filter(username="user0").exists()
