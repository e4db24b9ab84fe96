"""The generator: exact figures, consistent families, possible people, impossible numbers."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml

from bangfu.demo.population import DATA, Population, generate, groups, read_facts, read_setting, read_villages
from bangfu.demo.population.draws import ages_on, exact_sizes, exactly
from bangfu.demo.population.families import RELATIONS, SIZE_SHARES, TEMPLATES
from bangfu.demo.population.identity import check_characters, slots
from bangfu.demo.population.places import largest_remainder

SCALES = [0.01, pytest.param(1.0, marks=pytest.mark.full)]
MALE = {"son", "son_in_law", "grandson", "daughters_son", "father", "wifes_father", "husbands_father", "nephew", "uncle"}
FEMALE = {
    "daughter", "daughter_in_law", "granddaughter", "daughters_daughter", "mother", "wifes_mother", "husbands_mother", "niece",
    "brothers_wife", "grandmother",
}  # fmt: skip
MONEY = (
    "income_wage", "income_production", "income_property", "income_family_planning", "income_allowance", "income_extreme_poverty",
    "income_pension", "income_ecology", "income_other_transfer",
)  # fmt: skip


@pytest.fixture(scope="module", params=SCALES)
def population(request) -> Population:
    return generate(read_villages(), scale=request.param, seed=7)


@pytest.fixture(scope="module")
def scale(population) -> float:
    return 1.0 if population.persons > 100_000 else 0.01


@pytest.fixture(scope="module")
def column(population):
    """A column as a numpy array of objects; codes as their keys."""
    kept: dict[str, np.ndarray] = {}

    def read(key: str) -> np.ndarray:
        if key not in kept:
            kept[key] = np.array(population.table[key].to_pylist(), dtype=object)
        return kept[key]

    return read


@pytest.fixture(scope="module")
def heads(population) -> np.ndarray:
    return np.flatnonzero(np.asarray(pc.equal(population.table["relation"], "head")))


@pytest.fixture(scope="module")
def household(population, heads) -> np.ndarray:
    """The place of each person's household."""
    return np.searchsorted(heads, np.arange(population.persons), side="right") - 1


# --- figures -----------------------------------------------------------------------------------------------------


def test_households_and_persons_are_those_of_the_facts(population, scale):
    facts, setting = read_facts(), read_setting()
    absent = max(round(setting["absent_households"] * scale), 1)
    assert population.households == round(facts["visited_households"] * scale) + absent
    true = setting["population"]
    assert population.persons == round(true["persons"] * population.households / true["households"])


@pytest.mark.full
def test_the_true_county_has_its_figures():
    made = generate(read_villages())
    table = made.table
    registered = table.filter(pc.equal(table["household_kind"], "registered"))
    moved = table.filter(pc.equal(table["relocated"], True))
    assert (made.households, made.persons) == (126_201 + 36, 565_201)
    assert registered.num_rows == 44_417
    assert (moved.num_rows, len(pc.unique(moved["household_no"]))) == (8_984, 2_058)
    repaired = table.filter(pc.is_in(table["house_repair"].cast(pa.string()), value_set=pa.array(["completed", "accepted"])))
    assert len(pc.unique(repaired["household_no"])) == 17_987
    assert len(made.poor_villages) == 46
    assert len(pc.unique(table["village_code"].cast(pa.string()))) == 119


def test_registered_persons_and_relocations(population, column, heads, scale):
    facts = read_facts()
    registered = column("household_kind") == "registered"
    assert registered.sum() == round(facts["registered_poor_persons_exited"] * scale)
    moved = column("relocated") == True  # noqa: E712
    assert moved.sum() == round(facts["relocated_persons"] * scale)
    assert moved[heads].sum() == round(facts["relocated_households"] * scale)
    assert not (moved & ~registered).any()
    repaired = np.isin(column("house_repair")[heads], ["completed", "accepted"])
    assert repaired.sum() == round(facts["dangerous_houses_renovated"] * scale)


