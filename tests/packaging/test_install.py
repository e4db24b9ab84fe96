"""The installer of the bundle: from the folder alone, at one stroke, and never from a folder that was altered."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pip
import pytest

from tests.environment import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bundle is for Linux")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def small_wheel(folder: Path, version: str) -> Path:
    """A wheel named as the product, whose command says its version and its data folder."""
    info = f"bangfu-{version}.dist-info"
    files = {
        "bangfu_command.py": f"import os\ndef main():\n    print({version!r}, os.environ['BANGFU_HOME'])\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: bangfu\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nbangfu = bangfu_command:main\n",
    }
    place = folder / f"bangfu-{version}-py3-none-any.whl"
    with zipfile.ZipFile(place, "w") as made:
        record = ""
        for name, text in files.items():
            made.writestr(name, text)
            seal = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={seal},{len(text)}\n"
        made.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return place


def bundle(place: Path, version: str = "1.0") -> Path:
    """A bundle as `scripts/bundle` lays it out, with a small wheel in the place of the many."""
    wheels = place / "wheels"
    wheels.mkdir(parents=True)
    own = small_wheel(wheels, version)
    packed = shutil.make_archive(str(place / "pip"), "zip", Path(pip.__file__).parent.parent, "pip")
    Path(packed).rename(wheels / "pip-0-py3-none-any.whl")
    shutil.copy(ROOT / "packaging" / "install.sh", place)
    (place / "requirements.txt").write_text(f"bangfu=={version} --hash=sha256:{digest(own.read_bytes())}\n")
    (place / "pythons").write_text("{}.{}\n".format(*sys.version_info[:2]))
    (place / "version").write_text(f"{version}\n")
    summed(place)
    return place


def summed(place: Path) -> None:
    files = [path for path in sorted(place.rglob("*")) if path.is_file() and path.name != "SHA256SUMS"]
    (place / "SHA256SUMS").write_text("".join(f"{digest(p.read_bytes())}  {p.relative_to(place)}\n" for p in files))


def install(place: Path, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installer in a bare environment."""
    path = f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"
    bare = {"PATH": path, "HOME": str(place.parent / "nobody"), "PIP_INDEX_URL": "http://127.0.0.1:9/", "PYTHONPATH": "/nowhere"}
    command = ["sh", str(place / "install.sh"), *map(str, words)]
    return subprocess.run(command, env=bare | environment, capture_output=True, text=True, check=False)


def said_by(command: Path, **environment: str) -> list[str]:
    done = subprocess.run([command], env={"PATH": os.defpath} | environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_it_installs_runs_and_finds_its_data(tmp_path: Path) -> None:
    target = tmp_path / "a place with spaces"
    done = install(bundle(tmp_path / "bundle"), target)
    assert done.returncode == 0, done.stderr
    assert said_by(target / "bangfu") == ["1.0", *str(target / "var").split()]
    assert said_by(target / "bangfu", BANGFU_HOME="/elsewhere") == ["1.0", "/elsewhere"]
    (tmp_path / "link").symlink_to(target / "bangfu")
    assert said_by(tmp_path / "link")[0] == "1.0"


def test_a_newer_one_takes_over_and_the_one_before_stays(tmp_path: Path) -> None:
    target = tmp_path / "bangfu"
    first, second = bundle(tmp_path / "first"), bundle(tmp_path / "second", "2.0")
    assert install(first, target).returncode == 0
    stood = (target / "current").readlink()
    done = install(second, target)
    assert done.returncode == 0, done.stderr
    assert str(stood) in done.stderr
    assert said_by(target / "bangfu")[0] == "2.0"
    assert (target / stood / ".complete").exists()
    assert install(first, target).returncode == 0, "and back again"
    assert said_by(target / "bangfu")[0] == "1.0"
    assert len(list((target / "versions").iterdir())) == 2


def test_one_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    place, target = bundle(tmp_path / "bundle"), tmp_path / "bangfu"
    assert install(place, target).returncode == 0
    (venv,) = (target / "versions").iterdir()
    (venv / ".complete").unlink()
    shutil.rmtree(venv / "bin")
    assert install(place, target).returncode == 0
    assert said_by(target / "bangfu")[0] == "1.0"


@pytest.mark.parametrize("harm", ["altered", "missing"])
def test_a_folder_that_is_not_whole_is_refused_before_anything_is_done(tmp_path: Path, harm: str) -> None:
    place = bundle(tmp_path / "bundle")
    (wheel,) = place.glob("wheels/bangfu-*.whl")
    if harm == "altered":
        wheel.write_bytes(wheel.read_bytes() + b" ")
    else:
        wheel.unlink()
    done = install(place, tmp_path / "bangfu")
    assert done.returncode == 1
    assert "什么都没有安装" in done.stderr
    assert "Nothing was installed" in done.stderr
    assert wheel.name in done.stderr
    assert not (tmp_path / "bangfu").exists()


def test_a_wheel_that_the_lock_does_not_know_is_not_installed(tmp_path: Path) -> None:
    """Checksums made anew do not make another wheel the right one."""
    place, target = bundle(tmp_path / "bundle"), tmp_path / "bangfu"
    (wheel,) = place.glob("wheels/bangfu-*.whl")
    with zipfile.ZipFile(wheel, "a") as opened:
        opened.writestr("more.py", "")
    summed(place)
    done = install(place, target)
    assert done.returncode != 0
    assert not (target / "bangfu").exists()
    assert not (target / "current").exists()


def test_without_a_python_of_the_right_version_it_says_which(tmp_path: Path) -> None:
    place = bundle(tmp_path / "bundle")
    (place / "pythons").write_text("3.99\n")
    summed(place)
    done = install(place, tmp_path / "bangfu")
    assert done.returncode == 1
    assert "3.99" in done.stderr
    assert not (tmp_path / "bangfu").exists()
    assert install(place, "one", "two").returncode == 2
