"""The chain of Alder District: two levels of posts and no more, officers of the wards, one order, helpers paired by hand."""

from __future__ import annotations

from datetime import date

import numpy as np

from bangfu.areas.models import Area
from bangfu.command.actions import (
    AppointmentRow,
    HelperRow,
    OfficerRow,
    OrderDraft,
    PairRow,
    PostRow,
    TaskRow,
    UnitRow,
    acknowledge,
    add_officers,
    add_units,
    appoint,
    issue_order,
    make_helpers,
    pair,
    set_up_posts,
)
from bangfu.command.models import Post
from bangfu.demo.population import read_setting
from bangfu.demo.second import HERE
from bangfu.foundation import clock
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.register.models import Household, Kind

SINCE = date(2019, 1, 7)
OFFICERS = 8  # of a ward
EACH = 5  # households of a helper at most: this county's own number


def build_chain(county: County) -> None:
    """A district office and an office in every ward, without posts below; households registered are shared out in the order of their numbers."""
    if Post.objects.exists():
        return
    operator = county.operator()
    wards = list(Area.objects.under(county.path).level("ward").order_by("path"))
    add_units(
        operator,
        [_unit(county.path, county.name.en, "district", "county"), *(_unit(w.path, w.name, _key(w), "township") for w in wards)],
    )
    officers = list(_officers(county, wards))
    add_officers(operator, officers)
    posts = [PostRow("district", Text("区总指挥部", "District office"), "county", county.path, (county.path,), SINCE)]
    posts += [
        PostRow(_key(w), Text(f"{w.name}办公室", f"{w.name} office"), "township", w.path, (w.path,), SINCE, "district")
        for w in wards
    ]
    set_up_posts(operator, posts)
    chiefs = [AppointmentRow(officers[0].number, "chief", SINCE, post="district")]
    chiefs += [AppointmentRow(next(o.number for o in officers if o.unit == _key(w)), "chief", SINCE, post=_key(w)) for w in wards]
    appoint(operator, chiefs)
    tasks = tuple(
        TaskRow(Text("核对登记户名册", "Check the list of registered households"), date(2020, 5, 15), post=_key(w)) for w in wards
    )
    order = issue_order(
        operator,
        OrderDraft(
            "AD/2020/4",
            Text("春季核对", "Spring check"),
            "order",
            date(2020, 4, 6),
            "Alder District Council",
            "invented for the demo",
            tasks,
            post="district",
        ),
    )
    acknowledge(operator, [t.pk for t in order.tasks.order_by("place")[1:]])
    _pair(county, wards, officers)


def _key(area: Area) -> str:
    return "ward-" + area.path[-4:-1]


def _unit(path: str, name: str, key: str, level: str) -> UnitRow:
    return UnitRow(key, Text(f"{name}办公室", f"{name} council office"), "government", level, path, SINCE)


def _officers(county: County, wards: list[Area]) -> list[OfficerRow]:
    names, rng = read_setting(HERE / "setting.yaml")["names"], np.random.default_rng(7)
    made: list[OfficerRow] = []
    for unit, path, number in [("district", county.path, 3), *((_key(w), w.path, OFFICERS) for w in wards)]:
        for n in range(number):
            sex = "female" if rng.random() < 0.5 else "male"
            given = names["given"][1][sex]
            name = f"{given[int(rng.integers(len(given)))]} {list(names['family'])[int(rng.integers(len(names['family'])))]}"
            rank = "section" if n == 0 else "general"
            made.append(OfficerRow(f"AD{len(made) + 1:04d}", name, unit, rank, "cadre", path, SINCE, sex))
    return made


def _pair(county: County, wards: list[Area], officers: list[OfficerRow]) -> None:
    rows: list[PairRow] = []
    helpers = [o for o in officers if o.unit != "district"]
    make_helpers(county.operator(), [HelperRow(o.number, SINCE) for o in helpers])
    for ward in wards:
        registered = Kind.objects.under(ward.path).on(clock.today()).filter(kind="registered").values("household")
        homes = Household.objects.farming().filter(pk__in=registered).order_by("number").values_list("number", flat=True)
        own = [o.number for o in helpers if o.station == ward.path]
        rows += [PairRow(number, own[n // EACH], date(2020, 1, 2)) for n, number in enumerate(homes[: EACH * len(own)])]
    pair(county.operator(), rows)
