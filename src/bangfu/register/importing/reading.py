"""From files to typed tables: told by content, the heading row found, headings known by their synonyms.

Everything here is pure and runs in worker processes, a workbook each.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bangfu.foundation.secrecy import keyed_hash
from bangfu.register.fields import Field, fields
from bangfu.register.identity import GB11643, Scheme, derive
from bangfu.register.importing.parsing import TYPES, encode, parse_column
from bangfu.register.problems import NO_FILES, NO_HEADING, NOT_A_WORKBOOK

HEADING_ROWS = 10
SUFFIXES = (".xlsx", ".xls", ".csv")
ALWAYS = ("household_no", "name", "identity", "relation")
REFUSED_AS = {"value": "BF-1206", "range": "BF-1207", "length": "BF-1208"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell that cannot be taken: the problem's number, the file's row, the field and what stands there."""

    number: str
    row: int
    field: str
    value: str


@dataclass
class Reading:
    """One sheet read: a typed table (columns by field key, plus `_row`, `_digest`, `_identity_hash`), refusals, headings."""

    name: str
    digest: bytes
    size: int
    table: pa.Table
    refusals: list[Refusal] = field(default_factory=list)
    unknown_headings: list[str] = field(default_factory=list)
    data_date: date | None = None


def find_files(path: Path) -> list[Path]:
    """The workbooks of a file, a folder or an unpacked archive, sorted by name. Raises BF-1201 where there are none."""
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith(("~$", ".")))
    else:
        found = [path] if path.is_file() else []
    if not found:
        raise NO_FILES(file=path.name)
    return found


def unpack(path: Path, into: Path, *, limit: int = 2_000_000_000) -> list[Path]:
    """Unpack the workbooks of a zip archive into a folder, flat. Raises BF-1221 where they would exceed `limit` bytes."""
    found = []
    with zipfile.ZipFile(path) as archive:
        names = [i for i in archive.infolist() if not i.is_dir() and i.filename.lower().endswith(SUFFIXES)]
        if sum(i.file_size for i in names) > limit:
            raise NOT_A_WORKBOOK(file=path.name, detail="> 2 GB")
        for n, info in enumerate(sorted(names, key=lambda i: i.filename)):
            target = into / f"{n:03d} {Path(info.filename).name}"
            try:
                target.write_bytes(archive.read(info))
            except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:  # a password, damage
                raise NOT_A_WORKBOOK(file=f"{path.name}/{info.filename}", detail=str(error)[:120]) from error
            found.append(target)
    if not found:
        raise NO_FILES(file=path.name)
    return found


def is_workbook_archive(path: Path) -> bool:
    """Whether a file is a zip of files rather than a workbook (which is a zip too)."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "[Content_Types].xml" not in archive.namelist()


def read_raw(path: Path) -> pa.Table:
    """Every cell of the first sheet as text, in columns `c0`, `c1`, …; told by content, not by name. Raises BF-1221."""
    content = path.read_bytes()
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        try:
            # Given bytes, the reader goes by what they are; given a path, by its suffix.
            sheet = fastexcel.read_excel(content).load_sheet(0, header_row=None, dtypes="string")
            table = pa.table(sheet.to_arrow())
        except (fastexcel.FastExcelError, ValueError, OSError) as error:
            raise NOT_A_WORKBOOK(file=path.name, detail=str(error).splitlines()[0][:120]) from error
        return table.rename_columns([f"c{i}" for i in range(table.num_columns)])
    if not content:
        raise NOT_A_WORKBOOK(file=path.name, detail="0 B")
    return _read_csv(path, content)


def _read_csv(path: Path, raw: bytes) -> pa.Table:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NOT_A_WORKBOOK(file=path.name, detail="encoding")
    if "\x00" in text or "<html" in text[:500].lower():
        raise NOT_A_WORKBOOK(file=path.name, detail="binary or HTML")
    first = text[: text.find("\n") if "\n" in text else len(text)]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter))
    except csv.Error as error:  # a quotation mark that nothing closes
        raise NOT_A_WORKBOOK(file=path.name, detail=str(error)) from error
    width = max((len(r) for r in rows), default=0)
    columns = [[r[i] if i < len(r) and r[i] != "" else None for r in rows] for i in range(width)]
    return pa.table({f"c{i}": pa.array(c, pa.string()) for i, c in enumerate(columns)})


def plain_heading(text: str) -> str:
    """A heading without spaces, brackets' width and case."""
    return "".join(text.split()).translate(str.maketrans("（）：，＊", "():,*")).strip("*:").lower()


