"""The REST and OData door (`/v1/…`), in the form that clients of ODK Central such as `pyodk` speak: sessions, forms, submissions, tables.

There is one project: the county. Who comes is a device, as everywhere at the door; it reads what its worker may read, and every reading is noted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from django.db import connections

from bangfu.accounts.audit import note
from bangfu.fieldwork import acts, tables
from bangfu.fieldwork.door import accepting, forms, odata
from bangfu.fieldwork.door.credentials import by_name, challenges, worker_of
from bangfu.fieldwork.door.replies import Environ, Refused, Reply, as_json, asked, base_of
from bangfu.fieldwork.door.store import Worker
from bangfu.fieldwork.models import FormVersion, Submission
from bangfu.fieldwork.telling import told_by
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import find_county
from bangfu.foundation.files import read as kept
from bangfu.foundation.say import Text
from bangfu.register.fields import fields

PROJECT = 1
READS = "submission.read"
NOT_FOUND = Text("没有这个资源。", "There is no such resource.")
WRONG = Text("用户名或密钥不对。", "The name or the key is wrong.")
PAGE = 1_000  # rows of a table at most


def answer(environ: Environ, key: str | None, path: str, method: str, prefix: str) -> Reply:
    """Answer a request of the REST door. Raises Refused."""
    if path == "/v1/sessions" and method == "POST":
        return _session(environ)
    worker = worker_of(environ, key)
    for pattern, methods, handle in ROUTES:
        if (found := pattern.fullmatch(path)) is not None and method in methods:
            return handle(Asked(environ, worker, method, prefix), *found.groups(""))
    raise Refused(404, NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and by whom."""

    environ: Environ
    worker: Worker
    method: str
    prefix: str


def _myself(one: Asked) -> Reply:
    w = one.worker
    return as_json(
        {"id": w.user, "type": "user", "displayName": w.worker, "email": w.name, "createdAt": _at(), "updatedAt": None}
    )


def _forms(one: Asked) -> Reply:
    with forms.acting_for(one.worker):
        return as_json([_form(v) for v in FormVersion.objects.published().select_related("form").order_by("form__key")])


def _one_form(one: Asked, key: str) -> Reply:
    with forms.acting_for(one.worker):
        return as_json(_form(_published(key)))


def _xform(one: Asked, key: str) -> Reply:
    with forms.acting_for(one.worker):
        return Reply(200, _published(key).content)


def _submissions(one: Asked, key: str) -> Reply:
    return _created(one.environ, one.worker, key) if one.method == "POST" else _listed(one.worker, key)


def _session(environ: Environ) -> Reply:
    """A session of a device. Its token is the device's own key: what can be revoked stays one thing."""
    try:
        told: Mapping[str, Any] = json.loads(accepting.body_of(environ, 10_000))
        name, secret = str(told["email"]), str(told["password"])
    except (ValueError, KeyError, TypeError) as wrong:
        raise Refused(400, Text("须有 email 和 password。", "It has to have email and password.")) from wrong
    if by_name(name.partition("@")[0], secret) is None:
        raise Refused(401, WRONG, challenges(environ))
    expires = clock.machine_now() + timedelta(days=1)
    return as_json({"token": secret, "csrf": "", "expiresAt": expires.isoformat(), "createdAt": _at()})


def _project(worker: Worker) -> dict[str, Any]:
    county = find_county()
    with forms.acting_for(worker):
        count = FormVersion.objects.published().count()
    name = county.name.zh if county else ""
    return {
        "id": PROJECT, "name": name, "description": county.name.en if county else "", "archived": False, "keyId": None, "appUsers": 0,
        "forms": count, "lastSubmission": None, "createdAt": _at(), "updatedAt": None, "deletedAt": None,
    }  # fmt: skip


def _form(one: FormVersion) -> dict[str, Any]:
    day = f"{one.published_on.isoformat()}T00:00:00.000Z" if one.published_on else None
    return {
        "projectId": PROJECT, "xmlFormId": one.form.key, "name": one.form.title, "version": one.version, "hash": one.md5, "keyId": None,
        "state": "open", "enketoId": None, "enketoOnceId": None, "publishedAt": day, "createdAt": day or _at(), "updatedAt": None,
    }  # fmt: skip


