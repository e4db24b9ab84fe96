"""Numbers of people that somebody typed into a case are masked wherever its words are shown; numbers of households stay."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from bangfu.cases.actions import Claim, MeasureRow, NewCase, claim, drop_measures, open_cases, plan_measures, write_note
from bangfu.cases.household_files.worked import of_cases
from bangfu.cases.models import Case
from bangfu.cases.paper_forms import case_sheet, meeting_pages
from bangfu.cases.shown import typed_words
from bangfu.foundation.actor import Actor
from bangfu.register.models import Household
from tests.cases.ground import TODAY, Ground
from tests.cases.playing import begun
from tests.cases.playing import crew as crew
from tests.cases.test_closing import PNG
from tests.cases.test_pages import client_of, page

IDENTITY, PHONE = "990323199001011234", "13800138000"
TYPED = f"户主{IDENTITY} 电话{PHONE} 低保未发"
HIDDEN = "户主990***********1234 电话138****8000 低保未发"


def told(ground: Ground) -> Case:
    """A case in all of whose words somebody typed numbers of people, and that of its household."""
    number = ground.home.number
    case = open_cases(ground.secretary, NewCase("policy", f"{TYPED}，户{number}", number, reference=f"工单{PHONE}"))[0]
    rows = [MeasureRow("social_security", f"{title}{IDENTITY}", programme=f"项目{PHONE}") for title in ("补发", "另发")]
    plan_measures(ground.helper, [case.pk], rows[0])
    dropped = plan_measures(ground.helper, [case.pk], rows[1])
    drop_measures(ground.helper, [dropped[0].pk], f"重复{IDENTITY}")
    write_note(ground.helper, [case.pk], TYPED)
    claim(ground.helper, [case.pk], Claim("taken_over", TYPED, TODAY, f"救助{PHONE}", "a.png", PNG))
    return case


def clean(text: str, ground: Ground) -> None:
    assert IDENTITY not in text
    assert PHONE not in text
    assert ground.home.number in text


@pytest.mark.parametrize("who", ["secretary", "headquarters"])
def test_the_page_of_a_case_its_list_and_the_household_say_no_number_that_was_typed(ground: Ground, who: str) -> None:
    case = told(ground)
    actor: Actor = getattr(ground, who)
    text = page(client_of(actor), "case", case=case.number)
    clean(text, ground)
    assert text.count(HIDDEN) >= 3  # its words, the note, the claim
    clean(page(client_of(actor), "cases", path=ground.village.path), ground)
    household = client_of(actor).get(reverse("register:household", kwargs={"number": ground.home.number})).content.decode()
    clean(household, ground)
    clean(client_of(ground.secretary).get("/today/").content.decode() + ground.home.number, ground)


def test_the_workbook_of_the_list_says_no_number_that_was_typed(ground: Ground) -> None:
    told(ground)
    url = reverse("cases:export", kwargs={"path": ground.village.path})
    answer = client_of(ground.headquarters).post(url, {"reason": "supervision", "words": "月度核对"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    text = "\n".join(str(cell) for row in rows for cell in row)
    clean(text, ground)
    assert HIDDEN in text


def test_paper_says_no_number_that_was_typed(ground: Ground) -> None:
    case = told(ground)
    clean(str(case_sheet(ground.secretary, Case.objects.get(pk=case.pk))), ground)
    pdf = client_of(ground.secretary).get(reverse("cases:case-print", kwargs={"case": case.number})).content
    clean("".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(pdf)).replace("\r\n", ""), ground)
    blocks = of_cases(ground.secretary, [ground.home], TODAY)[ground.home.pk]
    clean(str(blocks), ground)


def test_minutes_and_decisions_say_no_number_that_was_typed(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    meeting = played.meet(words=TYPED)
    clean(str(meeting_pages(crew.secretary, meeting)) + crew.home.number, crew)
    text = page(client_of(crew.secretary), "meeting", meeting=meeting.number)
    clean(text + crew.home.number, crew)
    assert HIDDEN in text


def test_a_number_stays_where_a_household_has_it_and_only_there(ground: Ground) -> None:
    own = ground.home.number
    other = Household.objects.farming().exclude(pk=ground.home.pk).order_by("pk")[0].number
    assert typed_words(f"与{own}、{other}同院") == f"与{own}、{other}同院"
    nobody = f"{own[:-3]}999"
    assert not Household.objects.filter(number=nobody).exists()
    assert nobody not in typed_words(f"与{nobody}同院")
    assert typed_words("3 户，2020-04-28") == "3 户，2020-04-28"