def known_headings() -> dict[str, str]:
    """Plain heading -> field key; where two fields share one, the first of the file has it."""
    known: dict[str, str] = {}
    for f in fields().values():
        for heading in f.headings:
            known.setdefault(plain_heading(heading), f.key)
    return known


def match_headings(raw: pa.Table, file: str) -> tuple[int, dict[str, str], list[str]]:
    """Find the heading row: (its index, field key -> column, headings nobody knows). Raises BF-1202 with what is missing."""
    known = known_headings()
    best: tuple[int, int, dict[str, str], list[str]] = (0, -1, {}, [])
    for index, row in enumerate(raw.slice(0, HEADING_ROWS).to_pylist()):
        mapped: dict[str, str] = {}
        unknown = []
        for column, cell in row.items():
            if cell is None or not cell.strip():
                continue
            key = known.get(plain_heading(cell))
            if key is None or key in mapped:
                unknown.append(cell.strip())
            else:
                mapped[key] = column
        if len(mapped) > best[0]:
            best = (len(mapped), index, mapped, unknown)
    _, index, mapped, unknown = best
    missing = [k for k in ALWAYS if k not in mapped]
    if not {"village", "village_code"} & mapped.keys():
        missing.append("village")
    if index < 0 or missing:
        raise NO_HEADING(
            file=file, rows=HEADING_ROWS, missing="、".join(f"{fields()[k].title.zh} ({fields()[k].title.en})" for k in missing)
        )
    return index, mapped, unknown


def read(path: Path, *, scheme: Scheme = GB11643, hash_key: bytes, digest: bytes | None = None) -> Reading:
    """Read one workbook: typed columns, a digest and an identity hash per row, and every cell that cannot be taken.

    Blank rows, totals and notes are passed over: rows without household and identity number, or with nothing of a person.
    """
    raw = read_raw(path)
    heading, mapped, unknown = match_headings(raw, path.name)
    body = raw.slice(heading + 1)
    numbers = np.arange(heading + 2, heading + 2 + body.num_rows, dtype=np.int32)
    says = {key: pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(body[mapped[key]]), ""), False) for key in ALWAYS}
    person = pc.or_(pc.or_(says["name"], says["identity"]), says["relation"])
    here = pc.and_(pc.or_(says["household_no"], says["identity"]), person)
    body, numbers = body.filter(here), numbers[np.asarray(here)]
    columns: dict[str, pa.Array] = {}
    refusals: list[Refusal] = []
    digests = np.zeros((body.num_rows, 2), dtype=np.uint64)
    for key, column in mapped.items():
        f = fields()[key]
        encoded = encode(body[column])
        parsed = parse_column(encoded, f)
        if key != "data_date":  # a row that says nothing new on a later day is not new
            digests += _digests(key, encoded)
        columns[key] = parsed.values
        if parsed.refused:
            refusals += _refused(body[column], f, parsed.refused, numbers)
    for key in (*ALWAYS, "village" if "village" in mapped else "village_code"):
        blank = np.flatnonzero(np.asarray(pc.is_null(columns[key])))
        known_bad = {r.row for r in refusals if r.field == key}
        refusals += [Refusal("BF-1205", int(numbers[i]), key, "") for i in blank if int(numbers[i]) not in known_bad]
    refusals += _identities(columns, numbers, scheme)
    columns["_row"] = pa.array(numbers)
    columns["_digest"] = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(digests), [None, pa.py_buffer(digests)]).cast(
        pa.binary()
    )
    columns["_identity_hash"] = pa.array(
        [None if v is None else keyed_hash(v, "identity", key=hash_key) for v in columns["identity"].to_pylist()], pa.binary()
    )
    dates = pc.unique(columns["data_date"]).to_pylist() if "data_date" in columns else []
    stated = [d for d in dates if d is not None]
    return Reading(
        name=path.name,
        digest=digest or file_digest(path),
        size=path.stat().st_size,
        table=pa.table(columns),
        refusals=refusals,
        unknown_headings=unknown,
        data_date=max(stated) if stated else None,
    )


