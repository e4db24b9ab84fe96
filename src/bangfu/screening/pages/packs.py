"""Pages that show the policy packs: what they judge by, their values over time, their situations, what changed since the pack before."""

from __future__ import annotations

import threading
from difflib import get_close_matches
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from bangfu.foundation import clock
from bangfu.foundation.access import acting_as, page
from bangfu.foundation.county import the_county
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.screening.comparing import HOW, KINDS, Difference, compare
from bangfu.screening.coverage import Coverage, coverage
from bangfu.screening.found import SORTS, state_words, titled
from bangfu.screening.models import ENTERED, ParameterEntry
from bangfu.screening.pack import Pack, own_packs, pack_folders
from bangfu.screening.pages.showing import (
    pack_before,
    pack_shown,
    parameters_of,
    readable_packs,
    resting_on,
    value_words,
    values_of,
)
from bangfu.screening.present import completed, pack_named, valid_pack, written_pack
from bangfu.screening.problems import NO_PACK, NO_SUCH_NAME
from bangfu.screening.situations import Failure, Situation, run_situations, situations_of

_lock = threading.Lock()  # one run of situations at a time; the second reader finds the first one's
_tested: dict[str, tuple[list[Situation], list[Failure], list[Coverage]]] = {}
_compared: dict[tuple[str, str], Difference] = {}
NONE = Text("无", "none")
VISIT = Text("走访", "Visited as")
KEPT = 16  # of each: a county has a handful of packs


def find(name: str) -> Pack:
    """A pack of ours or the county's own, completed. Raises BF-1501 for any other name."""
    if name not in pack_folders():
        raise NO_PACK(name=name[:60], known=", ".join(pack_folders()))
    return pack_named(name)


def frame(request: HttpRequest, pack: Pack, here: str) -> dict[str, Any]:
    """What every page of a pack shows: its name, where one is in it, what the reader may do."""
    actor = acting_as(request)
    today = clock.today()
    return {
        "place": "policy",
        "pack": pack,
        "here": here,
        "valid_now": pack.day_near(today) == today,
        "shown_on": pack.day_near(today),
        "own": pack_folders()[pack.name].is_relative_to(own_packs()) if pack.name in pack_folders() else False,
        "left_open": len(pack.open_on(pack.day_near(today))),
        "waiting": ParameterEntry.objects.of(pack.name).filter(state=ENTERED).count(),
        "may_enter": actor.may("policy.enter"),
        "may_confirm": actor.may("policy.confirm"),
    }


@page("screening.read")
@never_cache
def listed(request: HttpRequest) -> HttpResponse:
    """Every pack: which one holds today, what is still to be entered or confirmed."""
    today = clock.today()
    rows, faults = [], []
    for name, folder in pack_folders().items():
        try:
            pack = completed(written_pack(folder))
        except Problem as problem:  # one that the county wrote itself and that has a fault
            faults.append((name, problem))
            continue
        near = pack.day_near(today)
        rows.append(
            frame(request, pack, "")
            | {"unverified": sum(p.begun(near) is not None and not p.verified_on(near) for p in pack.parameters.values())}
        )
    try:
        held = valid_pack(today, the_county().country)
    except Problem as problem:
        held = None
        faults.append(("", problem))
    waiting = [(row, _title(row)) for row in ParameterEntry.objects.filter(state=ENTERED).order_by("id")]
    rows.sort(key=lambda r: (r["pack"].name != (held.name if held else ""), -r["pack"].valid_from.toordinal()))
    context = {"place": "policy", "rows": rows, "held": held, "faults": faults, "waiting": waiting, "today": today}
    return render(request, "screening/packs.html", context)


def _title(row: ParameterEntry) -> Text:
    """What an entry is of, in words; its key where the pack is gone."""
    try:
        return find(row.pack).parameters[row.parameter].title
    except (Problem, KeyError):
        return Text(row.parameter, row.parameter)


@page("screening.read")
@never_cache
def pack(request: HttpRequest, pack: str) -> HttpResponse:
    """What a pack says, in words."""
    found = find(pack)
    return render(
        request, "screening/pack.html", frame(request, found, "pack") | pack_shown(found, found.day_near(clock.today()))
    )


@page("screening.read")
@never_cache
def parameters(request: HttpRequest, pack: str) -> HttpResponse:
    """The values of a pack, those that the county has still to enter first."""
    found = find(pack)
    rows = [(row, _title(row)) for row in ParameterEntry.objects.of(found.name).filter(state=ENTERED)]
    context = {"parameters": parameters_of(found, found.day_near(clock.today())), "entries": rows}
    return render(request, "screening/parameters.html", frame(request, found, "parameters") | context)


