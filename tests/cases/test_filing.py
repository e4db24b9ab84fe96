"""Paper comes back: printed forms, photographed in any order, file themselves to their steps; what is missing is told."""

from __future__ import annotations

import io
import random
from datetime import timedelta

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from PIL import Image

from bangfu.cases.actions import NewDecision, NewMeeting, Step, begin_decisions, do_step, file_pile, plan_meeting, printing
from bangfu.cases.actions.filing import FIRST_DAYS, file_by_hand
from bangfu.cases.models import Decision, Paper
from bangfu.cases.paper_forms import decision_forms, meeting_pages, notice_page, print_documents
from bangfu.cases.paper_forms.codes import OWN, papers_of
from bangfu.documents.codes import FORM
from bangfu.foundation.problems import Problem
from bangfu.register.models import Membership
from bangfu.screening.pack.casework import decisions_on
from bangfu.screening.pages.showing import readable_packs
from tests.cases.ground import TODAY, Ground, on
from tests.cases.playing import GOOD, PDF, Played, begun, hung, photographs, poor
from tests.cases.playing import crew as crew
from tests.cases.test_pages import client_of


def test_no_two_papers_of_a_decision_have_one_code_and_none_has_that_of_another_page(ground: Ground) -> None:
    seen = 0
    for pack in readable_packs():
        for day in (pack.valid_from, pack.valid_to):
            for work in decisions_on(pack, day).values():
                steps = [{"step": s.rule.name, "documents": list(s.rule.documents)} for s in work.steps]
                forms = [p.form for p in papers_of(steps)]
                assert len(set(forms)) == len(forms) == sum(len(s["documents"]) for s in steps)
                assert not set(forms) & set(OWN)
                assert all(FORM.fullmatch(f) for f in forms)
                seen += len(forms)
    assert seen > 20
    assert len(set(OWN)) == len(OWN)
    assert all(FORM.fullmatch(f) for f in OWN)


def test_a_pile_in_any_order_files_itself_to_the_steps(crew: Ground) -> None:
    one, other = begun(crew).decision, begun(crew, "exit").decision
    papers = [p for d in (one, other) for p in photographs(print_documents(decision_forms(crew.secretary, d)), turn=180)]
    random.Random(6).shuffle(papers)
    wanted = {(d.number, s["step"], document) for d in (one, other) for s in d.steps for document in s["documents"]}
    low = file_pile(crew.secretary, papers)  # papers of the township and the county are not the village's to hand in
    above = {
        (d.number, s["step"], x)
        for d in (one, other)
        for s in d.steps
        for x in s["documents"]
        if s["by"] in ("township", "county")
    }
    assert {(p.number, p.step, p.document) for p in low.placed} == wanted - above
    assert len(low.unknown) >= len(above)
    done = file_pile(crew.headquarters, papers)
    assert {(p.number, p.step, p.document) for p in done.placed} == wanted
    assert not done.unreadable
    assert not done.unknown
    assert Paper.objects.filter(decision__in=(one, other), missing=[], replaced=False).count() == len(wanted)


def test_pages_of_a_matter_that_is_not_theirs_are_not_filed(crew: Ground) -> None:
    decision = begun(crew).decision
    pages = photographs(print_documents(decision_forms(crew.secretary, decision, "survey_sheet")))
    other = crew.user("far", "village_secretary", Decision.objects.exclude(path__startswith=crew.township.path)[0].path[:-4])
    done = file_pile(other, pages)
    assert (done.placed, len(done.unknown)) == ([], len(pages))
    assert all("不归您办理" in p.why.zh and not p.number for p in done.unknown)


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


def test_the_minutes_of_two_steps_go_each_to_its_own(crew: Ground) -> None:
    decision = begun(crew, "registration").decision
    steps = ["group_appraisal", "village_appraisal"]
    assert [s["step"] for s in decision.steps if "minutes" in s["documents"]] == steps
    pages = photographs(print_documents(decision_forms(crew.secretary, decision, "minutes")))
    assert len(pages) == 2
    done = file_pile(crew.secretary, pages)
    assert [p.step for p in done.placed] == steps
    kept = Paper.objects.filter(decision=decision, replaced=False, document="minutes").order_by("pk")
    assert [p.step for p in kept] == steps
    file_pile(crew.secretary, pages[1:])
    assert [p.step for p in kept.all()] == steps


