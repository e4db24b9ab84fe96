"""A pile of photographed or scanned pages files itself: each page by its code to its decision and paper, or to the minutes of its meeting."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from PIL import Image

from bangfu.cases.actions.deciding import hand_in
from bangfu.cases.actions.meeting import file_minutes
from bangfu.cases.models import Decision, Meeting
from bangfu.cases.models.meetings import HELD
from bangfu.cases.numbers import DECISION, MEETING, key_in
from bangfu.cases.paper_forms import page_key
from bangfu.documents.codes import PageKey
from bangfu.documents.scans import FiledDocument, ReadPage, Refused, read_pile, sort_pile
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.secrecy import hash_key

MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class InPlace:
    """A document that found its step: the number of its matter, which paper, how many pages came, which are missing."""

    number: str
    document: str
    pages: int
    missing: tuple[int, ...]


@dataclass
class Sorted:
    """What became of a pile: documents in place, pages whose matter nobody here waits for, pages that could not be read, files not taken, pages that came twice."""

    placed: list[InPlace] = field(default_factory=list)
    unknown: list[ReadPage] = field(default_factory=list)
    unreadable: list[ReadPage] = field(default_factory=list)
    refused: Sequence[Refused] = ()
    twice: int = 0


def file_pile(actor: Actor, files: Iterable[tuple[str, bytes]]) -> Sorted:
    """Read a pile of pages in any order and hand every document in at its step; what lacks pages is kept with what is missing, and does not count
    as a paper until they come. Raises BF-1001 without `decision.do`; a file that cannot be read is listed, the others are read all the same."""
    actor.require("decision.do")
    pile = read_pile(files, key=hash_key())
    with acting(actor):
        waits, meetings = _waited_for(actor, {p.code.key.matter for p in pile.pages if p.code is not None})
        expected: dict[PageKey, int | None] = dict.fromkeys([*waits, *meetings], None)
        filed = sort_pile(pile, expected)
        done = Sorted(
            unknown=[*filed.unknown, *filed.other_edition],
            unreadable=list(filed.unreadable),
            refused=pile.refused,
            twice=len(pile.twice),
        )
        for one in (*filed.complete, *filed.incomplete):
            content = _bound(one)
            if one.key in meetings:
                if not one.missing:
                    file_minutes(actor, meetings[one.key].pk, "minutes.pdf", content)
                done.placed.append(InPlace(one.key.matter, MINUTES, len(one.pages), tuple(one.missing)))
                continue
            decision, document = waits[one.key]
            hand_in(actor, decision.pk, document, f"{document}.pdf", content, pages=one.count, missing=one.missing)
            done.placed.append(InPlace(decision.number, document, len(one.pages), tuple(one.missing)))
    return done


def _waited_for(actor: Actor, matters: set[str]) -> tuple[dict[PageKey, tuple[Decision, str]], dict[PageKey, Meeting]]:
    """The papers of the decisions and meetings that some pages name, as far as the actor may deal with them."""
    keys = [k for m in matters if (k := key_in(m, DECISION)) is not None]
    waits = {
        page_key(d.number, document): (d, document)
        for d in Decision.objects.visible_to(actor).running().filter(pk__in=keys)
        for step in d.steps
        for document in step["documents"]
    }
    held = [k for m in matters if (k := key_in(m, MEETING)) is not None]
    meetings = {page_key(m.number, MINUTES): m for m in Meeting.objects.visible_to(actor).filter(pk__in=held, state=HELD)}
    if not actor.may("meeting.manage"):
        meetings = {}
    return waits, meetings


def _bound(one: FiledDocument) -> bytes:
    """The pages of a document in their order as one PDF."""
    pages = [Image.open(io.BytesIO(p.picture)).convert("RGB") for p in one.pages]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return out.getvalue()
