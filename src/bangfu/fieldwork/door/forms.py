"""What phones fetch: the list of forms, a form, its manifest, its files, and the lists of the worker's own households."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote
from xml.sax.saxutils import escape

from django.db import connections

from bangfu.accounts.models import Assignment
from bangfu.fieldwork.actions.publishing import OWN_LISTS
from bangfu.fieldwork.door.replies import Environ, Refused, Reply, asked, base_of
from bangfu.fieldwork.door.store import Worker, settle_clock
from bangfu.fieldwork.lists import list_of
from bangfu.fieldwork.models import FormFile, FormVersion
from bangfu.fieldwork.models.forms import DRAFT
from bangfu.foundation import clock
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.files import read as kept
from bangfu.foundation.say import Text

KINDS = {"csv": "text/csv; charset=utf-8", "xml": "text/xml; charset=utf-8", "geojson": "application/geo+json"}
ENTITY_LISTS = ("households.csv", "members.csv")
NOT_THERE = Text("没有这张表单或文件。", "There is no such form or file.")


@contextmanager
def acting_for(worker: Worker) -> Iterator[Actor]:
    """Act as the worker in the role of the device, and give the connection back afterwards. Raises Refused 403 where the role is no longer held."""
    settle_clock()
    try:
        found = Assignment.objects.on(clock.today()).filter(pk=worker.assignment).select_related("user").first()
        if found is None:
            raise Refused(403, Text("这个身份今天已不在任。", "This role is no longer held today."))
        actor = found.actor()
        with acting(actor):
            yield actor
    finally:
        connections.close_all()


def form_list(environ: Environ, worker: Worker, prefix: str) -> Reply:
    """The forms that the worker may fill in; `?formID=` asks for one."""
    only = asked(environ).get("formID")
    base = base_of(environ) + prefix
    with acting_for(worker):
        versions = list(FormVersion.objects.published().select_related("form").order_by("form__key"))
    parts = []
    for one in versions:
        if only is not None and one.form.key != only:
            continue
        manifest = f"<manifestUrl>{base}/forms/{one.pk}/manifest</manifestUrl>" if one.read.media else ""
        parts.append(
            f"<xform><formID>{escape(one.form.key)}</formID><name>{escape(one.form.title)}</name><version>{escape(one.version)}</version>"
            f"<hash>md5:{one.md5}</hash><downloadUrl>{base}/forms/{one.pk}.xml</downloadUrl>{manifest}</xform>"
        )
    return _xml(f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{"".join(parts)}</xforms>')


def form(worker: Worker, key: int) -> Reply:
    """A form, byte for byte what its hash is of. Raises Refused 404."""
    with acting_for(worker):
        return Reply(200, _version(key).content)


def manifest(environ: Environ, worker: Worker, prefix: str, key: int) -> Reply:
    """The files of a form with their hashes; the county's lists are as this worker may see them. Raises Refused 404."""
    base = base_of(environ) + prefix
    with acting_for(worker) as actor:
        version = _version(key)
        files = dict(version.files.values_list("name", "md5"))
        parts = []
        for name in version.read.media:
            if name in OWN_LISTS:
                content = list_bytes(actor, name)
                sort = ' type="entityList"' if name in ENTITY_LISTS else ""
                check = f"<integrityUrl>{base}/lists/{name}/integrity</integrityUrl>" if sort else ""
                parts.append(_file(sort, name, _md5(content), f"{base}/lists/{name}", check))
            elif name in files:
                parts.append(_file("", name, files[name], f"{base}/forms/{key}/files/{quote(name)}"))
    return _xml(f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{"".join(parts)}</manifest>')


def _file(sort: str, name: str, md5: str, address: str, check: str = "") -> str:
    return f"<mediaFile{sort}><filename>{escape(name)}</filename><hash>md5:{md5}</hash><downloadUrl>{address}</downloadUrl>{check}</mediaFile>"


def file(worker: Worker, key: int, name: str) -> Reply:
    """A file of a form. Raises Refused 404."""
    with acting_for(worker):
        found = FormFile.objects.filter(version__pk=key, name=name).exclude(version__state=DRAFT).first()
        if found is None:
            raise Refused(404, NOT_THERE)
        return Reply(200, kept(found.file), KINDS.get(name.rpartition(".")[2].lower(), "application/octet-stream"))


def own_list(worker: Worker, name: str) -> Reply:
    """One of the county's lists as this worker may see it. Raises Refused 404."""
    if name not in OWN_LISTS:
        raise Refused(404, NOT_THERE)
    with acting_for(worker) as actor:
        return Reply(200, list_bytes(actor, name), KINDS["csv"])


def integrity(environ: Environ, worker: Worker, name: str) -> Reply:
    """Which of the households or members that a phone holds are no longer the worker's: `?id=a,b`."""
    if name not in ENTITY_LISTS:
        raise Refused(404, NOT_THERE)
    wanted = [one for one in asked(environ).get("id", "").split(",") if one][:5_000]
    with acting_for(worker) as actor:
        there = {row[0] for row in list_of(actor, name)[1]}
    parts = "".join(
        f'<entity id="{escape(one, {chr(34): "&quot;"})}"><deleted>{str(one not in there).lower()}</deleted></entity>'
        for one in wanted
    )
    return _xml(f"<data><entities>{parts}</entities></data>")


def list_bytes(actor: Actor, name: str) -> bytes:
    """A list as CSV."""
    heads, rows = list_of(actor, name)
    return _csv([heads, *rows])


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _version(key: int) -> FormVersion:
    found = FormVersion.objects.exclude(state=DRAFT).select_related("form").filter(pk=key).first()
    if found is None:
        raise Refused(404, NOT_THERE)
    return found


def _xml(body: str) -> Reply:
    return Reply(200, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode())


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
