"""A pile of photographed or scanned pages files itself: each page by its code to the paper of its step, the minutes of its meeting, the
photograph of its notice, or the story of its case. What is not filed is told with its reason."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from PIL import Image

from bangfu.cases.actions.handed import held_against, looked_at, with_step
from bangfu.cases.actions.meeting import file_minutes
from bangfu.cases.actions.noticing import FIRST, LAST, photograph
from bangfu.cases.actions.papers import hand_in
from bangfu.cases.actions.sheets import FiledSheet, file_sheet
from bangfu.cases.models import Case, Decision, Meeting, Notice
from bangfu.cases.models.decisions import DECISION_STATES, RUNNING
from bangfu.cases.models.meetings import HELD
from bangfu.cases.numbers import CASE, DECISION, MEETING, NOTICE, key_in
from bangfu.cases.paper_forms import codes
from bangfu.cases.paper_forms.codes import StepPaper, papers_of
from bangfu.cases.problems import BAD_ROW
from bangfu.documents.codes import PageKey
from bangfu.documents.scans import FiledDocument, ReadPage, Refused, count_pages, read_pile, sort_pile
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text, listed
from bangfu.foundation.secrecy import hash_key

MINUTES = codes.TITLES[codes.MINUTES]
PROOF = Text("事项办理表（销号申请的证明）", "Sheet of a case (proof of the claim)")
PHOTOGRAPHS = {
    FIRST: Text("公示首日照片", "Photograph of the first day"),
    LAST: Text("公示末日照片", "Photograph of the last day"),
}
FIRST_DAYS = 1  # days after the first on which its photograph may still be handed in without saying so

NOT_THEIRS = Text("没有这个编号，或不归您办理", "there is no such number, or it is not yours")
NO_PAPER = Text("不是这一程序任何步骤的材料", "no step of this decision has such a paper")
OTHER_COUNT = Text(
    "与同一份的其他页总页数不同，是另一次打印的", "printed at another time: its other pages tell another number of pages"
)
LACKS = Text("缺第 {p} 页，收齐后再交", "page {p} is missing: hand it in once all are there")
OVER = Text("程序{s}，不再收材料", "the decision is {s}: no papers are taken")
NO_MEETINGS = Text("您不能上交会议记录", "you may not hand in minutes")
NOT_HELD = Text("会议还没有开过，或已取消", "the meeting was not held")
TAKEN_DOWN = Text("公示已结束", "the notice is over")
BOTH_THERE = Text("首日、末日照片都已有", "the photographs of both days are there")
FIRST_THERE = Text(
    "首日照片已有，末日照片从 {d} 起收", "the photograph of the first day is there; that of the last is taken from {d} on"
)
LAST_THERE = Text(
    "末日照片已有；首日照片请在公示页上交",
    "the photograph of the last day is there; hand that of the first in on the notice’s page",
)
BETWEEN = Text(
    "今天不是首日也不是末日；请在公示页上说明是哪一天的照片",
    "today is neither the first nor the last day: say on the notice’s page of which it is",
)
WHY_NOT = {
    codes.STORY: Text("程序的全过程，只供阅读，不是材料", "the story of a decision is to be read: it is no paper of a step"),
    codes.FILE: Text("户档，留村、留户，不归入步骤", "a household’s file stays on paper: it is no paper of a step"),
    codes.FILES: Text("户档清单，不归入步骤", "the list before household files is no paper of a step"),
    **dict.fromkeys(
        (codes.AGENDA, codes.ATTENDANCE, codes.BALLOT),
        Text("议程、签到表、表决票与会议记录一起留存，系统只收会议记录", "agenda, attendance list and ballots stay with the village: only the minutes are taken"),
    ),
}  # fmt: skip
NUMBER = Text("编号", "number")
A_NUMBER = Text(
    "程序（D…）、会议（M…）、公示（N…）或事项的编号", "the number of a decision (D…), a meeting (M…), a notice (N…) or a case"
)


@dataclass(frozen=True, slots=True)
class InPlace:
    """A document that found its place: the number of its matter, which paper (of which step), how many pages came, which are missing."""

    number: str
    document: str
    title: Text
    pages: int
    missing: tuple[int, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """A page that was read and not filed, and why; the number of its matter where the actor sees it; the problem, where it is a numbered one."""

    page: ReadPage
    why: Text
    number: str = ""
    problem: Problem | None = None


@dataclass
class Sorted:
    """What became of a pile: documents in place, pages that were not filed, pages that could not be read, files not taken, pages that came
    twice."""

    placed: list[InPlace] = field(default_factory=list)
    unknown: list[NotPlaced] = field(default_factory=list)
    unreadable: list[ReadPage] = field(default_factory=list)
    refused: Sequence[Refused] = ()
    twice: int = 0


class _Left(Exception):
    """A document is not filed, and why."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


