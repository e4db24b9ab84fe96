"""Pages of the income sheet: fill it in with totals at once, look at it, read it out, print it, keep that the household agreed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.accounts.audit import note
from bangfu.areas.frame import area_frame
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.acting import acting
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import key_of
from bangfu.register import actions
from bangfu.register.acts import INCOME_PAPER
from bangfu.register.income_recording import MADE_HOW, WORD, digest_of, scan_of, sheet_of
from bangfu.register.income_sources import ASKED, Asked
from bangfu.register.models import Household, IncomeAgreement, IncomeSheet
from bangfu.register.pages.links import household_url, households_url
from bangfu.register.problems import BAD_INCOME_PERIOD, NO_INCOME_SHEET
from bangfu.screening import sheets as reading
from bangfu.screening.income_sheet.periods import ADMISSION, YEARLY, Period, period_of
from bangfu.screening.income_sheet.reading_out import read_out
from bangfu.screening.norms import norms_at
from bangfu.screening.pages.sheet_form import FEWEST_ROWS, MOST_ROWS, Form, Row, opened, typed, work_out
from bangfu.screening.pages.sheet_parts import form_parts, line_rows, reckoned_parts
from bangfu.screening.proposing import best, proposals

BASES = {
    YEARLY: Text("年度核算（10 月 1 日至次年 9 月 30 日）", "yearly account (1 October to 30 September)"),
    ADMISSION: Text("监测识别（此前 12 个整月）", "admission to monitoring (the twelve months before)"),
}


def sheet_url(number: str, period: Period | None = None) -> str:
    """Where a household's sheet of a period is shown; without one, its latest."""
    return reverse("screening:sheet", kwargs={"number": number}) + _query(period)


def fill_url(number: str, period: Period | None = None) -> str:
    """Where a household's sheet is filled in."""
    return reverse("screening:sheet-fill", kwargs={"number": number}) + _query(period)


def _query(period: Period | None) -> str:
    return "" if period is None else f"?from={period.first}&to={period.last}"


def _asked(request: HttpRequest) -> Period | None:
    """The period that the address or the form names: days, or a rule as of today. Raises BF-1281 for what is none."""
    data = request.POST if any(request.POST.get(key) for key in ("basis", "from", "to")) else request.GET
    if data.get("basis") in BASES:
        return period_of(data["basis"], clock.today())
    first, last = data.get("from", ""), data.get("to", "")
    if not first and not last:
        return None
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise BAD_INCOME_PERIOD(first=first[:10], last=last[:10], most=366) from None
    if not period.first <= period.last:
        raise BAD_INCOME_PERIOD(first=first, last=last, most=366)
    return period


def _frame(actor: Actor, household: Household) -> dict[str, Any]:
    area = Area.objects.get(pk=household.area_id)
    return area_frame(actor, area, households_url, top=reading.county_path()) | {"area_choices": [], "place": "households"}


@page("income.write")
@never_cache
def fill(request: HttpRequest, number: str) -> HttpResponse:
    """The form of a sheet: GET opens it, POST saves it (`do=save`), reckons it, takes what is proposed, or gives more rows."""
    actor = acting_as(request)
    household = reading.find_household(actor, number)
    period = _asked(request) or period_of(YEARLY, clock.today())
    problem = None
    form, held, proposed, norms = _worked_out(actor, request, household, period)
    do = request.POST.get("do", "")
    if request.method == "POST" and do == "save" and not form.wrong:
        try:
            return _save(request, actor, household, period, form)
        except Problem as refused:
            problem = refused
    wrong = do == "save" and form.wrong
    context = _fill_context(actor, household, period, form, held, proposed, norms) | {
        "problem": problem,
        "wrong": wrong,
        "opened_with": reading.opened_with(held).hex(),
        "more_rows": do == "more",
    }
    status = problem.kind.status if problem else 400 if wrong else 200
    return render(request, "screening/sheet_fill.html", context, status=status)


def _save(request: HttpRequest, actor: Actor, household: Household, period: Period, form: Form) -> HttpResponse:
    opened_with = request.POST.get("opened_with", "")
    done = actions.record_income_sheet(
        actor,
        household.pk,
        (period.first, period.last),
        form.lines,
        expected=bytes.fromhex(opened_with)
        if len(opened_with) == 32 and opened_with.isalnum() and opened_with.isascii()
        else None,
    )
    # Of an empty form there is no sheet to be shown.
    return redirect(sheet_url(household.number, period if household.pk in done.sheets else None))


