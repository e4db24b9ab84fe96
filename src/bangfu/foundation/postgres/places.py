"""Where the data folder's server keeps its cluster, its socket and its passwords.

Two files in the home, both 0600 and made at the first call: `pg.location` (where the cluster and the socket are) and
`pg.secrets` (the passwords). They are not in the cluster, whose files the server's user reads, and not among the
home's keys, because they protect no data at rest: lose them and the next start sets new ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import shutil
import socket
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bangfu.foundation.home import Home
from bangfu.foundation.postgres.locks import Waiting, held
from bangfu.foundation.postgres.problems import LOCATION_DAMAGED, OTHER_USER, SOCKET_FOLDER_UNSAFE
from bangfu.foundation.problems import Problem

Kind = Literal["owner", "web", "admin"]

DATABASE = "bangfu"
ROLES: dict[Kind, str] = {"owner": "bangfu_owner", "web": "bangfu_web", "admin": "postgres"}
SOCKET_PORT = 5432

# The system's limit of a socket's path, less the closing NUL.
SOCKET_LIMIT = 103 if sys.platform == "darwin" else 107


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one home's server. `socket` is None where only loopback works."""

    home: Home
    base: Path
    socket: Path | None
    port: int
    as_root: bool

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.home.logs / "postgres.log"

    @property
    def secrets_file(self) -> Path:
        return self.home.root / "pg.secrets"

    @property
    def host(self) -> str:
        """What libpq takes as `host`: the socket's folder or the loopback address."""
        return str(self.socket) if self.socket is not None else "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The passwords of the three roles."""

    owner: str
    web: str
    admin: str

    def of(self, kind: Kind) -> str:
        """The password of one role."""
        return {"owner": self.owner, "web": self.web, "admin": self.admin}[kind]

    def fingerprint(self) -> str:
        """A digest by which a cluster remembers which passwords it was given."""
        return hashlib.sha256("\n".join((self.owner, self.web, self.admin)).encode()).hexdigest()


def user_name(uid: int) -> str:
    """The name of a user, or the number where the system has no name for it (containers)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _other_user(made: Path) -> Problem:
    return OTHER_USER(folder=made.parent, owner=user_name(made.stat().st_uid), user=user_name(os.geteuid()))


def digest(home: Home) -> str:
    """A short name for a home, the same as long as it stays where it is."""
    return hashlib.sha256(os.fsencode(home.root)).hexdigest()[:16]


def system_root() -> Path:
    """Where clusters lie that root's commands started (`$BANGFU_PG_ROOT`, else `/var/lib/bangfu`)."""
    return Path(os.environ.get("BANGFU_PG_ROOT") or "/var/lib/bangfu").resolve()


def prepare(home: Home) -> tuple[Places, Secrets]:
    """The places and passwords of a home, made at the first call; starts nothing.

    Raises BF-1016 where root meets an ordinary user's cluster or the other way round, BF-1019 for a socket folder that
    is not ours, BF-1010 where the file of places is damaged.
    """
    found = _load(home)
    if found is not None:
        return found
    home.make()
    with held(home.locks / "prepare.lock", Waiting(None)):
        found = _load(home)
        if found is not None:
            return found
        if _passwords(home) is None:
            made = {kind: secrets.token_urlsafe(32) for kind in ("owner", "web", "admin")}
            write_private(home.root / "pg.secrets", json.dumps(made))
        _choose(home)
        found = _load(home)
        assert found is not None  # both files were just written, under the lock
        return found


def _load(home: Home) -> tuple[Places, Secrets] | None:
    location = _location(home)
    passwords = _passwords(home)
    if location is None or passwords is None:
        return None
    as_root = os.geteuid() == 0
    own = home.root / "pg"
    base = Path(location["folder"]) if location["folder"] else own
    if as_root != bool(location["folder"]):
        raise _other_user(home.root / "pg.location")
    if location["socket"] == "own":
        folder: Path | None = base / "run"
        if not fits(base / "run"):  # the home moved to a longer path
            return None
    elif location["socket"] is None:
        folder = None
    else:
        folder = Path(location["socket"])
        if digest(home) not in folder.name:  # the home moved or was copied: two homes must not share a socket
            return None
    places = Places(home, base, folder, int(location["port"]), as_root)
    return places, Secrets(passwords["owner"], passwords["web"], passwords["admin"])


