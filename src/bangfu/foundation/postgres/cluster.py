"""Making a cluster and keeping its roles' passwords, without a server that anybody could reach."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bangfu.foundation.postgres.config import access, configuration, machine_memory
from bangfu.foundation.postgres.places import DATABASE, ROLES, Places, Secrets, private_folder
from bangfu.foundation.postgres.problems import ACCOUNT_BLOCKED, FOLDER_COPIED, INITDB_FAILED, START_FAILED, VERSION_MISMATCH
from bangfu.foundation.postgres.programs import Programs

# Sorting and case come from PostgreSQL's own C.UTF-8. pg_trgm alone still asks the system what a letter is, and under
# plain C no Chinese character is one: systems name the locale that knows it differently.
CHARACTER_TYPES = ("C.UTF-8", "en_US.UTF-8", "C")


def make_folders(places: Places, programs: Programs) -> None:
    """Make the folders of the cluster and the socket.

    Raises BF-1025 where the home is a copy that points to another home's cluster, BF-1019 for a stranger's socket folder.
    """
    places.base.mkdir(parents=True, exist_ok=True, mode=0o755 if places.as_root else 0o700)
    if places.as_root:
        _belongs_here(places)
    uid, gid = (programs.account.uid, programs.account.gid) if programs.account else (os.geteuid(), os.getegid())
    if places.socket is not None:
        private_folder(places.socket, uid, gid)


def _belongs_here(places: Places) -> None:
    """Hold the rule that one cluster has one home: a moved home takes it along, a copy may not share it."""
    note = places.base / "home"
    here = str(places.home.root)
    written = note.read_text(encoding="utf-8").strip() if note.exists() else here
    if written != here:
        pointer = Path(written) / "pg.location"
        if pointer.exists() and str(places.base) in pointer.read_text(encoding="utf-8"):
            raise FOLDER_COPIED(home=here, other=written, folder=places.base)
    note.write_text(here + "\n", encoding="utf-8")


def make_cluster(places: Places, programs: Programs, secrets: Secrets) -> None:
    """Make the cluster with its roles and its database, at one stroke: it is made aside and renamed when complete.

    Raises BF-1020 where that fails; what is left unfinished is cleared at the next try.
    """
    new = places.base / "data.new"
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    if programs.account is not None:
        os.chown(new, programs.account.uid, programs.account.gid)
    # Every way in is refused at first: passwords are set in single-user mode and the access file is ours, so that no
    # password passes through a command line or a file.
    for ctype in CHARACTER_TYPES:
        made = programs.run(
            "initdb",
            f"--pgdata={new}",
            f"--username={ROLES['admin']}",
            "--auth=reject",
            "--encoding=UTF8",
            "--locale=C",
            f"--lc-ctype={ctype}",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            folder=new,
        )
        if "invalid locale name" not in made.stderr:
            break
    if made.returncode != 0:
        raise INITDB_FAILED(folder=places.base, detail=(made.stdout + made.stderr).strip()[-2000:])
    sample = (new / "postgresql.conf").read_text(encoding="utf-8")
    _write(programs, new / "postgresql.conf", sample + "\ninclude 'bangfu.conf'\ninclude_if_exists 'local.conf'\n")
    write_configuration(places, programs, new)
    _single(places, programs, new, [*_role_statements(), *_password_statements(secrets)])
    _remember(programs, new, secrets)
    new.rename(places.data)
    _sync(places.base)


def write_configuration(places: Places, programs: Programs, data: Path) -> None:
    """Write `bangfu.conf` and `pg_hba.conf` for the machine and the places as they are now."""
    _write(programs, data / "bangfu.conf", configuration(places, machine_memory()))
    _write(programs, data / "pg_hba.conf", access(places))


def check_version(places: Places, programs: Programs) -> None:
    """Raise BF-1012 where the cluster was made by another major version than the programs'."""
    made_by = (places.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    major, minor = programs.version
    if made_by != str(major):
        raise VERSION_MISMATCH(folder=places.data, cluster=made_by, programs=f"{major}.{minor}")


def keep_passwords(places: Places, programs: Programs, secrets: Secrets) -> None:
    """Set the roles' passwords where the home's are others than those the cluster was given. Only without a server."""
    note = places.data / "bangfu.passwords"
    if note.exists() and note.read_text(encoding="utf-8").strip() == secrets.fingerprint():
        return
    _single(places, programs, places.data, _password_statements(secrets))
    _remember(programs, places.data, secrets)


def _role_statements() -> list[str]:
    owner, web = ROLES["owner"], ROLES["web"]
    return [
        # CREATEDB: tests and benches clone databases.
        f"CREATE ROLE {owner} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
        f"CREATE ROLE {web} LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS",
        f"GRANT {web} TO {owner} WITH INHERIT FALSE, SET TRUE",
        f"CREATE DATABASE {DATABASE} OWNER {owner}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {web}",
    ]


def _password_statements(secrets: Secrets) -> list[str]:
    # Generated by token_urlsafe, or put into the file by an administrator: quotes are doubled all the same.
    return [f"ALTER ROLE {role} PASSWORD '{secrets.of(kind).replace(chr(39), chr(39) * 2)}'" for kind, role in ROLES.items()]


def _single(places: Places, programs: Programs, data: Path, statements: list[str]) -> None:
    """Run statements in PostgreSQL's single-user mode, which nobody can connect to; the first error ends it."""
    ended = programs.run(
        "postgres",
        "--single",
        "-D",
        str(data),
        "-c",
        "exit_on_error=on",
        "-c",
        "standard_conforming_strings=on",
        "postgres",
        entered="".join(statement + "\n" for statement in statements),
        folder=data,
    )
    said = (ended.stdout + ended.stderr).strip()
    if ended.returncode != 0 or "ERROR:" in said:
        raise START_FAILED(log=data, tail=said[-2000:])


def _remember(programs: Programs, data: Path, secrets: Secrets) -> None:
    _write(programs, data / "bangfu.passwords", secrets.fingerprint() + "\n")


def _write(programs: Programs, path: Path, content: str) -> None:
    """Replace a file of the cluster. Its folder is the account's, so root follows no link that it finds there."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(content)
        if programs.account is not None:
            os.fchown(fd, programs.account.uid, programs.account.gid)
    new.replace(path)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def check_reach(places: Places, programs: Programs) -> None:
    """Raise BF-1017 where the account cannot enter the folder that its cluster is to lie in."""
    if programs.account is None:
        return
    tried = programs.run("postgres", "--version", folder=places.base)
    if tried.returncode != 0:
        raise ACCOUNT_BLOCKED(account=programs.account.name, folder=places.base, detail=tried.stderr.strip()[-300:])