def file_pile(actor: Actor, files: Iterable[tuple[str, bytes]]) -> Sorted:
    """Read a pile of pages in any order and file every document; a paper that lacks pages is kept with what is missing, and does not count
    until they come. Raises BF-1001 without `decision.do`; a file that cannot be read is listed, the others are read all the same."""
    actor.require("decision.do")
    pile = read_pile(files, key=hash_key())
    with acting(actor):
        matters = _Matters(actor, {p.code.key.matter for p in pile.pages if p.code is not None})
        places = matters.places()
        filed = sort_pile(pile, dict.fromkeys(places, None))
        done = Sorted(unreadable=list(filed.unreadable), refused=pile.refused, twice=len(pile.twice))
        for one in (*filed.complete, *filed.incomplete):
            try:
                with acting(actor):  # what is refused leaves nothing behind
                    done.placed.append(places[one.key](one))
            except (_Left, Problem) as problem:
                why, told = (problem.why, None) if isinstance(problem, _Left) else (problem.cause, problem)
                done.unknown += [NotPlaced(p, why, one.key.matter, told) for p in one.pages]
        done.unknown += [NotPlaced(p, OTHER_COUNT, p.code.key.matter) for p in filed.other_edition if p.code is not None]
        done.unknown += [matters.left(p, p.code.key) for p in filed.unknown if p.code is not None]
    return done


def file_by_hand(actor: Actor, number: str, document: str, name: str, content: bytes) -> InPlace:
    """File a paper whose code cannot be read by the number that stands on it: a paper of a decision (which document), the minutes of a
    meeting, the photograph of a notice, the sheet of a case. Raises BF-2402 for another number, what `hand_in`, `file_minutes` and `file_sheet` raise, BF-2443,
    BF-1001."""
    actor.require("decision.do")
    said = number.strip().upper()
    with acting(actor):
        matters = _Matters(actor, {said})
        for decision in matters.decisions.values():
            paper = hand_in(actor, decision.pk, document, name, content)
            step = next(s for s in decision.steps if s["step"] == paper.step)
            missing = tuple(paper.missing)
            return InPlace(said, document, with_step(decision, step, document), paper.pages - len(missing), missing, paper.step)
        for meeting in matters.meetings.values():
            file_minutes(actor, meeting.pk, name, content)
            return InPlace(said, codes.MINUTES, MINUTES, count_pages(content))
        for notice in matters.notices.values():
            try:
                which = _which_day(notice)
            except _Left as left:
                raise BAD_ROW(column=NUMBER, value=said, wanted=left.why) from left
            photograph(actor, notice.pk, which, name, content)
            return InPlace(said, codes.NOTICE, PHOTOGRAPHS[which], 1)
        for case in matters.cases.values():
            return _sheet_by_hand(actor, case, name, content)
    raise BAD_ROW(column=NUMBER, value=said[:40] or "–", wanted=A_NUMBER)


def _sheet_by_hand(actor: Actor, case: Case, name: str, content: bytes) -> InPlace:
    handed = looked_at(name, content)
    title = codes.TITLES[codes.CASE]
    wanted = {PageKey(case.number, codes.CASE)}
    pages, missing = held_against(actor, handed, wanted, lambda k: False, asked=case.number, title=title)
    done = file_sheet(actor, case.pk, name, content, pages=pages, missing=missing)
    return InPlace(case.number, codes.CASE, _sheet_title(done), pages - len(missing), missing)


def _sheet_title(done: FiledSheet) -> Text:
    return PROOF if done.proves else codes.TITLES[codes.CASE]


