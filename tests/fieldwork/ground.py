"""A worker with a device, the households of a village, and submissions as a phone sends them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from bangfu.accounts.models import Assignment
from bangfu.fieldwork.actions.applying import Done, apply_waiting
from bangfu.fieldwork.actions.devices import Made, make_device
from bangfu.fieldwork.door import store
from bangfu.fieldwork.door.accepting import Post, take
from bangfu.fieldwork.lists import versions_of
from bangfu.fieldwork.models import Conflict, Content, Submission, SubmissionFile, Visit
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.county import the_county
from bangfu.register.models import Household, Kind

TODAY = date(2020, 4, 28)
VISIT = ("visit_registered", "2020-03-11")


def assignment_of(username: str) -> Assignment:
    return Assignment.objects.on(clock.today()).select_related("user").get(user__username=username)


def device_of(username: str, label: str = "phone") -> Made:
    """A device of a user of the demo."""
    the_county()
    return make_device(the_county().operator(), assignment_of(username).pk, label)


@contextmanager
def closing_door(*, empty: bool = True) -> Iterator[None]:
    """An empty inbox, unless told otherwise; whatever the door holds of this test's database is given back."""
    from bangfu.fieldwork.door.credentials import forget

    with acting(the_county().operator()):
        for model in () if not empty else (Conflict, Visit, SubmissionFile, Content, Submission):  # those of the demo
            model.objects.all().delete()
    forget()
    store.close()
    try:
        yield
    finally:
        forget()
        store.close()


def homes_of(path: str, kind: str = "registered") -> list[Household]:
    """The households of a place, of a kind, in the order of their numbers."""
    with acting(the_county().operator()):
        keys = Kind.objects.filter(path__startswith=path, kind=kind, valid__upper_inf=True).values("household")
        return list(Household.objects.farming().filter(pk__in=keys).order_by("number"))


def base_of(home: Household) -> int:
    with acting(the_county().operator()):
        return versions_of([home.pk])[home.pk]


@dataclass(frozen=True)
class Sending:
    """Sends as one device does, without a network."""

    worker: store.Worker

    @staticmethod
    def of(made: Made) -> Sending:
        d = made.device
        return Sending(store.Worker(d.pk, d.name, d.user_id, d.user.name, d.assignment_id, d.path, bytes(d.key), bytes(d.ha1)))

    def send(self, xml: bytes, files: Mapping[str, bytes] | None = None, *, whole: bool = True) -> str:
        return take(self.worker, Post(xml, dict(files or {}), whole), came_by="phone", phone="collect:test")[0]


def submission(
    home: str,
    *,
    base: int | None = None,
    day: date = TODAY,
    mode: str = "home",
    form: tuple[str, str] = VISIT,
    inside: str = "",
    instance: str = "",
    deprecates: str = "",
    away: str = "no",
) -> bytes:
    """A visit as XML; `inside` is what stands beside the visit itself."""  # fmt: skip
    name, version = form
    told = f"<deprecatedID>{deprecates}</deprecatedID>" if deprecates else ""
    return (
        f'<?xml version="1.0"?><data id="{name}" version="{version}" xmlns:orx="http://openrosa.org/xforms"><household>{home}</household>'
        f"<base>{'' if base is None else base}</base><visit><day>{day}</day><mode>{mode}</mode><away>{away}</away><answered>head</answered></visit>"
        f"{inside}<orx:meta><orx:instanceID>{instance or f'uuid:{uuid.uuid4()}'}</orx:instanceID>{told.replace('<', '<orx:').replace('<orx:/', '</orx:')}"
        "</orx:meta></data>"
    ).encode()


def applied() -> Done:
    """Apply what waits, as the worker does."""
    return apply_waiting()


def only(**wanted: object) -> Submission:
    """The one submission that is so."""
    with acting(the_county().operator()):
        return Submission.objects.select_related("content").get(**wanted)
