"""The reports of an area for those who deal with them: the list, one report with its voice and photographs, what may be done, and the printed codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from bangfu.accounts.acts import REASONS, SHORTEST_REASON
from bangfu.areas.frame import area_frame, name_of, standing_area
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.cases.models.cases import SEVERITIES
from bangfu.cases.pages.links import case_url
from bangfu.cases.policy import Kinds, kinds_on
from bangfu.fieldwork.actions.reporting import places
from bangfu.fieldwork.actions.reports import (
    LONGEST_TOLD,
    READS,
    dismiss,
    make_case,
    match,
    open_file,
    reads_words,
    reveal_phone,
    tell,
    the_report,
)
from bangfu.fieldwork.models import Report, ReportFile, ReportMessage
from bangfu.fieldwork.models.reports import (
    CASE,
    CHANNELS,
    DISMISSALS,
    DISMISSED,
    MATCHED,
    NEW,
    PHOTO,
    REPORT_PHONE,
    REPORT_STATES,
    REPORT_WORDS,
    TELLERS,
    VOICE,
    WAITING,
)
from bangfu.fieldwork.pages.links import public_url, report_url, reports_url
from bangfu.fieldwork.pages.tabs import in_place
from bangfu.fieldwork.problems_reports import BAD_REPORT, NO_PUBLIC_ADDRESS, NO_SUCH_VILLAGE, UNKNOWN_REPORT
from bangfu.fieldwork.receipts import read_receipt
from bangfu.fieldwork.report_poster import posters as printed
from bangfu.fieldwork.report_settings import public_address
from bangfu.fieldwork.reported_files import media_type
from bangfu.fieldwork.reporter import phone_on_file
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.county import the_county
from bangfu.foundation.hiding import stars
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.kit.asked import keeping_query
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.listing import Choice, Column, Listing, Option, Search
from bangfu.register.models import Household
from bangfu.register.pages.links import household_url
from bangfu.register.pages.listing import fill, persons_found

Rows = QuerySet[Any, Any]
SHAPES = {NEW: "unmet", MATCHED: "waiting", CASE: "met", DISMISSED: "not_assessed"}
VIEWS = {
    "waiting": Text("待核对", "to look into"),
    "late": Text("超期", "late"),
    "case": Text("已立项", "cases"),
    "dismissed": Text("未立项", "not taken on"),
    "all": Text("全部", "all"),
}
SHOWN_SECONDS = 60
FIND = "find"  # the button that looks for households and writes nothing
FOUND = 12  # households that a search shows
NOT_SHOWN = Text("（无权查看）", "(not shown to your role)")


def in_view(rows: Rows, view: str) -> Rows:
    """The reports of one of the views of the list."""
    match view:
        case "waiting":
            return rows.filter(state__in=WAITING)
        case "late":
            return rows.filter(state__in=WAITING, answer_by__lt=clock.today())
        case "all":
            return rows
    return rows.filter(state=view)


def report_list(kinds: Kinds) -> Listing:
    """The list of the reports of an area."""
    today = clock.today()
    return Listing(
        columns=[
            Column("receipt", Text("回执号", "Receipt"), lambda r: r.receipt, kind="word", phone="title", fixed=True),
            Column("day", Text("收到", "Received"), lambda r: r.day.isoformat(), sort=("day",), first="-", kind="word", phone="end"),
            Column("words", Text("说了什么", "What was told"), lambda r: format_html('<span class="report-words">{}</span>', r.shown["words"]), phone="full"),
            Column("kind", Text("类别", "Kind"), lambda r: kinds.title(r.kind) if r.kind else "–", phone="line"),
            Column("state", Text("状态", "State"), _state, phone="line", plain=lambda r: REPORT_STATES[r.state]),
            Column("channel", Text("来源", "Channel"), lambda r: CHANNELS[r.channel], kind="word", phone="line"),
            Column("who", Text("对应的户", "Household"), lambda r: r.shown["who"], phone="line"),
            Column("area", Text("所在地", "Place"), lambda r: r.shown["area"], phone="line"),
            Column("due", Text("答复期限", "Answer by"), partial(_due, today), sort=("answer_by",), kind="word", phone="line", plain=lambda r: r.answer_by.isoformat()),
        ],
        filters=[
            Choice("view", Text("查看", "View"), in_view, [Option(k, t) for k, t in VIEWS.items()]),
            Choice("channel", Text("来源", "Channel"), lambda rows, value: rows.filter(channel=value), [Option(k, t) for k, t in CHANNELS.items()]),
            Choice("kind", Text("类别", "Kind"), lambda rows, value: rows.filter(kind=value), [Option(k, w.rule.title) for k, w in kinds.work.items() if not w.rule.guarantee]),
        ],
        search=Search(Text("回执号", "Receipt number"), _found),
        order=("-day", "-id"),
        empty=Text("没有符合条件的申报。", "No report matches."),
    )  # fmt: skip


def _found(rows: Rows, words: str) -> Rows:
    plain = words.strip().upper()
    receipt = read_receipt(plain) or plain
    return rows.filter(receipt__gte=receipt, receipt__lt=receipt + "~")


def _state(report: Report) -> Any:
    return format_html('<span class="v v-{}"><i></i>{}</span>', SHAPES[report.state], report.state_title)


def _due(today: Any, report: Report) -> Any:
    late = report.late(today)
    if report.state not in WAITING or not late:
        return report.answer_by.isoformat()
    return format_html(
        '{} <b class="bad">{}</b>', report.answer_by.isoformat(), Text("超期{n}天", "{n} day(s) late").format(n=late)
    )


def _fill(actor: Actor, rows: list[Report]) -> None:
    """Give the reports of a page what their cells show."""
    homes = {r.household_id: r.household for r in rows if r.household is not None}
    fill(actor, list(homes.values()), clock.today(), [])
    clear = reads_words(actor)
    for report in rows:
        home = homes.get(report.household_id)
        words = decrypt(report.words, REPORT_WORDS) if clear else None
        report.shown = {  # type: ignore[attr-defined]
            "words": (_short(words) or str(Text("（录音）", "(by voice)"))) if clear else str(NOT_SHOWN),
            "who": home.shown["head"] if home is not None else "–",  # type: ignore[attr-defined]
            "area": place_of(report.path),
        }


def _short(words: str | None) -> str:
    said = " ".join((words or "").split())
    return said if len(said) <= 60 else f"{said[:59]}…"


def place_of(path: str) -> str:
    """Township, village and group of a path, as far as there are."""
    county = the_county().path
    return " ".join(str(name_of(a)) for a in areas().line(path) if len(a.path) > len(county))


@page("case.read")
def my_reports(request: HttpRequest) -> HttpResponse:
    """The reports of one's own area."""
    return redirect(keeping_query(request, reports_url(acting_as(request).scope)))


