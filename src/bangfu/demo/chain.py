"""The demo's chain of command: units and their invented officers, posts, appointments, attachments, those sent to the front line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import yaml

from bangfu.areas.models import Area
from bangfu.command.actions import (
    AppointmentRow,
    AttachmentRow,
    DeploymentRow,
    OfficerRow,
    PostRow,
    UnitRow,
    add_officers,
    add_units,
    appoint,
    attach,
    deploy,
    set_up_posts,
)
from bangfu.demo.population import DATA, read_setting
from bangfu.foundation.county import County
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.register.models import Kind, Membership

SINCE = date(2018, 3, 1)
TEAM = 2  # members of a resident team beside its first secretary
LEAST = 10  # party members of a department, so that seven tenths of them are whole persons


@lru_cache(maxsize=1)
def told() -> dict[str, Any]:
    """What the demo's chain is made from (`data/command.yaml`)."""
    raw: dict[str, Any] = yaml.safe_load((DATA / "command.yaml").read_text("utf-8"))
    return raw


@dataclass
class Cast:
    """Who plays in the demo's chain: rows by what they are, numbers of officers by unit and by what they do."""

    officers: list[OfficerRow] = field(default_factory=list)
    party_of: dict[str, list[str]] = field(default_factory=dict)  # department -> numbers of its party members
    of_unit: dict[str, list[str]] = field(default_factory=dict)
    leaders: list[str] = field(default_factory=list)
    secretaries: dict[str, str] = field(default_factory=dict)  # village path -> number

    def numbers(self, *, profession: str, rank: str = "") -> list[str]:
        """Numbers of officers of a profession, and of a rank where one is given."""
        return [o.number for o in self.officers if o.profession == profession and (not rank or o.rank == rank)]


@dataclass(frozen=True, slots=True)
class Ground:
    """The areas of the county: townships, villages with their marks, and their tree."""

    county: County
    townships: tuple[Area, ...]
    villages: tuple[Area, ...]
    poor: frozenset[str]

    def villages_of(self, township: Area) -> list[Area]:
        """Villages of a township."""
        return [v for v in self.villages if v.path.startswith(township.path)]


def ground(county: County) -> Ground:
    """The townships and villages of the county of the mission."""
    inside = Area.objects.under(county.path)
    marked = inside.level("village").filter(marks__mark="poor_village").values_list("path", flat=True)
    return Ground(
        county,
        tuple(inside.level("township").order_by("path")),
        tuple(inside.level("village").order_by("path")),
        frozenset(marked),
    )


