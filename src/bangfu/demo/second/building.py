"""Building the second county in a data folder of its own: its areas, its one English workbook, figures and log-ins."""

from __future__ import annotations

import shutil

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.audit import begin_anew
from bangfu.accounts.models import User
from bangfu.areas.actions import draw_cells, load_areas, mark_areas
from bangfu.areas.files import read_areas
from bangfu.areas.models import Area
from bangfu.areas.profile import profile
from bangfu.cases.actions import follow
from bangfu.command.actions import count_visits
from bangfu.demo.building import AREAS_SINCE, DAY, PASSWORD, Built, Login, Progress, Stopwatch, keep_built, silent, vacant
from bangfu.demo.helping import helper_with_account
from bangfu.demo.markets import hold_markets
from bangfu.demo.second import AREAS, COUNTRY, write_people
from bangfu.demo.second import population as people_of
from bangfu.demo.second.command import build_chain
from bangfu.foundation import clock
from bangfu.foundation.actor import system
from bangfu.foundation.arguments import require_scale
from bangfu.foundation.county import County, found_county
from bangfu.foundation.home import home
from bangfu.foundation.say import Text
from bangfu.indicators.actions import refresh_figures
from bangfu.lake.actions import refresh
from bangfu.register.importing.run import import_files
from bangfu.screening.actions import screen_county
from bangfu.screening.pack import find_pack

NAME = "second"
COUNTY_CODE = "XA7"
COUNTY = Text("阿尔德县（虚构）", "Alder District")


def build(*, scale: float = 1.0, seed: int = 2020, progress: Progress = silent) -> Built:
    """Build Alder District and judge it where a pack is valid for its country on its day.

    Raises BF-1114 where a real county stands in this data folder, BF-1806 where another demo county does, BF-1040 for a scale; all of that
    before anything is written.
    """
    took = Stopwatch()
    require_scale(scale)
    vacant(NAME)
    begin_anew()
    clock.set_process_clock(clock.moment(DAY))
    progress("people", 0, 1)
    population = people_of(scale=scale, seed=seed)
    folder = home().root / "demo" / "workbooks"
    shutil.rmtree(folder, ignore_errors=True)
    workbook = write_people(population, folder)
    progress("people", 1, 1)
    took.step("people")
    progress("areas", 0, 1)
    county = lay_areas(population.poor_villages)
    progress("areas", 1, 1)
    took.step("areas")
    outcome = import_files(county.operator(), workbook, progress=progress)
    took.step("import")
    build_chain(county)
    took.step("command")
    progress("judge", 0, 1)
    pack = find_pack(clock.today(), county.country)
    if pack is not None:
        screen_county(county.operator(), pack)
        follow(county.operator())  # every gap becomes a case
    count_visits(county.operator())
    refresh()
    refresh_figures()
    progress("judge", 1, 1)
    took.step("judge")
    hold_markets(county)
    users(county)
    took.step("users")
    keep_built(NAME, scale, seed, took.seconds, logins(county))
    return Built(county, outcome, took.seconds)


def lay_areas(poor_villages: frozenset[str]) -> County:
    """The district with its wards and hamlets, computed cells, and the mark of poor villages."""
    writer = system(f"{COUNTRY}/")
    load_areas(writer, read_areas(AREAS), edition="1", valid_from=AREAS_SINCE, country=COUNTRY, source="invented for the demo")
    area = Area.objects.by_code(COUNTY_CODE, clock.today(), profile(COUNTRY).code.key).get()
    county = found_county(COUNTY, COUNTRY, area.path, synthetic=True, at=clock.moment(DAY))
    draw_cells(writer, area, None)
    marked = Area.objects.under(county.path).filter(codes__code__in=poor_villages).values_list("path", flat=True).distinct()
    mark_areas(system(county.path), list(marked), "poor_village", since=AREAS_SINCE, source="invented for the demo")
    return county


def logins(county: County) -> list[Login]:
    """The log-ins of the second county, at its first ward and that ward's first hamlet."""
    ward = Area.objects.under(county.path).level("ward").order_by("path")[0]
    hamlet = Area.objects.under(ward.path).level("hamlet").order_by("path")[0]
    whole, wide = county.name, Text(ward.name, ward.name)
    within = Text(f"{ward.name}, {hamlet.name}", f"{hamlet.name}, {ward.name}")
    helped = Text("{a}，所帮扶的户", "{a}: the households helped").format(a=wide)
    return [
        Login("county", Text("县级指挥部演示", "County demo"), "county_headquarters", county.path, whole),
        Login("analyst", Text("数据分析演示", "Analyst demo"), "analyst", county.path, whole),
        Login("township", Text("乡级站演示", "Ward demo"), "township_station", ward.path, wide),
        Login("village", Text("村级演示", "Hamlet demo"), "village_secretary", hamlet.path, within),
        Login("helper", Text("帮扶责任人演示", "Helper demo"), "helper", ward.path, helped),
        Login("auditor", Text("审计员演示", "Auditor demo"), "auditor", county.path, whole),
        Login("admin", Text("系统管理员演示", "Administrator demo"), "system_administrator", county.path, whole),
    ]


def users(county: County) -> None:
    """Create the log-ins that are not there yet; the helper answers for some registered households of the ward."""
    operator = county.operator()
    for login in logins(county):
        if not User.objects.filter(username=login.username).exists():
            user = create_user(operator, login.username, login.name.en, PASSWORD, language="en")
            assign_role(operator, user, login.role, login.path, since=AREAS_SINCE)
    helper_with_account(county, "helper", next(login.path for login in logins(county) if login.username == "helper"))
