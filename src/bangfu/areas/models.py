"""Areas: one tree from the country down to groups (组) and grids (网格).

What rows and roles are scoped by is an area's `path`, which never changes. Names and statistical codes do change, so they are
dated: `AreaName` and `AreaCode` hold every one with its days, `Area.name` is the name of the day on which it was last written.

Areas are public administrative data: they tell nothing of any person. Their tables are therefore readable by whoever acts at
some area of the county (`ddl.county_wide`), which breadcrumbs, imports and maps need; `visible_to` narrows what a page offers.
They are written by the system alone (no grant for the web role): by an administrator's command, a job or the simulation.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Case, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Length

from bangfu.areas import naming
from bangfu.areas.models_markets import MarketDay as MarketDay
from bangfu.areas.paths import BEGUN, LABEL_LENGTH, PATH_LENGTH, PATH_PATTERN, ROOT_LENGTH
from bangfu.areas.paths import ancestors as ancestors
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.fields import RecordedNow
from bangfu.foundation.say import language

if TYPE_CHECKING:
    from bangfu.areas.profile import Profile
    from bangfu.foundation.actor import Actor

EDITION_LENGTH = 20
SOURCE_LENGTH = 120
MOST_ABOVE = 100  # areas of one name, looked below by a search


def _called(text: str) -> Q:
    """The search key puts a blank before each point at which a Latin text may begin (see naming.search_key)."""
    wanted = naming.plain(text).lower().replace(" ", "")
    if not wanted.isascii():
        return Q(search_key__contains=wanted)
    return Q(search_key__contains=f" {wanted}") | Q(name_en__istartswith=text)


class AreaQuerySet(models.QuerySet["Area"]):
    """Every read of areas begins here."""

    def visible_to(self, actor: Actor) -> AreaQuerySet:
        """Areas within the actor's scope, and those above it: their names are no secret and make the breadcrumb."""
        if not actor.scope:
            return self.none()
        return self.filter(Q(path__gte=actor.scope, path__lt=actor.scope + "~") | Q(path__in=ancestors(actor.scope)))

    def on(self, day: date) -> AreaQuerySet:
        """Areas that exist on a day."""
        return self.filter(valid__contains=day)

    def level(self, *keys: str) -> AreaQuerySet:
        """Areas of levels of the country profile (`township`, `village`)."""
        return self.filter(level__in=keys)

    def under(self, path: str) -> AreaQuerySet:
        """The area of a path and everything below it. The path must end with its separator, or siblings would slip in."""
        if not path.endswith("/"):
            raise ValueError(f"a path ends with its separator: {path}")
        return self.filter(path__gte=path, path__lt=path + "~")

    def children_of(self, area: Area) -> AreaQuerySet:
        """The areas directly below an area, in the order of their paths."""
        return self.filter(parent=area).order_by("path")

    def breadcrumb(self, path: str) -> AreaQuerySet:
        """The area of a path and those above it, the country first."""
        return self.filter(path__in=[*ancestors(path), path]).order_by("path")

    def with_code(self, day: date, scheme: str) -> AreaQuerySet:
        """Each area with `code_on`, its code of the scheme on a day (None where it had none)."""
        codes = AreaCode.objects.filter(area=OuterRef("pk"), scheme=scheme, valid__contains=day)
        return self.annotate(code_on=Subquery(codes.values("code")[:1]))

    def with_name(self, day: date) -> AreaQuerySet:
        """Each area with `name_on`, its name on a day (None where it had none)."""
        names = AreaName.objects.filter(area=OuterRef("pk"), valid__contains=day)
        return self.annotate(name_on=Subquery(names.values("name")[:1]))

    def by_code(self, code: str, day: date, scheme: str) -> AreaQuerySet:
        """The area (one or none) that bears a code on a day."""
        return self.filter(codes__code=code, codes__scheme=scheme, codes__valid__contains=day)

    def meant_by(self, text: str, county: str) -> Area:
        """The area of a path or of a code borne today, within a county. Raises BF-1108 for any other."""
        today = clock.today()
        inside = self.under(county).on(today)
        found = (
            inside.filter(path=text.rstrip("/") + "/").first() or inside.by_code(text, today, profile_of(county).code.key).first()
        )
        if found is None:
            raise UNKNOWN_AREA(area=text)
        return found

    def search(self, text: str) -> AreaQuerySet:
        """Areas whose name, at any time, contains a text; whose pinyin, initials or code have a part that begins with it; or whose
        English name begins with it. Where there is none, those that it names together with an area above: 郑场镇凤凰村,
        `Fenghuang Village, Zhengchang Town`.

        One pass over a column that is written with the names: a county has a few thousand areas, so no index is needed.
        The best hits come first: the name itself, then names that begin with the text, then higher areas.
        """
        asked = naming.plain(text).strip(", ")
        wanted = asked.lower().replace(" ", "")
        if not wanted:
            return self.none()
        rank = Case(
            When(Q(name=text.strip()) | Q(initials=wanted) | Q(pinyin=wanted) | Q(name_en__iexact=asked), then=0),
            When(Q(name__startswith=text.strip()) | Q(pinyin__startswith=wanted), then=1),
            default=2,
            output_field=IntegerField(),
        )
        hits = self.filter(_called(asked))
        if not hits.exists():
            within = [self._within(above, name) for above, name in naming.splits(asked)]
            hits = self.filter(reduce(or_, within)) if within else hits
        return hits.annotate(rank=rank).order_by("rank", "depth", "path")

    def _within(self, above: str, name: str) -> Q:
        """Areas that are called so and lie below one that is called so."""
        tops = self.filter(_called(above)).values_list("path", flat=True)[:MOST_ABOVE]
        below = [Q(path__gt=top, path__lt=top + "~") for top in tops]
        return _called(name) & reduce(or_, below) if below else Q(pk__in=[])

    def lookup_table(self, day: date, profile: Profile) -> pa.Table:
        """Villages and what lies below them, as an import joins them: one row per area that exists on a day.

        Columns: `area_id`, `path`, `level`, `kind`, `code` (on the day, may be null), `name` (on the day), `codes` and `names`
        (every one ever valid, as written), `stems` (names without their endings: naming.stem), `village_id`, `village_path`
        (the area itself for a village), `township_id`, `township_path`, `township_code`, `township_name`, `township_codes`,
        `township_names`, `township_stems`. Lists are sorted, texts normalised by `naming.plain`.
        """
        wanted = self.on(day).level(*profile.levels_from(profile.plays.village)).order_by("path")
        above = Area.objects.level(profile.plays.township, profile.plays.village)
        areas = {area.path: area for area in above}
        rows = list(wanted)
        areas.update({area.path: area for area in rows})
        names = _dated(
            AreaName.objects.filter(area__in=[a.pk for a in areas.values()]).values_list("area", "name", "official_name", "valid")
        )
        codes = _dated(
            AreaCode.objects.filter(area__in=[a.pk for a in areas.values()], scheme=profile.code.key).values_list(
                "area", "code", "valid"
            )
        )
        return pa.Table.from_pylist([_lookup_row(area, areas, names, codes, day, profile) for area in rows], schema=LOOKUP_SCHEMA)