def test_nobody_registered_remains_in_poverty(column):
    registered = column("household_kind") == "registered"
    states, years = column("exit_state"), column("exit_year")
    assert set(states[registered]) == {"earlier_exited", "newly_exited"}
    assert set(years[registered]) <= set(range(2014, 2020))
    assert ((years[registered] == 2019) == (states[registered] == "newly_exited")).all()
    assert all(value is None for value in states[~registered])
    began = column("first_identified")[registered]
    assert all(start // 100 <= end for start, end in zip(began, years[registered], strict=True))


def test_every_registered_person_is_covered_exactly_once(column):
    registered = column("household_kind") == "registered"
    ways = [column(key)[registered] == True for key in ("resident_medical", "employee_medical", "insured_elsewhere", "soldier")]  # noqa: E712
    assert (sum(way.astype(int) for way in ways) == 1).all()
    ordinary = [column(key)[~registered] == True for key in ("resident_medical", "employee_medical", "insured_elsewhere")]  # noqa: E712
    share = np.any(ordinary, axis=0).mean()
    assert 0.955 < share < 0.985
    assert np.sum(ordinary, axis=0).max() == 1


def test_every_village_has_households_and_poor_villages_hold_more_of_the_registered(population, column, heads):
    villages = column("village_code")[heads]
    assert set(villages) == {village.code for village in population.villages}
    registered = column("household_kind")[heads] == "registered"
    poor = np.isin(villages, list(population.poor_villages))
    assert registered[poor].mean() > 2.0 * registered[~poor].mean()
    assert len(population.poor_villages) == read_facts()["poor_villages"]


def test_rows_are_sorted_with_the_head_first(population, column, heads, household):
    order = {group: number for number, group in enumerate((g.village_code, g.name) for g in population.groups)}
    keys = [
        (v[:9], v, order[v, g], h)
        for v, g, h in zip(column("village_code"), column("group"), column("household_no"), strict=True)
    ]
    assert keys == sorted(keys)
    starts = np.flatnonzero(np.r_[True, column("household_no")[1:] != column("household_no")[:-1]])
    assert (starts == heads).all()
    assert len(set(column("household_no")[heads])) == len(heads)


def test_household_columns_are_the_same_on_every_members_row(population, household):
    fields = yaml.safe_load((DATA.parents[1] / "register" / "fields.yaml").read_text("utf-8"))
    first = np.flatnonzero(np.r_[True, household[1:] != household[:-1]])[household]
    for key, spec in fields.items():
        if spec["level"] == "household":
            whole = population.table[key].combine_chunks()
            assert whole.equals(whole.take(pa.array(first))), key


def test_the_table_has_the_fields_of_the_register_and_only_their_codes(population):
    room = DATA.parents[1] / "register"
    fields = yaml.safe_load((room / "fields.yaml").read_text("utf-8"))
    codes = yaml.safe_load((room / "codes.yaml").read_text("utf-8"))
    assert population.table.schema.names == list(fields)
    for key, spec in fields.items():
        if "codes" in spec:
            used = {
                word
                for words in pc.unique(population.table[key].cast(pa.string())).to_pylist()
                if words
                for word in words.split(";")
            }
            assert used <= set(codes[spec["codes"]]), key
            if spec["type"] == "code":
                assert not any(";" in word for word in used)
        if "max" in spec or "min" in spec:
            low, high = pc.min_max(population.table[key]).as_py().values()
            assert low is None or (low >= spec["min"] if "min" in spec else True), key
            assert high is None or (high <= spec["max"] if "max" in spec else True), key


# --- families ----------------------------------------------------------------------------------------------------


def test_one_head_at_most_one_spouse_and_of_the_other_sex(column, heads, household):
    relation, sex = column("relation"), column("sex")
    assert (np.bincount(household[relation == "head"]) == 1).all()
    spouses = np.flatnonzero(relation == "spouse")
    assert len(set(household[spouses])) == len(spouses)
    assert (sex[spouses] != sex[heads[household[spouses]]]).all()


def test_relations_fit_the_sex(column):
    pairs = Counter(zip(column("relation"), column("sex"), strict=True))
    for relation in MALE:
        assert not pairs[relation, "female"], relation
    for relation in FEMALE:
        assert not pairs[relation, "male"], relation
    assert set(column("relation")) <= set(RELATIONS)


def test_parents_are_old_enough_and_not_too_old(column, heads, household):
    births = np.array([day.toordinal() for day in column("birth_date")]) / 365.25
    relation = column("relation")
    head = births[heads][household]
    for word in ("son", "daughter"):
        gap = births[relation == word] - head[relation == word]
        assert gap.min() > 17, word
    for word in ("father", "mother", "husbands_mother", "husbands_father"):
        gap = head[relation == word] - births[relation == word]
        assert gap.min() > 10, word  # a woman at the head may be older than her husband, whose parents they are
    # a grandchild was born to somebody: the son's generation lies between
    for word in ("grandson", "granddaughter"):
        assert (births[relation == word] - head[relation == word]).min() > 33


def test_ages_look_like_a_county_in_2019(column):
    ages = ages_on(np.array([(day - date(1970, 1, 1)).days for day in column("birth_date")]), date(2019, 12, 31))
    assert ages.min() == 0
    assert ages.max() < 106
    shares = {low: ((ages >= low) & (ages < high)).mean() for low, high in ((0, 15), (15, 60), (60, 200))}
    assert 0.17 < shares[0] < 0.27
    assert 0.56 < shares[15] < 0.68
    assert 0.12 < shares[60] < 0.20


def test_children_bear_their_fathers_name(population, column, heads, household):
    names, relation, sex = column("name"), column("relation"), column("sex")
    family = sorted(population.setting["names"]["family"], key=len, reverse=True)

    def surname(name: str) -> str:
        return next(word for word in family if name.startswith(word))

    sample = np.flatnonzero(np.isin(relation, ["son", "daughter", "father"]) & (sex[heads[household]] == "male"))[:4000]
    assert len(sample) > 500
    assert all(surname(names[row]) == surname(names[heads[household[row]]]) for row in sample)


def test_nobody_shares_a_name_within_a_household(column):
    pairs = Counter(zip(column("household_no"), column("name"), strict=True))
    assert max(pairs.values()) == 1


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.letters)
def test_templates_say_what_they_need(template):
    letters = template.letters
    assert letters[0] == "H"
    assert len(letters) <= len(SIZE_SHARES)
    assert letters.count("S") <= 1
    assert letters.count("D") + letters.count("W") <= 1
    for one, needs in (("D", "C"), ("W", "C"), ("g", "W"), ("O", "B"), ("A", "M"), ("f", "m"), ("m", "S")):
        assert one not in letters or needs in letters


