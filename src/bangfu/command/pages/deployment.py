"""Who stands by the places of an area ("1+1+N") and whom the county's units send to the front line; to attach, to end, to send."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bangfu.areas.frame import name_of, standing_area
from bangfu.command.actions import AttachmentRow, DeploymentRow, attach, deploy, end_attachments, end_deployments
from bangfu.command.models import Attachment, Unit
from bangfu.command.models.chain import ATTACHED, LEADER
from bangfu.command.pages.appointments import parts_of
from bangfu.command.pages.doing import area_meant, done
from bangfu.command.pages.places import address_of, frame_of, places_to_name
from bangfu.command.staffing import attached_at, deployed_shares, deployments_at, officer_meant
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, key_of

MOST_SENT = 60  # people listed; beyond, the pages of the areas below list them


@page("command.read")
@never_cache
def deployment(request: HttpRequest, path: str) -> HttpResponse:
    """ "1+1+N" of the places of an area, and the share of each unit's party cadres that is deployed. `?end=` is the attachment to end."""
    return _show(request, acting_as(request), path)


def _show(request: HttpRequest, actor: Actor, path: str, problem: Problem | None = None) -> HttpResponse:
    today = clock.today()
    _, frame = frame_of(actor, path, "deployment", "appointments")
    may = actor.may("command.manage")
    typed = request.POST if problem else request.GET
    shares, wanted = deployed_shares(actor, path, today)
    sent = deployments_at(actor, path, today)
    ending = None
    if may and (key := key_of(typed.get("end", ""))):
        held = Attachment.objects.visible_to(actor).under(actor.scope).on(today).filter(pk=key)
        ending = held.select_related("officer", "unit", "area").first()
    context = frame | {
        "parts": parts_of(path, "deployment"),
        "rows": [(s, name_of(s.area), address_of("deployment")(s.area.path)) for s in attached_at(actor, path, today)],
        "shares": shares,
        "wanted": wanted,
        "short": sum(s.short for s in shares),
        "sent": [(d, name_of(d.area)) for d in sent[:MOST_SENT]],
        "sent_all": len(sent),
        "may": may,
        "ending": ending,
        "typed": typed,
        "problem": problem,
        "today": today,
        "roles": ATTACHED,
        "units": Unit.objects.visible_to(actor).on(today).exclude(kind="village").order_by("level", "key") if may else [],
        "options": places_to_name(actor, path) if may else [],
        "do_url": address_of("deployment-do")(path),
        "here_url": address_of("deployment")(path),
    }
    return render(request, "command/deployment.html", context, status=problem.kind.status if problem else 200)


@page("command.manage")
@never_cache
@require_POST
def do(request: HttpRequest, path: str) -> HttpResponse:
    """Attach a leader or a unit to a place, end an attachment, or send an officer to the front line."""
    actor = acting_as(request)
    standing_area(actor, path)
    acts = {
        "attach": partial(_attach, actor, path),
        "end": partial(_end, actor),
        "deploy": partial(_deploy, actor, path),
        "back": partial(_back, actor),
    }
    return done(request, acts, lambda refused: _show(request, actor, path, refused), address_of("deployment")(path))


def _attach(actor: Actor, path: str, typed: Typed) -> None:
    role, since = typed.text("role"), typed.day("since", Text("起", "since"))
    leads = role == LEADER
    row = AttachmentRow(
        area_meant(actor, path, typed.text("area")),
        role,
        since,
        officer=officer_meant(actor, typed.text("officer"), since) if leads else "",
        unit="" if leads else typed.text("unit"),
        document=typed.text("document")[:120],
    )
    attach(actor, [row])


def _end(actor: Actor, typed: Typed) -> None:
    end_attachments(actor, [typed.key("end")], on=typed.day("on", Text("日期", "day")))


def _back(actor: Actor, typed: Typed) -> None:
    end_deployments(actor, typed.keys("back"), on=typed.day("on", Text("日期", "day")))


def _deploy(actor: Actor, path: str, typed: Typed) -> None:
    since = typed.day("since", Text("起", "since"))
    row = DeploymentRow(
        officer_meant(actor, typed.text("officer"), since),
        area_meant(actor, path, typed.text("area")),
        since,
        until=typed.maybe_day("until", Text("止", "until")),
        document=typed.text("document")[:120],
    )
    deploy(actor, [row])
