"""Files that come along with a submission: what they are by their content, and the place apart from the picture. Pure.

A photograph that leaves us must not tell where a household lives: what a camera writes beside the picture (place, time, device, a second small
picture) is taken out without touching the picture itself; only which way is up stays. Place and time are given back, to be kept apart.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
PLAIN = 24  # levels of grey between the darkest and the lightest field, below which a picture shows nothing
UNKNOWN = "application/octet-stream"
# What a content of each kind begins with, and from which byte on.
MARKS: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"), (b"\x89PNG\r\n\x1a\n", 0, "image/png"), (b"GIF8", 0, "image/gif"), (b"WEBP", 8, "image/webp"),
    (b"ftypheic", 4, "image/heic"), (b"ftypmif1", 4, "image/heic"), (b"ftypM4A", 4, "audio/mp4"), (b"ftyp3gp", 4, "video/3gpp"),
    (b"ftyp", 4, "video/mp4"), (b"#!AMR", 0, "audio/amr"), (b"OggS", 0, "audio/ogg"), (b"WAVE", 8, "audio/wav"), (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"), (b"\xff\xf3", 0, "audio/mpeg"), (b"\xff\xf1", 0, "audio/aac"), (b"\x1aE\xdf\xa3", 0, "video/webm"),
    (b"%PDF-", 0, "application/pdf"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a picture was taken, as the camera says: degrees, and the camera's own time."""

    latitude: float | None
    longitude: float | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A content without what tells of the place, its kind, and the place apart."""

    content: bytes
    kind: str
    place: Place | None


def kind_of(content: bytes) -> str:
    """What a file is by its content; `application/octet-stream` where nobody can tell."""
    for mark, start, kind in MARKS:
        if content.startswith(mark, start) and (start != 8 or content.startswith(b"RIFF")):
            return kind
    head = content[:2_000]
    if head and b"\0" not in head and head.lstrip()[:1] != b"<":
        try:
            head.decode("utf-8", "strict")
        except UnicodeDecodeError as wrong:
            return "text/plain" if wrong.start >= len(head) - 4 else UNKNOWN
        return "text/plain"
    return UNKNOWN


def cleaned(content: bytes) -> Cleaned:
    """A file as it is to be kept. What is no picture stays as it is."""
    kind = kind_of(content)
    if kind != "image/jpeg":
        return Cleaned(content, kind, None)
    exif = _exif(content)
    stripped = b"".join(_without_particulars(content))
    turn = exif.get(ExifTags.Base.Orientation) if exif is not None else None
    if isinstance(turn, int) and 2 <= turn <= 8:
        stripped = stripped[:2] + _turned(turn) + stripped[2:]
    return Cleaned(stripped, kind, _place(exif) if exif is not None else None)


def _exif(content: bytes) -> Image.Exif | None:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            exif = picture.getexif()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error):
        return None  # a damaged picture is kept as it came; it tells no place
    return exif or None


def _without_particulars(content: bytes) -> Iterator[bytes]:
    """A JPEG without its segments of particulars (APP1 to APP13 and comments); those that say how colours are meant stay."""
    yield content[:2]
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        if mark == 0xDA:
            break
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        colours = mark == 0xE2 and content.startswith(b"ICC_PROFILE", at + 4)
        if colours or not (0xE1 <= mark <= 0xED or mark == 0xFE):
            yield content[at:end]
        at = end
    end = content.rfind(b"\xff\xd9")  # what lies behind the picture is none of it
    yield content[at : end + 2] if end >= at else content[at:]


def _turned(orientation: int) -> bytes:
    """A segment that says which way is up, and nothing else."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    told = exif.tobytes()
    return b"\xff\xe1" + (len(told) + 2).to_bytes(2, "big") + told


def _place(exif: Image.Exif) -> Place | None:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), 180)
    told = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        at = datetime.strptime(str(told), "%Y:%m:%d %H:%M:%S") if told else None  # noqa: DTZ007 (a camera knows no zone)
    except ValueError:
        at = None
    return Place(latitude, longitude, at) if latitude is not None or at is not None else None


def _degrees(parts: Any, side: Any, most: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(p) for p in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    found = degrees + minutes / 60 + seconds / 3600
    return round(-found if side in ("S", "W") else found, 6) if found == found and found <= most else None


def thumbnail(content: bytes, longest: int = 320) -> bytes | None:
    """A small JPEG of a picture, the right way up; None where it is none, is damaged or is larger than anybody photographs."""
    picture = _opened(content, longest)
    if picture is None:
        return None
    picture.thumbnail((longest, longest))
    return _jpeg(picture)


@lru_cache(maxsize=1)
def no_picture() -> bytes:
    """A small JPEG that stands where a picture cannot be shown: a grey field, crossed out."""
    field = Image.new("RGB", (160, 120), (226, 222, 218))
    ink = ImageDraw.Draw(field)
    for line in ((0, 0, 160, 120), (160, 0, 0, 120)):
        ink.line(line, fill=(160, 153, 146), width=2)
    return _jpeg(field)


def likeness(content: bytes) -> int | None:
    """What a picture looks like, as a number of 64 bits (signed): whether each of 8 × 9 grey fields is darker than its neighbour (a difference hash).

    Copies that were scaled, saved anew or made a little lighter differ by a few bits. None where it is no picture, or so plain that any other would be like it.
    """
    picture = _opened(content, 64)
    if picture is None:
        return None
    grey = np.asarray(picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS), np.int16)
    if int(grey.max()) - int(grey.min()) < PLAIN:
        return None
    darker = np.packbits((grey[:, 1:] > grey[:, :-1]).ravel()).tobytes()
    return int.from_bytes(darker, "big", signed=True)


def watermarked(content: bytes, lines: list[str], font: str, longest: int = 1600) -> bytes | None:
    """A copy of a picture with words at its foot (time, place, who); the kept picture stays as it is. None as for `thumbnail`."""
    picture = _opened(content, longest)
    if picture is None:
        return None
    picture.thumbnail((longest, longest))
    size = max(12, picture.width // 36)
    face = ImageFont.truetype(font, size)
    height = (size + size // 3) * len(lines) + size // 2
    band = Image.new("RGBA", (picture.width, height), (0, 0, 0, 140))
    ink = ImageDraw.Draw(band)
    for n, line in enumerate(lines):
        ink.text((size // 2, size // 4 + n * (size + size // 3)), line, font=face, fill=(255, 255, 255, 235))
    whole = picture.convert("RGBA")
    whole.alpha_composite(band, (0, picture.height - min(height, picture.height)))
    return _jpeg(whole)


def _opened(content: bytes, longest: int) -> Image.Image | None:
    try:
        picture = Image.open(io.BytesIO(content))
        if picture.width * picture.height > MOST_PIXELS:
            return None
        picture.draft("RGB", (longest * 2, longest * 2))
        return ImageOps.exif_transpose(picture)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # no picture that we can show: the file itself is kept all the same


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
