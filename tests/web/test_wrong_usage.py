"""Commands called the wrong way say how they are called, in both languages, and exit with 2; values that cannot be are refused by number."""

from __future__ import annotations

import re

import pytest

from bangfu.foundation.county import County
from tests.committed import own_county as own_county
from tests.committed import run_bangfu

CHINESE = re.compile("[\u4e00-\u9fff]")


WRONG = (
    ("screen", "--set", "foo"),
    ("screen", "--set", "=5"),
    ("screen", "--explain", "1", "--known-on", "2020-04-01"),
    ("bench", "nosuch"),
    ("serve", "--key", "/nowhere/key.pem"),
    ("register", "export", "/tmp/never-written.xlsx", "--language", "fr"),
    ("duty", "give", "helper"),
    ("areas", "load", __file__, "--edition", "1", "--since", "2020-01-01", "--outline", __file__),
    ("demo", "--county", "third"),
    ("demo", "--county", "second", "--facts", __file__),
)


@pytest.mark.full
def test_wrong_usage_is_told_in_both_languages(own_county: County) -> None:
    for arguments in WRONG:
        done = run_bangfu(*arguments, warnings="ignore")
        assert done.returncode == 2, (arguments, done.stderr)
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 2, (arguments, done.stderr)
        assert CHINESE.search(lines[0]), lines
        assert not CHINESE.search(lines[1]), lines


@pytest.mark.full
def test_a_value_that_cannot_be_is_refused_by_number(own_county: County) -> None:
    def refused(words: tuple[str, ...], number: str) -> None:
        done = run_bangfu(*words, warnings="ignore")
        assert done.returncode == 2, done.stderr
        assert [line.split()[0] for line in done.stderr.strip().splitlines()] == [number, number]

    for said, number in (("income_line=-5", "BF-1580"), ("income_line=much", "BF-1508"), ("nosuch=1", "BF-1507")):
        refused(("screen", "--set", said), number)
    refused(("screen", "--pack", "nosuch"), "BF-1501")
    refused(("register", "import", "/nosuch"), "BF-1254")
    refused(("facts", "--as-of", "2031-01-01"), "BF-1707")
    refused(("serve", "--port", "99999"), "BF-1041")
    assert run_bangfu("screen", "--set", "income_line=0", "--json").returncode == 0


def test_a_command_line_that_cannot_be_read_is_told_in_both_languages(own_county: County) -> None:
    done = run_bangfu("facts", "--as-of", "2020-13-01", warnings="ignore")
    assert done.returncode == 2
    said = done.stderr.strip().splitlines()
    assert "2020-13-01" in said[0]
    assert [bool(CHINESE.search(line)) for line in said[1:]] == [True, False]
    assert "bangfu facts --help" in said[2]
    assert "--settings" not in done.stdout  # Django's own options are nobody's business


def test_without_a_command_bangfu_lists_its_own(own_county: County) -> None:
    alone, asked = run_bangfu(warnings="ignore"), run_bangfu("--help", warnings="ignore")
    assert (alone.returncode, asked.returncode) == (2, 0)
    assert alone.stdout == asked.stdout
    listed = {line.split()[0] for line in asked.stdout.splitlines()[2:]}
    assert {"demo", "serve", "doctor", "register", "facts"} <= listed
    assert not {"runserver", "collectstatic", "makemigrations"} & listed
