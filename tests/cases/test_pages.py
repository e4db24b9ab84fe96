"""The pages of cases and decisions: what they show, what their forms do, and how they say what they refuse."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from bangfu.accounts.models import AuditEntry, User
from bangfu.cases.actions import Claim, MeasureRow, Proof, claim, finish_measures, plan_measures, verify
from bangfu.cases.acts import CASE_FILE
from bangfu.cases.day import cases_of_the_day
from bangfu.cases.forecasting import foresee, plan_mobilise
from bangfu.cases.models import Case, Decision, Item, Measure, Paper
from bangfu.cases.models.cases import RESULTS
from bangfu.cases.pages.forecast import chance, chart, days_in_english
from bangfu.cases.policy import kinds_on
from bangfu.foundation.actor import system
from bangfu.register.models import Membership
from tests.cases.ground import TODAY, Ground
from tests.cases.ground import client_of as client_of
from tests.cases.playing import begun
from tests.cases.playing import crew as crew
from tests.cases.test_closing import PNG, claimed, done

PDF = b"%PDF-1.7 " + b"0" * 40


def page(client: Client, name: str, **kwargs: object) -> str:
    """A page of cases as it reads."""
    answer = client.get(reverse(f"cases:{name}", kwargs=kwargs))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_case_says_what_to_do_next_who_owns_it_and_its_story(ground: Ground) -> None:
    case = ground.case()
    text = page(client_of(ground.helper), "case", case=case.number)
    for words in ("安排措施", "屋后排水沟堵塞", case.number, "立项"):
        assert words in text


def test_a_measure_is_planned_done_and_claimed_on_the_page_and_verified_by_another(ground: Ground) -> None:
    case = ground.case()
    url = reverse("cases:case", kwargs={"case": case.number})
    helper, secretary = client_of(ground.helper), client_of(ground.secretary)
    assert helper.post(url, {"do": "plan", "words": "清沟", "family": "infrastructure", "cost": "1200.50"}).status_code == 302
    measure = Measure.objects.get(case=case)
    assert measure.cost_fen == 120_050
    file = SimpleUploadedFile("a.pdf", PDF, "application/pdf")
    assert helper.post(url, {"do": "finish", "measure": measure.pk, "words": "清好了", "file": file}).status_code == 302
    assert helper.post(url, {"do": "claim", "result": "met", "words": "通了"}).status_code == 302
    text = page(secretary, "case", case=case.number)
    assert "核验属实" in text
    assert secretary.post(url, {"do": "verify", "words": "看过"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "closed"
    measure.refresh_from_db()
    proof = secretary.get(reverse("cases:file", kwargs={"case": case.number, "file": measure.file}))
    assert proof.content == PDF


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"do": "plan", "words": "清沟", "family": "infrastructure", "cost": "很多"}, "BF-2402"),
        ({"do": "claim", "result": "met", "words": "通了"}, "BF-2408"),
        ({"do": "finish", "measure": "0", "words": "x"}, "BF-2416"),
        ({"do": "dance"}, "BF-2402"),
    ],
)
def test_what_is_refused_is_said_on_the_page_with_its_number(ground: Ground, asked: dict[str, str], number: str) -> None:
    case = ground.case()
    answer = client_of(ground.helper).post(reverse("cases:case", kwargs={"case": case.number}), asked)
    assert answer.status_code >= 400
    assert number in answer.content.decode()


def test_the_claimant_is_told_why_they_cannot_verify(ground: Ground) -> None:
    case = claimed(ground, ground.secretary)
    text = page(client_of(ground.secretary), "case", case=case.number)
    assert "不能由本人核验" in text
    assert "核验属实" not in text


def test_the_list_has_views_filters_a_search_and_acts_on_many(ground: Ground) -> None:
    one = claimed(ground, ground.helper, file_name="a.png", content=PNG)
    client = client_of(ground.secretary)
    url = reverse("cases:cases", kwargs={"path": ground.village.path})
    assert one.number in client.get(f"{url}?view=to_verify").content.decode()
    assert one.number not in client.get(f"{url}?view=closed").content.decode()
    head = Membership.objects.on(TODAY).get(household=ground.home, relation="head").person.name
    assert one.number in client.get(f"{url}?view=all&q={head}").content.decode()
    assert one.number in client.get(f"{url}?view=all&q={one.number}").content.decode()
    assert "BF-2402" in client.post(url, {"do": "verify"}).content.decode()  # nothing is ticked
    assert client.post(f"{url}?view=to_verify", {"do": "verify", "row": one.pk, "words": "属实"}).status_code == 302
    one.refresh_from_db()
    assert one.state == "closed"


def test_acts_on_many_say_how_many_were_done_or_that_none_was(ground: Ground) -> None:
    one, two = ground.case(), ground.case("policy")
    client = client_of(ground.secretary)
    url = reverse("cases:cases", kwargs={"path": ground.village.path})
    done = client.post(url, {"do": "note", "row": [one.pk, two.pk], "words": "看过"}, follow=True).content.decode()
    assert "写下记录：已办理 2 件。" in done
    assert "已办理 2 件" not in client.get(url).content.decode()  # said once
    claim(ground.helper, [one.pk], Claim("taken_over", "转", TODAY, "高标准农田项目"))
    told = client.post(url, {"do": "verify", "row": [one.pk, two.pk]}).content.decode()
    assert "BF-2406" in told
    assert two.number in told
    assert "勾选的 2 件都没有办理" in told
    one.refresh_from_db()
    assert one.state == "to_verify"


def test_long_term_support_says_the_day_on_which_it_was_verified(ground: Ground) -> None:
    case = ground.case()
    claim(ground.helper, [case.pk], Claim("long_term_support", "全户无劳力", TODAY, "", "a.pdf", PDF))
    verify(ground.secretary, [case.pk])
    text = page(client_of(ground.helper), "case", case=case.number)
    assert f"{ground.secretary.name} {TODAY}" in text


def test_a_problem_shows_the_number_of_a_household_that_is_known_and_masks_what_was_typed(ground: Ground) -> None:
    case = ground.case()
    client = client_of(ground.secretary)
    url = reverse("cases:new", kwargs={"path": ground.village.path})
    asked = {
        "kind": "grievance",
        "words": "屋后排水沟堵塞",
        "household": ground.home.number,
        "severity": "ordinary",
        "source": "visit",
    }
    answer = client.post(url, asked)
    told = answer.content.decode().split('class="problem"')[1].split("</div>")[0]
    assert (answer.status_code, case.number in told, ground.home.number in told) == (409, True, True)
    told = (
        client.post(url, asked | {"household": "520323199001011234"})
        .content.decode()
        .split('class="problem"')[1]
        .split("</div>")[0]
    )
    assert "520***********1234" in told


def test_the_list_goes_out_as_a_workbook_for_a_reason(ground: Ground) -> None:
    ground.case()
    client = client_of(ground.station)
    url = reverse("cases:export", kwargs={"path": ground.village.path})
    assert client.post(url, {}).status_code == 400
    answer = client.post(url, {"reason": "supervision", "words": "月度核对"})
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    heading = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[0][0]
    assert f"数据截至 {TODAY}" in heading
    assert f"，{TODAY} " in heading  # by the clock of the county


def test_a_case_is_opened_by_a_form_and_twice_is_refused(ground: Ground) -> None:
    client = client_of(ground.secretary)
    url = reverse("cases:new", kwargs={"path": ground.village.path})
    asked = {"household": ground.home.number, "kind": "conflict", "words": "地界", "severity": "serious", "source": "hotline"}
    assert client.post(url, asked).status_code == 302
    assert Case.objects.get(household=ground.home, kind="conflict").severity == "serious"
    again = client.post(url, asked)
    assert (again.status_code, "BF-2404" in again.content.decode()) == (409, True)


def test_a_household_shows_its_cases(ground: Ground) -> None:
    case = ground.case()
    text = client_of(ground.secretary).get(reverse("register:household", kwargs={"number": ground.home.number})).content.decode()
    assert case.number in text or reverse("cases:case", kwargs={"case": case.number}) in text


def test_the_day_of_each_step_has_what_waits_for_it(ground: Ground) -> None:
    case = claimed(ground, ground.helper)
    url = reverse("cases:case", kwargs={"case": case.number})
    assert url in client_of(ground.secretary).get("/today/").content.decode()
    late = ground.case("policy")
    Case.objects.filter(pk=late.pk).update(due=TODAY)
    assert reverse("cases:case", kwargs={"case": late.number}) in client_of(ground.helper).get("/today/").content.decode()


def test_the_forecast_of_the_county_has_posts_kinds_and_moves(ground: Ground) -> None:
    client = client_of(ground.headquarters)
    text = client.get(reverse("cases:forecast", kwargs={"path": ground.county.path}) + "?moves=1").content.decode()
    for words in ("按期", "基本医疗", "郑场镇指挥部", "怎样调人手", "卡在哪里", "不超过其人手的 33%"):
        assert words in text


def test_no_row_of_a_forecast_contradicts_another_page_or_the_moves(ground: Ground) -> None:
    """The county is no likelier to finish than a township or a kind, a township's row says what its own page says, and the moves begin from it."""
    kinds = kinds_on()
    county = foresee(ground.headquarters, ground.county.path, TODAY, kinds)
    found = county.result
    assert county.backlog[0] == sum(county.backlog[n] for n in county.kinds) > 0
    for n in (*county.posts, *county.kinds):
        assert found.at_most[0] <= found.at_most[n]
        assert not found.probability[0] > found.probability[n]
    row = next(n for n in county.posts if county.rows[n].path == ground.township.path)
    own = foresee(ground.headquarters, ground.township.path, TODAY, kinds)
    assert (own.backlog[0], own.result.at_most[0]) == (county.backlog[row], found.at_most[row])
    moving = plan_mobilise(ground.headquarters, ground.township.path, TODAY)
    told = {post.path: n for n, post in enumerate(moving.posts)}
    for n in own.posts:
        post = told[own.rows[n].path]
        now = moving.result.chances.finishes[post]
        assert now == bool(own.result.probability[n] >= moving.limits.target)


