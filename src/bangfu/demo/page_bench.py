"""Benches of the pages: people at work against a running server, and searches within every kind of scope.

The server is the product's own (`bangfu serve`), the sessions come of real log-ins, the time of a page ends with its last byte.
"""

from __future__ import annotations

import http.client
import itertools
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

from django.http import QueryDict

from bangfu.accounts.actions import assign_role, create_user
from bangfu.accounts.models import Assignment
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.demo.building import PASSWORD, build
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.benchmarks import peak_mb
from bangfu.foundation.county import the_county
from bangfu.register.models import Household, Person
from bangfu.register.pages.listing import additions, household_list, kinds

BUDGET_PAGES = {"p95_ms": 150, "write_p95_ms": 300, "database_ms": 50}
BUDGET_SEARCH = {"p95_ms": 100}
PAUSE, WARM, LASTING = 1.0, 5.0, 60.0  # seconds: between two pages of a person, before anything is counted, counted
PEOPLE = (
    ("county_headquarters", "county", 2),
    ("analyst", "county", 2),
    ("township_station", "township", 12),
    ("village_secretary", "village", 34),
)
NARROWED = (
    "kind=ordinary",
    "kind=registered",
    "kind=monitored",
    "registered=yes",
    "verdict=any.unmet",
    "verdict=any.unknown",
    "verdict=housing.unmet",
    "verdict=income.unmet",
    "kind=ordinary&verdict=any.unmet",
)
DOOR = "the way in alone"
WRITE = "write"
# What people do, how often of a hundred. The way in alone is a redirect: session, role and scope, and nothing read or shown.
WORK = {"list": 20, "next page": 10, "narrowed list": 15, "search": 20, "household": 15, "county table": 10, DOOR: 5, WRITE: 5}
SEARCHES = 150  # in each scope


def county_at(scale: float) -> None:
    """The demo county at a scale, as it is once the server has tidied up behind the import."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    build(scale=scale)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _people() -> dict[str, list[tuple[str, str]]]:
    """Fifty users with a role where it belongs, spread over the county: level → [(user, path)]."""
    county = the_county()
    operator = county.operator()
    places = {
        level: list(Area.objects.under(county.path).level(level).order_by("path").values_list("path", flat=True))
        for level in ("township", "village")
    }
    places["county"] = [county.path]
    people: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for role, level, count in PEOPLE:
        here = places[level]
        for n in range(count):
            username, path = f"bench-{role}-{n}", here[n * len(here) // count]
            assign_role(operator, create_user(operator, username, username, PASSWORD), role, path)
            people[level].append((username, path))
    return people


def _words(count: int) -> list[str]:
    """What people type: family names, whole names, their pinyin and initials, and now and then a number or its last four."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, pinyin, initials FROM register_person ORDER BY md5(id::text) LIMIT %s", [count])
        persons = cursor.fetchall()
        cursor.execute("SELECT number FROM register_household WHERE sort = 'farming' ORDER BY md5(id::text) LIMIT %s", [count])
        numbers = [row[0] for row in cursor.fetchall()]
    said = []
    for n, ((name, pinyin, initials), number) in enumerate(zip(persons, itertools.cycle(numbers), strict=False)):
        said.append((name, name[0], pinyin, pinyin[:2], initials, name[1:], number, number[-4:])[n % 8])
    return said


