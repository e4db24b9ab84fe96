"""Posts and their checks: what the files of each say at a glance, and the four things of one, item by item."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from bangfu.command.models import Post
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.foundation.secrecy import decrypt
from bangfu.kit.leafing import leaf_of
from bangfu.supervision.actions import check_post
from bangfu.supervision.actions.posts import the_post
from bangfu.supervision.models import InspectionFinding, PostCheck, PostCheckItem
from bangfu.supervision.models.base import EXAMINES, READS
from bangfu.supervision.models.posts import BAD, GOOD, ITEM_VERDICTS, ITEM_WORDS, NOT_ASKED, PARTLY
from bangfu.supervision.pages.places import frame_in
from bangfu.supervision.posts import computed, items, things

LEVELS = {"county": Text("县", "county"), "township": Text("乡镇", "township"), "village": Text("村", "village")}
SHAPES = {GOOD: "met", PARTLY: "waiting", BAD: "unmet", NOT_ASKED: "unknown"}
COMPUTED = {True: "met", False: "unmet", None: "unknown"}


@page(READS)
@never_cache
def posts(request: HttpRequest) -> HttpResponse:
    """The posts of one's area with their last check, those that were never checked first."""
    actor = acting_as(request)
    rows = Post.objects.visible_to(actor).on(clock.today()).under(actor.scope).annotate(checked=Max("checks__day"))
    level = request.GET.get("level", "")
    level = level if level in LEVELS else ""
    url = reverse("supervision:posts")
    leaf = leaf_of(
        request, (rows.filter(level=level) if level else rows).order_by(F("checked").asc(nulls_first=True), "path"), 50
    )
    findings = InspectionFinding.objects.visible_to(actor)
    unruled: dict[int, int] = {}
    for post in (
        findings.unruled().filter(post_check__post__in=[p.pk for p in leaf.rows]).values_list("post_check__post", flat=True)
    ):
        unruled[post] = unruled.get(post, 0) + 1
    views = [("", Text("全部", "all")), *LEVELS.items()]
    context = frame_in(actor, "posts") | {
        "views": [(title, (rows.filter(level=key) if key else rows).count(), f"{url}?level={key}", key == level) for key, title in views],
        "rows": [
            {"p": p, "level": LEVELS.get(p.level, p.level), "checked": p.checked, "unruled": unruled.get(p.pk, 0), "url": reverse("supervision:post", kwargs={"post": p.key})}
            for p in leaf.rows
        ],
        "leaf": leaf,
    }  # fmt: skip
    return render(request, "supervision/posts.html", context)


@page(READS)
@never_cache
def post(request: HttpRequest, post: str) -> HttpResponse:
    """A post: what its files say today, and earlier checks; posted, it is checked."""
    actor = acting_as(request)
    found = the_post(actor, post)
    problem: Problem | None = None
    if request.method == "POST":
        told = {key: (request.POST.get(f"v-{key}", ""), request.POST.get(f"w-{key}", "")) for key in items()}
        try:
            check_post(actor, post, told)
            return redirect("supervision:post", post=post)
        except Problem as refused:
            problem = refused
    said = computed(found, clock.today())
    checks = list(PostCheck.objects.visible_to(actor).filter(post=found).order_by("-day")[:12])
    typed = request.POST if problem else {}
    context = frame_in(actor, "posts") | {
        "p": found,
        "things": [
            {
                "title": title,
                "items": [
                    {
                        "i": i, "said": said[i.key].said, "shape": COMPUTED[said[i.key].good], "verdict": typed.get(f"v-{i.key}", ""), "words": typed.get(f"w-{i.key}", ""),
                    }
                    for i in items().values() if i.thing == thing
                ],
            }
            for thing, title in things().items()
        ],
        "verdicts": ITEM_VERDICTS,
        "may": actor.may(EXAMINES) and not any(c.day == clock.today() for c in checks),
        "checks": [_check(c) for c in checks],
        "problem": problem,
    }  # fmt: skip
    return render(request, "supervision/post.html", context, status=problem.kind.status if problem else 200)


def _check(check: PostCheck) -> dict[str, Any]:
    """A check as it was: each item that was asked, with what the files said then."""
    order = {key: n for n, key in enumerate(items())}
    rows = sorted(PostCheckItem.objects.filter(check_of=check), key=lambda r: order.get(r.item, 99))
    return {
        "c": check,
        "items": [
            {
                "title": items()[r.item].title if r.item in items() else r.item, "said": Text(r.computed["zh"], r.computed["en"]), "verdict": ITEM_VERDICTS[r.verdict],
                "shape": SHAPES[r.verdict], "words": (decrypt(r.words, ITEM_WORDS) or "") if r.words else "",
            }
            for r in rows
        ],
    }  # fmt: skip