def _worked_out(actor: Actor, request: HttpRequest, household: Household, period: Period) -> tuple[Form, Any, Any, Any]:
    """The form as it is now: what was typed or what stands, with all that it comes to."""
    sheet = sheet_of(household.pk, (period.first, period.last))
    held = reading.items_of(actor, [sheet])[sheet.pk] if sheet else {}
    proposed = proposals(Asked(actor, household.pk, period.first, period.last))
    norms = norms_at(household.path, period.last)
    form = typed(request.POST.dict()) if request.method == "POST" else opened(held)
    if request.POST.get("do") == "take":
        form.taken |= {item for item, some in proposed.items() if best(some) and not form.texts.get(item)}
    return work_out(form, held, proposed, norms), held, proposed, norms


def _fill_context(
    actor: Actor, household: Household, period: Period, form: Form, held: Any, proposed: Any, norms: Any
) -> dict[str, Any]:
    subject = reading.subject_of(actor, household)
    reckoned = reading.reckon_sheet(actor, subject, period, form.items)
    money = profile_of(household.path).currency
    rows = form.rows + [Row() for _ in range(max(FEWEST_ROWS - len(form.rows), 0))]
    return (
        _frame(actor, household)
        | form_parts(form, held, proposed, reckoned.queries)
        | reckoned_parts(reckoned, form.items, form, waiting=_waiting(form, proposed))
        | {
            "number": number_of(household),
            "head": subject.head,
            "members": subject.members,
            "period": period,
            "bases": [(key, title, period_of(key, clock.today())) for key, title in BASES.items()],
            "rows": rows,
            "most_rows": MOST_ROWS,
            "norms": norms,
            "norms_url": reverse("screening:norms", kwargs={"path": subject.village}),
            "stands": bool(held),
            "unit": money.title,
            "back": household_url(household.number),
            "reckon_url": reverse("screening:sheet-reckon", kwargs={"number": household.number}),
        }
    )


def number_of(household: Household) -> str:
    """A household's number as pages show it."""
    return str(household.number)


def _waiting(form: Form, proposed: Any) -> int:
    """How many items have a proposal that nobody has taken over or answered otherwise."""
    return sum(1 for item, some in proposed.items() if best(some) and item not in form.items and item not in form.taken)


@page("income.write")
@never_cache
@require_POST
def reckon(request: HttpRequest, number: str) -> HttpResponse:
    """What the form comes to as it is typed: a part of the page."""
    actor = acting_as(request)
    household = reading.find_household(actor, number)
    period = _asked(request) or period_of(YEARLY, clock.today())
    form, held, proposed, norms = _worked_out(actor, request, household, period)
    return render(request, "screening/sheet_reckoned.html", _fill_context(actor, household, period, form, held, proposed, norms))


@page("household.read")
@never_cache
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """A sheet as it stands: lines with their sources, what they come to, the text to read out, agreements, and how it came about."""
    actor = acting_as(request)
    household = reading.find_household(actor, number)
    return _show(request, actor, household)


def _show(request: HttpRequest, actor: Actor, household: Household, problem: Problem | None = None) -> HttpResponse:
    subject = reading.subject_of(actor, household)
    every = reading.sheets_of(actor, household.pk)
    wanted = _asked(request)
    shown = _chosen(every, wanted)
    if wanted is not None and shown is None:
        raise NO_INCOME_SHEET(first=wanted.first, last=wanted.last)
    held = reading.items_of(actor, every)
    rules = reading.rules_on(clock.today())
    context: dict[str, Any] = _frame(actor, household) | {
        "number": number_of(household),
        "head": subject.head,
        "members": subject.members,
        "back": household_url(household.number),
        "problem": problem,
        "may": actor.may("income.write"),
        "sheet": shown,
        "policy": rules.title,
        "unit": profile_of(household.path).currency.title,
        "fill_url": fill_url(household.number),
        "every": [_told(s, held[s.pk], subject, rules, shown) for s in every],
        "today": clock.today(),
    }
    if shown is not None:
        period = reading.period_of_sheet(shown)
        items = held[shown.pk]
        amounts = reading.amounts(items)
        reckoned = reading.reckon_sheet(actor, subject, period, amounts)
        read_by = Text(actor.name, actor.name)
        context |= reckoned_parts(reckoned, amounts) | {
            "period": period,
            "groups": line_rows(items),
            "made": MADE_HOW.get(shown.method, Text(shown.method, shown.method)),
            "fill_url": fill_url(household.number, period),
            "paper_url": reverse("screening:sheet-paper", kwargs={"number": household.number}) + _query(period),
            "agree_url": reverse("screening:sheet-agree", kwargs={"number": household.number}),
            "aloud": read_out(subject.head, amounts, reckoned.totals, reckoned.to_line, period.first, period.last, who=read_by),
            "agreements": _agreements(actor, shown, amounts),
            "changes": _changes(shown),
        }
    return render(request, "screening/sheet.html", context, status=problem.kind.status if problem else 200)


