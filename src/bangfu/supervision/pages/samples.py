"""Samples: the list with a form that says how many households a design takes before it is drawn, and one sample with what it says and how anybody draws it again."""

from __future__ import annotations

import json
import re
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.models import Area
from bangfu.areas.profile import profile_of
from bangfu.areas.remembered import areas
from bangfu.campaigns.models import VisitCampaign
from bangfu.foundation import clock, files
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.leafing import leaf_of
from bangfu.supervision.actions import NewSample, Plan, assign, close, draw_sample
from bangfu.supervision.actions.drawing import STRATA, planned, the_sample
from bangfu.supervision.agreement import Verdict
from bangfu.supervision.chart import interval_chart
from bangfu.supervision.comparing import Outcome
from bangfu.supervision.intervals import Decision
from bangfu.supervision.models import InspectionFinding, Sample, Sampled
from bangfu.supervision.models.base import EXAMINES, READS
from bangfu.supervision.models.samples import EXAMINED, HOME_KINDS, PURPOSES, RECHECK, SPARE, UNFOUND, WAITING
from bangfu.supervision.pages.places import frame_in
from bangfu.supervision.problems import BAD_ENTRY
from bangfu.supervision.results import StratumResult, Yardstick, results
from bangfu.supervision.sampling import Design
from bangfu.supervision.settings import facts, raw

MANAGES = "supervision.manage"
DECISIONS = {
    Decision.ACCEPT: (Text("接收", "accepted"), "met"),
    Decision.REJECT: (Text("不接收", "not accepted"), "unmet"),
    Decision.UNDECIDED: (Text("还不能定", "not decided"), "waiting"),
}
VERDICTS = {
    Verdict.WORKS: (Text("问得清", "works"), "met"),
    Verdict.DOUBTFUL: (Text("存疑", "doubtful"), "waiting"),
    Verdict.FAILS: (Text("问不清", "does not work"), "unmet"),
    Verdict.UNKNOWN: (Text("太少", "too few"), "unknown"),
}
OUTCOMES = {
    Outcome.EQUAL: Text("相同", "equal"),
    Outcome.WITHIN: Text("在容差内", "within tolerance"),
    Outcome.DIFFERS: Text("不同", "differs"),
    Outcome.CHANGED: Text("后来有变", "changed since"),
    Outcome.ONE_MISSING: Text("一方空白", "one is blank"),
    Outcome.BOTH_MISSING: Text("都空白", "both are blank"),
    Outcome.NOT_COMPARABLE: Text("不可比", "cannot be compared"),
}
LIMIT, GOOD, CONFIDENCE, RISK, CLUSTERS, PER, RESERVES = (
    Text("容许差错率", "tolerated rate"), Text("合格水平", "good rate"), Text("置信水平", "confidence"), Text("误判合格的风险", "risk of refusing a good one"), Text("抽几个村", "villages"),
    Text("每村几户", "households of each"), Text("备用户", "reserves"),
)  # fmt: skip
PERCENT = Text("须是 0 到 100 之间的百分数", "a percentage between 0 and 100")


@page(READS)
@never_cache
def samples(request: HttpRequest) -> HttpResponse:
    """The samples of one's area, the newest first; posted, one is drawn, or only worked out."""
    actor = acting_as(request)
    problem: Problem | None = None
    sizes: list[tuple[str, int]] = []
    if request.method == "POST":
        try:
            actor.require(MANAGES)
            asked = _asked(Typed(request, BAD_ENTRY), actor)
            if request.POST.get("do") == "draw":
                return redirect("supervision:sample", sample=draw_sample(actor, asked).key)
            sizes = [(_place(s), n) for s, n in planned(actor, asked).items()]
        except Problem as refused:
            problem = refused
    rows = Sample.objects.visible_to(actor).select_related("campaign__campaign").order_by("-drawn_on", "-pk")
    leaf = leaf_of(request, rows, 30)
    context = frame_in(actor, "samples") | {
        "rows": _lines(actor, leaf.rows),
        "leaf": leaf,
        "may": actor.may(MANAGES),
        "problem": problem,
        "sizes": sizes,
        "total": sum(n for _, n in sizes),
        "typed": request.POST,
        "form": _form(actor, request),
    }
    return render(request, "supervision/samples.html", context, status=problem.kind.status if problem else 200)


