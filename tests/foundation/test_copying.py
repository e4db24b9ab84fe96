"""COPY out of the database: whole, in order, and never asked of in between."""

from __future__ import annotations

import pytest
from django.db import connection

from bangfu.foundation.copying import copy_out, copy_text

MANY = "SELECT i AS number, repeat('x', 100) AS filler FROM generate_series(1, 300000) i"


@pytest.mark.django_db
def test_a_long_stream_comes_whole_and_in_order() -> None:
    numbers = [n for batch in copy_out(MANY, [], ["number", "filler"]) for n in batch["number"].to_pylist()]
    assert numbers == [str(i) for i in range(1, 300_001)]


@pytest.mark.django_db
def test_what_is_asked_while_a_stream_is_open_is_an_error_and_no_deadlock() -> None:
    pieces = copy_text(MANY, [])
    next(pieces)
    with connection.cursor() as cursor, pytest.raises(RuntimeError, match="a stream of rows is open"):
        cursor.execute("SELECT 1")
    assert sum(bytes(piece).count(b"\n") for piece in pieces) == 299_999
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
