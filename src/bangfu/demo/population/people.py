"""What is known of each person: schooling, health, capacity to work, work, insurance, where they live.

Each function takes and returns whole columns. Facts hang together as they do in a real register: whoever is in school has
no finished education, whoever works has the capacity for it, whoever is covered is covered once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from bangfu.demo.population.draws import BLANK, Bools, Ints, Rng, ages_on, choose, coded, flags, joined, padded, whole
from bangfu.demo.population.setting import Setting

STAGES = (
    "preschool_age", "kindergarten", "primary", "grade_7", "grade_8", "grade_9", "senior_1", "senior_2", "senior_3", "vocational_1",
    "vocational_2", "vocational_3", "college_1", "college_2", "college_3", "degree_1", "degree_2", "degree_3", "degree_4",
)  # fmt: skip
STATUSES = (
    "enrolled", "special_school", "home_teaching", "medical_leave", "deferred", "not_of_age", "finished", "dropped_out", "never_enrolled",
)  # fmt: skip
EDUCATIONS = ("illiterate", "primary", "junior", "senior", "college", "degree")
HEALTH = ("healthy", "chronic", "serious", "disabled", "chronic;disabled", "serious;disabled", "chronic;serious")
LABOURS = ("ordinary", "skilled", "weak", "lost", "none")
PLACES = ("in_township", "in_county", "in_province", "other_province", "abroad")
RESIDENCES = ("here", "in_township", "in_county", "in_province", "other_province", "abroad")
CHANNELS = ("own", "organised", "workshop", "public_post", "enterprise", "self_employed", "casual")
POSTS = ("forest_ranger", "cleaner", "road_keeper", "river_keeper", "carer", "other")
DISABILITIES = ("sight", "hearing", "speech", "physical", "intellectual", "mental", "multiple")
GRADES = ("grade_1", "grade_2", "grade_3", "grade_4")


@dataclass(slots=True)
class People:
    """The persons being described, and what later steps ask about them. Shapes: all (persons,).

    `registered`, `monitored`, `absent`, `allowance`, `extreme` say of what kind the person's household is; `township` is the
    place of the township in the list of townships, `identity` the Arrow column of identity numbers; telephone and account
    numbers are dealt from `first_ordinal` on, so that two runs do not deal the same.
    """

    births: Ints
    male: Bools
    household: Ints
    relation: Ints
    registered: Bools
    monitored: Bools
    absent: Bools
    allowance: Bools
    extreme: Bools
    township: Ints
    identity: Any
    first_ordinal: int = 0
    age: Ints = field(init=False)
    student: Bools = field(init=False)
    labour: Ints = field(init=False)
    ill: Bools = field(init=False)
    disabled: Bools = field(init=False)
    disability_grade: Ints = field(init=False)
    work_place: Ints = field(init=False)
    work_months: Ints = field(init=False)
    columns: dict[str, Any] = field(default_factory=dict)


def describe(rng: Rng, setting: Setting, people: People, townships: list[str]) -> None:
    """Fill every person column of `people`."""
    people.age = ages_on(people.births, setting.data_date)
    _school(rng, setting, people, townships)
    _health(rng, people)
    _labour(rng, people)
    _work(rng, setting, people)
    _insurance(rng, setting, people)
    _rest(rng, setting, people)


def _school(rng: Rng, setting: Setting, people: People, townships: list[str]) -> None:
    day = setting.data_date
    # School age is counted on the last day of August of the running school year.
    opening = date(day.year if day.month >= 9 else day.year - 1, 8, 31)
    n = len(people.births)
    age = ages_on(people.births, opening)
    late = (rng.random(n) < 0.06) & (age >= 7) & (age <= 20)
    year = age - late  # a child who began a year later sits a class below
    stage = np.full(n, BLANK)
    status = np.full(n, BLANK)
    draw = rng.random(n)
    stage[age < 3] = 0
    stage[(age >= 3) & (age < 6)] = np.where(draw[(age >= 3) & (age < 6)] < 0.87, 1, 0)
    status[age < 6] = STATUSES.index("not_of_age")
    primary = (year >= 6) & (year <= 11) | ((age >= 6) & (year < 6))
    stage[primary] = 2
    for offset in range(3):
        stage[year == 12 + offset] = 3 + offset
    track = choose(rng, n, [0.50, 0.32, 0.18])
    for offset in range(3):
        here = year == 15 + offset
        stage[here] = np.select([track[here] == 0, track[here] == 1], [6 + offset, 9 + offset], BLANK)
        high = choose(rng, n, [0.25, 0.15, 0.60])
        here = year == 18 + offset
        stage[here] = np.select([high[here] == 0, high[here] == 1], [12 + offset, 15 + offset], BLANK)
    stage[(year == 21) & (draw < 0.15)] = STAGES.index("degree_4")
    in_school = stage >= 2
    status[in_school] = STATUSES.index("enrolled")
    compulsory = (stage >= 2) & (stage <= 5)
    # The few who are not simply at school: about one child in three thousand has left it.
    for name, share in (("home_teaching", 0.0022), ("special_school", 0.0014), ("medical_leave", 0.0008), ("deferred", 0.0002)):
        status[compulsory & (rng.random(n) < share)] = STATUSES.index(name)
    left = compulsory & (age >= 11) & ~people.registered & (rng.random(n) < 0.0009)
    never = compulsory & ~left & (year <= 8) & (rng.random(n) < 0.00006) & ~people.registered
    status[left], status[never] = STATUSES.index("dropped_out"), STATUSES.index("never_enrolled")
    # Of children who live elsewhere with their parents nobody has always asked.
    unasked = compulsory & (status == 0) & ~people.registered & (rng.random(n) < 0.006)
    status[unasked] = BLANK
    out = left | never
    people.student = in_school & ~out
    grown = (age >= 15) & (age <= 24) & ~in_school
    status[grown] = STATUSES.index("finished")
    educated = np.where(people.student | (stage >= 0), BLANK, _education(rng, people))
    educated[out] = EDUCATIONS.index("primary")
    stage[out] = BLANK
    reason = np.full(n, BLANK)
    reason[left] = choose(rng, int(left.sum()), [1, 1, 7, 1])
    asked = (age >= 6) & (age <= 24)
    finished = (year >= 15) & ~compulsory
    columns = people.columns
    columns["education"] = coded(educated, EDUCATIONS)
    columns["school_stage"] = coded(stage, STAGES)
    columns["school_status"] = coded(status, STATUSES)
    columns["finished_grade_nine"] = flags(finished, asked)
    columns["dropout_reason"] = coded(reason, ("illness", "disability", "dislike", "other"))
    columns["school_name"] = _school_names(rng, setting, people, stage, status, townships)


def _education(rng: Rng, people: People) -> Ints:
    born = people.births // 365.2425 + 1970
    result = np.zeros(len(born), np.int64)
    cohorts = (
        (1944, (0.50, 0.42, 0.07, 0.01, 0.0, 0.0)),
        (1959, (0.20, 0.58, 0.19, 0.03, 0.0, 0.0)),
        (1974, (0.06, 0.46, 0.40, 0.06, 0.015, 0.005)),
        (1989, (0.015, 0.22, 0.59, 0.11, 0.045, 0.02)),
        (9999, (0.004, 0.05, 0.51, 0.24, 0.125, 0.071)),
    )
    low = -9999
    for until, shares in cohorts:
        here = np.flatnonzero((born > low) & (born <= until))
        result[here] = choose(rng, len(here), shares)
        low = until
    # In the older generations girls were sent to school less.
    result[(born < 1960) & ~people.male & (rng.random(len(born)) < 0.25)] = 0
    # Nobody of school-leaving age has a degree yet.
    young = people.age <= 20
    result[young] = np.minimum(result[young], EDUCATIONS.index("senior"))
    result[people.age <= 17] = np.clip(result[people.age <= 17], 1, EDUCATIONS.index("junior"))
    return result


def _school_names(rng: Rng, setting: Setting, people: People, stage: Ints, status: Ints, townships: list[str]) -> Any:
    words = setting["schools"]
    count = len(townships)
    names = [words["primary"].format(township=t) for t in townships] + [words["junior"].format(township=t) for t in townships]
    senior, vocational = len(names), len(names) + len(words["senior"])
    names += [*words["senior"], *words["vocational"], words["special"]]
    n = len(stage)
    index = np.full(n, BLANK)
    index[stage == 2] = people.township[stage == 2]
    lower = (stage >= 3) & (stage <= 5)
    index[lower] = count + people.township[lower]
    index = np.where((stage >= 6) & (stage <= 8), senior + choose(rng, n, words["senior"]), index)
    index = np.where((stage >= 9) & (stage <= 11), vocational + choose(rng, n, words["vocational"]), index)
    index[status == STATUSES.index("special_school")] = len(names) - 1
    index[status == BLANK] = BLANK
    return coded(index, names)


def _health(rng: Rng, people: People) -> None:
    n, age = len(people.age), people.age
    burden = np.where(people.registered, 2.1, 1.0) * np.where(people.monitored, 1.8, 1.0)
    chronic = rng.random(n) < np.select([age < 15, age < 40, age < 60], [0.003, 0.012, 0.065], 0.20) * np.sqrt(burden)
    serious = rng.random(n) < np.select([age < 15, age < 40, age < 60], [0.0008, 0.002, 0.008], 0.018) * burden
    disabled = rng.random(n) < np.select([age < 15, age < 40, age < 60], [0.006, 0.013, 0.024], 0.042) * burden
    leave = np.asarray(people.columns["school_status"].indices.fill_null(BLANK))
    serious |= leave == STATUSES.index("medical_leave")
    disabled |= np.isin(leave, [STATUSES.index("home_teaching"), STATUSES.index("special_school")])
    word = np.select(
        [serious & disabled, chronic & disabled, chronic & serious, disabled, serious, chronic],
        [HEALTH.index(w) for w in ("serious;disabled", "chronic;disabled", "chronic;serious", "disabled", "serious", "chronic")],
        0,
    )
    kind = choose(rng, n, [0.11, 0.14, 0.03, 0.48, 0.10, 0.10, 0.04])
    grade = choose(rng, n, [0.14, 0.24, 0.28, 0.34])
    home = leave == STATUSES.index("home_teaching")
    grade[home] = np.minimum(grade[home], 1)
    people.ill, people.disabled = chronic | serious, disabled
    people.disability_grade = np.where(disabled, grade, BLANK)
    columns = people.columns
    columns["health"] = coded(word, HEALTH)
    columns["disability_type"] = coded(np.where(disabled, kind, BLANK), DISABILITIES)
    columns["disability_grade"] = coded(people.disability_grade, GRADES)
    number = joined(people.identity, padded(kind + 1, 1), padded(grade + 1, 1))
    columns["disability_certificate"] = _only(number, disabled & (rng.random(n) < 0.97))


def _labour(rng: Rng, people: People) -> None:
    n, age = len(people.age), people.age
    draw = rng.random(n)
    young = np.select([age < 16, people.student], [4, 4], np.where(draw < 0.07, 1, 0))
    older = np.select([draw < 0.30, draw < 0.86], [0, 2], 3)
    old = np.select([draw < 0.30], [2], 3)
    labour = np.select([age < 60, age < 70, age < 80], [young, older, old], np.where(draw < 0.6, 3, 4))
    able = labour <= 2
    labour[able & people.disabled & (people.disability_grade <= 1)] = 3
    labour[able & people.disabled & (people.disability_grade >= 2)] = 2
    health = np.asarray(people.columns["health"].indices)
    serious = np.isin(health, [HEALTH.index("serious"), HEALTH.index("serious;disabled"), HEALTH.index("chronic;serious")])
    labour[(labour <= 2) & serious] = np.where(draw[(labour <= 2) & serious] < 0.7, 3, 2)
    weak = (labour <= 1) & (health == 1) & (draw < 0.55)
    labour[weak] = 2
    # Households on extreme-poverty support have nobody of working capacity.
    labour[people.extreme & (labour <= 2)] = 3
    people.labour = labour
    people.columns["labour"] = coded(labour, LABOURS)


def _work(rng: Rng, setting: Setting, people: People) -> None:
    n, age = len(people.age), people.age
    able = (people.labour <= 2) & (age >= 16) & (age < 70) & ~people.student
    chance = np.select([age < 30, age < 46, age < 60], [0.80, 0.74, 0.46], 0.13) * np.where(people.male, 1.0, 0.80)
    chance *= np.select([people.labour <= 1], [1.0], 0.45)
    works = able & (rng.random(n) < np.where(people.absent, 1.0, chance))
    shares = {"young": (0.06, 0.12, 0.13, 0.688, 0.002), "old": (0.22, 0.24, 0.12, 0.42, 0.0)}
    place = np.where(age < 46, choose(rng, n, shares["young"]), choose(rng, n, shares["old"]))
    place[people.labour == 2] = np.minimum(place[people.labour == 2], 1)
    place[people.absent] = np.where(rng.random(n)[people.absent] < 0.8, 3, 2)
    # Public posts are for those of the registered who cannot leave the village.
    post = people.registered & able & (age >= 40) & (age < 65) & (rng.random(n) < 0.16)
    works |= post
    place[post] = 0
    months = np.select([place >= 3, place == 2], [choose(rng, n, [1, 1, 2, 3, 4, 8, 6, 3]) + 5, choose(rng, n, [1, 2, 3, 4, 5, 6, 4]) + 5],
                       choose(rng, n, [1, 2, 4, 5, 5, 5, 4, 4, 3, 2, 2]) + 2)  # fmt: skip
    months[post] = 12
    months = np.clip(months, 1, 12)
    people.work_place = np.where(works, place, BLANK)
    people.work_months = np.where(works, months, 0)
    columns = people.columns
    columns["work_place"] = coded(people.work_place, PLACES)
    columns["work_months"] = whole(people.work_months, works)
    region, regions = _regions(rng, setting, people.work_place)
    columns["work_region"] = coded(region, regions)
    employers = [*setting["employers"], *setting["local_employers"]]
    employer = np.where(
        place >= 2, choose(rng, n, setting["employers"]), len(setting["employers"]) + choose(rng, n, setting["local_employers"])
    )
    named = works & ~post & (rng.random(n) < np.where(people.registered, 0.75, 0.12))
    columns["employer"] = coded(np.where(named, employer, BLANK), employers)
    far = choose(rng, n, [0.90, 0.05, 0.0, 0.0, 0.04, 0.01, 0.0])
    near = choose(rng, n, [0.16, 0.0, 0.06, 0.0, 0.22, 0.10, 0.46])
    channel = np.where(post, CHANNELS.index("public_post"), np.where(place >= 2, far, near))
    columns["work_channel"] = coded(np.where(works, channel, BLANK), CHANNELS)
    kinds = choose(rng, n, [0.42, 0.30, 0.12, 0.05, 0.06, 0.05])
    columns["post_type"] = coded(np.where(post, kinds, BLANK), POSTS)
    columns["post_months"] = whole(months, post)
    education = np.asarray(columns["education"].indices.fill_null(BLANK))
    graduate = (education >= EDUCATIONS.index("college")) & (age >= 21) & (age <= 23) & ~works & (rng.random(n) < 0.6)
    columns["graduate_reason"] = coded(
        np.where(graduate, choose(rng, n, [6, 3, 0.5, 0.5]), BLANK), ("seeking", "further_study", "illness", "other")
    )
    _residence(rng, setting, people, region, regions)


def _regions(rng: Rng, setting: Setting, place: Ints) -> tuple[Ints, list[str]]:
    """A place name for each far place of work, and the list that it indexes."""
    names: list[str] = []
    region = np.full(len(place), BLANK)
    for key in ("in_county", "in_province", "other_province"):
        words = setting["places"].get(key, {})
        if words:
            here = np.flatnonzero(place == PLACES.index(key))
            region[here] = len(names) + choose(rng, len(here), words)
            names += list(words)
    return region, names


def _residence(rng: Rng, setting: Setting, people: People, region: Ints, regions: list[str]) -> None:
    n = len(people.age)
    away = people.work_months >= 6
    live = np.where(away & (people.work_place >= 1), people.work_place + 1, 0)
    where = np.where(away & (people.work_place >= 1), region, BLANK)
    # Children whose parents all work far away: one in four goes with them.
    adults_away = np.zeros(int(people.household.max()) + 1 if n else 0, bool)
    leaders = (people.relation <= 1) & (people.work_place >= 2) & away
    adults_away[people.household[leaders]] = True
    guide = np.full(len(adults_away), BLANK)
    guide[people.household[leaders]] = np.flatnonzero(leaders)
    follow = (people.age < 15) & adults_away[people.household] & (rng.random(n) < 0.25)
    # Of a family that is away as a whole everybody lives where one of them works.
    absent_guide = np.full(len(adults_away), BLANK)
    workers = people.absent & (people.work_place >= 2)
    absent_guide[people.household[workers]] = np.flatnonzero(workers)
    whose = np.where(people.absent, absent_guide[people.household], guide[people.household]) if n else guide
    follow = np.where(people.absent, True, follow) & (whose >= 0)
    live[follow] = people.work_place[whose[follow]] + 1
    where[follow] = region[whose[follow]]
    lost = people.absent & ~follow  # away without a worker: with relatives in another province
    live[lost] = RESIDENCES.index("other_province")
    college = people.student & (people.age >= 18) & ~follow
    live[college] = np.where(rng.random(n)[college] < 0.7, 3, 4)
    people.columns["residence"] = coded(live, RESIDENCES)
    people.columns["residence_region"] = coded(where, regions)


def _insurance(rng: Rng, setting: Setting, people: People) -> None:
    n, age = len(people.age), people.age
    adult = (age >= 18) & (age < 60)
    day = (setting.data_date - date(1970, 1, 1)).days
    newborn = people.births > day - 85  # inside the time that is given to register a newborn
    soldier = people.male & (age >= 18) & (age <= 24) & (people.work_place < 0) & ~people.student & ~people.ill & ~people.disabled
    soldier &= rng.random(n) < 0.06
    employee = adult & (people.work_place >= 1) & (rng.random(n) < 0.055)
    elsewhere = ~employee & (people.work_place >= 2) & (rng.random(n) < 0.012)
    draw = rng.random(n)
    uncovered = ~people.registered & (draw < 0.027)
    unasked = ~people.registered & (draw > 0.9965)
    resident = ~employee & ~elsewhere & ~soldier & ~uncovered
    # Some newborns of ordinary households are not insured yet; of the registered every one is.
    grace = newborn & ~people.registered & (rng.random(n) < 0.4)
    resident[grace] = False
    employee &= ~soldier & ~grace & ~uncovered
    elsewhere &= ~soldier & ~uncovered
    known = ~unasked | soldier
    columns = people.columns
    columns["soldier"] = flags(soldier)
    columns["resident_medical"] = flags(resident, known)
    columns["employee_medical"] = flags(employee, known)
    columns["insured_elsewhere"] = flags(elsewhere, known)
    columns["critical_illness"] = flags(resident | employee, known)
    columns["commercial_medical"] = flags(rng.random(n) < 0.02, known & people.registered)
    columns["medical_assistance"] = flags(
        people.ill & (people.registered | people.allowance), people.registered | people.monitored
    )
    columns["treatment_available"] = flags(np.ones(n, bool), people.registered | people.monitored | (rng.random(n) < 0.35))
    pension = (age >= 16) & ~people.student & (rng.random(n) < 0.88)
    employee_pension = employee & (rng.random(n) < 0.9)
    columns["resident_pension"] = flags(pension & ~employee_pension, age >= 16)
    columns["employee_pension"] = flags(employee_pension, age >= 16)
    columns["accident_insurance"] = flags(rng.random(n) < 0.4, people.registered)


def _rest(rng: Rng, setting: Setting, people: People) -> None:
    n, age = len(people.age), people.age
    columns = people.columns
    if setting.get("ethnic"):
        groups = list(setting["ethnic"])
        # One people to a household, mostly: three quarters of the members share the household's.
        shared = choose(rng, int(people.household.max()) + 1 if n else 0, setting["ethnic"])
        drawn = np.where(rng.random(n) < 0.85, shared[people.household], choose(rng, n, setting["ethnic"]))
        columns["ethnic"] = coded(drawn, groups)
    if setting.get("politics"):
        member = (age >= 24) & (rng.random(n) < np.where(people.male, 0.05, 0.012))
        league = (age >= 14) & (age < 28) & (rng.random(n) < 0.24)
        columns["politics"] = coded(np.select([member, league], [0, 1], 2), ("party_member", "youth_league", "masses"))
    words = setting["phone"]
    digits = int(words["digits"])
    # Numbers are dealt, not drawn, so that no two people share one: a walk through all numbers by a step without common factor.
    ordinal = ((np.arange(n) + people.first_ordinal) * 7_368_787 + 1_234_567) % 10**digits
    has = (age >= 14) & (rng.random(n) < np.select([age < 18, age < 65], [0.35, 0.97], 0.72)) | (people.work_place >= 0)
    columns["phone"] = _only(joined(words["prefix"], padded(ordinal, digits)), has)
    columns["mandarin"] = flags(rng.random(n) < np.select([age < 50, age < 70], [0.985, 0.90], 0.70), age >= 6)
    asked = people.registered | people.monitored
    columns["undernourished"] = flags(rng.random(n) < 0.012, asked & (age < 6))
    columns["public_salary"] = flags(rng.random(n) < 0.0006, asked & (age >= 18) & (age < 60))


def _only(texts: Any, known: Bools) -> Any:
    """The texts where `known`, null elsewhere."""
    return texts.take(pa.array(np.arange(len(known)), mask=~known))