class _Matters:
    """The decisions, meetings, notices and cases that some pages name, as far as the actor sees them, by their numbers."""

    def __init__(self, actor: Actor, numbers: set[str]) -> None:
        self.actor = actor
        self.decisions: dict[str, Decision] = self._of(Decision, DECISION, numbers)
        self.meetings: dict[str, Meeting] = self._of(Meeting, MEETING, numbers)
        self.notices: dict[str, Notice] = self._of(Notice, NOTICE, numbers)
        self.cases: dict[str, Case] = self._of(Case, CASE, numbers)

    def _of(self, model: Any, letter: str, numbers: set[str]) -> dict[str, Any]:
        keys = [k for n in numbers if (k := key_in(n, letter)) is not None]
        found = model.objects.visible_to(self.actor).filter(pk__in=keys) if keys else ()
        return {one.number: one for one in found if one.number in numbers}

    def places(self) -> dict[PageKey, Callable[[FiledDocument], InPlace]]:
        """What is done with each document that is waited for."""
        found: dict[PageKey, Callable[[FiledDocument], InPlace]] = {}
        for number, decision in self.decisions.items():
            if decision.state == RUNNING:
                found |= {PageKey(number, p.form): partial(self._paper, decision, p) for p in papers_of(decision.steps)}
        for number, meeting in self.meetings.items():
            found[PageKey(number, codes.MINUTES)] = partial(self._minutes, meeting)
        for number, notice in self.notices.items():
            found[PageKey(number, codes.NOTICE)] = partial(self._notice, notice)
        for number, case in self.cases.items():
            found[PageKey(number, codes.CASE)] = partial(self._sheet, case)
        return found

    def _paper(self, decision: Decision, paper: StepPaper, one: FiledDocument) -> InPlace:
        document, step, missing = paper.document, str(paper.step["step"]), tuple(one.missing)
        hand_in(self.actor, decision.pk, document, f"{document}.pdf", _bound(one), step=step, pages=one.count, missing=missing)
        title = with_step(decision, paper.step, document)
        return InPlace(decision.number, document, title, len(one.pages), missing, step)

    def _minutes(self, meeting: Meeting, one: FiledDocument) -> InPlace:
        _require_whole(one)
        if not self.actor.may("meeting.manage"):
            raise _Left(NO_MEETINGS)
        if meeting.state != HELD:
            raise _Left(NOT_HELD)
        file_minutes(self.actor, meeting.pk, "minutes.pdf", _bound(one), pages=one.count)
        return InPlace(meeting.number, codes.MINUTES, MINUTES, len(one.pages))

    def _notice(self, notice: Notice, one: FiledDocument) -> InPlace:
        _require_whole(one)
        which = _which_day(notice)
        photograph(self.actor, notice.pk, which, *_picture(one, "notice"))
        return InPlace(notice.number, codes.NOTICE, PHOTOGRAPHS[which], len(one.pages))

    def _sheet(self, case: Case, one: FiledDocument) -> InPlace:
        name, content = _picture(one, "case")
        missing = tuple(one.missing)
        done = file_sheet(self.actor, case.pk, name, content, pages=one.count, missing=missing)
        return InPlace(case.number, codes.CASE, _sheet_title(done), len(one.pages), missing)

    def left(self, page: ReadPage, key: PageKey) -> NotPlaced:
        """Why nobody waits for a page."""
        seen: Mapping[str, Any] = {**self.decisions, **self.meetings, **self.notices, **self.cases}
        number = key.matter if key.matter in seen else ""
        of_households = key.form in (codes.FILE, codes.FILES)
        if not number and not of_households:
            return NotPlaced(page, NOT_THEIRS)
        if key.form in WHY_NOT:
            return NotPlaced(page, WHY_NOT[key.form], number)
        decision = self.decisions.get(key.matter)
        if decision is not None and decision.state != RUNNING:
            return NotPlaced(page, OVER.format(s=DECISION_STATES[decision.state]), number)
        return NotPlaced(page, NO_PAPER, number)


def _require_whole(one: FiledDocument) -> None:
    if one.missing:
        raise _Left(LACKS.format(p=listed(str(n) for n in one.missing)))


def _which_day(notice: Notice) -> str:
    """Of which day a photograph of a notice is that is handed in today."""
    today = clock.today()
    if notice.closed_on is not None:
        raise _Left(TAKEN_DOWN)
    if today >= notice.ends_on:
        if not notice.last_photo:
            return LAST
        raise _Left(BOTH_THERE if notice.first_photo else LAST_THERE)
    if notice.first_photo:
        raise _Left(FIRST_THERE.format(d=notice.ends_on))
    if today > notice.starts_on + timedelta(FIRST_DAYS):
        raise _Left(BETWEEN)
    return FIRST


def _picture(one: FiledDocument, name: str) -> tuple[str, bytes]:
    """Name and content of a document as it is kept: a single page as the picture that it is."""
    return (f"{name}.jpg", one.pages[0].picture) if len(one.pages) == 1 else (f"{name}.pdf", _bound(one))


def _bound(one: FiledDocument) -> bytes:
    """The pages of a document in their order as one PDF; the same pages make the same file."""
    pages = [Image.open(io.BytesIO(p.picture)).convert("RGB") for p in one.pages]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150, creationDate=None, modDate=None)
    return out.getvalue()
