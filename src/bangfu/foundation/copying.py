"""COPY from Arrow: the one way in which many rows enter PostgreSQL."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa
import pyarrow.csv
from django.db import connection

COPY_ROWS = 50_000
T = TypeVar("T")
_OPTIONS = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")


def copy_in(
    table: str, data: pa.Table | Iterable[pa.Table | pa.RecordBatch], progress: Callable[[int], None] = lambda rows: None
) -> int:
    """COPY an Arrow table, or pieces of one, into a table of PostgreSQL as one stream of CSV. Returns the rows.

    While the server takes a piece the next one is made, in a thread of its own. `progress` is told the rows of each.
    """
    if isinstance(data, pa.Table):
        # An empty table has no batch, but names its columns.
        data = data.to_batches(max_chunksize=COPY_ROWS) or [pa.RecordBatch.from_pylist([], schema=data.schema)]
    pieces = ahead((piece.schema.names, _csv(piece), piece.num_rows) for piece in data)
    first = next(pieces, None)
    if first is None:
        return 0
    names = ", ".join(f'"{n}"' for n in first[0])
    total = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
        for _, text, rows in itertools.chain([first], pieces):
            copy.write(text)
            progress(rows)
            total += rows
    return total


def _csv(piece: pa.Table | pa.RecordBatch) -> memoryview:
    sink = io.BytesIO()
    pyarrow.csv.write_csv(piece, sink, _OPTIONS)
    return sink.getbuffer()


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The items, each made in a thread of its own while the one before it is used."""
    end = object()
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = maker.submit(next, items, end)
            yield item  # type: ignore[misc]
