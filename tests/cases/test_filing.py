"""Paper comes back: printed forms, photographed in any order, file themselves to their steps; what is missing is told."""

from __future__ import annotations

import io
import random

import pypdfium2
from PIL import Image

from bangfu.cases.actions import file_pile
from bangfu.cases.models import Decision, Paper
from bangfu.cases.paper_forms import decision_forms, form_code, meeting_pages, notice_page, print_documents
from bangfu.cases.procedures import procedures_on
from tests.cases.ground import TODAY, Ground
from tests.cases.test_deciding import begun, hung
from tests.cases.test_deciding import crew as crew


def photographs(pdf: bytes, turn: int = 0) -> list[tuple[str, bytes]]:
    """The pages of a PDF as JPEG files of 150 dpi, turned by some degrees."""
    made = []
    for n, page in enumerate(pypdfium2.PdfDocument(pdf)):
        image: Image.Image = page.render(scale=150 / 72).to_pil().convert("RGB").rotate(turn, expand=True)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
        made.append((f"IMG_{n}.jpg", out.getvalue()))
    return made


def test_forms_have_codes_of_their_own() -> None:
    documents = procedures_on(TODAY).documents
    assert len({form_code(d) for d in documents}) == len(documents)


def test_a_pile_in_any_order_files_itself_to_the_steps(crew: Ground) -> None:
    one, other = begun(crew).decision, begun(crew, "exit").decision
    papers = [p for d in (one, other) for p in photographs(print_documents(decision_forms(crew.secretary, d)), turn=180)]
    random.Random(6).shuffle(papers)
    done = file_pile(crew.secretary, papers)
    wanted = {(d.number, document) for d in (one, other) for s in d.steps for document in s["documents"]}
    assert {(p.number, p.document) for p in done.placed} == wanted
    assert not done.unreadable
    assert not done.unknown
    assert Paper.objects.filter(decision__in=(one, other), missing=[], replaced=False).count() == len(wanted)


def test_pages_of_a_matter_that_is_not_theirs_are_not_filed(crew: Ground) -> None:
    decision = begun(crew).decision
    pages = photographs(print_documents(decision_forms(crew.secretary, decision, "survey_sheet")))
    other = crew.user("far", "village_secretary", Decision.objects.exclude(path__startswith=crew.township.path)[0].path[:-4])
    done = file_pile(other, pages)
    assert (done.placed, len(done.unknown)) == ([], len(pages))


def test_a_picture_without_a_code_is_listed(crew: Ground) -> None:
    out = io.BytesIO()
    Image.new("RGB", (900, 1200), "white").save(out, "JPEG")
    assert len(file_pile(crew.secretary, [("a.jpg", out.getvalue())]).unreadable) == 1


def test_notice_and_minutes_can_be_printed(crew: Ground) -> None:
    played, notice = hung(crew)
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(print_documents(notice_page(notice))))
    assert notice.lines[0]["head"] in text
    assert crew.home.number not in text
    item = played.decision.items.get()
    assert print_documents(meeting_pages(crew.secretary, item.meeting)).startswith(b"%PDF")
