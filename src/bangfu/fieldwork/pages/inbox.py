"""What came in: submissions by state, one submission with its answers and files, and what may be done about one that is stuck."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.accounts.audit import note
from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork import acts, pictures
from bangfu.fieldwork.actions.applying import form_of
from bangfu.fieldwork.actions.settling import mend, set_aside, try_again
from bangfu.fieldwork.door.accepting import PLACE
from bangfu.fieldwork.models import Conflict, Form, Submission, SubmissionFile
from bangfu.fieldwork.models.forms import PUBLISHED
from bangfu.fieldwork.models.inbox import APPLIED, CAME_BY, INCOMPLETE, KEPT, STATES, STUCK, WAITING
from bangfu.fieldwork.pages.one import frame, tell_done, the_form, title_shown
from bangfu.fieldwork.problems import BAD_ENTRY, UNKNOWN_SUBMISSION
from bangfu.fieldwork.shown import answers_of, fact_title, version_of
from bangfu.fieldwork.tables import as_zip
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor
from bangfu.foundation.files import read as kept
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt_bytes
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.leafing import leaf_of
from bangfu.kit.paper import font_file

READS, SETTLES = "submission.read", "submission.settle"
FILES = "submission.file"  # photographs show people: who reads figures alone does not open them
SHAPES = {STUCK: "unmet", WAITING: "waiting", INCOMPLETE: "waiting", APPLIED: "met", KEPT: "met"}
VIEWS = (STUCK, WAITING, INCOMPLETE, APPLIED, KEPT, "replaced", "dropped")
DONE = {
    "again": Text("{n} 份提交重新办理，结果见列表。", "{n} submission(s) are tried again; the list shows what comes of it."),
    "release": Text("已放行 {n} 份提交。", "{n} submission(s) released."),
    "aside": Text("已不采用 {n} 份提交，内容仍保存。", "{n} submission(s) set aside; they are kept."),
    "mend": Text("已改正，正在重新办理；原件保留。", "Mended and tried again; the original stays."),
}
TICK = Text("请至少勾选一份提交", "tick at least one submission")
SHOWN_IN_BROWSER = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "audio/wav",
    "audio/aac",
    "video/mp4",
)


@page(READS)
@never_cache
def submissions(request: HttpRequest) -> HttpResponse:
    """The inbox of one's area, one state at a time; posted, the ticked ones are tried again, released or set aside."""
    actor = acting_as(request)
    problem: Problem | None = None
    if request.method == "POST":
        typed = Typed(request, BAD_ENTRY)
        try:
            told, keys = typed.text("do"), typed.keys("submission")
            if not keys:
                raise BAD_ENTRY(column=Text("提交", "submissions"), value="–", wanted=TICK)
            _act(actor, told, keys, typed)
        except Problem as refused:
            problem = refused
        else:
            tell_done(request, DONE[told].format(n=len(keys)))
            return redirect(request.get_full_path())
    rows = Submission.objects.visible_to(actor)
    counts = dict(rows.values_list("state").annotate(n=Count("id")).order_by())
    state = str(request.GET.get("state", ""))
    state = state if state in STATES else (STUCK if counts.get(STUCK) else APPLIED)
    form = str(request.GET.get("form", ""))[:249]
    chosen = rows.filter(state=state).select_related("household").order_by("-id")
    if form:
        chosen = chosen.filter(form=form)
    leaf = leaf_of(request, chosen)
    titles = {one.key: title_shown(one) for one in Form.objects.all()}
    context = frame(request) | {
        "tab": "submissions",
        "views": [(key, STATES[key], counts.get(key, 0), _url(key, form), key == state) for key in VIEWS if counts.get(key) or key in (STUCK, APPLIED)],
        "rows": [_line(one, titles) for one in leaf.rows],
        "leaf": leaf,
        "state": state,
        "forms": sorted({(key, titles.get(key, key)) for key in rows.values_list("form", flat=True).distinct()}, key=str),
        "form": form,
        "may_settle": actor.may(SETTLES) and state == STUCK,
        "typed": request.POST,
        "problem": problem,
    }  # fmt: skip
    return render(request, "fieldwork/submissions.html", context, status=problem.kind.status if problem else 200)