@page("screening.read")
@never_cache
def parameter(request: HttpRequest, pack: str, parameter: str) -> HttpResponse:
    """A parameter: its values over time, what rests on it, everything that was entered for it."""
    found = find(pack)
    one = found.parameters.get(parameter)
    if one is None:
        raise no_parameter(found, parameter)
    rows = list(ParameterEntry.objects.of(found.name).filter(parameter=parameter))
    today = found.day_near(clock.today())
    context = {
        "parameter": one,
        "is_open": one.question is not None and one.value_on(today) is None,
        "values": values_of(found, one, rows, today),
        "entries": [(row, value_words(found, row)) for row in rows],
        "rests": resting_on(found, parameter),
        "source": written_pack(found.name).parameters[parameter].source,
    }
    return render(request, "screening/parameter.html", frame(request, found, "parameters") | context)


def no_parameter(pack: Pack, parameter: str) -> Problem:
    """What a page says of a parameter that the pack does not have."""
    return NO_SUCH_NAME(pack=pack.name, name=parameter[:60], near=", ".join(get_close_matches(parameter, pack.parameters)) or "—")


@page("screening.read")
@never_cache
def situations(request: HttpRequest, pack: str) -> HttpResponse:
    """The situations of a pack as it is written; `?run=1` judges them, and what came out is kept until the pack changes."""
    found = find(pack)
    written = written_pack(found.name)
    tested = _tested.get(written.version)
    problem, listed = None, []
    try:
        if tested is None and request.GET.get("run"):
            with _lock:
                tested = _tested.get(written.version) or _test(written)
        listed = tested[0] if tested else situations_of(written)
    except Problem as refused:  # one that is badly written, or a day for which a value is missing
        problem = refused
    failed: dict[int, list[Failure]] = {}
    for failure in tested[1] if tested else ():
        failed.setdefault(id(failure.situation), []).append(failure)
    context = {
        "situations": [(s, _expected(written, s), failed.get(id(s), [])) for s in listed],
        "tested": tested is not None,
        "problem": problem,
        "failed": len(failed),
        "coverage": [c for c in tested[2] if not c.whole] if tested else [],
        "titles": {g.name: g.title for g in written.guarantees.values()},
    }
    return render(request, "screening/situations.html", frame(request, found, "situations") | context)


def _test(pack: Pack) -> tuple[list[Situation], list[Failure], list[Coverage]]:
    listed = situations_of(pack)
    while len(_tested) >= KEPT:
        _tested.pop(next(iter(_tested)))
    _tested[pack.version] = (listed, run_situations(pack, listed), coverage(pack, listed))
    return _tested[pack.version]


def _expected(pack: Pack, situation: Situation) -> list[tuple[Text, str, Text]]:
    """What must come out of a situation: of what, the result of a guarantee ("" of anything else), its state in a word."""
    made = [(pack.guarantees[name].title, expected.result, Text("", "")) for name, expected in situation.expect.items()]
    for sort, wanted in (("proposal", situation.proposals), ("score", situation.scores)):
        made += [
            (titled(pack, sort)[name].title, "", state_words(pack, sort, name)[one["state"]]) for name, one in wanted.items()
        ]
    for sort, names in situation.flags.items():
        made += [(SORTS[sort], "", titled(pack, sort)[name].title) for name in sorted(names)] or [(SORTS[sort], "", NONE)]
    if situation.visit is not None:
        visit = pack.visits.get(situation.visit)
        made.append((VISIT, "", visit.title if visit else NONE))
    return made


@page("screening.read")
@never_cache
def differences(request: HttpRequest, pack: str) -> HttpResponse:
    """What a pack says otherwise than the one before it, or than `?with=`, and which situations come out differently."""
    found = find(pack)
    others = [one for one in readable_packs() if one.name != found.name]
    asked = request.GET.get("with", "")
    other = next((one for one in others if one.name == asked), None) or pack_before(found, others)
    difference = None
    if other is not None:
        key = (other.version, found.version)
        with _lock:
            if key not in _compared:
                while len(_compared) >= KEPT:
                    _compared.pop(next(iter(_compared)))
                _compared[key] = compare(other, found)
            difference = _compared[key]
    context = {
        "other": other,
        "others": [(one.name, one.title) for one in others],
        "difference": difference,
        "titles": {g.name: g.title for g in found.guarantees.values()},
        "changes": [(KINDS[c.kind], HOW[c.how], c) for c in difference.changes] if difference else [],
    }
    return render(request, "screening/differences.html", frame(request, found, "differences") | context)
