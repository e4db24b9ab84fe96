"""History: what a row was before each change, by whom and until when; and what was known on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from tests.register.asking import ask, one

from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import County
from bangfu.register.models import Household

pytestmark = pytest.mark.django_db
EXTRA = {"recorded_until": "timestamp with time zone", "recorded_by": "text", "operation": "text"}
# Tables with a recorded time that keep no history, and why.
WITHOUT_HISTORY = {"areas_areacell": "computed; drawn anew with its digest"}


def columns(table: str) -> dict[str, str]:
    found = ask(
        "SELECT attname, format_type(atttypid, atttypmod) AS kind FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        table,
    )
    return {r["attname"]: r["kind"] for r in found}


DECIDED = "SELECT household_id FROM cases_decision WHERE decided_on IS NOT NULL AND household_id IS NOT NULL"


def histories() -> list[str]:
    return [
        r["relname"] for r in ask("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '%%\\_history' ORDER BY 1")
    ]


def test_a_history_table_has_the_columns_of_its_table() -> None:
    assert len(histories()) >= 20
    for history in histories():
        assert columns(history) == columns(history.removesuffix("_history")) | EXTRA, history


def test_every_table_with_a_recorded_time_keeps_its_history() -> None:
    recorded = {m._meta.db_table for m in apps.get_models() if any(f.name == "recorded_from" for f in m._meta.fields)}
    assert {h.removesuffix("_history") for h in histories()} == recorded - set(WITHOUT_HISTORY)
    for table in recorded - set(WITHOUT_HISTORY):
        names = {r["tgname"] for r in ask("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", table)}
        assert {"keep_updated", "keep_deleted", "stamp"} <= names, table


def test_a_first_import_writes_no_history(county: County) -> None:
    for history in histories():
        if history.startswith("register_"):
            # What was decided about a household of the demo after its import is its history, and nothing else is.
            others = f"WHERE household_id NOT IN ({DECIDED})" if "household_id" in columns(history) else ""
            assert one(f"SELECT count(*) FROM {history} {others}") == 0, history


@pytest.fixture
def household(county: County) -> Iterator[Household]:
    return Household.objects.farming().order_by("id")[0]


def was(household: Household) -> list[dict[str, Any]]:
    return ask("SELECT * FROM register_household_history WHERE id = %s ORDER BY recorded_until", household.pk)


def test_an_update_keeps_the_row_as_it_was(household: Household, county: County) -> None:
    began = household.recorded_from
    someone = Actor(7, "李四", "tester", county.path, frozenset())
    moments = [clock.now() + timedelta(hours=n) for n in (1, 2)]
    for moment, bank in zip(moments, ("one", "two"), strict=True):
        with clock.standing_at(moment), acting(someone):
            Household.objects.filter(pk=household.pk).update(bank=bank)
    assert [(r["bank"], r["recorded_from"], r["recorded_until"], r["recorded_by"], r["operation"]) for r in was(household)] == [
        (household.bank, began, moments[0], "7", "UPDATE"),
        ("one", moments[0], moments[1], "7", "UPDATE"),
    ]
    assert Household.objects.get(pk=household.pk).recorded_from == moments[1]


def test_a_deleted_row_is_kept(county: County) -> None:
    (kind,) = ask("SELECT id, kind FROM register_kind ORDER BY id LIMIT 1")
    with clock.standing_at(clock.now() + timedelta(hours=1)), acting(county.operator()), connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_kind WHERE id = %s", [kind["id"]])
    (kept,) = ask("SELECT kind, operation, recorded_by FROM register_kind_history WHERE id = %s", kind["id"])
    assert kept == {"kind": kind["kind"], "operation": "DELETE", "recorded_by": "command line"}


def test_what_was_written_and_changed_at_one_moment_was_never_known(household: Household, county: County) -> None:
    with clock.standing_at(clock.now() + timedelta(hours=1)), acting(county.operator()):
        for bank in ("one", "two", "three"):
            Household.objects.filter(pk=household.pk).update(bank=bank)
    assert [r["bank"] for r in was(household)] == [household.bank]


def test_recorded_times_of_a_row_have_no_gaps(household: Household, county: County) -> None:
    for hour in range(1, 6):
        with clock.standing_at(clock.now() + timedelta(hours=hour)), acting(county.operator()):
            Household.objects.filter(pk=household.pk).update(bank=str(hour))
    rows = was(household)
    untils = [r["recorded_until"] for r in rows]
    assert [r["recorded_from"] for r in rows[1:]] == untils[:-1]
    assert Household.objects.get(pk=household.pk).recorded_from == untils[-1]


def test_history_is_scoped_like_its_table(household: Household, county: County) -> None:
    with clock.standing_at(clock.now() + timedelta(hours=1)), acting(county.operator()):
        Household.objects.filter(pk=household.pk).update(bank="one")
    for scope, seen in ((household.path, 1), ("cn/099/", 0), ("", 0)):
        with acting(Actor(7, "李四", "tester", scope, frozenset())):
            assert len(was(household)) == seen, scope
