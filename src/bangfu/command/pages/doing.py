"""What the forms of command have in common beyond those of all: the area and the title that somebody means."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse

from bangfu.areas.models import Area
from bangfu.areas.problems import UNKNOWN_AREA
from bangfu.command.problems import BAD_ROW
from bangfu.foundation import clock
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit import forms
from bangfu.kit.forms import Typed

SEVERAL = Text("有多个同名区划，请连同乡镇一起写", "several bear this name: write it with that of the area above")


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
        raise BAD_ROW(column=Text("区划", "area"), value=words[:60], wanted=SEVERAL)
    if not found:
        raise UNKNOWN_AREA(area=words[:60] or "–")
    return str(found[0].path)


def done(
    request: HttpRequest, acts: Mapping[str, Callable[[Typed], object]], shown: Callable[[Problem], HttpResponse], back: str
) -> HttpResponse:
    """Do what the button `do` of a form says (`kit.forms.done`); what cannot be read is BF-2204."""
    return forms.done(request, acts, shown, back, BAD_ROW)
