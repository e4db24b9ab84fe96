"""Which process is the data folder's server: living, dead, or another that was given its number.

`postmaster.pid` outlives a crash, and its process number may since belong to a stranger or to a zombie that nobody has
reaped (PostgreSQL itself takes both for a living server and refuses to start). So a server counts as living only when
the process exists, is no zombie, and works in this very data folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Beyond the highest process number of Linux (4194304) and macOS (99999): never a living process.
NOBODY = 999_999_999


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` says about a server that lives; the later lines appear while it starts."""

    pid: int
    port: int
    socket_folder: str
    listens_on: str
    status: str


def _linux() -> bool:
    return Path("/proc/self/stat").exists()


def mark(pid: int) -> str | None:
    """A mark that tells a process from a later one with the same number; None where it is dead or a zombie."""
    if pid <= 0:
        return None
    if _linux():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The second field is the program's name in parentheses and may itself hold spaces and parentheses.
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    seen = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return None if not seen or seen.startswith("Z") else seen.split(None, 1)[1]


def works_in(pid: int, data: Path) -> bool:
    """Whether a living process is a PostgreSQL server of the data folder."""
    if _linux():
        try:
            program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if not program[0].endswith(b"postgres"):
                return False
            # A server's working folder is its data folder, also after the folder was renamed under it.
            return os.path.samefile(f"/proc/{pid}/cwd", data)
        except (FileNotFoundError, ProcessLookupError):
            return False
        except PermissionError:
            return os.fsencode(data) in program
    command = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return "postgres" in command and str(data) in command


def _lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def living(data: Path) -> Postmaster | None:
    """The living server of a data folder, starting and stopping ones included; None where there is none."""
    lines = _lines(data)
    pid = _number(lines[0]) if lines else 0
    if mark(pid) is None or not works_in(pid, data):
        return None
    lines += [""] * (8 - len(lines))
    return Postmaster(pid, _number(lines[3]), lines[4].strip(), lines[5].strip(), lines[7].strip())


def _number(line: str) -> int:
    digits = line.strip()
    return int(digits) if digits.isdecimal() else 0


def disown(lock_file: Path, data: Path) -> bool:
    """Make a stale lock file of PostgreSQL name nobody; True where it would have kept the server from starting.

    That is a file that names a zombie or a stranger, or one that a power cut left empty or broken. Only the number is
    replaced: the rest of `postmaster.pid` names the shared memory by which PostgreSQL itself still finds orphans of the
    dead server, and removing the file would take that guard away. Call it only under the start lock and the server's
    lock, after `living` has said None.
    """
    try:
        lines = lock_file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    except FileNotFoundError:
        return False
    # Single-user mode writes its number with a minus sign.
    pid = _number(lines[0].strip().removeprefix("-")) if lines else 0
    if pid > 0 and (not _exists(pid) or (mark(pid) is not None and works_in(pid, data))):
        return False
    # The folder is the server's user's: root follows no link that it finds there.
    with os.fdopen(os.open(lock_file, os.O_RDWR | os.O_NOFOLLOW), "r+", encoding="utf-8") as file:
        file.write(f"{NOBODY}\n" + "".join(lines[1:]))
        file.truncate()
    return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def orphans(data: Path) -> list[int]:
    """Processes of a data folder's server, whether or not their postmaster lives. Only Linux can tell; else none."""
    if not _linux():
        return []
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]
    return [pid for pid in pids if mark(pid) is not None and _child_of(pid, data)]


def _child_of(pid: int, data: Path) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/exe")).name.startswith("postgres") and os.path.samefile(f"/proc/{pid}/cwd", data)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False


def send(pid: int, what: signal.Signals) -> None:
    """Send a signal; a process that has just gone is no error."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
