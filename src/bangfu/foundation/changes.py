"""The change table: which households changed and why, followed by the layers above from a watermark.

Actions write it in their own transaction; screening, cases, indicators and the lake follow it. A follower reads what lies
below the oldest transaction that is still open (`pg_snapshot_xmin`): a watermark on time or id would lose rows that commit late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from bangfu.foundation.actor import Actor
from bangfu.foundation.extension import ExtensionPoint


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a household that is about to happen or has happened."""

    household: int
    cause: str
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change touches, for the person who is about to confirm it."""

    package: str
    says: str
    count: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of a package that refer to a person."""

    package: str
    table: str
    count: int


household_changed: ExtensionPoint[[str], None] = ExtensionPoint(
    "household_changed"
)  # asked once per recorded set, with its cause
effects_of: ExtensionPoint[[Change], list[Effect]] = ExtensionPoint("effects_of")
# Asked once verdicts were written, with the households that were judged (None: all of the county).
verdicts_changed: ExtensionPoint[[Actor, list[int] | None], None] = ExtensionPoint("verdicts_changed")
references_of: ExtensionPoint[[int], list[Reference]] = ExtensionPoint("references_of")


def record(households: Iterable[int], cause: str) -> int:
    """Note that households changed, in the acting transaction. Returns how many rows were written."""
    ids = sorted(set(households))
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO change (household, cause) SELECT unnest(%s::bigint[]), %s", [ids, cause])
    _tell(cause)
    return len(ids)


def record_selected(select: str, cause: str) -> int:
    """Note the households that a SELECT gives (one bigint column): the form for whole counties. Returns the rows written."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO change (household, cause) SELECT h, %s FROM ({select}) AS s(h)", [cause])
        written = int(cursor.rowcount)
    if written:
        _tell(cause)
    return written


def nudge(cause: str) -> None:
    """Tell the followers of a change that belongs to no household (posts, orders, pairings): lake and figures read whole tables."""
    _tell(cause)


def _tell(cause: str) -> None:
    for _ in household_changed.ask(cause):
        pass


@dataclass(frozen=True, slots=True)
class News:
    """What a follower has not seen: households, and the watermark to keep once they are dealt with."""

    households: list[int]
    watermark: int


def news(follower: str) -> News:
    """Households that changed since the follower's watermark, each once; nothing that is still open is passed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH upto AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS x),
                 since AS (SELECT coalesce((SELECT watermark FROM follower WHERE name = %s), '0'::xid8) AS x)
            SELECT (SELECT x::text::bigint FROM upto),
                   (SELECT array_agg(DISTINCT household) FROM change, upto, since
                    WHERE change.xid >= since.x AND change.xid < upto.x)
            """,
            [follower],
        )
        watermark, households = cursor.fetchone()
    return News(sorted(households or []), watermark)


def seen(follower: str, watermark: int) -> None:
    """Keep the follower's watermark: everything below it has been dealt with."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO follower (name, watermark) VALUES (%s, %s::text::xid8) "
            "ON CONFLICT (name) DO UPDATE SET watermark = greatest(follower.watermark, excluded.watermark)",
            [follower, watermark],
        )


def waiting(follower: str) -> bool:
    """Whether committed changes still lie before a follower: those that it passed over because an older transaction was open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM change WHERE xid >= (SELECT watermark FROM follower WHERE name = %s))", [follower]
        )
        return bool(cursor.fetchone()[0])


def prune() -> int:
    """Delete the rows that every follower has passed, except the newest transaction's. Returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM change WHERE xid < (SELECT min(watermark) FROM follower) AND xid < (SELECT max(xid) FROM change)"
        )
        return int(cursor.rowcount)


# For a database that was loaded into another server, whose transaction numbers begin elsewhere: what some follower had not dealt with is
# new once more, and everybody follows from here. Written so that it can end the transaction that loads it.
IN_ANOTHER_SERVER = """
    UPDATE change SET xid = CASE WHEN EXISTS (SELECT FROM follower WHERE watermark > change.xid)
                                  AND NOT EXISTS (SELECT FROM follower WHERE watermark <= change.xid)
                                 THEN '3'::xid8 ELSE pg_current_xact_id() END;
    UPDATE follower SET watermark = pg_snapshot_xmin(pg_current_snapshot());
"""