# --- numbers -----------------------------------------------------------------------------------------------------


def test_identity_numbers_are_valid_in_form_and_impossible_in_fact(column):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    numbers = column("identity")
    assert len(set(numbers)) == len(numbers)
    for number, day, sex in zip(numbers, column("birth_date"), column("sex"), strict=True):
        assert len(number) == 18
        assert number.startswith("99")
        assert number[6:14] == day.strftime("%Y%m%d")
        assert (int(number[16]) % 2 == 1) == (sex == "male")
        assert number[17] == "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=False)) % 11]


def test_a_known_number_of_gb_11643():
    # The worked example of the standard's annex: 11010519491231002X.
    body = np.array([[int(digit) for digit in "11010519491231002"]])
    assert check_characters(body, read_setting()["identity"]).to_pylist() == ["X"]


def test_telephone_and_account_numbers_belong_to_nobody(column, heads):
    phones = [phone for phone in column("phone") if phone]
    assert all(len(phone) == 11 and phone.startswith("1007") for phone in phones)
    assert Counter(Counter(phones).values()).keys() <= {1, 2}
    assert sum(count == 2 for count in Counter(phones).values()) == 2  # the story of the duplicate
    accounts = [account for account in column("account")[heads] if account]
    assert all(len(account) == 19 and account.startswith("99") for account in accounts)
    assert len(set(accounts)) == len(accounts)
    banks = column("bank")[heads]
    assert all((bank is None) == (account is None) for bank, account in zip(banks, column("account")[heads], strict=True))


def test_too_many_people_on_one_birth_date_are_refused():
    with pytest.raises(ValueError, match="451 people"):
        slots(np.zeros(451, np.int64), np.ones(451, bool), np.arange(451))
    dealt = slots(np.zeros(900, np.int64), np.arange(900) % 2 == 0, np.arange(900)[::-1])
    assert len({(slot, place % 2) for place, slot in enumerate(dealt)}) == 900


# --- what is known of people and households ----------------------------------------------------------------------


