"""The duty of helpers who have an account: a projection of their pairings, written in the same transaction as these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

SOURCE = "pairing"
# What stands of households is taken away and written anew: pairings of a helper and a household never overlap, so their duties cannot either.
# A duty that a hand or an import gave stays, and goes before one of a pairing on the same days.
TAKE = "DELETE FROM accounts_duty WHERE source = %(source)s AND household = ANY(%(households)s)"
GIVE = """
    INSERT INTO accounts_duty (user_id, household, path, valid, source)
    SELECT o.user_id, p.household_id, p.path, p.valid, %(source)s
    FROM command_pairing p JOIN command_helper h ON h.id = p.helper_id JOIN command_officer o ON o.id = h.officer_id
    WHERE p.household_id = ANY(%(households)s) AND o.user_id IS NOT NULL AND NOT isempty(p.valid)
      AND NOT EXISTS (SELECT FROM accounts_duty d WHERE d.user_id = o.user_id AND d.household = p.household_id AND d.valid && p.valid)
"""


def project_duties(households: Iterable[int]) -> None:
    """Write the duties that follow from the pairings of households anew."""
    told: dict[str, Any] = {"source": SOURCE, "households": sorted(set(households))}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, told)
        cursor.execute(GIVE, told)