def test_a_probability_is_rounded_down_and_one_day_is_one_day() -> None:
    assert [chance(p) for p in (0.0, 0.004, 0.29, 0.7999, 0.999, 1.0)] == ["0%", "<1%", "29%", "79%", "99%", "100%"]
    assert [days_in_english(n) for n in (0, 1, 1200)] == ["0 days", "1 day", "1,200 days"]


def test_the_chart_is_labelled_with_round_numbers_and_what_is_open(ground: Ground) -> None:
    seen = foresee(ground.headquarters, ground.county.path, TODAY, kinds_on())
    drawn = chart(
        dataclasses.replace(seen, result=dataclasses.replace(seen.result, burn_down=seen.result.burn_down * 0 + 10_748))
    )
    assert ">12,000<" in drawn
    assert "10748" not in drawn
    assert f"今天 {seen.backlog[0]:,} 件" in drawn


def test_what_holds_cases_up_says_what_each_waits_for(ground: Ground) -> None:
    def waits() -> dict[str, int]:
        seen = foresee(ground.secretary, ground.home.path, TODAY, kinds_on())
        return {held.code: held.count for held in seen.held[0]}

    before = waits()
    case = ground.case()
    assert waits().get("no_measure", 0) == before.get("no_measure", 0) + 1
    (measure,) = plan_measures(ground.secretary, [case.pk], MeasureRow("infrastructure", "清沟", due=TODAY))
    assert waits().get("planned", 0) == before.get("planned", 0) + 1
    finish_measures(ground.secretary, [measure.pk], Proof("清完", TODAY))
    assert waits().get("to_claim", 0) + waits().get("in_effect", 0) == before.get("to_claim", 0) + before.get("in_effect", 0) + 1
    assert waits().get("planned", 0) == before.get("planned", 0)


