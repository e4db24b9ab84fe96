"""Files are told by their content, and the place is taken out of pictures without touching them."""

from __future__ import annotations

import io
from datetime import datetime

import numpy as np
from PIL import ExifTags, Image, ImageChops

from bangfu.fieldwork.pictures import UNKNOWN, cleaned, kind_of, likeness, no_picture, thumbnail, watermarked
from bangfu.kit.paper import font_file


def photograph(orientation: int | None = None, *, place: bool = True, size: tuple[int, int] = (640, 400)) -> bytes:
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Huawei"
    exif[ExifTags.Base.DateTime] = "2020:04:25 09:30:00"
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    if place:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {1: "N", 2: (27.0, 57.0, 36.0), 3: "E", 4: (107.0, 11.0, 24.0)},
        )
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"at the house of the Zhangs")
    return out.getvalue()


def test_the_place_is_taken_out_and_given_back_apart() -> None:
    content = photograph()
    one = cleaned(content)
    assert one.kind == "image/jpeg"
    assert one.place is not None
    assert (one.place.latitude, one.place.longitude) == (27.96, 107.19)
    assert one.place.at == datetime(2020, 4, 25, 9, 30)  # noqa: DTZ001
    assert b"Exif" not in one.content
    assert b"Huawei" not in one.content
    assert b"Zhangs" not in one.content
    assert not ImageChops.difference(Image.open(io.BytesIO(content)), Image.open(io.BytesIO(one.content))).getbbox()


def test_which_way_is_up_stays() -> None:
    one = cleaned(photograph(6))
    exif = Image.open(io.BytesIO(one.content)).getexif()
    assert dict(exif) == {ExifTags.Base.Orientation: 6}
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    small = Image.open(io.BytesIO(thumbnail(one.content) or b""))
    assert small.height > small.width


def test_what_hangs_behind_a_picture_is_cut_off() -> None:
    content = photograph() + b"PK\x03\x04 something else"
    assert cleaned(content).content.endswith(b"\xff\xd9")


def test_a_picture_of_a_picture_and_a_damaged_one_are_kept_as_they_are() -> None:
    assert cleaned(b"\xff\xd8\xff\xe1\x00").content.startswith(b"\xff\xd8\xff")
    assert cleaned(b"not a picture").kind == "text/plain"
    assert thumbnail(b"\xff\xd8\xff\xe1\x00") is None


def test_kinds_are_told_by_content_alone() -> None:
    told = {
        b"\x89PNG\r\n\x1a\n....": "image/png", b"RIFF....WEBPVP8": "image/webp", b"RIFF....WAVEfmt": "audio/wav", b"%PDF-1.7": "application/pdf",
        b"....ftypM4A ": "audio/mp4", b"#!AMR\n": "audio/amr", b"MZ\x90\x00\x03": UNKNOWN, b"<html><script>": UNKNOWN, b"": UNKNOWN,
        "一,二\n".encode(): "text/plain",
    }  # fmt: skip
    assert {content: kind_of(content) for content in told} == told


def test_a_watermark_is_a_copy() -> None:
    content = photograph()
    marked = watermarked(content, ["2020-04-25 09:30", "凤凰村 27.96, 107.19"], font_file())
    assert marked is not None
    assert marked != content
    assert Image.open(io.BytesIO(marked)).size == (640, 400)


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture of many lights and darks, another for every seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (12, 16), np.uint8)
    return Image.fromarray(noise, "L").resize(size, Image.Resampling.BICUBIC).convert("RGB")


def saved(picture: Image.Image, quality: int = 90) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def bits(one: int | None, other: int | None) -> int:
    """In how many of 64 bits two likenesses differ."""
    assert one is not None
    assert other is not None
    return ((one ^ other) & (2**64 - 1)).bit_count()


def test_copies_of_a_picture_are_alike_and_others_are_not() -> None:
    first = likeness(saved(scene(1)))
    assert bits(first, likeness(saved(scene(1, (1280, 960)), 40))) <= 4
    assert bits(first, likeness(saved(scene(1).point(lambda x: min(255, x + 20))))) <= 8
    others = [bits(first, likeness(saved(scene(seed)))) for seed in range(2, 40)]
    assert min(others) > 12
    assert likeness(saved(Image.new("RGB", (640, 480), (20, 20, 20)))) is None  # a lens that was covered
    assert likeness(b"no picture") is None


def test_what_is_no_picture_is_told_by_its_content_and_a_plain_sign_stands_for_it() -> None:
    for content in (b"", b"<html><script>x</script></html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        assert not kind_of(content).startswith("image/")
        assert thumbnail(content) is None
    assert Image.open(io.BytesIO(no_picture())).size == (160, 120)