_TEXTS = pa.list_(pa.string())
LOOKUP_SCHEMA = pa.schema(
    [
        ("area_id", pa.int64()),
        ("path", pa.string()),
        ("level", pa.string()),
        ("kind", pa.string()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("codes", _TEXTS),
        ("names", _TEXTS),
        ("stems", _TEXTS),
        ("village_id", pa.int64()),
        ("village_path", pa.string()),
        ("township_id", pa.int64()),
        ("township_path", pa.string()),
        ("township_code", pa.string()),
        ("township_name", pa.string()),
        ("township_codes", _TEXTS),
        ("township_names", _TEXTS),
        ("township_stems", _TEXTS),
    ]
)
_Dated = dict[int, list[tuple[tuple[str, ...], Any]]]


def _dated(rows: Any) -> _Dated:
    """Dated texts by area: (texts, valid) in the order of their days."""
    found: _Dated = {}
    for area, *texts, valid in rows.order_by("area", "valid"):
        found.setdefault(area, []).append((tuple(texts), valid))
    return found


def _on(dated: _Dated, area: int, day: date) -> str | None:
    """The first text of an area's row that holds on a day."""
    for texts, valid in dated.get(area, []):
        if (valid.lower is None or valid.lower <= day) and (valid.upper is None or day < valid.upper):
            return texts[0]
    return None


def _ever(dated: _Dated, area: int) -> list[str]:
    return sorted({naming.plain(text) for texts, _ in dated.get(area, []) for text in texts if text})


def _lookup_row(area: Area, areas: dict[str, Area], names: _Dated, codes: _Dated, day: date, profile: Profile) -> dict[str, Any]:
    line = [areas[path] for path in [*ancestors(area.path), area.path] if path in areas]
    village = next((one for one in line if one.level == profile.plays.village), None)
    township = next((one for one in line if one.level == profile.plays.township), None)
    ever = _ever(names, area.pk)
    row: dict[str, Any] = {
        "area_id": area.pk,
        "path": area.path,
        "level": area.level,
        "kind": area.kind,
        "code": _on(codes, area.pk, day),
        "name": _on(names, area.pk, day) or area.name,
        "codes": _ever(codes, area.pk),
        "names": ever,
        "stems": sorted({naming.stem(name, area.level, profile) for name in ever}),
    }
    if village:
        row |= {"village_id": village.pk, "village_path": village.path}
    if township:
        above = _ever(names, township.pk)
        row |= {
            "township_id": township.pk,
            "township_path": township.path,
            "township_code": _on(codes, township.pk, day),
            "township_name": _on(names, township.pk, day) or township.name,
            "township_codes": _ever(codes, township.pk),
            "township_names": above,
            "township_stems": sorted({naming.stem(name, township.level, profile) for name in above}),
        }
    return row


class Area(models.Model):
    """A place of the administrative tree. Rows and roles are scoped by its `path`, which never changes."""

    path: models.CharField[str, str] = models.CharField(max_length=PATH_LENGTH, db_collation="C", unique=True)
    parent: models.ForeignKey[Area | None, Area | None] = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, related_name="children"
    )
    level: models.CharField[str, str] = models.CharField(max_length=20)
    depth: models.SmallIntegerField[int, int] = models.SmallIntegerField()
    kind: models.CharField[str, str] = models.CharField(max_length=20)
    name: models.CharField[str, str] = models.CharField(max_length=naming.NAME_LENGTH)
    official_name: models.CharField[str, str] = models.CharField(max_length=naming.OFFICIAL_LENGTH)
    name_en: models.CharField[str, str] = models.CharField(max_length=naming.ENGLISH_LENGTH)
    pinyin: models.CharField[str, str] = models.CharField(max_length=naming.PINYIN_LENGTH, db_collation="C")
    initials: models.CharField[str, str] = models.CharField(max_length=naming.NAME_LENGTH, db_collation="C")
    search_key: models.TextField[str, str] = models.TextField()
    valid = DateRangeField()
    altitude_m: models.SmallIntegerField[int | None, int | None] = models.SmallIntegerField(null=True)
    lon: models.FloatField[float | None, float | None] = models.FloatField(null=True)
    lat: models.FloatField[float | None, float | None] = models.FloatField(null=True)
    schematic: models.BooleanField[bool, bool] = models.BooleanField(default=True)
    recorded_from: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=RecordedNow())

    objects = cast("AreaQuerySet", AreaQuerySet.as_manager())

    class Meta:
        ordering = ["path"]
        indexes = [models.Index(fields=["level", "path"], name="area_level_path")]
        constraints = [
            models.CheckConstraint(condition=Q(path__regex=PATH_PATTERN), name="area_path_closed"),
            models.CheckConstraint(condition=BEGUN, name="area_begun"),
            models.CheckConstraint(
                condition=Q(depth=(Length("path") - Value(ROOT_LENGTH)) / Value(LABEL_LENGTH + 1)), name="area_depth_of_path"
            ),
            models.CheckConstraint(
                condition=Q(depth=0, parent__isnull=True) | Q(depth__gt=0, parent__isnull=False), name="area_parent_unless_root"
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="area_centre_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name_en if language() == "en" else self.name


class AreaNameQuerySet(models.QuerySet["AreaName"]):
    """Dated names."""

    def on(self, day: date) -> AreaNameQuerySet:
        """Names in force on a day."""
        return self.filter(valid__contains=day)


class AreaName(models.Model):
    """A name that an area bore for a time, as shown (`桑木村`) and as the list of areas gives it (`桑木村村民委员会`)."""

    area_id: int
    area: models.ForeignKey[Area, Area] = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="names")
    name: models.CharField[str, str] = models.CharField(max_length=naming.NAME_LENGTH)
    official_name: models.CharField[str, str] = models.CharField(max_length=naming.OFFICIAL_LENGTH)
    name_en: models.CharField[str, str] = models.CharField(max_length=naming.ENGLISH_LENGTH)
    kind: models.CharField[str, str] = models.CharField(max_length=20)
    valid = DateRangeField()
    source: models.CharField[str, str] = models.CharField(max_length=SOURCE_LENGTH)
    recorded_from: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=RecordedNow())

    objects = cast("AreaNameQuerySet", AreaNameQuerySet.as_manager())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=BEGUN, name="area_name_begun"),
            ExclusionConstraint(
                name="area_one_name_at_a_time",
                expressions=[("area", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]


class AreaCodeQuerySet(models.QuerySet["AreaCode"]):
    """Dated statistical codes."""

    def on(self, day: date) -> AreaCodeQuerySet:
        """Codes in force on a day."""
        return self.filter(valid__contains=day)

    def scheme(self, key: str) -> AreaCodeQuerySet:
        """Codes of one scheme (`nbs12`)."""
        return self.filter(scheme=key)


class AreaCode(models.Model):
    """A statistical code that an area bore for a time; `edition` is the list that gives it, `source` where that was had."""

    area_id: int
    area: models.ForeignKey[Area, Area] = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="codes")
    scheme: models.CharField[str, str] = models.CharField(max_length=20)
    code: models.CharField[str, str] = models.CharField(max_length=naming.CODE_LENGTH, db_collation="C")
    valid = DateRangeField()
    edition: models.CharField[str, str] = models.CharField(max_length=EDITION_LENGTH)
    source: models.CharField[str, str] = models.CharField(max_length=SOURCE_LENGTH)
    recorded_from: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=RecordedNow())

    objects = cast("AreaCodeQuerySet", AreaCodeQuerySet.as_manager())

    class Meta:
        indexes = [models.Index(fields=["code", "scheme"], name="area_code_code")]
        constraints = [
            models.CheckConstraint(condition=BEGUN, name="area_code_begun"),
            ExclusionConstraint(
                name="area_one_code_at_a_time",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="area_code_means_one_area",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]


class AreaCellQuerySet(models.QuerySet["AreaCell"]):
    """Cells of the map."""

    def of_children(self, area: Area, level: str | None, actor: Actor) -> AreaCellQuerySet:
        """The cells directly below an area, or all of a level below it, that the actor may see."""
        seen = Area.objects.visible_to(actor)
        below = seen.children_of(area) if level is None else seen.under(area.path).level(level).exclude(pk=area.pk)
        return self.filter(area__in=below).select_related("area").order_by("area__path")


class AreaCell(models.Model):
    """The shape of an area on the map. A computed one is `schematic`, and every page that shows it says so."""

    area: models.OneToOneField[Area, Area] = models.OneToOneField(
        Area, on_delete=models.CASCADE, primary_key=True, related_name="cell"
    )
    geometry: models.JSONField[Any, Any] = models.JSONField()
    km2: models.FloatField[float, float] = models.FloatField()
    schematic: models.BooleanField[bool, bool] = models.BooleanField()
    digest: models.CharField[str, str] = models.CharField(max_length=32)

    objects = cast("AreaCellQuerySet", AreaCellQuerySet.as_manager())


class AreaMarkQuerySet(models.QuerySet["AreaMark"]):
    """Every read of marks begins here."""

    def marked(self, mark: str, day: date) -> AreaMarkQuerySet:
        """Marks of a kind that hold on a day."""
        return self.filter(mark=mark, valid__contains=day)


class AreaMark(models.Model):
    """What an area is for a time beside its place in the tree: a registered poor village (`poor_village`), a pilot, a flatland block."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="marks")
    path = models.CharField(max_length=PATH_LENGTH, db_collation="C")
    mark = models.CharField(max_length=24)
    valid = DateRangeField()
    source = models.CharField(max_length=200)
    recorded_from = models.DateTimeField(db_default=RecordedNow(), editable=False)

    objects = AreaMarkQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="area_mark_once_at_a_time",
                expressions=[("area", RangeOperators.EQUAL), ("mark", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.mark}"
