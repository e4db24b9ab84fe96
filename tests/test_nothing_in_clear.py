"""The whole demo is run, used, mistaken and refused; then everything that was written is searched for any number of a person.

Searched: the data folder with the lake deciphered, reports, logs, what commands print, every table of the database as text, pages and
pages of errors. The one exception are the workbooks themselves, which an office hands in: the folder `demo`.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from python_calamine import CalamineWorkbook

from bangfu.accounts.models import User
from bangfu.areas.models import Area
from bangfu.foundation.county import County
from bangfu.foundation.hiding import HidingFormatter
from bangfu.foundation.home import home
from bangfu.lake.actions import refresh
from bangfu.register.actions import import_files
from bangfu.register.models import FARMING, Membership
from tests.committed import own_county, run_bangfu  # noqa: F401
from tests.environment import HOME
from tests.register.workbooks import identity, member, xlsx

WORKBOOKS = "demo"  # what the office handed in; the one place where numbers stand in the clear
CLUSTER = "pg"  # files of the database: it is searched as text instead
COLUMNS = ("户联系电话", "银行账号", "证件号码", "人联系电话", "残疾证号")
TOKEN = re.compile(r"[0-9]{7,}[0-9Xx]?")


class Needles:
    """Numbers to be searched for: whole runs of digits, and identity numbers inside longer runs too."""

    def __init__(self, numbers: set[str]) -> None:
        self.numbers = {n.upper() for n in numbers}
        self.identities = {n for n in self.numbers if len(n) == 18}

    def found(self, text: str) -> set[str]:
        hits = set()
        for token in set(TOKEN.findall(text)):
            token = token.upper()
            windows = {token[i : i + 18] for i in range(len(token) - 17)}
            hits |= {token, token.rstrip("X")} & self.numbers | windows & self.identities
        return hits


def handed_in() -> Iterator[str]:
    for path in sorted((HOME / WORKBOOKS).rglob("*.xlsx")):
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        heads = next(r for r in rows if "证件号码" in r)
        places = [heads.index(c) for c in COLUMNS if c in heads]
        for row in rows[rows.index(heads) + 1 :]:
            yield from (str(row[place]) for place in places if row[place])


@pytest.fixture(scope="module")
def needles(county_template: str) -> Needles:
    numbers = set(handed_in())
    assert len([n for n in numbers if len(n) == 18]) > 5000
    assert len([n for n in numbers if len(n) == 11]) > 1000
    assert len([n for n in numbers if len(n) == 19]) > 500
    return Needles(numbers)


def test_the_search_itself_finds_what_is_there(needles: Needles) -> None:
    number = next(iter(sorted(needles.identities)))
    for text in (number, f"<td>{number}</td>", f"1{number}9", number.lower(), json.dumps({"a": number})):
        assert needles.found(text), text
    phone = next(n for n in sorted(needles.numbers) if len(n) == 11)
    assert needles.found(f"tel:{phone}") == {phone}
    assert not needles.found("52032300100100002 2020-04-28")


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of a data folder but the workbooks and the cluster's own, as text; Parquet column by column as well."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.relative_to(folder).parts[0] in (WORKBOOKS, CLUSTER):
            continue
        yield str(path), path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            for name in table.column_names:
                yield f"{path}:{name}", "\n".join(set(map(str, table[name].to_pylist())))


def dump() -> Iterator[tuple[str, str]]:
    """Every row of every table of the database, histories and jobs and sessions too, as text; bytes as they are and read as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = [row[0] for row in cursor.fetchall()]
        assert len(tables) > 50
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            text = "\n".join(row[0] for row in cursor.fetchall())
            yield table, text
            for raw in re.findall(r"\\x([0-9a-f]{14,})", text):
                yield table, bytes.fromhex(raw).decode("latin-1")
        cursor.execute("SELECT session_data FROM django_session")
        for (data,) in cursor.fetchall():
            yield "django_session", _session(data)


def _session(data: str) -> str:
    body = data.split(":")[0]
    squeezed = body.startswith(".")
    raw = base64.urlsafe_b64decode(body.removeprefix(".") + "=" * (-len(body.removeprefix(".")) % 4))
    return (zlib.decompress(raw) if squeezed else raw).decode("latin-1")


def test_the_data_folder_of_the_built_county_has_no_number(needles: Needles) -> None:
    searched = dict(texts(HOME))
    assert any(name.endswith("manifest.json") for name in searched)
    assert any(".parquet:" in name for name in searched)
    assert any("logs" in name for name in searched)
    assert {name: hits for name, text in searched.items() if (hits := needles.found(text))} == {}


