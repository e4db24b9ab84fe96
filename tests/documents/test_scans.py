"""Piles of pages: whatever lies in them is told apart, and what is missing is named."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import segno
from PIL import Image

from bangfu.documents.codes import PageCode, PageKey, encode
from bangfu.documents.forms import Paragraph, Printing, page_set, render
from bangfu.documents.scans import Limits, Why, codes_of, read_pile, sort_pile
from tests.documents.degrading import jpeg, photographed, rasterised, scanned
from tests.documents.papers import KEY, household_file

SEED = 20201126


def random(seed: int = SEED) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def printed() -> dict[PageCode, Image.Image]:
    """Two household files and a notice, as pictures at 150 dpi."""
    documents = [household_file(1), household_file(2), page_set("NT", "2020-000003", "通知", Paragraph("请到村委会。"))]
    pdf = render(documents, "zh", Printing(KEY))
    codes = [d.key.page(n, pages) for d, pages in zip(documents, (6, 6, 1), strict=True) for n in range(1, pages + 1)]
    return dict(zip(codes, rasterised(pdf, 150), strict=True))


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def as_pdf(images: list[Image.Image]) -> bytes:
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=150)
    return out.getvalue()


def with_qr(text: str) -> Image.Image:
    page = Image.new("RGB", (1240, 1754), "white")
    out = io.BytesIO()
    segno.make_qr(text).save(out, kind="png", scale=6, border=4)
    page.paste(Image.open(out).convert("RGB"), (900, 1400))
    return page


def test_a_shuffled_pile_files_itself(printed: dict[PageCode, Image.Image]) -> None:
    chance = random()
    pages = list(printed.items())
    chance.shuffle(pages)
    files: list[tuple[str, bytes]] = [("scan.pdf", as_pdf([scanned(image, chance) for _, image in pages[:5]]))]
    files += [(f"{n}.png", png(scanned(image, chance))) for n, (_, image) in enumerate(pages[5:8])]
    files += [(f"{n}.jpg", jpeg(photographed(image, chance))) for n, (_, image) in enumerate(pages[8:])]
    pile = read_pile(files, key=KEY, workers=2)
    assert not pile.refused
    assert not pile.twice
    assert [page.code for page in pile.pages] == [code for code, _ in pages]
    filed = sort_pile(pile, {code.key: code.pages for code in printed})
    assert {d.key: [p.code.page for p in d.pages if p.code] for d in filed.complete} == {
        PageKey("2020-000001", "HF"): [1, 2, 3, 4, 5, 6], PageKey("2020-000002", "HF"): [1, 2, 3, 4, 5, 6], PageKey("2020-000003", "NT"): [1],
    }  # fmt: skip
    assert [*filed.incomplete, *filed.unknown, *filed.unreadable, *filed.absent, *filed.other_edition] == []


def test_missing_absent_unknown_and_other_pages_are_told_apart(printed: dict[PageCode, Image.Image]) -> None:
    pages = [
        (code, image)
        for code, image in printed.items()
        if (code.matter, code.page) not in {("2020-000001", 2), ("2020-000001", 5)}
    ]
    pile = read_pile([(f"{n}.jpg", jpeg(image)) for n, (_, image) in enumerate(pages)], key=KEY)
    absent = PageKey("2020-000009", "HF")
    filed = sort_pile(pile, {PageKey("2020-000001", "HF"): None, PageKey("2020-000002", "HF"): 7, absent: 6})
    (document,) = filed.incomplete
    assert document.missing == (2, 5)
    assert [p.code.page for p in document.pages if p.code] == [1, 3, 4, 6]
    assert codes_of(document, KEY) == tuple(encode(PageCode("2020-000001", "HF", n, 6), KEY) for n in (2, 5))
    assert len(filed.other_edition) == 6
    assert [page.code.form for page in filed.unknown if page.code] == ["NT"]
    assert filed.absent == (PageKey("2020-000002", "HF"), absent)
    assert not filed.complete
    there = len(filed.other_edition) + len(filed.unknown) + len(document.pages) + len(filed.unreadable)
    assert there == len(pile.pages)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0, -4, 5])
def test_a_page_is_kept_upright_and_small(printed: dict[PageCode, Image.Image], rotation: int, skew: int) -> None:
    code, page = next(iter(printed.items()))
    turned = page.rotate(-rotation - skew, expand=True, fillcolor=(255, 255, 255), resample=Image.Resampling.BICUBIC)
    (read,) = read_pile([("a.jpg", jpeg(turned))], key=KEY).pages
    assert read.code == code
    assert read.rotation == rotation
    assert abs(read.skew - skew) < 1
    kept = Image.open(io.BytesIO(read.picture))
    assert (kept.width, kept.height) == (read.width, read.height)
    assert kept.height > kept.width
    assert max(kept.size) <= Limits().kept_side
    assert len(read.picture) < 400_000
    (again,) = read_pile([("kept.jpg", read.picture)], key=KEY).pages
    assert again.code == code
    assert again.rotation == 0
    assert abs(again.skew) < 1


def test_what_the_camera_says_of_turning_is_heard(printed: dict[PageCode, Image.Image]) -> None:
    page = next(iter(printed.values()))
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6  # to be shown turned by a quarter clockwise
    page.rotate(90, expand=True).save(out, "JPEG", exif=exif)
    (read,) = read_pile([("a.jpg", out.getvalue())], key=KEY).pages
    assert read.rotation == 0
    assert b"Exif" not in read.picture


def test_of_a_page_that_came_twice_the_sharper_is_kept(printed: dict[PageCode, Image.Image]) -> None:
    code, page = next(iter(printed.items()))
    soft = page.resize((page.width // 2, page.height // 2)).resize(page.size)
    for files in ([("soft", soft), ("sharp", page)], [("sharp", page), ("soft", soft)]):
        pile = read_pile([(name, png(image)) for name, image in files], key=KEY)
        (kept,) = pile.pages
        assert (kept.file, kept.code) == ("sharp", code)
        (twice,) = pile.twice
        assert (twice.page.file, twice.kept.file, twice.by) == ("soft", "sharp", "code")


def test_a_picture_that_is_sent_again_is_known_without_a_code(printed: dict[PageCode, Image.Image]) -> None:
    bare = [page.crop((0, 0, page.width, int(page.height * 0.8))) for page in printed.values()]
    first = photographed(bare[1], random(1))
    files = [
        ("first", jpeg(first, 92)), ("again", jpeg(first, 92)), ("smaller", jpeg(first.resize((first.width * 3 // 4, first.height * 3 // 4)), 70)),
        ("turned", jpeg(first.rotate(90, expand=True), 80)),
    ]  # fmt: skip
    pile = read_pile(
        [*files, ("other", jpeg(photographed(bare[1], random(2)))), ("third", jpeg(photographed(bare[3], random(1))))], key=KEY
    )
    (twice,) = pile.twice
    assert (twice.page.file, twice.kept.file, twice.by) == ("again", "first", "picture")
    assert [page.file for page in pile.pages] == ["first", "smaller", "turned", "other", "third"]
    assert {frozenset((one.file, two.file)) for one, two in pile.alike} == {
        frozenset(pair) for pair in (("first", "smaller"), ("first", "turned"), ("smaller", "turned"))
    }


def test_forms_that_look_alike_stay_apart(printed: dict[PageCode, Image.Image]) -> None:
    """The income pages of two households differ by a few figures. Without their codes they are still two pages."""
    alike = [page.crop((0, 0, page.width, int(page.height * 0.8))) for code, page in printed.items() if code.page == 3]
    assert len(alike) == 2
    pile = read_pile([(str(n), jpeg(page)) for n, page in enumerate(alike)], key=KEY)
    assert [page.why for page in pile.pages] == [Why.NO_CODE, Why.NO_CODE]
    assert not pile.twice  # one figure is less than what a messenger changes: they are never merged


def test_a_page_says_why_it_names_no_place(printed: dict[PageCode, Image.Image]) -> None:
    two = list(printed.values())[:2]
    both = Image.new("RGB", (two[0].width * 2, two[0].height), "white")
    for n, page in enumerate(two):
        both.paste(page, (n * page.width, 0))
    code = encode(PageCode("2020-000001", "HF", 1, 6), KEY)
    given = {
        "blank": (Image.new("RGB", (1240, 1754), "white"), Why.NO_CODE, "BF-2507"),
        "payment": (with_qr("https://example.org/pay"), Why.FOREIGN, "BF-2508"),
        "forged": (with_qr(code.replace("1/6", "2/6")), Why.DAMAGED, "BF-2509"),
        "newer": (with_qr(code.replace("BF1", "BF2")), Why.NEWER, "BF-2510"),
        "both": (both, Why.TWO_CODES, "BF-2511"),
    }
    pile = read_pile([(name, png(image)) for name, (image, _, _) in given.items()], key=KEY)
    for page in pile.pages:
        _, why, number = given[page.file]
        assert (page.why, page.code) == (why, None)
        assert page.problem is not None
        assert page.problem.number == number
        assert page.file in str(page.problem.cause)
    assert len(sort_pile(pile, {}).unreadable) == len(given)
    assert len(pile.pages[-1].codes) == 2
    (theirs,) = read_pile([("a.png", png(with_qr(code)))], key=b"of another county").pages
    assert theirs.why is Why.DAMAGED


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_files_that_are_not_taken_are_listed_and_the_rest_is_read(printed: dict[PageCode, Image.Image]) -> None:
    page = next(iter(printed.values()))
    good = jpeg(page)
    bomb = as_pdf([Image.new("1", (9000, 9000))])
    given = {
        "large.jpg": (b"\xff\xd8\xff" + b"\0" * 20_000_001, "BF-2501"),
        "many.pdf": (as_pdf([Image.new("L", (20, 20))] * 4), "BF-2502"),
        "note.docx": (b"PK\x03\x04" + b"\0" * 50, "BF-2503"),
        "empty": (b"", "BF-2503"),
        "bomb.png": (png_that_claims(20_000, 20_000), "BF-2504"),
        "greater.png": (png_that_claims(60_000, 60_000), "BF-2504"),
        "bomb.pdf": (bomb, "BF-2504"),
        "cut.jpg": (good[: len(good) // 2], "BF-2505"),
        "cut.png": (png(page)[:5000], "BF-2505"),
        "cut.pdf": (b"%PDF-1.7\nnothing", "BF-2505"),
    }
    files = [("before.jpg", good), *((name, content) for name, (content, _) in given.items()), ("after.jpg", good)]
    pile = read_pile(files, key=KEY, limits=Limits(pages=3))
    assert {r.file: r.problem.number for r in pile.refused} == {name: number for name, (_, number) in given.items()}
    assert len(pile.pages) + len(pile.twice) == 2


def test_a_pile_ends_at_its_limit(printed: dict[PageCode, Image.Image]) -> None:
    pages = list(printed.values())
    pile = read_pile([(f"{n}.jpg", jpeg(page)) for n, page in enumerate(pages[:4])], key=KEY, limits=Limits(pages=3))
    assert len(pile.pages) == 3
    assert [(r.file, r.problem.number) for r in pile.refused] == [("3.jpg", "BF-2502")]


def test_a_locked_pdf_is_named() -> None:
    # A page that opens only with a password; made by hand, since nothing here encrypts.
    locked = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj\n"
        b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"11" * 32 + b">/U<" + b"22" * 32 + b">>>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n%%EOF"
    )
    (refused,) = read_pile([("a.pdf", locked)]).refused
    assert refused.problem.number == "BF-2506"


def test_moderate_photographs_are_read(printed: dict[PageCode, Image.Image]) -> None:
    """A few of them; docs/mechanisms/paper.md states the rate of the long test."""
    chance = random()
    sent = [(code, jpeg(photographed(page, chance), 70)) for code, page in list(printed.items())[:6]]
    read = read_pile([(str(n), content) for n, (_, content) in enumerate(sent)], key=KEY, workers=2)
    assert sum(p.code == sent[int(p.file)][0] for p in read.pages) >= len(sent) * 0.95


@pytest.mark.full
@pytest.mark.parametrize(("dpi", "worse", "least"), [(100, 1.0, 0.95), (150, 1.0, 0.98), (150, 1.6, 0.9), (200, 1.6, 0.95)])
def test_the_rate_of_photographs(dpi: int, worse: float, least: float) -> None:
    chance = random(dpi)
    pdf = render([household_file(n) for n in range(1, 9)], "zh", Printing(KEY))
    sent = [jpeg(photographed(page, chance, worse=worse), 70) for page in rasterised(pdf, dpi)]
    pile = read_pile([(str(n), content) for n, content in enumerate(sent)], key=KEY, workers=2)
    right = sum(p.code == PageCode(f"2020-{int(p.file) // 6 + 1:06d}", "HF", int(p.file) % 6 + 1, 6) for p in pile.pages)
    print(f"{dpi} dpi, {worse}: {right} of {len(sent)}")
    assert right >= len(sent) * least
    assert all(page.code or page.why for page in pile.pages)  # never a wrong page: unreadable, or right