def test_a_step_is_done_on_the_page_with_its_paper(crew: Ground) -> None:
    decision = begun(crew).decision
    url = reverse("cases:decision", kwargs={"decision": decision.number})
    assert client_of(crew.helper).post(url, {"do": "step", "words": "报来"}).status_code == 302
    secretary = client_of(crew.secretary)
    refused = secretary.post(url, {"do": "step", "together": "T1"})
    assert "BF-2437" in refused.content.decode()
    alone = secretary.post(url, {"do": "step", "file-survey_sheet": SimpleUploadedFile("a.pdf", PDF, "application/pdf")})
    assert "BF-2436" in alone.content.decode()
    assert not Paper.objects.filter(decision=decision).exists()
    file = SimpleUploadedFile("a.pdf", PDF, "application/pdf")
    assert secretary.post(url, {"do": "step", "together": "T1", "file-survey_sheet": file}).status_code == 302
    decision.refresh_from_db()
    assert (decision.present or {})["step"] == "village_appraisal"
    page = secretary.get(url).content.decode()
    assert "入户核实表" in page
    assert "缺第" not in page  # no page of it is missing


def test_a_meeting_is_planned_held_and_voted_on_its_pages(crew: Ground) -> None:
    decision = begun(crew).decision
    Decision.objects.filter(pk=decision.pk).update(place=2)
    client = client_of(crew.secretary)
    url = reverse("cases:meetings", kwargs={"path": crew.village.path})
    assert decision.number in client.get(url).content.decode()
    asked = {
        "decision": decision.pk,
        "kind": "appraisal",
        "day": str(TODAY),
        "where": "村委会",
        "chair": "村民甲",
        "entitled": "8",
    }
    made = client.post(url, asked)
    assert made.status_code == 302
    meeting = made["Location"]
    assert (
        client.post(
            meeting, {"do": "attend", "people": "村民甲, 代表\n村民乙\n村民丙\n村民丁\n村民戊\n村民己\n村民庚\n旁听 *"}
        ).status_code
        == 302
    )
    item = decision.items.get()
    votes = {f"for-{item.pk}": "7", f"against-{item.pk}": "0", f"abstained-{item.pk}": "0"}
    assert client.post(meeting, {"do": "hold", **votes}).status_code == 302
    item.refresh_from_db()
    assert item.passed
    signed = SimpleUploadedFile("m.pdf", PDF, "application/pdf")
    assert client.post(meeting, {"do": "minutes", "file": signed}).status_code == 302
    number = meeting.rstrip("/").rsplit("/", 1)[1]
    assert client.get(reverse("cases:minutes", kwargs={"meeting": number})).content == PDF
    assert AuditEntry.objects.filter(act=CASE_FILE.key, subject=number).exists()


