"""The printed sheet of a case comes back signed: it files itself to its case, shows what is missing, and closes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bangfu.accounts.models import AuditEntry
from bangfu.areas.models import Area
from bangfu.cases.actions import Claim, claim, file_pile, refer, refuse_claim, reopen, verify, write_note
from bangfu.cases.actions.filing import file_by_hand
from bangfu.cases.acts import CASE_SHEET
from bangfu.cases.models import Case, CaseEvent, Decision
from bangfu.cases.paper_forms import case_sheet, print_documents
from bangfu.cases.shown import story_of
from bangfu.foundation.actor import Actor
from bangfu.register.models import Evidence
from tests.cases.ground import TODAY, Ground, on
from tests.cases.playing import photographs, some_pages
from tests.cases.test_closing import PNG, claimed, done
from tests.cases.test_pages import client_of, page
from tests.command.standing import refused


def printed(ground: Ground, case: Case, actor: Actor | None = None, language: str = "zh") -> bytes:
    """The sheet of a case as its page prints it."""
    url = reverse("cases:case-print", kwargs={"case": case.number})
    content: bytes = client_of(actor or ground.secretary).get(url, {"language": language}).content
    return content


def long(ground: Ground, case: Case) -> bytes:
    """A sheet of several pages: the case has a long story."""
    for n in range(30):
        write_note(ground.helper, [case.pk], f"第 {n} 次入户，{'沟仍堵，已约施工队。' * 6}")
    return printed(ground, case)


def sheets(case: Case) -> list[CaseEvent]:
    return list(CaseEvent.objects.filter(case=case, kind="sheet").order_by("pk"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sheet_comes_back_to_the_story_of_its_case_and_changes_nothing_else(ground: Ground, language: str) -> None:
    case = ground.case()
    filed = file_pile(ground.helper, photographs(printed(ground, case, language=language), turn=180))
    assert [(p.number, p.document, p.pages, p.missing) for p in filed.placed] == [(case.number, "CASE", 1, ())]
    assert not filed.unknown
    [event] = sheets(case)
    assert (event.day, event.actor) == (TODAY, ground.helper.name)
    assert Evidence.objects.get(pk=event.evidence_id).household == ground.home.pk
    before = case.state
    case.refresh_from_db()
    assert (case.state, case.claim_file, before) == ("open", "", "open")
    assert AuditEntry.objects.filter(act=CASE_SHEET.key, subject=case.number).exists()
    client = client_of(ground.secretary)
    url = reverse("cases:file", kwargs={"case": case.number, "file": story_of([event], {})[0].file})
    text = page(client, "case", case=case.number)
    assert "收到办理表" in text
    assert url in text
    assert reverse("cases:case-print", kwargs={"case": case.number}) in text
    assert client.get(url).headers["Content-Type"] == "image/jpeg"


def test_a_sheet_is_the_proof_of_a_claim_that_waits_without_one_and_somebody_still_verifies(ground: Ground) -> None:
    case = claimed(ground, ground.helper)
    assert not case.claim_file
    filed = file_pile(ground.helper, photographs(printed(ground, case)))
    assert "销号申请的证明" in filed.placed[0].title.zh
    case.refresh_from_db()
    assert case.state == "to_verify"
    assert case.claim_file == sheets(case)[0].detail["file"]  # type: ignore[index]
    assert case.claim_evidence_id == sheets(case)[0].evidence_id
    text = page(client_of(ground.secretary), "case", case=case.number)
    assert "看证明材料" in text
    assert "收到的办理表" not in text  # it stands there as the proof
    verify(ground.secretary, [case.pk], "看过")
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_proof_that_was_handed_in_stays_and_the_verifier_sees_the_sheet_beside_it(ground: Ground) -> None:
    case = claimed(ground, ground.helper, file_name="a.png", content=PNG)
    proof = case.claim_file
    filed = file_pile(ground.secretary, photographs(printed(ground, case)))
    assert "证明" not in filed.placed[0].title.zh
    case.refresh_from_db()
    assert case.claim_file == proof
    assert "收到的办理表" in page(client_of(ground.station), "case", case=case.number)
    refuse_claim(ground.secretary, [case.pk], "再看看")
    url = reverse("cases:file", kwargs={"case": case.number, "file": story_of(sheets(case), {})[0].file})
    assert client_of(ground.station).get(url).status_code == 200


def test_a_sheet_that_came_before_the_claim_is_seen_by_who_verifies_but_not_one_of_before_the_reopening(ground: Ground) -> None:
    case = ground.case()
    done(ground, case)
    file_pile(ground.helper, photographs(printed(ground, case)))
    claim(ground.helper, [case.pk], Claim("met", "通了", TODAY))
    secretary = client_of(ground.secretary)
    assert "收到的办理表" in page(secretary, "case", case=case.number)
    verify(ground.secretary, [case.pk])
    reopen(ground.secretary, [case.pk], "又堵了")
    claim(ground.helper, [case.pk], Claim("met", "又通了", TODAY))
    assert "收到的办理表" not in page(secretary, "case", case=case.number)


def test_missing_pages_are_told_and_what_lacks_pages_proves_nothing(ground: Ground) -> None:
    case = claimed(ground, ground.helper)
    pages = photographs(long(ground, case))
    assert len(pages) >= 3
    filed = file_pile(ground.secretary, [pages[2], pages[0], *pages[3:]])
    assert [(p.pages, p.missing) for p in filed.placed] == [(len(pages) - 1, (2,))]
    case.refresh_from_db()
    assert not case.claim_file
    text = page(client_of(ground.secretary), "case", case=case.number)
    assert "缺第 2 页" in text
    assert "收到的办理表" not in text
    filed = file_pile(ground.secretary, pages[::-1])
    assert [(p.pages, p.missing) for p in filed.placed] == [(len(pages), ())]
    case.refresh_from_db()
    assert case.claim_file == sheets(case)[1].detail["file"]  # type: ignore[index]
    assert "BF-2423" in str(file_pile(ground.secretary, pages).unknown[0].problem)  # the same pages make the same file


def test_a_page_twice_is_said_to_be_twice_in_a_pile_and_on_another_day(ground: Ground) -> None:
    case = ground.case()
    pdf = printed(ground, case)
    filed = file_pile(ground.helper, [*photographs(pdf), *photographs(pdf, turn=180)])
    assert (len(filed.placed), filed.twice) == (1, 1)
    with on(TODAY + timedelta(1)):
        for again in (photographs(pdf), photographs(pdf, turn=180)):
            filed = file_pile(ground.helper, again)
            if not filed.placed:
                break
        assert len(filed.unknown) == 1
        assert filed.unknown[0].number == case.number
        assert str(TODAY) in filed.unknown[0].why.zh
    assert filed.unknown[0].problem is not None
    assert filed.unknown[0].problem.number == "BF-2423"


def test_a_closed_case_takes_no_sheet_and_the_pile_says_so_with_its_number(ground: Ground) -> None:
    case = claimed(ground, ground.helper)
    pages = photographs(printed(ground, case))
    verify(ground.secretary, [case.pk], "看过", "a.png", PNG)
    url = reverse("cases:papers", kwargs={"path": ground.village.path})
    files = [SimpleUploadedFile(name, content, "image/jpeg") for name, content in pages]
    text = client_of(ground.secretary).post(url, {"files": files}).content.decode()
    assert "BF-2406" in text
    assert "已销号" in text
    assert f'href="/cases/{case.number}/"' in text
    assert not sheets(case)


def test_a_sheet_of_another_area_or_of_no_case_is_not_filed_and_names_nothing(ground: Ground) -> None:
    case = ground.case()
    pages = photographs(printed(ground, case))
    far = ground.user("far", "village_secretary", Decision.objects.exclude(path__startswith=ground.township.path)[0].path[:-4])
    filed = file_pile(far, pages)
    assert (filed.placed, [p.number for p in filed.unknown]) == ([], [""])
    assert "不归您办理" in filed.unknown[0].why.zh
    sheet = case_sheet(ground.secretary, case)
    gone = Case.objects.order_by("-pk")[0]
    object.__setattr__(sheet, "number", f"{TODAY.year}-{gone.pk + 1:06d}")
    filed = file_pile(ground.headquarters, photographs(print_documents([sheet])))
    assert "没有这个编号" in filed.unknown[0].why.zh
    assert not sheets(case)


def test_the_sheet_of_a_case_that_a_department_deals_with_is_for_the_department(ground: Ground) -> None:
    case = ground.case("illness")
    refer(ground.secretary, [case.pk], "请卫健局")
    filed = file_pile(ground.secretary, photographs(printed(ground, case)))
    assert filed.unknown[0].problem is not None
    assert filed.unknown[0].problem.number == "BF-2407"
    assert len(file_pile(ground.headquarters, photographs(printed(ground, case))).placed) == 1


def test_the_sheet_of_a_place_has_no_household_to_be_evidence_of(ground: Ground) -> None:
    from bangfu.cases.actions import NewCase, open_cases

    case = open_cases(ground.secretary, NewCase("conflict", "村口路灯", "", Area.objects.get(path=ground.village.path).path))[0]
    assert len(file_pile(ground.secretary, photographs(printed(ground, case))).placed) == 1
    assert sheets(case)[0].evidence_id is None


def test_a_sheet_is_filed_by_hand_by_its_number_and_only_as_what_it_is(ground: Ground) -> None:
    case, other = ground.case(), ground.case("policy")
    url = reverse("cases:papers", kwargs={"path": ground.village.path})
    plain = SimpleUploadedFile("a.png", PNG, "image/png")
    text = client_of(ground.secretary).post(url, {"do": "hand", "number": case.number, "file": plain}).content.decode()
    assert "事项办理表" in text
    assert len(sheets(case)) == 1
    with refused("BF-2423"):
        file_by_hand(ground.secretary, case.number, "", "a.png", PNG)
    with refused("BF-2456", other.number):
        file_by_hand(ground.secretary, case.number, "", "a.pdf", printed(ground, other))
    pdf = long(ground, case)
    filed = file_by_hand(ground.secretary, case.number, "", "a.pdf", some_pages(pdf, 0))
    assert filed.pages == 1
    assert filed.missing
    with refused("BF-2402", "事项"):
        file_by_hand(ground.secretary, "2019-999999", "", "a.png", PNG)