def _published(key: str) -> FormVersion:
    found = FormVersion.objects.published().select_related("form").filter(form__key=key).first()
    if found is None:
        raise Refused(404, NOT_FOUND)
    return found


def _created(environ: Environ, worker: Worker, key: str) -> Reply:
    """A submission that a programme brings: the XML alone."""
    xml = accepting.body_of(environ, accepting.XML_BYTES)
    if accepting.parsed(xml).form != key:
        raise Refused(400, Text("提交属于另一张表单。", "The submission is of another form."))
    _, instance = accepting.take(
        worker, accepting.Post(xml, {}, True), came_by="api", phone=asked(environ).get("deviceID", "")[:249]
    )
    return as_json(_submission(_of(worker, key, instance.id)))


def _of(worker: Worker, key: str, instance: str) -> Submission:
    with forms.acting_for(worker) as actor:
        found: Submission | None = (
            Submission.objects.visible_to(actor).select_related("content").filter(form=key, instance=instance).first()
        )
    if found is None:
        raise Refused(404, NOT_FOUND)
    return found


def _one(one: Asked, key: str, instance: str) -> Reply:
    worker = one.worker
    if one.method == "PUT":
        xml = accepting.body_of(one.environ, accepting.XML_BYTES)
        told = accepting.parsed(xml)
        if told.form != key or told.deprecates != instance:
            raise Refused(
                409,
                Text(
                    "更正须写明它取代的编号（deprecatedID）。",
                    "A correction names the id that it takes the place of (deprecatedID).",
                ),
            )
        accepting.take(worker, accepting.Post(xml, {}, True), came_by="api", phone="")
        return as_json(_submission(_of(worker, key, told.id)))
    if instance.endswith(".xml"):
        with _reading(worker, key) as (actor, _):
            found = Submission.objects.visible_to(actor).filter(form=key, instance=instance.removesuffix(".xml")).first()
            if found is None:
                raise Refused(404, NOT_FOUND)
            return Reply(200, tables.masked_xml(actor, found))
    return as_json(_submission(_of(worker, key, instance)))


def _attachments(one: Asked, key: str, instance: str) -> Reply:
    """The files that a submission names, and whether each has come."""
    row = _of(one.worker, key, instance)
    with forms.acting_for(one.worker):
        there = set(row.files.values_list("name", flat=True))
        version = FormVersion.objects.filter(form__key=key, version=row.version).first()
        named = told_by(version.read, row.read.answers, fields()).files if version is not None else []
    return as_json([{"name": name, "exists": name in there} for name in sorted({*named, *there})])


def _attachment(one: Asked, key: str, instance: str, name: str) -> Reply:
    """A file of a submission; sent, it is put to it where there is none of that name."""
    row = _of(one.worker, key, instance)
    if one.method == "POST":
        content = accepting.body_of(one.environ, accepting.LARGEST)
        accepting.add_file(one.worker, row, name, content)
        return as_json({"success": True})
    with _reading(one.worker, key):
        found = row.files.filter(name=name).first()
        if found is None:
            raise Refused(404, NOT_FOUND)
        return Reply(200, kept(found.file), found.kind)


def _listed(worker: Worker, key: str) -> Reply:
    with _reading(worker, key) as (actor, _):
        rows = Submission.objects.visible_to(actor).filter(form=key).order_by("-id")
        return as_json([_submission(one) for one in rows[:PAGE]])


def _submission(one: Submission) -> dict[str, Any]:
    reviewed = {"stuck": "hasIssues", "applied": "approved", "dropped": "rejected", "replaced": "edited"}
    return {
        "instanceId": one.instance, "submitterId": one.user_id or 0, "deviceId": one.phone or None, "userAgent": None, "instanceName": None,
        "reviewState": reviewed.get(one.state), "createdAt": one.received_at.isoformat(), "updatedAt": one.settled_at and one.settled_at.isoformat(),
    }  # fmt: skip