def _url(state: str, form: str) -> str:
    return f"{reverse('fieldwork:submissions')}?state={state}" + (f"&form={form}" if form else "")


def _line(one: Submission, titles: dict[str, Text]) -> dict[str, Any]:
    place = areas().line(one.path)
    return {
        "s": one, "url": reverse("fieldwork:submission", kwargs={"submission": one.pk}), "form": titles.get(one.form, one.form),
        "place": " ".join(name_of(a) for a in place[-1:]), "household": one.household.number if one.household else "",
        "shape": SHAPES.get(one.state, "unknown"), "why": _why(one), "at": moment(one.received_at),
    }  # fmt: skip


def moment(at: datetime) -> str:
    """Day and minute in the county's time zone."""
    return f"{at.astimezone(clock.zone()):%Y-%m-%d %H:%M}"


def _why(one: Submission) -> Text | None:
    told = one.problem or {}
    return Text(f"{told['number']} {told['zh']}", f"{told['number']} {told['en']}") if "number" in told else None


def _act(actor: Actor, told: str, keys: list[int], typed: Typed) -> None:
    if told == "again":
        try_again(actor, keys)
    elif told == "release":
        try_again(actor, keys, release=True)
    elif told == "aside":
        set_aside(actor, keys, typed.text("reason"))
    else:
        raise not_a_button(told, BAD_ENTRY)


@page(READS)
@never_cache
def submission(request: HttpRequest, submission: int) -> HttpResponse:
    """A submission: how it stands, what it tells and what came of it; posted, one that is stuck is tried again, released, set aside or mended."""
    actor = acting_as(request)
    row = the_submission(actor, submission)
    problem: Problem | None = None
    if request.method == "POST":
        typed = Typed(request, BAD_ENTRY)
        told = typed.text("do")
        try:
            key = row.pk
            if told == "mend":
                key = mend(actor, row.pk, _answers(request)).pk
            else:
                _act(actor, told, [row.pk], typed)
        except Problem as refused:
            problem = refused
        else:
            tell_done(request, DONE[told].format(n=1))
            return redirect("fieldwork:submission", submission=key)
    with acting(actor):
        note(actor, acts.SUBMISSION_OPEN, subject=row.instance[-60:], path=row.path)
    version = version_of(row)
    to_mend = actor.may(SETTLES) and row.state == STUCK
    parts = answers_of(actor, form_of(version.md5, version), row, to_mend=to_mend) if version is not None else []
    files = {f.name: f for f in SubmissionFile.objects.filter(submission=row).order_by("name")}
    named = {a.raw for p in parts for a in p.answers if a.file}
    context = frame(request) | {
        "tab": "submissions",
        "row": row,
        "line": _line(row, {row.form: title_shown(version.form)} if version is not None else {}),
        "came_by": CAME_BY.get(row.came_by, ""),
        "parts": parts,
        "files": [file_shown(row, f) for f in files.values()],
        "opens": actor.may(FILES),
        "lacking": sorted(named - files.keys()),
        "left": [(fact_title(one["fact"]), Text(one["why_zh"], one["why_en"])) for one in (row.problem or {}).get("left", ())],
        "remedy": Text(row.problem["do_zh"], row.problem["do_en"]) if row.problem and "do_zh" in row.problem else None,
        "aside": (row.problem or {}).get("aside", ""),
        "conflicts": Conflict.objects.visible_to(actor).filter(submission=row).count(),
        "before": Submission.objects.visible_to(actor).filter(instance=row.deprecates).first() if row.deprecates else None,
        "after": Submission.objects.visible_to(actor).filter(deprecates=row.instance).first(),
        "may_settle": to_mend,
        "typed": request.POST,
        "problem": problem,
    }  # fmt: skip
    return render(request, "fieldwork/submission.html", context, status=problem.kind.status if problem else 200)


