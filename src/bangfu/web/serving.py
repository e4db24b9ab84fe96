"""Serving: the pages as the web role in worker processes of their own, the jobs as the owner beside them."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from urllib.error import HTTPError
from urllib.request import urlopen

import segno
from rich.console import Console
from rich.markup import escape

from bangfu.foundation import clock
from bangfu.foundation.arguments import LARGEST_PORT, require_port
from bangfu.foundation.county import find_county
from bangfu.foundation.failures import of_store
from bangfu.foundation.postgres import dsn
from bangfu.foundation.postgres.doctor import require_version, require_weak
from bangfu.foundation.postgres.places import write_private
from bangfu.foundation.postgres.server import Server
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import require_keys
from bangfu.foundation.terminal import said
from bangfu.web.phones.certificates import fingerprint, served_file, settle_office, settle_own, the_authority
from bangfu.web.phones.network import host_names, standings
from bangfu.web.phones.served import DOOR_VARIABLE, VARIABLE, Served, place
from bangfu.web.problems import NO_NETWORK, NO_PORT_FREE, NOT_AN_ADDRESS, PART_ENDED

PATIENCE = 60.0
PORTS_TRIED = 50
PORT, SECURE_PORT = 8000, 8443
EVERYWHERE = ("0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "localhost")
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds before the worker begins anew, twice as long each time

PLAIN = Text(
    "未加密：同一网络里的人能看到密码和内容；手机上不能离线、定位、安装到桌面。请改用 bangfu serve --tls。",
    "Not encrypted: whoever is in the network can read passwords and pages, and a phone will have no offline use, no position and "
    "nothing to install. Use: bangfu serve --tls",
)


def free_port(host: str, port: int) -> int:
    """The port, or the next one that nobody listens on.

    Raises BF-1041 for a number that is no port, BF-1907 for an address that is not this machine's, BF-1908 where no port is free.
    """
    require_port(port)
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        raise NOT_AN_ADDRESS(host=host, detail=getattr(error, "strerror", None) or error) from error
    last = min(port + PORTS_TRIED, LARGEST_PORT + 1) - 1
    for candidate in range(port, last + 1):
        with closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((where[0], candidate, *where[2:]))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise NOT_AN_ADDRESS(host=host, detail=error.strerror) from error
                refused = error
                continue
            return candidate
    raise NO_PORT_FREE(first=port, last=last, detail=refused.strerror) from refused


@dataclass(frozen=True, slots=True)
class Wish:
    """What `bangfu serve` was asked for; what is None is chosen."""

    host: str | None = None
    port: int | None = None
    lan: bool = False
    tls: bool = False
    certificate: Path | None = None
    key: Path | None = None
    door: int | None = None


def settle(wish: Wish) -> Served:
    """Settle where and how the pages are served; with TLS the certificate is laid ready.

    Raises what `free_port` and `settle_own` or `settle_office` raise, and BF-1917 where phones are meant and there is no network.
    """
    tls = wish.tls or wish.certificate is not None
    everywhere = wish.host in EVERYWHERE or (wish.host is None and (wish.lan or tls))
    host = wish.host or ("0.0.0.0" if everywhere else "127.0.0.1")
    port = free_port(host, wish.port if wish.port is not None else SECURE_PORT if tls else PORT)
    meant = set() if everywhere else {str(found[4][0]) for found in socket.getaddrinfo(host, port)}
    places = [one for one in standings() if everywhere or str(one.address) in meant]
    if everywhere and not places and wish.certificate is None:
        raise NO_NETWORK()
    called = host_names() if everywhere else [] if _is_address(host) else [host]
    heard = (*(str(one.address) for one in places), *called, *(() if everywhere or called else (host,)), *LOOPBACK)
    if not tls:
        return Served("http", host, port, tuple(dict.fromkeys(heard)))
    now = clock.machine_now()
    if wish.certificate is not None:
        names = settle_office(wish.certificate, wish.key or wish.certificate, now).names
        short = (host_names() or ["localhost"])[0].partition(".")[0]
        # A certificate for every host of a domain does not say which one we are.
        plain = tuple(name.replace("*", short, 1) for name in names)
        heard = (*heard, *(name.removeprefix("*") for name in names if name.startswith("*")))
    else:
        plain = settle_own(places, called, now).names
    door = free_port(host, wish.door if wish.door is not None else PORT)
    return Served("https", host, port, plain, door, wish.certificate is None, heard)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def serve(wish: Wish, *, with_worker: bool = True) -> None:
    """Serve the pages until Ctrl-C or a termination signal; stop everything that was started.

    Refuses a second `serve` of the same data folder (BF-1015), a database role that row-level security does not bind (BF-1024)
    and a key folder that is not the county's (BF-1031, BF-1032). Raises what `settle` raises, and BF-1909 where a process that it
    started ends by itself.
    """
    served = settle(wish)
    wanted = wish.port if wish.port is not None else SECURE_PORT if served.scheme == "https" else PORT
    if served.port != wanted:
        moved = Text("端口 {wanted} 已被占用，改用 {port}。", "Port {wanted} is taken: it is {port} instead.")
        print(said(moved.format(wanted=wanted, port=served.port)), file=sys.stderr)
    server = Server()
    with server.exclusive("serve"):
        with closing(dsn.connect("web")) as connection:
            require_version(connection)
            require_weak(connection)
        require_keys()
        find_county()
        write_private(place(), served.as_json())
        children = {"web": _start(_granian(served), served)}
        if served.door:
            children["door"] = _start(_granian(served, door=True), served, door=True)
        if with_worker:
            children["worker"] = _start([sys.executable, "-m", "bangfu", "worker"])
        stopping = False

        def stop(number: int, frame: FrameType | None) -> None:
            nonlocal stopping
            stopping = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        try:
            _wait_until_ready(served, children["web"])
            announce(served)
            while not stopping and all(child.poll() is None for child in children.values()):
                time.sleep(0.2)
            if not stopping:
                part, ended = next((part, child) for part, child in children.items() if child.poll() is not None)
                raise PART_ENDED(part=part, code=ended.returncode)
        finally:
            place().unlink(missing_ok=True)
            for child in children.values():
                if child.poll() is None:
                    child.send_signal(signal.SIGTERM)
            for child in children.values():
                with suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=20)
                with suppress(ProcessLookupError):  # whatever of its session is left: it listens on the port
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def announce(served: Served) -> None:
    """Say on the standard error where the pages are, what a phone opens, and what it will be missing."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(served.address())}[/]    Ctrl-C 停止 to stop")
    for name in served.names[1:]:
        if served.lan and name not in LOOPBACK:
            console.print(f"[dim]{escape(served.address(name))}[/]")
    if not served.lan:
        return
    console.print(f"手机 phone: [bold]{escape(served.entry())}[/]")
    authority = the_authority() if served.own else None
    if authority:
        console.print(f"证书指纹 fingerprint, SHA-256:\n{fingerprint(authority.certificate)}")
    if not served.secure:
        console.print(said(PLAIN), style="yellow")
    if console.is_terminal:
        segno.make(served.entry(), error="m").terminal(out=sys.stderr, compact=True)


