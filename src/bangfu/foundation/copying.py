"""COPY from and to Arrow: the one way in which many rows enter PostgreSQL, and leave it."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.csv
from django.db import connection

COPY_ROWS = 50_000
COPY_BYTES = 8 << 20
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


def copy_out(query: str, parameters: Sequence[Any], names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a SELECT as one stream of CSV, a batch at a time, every column as text (null where it is NULL).

    Row-level security holds as for any SELECT: it is asked in the caller's transaction. While a batch is used the next one is made,
    in a thread of its own. Memory is bounded by the batch.
    """
    options = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    parsing = pyarrow.csv.ParseOptions(newlines_in_values=True)
    reading = pyarrow.csv.ReadOptions(column_names=list(names), block_size=COPY_BYTES)
    pieces = copy_text(query, parameters)
    first = next(pieces, None)
    if first is None:
        return
    with pyarrow.csv.open_csv(
        _Reader(itertools.chain([first], pieces)), read_options=reading, parse_options=parsing, convert_options=options
    ) as reader:
        yield from ahead(iter(reader))


def copy_text(query: str, parameters: Sequence[Any]) -> Iterator[Any]:
    """The rows of a SELECT as the pieces of one stream of CSV.

    Until the last piece is taken the connection is the stream's: whatever is asked of it meanwhile raises RuntimeError, since it would
    wait for the stream that waits for it.
    """
    statement = f"COPY ({query}) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy, connection.execute_wrapper(_busy):
        yield from copy


def _busy(execute: Callable[..., Any], sql: Any, *_: Any) -> Any:
    raise RuntimeError(f"a stream of rows is open on this connection; read what is needed before it begins ({str(sql)[:80]})")


class _Reader(io.RawIOBase):
    """A stream to read over the pieces of a COPY."""

    def __init__(self, pieces: Iterator[Any]) -> None:
        super().__init__()
        self._pieces, self._left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the pieces go: Arrow takes short reads for the end of the file."""
        size, filled = len(buffer), 0
        while filled < size:
            if not self._left:
                self._left = bytes(next(self._pieces, b""))
                if not self._left:
                    break
            part = self._left[: size - filled]
            buffer[filled : filled + len(part)] = part
            self._left = self._left[len(part) :]
            filled += len(part)
        return filled
