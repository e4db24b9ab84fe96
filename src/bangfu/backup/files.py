"""Files of the data folder on their way into a backup and out of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from bangfu.foundation.extension import ExtensionPoint

# Files of the data folder (by name in it) that a backup takes beside everything in `files/`.
kept_files: ExtensionPoint[[], list[str]] = ExtensionPoint("kept_files")


def to_keep(root: Path) -> Iterator[tuple[str, Path]]:
    """Name and place of every file of a data folder that a backup takes."""
    listed = [path for path in sorted((root / "files").rglob("*")) if path.is_file() and not path.is_symlink()]
    listed += [root / name for _, names in kept_files.ask() for name in names if (root / name).is_file()]
    for path in listed:
        yield path.relative_to(root).as_posix(), path


class Staging:
    """Files that come out of a backup: written beside their places, and moved there all at once."""

    def __init__(self, root: Path) -> None:
        self._root, self._staged = root, root / ".restoring"
        self._names: list[PurePosixPath] = []
        self._out: BinaryIO | None = None
        shutil.rmtree(self._staged, ignore_errors=True)  # of a restoration that was cut off

    def begin(self, name: str) -> None:
        """Begin the next file. Raises ValueError for a name that leads out of the data folder."""
        self._end()
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"not inside the data folder: {name}")
        self._names.append(path)
        place = self._staged / path
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._out = os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def write(self, content: bytes) -> None:
        """Go on with the file that was begun."""
        assert self._out is not None
        self._out.write(content)

    def place(self) -> int:
        """Move every file to its place; returns how many."""
        self._end()
        for name in self._names:
            (self._root / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._staged / name).replace(self._root / name)
        return len(self._names)

    def _end(self) -> None:
        if self._out is not None:
            self._out.flush()
            os.fsync(self._out.fileno())
            self._out.close()
            self._out = None

    def close(self) -> None:
        """Take away what was not moved."""
        if self._out is not None:
            self._out.close()
        shutil.rmtree(self._staged, ignore_errors=True)