def _chosen(every: list[IncomeSheet], wanted: Period | None) -> IncomeSheet | None:
    if wanted is None:
        return every[0] if every else None
    return next((s for s in every if reading.period_of_sheet(s) == wanted), None)


def _told(
    one: IncomeSheet, items: Any, subject: reading.Subject, rules: reading.Rules, shown: IncomeSheet | None
) -> dict[str, Any]:
    """A line of the sheets of a household."""
    totals = reading.reckon(reading.amounts(items), subject.members, rules.counted)
    period = reading.period_of_sheet(one)
    return {
        "period": period,
        "url": sheet_url(subject.household.number, period),
        "made": MADE_HOW.get(one.method, one.method),
        "recorded": one.recorded_from,
        "net": totals.net,
        "per_head": totals.per_head,
        "here": one == shown,
    }


def _agreements(actor: Actor, one: IncomeSheet, amounts: dict[str, int]) -> list[dict[str, Any]]:
    now = digest_of(amounts.items())
    return [
        {
            "how": Text("书面签字", "signed on paper") if a.how != WORD else Text("口头认可", "by word"),
            "by": a.agreed_by,
            "on": a.agreed_on,
            "who": name_shown(a.actor),
            "holds": bytes(a.digest) == now,
            "scan": reverse("screening:sheet-scan", kwargs={"number": one.household.number}) + f"?of={a.pk}"
            if a.scan_kind
            else "",
        }
        for a in reading.agreements_of(actor, one)
    ]


def _changes(one: IncomeSheet) -> list[dict[str, Any]]:
    known = reading.lines()
    return [
        {
            "until": change.until.astimezone(clock.zone()).date(),
            "title": known[change.item].title if change.item in known else change.item,
            "fen": change.fen,
            "taken_away": change.taken_away,
        }
        for change in reading.changes_of(one)
    ]


@page("income.write")
@never_cache
@require_POST
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """Keep that the household agreed, by word or on paper with its scan."""
    actor = acting_as(request)
    household = reading.find_household(actor, number)
    period = _asked(request)
    if period is None:
        raise BAD_INCOME_PERIOD(first="–", last="–", most=366)
    upload = request.FILES.get("scan")
    try:
        day = date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        day = date.min
    try:
        actions.agree(
            actor,
            household.number,
            (period.first, period.last),
            how=request.POST.get("how", ""),
            agreed_by=request.POST.get("by", ""),
            agreed_on=day,
            scan=upload.read(5_000_000) if isinstance(upload, UploadedFile) else None,
        )
    except Problem as refused:
        if refused.kind.status == 404:
            raise
        return _show(request, actor, household, refused)
    return redirect(sheet_url(household.number, period) + "#agreed")


@page("income.write")
@never_cache
def scan(request: HttpRequest, number: str) -> HttpResponseBase:
    """The scan of a signed sheet; without one, the sheet."""
    actor = acting_as(request)
    household = reading.find_household(actor, number)
    key = request.GET.get("of", "")
    found = IncomeAgreement.objects.visible_to(actor).filter(household=household, pk=key_of(key)).first()
    content = scan_of(found) if found else None
    if found is None or content is None:
        return redirect(sheet_url(household.number))
    endings = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
    answer = HttpResponse(content, content_type=found.scan_kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="sheet-{found.pk}.{endings.get(found.scan_kind, "bin")}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@page("income.write")
@never_cache
def paper(request: HttpRequest, number: str) -> HttpResponseBase:
    """The sheet as one page of paper to sign and seal; where there is none, the form. It goes into the audit."""
    from bangfu.screening.sheet_paper import compose_sheet

    actor = acting_as(request)
    household = reading.find_household(actor, number)
    shown = _chosen(reading.sheets_of(actor, household.pk), _asked(request))
    if shown is None:
        return redirect(fill_url(household.number))
    period = reading.period_of_sheet(shown)
    leads_to = request.build_absolute_uri(sheet_url(household.number, period))
    pdf = compose_sheet(actor, reading.subject_of(actor, household), shown, leads_to)
    with acting(actor):
        note(actor, INCOME_PAPER, subject=household.number, path=household.path)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="income-sheet-{period.last:%Y}.pdf"'
    return answer


__all__ = ["ASKED", "agree", "fill", "fill_url", "paper", "reckon", "scan", "sheet", "sheet_url"]
