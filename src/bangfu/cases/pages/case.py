"""A case: what it is about, what to do next, who answers, its measures, its proof, its whole story, and what the reader may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import area_frame, name_of
from bangfu.areas.models import Area
from bangfu.areas.remembered import areas
from bangfu.cases.actions import (
    Claim,
    MeasureRow,
    Proof,
    claim,
    drop_measures,
    finish_measures,
    give_back,
    hand_over,
    merge,
    pause,
    plan_measures,
    refer,
    refuse_claim,
    reopen,
    resume,
    review_support,
    set_severity,
    verify,
    write_note,
)
from bangfu.cases.actions.closing import require_impartial
from bangfu.cases.actions.sheets import whole_sheets
from bangfu.cases.actions.working import measure_families
from bangfu.cases.actions.writing import require_directing, require_working
from bangfu.cases.chain import LADDER, Chain
from bangfu.cases.models import Case, CaseEvent, Decision, Measure
from bangfu.cases.models.cases import (
    CLOSED,
    DEPARTMENT,
    IN_EFFECT,
    OPEN,
    PAUSED,
    PAUSES,
    PENDING,
    RESULTS,
    SEVERITIES,
    SHEET,
    SOURCES,
    STATES,
    STEPS,
    SUPPORTED,
    TO_VERIFY,
)
from bangfu.cases.pages.homes import fill_homes
from bangfu.cases.pages.links import case_url, cases_url, decision_url
from bangfu.cases.pages.listing import fill_cases
from bangfu.cases.pages.one import Buttons, opened_page, shown_or_done, the_case, uploaded
from bangfu.cases.pages.places import navigation
from bangfu.cases.policy import Kinds, kinds_on
from bangfu.cases.problems import BAD_ROW, UNKNOWN_FILE
from bangfu.cases.procedures import today_procedures
from bangfu.cases.shown import (
    SHAPES,
    dropped_words,
    gaps,
    kept_in,
    next_step,
    owners_of,
    story_of,
    typed_words,
    what_to_do,
    words_of,
)
from bangfu.command.models import Unit
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown, system
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed
from bangfu.register.fields import title_of
from bangfu.register.pages.links import household_url
from bangfu.register.stating import ends_from, leaving_reasons

COST, DAY, UNTIL = Text("资金（元）", "cost (yuan)"), Text("日期", "date"), Text("预计恢复", "expected until")
MONEY = Text("须是金额，如 1200 或 1200.50", "an amount such as 1200 or 1200.50")


@page("case.read")
@never_cache
def case(request: HttpRequest, case: str) -> HttpResponse:
    """A case that the actor sees; posted, what its buttons do."""
    actor = acting_as(request)
    return shown_or_done(request, actor, the_case(actor, case), DO, _show, case_url(case))


def _show(request: HttpRequest, actor: Actor, found: Case, problem: Problem | None) -> HttpResponse:
    kinds, today = kinds_on(), clock.today()
    measures = list(Measure.objects.visible_to(actor).filter(case=found).order_by("planned_on", "pk"))
    events = list(CaseEvent.objects.visible_to(actor).filter(case=found).order_by("pk"))
    units = {u.key: u.title for u in Unit.objects.on(today).filter(kind="department")}
    area = areas().by_path([found.path]).get(found.path) or Area.objects.filter(path=found.path).first()
    frame = area_frame(actor, area, cases_url, top=the_county().path) if area is not None else {}
    home = found.household
    if home is not None:
        fill_homes(actor, [home], today)
    planned = sum(m.state == "planned" for m in measures)
    done = sum(m.state == "done" for m in measures)
    did = request.POST.get("do", "") if problem else ""
    context = frame | {
        "area_choices": [],
        "place": "cases",
        "navigation": navigation(actor.scope, ""),
        "case": found,
        "title": home.shown["head"] if home is not None else (name_of(area) if area else found.path),  # type: ignore[attr-defined]
        "kind": kinds.title(found.kind),
        "shape": SHAPES[found.state],
        "state": STATES[found.state],
        "severity": SEVERITIES[found.severity],
        "source": SOURCES[found.source],
        "source_reference": typed_words(found.source_reference),
        "gap": gaps(actor, kinds, [found])[found.pk],
        "words": words_of(found.words),
        "do_words": what_to_do(kinds, found),
        "next": next_step(found, today, measures=planned + done, planned=planned),
        "owner": owners_of([found], today)[found.pk],
        "steps": _ladder(found, today),
        "late": found.late(today),
        "due": found.due_on(today),
        "nobody": home is not None and not home.shown["members"] and found.state in (*PENDING, SUPPORTED),  # type: ignore[attr-defined]
        "leads_to": _leads_to(actor, found),
        "household_url": household_url(home.number) if home is not None else "",
        "measures": [
            {
                "m": m, "title": typed_words(m.title), "programme": typed_words(m.programme),
                "family": measure_families().get(m.family, m.family), "file": _file_url(found, m.file),
                "planned_by": name_shown(m.planned_by), "done_by": name_shown(m.done_by), "dropped": dropped_words(m),
            }
            for m in measures
        ],
        "claim": _claim_shown(found, events),
        "sheets": _sheets(found, events),
        "leaving": leaving_reasons(),
        "left_from": ends_from(system(actor.scope, actor.name), home.pk) if home is not None else None,
        "story": story_of(reversed(events), units),
        "files": [],
        "may": _may(actor, found),
        "families": _families(kinds, found),
        "results": {k: t for k, t in RESULTS.items() if found.state != SUPPORTED or k != "long_term_support"},
        "pauses": PAUSES,
        "severities": SEVERITIES,
        "ladder": {k: STEPS[k] for k in LADDER if k != found.step},
        "units": _departments(kinds, found, units),
        "department": kinds.work[found.kind].rule.department if found.kind in kinds.work else "",
        "twins": _twins(actor, kinds, found),
        "today": today,
        "in_a_month": today + timedelta(30),
        "problem": problem,
        "did": did,
        "at_top": problem is not None and not _beside(did, request, measures),
        "typed": request.POST,
        "qr_url": reverse("cases:case", kwargs={"case": found.number}),
    }  # fmt: skip
    return render(request, "cases/case.html", context, status=problem.kind.status if problem else 200)


# The acts whose form shows what was refused.
BESIDE = frozenset(
    {
        "plan",
        "claim",
        "review",
        "hand-over",
        "refer",
        "give-back",
        "pause",
        "resume",
        "weigh",
        "merge",
        "reopen",
        "note",
        "verify",
        "refuse",
    }
)


def _beside(did: str, request: HttpRequest, measures: list[Measure]) -> bool:
    """Whether what was refused is said beside its form; of a measure that is no longer planned there is none."""
    if did in ("finish", "drop"):
        return request.POST.get("measure", "") in {str(m.pk) for m in measures if m.state == "planned"}
    return did in BESIDE


def _ladder(found: Case, today: Any) -> list[tuple[Text, bool, bool]]:
    """The steps of the chain for the case: title, whether it lies there, whether it has passed there."""
    held = Chain.on(today).above(found.path)
    steps = [s for s in LADDER if s in held or s == found.step or s == "helper"]
    if found.step == DEPARTMENT:
        steps.append(DEPARTMENT)
    at = steps.index(found.step)
    return [(STEPS[s], n == at, n < at) for n, s in enumerate(steps)]


def _families(kinds: Any, found: Case) -> list[tuple[str, Text]]:
    """The families of measures, those that fit the kind first."""
    known = measure_families()
    fitting = kinds.work[found.kind].rule.measures if found.kind in kinds.work else ()
    return [(k, known[k]) for k in [*(k for k in fitting if k in known), *(k for k in known if k not in fitting)]]


def _departments(kinds: Kinds, found: Case, units: Mapping[str, Text]) -> list[tuple[str, Text]]:
    """The departments to which a case can be referred: the one that answers for its kind first, then by their names."""
    own = kinds.work[found.kind].rule.department if found.kind in kinds.work else ""
    return sorted(units.items(), key=lambda one: (one[0] != own, str(one[1]), one[0]))


def _twins(actor: Actor, kinds: Any, found: Case) -> list[tuple[int, Text]]:
    """Other cases of the kind of the household that are under way: twins that this one can be merged into, by what each is about."""
    if found.household_id is None:
        return []
    standing = Case.objects.visible_to(actor).filter(
        household=found.household_id, kind=found.kind, state__in=(OPEN, PAUSED, IN_EFFECT)
    )
    standing = standing.exclude(pk=found.pk)
    rows: list[Any] = list(standing.select_related("household").order_by("pk"))
    fill_cases(actor, kinds, rows)
    told = Text("{n} · {k} · {g}", "{n} · {k} · {g}")
    return [(c.pk, told.format(n=c.number, k=kinds.title(c.kind), g=c.shown["gap"])) for c in rows]


def _leads_to(actor: Actor, found: Case) -> list[tuple[Text, str]]:
    """The decisions that were begun on a clue; the form that begins one, where none runs about the household."""
    known = today_procedures()
    rows = Decision.objects.visible_to(actor).filter(case=found).order_by("pk")
    links = [(Text("{k} {n}", "{k} {n}").format(k=known.title(d.kind), n=d.number), decision_url(d.number)) for d in rows]
    running = Decision.objects.running().filter(household=found.household_id, kind=found.kind)
    if (
        found.kind in known.known
        and found.household is not None
        and found.state in PENDING
        and actor.may("decision.begin")
        and not running.exists()
    ):
        new = reverse("cases:decision-new", kwargs={"path": actor.scope})
        asked = f"?household={found.household.number}&kind={found.kind}&case={found.number}"
        links.append((Text("启动程序：{k}", "Begin: {k}").format(k=known.title(found.kind)), new + asked))
    return links


def _claim_shown(found: Case, events: list[CaseEvent]) -> dict[str, Any] | None:
    if not found.claim_result:
        return None
    return {
        "result": RESULTS[found.claim_result],
        "words": words_of(found.claim_words),
        "by": name_shown(found.claimed_name),
        "on": found.claimed_on,
        "reference": typed_words(found.claim_reference),
        "verified_by": name_shown(found.verified_name),
        "verified_on": max((e.day for e in events if e.kind in ("closed", "supported")), default=found.closed_on),
        "left": title_of("change_reason", found.claim_change.get("reason")),
        "left_on": found.claim_change.get("day", ""),
        "file": _file_url(found, found.claim_file),
    }


def _sheets(found: Case, events: list[CaseEvent]) -> list[tuple[date, str]]:
    """The whole signed sheets that came since the case was opened last: day and address. The one that is the proof of the claim stands there."""
    return [(e.day, _file_url(found, kept_in(e))) for e in whole_sheets(events) if kept_in(e) != found.claim_file]


def _may(actor: Actor, found: Case) -> dict[str, Any]:
    """What the reader may do about the case as it is, by act; of verifying, why not."""
    works = actor.may("case.work") and _holds(lambda: require_working(actor, [found]))
    directs = actor.may("case.direct") and _holds(lambda: require_directing(actor, [found]))
    against = (
        _why_not(lambda: require_impartial(actor, [found])) if found.state == TO_VERIFY and actor.may("case.verify") else None
    )
    return {
        "plan": works and found.state in (*PENDING, SUPPORTED),
        "claim": works and found.state in (OPEN, PAUSED, IN_EFFECT, SUPPORTED),
        "verify": actor.may("case.verify") and found.state == TO_VERIFY and against is None,
        "refuse": actor.may("case.verify") and found.state == TO_VERIFY,
        "against": against,
        "pause": directs and found.state == OPEN,
        "resume": directs and found.state == PAUSED,
        "weigh": directs and found.state in PENDING,
        "move": directs and found.state in (OPEN, PAUSED, IN_EFFECT),
        "give_back": works and found.step == DEPARTMENT and found.state in (OPEN, PAUSED, IN_EFFECT),
        "merge": directs and found.state in (OPEN, PAUSED, IN_EFFECT),
        "reopen": actor.may("case.open") and found.state in (CLOSED, SUPPORTED) and found.merged_into_id is None,
        "review": actor.may("case.verify") and found.state == SUPPORTED,
        "note": actor.may("case.note"),
    }


def _holds(check: Callable[[], object]) -> bool:
    return _why_not(check) is None


def _why_not(check: Callable[[], object]) -> Problem | None:
    try:
        check()
    except Problem as refused:
        return refused
    return None


# --- the buttons


def _fen(typed: Typed) -> int | None:
    raw = typed.text("cost")
    if not raw:
        return None
    whole, _, cents = raw.replace(",", "").partition(".")
    if not (
        whole.isascii()
        and whole.isdecimal()
        and len(whole) < 12
        and (not cents or (cents.isascii() and cents.isdecimal() and len(cents) < 3))
    ):
        raise BAD_ROW(column=COST, value=raw[:20], wanted=MONEY)
    return int(whole) * 100 + int(cents.ljust(2, "0") or 0)


def _plan(actor: Actor, found: Case, typed: Typed, request: HttpRequest) -> object:
    row = MeasureRow(
        typed.text("family"),
        typed.text("words"),
        _fen(typed),
        typed.text("programme"),
        typed.maybe_day("due", Text("期限", "due")),
    )
    return plan_measures(actor, [found.pk], row)


def _finish(actor: Actor, found: Case, typed: Typed, request: HttpRequest) -> object:
    name, content = uploaded(request)
    return finish_measures(
        actor, [typed.key("measure")], Proof(typed.text("words"), typed.day("day", DAY, blank=True), name, content)
    )


def _claim(actor: Actor, found: Case, typed: Typed, request: HttpRequest) -> object:
    name, content = uploaded(request)
    asked = Claim(
        typed.text("result"), typed.text("words"), typed.day("day", DAY, blank=True), typed.text("reference"), name, content,
        typed.text("left"), typed.day("left_on", DAY) if typed.text("left_on") else None,
    )  # fmt: skip
    return claim(actor, [found.pk], asked)


DO: Buttons[Case] = {
    "plan": _plan,
    "finish": _finish,
    "drop": lambda a, c, t, r: drop_measures(a, [t.key("measure")], t.text("words")),
    "claim": _claim,
    "verify": lambda a, c, t, r: verify(a, [c.pk], t.text("words"), *uploaded(r)),
    "refuse": lambda a, c, t, r: refuse_claim(a, [c.pk], t.text("words")),
    "pause": lambda a, c, t, r: pause(a, [c.pk], t.text("reason"), t.text("words"), t.day("until", UNTIL)),
    "resume": lambda a, c, t, r: resume(a, [c.pk], t.text("words")),
    "weigh": lambda a, c, t, r: set_severity(a, [c.pk], t.text("severity"), t.text("words")),
    "hand-over": lambda a, c, t, r: hand_over(a, [c.pk], t.text("step"), t.text("words")),
    "refer": lambda a, c, t, r: refer(a, [c.pk], t.text("words"), t.text("unit")),
    "give-back": lambda a, c, t, r: give_back(a, [c.pk], t.text("words")),
    "merge": lambda a, c, t, r: merge(a, c.pk, t.key("into"), t.text("words")),
    "reopen": lambda a, c, t, r: reopen(a, [c.pk], t.text("words")),
    "review": lambda a, c, t, r: review_support(a, [c.pk], t.text("words")),
    "note": lambda a, c, t, r: write_note(a, [c.pk], t.text("words")),
}


# --- proofs


def _file_url(found: Case, file: str) -> str:
    return reverse("cases:file", kwargs={"case": found.number, "file": file}) if file else ""


@page("case.read")
@never_cache
def file(request: HttpRequest, case: str, file: str) -> HttpResponse:
    """A page or photograph that was handed in as a proof of the case; who opened it goes into the audit. Raises BF-2401, BF-2419."""
    actor = acting_as(request)
    found = the_case(actor, case)
    measures = Measure.objects.visible_to(actor).filter(case=found).values_list("file", flat=True)
    sheets = CaseEvent.objects.visible_to(actor).filter(case=found, kind=SHEET)
    known = {found.claim_file, *measures, *map(kept_in, sheets)} - {""}
    if file not in known:
        raise UNKNOWN_FILE(case=case)
    return opened_page(actor, found, file)
