"""The forms of the county: listed, taken in, and those that are shipped published."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from bangfu.fieldwork.actions import ship, upload
from bangfu.fieldwork.catalogue import title_of
from bangfu.fieldwork.models import Form, FormVersion
from bangfu.fieldwork.models.forms import DRAFT, PUBLISHED
from bangfu.fieldwork.pages.one import PERMISSION, frame, tell_done, title_shown, uploaded
from bangfu.fieldwork.problems import BAD_ENTRY
from bangfu.fieldwork.shipped import recipes
from bangfu.fieldwork.xlsform import LARGEST
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, not_a_button
from bangfu.kit.listing import Choice, Column, Listing, Option, Search

Rows = QuerySet[Any, Any]
SHIPPED, OWN = Text("随附", "shipped"), Text("本县", "own")
STATES = {
    "published": Text("已发布", "published"),
    "draft": Text("有草稿待发布", "with a draft"),
    "unpublished": Text("没有发布的版本", "not published"),
}
UPLOADED = Text("已收下 {f}，版本 {v}，是{s}。", "{f}, version {v}, was taken in: {s}.")
SHIPPED_NOW = Text("已发布 {n} 张随附的表单。", "{n} shipped form(s) published.")
FORMS, TICK = Text("表单", "forms"), Text("请至少勾选一张还没有发布的表单", "tick at least one form that is not published yet")


def _in_state(rows: Rows, state: str) -> Rows:
    versions = FormVersion.objects.filter(form=OuterRef("pk"))
    if state == "unpublished":
        return rows.exclude(Exists(versions.published()))
    return rows.filter(Exists(versions.filter(state=PUBLISHED if state == "published" else DRAFT)))


def _of_origin(rows: Rows, origin: str) -> Rows:
    return rows.filter(shipped=origin == "shipped")


def _warned(rows: Rows, _: str) -> Rows:
    versions = FormVersion.objects.filter(form=OuterRef("pk"), state__in=(DRAFT, PUBLISHED))
    return rows.filter(Exists(versions.exclude(warnings=[])))


def _found(rows: Rows, words: str) -> Rows:
    """By title or id; a shipped one by its English title as well."""
    said = [key for key in recipes() if words.lower() in title_of(key).en.lower()]
    return rows.filter(Q(title__icontains=words) | Q(key__icontains=words) | Q(key__in=said))


def _published(form: Any) -> Any:
    held: FormVersion | None = form.shown["published"]
    if held is None:
        return format_html('<span class="v v-unknown"><i></i>{}</span>', STATES["unpublished"])
    return format_html('<span class="v v-met"><i></i>{}</span>', held.version or "–")


LIST = Listing(
    columns=[
        Column("title", Text("表单", "Form"), lambda f: title_shown(f), phone="title", fixed=True, sort=("title",)),
        Column("published", Text("发布的版本", "Published version"), _published, kind="word", phone="end"),
        Column("day", Text("发布日期", "Published on"), lambda f: f.shown["day"], kind="word", phone="line"),
        Column("drafts", Text("待发布草稿", "Drafts waiting"), lambda f: f.shown["drafts"], kind="number", phone="named"),
        Column("questions", Text("题目", "Questions"), lambda f: f.shown["version"].questions, kind="number", phone="named"),
        Column("facts", Text("填写登记的题", "Tell the register"), lambda f: len(f.shown["version"].facts), kind="number", phone="named"),
        Column("warnings", Text("转换提醒", "Warnings"), lambda f: len(f.shown["version"].warnings), kind="number", phone="named"),
        Column("origin", Text("来源", "Origin"), lambda f: SHIPPED if f.shipped else OWN, kind="word", phone="line"),
        Column("key", Text("标识", "Id"), lambda f: format_html("<code>{}</code>", f.key), phone="line", sort=("key",)),
    ],
    filters=[
        Choice("state", Text("状态", "State"), _in_state, [Option(k, t) for k, t in STATES.items()]),
        Choice("origin", Text("来源", "Origin"), _of_origin, [Option("shipped", SHIPPED), Option("own", OWN)]),
        Choice("warnings", Text("转换提醒", "Warnings"), _warned, [Option("yes", Text("有提醒", "with warnings"))]),
    ],
    search=Search(Text("名称、标识", "Title, id"), _found),
    order=("key", "id"),
    empty=Text("没有表单。", "No form."),
    empty_remedy=Text("请上传工作簿，或发布随附的表单；有筛选条件的请先去掉。", "Upload a workbook or publish the shipped forms; take a filter away where there is one."),
)  # fmt: skip


def _fill(rows: list[Any]) -> None:
    """Give the forms of a page what their cells show: the version that is published, the drafts, the version whose numbers stand."""
    by_form: dict[int, list[FormVersion]] = defaultdict(list)
    for one in FormVersion.objects.filter(form__in=rows).order_by("-pk"):
        by_form[one.form_id].append(one)
    for form in rows:
        versions = by_form[form.pk]
        published = next((v for v in versions if v.state == PUBLISHED), None)
        form.shown = {
            "published": published,
            "day": published.published_on.isoformat() if published and published.published_on else "",
            "drafts": sum(v.state == DRAFT for v in versions),
            "version": published or versions[0],
        }


def offered() -> list[tuple[str, FormVersion | None]]:
    """The shipped forms of which the county does not have the version that is shipped, each with the version that publishing it would replace."""
    held: dict[str, list[FormVersion]] = defaultdict(list)
    for one in FormVersion.objects.filter(form__key__in=list(recipes())).select_related("form"):
        held[one.form.key].append(one)
    return [
        (key, next((v for v in held[key] if v.state == PUBLISHED), None))
        for key, recipe in recipes().items()
        if not any(v.version == recipe["version"] for v in held[key])
    ]


@page(PERMISSION)
@never_cache
def forms(request: HttpRequest) -> HttpResponse:
    """The forms of the county; posted, a file is taken in as a draft, or the shipped forms that are ticked are published."""
    actor = acting_as(request)
    if request.method != "POST":
        return _show(request)
    typed = Typed(request, BAD_ENTRY)
    told = typed.text("do")
    try:
        if told == "ship":
            return _ship(request, actor)
        if told != "upload":
            raise not_a_button(told, BAD_ENTRY)
        made = upload(actor, *uploaded(request, LARGEST))
    except Problem as refused:
        return _show(request, refused, told)
    tell_done(request, UPLOADED.format(f=made.form.key, v=made.version or "–", s=made.state_title))
    return redirect(f"{reverse('fieldwork:form', kwargs={'form': made.form_id})}?version={made.pk}")


def _ship(request: HttpRequest, actor: Actor) -> HttpResponse:
    there = {key for key, _ in offered()}
    ticked = [key for key in request.POST.getlist("form") if key in there]
    if not ticked:  # nothing named would mean all of them
        raise BAD_ENTRY(column=FORMS, value="–", wanted=TICK)
    tell_done(request, SHIPPED_NOW.format(n=len(ship(actor, ticked))))
    return redirect("fieldwork:forms")


def _show(request: HttpRequest, problem: Problem | None = None, told: str = "") -> HttpResponse:
    state = LIST.read(request.GET)
    rows: Rows = Form.objects.filter(Exists(FormVersion.objects.filter(form=OuterRef("pk"))))
    found = LIST.narrow(rows, state)
    shown = LIST.page(
        found,
        state,
        total=LIST.count(found, state),
        row_url=lambda form: reverse("fieldwork:form", kwargs={"form": form.pk}),
        prepare=_fill,
    )
    context = frame(request) | {
        "listing": shown,
        "offered": [(key, title_of(key), recipes()[key]["version"], held) for key, held in offered()],
        "problem": problem,
        "at": told if told in ("upload", "ship") else "",
        "most": LARGEST // 1_000_000,
        "facts_url": reverse("fieldwork:facts"),
    }
    return render(request, "fieldwork/forms.html", context, status=problem.kind.status if problem else 200)