def file_digest(path: Path) -> bytes:
    """SHA-256 of a file's content."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest()


def _refused(column: pa.ChunkedArray, f: Field, refused: dict[str, str], numbers: np.ndarray) -> list[Refusal]:
    bad = pc.is_in(column, value_set=pa.array(list(refused), pa.string()))
    where = np.flatnonzero(np.asarray(bad))
    texts = column.take(pa.array(where)).to_pylist()
    return [Refusal(REFUSED_AS[refused[t]], int(numbers[i]), f.key, t) for i, t in zip(where, texts, strict=True)]


def _identities(columns: dict[str, pa.Array], numbers: np.ndarray, scheme: Scheme) -> list[Refusal]:
    """Judge the numbers and fill in what they tell: birth date and sex come from the number where it is valid."""
    values = columns["identity"].to_pylist()
    derived = derive(values, scheme)
    present = np.array([v is not None for v in values], dtype=bool)
    wrong = [(int(i), _spoiled(values[i])) for i in np.flatnonzero(present & ~derived.valid)]
    if not scheme.checked:  # of numbers without a check only those can be seen to be spoiled that are not digits any more
        wrong = [(i, True) for i, v in enumerate(values) if v is not None and _spoiled(v, digits=False)]
    refusals = [Refusal("BF-1204" if spoiled else "BF-1203", int(numbers[i]), "identity", values[i]) for i, spoiled in wrong]
    if scheme.checked and any(spoiled for _, spoiled in wrong):
        # One of eleven rounded numbers passes its check by chance: where some are rounded, none that looks so is believed.
        refusals += [
            Refusal("BF-1204", int(numbers[i]), "identity", values[i])
            for i in np.flatnonzero(derived.valid)
            if _fifteen_digits(values[i])
        ]
    if scheme.birth is not None:
        birth = pa.array(derived.birth.astype("datetime64[D]"), pa.date32())
        birth = pc.if_else(pa.array(~np.isnat(derived.birth)), birth, pa.scalar(None, pa.date32()))
        columns["birth_date"] = pc.coalesce(birth, columns.get("birth_date", pa.nulls(len(values), pa.date32())))
    if scheme.sex is not None:
        sex = pc.if_else(pa.array(derived.male), "male", "female")
        told = pc.if_else(pa.array(derived.valid), sex, pa.scalar(None, pa.string()))
        stated = columns["sex"].cast(pa.string()) if "sex" in columns else pa.nulls(len(values), pa.string())
        columns["sex"] = pc.coalesce(told, stated).dictionary_encode().cast(TYPES["code"])
    columns["_identity_region"] = pa.array([r or None for r in derived.region.tolist()], pa.string())
    return refusals


def _spoiled(value: str, *, digits: bool = True) -> bool:
    """Whether a wrong number looks like one that a spreadsheet has turned into floating point; `digits`: even one written in digits."""
    if re.fullmatch(r"\d+(\.\d*)?(E\+?\d+)?", value) is None or len(value) < 6:
        return False
    return not value.isdigit() or (digits and len(value) > 15 and (value.endswith("000") or int(float(value)) == int(value)))


def _fifteen_digits(value: str) -> bool:
    """Whether a number is what is read of a cell that kept its first fifteen digits: the nearest floating-point number."""
    return value.isdigit() and len(value) > 15 and int(float(round(int(value), 15 - len(value)))) == int(value)


def _digests(key: str, column: pa.DictionaryArray) -> np.ndarray:
    """What each cell adds to its row's digest: 128 bits of a hash over field and text, nothing where the cell is empty.

    The digest of a row is the sum over its cells, so it does not depend on the order of the columns, and each distinct text is
    hashed once.
    """
    hashed = b"".join(hashlib.blake2b(f"{key}={t}".encode(), digest_size=16).digest() for t in column.dictionary.to_pylist())
    parts = np.vstack([np.frombuffer(hashed, dtype="<u8").reshape(-1, 2), np.zeros((1, 2), dtype=np.uint64)])
    indices = np.asarray(pc.fill_null(column.indices, len(parts) - 1))
    taken: np.ndarray = parts[indices]
    return taken
