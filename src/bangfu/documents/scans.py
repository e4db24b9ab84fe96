"""A pile of photographed and scanned pages: what each page is, which way up it lay, which came twice, which are missing.

Pure: bytes in, dataclasses out. Nothing is dropped in silence: a page is in `pages`, in `twice`, or its file is in `refused`.
"""

from __future__ import annotations

import hashlib
import io
import math
import threading
import warnings
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter, ImageOps

from bangfu.documents import problems
from bangfu.documents.codes import Misread, PageCode, PageKey, encode, judge
from bangfu.foundation.problems import Problem

FIRST_LOOK, SECOND_LOOK = 2000, 4200  # pixels of the longer side: enough for almost every page, and whatever the camera gave
A4_LONG = 842.0  # points
CORNER = 0.42  # of each side: the code stands in a corner of the page
SMALL = 64  # two pictures are compared so many pixels square
ALIKE = 8  # levels of grey: how far a picture is changed at that size when a messenger makes it smaller
NOTICED_SKEW = 1.0  # degrees: what lies straighter than this is left as it is


@dataclass(frozen=True, slots=True)
class Limits:
    """What a pile may hold, and what is kept of it."""

    file_bytes: int = 20_000_000
    pages: int = 500
    pixels: int = 64_000_000
    kept_side: int = 1754  # A4 at 150 dpi
    kept_quality: int = 70


