"""The server's configuration, written anew at every start from the machine as it is then."""

from __future__ import annotations

import os
from pathlib import Path

from bangfu.foundation.postgres.places import Places

MEGABYTE = 1024 * 1024


def machine_memory() -> int:
    """The memory in bytes that this machine, or the container's limit, gives us."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit_file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limit = Path(limit_file).read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if limit.isdecimal():
            total = min(total, int(limit))
    return total


def _quoted(value: str | Path) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def configuration(places: Places, memory: int) -> str:
    """The text of `bangfu.conf`."""
    shared = max(min(memory // 8, 1024 * MEGABYTE), 32 * MEGABYTE) // MEGABYTE
    settings = {
        "listen_addresses": "''" if places.socket is not None else "'127.0.0.1'",
        "port": str(places.port),
        "unix_socket_directories": _quoted(places.socket) if places.socket is not None else "''",
        # Its folder is 0700 as well. Under root the server's user owns both, and root passes anyway.
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "password_encryption": "'scram-sha-256'",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        # Compressing page images (pglz is what these programs have) costs a first import a third of its index building.
        "wal_compression": "off",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(memory // 2 // MEGABYTE, 128)}MB",
        "work_mem": "64MB" if memory >= 4096 * MEGABYTE else "16MB",
        "maintenance_work_mem": "256MB" if memory >= 4096 * MEGABYTE else "64MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
        "logging_collector": "off",
        "log_line_prefix": "'%m [%p] %q%u@%d '",
        # The log must not hold personal data: neither the rows named in DETAIL nor the statements that failed.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    if _small_shared_memory():
        # A container's 64 MB of /dev/shm is too little for one parallel query.
        settings["dynamic_shared_memory_type"] = "mmap"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    return (
        "# Written by Bangfu at every start. Your own settings belong in local.conf beside this file.\n" + "\n".join(lines) + "\n"
    )


def _small_shared_memory() -> bool:
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return False
    room = os.statvfs(folder)
    return room.f_blocks * room.f_frsize < 256 * MEGABYTE


def access(places: Places) -> str:
    """The text of `pg_hba.conf`: passwords always, the socket or loopback only, no replication."""
    way = "local all all scram-sha-256" if places.socket is not None else "host all all 127.0.0.1/32 scram-sha-256"
    return f"# Written by Bangfu at every start.\n{way}\n"