def test_a_household_file_and_a_story_are_no_papers_of_a_step(crew: Ground) -> None:
    decision = begun(crew).decision
    Decision.objects.filter(pk=decision.pk).update(steps=[s | {"documents": []} for s in decision.steps])
    decision.refresh_from_db()
    story = photographs(print_documents(decision_forms(crew.secretary, decision)))
    file = photographs(printing.print_files(crew.secretary, [crew.home]).pdf)
    done = file_pile(crew.secretary, [*story, *[(f"f{n}.jpg", picture) for n, (_, picture) in enumerate(file)]])
    assert done.placed == []
    assert len(done.unknown) == len(story) + len(file)
    assert {p.page.code.form for p in done.unknown if p.page.code} == {"STORY", "FILE"}
    assert not any("不归您办理" in p.why.zh for p in done.unknown)
    assert not Paper.objects.filter(decision=decision).exists()


def test_the_sheet_of_a_notice_is_its_photograph_on_the_first_and_the_last_day(crew: Ground) -> None:
    _, notice = hung(crew)
    sheet = photographs(print_documents(notice_page(notice)))
    assert [p.document for p in file_pile(crew.secretary, sheet).placed] == ["NOTICE"]
    notice.refresh_from_db()
    assert (bool(notice.first_photo), bool(notice.last_photo)) == (True, False)
    again = file_pile(crew.secretary, sheet)
    assert (again.placed, str(notice.ends_on) in again.unknown[0].why.zh, again.unknown[0].number) == ([], True, notice.number)
    with on(notice.ends_on):
        assert "同一张" in file_pile(crew.secretary, sheet).unknown[0].why.zh
        sheet = photographs(print_documents(notice_page(notice)), turn=180)
        assert len(file_pile(crew.secretary, sheet).placed) == 1
        notice.refresh_from_db()
        assert notice.last_photo
        assert "都已有" in file_pile(crew.secretary, sheet).unknown[0].why.zh


def test_a_photograph_between_the_first_days_and_the_last_is_not_taken_for_either(crew: Ground) -> None:
    _, notice = hung(crew)
    with on(TODAY + timedelta(FIRST_DAYS + 1)):
        done = file_pile(crew.secretary, photographs(print_documents(notice_page(notice))))
    assert done.placed == []
    assert "哪一天" in done.unknown[0].why.zh
    notice.refresh_from_db()
    assert not notice.first_photo


def test_a_paper_is_filed_by_hand_by_its_number(crew: Ground) -> None:
    decision = begun(crew, "registration").decision
    done = file_by_hand(crew.secretary, f" {decision.number.lower()} ", "minutes", "a.pdf", PDF)
    assert (done.step, done.number) == ("group_appraisal", decision.number)
    with pytest.raises(Problem, match="BF-2448"):
        file_by_hand(crew.secretary, decision.number, "nothing", "a.pdf", PDF)
    with pytest.raises(Problem, match="BF-2402"):
        file_by_hand(crew.secretary, "D2019-999999", "minutes", "a.pdf", PDF)
    _, notice = hung(crew)
    client = client_of(crew.secretary)
    url = reverse("cases:papers", kwargs={"path": crew.village.path})
    file = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0" + b"0" * 20, "image/jpeg")
    text = client.post(url, {"do": "hand", "number": notice.number, "document": "", "file": file}).content.decode()
    assert "公示首日照片" in text
    notice.refresh_from_db()
    assert notice.first_photo
    refused = client.post(url, {"do": "hand", "number": "X", "document": ""})
    assert refused.status_code == 400


def test_the_pile_page_tells_why_a_page_was_not_filed(crew: Ground) -> None:
    decision = begun(crew).decision
    Decision.objects.filter(pk=decision.pk).update(steps=[s | {"documents": []} for s in decision.steps])
    decision.refresh_from_db()
    pages = photographs(print_documents(decision_forms(crew.secretary, decision)))  # its story
    url = reverse("cases:papers", kwargs={"path": crew.village.path})
    files = [SimpleUploadedFile(name, content, "image/jpeg") for name, content in pages]
    text = client_of(crew.secretary).post(url, {"files": files}).content.decode()
    assert f'href="/decisions/{decision.number}/"' in text
    assert "只供阅读" in text
    assert "手工归档" in text


# --- as the pages print them


def printed(crew: Ground, name: str, language: str, **kwargs: str) -> bytes:
    """What a page of a meeting or a notice prints."""
    answer = client_of(crew.secretary).get(reverse(f"cases:{name}", kwargs=kwargs), {"language": language})
    assert answer.headers["Content-Type"] == "application/pdf"
    content: bytes = answer.content
    return content


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_minutes_of_a_meeting_file_themselves_and_are_the_paper_of_the_step(crew: Ground, language: str) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    meeting = played.meet()
    pages = photographs(printed(crew, "meeting-print", language, meeting=meeting.number), turn=180)
    done = file_pile(crew.secretary, pages)
    assert [(p.number, p.document, p.pages) for p in done.placed] == [(meeting.number, "MINUTES", len(pages))]
    meeting.refresh_from_db()
    assert meeting.minutes
    paper = Paper.objects.get(decision=played.decision, step="village_appraisal", document="minutes", replaced=False)
    assert (paper.pages, paper.missing, paper.file) == (len(pages), [], meeting.minutes)
    do_step(crew.secretary, played.decision.pk, "village_appraisal", Step("通过", TODAY))