def _granian(served: Served, *, door: bool = False) -> list[str]:
    port, workers = (served.door, 1) if door else (served.port, 2)
    # A worker that is told to end while it is still loading does not hear it: it is killed after a while.
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", served.host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", "4", "--backlog", "256", "--log-level", "warning", "--no-access-log",
        "--workers-kill-timeout", "10",
    ]  # fmt: skip
    if served.secure and not door:
        command += ["--ssl-certificate", str(served_file()), "--ssl-keyfile", str(served_file())]
    return [*command, "bangfu.web.wsgi:application"]


def _start(command: list[str], served: Served | None = None, *, door: bool = False) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches us first and we stop it in order."""
    environment = os.environ | {"BANGFU_PROCESS": "web" if served else "owner"}
    if served:
        environment |= {VARIABLE: served.as_json(), DOOR_VARIABLE: "1" if door else ""}
    return subprocess.Popen(command, env=environment, start_new_session=True, preexec_fn=_end_with_us())


def _end_with_us() -> Callable[[], None] | None:
    """What a child does before it begins, so that it is ended when we are killed and cannot end it; only Linux knows how."""
    if sys.platform != "linux":
        return None
    prctl, wish, end = (
        ctypes.CDLL(None).prctl,
        1,
        int(signal.SIGTERM),
    )  # looked up here: between fork and exec nothing may be loaded

    def ask() -> None:
        prctl(wish, end)

    return ask


def _wait_until_ready(served: Served, child: subprocess.Popen[bytes]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(served.host, served.host)
    asked = f"{served.scheme}://[{host}]" if ":" in host else f"{served.scheme}://{host}"
    # Only whether it answers is asked, and only of ourselves: the office's certificate does not name the loopback.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE and child.poll() is None:
        try:
            with urlopen(f"{asked}:{served.port}/login/", timeout=5, context=context) as answer:
                answer.read()
            return
        except HTTPError:
            return  # an answer is one, whatever it says
        except OSError:
            time.sleep(0.1)


def work() -> None:
    """Run the jobs until stopped; a second worker of the same data folder is refused (BF-1015)."""
    find_county()
    with Server().exclusive("worker"):
        asyncio.run(_work_on())


async def _work_on() -> None:
    """Run the jobs until Ctrl-C or a termination signal. Where the store breaks away the worker begins anew, as the pages do: a server that
    was killed is started by whoever asks for it next."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    stopping = asyncio.create_task(told.wait())
    pause = SHORTEST_PAUSE
    while not told.is_set():
        began = time.monotonic()
        working = asyncio.create_task(_work_once())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if told.is_set():
            working.cancel()
        (ended,) = await asyncio.gather(working, return_exceptions=True)
        if isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError) and of_store(ended) is None:
            raise ended
        # It does not end by itself otherwise; what went wrong has been logged.
        pause = SHORTEST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(stopping), pause)


async def _work_once() -> None:
    """Run the jobs until cancelled, or until the store breaks away."""
    from procrastinate.contrib.django import app

    # Making the connector attaches to the store, which may have to be started: not in the way of a signal.
    worker = app.with_connector(await asyncio.to_thread(app.connector.get_worker_connector))
    await asyncio.to_thread(worker.open)
    try:
        async with worker.open_async():
            await worker.run_worker_async(concurrency=1, install_signal_handlers=False)
    finally:
        await asyncio.to_thread(worker.close)
