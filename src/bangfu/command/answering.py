"""Who answers for a household today, and up the chain: one query, read by its page, by lists and by whatever escalates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.areas.models import ancestors
from bangfu.command.models.chain import ATTACHED, ROLES
from bangfu.foundation.reading import read
from bangfu.foundation.say import Text


@dataclass(frozen=True, slots=True)
class Answers:
    """Somebody who answers: the helper (`step` "helper"), then the posts from the household's village upwards (`post`), each with its chief, or its deputy while there is none;
    beside them who stands by the village: its first secretary and what is attached (`beside`).

    `name` is blank where nobody is appointed; `place` is the post's title, the helper's unit, or the area.
    """

    step: str
    title: Text
    name: str
    place: Text
    path: str
    since: date | None = None
    key: int | None = None  # of the helper, the post
    confirmed: tuple[bool, bool] = (False, False)  # by the helper, by the household
    deputy: bool = False  # stands in for a chief whom the post lacks


_SQL = """
    WITH RECURSIVE helping AS (
      SELECT 0 AS depth, 'helper'::text AS step, ''::varchar AS role, o.name, u.zh, u.en, h.path, lower(p.valid) AS since, h.id AS key,
             p.helper_confirmed IS NOT NULL AS by_helper, p.household_confirmed IS NOT NULL AS by_household
      FROM command_pairing p JOIN command_helper h ON h.id = p.helper_id JOIN command_officer o ON o.id = h.officer_id
      JOIN command_unit u ON u.id = o.unit_id
      WHERE p.household_id = %(household)s AND p.principal AND p.valid @> %(day)s::date),
    first AS (SELECT a.post_id FROM command_postarea a WHERE a.path = ANY(%(paths)s) AND a.valid @> %(day)s::date ORDER BY a.path DESC LIMIT 1),
    up AS (
      SELECT 1 AS depth, p.id, p.parent_id, p.zh, p.en, p.path, p.valid FROM command_post p JOIN first ON first.post_id = p.id
      UNION ALL SELECT up.depth + 1, p.id, p.parent_id, p.zh, p.en, p.path, p.valid
      FROM up JOIN command_post p ON p.id = up.parent_id WHERE up.depth < 12),
    posts AS (
      SELECT up.depth, 'post' AS step, coalesce(a.role, 'chief') AS role, coalesce(a.name, '') AS name, up.zh, up.en, up.path, a.since, up.id AS key,
             false AS by_helper, false AS by_household
      FROM up LEFT JOIN LATERAL (
        -- The chief; where there is none the deputy who has been it longest.
        SELECT a.role, o.name, lower(a.valid) AS since FROM command_appointment a JOIN command_officer o ON o.id = a.officer_id
        WHERE a.post_id = up.id AND a.role IN ('chief', 'deputy') AND a.valid @> %(day)s::date
        ORDER BY a.role = 'deputy', lower(a.valid), a.id LIMIT 1) a ON true
      WHERE up.valid @> %(day)s::date),
    secretary AS (
      SELECT 100 AS depth, 'beside' AS step, a.role, o.name, u.zh, u.en, a.path, lower(a.valid) AS since, o.id AS key,
             false AS by_helper, false AS by_household
      FROM command_appointment a JOIN command_officer o ON o.id = a.officer_id JOIN command_unit u ON u.id = o.unit_id
      WHERE a.path = ANY(%(paths)s) AND a.role = 'first_secretary' AND a.valid @> %(day)s::date),
    attached AS (
      SELECT 101 + CASE a.role WHEN 'leader' THEN 0 WHEN 'lead_unit' THEN 1 ELSE 2 END AS depth, 'beside' AS step, a.role, coalesce(o.name, '') AS name,
             coalesce(u.zh, w.zh, '') AS zh, coalesce(u.en, w.en, '') AS en, a.path, lower(a.valid) AS since, a.id AS key, false, false
      FROM command_attachment a LEFT JOIN command_officer o ON o.id = a.officer_id LEFT JOIN command_unit w ON w.id = o.unit_id
      LEFT JOIN command_unit u ON u.id = a.unit_id
      WHERE a.path = ANY(%(paths)s) AND a.valid @> %(day)s::date)
    SELECT depth, step, role, name, zh, en, path, since, key, by_helper, by_household FROM (
      SELECT * FROM helping UNION ALL SELECT * FROM posts UNION ALL SELECT * FROM secretary UNION ALL SELECT * FROM attached) found
    ORDER BY depth, path DESC, key
"""
HELPER = Text("帮扶责任人", "Helper")


def who_answers(household: int, path: str, day: date) -> list[Answers]:
    """Everybody who answers for a household (its key, and the path where it is) on a day, in one statement: the helper first, then the posts upwards, then those beside.

    A household without a helper begins with its post. The caller holds the scope: rows beyond it are not read.
    """
    rows: Sequence[tuple[Any, ...]] = read(_SQL, {"household": household, "paths": [*ancestors(path), path], "day": day})
    found = []
    for _, step, role, name, zh, en, where, since, key, by_helper, by_household in rows:
        title = HELPER if step == "helper" else {**ROLES, **ATTACHED}[str(role)]
        found.append(
            Answers(
                str(step),
                title,
                str(name),
                Text(str(zh), str(en)),
                str(where),
                since,
                key,
                (bool(by_helper), bool(by_household)),
                deputy=role == "deputy",
            )
        )
    return found


def chain_line(answers: Sequence[Answers]) -> list[Answers]:
    """The helper and the posts above, for the one line on a page."""
    return [a for a in answers if a.step in ("helper", "post")]