def test_minutes_of_several_pages_are_filed_when_all_are_there(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    meeting = played.meet(words="大家认为情况属实，收入确有骤减，应当识别。" * 40)
    pages = photographs(printed(crew, "meeting-print", "zh", meeting=meeting.number))
    assert len(pages) >= 2
    done = file_pile(crew.secretary, pages[1:])
    assert (done.placed, "缺第 1 页" in done.unknown[0].why.zh, done.unknown[0].number) == ([], True, meeting.number)
    assert len(file_pile(crew.secretary, pages[::-1]).placed) == 1
    meeting.refresh_from_db()
    assert meeting.minutes


def test_agenda_and_ballots_are_not_taken_for_minutes(crew: Ground) -> None:
    played = begun(crew)
    played.do("clue")
    played.do("home_survey")
    played.decision.refresh_from_db()
    new = NewMeeting("appraisal", TODAY, "村委会", "主持人", 12, "secret", decisions=(played.decision.pk,))
    meeting = plan_meeting(crew.secretary, new)
    pages = photographs(printed(crew, "meeting-print", "zh", meeting=meeting.number))
    assert len(pages) == 3
    done = file_pile(crew.secretary, pages)
    assert done.placed == []
    assert all("只收会议记录" in p.why.zh and p.number == meeting.number for p in done.unknown)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_as_its_page_prints_it_files_itself(crew: Ground, language: str) -> None:
    _, notice = hung(crew)
    done = file_pile(crew.secretary, photographs(printed(crew, "notice-print", language, notice=notice.number)))
    assert [(p.number, p.document) for p in done.placed] == [(notice.number, "NOTICE")]
    notice.refresh_from_db()
    assert notice.first_photo


# --- what the forms say


def words_of_pages(pdf: bytes) -> list[str]:
    """The words of every page without blanks."""
    return ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_every_form_of_a_household_is_one_page(crew: Ground, lang: str) -> None:
    with translation.override(lang):
        for kind in ("registration", "exit"):
            decision = begun(crew, kind).decision
            forms = decision_forms(crew.secretary, decision)
            for form in forms:
                assert len(words_of_pages(print_documents([form]))) == 1, form.title


def test_an_announcement_says_what_was_decided_of_whom_and_nothing_more(crew: Ground) -> None:
    decision = begun(crew, "registration").decision
    whole = "".join(words_of_pages(print_documents(decision_forms(crew.secretary, decision, "announcement_sheet"))))
    head = Membership.objects.on(TODAY).get(household=crew.home, sort="farming", relation="head").person.name
    for words in ("公告", "贫困户识别", head, "认定日期", "县级（盖章）"):
        assert words in whole
    for words in ("退回", "不同意", crew.home.number):
        assert words not in whole


def test_the_forms_of_a_village_ask_for_its_conditions(crew: Ground) -> None:
    poor(crew)
    decision = begin_decisions(crew.secretary, NewDecision("village_exit", "visit", "达标", village=crew.village.path))[0]
    village, check = (decision_forms(crew.secretary, decision, step=s) for s in ("village_application", "township_check"))
    for forms, level in ((village, "村民委员会（盖章）"), (check, "乡镇（盖章）")):
        pages = words_of_pages(print_documents(forms))
        assert len(pages) == 1
        assert len(words_of_pages(print_documents(decision_forms(crew.secretary, decision, "decision_sheet")))) == 1
        for words in ("贫困发生率", "须低于3%", "集体经济收入", "不低于50,000元", "基础设施", level):
            assert words in pages[0], words
        for words in ("家庭成员", "户主", "户编号"):
            assert words not in pages[0]
    assert "条件核实表" in check[0].title
    assert "两委" not in check[0].title
    played = Played(crew, decision)
    played.do("village_application", facts=GOOD)
    decision.refresh_from_db()
    text = words_of_pages(print_documents(decision_forms(crew.secretary, decision, step="township_check")))[0]
    assert "村申请退出" in text


def test_a_form_is_printed_in_the_language_of_the_reader_or_of_the_address(crew: Ground) -> None:
    decision = begun(crew).decision
    client = client_of(crew.secretary)
    url = reverse("cases:decision-print", kwargs={"decision": decision.number})
    read = lambda **more: "".join(words_of_pages(client.get(url, more, headers={"accept-language": "en"}).content))  # noqa: E731
    assert "入户核实表" in read(language="zh")
    assert "Sheetofthehomesurvey" in read()
    assert "Sheetofthehomesurvey" in read(language="en")
