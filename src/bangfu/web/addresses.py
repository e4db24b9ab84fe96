"""Numbers of persons stay out of addresses: an address is kept in histories, bookmarks and logs, and is passed on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse

from bangfu.areas.profile import profile_of
from bangfu.foundation.hiding import LONG_RUN
from bangfu.register import identity
from bangfu.register.importing.run import scheme_of
from bangfu.register.masks import CODE_LENGTH
from bangfu.web.middleware import refusal
from bangfu.web.problems import NUMBER_IN_ADDRESS

WORDS = "q"  # what people type into a search: there any long number may be somebody's
TOKEN = re.compile(r"[0-9A-Z]+")
MOBILE = re.compile(r"(?<![0-9A-Za-z_-])1\d{10}(?![0-9A-Za-z_-])")


class AddressMiddleware:
    """An address with somebody's number is refused (BF-1919) and not repeated; numbers are searched for by a form.

    Anywhere it is an identity number of the county's country, whole and with its check right; in the query a mobile telephone
    number too; in words that are searched for any long number but the code of an area. Household numbers may stand in addresses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        county = getattr(request, "county", None)
        if any(_somebodys(kind, text, county.path if county else "") for kind, text in _said(request)):
            return refusal(request, NUMBER_IN_ADDRESS())
        return self.get_response(request)


def _said(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The path and the values of the query; their width and case made one."""
    yield "path", unicodedata.normalize("NFKC", request.path)
    for name, texts in request.GET.lists():
        for text in (name, *texts):
            yield "words" if name == WORDS else "query", unicodedata.normalize("NFKC", text)


def _somebodys(kind: str, text: str, path: str) -> bool:
    runs = LONG_RUN.findall(text.replace(" ", "").replace("-", "")) if kind == "words" else ()
    if any(len(run) != CODE_LENGTH for run in runs):
        return True
    if kind == "query" and MOBILE.search(text):
        return True
    if not path or not any(character.isdigit() for character in text):
        return False
    scheme = scheme_of(profile_of(path))
    tokens = [token for token in TOKEN.findall(text.upper()) if len(token) == scheme.length]
    return scheme.checked and bool(tokens) and bool(identity.derive(list(tokens), scheme).valid.any())
