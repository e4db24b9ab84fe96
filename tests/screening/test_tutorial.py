"""The tutorial does what it says: every file is written, every command run, every output that is shown is compared, in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.environment import ROOT

_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TUTORIALS = {"en": ROOT / "docs" / "tutorial-guarantee.md", "zh": ROOT / "docs" / "zh" / "tutorial-guarantee.md"}


def blocks(lang: str) -> Iterator[tuple[str, str, str]]:
    """Each block of code: its kind, the file that it is, and its content."""
    yield from _BLOCK.findall(TUTORIALS[lang].read_text("utf-8"))


def test_both_tutorials_write_the_same_files_by_the_same_commands() -> None:
    told = {}
    for lang in TUTORIALS:
        told[lang] = [(k, f, c.replace(f"BANGFU_LANG={lang}", "")) for k, f, c in blocks(lang) if k != "text"]
    assert told["zh"] == told["en"]
    assert len(told["en"]) > 12


@pytest.mark.full
@pytest.mark.parametrize("lang", list(TUTORIALS))
def test_every_step_does_what_is_shown(lang: str, tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "bangfu"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bangfu "$@"\n')
    tool.chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()
    environment = os.environ | {"PATH": f"{tool.parent}:{os.environ['PATH']}"}
    said, compared = None, 0
    for kind, file, content in blocks(lang):
        if kind == "yaml":
            assert file, content
            (here / file).parent.mkdir(parents=True, exist_ok=True)
            (here / file).write_text(content, "utf-8")
        elif kind == "sh":
            for name, value in re.findall(r"^export (\w+)=(\S+)$", content, re.MULTILINE):
                environment[name] = value
            done = subprocess.run(["sh", "-c", content], cwd=here, env=environment, capture_output=True, text=True, check=False)
            said = done.stdout + done.stderr
        else:
            assert (kind, said) == ("text", content)
            compared += 1
    assert compared >= 7
