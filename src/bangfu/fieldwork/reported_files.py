"""Voices and photographs that come with a report: told by their content, held to sizes and numbers. Pure."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from bangfu.fieldwork.problems_reports import BAD_REPORT_FILE
from bangfu.foundation.say import Text

VOICE_BYTES, PHOTO_BYTES = 6_000_000, 8_000_000
MOST_PHOTOS = 3
PIXELS = 60_000_000  # of a photograph; a phone's largest have fifty million
JPEG, PNG = "image/jpeg", "image/png"
NO_PHOTO = Text("不是 JPEG 或 PNG 照片", "it is no JPEG or PNG photograph")
NO_VOICE = Text("不是录音（WebM、Ogg、M4A、MP3、WAV、AMR）", "it is no sound (WebM, Ogg, M4A, MP3, WAV, AMR)")


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it was handed in: what it is for (`voice`, `photo`), its name, its content."""

    kind: str
    name: str
    content: bytes


def sound_of(content: bytes) -> str | None:
    """The media type of a sound by its first bytes; None for anything else."""
    if content.startswith(b"\x1aE\xdf\xa3"):
        return "audio/webm"
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if content[4:8] == b"ftyp":
        return "audio/mp4"
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return "audio/wav"
    if content.startswith(b"ID3") or (len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0):
        return "audio/aac" if content[:1] == b"\xff" and content[1] & 0xF6 == 0xF0 else "audio/mpeg"
    return "audio/amr" if content.startswith(b"#!AMR") else None


def picture_of(content: bytes) -> str | None:
    """The media type of a photograph by its first bytes; None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PNG if content.startswith(b"\x89PNG\r\n\x1a\n") else None


def media_type(kind: str, content: bytes) -> str:
    """How a kept file of a report is shown by a browser."""
    return (picture_of(content) if kind == "photo" else sound_of(content)) or "application/octet-stream"


def require_good(files: Sequence[Handed]) -> None:
    """Hold files to what may be handed in. Raises BF-2663 with the file's name and why."""
    photos = [f for f in files if f.kind == "photo"]
    if len(photos) > MOST_PHOTOS:
        raise BAD_REPORT_FILE(
            file=photos[MOST_PHOTOS].name[:60], why=Text(f"照片最多 {MOST_PHOTOS} 张", f"{MOST_PHOTOS} photographs at most")
        )
    if len(voices := [f for f in files if f.kind == "voice"]) > 1:
        raise BAD_REPORT_FILE(file=voices[1].name[:60], why=Text("录音只能有一段", "one recording at most"))
    for one in files:
        most = PHOTO_BYTES if one.kind == "photo" else VOICE_BYTES
        if len(one.content) > most:
            mb = most // 1_000_000
            raise BAD_REPORT_FILE(file=one.name[:60], why=Text(f"超过 {mb} MB", f"it has more than {mb} MB"))
        if one.kind == "photo":
            if picture_of(one.content) is None or not _opens(one.content):
                raise BAD_REPORT_FILE(file=one.name[:60], why=NO_PHOTO)
        elif sound_of(one.content) is None:
            raise BAD_REPORT_FILE(file=one.name[:60], why=NO_VOICE)


def _opens(content: bytes) -> bool:
    """Whether the picture's head can be read and tells a size that a photograph has; nothing is unpacked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content)) as picture:
                width, height = picture.size
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return False
    return 0 < width * height <= PIXELS
