"""What is sent twice is done once, what was left open is not decided, and a file that is empty is no proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bangfu.cases.actions import (
    Claim,
    MeasureRow,
    NewDecision,
    NewObjection,
    Proof,
    answer_objection,
    begin_decisions,
    claim,
    drop_measures,
    finish_measures,
    plan_measures,
    raise_objection,
    verify,
)
from bangfu.cases.models import Measure, Objection
from tests.cases.ground import TODAY, Ground
from tests.cases.playing import crew as crew
from tests.cases.playing import hung
from tests.cases.test_closing import PNG
from tests.cases.test_pages import client_of
from tests.command.standing import refused

CLEAR = MeasureRow("infrastructure", "清沟", 120_000, "一事一议", TODAY + timedelta(10))


def test_the_same_measure_is_planned_once_while_it_stands(ground: Ground) -> None:
    case, other = ground.case(), ground.case("policy")
    first = plan_measures(ground.helper, [case.pk], CLEAR)[0]
    with refused("BF-2480", case.number, "清沟", str(TODAY)):
        plan_measures(ground.helper, [case.pk], CLEAR)
    with refused("BF-2480"):  # of many, all or none
        plan_measures(ground.helper, [other.pk, case.pk], CLEAR)
    assert Measure.objects.filter(case__in=(case, other)).count() == 1
    for differing in ({"title": "盖板"}, {"cost_fen": 1}, {"programme": ""}, {"due": None}, {"family": "industry"}):
        plan_measures(ground.helper, [case.pk], replace(CLEAR, **differing))
    drop_measures(ground.helper, [first.pk], "另行安排")
    plan_measures(ground.helper, [case.pk], CLEAR)
    client = client_of(ground.secretary)
    url = reverse("cases:case", kwargs={"case": case.number})
    asked = {"do": "plan", "words": "清沟", "family": "industry"}
    assert [client.post(url, asked).status_code for _ in range(2)] == [302, 409]


def test_the_same_objection_is_taken_once_until_it_is_answered(crew: Ground) -> None:
    played, notice = hung(crew)
    said = NewObjection(played.decision.pk, "他家有车", "张三")
    one = raise_objection(crew.secretary, notice.pk, said)
    with refused("BF-2481", notice.number, str(TODAY)):
        raise_objection(crew.secretary, notice.pk, said)
    raise_objection(crew.secretary, notice.pk, replace(said, who=""))
    with refused("BF-2481"):
        raise_objection(crew.second, notice.pk, replace(said, who=""))
    raise_objection(crew.secretary, notice.pk, replace(said, words="他家有房"))
    answer_objection(crew.second, one.pk, upheld=False, answer="已核")
    raise_objection(crew.secretary, notice.pk, said)
    assert Objection.objects.filter(notice=notice).count() == 4


def test_an_answer_says_what_was_found(crew: Ground) -> None:
    played, notice = hung(crew)
    objection = raise_objection(crew.secretary, notice.pk, NewObjection(played.decision.pk, "他家有车"))
    client = client_of(crew.second)
    url = reverse("cases:notice", kwargs={"notice": notice.number})
    assert 'name="upheld" value="no" required>' in client.get(url).content.decode()  # nothing is chosen
    asked = {"do": "answer", "objection": objection.pk, "words": "已核"}
    for found in ({}, {"upheld": "zz"}, {"upheld": ""}):
        answer = client.post(url, asked | found)
        assert (answer.status_code, "BF-2402" in answer.content.decode()) == (400, True)
    objection.refresh_from_db()
    assert objection.answered_on is None
    assert client.post(url, asked | {"upheld": "yes"}).status_code == 302
    objection.refresh_from_db()
    assert objection.upheld is True


def test_who_may_not_answer_an_objection_is_told_why_instead_of_asked(crew: Ground) -> None:
    """The secretary surveyed the household: what is said against that is for somebody else."""
    played, notice = hung(crew)
    raise_objection(crew.secretary, notice.pk, NewObjection(played.decision.pk, "他家有车"))
    url = reverse("cases:notice", kwargs={"notice": notice.number})
    own = client_of(crew.secretary).get(url).content.decode()
    assert ('value="answer"' in own, crew.secretary.name in own.split("objections-title")[2]) == (False, True)
    assert 'value="answer"' in client_of(crew.second).get(url).content.decode()


def test_a_decision_is_about_a_household_or_a_village_and_never_both(crew: Ground) -> None:
    crew.become("registered", "not_exited")
    with refused("BF-2402", "村", crew.village.name, "不适用"):
        begin_decisions(crew.helper, NewDecision("exit", "visit", "达标", crew.home.number, crew.village.path))
    with refused("BF-2402", "户编号", crew.home.number):
        begin_decisions(crew.secretary, NewDecision("village_exit", "visit", "达标", crew.home.number, crew.village.path))
    url = reverse("cases:decision-new", kwargs={"path": crew.village.path})
    assert f'<option value="{crew.village.path}" selected>' not in client_of(crew.secretary).get(url).content.decode()
    begin_decisions(crew.helper, NewDecision("exit", "visit", "达标", crew.home.number))


@pytest.mark.parametrize("name", ["a.png", "a.pdf"])
def test_a_file_that_is_empty_is_refused_and_not_taken_for_none(ground: Ground, name: str) -> None:
    case = ground.case()
    measure = plan_measures(ground.helper, [case.pk], MeasureRow("infrastructure", "清沟"))[0]
    with refused("BF-2418", name, "空文件"):
        finish_measures(ground.helper, [measure.pk], Proof("已清", TODAY, name))
    client = client_of(ground.helper)
    url = reverse("cases:case", kwargs={"case": case.number})
    asked = {"do": "finish", "measure": measure.pk, "words": "已清", "day": str(TODAY)}
    answer = client.post(url, asked | {"file": SimpleUploadedFile(name, b"")})
    assert (answer.status_code, "BF-2418" in answer.content.decode()) == (400, True)
    measure.refresh_from_db()
    assert measure.state == "planned"
    assert client.post(url, asked).status_code == 302  # no file at all: words
    with refused("BF-2418"):
        claim(ground.helper, [case.pk], Claim("met", "已清", TODAY, file_name=name))
    claim(ground.helper, [case.pk], Claim("met", "已清", TODAY))
    with refused("BF-2418"):
        verify(ground.secretary, [case.pk], "看过", name)
    verify(ground.secretary, [case.pk], "看过", "a.png", PNG)
