"""A full round between two data folders by the commands: forms and lists come down on a stick, submissions go up, the county's register has them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from bangfu.fieldwork.door.forms import list_bytes
from bangfu.fieldwork.models import FormVersion, Visit
from bangfu.fieldwork.models.inbox import APPLIED, KEPT
from bangfu.foundation.acting import acting
from bangfu.foundation.county import County, the_county
from bangfu.foundation.home import home
from bangfu.foundation.postgres import dsn
from bangfu.register.models import Household
from bangfu.register.models.living import Water
from tests.committed import own_county, run_bangfu  # noqa: F401
from tests.conftest import _administer, clone
from tests.environment import HOME
from tests.fieldwork.ground import VISIT, Sending, applied, assignment_of, closing_door, device_of, homes_of, only, submission
from tests.fieldwork.test_pictures import photograph

WATER = "<house><water_litres>{}</water_litres></house>"


@contextmanager
def at(folder: Path, keys: Path, database: str) -> Iterator[None]:
    """Stand in another data folder: its database, its files, its keys."""
    addresses = {kind: make_conninfo("", **dsn.libpq(kind) | {"dbname": database}) for kind in ("owner", "web")}
    given = {
        "DATABASE_URL": addresses["owner"], "DATABASE_WEB_URL": addresses["web"], "BANGFU_HOME": str(folder), "BANGFU_KEYS": str(keys),
    }  # fmt: skip
    before, name = {key: os.environ.get(key) for key in given}, connection.settings_dict["NAME"]
    connection.close()
    os.environ.update(given)
    connection.settings_dict["NAME"] = database
    home.cache_clear()
    try:
        with closing_door():
            home().make()
            yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        for key, value in before.items():
            if value is None:
                os.environ.pop(key)
            else:
                os.environ[key] = value
        home.cache_clear()


@pytest.fixture
def station(own_county: County, county_template: str, tmp_path: Path) -> Iterator[tuple[Path, Path, str]]:  # noqa: F811
    """A village's machine: its own folder, keys and database; areas and users, but no household and no form."""
    name = f"test_station_{os.getpid()}"
    keys = tmp_path / "station.keys"
    keys.mkdir(mode=0o700)
    for file in home().keys.glob("*.key"):
        if not file.name.startswith("station."):
            shutil.copy(file, keys)
    clone(county_template, name)
    try:
        with at(tmp_path / "station", keys, name), connection.cursor() as cursor:
            cursor.execute("TRUNCATE register_household, fieldwork_form, fieldwork_partner CASCADE")
        yield tmp_path / "station", keys, name
    finally:
        connection.close()
        _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def bangfu(*arguments: object) -> dict[str, Any]:
    done = run_bangfu("packet", *map(str, arguments), "--json")
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(number: str, *arguments: object) -> None:
    done = run_bangfu("packet", *map(str, arguments))
    assert done.returncode != 0
    assert number in done.stderr


@pytest.mark.full
def test_a_round_by_stick(own_county: County, station: tuple[Path, Path, str], tmp_path: Path) -> None:  # noqa: F811
    stick = tmp_path / "stick"
    stick.mkdir()
    shutil.copytree(HOME / "files", home().files, dirs_exist_ok=True)  # where the county's published forms lie
    village = assignment_of("village").path
    house = homes_of(village)[0]
    county = bangfu("card", "--name", "county", "--out", stick / "county.json")
    with at(*station):
        mine = bangfu("card", "--name", "village", "--out", stick / "village.json")
        assert mine["fingerprint"] != county["fingerprint"]
        trusted = bangfu(
            "trust", stick / "county.json", "--area", village, "--side", "above", "--fingerprint", county["fingerprint"]
        )
        assert trusted["partner"]["side"] == "above"
    refused("BF-2702", "trust", stick / "village.json", "--area", village)
    bangfu("trust", stick / "village.json", "--area", village, "--fingerprint", mine["fingerprint"])
    assert "village" in {p["name"] for p in bangfu("partners")["partners"]}

    # Down: the village's phones are given the county's forms and lists.
    down = Path(bangfu("write", "village", stick)["file"])
    assert down.parent == stick
    with acting(the_county().operator()):
        published = FormVersion.objects.published().count()
    with at(*station):
        came = bangfu("read", down)["packet"]
        assert " ".join(VISIT) in came["told"]["forms"]
        assert len(came["told"]["forms"]) + len(came["told"]["wrong"]) == published
        assert came["told"]["homes"] > 0
        refused("BF-2701", "read", down)
        actor = assignment_of("village").actor()
        with acting(actor):
            assert not Household.objects.exists()
            rows = list(csv.DictReader(io.StringIO(list_bytes(actor, "households.csv").decode())))
            listed = {r["name"]: int(r["__version"]) for r in rows}
        xml = submission(house.number, base=listed[house.number], inside=WATER.format(41), instance="uuid:by-stick")
        assert Sending.of(device_of("village")).send(xml, {"a.jpg": photograph()}) == "new"
        applied()
        assert only(instance="uuid:by-stick").state == KEPT
        up = stick / "up.bangfu"
        assert bangfu("write", "county", up)["packet"]["new"] == 1
        refused("BF-2707", "write", "county", stick / "again.bangfu")

    # Up: cut off once, whole then, doubled.
    cut = stick / "cut.bangfu"
    cut.write_bytes(up.read_bytes()[:-500])
    refused("BF-2694", "read", cut)
    with at(*station):
        refused("BF-2697", "read", up)
    assert bangfu("read", up)["packet"]["new"] == 1
    refused("BF-2701", "read", up)
    with closing_door(empty=False):
        applied()
    one = only(instance="uuid:by-stick")
    with acting(own_county.operator()):
        assert (one.state, one.household_id, one.came_by, one.worker) == (
            APPLIED,
            house.pk,
            "packet",
            assignment_of("village").user.name,
        )
        assert one.files.count() == 1
        assert Visit.objects.filter(submission=one).exists()
        assert Water.objects.filter(household=house, valid__upper_inf=True).get().litres == 41

    # The county says what arrived; the village has nothing more to bring.
    second = Path(bangfu("write", "village", stick / "second.bangfu")["file"])
    with at(*station):
        assert len(bangfu("read", second)["packet"]["told"]["forms"]) == 0
        refused("BF-2707", "write", "county", up)
