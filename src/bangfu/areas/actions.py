"""Every write to areas. Areas are written by the system alone: an administrator's command, a job, the simulation.

The steps of reading a list are in `loading.py`, the geometry of cells in `cells.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F

from bangfu.areas import cells, naming
from bangfu.areas.acts import AREA_LOAD
from bangfu.areas.files import AreaRow, Seat
from bangfu.areas.loading import Draft, Existing, Loaded, NameValue, base36, name_value, plan, require_length
from bangfu.areas.models import EDITION_LENGTH, SOURCE_LENGTH, Area, AreaCell, AreaCode, AreaMark, AreaName
from bangfu.areas.problems import AREA_CODE_TWICE, BAD_AREA_CODE, BAD_DATE_OF_CHANGE, UNKNOWN_AREA, UNKNOWN_PARENT
from bangfu.areas.profile import Profile, profile, profile_of
from bangfu.areas.timeline import AreaChange, Span, at, changed, ended
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import NOT_ALLOWED, Actor
from bangfu.foundation.acts import tell
from bangfu.foundation.say import Text

CHUNK = 2000
DESCRIBED = ["kind", "name", "official_name", "name_en", "pinyin", "initials", "search_key", "valid"]
CHANGES = "changes"  # the edition of a code that a table of changes gives, not a list
EDITION, SOURCE = Text("版本 edition", "edition"), Text("出处 source", "source")
LOCAL = "local"  # the scheme of codes that a county gives to its own groups and grids


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group or grid to add: the path of the area that it lies in, its name, its level, a code and a row of a file where it has one."""

    parent: str
    name: str
    level: str = "group"
    code: str = ""
    name_en: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Centre:
    """Where an area's centre lies (degrees, WGS 84) and how high; `schematic` where the position was computed."""

    path: str
    lon: float
    lat: float
    schematic: bool
    altitude_m: int | None = None


def load_areas(
    actor: Actor,
    rows: Iterable[AreaRow],
    *,
    edition: str,
    valid_from: date,
    scheme: str | None = None,
    country: str = "cn",
    changes: Iterable[AreaChange] = (),
    source: str = "",
) -> Loaded:
    """Bring a list of areas in: new ones are added, changed names and codes are dated, the rest is left alone.

    What the list says holds from `valid_from` on; `changes` tell what was otherwise before or will be otherwise after their days
    (a list of 2023 with the changes of 2022 gives the codes that held in 2020). Read again, the same list changes nothing. Areas that the
    list lacks are named in the result, not ended: a list may cover a township only. `scheme` is the profile's own by default.

    Raises BF-1104 to BF-1107, BF-1112 and BF-1116 with the row, BF-1001 for anybody but the system.
    """
    _system_only(actor)
    require_length(edition, EDITION_LENGTH, EDITION)
    require_length(source, SOURCE_LENGTH, SOURCE)
    book, given = profile(country), list(rows)
    with acting(actor):
        _one_writer()
        drafts, loaded = plan(
            given,
            existing(book, scheme or book.code.key),
            profile=book,
            scheme=scheme or book.code.key,
            valid_from=valid_from,
            changes=list(changes),
        )
        _write(drafts, scheme or book.code.key, edition=edition, source=source or edition)
        detail = {"rows": len(given), "edition": edition, "source": source or edition, "since": valid_from}
        tell(actor, AREA_LOAD, subject=country, detail=detail)
    return loaded


def existing(book: Profile, scheme: str) -> list[Existing]:
    """Every area of a country with its timelines, as the plan of a load needs them."""
    areas = list(Area.objects.under(book.root_path).order_by("path"))
    names, codes = _names_of(areas), _codes_of(areas, scheme)
    return [
        Existing(
            area.pk,
            area.path,
            area.level,
            area.valid.lower,
            area.valid.upper,
            tuple(names.get(area.pk, ())),
            tuple(codes.get(area.pk, ())),
        )
        for area in areas
    ]


