"""From sheets to typed tables: the heading row found, headings known by their synonyms, one row per person.

Two layouts: a sheet of persons that says everything, or a sheet of households and a sheet of persons beside each other.
Everything here is pure and runs in worker processes, a workbook each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bangfu.foundation.secrecy import keyed_hash
from bangfu.register.fields import Field, fields, title_of
from bangfu.register.identity import GB11643, Scheme, derive
from bangfu.register.importing.opening import Sheet, behind, file_digest, open_sheets, text_cells
from bangfu.register.importing.parsing import TYPES, encode, parse_column
from bangfu.register.problems import NO_HEADING, NO_ROWS, SEVERAL_LISTS

HEADING_ROWS = 10
ALWAYS = ("household_no", "name", "identity", "relation")
PERSONS_OWN = ("name", "identity", "relation")
PLACES = ("village", "village_code")
REFUSED_AS = {"value": "BF-1206", "range": "BF-1207", "length": "BF-1208"}
# Rows of the sheet of households are counted from here on: no sheet has so many, and a row needs no second number.
HOMES = 10_000_000
# What Bangfu itself adds to rows that it hands back (`bangfu.register.importing.returned`): never taken, never told.
RETURNED = ("退回原因编号 Problem", "退回原因和办法", "Cause and remedy")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell that cannot be taken: the problem's number, the file's row, the field and what stands there."""

    number: str
    row: int
    field: str
    value: str


@dataclass
class Reading:
    """One list read: a typed table (columns by field key, plus `_row`, `_home`, `_digest`, `_identity_hash`), refusals, headings.

    `_home` is the row of the sheet of households where there is one, counted from `HOMES`; `homes` is that sheet's name.
    """

    name: str
    digest: bytes
    size: int
    table: pa.Table
    refusals: list[Refusal] = field(default_factory=list)
    unknown_headings: list[str] = field(default_factory=list)
    data_date: date | None = None
    homes: str = ""

    def place(self, row: int) -> tuple[str, int]:
        """The file, with its sheet where it matters, and the row as a person sees it there."""
        return (f"{self.name}「{self.homes}」", row - HOMES) if row > HOMES else (self.name, row)


@dataclass(frozen=True, slots=True)
class Headed:
    """A sheet with its heading row: field key -> column, and the headings that nobody knows."""

    sheet: Sheet
    index: int
    mapped: dict[str, str]
    unknown: list[str]

    @property
    def body(self) -> pa.Table:
        """What stands below the heading."""
        return self.sheet.table.slice(self.index + 1)

    @property
    def missing(self) -> list[str]:
        """What a list of persons needs and this sheet has no column for."""
        missing = [k for k in ALWAYS if k not in self.mapped]
        return missing if set(PLACES) & self.mapped.keys() else [*missing, "village"]

    def rows(self) -> np.ndarray:
        """The rows of the body as the spreadsheet counts them."""
        return np.arange(self.index + 2, self.sheet.table.num_rows + 1, dtype=np.int32)


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


def headed(sheet: Sheet) -> Headed:
    """The sheet with the row among its first that has the most known headings."""
    known = known_headings()
    best = Headed(sheet, -1, {}, [])
    for index, row in enumerate(sheet.table.slice(0, HEADING_ROWS).to_pylist()):
        mapped: dict[str, str] = {}
        unknown = []
        for column, cell in row.items():
            if cell is None or not cell.strip() or cell.strip() in RETURNED:
                continue
            key = known.get(plain_heading(cell))
            if key is None:
                unknown.append(cell.strip())
            elif key in mapped:
                unknown.append(f"{cell.strip()} (= {row[mapped[key]].strip()})")
            else:
                mapped[key] = column
        if len(mapped) > len(best.mapped):
            best = Headed(sheet, index, mapped, unknown)
    return best


def match_headings(raw: pa.Table, file: str) -> tuple[int, dict[str, str], list[str]]:
    """Find the heading row of a sheet: (its index, field key -> column, headings nobody knows). Raises BF-1202 with what is missing."""
    found = layout([Sheet("", raw)], file)[0]
    return found.index, found.mapped, found.unknown


