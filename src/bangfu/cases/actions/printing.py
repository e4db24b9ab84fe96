"""Printing household files: one at once, hundreds by a job whose PDF waits for whoever asked. Every print goes into the audit, once.

What waits lies sealed in the folder `prints` of the data folder, outside backups, for `KEPT_DAYS`; only whoever asked takes it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.utils import translation

from bangfu.accounts.audit import note
from bangfu.accounts.models import Assignment
from bangfu.cases import acts
from bangfu.cases.household_files.binding import Bound, bind, each_set
from bangfu.cases.problems import NO_PRINT, NOTHING_TO_PRINT, TOO_MANY_FILES, UNKNOWN_HOUSEHOLD
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.home import home
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import language
from bangfu.foundation.secrecy import decrypt_bytes, encrypt_bytes
from bangfu.register.models import Household
from bangfu.register.models.base import OneOf

MOST = 300  # files of one print that a page asks for
KEPT_DAYS = 3
TASK, PURPOSE = "bangfu.cases.print", "print"
ASKED, FAILED, DONE, PDF = "asked.json", "failed.json", "done.json", "files.pdf.sealed"


def households_by_number(actor: Actor, numbers: Sequence[str]) -> list[Household]:
    """Farming households by their numbers, each once, in the order asked. Raises BF-2417 for the first that the actor does not see."""
    wanted = list(dict.fromkeys(numbers))
    found = {h.number: h for h in Household.objects.visible_to(actor).farming().filter(number__in=wanted)}
    for row, number in enumerate(wanted, 1):
        if number not in found:
            raise UNKNOWN_HOUSEHOLD(row=row, household=number[:40])
    return [found[number] for number in wanted]


def print_files(actor: Actor, households: Sequence[Household], progress: Callable[[int], None] = lambda done: None) -> Bound:
    """The files of some households as one PDF, now. Raises BF-1001 without `case.read`, BF-2421 where there is none."""
    actor.require("case.read")
    with acting(actor):
        _note(actor, households)
    return bind(actor, households, progress)


def print_apart(
    actor: Actor, households: Sequence[Household], into: Path, progress: Callable[[int], None] = lambda done: None
) -> dict[str, int]:
    """The same, a PDF of each household in a folder, named by its number; the pages of each. Raises the same."""
    actor.require("case.read")
    pages = {}
    into.mkdir(parents=True, exist_ok=True)
    with acting(actor):
        _note(actor, households)
    for files, pdf, counts in each_set(actor, households, at_once=1):
        (into / f"{files[0].document.key.matter}.pdf").write_bytes(pdf)
        pages[files[0].number] = counts[0]
        progress(1)
    return pages


def _note(actor: Actor, households: Sequence[Household], path: str = "") -> None:
    if not households:
        raise NOTHING_TO_PRINT()
    one = households[0]
    subject, where = (
        (one.number, one.path) if len(households) == 1 else ("", path or os.path.commonpath([h.path for h in households]) + "/")
    )
    note(actor, acts.CASE_PRINT, subject=subject, path=where, detail={"households": len(households)})


# --- many, by a job


@dataclass(frozen=True, slots=True)
class Print:
    """A print that somebody asked for: the households, since when, and how it stands; `problem` is why it failed, where that is known."""

    key: str
    path: str
    households: int
    asked_at: datetime
    state: str  # printing, done, failed
    pages: int = 0
    size: int = 0
    problem: dict[str, Any] | None = None


def ask_print(actor: Actor, keys: Sequence[int], path: str) -> str:
    """Ask for the files of households of an area as one PDF, in the reader's language; the key by which it is found.

    Raises BF-1001 without `case.read`, BF-2420 for more than `MOST`, BF-2421 where none of them is the actor's.
    """
    actor.require("case.read")
    if len(keys) > MOST:
        raise TOO_MANY_FILES(count=len(keys), most=MOST)
    households = list(Household.objects.visible_to(actor).farming().filter(OneOf("id", keys)).order_by("path", "number"))
    key = str(uuid4())
    with acting(actor):
        _note(actor, households, path)
        asked = {
            "user": actor.user_id, "name": actor.name, "role": actor.role, "scope": actor.scope, "path": path, "language": language(),
            "households": [h.pk for h in households], "at": clock.machine_now().isoformat(),
        }  # fmt: skip
        folder = home().make().prints / key
        folder.mkdir(mode=0o700)
        _write(folder / ASKED, json.dumps(asked).encode())
        defer_once(TASK, of=key, key=key)
    return key


def the_print(actor: Actor, key: str | UUID) -> Print:
    """A print that the actor asked for. Raises BF-2422 for any other, and for one that was cleared away."""
    folder, asked = _asked(key)
    if asked is None or actor.user_id is None or (asked["user"], asked["scope"]) != (actor.user_id, actor.scope):
        raise NO_PRINT()
    found = Print(str(key), asked["path"], len(asked["households"]), datetime.fromisoformat(asked["at"]), "printing")
    for name, state in ((DONE, "done"), (FAILED, "failed")):
        if (folder / name).exists():
            return Print(
                found.key, found.path, found.households, found.asked_at, state, **json.loads((folder / name).read_bytes())
            )
    return found


def printed(actor: Actor, key: str | UUID) -> bytes:
    """The PDF of a print that is done. Raises BF-2422 where there is none."""
    if the_print(actor, key).state != "done":
        raise NO_PRINT()
    return decrypt_bytes((home().prints / str(key) / PDF).read_bytes(), PURPOSE)


def perform(key: str) -> None:
    """Do a print that was asked for, as whoever asked, as far as they may still read the households."""
    folder, asked = _asked(key)
    if asked is None or (folder / DONE).exists():
        return
    try:
        actor = _actor(asked)
        with acting(actor):
            rows = Household.objects.visible_to(actor).farming().filter(OneOf("id", asked["households"]))
            households = list(rows.order_by("path", "number"))
        with translation.override("en" if asked["language"] == "en" else "zh-hans"):
            bound = bind(actor, households)
    except Problem as problem:
        _write(folder / FAILED, json.dumps({"problem": problem.as_json()}, ensure_ascii=False, default=str).encode())
        return
    except BaseException:
        _write(folder / FAILED, b"{}")
        raise
    _write(folder / PDF, encrypt_bytes(bound.pdf, PURPOSE))
    _write(folder / DONE, json.dumps({"pages": sum(bound.pages.values()), "size": len(bound.pdf)}).encode())


def clear_prints() -> None:
    """Take away the prints that are `KEPT_DAYS` old."""
    oldest = (clock.machine_now() - timedelta(days=KEPT_DAYS)).timestamp()
    for folder in home().prints.glob("*"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _asked(key: str | UUID) -> tuple[Path, dict[str, Any] | None]:
    folder = home().prints / str(UUID(str(key)))
    try:
        asked: dict[str, Any] = json.loads((folder / ASKED).read_bytes())
    except FileNotFoundError:
        return folder, None
    return folder, asked


def _actor(asked: dict[str, Any]) -> Actor:
    """Whoever asked, in the role in which they did, as it is today. Raises BF-1001 where they hold it no longer."""
    held = Assignment.objects.filter(user_id=asked["user"], role=asked["role"], user__is_active=True).on(clock.today())
    found = next((actor for a in held if (actor := a.actor()).scope == asked["scope"]), None)
    actor = found or Actor(asked["user"], asked["name"], asked["role"], asked["scope"])
    actor.require("case.read")
    return actor


def _write(place: Path, content: bytes) -> None:
    """Write beside the place and move it there at once: nobody reads half a file."""
    half = place.with_suffix(".half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    half.replace(place)
