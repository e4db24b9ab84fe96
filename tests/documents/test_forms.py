"""Coded pages: every page tells which it is, and nothing that people write is ever more than text."""

from __future__ import annotations

import io
import time

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bangfu.documents.codes import PageCode
from bangfu.documents.forms import (
    CodedDocument,
    Fields,
    Heading,
    Paragraph,
    Photo,
    Photos,
    Printing,
    Seal,
    Sign,
    Signatures,
    Table,
    page_counts,
    page_set,
    plain,
    render,
    render_each,
)
from bangfu.documents.scans import read_pile
from bangfu.foundation.problems import Problem
from tests.documents.papers import KEY, household_file, photograph

HOSTILE = [
    '#read("/etc/passwd")',
    "$ x^2 $",
    "\\",
    "]",
    "[",
    "#{",
    "```",
    "*b* _i_ `c`",
    "// no",
    "/* no",
    "= no",
    "<bf-at>",
    "@bf-at",
    "\\u{0}",
    "\"'",
    "#sys.inputs",
]


def words_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for page in document:
            text = page.get_textpage()
            found.append(text.get_text_range())
            text.close()
            page.close()
        return found
    finally:
        document.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_page_has_its_code_its_number_and_the_total(language: str) -> None:
    documents = [household_file(1), page_set("NT", "2020-000002", "通知", Paragraph("请到村委会。")), household_file(3)]
    pdf = render(documents, language, Printing(KEY, synthetic=True))
    assert page_counts(documents, language) == [6, 1, 6]
    codes = [page.code for page in read_pile([("all.pdf", pdf)], key=KEY).pages]
    expected = [d.key.page(n, pages) for d, pages in zip(documents, (6, 1, 6), strict=True) for n in range(1, pages + 1)]
    assert codes == expected
    texts = words_of(pdf)
    for code, text in zip(expected, texts, strict=True):
        assert (f"第 {code.page} 页" if language == "zh" else f"Page {code.page} of {code.pages}") in text
        assert code.matter in text
        assert ("演示数据" if language == "zh" else "invented") in text
    contents = texts[0].replace("\r\n", "\n")
    for title, page in zip(
        ("家庭基本情况", "收入", "工资性收入", "帮扶措施", "走访记录", "确认"), (2, 3, 3, 4, 5, 6), strict=True
    ):
        if language == "zh":
            assert any(line.startswith(title) and line.rstrip().endswith(str(page)) for line in contents.splitlines()), title


def all_over(said: str) -> CodedDocument:
    """A document that has a text in every place that takes one."""
    return page_set(
        "X1", "1", said, Heading(said), Paragraph(said), Fields([(said, said), (said, None)]), Table([said, said], [[said, said]]),
        Signatures([(kind, said) for kind in Sign]), Seal(said, said), Photos([Photo(photograph(40, 30), said)]),
        subtitle=said, above=said, issuer=said, footer=said,
    )  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE)
def test_what_looks_like_typst_is_set_as_it_was_written(said: str) -> None:
    text = "".join(words_of(render([all_over(said)], "zh")))
    assert "root:" not in text
    assert text.replace(" ", "").count(said.replace(" ", "")) >= 8


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_printed(said: str) -> None:
    assert render([all_over(said)], "zh").startswith(b"%PDF")


def test_what_steers_a_screen_is_left_out_and_what_has_no_blanks_can_be_broken() -> None:
    assert plain("甲\x00乙\u202e丙\r\n丁\ud800") == "甲乙丙\n丁"
    assert "\u200b" in plain("https://example.org/" + "x" * 200)
    assert plain("52032310120500001") == "52032310120500001"


def test_a_photograph_is_printed_without_what_the_phone_wrote_beside_it() -> None:
    image, out = Image.effect_noise((300, 200), 40).convert("RGB"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "at home 28.5N 107.4E"
    image.save(out, "JPEG", exif=exif)
    pdf = render([page_set("PH", "1", "照片", Photos([Photo(out.getvalue(), "住房")]))], "zh")
    assert b"28.5N" not in pdf
    assert len(pdf) > 15_000


@pytest.mark.parametrize(
    "block",
    [
        Photos([Photo(b"GIF89a", "")]),
        Photos([Photo(b"\xff\xd8\xff nothing", "")]),
        Table(["a", "b"], [["only one"]]),
        Table(["a"], [["b"]], [1, 2]),
    ],
)
def test_what_cannot_be_set_is_a_problem_that_names_the_document(block: Photos | Table) -> None:
    with pytest.raises(Problem, match=r"BF-2512 .*2020-000009") as told:
        render([page_set("PH", "2020-000009", "照片", block)], "zh")
    assert told.value.number == "BF-2512"


def test_in_bulk_the_pages_are_the_same() -> None:
    documents = [page_set("NT", str(n), "通知", Paragraph(f"第 {n} 户")) for n in range(1, 6)]
    for processes in (1, 2):
        made = list(render_each(documents, "zh", Printing(KEY), processes=processes, at_once=2))
        assert [pages for _, pages in made] == [[1, 1], [1, 1], [1]]
        codes = [p.code for p in read_pile([(f"{n}.pdf", pdf) for n, (pdf, _) in enumerate(made)], key=KEY).pages]
        assert codes == [PageCode(str(n), "NT", 1, 1) for n in range(1, 6)]


@pytest.mark.full
def test_three_hundred_household_files_in_a_minute() -> None:
    begun = time.perf_counter()
    made = list(render_each([household_file(n) for n in range(1, 301)], "zh", Printing(KEY)))
    assert sum(sum(pages) for _, pages in made) == 1800
    assert time.perf_counter() - begun < 60
