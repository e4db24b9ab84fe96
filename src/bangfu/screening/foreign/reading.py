"""Opening a file of others, told by its content: Parquet (a file, a folder or a pattern of them) or CSV."""

from __future__ import annotations

import codecs
import csv
import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bangfu.foundation.say import Text
from bangfu.rules.compile import text_literal
from bangfu.screening.problems import NOT_A_TABLE

_PARQUET = b"PAR1"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_ENCODINGS = ("utf-8", "gb18030")
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as a relation: its name for people, the Parquet files (none for CSV), SQL that may stand after FROM, its columns' types."""

    name: str
    parquet: tuple[Path, ...]
    relation: str
    types: dict[str, str]


def open_file(connection: duckdb.DuckDBPyConnection, given: str | Path, room: Path) -> Opened:
    """Open a file. CSV in another encoding than UTF-8 is written anew to `room`, in pieces. Raises BF-1513."""
    files = _files(given)
    name = files[0].name if len(files) == 1 else str(given)
    heads = {file: _head(file, name) for file in files}
    if all(head[:4] == _PARQUET for head in heads.values()):
        relation = f"read_parquet([{', '.join(text_literal(str(file)) for file in files)}])"
        return _opened(connection, name, tuple(files), relation)
    if len(files) > 1:
        raise _unreadable(name, Text("文件夹里的文件不都是 Parquet", "not every file in the folder is Parquet"))
    (file,) = files
    if heads[file].startswith(_WORKBOOKS):
        raise _unreadable(name, Text("这是电子表格", "it is a workbook"))
    if not heads[file].strip():
        raise _unreadable(name, Text("文件是空的", "it is empty"))
    text = _in_utf8(file, room, name)
    # Everything is text: what a value means is for the mapping to say, and a number with leading zeros stays as it is.
    relation = f"read_csv({text_literal(str(text))}, all_varchar = true, header = true)"
    opened = _opened(connection, name, (), relation)
    if len(opened.types) == 1:
        _require_even(text, name)  # a row with more or fewer cells than the heading misleads the sniffer
    return opened


def _require_even(text: Path, name: str) -> None:
    """Hold that every row has as many cells as the heading, told by the delimiter that parts it. Raises BF-1513 with the row."""
    with text.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        heading = stream.readline()
        delimiter = max(",;\t|", key=heading.count)
        wanted = len(next(csv.reader([heading], delimiter=delimiter), []))
        rows = csv.reader(stream, delimiter=delimiter)
        for row in rows:
            if row and len(row) != wanted:
                line = rows.line_num + 1
                raise _unreadable(
                    name,
                    Text(
                        f"第 {line} 行有 {len(row)} 格，表头有 {wanted} 格",
                        f"row {line} has {len(row)} cells, the heading {wanted}",
                    ),
                )


def _files(given: str | Path) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        found = sorted(path.glob("*.parquet"))
    elif path.exists():
        found = [path]
    else:
        found = [Path(one) for one in sorted(glob.glob(str(given)))]
    if not found:
        raise _unreadable(path.name, Text("文件不存在", "there is no such file"))
    return found


def _head(file: Path, name: str) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(64)
    except OSError as error:
        raise _unreadable(name, Text(str(error.strerror), str(error.strerror))) from error


def _in_utf8(file: Path, room: Path, name: str) -> Path:
    """The file itself where it is UTF-8, else a copy in UTF-8."""
    for encoding in _encodings(file):
        copy = room / f"{abs(hash(file))}.csv"
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with file.open("rb") as stream, copy.open("w", encoding="utf-8", newline="") as out:
                while chunk := stream.read(_CHUNK):
                    text = decoder.decode(chunk)
                    if encoding != "utf-8":
                        out.write(text)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return file if encoding == "utf-8" else copy
    raise _unreadable(name, Text("既不是 UTF-8 也不是 GB 18030", "it is neither UTF-8 nor GB 18030"))


def _encodings(file: Path) -> Sequence[str]:
    with file.open("rb") as stream:
        return ("utf-16",) if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _ENCODINGS


def _opened(connection: duckdb.DuckDBPyConnection, name: str, parquet: tuple[Path, ...], relation: str) -> Opened:
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise unreadable(name, error) from error
    return Opened(name, parquet, relation, {row[0]: row[1] for row in rows})


def unreadable(name: str, error: duckdb.Error) -> Exception:
    """BF-1513 for what DuckDB says of a file."""
    line = str(error).strip().splitlines()[0][:200]
    return _unreadable(name, Text(line, line))


def _unreadable(name: str, why: Text) -> Exception:
    return NOT_A_TABLE(file=name, why=why)
