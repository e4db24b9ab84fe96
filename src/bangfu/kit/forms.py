"""What the forms of pages have in common: reading what was typed or handed in, and showing a page again with what was refused."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bangfu.foundation import clock
from bangfu.foundation.problems import Problem, ProblemKind
from bangfu.foundation.say import Text

LARGEST = 1_000_000  # bytes of a list that is handed in on a page
A_DAY = Text("须是日期，如 2020-04-28", "a day such as 2020-04-28")
A_NUMBER = Text("须是整数", "a whole number")
A_FILE = Text("请选择一个不超过 1 MB 的 CSV 文件", "Choose a CSV file of 1 MB at most")
A_BUTTON = Text("请用页面上的按钮", "use the buttons of the page")
T = TypeVar("T")


def key_of(raw: str) -> int:
    """A key; 0, which none has, where the text is none."""
    return int(raw) if raw.isdecimal() and raw.isascii() and len(raw) < 19 else 0


def number_of(raw: str, title: Text, bad: ProblemKind, least: int = 0, most: int = 999_999_999) -> int:
    """A whole number. Raises `bad` for anything else, and for one out of bounds."""
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 10 and least <= int(raw) <= most):
        wanted = (
            Text(f"须是 {least} 到 {most} 的整数", f"a whole number from {least} to {most}") if most < 999_999_999 else A_NUMBER
        )
        raise bad(column=title, value=raw[:20] or "–", wanted=wanted)
    return int(raw)


def day_of(raw: str, title: Text, bad: ProblemKind) -> date:
    """A day. Raises `bad` for anything else."""
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise bad(column=title, value=raw[:20] or "–", wanted=A_DAY) from None


def not_a_button(told: str, bad: ProblemKind) -> Problem:
    """The problem of a form that asks for what the page does not have."""
    return bad(column=Text("操作", "what to do"), value=told[:20] or "–", wanted=A_BUTTON)


class Typed:
    """What somebody typed into a form. What cannot be is refused as `bad`, a kind of problem with `row`, `column`, `value`, `wanted`."""

    def __init__(self, request: HttpRequest, bad: ProblemKind) -> None:
        self.raw, self.bad = request.POST, bad

    def text(self, name: str) -> str:
        """A text, blank where nothing was typed."""
        return (self.raw.get(name) or "").strip()

    def key(self, name: str) -> int:
        """A key; 0, which none has, where it is none."""
        return key_of(self.text(name))

    def keys(self, name: str) -> list[int]:
        """Keys of ticked boxes; 0 for one that is none, which is then nowhere found."""
        return [key_of(raw) for raw in self.raw.getlist(name) if raw]

    def number(self, name: str, title: Text) -> int:
        """A whole number. Raises `bad`."""
        return number_of(self.text(name), title, self.bad)

    def day(self, name: str, title: Text, *, blank: bool = False) -> date:
        """A day; today where nothing was typed and `blank` allows it. Raises `bad`."""
        raw = self.text(name)
        return clock.today() if blank and not raw else day_of(raw, title, self.bad)

    def maybe_day(self, name: str, title: Text) -> date | None:
        """A day, None where nothing was typed. Raises `bad`."""
        return self.day(name, title) if self.text(name) else None


def done(
    request: HttpRequest,
    acts: Mapping[str, Callable[[Typed], object]],
    shown: Callable[[Problem], HttpResponse],
    back: str,
    bad: ProblemKind,
) -> HttpResponse:
    """Do what the button `do` of a form says and go back to the page; what is refused is shown on it with its number."""
    told = request.POST.get("do", "")
    try:
        if told not in acts:
            raise not_a_button(told, bad)
        acts[told](Typed(request, bad))
    except Problem as refused:
        return shown(refused)
    return redirect(back)


def handed_in(request: HttpRequest, read: Callable[[Path], T], bad: ProblemKind) -> T:
    """What `read` makes of the `file` of a form. Raises `bad` where there is none, or too large a one, and what `read` raises."""
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile) or (upload.size or 0) > LARGEST:
        raise bad(column=Text("文件", "file"), value="–", wanted=A_FILE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(upload.read())
        return read(path)


def list_to_fill_in(name: str, columns: Mapping[str, Text], examples: Iterable[Mapping[str, object]]) -> HttpResponse:
    """A CSV file to fill in, which spreadsheet programs open as it is: the headings in the reader's language, and examples."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(title) for title in columns.values()])
    writer.writerows([example.get(key, "") for key in columns] for example in examples)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
