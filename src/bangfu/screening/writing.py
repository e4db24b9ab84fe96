"""A new pack from nothing: a skeleton that passes its check and its situations."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from bangfu.screening.pack import register_schema
from bangfu.screening.pack.json_schema import json_schema
from bangfu.screening.problems import BAD_PACK_NAME, FOLDER_TAKEN

SKELETON = Path(__file__).with_name("skeleton")
SCHEMA_FILE = "policy-pack.schema.json"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def schema_text() -> str:
    """The JSON Schema of packs as it is written to a file."""
    return json.dumps(json_schema(register_schema()), ensure_ascii=False, indent=1) + "\n"


def new_pack(folder: Path) -> list[Path]:
    """Write the skeleton of a pack, named as its folder, with the schema for editors beside it. Returns the files.

    Raises BF-1535 where the folder is there and not empty, BF-1536 for a name that is none.
    """
    if not _NAME.match(folder.name):
        raise BAD_PACK_NAME(name=folder.name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FOLDER_TAKEN(folder=folder)
    shutil.copytree(SKELETON, folder, dirs_exist_ok=True)
    head = folder / "pack.yaml"
    head.write_text(head.read_text("utf-8").replace("pack: new-pack", f"pack: {folder.name}"), "utf-8")
    (folder / SCHEMA_FILE).write_text(schema_text(), "utf-8")
    return sorted(path for path in folder.rglob("*") if path.is_file())
