"""The burden meter and ask-once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.command.burden import (
    HOUSEHOLD_MINUTES,
    VISIT_FIELDS,
    WORKER_MINUTES,
    Asking,
    Ceilings,
    Question,
    asked_between,
    asked_of,
    ceilings_of,
    measure,
    split,
    week_of,
)
from bangfu.foundation.say import Text
from bangfu.screening.pack import load_pack
from bangfu.screening.pack.work import Setting, work_on

MONDAY = date(2020, 4, 27)
CEILINGS = ceilings_of(work_on(load_pack("cn-county-2020"), MONDAY))


def question(key: str, keeps: int | None = None) -> Question:
    return Question(key, Text(f"问题{key}", f"question {key}"), keeps)


WATER, ROOF, COUGH = question("water"), question("roof", 30), question("cough", 0)


def asking(
    source: str, day: date = MONDAY, household: int | None = 1, minutes: int = 40, *questions: Question, worker: str = "w"
) -> Asking:
    return Asking(source, Text(f"{source}表", f"form {source}"), day, minutes, worker, household, questions)


@pytest.fixture
def form() -> Iterator[None]:
    @asked_of.provider("tests")
    def _asks(first: date, last: date) -> list[Asking]:
        return [asking("visit", first, 1, 40, WATER), asking("visit", last + timedelta(1), 1, 40, WATER)]

    yield
    asked_of.withdraw("tests")


def test_where_nothing_asks_nothing_is_measured() -> None:
    assert "tests" not in asked_of.providers()
    assert (asked_between(MONDAY, MONDAY) is None) == (not asked_of.providers())


@pytest.mark.usefixtures("form")
def test_what_forms_ask_of_a_period() -> None:
    found = asked_between(MONDAY, MONDAY + timedelta(6))
    assert found is not None
    assert [a.day for a in found if a.source == "visit"] == [MONDAY]  # what lies outside of the period does not count


def test_a_known_answer_is_shown_and_an_old_one_asked_again() -> None:
    answered = {"water": date(2020, 1, 1), "roof": date(2020, 4, 1), "cough": date(2020, 4, 26)}
    parted = split([WATER, ROOF, COUGH], answered, MONDAY, keeps=180)
    assert ([k.question for k in parted.show], parted.ask) == ([WATER, ROOF], (COUGH,))
    assert parted.show[0].why == Text("2020-01-01 已有答案", "answered on 2020-01-01")
    later = split([WATER, ROOF, COUGH], answered, MONDAY + timedelta(30), keeps=180)
    assert later.ask == (ROOF, COUGH)
    assert split([WATER], answered, MONDAY + timedelta(3650)).ask == ()  # a pack that says nothing keeps answers
    assert split([WATER], {"water": MONDAY + timedelta(1)}, MONDAY).ask == (WATER,)


@given(
    given_=st.dates(date(2019, 1, 1), date(2021, 1, 1)),
    day=st.dates(date(2019, 1, 1), date(2021, 1, 1)),
    keeps=st.integers(0, 400),
)
def test_every_question_is_shown_or_asked_and_an_answer_keeps_its_days(given_: date, day: date, keeps: int) -> None:
    parted = split([WATER, ROOF], {"water": given_}, day, keeps)
    assert {k.question for k in parted.show} | set(parted.ask) == {WATER, ROOF}
    assert len(parted.show) + len(parted.ask) == 2
    assert (WATER in parted.ask) == (not 0 <= (day - given_).days < keeps)


def test_nothing_is_asked_twice_by_two_forms() -> None:
    forms = [
        asking("b", MONDAY + timedelta(1), 1, 20, WATER, COUGH),
        asking("a", MONDAY, 1, 30, WATER, ROOF, COUGH, WATER),
        asking("a", MONDAY, 2, 30, WATER),
    ]
    made = measure(forms, {}, CEILINGS)
    (first, other), (second, mine), (third, last) = made.splits
    assert ([first.household, second.household, third.household], [third.source]) == ([1, 2, 1], ["b"])
    assert (other.ask, mine.ask) == ((WATER, ROOF, COUGH), (WATER,))
    assert (last.ask, [k.question for k in last.show]) == ((COUGH,), [WATER])  # what is to be asked each time is
    assert last.show[0].why == Text("2020-04-27 已由《a表》问过", "asked on 2020-04-27 by “form a”")
    assert made.households[1, MONDAY].spared == 1
    assert made.households[1, MONDAY].minutes == 30 + 10  # half of the second form was spared
    assert made.workers["w", MONDAY] == made.households[1, MONDAY].and_(made.households[2, MONDAY])


FORMS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 3), st.sets(st.sampled_from("abcdef"), max_size=6), st.sampled_from(["x", "y"])),
    max_size=12,
)


@given(FORMS, st.dictionaries(st.sampled_from("abcdef"), st.dates(date(2019, 1, 1), date(2020, 6, 1))))
def test_a_household_is_asked_a_question_once_and_nothing_is_lost(
    told: list[tuple[int, int, set[str], str]], known: dict[str, date]
) -> None:
    forms = [
        asking(source, MONDAY + timedelta(n), household, 10, *map(question, sorted(keys))) for n, household, keys, source in told
    ]
    made = measure(forms, {1: known}, CEILINGS)
    asked = [(a.household, q.key) for a, parted in made.splits for q in parted.ask]
    assert len(asked) == len(set(asked))
    for form, parted in made.splits:
        assert {q.key for q in parted.ask} | {k.question.key for k in parted.show} == {q.key for q in form.questions}
    assert sum(load.fields for load in made.households.values()) == len(asked)
    assert sum(load.minutes for load in made.households.values()) == sum(load.minutes for load in made.workers.values())
    assert measure(list(reversed(forms)), {1: known}, CEILINGS).households == made.households


def test_what_lies_above_a_ceiling_is_named_the_worst_first() -> None:
    many = tuple(question(f"q{n}") for n in range(90))
    forms = [asking("long", MONDAY, 1, 50, *many), asking("visit", MONDAY + timedelta(3), 1, 40)]
    forms += [asking("report", MONDAY, None, 541, worker="w")]
    made = measure(forms, {}, CEILINGS)
    assert [(o.sort, o.who, o.week, o.asked, o.ceiling.value) for o in made.over] == [
        (HOUSEHOLD_MINUTES, "1", MONDAY, 90, 60),
        (VISIT_FIELDS, "1", MONDAY, 90, 60),
        (WORKER_MINUTES, "w", MONDAY, 631, 600),
    ]
    assert not made.over[0].ceiling.verified
    # In another week, or at the ceiling itself, nothing lies above it.
    assert measure([forms[1], asking("visit", MONDAY + timedelta(7), 1, 40)], {}, CEILINGS).over == ()
    assert measure([asking("x", MONDAY, 1, 60)], {}, CEILINGS).over == ()


def test_without_ceilings_nothing_lies_above_them() -> None:
    silent = ceilings_of(work_on(load_pack("global-mpi"), MONDAY))
    assert silent == Ceilings()
    assert measure([asking("x", MONDAY, 1, 10_000)], {}, silent).over == ()


def test_a_ceiling_left_open_is_none() -> None:
    work = work_on(load_pack("cn-county-2020"), date(2017, 1, 1))  # before its first value
    assert ceilings_of(work) == Ceilings()
    assert isinstance(CEILINGS.household_minutes, Setting)


def test_a_week_begins_on_the_countrys_day() -> None:
    assert week_of(date(2020, 5, 3)) == MONDAY
    assert week_of(date(2020, 5, 3), week_starts=6) == date(2020, 5, 3)
