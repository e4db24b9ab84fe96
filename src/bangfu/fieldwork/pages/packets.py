"""Packets: this station's card, its partners, a packet made for one of them, a packet read, and what went and came."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.models import Area
from bangfu.areas.remembered import areas
from bangfu.fieldwork.actions.packets import Written, write_packet
from bangfu.fieldwork.actions.partners import FORMS, revoke, trust
from bangfu.fieldwork.actions.unpacking import read_packet
from bangfu.fieldwork.instance import read_instance
from bangfu.fieldwork.models import Packet, PacketRow, Partner, Submission
from bangfu.fieldwork.models.packets import ABOVE, BELOW, IN, NEW, OTHER, OUT, PERMISSION, SAME, SENT, SIDES
from bangfu.fieldwork.packet_problems import UNKNOWN_PACKET
from bangfu.fieldwork.packet_told import counts_of, notes_of
from bangfu.fieldwork.pages.inbox import moment
from bangfu.fieldwork.pages.one import frame, tell_done, uploaded
from bangfu.fieldwork.problems import BAD_ENTRY
from bangfu.fieldwork.sealing import CARD_BYTES, MOST, Card, in_groups, read_card
from bangfu.fieldwork.shown import Answer, answers_of, version_of
from bangfu.fieldwork.station import own_card
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.files import read as kept
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.leafing import leaf_of
from bangfu.kit.paper import code_of

TRUSTED = Text("已登记{name}。", "{name} is a partner now.")
REVOKED = Text("已停用{name}：不再收它的数据包。", "{name} is revoked: none of its packets is taken any more.")
LEFT = Text(
    "上一个数据包装不下全部提交，还有 {n} 份，请再制作一个。",
    "The last packet did not hold all: {n} submission(s) are left, make another one.",
)
TO_SIDE = {
    BELOW: Text("制作表单和名单包", "Make a packet of forms and lists"),
    ABOVE: Text("制作提交包", "Make a packet of submissions"),
}
SHORT = {BELOW: Text("下级", "below"), ABOVE: Text("上级", "above")}
CODE_SCALE = 4  # pixels of a module: 61 of them or so
OFFERED = 400  # areas that the form names
FEW = 30  # rows that one packet's page shows of those that were not taken as they came


@page(PERMISSION)
@never_cache
def packets(request: HttpRequest) -> HttpResponse:
    """The card, the partners, the packets; posted, a card is looked at or trusted, a partner revoked, a packet made or read."""
    actor = acting_as(request)
    problem: Problem | None = None
    looked: Card | None = None
    typed = Typed(request, BAD_ENTRY)
    told = typed.text("do") if request.method == "POST" else ""
    if told:
        try:
            if told in ("look", "trust"):
                looked = _card_told(request, typed)
            if told == "trust" and looked is not None:
                compared = looked.fingerprint if typed.text("compared") else ""
                made = trust(
                    actor, looked, path=typed.text("area"), side=typed.text("side"), fingerprint=compared, name=typed.text("name")
                )  # fmt: skip
                tell_done(request, TRUSTED.format(name=made.name))
                return redirect("fieldwork:packets")
            if told == "revoke":
                tell_done(request, REVOKED.format(name=revoke(actor, typed.key("partner")).name))
                return redirect("fieldwork:packets")
            if told == "write":
                return _handed_over(request, write_packet(actor, typed.key("partner"), everything=bool(typed.text("all"))))
            if told == "read":
                read = read_packet(actor, uploaded(request, MOST)[1])
                return redirect("fieldwork:packet", packet=read.pk)
            if told != "look":
                raise not_a_button(told, BAD_ENTRY)
        except Problem as refused:
            problem = refused
    elif request.method == "POST":
        problem = not_a_button(told, BAD_ENTRY)
    own = own_card(actor.scope)
    leaf = leaf_of(request, Packet.objects.visible_to(actor).select_related("partner").order_by("-id"), 30)
    context = frame(request) | {
        "tab": "packets",
        "own": own,
        "own_groups": in_groups(own.fingerprint),
        "code": code_of(own.text(), CODE_SCALE),
        "partners": _partners(actor),
        "leaf": leaf,
        "rows": [_line(p) for p in leaf.rows],
        "looked": looked,
        "looked_groups": in_groups(looked.fingerprint) if looked else "",
        "areas": _areas(actor) if looked else [],
        "sides": [(k, t) for k, t in SIDES.items() if k == BELOW or actor.may(FORMS)],
        "most": MOST // 1_000_000,
        "typed": request.POST,
        "problem": problem,
        "at": told if told in ("look", "trust", "read", "write", "revoke") else "",
    }
    return render(request, "fieldwork/packets.html", context, status=problem.kind.status if problem else 200)


def _card_told(request: HttpRequest, typed: Typed) -> Card:
    """The card that was pasted, or handed in as a file."""
    text = typed.text("card")
    return read_card(text or uploaded(request, CARD_BYTES)[1].decode("utf-8", "replace"))


def _handed_over(request: HttpRequest, made: Written) -> HttpResponse:
    """A packet as a file to be saved; what is left is said on the page after it."""
    if made.left:
        tell_done(request, LEFT.format(n=made.left))
    answer = HttpResponse(made.content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _place(path: str, levels: int = 1) -> str:
    return " ".join(name_of(a) for a in areas().line(path)[-levels:])


def _partners(actor: Actor) -> list[dict[str, Any]]:
    rows = list(Partner.objects.visible_to(actor).order_by(F("revoked_at").asc(nulls_first=True), "name", "id"))
    told = Packet.objects.filter(partner__in=rows).order_by().values_list("partner", "direction").annotate(last=Max("at"))
    last = {(partner, direction): moment(at) for partner, direction, at in told}
    return [
        {
            "p": p, "place": _place(p.path), "side": SHORT[p.side], "make": TO_SIDE[p.side], "above": p.side == ABOVE,
            "out": last.get((p.pk, OUT), ""), "in": last.get((p.pk, IN), ""), "trusted": moment(p.trusted_at), "by": name_shown(p.trusted_by),
        }
        for p in rows
    ]  # fmt: skip


def _areas(actor: Actor) -> list[tuple[str, str]]:
    """The areas that a partner may be trusted for: one's own and those below it, down to villages."""
    rows = (
        Area.objects.visible_to(actor)
        .under(actor.scope)
        .filter(valid__upper_inf=True)
        .exclude(level__in=("group", "grid"))
        .order_by("path")
    )
    return [(a.path, _place(a.path, 2) if a.path != actor.scope else _place(a.path)) for a in rows[:OFFERED]]


