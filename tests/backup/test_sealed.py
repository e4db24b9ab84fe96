"""The file of a backup: what was written comes back, and nothing else ever does."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bangfu.backup import sealed
from bangfu.foundation.problems import Problem

WORD = "six words that have no company"
RECORDS = [(b"M", b"head"), (b"D", b"x" * 5000), (b"D", b"y" * 5000), (b"Z", b"tail")]


def sealed_bytes(records: list[tuple[bytes, bytes]] = RECORDS, word: str = WORD) -> tuple[bytes, list[int]]:
    """A file's bytes, and where each of its pieces begins."""
    out = io.BytesIO()
    writer = sealed.Writer(out, word)
    begins = []
    for number, (kind, content) in enumerate(records, 1):
        begins.append(out.tell())
        writer.write(kind, content, last=number == len(records))
    return out.getvalue(), begins


@pytest.fixture(scope="module")
def whole() -> tuple[bytes, list[int]]:
    return sealed_bytes()


def number_of(file: Path, content: bytes, word: str = WORD) -> str:
    """The number of the problem with which a file is refused."""
    file.write_bytes(content)
    with pytest.raises(Problem) as raised:
        list(sealed.read(file, word))
    return raised.value.number


def test_what_was_written_comes_back_and_is_not_to_be_read_without(whole: tuple[bytes, list[int]], tmp_path: Path) -> None:
    content, _ = whole
    (tmp_path / "f").write_bytes(content)
    assert list(sealed.read(tmp_path / "f", WORD)) == RECORDS
    assert b"head" not in content
    assert b"xxxx" not in content
    again, _ = sealed_bytes()
    assert again[:16] == content[:16] == sealed.MAGIC
    assert again[16:] != content[16:], "every file has a salt of its own"


def test_a_wrong_passphrase_is_told_from_damage(whole: tuple[bytes, list[int]], tmp_path: Path) -> None:
    assert number_of(tmp_path / "f", whole[0], "another passphrase altogether") == "BF-2106"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a workbook", sealed.MAGIC + b"short"])
def test_another_kind_of_file_is_refused(content: bytes, tmp_path: Path) -> None:
    assert number_of(tmp_path / "f", content) == "BF-2105"


def test_a_truncated_file_is_refused_wherever_it_ends(whole: tuple[bytes, list[int]], tmp_path: Path) -> None:
    content, begins = whole
    ends = {*begins, *(b + 3 for b in begins), *(b + 5 for b in begins), *(b + 9 for b in begins), len(content) - 1}
    for end in sorted(ends):
        assert number_of(tmp_path / "f", content[:end]) == "BF-2107", end


def test_an_altered_byte_is_refused_wherever_it_is(whole: tuple[bytes, list[int]], tmp_path: Path) -> None:
    content, begins = whole
    for at in [*begins, *(b + 4 for b in begins), *(b + 5 for b in begins), begins[1] + 2500, len(content) - 1]:
        altered = bytearray(content)
        altered[at] ^= 1
        assert number_of(tmp_path / "f", bytes(altered)) == "BF-2107", at
    for at in (len(sealed.MAGIC), sealed.HEAD - 1):
        altered = bytearray(content)
        altered[at] ^= 1
        assert number_of(tmp_path / "f", bytes(altered)) == "BF-2106", at


def test_pieces_that_are_moved_doubled_left_out_or_of_another_file_are_refused(
    whole: tuple[bytes, list[int]], tmp_path: Path
) -> None:
    content, begins = whole
    head = content[: begins[0]]
    pieces = [content[a:b] for a, b in zip(begins, [*begins[1:], len(content)], strict=True)]
    other, other_begins = sealed_bytes()
    stranger = other[other_begins[1] : other_begins[2]]
    for order in (
        [pieces[0], pieces[2], pieces[1], pieces[3]],
        [pieces[0], pieces[1], pieces[1], pieces[2], pieces[3]],
        [pieces[0], pieces[1], pieces[3]],
        [pieces[0], stranger, pieces[2], pieces[3]],
        [*pieces, pieces[3]],
        [*pieces, b"\0"],
    ):
        assert number_of(tmp_path / "f", head + b"".join(order)) == "BF-2107"
