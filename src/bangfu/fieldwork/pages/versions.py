"""A form with its versions and what may be done about them; a version as a tree of questions; what it asks otherwise than another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from bangfu.fieldwork.actions import add_file, discard, publish, retire
from bangfu.fieldwork.actions.publishing import FILE_BYTES
from bangfu.fieldwork.models import Form, FormVersion
from bangfu.fieldwork.models.forms import DRAFT, PUBLISHED
from bangfu.fieldwork.outline import Outline, outline
from bangfu.fieldwork.pages.laid import ALL, Laying, chosen_language, looked_at
from bangfu.fieldwork.pages.one import PERMISSION, frame, tell_done, the_form, the_version, title_shown, uploaded
from bangfu.fieldwork.problems import BAD_ENTRY
from bangfu.fieldwork.versions import difference
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor, name_shown
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.kit.forms import Typed, not_a_button

SHAPES = {DRAFT: "waiting", PUBLISHED: "met"}
EVERY_LANGUAGE = Text("各语言对照", "all side by side")
NONE = Text("无", "none")
DONE = {
    "publish": Text("版本 {v} 已发布，手机下次取表时收到。", "Version {v} is published; phones get it when they next ask."),
    "retire": Text("版本 {v} 已停用，手机不再收到。", "Version {v} is retired; phones no longer get it."),
    "discard": Text("草稿 {v} 已删除。", "The draft {v} was thrown away."),
    "file": Text("附件 {f} 已收下。", "The file {f} was taken in."),
}


@page(PERMISSION)
@never_cache
def form(request: HttpRequest, form: int) -> HttpResponse:
    """A form: its versions, one of them (`?version=`) with what is to be looked at; posted, it is published, retired, thrown away, or given a file."""
    found = the_form(form)
    if request.method != "POST":
        return _show(request, found)
    typed = Typed(request, BAD_ENTRY)
    told, key, name = typed.text("do"), typed.key("version"), typed.text("name")
    try:
        if told not in ACTS:
            raise not_a_button(told, BAD_ENTRY)
        the_form_of(found, key)
        version = ACTS[told](acting_as(request), key, name, request)
    except Problem as refused:
        return _show(request, found, refused, at=name if told == "file" else "")
    tell_done(request, DONE[told].format(v=version or "–", f=name))
    if not Form.objects.filter(pk=found.pk).exists():
        return redirect("fieldwork:forms")
    url = reverse("fieldwork:form", kwargs={"form": found.pk})
    return redirect(url if told == "discard" else f"{url}?version={key}")


def the_form_of(form: Form, key: int) -> FormVersion:
    """A version of this form. Raises BF-2608 for one of another."""
    version = the_version(key)
    if version.form_id != form.pk:
        return the_version(0)
    return version


def _publish(actor: Actor, key: int, name: str, request: HttpRequest) -> str:
    return publish(actor, key).version


def _retire(actor: Actor, key: int, name: str, request: HttpRequest) -> str:
    return retire(actor, key).version


def _discard(actor: Actor, key: int, name: str, request: HttpRequest) -> str:
    version = the_version(key).version
    discard(actor, key)
    return version


def _add(actor: Actor, key: int, name: str, request: HttpRequest) -> str:
    return add_file(actor, key, name, uploaded(request, FILE_BYTES)[1]).name


ACTS: Mapping[str, Callable[[Actor, int, str, HttpRequest], str]] = {
    "publish": _publish,
    "retire": _retire,
    "discard": _discard,
    "file": _add,
}


def _show(request: HttpRequest, form: Form, problem: Problem | None = None, at: str = "") -> HttpResponse:
    versions = list(form.versions.order_by("-pk"))
    asked = (request.POST if request.method == "POST" else request.GET).get("version", "")
    chosen = _chosen(versions, asked)
    looked = looked_at(chosen)
    published = next((v for v in versions if v.state == PUBLISHED), None)
    context = frame(request) | {
        "form": form,
        "title": title_shown(form),
        "published": published,
        "versions": [_row(v, chosen) for v in versions],
        "chosen": chosen,
        "only": len(versions) == 1,
        "state": chosen.state,
        "shape": SHAPES.get(chosen.state, "not_assessed"),
        "looked": looked,
        "unused": [(q.path, q.shown(chosen_language(chosen.read, ""))) for q in looked.unused],
        "others": [v for v in versions if v.pk != chosen.pk],
        "version_url": _url("version", chosen),
        "differences_url": _url("differences", chosen),
        "xform_url": _url("xform", chosen),
        "workbook_url": _url("workbook", chosen) if chosen.source else "",
        "most": FILE_BYTES // 1_000_000,
        "problem": problem,
        "at": at if at in chosen.read.media else "",
    }
    return render(request, "fieldwork/form.html", context, status=problem.kind.status if problem else 200)


def _chosen(versions: list[FormVersion], asked: str) -> FormVersion:
    """The version that was asked for, else the newest draft, else the one that is published, else the newest."""
    wanted = next((v for v in versions if str(v.pk) == asked), None)
    in_turn = (next((v for v in versions if v.state == state), None) for state in (DRAFT, PUBLISHED))
    found = wanted or next((v for v in in_turn if v), None) or next(iter(versions), None)
    return found or the_version(0)


def _row(version: FormVersion, chosen: FormVersion) -> dict[str, Any]:
    return {
        "v": version,
        "url": f"?version={version.pk}",
        "shape": SHAPES.get(version.state, "not_assessed"),
        "by": name_shown(version.actor),
        "here": version.pk == chosen.pk,
    }


def _url(name: str, version: FormVersion) -> str:
    return reverse(f"fieldwork:{name}", kwargs={"version": version.pk})


@page(PERMISSION)
@never_cache
def version(request: HttpRequest, version: int) -> HttpResponse:
    """A version as people go through it, question by question, in one of its languages (`?lang=`) or in all of them."""
    found = the_version(version)
    laid = outline(found.content)
    chosen = chosen_language(laid.form, request.GET.get("lang", ""))
    looked = looked_at(found)
    laying = Laying(laid.form, chosen, looked)
    languages = [(name, name) for name in laid.form.languages] + [(ALL, EVERY_LANGUAGE)]
    context = _frame(request, found) | {
        "form": laid.form,
        "seen": laying.tree(laid.seen),
        "unseen": laying.tree(laid.unseen),
        "facts": len(found.facts),
        "looked": looked,
        "languages": [(title, f"?{urlencode({'lang': name})}", name == chosen) for name, title in languages]
        if len(laid.form.languages) > 1
        else [],
    }
    return render(request, "fieldwork/version.html", context)


def _frame(request: HttpRequest, found: FormVersion) -> dict[str, Any]:
    return frame(request) | {
        "version": found,
        "title": title_shown(found.form),
        "shape": SHAPES.get(found.state, "not_assessed"),
        "form_url": f"{reverse('fieldwork:form', kwargs={'form': found.form_id})}?version={found.pk}",
        "version_url": _url("version", found),
        "xform_url": _url("xform", found),
        "workbook_url": _url("workbook", found) if found.source else "",
    }


@page(PERMISSION)
@never_cache
def differences(request: HttpRequest, version: int) -> HttpResponse:
    """What a version asks otherwise than another of its form (`?with=`): than the published one, else than the one before it."""
    found = the_version(version)
    others = list(found.form.versions.exclude(pk=found.pk).order_by("-pk"))
    asked = request.GET.get("with", "")
    before = next((v for v in others if v.pk < found.pk), None)
    published = next((v for v in others if v.state == PUBLISHED), None)
    other = next((v for v in others if str(v.pk) == asked), None) or published or before or next(iter(others), None)
    new = outline(found.content)
    old = outline(other.content) if other is not None else None
    context = _frame(request, found) | {
        "other": other,
        "others": others,
        "added": [],
        "removed": [],
        "changed": [],
    }
    if old is not None:
        what = difference(old, new)
        context |= {
            "added": _named(new, what.added),
            "removed": _named(old, what.removed),
            "changed": [(*_named(new, (one.node,))[0], one.changes) for one in what.changed],
        }
    return render(request, "fieldwork/differences.html", context)


def _named(of: Outline, nodes: Any) -> list[tuple[str, str, str]]:
    """Path, words and fact of questions, in the reader's language where the form has it."""
    said = chosen_language(of.form, "")
    return [(node.path, node.question.shown(said), node.question.fact) for node in nodes]
