"""What shows a signature: a scanned page, or a drawing of a canvas. Pure."""

from __future__ import annotations

import base64
import binascii
import io

from PIL import Image, UnidentifiedImageError

from bangfu.fieldwork.pictures import MOST_PIXELS, cleaned
from bangfu.fieldwork.problems import BAD_DRAWING, BAD_PAGE, PAGE_TOO_LARGE

PAGES = ("application/pdf", "image/jpeg", "image/png")
LARGEST = 10_000_000  # bytes of a page
DRAWING, LARGEST_DRAWING, SIDE = "data:image/png;base64,", 300_000, 2_400
INK = 40  # dark pixels: less is a slip of the finger


def page_of(name: str, content: bytes) -> tuple[bytes, str]:
    """A scanned page as it is kept, and its type by content; of a photograph place and device are taken out. Raises BF-2715, BF-2716."""
    if len(content) > LARGEST:
        raise PAGE_TOO_LARGE(file=name[:80], size=len(content) // 1000, most=LARGEST // 1000)
    found = cleaned(content)
    if found.kind not in PAGES or (found.kind != "application/pdf" and not _opens(content)):
        raise BAD_PAGE(file=name[:80] or "–")
    return found.content, found.kind


def _opens(content: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return False
            picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


def drawing_of(told: str) -> bytes | None:
    """The PNG of a drawing that came as a data address, written anew so that nothing but the picture is in it; None for one without ink. Raises BF-2720."""
    if not told.startswith(DRAWING) or len(told) > LARGEST_DRAWING * 4 // 3 + 100:
        raise BAD_DRAWING()
    try:
        content = base64.b64decode(told.removeprefix(DRAWING), validate=True)
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            if max(picture.size) > SIDE:
                raise BAD_DRAWING()
            drawn = picture.convert("RGBA")
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as wrong:
        raise BAD_DRAWING() from wrong
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    grey = paper.convert("L")
    if sum(grey.histogram()[:128]) < INK:
        return None
    out = io.BytesIO()
    grey.save(out, "PNG", optimize=True)
    return out.getvalue()