class _reading:  # noqa: N801 (a block, read as a verb)
    """Act as the worker to read the submissions of a form as data; noted in the audit."""

    def __init__(self, worker: Worker, key: str) -> None:
        self.worker, self.key = worker, key

    def __enter__(self) -> tuple[Actor, FormVersion]:
        self.block = forms.acting_for(self.worker)
        actor = self.block.__enter__()
        try:
            actor.require(READS)
            version = _published(self.key)
            note(actor, acts.SUBMISSION_READ, subject=self.key[:60])
        except BaseException as wrong:
            self.block.__exit__(type(wrong), wrong, wrong.__traceback__)
            raise
        return actor, version

    def __exit__(self, *error: Any) -> None:
        self.block.__exit__(*error)


def _table(one: Asked, key: str, name: str) -> Reply:
    """OData: the service document, the metadata, or rows of a table."""
    base = f"{base_of(one.environ)}{one.prefix}/v1/projects/1/forms/{quote(key)}.svc"
    with _reading(one.worker, key) as (actor, version):
        shape = tables.shape_of(version.read)
        if not name:
            return as_json(
                {"@odata.context": f"{base}/$metadata", "value": [{"name": t, "kind": "EntitySet", "url": t} for t in shape]}
            )
        if name == "$metadata":
            return Reply(200, tables.metadata(key, shape).encode(), "application/xml; charset=utf-8")
        if name not in shape:
            raise Refused(404, NOT_FOUND)
        query = parse_qs(str(one.environ.get("QUERY_STRING", "")), keep_blank_values=True)
        odata.require_kept(query)
        wanted = odata.filtered(query["$filter"][0]) if query.get("$filter", [""])[0].strip() else None
        top, skip = (_number(query, name_, most) for name_, most in (("$top", PAGE), ("$skip", 10_000_000)))
        rows, count = tables.rows_of(actor, version, name, top=PAGE if top is None else top, skip=skip or 0, wanted=wanted)
        if chosen := query.get("$select", [""])[0].strip():
            rows = [odata.selected(row, chosen) for row in rows]
        told: dict[str, Any] = {"@odata.context": f"{base}/$metadata#{name}", "value": rows}
        if query.get("$count", [""])[0].lower() == "true":
            told["@odata.count"] = count
        if (skip or 0) + len(rows) < count and top is None:
            kept_on = {k: v[0] for k, v in query.items() if k in ("$filter", "$select", "$count")}
            told["@odata.nextLink"] = f"{base}/{quote(name)}?{urlencode({'$skip': (skip or 0) + len(rows), **kept_on})}"
        return as_json(told)


def _number(query: Mapping[str, Sequence[str]], name: str, most: int) -> int | None:
    if name not in query:
        return None
    told = query[name][0]
    if not told.isdigit():
        raise Refused(400, Text(f"{name} 须是数。", f"{name} has to be a number."))
    return min(int(told), most)


def _at() -> str:
    connections.close_all()
    return clock.machine_now().isoformat()


_FORM = r"/v1/projects/1/forms/([^/]+)"
ROUTES: tuple[tuple[re.Pattern[str], tuple[str, ...], Callable[..., Reply]], ...] = (
    (re.compile("/v1/users/current"), ("GET",), _myself),
    (re.compile("/v1/projects"), ("GET",), lambda one: as_json([_project(one.worker)])),
    (re.compile("/v1/projects/1"), ("GET",), lambda one: as_json(_project(one.worker))),
    (re.compile("/v1/projects/1/forms"), ("GET",), _forms),
    (re.compile(r"/v1/projects/1/forms/([^/]+)\.xml"), ("GET",), _xform),
    (re.compile(r"/v1/projects/1/forms/([^/]+)\.svc(?:/([^/]*))?"), ("GET",), _table),
    (re.compile(_FORM), ("GET",), _one_form),
    (re.compile(_FORM + "/submissions"), ("GET", "POST"), _submissions),
    (re.compile(_FORM + "/submissions/([^/]+)"), ("GET", "PUT"), _one),
    (re.compile(_FORM + "/submissions/([^/]+)/attachments"), ("GET",), _attachments),
    (re.compile(_FORM + "/submissions/([^/]+)/attachments/([^/]+)"), ("GET", "POST"), _attachment),
)
