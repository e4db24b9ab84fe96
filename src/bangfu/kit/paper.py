"""Pages of paper and pictures: a Typst document and its data become a PDF or a PNG, with the fonts that are installed beside the product."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import segno
import typst

FONT_PACKAGE = "cvttf_NotoSansCJK_Regular"  # Noto Sans CJK, SIL Open Font License 1.1
FONT = "Noto Sans CJK TC"  # has the glyphs of all regions; a document in zh, region CN is set in those of the mainland


@lru_cache(maxsize=1)
def font_folder() -> Path:
    """Where the font lies. Raises LookupError where its package is not installed."""
    spec = find_spec(FONT_PACKAGE)
    if spec is None or spec.origin is None:
        raise LookupError(f"the font package {FONT_PACKAGE} is not installed")
    return Path(spec.origin).parent


def font_file() -> str:
    """The font's file, for whoever draws with it. Raises LookupError where its package is not installed."""
    found = sorted(one for one in font_folder().iterdir() if one.suffix.lower() in (".ttf", ".otf", ".ttc"))
    if not found:
        raise LookupError(f"the font package {FONT_PACKAGE} has no font")
    return str(found[0])


def compose(template: Path, data: Mapping[str, Any]) -> bytes:
    """A PDF of a template that reads its data as JSON from `sys.inputs.data`. The template sees its own folder and nothing else."""
    made: bytes = typst.compile(str(template), format="pdf", **_ground(template, data))
    return made


def picture(template: Path, data: Mapping[str, Any], *, ppi: float) -> bytes:
    """A PNG of a template of one page, with so many pixels to an inch (72 pt). It reads its data as `compose` has it."""
    made: bytes = typst.compile(str(template), format="png", ppi=ppi, **_ground(template, data))
    return made


def _ground(template: Path, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "root": str(template.parent),
        "font_paths": [str(font_folder())],
        "ignore_system_fonts": True,
        "sys_inputs": {"data": json.dumps(data, ensure_ascii=False), "font": FONT},
    }


def code_of(address: str, scale: int = 1) -> str:
    """A QR code of an address as SVG; `scale` are the pixels of a module, for a page that phones read from the screen."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=0, scale=scale, xmldecl=False, svgns=True)
    return out.getvalue().decode()
