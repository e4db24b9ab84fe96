"""The supervisor of the data folder's own PostgreSQL.

Any process attaches: it takes a shared lock, finds the living server or starts it, and at its exit the last one out
stops it. Nobody is in charge: a process that is killed loses its lock by the system's hand, and the next to attach
finds the server as it is, living, dead, recovering or just stopping.
"""

from __future__ import annotations

import atexit
import fcntl
import multiprocessing.util
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bangfu.foundation.home import Home
from bangfu.foundation.home import home as process_home
from bangfu.foundation.postgres import launch, processes
from bangfu.foundation.postgres.locks import Progress, Waiting, close_lock, free, held, open_lock, try_lock
from bangfu.foundation.postgres.places import Kind, Places, prepare
from bangfu.foundation.postgres.problems import ROLE_TAKEN, STILL_USED
from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A living server: the socket's folder or loopback address, the port, and the postmaster's process number."""

    host: str
    port: int
    pid: int


@dataclass(slots=True)
class _Hold:
    """This process's share in a home's server: users.lock, open and locked, and the postmaster it has seen living."""

    fd: int
    data: Path
    endpoint: Endpoint
    born: str


_guard = threading.RLock()
_holds: dict[Path, _Hold] = {}


def tell(message: Text) -> None:
    """The usual way of telling progress: on the standard error, in both languages, as no reader is known yet."""
    sys.stderr.write(f"{message.zh} / {message.en}\n")
    sys.stderr.flush()


class Server:
    """The server of one home, as this process sees it. Several objects of one home share what the process holds."""

    def __init__(self, home: Home | None = None, *, progress: Progress | None = tell) -> None:
        self.home = home or process_home()
        self._progress = progress

    def attach(self) -> Endpoint:
        """The living server, started where there is none; this process is counted among its users from now on.

        Cheap when called again: it looks whether the server still lives, and starts it anew where it was killed.
        Raises the problems BF-1011 to BF-1025.
        """
        hold = _holds.get(self.home.root)
        if hold is not None and processes.mark(hold.endpoint.pid) == hold.born:
            return hold.endpoint
        with _guard:
            hold = _holds.get(self.home.root)
            if hold is not None and processes.mark(hold.endpoint.pid) == hold.born:
                return hold.endpoint
            places, secrets = prepare(self.home)
            self.home.make()
            with held(self.home.locks / "start.lock", Waiting(self._progress)):
                fd = hold.fd if hold is not None else open_lock(self.home.locks / "users.lock", for_children=True)
                try:
                    # Nobody holds it exclusively outside start.lock, which is ours now.
                    fcntl.flock(fd, fcntl.LOCK_SH)
                    places, postmaster = launch.ensure(places, secrets, self._progress)
                    target = launch.reach(places, secrets, "owner", postmaster)
                    endpoint = Endpoint(target["host"], int(target["port"]), postmaster.pid)
                    born = processes.mark(postmaster.pid) or ""
                except BaseException:
                    _holds.pop(self.home.root, None)
                    os.close(fd)
                    raise
                _holds[self.home.root] = _Hold(fd, places.data, endpoint, born)
            return endpoint

    def detach(self) -> bool:
        """Give up this process's share; the last one out stops the server and waits for it. True where it stopped it."""
        with _guard:
            hold = _holds.pop(self.home.root, None)
            return hold is not None and _leave(self.home, hold, self._progress)

    def stop(self, *, even_if_used: bool = False) -> bool:
        """Stop the server now; False where none lived. Raises BF-1026 where other processes use it, unless told."""
        with _guard:
            hold = _holds.pop(self.home.root, None)
            if hold is not None:
                os.close(hold.fd)
            if not self.home.locks.exists():
                return False
            places, _ = prepare(self.home)
            with held(self.home.locks / "start.lock", Waiting(self._progress)):
                if not even_if_used and processes.living(places.data) and not free(self.home.locks / "users.lock"):
                    raise STILL_USED()
                return launch.stop(places.data, self._progress)

    def status(self) -> dict[str, Any]:
        """What stands, for `doctor`: starts nothing and waits for nothing."""
        places, _ = prepare(self.home)
        postmaster = processes.living(places.data)
        version = places.data / "PG_VERSION"
        return {
            "running": postmaster is not None,
            "pid": postmaster.pid if postmaster else None,
            "state": postmaster.status or "starting" if postmaster else "stopped",
            "host": places.host,
            "port": places.port,
            "cluster": str(places.data),
            "made": version.exists(),
            "version": version.read_text(encoding="utf-8").strip() if version.exists() else None,
            "log": str(places.log),
            "attached": self.home.root in _holds,
            "used": self._used(),
        }

    def _used(self) -> bool:
        """Whether any process has a share; somebody who is just starting or stopping the server counts as one."""
        start = open_lock(self.home.locks / "start.lock")
        try:
            # Looking takes users.lock for an instant: under start.lock, so that nobody who leaves takes that for a user.
            return not try_lock(start, fcntl.LOCK_EX) or not free(self.home.locks / "users.lock")
        finally:
            close_lock(start)

    def libpq(self, kind: Kind) -> dict[str, Any]:
        """What libpq takes to connect as a role; the living server's address where this process is attached."""
        places, secrets = prepare(self.home)
        target = launch.reach(places, secrets, kind)
        hold = _holds.get(self.home.root)
        if hold is not None:
            target |= {"host": hold.endpoint.host, "port": str(hold.endpoint.port)}
        return target

    @property
    def places(self) -> Places:
        """Where the cluster, the socket and the log are."""
        return prepare(self.home)[0]

    @contextmanager
    def exclusive(self, role: str) -> Iterator[None]:
        """Be the only `serve` or `worker` of the home for the block. Raises BF-1015, naming the process that is."""
        self.home.make()
        fd = open_lock(self.home.locks / f"{role}.lock")
        if not try_lock(fd, fcntl.LOCK_EX):
            holder = os.pread(fd, 20, 0).decode("ascii", errors="replace").strip()
            close_lock(fd)
            raise ROLE_TAKEN(role=role, pid=holder or "?")
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode("ascii"), 0)
        owner = os.getpid()
        try:
            yield
        finally:
            # A process forked inside the block leaves it without a lock to give back.
            if os.getpid() == owner:
                fcntl.flock(fd, fcntl.LOCK_UN)
                close_lock(fd)


