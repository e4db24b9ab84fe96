"""Benches: each package registers its own; one runs in a process and a data folder of its own, so that nothing of a county is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bangfu.foundation.extension import ExtensionPoint
from bangfu.foundation.packages import modules

Bench = Callable[[float], dict[str, Any]]
benches: ExtensionPoint[[], dict[str, Bench]] = ExtensionPoint("benches")


def benchmarks() -> dict[str, Bench]:
    """Every bench by name: a function of the scale that gives `{name, scale, seconds, baseline, ratio, peak_mb, detail}`."""
    modules("bench")
    return dict(sorted((name, bench) for _, found in benches.ask() for name, bench in found.items()))


def run(name: str, scale: float) -> dict[str, Any]:
    """Run a bench in a scratch data folder, removed afterwards. Raises CalledProcessError where it fails."""
    with tempfile.TemporaryDirectory(prefix="bangfu-bench-") as folder:
        home = Path(folder) / "var"
        environment = os.environ | {"BANGFU_HOME": str(home), "BANGFU_KEYS": str(Path(folder) / "keys")}
        environment.pop("DATABASE_URL", None)
        answer = subprocess.run(
            [sys.executable, "-m", "bangfu.foundation.benchmarks", name, repr(scale)],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
    result: dict[str, Any] = json.loads(answer.stdout.decode().strip().splitlines()[-1])
    return result


def peak_mb() -> float:
    """The largest resident memory of this process so far, or of the largest of its children, in MB."""
    import resource

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status")
    if status.exists():  # what `getrusage` says of a process begins with the size of the one that began it
        own = next((int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")), own)
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def cpu_seconds() -> float:
    """Seconds of the processor that this process and its ended children have had: what a busy machine does not change much."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main() -> None:
    """One bench in this process: the scratch folder's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")
    import django

    django.setup()
    from bangfu.foundation.postgres.server import Server

    try:
        print(json.dumps(benchmarks()[sys.argv[1]](float(sys.argv[2]))))
    finally:
        server = Server()
        if server.status()["made"]:
            remove_cluster(server)


def remove_cluster(server: Any) -> None:
    """Stop a scratch cluster and take its folder away: as root it lies outside the scratch data folder."""
    import shutil

    from django.db import connections

    connections.close_all()
    places = server.places
    server.detach()
    shutil.rmtree(places.data.parent, ignore_errors=True)


if __name__ == "__main__":
    # Benches register with the module of this name, not with the one that Python calls `__main__`.
    from bangfu.foundation.benchmarks import main as registered_main

    registered_main()
