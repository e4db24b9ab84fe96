"""Founding the county of a data folder: its list of areas, its entry, its cells; and its groups and grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bangfu.areas.actions import GroupRow, add_groups, draw_cells, load_areas
from bangfu.areas.acts import AREA_GROUPS
from bangfu.areas.files import AreaRow, GroupLine
from bangfu.areas.loading import Loaded
from bangfu.areas.models import Area, AreaCode
from bangfu.areas.problems import COUNTY_STANDS, NO_NAME, NO_SUCH_COUNTY, UNKNOWN_LEVEL, UNKNOWN_PARENT
from bangfu.areas.profile import Profile, profile
from bangfu.areas.timeline import AreaChange
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.acts import tell
from bangfu.foundation.county import County, find_county, found_county
from bangfu.foundation.say import Text

GROUPS_SINCE = date(2000, 1, 1)  # groups are older than any data: those that an import adds begin on the same day


def found(
    actor: Actor,
    rows: Sequence[AreaRow],
    *,
    edition: str,
    since: date,
    country: str = "cn",
    county: str | None = None,
    changes: Sequence[AreaChange] = (),
    outline: Mapping[str, Any] | None = None,
    source: str = "",
) -> tuple[Loaded, County | None, int]:
    """Load a list of areas and, where a county's code is given, make that county the one of this data folder and draw its cells.

    All of it or nothing. Returns what was loaded, the county, and how many cells were drawn. A county that stands already may
    be loaded again; another one is refused. Raises BF-1113 for a code that is no county's, BF-1114 where another county stands
    here, and what `load_areas` and `draw_cells` raise.
    """
    book = profile(country)
    with acting(actor):
        loaded = load_areas(actor, rows, edition=edition, valid_from=since, country=country, changes=changes, source=source)
        if county is None:
            return loaded, None, 0
        area = _county(book, county, loaded)
        standing = find_county()
        if standing is not None and (standing.synthetic or standing.path != area.path):
            raise COUNTY_STANDS(county=standing.name)
        entry = found_county(Text(area.name, area.name_en or area.name), country, area.path)
        cells = draw_cells(actor, area, outline)
    return loaded, entry, len(cells)


def _county(book: Profile, code: str, loaded: Loaded) -> Area:
    today = clock.today()
    known = Area.objects.on(today).level(book.plays.county)
    area = known.filter(path=loaded.paths.get(code, "")).first() or known.by_code(code, today, book.code.key).first()
    if area is None:
        raise NO_SUCH_COUNTY(code=code, level=book.level(book.plays.county).title)
    return area


def add_group_lines(
    actor: Actor, county: County, lines: Sequence[GroupLine], *, since: date, source: str = ""
) -> tuple[int, int]:
    """Add the groups and grids of a list below the county's villages. Returns how many are new and how many were there.

    A village is found by the code that it bears today, else by one that it bore before. Raises BF-1106 for an unknown village,
    BF-1112 for a level that the country's groups do not have, BF-1115 for a blank name.
    """
    book = profile(county.country)
    levels = [key for key in (book.plays.group, book.plays.grid) if key]
    villages = _villages(county, book)
    rows = []
    for line in lines:
        level = line.level or book.plays.group or "group"
        if level not in levels:
            raise UNKNOWN_LEVEL(row=line.line, level=level, levels=", ".join(levels) or "–")
        if not line.name:
            raise NO_NAME(row=line.line)
        if line.village_code not in villages:
            raise UNKNOWN_PARENT(row=line.line, name=line.name, parent=line.village_code)
        rows.append(GroupRow(villages[line.village_code], line.name, level, line=line.line))
    below = Area.objects.under(county.path).level(*levels)
    with acting(actor):
        before = below.count()
        named = {area.pk for area in add_groups(actor, rows, valid_from=since, source=source)}
        added = below.count() - before
        tell(
            actor,
            AREA_GROUPS,
            subject=str(county.name),
            path=county.path,
            detail={"rows": len(rows), "added": added, "source": source},
        )
    return added, len(named) - added


def _villages(county: County, book: Profile) -> dict[str, str]:
    """Code → path of the county's villages, the codes of today before older ones."""
    codes = AreaCode.objects.scheme(book.code.key).filter(
        area__level=book.plays.village, area__path__gte=county.path, area__path__lt=county.path + "~"
    )
    ever = dict(codes.order_by("valid").values_list("code", "area__path"))
    return ever | dict(codes.on(clock.today()).values_list("code", "area__path"))
