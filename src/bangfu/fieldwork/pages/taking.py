"""What is taken along: the XForm of a version, the workbook it was made from, the workbook of a shipped form to start one's own from."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from bangfu.fieldwork.catalogue import shipped_sheets, workbook_of
from bangfu.fieldwork.models import FormVersion
from bangfu.fieldwork.pages.one import PERMISSION, the_version
from bangfu.fieldwork.problems import NO_WORKBOOK, UNKNOWN_FORM
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.xlsform import ZIP
from bangfu.foundation.access import page
from bangfu.foundation.files import read

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(PERMISSION)
def xform(request: HttpRequest, version: int) -> HttpResponse:
    """The XForm as phones get it, byte for byte."""
    found = the_version(version)
    return _file(found.content, _name(found, "xml"), "application/xml")


@page(PERMISSION)
def workbook(request: HttpRequest, version: int) -> HttpResponse:
    """The workbook that a version was made from, as it was handed in. Raises BF-2614 where it came as an XForm."""
    found = the_version(version)
    if not found.source:
        raise NO_WORKBOOK(form=found.form.key, version=found.version or "–")
    content = read(found.source)
    if content.startswith(ZIP):
        return _file(content, _name(found, "xlsx"), XLSX)
    return _file(content, _name(found, "csv"), "text/csv; charset=utf-8")


@page(PERMISSION)
def shipped_workbook(request: HttpRequest, shipped: str) -> HttpResponse:
    """The workbook of a shipped form. Raises BF-2612 for any other."""
    if shipped not in recipes():
        raise UNKNOWN_FORM(form=shipped[:60])
    return _file(workbook_of(shipped_sheets(shipped)), f"{shipped}.xlsx", XLSX)


def _name(version: FormVersion, ending: str) -> str:
    """What the file is called: the form and its version, without what a file's name cannot have."""
    told = "-".join(part for part in (version.form.key, version.version) if part)
    return f"{''.join(c if c.isalnum() or c in '-_.' else '_' for c in told)[:100]}.{ending}"


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