def _form(actor: Actor, request: HttpRequest) -> dict[str, Any]:
    """What the form of a new sample offers, with what was typed."""
    plan = raw()["plan"]
    level = profile_of(actor.scope).plays.township if actor.scope else ""
    below = Area.objects.under(actor.scope).level(level).on(clock.today()).order_by("path") if actor.scope else []
    told = request.POST
    ticked = told.getlist("kinds") or list(HOME_KINDS)
    return {
        "places": [(actor.scope, areas().line(actor.scope)[-1].name if actor.scope else ""), *((a.path, name_of(a)) for a in below if a.path != actor.scope)],
        "kinds": [(k, t, k in ticked) for k, t in HOME_KINDS.items()],
        "strata": list(STRATA.items()),
        "purposes": list(PURPOSES.items()),
        "campaigns": [(c.campaign.key, c.campaign.title) for c in VisitCampaign.objects.visible_to(actor).select_related("campaign").order_by("-campaign__valid")],
        "limit": _percent(plan["limit"]),
        "good": _percent(plan["good"]),
        "confidence": _percent(plan["confidence"]),
        "risk": _percent(plan["producer_risk"]),
    }  # fmt: skip


def _percent(share: float) -> str:
    return f"{share * 100:g}"


def _asked(typed: Typed, actor: Actor) -> NewSample:
    """The sample that a form asks for. Raises BF-2906."""
    by_plan = typed.text("how") != "clusters"
    plan = design = None
    reserves = typed.number("reserves", RESERVES) if typed.text("reserves") else 5
    if by_plan:
        good = typed.text("good")
        plan = Plan(
            _share(typed, "limit", LIMIT),
            _share(typed, "good", GOOD) if good else None,
            _share(typed, "confidence", CONFIDENCE),
            _share(typed, "risk", RISK),
        )
    else:
        design = Design(clusters=typed.number("clusters", CLUSTERS), per_cluster=typed.number("per", PER), reserves=reserves)
    return NewSample(
        typed.text("key"), typed.text("title"), typed.text("path") or actor.scope, typed.text("seed"), typed.text("seed_source"), typed.raw.getlist("kinds"),
        typed.text("purpose") or RECHECK, typed.text("campaign"), typed.text("strata"), plan, design, reserves,
    )  # fmt: skip


def _share(typed: Typed, name: str, title: Text) -> float:
    said = typed.text(name).rstrip("%％ ")
    try:
        value = float(said) / 100
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise BAD_ENTRY(column=title, value=said[:20] or "–", wanted=PERCENT)
    return round(value, 6)


def _lines(actor: Actor, rows: list[Sample]) -> list[dict[str, Any]]:
    keys = [s.pk for s in rows]
    counted = {
        r["sample"]: r
        for r in Sampled.objects.visible_to(actor)
        .filter(sample__in=keys)
        .exclude(state=SPARE)
        .values("sample")
        .annotate(
            n=Count("pk", filter=~Q(state=UNFOUND)),
            examined=Count("pk", filter=Q(state=EXAMINED)),
            waiting=Count("pk", filter=Q(state=WAITING)),
        )
    }
    unruled = dict(
        InspectionFinding.objects.visible_to(actor)
        .unruled()
        .filter(revisit__sampled__sample__in=keys)
        .values_list("revisit__sampled__sample")
        .annotate(n=Count("pk"))
    )
    return [
        {
            "s": s, "place": _place(s.path), "purpose": PURPOSES[s.purpose], "n": counted.get(s.pk, {}).get("n", 0), "examined": counted.get(s.pk, {}).get("examined", 0),
            "waiting": counted.get(s.pk, {}).get("waiting", 0), "unruled": unruled.get(s.pk, 0), "url": reverse("supervision:sample", kwargs={"sample": s.key}),
        }
        for s in rows
    ]  # fmt: skip


def _place(path: str) -> str:
    """A place by name; what is no path is a kind of household, or nothing."""
    if path in HOME_KINDS:
        return str(HOME_KINDS[path])
    line = [a for a in areas().line(path) if a.path != "/"] if "/" in path else []
    return name_of(line[-1]) if line else path or str(STRATA[""])