def add_groups(actor: Actor, rows: Iterable[GroupRow], *, valid_from: date, source: str = "") -> list[Area]:
    """Add groups and grids below villages, in the order of the rows; one that exists (same parent, level and name) is returned as it is.

    Names that mean the same (一组, 第1组) are the same group. Raises BF-1106 for a parent that does not exist or may not have
    such children, BF-1116 for a name that is too long, BF-1001 for anybody but the system.
    """
    _system_only(actor)
    require_length(source, SOURCE_LENGTH, SOURCE)
    wanted = list(rows)
    if not wanted:
        return []
    with acting(actor):
        _one_writer()
        parents = {area.path: area for area in Area.objects.filter(path__in={row.parent for row in wanted})}
        for number, row in enumerate(wanted, 1):
            parent = parents.get(row.parent)
            book = profile_of(row.parent)
            if parent is None or not book.has_level(row.level) or parent.level not in book.level(row.level).under:
                raise UNKNOWN_PARENT(row=row.line or number, name=row.name, parent=row.parent)
        taken: dict[tuple[str, str, str], Area] = {}
        labels: dict[str, int] = {}
        for child in Area.objects.filter(parent__in=parents.values()).select_related("parent"):
            above = child.path[:-4]
            labels[above] = max(labels.get(above, 0), int(child.path[-4:-1], 36))
            taken[above, child.level, naming.stem(child.name, child.level, profile_of(above))] = child
        keys, fresh, codes = [], [], []
        for row in wanted:
            book = profile_of(row.parent)
            key = (row.parent, row.level, naming.stem(row.name, row.level, book))
            keys.append(key)
            if key in taken:
                continue
            labels[row.parent] = labels.get(row.parent, 0) + 1
            value = name_value(row.name, row.level, row.code, row.name_en, book, row.line)
            draft = Draft(f"{row.parent}{base36(labels[row.parent])}/", row.parent, row.level, valid_from)
            area = _describe(Area(path=draft.path), draft, value, [value.name], [row.code] if row.code else [])
            area.parent = parents[row.parent]
            taken[key] = area
            fresh.append(area)
            codes.append(row.code)
        Area.objects.bulk_create(fresh, batch_size=CHUNK)
        values = {area.pk: NameValue(area.name, area.official_name, area.name_en, area.kind) for area in fresh}
        _put_names({pk: [Span(value, valid_from)] for pk, value in values.items()}, source)
        _put_codes(
            {area.pk: [Span(code, valid_from)] for area, code in zip(fresh, codes, strict=True) if code}, LOCAL, LOCAL, source
        )
    return [taken[key] for key in keys]


def rename_areas(actor: Actor, names: Mapping[str, str], *, on: date, source: str = "") -> list[Area]:
    """Give areas (by path) a new name from a day on; the old one stays with its days. Returns the areas as they are now.

    Raises BF-1108 for an unknown path, BF-1111 for a day before the area began, BF-1001 for anybody but the system.
    """
    _system_only(actor)
    with acting(actor):
        _one_writer()
        areas = _areas(names)
        known = _names_of(areas)
        new: dict[int, list[Span[NameValue]]] = {}
        for area in areas:
            _began(area, on)
            value = name_value(names[area.path], area.level, "", "", profile_of(area.path))
            new[area.pk] = changed(known.get(area.pk, []), value, on)
        _put_names(new, source)
        _refresh(areas)
    return areas


def rename_area(actor: Actor, area: Area, name: str, *, on: date, source: str = "") -> Area:
    """Rename one area: see `rename_areas`."""
    return rename_areas(actor, {area.path: name}, on=on, source=source)[0]


def recode_areas(
    actor: Actor, codes: Mapping[str, str], *, on: date, edition: str, scheme: str | None = None, source: str = ""
) -> list[Area]:
    """Give areas (by path) a new code from a day on; the old one stays with its days. Codes may be swapped within one call.

    Raises BF-1104 for a code that does not fit, BF-1105 for one that another area bears, BF-1108 for an unknown path,
    BF-1111 for a day before the area began, BF-1001 for anybody but the system.
    """
    _system_only(actor)
    with acting(actor):
        _one_writer()
        areas = _areas(codes)
        key = scheme or (profile_of(areas[0].path).code.key if areas else "")
        known = _codes_of(areas, key)
        new: dict[int, list[Span[str]]] = {}
        for number, area in enumerate(areas, 1):
            _began(area, on)
            book = profile_of(area.path)
            if key == book.code.key and not book.code.fits(codes[area.path], area.level):
                raise BAD_AREA_CODE(row=number, code=codes[area.path], level=book.level(area.level).title)
            taken = AreaCode.objects.scheme(key).filter(code=codes[area.path], valid__overlap=DateRange(on, None))
            if taken.exclude(area__in=areas).exists():
                raise AREA_CODE_TWICE(row=number, code=codes[area.path])
            new[area.pk] = changed(known.get(area.pk, []), codes[area.path], on)
        _put_codes(new, key, edition, source)
        _refresh(areas)
    return areas


