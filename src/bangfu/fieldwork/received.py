"""The lists that stations above have given: households and members that this register does not have, so that phones are served them all the same.

What the register has itself is never taken from here. Lists are kept files, encrypted; the newest package of each partner counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from bangfu.foundation.actor import Actor
from bangfu.foundation.files import keep, read

HOUSEHOLDS, MEMBERS = "households.csv", "members.csv"


def keep_lists(lists: dict[str, list[list[str]]], where: dict[str, str]) -> str:
    """Keep the lists of a package; the name by which they are found."""
    return keep(json.dumps({"lists": lists, "where": where}, ensure_ascii=False).encode())


def packages() -> list[str]:
    """The kept lists of the newest package of each partner above, as far as they are of the acting scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lists FROM fieldwork_packages()")
        return [row[0] for row in cursor.fetchall()]


def numbers() -> set[str]:
    """The numbers of the households in them."""
    return {number for one in packages() for number in _kept(one)["where"]}


def lacking(some: Iterable[str]) -> set[str]:
    """Of some numbers of households those that the register does not have, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM fieldwork_lacking(%s) AS number", [list(some)])
        return {row[0] for row in cursor.fetchall()}


def places(actor: Actor) -> dict[str, str]:
    """Number and path of the households of the lists that the actor may see and that the register does not have."""
    if not actor.scope or not actor.may("household.read"):
        return {}
    found: dict[str, str] = {}
    for one in packages():
        for number, path in _kept(one)["where"].items():
            if path.startswith(actor.scope) and (actor.duty is None or any(path.startswith(p) for p in actor.duty.paths)):
                found[number] = path
    return {number: found[number] for number in sorted(lacking(found))} if found else {}


def rows(actor: Actor, name: str) -> list[Sequence[str]]:
    """The rows of one of the lists (`households.csv`, `members.csv`) that the actor may see and that the register does not have."""
    wanted = places(actor)
    if not wanted:
        return []
    at = 0 if name == HOUSEHOLDS else 3
    found: dict[str, list[Sequence[str]]] = {}
    for one in packages():
        mine: dict[str, list[Sequence[str]]] = {}
        for row in _kept(one)["lists"].get(name, [])[1:]:
            if row[at] in wanted:
                mine.setdefault(row[at], []).append(row)
        found |= mine
    return [row for number in sorted(found, key=lambda n: (wanted[n], n)) for row in found[number]]


@lru_cache(maxsize=4)
def _kept(name: str) -> Any:
    """Lists by the name of their file, which is that of their content."""
    return json.loads(read(name))
