"""One visit: how it was made and what was said, its files, its signature or what lacks of it, and the ways in which it can still be signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.accounts.audit import note
from bangfu.fieldwork import acts
from bangfu.fieldwork.actions.signing import (
    FILLS,
    NAME,
    WORDS,
    MadeLink,
    make_link,
    may_sign,
    note_contact,
    sign_by_proxy,
    sign_on_paper,
)
from bangfu.fieldwork.models import Contact, Signature, SigningLink, SubmissionFile, Visit
from bangfu.fieldwork.models.signing import LINK, ON_PHONE, PAPER, PROXY, REACHED, WAYS
from bangfu.fieldwork.modes import modes_of, ways_of
from bangfu.fieldwork.pages.inbox import FILES, as_file, file_shown, moment
from bangfu.fieldwork.pages.one import drawn_code, frame, tell_done, uploaded
from bangfu.fieldwork.pages.visits import READS, lines_of
from bangfu.fieldwork.problems import BAD_ENTRY, UNKNOWN_VISIT
from bangfu.fieldwork.signing_files import LARGEST
from bangfu.foundation import clock, files
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.hiding import hide
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, not_a_button

DAY = Text("日期", "day")
DONE = {
    PAPER: Text("已存签字页。", "The signed page is kept."),
    PROXY: Text("已存代签页。", "The page that the proxy signed is kept."),
    "contact": Text("已记录联系。", "The contact is noted."),
}
SHOWN = 20  # contacts


@page(READS)
@never_cache
def visit(request: HttpRequest, visit: int) -> HttpResponse:
    """A visit; posted, a signed page is kept, a link is made and shown this once, or a contact with a household that is away is noted."""
    actor = acting_as(request)
    row = the_visit(actor, visit)
    problem: Problem | None = None
    made: MadeLink | None = None
    told = request.POST.get("do", "")
    if request.method == "POST":
        try:
            if told == LINK:
                made = make_link(actor, row.pk)
            else:
                _acts(request, actor, row).get(told, lambda: _no_button(told))()
                tell_done(request, DONE[told])
                return redirect("fieldwork:visit", visit=row.pk)
        except Problem as refused:
            problem = refused
    else:
        with acting(actor):
            note(actor, acts.VISIT_OPEN, subject=row.household.number, path=row.path)
    context = frame(request) | {
        "tab": "visits",
        "v": row,
        "line": lines_of(actor, [row])[0],
        "submission_url": reverse("fieldwork:submission", kwargs={"submission": row.submission_id})
        if row.submission_id and actor.may("submission.read")
        else "",
        "files": _files(actor, row),
        "made": _shown_link(request, made) if made is not None else None,
        "contacts": _contacts(actor, row) if row.away else [],
        "may_contact": row.away and actor.may(FILLS),
        "reached": REACHED.items(),
        "today": clock.today(),
        "name_length": NAME,
        "words_length": WORDS,
        "most": LARGEST // 1_000_000,
        "typed": request.POST,
        "did": told,
        "problem": problem,
        **_signing(actor, row),
    }
    return render(request, "fieldwork/visit.html", context, status=problem.kind.status if problem else 200)


def the_visit(actor: Actor, key: int) -> Visit:
    """A visit that the actor sees. Raises BF-2710."""
    found: Visit | None = Visit.objects.visible_to(actor).select_related("household", "submission").filter(pk=key).first()
    if found is None:
        raise UNKNOWN_VISIT()
    return found


def _acts(request: HttpRequest, actor: Actor, row: Visit) -> dict[str, Callable[[], object]]:
    typed = Typed(request, BAD_ENTRY)
    return {
        PAPER: lambda: sign_on_paper(actor, row.pk, typed.text("name"), uploaded(request, LARGEST)),
        PROXY: lambda: sign_by_proxy(actor, row.pk, typed.text("name"), typed.text("relation"), uploaded(request, LARGEST)),
        "contact": lambda: note_contact(
            actor, row.household.number, typed.day("day", DAY), typed.text("way"), typed.text("reached_by"), typed.text("words")
        ),
    }


def _no_button(told: str) -> None:
    raise not_a_button(told, BAD_ENTRY)


def _signing(actor: Actor, row: Visit) -> dict[str, Any]:
    """The signature of a visit, or the ways in which it can be signed and the link that is open."""
    mode = modes_of(row.day).get(row.mode)
    ways = [w for w in ways_of(row, mode) if w != ON_PHONE]
    signed = Signature.objects.visible_to(actor).filter(visit=row).first()
    open_ = (
        SigningLink.objects.visible_to(actor).filter(visit=row, used_at=None, revoked_at=None, expires__gte=clock.today()).first()
    )
    return {
        "signature": {
            "s": signed,
            "way": WAYS.get(signed.way, signed.way),
            "at": moment(signed.signed_at),
            "url": reverse("fieldwork:signature", kwargs={"visit": row.pk}) if signed.file else "",
            "picture": signed.kind.startswith("image/"),
            **signed.by,
        }
        if signed is not None
        else None,
        "mode": mode,
        "ways": [WAYS[w] for w in ways],
        "may": dict.fromkeys(ways, True) if may_sign(actor, row) and not row.signed else {},
        "open": open_,
    }


def _files(actor: Actor, row: Visit) -> list[dict[str, Any]]:
    if row.submission is None or not actor.may(FILES):
        return []
    return [file_shown(row.submission, f) for f in SubmissionFile.objects.filter(submission=row.submission_id).order_by("name")]


def _contacts(actor: Actor, row: Visit) -> list[dict[str, Any]]:
    rows = Contact.objects.visible_to(actor).filter(household=row.household_id).order_by("-day", "-pk")[:SHOWN]
    return [
        {"c": c, "way": REACHED.get(c.way, c.way), "by": c.told.get("reached_by", ""), "words": hide(c.told.get("words", ""))}
        for c in rows
    ]


def _shown_link(request: HttpRequest, made: MadeLink) -> dict[str, Any]:
    """The address of a link, with its code, until when it is good."""
    address = request.build_absolute_uri(reverse("fieldwork:sign", kwargs={"key": made.key}))
    return {"address": address, "code": drawn_code(address), "expires": made.link.expires}


@page(READS)
@never_cache
def signature(request: HttpRequest, visit: int) -> HttpResponse:
    """The page or the drawing that shows a signature. Who opened it goes into the audit."""
    actor = acting_as(request)
    row = the_visit(actor, visit)
    found = Signature.objects.visible_to(actor).filter(visit=row).exclude(file="").first()
    if found is None:
        raise UNKNOWN_VISIT()
    with acting(actor):
        note(actor, acts.VISIT_SIGNATURE, subject=row.household.number, path=row.path)
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg"}.get(found.kind, "png")
    return as_file(files.read(found.file), found.kind, f"{row.household.number}-{row.day}.{ending}")
