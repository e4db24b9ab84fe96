"""The page of the audit: who may, what it shows, filters, paging, both languages."""

from __future__ import annotations

import pytest
from django.test import Client

from bangfu.accounts import acts, audit
from bangfu.accounts.actions import assign_role, create_user
from bangfu.foundation.acting import acting
from bangfu.foundation.county import County

pytestmark = pytest.mark.django_db


def reader(county: County, role: str) -> Client:
    user = create_user(county.operator(), f"read-{role}", "查阅者", "a-long-password-2020")
    assign_role(county.operator(), user, role, county.path)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def entries(county: County) -> None:
    with acting(county.operator()):
        for n in range(60):
            audit.note(
                county.operator(), acts.USER_UNLOCK, subject=f"s{n:02d}", reason="核对", detail={"reason": "payment", "rows": n}
            )


def subjects(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/audit/{query}")
    assert answer.status_code == 200
    return [row.of_.subject for row in answer.context["listing"].rows]


@pytest.mark.parametrize("role", ["auditor", "security_officer"])
def test_it_is_read_the_latest_first_page_by_page(county: County, entries: None, role: str) -> None:
    client = reader(county, role)
    first = client.get("/audit/?act=user.unlock")
    page = first.context["listing"]
    assert [row.of_.subject for row in page.rows] == [f"s{n:02d}" for n in range(59, 9, -1)]
    assert page.total.number == 60
    assert subjects(client, page.next_url) == [f"s{n:02d}" for n in range(9, -1, -1)]
    html = first.content.decode()
    for words in ("解除登录限制", "命令行", "发放或核对资金：核对", "行数 59"):
        assert words in html
    client.post("/language/", {"language": "en"})
    html = client.get("/audit/").content.decode()
    assert "Log-in opened again" in html
    assert "command line" in html
    assert "Paying or checking a payment: 核对" in client.get("/audit/").content.decode()


def test_filters_narrow_it(county: County, entries: None) -> None:
    client = reader(county, "auditor")
    assert subjects(client, "?subject=s07") == ["s07"]
    assert subjects(client, "?act=role.give&subject=read-auditor") == ["read-auditor"]
    assert subjects(client, "?who=nobody") == []
    assert len(subjects(client, "?who=command+line&act=user.unlock&size=100")) == 60
    assert subjects(client, "?until=2020-04-28") == []  # by the machine's time, whatever the county's clock says
    assert len(subjects(client, "?since=2020-04-28&act=user.unlock")) == 50
    assert subjects(client, "?since=soon") == []


@pytest.mark.parametrize("role", ["county_headquarters", "system_administrator", "analyst"])
def test_nobody_else_reads_it(county: County, role: str) -> None:
    client = reader(county, role)
    assert client.get("/audit/").status_code == 403
    assert "/audit/" not in client.get("/account/").content.decode()
