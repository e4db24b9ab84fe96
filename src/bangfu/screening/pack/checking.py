"""Check a pack as its author wants to hear it: every independent fault at once, and what looks forgotten.

The loader stops at the first fault. Here what it stumbled over is taken out of the content that was read (never of the files), and the
rest is read again; what only fails because of something taken out is not told.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bangfu.areas.profile import profile_files
from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.problems import BAD_YAML
from bangfu.rules.schema import Schema
from bangfu.rules.source import Place, Source, read_file
from bangfu.screening.pack import Loader, find_folder, register_schema, rooms_of
from bangfu.screening.pack.casework import DOCUMENTS, STEP_LIST, UNITS, taken_from_proposal
from bangfu.screening.pack.keys import ENTRIES, EVERYWHERE, REASONS, SECTIONS, SUPPLIERS, TOP, WORK
from bangfu.screening.pack.loading import PLACEHOLDER
from bangfu.screening.pack.model import Pack
from bangfu.screening.pack.work import AREA_MARKS, HELPER_KINDS, HELPER_RANKS
from bangfu.screening.problems import (
    NAME_NOT_FOLDER,
    NEVER_PROPOSED,
    NEVER_USED,
    NO_COUNTRY,
    NO_SITUATION,
    NO_SOURCE,
    NO_SUPPLIER,
    NOT_READ,
    STEPS_NOT_SAID,
    TEXTS_DIFFER,
    VALUE_BEGINS_LATE,
)

MOST = 100  # faults; whoever has more mends these first
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_EXPRESSIONS = ("assessed", "met", "when", "clue", "value")
_REASON_SECTIONS = {*REASONS, "grounds"}
_BLANK = {
    "when": True, "zh": "…", "en": "…", "do": {"zh": "…", "en": "…"}, "fact": "as_of", "supplied_by": "village", "about": "income",
}  # fmt: skip


@dataclass
class Checked:
    """What a check found: faults, for which the pack cannot be used, and warnings; the pack where it has no fault."""

    name: str
    folder: Path
    faults: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    pack: Pack | None = None

    def as_json(self) -> dict[str, Any]:
        """The document of `bangfu policy check --json`."""
        return {
            "pack": self.name,
            "version": self.pack.version if self.pack else None,
            "faults": [fault.as_json() for fault in self.faults],
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def check_pack(name_or_folder: str | Path, schema: Schema | None = None) -> Checked:
    """Read a pack and tell every fault of it with file and line. Raises BF-1501 where there is none."""
    folder = find_folder(name_or_folder)
    made = Checked(folder.name, folder)
    made.faults = _unreadable(folder)
    if made.faults:  # what a file that cannot be read defines is missing everywhere: only this is told
        return made
    known = schema or register_schema()
    try:
        loader = Loader(folder, rooms_of(folder), known)
    except Problem as problem:
        made.faults.append(problem)
        return made
    taken: set[str] = set()
    seen: set[tuple[Any, ...]] = set()
    given_up: set[tuple[Any, ...]] = set()  # what a smaller cut did not mend
    for _ in range(MOST):
        try:
            loader.schema = known
            made.pack = loader.load()
            break
        except Problem as problem:
            key = (problem.number, problem.values.get("file"), problem.values.get("line"), str(problem.values.get("name")))
            again = key in seen
            if not again and not _follows(problem, taken):
                made.faults.append(problem)
            if key in given_up or not _take_out(loader, problem, taken, whole=again):
                break
            (given_up if again else seen).add(key)
    from bangfu.screening.situations import faults_of  # situations read packs

    if made.pack is not None:
        made.faults += [fault for fault in faults_of(made.pack) if not _follows(fault, taken)]
        if not made.faults:
            made.warnings = list(_warnings(made.pack, folder))
    made.faults.sort(key=lambda p: (str(p.values.get("file", "")), int(p.values.get("line", 0))))
    made.pack = None if made.faults else made.pack
    return made


def _unreadable(folder: Path) -> list[Problem]:
    faults = []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            read_file(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
        except Problem as problem:
            faults.append(problem)
        except UnicodeDecodeError:
            faults.append(
                BAD_YAML(
                    file=f"{folder.name}/{path.relative_to(folder).as_posix()}",
                    line=1,
                    detail=Text("不是 UTF-8 文字", "it is no UTF-8 text"),
                )
            )
    return faults


# --- taking out what the loader stumbled over


def _follows(problem: Problem, taken: set[str]) -> bool:
    """Whether a fault is only one because something was taken out: it speaks of a name that is no longer there."""
    said = " ".join(str(problem.values.get(key, "")) for key in ("unknown", "placeholder", "detail", "path", "code", "text"))
    return bool(taken & set(_WORD.findall(said)))


def _take_out(loader: Loader, problem: Problem, taken: set[str], *, whole: bool = False) -> bool:
    """Take the smallest thing out that makes the fault go away, or the whole entry that it stands in; whether there was one."""
    source = next((s for s in loader.sources if s.file == problem.values.get("file")), None)
    if source is None:
        return False
    data, path = source.data, _path_of(source, int(problem.values.get("line", 0)), str(problem.values.get("name", "")))
    if not isinstance(data, dict) or not path:
        return False
    if len(path) == 1 or path[0] not in ENTRIES:
        return _mend_top(data, str(path[0]), taken)
    entry = data[path[0]]
    if not isinstance(entry, dict):
        data[path[0]] = {}
        return True
    if not whole:
        if len(path) >= 4 and path[2] in _REASON_SECTIONS and isinstance(entry.get(path[1], {}).get(path[2]), dict):
            known = entry[path[1]][path[2]]
            keep = {"when", "zh", "en"} | {"unmet": {"do"}, "missing": {"fact", "supplied_by"}, "grounds": {"about"}}.get(
                path[2], set()
            )
            known[path[3]] = {key: value for key, value in _BLANK.items() if key in keep}
            return True
        if len(path) == 3 and path[2] in _EXPRESSIONS and isinstance(entry.get(path[1]), dict) and path[2] in entry[path[1]]:
            blank = path[2] == "assessed" or "unknown"
            if entry[path[1]][path[2]] != blank:
                entry[path[1]][path[2]] = blank
                return True
        if (
            len(path) == 3
            and isinstance(entry.get(path[1]), dict)
            and path[2] in entry[path[1]]
            and _is_odd(str(path[0]), str(path[1]), str(path[2]))
        ):
            del entry[path[1]][path[2]]
            return True
    # What is written once may stand in several entries (`*anchors`): all of them have the fault.
    line = int(problem.values.get("line", 0))
    alike = {p[1] for p, at in source.lines.items() if whole and at == line and len(p) > 1 and p[0] == path[0]}
    for name in {path[1], *alike}:
        entry.pop(name, None)
        if path[0] != "modes":  # nothing speaks of a way of visiting: what names one has a fault of its own
            taken.add(str(name))
    sequence = loader.top.data.get("sequence") if isinstance(loader.top.data, dict) else None
    if path[0] == "guarantees" and isinstance(sequence, list) and path[1] in sequence:
        sequence.remove(path[1])
    return True


def _is_odd(section: str, entry: str, key: str) -> bool:
    known = WORK.get(entry, {}) if section == "work" else ENTRIES[section]
    return not isinstance(known, str) and key not in known


def _mend_top(data: dict[Any, Any], key: str, taken: set[str]) -> bool:
    """Put something sound in place of what stands at the top of a pack."""
    text = {"zh": "…", "en": "…"}
    sound = {"title": text, "pack": "pack", "country": "cn", "valid": {"from": dt.date(1900, 1, 1), "to": dt.date(2199, 12, 31)}}
    if key in sound:
        if data.get(key) == sound[key]:
            return False
        data[key] = sound[key]
        return True
    if key not in data:
        return False
    if key not in TOP and key not in SECTIONS and isinstance(data[key], dict):
        taken.update(str(name) for name in data[key])
    del data[key]
    return True


def _path_of(source: Source, line: int, name: str) -> tuple[Any, ...]:
    """What stands at a line under a name; the outermost thing of the line where the name is not there."""
    here = sorted((path for path, at in source.lines.items() if at == line and path), key=len)
    named = [path for path in here if str(path[-1]) == name]
    if named:
        return named[0]
    if name in TOP:
        return (name,)
    if here:
        # The fault is of a key that is missing below, or of an entry whose parts stand on its own line.
        return here[0] if len(here[0]) > 1 or str(here[0][0]) not in ENTRIES else (here[1] if len(here) > 1 else here[0])
    return ()


# --- what looks forgotten


def _warnings(pack: Pack, folder: Path) -> Iterator[Problem]:
    if pack.name != folder.name:
        top = next(source for source in pack.sources if source.file == f"{folder.name}/pack.yaml")
        yield NAME_NOT_FOLDER(**top.place("pack").values(), pack=pack.name, folder=folder.name)
    for file in sorted(folder.rglob("*.yml")):
        yield NOT_READ(file=f"{folder.name}/{file.relative_to(folder).as_posix()}", line=1)
    yield from _never_used(pack)
    expected = _expected(pack)
    for guarantee in pack.guarantees.values():
        if guarantee.name not in expected:
            yield NO_SITUATION(**guarantee.place.values())
    for parameter in pack.parameters.values():
        if not parameter.source.en:
            yield NO_SOURCE(**parameter.place.values())
        if parameter.question is None and parameter.values[0][0] > pack.valid_from:
            yield VALUE_BEGINS_LATE(**parameter.place.values(), first=parameter.values[0][0], since=pack.valid_from)
    for decision in pack.decisions.values():
        if not pack.steps:
            yield STEPS_NOT_SAID(**decision.place.values())
        for key in taken_from_proposal(decision):
            if not any(key in proposal.sets for proposal in pack.proposals.values() if proposal.decision == decision.name):
                yield NEVER_PROPOSED(**(decision.place.values() | {"name": f"{decision.name}.sets.{key}"}))
    for source in pack.sources:
        for path, line in source.lines.items():
            if path[-1:] == ("supplied_by",) and (value := _at(source.data, path)) not in SUPPLIERS:
                yield NO_SUPPLIER(file=source.file, line=line, value=value, known=", ".join(SUPPLIERS))
    if pack.country != EVERYWHERE and pack.country not in profile_files():
        top = next(source for source in pack.sources if "country" in (source.data or {}))
        yield NO_COUNTRY(
            **top.place("country").values(), value=pack.country, known=", ".join([*sorted(profile_files()), EVERYWHERE])
        )
    for source in pack.sources:
        yield from _texts_differ(source, source.data, ())


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def _expected(pack: Pack) -> set[str]:
    from bangfu.screening.situations import situations_of

    return {name for situation in situations_of(pack) for name in situation.expect}


def _never_used(pack: Pack) -> Iterator[Problem]:
    """Names of the pack's own files that nothing rests on; those of a shared part may be meant for another pack."""
    program = pack.program
    nodes = [
        reason.when for g in pack.guarantees.values() for result in ("met", "not_assessed") for reason in g.reasons_of(result)
    ]
    nodes += [node for judged in pack.judged for node in judged.nodes]
    nodes += [flag.when for flag in (*pack.hints.values(), *pack.groups.values())] + [
        visit.when for visit in pack.visits.values()
    ]
    used = program.names_used([*nodes, *pack.value_nodes.values()])
    for reason in (r for g in pack.guarantees.values() for r in g.missing):
        used |= (
            program.names_used([program.definitions[reason.fact].node]) | {reason.fact}
            if reason.fact in program.definitions
            else set()
        )
    for score in pack.scores.values():
        used |= {score.limit, score.total, score.quota, *(part.weight for part in score.parts)}
    for decision in pack.decisions.values():
        used |= set(decision.numbers)
    for numbers in (
        *(v.numbers for v in pack.visits.values()),
        *(m.numbers for m in pack.modes.values()),
        *(w.numbers for w in pack.work.values()),
        *(c.numbers for c in pack.cases.values()),
        *(s.numbers for s in pack.steps.values()),
    ):
        used |= set(numbers)
    lists = {HELPER_KINDS, HELPER_RANKS, AREA_MARKS, DOCUMENTS, STEP_LIST, UNITS}  # known by name
    lists |= {p.type.codes for p in pack.parameters.values()} | {p.risk_list for p in pack.proposals.values()}
    places = {d.name: d.place for d in program.definitions.values()} | {p.name: p.place for p in pack.parameters.values()}
    own = {source.file for source in pack.sources if not source.file.startswith("shared/")}
    for name, place in places.items():
        if name not in used and place.file in own:
            yield NEVER_USED(**place.values())
    examples: dict[str, Place] = {}
    likes: set[Any] = set()
    for source in (s for s in pack.sources if isinstance(s.data, dict)):
        for name in source.data.get("lists") or {}:
            if name not in lists and source.file in own:
                yield NEVER_USED(**source.place("lists", name).values())
        examples |= {name: source.place("examples", name) for name in source.data.get("examples") or {} if source.file in own}
        homes = [*(source.data.get("examples") or {}).values()]
        homes += [raw["household"] for raw in source.data.get("situations") or []]
        likes |= {home.get("like") for home in homes if isinstance(home, dict)}
    for name, place in examples.items():
        if name not in likes:
            yield NEVER_USED(**place.values())


def _texts_differ(source: Source, data: Any, path: tuple[Any, ...]) -> Iterator[Problem]:
    """Texts whose two languages do not fill the same values."""
    if isinstance(data, list):
        for index, one in enumerate(data):
            yield from _texts_differ(source, one, (*path, index))
    if not isinstance(data, dict):
        return
    zh, en = data.get("zh"), data.get("en")
    if isinstance(zh, str) and isinstance(en, str):
        apart = set(PLACEHOLDER.findall(zh)) ^ set(PLACEHOLDER.findall(en))
        if apart:
            yield TEXTS_DIFFER(**source.place(*path).values(), values="、".join(sorted(apart)))
    for key, one in data.items():
        yield from _texts_differ(source, one, (*path, key))
