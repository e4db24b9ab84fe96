"""Devices: one's own and, for whoever manages them, those of an area; a new one with the code that sets the phone up; revoked ones."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from bangfu.accounts.models import Assignment
from bangfu.accounts.roles import roles
from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.fieldwork.actions.devices import FILLS, MANAGES, Made, make_device, revoke_device
from bangfu.fieldwork.models import Device
from bangfu.fieldwork.pages.inbox import moment
from bangfu.fieldwork.pages.one import drawn_code, frame, tell_done
from bangfu.fieldwork.problems import BAD_ENTRY
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.leafing import leaf_of

REVOKED = Text("已停用 {name}，它不能再提交。", "{name} is revoked; nothing of it is taken any more.")
OFFERED = 300  # workers that the form names


@page(FILLS)
@never_cache
def devices(request: HttpRequest) -> HttpResponse:
    """The devices; posted, one is made, and shown with its code this once, or one is revoked."""
    actor = acting_as(request)
    problem: Problem | None = None
    made: Made | None = None
    typed = Typed(request, BAD_ENTRY)
    if request.method == "POST":
        told = typed.text("do")
        try:
            if told == "make":
                made = make_device(actor, typed.key("worker"), typed.text("label"))
            elif told == "revoke":
                tell_done(request, REVOKED.format(name=revoke_device(actor, typed.key("device")).label))
                return redirect("fieldwork:devices")
            else:
                raise not_a_button(told, BAD_ENTRY)
        except Problem as refused:
            problem = refused
    rows = (
        Device.objects.visible_to(actor)
        .select_related("user", "assignment")
        .order_by(F("revoked_at").asc(nulls_first=True), "-id")
    )
    leaf = leaf_of(request, rows)
    context = frame(request) | {
        "tab": "devices",
        "leaf": leaf,
        "rows": [
            {
                "d": d, "who": d.user.name, "role": roles()[d.assignment.role].title, "place": " ".join(name_of(a) for a in areas().line(d.path)[-1:]),
                "seen": moment(d.seen_at) if d.seen_at else "",
                "may_revoke": d.revoked_at is None and (d.user_id == actor.user_id or actor.may(MANAGES)),
            }
            for d in leaf.rows
        ],
        "workers": _workers(actor),
        "made": _setting_up(request, made) if made is not None else None,
        "typed": request.POST,
        "problem": problem,
    }  # fmt: skip
    return render(request, "fieldwork/devices.html", context, status=problem.kind.status if problem else 200)


def _workers(actor: Actor) -> list[tuple[int, str, Text, str]]:
    """For whom the actor may make a device: themselves first."""
    today = clock.today()
    rows = Assignment.objects.on(today).select_related("user").filter(user__is_active=True)
    filling = [key for key, role in roles().items() if FILLS in role.permissions]
    own = [a for a in rows.filter(user=actor.user_id) if a.role in filling]
    others = (
        rows.filter(role__in=filling, path__startswith=actor.scope).exclude(user=actor.user_id)[:OFFERED]
        if actor.may(MANAGES) and actor.scope
        else []
    )
    return [
        (a.pk, a.user.name, roles()[a.role].title, " ".join(name_of(x) for x in areas().line(a.path)[-1:]))
        for a in [*own, *others]
    ]


def _setting_up(request: HttpRequest, made: Made) -> dict[str, Any]:
    """What sets a phone up: the address with the key, the code for Collect, name and secret for whoever types them."""
    server = request.build_absolute_uri(f"/key/{made.secret}")
    plain = request.build_absolute_uri("/openrosa")
    return {
        "device": made.device,
        "secret": made.secret,
        "server": server,
        "plain": plain,
        "code": drawn_code(collect_settings(server)),
        "host": request.get_host(),
        "near": _is_near(request.get_host()),
    }


def _is_near(host: str) -> bool:
    """Whether an address is of this machine alone, so that no phone reaches it."""
    name = host.rpartition(":")[0] if host.count(":") == 1 else host
    name = name.strip("[]")
    return name == "localhost" or name.startswith("127.") or name in ("::1", "0.0.0.0")


def collect_settings(server: str) -> str:
    """What Collect reads from a code: its settings as JSON, deflated, in base 64."""
    told = {
        "general": {"server_url": server, "form_update_mode": "match_exactly", "autosend": "wifi_and_cellular"},
        "admin": {},
        "project": {"name": "帮扶"},
    }
    return base64.b64encode(zlib.compress(json.dumps(told, ensure_ascii=False).encode(), 9)).decode()
