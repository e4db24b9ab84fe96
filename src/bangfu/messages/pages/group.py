"""Texts for the chat group of an area: to be copied by hand as a text or as a picture, with a note of who did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.county import the_county
from bangfu.foundation.say import Text, language
from bangfu.messages.actions import copy_key, copy_message, copy_text, text_digest
from bangfu.messages.drawing import drawn
from bangfu.messages.group import GroupText, group_texts, told
from bangfu.messages.kinds import COPIED, OF_THE_DAY
from bangfu.messages.models import Message, Receipt
from bangfu.messages.pages.frame import tabs
from bangfu.messages.problems import NO_SUCH_TEXT

SHOWN = 20  # copies that are listed, and messages to the group
DAYS = 7  # for which a message to the group stands there to be copied
OF_A_MESSAGE = "m"  # begins the mark of a message, which is no digest: those are hexadecimal
NOTHING = Text("今天没有要通报的内容。", "There is nothing to tell today.")


@dataclass(frozen=True, slots=True)
class Ready:
    """A text as the page shows it: what it says in the reader's language, its mark, and who has copied it today."""

    mark: str
    title: str
    body: str
    pressing: bool
    copied: list[tuple[str, Any]]

    @property
    def whole(self) -> str:
        """Title and body, as they are put into the group."""
        return f"{self.title}\n{self.body}" if self.body else self.title

    @property
    def rows(self) -> int:
        """The lines that the field of the text shows."""
        return min(12, 2 + self.whole.count("\n"))


def group_url(path: str) -> str:
    """The page of an area."""
    return reverse("messages:group", kwargs={"path": path})


@page("message.copy")
def my_group(request: HttpRequest) -> HttpResponse:
    """The page of one's own area."""
    return redirect(group_url(acting_as(request).scope))


def _texts(actor: Actor, path: str) -> dict[str, GroupText]:
    """The texts of today by their marks, in the order of the packages."""
    found = [text for _, texts in group_texts.ask(actor, path, clock.today()) for text in texts]
    return {text_digest(text): text for text in found}


def _waiting(path: str) -> dict[str, Message]:
    """What was told to the group within the last days, by its mark: what comes of itself each day is not among it."""
    since = clock.now() - timedelta(days=DAYS)
    found = Message.objects.filter(path=path, to_group=True, at__gt=since).exclude(kind__in=(COPIED, OF_THE_DAY))
    return {f"{OF_A_MESSAGE}{message.pk}": message for message in found.order_by("-pk")[:SHOWN]}


def _ready(mark: str, said: tuple[Text, Text], deadline: date | None, copies: list[Receipt]) -> Ready:
    done = [(r.user.name if r.user else "–", r.sent_at) for r in copies]
    return Ready(mark, str(said[0]), str(said[1]), deadline is not None and deadline <= clock.today(), done)


@page("message.copy")
@never_cache
def group(request: HttpRequest, path: str) -> HttpResponse:
    """What was told to the group, and the texts of today, each with its picture."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    copies = Receipt.objects.filter(channel="group_text", path=path).select_related("message", "user").order_by("-pk")
    latest = list(copies[:SHOWN])
    waiting, texts = _waiting(path), _texts(actor, path)
    of_messages = list(copies.filter(message__in=[m.pk for m in waiting.values()]))
    ready = [_ready(mark, m.said, m.deadline, [r for r in of_messages if r.message_id == m.pk]) for mark, m in waiting.items()]
    for mark, text in texts.items():
        same = copies.filter(message__key=copy_key(path, mark)) if latest else []
        ready.append(_ready(mark, told(text), text.deadline, list(same)))
    history = [{"day": r.sent_at, "what": r.message.said[0], "who": r.user.name if r.user else ""} for r in latest]
    context = area_frame(actor, area, group_url, top=the_county().path) | tabs(request, "my-group")
    context |= {"area": name_of(area), "path": path, "ready": ready, "history": history}
    return render(request, "messages/group.html", context | {"registered": bool(group_texts.providers())})


@page("message.copy")
@require_POST
def copied(request: HttpRequest, path: str) -> HttpResponse:
    """Note that a text was copied. Raises BF-2308 where its numbers have changed since."""
    actor = acting_as(request)
    standing_area(actor, path)
    mark = request.POST.get("text", "")
    if mark in _waiting(path):
        copy_message(actor, path, int(mark.removeprefix(OF_A_MESSAGE)))
        return redirect(f"{group_url(path)}#text-{mark}")
    text = _texts(actor, path).get(mark)
    if text is None:
        raise NO_SUCH_TEXT()
    copy_text(actor, path, text)
    return redirect(f"{group_url(path)}#text-{mark}")


@page("message.copy")
@never_cache
def picture(request: HttpRequest, path: str) -> HttpResponse:
    """A text as a picture (`?text=` its mark, else the first of today)."""
    actor = acting_as(request)
    area = standing_area(actor, path)
    mark = request.GET.get("text", "")
    waiting = _waiting(path)
    if mark in waiting:
        title, body = waiting[mark].said
    else:
        texts = _texts(actor, path)
        text = texts.get(mark) or next(iter(texts.values()), None)
        title, body = told(text) if text is not None else (NOTHING, Text("", ""))
    county = the_county()
    image = drawn(str(title), str(body).splitlines(), name_of(area), clock.today(), language(), synthetic=county.synthetic)
    return HttpResponse(image, content_type="image/png")
