"""A file that somebody hands in by hand as one paper: its codes, where it shows any, are held against what it is said to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bangfu.cases.actions.writing import FILE_BYTES
from bangfu.cases.models import Decision
from bangfu.cases.numbers import DECISION, key_in
from bangfu.cases.paper_forms.codes import TITLES, paper_title, papers_of
from bangfu.cases.problems import OTHER_PAPER
from bangfu.cases.procedures import step_title
from bangfu.documents.codes import PageCode, PageKey
from bangfu.documents.scans import Limits, ReadPage, count_pages, read_pile
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import hash_key

MOST_READ = 30  # pages: a longer file is kept as it is, for nobody waits while it is read
A_PAPER = Text("材料", "a paper")


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it was handed in: its pages as they were read (none where it cannot be read, or is too long), and how many it has."""

    name: str
    pages: tuple[ReadPage, ...]
    count: int

    @property
    def codes(self) -> list[tuple[int, PageCode]]:
        """The codes of ours on it, each with the place of its page."""
        return [(page.number, code) for page in self.pages for code in page.codes]


def looked_at(name: str, content: bytes) -> Handed:
    """Read the codes of a file. What cannot be read is none the worse: a plain photograph has no code either."""
    count = count_pages(content)
    if len(content) > FILE_BYTES or count > MOST_READ:
        return Handed(name, (), count)
    pages = read_pile([(name, content)], key=hash_key(), limits=Limits(pages=MOST_READ)).pages
    return Handed(name, pages, count)


def held_against(
    actor: Actor, handed: Handed, wanted: Collection[PageKey], beside: Callable[[PageKey], bool], *, asked: str, title: Text
) -> tuple[int, tuple[int, ...]]:
    """How many pages a paper has, and which are missing, by the codes on the file. Without a code of it: as many as came, and nothing is missing.

    `wanted`: what the paper may be printed as. `beside`: other pages that may lie with it. A page whose code cannot be read stands for one that is missing: the file was
    put together by hand. Raises BF-2456 for a page of anything else; `asked` and `title` say there what was wanted, the number and the paper.
    """
    there: dict[tuple[PageKey, int], set[int]] = defaultdict(set)
    for number, code in handed.codes:
        if code.key in wanted:
            there[code.key, code.pages].add(code.page)
        elif not beside(code.key):
            raise OTHER_PAPER(
                file=handed.name[:60], page=number, number=code.matter, paper=named(actor, code.key), asked=asked, wanted=title
            )
    if not there:
        return handed.count, ()
    (_, total), came = max(there.items(), key=lambda one: len(one[1]))
    missing = tuple(n for n in range(1, total + 1) if n not in came)
    if len(missing) <= sum(not page.codes for page in handed.pages):
        return max(total, len(handed.pages)), ()
    return total, missing


def named(actor: Actor, key: PageKey) -> Text:
    """What a printed page is called: a paper of a decision that the actor sees by its title and step."""
    found = key_in(key.matter, DECISION)
    decision = Decision.objects.visible_to(actor).filter(pk=found).first() if found is not None else None
    if decision is not None and decision.number == key.matter:
        for paper in papers_of(decision.steps):
            if paper.form == key.form:
                return with_step(decision, paper.step, paper.document)
    return TITLES.get(key.form, A_PAPER)


def with_step(decision: Decision, step: Mapping[str, Any], document: str) -> Text:
    """A paper with its step."""
    return Text("{t} · {s}", "{t} · {s}").format(
        t=paper_title(decision, step, document).as_heading(), s=step_title(decision, step)
    )
