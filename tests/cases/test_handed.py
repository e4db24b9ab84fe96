"""A paper that is handed in by hand is held against the codes that it shows: pages of something else are refused, missing pages are told."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bangfu.cases.actions import file_minutes, hand_in, printing
from bangfu.cases.actions.filing import file_by_hand
from bangfu.cases.actions.handed import MOST_READ, looked_at
from bangfu.cases.models import Decision, Paper
from bangfu.cases.paper_forms import Document, decision_forms, meeting_pages, notice_page, print_documents
from bangfu.cases.paper_forms.codes import papers_of
from bangfu.cases.paper_forms.parts import paragraph
from tests.cases.ground import Ground
from tests.cases.playing import PDF, begun, hung, photographs, some_pages
from tests.cases.playing import crew as crew
from tests.cases.test_pages import client_of, page
from tests.command.standing import refused

SURVEY = "survey_sheet"


def bound(*pdfs: bytes) -> bytes:
    """Several PDF files as one."""
    made = pypdfium2.PdfDocument.new()
    for one in pdfs:
        made.import_pages(pypdfium2.PdfDocument(one))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def long(decision: Decision, document: str) -> bytes:
    """A paper of a decision that has three pages."""
    form = next(p.form for p in papers_of(decision.steps) if p.document == document)
    parts = [paragraph("核实经过。" * 120) for _ in range(12)]
    pdf = print_documents([Document(decision.number, form, "入户核实表", parts)])
    count = looked_at("a.pdf", pdf).count
    assert count >= 3
    return some_pages(pdf, *range(count))


def form(crew: Ground, decision: Decision, document: str = SURVEY, step: str = "") -> bytes:
    """The printed form of a paper."""
    return print_documents(decision_forms(crew.secretary, decision, document, step))


def test_a_whole_paper_is_kept_with_its_pages(crew: Ground) -> None:
    decision = begun(crew).decision
    one = hand_in(crew.secretary, decision.pk, SURVEY, "a.pdf", form(crew, decision))
    assert (one.pages, one.missing) == (1, [])
    pdf = long(decision, SURVEY)
    three = hand_in(crew.secretary, decision.pk, SURVEY, "a.pdf", pdf)
    assert (three.pages, three.missing) == (looked_at("a.pdf", pdf).count, [])


def test_fewer_pages_are_kept_with_what_is_missing_and_the_step_says_which(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    decision = played.decision
    pdf = long(decision, SURVEY)
    count = looked_at("a.pdf", pdf).count
    url = reverse("cases:decision", kwargs={"decision": decision.number})
    client = client_of(crew.secretary)
    file = SimpleUploadedFile("a.pdf", some_pages(pdf, *range(1, count)), "application/pdf")
    assert client.post(url, {"do": "paper", "document": f"home_survey.{SURVEY}", "file": file}).status_code == 302
    paper = Paper.objects.get(decision=decision, document=SURVEY)
    assert (paper.pages, paper.missing) == (count, [1])
    assert "缺第 1 页" in page(client, "decision", decision=decision.number)
    answer = client.post(url, {"do": "step", "together": "T2"})
    assert answer.status_code == 409
    for words in ("BF-2437", "缺第 1 页"):
        assert words in answer.content.decode()
    # Handed in with the step itself: it is refused for the page, and nothing of it is kept.
    file = SimpleUploadedFile("b.pdf", some_pages(pdf, 0), "application/pdf")
    answer = client.post(url, {"do": "step", "together": "T2", f"file-{SURVEY}": file})
    assert "缺第 2、" in answer.content.decode()
    assert Paper.objects.filter(decision=decision, document=SURVEY).count() == 1
    file = SimpleUploadedFile("c.pdf", pdf, "application/pdf")
    assert client.post(url, {"do": "step", "together": "T2", f"file-{SURVEY}": file}).status_code == 302


def test_pages_of_another_decision_or_paper_are_refused_with_their_place(crew: Ground) -> None:
    other = begun(crew, "exit").decision
    decision = begun(crew).decision
    mixed = bound(form(crew, decision), form(crew, other, "review_sheet"))
    with refused("BF-2456", "第 2 页"):
        hand_in(crew.secretary, decision.pk, SURVEY, "a.pdf", mixed)
    url = reverse("cases:decision", kwargs={"decision": decision.number})
    file = SimpleUploadedFile("a.jpg", photographs(form(crew, decision, "review_sheet"))[0][1], "image/jpeg")
    answer = client_of(crew.secretary).post(url, {"do": "paper", "document": f"home_survey.{SURVEY}", "file": file})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "BF-2456" in text
    assert "入户核实表" in text
    with refused("BF-2456"):
        file_by_hand(crew.secretary, decision.number, SURVEY, "a.pdf", form(crew, other, "review_sheet"))
    assert not Paper.objects.filter(decision=decision, document=SURVEY).exists()


def test_the_code_names_the_step_where_two_have_one_paper(crew: Ground) -> None:
    decision = begun(crew, "registration").decision
    of_village = form(crew, decision, "minutes", "village_appraisal")
    with refused("BF-2456"):
        hand_in(crew.secretary, decision.pk, "minutes", "a.pdf", of_village, step="group_appraisal")
    assert file_by_hand(crew.secretary, decision.number, "minutes", "a.pdf", of_village).step == "village_appraisal"
    assert file_by_hand(crew.secretary, decision.number, "minutes", "a.pdf", PDF).step == "group_appraisal"


@pytest.mark.parametrize(("name", "content"), [("a.jpg", b"\xff\xd8\xff\xe0" + b"0" * 20), ("a.pdf", PDF)])
def test_what_shows_no_code_is_taken_as_before(crew: Ground, name: str, content: bytes) -> None:
    paper = hand_in(crew.secretary, begun(crew).decision.pk, SURVEY, name, content)
    assert (paper.pages, paper.missing) == (1, [])


def test_a_page_without_a_code_stands_for_one_that_is_missing(crew: Ground) -> None:
    decision = begun(crew).decision
    pdf = long(decision, SURVEY)
    count = looked_at("a.pdf", pdf).count
    paper = hand_in(crew.secretary, decision.pk, SURVEY, "a.pdf", some_pages(pdf, 0, -1, *range(2, count)))
    assert (paper.pages, paper.missing) == (count, [])
    paper = hand_in(crew.secretary, decision.pk, SURVEY, "a.pdf", some_pages(pdf, -1, -1))
    assert (paper.pages, paper.missing) == (2, [])
    paper = hand_in(crew.secretary, decision.pk, SURVEY, "a.pdf", some_pages(pdf, *[-1] * (MOST_READ + 1)))
    assert (paper.pages, paper.missing) == (MOST_READ + 1, [])


def test_pages_of_the_same_matter_that_are_no_papers_may_lie_with_it(crew: Ground) -> None:
    played, notice = hung(crew)
    decision = played.decision
    hangs, file = print_documents(notice_page(notice)), printing.print_files(crew.secretary, [crew.home]).pdf
    paper = hand_in(crew.secretary, decision.pk, SURVEY, "a.pdf", bound(form(crew, decision), file, hangs))
    assert paper.missing == []
    other = begun(crew, "exit").decision
    with refused("BF-2456", notice.number):
        hand_in(crew.secretary, other.pk, "verification_sheet", "a.pdf", bound(form(crew, other, "verification_sheet"), hangs))


def test_the_sheet_of_its_meeting_serves_as_the_minutes_of_a_step_and_no_other_does(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    meeting = played.meet(words="情况属实，应当识别。" * 60)
    decision = played.decision
    sheet = print_documents(meeting_pages(crew.secretary, meeting))
    count = looked_at("a.pdf", sheet).count
    assert count >= 2
    paper = hand_in(crew.secretary, decision.pk, "minutes", "a.pdf", some_pages(sheet, 0))
    assert (paper.step, paper.pages, len(paper.missing)) == ("village_appraisal", count, count - 1)
    assert hand_in(crew.secretary, decision.pk, "minutes", "a.pdf", sheet).missing == []
    other = begun(crew, "exit").decision
    with refused("BF-2456", meeting.number):
        hand_in(crew.secretary, other.pk, "minutes", "a.pdf", sheet)


def test_minutes_handed_in_at_their_meeting_are_whole_and_its_own(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    meeting = played.meet(words="情况属实，应当识别。" * 60)
    sheet = print_documents(meeting_pages(crew.secretary, meeting))
    count = looked_at("a.pdf", sheet).count
    with refused("BF-2457", "缺第"):
        file_minutes(crew.secretary, meeting.pk, "a.pdf", some_pages(sheet, 0))
    with refused("BF-2456", played.decision.number):
        file_minutes(crew.secretary, meeting.pk, "a.pdf", form(crew, played.decision))
    file_minutes(crew.secretary, meeting.pk, "a.pdf", form(crew, played.decision, "minutes"))  # the form of the step does as well
    done = file_by_hand(crew.secretary, meeting.number, "", "a.pdf", sheet)
    assert done.pages == count
    meeting.refresh_from_db()
    assert meeting.minutes
    assert Paper.objects.get(decision=played.decision, document="minutes", replaced=False).pages == count
