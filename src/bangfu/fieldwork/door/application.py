"""The application behind `/openrosa/…` (Basic, Digest) and `/key/SECRET/…` (one worker's own address): routes, credentials, failures."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable

from bangfu.fieldwork.door import accepting, central, forms
from bangfu.fieldwork.door.credentials import worker_of
from bangfu.fieldwork.door.replies import Environ, Refused, Reply, Start, message, path_of
from bangfu.fieldwork.door.store import Worker
from bangfu.fieldwork.models import Submission
from bangfu.foundation.failures import of_store
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

log = logging.getLogger("bangfu.fieldwork.door")
OPENROSA, KEY = "/openrosa", "/key/"
NOT_FOUND = Text("没有这个地址。", "There is nothing at this address.")
NOT_SO = Text("这个地址不接受这种请求。", "This address does not take that kind of request.")
LATER = Text(
    "系统现在办不了，内容没有保存；请过一会儿再发。", "This cannot be done now and nothing was kept: send it again in a while."
)
Handler = Callable[..., Reply]


def application(environ: Environ, start: Start) -> Iterable[bytes]:
    """Answer one request; whatever fails is answered in the form that phones understand."""
    head = environ["REQUEST_METHOD"] == "HEAD"
    try:
        reply = _answer(environ)
    except Refused as no:
        reply = message(no.status, no.words, environ, no.headers)
    except Problem as problem:
        reply = message(
            problem.kind.status, Text(f"{problem.number} {problem.cause.zh}", f"{problem.number} {problem.cause.en}"), environ
        )
    except Exception as wrong:
        log.exception("%s failed", environ.get("REQUEST_METHOD"))
        reply = message(503 if of_store(wrong) is not None else 500, LATER, environ, [("Retry-After", "60")])
    return reply.send(start, head=head)


def _answer(environ: Environ) -> Reply:
    path, prefix, key = _place(path_of(environ))
    method = str(environ["REQUEST_METHOD"])
    if path.startswith("/v1/"):
        return central.answer(environ, key, path, method, prefix)
    for pattern, methods, handle in ROUTES:
        found = pattern.fullmatch(path)
        if found is None:
            continue
        if method not in methods:
            raise Refused(405, NOT_SO, [("Allow", ", ".join(methods))])
        return handle(environ, worker_of(environ, key), prefix, method, *found.groups())
    raise Refused(404, NOT_FOUND)


def _place(path: str) -> tuple[str, str, str | None]:
    """The path behind the door, the part before it, and the key that stands in it."""
    if path.startswith(KEY):
        key, slash, rest = path.removeprefix(KEY).partition("/")
        return slash + rest, KEY + key, key
    return path.removeprefix(OPENROSA), OPENROSA, None


def _submission(environ: Environ, worker: Worker, prefix: str, method: str) -> Reply:
    return accepting.submit(environ, worker, prefix) if method == "POST" else accepting.head()


def _standing(environ: Environ, worker: Worker, prefix: str, method: str, instance: str) -> Reply:
    """Where a submission stands, for the worker who sent it."""
    with forms.acting_for(worker) as actor:
        found = Submission.objects.visible_to(actor).filter(instance=instance).first()
        if found is None:
            raise Refused(404, NOT_FOUND)
        return message(200, found.state_title, environ)


ROUTES: tuple[tuple[re.Pattern[str], tuple[str, ...], Handler], ...] = (
    (re.compile("/submission"), ("HEAD", "POST"), _submission),
    (re.compile("/submission/(.+)"), ("GET", "HEAD"), _standing),
    (re.compile("/formList"), ("GET", "HEAD"), lambda e, w, p, m: forms.form_list(e, w, p)),
    (re.compile(r"/forms/(\d{1,18})\.xml"), ("GET", "HEAD"), lambda e, w, p, m, k: forms.form(w, int(k))),
    (re.compile(r"/forms/(\d{1,18})/manifest"), ("GET", "HEAD"), lambda e, w, p, m, k: forms.manifest(e, w, p, int(k))),
    (re.compile(r"/forms/(\d{1,18})/files/([^/]+)"), ("GET", "HEAD"), lambda e, w, p, m, k, n: forms.file(w, int(k), n)),
    (re.compile(r"/lists/([a-z]+\.csv)"), ("GET", "HEAD"), lambda e, w, p, m, n: forms.own_list(w, n)),
    (re.compile(r"/lists/([a-z]+\.csv)/integrity"), ("GET", "HEAD"), lambda e, w, p, m, n: forms.integrity(e, w, n)),
)
