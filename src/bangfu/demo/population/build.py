"""The county put together: exact totals, places, families, facts, stories; one Arrow table in the end.

The figures of the facts file hold exactly at scale 1 and rounded at any other. Every random draw comes from a stream named by
(seed, subject), so that a change to one subject leaves the others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from bangfu.demo.population import households as home
from bangfu.demo.population import stories as told
from bangfu.demo.population.draws import (
    BLANK,
    Bools,
    Ints,
    choose,
    coded,
    day_number,
    days,
    exact_sizes,
    exactly,
    flags,
    joined,
    padded,
    whole,
)
from bangfu.demo.population.families import RELATION, RELATIONS, SIZE_SHARES, Skeleton, families
from bangfu.demo.population.identity import GENERATED, identities, slots
from bangfu.demo.population.names import names
from bangfu.demo.population.people import RESIDENCES, People
from bangfu.demo.population.people import describe as describe_people
from bangfu.demo.population.places import Group, Village, groups, poor_villages, spread
from bangfu.demo.population.setting import Setting, read_facts, read_setting

SEXES = ("male", "female")
STORY_ORDINAL = 9_000_000  # telephone and account numbers of the stories are dealt from here on

_TYPES = {
    "text": pa.string(), "code": pa.dictionary(pa.int32(), pa.string()), "codes": pa.dictionary(pa.int32(), pa.string()),
    "identity": pa.string(), "phone": pa.string(), "account": pa.string(), "boolean": pa.bool_(), "integer": pa.int32(),
    "year": pa.int32(), "month": pa.int32(), "decimal": pa.float64(), "money": pa.decimal128(16, 2), "date": pa.date32(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Population:
    """A synthetic county's people.

    `table` has one row per person, sorted by township, village, group and household, the head first, and one column per field
    of the register (`fields.yaml`, in its order). Household fields stand on every member's row, as in real exports. Types:
    codes are dictionary columns of code keys (several codes joined by `;`), money is decimal yuan, months are whole numbers
    YYYYMM, dates are date32, identity, telephone and account numbers are text. A null is a blank: nobody has asked.
    `later` has the rows of what is handed in afterwards, of the same people: a household that has parted from another, say.
    """

    table: Any
    later: Any
    villages: tuple[Village, ...]
    groups: tuple[Group, ...]
    poor_villages: frozenset[str]
    stories: Mapping[str, tuple[str, ...]]
    setting: Setting

    @property
    def persons(self) -> int:
        """Number of rows of the table."""
        return int(self.table.num_rows)

    @property
    def households(self) -> int:
        """Number of households in the end, those that came later included."""
        numbers = [chunk for table in (self.table, self.later) for chunk in table["household_no"].chunks]
        return int(pc.count_distinct(pa.chunked_array(numbers, pa.string())).as_py())

    def townships(self) -> list[tuple[str, str]]:
        """(code, name) of the townships, in the order of the table."""
        return list(dict.fromkeys((v.township_code, v.township_name) for v in sorted(self.villages)))

    def of_township(self, code: str) -> Any:
        """The rows of one township. Raises KeyError for a code that no village has."""
        inside = [v.code for v in self.villages if v.township_code == code]
        if not inside:
            raise KeyError(code)
        return self.table.filter(pc.is_in(self.table["village_code"], value_set=pa.array(inside)))


@dataclass(slots=True)
class _Placed:
    """Households with their place and kind. Shapes: all (households,); `number` is their Arrow column of numbers."""

    village: Ints
    group: Ints
    number: Any
    members: Ints
    registered: Bools
    attribute: Ints
    monitoring: Ints
    relocated: Bools
    absent: Bools
    allowance: Bools


@dataclass(frozen=True, slots=True)
class _County:
    """What does not change while a county is made."""

    villages: tuple[Village, ...]
    groups: tuple[Group, ...]
    poor: Bools
    supplied: Any
    setting: Setting
    seed: int

    def rng(self, *subject: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, *subject])


def generate(
    villages: Sequence[Village | tuple[str, str, str, str, str]],
    facts: Mapping[str, float] | None = None,
    *,
    scale: float = 1.0,
    seed: int = 2020,
    setting: Setting | None = None,
) -> Population:
    """Make the people of a county.

    `villages` are (code, name, township_code, township_name, kind); `facts` gives `visited_households`,
    `registered_poor_persons_exited`, `relocated_households`, `relocated_persons`, `dangerous_houses_renovated` and `poor_villages`
    (the demo county's own where left out). `scale` multiplies households, persons and registered persons; every village keeps
    a household where there are enough, and the stories are there at every scale.

    Raises ValueError where the figures contradict each other (more registered persons than the registered households hold).
    """
    if scale <= 0:
        raise ValueError(f"scale must be positive, not {scale}")
    setting = setting or read_setting()
    facts = read_facts() if facts is None else facts
    ordered = tuple(sorted((Village(*v) for v in villages), key=lambda v: (v.township_code, v.code)))
    poor = poor_villages(ordered, int(facts.get("poor_villages", setting["poor_villages"])), seed, setting)
    remote = np.array([setting.township(v.township_code)["remote"] for v in ordered])
    supplied = np.clip(0.97 - 0.11 * remote + np.random.default_rng([seed, 17]).normal(0, 0.06, len(ordered)), 0.45, 0.995)
    county = _County(ordered, tuple(groups(ordered, seed, setting)), poor, supplied, setting, seed)
    found = told.read(setting, {v.code for v in ordered})

    totals = _totals(setting, facts, scale, found)
    placed, skeleton = _households(county, totals)
    wanted = home.Wanted(
        repaired=round(facts["dangerous_houses_renovated"] * scale) - sum(s.repaired for s in found),
        unsafe=max(round(setting["unsafe_houses"] * scale), 1),
        failing_water=max(round(setting["failing_water"] * scale), 1),
        below_line=max(round(setting["below_income_line"] * scale), 1),
        line=setting["income_line"],
    )
    parts = [_table(county, placed, skeleton, wanted, stream=0)]
    if found:
        story_homes, story_people = _story_households(county, found)
        none = home.Wanted(repaired=0, unsafe=0, failing_water=0, below_line=0, line=setting["income_line"])
        parts.append(told.tell(found, _table(county, story_homes, story_people, none, stream=1)))
    del placed, skeleton
    places = {s.key: tuple(s.numbers) for s in found}
    table = _merged(parts)
    return Population(
        table=table,
        later=told.later_rows(found, table, frozenset(_fields("household"))),
        villages=ordered,
        groups=county.groups,
        poor_villages=frozenset(v.code for v, is_poor in zip(ordered, poor, strict=True) if is_poor),
        stories=places,
        setting=setting,
    )


# --- how many ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Totals:
    """What is left to generate when the stories have taken their share: households and the persons in them."""

    ordinary: int
    ordinary_persons: int
    registered: int
    registered_persons: int
    relocated: int
    relocated_persons: int
    absent: int
    unstable: int
    edge: int


def _totals(setting: Setting, facts: Mapping[str, float], scale: float, found: Sequence[told.Story]) -> _Totals:
    absent = max(round(setting["absent_households"] * scale), 1)
    households = round(facts["visited_households"] * scale) + absent
    true = setting["population"]
    persons = round(true["persons"] * households / true["households"])
    listed_persons = round(facts["registered_poor_persons_exited"] * scale)
    moved = round(facts["relocated_households"] * scale)
    moved_persons = round(facts["relocated_persons"] * scale)
    listed = round(listed_persons / setting["registered_household_size"])

    def own(registered: bool, relocated: bool = False) -> tuple[int, int]:
        chosen = [s for s in found if (s.kind == "registered") == registered and (s.relocated or not relocated)]
        return sum(len(s.numbers) for s in chosen), sum(len(s.members) for s in chosen)

    def fit(count: int, total: int) -> int:
        """The number of households nearest to `count` that can hold exactly `total` persons."""
        return min(max(count, -(-total // len(SIZE_SHARES))), total)

    listed_own, moved_own, other_own = own(True), own(True, True), own(False)
    moved_persons = max(moved_persons - moved_own[1], 0)
    moved = fit(max(moved - moved_own[0], 0), moved_persons)
    listed_persons = max(listed_persons - listed_own[1], moved_persons)
    staying = fit(max(listed - listed_own[0] - moved, 0), listed_persons - moved_persons)
    ordinary = households - listed_own[0] - other_own[0] - moved - staying
    ordinary_persons = persons - listed_own[1] - other_own[1] - listed_persons
    if ordinary < absent or ordinary_persons < ordinary:
        raise ValueError(f"{households} households with {persons} persons cannot hold {listed_persons} registered persons")
    return _Totals(
        ordinary, ordinary_persons, moved + staying, listed_persons, moved, moved_persons, absent,
        round(setting["monitored"]["unstable_exit"] * scale), round(setting["monitored"]["edge"] * scale),
    )  # fmt: skip


def _households(county: _County, totals: _Totals) -> tuple[_Placed, Skeleton]:
    rng = county.rng(19)
    setting, villages = county.setting, county.villages
    counts = np.bincount([_village_index(county)[g.village_code] for g in county.groups], minlength=len(villages))
    where = spread(villages, counts, county.poor, totals.ordinary, totals.registered, county.seed, setting)
    n = len(where.village)
    remote = np.array([setting.township(v.township_code)["remote"] for v in villages])[where.village]
    relocated = exactly(rng, where.registered, totals.relocated, remote**2)
    members = np.zeros(n, np.int64)
    staying = where.registered & ~relocated
    for who, persons in (
        (relocated, totals.relocated_persons),
        (staying, totals.registered_persons - totals.relocated_persons),
        (~where.registered, totals.ordinary_persons),
    ):
        members[who] = exact_sizes(rng, int(who.sum()), persons, SIZE_SHARES)
    extreme = staying & (members <= 2) & (rng.random(n) < 0.26)
    attribute = np.where(extreme, 2, np.where(rng.random(n) < 0.33, 1, 0))
    attribute[~where.registered] = BLANK
    absent = exactly(rng, ~where.registered & (members <= 5), totals.absent)
    monitoring = np.full(n, BLANK)
    monitoring[exactly(rng, where.registered & ~extreme & ~relocated, totals.unstable)] = home.MONITORING.index("unstable_exit")
    monitoring[exactly(rng, ~where.registered & ~absent, totals.edge, 0.3 + remote)] = home.MONITORING.index("edge")
    edge = monitoring == home.MONITORING.index("edge")
    allowance = (attribute == 1) | (edge & (rng.random(n) < 0.25)) | (~where.registered & ~absent & (rng.random(n) < 0.012))
    # Serials run through a village in the order of its groups.
    starts = np.flatnonzero(np.r_[True, where.village[1:] != where.village[:-1]])
    serial = np.arange(n) - np.repeat(starts, np.diff(np.r_[starts, n])) + 1
    codes = pa.array([v.code for v in villages]).take(pa.array(where.village))
    number = _number(setting, codes, padded(serial, 5))
    placed = _Placed(
        where.village, where.group, number, members, where.registered, attribute, monitoring, relocated, absent, allowance
    )
    return placed, families(county.rng(23), members, elderly=extreme)


def _story_households(county: _County, found: Sequence[told.Story]) -> tuple[_Placed, Skeleton]:
    """The stories' households in the same shape, so that everything they do not tell is filled as for anybody else."""
    index, records = _village_index(county), [(story, record) for story in found for record in story.records]
    members = [record.members for _, record in records]
    yes = np.array
    placed = _Placed(
        village=yes([index[record.village] for _, record in records]),
        group=yes([record.group - 1 for _, record in records]),
        number=pa.array([record.number for _, record in records]),
        members=yes([len(people) for people in members]),
        registered=yes([story.kind == "registered" for story, _ in records]),
        attribute=yes([0 if story.kind == "registered" else BLANK for story, _ in records]),
        monitoring=yes([home.MONITORING.index(story.monitoring) if story.monitoring else BLANK for story, _ in records]),
        relocated=yes([story.relocated for story, _ in records]),
        absent=np.zeros(len(records), bool),
        allowance=np.zeros(len(records), bool),
    )
    people = [(place, member) for place, each in enumerate(members) for member in each]
    skeleton = Skeleton(
        household=yes([place for place, _ in people]),
        relation=yes([RELATION[member["relation"]] for _, member in people]),
        male=yes([member["sex"] == "male" for _, member in people]),
        age=yes([(county.setting.data_date - member["birth_date"]).days / 365.25 for _, member in people]),
        line=np.zeros(len(people), np.int64),
    )
    return placed, skeleton


# --- the table ---------------------------------------------------------------------------------------------------


def _table(county: _County, placed: _Placed, skeleton: Skeleton, wanted: home.Wanted, *, stream: int) -> dict[str, Any]:
    """All fields of the given households and people, and what rows are sorted by (`_village`, `_group`, `_seat`).

    `stream` keeps the stories' draws apart from the county's.
    """
    setting, villages = county.setting, county.villages
    is_story = stream > 0
    n = len(placed.village)
    hh = skeleton.household
    day = day_number(setting.data_date)
    # Ages of the stories come from whole days and go back to them; drawn ages have fractions of a day.
    births = day - (np.round if is_story else np.floor)(skeleton.age * 365.25).astype(np.int64)
    rng = county.rng(29, stream)
    slot = slots(births, skeleton.male, rng.permutation(len(hh)) if not is_story else np.arange(len(hh)))
    number_setting = told.plain_identity(setting) if is_story else setting
    identity = identities(
        county.rng(31, stream), number_setting, births, skeleton.male, GENERATED + slot // 67 % 50 if is_story else slot
    )
    townships = list(dict.fromkeys(v.township_code for v in villages))
    township_names = {v.township_code: v.township_name for v in villages}
    township = np.array([townships.index(v.township_code) for v in villages])[placed.village]
    people = People(
        births=births, male=skeleton.male, household=hh, relation=skeleton.relation, registered=placed.registered[hh],
        monitored=(placed.monitoring >= 0)[hh], absent=placed.absent[hh], allowance=placed.allowance[hh], extreme=(placed.attribute == 2)[hh],
        township=township[hh], identity=identity, first_ordinal=STORY_ORDINAL if is_story else 0,
    )  # fmt: skip
    describe_people(county.rng(37, stream), setting, people, [township_names[code] for code in townships])
    lay = [setting.township(v.township_code) for v in villages]
    homes = home.Homes(
        village=placed.village, members=placed.members, registered=placed.registered, attribute=placed.attribute,
        monitoring=placed.monitoring, relocated=placed.relocated, absent=placed.absent, poor_village=county.poor[placed.village],
        community=np.array([v.kind == "community" for v in villages])[placed.village],
        mountain=np.array([t["mountain"] for t in lay])[placed.village], remote=np.array([t["remote"] for t in lay])[placed.village],
        supplied=county.supplied[placed.village],
    )  # fmt: skip
    home.describe(county.rng(41, stream), setting, homes, people, wanted)

    columns = dict(people.columns)
    columns["residence"] = _resettled(columns["residence"], homes.columns["resettlement_place"], hh)
    born = births.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    columns["name"] = names(
        county.rng(43, stream),
        setting,
        household=hh,
        relation=skeleton.relation,
        line=skeleton.line,
        male=skeleton.male,
        born=born,
        households=n,
    )
    columns["sex"] = coded((~skeleton.male).astype(int), SEXES)
    columns["birth_date"] = days(births)
    columns["relation"] = coded(skeleton.relation, RELATIONS)
    columns["identity"] = identity
    columns["identity_type"] = coded(np.zeros(len(hh), int), (setting["identity"]["type"],))
    columns["minimum_allowance"] = flags(people.allowance)
    columns["extreme_poverty_support"] = flags(people.extreme)
    _membership(county, placed, skeleton, births, homes, columns, stream)
    rows = pa.array(hh)
    for key, column in (homes.columns | _place_columns(county, placed, people, columns, hh, stream)).items():
        columns[key] = column.take(rows)
    starts = np.flatnonzero(np.r_[True, hh[1:] != hh[:-1]])
    seat = np.arange(len(hh)) - np.repeat(starts, np.diff(np.r_[starts, len(hh)])) + 1
    columns["person_no"] = joined(columns["household_no"], padded(seat, 2))
    ready = {key: _typed(columns.pop(key, None), kind, len(hh)) for key, kind in _fields().items()}
    ready["_village"], ready["_group"], ready["_seat"] = (
        pa.array(values) for values in (placed.village[hh], placed.group[hh], seat)
    )
    if columns:
        raise KeyError(f"no such fields of the register: {', '.join(sorted(columns))}")
    return ready


def _place_columns(
    county: _County, placed: _Placed, people: People, columns: Mapping[str, Any], hh: Ints, stream: int
) -> dict[str, Any]:
    """Where each household is and how it is reached. Arrow columns of shape (households,)."""
    setting, villages = county.setting, county.villages
    n = len(placed.village)
    group_names = {(g.village_code, g.number - 1): g.name for g in county.groups}
    keys = list(group_names)
    first = {key: place for place, key in enumerate(keys)}
    base = np.array([first[(v.code, 0)] for v in villages])
    group = base[placed.village] + placed.group
    by_village = {
        "township": [v.township_name for v in villages],
        "village": [v.name for v in villages],
        "village_code": [v.code for v in villages],
    }
    result = {key: coded(placed.village, words) for key, words in by_village.items()}
    result["county"] = coded(np.zeros(n, int), (setting["county"]["name"],))
    result["data_date"] = days(np.full(n, day_number(setting.data_date)))
    unnamed = np.array([not name for name in group_names.values()])
    result["group"] = coded(np.where(unnamed[group], BLANK, group), [group_names[key] for key in keys])
    names = {v.code: v for v in villages}
    addresses = [
        setting["address"].format(township=names[code].township_name, village=names[code].name, group=group_names[code, number])
        for code, number in keys
    ]
    result["address"] = coded(group, addresses)
    if setting.get("groups"):
        result["natural_village"] = coded(*_hamlets(county, len(keys), group))
    result["household_no"] = placed.number
    heads = np.flatnonzero(np.r_[True, hh[1:] != hh[:-1]]) if len(hh) else hh
    result["household_phone"] = columns["phone"].take(pa.array(heads))
    rng = county.rng(47, stream)
    has = placed.registered | (placed.monitoring >= 0) | (rng.random(n) < 0.82)  # subsidies are paid to an account
    words, account = setting["banks"], setting["account"]
    result["bank"] = coded(np.where(has, choose(rng, n, words), BLANK), list(words))
    digits = int(account["digits"])
    dealt = (np.arange(n, dtype=np.int64) + people.first_ordinal) * 982_451_653 % 10**10 * 10 ** (digits - 10) + rng.integers(
        0, 10 ** (digits - 10), n
    )
    number = joined(account["prefix"], padded(dealt, digits))
    result["account"] = number.take(pa.array(np.arange(n), mask=~has))
    return result


def _hamlets(county: _County, count: int, group: Ints) -> tuple[Ints, list[str]]:
    """The hamlet of each household, by its group, where the village keeps hamlets: about half of the groups do."""
    words = county.setting["groups"]
    pool = [first + second for first in words["first"] for second in words["second"]]
    rng = county.rng(59)
    named = np.where(rng.random(count) < 0.5, rng.integers(0, len(pool), count), BLANK)
    return named[group], pool


def _membership(
    county: _County, placed: _Placed, skeleton: Skeleton, births: Ints, homes: home.Homes, columns: dict[str, Any], stream: int
) -> None:
    """When people joined the household's record, and the books and certificates they stand in. Adds to `columns`."""
    rng, setting, hh = county.rng(53, stream), county.setting, skeleton.household
    n, persons = len(placed.village), len(hh)
    listed = placed.registered[hh]
    months = births.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    born = (months // 12 + 1970) * 100 + months % 12 + 1
    began = np.asarray(homes.columns["first_identified"].fill_null(0))[hh]
    later = listed & (skeleton.relation == RELATION["daughter_in_law"]) & (rng.random(persons) < 0.25)
    married = np.maximum(began, 201600 + 100 * rng.integers(0, 4, persons) + rng.integers(1, 13, persons))
    since = np.where(later, married, np.maximum(began, born))
    columns["member_since"] = whole(since, listed)
    reason = np.select([listed & (born > began), later & (married > began)], [0, 1], BLANK)
    columns["change_reason"] = coded(reason, ("birth", "marriage_in"))
    ordinal = STORY_ORDINAL if stream else 0
    # Where the young family has a book of its own, one household has two: the unit of the register is the household.
    young = np.isin(skeleton.relation, [RELATION[w] for w in ("daughter_in_law", "grandson", "granddaughter")])
    has_young = np.bincount(hh[young], minlength=n) > 0
    two = has_young & (rng.random(n) < 0.05)
    eldest = _eldest_sons(skeleton)
    second = two[hh] & (young | eldest)
    book, card = setting["hukou_book"], setting["allowance_no"]
    columns["hukou_book"] = joined(book["prefix"], padded((hh + ordinal) * 2 + second, int(book["digits"])))
    allowed = np.flatnonzero(placed.allowance)
    running = np.zeros(n, np.int64)
    running[allowed] = np.arange(len(allowed)) + 1
    number = joined(card["prefix"], padded(running[hh] + ordinal, int(card["digits"])))
    columns["allowance_no"] = number.take(pa.array(np.arange(persons), mask=~placed.allowance[hh]))


def _resettled(residence: Any, place: Any, hh: Ints) -> Any:
    """Where people live once those who were relocated live in their new homes: at the county seat or in the township."""
    live = np.array(residence.indices)
    moved = np.asarray(place.indices.fill_null(BLANK))[hh]
    for word, where in (("county_seat", "in_county"), ("township", "in_township")):
        live[(live == RESIDENCES.index("here")) & (moved == place.dictionary.to_pylist().index(word))] = RESIDENCES.index(where)
    return coded(live, RESIDENCES)


def _eldest_sons(skeleton: Skeleton) -> Bools:
    """The first son of each household that has a daughter-in-law or grandchildren: the one who has married."""
    sons = np.flatnonzero(skeleton.relation == RELATION["son"])
    first = np.zeros(len(skeleton.household), bool)
    _, at = np.unique(skeleton.household[sons], return_index=True)
    first[sons[at]] = True
    return first


def _merged(parts: list[dict[str, Any]]) -> Any:
    """One table of all parts in its row order: township, village, group, household number, head first.

    Column by column, and each taken out of its part, so that the county is never in memory twice.
    """

    def joint(key: str) -> Any:
        column = pa.chunked_array([part.pop(key) for part in parts])
        column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
        return column.combine_chunks()

    keys = ("_village", "_group", "household_no", "_seat")
    found = {key: joint(key) for key in keys}
    order = pc.sort_indices(pa.table(found), sort_keys=[(key, "ascending") for key in keys])
    parts[0]["household_no"] = found["household_no"]
    for part in parts[1:]:
        part["household_no"] = found["household_no"].slice(0, 0)
    return pa.table({key: joint(key).take(order) for key in _fields()})


def _village_index(county: _County) -> dict[str, int]:
    return {v.code: place for place, v in enumerate(county.villages)}


def _number(setting: Setting, codes: Any, serials: Any) -> Any:
    """Household numbers by the setting's pattern, which has `{village}` and `{serial}`."""
    before, between, after = _split(setting["household_no"])
    return joined(*(part for part in (before, codes, between, serials, after) if not isinstance(part, str) or part))


def _split(pattern: str) -> tuple[str, str, str]:
    before, rest = pattern.split("{village}")
    between, after = rest.split("{serial}")
    return before, between, after


def _typed(column: Any, kind: str, rows: int) -> Any:
    """The column in the type of its field; nulls where nothing fills it."""
    wanted = _TYPES[kind]
    if column is None:
        return pa.nulls(rows, wanted)
    if pa.types.is_dictionary(column.type):
        return column if kind in ("code", "codes", "text") else column.dictionary_decode()
    return column if column.type == wanted or kind in ("code", "codes") else column.cast(wanted)


def _fields(level: str | None = None) -> dict[str, str]:
    """Key and type of every field of the register, or of one level, in the order of its file."""
    raw = yaml.safe_load((resources.files("bangfu.register") / "fields.yaml").read_text(encoding="utf-8"))
    return {key: spec["type"] for key, spec in raw.items() if level in (None, spec["level"])}