def test_education_or_school_but_not_both(column):
    education, stage, status = column("education"), column("school_stage"), column("school_status")
    both = [one is not None and other is not None for one, other in zip(education, stage, strict=True)]
    neither = [one is None and other is None for one, other in zip(education, stage, strict=True)]
    assert not any(both)
    assert not any(neither)
    ages = ages_on(np.array([(day - date(1970, 1, 1)).days for day in column("birth_date")]), date(2019, 8, 31))
    primary = ages[stage == "primary"]
    assert (primary.min(), primary.max()) == (6, 12)
    assert set(status[(ages >= 7) & (ages < 14)]) <= {
        "enrolled", "special_school", "home_teaching", "medical_leave", "deferred", "dropped_out", "never_enrolled", None,
    }  # fmt: skip
    left = np.isin(status, ["dropped_out", "never_enrolled"])
    assert left.any()
    assert ((status == "dropped_out") == (column("dropout_reason") != None)).all()  # noqa: E711
    assert 1 / 9000 < left.sum() / ((ages >= 6) & (ages < 15)).sum() < 1 / 700


def test_health_disability_and_labour_agree(column):
    health, kind, grade, labour = (column(key) for key in ("health", "disability_type", "disability_grade", "labour"))
    disabled = np.array(["disabled" in word.split(";") for word in health])
    assert ((kind != None) == disabled).all()  # noqa: E711
    assert ((grade != None) == disabled).all()  # noqa: E711
    certificates = column("disability_certificate")
    codes = {"sight": 1, "hearing": 2, "speech": 3, "physical": 4, "intellectual": 5, "mental": 6, "multiple": 7}
    for row in np.flatnonzero(certificates != None):  # noqa: E711
        assert certificates[row] == f"{column('identity')[row]}{codes[kind[row]]}{grade[row][-1]}"
    student = (column("school_status") == "enrolled") | (column("school_status") == "special_school")
    assert set(labour[student]) == {"none"}
    working = column("work_place") != None  # noqa: E711
    assert not set(labour[working]) & {"none", "lost"}
    assert all(
        (months is not None and 1 <= months <= 12) == worker
        for months, worker in zip(column("work_months"), working, strict=True)
    )


def test_two_in_five_of_working_age_are_away(column):
    ages = ages_on(np.array([(day - date(1970, 1, 1)).days for day in column("birth_date")]), date(2019, 12, 31))
    adult = (ages >= 16) & (ages < 60)
    away = np.isin(column("work_place"), ["other_province", "in_province", "abroad"])
    assert 0.36 < away[adult].mean() < 0.46


def test_absent_families_are_away_as_a_whole(column, heads, household, scale):
    away = np.isin(column("residence"), ["other_province", "in_province", "abroad"])
    ordinary = column("household_kind") == "ordinary"
    whole = np.bincount(household, ~away, minlength=len(heads)) == 0
    assert whole[ordinary[heads]].sum() >= max(round(36 * scale), 1)


def test_only_some_households_have_an_income_sheet(population, column, heads):
    sheet = column("income_from")[heads] != None  # noqa: E711
    kinds = column("household_kind")[heads]
    told = np.isin(column("household_no")[heads], population.stories["grower"])
    assert (sheet == ((kinds != "ordinary") | told)).all()
    for key in (*MONEY, "production_cost"):
        assert ((column(key)[heads] != None) == sheet).all(), key  # noqa: E711


def test_incomes_stand_above_the_line_but_for_a_few(population, column, heads, household, scale):
    sizes = np.bincount(household)
    below = steady = 0
    for place in np.flatnonzero(column("income_from")[heads] != None):  # noqa: E711
        row = heads[place]
        net = (sum(column(key)[row] for key in MONEY) - column("production_cost")[row]) / int(sizes[place])
        below += net < 3747
        steady += net >= 4000
        if column("monitoring_kind")[row] and not (net < 3747):
            assert net < 3747 * 1.6
    assert below == max(round(population.setting["below_income_line"] * scale), 1)
    assert below + steady == (column("income_from")[heads] != None).sum()  # noqa: E711