def _line(p: Packet) -> dict[str, Any]:
    return {
        "p": p,
        "url": reverse("fieldwork:packet", kwargs={"packet": p.pk}),
        "at": moment(p.at),
        "by": name_shown(p.by),
        "counts": [(title, n) for title, n in counts_of(p) if n],
        "notes": len(notes_of(p)),
    }


@page(PERMISSION)
@never_cache
def card(request: HttpRequest) -> HttpResponse:
    """This station's card as a file."""
    answer = HttpResponse(own_card(acting_as(request).scope).text() + "\n", content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="card.json"'
    return answer


@page(PERMISSION)
@never_cache
def packet(request: HttpRequest, packet: int) -> HttpResponse:
    """One packet: what it did, and the submissions in it, those that were not taken as they came first."""
    actor = acting_as(request)
    found = Packet.objects.visible_to(actor).select_related("partner").filter(pk=packet).first()
    if found is None:
        raise UNKNOWN_PACKET()
    odd = list(found.rows.exclude(outcome__in=(SENT, NEW, SAME)).order_by("outcome", "id")[:FEW])
    leaf = leaf_of(request, found.rows.filter(outcome__in=(SENT, NEW, SAME)).order_by("id"))
    here = {
        s.instance: s
        for s in Submission.objects.visible_to(actor).filter(instance__in=[r.instance for r in [*odd, *leaf.rows] if r.instance])
    }
    context = frame(request) | {
        "tab": "packets",
        "packet": found,
        "place": _place(found.path, 2),
        "at": moment(found.at),
        "by": name_shown(found.by),
        "made": moment(found.made_at),
        "size": max(1, found.size // 1000),
        "counts": counts_of(found),
        "notes": notes_of(found),
        "forms": found.told.get("forms", []) if found.direction == IN and found.kind == "package" else [],
        "odd": [_row(actor, r, here) for r in odd],
        "leaf": leaf,
        "rows": [_row(actor, r, here) for r in leaf.rows],
        "back": reverse("fieldwork:packets"),
    }
    return render(request, "fieldwork/packet.html", context)


def _row(actor: Actor, row: PacketRow, here: dict[str, Submission]) -> dict[str, Any]:
    one = here.get(row.instance)
    return {
        "r": row,
        "url": reverse("fieldwork:submission", kwargs={"submission": one.pk}) if one else "",
        "state": one.state_title if one else "",
        "differences": _differences(actor, row, one) if row.outcome == OTHER and row.kept and one else [],
    }


def _differences(actor: Actor, row: PacketRow, one: Submission) -> list[tuple[Text, Text | str, Text | str]]:
    """The questions that are answered otherwise in what was kept apart: its answer and the one that is here, masked as on every page."""
    version = version_of(one)
    if version is None:
        return []
    theirs = Submission(instance=one.instance, form=one.form, version=one.version)
    theirs.__dict__["read"] = read_instance(kept(row.kept))
    said = [
        {(n, a.question.path): a for n, part in enumerate(answers_of(actor, version.read, each)) for a in part.answers} for each in (one, theirs)
    ]  # fmt: skip
    found = []
    for key in dict.fromkeys([*said[0], *said[1]]):
        ours, other = said[0].get(key), said[1].get(key)
        if (known := ours or other) is not None and _said(ours) != _said(other):
            found.append((known.label, _said(other), _said(ours)))
    return found


def _said(answer: Answer | None) -> Text | str:
    return answer.said if answer is not None else "–"
