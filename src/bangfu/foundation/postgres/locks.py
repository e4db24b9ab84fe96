"""Locks between the processes of one data folder.

All are `flock`: the system releases them when a process dies, however it dies. Three files in the home's `locks/`:
`start.lock` serialises starting and stopping, `users.lock` is held shared by everybody who uses the server, and
`server.lock` is held by the server's own processes (see `launch`).
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bangfu.foundation.say import Text

Progress = Callable[[Text], None]

PAUSE = 0.03


# Lock files that a forked child must not share: a fork in one thread may fall into the moment that another holds them, and
# the child would go on holding them for as long as it lives.
_not_for_children: set[int] = set()


def open_lock(path: Path, *, for_children: bool = False) -> int:
    """Open (and make) a lock file. Programs that are executed do not inherit it (only `launch` hands one on, by name);
    forked children do where it is for them. Close it by `close_lock`.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not for_children:
        _not_for_children.add(fd)
    return fd


def close_lock(fd: int) -> None:
    """Close a lock file, and give its lock up where no other process shares it."""
    _not_for_children.discard(fd)
    os.close(fd)


def _after_fork() -> None:
    for fd in _not_for_children:
        os.close(fd)
    _not_for_children.clear()


os.register_at_fork(after_in_child=_after_fork)


def try_lock(fd: int, kind: int) -> bool:
    """Take a lock (`fcntl.LOCK_SH` or `LOCK_EX`) at once; False where another holder is in the way."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


class Waiting:
    """Says why it waits, first after three seconds and then every ten, and sleeps a little between looks."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._began = time.monotonic()
        self._next = 3.0

    @property
    def seconds(self) -> float:
        """How long it has waited."""
        return time.monotonic() - self._began

    def pause(self, why: Text) -> None:
        """Sleep until the next look."""
        if self._progress is not None and self.seconds >= self._next:
            self._progress(why.format(seconds=int(self.seconds)))
            self._next = self.seconds + 10.0
        time.sleep(PAUSE)


@contextmanager
def held(path: Path, waiting: Waiting) -> Iterator[int]:
    """Hold a lock file exclusively for the block, waiting for it as long as it takes.

    Released by LOCK_UN rather than by closing alone, for the sake of a child that has been forked and has not yet closed it.
    """
    fd = open_lock(path)
    try:
        while not try_lock(fd, fcntl.LOCK_EX):
            waiting.pause(
                Text(
                    "等待另一个 Bangfu 进程启动或停止数据库({seconds} 秒)……",
                    "Waiting for another Bangfu process that starts or stops the database ({seconds} s) …",
                )
            )
        yield fd
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)
        close_lock(fd)


def free(path: Path) -> bool:
    """Whether nobody holds the lock file, shared or exclusively, at this moment."""
    if not path.exists():
        return True
    fd = open_lock(path)
    try:
        return try_lock(fd, fcntl.LOCK_EX)
    finally:
        close_lock(fd)
