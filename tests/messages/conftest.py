"""Users of the tests of messages, and receivers on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.messages.receivers import Mails, Receiver, http_receiver, smtp_receiver

from bangfu.accounts.actions import assign_role
from bangfu.accounts.models import Assignment, User
from bangfu.areas.models import Area
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.messages.group import group_texts
from bangfu.messages.kinds import kind, kinds

DUE = "test.due"
if DUE not in kinds():
    kind(DUE, zh="任务到期", en="Task due")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as found:
        yield found


@pytest.fixture
def mails() -> Iterator[Mails]:
    with smtp_receiver() as found:
        yield found


@pytest.fixture
def township(county: County) -> Area:
    return Area.objects.under(county.path).level("township").order_by("path")[0]


@pytest.fixture
def person(county: County) -> Callable[..., User]:
    """Makes a user in a role at an area."""

    def make(name: str, role: str, path: str, language: str = "zh-hans") -> User:
        user = User.objects.create(username=name, name=f"名{name}", language=language, password="!")  # logs in by force only
        assign_role(county.operator(), user, role, path, since=clock.today())
        return user

    return make


def acts(user: User) -> Actor:
    return Assignment.objects.of(user).on(clock.today()).get().actor()


@pytest.fixture(autouse=True)
def no_texts_of_others() -> Iterator[None]:
    """Only the texts that a test registers: those of the packages above are left out."""
    kept = dict(group_texts._providers)
    for name in kept:
        group_texts.withdraw(name)
    yield
    group_texts._providers.clear()
    group_texts._providers.update(kept)
