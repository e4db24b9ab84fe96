"""A campaign at an area: how far it is against its plan, by place and by day; what it asks; the rules that hold for visits; what leaders alone could do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.campaigns.actions import RuleRow, end_rule, set_rule
from bangfu.campaigns.actions.setting_up import KINDS, TITLES
from bangfu.campaigns.chart import days_chart
from bangfu.campaigns.coverage import Far, by_day, far
from bangfu.campaigns.models import VisitCampaign, VisitRule
from bangfu.campaigns.pages.places import frame_of, url_of
from bangfu.campaigns.problems import BAD_ENTRY
from bangfu.command.files import RANKS
from bangfu.fieldwork.facts import MODES
from bangfu.fieldwork.models import Form
from bangfu.fieldwork.pages.one import title_shown
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, done


@page("command.read")
@never_cache
def campaign(request: HttpRequest, path: str, campaign: str) -> HttpResponse:
    """How far a campaign is; posted, a rule on visits is set or ended."""
    actor = acting_as(request)
    if request.method == "POST":
        acts = {"rule": lambda typed: _rule(actor, path, typed), "end": lambda typed: end_rule(actor, typed.key("rule"))}
        return done(
            request,
            acts,
            lambda problem: _show(request, actor, path, campaign, problem),
            url_of("campaign", path, campaign),
            BAD_ENTRY,
        )
    return _show(request, actor, path, campaign)


def _rule(actor: Actor, path: str, typed: Typed) -> None:
    row = RuleRow(
        path, typed.day("first", TITLES["from"]), typed.maybe_day("last", TITLES["until"]), Text(typed.text("zh"), typed.text("en") or typed.text("zh")), typed.text("source"),
        closed=bool(typed.text("closed")), most_persons=typed.number("most", TITLES["most"]) if typed.text("most") else None,
        modes=[m for m in typed.raw.getlist("modes") if m],
    )  # fmt: skip
    set_rule(actor, [row])


def _show(request: HttpRequest, actor: Actor, path: str, key: str, problem: Problem | None = None) -> HttpResponse:
    area, asked, frame = frame_of(actor, path, key, "campaign")
    today = clock.today()
    until = min(today, asked.campaign.valid.upper)
    whole, below = far(asked, path, until)
    days = by_day(asked, path, until)
    context = frame | {
        "whole": whole,
        "number": asked.campaign.day_number(today),
        "days": asked.campaign.days(),
        "left_days": asked.campaign.days_left(today),
        "rows": [_row(f, key) for f in sorted(below, key=lambda f: (f.share, -f.households))] if len(below) > 1 or area.path != below[0].path else [],
        "chart": days_chart(days, today),
        "left_url": url_of("left", path, key),
        "asks": _asks(asked),
        "rules": [_shown(r, actor) for r in _rules(actor, path)],
        "may": actor.may("campaign.manage") and actor.covers(path),
        "modes": MODES,
        "typed": request.POST if problem else {},
        "problem": problem,
        "today": today,
    }  # fmt: skip
    return render(request, "campaigns/campaign.html", context, status=problem.kind.status if problem else 200)


def _row(one: Far, key: str) -> dict[str, Any]:
    return {"f": one, "url": url_of("campaign", one.path, key), "left_url": url_of("left", one.path, key)}


def _asks(campaign: VisitCampaign) -> dict[str, Any]:
    """What the campaign asks, as people read it."""
    forms = {f.key: title_shown(f) for f in Form.objects.filter(key__in=campaign.forms.values())}
    return {
        "kinds": [(KINDS[k], forms.get(campaign.forms[k], campaign.forms[k]), campaign.minutes[k]) for k in campaign.kinds],
        "ranks": [RANKS[r] for r in campaign.ranks],
        "share": float(campaign.leader_share),
        "leaflets": [Text(x["zh"], x["en"]) for x in campaign.leaflets],
    }


def _rules(actor: Actor, path: str) -> list[VisitRule]:
    """The rules of an area and of the areas around and in it, those that hold longest ago last."""
    rows = VisitRule.objects.visible_to(actor).order_by("-valid", "pk")
    return [r for r in rows if r.path.startswith(path) or path.startswith(r.path)]


def _shown(rule: VisitRule, actor: Actor) -> dict[str, Any]:
    line = areas().line(rule.path)
    return {
        "r": rule,
        "place": name_of(line[-1]) if line else rule.path,
        "modes": [MODES[m] for m in rule.modes],
        "last": rule.valid.upper.fromordinal(rule.valid.upper.toordinal() - 1) if rule.valid.upper else None,
        "on": rule.valid.upper is None or clock.today() < rule.valid.upper,
        "may": actor.may("campaign.manage") and actor.covers(rule.path),
    }