def layout(sheets: list[Sheet], file: str) -> tuple[Headed, Headed | None]:
    """The sheet of persons, and the sheet of households where what belongs to them stands apart.

    Raises BF-1202 where there is no list, BF-1235 where there are several: which of them is meant is not guessed.
    """
    found = [headed(sheet) for sheet in sheets]
    persons = [h for h in found if all(k in h.mapped for k in ALWAYS)]
    homes = [h for h in found if "household_no" in h.mapped and "relation" not in h.mapped and set(PLACES) & h.mapped.keys()]
    if len(persons) == 1 and len(homes) == 1:
        return persons[0], homes[0]
    if len(persons) > 1 or (persons and homes):
        names = [h.sheet.name for h in (persons if len(persons) > 1 else homes)]
        raise SEVERAL_LISTS(file=file, sheets="、".join(f"「{n}」" for n in names))
    if not persons or persons[0].missing:
        nearest = max(found, key=lambda h: len(h.mapped))
        missing = "、".join(f"{fields()[k].title.zh} ({fields()[k].title.en})" for k in nearest.missing)
        raise NO_HEADING(file=file, rows=HEADING_ROWS, missing=missing)
    return persons[0], None


def read(path: Path, *, scheme: Scheme = GB11643, hash_key: bytes, digest: bytes | None = None) -> Reading:
    """Read one workbook: typed columns, a digest and an identity hash per row, and every cell that cannot be taken.

    Blank rows, totals and notes are passed over: rows without household and identity number, or with nothing of a person.
    Raises what `open_sheets` and `layout` raise, and BF-1241 for a list without a row.
    """
    persons, homes = layout(open_sheets(path), path.name)
    taken = _take(path, persons)
    if not len(taken.numbers):
        raise NO_ROWS(file=path.name)
    if homes is not None:
        _join(taken, _take(path, homes, of_homes=True))
    columns, refusals, numbers = taken.columns, taken.refusals, taken.numbers
    refusals += _identities(columns, numbers, scheme, lambda: _written_as_text(path, persons))
    columns["_row"] = pa.array(numbers)
    columns.setdefault("_home", pa.nulls(len(numbers), pa.int32()))
    columns["_digest"] = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(taken.digests), [None, pa.py_buffer(taken.digests)]
    ).cast(pa.binary())
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
        unknown_headings=taken.unknown,
        data_date=max(stated) if stated else None,
        homes=homes.sheet.name if homes else "",
    )


@dataclass
class _Taken:
    """The rows of a sheet that count: their text, their values, their digests, and what was refused among them."""

    numbers: np.ndarray
    columns: dict[str, pa.Array]
    refusals: list[Refusal]
    digests: np.ndarray
    unknown: list[str]


def _take(path: Path, found: Headed, *, of_homes: bool = False) -> _Taken:
    mapped, unknown = found.mapped, list(found.unknown)
    if of_homes:  # who stands beside a household there is not a statement of a person: only the sheet of persons makes them
        unknown += [fields()[k].title.zh for k in mapped if fields()[k].level == "person"]
        mapped = {k: c for k, c in mapped.items() if fields()[k].level == "household"}
    place = next(((key,) for key in PLACES if key in mapped), ())
    required = (*(("household_no",) if of_homes else ALWAYS), *place)
    body, covered = _uncovered(path, found, mapped, required, of_homes=of_homes)
    here, numbers = _here(body, mapped, of_homes=of_homes), found.rows()
    body, numbers = body.filter(here), numbers[np.asarray(here)] + (HOMES if of_homes else 0)
    columns: dict[str, pa.Array] = {}
    refusals = _errors(found, mapped, covered, numbers)
    digests = np.zeros((body.num_rows, 2), dtype=np.uint64)
    for key, column in mapped.items():
        f = fields()[key]
        encoded = encode(body[column])
        parsed = parse_column(encoded, f)
        if key != "data_date" and not (
            of_homes and key == "household_no"
        ):  # a row that says nothing new on a later day is not new
            digests += _digests(key, encoded.indices, parsed.distinct)
        columns[key] = parsed.values
        if parsed.refused:
            refusals += _refused(body[column], f, parsed.refused, numbers)
    told = {(r.row, r.field) for r in refusals}
    for key in required:
        blank = np.flatnonzero(np.asarray(pc.is_null(columns[key])))
        refusals += [Refusal("BF-1205", int(numbers[i]), key, "") for i in blank if (int(numbers[i]), key) not in told]
    return _Taken(numbers, columns, refusals, digests, unknown)


