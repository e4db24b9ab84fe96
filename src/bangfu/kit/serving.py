"""Serving of static files beside a front end that may be built anew at any time."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from bangfu.kit.assets import built


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves the static files of the packages, found once. After another build of the front end they are found anew: pages name the
    files of the new manifest at once, and a running server must have them."""

    built = 0
    files: dict[str, Any]

    def add_files_from_finders(self) -> None:
        """Find the files, and note of which build they are."""
        self.built = built()
        super().add_files_from_finders()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with a static file, else pass the request on."""
        if request.path_info.startswith(self.static_prefix) and built() != self.built:
            fresh = type(self)(self.get_response)  # made whole, then put in place: other threads go on reading
            self.built, self.files = fresh.built, fresh.files
        return cast(HttpResponse, super().__call__(request))
