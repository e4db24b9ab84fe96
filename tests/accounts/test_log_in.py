"""Log-in: lockout, sessions that end, the second factor, passwords."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from bangfu.accounts import actions, second_factor
from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import FailedLogIn, LogIn, User
from bangfu.foundation import clock
from bangfu.foundation.county import County, found_county
from bangfu.foundation.problems import Problem

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-2020"


@pytest.fixture
def user(county: County) -> User:
    """A user with a role of the whole county that needs no second factor."""
    made = create_user(county.operator(), "deng", "登录者", PASSWORD)
    assign_role(county.operator(), made, "department_liaison", county.path, since=county.clock.date())  # type: ignore[union-attr]
    return made


@pytest.fixture
def real_county(county: County) -> County:
    """The county as if its data were real: second factors are required."""
    return found_county(county.name, county.country, county.path)


def log_in(client: Client, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/login/", {"username": "deng", "password": password}, **extra)


def test_a_name_is_closed_after_five_failures_and_opens_again(user: User) -> None:
    client = Client()
    for _ in range(actions.FAILURES_OF_A_NAME):
        answer = log_in(client, "wrong")
        assert answer.status_code == 400
        assert "BF-1303" in answer.content.decode()
    answer = log_in(client)  # the right one
    assert answer.status_code == 429
    assert "BF-1307" in answer.content.decode()
    FailedLogIn.objects.update(at=clock.machine_now() - actions.WINDOW)
    assert log_in(client).status_code == 302


def test_a_name_that_nobody_has_is_closed_as_well(county: County) -> None:
    """Otherwise the lockout would tell which names exist."""
    for _ in range(actions.FAILURES_OF_A_NAME):
        with pytest.raises(Problem, match="BF-1303"):
            actions.log_in("nobody", "x", address=None)
    with pytest.raises(Problem, match="BF-1307"):
        actions.log_in("nobody", "x", address=None)


def test_an_address_that_tries_many_names_is_closed(user: User) -> None:
    now = clock.machine_now()
    FailedLogIn.objects.bulk_create(
        FailedLogIn(username=f"n{n}", address="10.0.0.9", at=now) for n in range(actions.FAILURES_OF_AN_ADDRESS)
    )
    assert log_in(Client(), REMOTE_ADDR="10.0.0.9").status_code == 429
    assert log_in(Client(), REMOTE_ADDR="10.0.0.8").status_code == 302


def test_success_forgives_and_an_administrator_unlocks(user: User, county: County) -> None:
    for _ in range(actions.FAILURES_OF_A_NAME - 1):
        log_in(Client(), "wrong")
    assert log_in(Client()).status_code == 302
    for _ in range(actions.FAILURES_OF_A_NAME):
        log_in(Client(), "wrong")
    assert log_in(Client()).status_code == 429
    actions.unlock(county.operator(), user)
    assert log_in(Client()).status_code == 302


def test_a_session_ends_when_nobody_uses_it(user: User) -> None:
    client = Client()
    log_in(client)
    assert client.get("/account/").status_code == 200
    LogIn.objects.update(seen_at=clock.machine_now() - timedelta(minutes=31))
    answer = client.get("/account/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")
    assert "自动退出" in client.get("/login/").content.decode()
    assert LogIn.objects.get().ended_by == "idle"
    assert log_in(client).status_code == 302


def test_the_clock_of_the_county_does_not_end_a_session(user: User) -> None:
    """A simulation moves the county's clock by days; sessions live by the machine's."""
    client = Client()
    log_in(client)
    with clock.standing_at(clock.now() + timedelta(days=1)):
        assert client.get("/account/").status_code == 200


def test_a_session_that_was_ended_on_another_device_is_over(user: User) -> None:
    here, there = Client(), Client(headers={"User-Agent": "another device"})
    log_in(here)
    log_in(there)
    page = here.get("/account/").content.decode()
    assert "another device" in page
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0"
    assert LogIn(device=phone).device_name == "微信 WeChat · Android"
    assert LogIn(device="something of its own").device_name == "something of its own"
    other = LogIn.objects.get(device="another device")
    assert here.post(reverse("accounts:end", args=[other.pk])).status_code == 302
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(user: User, county: County) -> None:
    other = create_user(county.operator(), "other", "他人", PASSWORD)
    client = Client()
    client.force_login(other)
    mine = Client()
    log_in(mine)
    client.post(reverse("accounts:end", args=[LogIn.objects.get(user=user).pk]))
    assert mine.get("/account/").status_code == 200


def test_logging_out_ends_the_session_for_good(user: User) -> None:
    client = Client()
    log_in(client)
    cookie = client.cookies["sessionid"].value
    client.post("/logout/")
    client.cookies["sessionid"] = cookie
    assert client.get("/account/").status_code == 302
    assert LogIn.objects.get().ended_by == "logged_out"


def test_a_password_is_changed_and_the_other_sessions_end(user: User) -> None:
    here, there = Client(), Client()
    log_in(here)
    log_in(there)
    wrong = here.post("/account/password/", {"old": "x", "new": "another-long-one-7", "again": "another-long-one-7"})
    assert "BF-1303" in wrong.content.decode()
    short = here.post("/account/password/", {"old": PASSWORD, "new": "12345678901", "again": "12345678901"})
    assert "BF-1305" in short.content.decode()
    differ = here.post("/account/password/", {"old": PASSWORD, "new": "another-long-one-7", "again": "another-long-one-8"})
    assert "BF-1306" in differ.content.decode()
    same = here.post("/account/password/", {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD})
    assert "BF-1309" in same.content.decode()
    done = here.post("/account/password/", {"old": PASSWORD, "new": "another-long-one-7", "again": "another-long-one-7"})
    assert done.status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert log_in(Client()).status_code == 400
    assert log_in(Client(), "another-long-one-7").status_code == 302


def test_a_password_of_the_administrator_serves_once(user: User, county: County) -> None:
    actions.reset_password(county.operator(), user, "given-by-another-1")
    client = Client()
    assert log_in(client, "given-by-another-1").status_code == 302
    for address in ("/", "/account/", "/households/"):
        assert client.get(address).headers["Location"] == "/account/password/", address
    client.post("/account/password/", {"old": "given-by-another-1", "new": "my-very-own-one-5", "again": "my-very-own-one-5"})
    assert client.get("/account/").status_code == 200


def test_a_role_with_a_second_factor_enrols_first_and_shows_it_ever_after(user: User, real_county: County) -> None:
    assign_role(real_county.operator(), user, "county_headquarters", real_county.path, since=date(2020, 1, 1))
    client = Client()
    log_in(client)
    assert client.get("/").headers["Location"] == "/account/second-factor/"
    assert client.get("/households/", headers={"Accept": "application/json"}).status_code == 401
    page = client.get("/account/second-factor/")
    secret = page.context["secret"]
    assert "data:image/svg+xml" in page.content.decode()
    assert "BF-1308" in client.post("/account/second-factor/", {"code": "000000"}).content.decode()
    assert client.post("/account/second-factor/", {"code": pyotp.TOTP(secret).now()}).status_code == 302
    assert client.get("/account/").status_code == 200
    user.refresh_from_db()
    assert secret.encode() not in bytes(user.factor_secret or b"")

    again = Client()
    log_in(again)
    assert again.get("/households/").headers["Location"] == "/account/code/"
    used = pyotp.TOTP(secret).now()
    if user.factor_step == pyotp.TOTP(secret).timecode(clock.machine_now()):
        assert "BF-1308" in again.post("/account/code/", {"code": used}).content.decode()  # the one of the enrolment
    User.objects.update(factor_step=0)
    assert again.post("/account/code/", {"code": pyotp.TOTP(secret).now()}).status_code == 302
    assert again.get("/account/").status_code == 200


def test_codes_cannot_be_guessed(user: User, county: County) -> None:
    actions.enrol_factor(user, LogIn(), secret := second_factor.new_secret(), pyotp.TOTP(secret).now())
    client = Client()
    log_in(client)
    answers = [client.post("/account/code/", {"code": f"{n:06}"}).status_code for n in range(actions.FAILURES_OF_A_NAME + 1)]
    assert answers[-1] == 429
    assert client.get("/account/").headers["Location"] == "/account/code/"


def test_a_synthetic_county_asks_for_no_second_factor(user: User, county: County) -> None:
    """Its log-ins are printed for everybody."""
    assign_role(county.operator(), user, "county_headquarters", county.path, since=county.clock.date())  # type: ignore[union-attr]
    client = Client()
    log_in(client)
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(("offset", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(offset: int, accepted: bool) -> None:
    secret, now = second_factor.new_secret(), clock.machine_now()
    code = pyotp.TOTP(secret).at(now + timedelta(seconds=offset))
    step = second_factor.matching_step(secret, code, now, None)
    assert (step is not None) is accepted
    if step is not None:
        assert second_factor.matching_step(secret, code, now, step) is None


def test_the_administrator_manages_and_the_security_officer_reviews(user: User, county: County) -> None:
    clients = {}
    for role in ("system_administrator", "security_officer"):
        one = create_user(county.operator(), role, role, PASSWORD)
        assign_role(county.operator(), one, role, county.path, since=county.clock.date())  # type: ignore[union-attr]
        clients[role] = Client()
        clients[role].force_login(one)
        assert clients[role].get("/").headers["Location"] == "/today/"
        assert "deng" in clients[role].get("/users/").content.decode()
    mine = Client()
    log_in(mine)
    manage = reverse("accounts:manage", args=["deng"])
    assert clients["security_officer"].post(manage, {"do": "end"}).status_code == 403
    assert mine.get("/account/").status_code == 200
    answer = clients["system_administrator"].post(manage, {"do": "password"})
    assert mine.get("/account/").status_code == 302
    assert log_in(mine, answer.context["password"]).status_code == 302
    assert clients["system_administrator"].post(manage, {"do": "close"}).status_code == 302
    assert log_in(Client(), answer.context["password"]).status_code == 400
    clients["system_administrator"].post(manage, {"do": "open"})
    assert log_in(Client(), answer.context["password"]).status_code == 302


def test_the_first_session_of_a_process_is_noted() -> None:
    """However it begins: a log-in that nobody noted would end with its first page."""
    script = "import django; django.setup(); from django.contrib.auth.signals import user_logged_in as s; print([r[0][0] for r in s.receivers]); "
    script += "import bangfu.accounts.middleware as m; print(id(m._began))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[1] in said[0]
