"""Building a demo county: areas, people brought in through the import as workbooks, verdicts, figures, log-ins.

Nothing is put into the tables behind the product's back: areas are loaded, workbooks imported and households judged by the same
actions that an office uses.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from bangfu.accounts.actions import DutyRow, assign_role, create_user, give_duties
from bangfu.accounts.audit import begin_anew
from bangfu.accounts.models import User
from bangfu.areas.actions import GroupRow, add_groups, draw_cells, load_areas, mark_areas
from bangfu.areas.files import read_areas, read_changes, read_seats
from bangfu.areas.models import Area
from bangfu.areas.problems import COUNTY_STANDS
from bangfu.areas.profile import profile
from bangfu.command.actions import count_visits
from bangfu.command.actions.chain import give_account
from bangfu.command.models import Officer, Post
from bangfu.demo.casework import play_cases
from bangfu.demo.chain import build_chain
from bangfu.demo.field import play_field
from bangfu.demo.helping import helper_with_account, pair_helpers
from bangfu.demo.markets import hold_markets
from bangfu.demo.population import DATA, Population, generate, groups, read_facts, read_villages
from bangfu.demo.problems import BUILT_OTHERWISE, NO_SUCH_POPULATION, OTHER_DEMO
from bangfu.demo.submitting import play_submissions
from bangfu.demo.supervising import play_supervision
from bangfu.demo.visiting import CAMPAIGN, play_campaign
from bangfu.demo.workbooks import write_later_workbooks, write_workbooks
from bangfu.fieldwork.actions import ship
from bangfu.foundation import clock
from bangfu.foundation.actor import system
from bangfu.foundation.arguments import require_scale
from bangfu.foundation.county import County, find_county, found_county
from bangfu.foundation.home import home
from bangfu.foundation.say import Text
from bangfu.indicators.actions import refresh_figures
from bangfu.lake.actions import refresh
from bangfu.register.importing.run import Outcome, import_files
from bangfu.screening.actions import follow as follow_verdicts
from bangfu.screening.actions import screen_county
from bangfu.screening.norms import add_planning_ranges
from bangfu.screening.pack import pack_on
from bangfu.supervision.actions import look

DAY = date(2020, 4, 28)  # the day on which the demo county lives: the date of the mission's report
AREAS_SINCE = date(2018, 1, 1)
PASSWORD = "bangfu-demo-2020"  # printed and shown: a synthetic county hides nothing
COUNTY_CODE = "520323000000"
NAME = "suiyang"
COUNTRIES = {NAME: "cn", "second": "xa"}  # the demo counties that can be built, and the country of each
AREA_DATA = Path(__file__).resolve().parent.parent / "areas" / "data"

Progress = Callable[[str, int, int], None]


@dataclass
class Built:
    """What was built, and how long each step took."""

    county: County
    outcome: Outcome | None = None
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in of the demo: who, where, as what."""

    username: str
    name: Text
    role: str
    path: str
    area: Text


def is_built() -> bool:
    """Whether a demo county stands in this data folder, finished."""
    return (home().root / "demo" / "built.json").exists()


def built_county() -> str | None:
    """Which demo county stands in this data folder, finished: `suiyang`, `second`; None where none does."""
    return _kept().get("county", NAME) if is_built() else None


def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((home().root / "demo" / "built.json").read_text("utf-8"))
    return kept


def shown_logins() -> list[tuple[str, str, Text]]:
    """(user, role, area) of the log-ins of the county that was built here; none where none was."""
    if not is_built():
        return []
    # A county that an older version built says the area in one language.
    return [(u, r, Text(names[0], names[-1])) for u, r, *names in _kept()["logins"]]


def require_as_built(*, scale: float | None, seed: int | None, facts: Path | None) -> None:
    """Hold that the county that stands is the one asked for; None asks for nothing. Raises BF-1807, which says how it was built."""
    kept = _kept()
    asked = {"--scale": scale, "--seed": seed, "--facts": _digest(facts)}
    built = {"--scale": kept["scale"], "--seed": kept["seed"], "--facts": kept.get("facts")}
    other = [option for option, value in asked.items() if value is not None and value != built[option]]
    if other:
        how = Text(f"规模 {kept['scale']:g}、种子 {kept['seed']}", f"scale {kept['scale']:g} and seed {kept['seed']}")
        raise BUILT_OTHERWISE(how=how, asked=" ".join(other), home=home().root)


def _digest(facts: Path | None) -> str | None:
    return hashlib.sha256(facts.read_bytes()).hexdigest() if facts is not None else None


def keep_built(
    name: str, scale: float, seed: int, seconds: Mapping[str, float], shown: Sequence[Login], facts: Path | None = None
) -> None:
    """Note that a demo county stands, and what a log-in page may show before anybody has logged in: the areas themselves are not readable
    there."""
    kept = {
        "county": name,
        "scale": scale,
        "seed": seed,
        "facts": _digest(facts),
        "seconds": dict(seconds),
        "logins": [[one.username, one.role, one.area.zh, one.area.en] for one in shown],
    }
    (home().root / "demo" / "built.json").write_text(json.dumps(kept, ensure_ascii=False), "utf-8")


