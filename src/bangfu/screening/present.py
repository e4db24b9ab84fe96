"""The packs as the county is judged by them: as written, completed with what the county has entered and a second person has confirmed.

What was loaded is kept: a pack of ours for the life of the process, one of the county's own until its files change. The confirmed entries
are asked of the database each time, so that a running server and worker take a new one with the next request or job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.foundation.say import Text
from bangfu.rules.schema import internal
from bangfu.screening.models import CONFIRMED, ParameterEntry
from bangfu.screening.pack import PACKS, Entry, Pack, Parameter, find_folder, find_pack, load_pack, own_packs
from bangfu.screening.pack.model import require_codes
from bangfu.screening.problems import NO_PACK_ON

_written: dict[Path, tuple[Any, Pack]] = {}
_completed: dict[str, tuple[Any, Pack]] = {}
VERIFIED_BY = Text("{document}（{day}）", "{document} of {day}")


def written_pack(name_or_folder: str | Path) -> Pack:
    """A pack as it is written, without what the county has entered. Raises what `load_pack` raises."""
    folder = find_folder(name_or_folder)
    mark = _mark(folder)
    kept = _written.get(folder)
    if kept is None or kept[0] != mark:
        kept = (mark, load_pack(folder))
        _written[folder] = kept
    return kept[1]


def _mark(folder: Path) -> Any:
    """What tells that files have changed; nothing for a pack of ours, which changes with the program only."""
    if folder.is_relative_to(PACKS):
        return None
    rooms = (folder, own_packs() / "shared")
    files = sorted(path for room in rooms if room.is_dir() for path in room.rglob("*.yaml"))
    return tuple((path, (stat := path.stat()).st_mtime_ns, stat.st_size) for path in files)


def completed(pack: Pack) -> Pack:
    """A pack with the entries that are in use; those that no longer fit it are left out."""
    rows = list(ParameterEntry.objects.in_use().filter(pack=pack.name).order_by("parameter", "since", "id"))
    entries = [entry for row in rows if (entry := entry_of(pack, row)) is not None]
    if not entries:
        return pack
    mark = (pack.version, repr(entries))
    kept = _completed.get(pack.name)
    if kept is None or kept[0] != mark or kept[1].parameters.keys() != pack.parameters.keys():
        kept = (mark, pack.completed(entries))
        _completed[pack.name] = kept
    return kept[1]


def entry_of(pack: Pack, row: ParameterEntry) -> Entry | None:
    """A row as the pack takes it; None where it does not fit the pack (any more)."""
    parameter = pack.parameters.get(row.parameter)
    if parameter is None or not fits(pack, parameter, row.value):
        return None
    value = date.fromisoformat(row.value) if parameter.type.kind == "date" else row.value
    source = VERIFIED_BY.format(document=row.document, day=row.document_date)
    return Entry(row.parameter, row.since, value, source, verified=row.state == CONFIRMED)


def fits(pack: Pack, parameter: Parameter, value: Any) -> bool:
    """Whether a kept value is one of a parameter's type, and of its code list."""
    kind = parameter.type
    if kind.kind == "money":
        return isinstance(value, int) and not isinstance(value, bool)
    try:
        if internal(value, kind) is None:
            return False
        require_codes(pack.program.schema.codes, value, kind, parameter.place)
    except (ValueError, Problem):
        return False
    return True


def pack_named(name_or_folder: str | Path) -> Pack:
    """A pack by name or folder, completed."""
    return completed(written_pack(name_or_folder))


def valid_pack(day: date, country: str) -> Pack | None:
    """The pack by which a country's counties are judged on a day, completed; None where there is none. Raises BF-1504 for several."""
    found = find_pack(day, country, load=written_pack)
    return completed(found) if found is not None else None


def require_pack(day: date, country: str) -> Pack:
    """The same. Raises BF-1503 where there is none, BF-1504 for several."""
    found = valid_pack(day, country)
    if found is None:
        raise NO_PACK_ON(day=day, country=country)
    return found


def provisional_of(pack: Pack, day: date, overrides: Mapping[str, Any] | None = None) -> dict[str, Text]:
    """Why what a guarantee, proposal or score comes to on a day is provisional, by its name; what rests on verified values alone is not
    there."""
    found = pack.provisional(day, overrides)
    return {name: _doubt(pack, doubtful, day, overrides or {}) for name, doubtful in found.items()}


def _doubt(pack: Pack, names: Iterable[str], day: date, overrides: Mapping[str, Any]) -> Text:
    why: dict[str, list[Text]] = {}
    for p in (pack.parameters[name] for name in names):
        kind = "tried" if p.name in overrides else "open" if p.question is not None and p.value_on(day) is None else "unverified"
        why.setdefault(kind, []).append(p.title)
    parts = [_listed(pattern, why[kind]) for kind, pattern in _DOUBTS.items() if kind in why]
    return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


_DOUBTS = {
    "open": Text("县里尚未填写：{names}", "not yet entered by the county: {names}"),
    "unverified": Text("未经核对：{names}", "not verified: {names}"),
    "tried": Text("试算值：{names}", "a value that is tried: {names}"),
}


def _listed(pattern: Text, titles: list[Text]) -> Text:
    return pattern.format(names=Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles)))
