"""What the tests of pairing stand on: a unit with officers of its own in one township, households without a helper, and who acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import Assignment, User
from bangfu.areas.models import Area
from bangfu.command.actions import HelperRow, OfficerRow, UnitRow, add_officers, add_units, make_helpers
from bangfu.command.duties import project_duties
from bangfu.command.gathering import TARGET_KINDS
from bangfu.command.models import Helper, Officer, Pairing
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.register.models import Household, Kind, Membership

SINCE = date(2019, 1, 1)
BEGAN = date(2020, 2, 1)


@dataclass
class Ground:
    """A township and another one, their target households without a helper, and helpers T1, T2, … stationed in the first."""

    county: County
    here: Area
    there: Area
    homes: list[Household]
    elsewhere: list[Household]
    users: dict[str, User] = field(default_factory=dict)

    @property
    def operator(self) -> Actor:
        return self.county.operator()

    def helper(self, number: str) -> Helper:
        found: Helper = Helper.objects.select_related("officer").get(officer__number=number)
        return found

    def user(self, role: str, path: str) -> User:
        """A user in a role at an area."""
        key = f"{role} {path}"
        if key not in self.users:
            name = f"u{len(self.users)}-{role.replace('_', '-')}"
            self.users[key] = create_user(self.operator, name, "某", "a-long-password-2020")
            assign_role(self.operator, self.users[key], role, path, since=SINCE)
        return self.users[key]

    def actor(self, role: str, path: str) -> Actor:
        return actor_of(self.user(role, path))

    def be(self, number: str, person: int) -> None:
        """Let an officer be a person of the register."""
        Officer.objects.filter(number=number).update(person=person)


def actor_of(user: User) -> Actor:
    """Whoever acts as a user today."""
    return Assignment.objects.of(user).on(clock.today()).get().actor()


def head_of(household: Household) -> int:
    """The person who is the head of a household."""
    found: int = Membership.objects.on(clock.today()).get(household=household, sort="farming", relation="head").person_id
    return found


def lay(county: County) -> Ground:
    """Make the ground: the pairings of two townships are taken away, six helpers are added."""
    today = clock.today()
    kinds = Kind.objects.on(today).filter(kind__in=TARGET_KINDS)
    counts = {t: kinds.under(t.path).count() for t in Area.objects.under(county.path).level("township")}
    here, there = sorted(counts, key=lambda t: (-counts[t], t.path))[:2]
    homes: dict[str, list[Household]] = {}
    for area in (here, there):
        rows = Household.objects.filter(pk__in=kinds.under(area.path).values("household")).order_by("number")
        homes[area.path] = list(rows)
        Pairing.objects.filter(household__in=rows).delete()
        project_duties(h.pk for h in rows)
    operator = county.operator()
    add_units(operator, [UnitRow("t_unit", Text("试验局", "Test Office"), "department", "county", county.path, SINCE)])
    ranks = ["section", "general", "general", "general", "section", "county"]
    add_officers(
        operator,
        [OfficerRow(f"T{n}", f"试{n}", "t_unit", rank, "cadre", here.path, SINCE) for n, rank in enumerate(ranks, 1)],
    )
    make_helpers(operator, [HelperRow(f"T{n}", SINCE) for n in range(1, 7)])
    return Ground(county, here, there, homes[here.path], homes[there.path])


def rows_of(*households: Household) -> list[tuple[Any, ...]]:
    """All that pairings of households say, whatever their keys."""
    names = (
        "household", "helper", "principal", "valid", "start_reason", "end_reason", "handover", "helper_confirmed", "household_confirmed", "plan",
    )  # fmt: skip
    rows = Pairing.objects.filter(household__in=households) if households else Pairing.objects.all()
    return sorted(rows.values_list(*names), key=lambda r: (r[0], r[3].lower, r[1]))