def test_income_items_have_their_cause(column, heads, household):
    sheet = column("income_from")[heads] != None  # noqa: E711
    workers = np.bincount(household, column("work_place") != None, minlength=len(heads))  # noqa: E711
    for place in np.flatnonzero(sheet):
        row = heads[place]
        if column("relation")[row] != "head" or column("household_no")[row].endswith(("90001",)):
            continue
        assert (column("income_wage")[row] > 0) == (workers[place] > 0)
        assert column("production_cost")[row] <= column("income_production")[row]
        assert column("income_ecology")[row] == 0 or column("returned_forest_mu")[row] > 0
        assert (column("income_extreme_poverty")[row] > 0) == (column("poverty_attribute")[row] == "extreme_poverty")


def test_ordinary_houses_and_water_are_mostly_not_assessed(column, heads):
    ordinary = column("household_kind")[heads] == "ordinary"
    assert 0.55 < (column("house_grade")[heads][ordinary] == None).mean() < 0.85  # noqa: E711
    assert (column("house_grade")[heads][~ordinary] != None).all()  # noqa: E711
    assert 0.45 < (column("water_litres")[heads][ordinary] == None).mean() < 0.80  # noqa: E711
    graded = column("house_grade")[heads] != None  # noqa: E711
    assert (graded == (column("house_appraised_on")[heads] != None)).all()  # noqa: E711
    dangerous = np.isin(column("house_grade")[heads], ["C", "D"])
    assert set(column("house_repair")[heads][~dangerous & graded]) == {"none"}


def failing_water(column, heads) -> np.ndarray:
    def number(key: str) -> np.ndarray:
        return np.array([np.nan if value is None else float(value) for value in column(key)[heads]])

    with np.errstate(invalid="ignore"):
        return (
            (number("water_litres") < 35)
            | (column("water_quality")[heads] == "failed")
            | (number("water_distance_m") > 1000)
            | (number("water_climb_m") > 100)
            | (number("water_outage_days") > 36)
            | (number("water_dry_spell_days") > 30)
        )


def test_a_few_hundred_households_lack_an_indicator_of_water(population, column, heads, scale):
    failing = failing_water(column, heads)
    assert failing.sum() == max(round(population.setting["failing_water"] * scale), 1)
    assert ((column("water_declared_safe")[heads] == False) == failing).all()  # noqa: E712


def test_a_few_unsafe_houses_remain(population, column, heads, scale):
    unsafe = np.isin(column("house_grade")[heads], ["C", "D"]) & np.isin(column("house_repair")[heads], ["none", "under_way"])
    stories = 1  # the unsafe house of the story
    assert unsafe.sum() == max(round(population.setting["unsafe_houses"] * scale), 1) + stories


def test_causes_are_borne_out_by_the_members(column, heads, household):
    def members_with(flag: np.ndarray) -> np.ndarray:
        return np.bincount(household, flag, minlength=len(heads)) > 0

    health = column("health")
    ill = members_with(np.array([bool({"chronic", "serious"} & set(word.split(";"))) for word in health]))
    disabled = members_with(np.array(["disabled" in word for word in health]))
    main, other = column("main_cause")[heads], column("other_causes")[heads]
    for word, borne in (("illness", ill), ("disability", disabled)):
        assert borne[main == word].all()
        assert borne[other == word].all()
    assert not ((main == other) & (main != None)).any()  # noqa: E711


def test_allowance_certificates_and_books(column, heads, household):
    on = column("minimum_allowance") == True  # noqa: E712
    assert ((column("allowance_no") != None) == on).all()  # noqa: E711
    pairs = set(zip(household, column("hukou_book"), strict=True))
    assert set(Counter(place for place, _ in pairs).values()) == {1, 2}
    assert len(set(column("hukou_book"))) == len(pairs)  # no book is of two households


# --- machinery ---------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_county_and_another_does_not():
    villages = read_villages()
    one, same, other = (generate(villages, scale=0.003, seed=seed) for seed in (1, 1, 2))
    assert one.table.equals(same.table)
    assert one.persons == other.persons
    assert not one.table["name"].equals(other.table["name"])


def test_the_order_of_villages_does_not_matter():
    villages = read_villages()
    assert generate(villages, scale=0.003).table.equals(generate(villages[::-1], scale=0.003).table)


