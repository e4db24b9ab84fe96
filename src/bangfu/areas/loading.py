"""What reading a list of areas would do: a pure plan of new areas and of timelines that change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from bangfu.areas import naming
from bangfu.areas.files import AreaRow
from bangfu.areas.problems import AREA_CODE_TWICE, AREA_MOVED, BAD_AREA_CODE, TOO_LONG, UNKNOWN_LEVEL, UNKNOWN_PARENT
from bangfu.areas.profile import Profile
from bangfu.areas.timeline import AreaChange, Span, history, lines, merged
from bangfu.foundation.say import Text

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
LABEL_DIGITS = 3
NAME, ENGLISH, CODE = Text("名称", "name"), Text("英文名称", "name_en"), Text("代码", "code")


@dataclass(frozen=True, slots=True)
class NameValue:
    """A name in its forms, and the kind that it tells."""

    name: str
    official: str
    english: str
    kind: str


@dataclass(frozen=True, slots=True)
class Existing:
    """An area of the database: its place in the tree, its days and its timelines."""

    pk: int
    path: str
    level: str
    since: date
    until: date | None
    names: tuple[Span[NameValue], ...]
    codes: tuple[Span[str], ...]


@dataclass(slots=True)
class Draft:
    """An area to be written: a new one (no `pk`) or one whose timelines change.

    `told` gives the source of each code that the table of changes knows and the list does not.
    """

    path: str
    parent: str | None
    level: str
    since: date
    pk: int | None = None
    names: list[Span[NameValue]] = field(default_factory=list)
    codes: list[Span[str]] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Loaded:
    """What a load did, by path; `absent` are codes that held on the first day of the load and that the list lacks."""

    added: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    recoded: list[str] = field(default_factory=list)
    unchanged: int = 0
    absent: list[str] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)


def base36(number: int) -> str:
    """A label of three characters. Raises ValueError beyond 46,655 siblings."""
    if not 0 <= number < 36**LABEL_DIGITS:
        raise ValueError(f"{number} siblings do not fit into a label")
    return "".join(_ALPHABET[number // 36**place % 36] for place in reversed(range(LABEL_DIGITS)))


def name_value(official: str, level: str, code: str, english: str, profile: Profile, row: int | None = None) -> NameValue:
    """A name as a list gives it, in all its forms. Raises BF-1116, with the row where there is one, for a name that is too long."""
    kind = profile.level(level).kind_of(official, code).key
    shown = naming.shown(official, level, profile)
    value = NameValue(shown, official, english or naming.english(shown, kind, level, profile), kind)
    require_length(value.name, naming.NAME_LENGTH, NAME, row)
    require_length(value.official, naming.OFFICIAL_LENGTH, NAME, row)
    require_length(value.english, naming.ENGLISH_LENGTH, ENGLISH, row)
    return value


def require_length(text: str, most: int, column: Text, row: int | None = None) -> None:
    """Hold that a text has a place in the database. Raises BF-1116."""
    if len(text) > most:
        where = Text(f"第{row}行", f"Row {row}: ") if row else Text("", "")
        raise TOO_LONG(where=where, column=column, most=most, value=text if len(text) <= most * 2 else text[:most] + "…")


def plan(
    rows: Sequence[AreaRow],
    existing: Iterable[Existing],
    *,
    profile: Profile,
    scheme: str,
    valid_from: date,
    changes: Sequence[AreaChange] = (),
) -> tuple[list[Draft], Loaded]:
    """The drafts to write, parents before children, and the result. See `actions.load_areas` for the meaning and the problems."""
    known = {area.path: area for area in existing}
    order = {level.key: rank for rank, level in enumerate(profile.levels)}
    _check(rows, order, profile, scheme)
    line_of = lines(changes)
    by_code: dict[str, list[Existing]] = {}
    for area in known.values():
        for span in area.codes:
            if span.until is None or span.until > valid_from:
                by_code.setdefault(span.value, []).append(area)
    labels = _Labels(known)
    loaded = Loaded()
    drafts: list[Draft] = []
    line_numbers: dict[str, int] = {}

    if profile.root_path not in known:
        first = profile.name.zh if profile.languages[0].startswith("zh") else profile.name.en
        root = profile.levels[0]
        value = NameValue(first, first, profile.name.en, root.kinds[0].key)
        drafts.append(Draft(profile.root_path, None, root.key, valid_from, names=[Span(value, valid_from)]))

    for row in sorted(rows, key=lambda row: (order[row.level], row.code)):
        line = line_of.get(row.code, [])
        if all(span.value[0] != row.code for span in history(row.code, row.name, valid_from, line)):
            line = []  # the code had passed on before the list's first day: whoever bears it now is another area
        codes = {row.code, *(code for change in line for code in (change.old_code, change.new_code))}
        parent = _parent(row, loaded.paths, by_code, known, drafts, profile)
        stated = history(row.code, row.name, valid_from, line)
        names = [
            Span(name_value(span.value[1], row.level, span.value[0], row.name_en, profile, row.line), span.since, span.until)
            for span in stated
        ]
        code_spans = [Span(span.value[0], span.since, span.until) for span in stated]
        told = {code: change.source for change in line for code in (change.old_code, change.new_code) if code != row.code}
        match = _match(row.code, codes, row.level, by_code)
        if match is None:
            label = profile.code.label(row.code, row.level) if profile.level(row.level).label == "code" else None
            path = parent + labels.allot(parent, label) + "/"
            drafts.append(
                Draft(path, parent, row.level, valid_from, names=merged([], names), codes=merged([], code_spans), told=told)
            )
            loaded.added.append(path)
        else:
            path = match.path
            if path[:-4] != parent:
                raise AREA_MOVED(row=row.line, name=row.name, old=path[:-4], new=parent)
            if path in line_numbers:
                raise AREA_CODE_TWICE(row=row.line, code=row.code)
            draft = Draft(
                path, parent, row.level, match.since, match.pk, merged(match.names, names), merged(match.codes, code_spans), told
            )
            draft.since = min(match.since, valid_from)
            renamed, recoded = draft.names != list(match.names), draft.codes != list(match.codes)
            if renamed:
                loaded.renamed.append(path)
            if recoded:
                loaded.recoded.append(path)
            if renamed or recoded or draft.since != match.since:
                drafts.append(draft)
            else:
                loaded.unchanged += 1
        line_numbers[path] = row.line
        loaded.paths[row.code] = path
    _one_area_per_code(drafts, known, line_numbers)
    loaded.absent = sorted(
        span.value for area in known.values() if area.path not in line_numbers for span in area.codes if span.holds(valid_from)
    )
    return drafts, loaded


class _Labels:
    """Labels of paths, allotted per parent: never one that was in use before."""

    def __init__(self, known: Iterable[str]) -> None:
        self._taken: dict[str, set[str]] = {}
        for path in known:
            self._taken.setdefault(path[:-4], set()).add(path[-4:-1])

    def allot(self, parent: str, wanted: str | None) -> str:
        """The wanted label where it is free, else the one after the highest."""
        taken = self._taken.setdefault(parent, set())
        label = wanted if wanted and wanted not in taken else base36(max((int(one, 36) for one in taken), default=0) + 1)
        taken.add(label)
        return label


def _check(rows: Sequence[AreaRow], order: dict[str, int], profile: Profile, scheme: str) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.level not in order:
            raise UNKNOWN_LEVEL(row=row.line, level=row.level, levels=", ".join(order))
        if not row.code or (scheme == profile.code.key and not profile.code.fits(row.code, row.level)):
            raise BAD_AREA_CODE(row=row.line, code=row.code, level=profile.level(row.level).title)
        require_length(row.code, naming.CODE_LENGTH, CODE, row.line)
        if row.code in seen:
            raise AREA_CODE_TWICE(row=row.line, code=row.code)
        seen.add(row.code)


def _parent(
    row: AreaRow,
    paths: dict[str, str],
    by_code: dict[str, list[Existing]],
    known: dict[str, Existing],
    drafts: list[Draft],
    profile: Profile,
) -> str:
    """The path of a row's parent. Raises BF-1106 where there is none, or its level may not be the parent."""
    allowed = profile.level(row.level).under
    if not row.parent:
        path: str | None = profile.root_path
    else:
        path = paths.get(row.parent) or next((area.path for area in by_code.get(row.parent, ())), None)
    level = None
    if path is not None:
        level = known[path].level if path in known else next((draft.level for draft in drafts if draft.path == path), None)
    if path is None or level not in allowed:
        raise UNKNOWN_PARENT(row=row.line, name=row.name, parent=row.parent or profile.root_path)
    return path


def _match(code: str, codes: set[str], level: str, by_code: dict[str, list[Existing]]) -> Existing | None:
    """The area that a row means: the one that bears its code, else one that bears a code of its line."""
    for one in [code, *sorted(codes - {code})]:
        for area in by_code.get(one, ()):
            if area.level == level:
                return area
    return None


def _one_area_per_code(drafts: list[Draft], known: dict[str, Existing], line_numbers: dict[str, int]) -> None:
    """Raise BF-1105 where two areas would bear a code on the same day."""
    spans = {area.path: list(area.codes) for area in known.values()} | {draft.path: draft.codes for draft in drafts}
    by_code: dict[str, list[tuple[Span[str], str]]] = {}
    for path, own in spans.items():
        for span in own:
            by_code.setdefault(span.value, []).append((span, path))
    for code, bearers in by_code.items():
        bearers.sort(key=lambda pair: pair[0].since)
        for (first, first_path), (second, path) in pairwise(bearers):
            if first.until is None or first.until > second.since:
                raise AREA_CODE_TWICE(row=line_numbers.get(path) or line_numbers.get(first_path) or 0, code=code)
