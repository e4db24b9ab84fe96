"""What the database refuses whoever writes: overlapping facts, two heads, open paths, evidence that changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from tests.register.asking import REGISTER, ask, one

from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.county import County
from bangfu.register.models import Evidence, Household, IncomeAgreement, Kind, Membership, Person
from bangfu.register.models.base import Alone

pytestmark = pytest.mark.django_db
BORN = date(2000, 1, 1)
ALONE = [m for m in apps.get_app_config("register").get_models() if issubclass(m, Alone)]
D = [date(2016 + n, 1, 1) for n in range(6)]


@pytest.fixture(autouse=True)
def recorded_later(county: County) -> Iterator[None]:
    """The tests write a day after the county was built, so that history shows what they did."""
    with clock.standing_at(date(2020, 4, 29)), acting(county.operator()):
        yield


def refused(*statements: str) -> str:
    """The name of the constraint that refuses statements run together."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(statements))
    return str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def a_household() -> Household:
    """A farming household of several members, as the first load left it."""
    number = one(
        "SELECT max(household_id) FROM (SELECT household_id FROM register_membership WHERE sort = 'farming' "
        "GROUP BY 1 HAVING count(*) > 2 AND bool_and(pristine)) m"
    )
    return Household.objects.get(pk=number)


def sample(model: type[Any]) -> Any:
    return model.objects.filter(pristine=True, valid__upper_inf=True).order_by("id")[0]


def copied(row: Any, valid: DateRange, **more: Any) -> Any:
    """Another row of the same subject, not yet saved."""
    fields = {
        f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in ("id", "recorded_from", "pristine")
    }
    return type(row)(**fields | {"valid": valid} | more)


def test_every_dated_table_is_kept_from_overlapping() -> None:
    assert {m._meta.model_name for m in ALONE} == {
        "membership", "kind", "registration", "relocation", "land", "house", "water", "living",
        "means", "monitoring", "residence", "schooling", "condition", "insurance", "work",
    }  # fmt: skip
    triggers = {
        (r["t"], r["n"]) for r in ask("SELECT tgrelid::regclass::text AS t, tgname AS n FROM pg_trigger WHERE NOT tgisinternal")
    }
    for model in ALONE:
        assert {
            (model._meta.db_table, n) for n in ("alone", "still_alone", "touched", "stamp", "keep_updated", "keep_deleted")
        } <= triggers


@pytest.mark.parametrize("model", ALONE, ids=lambda m: m._meta.model_name)
def test_a_closed_row_that_overlaps_a_row_of_the_first_load_is_refused(model: type[Any]) -> None:
    row = sample(model)
    until = row.valid.lower
    closed = copied(row, DateRange(date(1999, 1, 1), date.fromordinal(until.toordinal() + 1)))
    with pytest.raises(IntegrityError, match=r"one_at_a_time|one_unit_of_a_sort|one_head"), transaction.atomic():
        closed.save()
    beside = copied(row, DateRange(date(1999, 1, 1), until))
    beside.save()  # it ends on the day on which the other begins
    row.refresh_from_db()
    assert not row.pristine  # the other stands in the exclusion index from now on


@pytest.mark.parametrize("model", ALONE, ids=lambda m: m._meta.model_name)
def test_two_open_rows_are_refused(model: type[Any]) -> None:
    row = sample(model)
    for pristine in (True, False):
        second = copied(row, DateRange(date(2021, 1, 1), None), pristine=pristine)
        with pytest.raises(IntegrityError, match=r"_open"), transaction.atomic():
            second.save()


@pytest.mark.parametrize("model", ALONE, ids=lambda m: m._meta.model_name)
def test_an_update_takes_the_mark_away_and_keeps_the_row_as_it_was(model: type[Any]) -> None:
    row = sample(model)
    before = one(f"SELECT count(*) FROM {row._meta.db_table}_history")
    model.objects.filter(pk=row.pk).update(path=row.path, pristine=True)
    row.refresh_from_db()
    assert not row.pristine
    assert row.recorded_from == clock.now()
    assert one(f"SELECT count(*) FROM {row._meta.db_table}_history") == before + 1
    assert one(f"SELECT pristine FROM {row._meta.db_table}_history WHERE id = %s", row.pk)


def test_a_row_that_is_closed_may_be_followed_and_not_overlapped() -> None:
    kind = sample(Kind)
    Kind.objects.filter(pk=kind.pk).update(valid=DateRange(kind.valid.lower, D[5]))
    copied(kind, DateRange(D[5], None)).save()
    with pytest.raises(IntegrityError, match="kind_one_at_a_time"), transaction.atomic():
        Kind.objects.filter(pk=kind.pk).update(valid=DateRange(kind.valid.lower, date(2021, 1, 2)))


