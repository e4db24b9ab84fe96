"""Where a result goes: a Parquet file, or a folder of them, that is there whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import TracebackType

from bangfu.screening.problems import NOT_A_PLACE

_OURS = ("part-*", "_SUCCESS", "._SUCCESS.crc", ".part-*")


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(4) in (b"PAR1", b"")


class Place:
    """The place of a result while it is written: parts lie beside it, and take its name when all are there.

    One part becomes a file, several a folder of files `part-00001.parquet`, as Spark writes them too. What a part was written from
    before is replaced. Raises BF-1520 where something else stands there, or where the folder around it cannot be written to.
    """

    def __init__(self, into: Path) -> None:
        self.into = into
        self.beside = into.with_name(f".{into.name}.{os.getpid()}")

    def __enter__(self) -> Place:
        if self.into.is_dir() and not set(self.into.iterdir()) <= {found for p in _OURS for found in self.into.glob(p)}:
            raise NOT_A_PLACE(file=self.into)
        if self.into.is_file() and not _is_parquet(self.into):
            raise NOT_A_PLACE(file=self.into)
        try:
            self.beside.mkdir(parents=True)
        except OSError as error:
            raise NOT_A_PLACE(file=self.into) from error
        return self

    def part(self, number: int) -> Path:
        """The file of a part."""
        return self.beside / f"part-{number:05}.parquet"

    @property
    def pattern(self) -> str:
        """All parts so far, as DuckDB reads them."""
        return str(self.beside / "*.parquet")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            parts = sorted(self.beside.glob("*.parquet"))
            shutil.rmtree(self.into) if self.into.is_dir() else self.into.unlink(missing_ok=True)
            (parts[0] if len(parts) == 1 else self.beside).rename(self.into)
        shutil.rmtree(self.beside, ignore_errors=True)