def recode_area(
    actor: Actor, area: Area, code: str, *, on: date, edition: str, scheme: str | None = None, source: str = ""
) -> Area:
    """Recode one area: see `recode_areas`."""
    return recode_areas(actor, {area.path: code}, on=on, edition=edition, scheme=scheme, source=source)[0]


def end_areas(actor: Actor, paths: Iterable[str], *, on: date) -> list[Area]:
    """End areas and all below them: on the day itself they no longer exist. Names and codes end with them; rows keep their paths.

    Raises BF-1108 for an unknown path, BF-1111 for a day before an area began, BF-1001 for anybody but the system.
    """
    _system_only(actor)
    with acting(actor):
        _one_writer()
        found: dict[int, Area] = {}
        for top in _areas(dict.fromkeys(paths)):
            found |= {area.pk: area for area in Area.objects.under(top.path) if area.valid.upper is None or area.valid.upper > on}
        areas = list(found.values())
        for area in areas:
            _began(area, on)
            area.valid = DateRange(area.valid.lower, on)
        _put_names({pk: ended(spans, on) for pk, spans in _names_of(areas).items()}, "")
        for scheme in AreaCode.objects.filter(area__in=areas).values_list("scheme", flat=True).distinct():
            _put_codes({pk: ended(spans, on) for pk, spans in _codes_of(areas, scheme).items()}, scheme, "", "")
        Area.objects.bulk_update(areas, ["valid"], batch_size=CHUNK)
    return areas


def refresh_names(actor: Actor) -> int:
    """Let `Area.name` and the search key follow the day, where the day of a change has come. Returns how many areas changed."""
    _system_only(actor)
    with acting(actor):
        due = Area.objects.with_name(clock.today()).filter(name_on__isnull=False).exclude(name=F("name_on"))  # type: ignore[misc]
        areas = list(due)
        _refresh(areas)
    return len(areas)


def set_centres(actor: Actor, centres: Iterable[Centre]) -> int:
    """Set where areas' centres lie. Returns how many were set; raises BF-1108 for an unknown path, BF-1001 for anybody but the system."""
    _system_only(actor)
    given = {centre.path: centre for centre in centres}
    with acting(actor):
        areas = _areas(given)
        for area in areas:
            centre = given[area.path]
            area.lon, area.lat, area.schematic = round(centre.lon, 5), round(centre.lat, 5), centre.schematic
            area.altitude_m = centre.altitude_m if centre.altitude_m is not None else area.altitude_m
        Area.objects.bulk_update(areas, ["lon", "lat", "schematic", "altitude_m"], batch_size=CHUNK)
    return len(areas)


def draw_cells(
    actor: Actor,
    county: Area,
    outline: Mapping[str, Any] | None = None,
    *,
    seats: Sequence[Seat] = (),
    weights: Mapping[str, float] | None = None,
    down_to: str | None = None,
) -> list[AreaCell]:
    """Compute and keep the cells of a county and all below it down to a level (villages by default), and centres where none is known.

    `outline` is a GeoJSON geometry in degrees; without one a plain hull stands for the county. `seats` are positions by code, where known.
    `weights` (by path; by default the number of lowest areas in it) say how large a cell is beside its sisters. Every computed cell and centre is schematic; the
    county's own outline is not, where one was given. Raises BF-1110 for an outline that cannot be used, BF-1001 for anybody but the system.
    """
    _system_only(actor)
    book = profile_of(county.path)
    lowest = down_to or book.plays.village
    with acting(actor):
        today = clock.today()
        drawn_levels = [key for key in book.levels_from(county.level) if key not in book.levels_from(lowest)[1:]]
        areas = list(
            Area.objects.under(county.path).on(today).level(*drawn_levels).with_code(today, book.code.key).order_by("path")
        )
        position = {seat.code: (seat.lon, seat.lat) for seat in seats}
        fixed = {seat.code for seat in seats if seat.basis == "sourced"}
        places = []
        for area in areas:
            own = (area.lon, area.lat) if area.lon is not None and area.lat is not None and not area.schematic else None
            code = getattr(area, "code_on", None)
            places.append(
                cells.Place(
                    key=area.path,
                    parent=None if area.pk == county.pk else area.path[:-4],
                    weight=(weights or {}).get(area.path),
                    seat=own or position.get(code or ""),
                    fixed=own is not None or code in fixed,
                )
            )
        drawing = cells.draw(places, outline)
        by_path = {area.path: area for area in areas}
        kept = []
        for path, cell in drawing.items():
            area = by_path[path]
            shape = json.dumps(cell.geometry, separators=(",", ":"))
            digest = hashlib.md5(shape.encode(), usedforsecurity=False).hexdigest()
            schematic = area.pk != county.pk or outline is None
            kept.append(AreaCell(area=area, geometry=cell.geometry, km2=cell.km2, schematic=schematic, digest=digest))
            if area.lon is None or area.schematic:
                area.lon, area.lat, area.schematic = *cell.centre, getattr(area, "code_on", None) not in fixed
        AreaCell.objects.filter(area__in=Area.objects.under(county.path)).delete()
        AreaCell.objects.bulk_create(kept, batch_size=CHUNK)
        Area.objects.bulk_update(areas, ["lon", "lat", "schematic"], batch_size=CHUNK)
    return kept


