"""Imports made on the page: files are taken, checked by a job without changing anything, shown row by row, and applied as shown or not at all.

The files lie in the folder `imports` of the data folder, readable by its owner only, outside backups, until the import is done, given up or
`KEPT_DAYS` old.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from bangfu.accounts.audit import note
from bangfu.accounts.models import Assignment
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.copying import copy_in
from bangfu.foundation.home import home
from bangfu.foundation.jobs import defer_once
from bangfu.foundation.problems import Problem
from bangfu.register.acts import REFUSED_TAKEN
from bangfu.register.importing.opening import require_true_sizes
from bangfu.register.importing.run import Outcome, as_json, import_files
from bangfu.register.models import Handed, HandedRow
from bangfu.register.problems import NO_UPLOAD, NOT_NOW, NOT_YOURS, UNKNOWN_IMPORT

TASK = "bangfu.import"
KEPT_DAYS = 3
ASKED = 200  # places that a page asks: who has more of them mends the file


def folder_of(handed: Handed) -> Path:
    """Where the files of an import lie."""
    return home().make().imports / str(handed.key)


def take(actor: Actor, files: Sequence[UploadedFile[Any]], *, data_date: date | None = None) -> Handed:
    """Take files that somebody hands in and let them be checked. Raises BF-1001 without `register.import`, BF-1244 without a file."""
    actor.require("register.import")
    given = [f for f in files if f.name]
    if not given or actor.user_id is None:
        raise NO_UPLOAD()
    now = clock.machine_now()
    handed = Handed.objects.create(
        user_id=actor.user_id,
        actor=actor.name,
        role=actor.role,
        path=actor.scope,
        state="checking",
        made=now,
        changed=now,
        data_date=data_date,
        names=[Path(str(f.name)).name[:120] for f in given],
        size=sum(f.size or 0 for f in given),
    )
    into = folder_of(handed) / "files"
    into.parent.mkdir(mode=0o700)
    into.mkdir(mode=0o700)
    for n, (name, upload) in enumerate(zip(handed.names, given, strict=True)):
        # Two files may have one name; a number before it keeps them apart and in their order.
        target = into / (name if len(given) == 1 else f"{n + 1:02d} {name}")
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for piece in upload.chunks():
                out.write(piece)
    _put_into_queue(handed)
    return handed


def answer(actor: Actor, key: str, answers: Mapping[int, str]) -> Handed:
    """Tell what places mean, by the number of the question and the path, and let it be checked anew. Raises BF-1245, BF-1246, BF-1249."""
    handed = _own(actor, key, "checked")
    known = {tuple(a[0]): a for a in handed.answers}
    for n, path in answers.items():
        if 0 <= n < len(handed.questions) and path and actor.covers(path):
            asked = handed.questions[n]["asked"]
            known[tuple(asked)] = [asked, path]
    handed.answers = list(known.values())
    return _to(handed, "checking")


def confirm(actor: Actor, key: str) -> Handed:
    """Let a checked import be applied as it was shown. Raises BF-1245, BF-1246, BF-1249."""
    return _to(_own(actor, key, "checked"), "applying")


def drop(actor: Actor, key: str) -> Handed:
    """Give an import up and take its files away. Raises BF-1245, BF-1246, BF-1249."""
    handed = _own(actor, key, "checked", "failed")
    handed.rows.all().delete()
    handed.state, handed.changed = "dropped", clock.machine_now()
    handed.save()
    shutil.rmtree(folder_of(handed), ignore_errors=True)
    return handed


def refused_rows(actor: Actor, key: str) -> Path:
    """The refused rows as a workbook, for whoever handed them in; it goes into the audit. Raises BF-1245, BF-1249."""
    handed = _own(actor, key)
    found = next(iter(sorted(folder_of(handed).glob("refused.*"))), None)
    if found is None:
        raise UNKNOWN_IMPORT()
    note(actor, REFUSED_TAKEN, subject=str(handed)[:120], path=handed.path)
    return found


def find(actor: Actor, key: str) -> Handed:
    """An import that the actor may see. Raises BF-1245 otherwise."""
    actor.require("register.import")
    found = Handed.objects.visible_to(actor).filter(key=key).first()
    if found is None:
        raise UNKNOWN_IMPORT()
    return found  # type: ignore[no-any-return]


def _own(actor: Actor, key: str, *states: str) -> Handed:
    handed = find(actor, key)
    if handed.user_id != actor.user_id:
        raise NOT_YOURS()
    if states and handed.state not in states:
        raise NOT_NOW(state=handed.title)
    return handed


def _to(handed: Handed, state: str) -> Handed:
    handed.state, handed.changed, handed.problem = state, clock.machine_now(), None
    handed.save()
    _put_into_queue(handed)
    return handed


def _put_into_queue(handed: Handed) -> None:
    defer_once(TASK, of=str(handed.key), key=str(handed.key))


# --- the job


def perform(key: str) -> None:
    """Check an import, or apply it: whatever it waits for. It is done as whoever handed it in, as far as they may still do so."""
    handed = Handed.objects.filter(key=key).first()
    if handed is None or not handed.busy:
        return
    applying = handed.state == "applying"
    try:
        outcome = _run(handed, applying=applying)
    except Problem as problem:
        _settle(handed, "failed", problem=problem.as_json())
        return
    except BaseException:
        _settle(handed, "failed", problem=None)
        raise
    if applying:
        _settle(handed, "done", outcome=as_json(outcome), questions=[], digest="")
        for name in ("files", "rows.xlsx"):
            _remove(folder_of(handed) / name)
    else:
        _keep_rows(handed, outcome)
        _settle(
            handed,
            "checked",
            outcome=as_json(outcome),
            questions=_asked(handed, outcome),
            digest=outcome.digest or "",
            problem=None,
        )


def _run(handed: Handed, *, applying: bool) -> Outcome:
    actor = _actor(handed)
    folder = folder_of(handed)
    files = sorted((folder / "files").iterdir())
    for path in files:
        require_true_sizes(path)
    return import_files(
        actor,
        files[0] if len(files) == 1 else folder / "files",
        data_date=handed.data_date,
        dry_run=not applying,
        answers={tuple(asked): path for asked, path in handed.answers},
        expected=handed.digest if applying else None,
    )


def _actor(handed: Handed) -> Actor:
    """Whoever handed it in, in the role in which they did, as it is today. Raises BF-1001 where they hold it no longer."""
    held = Assignment.objects.filter(user_id=handed.user_id, role=handed.role, user__is_active=True).on(clock.today())
    found = next((a.actor() for a in held if a.path == handed.path), None)
    actor = found or Actor(handed.user_id, handed.actor, handed.role, handed.path)
    actor.require("register.import")
    return actor


def _keep_rows(handed: Handed, outcome: Outcome) -> None:
    """Keep what becomes of every row for the page, and the workbooks where only their user finds them."""
    folder = folder_of(handed)
    for stale in folder.glob("refused.*"):
        stale.unlink()
    if outcome.returned:
        shutil.move(outcome.returned, folder / f"refused{Path(outcome.returned).suffix}")
    if outcome.rows_report:
        shutil.move(outcome.rows_report, folder / "rows.xlsx")
    for path in (outcome.report, outcome.places):  # the page shows them
        if path:
            Path(path).unlink(missing_ok=True)
    table = outcome.rows_table
    with transaction.atomic():
        handed.rows.all().delete()
        if table is not None and table.num_rows:
            table = table.append_column("handed_id", pa.array([handed.pk] * table.num_rows, pa.int64()))
            copy_in(HandedRow._meta.db_table, table.append_column("path", pa.array([handed.path] * table.num_rows, pa.string())))


def _asked(handed: Handed, outcome: Outcome) -> list[dict[str, Any]]:
    """The questions of places as the page asks them, with the names of what may be meant."""
    profile = profile_of(handed.path)
    lookup = Area.objects.lookup_table(handed.data_date or clock.today(), profile).to_pylist() if outcome.questions else []
    names = {
        row["path"]: f"{row['township_name'] or ''} {row['name']}".strip() for row in lookup if row["path"] == row["village_path"]
    }
    return [
        {
            "asked": list(q.asked),
            "says": " ".join(filter(None, q.asked)),
            "rows": q.rows,
            "problem": q.problem,
            "candidates": [[path, names[path]] for path in q.candidates if path in names],
        }
        for q in outcome.questions[:ASKED]
    ]


def _settle(handed: Handed, state: str, **values: Any) -> None:
    kept = json.loads(json.dumps(values, ensure_ascii=False, default=str))
    Handed.objects.filter(pk=handed.pk).update(state=state, changed=clock.machine_now(), **kept)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def clear() -> None:
    """Take away the files and rows of imports that nobody has touched for `KEPT_DAYS`; what was imported stays, and so does its entry."""
    old = Handed.objects.filter(changed__lt=clock.machine_now() - timedelta(days=KEPT_DAYS)).exclude(state__in=("applying",))
    for handed in old:
        shutil.rmtree(folder_of(handed), ignore_errors=True)
        handed.rows.all().delete()
        if handed.state not in ("done", "dropped"):
            _settle(handed, "dropped")
