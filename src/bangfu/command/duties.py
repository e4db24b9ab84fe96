"""The duty of helpers who have an account: a projection of their pairings, written in the same transaction as these."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def project_duties(households: Iterable[int]) -> None:
    """Write the duties that follow from the pairings of households anew.

    What stands of them is taken away and written again: pairings of a helper and a household never overlap, so their duties cannot either. A
    duty that a hand or an import gave stays, and goes before one of a pairing on the same days. A page may not write duties: a function of the
    database does, and can only make them what the pairings say.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT bangfu_project_duties(%s::bigint[])", [sorted(set(households))])
