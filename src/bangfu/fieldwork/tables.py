"""Submissions as data: of a form one table, and one for each repeat; for programmes (OData), and as files. One definition of columns and values for both.

What the register masks is masked here too, for whoever may not see it there.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.db.models import Q

from bangfu.fieldwork.instance import at
from bangfu.fieldwork.models import FormVersion, Submission
from bangfu.fieldwork.models.inbox import DROPPED, REPLACED
from bangfu.fieldwork.xform import Question, XForm
from bangfu.foundation.actor import Actor
from bangfu.register import masks
from bangfu.register.fields import fields

MAIN = "Submissions"
EDM = {
    "int": "Edm.Int64",
    "decimal": "Edm.Decimal",
    "date": "Edm.Date",
    "dateTime": "Edm.DateTimeOffset",
    "geopoint": "Edm.GeographyPoint",
}
BATCH = 500
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the names from the root of its table to the answer, and the question."""

    names: tuple[str, ...]
    question: Question

    @property
    def flat(self) -> str:
        """Its heading in a flat table."""
        return "-".join(self.names)


def shape_of(form: XForm) -> dict[str, list[Column]]:
    """The tables of a form with their columns, that of the submissions first."""
    root = form.root
    tables: dict[str, list[Column]] = {MAIN: []}
    for path in form.repeats:
        tables[_named(path, root)] = []
    for question in form.questions:
        if question.control == "trigger":
            continue
        start = question.repeat or root
        names = tuple(question.path[len(start) + 1 :].split("/"))
        if names[0] != "meta":
            tables[_named(question.repeat, root) if question.repeat else MAIN].append(Column(names, question))
    return tables


def _named(path: str, root: str) -> str:
    return f"{MAIN}.{path[len(root) + 1 :].replace('/', '.')}"


def of_form(actor: Actor, form: str) -> Any:
    """The submissions of a form that count: those that were replaced or set aside are left out."""
    return Submission.objects.visible_to(actor).filter(form=form).exclude(state__in=(REPLACED, DROPPED)).order_by("id")