class Stopwatch:
    """How long each step of a building took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = time.perf_counter()

    def step(self, name: str) -> None:
        """Note the time since the step before under a name."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self._began, 2)
        self._began = now


def silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""


def build(
    *, scale: float = 1.0, seed: int = 2020, facts: Path | None = None, progress: Progress = silent, processes: int = 2
) -> Built:
    """Build the county of the mission from its real areas and a facts file, at a scale, and judge it on its day.

    Raises BF-1114 where a real county stands in this data folder, BF-1806 where another demo county does, BF-1040, BF-1009 and BF-1801 to BF-1803 for a scale and a facts
    file of which no county can be made; all of that before anything is written.
    """
    took = Stopwatch()
    step = took.step
    vacant(NAME)
    begin_anew()
    clock.set_process_clock(clock.moment(DAY))
    progress("people", 0, 1)
    population = _people(scale, seed, facts)
    progress("people", 1, 1)
    step("people")
    progress("areas", 0, 1)
    county = lay_areas(seed)
    _poor_villages(county, population.poor_villages)
    progress("areas", 1, 1)
    step("areas")
    folder, later = (home().root / "demo" / name for name in ("workbooks", "workbooks-later"))
    for place in (folder, later):
        shutil.rmtree(place, ignore_errors=True)
    write_workbooks(population, folder, processes=processes)
    handed_in = write_later_workbooks(population, later)
    del population
    step("workbooks")
    outcome = import_files(county.operator(), folder, progress=progress, processes=processes)
    for path in handed_in:
        import_files(county.operator(), path)
    add_planning_ranges(county.operator(), county.path)
    hold_markets(county)
    step("import")
    command(county, read_facts(facts), scale=scale, seed=seed, progress=progress)
    step("command")
    judge(county, progress)
    step("judge")
    cases(county, seed=seed, progress=progress)
    step("cases")
    users(county)
    ship(county.operator())
    step("users")
    visits(county, read_facts(facts), scale=scale, seed=seed, progress=progress)
    step("visits")
    progress("supervision", 0, 1)
    play_supervision(county, seed=seed)
    progress("supervision", 1, 1)
    step("supervision")
    handed_in_by_phone(county, seed=seed)
    step("submissions")
    keep_built(NAME, scale, seed, took.seconds, logins(county), facts)
    return Built(county, outcome, took.seconds)


def command(county: County, facts: Mapping[str, float], *, scale: float, seed: int, progress: Progress = silent) -> None:
    """The chain of command with its orders, its work in the field, its helpers and their pairings; nothing where it stands already."""
    if Post.objects.exists():
        return
    progress("command", 0, 2)
    cast = build_chain(county, facts, scale=scale, seed=seed)
    play_field(county, cast, facts)
    progress("command", 1, 2)
    pair_helpers(county, cast, scale=scale)
    progress("command", 2, 2)


def vacant(name: str) -> None:
    """Hold that no other county stands here: a demo's would take its place. What an earlier run left of this one is gone on with.

    Raises BF-1114 for a real county, BF-1806 for another demo county.
    """
    standing = find_county()
    if standing is None:
        return
    if not standing.synthetic:
        raise COUNTY_STANDS(county=standing.name)
    if standing.country != COUNTRIES[name]:
        raise OTHER_DEMO(county=standing.name)


def _people(scale: float, seed: int, facts: Path | None) -> Population:
    require_scale(scale)
    try:
        return generate(read_villages(), read_facts(facts), scale=scale, seed=seed)
    except (ValueError, OverflowError) as error:
        raise NO_SUCH_POPULATION(why=error) from error


def judge(county: County, progress: Progress = silent) -> None:
    """Judge the county today and compute its figures."""
    progress("judge", 0, 2)
    # The play tells of the verdicts day by day.
    screen_county(county.operator(), pack_on(clock.today(), county.country), tell=False)
    progress("judge", 1, 2)
    refresh_figures()
    progress("judge", 2, 2)


def cases(county: County, *, seed: int, progress: Progress = silent) -> None:
    """The cases that the great visit opened and the decisions that were begun, day by day; then the county is judged and counted once more."""
    progress("cases", 0, 2)
    play_cases(county, pack_on(clock.today(), county.country), seed=seed)
    progress("cases", 1, 2)
    follow_verdicts(county.operator(), pack_on(clock.today(), county.country))
    with connection.cursor() as cursor:  # lists are asked for before the server's own vacuum comes by
        cursor.execute("ANALYZE screening_verdict, cases_case, cases_caseevent, cases_measure, cases_decision")
    progress("cases", 2, 2)


def visits(county: County, facts: Mapping[str, float], *, scale: float, seed: int, progress: Progress = silent) -> None:
    """The great visit: planned, and made day by day."""
    progress("visits", 0, 1)
    play_campaign(county, visited=round(facts["visited_households"] * scale), seed=seed)
    look(county.operator(), CAMPAIGN)
    progress("visits", 1, 1)