@pytest.mark.parametrize("scale", [0.0005, 0.002, 0.03])
def test_small_counties_keep_the_proportions(scale):
    made = generate(read_villages(), scale=scale)
    facts = read_facts()
    assert made.households == round(facts["visited_households"] * scale) + max(round(36 * scale), 1)
    assert pc.sum(pc.equal(made.table["household_kind"], "registered")).as_py() == pytest.approx(44417 * scale, abs=6)


def test_a_changed_facts_file_changes_the_county():
    facts = read_facts() | {
        "registered_poor_persons_exited": 90_000.0,
        "relocated_households": 500.0,
        "relocated_persons": 2_000.0,
    }
    made = generate(read_villages(), facts, scale=0.01)
    assert pc.sum(pc.equal(made.table["household_kind"], "registered")).as_py() == 900
    assert pc.sum(made.table["relocated"]).as_py() == 20


def test_figures_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="registered"):
        generate(read_villages(), read_facts() | {"registered_poor_persons_exited": 600_000.0}, scale=0.01)
    with pytest.raises(ValueError, match="scale"):
        generate(read_villages(), scale=0)


def test_villages_are_read_with_their_short_names_and_kinds():
    villages = {village.code: village for village in read_villages()}
    assert len(villages) == 119
    assert villages["520323001201"][1:] == ("桑木村", "520323001000", "洋川街道", "village")
    assert villages["520323104004"][1:] == ("金承社区", "520323104000", "风华镇", "community")
    assert villages["520323106203"].name == "冯村村"
    assert sum(village.kind == "community" for village in villages.values()) == 22


def test_groups_are_unique_within_a_village_and_stay_when_villages_are_added():
    villages = read_villages()
    made = groups(villages, seed=3)
    counts = Counter(group.village_code for group in made)
    assert set(counts) == {village.code for village in villages}
    assert min(counts.values()) >= 5
    assert max(counts.values()) <= 14
    assert len({(group.village_code, group.name) for group in made}) == len(made)
    assert len({(group.village_code, group.number) for group in made}) == len(made)
    assert [group for group in made if group.village_code == villages[5].code] == groups([villages[5]], seed=3)
    grids = {(group.village_code, group.grid_number): group.grid_name for group in made}
    assert all(grids[group.village_code, group.grid_number] == group.grid_name for group in made)
    assert "第十一组" in {group.name for group in made}


def test_exact_sizes_hit_their_total_at_any_mean():
    rng = np.random.default_rng(0)
    for count, total in ((1000, 1000), (1000, 1003), (1000, 4477), (1000, 9999), (1000, 10000), (0, 0)):
        drawn = exact_sizes(rng, count, total, SIZE_SHARES)
        assert drawn.sum() == total
        assert len(drawn) == count
        assert count == 0 or (drawn.min() >= 1 and drawn.max() <= 10)
    with pytest.raises(ValueError, match="exactly"):
        exact_sizes(rng, 10, 101, SIZE_SHARES)
    with pytest.raises(ValueError, match="exactly"):
        exact_sizes(rng, 10, 9, SIZE_SHARES)


def test_exactly_marks_candidates_only_and_prefers_weight():
    rng = np.random.default_rng(0)
    candidates = np.arange(1000) % 2 == 0
    marked = exactly(rng, candidates, 100, np.where(np.arange(1000) < 500, 20.0, 1.0))
    assert marked.sum() == 100
    assert not (marked & ~candidates).any()
    assert marked[:500].sum() > 80
    assert exactly(rng, candidates, 5000).sum() == 500


def test_largest_remainder_sums_exactly():
    parts = largest_remainder(np.array([1.0, 1.0, 1.0]), 10)
    assert sorted(parts) == [3, 3, 4]
    assert largest_remainder(np.array([100.0, 0.001]), 5, least=1).tolist() == [4, 1]
    assert largest_remainder(np.array([1.0, 1.0, 1.0]), 2, least=1).sum() == 2


def test_ages_are_counted_by_the_calendar():
    births = np.array(
        [(day - date(1970, 1, 1)).days for day in (date(2000, 12, 31), date(2001, 1, 1), date(1960, 2, 29), date(2019, 12, 31))]
    )
    assert ages_on(births, date(2019, 12, 31)).tolist() == [19, 18, 59, 0]
    assert ages_on(births[:1], date(2019, 12, 30)).tolist() == [18]