def rows_of(
    actor: Actor, version: FormVersion, table: str, *, top: int, skip: int, wanted: Q | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Rows of a table as OData has them, nested by groups, and how many there are in all; with `wanted` those of the submissions that it holds for. Raises KeyError for a table that the
    form does not have."""
    form = version.read
    columns = shape_of(form)[table]
    found = of_form(actor, version.form.key)
    if wanted is not None:
        found = found.filter(wanted)
    if table == MAIN:
        rows = [_nested(actor, one, form, columns) for one in found[skip : skip + top]]
        return rows, found.count()
    count, taken = 0, []
    for one in found.iterator(chunk_size=BATCH):
        for row in _repeated(actor, one, form, table, columns):
            if skip <= count < skip + top:
                taken.append(row)
            count += 1
    return taken, count


def _nested(actor: Actor, one: Submission, form: XForm, columns: Sequence[Column]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "__id": one.instance,
        "__system": {
            "submissionDate": one.received_at.isoformat(), "submitterId": str(one.user_id or ""), "submitterName": one.worker, "state": one.state,
            "attachmentsPresent": one.files.count(), "attachmentsExpected": None, "status": None, "reviewState": None, "deviceId": one.phone or None,
            "edits": 0, "formVersion": one.version,
        },
        "meta": {"instanceID": one.instance},
    }  # fmt: skip
    _put(actor, row, one.read.answers, columns)
    for path in form.repeats:
        if not any(path.startswith(f"{other}/") for other in form.repeats):
            row[f"{path.rpartition('/')[2]}@odata.navigationLink"] = f"Submissions('{one.instance}')/{path.rpartition('/')[2]}"
    return row


def _repeated(actor: Actor, one: Submission, form: XForm, table: str, columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    path = next(p for p in form.repeats if _named(p, form.root) == table)
    for n, answers in enumerate(at(one.read.answers, path, form.root)):
        if isinstance(answers, dict):
            key = hashlib.sha1(f"{one.instance}{table}{n}".encode(), usedforsecurity=False).hexdigest()
            row: dict[str, Any] = {"__id": key, "__Submissions-id": one.instance}
            _put(actor, row, answers, columns)
            yield row


def _put(actor: Actor, row: dict[str, Any], answers: Any, columns: Sequence[Column]) -> None:
    for column in columns:
        value, into = answers, row
        for name in column.names[:-1]:
            value = value.get(name) if isinstance(value, dict) else None
            into = into.setdefault(name, {})
        told = value.get(column.names[-1]) if isinstance(value, dict) else None
        into[column.names[-1]] = shown(actor, column.question, told)


def shown(actor: Actor, question: Question, told: Any) -> Any:
    """An answer as the actor may see it, in its type; None where there is none."""
    if isinstance(told, list):
        told = " ".join(str(t) for t in told)
    if told in (None, "") or isinstance(told, dict):
        return None
    field = fields().get(question.fact)
    if field is not None and field.personal and not masks.clear(actor, field.personal):
        return masks.mask(field.personal, told)
    try:
        if question.type == "int":
            return int(told)
        if question.type == "decimal":
            return float(told)
        if question.type == "geopoint":
            latitude, longitude, *more = (float(p) for p in told.split())
            point: dict[str, Any] = {"type": "Point", "coordinates": [longitude, latitude, *more[:1]]}
            return point | ({"properties": {"accuracy": more[1]}} if len(more) > 1 else {})
    except ValueError:
        return told  # a phone sent it so: it is shown as it came
    return told


def metadata(form: str, shape: Mapping[str, Sequence[Column]]) -> str:
    """The OData description (EDMX) of the tables."""
    types, sets = [], []
    for table, columns in shape.items():
        kind = table.replace(".", "_")
        parts = "".join(
            f"<Property Name={quoteattr(c.flat)} Type={quoteattr(EDM.get(c.question.type, 'Edm.String'))}/>" for c in columns
        )
        types.append(
            f'<EntityType Name={quoteattr(kind)}><Key><PropertyRef Name="__id"/></Key><Property Name="__id" Type="Edm.String"/>{parts}</EntityType>'
        )
        sets.append(f"<EntitySet Name={quoteattr(table)} EntityType={quoteattr(f'org.bangfu.{kind}')}/>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices>'
        '<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="org.bangfu">'
        f"{''.join(types)}<EntityContainer Name={quoteattr(form)}>{''.join(sets)}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    )


def as_zip(actor: Actor, version: FormVersion) -> bytes:
    """Every table of a form as CSV in one archive, the submissions first; for whoever opens them in Excel (UTF-8 with its mark)."""
    form = version.read
    shape = shape_of(form)
    out = io.BytesIO()
    texts = {table: io.StringIO() for table in shape}
    writers = {table: csv.writer(text) for table, text in texts.items()}
    for table, columns in shape.items():
        first = ["instance", "received", "worker", "state", "version"] if table == MAIN else ["instance", "row"]
        writers[table].writerow([*first, *(c.flat for c in columns)])
    for one in of_form(actor, version.form.key).iterator(chunk_size=BATCH):
        for table, columns in shape.items():
            if table == MAIN:
                row: dict[str, Any] = {}
                _put(actor, row, one.read.answers, columns)
                first = [one.instance, one.received_at.isoformat(), one.worker, one.state, one.version]
                writers[table].writerow(map(_cell, [*first, *_flat(row, columns)]))
                continue
            for n, row in enumerate(_repeated(actor, one, form, table, columns), 1):
                writers[table].writerow(map(_cell, [one.instance, n, *_flat(row, columns)]))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, text in texts.items():
            archive.writestr(f"{table}.csv", b"\xef\xbb\xbf" + text.getvalue().encode())
    return out.getvalue()


def _flat(row: Mapping[str, Any], columns: Sequence[Column]) -> Iterator[Any]:
    for column in columns:
        value: Any = row
        for name in column.names:
            value = value.get(name) if isinstance(value, Mapping) else None
        yield _position(value) if isinstance(value, Mapping) else value


def _position(point: Mapping[str, Any]) -> str:
    """A position as phones write it: latitude, longitude, altitude and accuracy, as far as they are known."""
    longitude, latitude, *height = point["coordinates"]
    accuracy = [point["properties"]["accuracy"]] if "properties" in point else []
    return " ".join(map(str, [latitude, longitude, *(height or [0.0][: len(accuracy)]), *accuracy]))


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and not _NUMBER.fullmatch(value) else value


def masked_xml(actor: Actor, one: Submission) -> bytes:
    """The XML of a submission with what the actor may not see masked."""
    version = FormVersion.objects.filter(form__key=one.form, version=one.version).first()
    facts = version.facts if version is not None else {}

    def write(name: str, value: Any, path: str) -> str:
        if isinstance(value, list):
            return "".join(write(name, each, path) for each in value)
        if isinstance(value, dict):
            return f"<{name}>{''.join(write(k, v, f'{path}/{k}') for k, v in value.items())}</{name}>"
        field = fields().get(facts.get(path, ""))
        told = (
            masks.mask(field.personal, value)
            if field is not None and field.personal and not masks.clear(actor, field.personal)
            else value
        )
        return f"<{name}>{escape(str(told))}</{name}>"

    root = version.read.root if version is not None else "/data"
    body = "".join(write(k, v, f"{root}/{k}") for k, v in one.read.answers.items())
    meta = f"<meta><instanceID>{escape(one.instance)}</instanceID></meta>"
    return f"<{root[1:]} id={quoteattr(one.form)} version={quoteattr(one.version)}>{body}{meta}</{root[1:]}>".encode()
