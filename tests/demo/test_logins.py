"""The log-ins of the demo act where they are announced, and are announced in the reader's language; so is who brought evidence in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from bangfu.accounts.models import Assignment, User
from bangfu.areas.models import Area
from bangfu.demo.building import keep_built, logins, require_as_built
from bangfu.foundation.county import County
from bangfu.foundation.home import home
from bangfu.foundation.problems import Problem
from bangfu.register.models import Household

pytestmark = pytest.mark.django_db
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_a_log_in_acts_at_the_area_that_it_is_announced_at(county: County) -> None:
    for login in logins(county):
        held = Assignment.objects.get(user__username=login.username)
        area = Area.objects.get(path=held.path)
        assert (held.path, held.role) == (login.path, login.role)
        assert login.area.zh.partition("，")[0].endswith(area.name)
        assert area.name_en
        assert area.name_en in login.area.en
        assert not CHINESE.search(login.area.en)
    helper = next(login for login in logins(county) if login.username == "helper")
    assert Area.objects.get(path=helper.path).level == "township"
    assert "郑场镇" in helper.area.zh


def test_the_log_in_page_in_english_has_english_names_of_areas(county: County) -> None:
    page = Client(headers={"accept-language": "en"}).get("/login/").content.decode()
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert not CHINESE.search(table), table
    assert "Suiyang County" in table


def test_who_brought_evidence_in_is_told_in_the_reader_s_language(county: County) -> None:
    household = Household.objects.farming().under(county.path).order_by("number").first()
    assert household is not None
    address = reverse("register:household", kwargs={"number": household.number})
    for language, said, other in (("en", "command line", "命令行"), ("zh-cn", "命令行", "command line")):
        client = Client(headers={"accept-language": language})
        client.force_login(User.objects.get(username="county"))
        page = client.get(address).content.decode()
        assert said in page
        assert other not in page


def test_a_county_that_stands_is_not_passed_off_as_another(county: County, temporary_home: None, tmp_path: Path) -> None:
    folder = home().root / "demo"
    folder.mkdir(parents=True)
    keep_built("suiyang", 0.05, 2020, {}, [])
    require_as_built(scale=None, seed=None, facts=None)
    require_as_built(scale=0.05, seed=2020, facts=None)
    other = tmp_path / "facts.csv"
    other.write_text("key,op,value,precision,as_of\n")
    for asked in ({"scale": 1.0}, {"seed": 7}, {"facts": other}):
        with pytest.raises(Problem, match="BF-1807") as caught:
            require_as_built(**{"scale": None, "seed": None, "facts": None} | asked)
        assert f"--{next(iter(asked))}" in caught.value.cause.en
        assert "0.05" in caught.value.cause.en
