"""A submission is taken in: parsed, its files kept, and written down for good before it is acknowledged."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.core.exceptions import RequestDataTooBig, SuspiciousMultipartForm, TooManyFilesSent
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from bangfu.fieldwork.door import store
from bangfu.fieldwork.door.replies import ACCEPTS, Environ, Refused, Reply, asked, base_of, message
from bangfu.fieldwork.instance import Instance, Malformed, identify
from bangfu.fieldwork.models import Submission
from bangfu.fieldwork.models.inbox import INCOMPLETE, PAYLOAD
from bangfu.fieldwork.pictures import Place, cleaned
from bangfu.foundation.files import keep
from bangfu.foundation.say import Text, is_text
from bangfu.foundation.secrecy import encrypt_bytes, hash_key, keyed_hash

SUBMISSION, PARTIAL = "xml_submission_file", "*isIncomplete*"
LARGEST = ACCEPTS + 500_000  # a post with what stands around its parts
XML_BYTES = 4_000_000
PLACE = "submissionfile.place"
LONGEST_NAME = 120
TOO_LARGE = Text("内容太大，请分次提交。", "This is too large for one post: send it in several.")
NO_XML = Text("没有 xml_submission_file 部分。", "There is no part xml_submission_file.")
OTHER = Text(
    "同一编号的提交已有另一份内容；没有保存这一份。",
    "A submission with this id is here already with other content; this one was not kept.",
)
NEW, SAME = (
    Text("已收到并保存。", "Received and kept."),
    Text("这份提交已在，没有改变。", "This submission is here already; nothing was changed."),
)
MORE = Text("这份提交已在，新的附件已保存。", "This submission is here already; its new files were kept.")
NAMED = Text(
    "这份提交已有同名附件，内容不同；没有保存这次的附件。",
    "This submission has a file of that name with other content; the files of this post were not kept.",
)
CUT = Text("这次提交没有传完，请重新提交。", "This post was cut off before its end: send it again.")
SHUT = Text("这台设备的凭证已停用。", "The credential of this device is no longer good.")
UNKNOWN = Text(
    "本县没有表单 {form} 的这个版本（{version}），请在手机上更新表单；内容仍在手机上。",
    "This county has no such version of the form {form} ({version}). Get the forms again; what you filled in stays on the phone.",
)
LONG_NAME = Text("附件名不可用：{name}", "This name of a file cannot be: {name}")


@dataclass(frozen=True, slots=True)
class Post:
    """What one post brings: the XML, the files by name, and whether more is to come."""

    xml: bytes
    files: Mapping[str, bytes]
    whole: bool


def head() -> Reply:
    """What HEAD is answered: 204, and how much one post may have."""
    return Reply(204, headers=[("X-OpenRosa-Accept-Content-Length", str(ACCEPTS))])


def submit(environ: Environ, worker: store.Worker, prefix: str) -> Reply:
    """Take a post of the OpenRosa protocol in. Raises Refused with the status of each failure."""
    post = _parts(environ)
    outcome, instance = take(worker, post, came_by="phone", phone=asked(environ).get("deviceID", "")[:249])
    place = f"{base_of(environ)}{prefix}/submission/{quote(instance.id, safe='')}"
    headers = [("Location", place), ("X-OpenRosa-Accept-Content-Length", str(ACCEPTS))]
    return message(201, {"new": NEW, "more": MORE}.get(outcome, SAME), environ, headers)


def take(worker: store.Worker, post: Post, *, came_by: str, phone: str) -> tuple[str, Instance]:
    """Keep a submission with its files; `new`, `same`, or `more` where files were put to one that was here. When it returns they are on the disk.

    Raises Refused: 400 for XML that we do not read, 403 for a device that was shut meanwhile, 404 for a form or version that was never published here,
    409 for another content under an id that is here, or another file under a name that it has.
    """
    instance = parsed(post.xml)
    files = [_file(name, content) for name, content in post.files.items()]
    outcome = store.accept(
        worker,
        store.Sent(
            instance=instance.id, form=instance.form, version=instance.version, deprecates=instance.deprecates, digest=digest_of(post.xml),
            payload=encrypt_bytes(post.xml, PAYLOAD), came_by=came_by, phone=phone if is_text(phone) else "", whole=post.whole, files=files,
        ),
    )  # fmt: skip
    if outcome == "shut":
        raise Refused(403, SHUT)
    if outcome == "unknown":
        raise Refused(404, UNKNOWN.format(form=instance.form[:60], version=instance.version[:60] or "–"))
    if outcome in ("other", "named"):
        raise Refused(409, OTHER if outcome == "other" else NAMED)
    return outcome, instance


def add_file(worker: store.Worker, row: Submission, name: str, content: bytes) -> None:
    """Put a file to a submission that is here. Raises Refused 400 for its name, 403 for a device that was shut, 409 where it has another under that name."""
    sent = store.Sent(
        instance=row.instance, form=row.form, version=row.version, deprecates=row.deprecates, digest=bytes(row.digest),
        payload=bytes(row.content.payload), came_by=row.came_by, phone=row.phone, whole=row.state != INCOMPLETE, files=[_file(name, content)],
    )  # fmt: skip
    outcome = store.accept(worker, sent)
    if outcome == "named":
        raise Refused(409, NAMED)
    if outcome not in ("same", "more"):
        raise Refused(403, SHUT)


def parsed(xml: bytes) -> Instance:
    """The submission in some XML. Raises Refused 400 with the reason."""
    try:
        instance = identify(xml)
    except Malformed as wrong:
        raise Refused(400, Text(f"提交的 XML 读不了：{wrong}", f"The XML cannot be read: {wrong}")) from wrong
    if not all(map(is_text, (instance.id, instance.form, instance.version, instance.deprecates))):
        raise Refused(400, Text("编号中有不可用的字符。", "An id has characters that cannot be."))
    return instance


def digest_of(xml: bytes) -> bytes:
    """The keyed hash by which the same content is known again."""
    return keyed_hash(xml.decode("latin-1"), "submission", key=hash_key())


def body_of(environ: Environ, most: int = LARGEST) -> bytes:
    """The body of a request, chunked or not. Raises Refused 413 beyond the accepted length."""
    told = str(environ.get("CONTENT_LENGTH") or "")
    if told.isdigit() and int(told) > most:
        raise Refused(413, TOO_LARGE)
    body: bytes = environ["wsgi.input"].read(int(told) if told.isdigit() else most + 1)
    if len(body) > most:
        raise Refused(413, TOO_LARGE)
    return body


def _parts(environ: Environ) -> Post:
    kind = str(environ.get("CONTENT_TYPE", ""))
    if not kind.lower().startswith("multipart/form-data"):
        raise Refused(415, Text("须是 multipart/form-data。", "It has to be multipart/form-data."))
    body = body_of(environ)
    alone = _alone(body, kind)
    if alone is not None and len(alone) <= XML_BYTES:
        return Post(alone, {}, True)
    if not _ended(body, kind):
        raise Refused(400, CUT)
    given = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
    try:
        fields, files = MultiPartParser(given, io.BytesIO(body), [_InMemory()], "utf-8").parse()
    except (MultiPartParserError, SuspiciousMultipartForm, TooManyFilesSent, RequestDataTooBig, UnicodeDecodeError) as wrong:
        raise Refused(400, Text("这次提交的分段读不了。", "The parts of this post cannot be read.")) from wrong
    named: dict[str, bytes] = {}
    for name, listed in files.lists():
        named |= {name if name in (SUBMISSION, PARTIAL) else (one.name or name): one.read() for one in listed}
    xml = named.pop(SUBMISSION, None) or fields.get(SUBMISSION, "").encode()
    partial = named.pop(PARTIAL, b"") or fields.get(PARTIAL, "").encode()
    if not xml:
        raise Refused(400, NO_XML)
    if len(xml) > XML_BYTES:
        raise Refused(413, TOO_LARGE)
    return Post(xml, named, partial.strip().lower() not in (b"yes", b"true"))


def _alone(body: bytes, kind: str) -> bytes | None:
    """The XML of a post that has nothing else, as most have, without the work of taking parts apart; None for every other post."""
    mark = _mark(kind)
    if mark is None:
        return None
    if body.count(mark) != 2 or not body.startswith(mark + b"\r\n"):
        return None
    head, _, rest = body[len(mark) + 2 :].partition(b"\r\n\r\n")
    content, _, end = rest.rpartition(b"\r\n" + mark)
    if b'name="xml_submission_file"' not in head or b"transfer-encoding" in head.lower() or end.strip() != b"--" or not content:
        return None
    return content


def _mark(kind: str) -> bytes | None:
    """What stands between the parts; None where the content type does not say."""
    told = re.search(r'boundary="?([^";,\s]+)', kind)
    return b"--" + told[1].encode("latin-1", "replace") if told is not None else None


def _ended(body: bytes, kind: str) -> bool:
    """Whether the last part is closed: a post that was cut off has not that mark, and what was read of it is no submission."""
    mark = _mark(kind)
    return mark is not None and (b"\r\n" + mark + b"--") in body


class _InMemory(MemoryFileUploadHandler):
    """Everything in memory: a post is bounded, and nothing of it lies in the clear on a disk."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def _file(name: str, content: bytes) -> dict[str, Any]:
    """A kept file as the database takes it. Raises Refused 400 for a name that leads elsewhere."""
    if not fit_name(name):
        raise Refused(400, LONG_NAME.format(name=name[:40]))
    told = kept_file(name, content)
    place = told.pop("place")
    return told if place is None else {**told, "place": base64.b64encode(place).decode()}


def fit_name(name: str) -> bool:
    """Whether a file may be called so: short, and no way into another folder."""
    return (
        1 <= len(name) <= LONGEST_NAME and not re.search(r"[/\\\x00-\x1f]", name) and not name.startswith(".") and is_text(name)
    )


def kept_file(name: str, content: bytes) -> dict[str, Any]:
    """Keep a file, without the place that a camera has written into it; its fields, the place encrypted."""
    one = cleaned(content)
    place = encrypt_bytes(json.dumps(_told(one.place)).encode(), PLACE) if one.place is not None else None
    return {"name": name, "file": keep(one.content), "kind": one.kind, "size": len(one.content), "place": place}


def _told(place: Place) -> dict[str, Any]:
    at: datetime | None = place.at
    return {"latitude": place.latitude, "longitude": place.longitude, "at": at.isoformat() if at else None}