@pytest.mark.parametrize("name", ["cases", "decisions", "meetings", "notices", "kinship", "forecast", "papers"])
def test_every_page_reads_in_english(crew: Ground, name: str) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.get(pk=crew.secretary.user_id))
    assert client.get(reverse(f"cases:{name}", kwargs={"path": crew.village.path})).status_code == 200


def test_a_clue_goes_to_triage_and_from_there_to_its_decision(ground: Ground) -> None:
    ground.become("registered")
    case = ground.case("identification")
    client = client_of(ground.secretary)
    url = reverse("cases:meetings", kwargs={"path": ground.village.path})
    assert case.number in client.get(url).content.decode()
    asked = {"case": case.pk, "kind": "triage", "day": str(TODAY), "where": "村委会", "chair": "甲", "entitled": "3"}
    meeting = client.post(url, asked)["Location"]
    assert case.number not in client.get(url).content.decode()
    assert client.post(meeting, {"do": "attend", "people": "甲\n乙\n丙"}).status_code == 302
    item = Item.objects.get(case=case)
    voted = {f"for-{item.pk}": "3", f"against-{item.pk}": "0", f"abstained-{item.pk}": "0", "do": "hold"}
    assert client.post(meeting, voted).status_code == 302
    page = client.get(reverse("cases:case", kwargs={"case": case.number})).content.decode()
    assert f"kind=identification&amp;case={case.number}" in page
    new = reverse("cases:decision-new", kwargs={"path": ground.village.path})
    told = {
        "kind": "identification",
        "household": ground.home.number,
        "origin": "visit",
        "words": "研判属实",
        "proposal": "unstable_exit",
    }
    assert "BF-2401" in client.post(new, told | {"case": "2020-999999"}).content.decode()
    answer = client.post(new, told | {"case": case.number})
    decision = Decision.objects.get(case=case)
    assert answer["Location"].rstrip("/").endswith(decision.number)
    assert decision.number in client.get(reverse("cases:case", kwargs={"case": case.number})).content.decode()
    assert case.number in client.get(answer["Location"]).content.decode()