def _says(body: pa.Table, column: str) -> pa.Array:
    return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(body[column]), ""), False)


def _here(body: pa.Table, mapped: dict[str, str], *, of_homes: bool) -> pa.Array:
    """Which rows count: those of somebody, or of a household. Totals and notes are neither."""
    household = _says(body, mapped["household_no"])
    if of_homes:
        return household
    name, identity, relation = (_says(body, mapped[key]) for key in ("name", "identity", "relation"))
    return pc.and_(pc.or_(household, identity), pc.or_(pc.or_(name, identity), relation))


def _uncovered(
    path: Path, found: Headed, mapped: dict[str, str], required: tuple[str, ...], *, of_homes: bool
) -> tuple[pa.Table, dict[tuple[int, int], tuple[str, str]]]:
    """The body with what merged cells say of a household written on all the rows that they cover, and the cells of which nobody can
    tell what they say (row and column of the sheet -> problem and text): merged over persons, or a formula without a value.

    The file is asked only where a required cell is blank: a merged cell or such a formula is read as a blank one.
    """
    body = found.body
    some = [_says(body, mapped[key]) for key in (("household_no", *PLACES) if of_homes else ALWAYS[1:]) if key in mapped]
    lacking = [pc.invert(_says(body, mapped[key])) for key in required]
    if not pc.any(pc.and_(_any(some), _any(lacking))).as_py():
        return body, {}
    blanks = behind(path, found.sheet)
    at = {int(column[1:]): key for key, column in mapped.items()}
    unclear = {cell: ("BF-1237", "=…") for cell in blanks.uncomputed if cell[1] in at}
    texts = {column: body[f"c{column}"].to_pylist() for column in at} if blanks.merged else {}
    top = found.index + 1
    for first, left, last, right in blanks.merged:
        if last < top:
            continue
        for column in range(left, right + 1):
            if column not in at:
                continue
            down = column == left and fields()[at[column]].level == "household"
            for row in range(max(first, top), last + 1):
                if down:
                    texts[column][row - top] = texts[column][first - top] if first >= top else None
                elif (row, column) != (first, left):
                    unclear[row, column] = ("BF-1236", f"{_letters(found, left)}{first + 1}")
    for column, text in texts.items():
        body = body.set_column(body.schema.get_field_index(f"c{column}"), f"c{column}", pa.array(text, pa.string()))
    return body, unclear


def _letters(found: Headed, column: int) -> str:
    """What stands in the heading of a column, to say where a merged cell begins."""
    return f"{found.sheet.table[f'c{column}'][found.index].as_py() or ''} "


def _any(conditions: list[pa.Array]) -> pa.Array:
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = pc.or_(whole, condition)
    return whole


def _errors(
    found: Headed, mapped: dict[str, str], unclear: dict[tuple[int, int], tuple[str, str]], numbers: np.ndarray
) -> list[Refusal]:
    """Cells that show an error or of which nobody can tell what they say, in the rows and columns that count."""
    wrong = {cell: ("BF-1237", text) for cell, text in found.sheet.errors.items()} | unclear
    at = {int(column[1:]): key for key, column in mapped.items()}
    counted = {int(n) % HOMES: int(n) for n in numbers} if wrong else {}
    return [
        Refusal(number, counted[row + 1], at[column], text)
        for (row, column), (number, text) in sorted(wrong.items())
        if column in at and row + 1 in counted
    ]