class Names:
    """Invented names of grown-ups, drawn from the county's bank of names; a sequence that a seed repeats."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        bank = read_setting()["names"]
        self._family = list(bank["family"])
        weights = np.array(list(bank["family"].values()), float)
        self._weights = weights / weights.sum()
        self._given = bank["given"][1:4]

    def draw(self) -> tuple[str, str]:
        """A name and a sex."""
        sex = "male" if self._rng.random() < 0.68 else "female"
        pool = self._given[int(self._rng.integers(len(self._given)))][sex]
        family = self._family[int(self._rng.choice(len(self._family), p=self._weights))]
        given = "".join(pool[int(i)] for i in self._rng.integers(len(pool), size=2))
        return family + given, sex


def build_chain(county: County, facts: Mapping[str, float], *, scale: float, seed: int) -> Cast:
    """Enter units, officers, posts, appointments and attachments of the demo county. Numbers of helpers follow the scale; posts never do."""
    land, operator = ground(county), county.operator()
    add_units(operator, list(_units(land)))
    cast = _cast(land, facts, scale=scale, seed=seed)
    lead = _lead_units(land)
    sent = _sent(land, cast, lead, float(facts.get("deployed_party_cadre_share", 0.7)))
    where = dict(sent)
    add_officers(operator, [replace(o, station=where.get(o.number, o.station)) for o in cast.officers])
    posts = list(_posts(land, int(facts.get("command_nodes_village", len(land.villages)))))
    set_up_posts(operator, posts)
    attach(operator, list(_attachments(land, cast, lead)))
    deploy(
        operator, [DeploymentRow(number, path, date(2020, 2, 24), document="县直单位选派干部（演示）") for number, path in sent]
    )
    appoint(operator, list(_appointments(land, cast, posts, sent)))
    return cast


def _units(land: Ground) -> Iterator[UnitRow]:
    top = land.county.path
    yield UnitRow("leaders", Text("县四家班子", "Leading bodies of the county"), "government", "county", top, SINCE)
    yield UnitRow("county_hospital", Text("县人民医院", "County Hospital"), "hospital", "county", top, SINCE)
    yield UnitRow("agri_station", Text("县农业技术推广站", "Agricultural Extension Station"), "other", "county", top, SINCE)
    for key, zh, en, _ in told()["departments"]:
        yield UnitRow(key, Text(zh, en), "department", "county", top, SINCE)
    for t in land.townships:
        label = t.path[-4:-1]
        office = "街道办事处" if t.kind == "subdistrict" else "人民政府"
        for suffix, kind, zh, en in (
            ("government", "government", office, "Government"),
            ("school", "school", "中心学校", "Central School"),
            ("hospital", "hospital", "卫生院", "Health Centre"),
            ("police", "police", "派出所", "Police Station"),
        ):
            yield UnitRow(f"{suffix}_{label}", Text(f"{t.name}{zh}", f"{t.name_en} {en}"), kind, "township", t.path, SINCE)
        for v in land.villages_of(t):
            name = Text(f"{t.name}{v.name}“两委”", f"{v.name_en} committees, {t.name_en}")
            yield UnitRow(_village_unit(v), name, "village", "village", v.path, SINCE)


def _village_unit(village: Area) -> str:
    return "village_" + village.path[-8:-1].replace("/", "_")


def _township_unit(kind: str, township: Area) -> str:
    return f"{kind}_{township.path[-4:-1]}"


def _cast(land: Ground, facts: Mapping[str, float], *, scale: float, seed: int) -> Cast:
    """Invent the officers: leaders, departments, townships, villages, and the newly added professions."""
    cast, names, made = Cast(), Names(seed), told()
    town = land.townships[0].path  # the seat of the county

    def enter(
        unit: str, rank: str, profession: str, station: str, *, party: bool = False, since: date = SINCE, known: Any = None
    ) -> str:
        name, sex = names.draw()
        number = f"SY{len(cast.officers) + 1:05d}"
        identity = None
        if known is not None:
            name, sex, identity = known
        row = OfficerRow(number, name, unit, rank, profession, station, since, sex, party, identity, None, len(cast.officers) + 1)
        cast.officers.append(row)
        cast.of_unit.setdefault(unit, []).append(number)
        return number

    for _ in range(max(8, round(made["leaders"] * scale))):
        cast.leaders.append(enter("leaders", "county", "cadre", town, party=True))
    sections = max(len(land.townships) * 2, round(made["section_officers"] * scale)) - 2 * len(land.townships)
    parts = [(key, max(LEAST, round(party * scale / 10) * 10)) for key, _, _, party in made["departments"]]
    heads = {key: 0 for key, _ in parts}
    for n in range(sections):
        heads[parts[n % len(parts)][0]] += 1
    for key, party in parts:
        for n in range(party + math.ceil(party * 0.3)):
            rank = "section" if n < min(heads[key], party) else "general"
            number = enter(key, rank, "cadre", town, party=n < party)
            if n < party:
                cast.party_of.setdefault(key, []).append(number)
    residents = _residents(land)
    for v in land.villages:
        cast.secretaries[v.path] = enter(_village_unit(v), "general", "cadre", v.path, party=True, known=residents.get(v.path))
        for _ in range(2):
            enter(_village_unit(v), "general", "cadre", v.path)
    wanted = max(60, round(made["paired_cadres"] * scale))
    each = max(6, math.ceil((wanted - len(cast.officers)) / len(land.townships)))
    for t in land.townships:
        for n in range(each):
            enter(_township_unit("government", t), "section" if n < 2 else "general", "cadre", t.path, party=n < each // 2)
    for profession, fact, kind in (
        ("teacher", "new_helpers_teachers", "school"),
        ("medic", "new_helpers_medics", "hospital"),
        ("police", "new_helpers_police", "police"),
    ):
        for n in range(max(1, round(float(facts.get(fact, 0)) * scale))):
            t = land.townships[n % len(land.townships)]
            enter(_township_unit(kind, t), "general", profession, t.path, since=made["new_helpers_since"])
    for n in range(round(float(facts.get("agri_experts", 0)))):
        enter("agri_station", "general", "technician", land.townships[n % len(land.townships)].path)
    return cast


def _residents(land: Ground) -> dict[str, tuple[str, str, str | None]]:
    """One grown-up of an ordinary household of each village: its party secretary is a person of the register."""
    ordinary = Kind.objects.under(land.county.path).on(date(2020, 4, 28)).filter(kind="ordinary").values("household")
    heads = (
        Membership.objects.under(land.county.path)
        .filter(relation="head", household__in=ordinary, person__birth_date__range=(date(1962, 1, 1), date(1982, 1, 1)))
        .exclude(person__identity=None)
        .order_by("path", "id")
        .values_list("path", "person__name", "person__sex", "person__identity")
    )
    found: dict[str, tuple[str, str, str | None]] = {}
    for path, name, sex, identity in heads.iterator():
        village = path[: len(land.villages[0].path)]
        if village not in found:
            found[village] = (name, sex or "", decrypt(identity, "person.identity"))
    return found


def _posts(land: Ground, village_posts: int) -> Iterator[PostRow]:
    """One post for the county, one per township, and so many for villages: where there are fewer posts than villages, the communities of
    the towns share one or have none, the later half of them none."""
    top = land.county
    yield PostRow("county", Text("县脱贫攻坚总指挥部", "County headquarters"), "county", top.path, (top.path,), SINCE)
    for t in land.townships:
        key, name = f"t{t.path[-4:-1]}", Text(f"{t.name}指挥部", f"{t.name_en} command post")
        yield PostRow(key, name, "township", t.path, (t.path,), SINCE, "county")
    fewer = max(0, len(land.villages) - village_posts)
    communities = [v for v in land.villages if v.kind == "community"] + [v for v in land.villages if v.kind != "community"]
    shared, without = communities[1 : 1 + math.ceil(fewer / 2)], communities[1 + math.ceil(fewer / 2) : 1 + fewer]
    for t in land.townships:
        for v in land.villages_of(t):
            if v in shared or v in without:
                continue
            areas = (v.path, *(s.path for s in shared)) if v == communities[0] else (v.path,)
            name = Text(f"{v.name}指挥所", f"{v.name_en} post")
            yield PostRow(f"v{v.path[-8:-1].replace('/', '')}", name, "village", v.path, areas, SINCE, f"t{t.path[-4:-1]}")


def _lead_units(land: Ground) -> dict[str, str]:
    """The lead unit of every village: departments take villages in turn, the larger ones more often; poor villages first."""
    parts = sorted(told()["departments"], key=lambda d: -d[3])
    turn = [key for times in range(9) for key, _, _, party in parts if party > times * 25]
    ordered = sorted(land.villages, key=lambda v: (v.path not in land.poor, v.path))
    return {v.path: turn[n % len(turn)] for n, v in enumerate(ordered)}


def _attachments(land: Ground, cast: Cast, lead: Mapping[str, str]) -> Iterator[AttachmentRow]:
    keys = [d[0] for d in told()["departments"]]
    document = "县级部门挂帮方案（演示）"
    for n, t in enumerate(land.townships):
        yield AttachmentRow(t.path, "leader", SINCE, officer=cast.leaders[n % len(cast.leaders)], document=document)
        yield AttachmentRow(t.path, "lead_unit", SINCE, unit=keys[(n * 3) % len(keys)], document=document)
    for n, v in enumerate(land.villages):
        yield AttachmentRow(v.path, "leader", SINCE, officer=cast.leaders[n % len(cast.leaders)], document=document)
        yield AttachmentRow(v.path, "lead_unit", SINCE, unit=lead[v.path], document=document)
        others = [key for key in (keys[(n * 7 + 5) % len(keys)], keys[(n * 11 + 3) % len(keys)]) if key != lead[v.path]]
        for key in sorted(set(others))[: 1 + (v.path in land.poor)]:
            yield AttachmentRow(v.path, "member_unit", SINCE, unit=key, document=document)


def _sent(land: Ground, cast: Cast, lead: Mapping[str, str], share: float) -> list[tuple[str, str]]:
    """(officer, area) of the party members whom departments send: to the villages that they lead, poor ones first, else to a township."""
    found = []
    for n, (unit, party) in enumerate(cast.party_of.items()):
        places = sorted((p for p, u in lead.items() if u == unit), key=lambda p: (p not in land.poor, p))
        places = [*places, land.townships[n % len(land.townships)].path]
        going = party[::-1][: math.ceil(round(len(party) * share, 6))]  # heads of departments stand last and stay where they can
        team = TEAM + 1
        for m, number in enumerate(going):
            found.append((number, places[min(m // team, len(places) - 1)]))
    return found


def _appointments(
    land: Ground, cast: Cast, posts: Sequence[PostRow], sent: Sequence[tuple[str, str]]
) -> Iterator[AppointmentRow]:
    """Chiefs and deputies of posts; first secretaries and resident teams of poor villages from those sent there, else from its lead unit."""
    document = "任命文件（演示）"
    yield AppointmentRow(cast.leaders[0], "chief", SINCE, post="county", document=document)
    for number in cast.leaders[1:4]:
        yield AppointmentRow(number, "deputy", SINCE, post="county", document=document)
    for post in posts:
        if post.level == "township":
            first, second, third = cast.of_unit[f"government_{post.path[-4:-1]}"][:3]
            for number, role in ((first, "chief"), (second, "deputy"), (third, "liaison")):
                yield AppointmentRow(number, role, SINCE, post=post.key, document=document)
        elif post.level == "village":
            yield AppointmentRow(cast.secretaries[post.path], "chief", SINCE, post=post.key, document=document)
    for path, number in cast.secretaries.items():
        yield AppointmentRow(number, "village_secretary", SINCE, area=path, document=document)
    spare = iter([number for number, path in sent if path not in land.poor])
    of_place: dict[str, list[str]] = {}
    for number, path in sent:
        of_place.setdefault(path, []).append(number)
    for path in sorted(land.poor):
        team = [*of_place.get(path, []), *(next(spare) for _ in range(TEAM + 1 - len(of_place.get(path, []))))][: TEAM + 1]
        for n, number in enumerate(team):
            yield AppointmentRow(
                number, "first_secretary" if n == 0 else "team_member", date(2020, 2, 24), area=path, document=document
            )