@page(READS)
@never_cache
def sample(request: HttpRequest, sample: str) -> HttpResponse:
    """What a sample says, as far as one's area reaches; posted, examiners are named or it is closed."""
    actor = acting_as(request)
    found = the_sample(actor, sample)
    problem: Problem | None = None
    refused: list[tuple[str, Text]] = []
    if request.method == "POST":
        typed = Typed(request, BAD_ENTRY)
        try:
            match typed.text("do"):
                case "assign":
                    given = assign(actor, sample, [n for n in re.split(r"[\s,，、;；]+", typed.text("officers")) if n])
                    refused = [(_place(path), why) for path, why in given.refused.items()]
                    if not refused:
                        return redirect("supervision:sample", sample=sample)
                case "close":
                    close(actor, sample)
                    return redirect("supervision:sample", sample=sample)
                case other:
                    raise not_a_button(other, BAD_ENTRY)
        except Problem as wrong:
            problem = wrong
    said = results(actor, found)
    open_to = found.closed_on is not None or actor.may(EXAMINES)
    context = frame_in(actor, "samples") | {
        "s": found,
        "place": _place(found.path),
        "purpose": PURPOSES[found.purpose],
        "kinds": [HOME_KINDS[k] for k in found.kinds],
        "counts": said.counts,
        "drawn": said.counts[WAITING] + said.counts[EXAMINED],
        "waiting": said.counts[WAITING],
        "examined": said.counts[EXAMINED],
        "unfound": said.counts[UNFOUND],
        "unruled": said.unruled,
        "strata": [_stratum(x) for x in said.strata],
        "yardsticks": [_yardstick(y) for y in said.yardsticks],
        "facts": [_fact(f) for f in said.facts],
        "open_to": open_to,
        "design": json.dumps(found.design, ensure_ascii=False, sort_keys=True),
        "compared": [facts()[k].title for k in found.facts if k in facts()],
        "may": actor.may(MANAGES) and actor.covers(found.path),
        "typed": request.POST if problem else {},
        "problem": problem,
        "refused": refused,
        "homes_url": reverse("supervision:sampled", kwargs={"sample": found.key}),
        "frame_url": reverse("supervision:sample-frame", kwargs={"sample": found.key}) if open_to else "",
        "unassigned": Sampled.objects.visible_to(actor).filter(sample=found, state=WAITING, examiner=None).count(),
    }  # fmt: skip
    return render(request, "supervision/sample.html", context, status=problem.kind.status if problem else 200)


def _stratum(x: StratumResult) -> dict[str, Any]:
    title, shape = DECISIONS[x.judgement.decision] if x.judgement is not None else (Text("–", "–"), "unknown")
    most = max(0.2, x.rate.high or 0.0)
    return {
        "x": x, "place": _place(x.stratum), "title": title, "shape": shape, "why": x.judgement.reason if x.judgement is not None else x.rate.method,
        "chart": interval_chart(x.rate, x.plan.limit if x.plan is not None else None, most),
    }  # fmt: skip


def _yardstick(y: Yardstick) -> dict[str, Any]:
    title, shape = DECISIONS[y.judgement.decision]
    most = 1.0 if y.at_least else max(2.5 * y.limit, y.rate.high or 0.0)
    return {"y": y, "title": title, "shape": shape, "chart": interval_chart(y.rate, y.limit, most)}


def _fact(f: Any) -> dict[str, Any]:
    title, shape = VERDICTS[f.agreement.verdict]
    return {
        "f": f, "outcomes": [(OUTCOMES[o], n) for o, n in f.outcomes.items() if n], "differs": f.outcomes[Outcome.DIFFERS], "verdict": title, "shape": shape,
        "alpha": None if f.agreement.alpha.value is None else f"{f.agreement.alpha.value:.2f}",
    }  # fmt: skip


@page(READS)
@never_cache
def sample_frame(request: HttpRequest, sample: str) -> HttpResponse:
    """The frame of a sample, with which anybody draws it again: for examiners, and for everybody once it is closed (until then its page says so). Raises BF-2907."""
    actor = acting_as(request)
    found = the_sample(actor, sample)
    if found.closed_on is None and not actor.may(EXAMINES):
        return redirect("supervision:sample", sample=sample)
    answer = HttpResponse(files.read(found.frame), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{found.key}-frame.txt") or "attachment"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
