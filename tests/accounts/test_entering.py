"""Who a request belongs to, read by two statements: as Django would read it, and anew each time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest
from django.contrib.auth import get_user
from django.test import Client, RequestFactory

from bangfu.accounts.entering import Backend, assignments_of, log_in_of
from bangfu.accounts.models import Assignment, LogIn, User
from bangfu.accounts.sessions import SessionStore
from bangfu.foundation import clock
from bangfu.foundation.county import County

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(county: County) -> User:
    return User.objects.get(username="township")


def test_the_user_comes_with_the_roles_of_the_day(user: User) -> None:
    found = Backend().get_user(user.pk)
    assert found == user
    held = Assignment.objects.of(user).on(clock.today())
    assert assignments_of(cast(User, found)) == list(held)
    assert [(a.role, a.path, a.user) for a in assignments_of(cast(User, found))] == [(a.role, a.path, user) for a in held]
    assert assignments_of(cast(User, found))[0].actor() == held[0].actor()


def test_on_another_day_the_roles_are_those_of_that_day(user: User) -> None:
    found = cast(User, Backend().get_user(user.pk))
    with clock.standing_at(clock.today() - timedelta(days=365 * 30)):
        assert assignments_of(found) == []


def test_a_closed_account_and_an_unknown_one_are_nobody(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert Backend().get_user(user.pk) is None
    assert Backend().get_user(0) is None


def test_a_log_in_is_its_user_s_own_and_open(user: User) -> None:
    Client().force_login(user)
    kept = LogIn.objects.of(user)[0]
    found = log_in_of(user, kept.pk)
    assert found is not None
    assert {k: v for k, v in vars(found).items() if k != "_state"} == {k: v for k, v in vars(kept).items() if k != "_state"}
    assert log_in_of(User.objects.get(username="county"), kept.pk) is None
    LogIn.objects.filter(pk=kept.pk).update(ended_at=clock.machine_now())
    assert log_in_of(user, kept.pk) is None


def test_a_session_is_read_as_it_was_kept_until_it_ends(user: User) -> None:
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    assert SessionStore(key).load() == dict(client.session.items())
    request: Any = RequestFactory().get("/")
    request.session = SessionStore(key)
    assert get_user(request) == user
    SessionStore(key).model.objects.filter(session_key=key).update(expire_date=clock.machine_now() - timedelta(seconds=1))
    ended = SessionStore(key)
    assert ended.load() == {}
    assert ended.session_key is None