def handed_in_by_phone(county: County, *, seed: int) -> None:
    """The log-ins of the demo hand in what they filled in; then the county is judged and counted once more."""
    pack = pack_on(clock.today(), county.country)
    play_submissions(county, pack, seed=seed)
    follow_verdicts(county.operator(), pack)
    count_visits(county.operator())
    refresh()
    refresh_figures()


def lay_areas(seed: int) -> County:
    """The real areas with their changes, the invented groups and grids below the villages, and the schematic cells."""
    writer = system("cn/")
    load_areas(
        writer,
        read_areas(DATA / "areas.csv"),
        edition="NBS 2023",
        valid_from=AREAS_SINCE,
        changes=read_changes(AREA_DATA / "cn-520323-changes.csv"),
        source="National Bureau of Statistics, edition 2023, by china-division",
    )
    area = Area.objects.by_code(COUNTY_CODE, clock.today(), profile("cn").code.key).get()
    county = found_county(Text("绥阳县", "Suiyang County"), "cn", area.path, synthetic=True, at=clock.moment(DAY))
    # Codes of the file are of 2023; on the demo's day some villages bore another one.
    paths = dict(
        Area.objects.level("village").filter(codes__code__in=[v.code for v in read_villages()]).values_list("codes__code", "path")
    )
    rows, seen = [], set()
    for group in groups(read_villages(), seed):
        village = paths[group.village_code]
        rows.append(GroupRow(village, group.name, "group"))
        if (village, group.grid_name) not in seen:
            seen.add((village, group.grid_name))
            rows.append(GroupRow(village, group.grid_name, "grid"))
    add_groups(writer, rows, valid_from=AREAS_SINCE, source="invented for the demo")
    outline = json.loads((DATA / "county.geojson").read_text("utf-8"))["features"][0]["geometry"]
    draw_cells(writer, area, outline, seats=read_seats(AREA_DATA / "cn-520323-seats.csv"))
    return county


def _poor_villages(county: County, codes: frozenset[str]) -> None:
    paths = (
        Area.objects.under(county.path).level("village").filter(codes__code__in=codes).values_list("path", flat=True).distinct()
    )
    mark_areas(
        system(county.path), list(paths), "poor_village", since=AREAS_SINCE, source="synthetic choice: the real list is not known"
    )


def logins(county: County) -> list[Login]:
    """The log-ins of the demo: one per kind of user, at real places."""
    township = Area.objects.under(county.path).level("township").get(name="郑场镇")
    village = Area.objects.under(township.path).level("village").get(name__startswith="凤凰")
    whole, wide, near = county.name, *(Text(a.name, a.name_en or a.name) for a in (township, village))
    within = Text(f"{wide.zh} {near.zh}", f"{near.en}, {wide.en}")
    helped = Text("{a}，所帮扶的户", "{a}: the households helped").format(a=wide)
    some = Text("{a}，所负责的组", "{a}: the groups in charge of").format(a=within)
    return [
        Login("county", Text("县级指挥部演示", "County demo"), "county_headquarters", county.path, whole),
        Login("analyst", Text("数据分析演示", "Analyst demo"), "analyst", county.path, whole),
        Login("township", Text("乡镇站演示", "Township demo"), "township_station", township.path, wide),
        Login("village", Text("村支书演示", "Village demo"), "village_secretary", village.path, within),
        Login("helper", Text("帮扶责任人演示", "Helper demo"), "helper", township.path, helped),
        Login("grid", Text("网格员演示", "Grid worker demo"), "grid_worker", village.path, some),
        Login("department", Text("民政局联络员演示", "Civil affairs liaison demo"), "department_liaison", county.path, whole),
        Login("supervisor", Text("督导组演示", "Supervisor demo"), "supervisor", county.path, whole),
        Login("auditor", Text("审计员演示", "Auditor demo"), "auditor", county.path, whole),
        Login("security", Text("安全保密员演示", "Security officer demo"), "security_officer", county.path, whole),
        Login("outside", Text("外部分析演示", "Outside analyst demo"), "outside_analyst", county.path, whole),
        Login("admin", Text("系统管理员演示", "Administrator demo"), "system_administrator", county.path, whole),
    ]


def users(county: County) -> None:
    """Create the log-ins that are not there yet."""
    operator = county.operator()
    for login in logins(county):
        if not User.objects.filter(username=login.username).exists():
            user = create_user(operator, login.username, login.name.zh, PASSWORD)
            assign_role(operator, user, login.role, login.path, since=AREAS_SINCE)
    _duties(county)


def _duties(county: County) -> None:
    """What the grid worker of the demo answers for, two groups, given by hand; the helper's duty follows from pairings; the liaison is of a unit."""
    liaison = Officer.objects.filter(unit__key="civil_affairs", user=None).order_by("number").first()
    if liaison is not None and not Officer.objects.filter(user__username="department").exists():
        give_account(county.operator(), liaison.number, "department")
    village = next(login.path for login in logins(county) if login.role == "grid_worker")
    helper_with_account(county, "helper", village)
    grid = User.objects.get(username="grid")
    groups = Area.objects.under(village).level("group").order_by("path")[:2]
    rows = [DutyRow(grid, g.path, AREAS_SINCE, None, None, g.name) for g in groups]
    give_duties(county.operator(), rows, source="hand")