def test_what_the_system_did_is_said_in_the_language_of_the_reader(ground: Ground) -> None:
    """A measure that the command line planned and that the closing of its case dropped."""
    case = ground.case()
    by = system(ground.county.path, "command line")
    for title in ("清沟", "改道"):
        plan_measures(by, [case.pk], MeasureRow("infrastructure", title))
    finish_measures(by, [case.measures.order_by("pk")[0].pk], Proof("已清", TODAY))
    claim(by, [case.pk], Claim("not_true", "已核", TODAY, file_name="a.png", content=PNG))
    verify(by, [case.pk], "看过")
    case.refresh_from_db()
    for language, told, other in (
        ("zh", ("命令行", "取消：事项已销号"), "command line"),
        ("en", ("command line", "dropped: the case was closed"), "事项已销号"),
    ):
        client = Client(headers={"Accept-Language": language})
        client.force_login(User.objects.get(pk=ground.secretary.user_id))
        text = page(client, "case", case=case.number)
        assert all(words in text for words in told)
        assert other not in text


def test_what_is_to_be_done_next_asks_for_nothing_that_its_form_has_no_room_for(ground: Ground) -> None:
    text = page(client_of(ground.helper), "case", case=ground.case().number)
    assert "写明做什么、何时做完" in text
    assert "谁来做" not in text
    assert 'name="due"' in text.split('id="plan"')[1].split("</form>")[0]
    assert f"仅“{RESULTS['household_ended'].zh}”" in text  # the form calls a result as the result is called


def test_what_waits_to_be_verified_is_in_the_day_by_its_deadline(ground: Ground) -> None:
    cases = [ground.case(kind) for kind in ("grievance", "policy", "conflict")]
    for n, case in enumerate(cases):
        done(ground, case)
        claim(ground.helper, [case.pk], Claim("met", "好了", TODAY))
        Case.objects.filter(pk=case.pk).update(due=TODAY - timedelta(900 + n))
    sections = {s.key: s for s in cases_of_the_day(ground.secretary)}
    first = [item.url for item in sections["verify"].items][:3]
    assert first == [reverse("cases:case", kwargs={"case": c.number}) for c in reversed(cases)]


def test_what_ended_unsolved_and_the_work_of_one_day_promise_nothing(ground: Ground) -> None:
    """A village where all that was closed was not true, or was solved on one day, is not said to finish."""

    def foreseen() -> tuple[bool, bool]:
        result = foresee(ground.secretary, ground.home.path, TODAY, kinds_on()).result
        return bool(np.isnan(result.probability[0])), bool(np.isnan(result.throughput[0]))

    Case.objects.filter(path__startswith=ground.home.path).delete()
    kinds = ("grievance", "policy", "conflict", "illness", "industry")
    cases = [ground.case(kind) for kind in kinds]
    Case.objects.filter(path=ground.home.path).update(opened_on=TODAY - timedelta(20), kind="policy", subject=models.F("id"))

    def close(case: Case, result: str, days: int) -> None:
        Case.objects.filter(pk=case.pk).update(state="closed", result=result, closed_on=TODAY - timedelta(days))

    close(cases[0], "not_true", 3)
    close(cases[1], "household_ended", 2)
    assert foreseen() == (True, False)  # nothing solved a day
    close(cases[2], "met", 1)
    assert foreseen() == (True, True)  # once is no pace
    close(cases[3], "met", 0)
    assert foreseen() == (False, False)
