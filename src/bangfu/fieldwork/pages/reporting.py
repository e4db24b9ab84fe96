"""The pages on which somebody reports a difficulty without a log-in, gets a receipt, and asks where it stands. They read nothing of any household."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.accounts.middleware import address_of
from bangfu.areas.profile import profile_of
from bangfu.cases.models.cases import CLOSED, STATES, SUPPORTED
from bangfu.fieldwork.actions.reporting import (
    CODE_MINUTES,
    LONGEST_HOUSEHOLD,
    LONGEST_NAME,
    LONGEST_WORDS,
    NewReport,
    Place,
    Standing,
    ask_where,
    can_text,
    file_report,
    needs,
    places,
    village_of,
    where_it_stands,
)
from bangfu.fieldwork.models.reports import CASE, DISMISSALS, DISMISSED, PHOTO, SELF, TELLERS, VOICE
from bangfu.fieldwork.pages.links import public_url
from bangfu.fieldwork.problems_reports import BAD_REPORT_FILE, CODE_OVER, NOT_BY_A_PERSON, TOO_MUCH, WRONG_REPORT_CODE
from bangfu.fieldwork.report_settings import hotline, limit
from bangfu.fieldwork.reported_files import MOST_PHOTOS, PHOTO_BYTES, VOICE_BYTES, Handed
from bangfu.foundation.access import any_window, limit_body, open_to_all
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text

RECEIPT_KEY = "report_receipt"  # of the session: the receipt that the next page shows
HONEYPOT = "website"  # a box that people do not see; what fills it in is no person
PHONE_KEY = "report_phone"  # of the session: whether a number was given

limit_body("/report/", lambda: limit("body_mb"), TOO_MUCH)


@any_window
@open_to_all
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the township, with `?township=` the village. Nothing else can be seen here."""
    level = profile_of(the_county().path).plays.village
    listed = places()
    key = request.GET.get("township", "")
    township = next((p for p in listed if p.key == key and p.level != level), None)
    if township is not None:
        shown = [(p.title, public_url(p.key)) for p in listed if p.level == level and p.path.startswith(township.path)]
    else:
        above = {
            v.path: [p for p in listed if p.level != level and v.path.startswith(p.path)] for v in listed if v.level == level
        }
        with_villages = {found[-1].path for found in above.values() if found}
        shown = [(p.title, f"{public_url()}?township={p.key}") for p in listed if p.path in with_villages]
    return _page(request, "choose", {"township": township.title if township else None, "choices": shown})


@any_window
@open_to_all
@never_cache
def report(request: HttpRequest, village: str) -> HttpResponse:
    """The form of a village, which is where the printed code leads; sent, it gives a receipt. Raises BF-2662 for no village."""
    place, township = village_of(village)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            receipt = _filed(request, place)
        except Problem as refused:
            problem = refused
        else:
            request.session[RECEIPT_KEY], request.session[PHONE_KEY] = receipt, bool(request.POST.get("phone", "").strip())
            return redirect("fieldwork:report_thanks")
    context = {
        "village": place.title,
        "township": township.title if township else None,
        "kinds": needs().items(),
        "tellers": [(key, title) for key, title in TELLERS.items() if key],
        "typed": request.POST or {"teller": SELF},
        "token": _token(request.POST.get("token", "")),
        "most": {
            "photos": MOST_PHOTOS,
            "photo_mb": PHOTO_BYTES // 1_000_000,
            "voice_mb": VOICE_BYTES // 1_000_000,
            "mb": limit("body_mb"),
        },
        "longest": {"words": LONGEST_WORDS, "name": LONGEST_NAME, "household": LONGEST_HOUSEHOLD},
        "can_text": can_text(),
        "problem": problem,
        "files_again": problem is not None and bool(request.FILES),
    }
    return _page(request, "report", context, problem)


def _token(said: str) -> uuid.UUID:
    """The token of the form that was sent; a new one where it has none."""
    try:
        return uuid.UUID(said)
    except ValueError:
        return uuid.uuid4()


def _filed(request: HttpRequest, place: Place) -> str:
    said = request.POST
    if said.get(HONEYPOT):
        raise NOT_BY_A_PERSON()
    told = NewReport(
        place.path, said.get("teller", ""), said.get("words", "").replace("\r\n", "\n"), said.get("name", ""), said.get("phone", ""),
        said.get("household", ""), said.get("kind", ""), _files(request),
    )  # fmt: skip
    return file_report(told, token=_token(said.get("token", "")), address=address_of(request))