def test_two_heads_on_one_day_are_refused_however_they_come_about() -> None:
    household = a_household()
    head = Membership.objects.get(household=household, relation="head")
    member = Membership.objects.filter(household=household, sort="farming").exclude(relation="head").order_by("id")[0]
    since = max(head.valid.lower, member.valid.lower)
    assert head.pristine
    assert member.pristine
    table = "register_membership"
    # an open one beside it
    assert refused(f"UPDATE {table} SET relation = 'head' WHERE id = {member.pk}") == "membership_one_head_open"
    # one who was head for a while and is closed by the same statement, the head being as the first load left it
    closed = f"valid = daterange(lower(valid), '{date.fromordinal(since.toordinal() + 30)}')"
    assert refused(f"UPDATE {table} SET relation = 'head', {closed} WHERE id = {member.pk}") == "membership_one_head"
    # closed first and made head afterwards
    assert (
        refused(
            f"UPDATE {table} SET {closed} WHERE id = {member.pk}", f"UPDATE {table} SET relation = 'head' WHERE id = {member.pk}"
        )
        == "membership_one_head"
    )
    # a new closed row
    columns = "person_id, household_id, sort, relation, evidence_id, path"
    values = f"{member.person_id}, {household.pk}, 'other', 'head', {member.evidence_id}, '{member.path}'"
    assert refused(f"INSERT INTO {table} ({columns}, valid) VALUES ({values}, '[{since},2030-01-01)')") == "membership_one_head"
    # one after the other is fine
    day = date(2021, 1, 1)
    Membership.objects.filter(pk=head.pk).update(valid=DateRange(head.valid.lower, day))
    Membership.objects.filter(pk=member.pk).update(valid=DateRange(member.valid.lower, day))
    copied(member, DateRange(day, None), relation="head").save()


def test_a_person_is_in_one_unit_of_a_sort_at_a_time() -> None:
    member = Membership.objects.filter(household=a_household(), sort="farming").exclude(relation="head")[0]
    other = Household.objects.farming().exclude(pk=member.household_id).order_by("id")[0]
    for valid in (DateRange(date(2021, 1, 1), None), DateRange(member.valid.lower, date(2021, 1, 1))):
        with pytest.raises(IntegrityError, match="membership_one_unit_of_a_sort"), transaction.atomic():
            copied(member, valid, household_id=other.pk).save()
    unit = Household.objects.filter(sort="hukou").order_by("id")[0]
    Membership.objects.filter(person=member.person_id, sort="hukou").delete()
    copied(
        member, DateRange(member.valid.lower, None), household_id=unit.pk, sort="hukou"
    ).save()  # another sort is another matter


def test_many_rows_of_a_household_close_in_one_statement() -> None:
    household = a_household()
    day = date(2021, 1, 1)
    assert Membership.objects.filter(household=household, sort="farming").update(valid=DateRange(BORN, day)) > 2
    assert not Membership.objects.filter(household=household, valid__upper_inf=True).exists()


@pytest.mark.parametrize(
    "model",
    [m for m in apps.get_app_config("register").get_models() if any(f.name == "path" for f in m._meta.fields)],
    ids=lambda m: m._meta.model_name,
)
def test_a_path_ends_with_its_separator(model: type[Any]) -> None:
    table = model._meta.db_table
    found = ask(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND conname LIKE '%%_path_closed' AND convalidated",
        table,
    )
    assert len(found) == 1
    # Evidence takes no update at all; nothing is handed in by page or agreed to in the tests' county.
    if model not in (Evidence, IncomeAgreement) and table in REGISTER:
        assert ask(f"SELECT 1 FROM {table} LIMIT 1")
        name = refused(f"UPDATE {table} SET path = rtrim(path, '/') WHERE id = (SELECT min(id) FROM {table})")
        assert name == found[0]["conname"]


def test_evidence_can_only_be_added() -> None:
    first = one("SELECT min(id) FROM register_evidence")
    for statement in ("UPDATE register_evidence SET actor = 'x' WHERE id = %s", "DELETE FROM register_evidence WHERE id = %s"):
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [first])
    evidence = Evidence.objects.get(pk=first)
    evidence.pk = None
    evidence.save(force_insert=True)


def test_a_household_number_and_an_identity_are_there_once() -> None:
    household, person = Household.objects.farming()[0], Person.objects.order_by("id")[0]
    with pytest.raises(IntegrityError, match="household_number_once"), transaction.atomic():
        Household.objects.create(
            sort="farming",
            number=household.number,
            area_id=household.area_id,
            path=household.path,
            evidence_id=household.evidence_id,
        )
    person.pk = None
    with pytest.raises(IntegrityError, match="person_identity_once"), transaction.atomic():
        person.save(force_insert=True)


def test_a_range_that_ends_before_it_begins_is_no_range() -> None:
    with pytest.raises(DataError), transaction.atomic():
        Kind.objects.filter(pk=sample(Kind).pk).update(valid=DateRange(D[3], D[1]))