@page("case.read")
@never_cache
def reports(request: HttpRequest, path: str) -> HttpResponse:
    """The reports of an area, the new ones first."""
    actor = acting_as(request)
    frame = frame_of(actor, path)
    kinds = kinds_on()
    listing = report_list(kinds)
    query = request.GET.copy()
    if "view" not in query:
        query["view"] = "waiting"
    state = listing.read(query)
    rows: Rows = Report.objects.visible_to(actor).under(path)
    found = listing.narrow(rows, state)
    context = frame | {
        "listing": listing.page(
            found.select_related("household"),
            state,
            total=listing.count(found, state),
            row_url=lambda r: report_url(r.receipt),
            prepare=partial(_fill, actor),
        ),
        "noun": Text("件", "reports"),
        "views": _views(rows, state.filters.get("view", ""), reports_url(path)),
        "log_url": reverse("fieldwork:report_log") if actor.may("register.import") and actor.may("case.open") else "",
        "posters_url": reverse("fieldwork:report_posters", kwargs={"path": path}),
        "public_url": public_url(),
    }
    return render(request, "fieldwork/reports.html", context)


def frame_of(actor: Actor, path: str) -> dict[str, Any]:
    """The frame of a page of an area's reports. Raises BF-1108 for an area outside."""
    area = standing_area(actor, path)
    return (
        area_frame(actor, area, reports_url, top=the_county().path)
        | in_place(actor, "reports")
        | {"area": name_of(area), "path": path}
    )


def _views(rows: Rows, chosen: str, url: str) -> list[tuple[str, Text, int, str, bool]]:
    waiting = Q(state__in=WAITING)
    counted = rows.aggregate(
        waiting=Count("pk", filter=waiting), late=Count("pk", filter=waiting & Q(answer_by__lt=clock.today())),
        case=Count("pk", filter=Q(state=CASE)), dismissed=Count("pk", filter=Q(state=DISMISSED)),
    )  # fmt: skip
    return [(key, VIEWS[key], n, f"{url}?view={key}", key == chosen) for key, n in counted.items()]


# --- one report