@contextmanager
def served() -> Iterator[int]:
    """`bangfu serve` on a free port; gives the port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "bangfu", "serve", "--port", str(port), "--no-worker"], stderr=subprocess.DEVNULL
    )
    try:
        began = time.monotonic()
        while time.monotonic() - began < 60 and server.poll() is None:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


@dataclass
class Visitor:
    """A browser of one person: a connection, cookies, and what the last list led to."""

    port: int
    path: str
    cookies: dict[str, str] = field(default_factory=dict)
    households: list[str] = field(default_factory=list)
    next_page: str = ""

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.list_url = f"/areas/{self.path.rstrip('/')}/households/"

    def ask(self, url: str, form: dict[str, str] | None = None) -> tuple[int, str, float]:
        """Status, page and milliseconds. Raises RuntimeError for an answer that is none (4xx, 5xx, the log-in page)."""
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Accept": "text/html",
            "Accept-Language": "zh-CN",
        }
        body = None
        if form is not None:
            body = urlencode(form | {"csrfmiddlewaretoken": self.cookies["csrftoken"]})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self.connection.request("GET" if form is None else "POST", url, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        took = (time.perf_counter() - began) * 1000
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(line).items()}
        if answer.status >= 400 or "/login/" in (answer.headers.get("Location") or ""):
            raise RuntimeError(f"{url}: {answer.status}")
        return answer.status, page, took

    def log_in(self, username: str) -> None:
        """Log in as people do, by the form."""
        self.ask("/login/")
        self.ask("/login/", {"username": username, "password": PASSWORD})

    def search(self, text: str) -> tuple[int, str, float]:
        """A search as the field of a list sends it: a whole number by its form, so that no address holds it."""
        if re.search(r"\d{11,}", text):
            return self.ask("/households/by-number/", {"number": text})
        return self.ask(f"{self.list_url}?q={quote(text)}")

    def do(self, kind: str, chance: random.Random, words: list[str]) -> float:
        """One page of a kind; its milliseconds."""
        if kind == WRITE:
            return self.ask("/language/", {"language": chance.choice(("zh-hans", "en")), "next": "/"})[2]
        if kind == DOOR:
            return self.ask("/households/")[2]
        if kind == "county table":
            return self.ask(self.list_url.removesuffix("households/"))[2]
        if kind == "household" and self.households:
            return self.ask(chance.choice(self.households))[2]
        url = self.list_url
        if kind == "next page" and self.next_page:
            url += self.next_page
        elif kind == "narrowed list":
            url += f"?{chance.choice(NARROWED)}"
        _, page, took = self.search(chance.choice(words)) if kind == "search" else self.ask(url)
        self.households = re.findall(r'data-href="([^"]+)"', page) or self.households
        found = re.search(r'id="page-next"[^>]* href="([^"]+)"', page)
        self.next_page = unescape(found[1]) if found else ""
        return took


def _at_work(port: int, people: dict[str, list[tuple[str, str]]], words: list[str]) -> list[tuple[str, str, float]]:
    """Everybody at work side by side; (kind of page, level, milliseconds) of every page after the first seconds."""
    visitors = []
    for level, users in people.items():
        for username, path in users:
            visitor = Visitor(port, path)
            visitor.log_in(username)
            visitors.append((level, visitor))
    took: list[tuple[str, str, float]] = []
    failed: list[BaseException] = []
    start = time.monotonic()

    def work(number: int, level: str, visitor: Visitor) -> None:
        chance = random.Random(number)
        time.sleep(PAUSE * number / len(visitors))
        # The server lets go of a connection that was silent for long, as the first is while the others log in.
        visitor.connection.close()
        try:
            while not failed and (now := time.monotonic()) < start + WARM + LASTING:
                kind = chance.choices(list(WORK), list(WORK.values()))[0]
                ms = visitor.do(kind, chance, words)
                if now > start + WARM:
                    took.append((kind, level, ms))
                time.sleep(PAUSE * chance.uniform(0.5, 1.5))
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work, args=(n, *one)) for n, one in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return took


def percentiles(values: Iterable[float]) -> dict[str, float]:
    """`p50_ms`, `p95_ms`, `p99_ms` and how many values they are of."""
    ordered = sorted(values)
    cuts = statistics.quantiles(ordered, n=100) if len(ordered) > 1 else ordered * 99
    return {"p50_ms": round(cuts[49], 1), "p95_ms": round(cuts[94], 1), "p99_ms": round(cuts[98], 1), "count": len(ordered)}


def _actor(username: str) -> Actor:
    return Assignment.objects.filter(user__username=username).select_related("user").get().actor()


def in_the_database(actor: Actor, address: str, *, to_the_end: bool = False) -> tuple[float, float]:
    """Milliseconds of the first page and of the count of a list's address, asked of the database as the page asks.

    `to_the_end` counts without a limit.
    """
    with acting(actor):
        listing = household_list(profile_of(actor.scope), additions(), actor.scope)
        state = listing.read(QueryDict(address, encoding="utf-8"), options={"kind": kinds()})
        if state.notices:
            raise ValueError(f"{address}: {state.notices}")  # the list would be another one than the bench says
        began = time.perf_counter()
        rows = listing.narrow(
            Household.objects.visible_to(actor).farming().under(actor.scope).only("id", "number", "path", "area_id"), state
        )
        narrowed = time.perf_counter()
        list(rows.order_by(*listing.order)[: state.size + 1])
        paged = time.perf_counter()
        rows.count() if to_the_end else listing.count(rows, state)
        counted = time.perf_counter()
    return (paged - began) * 1000, (counted - paged + narrowed - began) * 1000


def bench_pages(scale: float) -> dict[str, Any]:
    """`bench pages`: fifty people with a second's pause, by role, beside requests that show nothing, in the same minute."""
    county_at(scale)
    return measure_pages(scale)