def _system_only(actor: Actor) -> None:
    """Areas are the system's to write: the web role has no grant, so say it before PostgreSQL does."""
    if not actor.is_system:
        raise NOT_ALLOWED(role=actor.role, permission="area.manage")


def _one_writer() -> None:
    """Let one load at a time allot labels; readers are not held up."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE areas_area IN SHARE ROW EXCLUSIVE MODE")


def _areas(paths: Iterable[str]) -> list[Area]:
    """The areas of paths, in the order of the paths given. Raises BF-1108 for one that does not exist."""
    wanted = list(paths)
    found = {area.path: area for area in Area.objects.filter(path__in=wanted)}
    for path in wanted:
        if path not in found:
            raise UNKNOWN_AREA(area=path)
    return [found[path] for path in wanted]


def _began(area: Area, on: date) -> None:
    if on <= area.valid.lower:
        raise BAD_DATE_OF_CHANGE(name=area.name, since=area.valid.lower, on=on)


def _names_of(areas: Iterable[Area]) -> dict[int, list[Span[NameValue]]]:
    found: dict[int, list[Span[NameValue]]] = {}
    for row in AreaName.objects.filter(area__in=[area.pk for area in areas]).order_by("area", "valid"):
        value = NameValue(row.name, row.official_name, row.name_en, row.kind)
        found.setdefault(row.area_id, []).append(Span(value, row.valid.lower, row.valid.upper))
    return found


def _codes_of(areas: Iterable[Area], scheme: str) -> dict[int, list[Span[str]]]:
    found: dict[int, list[Span[str]]] = {}
    for row in AreaCode.objects.scheme(scheme).filter(area__in=[area.pk for area in areas]).order_by("area", "valid"):
        found.setdefault(row.area_id, []).append(Span(row.code, row.valid.lower, row.valid.upper))
    return found


def _put_names(timelines: Mapping[int, Sequence[Span[NameValue]]], source: str) -> None:
    """Make the stored names of areas (by id) these timelines; rows that stay the same stay untouched, with their source."""
    wanted = {(pk, span.value.official, span.since, span.until): span.value for pk, spans in timelines.items() for span in spans}
    gone = []
    for row in AreaName.objects.filter(area__in=timelines):
        key = (row.area_id, row.official_name, row.valid.lower, row.valid.upper)
        if key in wanted:
            del wanted[key]
        else:
            gone.append(row.pk)
    AreaName.objects.filter(pk__in=gone).delete()
    AreaName.objects.bulk_create(
        [
            AreaName(
                area_id=pk,
                name=value.name,
                official_name=value.official,
                name_en=value.english,
                kind=value.kind,
                valid=DateRange(since, until),
                source=source,
            )
            for (pk, _, since, until), value in wanted.items()
        ],
        batch_size=CHUNK,
    )


def _put_codes(
    timelines: Mapping[int, Sequence[Span[str]]],
    scheme: str,
    edition: str,
    source: str,
    apart: Mapping[tuple[int, str], tuple[str, str]] | None = None,
) -> None:
    """Make the stored codes of areas (by id) these timelines; all old rows go before a new one comes, so that codes may be swapped.

    A row whose days alone change keeps the edition and the source that gave it; `apart` are those of codes that the list does not give.
    """
    wanted = {(pk, span.value, span.since, span.until) for pk, spans in timelines.items() for span in spans}
    gone, told = [], dict(apart or {})
    for row in AreaCode.objects.scheme(scheme).filter(area__in=timelines):
        key = (row.area_id, row.code, row.valid.lower, row.valid.upper)
        told[row.area_id, row.code] = (row.edition, row.source)
        if key in wanted:
            wanted.discard(key)
        else:
            gone.append(row.pk)
    AreaCode.objects.filter(pk__in=gone).delete()
    AreaCode.objects.bulk_create(
        [
            AreaCode(area_id=pk, scheme=scheme, code=code, valid=DateRange(since, until), edition=by[0], source=by[1])
            for pk, code, since, until in sorted(wanted, key=lambda key: (key[0], key[2]))
            for by in [told.get((pk, code), (edition, source))]
        ],
        batch_size=CHUNK,
    )


def _describe(area: Area, draft: Draft, value: NameValue, names: list[str], codes: list[str]) -> Area:
    """Fill an area's row from a draft and from the names and codes that it ever had."""
    area.level, area.depth = draft.level, (len(draft.path) - 3) // 4
    area.kind, area.name, area.official_name, area.name_en = value.kind, value.name, value.official, value.english
    area.pinyin = naming.pinyin(value.name)[: naming.PINYIN_LENGTH]  # for searching: its beginning will do
    area.initials = naming.initials(value.name)[: naming.NAME_LENGTH]
    area.search_key = naming.search_key(names, codes)
    area.valid = DateRange(draft.since, area.valid.upper if area.pk else None)
    return area