def _choose(home: Home) -> None:
    before = _location(home) or {}
    as_root = os.geteuid() == 0
    own = home.root / "pg"
    if as_root and not before and (own / "data" / "PG_VERSION").exists():
        raise _other_user(own)
    folder = before.get("folder") or (str(system_root() / digest(home)) if as_root else None)
    base = Path(folder) if folder else own
    chosen: str | None = None
    if not os.environ.get("BANGFU_PG_LOOPBACK"):
        # Root's base folder is of our own choosing and on a local disk; an ordinary home may lie anywhere.
        if fits(base / "run") and (as_root or sockets_work(own)):
            chosen = "own"
        else:
            chosen = next((str(path) for path in _short_folders(home) if fits(path) and sockets_work(path.parent)), None)
    port = SOCKET_PORT if chosen else int(before.get("port") or 0)
    if not chosen and port in (0, SOCKET_PORT):
        port = free_port()
    write_private(home.root / "pg.location", json.dumps({"folder": folder, "socket": chosen, "port": port}))


def _short_folders(home: Home) -> list[Path]:
    name = f"bangfu-{os.geteuid()}-{digest(home)}"
    # Not $XDG_RUNTIME_DIR: it goes when its user logs out, and takes the socket of a running server with it.
    # Other users may write there too: the folder is made 0700 and its owner is checked at every start.
    return [Path(tempfile.gettempdir()) / name, Path("/tmp") / name]


def fits(folder: Path) -> bool:
    """Whether a socket in the folder keeps within the system's limit of a socket path."""
    return len(os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}")) <= SOCKET_LIMIT


def sockets_work(folder: Path) -> bool:
    """Whether the folder's file system has sockets (some network and shared ones have none)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    probe = Path(tempfile.mkdtemp(prefix=".s", dir=folder))
    try:
        with socket.socket(socket.AF_UNIX) as trial:
            trial.bind(str(probe / "s"))
    except OSError:
        return False
    finally:
        shutil.rmtree(probe)
    return True


def free_port() -> int:
    """A loopback port that nobody has at this moment."""
    # Below the range that systems give to outgoing connections, so that none of those takes it while the server rests.
    for _ in range(100):
        port = 20_000 + secrets.randbelow(12_000)
        if port_is_free(port):
            return port
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does: lingering ends do not matter
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def change_port(places: Places) -> Places:
    """Choose and remember another loopback port."""
    location = _location(places.home) or {}
    location["port"] = free_port()
    write_private(places.home.root / "pg.location", json.dumps(location))
    return prepare(places.home)[0]


def private_folder(folder: Path, uid: int, gid: int) -> None:
    """Make a folder that only `uid` enters; raises BF-1019 where a stranger's folder, file or link is in its place."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        seen = folder.lstat()
        # What root has made and not yet handed over (a start that was broken off) is ours as well.
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in (uid, os.geteuid()) or seen.st_mode & 0o077:
            raise SOCKET_FOLDER_UNSAFE(folder=folder) from None
    if os.geteuid() == 0:
        os.chown(folder, uid, gid)


def write_private(path: Path, content: str) -> None:
    """Replace a file at one stroke by one that only its owner reads."""
    new = path.with_name(f"{path.name}.new-{os.getpid()}")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    new.replace(path)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:  # no JSON, or no text at all
        return {}
    except PermissionError:
        # The home is another user's, who alone may enter it.
        known = next(folder for folder in path.parents if os.access(folder, os.F_OK))
        raise OTHER_USER(folder=path.parent, owner=user_name(known.stat().st_uid), user=user_name(os.geteuid())) from None
    return content if isinstance(content, dict) else {}


def _location(home: Home) -> dict[str, Any] | None:
    """Where the cluster is, None where nobody has chosen yet. Raises BF-1010 for a damaged file: another choice could be another cluster."""
    found = _read_json(home.root / "pg.location")
    if found is None:
        return None
    whole = all(isinstance(found.get(key, 0), str | None) for key in ("folder", "socket"))
    if not whole or not str(found.get("port", "")).isdecimal():
        raise LOCATION_DAMAGED(file=home.root / "pg.location")
    return found


def _passwords(home: Home) -> dict[str, Any] | None:
    """The passwords, None where there are none or the file is damaged: lost ones are made anew."""
    found = _read_json(home.root / "pg.secrets")
    return found if found and all(isinstance(found.get(kind), str) and found[kind] for kind in ROLES) else None
