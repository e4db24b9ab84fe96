"""What happens to a page between the printer and the county: turned, photographed askew, in a shadow, out of focus, sent through a messenger."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter


def rasterised(pdf: bytes, dpi: int) -> Iterator[Image.Image]:
    """The pages of a PDF as pictures."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()


def jpeg(image: Image.Image, quality: int = 80) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def scanned(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Off a scanner: a little askew, perhaps upside down."""
    skewed = image.rotate(random.uniform(-3, 3), expand=True, resample=Image.Resampling.BICUBIC, fillcolor=(250, 250, 248))
    return skewed.rotate(int(random.integers(4)) * 90, expand=True).filter(ImageFilter.GaussianBlur(random.uniform(0, 0.6)))


def photographed(page: Image.Image, random: np.random.Generator, *, worse: float = 1.0) -> Image.Image:
    """A photograph of a page, about as many pixels as the page has: perspective, a table around it, a shadow, noise, a soft focus."""
    width, height = page.size
    table = Image.new("RGB", (int(width * 1.15), int(height * 1.12)), tuple(int(n) for n in random.integers(60, 150, 3)))
    inset_x, inset_y = (table.width - width) / 2, (table.height - height) / 2
    reach = 0.045 * worse
    corners = [
        (
            inset_x + x * width + random.uniform(-reach, reach) * width,
            inset_y + y * height + random.uniform(-reach, reach) * height,
        )
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    coefficients = _perspective(corners, [(0, 0), (width, 0), (width, height), (0, height)])
    laid = page.convert("RGBA").transform(
        table.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=(0, 0, 0, 0)
    )
    table.paste(laid, (0, 0), laid)
    turned = table.rotate(random.uniform(-6, 6) * worse, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=(110, 95, 80))
    turned = turned.rotate(int(random.integers(4)) * 90, expand=True)
    lit = np.asarray(turned.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.1) * worse)), dtype=np.float32)
    lit = lit * _light(lit.shape[0], lit.shape[1], random, worse)[:, :, None]
    lit += random.normal(0, random.uniform(2, 8) * worse, lit.shape)
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def _light(height: int, width: int, random: np.random.Generator, worse: float) -> np.ndarray:
    """Falling off to one side, and the edge of a shadow across."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    fall = 1 - 0.35 * worse * (along + 0.5)
    turn = random.uniform(0, 2 * np.pi)
    edge = (x - random.uniform(0.3, 0.7)) * np.cos(turn) + (y - random.uniform(0.3, 0.7)) * np.sin(turn)
    shadow = 1 - random.uniform(0.15, 0.5) * min(worse, 1.5) / (1 + np.exp(np.clip(-edge / 0.015, -50, 50)))
    return np.clip(fall * shadow, 0.12, 1.0)


def _perspective(seen: list[tuple[float, float]], plain: list[tuple[int, int]]) -> list[float]:
    """The eight coefficients that lead from the photograph back to the page."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, plain, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(n) for n in np.linalg.solve(np.array(rows), np.array(values))]