def _answers(request: HttpRequest) -> dict[str, str]:
    """The answers that were typed otherwise than they were shown, by the path of the question."""
    return {
        name.removeprefix("a:"): str(value)
        for name, value in request.POST.items()
        if name.startswith("a:") and value != request.POST.get(f"was:{name.removeprefix('a:')}", value)
    }


def the_submission(actor: Actor, key: int) -> Submission:
    """A submission that the actor sees. Raises BF-2633."""
    found: Submission | None = Submission.objects.visible_to(actor).select_related("household", "content").filter(pk=key).first()
    if found is None:
        raise UNKNOWN_SUBMISSION()
    return found


def file_shown(row: Submission, file: SubmissionFile) -> dict[str, Any]:
    """A file of a submission as a page shows it: its addresses and what sort it is."""
    url = reverse("fieldwork:file", kwargs={"submission": row.pk, "attachment": file.pk})
    sort = file.kind.partition("/")[0]
    return {
        "f": file,
        "url": url,
        "small": f"{url}?size=small" if sort == "image" else "",
        "marked": f"{url}?mark=1" if sort == "image" else "",
        "sort": sort,
        "odd": sort != "image" and file.name.lower().endswith((".jpg", ".jpeg", ".png", ".webp")),
    }


@page(FILES)
@never_cache
def file(request: HttpRequest, submission: int, attachment: int) -> HttpResponse:
    """A file of a submission; `?size=small` a small picture of it, `?mark=1` a copy with time and place at its foot. Who opened it goes into the audit."""
    actor = acting_as(request)
    row = the_submission(actor, submission)
    found = SubmissionFile.objects.filter(submission=row, pk=attachment).first()
    if found is None:
        raise UNKNOWN_SUBMISSION()
    content, kind = kept(found.file), found.kind
    if request.GET.get("size") == "small":
        return as_file(pictures.thumbnail(content) or pictures.no_picture(), "image/jpeg", found.name)
    with acting(actor):
        note(actor, acts.SUBMISSION_FILE, subject=row.instance[-60:], path=row.path)
    if request.GET.get("mark"):
        marked = pictures.watermarked(content, _marks(row, found), font_file())
        if marked:
            return as_file(marked, "image/jpeg", found.name)
    return as_file(content, kind, found.name)


def _marks(row: Submission, file: SubmissionFile) -> list[str]:
    """What stands at the foot of a marked copy: when and where it was taken as far as it is known, by whom, of which household."""
    place = json.loads(decrypt_bytes(bytes(file.place), PLACE)) if file.place else {}
    at = str(place.get("at") or row.day or row.received_at.astimezone(clock.zone()).date())[:16].replace("T", " ")
    where = f"{place['latitude']}, {place['longitude']}" if place.get("latitude") is not None else ""
    area = " ".join(name_of(a) for a in areas().line(row.path)[-2:])
    return [
        " ".join(filter(None, (at, where))),
        " ".join(filter(None, (area, row.household.number if row.household else "", row.worker))),
    ]


def as_file(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file as the browser shows it; what no browser should show is handed over to be saved."""
    shown = kind in SHOWN_IN_BROWSER
    answer = HttpResponse(content, content_type=kind if shown else "application/octet-stream")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Disposition"] = "inline" if shown else f"attachment; filename*=UTF-8''{_quoted(name)}"
    return answer


def _quoted(name: str) -> str:
    return quote(name, safe="")


@page("register.export")
@never_cache
def data(request: HttpRequest, form: int) -> HttpResponse:
    """The submissions of a form as tables in one archive; noted in the audit."""
    actor, found = acting_as(request), the_form(form)
    version = found.versions.filter(state=PUBLISHED).first() or found.versions.order_by("-pk")[0]
    with acting(actor):
        note(actor, acts.SUBMISSION_READ, subject=found.key[:60])
        content = as_zip(actor, version)
    answer = HttpResponse(content, content_type="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{_quoted(found.key)}.zip"
    return answer
