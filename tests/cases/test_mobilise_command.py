"""`bangfu plan mobilise` as it is typed: in the language of the terminal."""

from __future__ import annotations

import re

import pytest

from bangfu.foundation.county import County
from tests.committed import own_county, run_bangfu  # noqa: F401


@pytest.mark.full
def test_moves_are_said_in_the_language_of_the_locale(own_county: County, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    for name in ("BANGFU_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    said = {}
    for locale in ("en_US.UTF-8", "C.UTF-8"):
        monkeypatch.setenv("LANG", locale)
        done = run_bangfu("plan", "mobilise")
        assert done.returncode == 0, done.stderr
        said[locale] = done.stdout
    assert "posts at least 80% likely to close all in time" in said["en_US.UTF-8"]
    assert not re.search(r"按期|指挥所", said["en_US.UTF-8"])
    assert "按期全部办结的可能性达到 80% 的指挥所" in said["C.UTF-8"]
