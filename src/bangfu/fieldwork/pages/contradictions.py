"""Two values that contradict each other: both, with who told them and when; one is chosen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.areas.frame import name_of
from bangfu.areas.remembered import areas
from bangfu.command.pairings_shown import heads_of
from bangfu.fieldwork.actions.settling import HELD, TOLD, choose
from bangfu.fieldwork.models import Conflict, Form
from bangfu.fieldwork.pages.inbox import READS, SETTLES, moment
from bangfu.fieldwork.pages.one import frame, tell_done, title_shown
from bangfu.fieldwork.problems import BAD_ENTRY
from bangfu.fieldwork.shown import fact_title, value_words
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.leafing import leaf_of
from bangfu.register.evidence_kinds import kind_title
from bangfu.register.models import Evidence, Person

CHOSEN = {
    TOLD: Text("已按提交改登记。", "The register now has the value of the submission."),
    HELD: Text("登记保持不变。", "The register stays as it is."),
}


@page(READS)
@never_cache
def contradictions(request: HttpRequest) -> HttpResponse:
    """What contradicts the register in one's area; posted, one of the two values is chosen."""
    actor = acting_as(request)
    problem: Problem | None = None
    typed = Typed(request, BAD_ENTRY)
    if request.method == "POST":
        which = typed.text("do")
        try:
            if which not in CHOSEN:
                raise not_a_button(which, BAD_ENTRY)
            choose(actor, typed.key("conflict"), which, typed.text("reason"))
        except Problem as refused:
            problem = refused
        else:
            tell_done(request, CHOSEN[which])
            return redirect(request.get_full_path())
    rows = Conflict.objects.visible_to(actor)
    settled = request.GET.get("view") == "settled"
    chosen = rows.exclude(chosen="").order_by("-chosen_at", "-id") if settled else rows.filter(chosen="").order_by("id")
    leaf = leaf_of(request, chosen.select_related("household", "submission"), 20)
    url = reverse("fieldwork:contradictions")
    context = frame(request) | {
        "tab": "contradictions",
        "views": [
            (Text("待裁定", "to be chosen"), rows.filter(chosen="").count(), url, not settled),
            (Text("已裁定", "chosen"), rows.exclude(chosen="").count(), f"{url}?view=settled", settled),
        ],
        "rows": _lines(actor, leaf.rows),
        "leaf": leaf,
        "may_settle": actor.may(SETTLES) and not settled,
        "problem": problem,
        "at": typed.key("conflict") if request.method == "POST" else 0,
        "typed": request.POST,
    }  # fmt: skip
    return render(request, "fieldwork/contradictions.html", context, status=problem.kind.status if problem else 200)


def _lines(actor: Actor, rows: list[Conflict]) -> list[dict[str, Any]]:
    evidence = Evidence.objects.select_related("source").in_bulk([c.held_evidence for c in rows])
    heads = heads_of(actor, [c.household_id for c in rows], clock.today())
    people = dict(Person.objects.filter(pk__in=[c.person for c in rows if c.person]).values_list("pk", "name"))
    titles = {one.key: title_shown(one) for one in Form.objects.filter(key__in={c.submission.form for c in rows})}
    found = []
    for c in rows:
        held = evidence.get(c.held_evidence)
        sides = [
            {
                "key": TOLD, "title": Text("提交", "The submission"), "value": value_words(actor, c.fact, c.value(TOLD)), "who": Text(c.submission.worker, c.submission.worker),
                "day": c.day, "recorded": moment(c.submission.received_at), "from": titles.get(c.submission.form, c.submission.form),
                "url": reverse("fieldwork:submission", kwargs={"submission": c.submission_id}),
            },
            {
                "key": HELD, "title": Text("登记", "The register"), "value": value_words(actor, c.fact, c.value(HELD)),
                "who": name_shown(held.actor) if held else Text("–", "–"), "day": c.held_on,
                "recorded": moment(held.recorded_at) if held else "", "from": kind_title(held.kind) if held else Text("–", "–"), "url": "",
            },
        ]  # fmt: skip
        found.append(
            {
                "c": c, "fact": fact_title(c.fact), "sides": sides, "member": people.get(c.person or 0, ""), "head": heads.get(c.household_id, ""),
                "place": " ".join(name_of(a) for a in areas().line(c.path)[-2:]), "household_url": f"/households/{c.household.number}/",
                "reason": c.why, "chosen_by": name_shown(c.chosen_by) if c.chosen_by else "",
            }
        )  # fmt: skip
    return found
