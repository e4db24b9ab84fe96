"""The second county as a user stands it up: by one command, in a data folder of its own, its workbook imported whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from tests.web.test_serving import _environment, _run, _start, _until
from tests.web.test_serving import own_home as own_home

from bangfu.demo import second
from bangfu.foundation.home import Home

PORT = "8761"


@pytest.fixture
def alder(own_home: Home) -> Home:
    done = _run(own_home, "demo", "--county", "second", "--scale", "0.05", "--no-serve")
    assert done.returncode == 0, done.stderr[-3000:]
    people = second.population(scale=0.05)
    assert f"{people.households} 户 households · {people.persons} 行 rows · 退回 refused 0" in done.stderr
    assert "proxy-means" in done.stdout + done.stderr
    return own_home


@pytest.mark.full
def test_it_is_built_served_and_kept_apart_from_the_first(alder: Home) -> None:
    counted = json.loads(_run(alder, "facts", "--json").stdout)
    values = {f["key"]: f["value"] for f in counted["facts"]}
    assert values["households"] == second.population(scale=0.05).households
    assert values["poor_villages"] == 8
    again = _run(alder, "register", "import", str(alder.root / "demo" / "workbooks"), "--json")
    assert json.loads(again.stdout)["files_known"] == 1

    other = _run(alder, "demo", "--county", "suiyang", "--no-serve")
    assert other.returncode == 1
    assert "BF-1806" in other.stderr
    standing = _run(alder, "demo", "--no-serve")
    assert standing.returncode == 0
    assert "Alder District" in standing.stderr
    assert "/tour/" not in standing.stderr

    serving = _start(alder, "serve", "--port", PORT)
    try:
        _until(f"http://127.0.0.1:{PORT}/login/", serving)
        with urlopen(Request(f"http://127.0.0.1:{PORT}/login/", headers={"Accept-Language": "en"}), timeout=20) as answer:
            page = answer.read().decode()
        for words in ("Alder District", "Market Row, Alder Borough", "Alder Borough: the households helped", "Township station"):
            assert words in page
        assert "阿尔德县" not in page
        os.killpg(serving.pid, signal.SIGINT)
        assert serving.wait(timeout=60) == 0
    finally:
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)
            serving.wait()


@pytest.mark.full
def test_its_whole_workbook_is_imported_by_command(own_home: Home, tmp_path: Path) -> None:
    """As an office would: areas loaded, the county founded, 2,000 households as one file, nothing refused."""
    workbook = second.write(tmp_path / "handed-in")
    assert _run(own_home, "migrate", "--verbosity", "0").returncode == 0
    loaded = _run(
        own_home,
        "areas",
        "load",
        str(second.AREAS),
        "--edition",
        "1",
        "--since",
        "2014-01-01",
        "--country",
        "xa",
        "--county",
        "XA7",
    )
    assert loaded.returncode == 0, loaded.stderr
    command = [sys.executable, "-m", "bangfu", "register", "import", str(workbook), "--strict", "--json"]
    done = subprocess.run(command, env=_environment(own_home), capture_output=True, text=True, timeout=300, check=False)
    outcome = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (outcome["applied"], outcome["households"], outcome["rows"], outcome["refused_rows"]) == (True, 2000, 8600, 0)
