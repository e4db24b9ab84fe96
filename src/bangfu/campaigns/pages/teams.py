"""The teams of a campaign with their loads, the plan and what it says of itself; a team's days in the order of its visits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.campaigns.actions import form_teams, plan_visits, replan_visits, team_out
from bangfu.campaigns.actions.setting_up import KINDS, PERMISSION
from bangfu.campaigns.models import Planned, Team, VisitCampaign, VisitPlan
from bangfu.campaigns.pages.places import frame_of, url_of
from bangfu.campaigns.problems import BAD_ENTRY, UNKNOWN_TEAM
from bangfu.command.pairings_shown import heads_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, done

SHOWN = 400  # teams
TEAM = Text("走访组", "team")


@page("command.read")
@never_cache
def teams(request: HttpRequest, path: str, campaign: str) -> HttpResponse:
    """The teams of an area and the plan; posted, teams are formed, one falls out, visits are planned or planned anew."""
    actor = acting_as(request)
    if request.method == "POST":
        acts: Mapping[str, Callable[[Typed], object]] = {
            "form": lambda typed: form_teams(actor, campaign),
            "plan": lambda typed: plan_visits(actor, campaign),
            "replan": lambda typed: replan_visits(actor, campaign, typed.text("why")),
            "out": lambda typed: team_out(actor, campaign, typed.number("team", TEAM), typed.text("why")),
        }
        back = url_of("teams", path, campaign)
        return done(request, acts, lambda problem: _show(request, actor, path, campaign, problem), back, BAD_ENTRY)
    return _show(request, actor, path, campaign)


def _show(request: HttpRequest, actor: Actor, path: str, key: str, problem: Problem | None = None) -> HttpResponse:
    _, asked, frame = frame_of(actor, path, key, "teams")
    until = clock.today()
    rows = Team.objects.visible_to(actor).filter(campaign=asked).filter(Q(path__startswith=path) | _reaching(path))
    counted = _loads(actor, asked, until)
    plan = VisitPlan.objects.visible_to(actor).filter(campaign=asked).order_by("-pk").first()
    context = frame | {
        "teams": [
            _team(t, counted.get(t.pk, {}), path, key) for t in rows.select_related("leader__unit").order_by("number")[:SHOWN]
        ],
        "n_teams": rows.count(),
        "plan": plan,
        "alone": Text(plan.figures["alone"]["zh"], plan.figures["alone"]["en"]) if plan is not None else "",
        "plans": VisitPlan.objects.visible_to(actor).filter(campaign=asked).order_by("-pk")[:10],
        "may": actor.may(PERMISSION),
        "whole": path == asked.path,
        "problem": problem,
        "typed": request.POST if problem else {},
    }
    return render(request, "campaigns/teams.html", context, status=problem.kind.status if problem else 200)


def _reaching(path: str) -> Q:
    """Teams that may visit an area though they set out elsewhere."""
    line = [path[: n + 1] for n, sign in enumerate(path) if sign == "/"]
    return Q(places__overlap=line)


def _loads(actor: Actor, campaign: VisitCampaign, until: date) -> dict[int, dict[str, int]]:
    """Of each team: households planned, planned up to a day, visited."""
    rows = (
        Planned.objects.visible_to(actor).filter(campaign=campaign, team__isnull=False).with_done(until).order_by().values("team")
    )
    found = rows.annotate(
        all=Count("pk"),
        due=Count("pk", filter=Q(day__lte=until)),
        done_n=Count("pk", filter=Q(done=True)),
        led=Count("pk", filter=Q(leader=True)),
    )
    return {row["team"]: row for row in found}


def _team(team: Team, load: Mapping[str, int], path: str, key: str) -> dict[str, Any]:
    line = areas().line(team.path)
    return {
        "t": team,
        "place": name_of(line[-1]) if line else "",
        "all": load.get("all", 0),
        "due": load.get("due", 0),
        "done": load.get("done_n", 0),
        "behind": max(0, load.get("due", 0) - load.get("done_n", 0)),
        "led": load.get("led", 0) / load["all"] if load.get("all") else None,
        "url": reverse("campaigns:team", kwargs={"path": path, "campaign": key, "team": team.number}),
    }


@page("command.read")
@never_cache
def team(request: HttpRequest, path: str, campaign: str, team: int) -> HttpResponse:
    """A team: who goes along, its days, and the visits of one of them in their order (`?day=`; today's, else the next day's)."""
    actor = acting_as(request)
    _, asked, frame = frame_of(actor, path, campaign, "teams")
    found: Team | None = Team.objects.visible_to(actor).filter(campaign=asked, number=team).select_related("leader__unit").first()
    if found is None:
        raise UNKNOWN_TEAM(team=team)
    today = clock.today()
    rows = Planned.objects.visible_to(actor).filter(team=found).with_done(today)
    days = list(rows.order_by().values("day").annotate(all=Count("pk"), n_done=Count("pk", filter=Q(done=True))).order_by("day"))
    chosen = _chosen(request.GET.get("day", ""), [d["day"] for d in days], today)
    of_day = list(rows.filter(day=chosen).select_related("household").order_by("party", "place")) if chosen else []
    heads = heads_of(actor, [p.household_id for p in of_day], today)
    parties: dict[int, list[dict[str, Any]]] = {}
    for p in of_day:
        parties.setdefault(p.party, []).append(
            {
                "p": p, "head": heads.get(p.household_id, "") or p.household.number, "place": " ".join(name_of(a) for a in areas().line(p.path)[-2:]),
                "kind": KINDS[p.kind], "at": f"{p.arrive // 60}:{p.arrive % 60:02d}" if p.arrive is not None else "", "url": f"/households/{p.household.number}/",
            }
        )  # fmt: skip
    along: dict[int, list[str]] = {}
    for one in found.companions.select_related("officer").order_by("party", "pk"):
        along.setdefault(one.party, []).append(one.officer.name)
    context = frame | {
        "team": found,
        "days": days,
        "day": chosen,
        "parties": [{"n": n, "along": along.get(n, []), "visits": visits} for n, visits in sorted(parties.items())],
        "along": [{"n": n, "names": names} for n, names in sorted(along.items())],
        "url": request.path,
        "today": today,
    }
    return render(request, "campaigns/team.html", context)


def _chosen(said: str, days: list[date], today: date) -> date | None:
    """The day that is shown: the one that was asked for, else today's, else the next one, else the last."""
    asked = next((d for d in days if str(d) == said), None)
    return asked or next((d for d in days if d >= today), days[-1] if days else None)
