"""What the pages of forms share: finding a form or a version, what it is called, the file that was handed in, what was done just now."""

from __future__ import annotations

from typing import Any

import segno
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from bangfu.fieldwork.actions.publishing import PERMISSION
from bangfu.fieldwork.catalogue import title_of
from bangfu.fieldwork.models import Form, FormVersion
from bangfu.fieldwork.pages.tabs import in_place
from bangfu.fieldwork.problems import BAD_ENTRY, TOO_LARGE, UNKNOWN_FORM, UNKNOWN_VERSION
from bangfu.fieldwork.shipped import recipes
from bangfu.foundation.access import acting_as
from bangfu.foundation.say import Text

DONE = "form_done"  # the key of the session: what was done, for the page after it
NAMED = 80  # characters of a file's name that are repeated
CHOOSE = Text("请选择一个文件", "choose a file")
FILE = Text("文件", "file")
__all__ = ["PERMISSION", "done_now", "drawn_code", "frame", "tell_done", "the_form", "the_version", "title_shown", "uploaded"]


def the_form(key: int) -> Form:
    """A form. Raises BF-2612."""
    found = Form.objects.filter(pk=key).first()
    if found is None:
        raise UNKNOWN_FORM(form=key)
    return found


def the_version(key: int) -> FormVersion:
    """A version with its form. Raises BF-2608."""
    found = FormVersion.objects.select_related("form").filter(pk=key).first()
    if found is None:
        raise UNKNOWN_VERSION(version=key)
    return found


def title_shown(form: Form) -> Text:
    """What a form is called: a shipped one in the reader's language, one of the county's own as it was written."""
    if form.key in recipes() and form.title == title_of(form.key).zh:
        return title_of(form.key)
    return Text(form.title, form.title)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page of forms shows: its place in the rail, the tabs, what was done just now."""
    return in_place(acting_as(request), "forms") | {"done": done_now(request)}


def tell_done(request: HttpRequest, words: Text) -> None:
    """Keep what was done for the page that is shown after it."""
    request.session[DONE] = [words.zh, words.en]


def done_now(request: HttpRequest) -> Text | None:
    """What was done just now, told once."""
    told = request.session.pop(DONE, None) if request.method == "GET" else None
    return Text(told[0], told[1]) if told else None


def uploaded(request: HttpRequest, most: int) -> tuple[str, bytes]:
    """Name and content of the `file` of a form. Raises BF-2613 where none was chosen, BF-2604 for one of more than `most` bytes, which is not read."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise BAD_ENTRY(column=FILE, value="–", wanted=CHOOSE)
    name = shortened(str(file.name))
    if (file.size or 0) > most:
        raise TOO_LARGE(file=name, size=(file.size or 0) // 1000, most=most // 1000)
    return name, file.read()


def drawn_code(address: str) -> str:
    """A QR code as the source of a picture: with the white border that a camera needs."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=4)


def shortened(name: str) -> str:
    """A file's name, what is too long of it left out of its middle: its ending stays."""
    return name if len(name) <= NAMED else f"{name[: NAMED - 12]}…{name[-11:]}"