def _join(taken: _Taken, homes: _Taken) -> None:
    """Give the persons what their households' rows say. A person whose household is not there (BF-1238), a household without a person
    (BF-1239) or there twice (BF-1240), and a household of which both sheets say different things (BF-1214) are refused."""
    numbers = homes.columns["household_no"].cast(pa.string()).to_pylist()
    first: dict[str, int] = {}
    twice: set[str] = set()
    for i, number in enumerate(numbers):
        if number is not None and first.setdefault(number, i) != i:
            twice.add(number)
    own = taken.columns["household_no"].cast(pa.string()).to_pylist()
    rows = [int(n) for n in taken.numbers]
    at = [first.get(n) if n is not None else None for n in own]
    there = set(own)
    place = [homes.columns[key].to_pylist() for key in PLACES if key in homes.columns]
    notes = {
        int(homes.numbers[i]) for i, n in enumerate(numbers) if n not in there and not any(column[i] for column in place)
    }  # totals and notes below the households
    taken.refusals += [r for r in homes.refusals if r.row not in notes]
    taken.refusals += [
        Refusal("BF-1238", row, "household_no", n) for row, n, i in zip(rows, own, at, strict=True) if n is not None and i is None
    ]
    for i, number in enumerate(numbers):
        row = int(homes.numbers[i])
        if number in twice:
            taken.refusals.append(Refusal("BF-1240", row, "household_no", number))
        elif number is not None and number not in there and row not in notes:
            taken.refusals.append(Refusal("BF-1239", row, "household_no", number))
    indices = pa.array(at, pa.int64())
    for key, column in homes.columns.items():
        if key == "household_no":
            continue
        told = column.take(indices)
        if key in taken.columns:
            stated = taken.columns[key]
            for i, (here, beside) in enumerate(zip(stated.to_pylist(), told.to_pylist(), strict=True)):
                if here is not None and beside is not None and here != beside:
                    taken.refusals.append(Refusal("BF-1214", rows[i], key, str(here)[:60]))
            plain = stated.type.value_type if pa.types.is_dictionary(stated.type) else stated.type
            told = (
                pc.coalesce(told.cast(plain), stated.cast(plain)).cast(stated.type)
                if plain == stated.type
                else (pc.coalesce(told.cast(plain), stated.cast(plain)).dictionary_encode().cast(stated.type))
            )
        taken.columns[key] = told
    # A household's row that is there twice is one row refused twice: its persons wait for both.
    taken.columns["_home"] = pa.array([None if i is None else int(homes.numbers[i]) for i in at], pa.int32())
    found = np.array([i is not None for i in at], dtype=bool)
    taken.digests[found] += homes.digests[[i for i in at if i is not None]]
    taken.unknown += homes.unknown


def _refused(column: pa.ChunkedArray, f: Field, refused: dict[str, str], numbers: np.ndarray) -> list[Refusal]:
    bad = pc.is_in(column, value_set=pa.array(list(refused), pa.string()))
    where = np.flatnonzero(np.asarray(bad))
    texts = column.take(pa.array(where)).to_pylist()
    return [Refusal(REFUSED_AS[refused[t]], int(numbers[i]), f.key, t) for i, t in zip(where, texts, strict=True)]


