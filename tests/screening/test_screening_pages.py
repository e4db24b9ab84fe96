"""The page of missing evidence counts what the verdicts say; the reason tree shows values, words and where they come from."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.register.asking import ask

from bangfu.accounts.models import User
from bangfu.foundation.county import County
from bangfu.register.fields import fields, title_of
from bangfu.register.models import Household
from bangfu.screening.models import Verdict
from bangfu.screening.pack import load_pack
from bangfu.screening.pages.additions import present_pack
from bangfu.screening.wording import expression_in_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(county: County) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="county"))
    return client


def test_missing_evidence_is_counted_from_the_verdicts(client: Client, county: County) -> None:
    """Every line is as many verdicts as have its reason, and leads to a list of as many rows."""
    page = client.get(reverse("screening:missing", kwargs={"path": county.path}))
    address = page.request["PATH_INFO"]
    lines = [line for source in page.context["sources"] for line in source.lines]
    assert lines
    for line in lines:
        guarantee, code = line.url.removeprefix("?line=").split(".")
        told = ask(
            "SELECT count(*) AS n FROM screening_verdict WHERE result = 'unknown' AND guarantee = %s AND %s = ANY(reasons)",
            guarantee,
            code,
        )[0]["n"]
        assert line.households == told
        assert client.get(address + line.url).context["listing"].total.number == told
    by_source = {source.key: source for source in page.context["sources"]}
    narrowed = client.get(address, {"source": "housing"}).context["listing"]
    assert {str(row.of_.shown["source"]) for row in narrowed.rows} == {str(by_source["housing"].title)}


def test_missing_evidence_of_a_village_is_of_that_village(client: Client) -> None:
    verdict = Verdict.objects.filter(result="unknown", guarantee="schooling").order_by("path")[0]
    village = verdict.path[:-4]
    page = client.get(reverse("screening:missing", kwargs={"path": village}), {"line": "schooling.status_unknown"})
    rows = [row.of_ for row in page.context["listing"].rows]
    assert rows
    assert all(row.path.startswith(village) for row in rows)
    member = next(iter((verdict.values or {})["status_in_doubt"]))
    name = ask("SELECT name FROM register_person WHERE id = %s", member)[0]["name"]
    assert name in page.content.decode()


def _leaves(branch: Any) -> list[Any]:
    return [branch, *(leaf for below in branch.below for leaf in _leaves(below))]


def test_the_reason_tree_names_field_value_and_source(client: Client) -> None:
    verdict = Verdict.objects.filter(result="unmet", guarantee="housing").select_related("household")[0]
    page = client.get(reverse("screening:why", kwargs={"guarantee": "housing", "number": verdict.household.number}))
    assert page.status_code == 200
    met = page.context["met"]
    assert met.state == "unmet"
    grade = next(leaf for leaf in _leaves(met) if leaf.title == fields()["house_grade"].title)
    held = ask("SELECT grade FROM register_house WHERE household_id = %s AND upper_inf(valid)", verdict.household_id)[0]["grade"]
    assert grade.value == title_of("house_grade", held)
    assert re.search(r"\d{4}-\d\d-\d\d .+\.xlsx", str(grade.source))
    assert [r.code for r in page.context["said"]] == verdict.reasons


def test_what_rests_on_unchecked_numbers_says_so(client: Client) -> None:
    number = Household.objects.farming().order_by("id").values_list("number", flat=True)[0]
    medical = client.get(reverse("screening:why", kwargs={"guarantee": "medical", "number": number}))
    pack = present_pack()
    assert pack is not None
    assert pack.parameters["newborn_grace_days"].title in medical.context["doubtful"]
    water = client.get(reverse("screening:why", kwargs={"guarantee": "water", "number": number}))
    assert water.context["doubtful"] == []


def test_a_guarantee_that_the_pack_does_not_have(client: Client) -> None:
    number = Household.objects.farming().order_by("id").values_list("number", flat=True)[0]
    answer = client.get(reverse("screening:why", kwargs={"guarantee": "pensions", "number": number}))
    assert answer.status_code == 404
    assert "BF-1525" in answer.content.decode()


def test_every_verdict_on_a_households_page_leads_to_its_reasons(client: Client) -> None:
    number = Household.objects.farming().order_by("id").values_list("number", flat=True)[0]
    page = client.get(reverse("register:household", kwargs={"number": number}))
    urls = {step.url for step in page.context["next"]} | {v["url"] for v in page.context["settled"]}
    assert len(urls) == 7
    assert all(client.get(url).status_code == 200 for url in urls)


def test_expressions_in_words() -> None:
    pack = load_pack("cn-county-2020")

    def titled(name: str) -> Any:
        return fields()[name].title if name in fields() else None

    def worded(codes: str, code: str) -> Any:
        return title_of(codes, code, date(2020, 4, 28))

    said = expression_in_words(pack, "household_kind in ('registered', 'monitored') or income_to >= as_of", titled, worded)
    assert said.zh == "户类型 属于 (建档立卡户, 监测户) 或 收入核算结束日期 ≥ 评定日"
    assert said.en == "Kind of household is one of (registered, monitored) or Income period to ≥ the day"
