"""COPY from Arrow: the one way in which many rows enter PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa
import pyarrow.csv
from django.db import connection

COPY_ROWS = 50_000
T = TypeVar("T")


def copy_in(table: str, data: pa.Table | pa.RecordBatchReader) -> int:
    """COPY an Arrow table into a table of PostgreSQL, streamed as CSV. Returns the rows."""
    names = ", ".join(f'"{n}"' for n in data.schema.names)
    rows = 0
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
        batches = data.to_batches(max_chunksize=COPY_ROWS) if isinstance(data, pa.Table) else data
        for batch in batches:
            sink = io.BytesIO()
            pyarrow.csv.write_csv(pa.Table.from_batches([batch]), sink, options)
            copy.write(sink.getbuffer())
            rows += batch.num_rows
    return rows


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The items, each made in a thread of its own while the one before it is used: rows are made while the server takes others."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item
