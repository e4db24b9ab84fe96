"""What a command says on a terminal: problems in both languages, and no trace for what the machine or a user did to it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import adbc_driver_manager
import django.db
import psycopg
import pytest

from bangfu.foundation.failures import Briefly, as_problem, of_store
from bangfu.foundation.postgres.problems import SERVER_UNREACHABLE
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.terminal import languages, reader, said, told

REFUSED = SERVER_UNREACHABLE(where="here", detail="gone")


@pytest.mark.parametrize(
    ("chosen", "spoken"),
    [("", ("zh", "en")), ("zh", ("zh",)), ("EN", ("en",)), ("en_GB.UTF-8", ("en",)), ("zh-CN", ("zh",)), ("fr", ("zh", "en"))],
)
def test_a_terminal_speaks_both_languages_unless_one_is_chosen(
    monkeypatch: pytest.MonkeyPatch, chosen: str, spoken: tuple[str, ...]
) -> None:
    monkeypatch.setenv("BANGFU_LANG", chosen)
    assert languages() == spoken
    lines = told(REFUSED).splitlines()
    assert len(lines) == len(spoken)
    assert all(line.startswith("BF-1027 ") for line in lines)
    assert [("连接" in line, "reached" in line) for line in lines] == [(lang == "zh", lang == "en") for lang in spoken]
    assert said(Text("10", "10")) == "10"


@pytest.mark.parametrize(
    ("set_to", "speaks"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "BANGFU_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "BANGFU_LANG": "en"}, "en"),
    ],
)
def test_what_is_said_once_follows_the_locale(monkeypatch: pytest.MonkeyPatch, set_to: dict[str, str], speaks: str) -> None:
    for name in ("BANGFU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    assert reader() == speaks


def raised(make: Callable[[], BaseException], cause: BaseException | None = None) -> BaseException:
    error = make()
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (psycopg.OperationalError("connection failed"), "BF-1027"),
        (psycopg.errors.AdminShutdown("terminating connection"), "BF-1027"),
        (psycopg.InterfaceError("the connection is closed"), "BF-1027"),
        (raised(lambda: django.db.OperationalError("x"), psycopg.errors.CrashShutdown("x")), "BF-1027"),
        (adbc_driver_manager.OperationalError("x", status_code=adbc_driver_manager.AdbcStatusCode.IO), "BF-1027"),
        (raised(lambda: django.db.OperationalError("x"), psycopg.errors.DiskFull("x")), "BF-1029"),
        (
            raised(lambda: django.db.ProgrammingError("x"), psycopg.errors.InsufficientPrivilege("permission denied for x")),
            "BF-1030",
        ),
        (raised(lambda: RuntimeError("job"), raised(lambda: ValueError("x"), REFUSED)), "BF-1027"),
        (FileNotFoundError(2, "No such file", "/nowhere"), "BF-1005"),
        (PermissionError(13, "Permission denied", "/root/x"), "BF-1005"),
        (OSError(28, "No space left on device"), "BF-1005"),
        (MemoryError(), "BF-1006"),
        (BrokenProcessPool(), "BF-1006"),
        (raised(lambda: UnicodeEncodeError("utf-8", "a\udcff", 1, 2, "surrogates not allowed")), "BF-1007"),
    ],
)
def test_what_is_suffered_is_a_problem(error: BaseException, number: str) -> None:
    problem = as_problem(error)
    assert problem is not None
    assert problem.number == number
    assert problem.cause.zh.isprintable()
    assert problem.cause.en.isprintable()


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        ValueError("x"),
        OSError("no number"),
        raised(lambda: django.db.OperationalError("x"), psycopg.errors.DeadlockDetected("x")),
        raised(lambda: django.db.ProgrammingError("x"), psycopg.errors.SyntaxError("x")),
        raised(
            lambda: django.db.ProgrammingError("x"), psycopg.errors.InsufficientPrivilege("violates row-level security policy")
        ),
        raised(lambda: django.db.IntegrityError("x"), psycopg.errors.UniqueViolation("x")),
    ],
)
def test_faults_of_the_program_stay_what_they_are(error: BaseException) -> None:
    assert as_problem(error) is None


def test_files_are_no_affair_of_the_store() -> None:
    assert of_store(FileNotFoundError(2, "No such file", "/nowhere")) is None


def test_a_log_says_in_a_line_what_the_store_suffers() -> None:
    def logged(error: BaseException) -> str:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Service Unavailable: %s", ("/",), (type(error), error, None))
        assert Briefly().filter(record)
        return logging.Formatter().format(record)

    assert logged(psycopg.OperationalError("gone")).startswith("Service Unavailable: /: BF-1027 ")
    assert "KeyError" in logged(raised(lambda: KeyError("x")))


def test_a_log_says_once_what_goes_on_for_a_while() -> None:
    """While the store is away every job and page fails alike."""
    brief, error = Briefly(), psycopg.OperationalError("gone")

    def passes(seconds: float, error: BaseException = error) -> bool:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "x", (), (type(error), error, None))
        record.created = seconds
        return brief.filter(record)

    assert [passes(at) for at in (0, 1, 29, 31, 32, 62)] == [True, False, False, True, False, True]
    assert passes(63, KeyError("x"))
    assert passes(64, psycopg.errors.DiskFull("x"))  # something else


def run(home: Path, *words: str | bytes, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    surroundings = {**os.environ, "BANGFU_HOME": str(home), "BANGFU_KEYS": str(home) + ".keys", **environment}
    done = subprocess.run([sys.executable, "-m", "bangfu", *words], env=surroundings, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_data_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """Commands say so in both languages; doctor says it as its one point."""
    file = tmp_path / "file"
    file.touch()
    for home in (file, file / "below"):
        done = run(home, "user", "list")
        assert done.returncode == 1
        assert [line.split()[0] for line in done.stderr.splitlines()] == ["BF-1008", "BF-1008"]
        doctor = run(home, "doctor", "--json", BANGFU_LANG="en")
        assert doctor.returncode == 1
        assert '"ok": false' in doctor.stdout
        assert "BF-1008" in doctor.stdout
    assert file.read_bytes() == b""


@pytest.mark.full
def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    nowhere = "postgresql://somebody:hidden@127.0.0.1:1/bangfu"
    both = {"DATABASE_URL": nowhere, "DATABASE_WEB_URL": nowhere}
    for words in (("register", "show", "1"), ("facts",), ("migrate",), ("worker",), ("serve",)):
        done = run(tmp_path / "var", *words, **both)
        assert done.returncode == 1, words
        assert "BF-1027" in done.stderr
        assert "hidden" not in done.stderr
    doctor = run(tmp_path / "var", "doctor", **both)
    assert doctor.returncode == 1
    assert "BF-1027" in doctor.stdout


def test_words_that_are_no_text(tmp_path: Path) -> None:
    done = run(tmp_path / "var", b"register", b"show", b"\xff")
    assert (done.returncode, "BF-1007" in done.stderr) == (1, True)


def test_a_reader_who_leaves(tmp_path: Path) -> None:
    """`bangfu db roles | true`"""
    command = f"{sys.executable} -m bangfu db roles | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1)  # the reader may leave after the last word
    assert done.stderr == ""


def test_the_problem_of_an_error_is_the_problem_itself() -> None:
    with pytest.raises(Problem) as caught:
        raise REFUSED
    assert as_problem(caught.value) is REFUSED


@pytest.mark.parametrize(("word", "code", "said"), [(b"--version", 0, "bangfu "), (b"nosuch", 2, "nosuch")])
def test_a_version_and_a_word_that_is_no_command(tmp_path: Path, word: bytes, code: int, said: str) -> None:
    done = run(tmp_path / "var", word)
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