def test_nothing_that_is_written_or_shown_holds_a_number(needles: Needles, own_county: County, tmp_path: Path) -> None:  # noqa: F811
    logged = io.StringIO()
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, HidingFormatter))
    assert isinstance(handler, logging.StreamHandler)
    stream, handler.stream = handler.stream, logged
    try:
        written = list(use_it(needles, own_county, tmp_path))
    finally:
        handler.stream = stream
    refresh(full=True)
    everything = [*written, ("log", logged.getvalue()), *texts(home().root), *dump()]
    assert any(name.startswith("reports") or "reports" in name for name, _ in everything)
    assert "Bad Request" in logged.getvalue()
    assert {name: hits for name, text in everything if (hits := needles.found(text))} == {}


def use_it(needles: Needles, county: County, folder: Path) -> Iterator[tuple[str, str]]:
    """What an ordinary and an unlucky day write and show: imports with refusals, commands, searches, pages, mistakes."""
    heads = Membership.objects.filter(
        sort=FARMING, relation="head", household__account__isnull=False, person__phone__isnull=False
    )
    numbers = list(heads.order_by("id").values_list("household__number", flat=True)[:10])
    person = heads.order_by("id").values_list("person", flat=True)[0]
    whole = {length: next(n for n in sorted(needles.numbers) if len(n) == length and n.isdigit()) for length in (11, 18, 19)}

    mine = {"人联系电话": "10071112223x", "银行账号": "99111122223333444x", "证件号码": identity()}
    needles.numbers |= {"10071112223", "99111122223333444", mine["证件号码"]}
    needles.identities.add(mine["证件号码"])
    rows = [
        member("T1", **mine), member("T2", 证件号码=whole[18]), member("T3", 证件号码=whole[18][:-1] + ("1" if whole[18][-1] != "1" else "2")),
        member("T4", 民族=f"汉族 {whole[18]} {whole[11]}"), member("T5", 行政村=f"没有的村 {whole[11]}"),
    ]  # fmt: skip
    outcome = import_files(county.operator(), xlsx(folder / "refused.xlsx", rows))
    assert outcome.refused_rows >= 3
    yield "refusals", json.dumps(outcome.refusals, ensure_ascii=False)
    path = xlsx(folder / "again.xlsx", rows)
    for arguments in (
        ("register", "import", str(path)), ("register", "show", numbers[0]), ("screen", "--explain", numbers[0]), ("audit", "list"),
        ("user", "list"), ("register", "show", whole[18][:10]), ("facts", "--json"),
    ):  # fmt: skip
        done = run_bangfu(*arguments)
        yield " ".join(arguments[:2]), done.stdout + done.stderr

    for username in ("county", "village", "outside", "admin"):
        client = Client()
        client.post("/login/", {"username": whole[18], "password": "x"})
        client.force_login(User.objects.get(username=username))
        for address in addresses(county, numbers, person, whole):
            answer = client.get(address)
            yield (
                f"{username} {answer.status_code} {address[:40]}",
                answer.content.decode("utf-8", "replace") + str(answer.headers),
            )
        for said in whole.values():
            answer = client.post("/households/by-number/", {"number": said})
            yield f"{username} search", answer.content.decode() + str(answer.headers)
        number, why = numbers[0], {"field": "identity", "reason": "visit", "words": f"打 {whole[11]} 联系"}
        answer = client.post(f"/households/{number}/reveal/?person={person}", why)
        # The answer to whoever may is the one place that shows it; the reason is said back to nobody else.
        if answer.status_code != 200:
            yield f"{username} reveal", answer.content.decode()


def addresses(county: County, numbers: list[str], person: int, whole: dict[int, str]) -> Iterator[str]:
    lists = f"/areas/{county.path}households/"
    village = Area.objects.under(county.path).level("village").order_by("path")[0].path
    yield from ("/", "/account/", "/users/", "/audit/", "/households/", "/households/by-number/", "/kit/")
    yield from (
        lists,
        f"{lists}?size=200",
        f"{lists}?q=zh",
        f"{lists}?q={whole[18][-4:]}",
        f"/areas/{village}households/",
        f"/areas/{village}",
    )
    for number in numbers:
        yield from (
            f"/households/{number}/",
            f"/households/{number}/?as_of=2020-02-01",
            f"/households/{number}/reveal/?person={person}",
        )
    # Mistakes: a number where none belongs.
    for said in whole.values():
        yield from (
            f"{lists}?q={said}",
            f"{lists}?q=%20{said[:6]}%20{said[6:]}",
            f"/areas/search?q={said}",
        )
    for said in (whole[18], whole[11]):
        yield from (
            f"/{said}/",
            f"/households/{said}/",
            f"{lists}?kind={said}",
            f"{lists}?number={said}",
            f"{lists}?sort={said}",
            f"/nowhere?x={said}",
            f"/login/?next=/{said}/",
        )


def test_a_line_of_the_log_hides_what_an_error_says() -> None:
    formatter = HidingFormatter("%(message)s")
    try:
        raise ValueError("could not read 99032319631031001X")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "of %s", ("13812345678",), (type(error), error, error.__traceback__)
        )
    said = formatter.format(record)
    assert "13812345678" not in said
    assert "99032319631031001X" not in said
    assert "ValueError" in said
