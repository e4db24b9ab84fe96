"""What a programme asks of a table beside its name: `$filter` and `$select` as OData has them, as far as they are kept to. What is not is refused, never passed over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from bangfu.fieldwork.door.replies import Refused
from bangfu.foundation import clock
from bangfu.foundation.say import Text

KEPT = frozenset({"$top", "$skip", "$count", "$filter", "$select", "$wkt", "$format"})
FIELDS = {
    "__id": "instance", "__system/submissionDate": "received_at", "__system/submitterId": "user_id", "__system/state": "state", "__system/formVersion": "version",
    "__system/updatedAt": "settled_at",
}  # fmt: skip
ROOT = "$root/Submissions/"
COMPARED = {"eq": "", "gt": "__gt", "ge": "__gte", "lt": "__lt", "le": "__lte"}
_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>[()])|(?P<word>[^\s()']+))")
NOT_DONE = Text(
    "这里不支持 {what}。支持 $top、$skip、$count、$select，以及 $filter 对 {fields} 的 eq、ne、gt、ge、lt、le、and、or、not。",
    "{what} is not done here. There are $top, $skip, $count, $select, and $filter with eq, ne, gt, ge, lt, le, and, or, not over {fields}.",
)
DEEPEST = 20


def require_kept(query: Mapping[str, Sequence[str]]) -> None:
    """Hold that nothing is asked that would be passed over. Raises Refused 501."""
    for name in query:
        if name.startswith("$") and name not in KEPT:
            raise _not_done(name)
    for name, wanted in (("$format", "json"), ("$wkt", "false")):
        if query.get(name, [wanted])[0].lower() != wanted:
            raise _not_done(f"{name}={query[name][0][:20]}")


def filtered(told: str) -> Q:
    """The submissions that a `$filter` asks for. Raises Refused 400 for one that cannot be read, 501 for one that is not kept to."""
    tokens = _tokens(told)
    found, left = _or(tokens, 0)
    if left:
        raise _unread(told)
    return found


def _tokens(told: str) -> list[str]:
    found, at = [], 0
    while at < len(told.rstrip()):
        one = _TOKEN.match(told, at)
        if one is None:
            raise _unread(told)
        found.append(one[one.lastgroup or 0])
        at = one.end()
    return found


def _or(tokens: list[str], depth: int) -> tuple[Q, list[str]]:
    found, left = _and(tokens, depth)
    while left[:1] == ["or"]:
        other, left = _and(left[1:], depth)
        found |= other
    return found, left


def _and(tokens: list[str], depth: int) -> tuple[Q, list[str]]:
    found, left = _one(tokens, depth)
    while left[:1] == ["and"]:
        other, left = _one(left[1:], depth)
        found &= other
    return found, left


def _one(tokens: list[str], depth: int) -> tuple[Q, list[str]]:
    if depth > DEEPEST:
        raise _unread("(" * 12)
    if tokens[:1] == ["not"]:
        found, left = _one(tokens[1:], depth + 1)
        return ~found, left
    if tokens[:1] == ["("]:
        found, left = _or(tokens[1:], depth + 1)
        if left[:1] != [")"]:
            raise _unread(" ".join(tokens))
        return found, left[1:]
    if len(tokens) < 3 or tokens[1] == "(":
        raise _not_done(f"$filter={' '.join(tokens)[:60]}")
    name, how, value = tokens[:3]
    field = FIELDS.get(name.removeprefix(ROOT))
    if field is None or how not in (*COMPARED, "ne"):
        raise _not_done(f"$filter={name[:40]} {how[:10]}")
    given = None if value == "null" else _value(field, value)
    if given is None:
        q = Q(**{f"{field}__isnull": True})
        return (q if how == "eq" else ~q), tokens[3:]
    q = Q(**{f"{field}{COMPARED.get(how, '')}": given})
    return (~q if how == "ne" else q), tokens[3:]


def _value(field: str, told: str) -> Any:
    text = told[1:-1].replace("''", "'") if told.startswith("'") else told
    if field in ("received_at", "settled_at"):
        try:
            at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError as wrong:
            raise _unread(told) from wrong
        return at if at.tzinfo is not None else at.replace(tzinfo=clock.zone())
    if field == "user_id":
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            raise _unread(told)
        return int(text)
    return text


def selected(row: Mapping[str, Any], asked: str) -> dict[str, Any]:
    """A row with what a `$select` names: names, or paths into groups. Raises Refused 400 for a name that the row does not have."""
    found: dict[str, Any] = {}
    for path in (p.strip() for p in asked.split(",") if p.strip()):
        value: Any = row
        names = path.split("/")
        for name in names:
            if not isinstance(value, Mapping) or name not in value:
                raise Refused(400, Text(f"表中没有 {path[:60]}。", f"The table has no {path[:60]}."))
            value = value[name]
        into = found
        for name in names[:-1]:
            into = into.setdefault(name, {})
        into[names[-1]] = value
    return found


def _not_done(what: str) -> Refused:
    return Refused(501, NOT_DONE.format(what=what, fields=", ".join(FIELDS)))


def _unread(told: str) -> Refused:
    return Refused(400, Text(f"$filter 读不了：{told[:60]}", f"The $filter cannot be read: {told[:60]}"))
