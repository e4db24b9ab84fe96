"""Every address of the product: each package's `pages.urls`."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from bangfu.foundation.packages import packages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"{package}.pages.urls"))
    for package in packages()
    if find_spec(f"{package}.pages") and find_spec(f"{package}.pages.urls")
]
handler400 = "bangfu.web.errors.bad_request"
handler403 = "bangfu.web.errors.forbidden"
handler404 = "bangfu.web.errors.not_found"
handler500 = "bangfu.web.errors.broken"
