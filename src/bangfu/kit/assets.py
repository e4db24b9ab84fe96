"""The bundle of the front end, as its manifest describes it."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

DIST = Path(__file__).resolve().parent / "static" / "kit" / "dist"


def built() -> int:
    """When the front end was built, as a number that changes with every build; 0 where it never was."""
    try:
        return (DIST / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def manifest() -> dict[str, dict[str, Any]]:
    """The manifest by source name; empty where the front end was never built."""
    when = built()
    return _read(DIST / "manifest.json", when) if when else {}


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return read


def tags(entry: str, chunks: dict[str, dict[str, Any]]) -> SafeString:
    """The link and script elements of an entry: styles first, then the module and what it imports."""
    chunk = chunks.get(entry)
    if chunk is None:
        return mark_safe("")
    styles, modules = _closure(entry, chunks)
    out = format_html_join("", '<link rel="stylesheet" href="{}">', ((_url(name),) for name in styles))
    if chunk["file"].endswith(".css"):
        return out + format_html('<link rel="stylesheet" href="{}">', _url(chunk["file"]))
    out += format_html_join("", '<link rel="modulepreload" href="{}">', ((_url(name),) for name in modules))
    return out + format_html('<script type="module" src="{}"></script>', _url(chunk["file"]))


def _closure(entry: str, chunks: dict[str, dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Styles and modules that an entry needs at once, each named once, imports before importers."""
    styles: dict[str, None] = {}
    modules: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in chunks:
            return
        seen.add(name)
        for imported in chunks[name].get("imports", []):
            visit(imported)
        styles.update(dict.fromkeys(chunks[name].get("css", [])))
        if name != entry:
            modules[chunks[name]["file"]] = None

    visit(entry)
    return list(styles), list(modules)


def _url(name: str) -> str:
    return static(f"kit/dist/{name}")
