"""The chain of command at an area: its posts as a tree with what each carries."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from bangfu.areas.frame import name_of
from bangfu.command.loads import COUNTS, TASKS, Load, areas_without_post, lines, loads, ordered, with_children
from bangfu.command.pages.places import address_of, frame_of
from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.actor import Actor
from bangfu.foundation.say import Text
from bangfu.kit.listing import Option
from bangfu.kit.problems import NOT_A_COLUMN

COLUMNS = {
    "households": Text("农户", "Households"),
    "unpaired": Text("无责任人", "No helper"),
    "helpers": Text("责任人", "Helpers"),
    "open": Text("在办任务", "Open tasks"),
    "unacknowledged": Text("未签收", "Not signed"),
    "overdue": Text("逾期", "Overdue"),
    "waiting": Text("待答复", "To answer"),
}
MANY = 3  # areas named in a row; more are counted


@page("command.read")
def chain(request: HttpRequest, path: str) -> HttpResponse:
    """The posts below and above an area. `?open=KEY` shows what is under a post (`all` everything), `?sort=-overdue` orders its children."""
    actor = acting_as(request)
    today = clock.today()
    _, frame = frame_of(actor, path, "chain")
    asked = request.GET.get("sort", "")
    sort = asked if asked.lstrip("-") in {*COUNTS, *TASKS} else ""
    opened = {key for key in request.GET.getlist("open") if key}
    roots = loads(actor, path, today)
    ordered(roots, sort)
    opened = with_children(roots) if "all" in opened else opened
    rows = [_row(actor, path, load, shown, opened, sort) for load, shown in lines(roots, opened, path)]
    without = areas_without_post(actor, path, today)
    context = frame | {
        "rows": rows,
        "columns": COLUMNS,
        "sort": sort,
        "sorts": [
            Option("", Text("按区划", "By area")),
            *(Option(f"-{k}", Text(f"{t.zh} ↓", f"{t.en} ↓")) for k, t in COLUMNS.items()),
        ],
        "opened": sorted(opened),
        "without": [name_of(a) for a in without],
        "all_url": _address({"all"}, sort),
        "fold_url": _address(set(), sort),
        "foldable": any(r["foldable"] for r in rows),
        "notices": [NOT_A_COLUMN(value=asked[:40])] if asked and not sort else [],
        "orders_url": address_of("orders")(path),
    }
    return render(request, "command/chain.html", context)


def _address(opened: set[str], sort: str) -> str:
    return "?" + urlencode([*(("open", key) for key in sorted(opened)), *([("sort", sort)] if sort else [])])


def _own(actor: Actor, load: Load, name: str) -> int | None:
    """A number of the post itself; None where the actor does not see all that it counts: reports that went to a post above, households beyond."""
    if name not in TASKS:
        return (load.counts or {}).get(name)
    return None if name == "waiting" and not actor.covers(load.post.path) else load.own[name]


def _row(actor: Actor, path: str, load: Load, shown: bool, opened: set[str], sort: str) -> dict[str, Any]:
    key = load.post.key
    places = [name_of(a) for a in load.areas]
    return {
        "load": load,
        "shown": shown,
        "url": _address(opened ^ {key}, sort),
        "foldable": bool(load.children) and not path.startswith(load.post.path),
        "places": places if len(places) > 1 else [],
        "numbers": [
            {
                "key": name,
                "title": title,
                "value": _own(actor, load, name),
                "below": load.below[name] if name in TASKS and load.post.path.startswith(path) else 0,
                "bad": name in ("unpaired", "overdue", "waiting"),
                "url": address_of("orders")(load.post.path) + ("?state=overdue" if name == "overdue" else "?state=open")
                if name in ("open", "overdue") and actor.covers(load.post.path)
                else "",
            }
            for name, title in COLUMNS.items()
        ],
    }


@page("command.read")
def my_chain(request: HttpRequest) -> HttpResponse:
    """The chain at one's own area."""
    return redirect(address_of("chain")(acting_as(request).scope))
