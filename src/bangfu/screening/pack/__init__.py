"""Policy packs: a folder of YAML that says what is judged, from which facts, with which dated numbers, in which words.

Every `*.yaml` below the folder belongs to the pack, and those of the shared parts that it includes; a name is defined once, a pack's
own definition taking the place of an included one. The version is a digest of the content, kept with every verdict.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from bangfu.foundation.home import home
from bangfu.rules.schema import Schema, schema_of
from bangfu.rules.source import read_file, read_yaml
from bangfu.screening.pack.loading import PLACEHOLDER, Loader
from bangfu.screening.pack.model import (
    BOUNDS,
    RESULTS,
    SEVERITIES,
    STATES,
    CaseRule,
    Decision,
    Entry,
    Flag,
    Guarantee,
    ModeRule,
    NationalCodes,
    Pack,
    Parameter,
    Part,
    Proposal,
    Reason,
    Score,
    StepRule,
    Visit,
    WorkRule,
)
from bangfu.screening.problems import NO_PACK, NO_PACK_ON, TWO_PACKS

PACKS = Path(__file__).parents[1] / "packs"


@functools.cache
def register_schema() -> Schema:
    """The schema of the register: its field list, the rows that a household folds over, and its code lists."""
    room = resources.files("bangfu.register")
    fields, rows, codes, items = (
        read_yaml((room / name).read_text(encoding="utf-8"), name).data
        for name in ("fields.yaml", "relations.yaml", "codes.yaml", "income.yaml")
    )
    return schema_of(fields | rows, codes | {"income_item": items})


def own_packs() -> Path:
    """Where a county keeps packs of its own: `packs/` of the data folder."""
    return home().root / "packs"


def pack_folders(room: Path | None = None) -> dict[str, Path]:
    """The packs by name: of a folder of packs, else ours and the county's own, which take the place of one of ours with their name."""
    return {
        path.name: path
        for one in ([room] if room is not None else [PACKS, own_packs()])
        if one.is_dir()
        for path in sorted(one.iterdir())
        if (path / "pack.yaml").is_file()
    }


def pack_names(room: Path | None = None) -> list[str]:
    """The names of the packs in a folder of packs, else of ours and the county's own."""
    return sorted(pack_folders(room))


def find_folder(name_or_folder: str | Path) -> Path:
    """The folder of a pack by its name or as it is. A bare name is that of a pack of ours or of the county's own before it is a folder
    where somebody happens to stand. Raises BF-1501 where there is none."""
    given = Path(name_or_folder)
    if str(name_or_folder) not in ("", ".", ".."):
        if isinstance(name_or_folder, str) and (found := pack_folders().get(name_or_folder)) is not None:
            return found
        if (given / "pack.yaml").is_file():
            return given
    raise NO_PACK(name=name_or_folder, known=", ".join(pack_names()) or "—")


def rooms_of(folder: Path) -> tuple[Path, ...]:
    """Where the shared parts of a pack are looked for: beside it, then among the county's own, then among ours."""
    return (folder.parent, own_packs(), PACKS)


def load_pack(name_or_folder: str | Path, schema: Schema | None = None) -> Pack:
    """Read and check a pack by name (one of ours, or of the county's own) or folder.

    Raises BF-1501 where there is none, BF-1502, BF-1509 and BF-1511 for its structure, BF-1401 to BF-1413 for its content.
    """
    folder = find_folder(name_or_folder)
    return Loader(folder, rooms_of(folder), schema or register_schema()).load()


def find_pack(
    day: dt.date, country: str = "cn", room: Path | None = None, load: Callable[[Path], Pack] | None = None
) -> Pack | None:
    """The one pack of a country that is valid on a day, None where there is none. Raises BF-1504 for several.

    Packs that are asked for by name (indices) are no standard of a day. `load` takes the place of `load_pack`, for those who keep
    what they have loaded.
    """
    packs = [(load or load_pack)(folder) for folder in pack_folders(room).values() if _may_hold(folder, day, country)]
    valid = [p for p in packs if p.chosen_by_day and p.country == country and p.valid_from <= day <= p.valid_to]
    if len(valid) > 1:
        raise TWO_PACKS(day=day, names=", ".join(pack.name for pack in valid))
    return valid[0] if valid else None


def _may_hold(folder: Path, day: dt.date, country: str) -> bool:
    """Whether a pack may be the one of a day, by its head alone; what cannot be told from it is left to the reading of the whole."""
    head = _head(folder / "pack.yaml", (folder / "pack.yaml").stat().st_mtime_ns)
    valid = head.get("valid") if isinstance(head, dict) else None
    if not isinstance(valid, dict) or not all(isinstance(valid.get(key), dt.date) for key in ("from", "to")):
        return True
    return head.get("country") == country and head.get("chosen") != "by_name" and bool(valid["from"] <= day <= valid["to"])


@functools.lru_cache(maxsize=64)
def _head(path: Path, mark: int) -> Any:
    """The content of a `pack.yaml`, read once until the file changes: pages ask for the pack of the day with every request."""
    return read_file(path).data


def pack_on(day: dt.date, country: str = "cn", room: Path | None = None) -> Pack:
    """The one pack of a country that is valid on a day. Raises BF-1503 for none, BF-1504 for several."""
    pack = find_pack(day, country, room)
    if pack is None:
        raise NO_PACK_ON(day=day, country=country)
    return pack


__all__ = [
    "BOUNDS",
    "PACKS",
    "PLACEHOLDER",
    "RESULTS",
    "SEVERITIES",
    "STATES",
    "CaseRule",
    "Decision",
    "Entry",
    "Flag",
    "Guarantee",
    "Loader",
    "ModeRule",
    "NationalCodes",
    "Pack",
    "Parameter",
    "Part",
    "Proposal",
    "Reason",
    "Score",
    "StepRule",
    "Visit",
    "WorkRule",
    "find_folder",
    "find_pack",
    "load_pack",
    "own_packs",
    "pack_folders",
    "pack_names",
    "pack_on",
    "register_schema",
    "rooms_of",
]