def by_receipt(actor: Actor, said: str) -> Report:
    """A report by the receipt in an address. Raises BF-2673."""
    receipt = read_receipt(said)
    if receipt is None or receipt != said:
        raise UNKNOWN_REPORT(report=said[:20])
    return the_report(actor, receipt)


@page("case.read")
@never_cache
def report(request: HttpRequest, report: str) -> HttpResponse:
    """A report; posted, what its buttons do."""
    actor = acting_as(request)
    found = by_receipt(actor, report)
    problem: Problem | None = None
    if request.method == "POST":
        typed = Typed(request, BAD_REPORT)
        try:
            pressed = typed.text("do")
            if pressed == FIND:  # by a form: an address holds no numbers
                return _show(request, actor, found, None)
            if pressed not in DO:
                raise not_a_button(pressed, BAD_REPORT)
            DO[pressed](actor, found, typed)
            return redirect(report_url(found.receipt))
        except Problem as refused:
            problem = refused
            found = by_receipt(actor, report)
    return _show(request, actor, found, problem)


DO: Mapping[str, Callable[[Actor, Report, Typed], object]] = {
    "match": lambda a, r, t: match(a, r.receipt, t.text("number")),
    "case": lambda a, r, t: make_case(
        a, r.receipt, t.text("kind"), severity=t.text("severity"), words=t.text("words"), subject=t.text("subject")
    ),
    "dismiss": lambda a, r, t: dismiss(a, r.receipt, t.text("reason"), t.text("words")),
    "tell": lambda a, r, t: tell(a, r.receipt, t.text("words")),
}


def _show(request: HttpRequest, actor: Actor, found: Report, problem: Problem | None) -> HttpResponse:
    kinds, today, clear = kinds_on(), clock.today(), reads_words(actor)
    home = found.household
    if home is not None:
        fill(actor, [home], today, [])
    area = areas().by_path([found.path]).get(found.path) or Area.objects.filter(path=found.path).first()
    frame = area_frame(actor, area, reports_url, top=the_county().path) if area is not None else {}
    phone = decrypt(found.phone, REPORT_PHONE) or ""
    waiting, acts = found.state in WAITING, actor.may("case.open")
    # What was given is looked for at once; else what the post typed.
    words = (
        (request.POST.get("q") or "").strip()[:60]
        or (decrypt(found.said_household, REPORT_WORDS) if clear and home is None else None)
        or ""
    )
    files = list(ReportFile.objects.filter(report=found).order_by("pk"))
    listed = reports_url(found.path if actor.covers(found.path) else actor.scope)

    def told(sealed: Any) -> str:
        if sealed is None:
            return ""
        return (decrypt(sealed, REPORT_WORDS) or "") if clear else str(NOT_SHOWN)

    context = frame | {
        "area_choices": [],
        **in_place(actor, "reports"),
        "report": found,
        "shape": SHAPES[found.state],
        "channel": CHANNELS[found.channel],
        "teller": TELLERS[found.teller],
        "kind": kinds.title(found.kind) if found.kind else "",
        "where": place_of(found.path),
        "late": found.late(today),
        "words": told(found.words),
        "name": told(found.name),
        "said_household": told(found.said_household),
        "said_address": told(found.said_address),
        "phone": stars(phone, 3, 4) if phone else "",
        "phone_url": reverse("fieldwork:report_phone", kwargs={"report": found.receipt}) if phone and actor.may("person.reveal") else "",
        "reachable": bool(phone_on_file(found)),
        "household": {"url": household_url(home.number), "head": home.shown["head"], "number": home.number} if home is not None else None,  # type: ignore[attr-defined]
        "case": {"url": case_url(found.case.number), "number": found.case.number} if found.case is not None else None,
        "dismissed": DISMISSALS[found.reason][0] if found.reason else None,
        "dismissed_words": told(found.reason_words),
        "settled_by": name_shown(found.settled_by) if found.settled_by else "",
        "voices": [_file_url(found, f) for f in files if f.kind == VOICE] if clear else [],
        "photos": [_file_url(found, f) for f in files if f.kind == PHOTO] if clear else [],
        "hidden_files": bool(files) and not clear,
        "messages": [(m.day, told(m.words), m.state_title, m.failure, name_shown(m.actor)) for m in ReportMessage.objects.filter(report=found).order_by("pk")],
        "may": {"match": waiting and acts, "case": waiting and acts, "dismiss": waiting and acts, "tell": acts},
        "q": words,
        "hits": _households(actor, words) if waiting and acts and words else None,
        "kinds": [(k, w.rule.title) for k, w in kinds.work.items()],
        "severities": SEVERITIES,
        "reasons": [(k, t[0], t[1]) for k, t in DISMISSALS.items()],
        "longest_told": LONGEST_TOLD,
        "did": request.POST.get("do", "") if problem else "",
        "typed": request.POST,
        "problem": problem,
        "list_url": listed,
    }  # fmt: skip
    return render(request, "fieldwork/report.html", context, status=problem.kind.status if problem else 200)