def _leave(home: Home, hold: _Hold, progress: Progress | None) -> bool:
    if not home.locks.exists():
        # The home was removed under a running server: there is nothing left to agree on, and nothing to keep.
        os.close(hold.fd)
        if processes.mark(hold.endpoint.pid) != hold.born:
            return False
        processes.send(hold.endpoint.pid, signal.SIGQUIT)
        return True
    with held(home.locks / "start.lock", Waiting(progress)):
        # Closed, not unlocked: a forked child shares the lock, and an unlocking would take its share as well.
        os.close(hold.fd)
        fd = open_lock(home.locks / "users.lock")
        try:
            return try_lock(fd, fcntl.LOCK_EX) and launch.stop(hold.data, progress)
        finally:
            close_lock(fd)


def detach_all() -> None:
    """Give up every share of this process. Called at exit; a process that must leave otherwise calls it itself."""
    with _guard:
        for root in list(_holds):
            _leave(Home(root), _holds.pop(root), tell)


def _after_fork() -> None:
    """In a forked child: a guard that no thread of the parent holds.

    The child's share needs nothing: it is the parent's open file, which keeps its lock until both have closed it, and
    shares are given up by closing alone.
    """
    global _guard
    _guard = threading.RLock()


def _at_multiprocessing_exit(_: object) -> None:
    # Forked children of multiprocessing end without atexit.
    multiprocessing.util.Finalize(None, detach_all, exitpriority=-100)


class _Anchor:
    """Something that multiprocessing can refer to weakly for as long as this module lives."""


_anchor = _Anchor()
multiprocessing.util.register_after_fork(_anchor, _at_multiprocessing_exit)
os.register_at_fork(after_in_child=_after_fork)
atexit.register(detach_all)
