"""A running server and a front end that is built anew."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from bangfu.kit import assets
from bangfu.kit.serving import StaticFilesMiddleware
from bangfu.kit.templatetags.kit import asset


def build(place: Path, name: str, at: int) -> None:
    """What a build leaves: a file of a new name, then the manifest."""
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(f"// {name}")
    (place / "manifest.json").write_text(f'{{"src/main.ts": {{"file": "{name}"}}}}')
    os.utime(place / "manifest.json", ns=(at, at))


def passed_on(request: HttpRequest) -> HttpResponse:
    return HttpResponse("passed on", status=404)


def test_a_front_end_built_anew_is_served_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "kit" / "dist"
    monkeypatch.setattr(assets, "DIST", place)
    with override_settings(STATICFILES_DIRS=[tmp_path]):
        build(place, "main-11111111.js", 10**18)
        serving = StaticFilesMiddleware(passed_on)

        def got(address: str) -> tuple[int, bytes]:
            with closing(serving(RequestFactory().get(address))) as answer:
                return answer.status_code, b"".join(answer)

        for name, at in (("main-11111111.js", 10**18), ("main-22222222.js", 2 * 10**18)):
            build(place, name, at)
            page = asset("src/main.ts")
            assert name in page
            assert got(f"/static/kit/dist/{name}") == (200, f"// {name}".encode())
        # A page of the last build that is still open finds its files; a file that never was is not one.
        assert got("/static/kit/dist/main-11111111.js")[0] == 200
        assert got("/static/kit/dist/main-33333333.js") == (404, b"passed on")
        # Between two builds nothing is read anew.
        files = serving.files
        assert got("/static/kit/dist/main-22222222.js")[0] == 200
        assert serving.files is files