def _identities(
    columns: dict[str, pa.Array], numbers: np.ndarray, scheme: Scheme, as_text: Callable[[], set[int]]
) -> list[Refusal]:
    """Judge the numbers and fill in what they tell: birth date and sex come from the number where it is valid, and what the row says
    beside it must be the same (BF-1251). `as_text` gives the rows whose number is a text in the file, asked only where others are spoiled."""
    values = columns["identity"].to_pylist()
    derived = derive(values, scheme)
    present = np.array([v is not None for v in values], dtype=bool)
    wrong = [(int(i), _spoiled(values[i])) for i in np.flatnonzero(present & ~derived.valid)]
    if not scheme.checked:  # of numbers without a check only those can be seen to be spoiled that are not digits any more
        wrong = [(i, True) for i, v in enumerate(values) if v is not None and _spoiled(v, digits=False)]
    refusals = [Refusal("BF-1204" if spoiled else "BF-1203", int(numbers[i]), "identity", values[i]) for i, spoiled in wrong]
    if scheme.checked and any(spoiled for _, spoiled in wrong):
        # One of eleven rounded numbers passes its check by chance: where some are rounded, none that looks so is believed, unless
        # the file itself says that it never was a number.
        lucky = [int(i) for i in np.flatnonzero(derived.valid) if _fifteen_digits(values[i])]
        typed = as_text() if lucky else set()
        refusals += [Refusal("BF-1204", int(numbers[i]), "identity", values[i]) for i in lucky if int(numbers[i]) not in typed]
    if scheme.birth is not None:
        birth = pa.array(derived.birth.astype("datetime64[D]"), pa.date32())
        birth = pc.if_else(pa.array(~np.isnat(derived.birth)), birth, pa.scalar(None, pa.date32()))
        stated = columns.get("birth_date", pa.nulls(len(values), pa.date32()))
        refusals += _at_odds("birth_date", stated, birth, derived.valid, numbers)
        columns["birth_date"] = pc.coalesce(birth, stated)
    if scheme.sex is not None:
        sex = pc.if_else(pa.array(derived.male), "male", "female")
        told = pc.if_else(pa.array(derived.valid), sex, pa.scalar(None, pa.string()))
        stated = columns["sex"].cast(pa.string()) if "sex" in columns else pa.nulls(len(values), pa.string())
        refusals += _at_odds("sex", stated, told, derived.valid, numbers)
        columns["sex"] = pc.coalesce(told, stated).dictionary_encode().cast(TYPES["code"])
    columns["_identity_region"] = pa.array([r or None for r in derived.region.tolist()], pa.string())
    return refusals


def _at_odds(key: str, stated: pa.Array, told: pa.Array, valid: np.ndarray, numbers: np.ndarray) -> list[Refusal]:
    """Rows that say something else of a person than a number does that is right in itself."""
    differ = pc.and_(pc.fill_null(pc.not_equal(stated, told), False), pa.array(valid))
    where = np.flatnonzero(np.asarray(differ))
    said = stated.take(pa.array(where)).to_pylist()
    if fields()[key].codes is not None:
        said = [getattr(title_of(fields()[key].codes or "", s), "zh", s) for s in said]
    return [Refusal("BF-1251", int(numbers[i]), key, str(s)) for i, s in zip(where, said, strict=True)]


def _written_as_text(path: Path, persons: Headed) -> set[int]:
    """The rows, as the spreadsheet counts them, whose identity number is a text in the file; none of a file that does not say."""
    return {row + 1 for row in text_cells(path, persons.sheet, int(persons.mapped["identity"][1:]))}


def _spoiled(value: str, *, digits: bool = True) -> bool:
    """Whether a wrong number looks like one that a spreadsheet has turned into floating point; `digits`: even one written in digits."""
    if re.fullmatch(r"\d+(\.\d*)?(E\+?\d+)?", value) is None or len(value) < 6:
        return False
    return not value.isdigit() or (digits and len(value) > 15 and (value.endswith("000") or int(float(value)) == int(value)))


def _fifteen_digits(value: str) -> bool:
    """Whether a number is what is read of a cell that kept its first fifteen digits: the nearest floating-point number."""
    return value.isdigit() and len(value) > 15 and int(float(round(int(value), 15 - len(value)))) == int(value)


def _digests(key: str, indices: pa.Array, distinct: pa.Array) -> np.ndarray:
    """What each cell adds to its row's digest: 128 bits of a hash over field and value, nothing where nothing is said.

    The digest of a row is the sum over its cells, so it does not depend on the order of the columns, and each distinct text is
    hashed once; being over values, it is the same however a file writes them.
    """
    hashed = b"".join(
        bytes(16) if v is None else hashlib.blake2b(f"{key}={v}".encode(), digest_size=16).digest() for v in distinct.to_pylist()
    )
    parts = np.vstack([np.frombuffer(hashed, dtype="<u8").reshape(-1, 2), np.zeros((1, 2), dtype=np.uint64)])
    indices = np.asarray(pc.fill_null(indices, len(parts) - 1))
    taken: np.ndarray = parts[indices]
    return taken