def _write(drafts: Sequence[Draft], scheme: str, *, edition: str, source: str) -> None:
    """Write what a plan says: new areas level by level (children need their parents' ids), then the timelines."""
    today = clock.today()
    parents = {area.path: area for area in Area.objects.filter(path__in={draft.parent for draft in drafts if draft.parent})}
    known = {area.pk: area for area in Area.objects.filter(pk__in=[draft.pk for draft in drafts if draft.pk])}
    by_depth: dict[int, list[Area]] = {}
    written: list[tuple[Area, Draft]] = []
    for draft in drafts:
        names = list(dict.fromkeys(text for span in draft.names for text in (span.value.name, span.value.official)))
        codes = list(dict.fromkeys(span.value for span in draft.codes))
        area = known[draft.pk] if draft.pk else Area(path=draft.path)
        _describe(area, draft, at(draft.names, today), names, codes)
        if not draft.pk:
            by_depth.setdefault(area.depth, []).append(area)
        written.append((area, draft))
    above = {area.path: draft.parent for area, draft in written}
    for depth in sorted(by_depth):
        for area in by_depth[depth]:
            parent = above[area.path]
            area.parent = parents[parent] if parent else None
        Area.objects.bulk_create(by_depth[depth], batch_size=CHUNK)
        parents |= {area.path: area for area in by_depth[depth]}
    Area.objects.bulk_update(known.values(), DESCRIBED, batch_size=CHUNK)
    _put_names({area.pk: draft.names for area, draft in written}, source)
    apart = {(area.pk, code): (CHANGES, told) for area, draft in written for code, told in draft.told.items()}
    _put_codes({area.pk: draft.codes for area, draft in written}, scheme, edition, source, apart)


def _refresh(areas: Sequence[Area]) -> None:
    """Write the current name and the search key of areas from their timelines."""
    today = clock.today()
    names = _names_of(areas)
    codes: dict[int, list[str]] = {}
    for row in AreaCode.objects.filter(area__in=[area.pk for area in areas]).order_by("area", "valid"):
        codes.setdefault(row.area_id, []).append(row.code)
    for area in areas:
        spans = names[area.pk]
        texts = list(dict.fromkeys(text for span in spans for text in (span.value.name, span.value.official)))
        draft = Draft(area.path, None, area.level, area.valid.lower)
        _describe(area, draft, at(spans, today), texts, list(dict.fromkeys(codes.get(area.pk, []))))
    Area.objects.bulk_update(areas, DESCRIBED, batch_size=CHUNK)


def mark_areas(actor: Actor, paths: Iterable[str], mark: str, *, since: date, source: str) -> int:
    """Mark areas (`poor_village`) from a day on; an area that bears the mark already keeps it. Returns how many were marked.

    Raises BF-1001 for anybody but the system.
    """
    _system_only(actor)
    with acting(actor):
        bearing = AreaMark.objects.marked(mark, since).values("area")
        areas = Area.objects.filter(path__in=list(paths)).exclude(pk__in=bearing)
        made = [AreaMark(area=area, path=area.path, mark=mark, valid=DateRange(since, None), source=source) for area in areas]
        AreaMark.objects.bulk_create(made)
        return len(made)