class Why(StrEnum):
    """Why a page names no place for itself."""

    NO_CODE = "no_code"
    FOREIGN = "foreign"
    NEWER = "newer"
    DAMAGED = "damaged"
    TWO_CODES = "two_codes"


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as it came: `number` is its place in the file, from 1."""

    file: str
    number: int
    code: PageCode | None
    why: Why | None  # None where the code is known
    codes: tuple[PageCode, ...]  # all codes of ours on it
    rotation: int | None  # degrees clockwise that it was turned by: 0, 90, 180, 270; unknown without a code
    skew: float  # degrees clockwise beyond that
    picture: bytes = field(repr=False)  # a JPEG, upright where that is known, of bounded size
    width: int
    height: int
    sharpness: float
    digest: str  # SHA-256 of the pixels as they came

    @property
    def problem(self) -> Problem | None:
        """What to tell whoever handed it in."""
        if self.why is None:
            return None
        codes = "、".join(f"{c.matter} {c.form} {c.page}/{c.pages}" for c in self.codes)
        return _KINDS[self.why](file=self.file, page=self.number, codes=codes)


_KINDS = {
    Why.NO_CODE: problems.NO_CODE,
    Why.FOREIGN: problems.FOREIGN,
    Why.NEWER: problems.NEWER,
    Why.DAMAGED: problems.DAMAGED,
    Why.TWO_CODES: problems.TWO_CODES,
}


@dataclass(frozen=True, slots=True)
class Twice:
    """A page that came once more: `kept` is the sharper one. `by` is `code` or `picture`."""

    page: ReadPage
    kept: ReadPage
    by: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of which no page was read, and why."""

    file: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Pile:
    """All that was handed in, in the order in which it came."""

    pages: tuple[ReadPage, ...]
    twice: tuple[Twice, ...]
    alike: tuple[tuple[ReadPage, ReadPage], ...]  # pages without a code that may be one picture sent again; both are in `pages`
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """A document of a pile: its pages in order, and the numbers of those that did not come."""

    key: PageKey
    count: int
    pages: tuple[ReadPage, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """A pile, sorted. Every page of the pile is in one document, or in one of the three lists below them."""

    complete: tuple[FiledDocument, ...]
    incomplete: tuple[FiledDocument, ...]
    unknown: tuple[ReadPage, ...]  # a code of ours that nobody waits for
    other_edition: tuple[ReadPage, ...]  # of a document that is waited for, but printed with another number of pages
    unreadable: tuple[ReadPage, ...]
    absent: tuple[PageKey, ...]  # waited for, and no page came that could be filed to it


# --- reading


def read_pile(files: Iterable[tuple[str, bytes]], *, key: bytes = b"", limits: Limits = Limits(), workers: int = 1) -> Pile:
    """Read files (name, content) in any order. A file that cannot be taken is refused and listed, the others are read all the same."""
    refused: list[Refused] = []
    waiting: list[tuple[str, list[Future[_Seen]]]] = []
    running: deque[Future[_Seen]] = deque()
    taken = 0
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for name, content in files:
            begun: list[Future[_Seen]] = []
            try:
                for number, image in _pages(name, content, limits, limits.pages - taken):
                    begun.append(pool.submit(_see, name, number, image, key, limits))
                    running.append(begun[-1])
                    while len(running) > workers + 1:  # no more pictures in memory than are being read
                        wait([running.popleft()])
            except Problem as problem:
                refused.append(Refused(name, problem))
            else:
                taken += len(begun)
                waiting.append((name, begun))
    return replace(_once_each([one.result() for _, begun in waiting for one in begun]), refused=tuple(refused))


@dataclass(frozen=True, slots=True)
class _Seen:
    page: ReadPage
    small: NDArray[np.int16]


_pdfium = threading.Lock()  # the library knows one thread


def _pages(name: str, content: bytes, limits: Limits, room: int) -> Iterator[tuple[int, Image.Image]]:
    """The pages of a file as pictures, from 1. Raises Problem for a file that is not taken."""
    if len(content) > limits.file_bytes:
        size = math.ceil(len(content) / 100_000) / 10
        raise problems.TOO_LARGE(file=name, size=size, most=limits.file_bytes // 1_000_000)
    if content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n":
        if room < 1:
            raise problems.TOO_MANY(file=name, most=limits.pages)
        yield 1, opened(name, content, limits)
    elif b"%PDF-" in content[:1024]:
        yield from _rendered(name, content, limits, room)
    else:
        raise problems.NOT_A_PAGE(file=name)


def opened(name: str, content: bytes, limits: Limits) -> Image.Image:
    """A JPEG or PNG, upright as the camera says, in RGB on white. Raises Problem for what is broken, too large or something else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are judged here, and of notes beside the picture
            image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
            _bounded(name, image.width, image.height, limits)
            image.draft("RGB", (SECOND_LOOK, SECOND_LOOK))  # a JPEG far larger than this is read at a half or a quarter
            image.load()
            return _plain(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise problems.TOO_MANY_PIXELS(file=name, width="?", height="?", most=limits.pixels // 10_000) from error
    except (OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, MemoryError) as error:
        raise problems.BROKEN(file=name) from error


def _bounded(name: str, width: int, height: int, limits: Limits) -> None:
    if width * height > limits.pixels:
        raise problems.TOO_MANY_PIXELS(file=name, width=width, height=height, most=limits.pixels // 10_000)


def _plain(image: Image.Image) -> Image.Image:
    """In RGB, on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        ground = Image.new("RGBA", over.size, "white")
        ground.alpha_composite(over)
        return ground.convert("RGB")
    return image.convert("RGB")


def _rendered(name: str, content: bytes, limits: Limits, room: int) -> Iterator[tuple[int, Image.Image]]:
    try:
        with _pdfium:
            document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = pdfium_raw.FPDF_GetLastError() == pdfium_raw.FPDF_ERR_PASSWORD or "password" in str(error).lower()
        raise (problems.LOCKED if locked else problems.BROKEN)(file=name) from error
    try:
        count = len(document)
        if count > room:
            raise problems.TOO_MANY(file=name, most=limits.pages)
        if not count:
            raise problems.BROKEN(file=name)
        for index in range(count):
            try:
                with _pdfium:
                    image = _page_of(document, name, index, limits)
            except (pdfium.PdfiumError, ValueError, MemoryError) as error:
                raise problems.BROKEN(file=name) from error
            yield index + 1, image
    finally:
        with _pdfium:
            document.close()


def count_pages(content: bytes) -> int:
    """How many pages a file has; 1 where it is a picture, or cannot be read."""
    if b"%PDF-" not in content[:1024]:
        return 1
    try:
        with _pdfium, closing(pdfium.PdfDocument(content)) as document:
            return max(1, len(document))
    except pdfium.PdfiumError:
        return 1


def _page_of(document: Any, name: str, index: int, limits: Limits) -> Image.Image:
    page = document[index]
    try:
        for part in page.get_objects(filter=[pdfium_raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
            width, height = part.get_px_size()
            _bounded(name, width, height, limits)
        longer = max(page.get_width(), page.get_height())
        if longer <= 0:
            raise problems.BROKEN(file=name)
        # 200 dpi for A4; a small page is drawn larger, a poster smaller
        side = min(max(longer * 200 / 72, A4_LONG), A4_LONG * 200 / 72)
        image: Image.Image = page.render(scale=side / longer, may_draw_forms=False).to_pil().convert("RGB")
        return image
    finally:
        page.close()


def _see(name: str, number: int, image: Image.Image, key: bytes, limits: Limits) -> _Seen:
    """A page: its code, which way up it lies, and what is kept."""
    gray = image.convert("L")
    digest = hashlib.sha256(gray.tobytes()).hexdigest()
    found, misread = _codes(gray, key)
    codes = tuple(sorted(found))
    code = codes[0] if len(codes) == 1 else None
    rotation, skew = _turned(found[codes[0]]) if codes else (None, 0.0)
    kept = _kept(image, rotation or 0, skew, limits)
    file = io.BytesIO()
    kept.save(file, "JPEG", quality=limits.kept_quality, optimize=True)
    why = None if code else Why.TWO_CODES if codes else Why(misread.value) if misread else Why.NO_CODE
    page = ReadPage(
        name, number, code, why, codes, rotation, skew, file.getvalue(), kept.width, kept.height, _sharpness(kept), digest
    )
    return _Seen(page, np.asarray(gray.resize((SMALL, SMALL), Image.Resampling.BOX), dtype=np.int16))


def _codes(gray: Image.Image, key: bytes) -> tuple[dict[PageCode, Any], Misread | None]:
    """The codes of ours with their places, looked for harder and harder until one is found; else what was found instead."""
    misread: Misread | None = None
    for look in _looks(gray):
        found: dict[PageCode, Any] = {}
        for barcode in zxingcpp.read_barcodes(np.asarray(look), formats=zxingcpp.BarcodeFormat.QRCode, try_invert=False):
            said = judge(barcode.text, key)
            if isinstance(said, PageCode):
                found.setdefault(said, barcode.position)
            elif misread in (None, Misread.FOREIGN):
                misread = said
        if found:
            return found, None
    return {}, misread


def _looks(gray: Image.Image) -> Iterator[Image.Image]:
    """The page as it is; in full; with even light; and its corners enlarged."""
    yield _within(gray, FIRST_LOOK)
    if max(gray.size) > FIRST_LOOK:
        yield _within(gray, SECOND_LOOK)
    even = _even(_within(gray, FIRST_LOOK))
    yield even
    width, height = even.size
    across, down = int(width * CORNER), int(height * CORNER)
    for left, top in ((width - across, height - down), (0, 0), (width - across, 0), (0, height - down)):
        corner = even.crop((left, top, left + across, top + down))
        yield corner.resize((across * 2, down * 2), Image.Resampling.BICUBIC).filter(ImageFilter.UnsharpMask(4, 150, 2))


def _even(gray: Image.Image) -> Image.Image:
    """Without shadows: what is darker than its surroundings stays dark."""
    ground = gray.resize((max(1, gray.width // 8), max(1, gray.height // 8)), Image.Resampling.BOX)
    ground = ground.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(6)).resize(gray.size)
    return ImageOps.autocontrast(ImageOps.invert(ImageChops.subtract(ground, gray)), cutoff=1)


def _within(image: Image.Image, side: int) -> Image.Image:
    longer = max(image.size)
    if longer <= side:
        return image
    size = (max(1, round(image.width * side / longer)), max(1, round(image.height * side / longer)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _turned(place: Any) -> tuple[int, float]:
    """How a code lies: quarter turns clockwise in degrees, and the rest."""
    corners = [complex(p.x, p.y) for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
    across = (corners[1] - corners[0]) + (corners[2] - corners[3])
    down = (corners[3] - corners[0]) + (corners[2] - corners[1])
    direction = across + down * -1j  # the mean of both edges, where the second is turned back by a quarter
    degrees = math.degrees(math.atan2(direction.imag, direction.real)) % 360
    quarter = round(degrees / 90) * 90
    return quarter % 360, round(degrees - quarter, 2)


def _kept(image: Image.Image, rotation: int, skew: float, limits: Limits) -> Image.Image:
    kept = _within(image, limits.kept_side)
    if rotation:
        kept = kept.rotate(rotation, expand=True)
    if abs(skew) >= NOTICED_SKEW:
        kept = kept.rotate(skew, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
        kept = _within(kept, limits.kept_side)
    return kept


def _sharpness(image: Image.Image) -> float:
    """How steep the edges are, on pages brought to one size."""
    small = np.asarray(image.convert("L").resize((700, 1000), Image.Resampling.BOX), dtype=np.float32)
    edges = 4 * small[1:-1, 1:-1] - small[:-2, 1:-1] - small[2:, 1:-1] - small[1:-1, :-2] - small[1:-1, 2:]
    return round(float(edges.var()), 2)


# --- the same page twice


def _once_each(seen: list[_Seen]) -> Pile:
    """Pages once each: by their code, and where none is known by their very pixels. Two codes are never one page, however alike two forms look."""
    twice: list[Twice] = []
    best: dict[PageCode | str, _Seen] = {}
    for one in seen:
        name = one.page.code or one.page.digest
        other = best.setdefault(name, one)
        if other is not one:
            kept, less = (one, other) if one.page.sharpness > other.page.sharpness else (other, one)
            best[name] = kept
            twice = [Twice(t.page, kept.page, t.by) if t.kept is less.page else t for t in twice]
            twice.append(Twice(less.page, kept.page, "code" if kept.page.code else "picture"))
    staying = {id(one) for one in best.values()}
    left = [one for one in seen if id(one) in staying]
    nameless = [one for one in left if one.page.code is None]
    alike = [(one.page, other.page) for one, other in combinations(nameless, 2) if _alike(one.small, other.small)]
    return Pile(tuple(one.page for one in left), tuple(twice), tuple(alike), ())


def _alike(one: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    """Whether two may be one picture, sent again: smaller, or turned. Two forms that differ by one figure look alike too, so both stay."""
    return any(int(np.abs(np.rot90(one, quarter) - other).max()) <= ALIKE for quarter in range(4))


# --- sorting


def sort_pile(pile: Pile, expected: Mapping[PageKey, int | None]) -> Filed:
    """File the pages of a pile to the documents that are waited for. A count of None: as many pages as the code says."""
    pages: dict[PageKey, list[ReadPage]] = defaultdict(list)
    unknown, other_edition, unreadable = [], [], []
    counts = dict(expected)
    for page in pile.pages:
        if page.code is None:
            unreadable.append(page)
        elif page.code.key not in expected:
            unknown.append(page)
        elif (counts[page.code.key] or page.code.pages) != page.code.pages:
            other_edition.append(page)
        else:
            counts[page.code.key] = page.code.pages
            pages[page.code.key].append(page)
    complete: list[FiledDocument] = []
    incomplete: list[FiledDocument] = []
    for key in expected:
        if key not in pages:
            continue
        count = counts[key] or 0
        there = {page.code.page: page for page in pages[key] if page.code}
        document = FiledDocument(
            key, count, tuple(there[n] for n in sorted(there)), tuple(n for n in range(1, count + 1) if n not in there)
        )
        (incomplete if document.missing else complete).append(document)
    absent = tuple(key for key in expected if key not in pages)
    return Filed(tuple(complete), tuple(incomplete), tuple(unknown), tuple(other_edition), tuple(unreadable), absent)


def codes_of(document: FiledDocument, key: bytes = b"") -> tuple[str, ...]:
    """The codes of the pages that are missing, as they are printed: to ask for, or to print again."""
    return tuple(encode(document.key.page(number, document.count), key) for number in document.missing)
