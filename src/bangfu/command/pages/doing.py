"""What the forms of command have in common: reading what was typed, and showing a page again with what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.command.problems import BAD_ROW
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

SEVERAL = Text("有多个同名区划，请连同乡镇一起写", "several bear this name: write it with that of the area above")
A_DAY = Text("须是日期，如 2020-04-28", "a day such as 2020-04-28")


class Typed:
    """What somebody typed into a form."""

    def __init__(self, request: HttpRequest) -> None:
        self.raw = request.POST

    def text(self, name: str) -> str:
        """A text, blank where nothing was typed."""
        return (self.raw.get(name) or "").strip()

    def key(self, name: str) -> int:
        """A key; 0, which none has, where it is none."""
        raw = self.text(name)
        return int(raw) if raw.isdecimal() and raw.isascii() and len(raw) < 19 else 0

    def keys(self, name: str) -> list[int]:
        """Keys of ticked boxes."""
        return [int(raw) for raw in self.raw.getlist(name) if raw.isdecimal() and raw.isascii() and len(raw) < 19]

    def number(self, name: str, title: Text) -> int:
        """A whole number. Raises BF-2204."""
        raw = self.text(name)
        if not (raw.isdecimal() and raw.isascii() and len(raw) < 10):
            raise BAD_ROW(row=1, column=title, value=raw[:20] or "–", wanted=Text("须是整数", "a whole number"))
        return int(raw)

    def day(self, name: str, title: Text, *, blank: bool = False) -> date:
        """A day; today where nothing was typed and `blank` allows it. Raises BF-2204."""
        raw = self.text(name)
        if blank and not raw:
            return clock.today()
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise BAD_ROW(row=1, column=title, value=raw[:20] or "–", wanted=A_DAY) from None

    def maybe_day(self, name: str, title: Text) -> date | None:
        """A day, None where nothing was typed. Raises BF-2204."""
        return self.day(name, title) if self.text(name) else None


def either(zh: str, en: str) -> Text:
    """A title in both languages: where one is not typed the other stands for it."""
    return Text(zh.strip() or en.strip(), en.strip() or zh.strip())


def area_meant(actor: Actor, path: str, words: str) -> str:
    """The path of the area that somebody types: its path, or its name inside an area. Raises BF-1108 where it is none, or several."""
    if actor.covers(words) and Area.objects.filter(path=words).exists():
        return words
    name = words.split("（")[0].split(" (")[0].strip()
    inside = Area.objects.visible_to(actor).under(path).on(clock.today())
    if words.strip().isdecimal():
        return Area.objects.meant_by(words.strip(), actor.scope).path
    found = list((inside.filter(name=name) | inside.filter(name_en=words.strip()))[:2]) if name else []
    if not found and name:  # a name together with one above: 郑场镇凤凰村
        found = list(inside.search(words.strip())[:2])
    if len(found) > 1:
        raise BAD_ROW(row=1, column=Text("区划", "area"), value=words[:60], wanted=SEVERAL)
    if not found:
        raise UNKNOWN_AREA(area=words[:60] or "–")
    return str(found[0].path)


def done(
    request: HttpRequest, acts: Mapping[str, Callable[[Typed], object]], shown: Callable[[Problem], HttpResponse], back: str
) -> HttpResponse:
    """Do what the button `do` of a form says and go back to the page; what is refused is shown on it with its number."""
    told = request.POST.get("do", "")
    try:
        if told not in acts:
            raise BAD_ROW(
                row=1,
                column=Text("操作", "what to do"),
                value=told[:20] or "–",
                wanted=Text("请用页面上的按钮", "use the buttons of the page"),
            )
        acts[told](Typed(request))
    except Problem as refused:
        return shown(refused)
    return redirect(back)
