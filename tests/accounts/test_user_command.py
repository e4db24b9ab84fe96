"""`bangfu user`: users added with a role at an area, listed; passwords that will not do are refused."""

from __future__ import annotations

import getpass
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bangfu.accounts.actions import create_user, log_in
from bangfu.accounts.models import Assignment, User
from bangfu.accounts.roles import roles
from bangfu.areas.models import Area
from bangfu.demo.building import PASSWORD
from bangfu.foundation.county import County
from bangfu.foundation.problems import Problem

# The option of settings that django-typer adds to every command warns once under the newest Typer.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:In Typer, only the parameter:DeprecationWarning")]
Run = Callable[..., Any]
GOOD = "a long and quiet river"


@pytest.fixture
def run(county: County, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run(words…, stdin=…, typed=[…])`: the command with what is piped or typed; its JSON."""

    def run(*words: str, stdin: str | None = None, typed: list[str] | None = None) -> Any:
        left = list(typed or [])
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin or ""))
        monkeypatch.setattr(getpass, "getpass", lambda prompt="": left.pop(0))
        capsys.readouterr()
        call_command("user", *words, "--json")
        assert not left
        said = capsys.readouterr().out
        assert GOOD not in said
        return json.loads(said)

    return run


def add(run: Run, *more: str, area: str, role: str = "village_secretary", **how: Any) -> Any:
    return run("add", "zhangsan", "张三", "--role", role, "--area", area, *more, **how)


def township(county: County) -> Area:
    return Area.objects.under(county.path).level("township").get(name="郑场镇")


def test_a_user_is_added_and_may_log_in(run: Run, county: County) -> None:
    at = township(county)
    said = add(run, "--password-stdin", area=at.path, role="township_station", stdin=GOOD + "\n")
    user = User.objects.get(username="zhangsan")
    assert (user.name, user.is_active, user.language, user.check_password(GOOD)) == ("张三", True, "zh-hans", True)
    assert said == {
        "username": "zhangsan",
        "name": "张三",
        "active": True,
        "roles": [{"role": "township_station", "path": at.path, "since": "2020-04-28", "until": None}],
    }
    actor = Assignment.objects.get(user=user).actor()
    assert (actor.scope, actor.may("household.read"), actor.may("user.manage")) == (at.path, True, False)
    assert said in run("list")["users"]


def test_the_area_by_its_code_and_the_day_of_beginning(run: Run, county: County) -> None:
    village = Area.objects.under(township(county).path).level("village").with_code(date(2020, 4, 28), "nbs12").first()
    assert village is not None
    said = add(run, "--since", "2020-01-15", area=village.code_on, typed=[GOOD, GOOD])  # type: ignore[attr-defined]
    assert said["roles"] == [{"role": "village_secretary", "path": village.path, "since": "2020-01-15", "until": None}]


def test_the_password_is_typed_twice_alike(run: Run, county: County) -> None:
    with pytest.raises(Problem) as raised:
        add(run, area=county.path, typed=[GOOD, GOOD + "x"])
    assert raised.value.number == "BF-1306"
    assert not User.objects.filter(username="zhangsan").exists()


@pytest.mark.parametrize(
    ("password", "zh", "en"),
    [
        ("short", "少于10个字符", "fewer than 10"),
        ("1234567890", "太常见", "too common"),
        ("zhangsan2020", "太相似", "too much like"),
        ("", "少于10个字符", "fewer than 10"),
    ],
)
def test_a_password_that_will_not_do(run: Run, county: County, password: str, zh: str, en: str) -> None:
    with pytest.raises(Problem) as raised:
        add(run, "--password-stdin", area=county.path, stdin=password + "\n")
    assert raised.value.number == "BF-1305"
    assert zh in raised.value.cause.zh
    assert en in raised.value.cause.en
    assert not User.objects.filter(username="zhangsan").exists()


def test_the_demo_s_password_will_do(county: County) -> None:
    for name in ("county", "analyst", "township", "village", "outside", "admin"):
        assert User.objects.get(username=name).check_password(PASSWORD)
        create_user(county.operator(), f"{name}2", name, PASSWORD)


@pytest.mark.parametrize(
    ("role", "area", "number"),
    [
        ("queen", "{county}", "BF-1301"),
        ("analyst", "cn/", "BF-1108"),
        ("analyst", "999999", "BF-1108"),
        ("analyst", "{county}0zz/", "BF-1108"),
    ],
)
def test_unknown_roles_and_places(run: Run, county: County, role: str, area: str, number: str) -> None:
    with pytest.raises(Problem) as raised:
        add(run, role=role, area=area.format(county=county.path))
    assert raised.value.number == number
    assert not User.objects.filter(username="zhangsan").exists()


def test_a_name_that_is_taken(run: Run, county: County) -> None:
    before = Assignment.objects.count()
    with pytest.raises(Problem) as raised:
        run("add", "analyst", "别人", "--role", "analyst", "--area", county.path, "--password-stdin", stdin=GOOD)
    assert raised.value.number == "BF-1304"
    assert Assignment.objects.count() == before


def test_lists(run: Run, county: County, capsys: pytest.CaptureFixture[str]) -> None:
    users = {u["username"]: u for u in run("list")["users"]}
    assert users["outside"]["roles"][0]["role"] == "outside_analyst"
    listed = {r["key"]: r for r in run("roles")["roles"]}
    assert listed.keys() == roles().keys()
    assert listed["system_administrator"]["permissions"] == ["message.allow", "message.manage", "user.manage", "user.review"]
    for what in ("list", "roles"):
        capsys.readouterr()
        call_command("user", what)
        assert "outside" in capsys.readouterr().out


def test_wrong_usage(run: Run) -> None:
    with pytest.raises(CommandError):
        run("add", "zhangsan", "张三", "--role", "analyst")


def test_a_password_that_somebody_else_chose_is_changed_first(run: Run, county: County) -> None:
    at = township(county)
    add(run, "--password-stdin", area=at.path, role="township_station", stdin=GOOD + "\n")
    assert User.objects.get(username="zhangsan").must_change_password
    run("add", "lisi", "李四", "--role", "township_station", "--area", at.path, "--permanent", typed=[GOOD, GOOD])
    assert not User.objects.get(username="lisi").must_change_password


def test_whoever_holds_the_machine_opens_a_closed_log_in(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        with pytest.raises(Problem, match="BF-1303"):
            log_in("county", "wrong", address=None)
    with pytest.raises(Problem, match="BF-1307"):
        log_in("county", PASSWORD, address=None)
    call_command("user", "unlock", "county", "--lost-phone")
    assert log_in("county", PASSWORD, address=None).username == "county"
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    call_command("user", "password", "county", "--password-stdin")
    assert log_in("county", GOOD, address=None).must_change_password
    with pytest.raises(Problem, match="BF-1302"):
        call_command("user", "unlock", "nobody")


@pytest.mark.parametrize(
    ("username", "name", "number"),
    [
        ("", "张三", "BF-1310"),
        (" ", "张三", "BF-1310"),
        ("z" * 61, "张三", "BF-1310"),
        ("zhang san", "张三", "BF-1310"),
        ("zhang/san", "张三", "BF-1310"),
        ("zhang\nsan", "张三", "BF-1310"),
        ("zhangsan", " ", "BF-1311"),
        ("zhangsan", "张" * 61, "BF-1311"),
        ("zhangsan", "张\n三", "BF-1311"),
        ("Analyst", "张三", "BF-1304"),
        ("ＡＮＡＬＹＳＴ", "张三", "BF-1304"),
    ],
)
def test_names_that_will_not_do(run: Run, county: County, username: str, name: str, number: str) -> None:
    before = User.objects.count()
    with pytest.raises(Problem, match=number):
        run("add", username, name, "--role", "analyst", "--area", county.path, "--password-stdin", stdin=GOOD)
    assert User.objects.count() == before


def test_capitals_make_no_other_name_at_log_in(run: Run, county: County) -> None:
    """Nor do they give more tries: failures are counted by the user, however the name was written."""
    run("add", "ZhangSan", "张三", "--role", "analyst", "--area", county.path, "--password-stdin", stdin=GOOD)
    assert log_in("zhangsan", GOOD, address=None).username == "ZhangSan"
    assert log_in("ｚｈａｎｇｓａｎ", GOOD, address=None).username == "ZhangSan"
    for written in ("zhangsan", "ZHANGSAN", "ZhangSan", "zhangSan", "Zhangsan"):
        with pytest.raises(Problem, match="BF-1303"):
            log_in(written, "wrong", address=None)
    with pytest.raises(Problem, match="BF-1307"):
        log_in("ZhangSan", GOOD, address=None)
    call_command("user", "unlock", "ZHANGSAN")
    assert log_in("ZhangSan", GOOD, address=None)


@pytest.mark.parametrize(
    ("role", "level", "given"),
    [
        ("village_secretary", "village", True),
        ("village_secretary", "county", False),
        ("village_secretary", "group", False),
        ("county_headquarters", "county", True),
        ("county_headquarters", "township", False),
        ("supervisor", "township", True),
        ("supervisor", "county", True),
        ("supervisor", "village", False),
        ("group_leader", "group", True),
        ("group_leader", "grid", False),
    ],
)
def test_a_role_is_given_at_its_level(run: Run, county: County, role: str, level: str, given: bool) -> None:
    area = Area.objects.under(county.path).level(level).order_by("path").first()
    assert area is not None
    if given:
        assert add(run, "--password-stdin", role=role, area=area.path, stdin=GOOD)["roles"][0]["role"] == role
        return
    with pytest.raises(Problem) as raised:
        add(run, "--password-stdin", role=role, area=area.path, stdin=GOOD)
    assert raised.value.number == "BF-1312"
    assert area.name in raised.value.cause.zh
    assert not User.objects.filter(username="zhangsan").exists()
