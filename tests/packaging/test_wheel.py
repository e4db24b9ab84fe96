"""The wheel is the product: whatever lies in the package lies in it, the front end and its fonts too."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.environment import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of these sources, built without a network."""
    room = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, room)
    shutil.copytree(ROOT / "src", room / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", room, room]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = room.glob("bangfu-*.whl")
    return zipfile.ZipFile(made)


def test_every_file_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    source = ROOT / "src"
    there = {
        path.relative_to(source).as_posix() for path in (source / "bangfu").rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    packed = {name for name in wheel.namelist() if name.startswith("bangfu/")}
    assert there - packed == set()
    assert packed - there == set()


def test_the_front_end_its_fonts_and_their_licences_are_inside(wheel: zipfile.ZipFile) -> None:
    dist = "bangfu/kit/static/kit/dist/"
    names = [name.removeprefix(dist) for name in wheel.namelist() if name.startswith(dist)]
    assert "manifest.json" in names
    assert sum(name.endswith(".woff2") for name in names) > 100
    licences = wheel.read(dist + "licences.txt").decode()
    for bundled in ("htmx.org", "maplibre-gl", "SIL OPEN FONT LICENSE", "Zero-Clause BSD"):
        assert bundled.lower() in licences.lower(), bundled


def test_the_command_comes_with_it(wheel: zipfile.ZipFile) -> None:
    (entries,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "bangfu = bangfu.web.command:main" in wheel.read(entries).decode()


def test_what_the_bundle_fetches_is_what_each_python_installs() -> None:
    """Conditions of the lock are judged by the Python that the wheels are for, not by the one that fetches them."""
    told: dict[str, object] = {"__file__": str(ROOT / "scripts" / "bundle"), "__name__": "bundle"}
    exec(compile((ROOT / "scripts" / "bundle").read_text("utf-8"), "scripts/bundle", "exec"), told)
    locked_for = told["locked_for"]
    assert callable(locked_for)
    lock = (
        "one==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab\n"
        "two==2 ; python_full_version < '3.12' \\\n    --hash=sha256:ba\n"
        "two==3 ; python_full_version >= '3.12' \\\n    --hash=sha256:bb\n"
        "three==1 ; sys_platform == 'win32' \\\n    --hash=sha256:ca\n"
    )
    one = "one==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab"
    assert list(locked_for("3.11", lock)) == [one, "two==2 \\\n    --hash=sha256:ba"]
    assert list(locked_for("3.13", lock)) == [one, "two==3 \\\n    --hash=sha256:bb"]
    names = [entry.split("==")[0] for entry in locked_for("3.14", Path(ROOT / "requirements/base.txt").read_text("utf-8"))]
    assert len(names) == len(set(names)) > 40