def _file_url(found: Report, file: ReportFile) -> str:
    return reverse("fieldwork:report_opened", kwargs={"report": found.receipt, "file": file.file})


def _households(actor: Actor, words: str) -> list[Household]:
    """Households that a post may mean: by number, or by a member's name."""
    rows = Household.objects.visible_to(actor).farming()
    if any(c.isdigit() for c in words):
        plain = words.upper()
        rows = rows.filter(number__gte=plain, number__lt=plain + "~")
    else:
        from bangfu.register.pages.listing import _of_persons

        rows = rows.filter(pk__in=_of_persons(persons_found(words, actor.scope), actor.scope))
    found = list(rows.order_by("path", "number")[:FOUND])
    fill(actor, found, clock.today(), [])
    return found


@page("person.reveal")
@never_cache
def phone(request: HttpRequest, report: str) -> HttpResponse:
    """The whole telephone number of who reported: GET asks why, POST shows it for a minute."""
    actor = acting_as(request)
    found = by_receipt(actor, report)
    number, problem = "", None
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    if request.method == "POST":
        try:
            number = reveal_phone(actor, found.receipt, reason=reason, words=words)
        except Problem as refused:
            problem = refused
    back = report_url(found.receipt)
    area = areas().by_path([found.path]).get(found.path)
    frame = area_frame(actor, area, reports_url, top=the_county().path) if area is not None else {}
    context = frame | {
        "area_choices": [], **in_place(actor, "reports"), "receipt": found.receipt, "back": back, "reasons": REASONS.items(), "reason": reason, "words": words,
        "least": SHORTEST_REASON, "number": number, "seconds": SHOWN_SECONDS, "problem": problem,
        "phone": stars(decrypt(found.phone, REPORT_PHONE) or "", 3, 4) if found.phone is not None else "",
    }  # fmt: skip
    response = render(request, "fieldwork/report_phone.html", context, status=problem.kind.status if problem else 200)
    if number:
        response.headers["Refresh"] = f"{SHOWN_SECONDS}; url={back}"  # it goes, without a script too
    return response


@page(READS)
@never_cache
def file(request: HttpRequest, report: str, file: str) -> HttpResponse:
    """A voice or a photograph of a report, as the browser plays or shows it. Raises BF-2673, BF-2675."""
    actor = acting_as(request)
    kind, content = open_file(actor, by_receipt(actor, report).receipt, file)
    answer = HttpResponse(content, content_type=media_type(kind, content))
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = "inline"
    return answer


# --- the printed codes


@page("case.read")
@never_cache
def posters(request: HttpRequest, path: str) -> HttpResponse:
    """The printed codes of the villages of an area, as a PDF of one page each. Raises BF-2662 where there is no village in it."""
    actor = acting_as(request)
    standing_area(actor, path)
    listed = places()
    level = profile_of(the_county().path).plays.village
    villages = [p for p in listed if p.level == level and (p.path.startswith(path) or path.startswith(p.path))]
    if not villages:
        raise NO_SUCH_VILLAGE()
    above = {
        v.path: next((p for p in reversed(listed) if p.level != level and v.path.startswith(p.path)), None) for v in villages
    }
    answer = HttpResponse(printed([(v, above[v.path]) for v in villages], address_for(request)), content_type="application/pdf")
    name = quote(str(villages[0].title if len(villages) == 1 else the_county().name))
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{name}.pdf"
    return answer


def address_for(request: HttpRequest | None) -> str:
    """Where people reach the pages: what the office has set, else what the server says of itself, else what was asked. Raises BF-2676 where nothing is known."""
    said = public_address()
    if said:
        return said
    served = getattr(settings, "SERVED", None)
    if served is not None and served.lan:
        name = split_domain_port(request.get_host())[0].strip("[]") if request is not None else None
        return str(served.address(name))
    if request is None:
        raise NO_PUBLIC_ADDRESS()
    return request.build_absolute_uri("/").rstrip("/")
