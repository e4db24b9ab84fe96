"""The packages of the product, found through the entry-point group `bangfu.packages`."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

GROUP = "bangfu.packages"


@lru_cache(maxsize=1)
def packages() -> list[str]:
    """Dotted names of the packages that take part, sorted; `BANGFU_WITHOUT=demo,trade` leaves some out."""
    without = {name for name in os.environ.get("BANGFU_WITHOUT", "").split(",") if name}
    return sorted({point.value for point in entry_points(group=GROUP) if point.name not in without})


def modules(room: str) -> list[ModuleType]:
    """The module of that name (`bench`, `lake`, `pages`) of every package that has it."""
    return [import_module(f"{package}.{room}") for package in packages() if find_spec(f"{package}.{room}")]


def files(name: str) -> list[tuple[str, Path]]:
    """(package's short name, path) of a data file such as `indicators.yaml` in every package that has it."""
    found = []
    for package in packages():
        spec = find_spec(package)
        if spec and spec.submodule_search_locations:
            path = Path(spec.submodule_search_locations[0]) / name
            if path.exists():
                found.append((package.rsplit(".", 1)[-1], path))
    return found
