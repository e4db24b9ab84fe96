"""Many files in one PDF: read together, set in several processes, a list of households in front."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pypdfium2

from bangfu.cases.household_files.assembling import HouseholdFile, contents_of_many, household_files
from bangfu.documents.forms import Printing, page_counts, render, render_each
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import language
from bangfu.foundation.secrecy import hash_key
from bangfu.register.models import Household

READ_AT_ONCE, SET_AT_ONCE, PROCESSES = 300, 10, 2
FEW = 4  # files that are set in this process: others would cost more to begin than they save


@dataclass(frozen=True, slots=True)
class Bound:
    """A print of many files: the PDF and the pages of each household's file, by number."""

    pdf: bytes
    pages: dict[str, int]


def bind(actor: Actor, households: Sequence[Household], progress: Callable[[int], None] = lambda done: None) -> Bound:
    """The files of households that the actor sees as one PDF in the reader's language, a list in front where there are several."""
    files: list[HouseholdFile] = []
    pages: list[int] = []
    pieces: list[bytes] = []
    for several, pdf, counts in each_set(actor, households):
        files += several
        pages += counts
        pieces.append(pdf)
        progress(len(counts))
    if len(files) > 1:
        said, printing = language(), _printing()
        own = page_counts([contents_of_many(files, pages, 1)], said, printing)[0]
        pieces.insert(0, render([contents_of_many(files, pages, 1 + own)], said, printing))
    return Bound(pieces[0] if len(pieces) == 1 else joined(pieces), dict(zip((f.number for f in files), pages, strict=True)))


def each_set(
    actor: Actor, households: Sequence[Household], at_once: int = SET_AT_ONCE
) -> Iterator[tuple[list[HouseholdFile], bytes, list[int]]]:
    """The files of some households after the other, `at_once` of them to a PDF, with the pages of each."""
    processes = 1 if len(households) <= FEW else PROCESSES
    for start in range(0, len(households), READ_AT_ONCE):
        files = household_files(actor, households[start : start + READ_AT_ONCE])
        made = render_each((f.document for f in files), language(), _printing(), processes=processes, at_once=at_once)
        for n, (pdf, counts) in enumerate(made):
            yield files[n * at_once : (n + 1) * at_once], pdf, counts


def joined(pieces: Iterable[bytes]) -> bytes:
    """The pages of several PDF files in one."""
    whole = pypdfium2.PdfDocument.new()
    try:
        for piece in pieces:
            part = pypdfium2.PdfDocument(piece)
            whole.import_pages(part)
            part.close()
        out = io.BytesIO()
        whole.save(out)
    finally:
        whole.close()
    return out.getvalue()


def _printing() -> Printing:
    return Printing(hash_key(), the_county().synthetic)
