"""The bench `submissions`: phones hand in through the product's own server, beside a bare parse and insert with the same client on the same machine.

Every acknowledged submission is counted in the database afterwards: what is fast and not there is not fast.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

BUDGET = {"per_second": 1_000, "ratio": 0.4}
CONNECTIONS, LASTING, WARM = 12, 8.0, 2.0  # seconds
MARK = "bangfu-bench-boundary"
QUESTIONS = 250
FORM = ("bench", "1")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run of posts gave: how many were acknowledged a second, and how long one took (milliseconds)."""

    per_second: float
    p50_ms: float
    p99_ms: float
    acknowledged: int

    def as_json(self) -> dict[str, float]:
        """For the detail of the bench."""
        return {"per_second": round(self.per_second), "p50_ms": round(self.p50_ms, 1), "p99_ms": round(self.p99_ms, 1)}


def submissions(scale: float) -> dict[str, Any]:
    """Accepted durably over OpenRosa: small ones (1.4 kB), forms of 250 questions, small ones with HEAD before each, and with a photo of 100 kB."""
    from bangfu.demo.page_bench import served
    from bangfu.fieldwork.actions.devices import make_device
    from bangfu.foundation.county import the_county

    _county()
    made = make_device(the_county().operator(), _assignment(), "bench")
    lasting = max(1.0, LASTING * min(scale, 1.0))
    detail: dict[str, Any] = {"connections": CONNECTIONS}
    with served() as port:
        address = f"/key/{made.secret}/submission?deviceID=bench"
        small = _measure(port, address, _bodies(170), lasting)
        detail["questions_250"] = _measure(port, address, _bodies(QUESTIONS * 8), lasting / 2).as_json()
        detail["with_head"] = _measure(port, address, _bodies(170), lasting / 2, head=True).as_json()
        detail["photo_100_kb"] = _measure(port, address, _bodies(170, photo=100_000), lasting / 2).as_json()
        kept = _kept()
    with _bare() as port:
        bare = _measure(port, "/submission", _bodies(170), lasting)
    if kept < small.acknowledged:
        raise AssertionError(f"{small.acknowledged} were acknowledged and {kept} are there")
    ratio = small.per_second / bare.per_second
    return {
        "name": "submissions", "scale": scale, "seconds": lasting, "baseline": round(bare.per_second), "ratio": round(ratio, 2), "peak_mb": None,
        "detail": {**small.as_json(), **detail, "bare": bare.as_json(), "kept": kept, "budget": BUDGET,
                   "met": small.per_second >= BUDGET["per_second"] and ratio >= BUDGET["ratio"]},
    }  # fmt: skip


def _county() -> None:
    """A county small as can be: its areas, one worker, one form."""
    from django.core.management import call_command

    from bangfu.accounts.actions import assign_role, create_user
    from bangfu.areas.models import Area
    from bangfu.demo.building import DAY, PASSWORD, lay_areas
    from bangfu.fieldwork.actions import publish, upload
    from bangfu.fieldwork.catalogue import workbook_of
    from bangfu.foundation import clock
    from bangfu.foundation.county import the_county

    clock.set_process_clock(clock.moment(DAY))
    call_command("migrate", verbosity=0)
    lay_areas(2020)
    by = the_county().operator()
    user = create_user(by, "bench", "bench", PASSWORD)
    village = Area.objects.filter(level="village").order_by("path")[0]
    assign_role(by, user, "village_secretary", village.path)
    sheets = {
        "survey": [{"type": "text", "name": "a", "label": "a"}],
        "choices": [],
        "settings": [{"form_id": FORM[0], "form_title": FORM[0], "version": FORM[1]}],
    }
    publish(by, upload(by, "bench.xlsx", workbook_of(sheets)).pk)


def _assignment() -> int:
    from bangfu.accounts.models import Assignment

    return Assignment.objects.get(user__username="bench").pk


def _kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM fieldwork_submission")
        return int(cursor.fetchone()[0])


def _bodies(answers: int, photo: int = 0) -> Callable[[], bytes]:
    """What makes the bodies of posts: the XML of so many characters of answers, each with an id of its own."""
    inside = "".join(f"<q{n}>answer {n}</q{n}>" for n in range(answers // 8))
    before = (
        f'--{MARK}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\nContent-Type: text/xml\r\n\r\n'
        f'<data id="{FORM[0]}" version="{FORM[1]}">{inside * 3}<meta><instanceID>uuid:'
    ).encode()
    after = b"</instanceID></meta></data>\r\n"
    picture = b"\xff\xd8\xff\xe0" + bytes(i * 37 % 251 for i in range(1_000)) * (photo // 1_000) + b"\xff\xd9"
    end = f"--{MARK}--\r\n".encode()
    head = (
        f'--{MARK}\r\nContent-Disposition: form-data; name="p.jpg"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
    )

    def body() -> bytes:
        own = str(uuid.uuid4()).encode()
        # No two photographs are the same: each has its own file.
        return before + own + after + (head + picture[:8] + own + picture[8:] + b"\r\n" if photo else b"") + end

    return body


def _measure(port: int, address: str, make: Callable[[], bytes], lasting: float, *, head: bool = False) -> Measured:
    """Post over kept connections for a time, after a while that is not counted."""
    times: list[float] = []
    acknowledged = [0]
    begin, end = time.perf_counter() + WARM, time.perf_counter() + WARM + lasting
    lock = threading.Lock()

    def knock() -> None:
        own, done = [], 0
        with closing(socket.create_connection(("127.0.0.1", port))) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (now := time.perf_counter()) < end:
                if head:
                    _ask(line, f"HEAD {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), b" 204 ")
                body = make()
                told = f"POST {address} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary={MARK}\r\nContent-Length: {len(body)}\r\n\r\n"
                _ask(line, told.encode() + body, b" 201 ")
                done += 1
                if now >= begin:
                    own.append(time.perf_counter() - now)
        with lock:
            times.extend(own)
            acknowledged[0] += done

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for knocking in [pool.submit(knock) for _ in range(CONNECTIONS)]:
            knocking.result()  # raises what went wrong
    times.sort()
    if not times:
        raise AssertionError("nothing was acknowledged")
    return Measured(len(times) / lasting, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000, acknowledged[0])


def _ask(line: socket.socket, request: bytes, wanted: bytes) -> None:
    """One request; its answer is read to its end. Raises AssertionError for another status."""
    line.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(65_536) or _ended(got)
    head, _, rest = got.partition(b"\r\n\r\n")
    if wanted not in head.split(b"\r\n", 1)[0]:
        raise AssertionError(got.decode(errors="replace")[:400])
    length = next((int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
    if request.startswith(b"HEAD"):
        return
    while len(rest) < length:
        rest += line.recv(65_536) or _ended(rest)


def _ended(got: bytes) -> bytes:
    raise AssertionError(f"the server went away after {got[:200]!r}")


@contextmanager
def _bare() -> Iterator[int]:
    """The baseline: the same server, an application that parses the XML and inserts it, and nothing else; gives the port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, instance text UNIQUE, content bytea)")
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
        "--blocking-threads", "4", "--backlog", "256", "--log-level", "warning", "--no-access-log", "bangfu.demo.bare:application",
    ]  # fmt: skip
    child = subprocess.Popen(command)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        child.terminate()
        child.wait()