def _files(request: HttpRequest) -> list[Handed]:
    """What was handed in; how large a file is, is asked before it is read. Raises BF-2663."""
    found: list[Handed] = []
    for kind, name, most in ((VOICE, "voice", VOICE_BYTES), (PHOTO, "photos", PHOTO_BYTES)):
        for file in request.FILES.getlist(name):
            if not isinstance(file, UploadedFile) or not file.size:
                continue
            if file.size > most:
                raise BAD_REPORT_FILE(
                    file=str(file.name)[:60], why=Text(f"超过 {most // 1_000_000} MB", f"it has more than {most // 1_000_000} MB")
                )
            found.append(Handed(kind, str(file.name), file.read()))
    return found


@any_window
@open_to_all
@never_cache
def thanks(request: HttpRequest) -> HttpResponse:
    """The receipt of what this browser has just sent; without one, the way to report."""
    receipt = request.session.get(RECEIPT_KEY)
    if not receipt:
        return redirect("fieldwork:report_public")
    context = {
        "receipt": receipt,
        "with_phone": bool(request.session.get(PHONE_KEY)),
        "can_text": can_text(),
        "days": limit("answer_days"),
    }
    return _page(request, "thanks", context)


# --- where it stands


@any_window
@open_to_all
@never_cache
def where(request: HttpRequest) -> HttpResponse:
    """Ask where a report stands: its receipt first, then (`?ticket=`) the code that the phone on file was sent. What is said before the code is right is
    the same for every receipt."""
    problem: Problem | None = None
    standing: Standing | None = None
    ticket = request.GET.get("ticket", "")
    texts = can_text()
    if request.method == "POST" and texts:
        try:
            if not ticket:
                asked = ask_where(request.POST.get("receipt", ""), address=address_of(request))
                return redirect(f"{reverse('fieldwork:report_where')}?ticket={asked}")
            standing = _answered(_token(ticket), request.POST.get("code", ""))
        except Problem as refused:
            problem = refused
    context = {
        "ticket": ticket if not (problem is not None and problem.kind is CODE_OVER) else "",
        "typed": request.POST,
        "can_text": texts,
        "minutes": CODE_MINUTES,
        "standing": standing_lines(standing) if standing is not None else None,
        "problem": problem,
    }
    return _page(request, "where", context, problem)


def _answered(ticket: uuid.UUID, code: str) -> Standing | None:
    """Where it stands, by the code. Raises BF-2671, BF-2672."""
    answer = where_it_stands(ticket, code)
    if answer.said == "over" or (answer.said == "wrong" and answer.left <= 0):
        raise CODE_OVER()
    if answer.said == "wrong":
        raise WRONG_REPORT_CODE(left=answer.left)
    return answer.standing


def standing_lines(standing: Standing) -> list[Text]:
    """Where a report stands, in plain words and days."""
    lines = [Text("{d} 收到。", "Received on {d}.").format(d=standing.day)]
    if standing.state == DISMISSED:
        return [*lines, Text("{d}：{t}", "{d}: {t}").format(d=standing.settled_on, t=DISMISSALS[standing.reason][1])]
    if standing.state != CASE:
        return [
            *lines,
            Text("村指挥所正在核对，{d} 前答复。", "The village post is looking into it and answers by {d}.").format(
                d=standing.answer_by
            ),
        ]
    lines.append(
        Text("{d} 列为帮扶事项，有专人办理。", "Taken on as a case on {d}; somebody is in charge of it.").format(
            d=standing.settled_on
        )
    )
    if standing.case_state == CLOSED:
        lines.append(Text("{d} 办结。", "Closed on {d}.").format(d=standing.case_closed_on))
    elif standing.case_state == SUPPORTED:
        lines.append(Text("转为长期帮扶，定期回访。", "It has become long-term support, with visits from time to time."))
    elif standing.case_state is not None:
        said = Text("现在：{s}，期限 {d}。", "Now: {s}, due on {d}.")
        lines.append(said.format(s=STATES[standing.case_state], d=standing.case_due))
    return lines


def _page(request: HttpRequest, name: str, more: Mapping[str, Any], problem: Problem | None = None) -> HttpResponse:
    context = {"hotline": hotline(), "public_url": public_url(), "where_url": reverse("fieldwork:report_where"), **more}
    return render(request, f"fieldwork/public/{name}.html", context, status=problem.kind.status if problem else 200)
