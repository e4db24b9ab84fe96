"""How decisions are played in tests: who does each step, its papers, its meeting, its notice."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from bangfu.areas.actions import mark_areas
from bangfu.areas.models import AreaMark
from bangfu.cases.actions import (
    Attendee,
    NewDecision,
    NewMeeting,
    Step,
    Vote,
    attend_meeting,
    begin_decisions,
    close_notice,
    do_step,
    hand_in,
    hold_meeting,
    photograph,
    plan_meeting,
    put_up,
)
from bangfu.cases.models import Decision, Item, Meeting, Notice, StepDone
from bangfu.command.actions import OfficerRow, add_officers
from bangfu.foundation.actor import Actor, system
from tests.cases.ground import SINCE, TODAY, Ground, on
from tests.command.standing import refused

PDF = b"%PDF-1.7 " + b"0" * 40
GOOD = {"facilities": True, "services": True, "industry": True, "collective_income": 5_000_000.0}  # of a village; money in fen


def photographs(pdf: bytes, turn: int = 0) -> list[tuple[str, bytes]]:
    """The pages of a PDF as JPEG files of 150 dpi, turned by some degrees."""
    made = []
    for n, page in enumerate(pypdfium2.PdfDocument(pdf)):
        image: Image.Image = page.render(scale=150 / 72).to_pil().convert("RGB").rotate(turn, expand=True)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
        made.append((f"IMG_{n}.jpg", out.getvalue()))
    return made


def some_pages(pdf: bytes, *places: int) -> bytes:
    """Some pages of a PDF, by their places from 0; -1 is an empty page."""
    made, whole = pypdfium2.PdfDocument.new(), pypdfium2.PdfDocument(pdf)
    for place in places:
        if place < 0:
            made.new_page(595, 842)
        else:
            made.import_pages(whole, [place])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@dataclass
class Played:
    """A decision of the ground's household and what is needed to go on with it."""

    ground: Ground
    decision: Decision

    @property
    def step(self) -> str:
        """The step at which it stands."""
        self.decision.refresh_from_db()
        return str((self.decision.present or {"step": ""})["step"])

    def actor(self) -> Actor:
        """Whoever does the present step."""
        by = (self.decision.present or {})["by"]
        g = self.ground
        return {
            "household": g.helper,
            "helper": g.helper,
            "village": g.secretary,
            "township": g.station,
            "county": g.headquarters,
        }[by]

    def papers(self) -> None:
        """Hand in the papers of the present step."""
        self.decision.refresh_from_db()
        for document in (self.decision.present or {})["documents"]:
            hand_in(self.actor(), self.decision.pk, document, "a.pdf", PDF)

    def do(
        self, step: str, day: date = TODAY, actor: Actor | None = None, together: tuple[str, ...] = ("T2",), **more: object
    ) -> None:
        """Do the present step, with its papers."""
        assert self.step == step
        self.papers()
        along = together if (self.decision.present or {})["people"] > 1 else ()
        do_step(actor or self.actor(), self.decision.pk, step, Step("已办", day, along, **more))  # type: ignore[arg-type]

    def meet(self, in_favour: int = 10, against: int = 0, day: date = TODAY, words: str = "") -> Meeting:
        """A meeting of ten villagers that votes on it."""
        self.decision.refresh_from_db()
        new = NewMeeting("appraisal", day, "村委会", "主持人", 12, decisions=(self.decision.pk,))
        meeting = plan_meeting(self.ground.secretary, new)
        people = [Attendee("主持人"), *(Attendee(f"村民{n}") for n in range(9))]
        attend_meeting(self.ground.secretary, meeting.pk, people)
        item = Item.objects.get(meeting=meeting)
        return hold_meeting(
            self.ground.secretary, meeting.pk, [Vote(item.pk, in_favour, against, 10 - in_favour - against, words)]
        )

    def hang(self, day: date) -> Notice:
        """A notice that has hung for its days, photographed, closed."""
        self.decision.refresh_from_db()
        with on(day):
            actor = self.actor()
            notice = put_up(actor, [self.decision.pk], starts_on=day, office="村委会", telephone="0851-1234567")
            photograph(actor, notice.pk, "first", "a.jpg", b"\xff\xd8\xff\xe0" + b"0" * 20)
        with on(notice.ends_on):
            photograph(actor, notice.pk, "last", "a.jpg", b"\xff\xd8\xff\xe0" + b"1" * 20)
        return notice


@pytest.fixture
def crew(ground: Ground) -> Ground:
    """Officers who go along: T1 and T2."""
    add_officers(
        ground.county.operator(),
        [OfficerRow(n, f"同行{n}", "government_office", "general", "cadre", ground.township.path, SINCE) for n in ("T1", "T2")],
    )
    return ground


ABOUT: dict[str, tuple[Any, ...]] = {  # what a household is about whom they are begun
    "identification": ("ordinary",), "registration": ("ordinary",), "exit": ("registered", "not_exited"), "elimination": ("monitored",),
    "return_to_poverty": ("registered",), "reversal": ("monitored",),
}  # fmt: skip


def begun(ground: Ground, kind: str = "identification", **more: object) -> Played:
    """A decision that the helper began, about the household of the ground, which is of the kind that it is about."""
    ground.become(*ABOUT[kind], eliminated=True if kind == "reversal" else None)
    if kind == "identification":
        more.setdefault("proposal", "edge")
    row = NewDecision(kind, "visit", "收入骤减", ground.home.number, **more)  # type: ignore[arg-type]
    return Played(ground, begin_decisions(ground.helper, row)[0])


def hung(ground: Ground) -> tuple[Played, Notice]:
    """A decision on notice."""
    played = begun(ground)
    played.do("clue")
    played.do("home_survey")
    played.meet()
    played.do("village_appraisal")
    with refused("BF-2402", "首日"):  # it did not hang before the appraisal
        put_up(ground.secretary, [played.decision.pk], starts_on=TODAY - timedelta(1), office="村委会")
    with refused("BF-2434"):  # it is the village's to put up
        put_up(ground.station, [played.decision.pk], starts_on=TODAY, office="镇政府")
    return played, put_up(ground.secretary, [played.decision.pk], starts_on=TODAY, office="村委会")


def poor(crew: Ground) -> None:
    """The village is a registered poor one."""
    AreaMark.objects.filter(path=crew.village.path).delete()
    mark_areas(system(crew.county.path), [crew.village.path], "poor_village", since=SINCE, source="test")


def to_the_last(played: Played, last: str, **more: object) -> date:
    """Play it to the step with which it is decided; the day on which that was."""
    day = TODAY
    while True:
        played.decision.refresh_from_db()
        now = played.decision.present or {}
        with on(day):
            if now["act"] == "meeting":
                played.meet(day=day)
            if now["act"] == "notice":
                notice = played.hang(day)
                day = notice.ends_on + timedelta(1)
                with on(day):
                    close_notice(played.actor(), notice.pk)
        with on(day):
            done_by = {f.step: f.actor for f in StepDone.objects.filter(decision=played.decision)}
            again = played.ground.secretary.name in {done_by.get(s) for s in now["other_than"]}
            second = played.ground.second if again and now["by"] == "village" else None
            if now["step"] == last:
                played.do(last, day, **more)
                return day
            played.do(now["step"], day, second)