def measure_pages(scale: float) -> dict[str, Any]:
    """`bench_pages` in the county that stands here."""
    people = _people()
    words = _words(400)
    with served() as port:
        took = _at_work(port, people, words)
    reads = [(kind, level, ms) for kind, level, ms in took if kind not in (WRITE, DOOR)]
    of_kind = {kind: percentiles(ms for k, _, ms in took if k == kind) for kind in WORK}
    reader = _actor(people["county"][0][0])
    database = {}
    for address in ("", *NARROWED):
        pages, counts = zip(*(in_the_database(reader, address) for _ in range(5)), strict=True)
        database[address or "all"] = {
            "page_ms": round(statistics.median(pages), 1),
            "count_ms": round(statistics.median(counts), 1),
        }
    whole = percentiles(ms for _, _, ms in reads)
    seconds, baseline = whole["p50_ms"] / 1000, of_kind[DOOR]["p50_ms"] / 1000
    return {
        "name": "pages",
        "scale": scale,
        "seconds": round(seconds, 4),
        "baseline": {"name": f"{DOOR}: session, role and scope, a redirect", "seconds": round(baseline, 4)},
        "ratio": round(seconds / baseline, 2),
        "peak_mb": round(peak_mb()),
        "detail": {
            "users": sum(len(users) for users in people.values()),
            "pause_s": PAUSE,
            "persons": Person.objects.count(),
            **whole,
            "write_p95_ms": of_kind[WRITE]["p95_ms"],
            "database_ms": max(one["page_ms"] for one in database.values()),
            "pages": of_kind,
            "levels": {level: percentiles(ms for _, at, ms in reads if at == level) for level in people},
            "first_page_in_the_database": database,
            "budget": BUDGET_PAGES,
        },
    }


def bench_search(scale: float) -> dict[str, Any]:
    """`bench search`: one person who searches in a county, a township, a village; beside the same without scope, counted to the end."""
    county_at(scale)
    return measure_search(scale)


def measure_search(scale: float) -> dict[str, Any]:
    """`bench_search` in the county that stands here."""
    people = _people()
    words = _words(SEARCHES)
    operator = the_county().operator()
    database: dict[str, list[float]] = {}
    pages: dict[str, list[float]] = {}
    slowest: dict[str, tuple[float, str]] = {}
    with served() as port:
        for level, users in people.items():
            username, path = users[0]
            reader, visitor = _actor(username), Visitor(port, path)
            visitor.log_in(username)
            asked = [(sum(in_the_database(reader, urlencode({"q": text}))), text) for text in words]
            database[level], slowest[level] = [ms for ms, _ in asked], max(asked)
            pages[level] = [visitor.search(text)[2] for text in words]
    plain = [sum(in_the_database(operator, urlencode({"q": text}), to_the_end=True)) for text in words]
    every = percentiles(itertools.chain(*database.values()))
    seconds, baseline = every["p50_ms"] / 1000, statistics.median(plain) / 1000
    return {
        "name": "search",
        "scale": scale,
        "seconds": round(seconds, 5),
        "baseline": {"name": "the same without scope (as the owner), counted to the end", "seconds": round(baseline, 5)},
        "ratio": round(seconds / baseline, 2),
        "peak_mb": round(peak_mb()),
        "detail": {
            "persons": Person.objects.count(),
            **every,
            "page_p95_ms": percentiles(itertools.chain(*pages.values()))["p95_ms"],
            "baseline_p95_ms": percentiles(plain)["p95_ms"],
            "levels": {level: percentiles(values) | {"slowest": slowest[level][1]} for level, values in database.items()},
            "whole_pages": {level: percentiles(values) for level, values in pages.items()},
            "budget": BUDGET_SEARCH,
        },
    }
