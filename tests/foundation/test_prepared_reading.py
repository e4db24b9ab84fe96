"""Statements that are planned once per connection."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from bangfu.accounts.models import LogIn, User
from bangfu.foundation.reading import columns_of, instance, read, read_named

pytestmark = pytest.mark.django_db


def test_rows_come_with_their_types_and_names() -> None:
    assert read("SELECT %s::int, ARRAY['a', 'b'], NULL::date", [7]) == [(7, ["a", "b"], None)]
    assert read_named("SELECT %(n)s::int AS number", {"n": 7}) == [{"number": 7}]


def test_a_statement_is_planned_once() -> None:
    for number in range(3):
        assert read("SELECT %s::int AS planned_once", [number]) == [(number,)]
    planned = read("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int%%'")
    assert planned == [(1,)]


def test_rows_are_the_objects_that_django_reads() -> None:
    user = User.objects.order_by("pk")[0]
    row = read(f"SELECT {columns_of(User, 'u')} FROM accounts_user u WHERE u.id = %s", [user.pk])[0]
    made = instance(User, row)
    assert vars(made).keys() == vars(user).keys()
    assert {k: v for k, v in vars(made).items() if k != "_state"} == {k: v for k, v in vars(user).items() if k != "_state"}
    assert not made._state.adding
    assert columns_of(LogIn).startswith('"id", "user_id"')


def test_errors_are_django_s_and_a_broken_transaction_stays_broken() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        read("SELECT 1 FROM nowhere")
    with transaction.atomic():
        connection.needs_rollback = True
        with pytest.raises(TransactionManagementError):
            read("SELECT 1")
        connection.needs_rollback = False
