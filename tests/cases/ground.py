"""Who stands where in the tests of cases: a household with a helper, its village, township and county, and people at each step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.test import Client

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import Assignment, User
from bangfu.areas.models import Area
from bangfu.cases.actions import NewCase, open_cases
from bangfu.cases.models import Case, Decision
from bangfu.command.models import Officer, Pairing
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.register.models import Household, Kind, Registration
from bangfu.register.stating import Statement, state
from bangfu.screening.models import Run, Verdict

TODAY = date(2020, 4, 28)
SINCE = date(2019, 1, 1)


def actor_of(user: User, role: str | None = None) -> Actor:
    """Who a user is today, in one of their roles."""
    rows = Assignment.objects.of(user).on(clock.today())
    return (rows.get(role=role) if role else rows.get()).actor()


@contextmanager
def on(day: date) -> Iterator[None]:
    """Within it the county lives on another day."""
    with clock.standing_at(day):
        yield


@dataclass(frozen=True)
class Ground:
    """A helped household, its areas, and people."""

    county: County
    home: Household
    village: Area
    township: Area
    helper: Actor
    secretary: Actor
    second: Actor
    station: Actor
    headquarters: Actor

    def case(self, kind: str = "grievance", **more: object) -> Case:
        """A case of the household, opened by the secretary of its village."""
        row = NewCase(kind, f"屋后排水沟堵塞{more.get('subject', '')}", self.home.number, **more)  # type: ignore[arg-type]
        return open_cases(self.secretary, row)[0]

    def become(self, kind: str, exit_state: str = "earlier_exited", *, eliminated: bool | None = None) -> None:
        """Let the household be of a kind that a decision is about."""
        Kind.objects.filter(household=self.home).update(kind=kind, monitoring_kind="edge" if kind == "monitored" else None)
        Registration.objects.filter(household=self.home).update(exit_state=exit_state)
        if eliminated is not None:
            old = {"monitoring_identified": date(2019, 1, 1), "risk_eliminated": eliminated}
            state(self.county.operator(), Statement(self.home.pk, old, date(2020, 4, 1)), kind="visit", source="以前的监测")

    def judge(self, guarantee: str, result: str, *reasons: str) -> None:
        """Put a verdict of the household where screening would put it."""
        run = Run.objects.order_by("-pk")[0]
        found = {"path": self.home.path, "result": result, "reasons": list(reasons) or None, "values": None, "run": run}
        with acting(self.county.operator()):  # the time of the county is that of its rows
            Verdict.objects.update_or_create(household=self.home, guarantee=guarantee, defaults=found)

    def user(self, name: str, role: str, path: str) -> Actor:
        """Somebody with a role at a place."""
        return someone(self.county, name, role, path)


def someone(county: County, name: str, role: str, path: str) -> Actor:
    """A new user with one role."""
    user = create_user(county.operator(), name, f"{name}（测试）", "Bangfu-test-2020")
    assign_role(county.operator(), user, role, path, since=SINCE)
    return actor_of(user)


def client_of(actor: Actor) -> Client:
    """A browser in which a user is logged in."""
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def lay(county: County) -> Ground:
    """The ground: a household of the demo's helper with an account."""
    user = User.objects.get(username="helper")
    held = Pairing.objects.principals().on(TODAY).filter(helper__officer=Officer.objects.get(user=user))
    home = held.select_related("household").order_by("pk")[0].household
    Case.objects.filter(household=home).delete()
    Decision.objects.filter(household=home).delete()
    line = {a.level: a for a in Area.objects.filter(path__in=[home.path[:n] for n in range(3, len(home.path) + 1)])}
    village, township = line["village"], line["township"]
    return Ground(
        county,
        home,
        village,
        township,
        actor_of(user),
        someone(county, "secretary", "village_secretary", village.path),
        someone(county, "first", "first_secretary", village.path),
        someone(county, "station", "township_station", township.path),
        someone(county, "headquarters", "county_headquarters", county.path),
    )
